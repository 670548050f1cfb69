#!/usr/bin/env python3
"""Checks engines against a plain numpy reference: every operation on its own, and a small network.

    .engines/bin/python engines/selftest.py [ENGINE…]

Speaks the line protocol, as the harness does. Exit status 1 when an output is more than 1e-4 (of the largest value)
away from the reference.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np

from safetensors_file import read_tensors

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-4


class Case:
    """A network under construction, with the reference's value for every layer."""

    def __init__(self, name, shape, seed=1):
        self.random = np.random.default_rng(seed)
        self.name, self.layers, self.tensors = name, [], {}
        self.values = [self.normal(*shape)]

    def normal(self, *shape):
        return self.random.standard_normal(shape).astype(np.float32)

    def tensor(self, name, array):
        self.tensors[name] = np.ascontiguousarray(array, np.float32)
        return name

    def add(self, operation, *inputs, **attributes):
        """Appends a layer; returns the number of its value."""
        inputs = list(inputs or [len(self.values) - 1])
        self.layers.append({"name": f"layer{len(self.layers)}", "operation": operation, "inputs": inputs} | attributes)
        reference = globals()[operation]
        self.values.append(reference(self, self.layers[-1], *(self.values[i].astype(np.float64) for i in inputs)))
        return len(self.values) - 1

    def convolution(self, outputs, kernel, *inputs, stride=1, padding=0, groups=1, activation="none", bias=True):
        i, channels = len(self.layers), self.values[inputs[0] if inputs else -1].shape[1]
        weight = self.normal(outputs, channels // groups, kernel, kernel) / kernel
        return self.add("convolution", *inputs, stride=stride, padding=padding, groups=groups, activation=activation,
                        weight=self.tensor(f"w{i}", weight),
                        bias=self.tensor(f"b{i}", self.normal(outputs)) if bias else None)

    def linear(self, outputs, activation="none", bias=True):
        i = len(self.layers)
        return self.add("linear", activation=activation,
                        weight=self.tensor(f"w{i}", self.normal(outputs, self.values[-1].shape[1])),
                        bias=self.tensor(f"b{i}", self.normal(outputs)) if bias else None)

    def batch_norm(self, *inputs):
        i, channels = len(self.layers), self.values[inputs[0] if inputs else -1].shape[1]
        names = {key: self.tensor(f"{key}{i}", self.normal(channels)) for key in ("weight", "bias", "mean")}
        return self.add("batch_norm", *inputs, epsilon=1e-3, **names,
                        variance=self.tensor(f"variance{i}", self.random.uniform(0.5, 2, channels)))

    def write(self, folder):
        """Writes the files; returns the load command."""
        command = {"command": "load", "threads": 2} | {
            key: os.path.join(folder, file) for key, file in (
                ("network", "network.json"), ("weights", "weights.safetensors"), ("input", "input.safetensors"),
                ("output", "output.safetensors"))}
        with open(command["network"], "w", encoding="utf-8") as file:
            json.dump({"name": self.name, "input": list(self.values[0].shape), "output": len(self.values) - 1,
                       "layers": self.layers}, file)
        write_tensors(command["weights"], self.tensors)
        write_tensors(command["input"], {"input": self.values[0]})
        return command


def write_tensors(path, tensors):
    header, start = {"__metadata__": {"format": "pt"}}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [start, start + array.nbytes]}
        start += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in tensors.values()))


# The reference, one function per operation, in float64.

def activate(layer, y):
    return np.maximum(y, 0) if layer["activation"] == "relu" else y


