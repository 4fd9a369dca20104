"""Renders a bench scene with Mitsuba 3 (llvm_ad_rgb); skin is shown without subsurface."""

import argparse
import json
import math
import struct
import tempfile
from pathlib import Path

import mitsuba as mi
import numpy as np

import bench_scene

mi.set_variant("llvm_ad_rgb")


def meshes(path):
    """(name, material name, positions, normals, triangles) and the camera of a .glb file."""
    data = Path(path).read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    document = json.loads(data[20 : 20 + length])
    blob = data[20 + length + 8 :]

    def array(index):
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}[accessor["type"]]
        kind = {5126: "<f4", 5125: "<u4"}[accessor["componentType"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        values = np.frombuffer(blob, kind, accessor["count"] * width, start)
        return values.reshape(-1, width) if width > 1 else values

    camera = None
    found = []
    for node in document["nodes"]:
        if "camera" in node:
            lens = document["cameras"][node["camera"]]["perspective"]
            camera = (np.array(node["matrix"]).reshape(4, 4).T, lens["yfov"])
        if "mesh" in node:
            for primitive in document["meshes"][node["mesh"]]["primitives"]:
                attributes = primitive["attributes"]
                normals = array(attributes["NORMAL"]) if "NORMAL" in attributes else None
                name = document["materials"][primitive["material"]]["name"]
                triangles = array(primitive["indices"]).reshape(-1, 3)
                found.append((node["name"], name, array(attributes["POSITION"]), normals, triangles))
    return found, camera


def bsdf(kind, numbers):
    """A material as a dictionary."""
    if kind == "hair_chiang":
        return {
            "type": "hair",
            "sigma_a": {"type": "rgb", "value": numbers["absorption_coefficient"]},
            "longitudinal_roughness": numbers["beta_m"],
            "azimuthal_roughness": numbers["beta_n"],
            "scale_tilt": numbers["alpha_deg"],
            "int_ior": numbers.get("ior", 1.55),
        }
    color = {"type": "rgb", "value": numbers["base_color"]}
    if kind == "diffuse":
        return {"type": "twosided", "inner": {"type": "diffuse", "reflectance": color}}
    eta = numbers.get("ior", 1.5)
    principled = {"type": "principled", "base_color": color, "roughness": numbers["roughness"], "eta": eta}
    return {"type": "twosided", "inner": principled}


def build(document, scratch):
    folder = document["folder"]
    found, (matrix, yfov) = meshes(folder / document["mesh"])
    image, light = document["image"], document["environment"]
    # Mitsuba's cameras look along +Z and have +X to the left.
    to_world = mi.ScalarTransform4f(matrix) @ mi.ScalarTransform4f().rotate([0, 1, 0], 180)
    turn = mi.ScalarTransform4f().rotate([0, 1, 0], 90 + light.get("rotation_deg", 0.0))
    scene = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": document["paths"]["max_bounces_total"] + 1},
        "sensor": {
            "type": "perspective",
            "fov": math.degrees(yfov),
            "fov_axis": "y",
            "to_world": to_world,
            "film": {
                "type": "hdrfilm",
                "width": image["width"],
                "height": image["height"],
                "rfilter": {"type": "box"},
                "pixel_format": "rgb",
                "component_format": "float32",
            },
        },
        "light": {
            "type": "envmap",
            "filename": str(folder / light["file"]),
            "scale": light.get("scale", 1.0),
            "to_world": turn,
        },
    }
    for name, (kind, numbers) in document["materials"].items():
        scene[name] = {**bsdf(kind, numbers), "id": name}
    for index, (name, material, positions, normals, triangles) in enumerate(found):
        mesh = mi.Mesh(name, len(positions), len(triangles), has_vertex_normals=normals is not None)
        parameters = mi.traverse(mesh)
        parameters["vertex_positions"] = positions.astype(np.float32).ravel()
        parameters["faces"] = triangles.astype(np.uint32).ravel()
        if normals is not None:
            parameters["vertex_normals"] = normals.astype(np.float32).ravel()
        parameters.update()
        path = str(Path(scratch) / f"{index}.ply")
        mesh.write_ply(path)
        shape = {"type": "ply", "filename": path, "bsdf": {"type": "ref", "id": material}}
        scene[f"mesh-{index}"] = shape
    for index, entry in enumerate(document.get("curves", [])):
        offsets, points, radii = bench_scene.curves(folder / entry["file"])
        path = Path(scratch) / f"curves-{index}.txt"
        with path.open("w") as out:
            for start, end in zip(offsets[:-1], offsets[1:]):
                for point, radius in zip(points[start:end], radii[start:end]):
                    print(*point, max(radius, 1e-6), file=out)
                print(file=out)
        shape = {"type": "linearcurve", "filename": str(path), "bsdf": {"type": "ref", "id": entry["material"]}}
        scene[f"curves-{index}"] = shape
    return mi.load_dict(scene)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--spp", type=int, default=32)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    document = bench_scene.load(args.folder)
    with tempfile.TemporaryDirectory() as scratch:
        scene = build(document, scratch)
        seconds, pictures = [], []
        for seed in (0, 1):
            start = bench_scene.cpu_seconds()
            picture = np.array(mi.render(scene, spp=args.spp, seed=seed))
            seconds.append(bench_scene.cpu_seconds() - start)
            mi.Bitmap(picture).write(f"{args.out}-{seed}.exr")
            pictures.append(picture.astype(np.float64)[:, :, :3])
    noise = bench_scene.rel_mse(*pictures)
    cost = min(seconds)
    print(json.dumps({"cpu_s": cost, "relmse": noise, "cpu_s_times_relmse": cost * noise}))


main()
