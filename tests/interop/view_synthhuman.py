"""Reads an exported SynthHuman folder as the scripts that come with the public set do: OpenCV's
`imread` with its usual flags, `numpy.loadtxt`, numbers from 0 until a picture is missing.

The archives of the same samples hold the same files, stored, in order, without a time.
"""

import os
import zipfile

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import cv2
import numpy as np

from truth import same, truth

truth = truth()
folder = truth.folder / "synthhuman"
flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
kinds = [("rgb", "png"), ("alpha", "png"), ("depth", "exr"), ("normal", "exr"), ("cam", "txt")]

# Faces, then full bodies, then upper bodies.
order = ["face", "full_body", "upper_body"]
rows = sorted(truth.rows, key=lambda row: (order.index(row["framing"]), row["index"]))

number = 0
while (folder / f"rgb_{number:07d}.png").exists():
    wanted = rows[number]
    index = wanted["index"]
    bgr = cv2.imread(str(folder / f"rgb_{number:07d}.png"))
    alpha = cv2.imread(str(folder / f"alpha_{number:07d}.png"), cv2.IMREAD_GRAYSCALE)
    depth = cv2.imread(str(folder / f"depth_{number:07d}.exr"), flags)
    normal = cv2.imread(str(folder / f"normal_{number:07d}.exr"), flags)
    k = np.loadtxt(str(folder / f"cam_{number:07d}.txt"))
    same(bgr[:, :, ::-1], truth.plane(index, "rgb8", np.uint8, 3), "picture")
    same(alpha, truth.plane(index, "alpha8", np.uint8), "coverage")
    depth_m = truth.plane(index, "depth_m", np.float32)
    wanted_cm = (depth_m.astype(np.float64) * 100).astype(np.float32)
    wanted_cm[np.isinf(depth_m)] = 65504
    same(depth, wanted_cm, "depth")
    # The scripts reverse the array for a window of BGR: as loaded, it is (X, Y, Z).
    same(normal, truth.plane(index, "normal", np.float32, 3), "normals")
    assert k.tolist() == [[wanted["fx"], 0, wanted["cx"]], [0, wanted["fy"], wanted["cy"]], [0, 0, 1]]
    # What they show: the person by coverage, and the depth that is one.
    person = alpha > 127
    valid = person & (depth != 65504)
    assert valid.sum() > 0.9 * person.sum() and np.isfinite(depth[valid]).all()
    assert normal[valid][:, 2].mean() > 0.5, "people face the camera"
    number += 1
assert number == len(truth.rows)

archives = sorted((truth.folder / "synthhuman_zip").glob("*.zip"))
assert [path.name for path in archives] == ["Ball_0000.zip", "Ball_0001.zip", "Ball_0002.zip"]
members = []
for path in archives:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED and info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr >> 16 == 0o100644 and info.extra == b"" and not info.flag_bits & 8
            assert archive.read(info) == (folder / info.filename).read_bytes()
            members.append(info.filename)
assert members == [f"{kind}_{i:07d}.{ending}" for i in range(number) for kind, ending in kinds]
