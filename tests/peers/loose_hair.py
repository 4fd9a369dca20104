"""Gives a bench scene loose hair and another light: the hardest case for a ray tracer.

30,000 strands of 16 segments, 8 to 25 cm long, grow from the roots of the strand file with the
most strands, away from the head and down, none tidy. Everything else is copied.
"""

import argparse
import json
import shutil
import struct
from pathlib import Path

import numpy as np

import bench_scene

STRANDS, SEGMENTS = 30_000, 16
HEAD_RADIUS_M = 0.105
ROOT_RADIUS_M, TIP_RADIUS_M = 40e-6, 12e-6


def grow(roots, rng):
    """Points of every strand, in metres."""
    center = roots.mean(axis=0) - [0, 0.03, 0]
    position = roots[rng.integers(0, len(roots), STRANDS)] + rng.normal(0, 1.5e-3, (STRANDS, 3))
    direction = position - center
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    direction += rng.normal(0, 0.25, (STRANDS, 3))
    step = rng.uniform(0.08, 0.25, (STRANDS, 1)) / SEGMENTS
    points = [position]
    for _ in range(SEGMENTS):
        direction = direction + [0, -0.22, 0] + rng.normal(0, 0.06, (STRANDS, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        position = position + direction * step
        away = position - center
        distance = np.linalg.norm(away, axis=1, keepdims=True)
        pushed = center + away / distance * HEAD_RADIUS_M
        position = np.where(distance < HEAD_RADIUS_M, pushed, position)
        points.append(position)
    return np.stack(points, axis=1)


def write_curves(path, points):
    """A BCRV file of strands that all have as many points."""
    n_strands, n_points, _ = points.shape
    offsets = np.arange(n_strands + 1, dtype="<u4") * n_points
    radii = np.tile(np.linspace(ROOT_RADIUS_M, TIP_RADIUS_M, n_points), n_strands)
    header = struct.pack("<4s5I", b"BCRV", 1, n_strands, n_strands * n_points, 1, 0)
    body = [offsets.astype("<u4"), points.astype("<f4"), radii.astype("<f4")]
    path.write_bytes(header + b"".join(part.tobytes() for part in body))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the bench scene")
    parser.add_argument("--environment", type=Path, required=True, help="equirectangular EXR file")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    document = json.loads((args.folder / "scene.json").read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.folder / document["mesh"], args.out / document["mesh"])
    shutil.copy(args.environment, args.out / "environment.exr")

    groomed = [bench_scene.curves(args.folder / entry["file"]) for entry in document["curves"]]
    offsets, points, _ = max(groomed, key=lambda curves: len(curves[0]))
    write_curves(args.out / "hair.bcrv", grow(points[offsets[:-1]], np.random.default_rng(1)))
    document["curves"] = [{"file": "hair.bcrv", "material": "hair"}]
    document["materials"]["hair"] = {
        "type": "hair_chiang",
        "absorption_coefficient": [0.12, 0.45, 1.5],
        "beta_m": 0.3,
        "beta_n": 0.35,
        "alpha_deg": 2.5,
        "ior": 1.55,
    }
    document["environment"] = {"file": "environment.exr", "scale": 1.0, "rotation_deg": 0.0}
    (args.out / "scene.json").write_text(json.dumps(document, indent=1))


main()
