#!/usr/bin/env python3
# requires: onnxruntime onnx numpy
"""ONNX Runtime's CPU provider, all graph optimisations on."""
from protocol import serve


class Engine:
    name = package = "onnxruntime"

    def prepare(self, job):
        import onnxruntime
        self.runtime = onnxruntime
        [self.model] = job.convert("onnx_model.py", ".onnx")

    def load(self, job):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = job.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = self.runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = self.runtime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])

    def infer(self, x):
        return self.session.run(None, {"input": x})[0]


if __name__ == "__main__":
    serve(Engine)
