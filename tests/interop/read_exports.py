"""Others read what a dataset was exported as: WebDataset by `datasets` and `webdataset`, NPZ by NumPy,
COCO by its documented run lengths and by `pycocotools`, FaceSynthetics by OpenCV."""

import contextlib
import io
import json
import os
import tarfile
import tempfile

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp()

import cv2
import numpy as np
import webdataset
from datasets import load_dataset
from pycocotools import mask as runs
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from truth import same, same_labels, truth

truth = truth()
flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH


def exr(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), flags)


# WebDataset.
tars = sorted((truth.folder / "webdataset").glob("*.tar"))
assert [path.name for path in tars] == ["train-000000.tar", "train-000001.tar", "train-000002.tar"]
members = [member for path in tars for member in tarfile.open(path).getmembers()]
assert all(m.mtime == 0 and m.uid == 0 and m.mode == 0o644 and m.isreg() for m in members)
rows = load_dataset("webdataset", data_files=[str(path) for path in tars], split="train")
assert len(rows) == len(truth.rows)
for index, row in enumerate(rows):
    wanted = truth.rows[index]
    assert row["__key__"] == wanted["sample_id"]
    same(np.asarray(row["rgb.png"]), truth.plane(index, "rgb8", np.uint8, 3), "tar picture")
    same(np.asarray(row["alpha.png"]), truth.plane(index, "alpha8", np.uint8), "tar coverage")
    same(exr(row["depth.exr"]), truth.plane(index, "depth_m", np.float32), "tar depth")
    same(exr(row["normal.exr"])[:, :, ::-1], truth.plane(index, "normal", np.float32, 3), "tar normals")
    assert row["cam.json"]["fx"] == wanted["fx"] and row["cam.json"]["depth_unit"] == "m"
    same_labels(row["meta.json"], {k: wanted[k] for k in ["index", "framing", "skin_tone_mst", "bmi"]}, "tar")
stream = webdataset.WebDataset([str(path) for path in tars], shardshuffle=False).decode("rgb8")
stream = list(stream)
assert [row["__key__"] for row in stream] == [row["sample_id"] for row in truth.rows]
for index, row in enumerate(stream):
    wanted = truth.rows[index]
    same(row["rgb.png"], truth.plane(index, "rgb8", np.uint8, 3), "picture by webdataset")
    # Its decoder of pictures gives three channels to grey ones too.
    same(row["alpha.png"][:, :, 0], truth.plane(index, "alpha8", np.uint8), "coverage by webdataset")
    same(exr(row["depth.exr"]), truth.plane(index, "depth_m", np.float32), "depth by webdataset")
    assert row["cam.json"]["cx"] == wanted["cx"], "webdataset reads JSON by itself"
    same_labels(row["meta.json"], {k: wanted[k] for k in ["index", "pose_id", "age_years"]}, "webdataset")

# NPZ.
labels = [json.loads(line) for line in (truth.folder / "npz/labels.jsonl").read_text().splitlines()]
for index, wanted in enumerate(truth.rows):
    same_labels(labels[index], wanted, f"npz labels {index}")
    with np.load(truth.folder / f"npz/{wanted['sample_id']}.npz", allow_pickle=False) as arrays:
        same(arrays["rgb"], truth.plane(index, "rgb8", np.uint8, 3), "npz picture")
        same(arrays["alpha"], truth.plane(index, "alpha8", np.uint8), "npz coverage")
        same(arrays["depth_m"], truth.plane(index, "depth_m", np.float32), "npz depth")
        same(arrays["normal"], truth.plane(index, "normal", np.float32, 3), "npz normals")
        same(arrays["landmarks_px"], np.array(wanted["landmarks_px"], np.float32).reshape(-1, 2), "npz landmarks")
        same(arrays["joints_visibility"], np.array(wanted["joints_visibility"], np.int8), "npz visibility")
        same(arrays["range"], truth.plane(index, "range", np.float32), "npz range")
        same(arrays["layers_whole"], truth.plane(index, "layers_whole", np.float32, 4), "npz layers")
        wanted_k = [[wanted["fx"], 0, wanted["cx"]], [0, wanted["fy"], wanted["cy"]], [0, 0, 1]]
        assert arrays["K"].tolist() == wanted_k and arrays["world_from_camera"].shape == (4, 4)


# COCO.
def unpack_runs(text):
    """Run lengths of the packed text of COCO, written from its description."""
    runs, number, shift = [], 0, 0
    for character in text:
        group = ord(character) - 48
        number |= (group & 0x1F) << shift
        shift += 5
        if not group & 0x20:
            if group & 0x10:
                number -= 1 << shift
            runs.append(number + (runs[-2] if len(runs) > 2 else 0))
            number, shift = 0, 0
    return runs


def mask_of(segmentation):
    height, width = segmentation["size"]
    runs = unpack_runs(segmentation["counts"])
    flat = np.repeat(np.arange(len(runs)) % 2, runs)
    assert flat.size == height * width
    return flat.reshape(width, height).T.astype(bool)


