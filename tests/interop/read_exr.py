"""OpenCV 4 and OpenEXR read the planes: right values, right order, infinity kept."""

import os
import tempfile
from pathlib import Path

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import cv2
import numpy as np
import OpenEXR
import pyarrow.parquet as pq

from truth import same, truth

truth = truth()
scratch = Path(tempfile.mkdtemp())
scalars = [
    "range", "depth_median", "normal_length", "depth_min", "depth_max", "depth_deviation", "glass",
    "glass_depth", "instance_id",
]
vectors = [
    "normal_mean", "glass_normal", "normal_fiber", "normal_proxy", "normal_geometric", "albedo",
    "position", "uv",
]
layers = [
    group + "layers_" + kind for group in ["", "skin_", "hair_", "worn_"] for kind in ["visible", "whole"]
]
bytes_ = ["part_id", "hair_mask"]
optional = [name + "_exr" for name in scalars + vectors + layers]
columns = ["depth_exr", "normal_exr", "sample_id"] + optional + bytes_
records = [record for path in truth.shards for record in pq.read_table(path, columns=columns).to_pylist()]
assert len(records) == len(truth.rows)
for row, record in enumerate(records):
    depth = truth.plane(row, "depth_m", np.float32)
    normal = truth.plane(row, "normal", np.float32, 3)
    assert np.isinf(depth).any() and np.isfinite(depth).any()

    # In memory, as loaders do, and from a file, with both flags that people use.
    flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
    found = cv2.imdecode(np.frombuffer(record["depth_exr"], np.uint8), flags)
    same(found, depth, f"depth {row} by OpenCV")
    path = scratch / f"{row}.exr"
    path.write_bytes(record["depth_exr"])
    same(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), depth, f"depth {row} by OpenCV")
    bgr = cv2.imdecode(np.frombuffer(record["normal_exr"], np.uint8), flags)
    same(bgr[:, :, ::-1], normal, f"normals {row} by OpenCV")
    for name in scalars:
        found = cv2.imdecode(np.frombuffer(record[name + "_exr"], np.uint8), flags)
        same(found, truth.plane(row, name, np.float32), f"{name} {row} by OpenCV")
    for name in vectors:
        found = cv2.imdecode(np.frombuffer(record[name + "_exr"], np.uint8), flags)
        same(found[:, :, ::-1], truth.plane(row, name, np.float32, 3), f"{name} {row} by OpenCV")
    for name in layers:
        file = np.frombuffer(record[name + "_exr"], np.uint8)
        found = cv2.imdecode(file, cv2.IMREAD_UNCHANGED)[:, :, [2, 1, 0, 3]]
        same(found, truth.plane(row, name, np.float32, 4), f"{name} {row} by OpenCV")
    for name in bytes_:
        found = cv2.imdecode(np.frombuffer(record[name]["bytes"], np.uint8), cv2.IMREAD_UNCHANGED)
        same(found, truth.plane(row, name, np.float32).astype(np.uint8), f"{name} {row} by OpenCV")

    with OpenEXR.File(str(path), separate_channels=True) as file:
        header, channels = file.header(), file.channels()
        assert list(channels) == ["Y"]
        same(channels["Y"].pixels, depth, f"depth {row} by OpenEXR")
        assert header["compression"] == OpenEXR.ZIP_COMPRESSION
        assert header["bottega.unit"] == "m" and header["bottega.layer"] == "depth"
        assert header["bottega.sample_id"] == record["sample_id"]

# The multi-part sample file.
with OpenEXR.File(str(truth.folder / "sample.exr"), separate_channels=True) as file:
    parts = {part.name(): part for part in file.parts}
    assert list(parts) == [
        "rgba", "display", "depth", "normal", "range", "depth_median", "normal_mean", "part_id",
        "normal_length", "depth_min", "depth_max", "depth_deviation", "hair_mask",
        *layers, "glass", "glass_depth", "glass_normal", "normal_fiber",
        "normal_proxy", "normal_geometric", "albedo", "position", "uv", "instance_id",
    ]
    same(parts["depth"].channels["Y"].pixels, truth.plane(0, "depth_m", np.float32), "depth part")
    rgba = parts["rgba"].channels
    assert sorted(rgba) == ["A", "B", "G", "R"] and rgba["R"].pixels.dtype == np.float16
    linear = truth.plane(0, "rgb_linear", np.float32, 3)
    for i, name in enumerate("RGB"):
        same(rgba[name].pixels.astype(np.float32), linear[:, :, i], f"linear {name}")
    display = parts["display"].channels
    rgb8 = truth.plane(0, "rgb8", np.uint8, 3)
    for i, name in enumerate("RGB"):
        found = np.rint(display[name].pixels.astype(np.float32) * 255).astype(np.uint8)
        same(found, rgb8[:, :, i], f"display {name}")
    normal = truth.plane(0, "normal", np.float32, 3)
    for i, name in enumerate("RGB"):
        found = parts["normal"].channels[name].pixels.astype(np.float32)
        same(found, normal[:, :, i], f"normal {name}")
    assert "bottega.scene" in parts["rgba"].header
