"""Writes a network as an ONNX model (opset 17) whose weights stay in the safetensors file, as external data.

    python onnx_model.py NETWORK.json WEIGHTS.safetensors MODEL.onnx

The model must lie in the folder of the weights, which ONNX asks of external data.
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from network import Network
from safetensors_file import read_header


class Builder:
    def __init__(self, network, weights_path):
        self.network = network
        self.location = os.path.basename(weights_path)
        self.stored = read_header(weights_path)
        self.nodes, self.initializers = [], {}

    def node(self, operation, inputs, **attributes):
        """Appends a node; returns the name of its output."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [name], name=f"{operation}_{len(self.nodes)}", **attributes))
        return name

    def parameter(self, name):
        shape, offset, count = self.stored[name]
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in (("location", self.location), ("offset", offset), ("length", count)):
            tensor.external_data.add(key=key, value=str(value))
        self.initializers[name] = tensor
        return name

    def parameters(self, layer, *keys):
        return [self.parameter(layer[key]) for key in keys if layer.get(key) is not None]

    def constant(self, value):
        name = f"constant{len(self.initializers)}"
        self.initializers[name] = numpy_helper.from_array(np.asarray(value, np.float32), name)
        return name

    def activation(self, layer, value):
        return self.node("Relu", [value]) if layer["activation"] == "relu" else value

    def layer(self, layer, inputs, shape):
        """The name of the layer's output; `shape` is the first input's."""
        operation, x = layer["operation"], inputs[0]
        if operation == "convolution":
            x = self.node("Conv", [x, *self.parameters(layer, "weight", "bias")], group=layer["groups"],
                          kernel_shape=self.network.parameters[layer["weight"]][2:],
                          strides=[layer["stride"]] * 2, pads=[layer["padding"]] * 4)
            x = self.node("Add", [x, inputs[1]]) if len(inputs) > 1 else x
            return self.activation(layer, x)
        if operation == "linear":
            return self.activation(layer, self.node("Gemm", [x, *self.parameters(layer, "weight", "bias")], transB=1))
        if operation == "batch_norm":
            return self.node("BatchNormalization", [x, *self.parameters(layer, "weight", "bias", "mean", "variance")],
                             epsilon=layer["epsilon"])
        if operation == "add":
            for other in inputs[1:]:
                x = self.node("Add", [x, other])
            return x
        if operation == "scale":
            return self.node("Mul", [x, self.constant(layer["factor"])])
        if operation == "concatenate":
            return self.node("Concat", inputs, axis=1)
        if operation == "max_pool":
            return self.node("MaxPool", [x], kernel_shape=[layer["size"]] * 2, strides=[layer["stride"]] * 2,
                             pads=[layer["padding"]] * 4)
        if operation == "adaptive_average_pool":
            return self.adaptive_average_pool(x, shape[2:], [layer["height"], layer["width"]])
        if operation == "flatten":
            return self.node("Flatten", [x], axis=1)
        names = {"relu": "Relu", "sigmoid": "Sigmoid", "multiply": "Mul", "global_average_pool": "GlobalAveragePool"}
        return self.node(names[operation], inputs)

    def adaptive_average_pool(self, x, size, out):
        """ONNX has none: a plain pooling where the windows are even, else rows · x · columns with averaging matrices."""
        if size == out:
            return x
        if all(n % o == 0 for n, o in zip(size, out)):
            window = [n // o for n, o in zip(size, out)]
            return self.node("AveragePool", [x], kernel_shape=window, strides=window)
        rows, columns = (averages(n, o) for n, o in zip(size, out))
        return self.node("MatMul", [self.constant(rows), self.node("MatMul", [x, self.constant(columns.T)])])

    def model(self):
        values = ["input"]
        for layer in self.network.layers:
            inputs = [values[i] for i in layer["inputs"]]
            values.append(self.layer(layer, inputs, self.network.shapes[layer["inputs"][0]]))
        output = values[self.network.output]
        graph = helper.make_graph(
            self.nodes, self.network.name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, self.network.input_shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, self.network.output_shape)],
            list(self.initializers.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def averages(n, out):
    """The matrix [out, n] whose row i averages the elements i·n/out ..< (i + 1)·n/out, rounded outwards."""
    matrix = np.zeros((out, n))
    for i in range(out):
        start, end = i * n // out, -(-(i + 1) * n // out)
        matrix[i, start:end] = 1 / (end - start)
    return matrix


if __name__ == "__main__":
    network_path, weights_path, target = sys.argv[1:]
    if os.path.realpath(os.path.dirname(os.path.abspath(target))) != os.path.realpath(
            os.path.dirname(os.path.abspath(weights_path))):
        sys.exit("the model must lie in the folder of the weights")
    onnx.save(Builder(Network.read(network_path, weights_path), weights_path).model(), target)
