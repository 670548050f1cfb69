"""Trains models/vgg-mnist on 4,000 digits: `python train.py`."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from prepare_mnist import split  # noqa: E402
from training import VGG, digits, save, seed_everything, train  # noqa: E402

seed_everything(1)
net = VGG([16, "M", 32, "M", 64, 64, "M"], hidden=128, pooled=3)
train(net, digits(split()), epochs=30, batch=100, peak_lr=0.05, pad=2)
save(net, Path(__file__).with_name("vgg-mnist.safetensors"), {"harness.family": "vgg"})