coco_path = truth.folder / "coco/annotations.json"
coco = json.loads(coco_path.read_text())
assert [image["id"] for image in coco["images"]] == [row["index"] for row in truth.rows]
persons = {a["image_id"]: a for a in coco["annotations"] if a["category_id"] == 1}
skin = {a["image_id"]: a for a in coco["annotations"] if a["category_id"] == 101}
assert len({a["id"] for a in coco["annotations"]}) == len(coco["annotations"])
for image, wanted in zip(coco["images"], truth.rows):
    index = wanted["index"]
    picture = cv2.imread(str(truth.folder / "coco/images" / image["file_name"]))
    same(picture[:, :, ::-1], truth.plane(index, "rgb8", np.uint8, 3), "coco picture")
    alpha = truth.plane(index, "alpha8", np.uint8)
    same(mask_of(persons[index]["segmentation"]), alpha >= 128, "coco mask")
    x0, y0, x1, y1 = (wanted[f"bbox_{side}"] for side in ["x0", "y0", "x1", "y1"])
    assert persons[index]["bbox"] == [x0, y0, x1 - x0, y1 - y0]
    assert persons[index]["area"] == (alpha >= 128).sum()
    assert persons[index]["attributes"]["framing"] == wanted["framing"]
    parts = truth.plane(index, "part_id", np.float32)
    same(mask_of(skin[index]["segmentation"]), parts == 1, "coco part")
assert coco["info"]["left_out"] == [] and len(coco["categories"][0]["keypoints"]) == 17
for index, wanted in enumerate(truth.rows):
    seen = np.array(wanted["joints_visibility"])[:, None]
    points = np.hstack([np.array(wanted["joints_px"]).reshape(-1, 2), seen]) * (seen > 0)
    for name, joints in [("keypoints", points[:17]), ("foot_kpts", points[17:23]), ("righthand_kpts", points[54:])]:
        found = np.array(persons[index][name]).reshape(-1, 3)
        assert np.abs(found - joints).max() < 1e-3, name
    assert persons[index]["num_keypoints"] == (seen[:17] > 0).sum()
with contextlib.redirect_stdout(io.StringIO()):
    found = COCO(str(coco_path))
assert sorted(found.getImgIds()) == [row["index"] for row in truth.rows]
assert found.getAnnIds(iscrowd=True) == [] and len(found.getAnnIds(iscrowd=False)) == len(coco["annotations"])
for annotation in found.loadAnns(found.getAnnIds()):
    index, category = annotation["image_id"], annotation["category_id"]
    if category == 1:
        wanted = truth.plane(index, "alpha8", np.uint8) >= 128
    else:
        wanted = truth.plane(index, "part_id", np.float32) == category - 100
    same(found.annToMask(annotation).astype(bool), wanted, f"mask of {category} by pycocotools")
    segmentation = annotation["segmentation"]
    assert runs.area(segmentation) == annotation["area"] == wanted.sum()
    assert runs.toBbox(segmentation).tolist() == annotation["bbox"]
    assert runs.encode(np.asfortranarray(wanted.astype(np.uint8)))["counts"].decode() == segmentation["counts"]

# The measure of keypoints reads them, and finds them perfect beside themselves, not so when moved.
persons_only = [a for a in found.loadAnns(found.getAnnIds(catIds=[1])) if a["num_keypoints"]]
for shift, is_perfect in [(0, True), (30, False)]:
    results = []
    for person in persons_only:
        points = np.array(person["keypoints"], float).reshape(-1, 3)
        points[:, :2] += shift
        keys = {key: person[key] for key in ["image_id", "category_id"]}
        results.append(keys | {"keypoints": points.ravel().tolist(), "score": 1.0})
    with contextlib.redirect_stdout(io.StringIO()):
        measure = COCOeval(found, found.loadRes(results), "keypoints")
        measure.params.areaRng = [[0, 1e10]]
        measure.params.areaRngLbl = ["all"]
        measure.params.catIds = [1]
        measure.evaluate()
        measure.accumulate()
    precision = measure.eval["precision"]
    assert (precision.min() == 1) == is_perfect, f"precision {precision.min()} at {shift} px"

# FaceSynthetics.
for index in range(len(truth.rows)):
    seg = cv2.imread(str(truth.folder / f"faces/{index:06}_seg.png"), cv2.IMREAD_UNCHANGED)
    same(seg, truth.plane(index, "part_id", np.float32).astype(np.uint8), "segmentation")
    picture = cv2.imread(str(truth.folder / f"faces/{index:06}.png"))
    same(picture[:, :, ::-1], truth.plane(index, "rgb8", np.uint8, 3), "faces picture")
    landmarks = np.loadtxt(truth.folder / f"faces/{index:06}_ldmks.txt")
    assert landmarks.shape == (70, 2)
    wanted = np.array(truth.rows[index]["landmarks_px"]).reshape(-1, 2)
    assert np.abs(landmarks - wanted).max() < 1e-3, "landmarks"
