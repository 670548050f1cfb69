"""Trains models/repvgg-cifar10: `python train.py CIFAR10`, a folder with train/<class>/ and test/<class>/ images."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from training import RepVGG, image_folder, save, seed_everything, train  # noqa: E402

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
STRIDES = (1, 1, 2, 2, 2)

seed_everything(1)
data = [image_folder(Path(sys.argv[1]) / part, MEAN, STD) for part in ("train", "test")]
net = RepVGG((2, 4, 4, 1), (32, 64, 96, 192, 256), STRIDES)
train(net, data, epochs=30, batch=128, peak_lr=0.2, pad=4, flip=True, cutout=12, bfloat16=True)
save(net.float(), Path(__file__).with_name("repvgg-cifar10.safetensors"),
     {"harness.family": "repvgg", "harness.strides": ",".join(map(str, STRIDES))})
