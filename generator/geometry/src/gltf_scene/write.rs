//! Writes scenes as binary glTF.

use std::collections::BTreeSet;

use glam::{Mat4, Vec2, Vec3};
use serde_json::{Value, json};

use super::{AlphaMode, GltfLight, GltfLightKind, GltfMaterial, GltfScene};
use crate::TriMesh;

/// The scene as one `.glb` file: positions, normals, texture coordinates and colours of its
/// meshes, numbers and names of its materials, its cameras and lights. Pictures are not written.
///
/// One primitive a mesh, one mesh a node; all transforms but those of cameras are the identity.
pub fn to_glb(scene: &GltfScene) -> Vec<u8> {
    let mut blob = Blob::default();
    let mut nodes = Vec::new();
    let mut meshes = Vec::new();
    for object in &scene.meshes {
        let primitive = blob.primitive(&object.mesh, object.material);
        nodes.push(json!({ "name": object.name, "mesh": meshes.len() }));
        meshes.push(json!({ "name": object.name, "primitives": [primitive] }));
    }
    for (idx, camera) in scene.cameras.iter().enumerate() {
        let matrix = Mat4::from(camera.world_from_camera).to_cols_array();
        nodes.push(json!({ "name": camera.name, "camera": idx, "matrix": matrix }));
    }
    for (idx, light) in scene.lights.iter().enumerate() {
        let matrix = placement_of(light).to_cols_array();
        nodes.push(json!({
            "name": light.name,
            "matrix": matrix,
            "extensions": { "KHR_lights_punctual": { "light": idx } },
        }));
    }
    let mut used = BTreeSet::new();
    let materials: Vec<Value> = (scene.materials.iter())
        .map(|material| material_of(material, &mut used))
        .collect();
    let cameras: Vec<Value> = scene
        .cameras
        .iter()
        .map(|camera| {
            let mut lens = json!({ "yfov": camera.fov_y_rad, "znear": 0.01 });
            if let Some(aspect) = camera.aspect {
                lens["aspectRatio"] = json!(aspect);
            }
            json!({ "name": camera.name, "type": "perspective", "perspective": lens })
        })
        .collect();
    let mut document = json!({
        "asset": { "version": "2.0", "generator": "bottega" },
        "scene": 0,
        "scenes": [{ "nodes": (0..nodes.len()).collect::<Vec<_>>() }],
        "nodes": nodes,
    });
    let lists = [
        ("meshes", meshes),
        ("materials", materials),
        ("cameras", cameras),
        ("accessors", blob.accessors),
        ("bufferViews", blob.views),
    ];
    if !scene.lights.is_empty() {
        used.insert("KHR_lights_punctual");
        let lights: Vec<Value> = scene.lights.iter().map(light_of).collect();
        document["extensions"] = json!({ "KHR_lights_punctual": { "lights": lights } });
    }
    if !used.is_empty() {
        document["extensionsUsed"] = json!(used);
    }
    // The format forbids empty lists.
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        document[name] = Value::Array(list);
    }
    if !blob.bytes.is_empty() {
        document["buffers"] = json!([{ "byteLength": blob.bytes.len() }]);
    }
    pack(document.to_string().into_bytes(), blob.bytes)
}

/// Numbers of a material; `used` receives the extensions that they need.
fn material_of(material: &GltfMaterial, used: &mut BTreeSet<&'static str>) -> Value {
    let mut value = json!({
        "name": material.name,
        "pbrMetallicRoughness": {
            "baseColorFactor": material.base_color.to_array(),
            "metallicFactor": material.metallic,
            "roughnessFactor": material.roughness,
        },
    });
    match material.alpha {
        AlphaMode::Opaque => {}
        AlphaMode::Mask(cutoff) => {
            value["alphaMode"] = json!("MASK");
            value["alphaCutoff"] = json!(cutoff);
        }
        AlphaMode::Blend => value["alphaMode"] = json!("BLEND"),
    }
    let mut extensions = json!({});
    let mut extend = |name: &'static str, numbers: Value| {
        extensions[name] = numbers;
        used.insert(name);
    };
    // Emission beyond one has a factor of its own.
    let strength = material.emission.max_element().max(1.0);
    if material.emission != Vec3::ZERO {
        value["emissiveFactor"] = json!((material.emission / strength).to_array());
    }
    if 1.0 < strength {
        let numbers = json!({ "emissiveStrength": strength });
        extend("KHR_materials_emissive_strength", numbers);
    }
    if material.ior != 1.5 {
        extend("KHR_materials_ior", json!({ "ior": material.ior }));
    }
    if 0.0 < material.transmission {
        let numbers = json!({ "transmissionFactor": material.transmission });
        extend("KHR_materials_transmission", numbers);
    }
    if let Some(volume) = material.volume {
        let mut numbers = json!({
            "thicknessFactor": 1.0,
            "attenuationColor": volume.color.to_array(),
        });
        if volume.distance_m.is_finite() {
            numbers["attenuationDistance"] = json!(volume.distance_m);
        }
        extend("KHR_materials_volume", numbers);
    }
    if 0.0 < material.clear_coat {
        let numbers = json!({
            "clearcoatFactor": material.clear_coat,
            "clearcoatRoughnessFactor": material.clear_coat_roughness,
        });
        extend("KHR_materials_clearcoat", numbers);
    }
    if material.sheen_color != Vec3::ZERO {
        let numbers = json!({ "sheenColorFactor": material.sheen_color.to_array() });
        extend("KHR_materials_sheen", numbers);
    }
    if extensions.as_object().is_some_and(|map| !map.is_empty()) {
        value["extensions"] = extensions;
    }
    value
}

