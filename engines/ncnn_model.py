"""Writes a network as ncnn's text description and weights.

    python ncnn_model.py NETWORK.json WEIGHTS.safetensors MODEL.param MODEL.bin

The input blob is called `input`, the output blob `output`. Images have no batch dimension in ncnn.
"""
import sys

import numpy as np

from network import Network
from safetensors_file import read_tensors

FLOAT32 = np.uint32(0)  # the tag in front of weights that may be stored in several ways


class Builder:
    def __init__(self, network, tensors, file):
        self.network, self.tensors, self.file = network, tensors, file
        self.lines, self.blobs = [], 0

    def add(self, kind, inputs, outputs, **parameters):
        """Appends a layer; `parameters` are ncnn's numbered ones, `_3=2` for 3=2."""
        self.blobs += len(outputs)
        self.lines.append(" ".join([
            kind, f"{kind.lower()}_{len(self.lines)}", str(len(inputs)), str(len(outputs)), *inputs, *outputs,
            *(f"{key[1:]}={value}" for key, value in parameters.items())]))

    def store(self, *arrays):
        for array in arrays:
            array.tofile(self.file)

    def layer(self, layer, inputs, output, shape):
        """`shape` is the first input's."""
        operation = layer["operation"]
        if operation == "convolution":
            self.convolution(layer, inputs, output)
        elif operation == "linear":
            weight, bias = self.weights(layer)
            self.add("InnerProduct", inputs, [output], _0=weight.shape[0], _1=int(bool(bias)), _2=weight.size,
                     _9=int(layer["activation"] == "relu"))
            self.store(FLOAT32, weight, *bias)
        elif operation == "batch_norm":
            self.add("BatchNorm", inputs, [output], _0=shape[1], _1=layer["epsilon"])
            self.store(*(self.tensors[layer[key]] for key in ("weight", "mean", "variance", "bias")))
        elif operation in ("relu", "sigmoid", "flatten"):
            self.add({"relu": "ReLU", "sigmoid": "Sigmoid", "flatten": "Flatten"}[operation], inputs, [output])
        elif operation == "add":
            self.add("Eltwise", inputs, [output], _0=1)
        elif operation == "multiply":
            self.add("BinaryOp", inputs, [output], _0=2)
        elif operation == "scale":
            self.add("BinaryOp", inputs, [output], _0=2, _1=1, _2=layer["factor"])
        elif operation == "concatenate":
            self.add("Concat", inputs, [output], _0=0)
        elif operation == "max_pool":
            self.add("Pooling", inputs, [output], _0=0, _1=layer["size"], _2=layer["stride"], _3=layer["padding"], _5=1)
        elif operation == "global_average_pool":
            self.add("Pooling", inputs, [f"{output}_flat"], _0=1, _4=1)
            self.add("Reshape", [f"{output}_flat"], [output], _0=1, _1=1, _2=shape[1])  # ncnn drops the two ones
        elif operation == "adaptive_average_pool":
            self.add("Pooling", inputs, [output], _0=1, _7=1, _8=layer["width"], _18=layer["height"])

    def weights(self, layer):
        """The weight, and a list that holds the bias where there is one."""
        return self.tensors[layer["weight"]], [self.tensors[layer["bias"]]] if layer.get("bias") is not None else []

    def convolution(self, layer, inputs, output):
        weight, bias = self.weights(layer)
        relu, residual = int(layer["activation"] == "relu"), len(inputs) > 1
        parameters = dict(
            _0=weight.shape[0], _1=weight.shape[3], _11=weight.shape[2], _3=layer["stride"], _4=layer["padding"],
            _5=int(bool(bias)), _6=weight.size, _9=0 if residual else relu)
        kind = "Convolution" if layer["groups"] == 1 else "ConvolutionDepthWise"
        if layer["groups"] != 1:
            parameters["_7"] = layer["groups"]
        if residual:
            self.add(kind, inputs[:1], [f"{output}_plain"], **parameters)
            self.add("BinaryOp", [f"{output}_plain", inputs[1]], [f"{output}_sum" if relu else output], _0=0)
            if relu:
                self.add("ReLU", [f"{output}_sum"], [output])
        else:
            self.add(kind, inputs, [output], **parameters)
        self.store(FLOAT32, weight, *bias)

    def build(self):
        """A blob has one reader: where more layers read a value, a Split makes a copy for each."""
        uses, readers = self.network.uses(), {}

        def made(value, name):
            names = [f"{name}_{i}" for i in range(uses[value])] if uses[value] > 1 else [name]
            if len(names) > 1:
                self.add("Split", [name], names)
            readers[value] = iter(names)

        self.add("Input", [], ["input"])
        made(0, "input")
        for i, layer in enumerate(self.network.layers):
            if uses[i + 1] > 0:
                inputs = [next(readers[value]) for value in layer["inputs"]]
                self.layer(layer, inputs, f"v{i + 1}", self.network.shapes[layer["inputs"][0]])
                made(i + 1, f"v{i + 1}")
        self.add("Noop", [next(readers[self.network.output])], ["output"])
        return f"7767517\n{len(self.lines)} {self.blobs}\n" + "\n".join(self.lines) + "\n"


if __name__ == "__main__":
    network_path, weights_path, description, weights = sys.argv[1:]
    with open(weights, "wb") as file:
        text = Builder(Network.read(network_path, weights_path), read_tensors(weights_path), file).build()
    with open(description, "w", encoding="utf-8") as file:
        file.write(text)
