"""Hugging Face `datasets` decodes the pictures, map-style and streaming, from files and folder."""

import os
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

import numpy as np
from datasets import Image as ImageFeature
from datasets import Value, load_dataset

from truth import same, same_labels, truth

truth = truth()


def check(rows):
    n_rows = 0
    for n_rows, row in enumerate(rows, 1):
        wanted = truth.rows[n_rows - 1]
        same_labels(row, wanted, f"row {n_rows - 1}")
        image, alpha = row["image"], row["alpha"]
        assert image.mode == "RGB" and image.size == (truth.width, truth.height), image
        assert alpha.mode == "L" and alpha.size == image.size, alpha
        same(np.asarray(image), truth.plane(n_rows - 1, "rgb8", np.uint8, 3), "image")
        same(np.asarray(alpha), truth.plane(n_rows - 1, "alpha8", np.uint8), "alpha")
        assert row["depth_exr"][:4] == b"\x76\x2f\x31\x01"
    assert n_rows == len(truth.rows)


files = load_dataset("parquet", data_files=truth.shards, split="train")
assert files.features["image"] == ImageFeature() and files.features["alpha"] == ImageFeature()
assert files.features["depth_exr"] == Value("binary")
assert files.features["framing"] == Value("string")
assert files.features["skin_tone_mst"] == Value("int8")
check(files)

# The folder as it is published: the card says which files are which split.
folder = load_dataset(str(truth.dataset))
assert list(folder) == ["train"]
check(folder["train"])

stream = load_dataset("parquet", data_files=truth.shards, split="train", streaming=True)
check(stream)
columns = load_dataset(
    "parquet", data_files=truth.shards, split="train", columns=["index", "skin_tone_mst"]
)
assert columns["skin_tone_mst"][:] == [row["skin_tone_mst"] for row in truth.rows]
