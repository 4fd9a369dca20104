"""Reads the exchange format "bench-scene" and measures noise; shared by the scripts beside it."""

import json
import resource
import struct
from pathlib import Path

import numpy as np


def load(folder):
    """The document of a folder, with every material as (kind, numbers)."""
    folder = Path(folder)
    document = json.loads((folder / "scene.json").read_text())
    materials = {}
    for name, material in document["materials"].items():
        if "type" in material:
            materials[name] = (material["type"], material)
        else:
            materials[name] = next(iter(material.items()))
    document["materials"] = materials
    document["folder"] = folder
    return document


def curves(path):
    """Offsets, points and radii of a BCRV file."""
    data = Path(path).read_bytes()
    magic, version, strands, points, _flags, _zero = struct.unpack_from("<4s5I", data)
    assert (magic, version) == (b"BCRV", 1), path
    offsets = np.frombuffer(data, "<u4", strands + 1, 24)
    at = 24 + 4 * (strands + 1)
    positions = np.frombuffer(data, "<f4", 3 * points, at).reshape(-1, 3)
    radii = np.frombuffer(data, "<f4", points, at + 12 * points)
    return offsets, positions, radii


def cpu_seconds():
    """Processor seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def local_mean(picture):
    """Mean over 5 x 5 pixels, fewer at the border."""
    height, width, _ = picture.shape
    total = np.zeros_like(picture)
    count = np.zeros((height, width, 1))
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            target = np.s_[max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)]
            source = np.s_[max(0, dy) : height - max(0, -dy), max(0, dx) : width - max(0, -dx)]
            total[target] += picture[source]
            count[target] += 1
    return total / count


def rel_mse(a, b):
    """relMSE of either of two renders that differ in their noise."""
    mean = local_mean((a + b) / 2)
    return float(np.mean((a - b) ** 2 / 2 / (mean**2 + 0.01)))
