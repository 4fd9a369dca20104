"""`mlcroissant` validates the description of a dataset and loads its records from the local folder."""

import json
import os
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CROISSANT_CACHE"] = tempfile.mkdtemp()

import mlcroissant
import numpy as np

from truth import same, truth

truth = truth()
path = truth.dataset / "croissant.json"
document = json.loads(path.read_text())
files = {f["@id"]: f for f in document["distribution"] if f["@type"] == "cr:FileObject"}
assert sorted(files) == [f"data/{os.path.basename(shard)}" for shard in truth.shards]
columns = {f["source"]["extract"]["column"] for f in document["recordSet"][0]["field"]}
assert {"image", "depth_exr", "skin_tone_mst", "scene_json"} <= columns

dataset = mlcroissant.Dataset(str(path))
issues = dataset.metadata.ctx.issues
assert not issues.errors, issues.report()
# Dates are no part of a dataset, whose files are a function of its recipe.
unexpected = [w for w in issues.warnings if "datePublished" not in w]
assert not unexpected, unexpected
for rai in ["data_collection", "data_biases", "data_limitations", "data_social_impact", "data_use_cases",
            "personal_sensitive_information", "data_preprocessing_protocol", "data_release_maintenance_plan"]:
    assert getattr(dataset.metadata, rai), f"no {rai}"

records = sorted(dataset.records("samples"), key=lambda record: record["samples/index"])
assert len(records) == len(truth.rows)
for index, record in enumerate(records):
    wanted = truth.rows[index]
    assert record["samples/sample_id"].decode() == wanted["sample_id"]
    assert record["samples/index"] == wanted["index"]
    assert record["samples/framing"].decode() == wanted["framing"]
    assert record["samples/skin_tone_mst"] == wanted["skin_tone_mst"]
    assert np.float32(record["samples/bmi"]) == np.float32(wanted["bmi"])
    same(np.asarray(record["samples/image"]), truth.plane(index, "rgb8", np.uint8, 3), "croissant")
