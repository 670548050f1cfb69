"""float32 tensors of a safetensors file: 8 bytes header length, a JSON header, then the raw data."""
import json
import math
import os
import struct

import numpy as np


def read_header(path):
    """{name: (shape, byte offset in the file, byte count)}; raises ValueError where the file is not sound."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        prefix = file.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else size
        if 8 + length > size:
            raise ValueError(f"{path}: not a safetensors file")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        shape, (start, end) = entry["shape"], entry["data_offsets"]
        if entry["dtype"] != "F32":
            raise ValueError(f"{path}: {name} is {entry['dtype']}, not F32")
        if not 0 <= start <= end <= size - 8 - length or end - start != 4 * math.prod(shape):
            raise ValueError(f"{path}: the data of {name} is not where the header says")
        tensors[name] = (shape, 8 + length + start, end - start)
    return tensors


def read_tensors(path):
    """{name: array}, mapped from the file and copied only where somebody writes."""
    data = np.memmap(path, np.uint8, mode="c")
    return {name: data[offset:offset + count].view("<f4").reshape(shape)
            for name, (shape, offset, count) in read_header(path).items()}


def write_tensor(path, name, array):
    array = np.ascontiguousarray(array, "<f4")
    header = json.dumps({name: {"dtype": "F32", "shape": list(array.shape), "data_offsets": [0, array.nbytes]}})
    header += " " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header.encode() + array.tobytes())
