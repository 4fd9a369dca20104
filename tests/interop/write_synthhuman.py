"""Writes a folder of the SynthHuman layout with OpenCV and NumPy alone, and one as zip archives.

Balls before a camera, in the units and the channel order of the public set: depth in centimetres,
65504 where there is none, normals written as (X, Y, Z), which OpenCV stores as B, G, R.

    python write_synthhuman.py FOLDER [--count N] [--half]
"""

import argparse
import os
import zipfile
from pathlib import Path

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import cv2
import numpy as np

WIDTH, HEIGHT = 48, 64
FOCAL = 60.25
NONE_CM = 65504.0


def ball(index):
    """Picture, coverage, depth in centimetres and normals of one sample."""
    x = (np.arange(WIDTH) + 0.5 - WIDTH / 2)[None, :] / FOCAL
    y = (HEIGHT / 2 - np.arange(HEIGHT) - 0.5)[:, None] / FOCAL
    direction = np.stack(np.broadcast_arrays(x, y, -1.0), -1)
    center = np.array([1.5 * (index % 5) - 3.0, 2.0 * (index % 3) - 2.0, -150.0 - 7.0 * index])
    radius = 38.0 + index % 4
    dd = (direction**2).sum(-1)
    dc = direction @ center
    discriminant = dc**2 - dd * (center @ center - radius**2)
    hit = discriminant > 0
    depth = (dc - np.sqrt(np.maximum(discriminant, 0))) / dd
    normal = (direction * depth[..., None] - center) / radius
    normal[~hit] = 0
    depth[~hit] = NONE_CM
    facing = np.clip(normal[..., 2], 0, 1)
    alpha = np.maximum(np.rint(255 * coverage(center, radius)), hit).astype(np.uint8)
    noise = np.random.default_rng(index).integers(0, 12, (HEIGHT, WIDTH, 3))
    shade = np.where(hit[..., None], 40 + 150 * facing[..., None] * [0.6, 0.8, 1.0], 170 - 9 * (index % 8))
    return (shade + noise).astype(np.uint8), alpha, depth.astype(np.float32), normal.astype(np.float32)


def coverage(center, radius, cells=8):
    """Share of each pixel that a ball covers, by a grid of rays."""
    x = ((np.arange(WIDTH * cells) + 0.5) / cells - WIDTH / 2)[None, :] / FOCAL
    y = (HEIGHT / 2 - (np.arange(HEIGHT * cells) + 0.5) / cells)[:, None] / FOCAL
    direction = np.stack(np.broadcast_arrays(x, y, -1.0), -1)
    dc = direction @ center
    hit = dc**2 > (direction**2).sum(-1) * (center @ center - radius**2)
    return hit.reshape(HEIGHT, cells, WIDTH, cells).mean((1, 3))


def write(folder, index, half):
    """Writes the five files of a sample."""
    kind = cv2.IMWRITE_EXR_TYPE_HALF if half else cv2.IMWRITE_EXR_TYPE_FLOAT
    exr = [cv2.IMWRITE_EXR_TYPE, kind]
    rgb, alpha, depth, normal = ball(index)
    name = f"{index:07}"
    assert cv2.imwrite(str(folder / f"rgb_{name}.png"), rgb)
    assert cv2.imwrite(str(folder / f"alpha_{name}.png"), alpha)
    assert cv2.imwrite(str(folder / f"depth_{name}.exr"), depth, exr)
    assert cv2.imwrite(str(folder / f"normal_{name}.exr"), normal, exr)
    cam = np.array([[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1]])
    np.savetxt(folder / f"cam_{name}.txt", cam)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=7)
    parser.add_argument("--half", action="store_true")
    args = parser.parse_args()
    loose = args.folder / "loose"
    loose.mkdir(parents=True)
    for index in range(args.count):
        write(loose, index, args.half)
    # The first archive deflated and flat, the second stored and below a folder.
    for part, (method, prefix) in enumerate([(zipfile.ZIP_DEFLATED, ""), (zipfile.ZIP_STORED, "SynthHuman/")]):
        with zipfile.ZipFile(args.folder / f"SynthHuman_{part:04}.zip", "w", method) as archive:
            for path in sorted(loose.iterdir()):
                index = int(path.stem.split("_")[1])
                if index % 2 == part:
                    archive.write(path, prefix + path.name)


if __name__ == "__main__":
    main()
