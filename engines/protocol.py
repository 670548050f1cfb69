"""The line protocol between the harness and an engine; README.md describes it.

An engine is a class with `name`, `package` (and `distribution` where PyPI's name differs) and
    prepare(job)   imports the engine and converts the network's files; not timed
    load(job)      reads the converted files and makes the engine ready; timed
    infer(x)       the network's output for x [N, C, H, W], as a numpy array
and, where there is something to tell, `note`: one line. `serve(Engine)` does the rest.
"""
import contextlib
import gc
import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
import traceback

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's own threads have nothing to do here

import numpy as np

from network import Network
from safetensors_file import read_tensors, write_tensor


class Job:
    """What a load command asks for."""

    def __init__(self, command):
        self.network_path, self.weights_path = command["network"], command["weights"]
        self.input_path, self.output_path = command["input"], command["output"]
        self.threads = int(command["threads"])
        if self.threads < 1:
            raise ValueError("threads must be at least 1")
        self.network = Network.read(self.network_path, self.weights_path)
        self.written = []

    def convert(self, script, *suffixes):
        """Runs the converter `script` and returns the paths of the files that it wrote beside the weights.

        In a process of its own, so that its memory does not count as the engine's. `remove` deletes the files.
        """
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), script)
        targets = [f"{self.weights_path}.{os.getpid()}{suffix}" for suffix in suffixes]
        self.written += targets
        result = subprocess.run([sys.executable, script, self.network_path, self.weights_path, *targets],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.stderr.write(result.stderr)
            raise RuntimeError((result.stderr.strip().splitlines() or [f"exit status {result.returncode}"])[-1])
        return targets

    def remove(self):
        for path in self.written:
            with contextlib.suppress(FileNotFoundError):
                os.remove(path)


class Session:
    """A loaded engine and the input that it runs on."""

    def __init__(self, engine, job):
        engine.prepare(job)
        x = read_tensors(job.input_path)["input"]
        self.x = np.array(x, np.float32, order="C")
        if self.x.shape != tuple(job.network.input_shape):
            raise ValueError(f"the input is {list(self.x.shape)}, the network wants {job.network.input_shape}")
        start = time.perf_counter()
        engine.load(job)
        loaded = time.perf_counter()
        output = np.asarray(engine.infer(self.x))
        self.load_seconds, self.first_seconds = loaded - start, time.perf_counter() - loaded
        write_tensor(job.output_path, "output", output.reshape(job.network.output_shape))
        self.engine, self.output_shape = engine, job.network.output_shape
        # What is there by now stays; looking through it before each run would take long and empty the caches.
        gc.collect()
        gc.freeze()

    def check(self, input_path, output_path, count):
        """Runs another input and writes its output; then times `count` inputs that are made of it."""
        other = np.array(read_tensors(input_path)["check_input"], np.float32, order="C")
        if other.shape != self.x.shape:
            raise ValueError(f"the input is {list(other.shape)}, the first one was {list(self.x.shape)}")
        # Each is an array of its own, as engines may keep what they made of the one that they got last.
        first, self.x = self.x, other
        write_tensor(output_path, "output", self.infer()[0].reshape(self.output_shape))
        seconds = []
        for shift in range(1, count + 1):
            self.x = np.roll(other, shift)
            seconds.append(self.infer()[1])
        self.x = first
        return seconds

    def infer(self):
        """The output as an array, and the seconds until it was there."""
        start = time.perf_counter_ns()
        output = np.asarray(self.engine.infer(self.x))
        return output, (time.perf_counter_ns() - start) / 1e9

    def run(self, count):
        gc.collect()
        gc.disable()
        seconds = [self.infer()[1] for _ in range(count)]
        gc.enable()
        return seconds


def check(engine_class):
    importlib.import_module(engine_class.package)
    distribution = getattr(engine_class, "distribution", engine_class.package)
    return {"engine": engine_class.name, "version": importlib.metadata.version(distribution)}


def load(engine_class, command):
    os.environ["OMP_NUM_THREADS"] = str(command["threads"])  # read when the engine's library is loaded
    job = Job(command)
    try:
        session = Session(engine_class(), job)
    finally:
        job.remove()
    answer = check(engine_class) | {"load_seconds": session.load_seconds, "first_seconds": session.first_seconds}
    note = getattr(session.engine, "note", None)
    return session, answer | ({"note": note} if note else {})


def answer(engine_class, line, session):
    """Obeys one command; returns the session to go on with and the answer, or None to end."""
    command = json.loads(line)
    verb = command["command"]
    if verb == "load":
        return load(engine_class, command)
    if verb == "run":
        if session is None:
            raise ValueError("run before load")
        return session, {"seconds": session.run(int(command["count"]))}
    if verb == "check":
        if session is None:
            raise ValueError("check before load")
        return session, {"seconds": session.check(command["input"], command["output"], int(command["count"]))}
    if verb == "quit":
        return session, None
    raise ValueError(f"unknown command {verb}")


def failure(error):
    traceback.print_exception(error)
    text = " ".join(str(error).split()) or "no reason given"
    return {"ok": False, "error": f"{type(error).__name__}: {text}"[:1000]}


def serve(engine_class):
    # The real standard output is for answers alone; what else is printed goes to standard error.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(answer):
        channel.write(json.dumps(answer) + "\n")
        channel.flush()

    if sys.argv[1:] == ["--check"]:
        try:
            send({"ok": True} | check(engine_class))
        except Exception as error:
            send(failure(error))
        return
    session = None
    for line in sys.stdin:
        try:
            session, result = answer(engine_class, line, session)
            if result is None:
                return
            result = {"ok": True} | result
        except Exception as error:
            result = failure(error)
        send(result)
