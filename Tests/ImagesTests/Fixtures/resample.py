"""Writes resample.tsv: SHA-256 digests of Pillow's resize of made-up images (RGB8, H x W x 3).

    pip install pillow==13.0.0 numpy && python resample.py > resample.tsv
"""
import hashlib

import numpy
from PIL import Image

SIZES = [
    ((1, 1), (1, 1)), ((1, 1), (7, 5)), ((7, 5), (1, 1)), ((2, 3), (3, 2)), ((1, 40), (9, 13)), ((40, 1), (13, 9)),
    ((3, 3), (2, 2)), ((5, 4), (5, 9)), ((5, 4), (11, 4)), ((17, 13), (16, 12)), ((17, 13), (18, 14)),
    ((64, 48), (32, 24)), ((64, 48), (128, 96)), ((33, 65), (100, 7)), ((100, 75), (33, 25)), ((97, 101), (31, 89)),
    ((250, 187), (341, 256)), ((500, 375), (341, 256)), ((333, 500), (256, 384)), ((640, 480), (10, 480)),
    ((640, 1), (3, 3)), ((101, 7), (100, 7)), ((600, 20), (599, 19)), ((49, 49), (48, 50)), ((1000, 3), (7, 3)),
]
FILTERS = {
    "nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS,
}


def noise(width, height):
    """The high bytes of a 32-bit linear congruential generator (Numerical Recipes), every fourth one 0 or 255."""
    state, samples = width * 65536 + height, []
    for index in range(width * height * 3):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        value = state >> 24
        samples.append(value if index % 4 else 255 * (value & 1))
    return numpy.array(samples, numpy.uint8).reshape(height, width, 3)


print("width\theight\tnew_width\tnew_height\tinterpolation\tsha256")
for (width, height), (new_width, new_height) in SIZES:
    image = Image.fromarray(noise(width, height))
    for name, resample in FILTERS.items():
        pixels = numpy.asarray(image.resize((new_width, new_height), resample))
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        print(width, height, new_width, new_height, name, digest, sep="\t")
