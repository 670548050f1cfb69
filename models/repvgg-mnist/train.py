"""Trains models/repvgg-mnist on 4,000 digits: `python train.py`."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from prepare_mnist import split  # noqa: E402
from training import RepVGG, digits, save, seed_everything, train  # noqa: E402

seed_everything(1)
net = RepVGG((2, 2, 2, 1), (16, 16, 32, 64, 128), (1, 2, 2, 2, 1))
train(net, digits(split()), epochs=30, batch=100, peak_lr=0.1, pad=2)
save(net, Path(__file__).with_name("repvgg-mnist.safetensors"),
     {"harness.family": "repvgg", "harness.strides": "1,2,2,2,1"})
