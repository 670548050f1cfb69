#!/usr/bin/env python3
# requires: pillow numpy
"""Pillow and numpy, from an image file to a network's input: what most training code does. It runs no networks."""
import numpy as np

from protocol import serve


class Engine:
    name, package, distribution = "pillow", "PIL", "pillow"

    def prepare(self, job):
        from PIL import Image
        self.image = Image
        operations = [layer["operation"] for layer in job.network.layers]
        if operations != ["preprocess"]:
            raise ValueError("Pillow prepares images, it runs no networks")

    def load(self, job):
        self.layer = layer = job.network.layers[0]
        self.filter = self.image.Resampling[layer["interpolation"].upper()]
        # 255 is part of both constants, so that normalising is one product and one difference.
        deviation = np.float32(layer["deviation"])[:, None, None]
        self.factor = 1 / (255 * deviation)
        self.shift = np.float32(layer["mean"])[:, None, None] / deviation

    def infer(self, x):
        output = np.empty((len(x), 3, self.layer["height"], self.layer["width"]), np.float32)
        for target, index in zip(output, x):
            self.one(self.layer["files"][int(index)], target)
        return output

    def one(self, path, target):
        image = self.image.open(path).convert("RGB")
        resize, crop = self.layer.get("resize"), self.layer.get("crop")
        if resize:
            width, height = image.size
            if len(resize) == 2:
                size = (resize[1], resize[0])
            elif width <= height:
                size = (resize[0], int(resize[0] * height / width))
            else:
                size = (int(resize[0] * width / height), resize[0])
            if size != image.size:
                image = image.resize(size, self.filter)
        if crop:
            left, top = (round((side - crop) / 2) for side in image.size)
            image = image.crop((left, top, left + crop, top + crop))
        np.multiply(np.asarray(image).transpose(2, 0, 1), self.factor, out=target)
        target -= self.shift


if __name__ == "__main__":
    serve(Engine)
