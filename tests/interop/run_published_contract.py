"""Runs an exported model on a photograph the way the published runtime does.

The first input is taken whatever its name, outputs by their order. The folder given holds
`model.onnx`, `picture.png` and `tasks.txt`: `depth`, `normal`, `alpha` for a model of one task,
`all` for one of three. Written beside them: `depth.bin` (larger is farther), `normal.bin`
(H x W x 3, X, Y, Z), `alpha.bin`, as floats at the size of the picture.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

folder = Path(sys.argv[1])
tasks = (folder / "tasks.txt").read_text().strip()

providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
available = [name for name in providers if name in onnxruntime.get_available_providers()]
session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=available)
source = session.get_inputs()[0]
channels, rows, columns = source.shape[1:]
assert channels == 3 and rows == columns and all(isinstance(n, int) for n in source.shape[1:])
side = rows

picture = cv2.imread(str(folder / "picture.png"), cv2.IMREAD_UNCHANGED)
assert picture.ndim == 3 and picture.shape[2] == 3
scale = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}[picture.dtype]
height, width = picture.shape[:2]
square = max(height, width)
top, left = (square - height) // 2, (square - width) // 2
bottom, right = square - height - top, square - width - left


def prepare(picture):
    image = np.clip(picture.astype(np.float32) / scale, 0, 1)
    image = cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REPLICATE)
    while min(image.shape[:2]) > 3 * side:
        image = cv2.pyrDown(image)
    image = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(image.transpose(2, 0, 1)).reshape(1, *source.shape[1:])


def restore(plane):
    plane = cv2.resize(plane, (square, square), interpolation=cv2.INTER_CUBIC)
    return plane[top : top + height, left : left + width]


def write(name, values):
    np.ascontiguousarray(values, "<f4").tofile(folder / f"{name}.bin")


def write_depth(output, is_inverse):
    assert output.shape == (1, side, side)
    depth = restore(output[0])
    write("depth", -depth if is_inverse else depth)


def write_normal(output):
    assert output.shape == (1, 3, side, side)
    normal = restore(np.ascontiguousarray(output[0].transpose(1, 2, 0)))
    write("normal", normal / (np.linalg.norm(normal, axis=2, keepdims=True) + 1e-8))


def write_alpha(output):
    assert output.shape == (1, 1, side, side)
    write("alpha", np.clip(restore(output[0, 0]), 0, 1))


outputs = session.run(None, {source.name: prepare(picture)})
if tasks == "depth":
    write_depth(outputs[0], is_inverse=True)
elif tasks == "normal":
    write_normal(outputs[0])
elif tasks == "alpha":
    write_alpha(outputs[0])
else:
    assert tasks == "all" and len(outputs) == 3
    write_depth(outputs[0], is_inverse=False)
    write_normal(outputs[1])
    write_alpha(outputs[2])
