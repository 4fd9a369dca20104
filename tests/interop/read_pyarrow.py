"""pyarrow sees every label, the fields' units, and reads one column without the pixels."""

import io
import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from PIL import Image

from truth import same, same_labels, truth
import numpy as np

truth = truth()
row = 0
for path in truth.shards:
    table = pq.read_table(path)
    table.validate(full=True)
    file = pq.ParquetFile(path, page_checksum_verification=True)
    assert file.read().equals(table)
    for record in table.to_pylist():
        same_labels(record, truth.rows[row], f"row {row}")
        image = Image.open(io.BytesIO(record["image"]["bytes"]))
        assert image.mode == "RGB" and image.size == (truth.width, truth.height)
        same(np.asarray(image), truth.plane(row, "rgb8", np.uint8, 3), f"image {row}")
        alpha = Image.open(io.BytesIO(record["alpha"]["bytes"]))
        assert alpha.mode == "L"
        same(np.asarray(alpha), truth.plane(row, "alpha8", np.uint8), f"alpha {row}")
        assert record["image"]["path"] == f"rgb_{record['index']:07}.png"
        preview = Image.open(io.BytesIO(record["preview"]["bytes"]))
        assert preview.size == (4 * -(-truth.width // 4), -(-truth.height // 4))
        assert json.loads(record["scene_json"])["index"] == record["index"]
        row += 1
    schema = pq.read_schema(path)
    assert schema.field("camera_distance_m").metadata[b"unit"] == b"m"
    assert schema.field("skin_tone_mst").metadata[b"sensitive"] == b"true"
    assert schema.field("fx").metadata[b"sensitive"] == b"false"
    assert all(field.metadata[b"desc"] and field.nullable for field in schema)
    assert pa.types.is_dictionary(schema.field("framing").type)
    assert schema.metadata[b"bottega.depth_unit"] == b"m"
    metadata = file.metadata
    assert metadata.created_by == "bottega version 1.1.0"
    for group in range(metadata.num_row_groups):
        for leaf in range(metadata.num_columns):
            column = metadata.row_group(group).column(leaf)
            blob = column.path_in_schema.endswith(".bytes") or column.path_in_schema.endswith("_exr")
            wanted = "UNCOMPRESSED" if blob else "ZSTD"
            assert column.compression == wanted, column.path_in_schema
            assert column.has_offset_index, column.path_in_schema
assert row == len(truth.rows)

faces = pq.read_table(truth.shards[0], columns=["index"], filters=[("framing", "=", "face")])
wanted = [r["index"] for r in truth.rows[: pq.read_metadata(truth.shards[0]).num_rows]
          if r["framing"] == "face"]
assert faces["index"].to_pylist() == wanted
