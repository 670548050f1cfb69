#!/usr/bin/env python3
# requires: torch numpy
"""PyTorch on the CPU through oneDNN, in inference mode, channels last."""
from protocol import serve
from safetensors_file import read_tensors


class Engine:
    name, package = "pytorch", "torch"

    def prepare(self, job):
        import torch
        self.torch = torch

    def load(self, job):
        torch = self.torch
        torch.set_num_threads(job.threads)
        # Compared on RepVGG-A0 and VGG-16: never slower than the plain layout, nor than torch.compile with freezing.
        self.format = torch.channels_last
        tensors = {name: torch.from_numpy(array) for name, array in read_tensors(job.weights_path).items()}
        for name, tensor in tensors.items():
            if tensor.dim() == 4:
                tensors[name] = tensor.contiguous(memory_format=self.format)
        self.network = make_module(torch, job.network, tensors).eval()

    def infer(self, x):
        with self.torch.inference_mode():
            return self.network(self.torch.from_numpy(x).contiguous(memory_format=self.format)).numpy()


def make_module(torch, network, tensors):
    """The network as a module; a value is dropped after its last reader."""
    functional = torch.nn.functional

    def step(layer):
        operation = layer["operation"]
        get = lambda key: tensors[layer[key]] if layer.get(key) is not None else None
        relu = layer.get("activation") == "relu"
        if operation == "convolution":
            weight, bias = get("weight"), get("bias")

            def convolution(x, residual=None):
                y = functional.conv2d(x, weight, bias, layer["stride"], layer["padding"], groups=layer["groups"])
                y = y if residual is None else y.add_(residual)
                return y.relu_() if relu else y
            return convolution
        if operation == "linear":
            weight, bias = get("weight"), get("bias")

            def linear(x):
                y = functional.linear(x, weight, bias)
                return y.relu_() if relu else y
            return linear
        if operation == "batch_norm":
            weight, bias, mean, variance = map(get, ("weight", "bias", "mean", "variance"))
            return lambda x: functional.batch_norm(x, mean, variance, weight, bias, eps=layer["epsilon"])
        if operation == "implicit_decoder":
            mlp = [(tensors[one["weight"]], tensors[one["bias"]] if one.get("bias") else None) for one in layer["mlp"]]
            return make_decoder(torch, layer, mlp)
        if operation == "add":
            return lambda *values: sum(values[1:], values[0])
        return {
            "relu": torch.relu,
            "sigmoid": torch.sigmoid,
            "multiply": torch.mul,
            "scale": lambda x: x * layer["factor"],
            "concatenate": lambda *values: torch.cat(values, 1),
            "max_pool": lambda x: functional.max_pool2d(x, layer["size"], layer["stride"], layer["padding"]),
            "global_average_pool": lambda x: functional.adaptive_avg_pool2d(x, 1),
            "adaptive_average_pool": lambda x: functional.adaptive_avg_pool2d(x, (layer["height"], layer["width"])),
            "flatten": lambda x: x.flatten(1),
        }[operation]

    last = {value: i for i, layer in enumerate(network.layers) for value in layer["inputs"]} | {network.output: -1}
    steps = [(step(layer), layer["inputs"], [v for v in set(layer["inputs"]) if last[v] == i])
             for i, layer in enumerate(network.layers)]

    class Module(torch.nn.Module):
        def forward(self, x):
            values = {0: x}
            for i, (run, inputs, done) in enumerate(steps):
                values[i + 1] = run(*(values[value] for value in inputs))
                for value in done:
                    del values[value]
            return values[network.output]

    return Module()


def make_decoder(torch, layer, mlp):
    """LIIF's decoder as yinboc/liif computes it (models/liif.py, query_rgb; test.py, batches of 30,000 points)."""
    functional = torch.nn.functional

    def centres(height, width):
        axes = [(torch.arange(n).float() * 2 + 1) / n - 1 for n in (height, width)]
        return torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)

    def answer(x):
        for i, (weight, bias) in enumerate(mlp):
            x = functional.linear(x, weight, bias)
            if i < len(mlp) - 1:
                x = x.relu_()
        return x

    def query(features, points, cell):
        size = torch.tensor(features.shape[-2:]).float()
        if layer["unfolds"]:
            height, width = features.shape[-2:]
            features = functional.unfold(features, 3, padding=1).view(1, -1, height, width)
        places = centres(*features.shape[-2:]).permute(2, 0, 1)[None]
        shifts = [(y, x) for y in (-1, 1) for x in (-1, 1)] if layer["ensembles"] else [(0, 0)]
        answers, areas = [], []
        for shift in shifts:
            at = points
            if layer["ensembles"]:
                at = (points + torch.tensor(shift) / size + 1e-6).clamp(-1 + 1e-6, 1 - 1e-6)
            grid = at.flip(-1)[None, None]
            sample = lambda x: functional.grid_sample(x, grid, mode="nearest", align_corners=False)[0, :, 0].T
            offset = (points - sample(places)) * size
            parts = [sample(features), offset] + ([cell.expand_as(offset)] if layer["decodes_cell"] else [])
            answers.append(answer(torch.cat(parts, -1)))
            areas.append((offset[:, 0] * offset[:, 1]).abs() + 1e-9)
        total = sum(areas)
        return sum(a * (area / total)[:, None] for a, area in zip(answers, reversed(areas)))

    def decode(features):
        features = features.contiguous()
        points = centres(layer["height"], layer["width"]).view(-1, 2)
        cell = 2 * torch.tensor(features.shape[-2:]).float() / torch.tensor([layer["height"], layer["width"]])
        colours = torch.cat([query(features, part, cell) for part in points.split(30_000)])
        return colours.T.reshape(3, layer["height"], layer["width"]) * 0.5 + 0.5

    return decode


if __name__ == "__main__":
    serve(Engine)
