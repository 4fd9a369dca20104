"""Polars reads all columns, scans lazily, and groups without touching the pixels."""

import io

import numpy as np
import polars as pl
from PIL import Image

from truth import same, same_labels, truth

truth = truth()
frame = pl.read_parquet(truth.shards).sort("index")
assert frame.height == len(truth.rows)
for row, record in enumerate(frame.iter_rows(named=True)):
    same_labels(record, truth.rows[row], f"row {row}")
    image = Image.open(io.BytesIO(record["image"]["bytes"]))
    same(np.asarray(image), truth.plane(row, "rgb8", np.uint8, 3), f"image {row}")
assert frame.schema["world_from_camera"] == pl.Array(pl.Float64, 16)
assert frame.schema["framing"] == pl.Categorical

counts = (
    pl.scan_parquet(truth.shards)
    .group_by(pl.col("framing").cast(pl.String))
    .agg(pl.col("fg_fraction").mean(), pl.len())
    .sort("framing")
    .collect()
)
for framing, mean, count in counts.iter_rows():
    wanted = [row["fg_fraction"] for row in truth.rows if row["framing"] == framing]
    assert count == len(wanted) and abs(mean - np.mean(wanted)) < 1e-6
