"""Trains liif-small: LIIF (arXiv 2012.09161) with an EDSR encoder of 10 blocks of 32 features and an MLP 64 wide.

    pip install torch numpy pillow safetensors
    python train.py --photos T91 IMAGENET_SAMPLES LOMIRI MATE --iterations N --output liif-small.safetensors

`--photos` takes folders of images (manifest.yaml names ours). JPEG photographs are reduced first, which removes the
traces of their compression. Scales are drawn from [1, 4] as in the paper, half of them at 2, 3 and 4, the usual ones.
Seeded; it continues where it was stopped when run again with the same --state.
"""
import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

FEATURES, BLOCKS, HIDDEN, PATCH, QUERIES, BATCH = 32, 10, [64, 64, 64], 32, 1024, 16


class ResBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(FEATURES, FEATURES, 3, padding=1), nn.ReLU(),
                                  nn.Conv2d(FEATURES, FEATURES, 3, padding=1))

    def forward(self, x):
        return x + self.body(x)


class EDSR(nn.Module):
    """Parameter names of the official encoder, without its unused mean shifts."""

    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(nn.Conv2d(3, FEATURES, 3, padding=1))
        self.body = nn.Sequential(*[ResBlock() for _ in range(BLOCKS)], nn.Conv2d(FEATURES, FEATURES, 3, padding=1))

    def forward(self, x):
        x = self.head(x)
        return self.body(x) + x


