#!/usr/bin/env python3
# requires: openvino onnx numpy
"""OpenVINO's CPU plug-in, tuned by its own hint for latency, in float32."""
from protocol import serve


class Engine:
    name = package = "openvino"

    def prepare(self, job):
        import openvino
        self.openvino = openvino
        [self.model] = job.convert("onnx_model.py", ".onnx")

    def load(self, job):
        compiled = self.openvino.Core().compile_model(self.model, "CPU", {
            "INFERENCE_NUM_THREADS": job.threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
        self.request, self.output = compiled.create_infer_request(), compiled.output(0)
        threads = compiled.get_property("INFERENCE_NUM_THREADS")
        if threads != job.threads:
            self.note = f"uses {threads} of the {job.threads} threads that it may use"

    def infer(self, x):
        return self.request.infer({0: x}, share_inputs=True)[self.output]


if __name__ == "__main__":
    serve(Engine)
