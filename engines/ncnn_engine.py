#!/usr/bin/env python3
# requires: ncnn numpy
"""ncnn on the CPU in float32, with its default algorithms (Winograd, packed layouts, sgemm)."""
import numpy as np

from protocol import serve


class Engine:
    name = package = "ncnn"
    x = None

    def prepare(self, job):
        import ncnn
        self.ncnn = ncnn
        self.files = job.convert("ncnn_model.py", ".param", ".bin")
        batch = job.network.input_shape[0]
        if batch > 1:
            self.note = f"no batch dimension: an inference runs {batch} images one after the other"

    def load(self, job):
        self.net = self.ncnn.Net()
        options = self.net.opt
        options.num_threads = job.threads
        for name in dir(options):
            if name.startswith(("use_fp16", "use_bf16", "use_vulkan")):
                setattr(options, name, False)
        description, weights = self.files
        if self.net.load_param(description) != 0 or self.net.load_model(weights) != 0:
            raise RuntimeError("ncnn cannot load the network")

    def infer(self, x):
        if x is not self.x:
            # Copies: ncnn crashes on memory that is not aligned as its own, and may write into what it does not own.
            self.x, self.images = x, [self.ncnn.Mat(image).clone() for image in x]
        return np.stack([self.run(image) for image in self.images])

    def run(self, image):
        extractor = self.net.create_extractor()
        extractor.input("input", image)
        status, output = extractor.extract("output")
        if status != 0:
            raise RuntimeError(f"ncnn cannot run the network (status {status})")
        return np.array(output)


if __name__ == "__main__":
    serve(Engine)
