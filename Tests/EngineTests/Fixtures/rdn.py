"""Makes rdn.safetensors, a small LIIF with an RDN encoder and random weights under the official names, and
rdn.io.safetensors, an image with its enlargements, by a forward pass of its own in PyTorch (float32)."""

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(3)
FEATURES, BLOCKS, DEPTH, GROWTH, HIDDEN = 8, 3, 2, 4, [16, 12]
weights = {}


def layer(name, *shape):
    fan_in = torch.Size(shape[1:]).numel()
    weights[name + ".weight"] = torch.randn(shape) * (1.5 / fan_in) ** 0.5
    weights[name + ".bias"] = torch.randn(shape[0]) * 0.1


layer("encoder.SFENet1", FEATURES, 3, 3, 3)
layer("encoder.SFENet2", FEATURES, FEATURES, 3, 3)
for b in range(BLOCKS):
    for c in range(DEPTH):
        layer(f"encoder.RDBs.{b}.convs.{c}.conv.0", GROWTH, FEATURES + c * GROWTH, 3, 3)
    layer(f"encoder.RDBs.{b}.LFF", FEATURES, FEATURES + DEPTH * GROWTH, 1, 1)
layer("encoder.GFF.0", FEATURES, BLOCKS * FEATURES, 1, 1)
layer("encoder.GFF.1", FEATURES, FEATURES, 3, 3)
sizes = [9 * FEATURES + 4] + HIDDEN + [3]
for i in range(len(sizes) - 1):
    layer(f"imnet.layers.{2 * i}", sizes[i + 1], sizes[i])


def convolve(name, x):
    weight = weights[name + ".weight"]
    return F.conv2d(x, weight, weights[name + ".bias"], padding=weight.shape[-1] // 2)


def encode(x):
    first = convolve("encoder.SFENet1", x)
    x = convolve("encoder.SFENet2", first)
    outputs = []
    for b in range(BLOCKS):
        dense = x
        for c in range(DEPTH):
            dense = torch.cat([dense, convolve(f"encoder.RDBs.{b}.convs.{c}.conv.0", dense).relu()], 1)
        x = x + convolve(f"encoder.RDBs.{b}.LFF", dense)
        outputs.append(x)
    return first + convolve("encoder.GFF.1", convolve("encoder.GFF.0", torch.cat(outputs, 1)))


def decode(x):
    for i in range(len(sizes) - 1):
        x = F.linear(x, weights[f"imnet.layers.{2 * i}.weight"], weights[f"imnet.layers.{2 * i}.bias"])
        x = x if i == len(sizes) - 2 else x.relu()
    return x


def centres(n):
    return (2 * torch.arange(n) + 1) / n - 1


def upsample(image, height, width):
    features = encode(2 * image - 1)
    h, w = features.shape[2:]
    unfolded = F.unfold(features, 3, padding=1).view(-1, h, w)
    y, x = centres(height), centres(width)
    answers, areas = [], []
    for dy in (-1, 1):
        for dx in (-1, 1):
            rows = (((y + dy / h + 1e-6).clamp(-1 + 1e-6, 1 - 1e-6) + 1) * h / 2).floor().long()
            columns = (((x + dx / w + 1e-6).clamp(-1 + 1e-6, 1 - 1e-6) + 1) * w / 2).floor().long()
            offset_y = (y - centres(h)[rows]) * h
            offset_x = (x - centres(w)[columns]) * w
            grid = torch.stack(torch.meshgrid(offset_y, offset_x, indexing="ij"), -1)
            cell = torch.tensor([2 * h / height, 2 * w / width]).expand(height, width, 2)
            answers.append(decode(torch.cat([unfolded[:, rows][:, :, columns].permute(1, 2, 0), grid, cell], -1)))
            areas.append((grid[..., 0] * grid[..., 1]).abs() + 1e-9)
    blended = sum(answer * area[..., None] for answer, area in zip(answers, reversed(areas))) / sum(areas)[..., None]
    return ((blended + 1) / 2).permute(2, 0, 1).contiguous()


image = torch.rand(1, 3, 11, 8)
tensors = {"image": image}
for height, width in [(22, 16), (41, 29), (11, 8)]:
    tensors[f"raw_{height}x{width}"] = upsample(image, height, width)
save_file(weights, "rdn.safetensors")
save_file(tensors, "rdn.io.safetensors")
