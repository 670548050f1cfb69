"""PyTorch definitions and the training loop behind the networks that ship in this folder.

Only needed to train them anew: `pip install torch pillow mlxtend safetensors numpy`, then run a network's own
`train.py`. The harness itself never runs Python.
"""
import math
import random
import time

import numpy as np
import torch
from torch import nn


class ConvBN(nn.Module):
    def __init__(self, cin, cout, size, stride):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, size, stride, size // 2, bias=False)
        self.bn = nn.BatchNorm2d(cout)

    def forward(self, x):
        return self.bn(self.conv(x))


class RepVGGBlock(nn.Module):
    """ReLU(bn(3x3) + bn(1x1) + bn(identity)), parameter names as in the official repository."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.rbr_dense = ConvBN(cin, cout, 3, stride)
        self.rbr_1x1 = ConvBN(cin, cout, 1, stride)
        self.rbr_identity = nn.BatchNorm2d(cin) if cin == cout and stride == 1 else None

    def forward(self, x):
        y = self.rbr_dense(x) + self.rbr_1x1(x)
        return torch.relu(y if self.rbr_identity is None else y + self.rbr_identity(x))


class RepVGG(nn.Module):
    def __init__(self, blocks, widths, strides, classes=10):
        super().__init__()
        self.strides = strides
        self.stage0 = RepVGGBlock(3, widths[0], strides[0])
        cin = widths[0]
        for i, (count, width, stride) in enumerate(zip(blocks, widths[1:], strides[1:]), 1):
            stage = nn.Sequential()
            for b in range(count):
                stage.append(RepVGGBlock(cin, width, stride if b == 0 else 1))
                cin = width
            setattr(self, f"stage{i}", stage)
        self.linear = nn.Linear(cin, classes)

    def forward(self, x):
        x = self.stage4(self.stage3(self.stage2(self.stage1(self.stage0(x)))))
        return self.linear(x.mean((2, 3)))


class VGG(nn.Module):
    """torchvision's layout with batch norm; the classifier is narrower and sees one cell per channel group."""

    def __init__(self, plan, hidden, pooled, classes=10):
        super().__init__()
        layers, cin = [], 3
        for width in plan:
            if width == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(cin, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                cin = width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(pooled)
        self.classifier = nn.Sequential(
            nn.Linear(cin * pooled * pooled, hidden), nn.ReLU(), nn.Dropout(),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def augment(batch, pad, flip, cutout):
    """Random shift by up to `pad` pixels, mirror, and one erased square per image (N×3×H×W, normalised)."""
    n, _, h, w = batch.shape
    padded = nn.functional.pad(batch, [pad] * 4)
    dy, dx = torch.randint(0, 2 * pad + 1, (2, n))
    rows = (dy[:, None] + torch.arange(h))[:, None, :, None]
    cols = (dx[:, None] + torch.arange(w))[:, None, None, :]
    out = padded[torch.arange(n)[:, None, None, None], torch.arange(3)[None, :, None, None], rows, cols]
    if flip:
        mirrored = torch.rand(n) < 0.5
        out[mirrored] = out[mirrored].flip(3)
    if cutout:
        cy, cx = torch.randint(0, h, (n,)), torch.randint(0, w, (n,))
        near_y = (torch.arange(h)[None] - cy[:, None]).abs() < cutout // 2
        near_x = (torch.arange(w)[None] - cx[:, None]).abs() < cutout // 2
        out.masked_fill_((near_y[:, None, :, None] & near_x[:, None, None, :]), 0)
    return out


@torch.no_grad()
def accuracy(net, images, labels):
    net.eval()
    hits = sum((net(x).argmax(1) == y).sum().item() for x, y in zip(images.split(500), labels.split(500)))
    return hits / len(labels)


def train(net, data, epochs, batch, peak_lr, weight_decay=5e-4, pad=2, flip=False, cutout=0, smoothing=0.1,
          bfloat16=False):
    """SGD with Nesterov momentum and a one-cycle learning rate; prints a line per epoch."""
    (images, labels), (test_images, test_labels) = data
    net = net.to(memory_format=torch.channels_last)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = torch.optim.SGD([{"params": decayed, "weight_decay": weight_decay}, {"params": plain}],
                                lr=peak_lr, momentum=0.9, nesterov=True)
    steps = math.ceil(len(labels) / batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak_lr, epochs=epochs, steps_per_epoch=steps,
                                                   pct_start=0.2)
    loss_of = nn.CrossEntropyLoss(label_smoothing=smoothing)
    start = time.time()
    for epoch in range(1, epochs + 1):
        net.train()
        total = 0.0
        for indices in torch.randperm(len(labels)).split(batch):
            x = augment(images[indices], pad, flip, cutout).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
                logits = net(x)
            loss = loss_of(logits.float(), labels[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(indices)
        print(f"epoch {epoch}/{epochs}: loss {total / len(labels):.4f}, "
              f"test top-1 {accuracy(net, test_images, test_labels):.4f}, {time.time() - start:.0f} s", flush=True)
    return net


def image_folder(root, mean, std):
    """Images (N×3×H×W, normalised) and labels of a folder with one sub-folder per class, sorted by class and name."""
    from pathlib import Path
    from PIL import Image
    pixels, labels = [], []
    for label, folder in enumerate(sorted(p for p in Path(root).iterdir() if p.is_dir())):
        for path in sorted(folder.iterdir()):
            pixels.append(np.asarray(Image.open(path).convert("RGB")))
            labels.append(label)
    return normalised(np.stack(pixels), mean, std), torch.tensor(labels)


def normalised(pixels, mean, std):
    """uint8 N×H×W×3 to float32 N×3×H×W."""
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    return (x - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]


def digits(parts, mean=(0.1307,) * 3, std=(0.3081,) * 3):
    """The parts of prepare_mnist.split() as normalised RGB images and labels."""
    return [(normalised(np.repeat(p[0][..., None], 3, 3), mean, std), torch.from_numpy(p[1]).long()) for p in parts]


def save(net, path, metadata):
    from safetensors.torch import save_file
    tensors = {k: v.contiguous() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    save_file(tensors, path, metadata=metadata)
