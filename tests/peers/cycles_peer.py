"""Renders a bench scene with Cycles (the `bpy` module)."""

import argparse
import json
import math

import bpy
import numpy as np

import bench_scene


def principled(material, kind, numbers):
    """Fills the nodes of a material."""
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    if kind == "hair_chiang":
        node = tree.nodes.new("ShaderNodeBsdfHairPrincipled")
        node.model = "CHIANG"
        node.parametrization = "ABSORPTION"
        node.inputs["Absorption Coefficient"].default_value = numbers["absorption_coefficient"]
        node.inputs["Roughness"].default_value = numbers["beta_m"]
        node.inputs["Radial Roughness"].default_value = numbers["beta_n"]
        node.inputs["Coat"].default_value = 0.0
        node.inputs["IOR"].default_value = numbers.get("ior", 1.55)
        node.inputs["Offset"].default_value = math.radians(numbers["alpha_deg"])
        for random in ("Random Roughness", "Random Color"):
            if random in node.inputs:
                node.inputs[random].default_value = 0.0
    elif kind == "diffuse":
        node = tree.nodes.new("ShaderNodeBsdfDiffuse")
        node.inputs["Color"].default_value = (*numbers["base_color"], 1.0)
        node.inputs["Roughness"].default_value = 0.0
    else:
        node = tree.nodes.new("ShaderNodeBsdfPrincipled")
        node.distribution = "MULTI_GGX"
        node.inputs["Base Color"].default_value = (*numbers["base_color"], 1.0)
        node.inputs["Roughness"].default_value = numbers["roughness"]
        node.inputs["IOR"].default_value = numbers.get("ior", 1.5)
        if kind == "subsurface":
            node.subsurface_method = "RANDOM_WALK"
            node.inputs["Subsurface Weight"].default_value = numbers.get("subsurface_weight", 1.0)
            node.inputs["Subsurface Scale"].default_value = 1.0
            node.inputs["Subsurface Radius"].default_value = numbers["subsurface_radius_m"]
    tree.links.new(node.outputs[0], output.inputs["Surface"])


def build(document):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    import addon_utils
    addon_utils.enable("cycles")
    scene = bpy.context.scene
    folder = document["folder"]
    bpy.ops.import_scene.gltf(filepath=str(folder / document["mesh"]))
    for name, (kind, numbers) in document["materials"].items():
        material = bpy.data.materials.get(name) or bpy.data.materials.new(name)
        principled(material, kind, numbers)
    for entry in document.get("curves", []):
        offsets, points, radii = bench_scene.curves(folder / entry["file"])
        data = bpy.data.hair_curves.new(entry["file"])
        data.add_curves(np.diff(offsets).tolist())
        # Y up becomes Z up.
        turned = np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)
        data.attributes["position"].data.foreach_set("vector", turned.astype(np.float32).ravel())
        radius = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
        radius.data.foreach_set("value", radii.astype(np.float32))
        data.materials.append(bpy.data.materials[entry["material"]])
        scene.collection.objects.link(bpy.data.objects.new(entry["file"], data))

    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = bpy.data.images.load(str(folder / document["environment"]["file"]))
    texture.image.colorspace_settings.name = "Linear Rec.709"
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    turn = math.radians(document["environment"].get("rotation_deg", 0.0))
    mapping.inputs["Rotation"].default_value = (0.0, 0.0, -turn)
    background = tree.nodes["Background"]
    background.inputs["Strength"].default_value = document["environment"].get("scale", 1.0)
    tree.links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
    tree.links.new(texture.outputs["Color"], background.inputs["Color"])

    scene.camera = next(thing for thing in scene.objects if thing.type == "CAMERA")
    scene.camera.data.sensor_fit = "VERTICAL"
    image, paths = document["image"], document["paths"]
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = image["width"], image["height"]
    render.resolution_percentage = 100
    render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.color_depth = "32"
    render.threads_mode = "FIXED"
    render.threads = 2
    cycles.device = "CPU"
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.pixel_filter_type = "BOX"
    cycles.filter_width = image.get("filter_width_px", 1.0)
    cycles.max_bounces = paths["max_bounces_total"]
    cycles.diffuse_bounces = paths["max_bounces_diffuse"]
    cycles.glossy_bounces = paths["max_bounces_glossy"]
    cycles.transmission_bounces = paths["max_bounces_transmission"]
    cycles.sample_clamp_indirect = paths["clamp_indirect"]
    scene.cycles_curves.shape = "THICK"
    return scene


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--spp", type=int, default=32)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    scene = build(bench_scene.load(args.folder))
    scene.cycles.samples = args.spp
    seconds, pictures = [], []
    for seed in (0, 1):
        scene.cycles.seed = seed
        path = f"{args.out}-{seed}.exr"
        scene.render.filepath = path
        start = bench_scene.cpu_seconds()
        bpy.ops.render.render(write_still=True)
        seconds.append(bench_scene.cpu_seconds() - start)
        loaded = bpy.data.images.load(path)
        width, height = loaded.size
        pixels = np.array(loaded.pixels[:], np.float64).reshape(height, width, -1)
        pictures.append(pixels[::-1, :, :3])
    noise = bench_scene.rel_mse(*pictures)
    cost = min(seconds)
    print(json.dumps({"cpu_s": cost, "relmse": noise, "cpu_s_times_relmse": cost * noise}))


main()