class MLP(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        widths = [inputs] + HIDDEN + [3]
        layers = []
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layers += [nn.Linear(a, b)] + ([nn.ReLU()] if i < len(HIDDEN) else [])
        self.layers = nn.Sequential(*layers)


class LIIF(nn.Module):
    """Local ensemble, feature unfolding and cell decoding, as in the paper.

    The MLP's first layer is linear in the unfolded features, so that part runs as a 3x3 convolution of the feature map,
    once per pixel instead of once per query; the function is the official one.
    """

    def __init__(self):
        super().__init__()
        self.encoder = EDSR()
        self.imnet = MLP(FEATURES * 9 + 4)

    def forward(self, images, queries, scale):
        """images N×3×h×w in [-1, 1]; queries N×Q×2, positions (row, column) in pixels of the image, its first pixel's
        centre at 0; scale N×2. Returns N×Q×3."""
        n, _, h, w = images.shape
        first = self.imnet.layers[0]
        kernel = first.weight[:, :FEATURES * 9].reshape(-1, FEATURES, 3, 3)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            table = F.conv2d(self.encoder(images), kernel, first.bias, padding=1)
        table = table.float().permute(0, 2, 3, 1).reshape(n * h * w, -1)
        offset = torch.arange(n)[:, None] * h * w
        low = queries.floor()
        hidden, areas = [], []
        for dy in (0, 1):
            for dx in (0, 1):
                y = (low[..., 0] + dy).clamp(0, h - 1)
                x = (low[..., 1] + dx).clamp(0, w - 1)
                rel = 2 * (queries - torch.stack([y, x], -1))
                areas.append((rel[..., 0] * rel[..., 1]).abs() + 1e-9)
                coordinates = torch.cat([rel, (2 / scale)[:, None].expand_as(rel)], -1)
                base = table[(offset + y.long() * w + x.long()).reshape(-1)].reshape(*rel.shape[:2], -1)
                hidden.append(base + coordinates @ first.weight[:, FEATURES * 9:].T)
        z = torch.stack(hidden)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            for layer in self.imnet.layers[1:-1]:
                z = layer(z)
        z = self.imnet.layers[-1](z.float())
        weights = torch.stack(areas[::-1])
        return (z * (weights / weights.sum(0))[..., None]).sum(0)


def load(folder):
    """The images of a folder as uint8 arrays; photographs reduced to two thirds, and to 900 pixels at most."""
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
            continue
        image = Image.open(path).convert("RGB")
        if path.suffix.lower() != ".png":
            ratio = min(2 / 3, 900 / max(image.size))
            image = image.resize([round(side * ratio) for side in image.size], Image.BICUBIC)
        yield np.asarray(image)


def pairs(image, rng):
    """(low resolution, high resolution) at 2, 3, 4 and some scales between 1 and 4."""
    for scale in [2, 3, 4, 2, 3, 4] + [rng.uniform(1, 4) for _ in range(6)]:
        h, w = (math.floor(side / scale + 1e-9) for side in image.shape[:2])
        if min(h, w) >= PATCH:
            high = image[:round(h * scale), :round(w * scale)]
            yield np.asarray(Image.fromarray(high).resize((w, h), Image.BICUBIC)), high


def sample(low, high, rng):
    """One patch with random queries: image 3×PATCH×PATCH, positions Q×2, scale 2, colours Q×3; mirrored at random."""
    scale = np.array(high.shape[:2]) / np.array(low.shape[:2])
    top, left = (int(rng.integers(0, side - PATCH + 1)) for side in low.shape[:2])
    patch = low[top:top + PATCH, left:left + PATCH]
    # A high-resolution pixel j lies at (j + 0.5) / scale - 0.5 in the low-resolution image.
    first = [math.ceil(start * s - 0.5 + 1e-6) for start, s in zip((top, left), scale)]
    last = [math.floor((start + PATCH) * s - 0.5 - 1e-6) for start, s in zip((top, left), scale)]
    rows = np.minimum(rng.integers(first[0], last[0] + 1, QUERIES), high.shape[0] - 1)
    columns = np.minimum(rng.integers(first[1], last[1] + 1, QUERIES), high.shape[1] - 1)
    positions = np.stack([(rows + 0.5) / scale[0] - 0.5 - top, (columns + 0.5) / scale[1] - 0.5 - left], -1)
    colours = high[rows, columns]
    if rng.random() < 0.5:
        patch, positions = patch[:, ::-1], np.stack([positions[:, 0], PATCH - 1 - positions[:, 1]], -1)
    if rng.random() < 0.5:
        patch, positions = patch[::-1], np.stack([PATCH - 1 - positions[:, 0], positions[:, 1]], -1)
    if rng.random() < 0.5:
        patch, positions, scale = patch.transpose(1, 0, 2), positions[:, ::-1], scale[::-1]
    normal = lambda pixels: pixels.astype(np.float32) / 127.5 - 1
    return (normal(patch).transpose(2, 0, 1), positions.astype(np.float32), scale.astype(np.float32), normal(colours))


def rate(step, total, peak):
    """Warm-up over 500 steps, constant, then a cosine to zero over the last 40 %."""
    if step < 500:
        return peak * (step + 1) / 500
    start = int(0.6 * total)
    return peak if step < start else peak * 0.5 * (1 + math.cos(math.pi * (step - start) / (total - start)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", nargs="+", required=True)
    parser.add_argument("--iterations", type=int, required=True)
    parser.add_argument("--state", default="state.pt")
    parser.add_argument("--output", default="liif-small.safetensors")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    images = [image for folder in args.photos for image in load(folder)]
    sets = [list(pairs(image, rng)) for image in images]
    sets = [group for group in sets if group]
    weights = np.array([math.sqrt(group[0][1].shape[0] * group[0][1].shape[1]) for group in sets])
    weights /= weights.sum()
    print(f"{len(images)} images, {sum(map(len, sets))} pairs", flush=True)

    net = LIIF().to(memory_format=torch.channels_last)
    average = {k: v.clone() for k, v in net.state_dict().items()}
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    start = 0
    if Path(args.state).exists():
        state = torch.load(args.state)
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        average, start = state["average"], state["step"]
    began, total_loss = time.time(), 0.0
    for step in range(start, args.iterations):
        drawn = np.random.default_rng([args.seed, step])
        chosen = [sets[i] for i in drawn.choice(len(sets), BATCH, p=weights)]
        batch = [sample(*group[drawn.integers(len(group))], drawn) for group in chosen]
        low, positions, scale, colours = (torch.from_numpy(np.stack(parts)) for parts in zip(*batch))
        for group in optimizer.param_groups:
            group["lr"] = rate(step, args.iterations, 1e-3)
        loss = (net(low.contiguous(memory_format=torch.channels_last), positions, scale) - colours).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        total_loss += loss.item()
        with torch.no_grad():
            for key, value in net.state_dict().items():
                average[key].lerp_(value, min(0.001 + 1 / (step + 1), 1))
        if (step + 1) % 500 == 0 or step + 1 == args.iterations:
            print(f"step {step + 1}: loss {total_loss / 500:.5f}, {time.time() - began:.0f} s", flush=True)
            total_loss = 0.0
            torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "average": average,
                        "step": step + 1}, args.state + ".new")
            Path(args.state + ".new").rename(args.state)
            save_file({k: v.contiguous() for k, v in average.items()}, args.output)


if __name__ == "__main__":
    main()