/// A light of the extension `KHR_lights_punctual`; colours are at most one.
fn light_of(light: &GltfLight) -> Value {
    let intensity = light.intensity.max_element();
    let color = light.intensity / intensity.max(1e-30);
    let mut value = json!({ "color": color.to_array(), "intensity": intensity });
    value["type"] = json!(match light.kind {
        GltfLightKind::Directional => "directional",
        GltfLightKind::Point => "point",
        GltfLightKind::Spot { .. } => "spot",
    });
    if let GltfLightKind::Spot {
        inner_rad,
        outer_rad,
    } = light.kind
    {
        value["spot"] = json!({ "innerConeAngle": inner_rad, "outerConeAngle": outer_rad });
    }
    value
}

/// A transform that turns -Z to the direction of a light.
fn placement_of(light: &GltfLight) -> Mat4 {
    let z = -light.direction;
    let (x, y) = crate::math::orthonormal_basis(z);
    Mat4::from_cols(
        x.extend(0.0),
        y.extend(0.0),
        z.extend(0.0),
        light.position.extend(1.0),
    )
}

/// The two chunks of a `.glb` file.
fn pack(mut text: Vec<u8>, mut bytes: Vec<u8>) -> Vec<u8> {
    text.resize(text.len().next_multiple_of(4), b' ');
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let mut out = Vec::with_capacity(28 + text.len() + bytes.len());
    let has_bytes = !bytes.is_empty();
    let total = 20 + text.len() + if has_bytes { 8 + bytes.len() } else { 0 };
    out.extend(b"glTF");
    for number in [2, total as u32, text.len() as u32] {
        out.extend(number.to_le_bytes());
    }
    out.extend(b"JSON");
    out.extend(text);
    if has_bytes {
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(b"BIN\0");
        out.extend(bytes);
    }
    out
}

/// The binary part and what says where things lie in it.
#[derive(Default)]
struct Blob {
    bytes: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
}

impl Blob {
    fn primitive(&mut self, mesh: &TriMesh, material: usize) -> Value {
        const FLOAT: u32 = 5126;
        const UNSIGNED_INT: u32 = 5125;
        let vec3 = |v: &Vec3| v.to_array();
        let mut attributes = json!({});
        let position = self.push(mesh.positions.iter().flat_map(vec3), 3, FLOAT, "VEC3");
        let (low, high) = bounds(&mesh.positions);
        self.accessors[position]["min"] = json!(low.to_array());
        self.accessors[position]["max"] = json!(high.to_array());
        attributes["POSITION"] = json!(position);
        if !mesh.normals.is_empty() {
            let normals = self.push(mesh.normals.iter().flat_map(vec3), 3, FLOAT, "VEC3");
            attributes["NORMAL"] = json!(normals);
        }
        if !mesh.uvs.is_empty() {
            let uvs = mesh.uvs.iter().flat_map(|uv: &Vec2| [uv.x, 1.0 - uv.y]);
            attributes["TEXCOORD_0"] = json!(self.push(uvs, 2, FLOAT, "VEC2"));
        }
        if !mesh.colors.is_empty() {
            let colors = self.push(mesh.colors.iter().flat_map(vec3), 3, FLOAT, "VEC3");
            attributes["COLOR_0"] = json!(colors);
        }
        let corners = mesh.triangles.iter().flatten().copied();
        let indices = self.push(corners, 1, UNSIGNED_INT, "SCALAR");
        json!({ "attributes": attributes, "indices": indices, "material": material })
    }

    /// Adds numbers; the result is the index of their accessor.
    fn push<T: Number>(
        &mut self,
        numbers: impl Iterator<Item = T>,
        per_element: usize,
        component: u32,
        shape: &str,
    ) -> usize {
        let start = self.bytes.len();
        self.bytes.extend(numbers.flat_map(T::bytes));
        let length = self.bytes.len() - start;
        let view = self.views.len();
        self.views
            .push(json!({ "buffer": 0, "byteOffset": start, "byteLength": length }));
        self.accessors.push(json!({
            "bufferView": view,
            "componentType": component,
            "count": length / (4 * per_element),
            "type": shape,
        }));
        self.accessors.len() - 1
    }
}

/// What four bytes of the binary part hold.
trait Number {
    fn bytes(self) -> [u8; 4];
}

impl Number for f32 {
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

impl Number for u32 {
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

fn bounds(positions: &[Vec3]) -> (Vec3, Vec3) {
    let first = positions.first().copied().unwrap_or_default();
    let grow = |(low, high): (Vec3, Vec3), p: &Vec3| (low.min(*p), high.max(*p));
    positions.iter().fold((first, first), grow)
}