def windows(x, kernel, stride, padding, value):
    """[N, C, output height, output width, kernel height, kernel width]."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=value)
    return np.lib.stride_tricks.sliding_window_view(x, kernel, (2, 3))[:, :, ::stride, ::stride]


def convolution(case, layer, x, residual=0.0):
    weight = case.tensors[layer["weight"]]
    split = windows(x, weight.shape[2:], layer["stride"], layer["padding"], 0)
    parts = zip(np.split(split, layer["groups"], 1), np.split(weight, layer["groups"]))
    y = np.concatenate([np.einsum("nchwij,ocij->nohw", part, w) for part, w in parts], 1)
    if layer["bias"]:
        y = y + case.tensors[layer["bias"]][:, None, None]
    return activate(layer, y + residual)


def linear(case, layer, x):
    return activate(layer, x @ case.tensors[layer["weight"]].T + (case.tensors[layer["bias"]] if layer["bias"] else 0))


def batch_norm(case, layer, x):
    weight, bias, mean, variance = (
        case.tensors[layer[key]][:, None, None] for key in ("weight", "bias", "mean", "variance"))
    return (x - mean) / np.sqrt(variance + layer["epsilon"]) * weight + bias


def relu(case, layer, x):
    return np.maximum(x, 0)


def sigmoid(case, layer, x):
    return 1 / (1 + np.exp(-x))


def add(case, layer, *values):
    return sum(values)


def multiply(case, layer, x, s):
    return x * s


def scale(case, layer, x):
    return x * layer["factor"]


def concatenate(case, layer, *values):
    return np.concatenate(values, 1)


def max_pool(case, layer, x):
    return windows(x, (layer["size"],) * 2, layer["stride"], layer["padding"], -np.inf).max((4, 5))


def global_average_pool(case, layer, x):
    return x.mean((2, 3), keepdims=True)


def adaptive_average_pool(case, layer, x):
    out = layer["height"], layer["width"]
    y = np.empty((*x.shape[:2], *out))
    for i, j in np.ndindex(*out):
        rows, columns = (slice(k * n // o, -(-(k + 1) * n // o)) for k, n, o in zip((i, j), x.shape[2:], out))
        y[:, :, i, j] = x[:, :, rows, columns].mean((2, 3))
    return y


def flatten(case, layer, x):
    return x.reshape(len(x), -1)


def cases():
    def one(name, build, shape=(2, 8, 9, 7)):
        case = Case(name, shape)
        build(case)
        return case

    yield one("convolution 3x3", lambda c: c.convolution(12, 3, padding=1))
    yield one("convolution 3x3, relu", lambda c: c.convolution(16, 3, padding=1, activation="relu"))
    yield one("convolution 3x3, stride 2", lambda c: c.convolution(5, 3, stride=2, padding=1, bias=False))
    yield one("convolution 7x7, stride 2", lambda c: c.convolution(16, 7, stride=2, padding=3), (1, 3, 21, 18))
    yield one("convolution 1x1, stride 2", lambda c: c.convolution(16, 1, stride=2))
    yield one("convolution, groups", lambda c: c.convolution(16, 3, padding=1, groups=4, activation="relu"))
    yield one("convolution, depthwise", lambda c: c.convolution(8, 3, padding=1, groups=8, bias=False))
    yield one("convolution, residual", lambda c: c.convolution(8, 3, 0, 0, padding=1))
    yield one("convolution, residual, relu", lambda c: c.convolution(8, 1, 0, 0, activation="relu"))
    yield one("linear", lambda c: (c.add("flatten"), c.linear(10)))
    yield one("linear, relu, no bias", lambda c: (c.add("flatten"), c.linear(10, "relu", bias=False)))
    yield one("batch norm", lambda c: c.batch_norm())
    yield one("relu", lambda c: c.add("relu"))
    yield one("sigmoid", lambda c: c.add("sigmoid"))
    yield one("add", lambda c: (c.add("relu"), c.add("sigmoid", 0), c.add("add", 0, 1, 2)))
    yield one("add to itself", lambda c: c.add("add", 0, 0))
    yield one("multiply", lambda c: (c.add("sigmoid"), c.add("multiply", 0, 1)))
    yield one("multiply by channel", lambda c: (c.add("global_average_pool"), c.add("multiply", 0, 1)), (2, 7, 7, 7))
    yield one("scale", lambda c: c.add("scale", factor=0.1))
    yield one("concatenate", lambda c: (c.convolution(3, 1), c.add("concatenate", 0, 1, 0)))
    yield one("max pool 2, 2", lambda c: c.add("max_pool", size=2, stride=2, padding=0))
    yield one("max pool 3, 2, 1", lambda c: c.add("max_pool", size=3, stride=2, padding=1), (2, 5, 8, 11))
    yield one("global average pool", lambda c: c.add("global_average_pool"))
    yield one("adaptive average pool, even", lambda c: c.add("adaptive_average_pool", height=3, width=7))
    yield one("adaptive average pool, same", lambda c: c.add("adaptive_average_pool", height=9, width=7))
    yield one("adaptive average pool, uneven", lambda c: c.add("adaptive_average_pool", height=4, width=5))
    yield one("adaptive average pool, larger", lambda c: c.add("adaptive_average_pool", height=12, width=10))
    yield one("flatten", lambda c: c.add("flatten"))
    yield one("squeeze-excite network", squeeze_excite_network, (2, 3, 32, 32))


def squeeze_excite_network(case):
    x = case.convolution(16, 3, stride=2, padding=1, activation="relu")
    squeezed = case.add("global_average_pool", x)
    case.convolution(4, 1, squeezed, activation="relu")
    case.convolution(16, 1)
    y = case.add("multiply", x, case.add("sigmoid"))
    case.convolution(16, 3, y, padding=1, bias=False)
    branch = case.batch_norm()
    sum = case.add("add", branch, y, x)
    case.add("relu", sum)
    case.convolution(16, 1, len(case.values) - 1, sum, activation="relu")
    case.add("max_pool", size=2, stride=2, padding=0)
    case.add("global_average_pool")
    case.add("flatten")
    case.linear(10)


class Engine:
    """An adapter's process."""

    def __init__(self, name):
        self.name = name
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, f"{name}_engine.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, text=True)

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            sys.exit(f"{self.name} died ({self.process.wait()}):\n" + self.errors.read().decode(errors="replace")[-2000:])
        return json.loads(line)

    def failure(self, case, folder):
        """What is wrong with the engine's answers for a case, or None."""
        command = case.write(folder)
        answer = self.ask(**command)
        if not answer["ok"]:
            return answer["error"]
        expected, output = case.values[-1], read_tensors(command["output"])["output"]
        if output.shape != expected.shape:
            return f"the output is {output.shape}, not {expected.shape}"
        difference = np.abs(output - expected).max() / np.abs(expected).max()
        if not difference <= TOLERANCE:
            return f"differs by {difference:.2g}"
        answer = self.ask(command="run", count=3)
        if not answer["ok"] or len(answer["seconds"]) != 3 or min(answer["seconds"]) <= 0:
            return f"unexpected answer to run: {answer}"
        check = {key: os.path.join(folder, f"check_{key}.safetensors") for key in ("input", "output")}
        for x, same in ((2 * case.values[0] + 1, False), (case.values[0], True)):
            write_tensors(check["input"], {"check_input": x})
            answer = self.ask(command="check", count=2, **check)
            if not answer["ok"] or len(answer["seconds"]) != 2 or min(answer["seconds"]) <= 0:
                return f"unexpected answer to check: {answer}"
            output = read_tensors(check["output"])["output"]
            if (np.abs(output - expected).max() <= TOLERANCE * np.abs(expected).max()) != same:
                return f"wrong output for {'the same' if same else 'another'} input"
        for path in check.values():
            os.remove(path)
        if len(os.listdir(folder)) != 4:
            return f"leaves files behind: {sorted(os.listdir(folder))}"
        return None

    def quit(self):
        self.process.stdin.close()
        return self.process.wait()


