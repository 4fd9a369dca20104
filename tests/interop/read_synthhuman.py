"""Reads an exported SynthHuman folder as its users do, and the dataset imported from the folder of
`write_synthhuman.py`, whose values it computes again.

    python read_synthhuman.py EXPORTED_FOLDER IMPORTED_DATASET
"""

import io
import os
import sys
from pathlib import Path

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import cv2
import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from truth import same
from write_synthhuman import FOCAL, HEIGHT, NONE_CM, WIDTH, ball

exported, imported = Path(sys.argv[1]), Path(sys.argv[2])
flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH


def load(path):
    return cv2.imread(str(path), flags)


shards = sorted((imported / "data").glob("*.parquet"))
rows = [row for shard in shards for row in pq.read_table(shard).to_pylist()]
assert len(rows) >= 5
for index, row in enumerate(rows):
    rgb, alpha, depth_cm, normal = ball(index)
    # What was imported.
    assert row["index"] == row["source_index"] == index
    assert (row["fx"], row["cx"], row["cy"]) == (FOCAL, WIDTH / 2, HEIGHT / 2)
    for name in ["framing", "skin_tone_mst", "age_years", "hair_type", "lighting_id", "seed", "spp",
                 "scene_json", "identity_id", "world_from_camera", "garments"]:
        assert row[name] is None, f"{name} was invented: {row[name]}"
    same(np.asarray(Image.open(io.BytesIO(row["image"]["bytes"]))), rgb[:, :, ::-1], "picture")
    same(np.asarray(Image.open(io.BytesIO(row["alpha"]["bytes"]))), alpha, "coverage")
    depth_m = cv2.imdecode(np.frombuffer(row["depth_exr"], np.uint8), flags)
    wanted = (depth_cm.astype(np.float64) / 100).astype(np.float32)
    wanted[depth_cm == NONE_CM] = np.inf
    same(depth_m, wanted, "depth")
    found = cv2.imdecode(np.frombuffer(row["normal_exr"], np.uint8), flags)[:, :, ::-1]
    same(found, normal.astype(np.float16).astype(np.float32), "normals")
    # What was exported of it again.
    same(load(exported / f"rgb_{index:07}.png"), rgb, "exported picture")
    grey = cv2.imread(str(exported / f"alpha_{index:07}.png"), cv2.IMREAD_GRAYSCALE)
    same(grey, alpha, "exported coverage")
    again = load(exported / f"depth_{index:07}.exr")
    assert again.dtype == np.float32 and ((again == NONE_CM) == (depth_cm == NONE_CM)).all()
    assert (np.abs(again - depth_cm) <= np.spacing(depth_cm)).all()
    # As loaded, the array is (X, Y, Z).
    same(load(exported / f"normal_{index:07}.exr"), found, "exported normals")
    cam = np.loadtxt(exported / f"cam_{index:07}.txt")
    assert (cam == [[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1]]).all()
