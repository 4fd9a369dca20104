"""How Python reads the four planes: OpenCV alone, and the fastest of the usual decoders for each.

Every function takes the bytes of a file and gives an array; none swaps channels or makes a copy
that is not needed, so OpenCV's pictures and normals stay in its order B, G, R.
"""

import io
import os
import time

os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")

import cv2
import numpy as np
import OpenEXR
from PIL import Image

cv2.setNumThreads(1)
PLANES = ("rgb.png", "alpha.png", "depth.exr", "normal.exr")


def cv2_any(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def pillow_any(data):
    return np.asarray(Image.open(io.BytesIO(data)))


class _Memory:
    """OpenEXR's bindings read files by name only: bytes go through a file that lives in memory."""

    def __init__(self, data):
        self.fd = os.memfd_create("exr")
        os.write(self.fd, data)

    def __enter__(self):
        return f"/proc/self/fd/{self.fd}"

    def __exit__(self, *_):
        os.close(self.fd)


def openexr_channel(data, name):
    with _Memory(data) as path, OpenEXR.File(path) as file:
        pixels = file.channels()[name].pixels
        return pixels if pixels.dtype == np.float32 else pixels.astype(np.float32)


def openexr_depth(data):
    return openexr_channel(data, "Y")


def openexr_normal(data):
    return openexr_channel(data, "RGB")


CANDIDATES = {
    "rgb.png": [cv2_any, pillow_any],
    "alpha.png": [cv2_any, pillow_any],
    "depth.exr": [cv2_any, openexr_depth],
    "normal.exr": [cv2_any, openexr_normal],
}
OPENCV = {plane: cv2_any for plane in PLANES}


def cpu_ms(decode, files):
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for data in files:
            decode(data)
        best = min(best, time.process_time() - start)
    return 1e3 * best / len(files)


def best_mix(samples):
    """The fastest decoder of each plane on these samples, and what each candidate took, in ms."""
    mix, table = {}, {}
    for plane in PLANES:
        files = [sample[plane] for sample in samples]
        times = {decode: cpu_ms(decode, files) for decode in CANDIDATES[plane]}
        mix[plane] = min(times, key=times.get)
        table[plane] = {decode.__name__: ms for decode, ms in times.items()}
    return mix, table


def by_names(names):
    """The mix whose functions have these names."""
    return {plane: globals()[name] for plane, name in names.items()}


def check(samples):
    """Every candidate gives the same values."""
    for sample in samples:
        for plane in PLANES:
            first, *others = [decode(sample[plane]) for decode in CANDIDATES[plane]]
            for other in others:
                # OpenCV has the channels the other way round.
                turned = first[..., ::-1] if first.ndim == 3 else first
                np.testing.assert_array_equal(turned, other)