def refusals(engine, folder):
    """Commands that must be answered with an error, and not kill the engine."""
    command = next(cases()).write(folder)
    for wrong in ({"command": "fly"}, {"command": "run", "count": 1}, command | {"network": "/nowhere.json"},
                  command | {"weights": command["network"]}, command | {"threads": 0}):
        answer = engine.ask(**wrong)
        if answer["ok"] or "\n" in answer["error"]:
            return f"{wrong} was answered with {answer}"
    return None


def main():
    names = sys.argv[1:] or sorted(
        file.removesuffix("_engine.py") for file in os.listdir(HERE) if file.endswith("_engine.py"))
    names = [name for name in names if name != "pillow"]  # runs no networks
    failures = 0
    for name in names:
        engine = Engine(name)
        results = {}
        with tempfile.TemporaryDirectory() as folder:
            results["wrong commands"] = refusals(engine, folder)
            for case in cases():
                results[case.name] = engine.failure(case, folder)
        status = engine.quit()
        results["end"] = None if status == 0 else f"exit status {status}"
        wrong = {check: reason for check, reason in results.items() if reason}
        print(f"{name}: {len(results) - len(wrong)} of {len(results)} checks passed", flush=True)
        for check, reason in wrong.items():
            print(f"  {check}: {reason}")
        failures += len(wrong)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
