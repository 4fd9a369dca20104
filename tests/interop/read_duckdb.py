"""DuckDB queries labels, picture bytes, the scene document and the file's own metadata."""

import duckdb

from truth import truth

truth = truth()
files = f"read_parquet({truth.shards!r})"
rows = duckdb.sql(
    f"SELECT index, framing, skin_tone_mst, depth_p50_m, world_from_camera, garments, "
    f"octet_length(image.bytes), octet_length(depth_exr), scene_json::JSON->>'$.index', "
    f"image.path FROM {files} ORDER BY index"
).fetchall()
assert len(rows) == len(truth.rows)
for found, wanted in zip(rows, truth.rows):
    index, framing, tone, depth, matrix, garments, png, exr, scene_index, path = found
    assert (index, framing, tone) == (wanted["index"], wanted["framing"], wanted["skin_tone_mst"])
    assert abs(depth - wanted["depth_p50_m"]) < 1e-6
    assert list(matrix) == wanted["world_from_camera"] and garments == wanted["garments"]
    assert png > 100 and exr > 100 and int(scene_index) == index
    assert path == f"rgb_{index:07}.png"
counts = dict(duckdb.sql(f"SELECT framing, count(*) FROM {files} GROUP BY framing").fetchall())
assert counts["face"] == sum(row["framing"] == "face" for row in truth.rows)
pairs = duckdb.sql(f"SELECT key, value FROM parquet_kv_metadata({truth.shards!r})").fetchall()
assert (b"bottega.depth_kind", b"z") in pairs
