"""The network file that the harness writes; README.md describes it."""
import json
from math import prod

from safetensors_file import read_header


class Network:
    """Layers as dictionaries, and the shape of every value: value 0 is the input, layer i makes value i + 1."""

    def __init__(self, description, parameters):
        self.name = description["name"]
        self.input_shape = description["input"]
        self.layers = description["layers"]
        self.output = description["output"]
        self.parameters = parameters
        self.shapes = [self.input_shape]
        for layer in self.layers:
            if any(not 0 <= value < len(self.shapes) for value in layer["inputs"]):
                raise ValueError(f"{layer['name']}: reads a value that no layer before it makes")
            self.shapes.append(self._shape(layer, [self.shapes[value] for value in layer["inputs"]]))
        self.output_shape = self.shapes[self.output]

    @classmethod
    def read(cls, network_path, weights_path):
        with open(network_path, encoding="utf-8") as file:
            return cls(json.load(file), {name: entry[0] for name, entry in read_header(weights_path).items()})

    def uses(self):
        """How many layers read each value; the network's output counts as read once more."""
        counts = [0] * len(self.shapes)
        for value in [value for layer in self.layers for value in layer["inputs"]] + [self.output]:
            counts[value] += 1
        return counts

    def _shape(self, layer, inputs):
        operation, shape = layer["operation"], inputs[0]
        if operation == "convolution":
            outputs, _, *kernel = self.parameters[layer["weight"]]
            return [shape[0], outputs] + [(n + 2 * layer["padding"] - k) // layer["stride"] + 1
                                          for n, k in zip(shape[2:], kernel)]
        if operation == "linear":
            return [shape[0], self.parameters[layer["weight"]][0]]
        if operation in ("batch_norm", "relu", "sigmoid", "add", "multiply", "scale"):
            return shape
        if operation == "concatenate":
            return [shape[0], sum(s[1] for s in inputs), *shape[2:]]
        if operation == "max_pool":
            return shape[:2] + [(n + 2 * layer["padding"] - layer["size"]) // layer["stride"] + 1 for n in shape[2:]]
        if operation == "global_average_pool":
            return [*shape[:2], 1, 1]
        if operation == "adaptive_average_pool":
            return [*shape[:2], layer["height"], layer["width"]]
        if operation == "implicit_decoder":
            return [3, layer["height"], layer["width"]]
        if operation == "preprocess":
            return [shape[0], 3, layer["height"], layer["width"]]
        if operation == "flatten":
            return [shape[0], prod(shape[1:])]
        raise ValueError(f"{layer['name']}: unknown operation {operation}")
