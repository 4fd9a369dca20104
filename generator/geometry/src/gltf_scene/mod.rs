//! Reads glTF 2.0 scenes (`.gltf`, `.glb`): meshes, materials, textures, cameras and lights.
//!
//! The default scene is flattened: every primitive becomes a mesh in world space, with skins in
//! the pose in which the file has them and morph targets at their default weights. glTF's frame is
//! ours: metres, right-handed, +Y up, cameras look along -Z. Texture coordinates are turned so
//! that v points up, as everywhere in this workspace.
//!
//! What is not read is told in [`GltfScene::ignored`], never dropped in silence.

mod accessor;
mod error;
mod material;
mod mesh;
#[cfg(test)]
mod tests;
mod write;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use glam::{Affine3A, Mat4, Vec3};

use crate::TriMesh;

pub use error::GltfError;
pub use material::{
    AlphaMode, GltfMaterial, GltfTexture, GltfVolume, GltfWrap, NormalTexture, TextureImage,
};
pub use write::to_glb;

/// A whole scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GltfScene {
    /// One mesh for each primitive that a node shows.
    pub meshes: Vec<GltfMesh>,
    /// Materials; the last one is glTF's default if a primitive has none.
    pub materials: Vec<GltfMaterial>,
    /// Decoded pictures that materials refer to.
    pub images: Vec<TextureImage>,
    /// Perspective cameras.
    pub cameras: Vec<GltfCamera>,
    /// Lights of the extension `KHR_lights_punctual`.
    pub lights: Vec<GltfLight>,
    /// What the file holds and this reader leaves out, in words.
    pub ignored: Vec<String>,
}

/// One primitive, in world space.
#[derive(Clone, Debug, PartialEq)]
pub struct GltfMesh {
    /// Name of the node, or of its mesh.
    pub name: String,
    /// The triangles; `rest` holds the positions before skinning.
    pub mesh: TriMesh,
    /// Index into [`GltfScene::materials`].
    pub material: usize,
}

/// A perspective camera.
#[derive(Clone, Debug, PartialEq)]
pub struct GltfCamera {
    /// Name of the node.
    pub name: String,
    /// Maps camera space (+X right, +Y up, -Z ahead) to world space; rigid.
    pub world_from_camera: Affine3A,
    /// Vertical field of view, in radians.
    pub fov_y_rad: f32,
    /// Width over height, where the file says it.
    pub aspect: Option<f32>,
}

/// A light without extent. Photometric units as in the extension; linear Rec. 709.
#[derive(Clone, Debug, PartialEq)]
pub struct GltfLight {
    /// Name of the node.
    pub name: String,
    /// Where it is.
    pub position: Vec3,
    /// Unit direction in which it shines.
    pub direction: Vec3,
    /// Colour times intensity: lux for directional lights, candela for the others.
    pub intensity: Vec3,
    /// Its kind.
    pub kind: GltfLightKind,
}

/// What kind of light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GltfLightKind {
    /// Parallel light.
    Directional,
    /// A point that shines all around.
    Point,
    /// A point that shines into a cone.
    Spot {
        /// Half the angle of the cone of full light, in radians.
        inner_rad: f32,
        /// Half the angle beyond which there is none, in radians.
        outer_rad: f32,
    },
}

/// Reads a scene from a file; buffers and pictures beside it are read too.
///
/// # Errors
/// When a file cannot be read, is no glTF 2.0, needs an extension that is not known, or refers to
/// bytes that are not there.
pub fn read(path: &Path) -> Result<GltfScene, GltfError> {
    let parse = |source| GltfError::Parse {
        path: path.into(),
        source,
    };
    let malformed = |reason| GltfError::Malformed {
        path: path.into(),
        reason,
    };
    check_attributes(path).map_err(parse)?.map_err(malformed)?;
    let (document, buffers, images) = gltf::import(path).map_err(parse)?;
    let buffers: Vec<Vec<u8>> = buffers.into_iter().map(|buffer| buffer.0).collect();
    let file = Parsed {
        document: &document,
        buffers: &buffers,
    };
    file.scene(images).map_err(malformed)
}

/// Refuses vertex data that is not there: the parser's own check takes for granted that it is.
fn check_attributes(path: &Path) -> Result<Result<(), String>, gltf::Error> {
    let file = BufReader::new(File::open(path).map_err(gltf::Error::Io)?);
    let root = gltf::Gltf::from_reader_without_validation(file)?
        .document
        .into_json();
    let n = root.accessors.len();
    let primitives = root.meshes.iter().flat_map(|mesh| &mesh.primitives);
    let mut named = primitives.flat_map(|primitive| primitive.attributes.values());
    Ok(match named.find(|index| n <= index.value()) {
        Some(index) => Err(format!(
            "a primitive names accessor {} of {n}",
            index.value()
        )),
        None => Ok(()),
    })
}

/// What is read beyond the core of the format.
const KNOWN_EXTENSIONS: [&str; 8] = [
    "KHR_lights_punctual",
    "KHR_materials_clearcoat",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_sheen",
    "KHR_materials_transmission",
    "KHR_materials_volume",
    "KHR_texture_transform",
];

/// A parsed file and its bytes.
struct Parsed<'a> {
    document: &'a gltf::Document,
    buffers: &'a [Vec<u8>],
}

impl Parsed<'_> {
    fn scene(&self, images: Vec<gltf::image::Data>) -> Result<GltfScene, String> {
        self.check_extensions()?;
        self.check_accessors()?;
        let mut ignored = self.unknown_extensions();
        let mut scene = GltfScene {
            materials: (self.document.materials())
                .map(|m| material::read(&m, &mut ignored))
                .collect(),
            images: images
                .into_iter()
                .map(material::decode)
                .collect::<Result<_, _>>()?,
            ..GltfScene::default()
        };
        for material in &scene.materials {
            material.check(scene.images.len())?;
        }
        scene.ignored = ignored;
        let worlds = self.world_transforms()?;
        let root = self
            .document
            .default_scene()
            .or_else(|| self.document.scenes().next());
        let root = root.ok_or("the file has no scene")?;
        for node in reachable(&root) {
            self.add_node(&node, &worlds, &mut scene)?;
        }
        if self.document.animations().len() != 0 {
            scene
                .ignored
                .push(format!("{} animations", self.document.animations().len()));
        }
        Ok(scene)
    }

    /// Refuses what the file calls required and this reader does not know.
    fn check_extensions(&self) -> Result<(), String> {
        let mut required = self.document.extensions_required();
        match required.find(|name| !KNOWN_EXTENSIONS.contains(name)) {
            Some(name) => Err(format!(
                "it requires the extension {name}, which is not supported"
            )),
            None => Ok(()),
        }
    }

    /// Extensions that the file uses and this reader does not know, in words.
    fn unknown_extensions(&self) -> Vec<String> {
        let used = self.document.extensions_used();
        used.filter(|name| !KNOWN_EXTENSIONS.contains(name))
            .map(|name| format!("the extension {name}"))
            .collect()
    }

    /// World transform of every node.
    fn world_transforms(&self) -> Result<Vec<Mat4>, String> {
        let mut worlds: Vec<Option<Mat4>> = vec![None; self.document.nodes().len()];
        let mut is_child = vec![false; worlds.len()];
        for node in self.document.nodes() {
            for child in node.children() {
                if std::mem::replace(&mut is_child[child.index()], true) {
                    return Err(format!("node {} has two parents", child.index()));
                }
            }
        }
        let roots = self.document.nodes().filter(|node| !is_child[node.index()]);
        let mut open: Vec<_> = roots.map(|node| (node, Mat4::IDENTITY)).collect();
        while let Some((node, parent)) = open.pop() {
            let world = parent * Mat4::from_cols_array_2d(&node.transform().matrix());
            if !world.is_finite() {
                return Err(format!(
                    "the transform of node {} is not finite",
                    node.index()
                ));
            }
            worlds[node.index()] = Some(world);
            open.extend(node.children().map(|child| (child, world)));
        }
        let reached: Option<Vec<Mat4>> = worlds.into_iter().collect();
        reached.ok_or_else(|| "its nodes form a circle".into())
    }

    fn add_node(
        &self,
        node: &gltf::Node<'_>,
        worlds: &[Mat4],
        scene: &mut GltfScene,
    ) -> Result<(), String> {
        let world = worlds[node.index()];
        let name = name_of(node);
        if let Some(mesh) = node.mesh() {
            for primitive in mesh.primitives() {
                let joints = node
                    .skin()
                    .map(|skin| self.joints(&skin, worlds))
                    .transpose()?;
                let weights = node.weights().or_else(|| mesh.weights()).unwrap_or(&[]);
                let placed = mesh::Placed {
                    world,
                    joints: joints.as_deref(),
                    weights,
                };
                match self.triangles(&primitive, &placed)? {
                    Ok(triangles) => {
                        let material = material_index(&primitive, scene);
                        let name = name.clone();
                        scene.meshes.push(GltfMesh {
                            name,
                            mesh: triangles,
                            material,
                        });
                    }
                    Err(why) => scene
                        .ignored
                        .push(format!("a primitive of {name:?}: {why}")),
                }
            }
        }
        if let Some(camera) = node.camera() {
            match camera.projection() {
                gltf::camera::Projection::Perspective(lens) => scene.cameras.push(GltfCamera {
                    name: name_of_camera(&name, node, &camera),
                    world_from_camera: rigid(world)
                        .ok_or_else(|| format!("the camera {name:?} has a degenerate transform"))?,
                    fov_y_rad: (Some(lens.yfov()))
                        .filter(|fov| 1e-4 < *fov && *fov < std::f32::consts::PI - 1e-4)
                        .ok_or_else(|| format!("the camera {name:?} sees {} rad", lens.yfov()))?,
                    aspect: (lens.aspect_ratio())
                        .filter(|aspect| aspect.is_finite() && 0.0 < *aspect),
                }),
                gltf::camera::Projection::Orthographic(_) => {
                    scene
                        .ignored
                        .push(format!("the orthographic camera {name:?}"));
                }
            }
        }
        if let Some(light) = node.light() {
            use gltf::khr_lights_punctual::Kind;
            let kind = match light.kind() {
                Kind::Directional => GltfLightKind::Directional,
                Kind::Point => GltfLightKind::Point,
                Kind::Spot {
                    inner_cone_angle,
                    outer_cone_angle,
                } => GltfLightKind::Spot {
                    inner_rad: inner_cone_angle,
                    outer_rad: outer_cone_angle,
                },
            };
            let intensity = Vec3::from_array(light.color()) * light.intensity();
            if !(intensity.is_finite() && 0.0 <= intensity.min_element()) {
                return Err(format!("the light {name:?} has the intensity {intensity}"));
            }
            scene.lights.push(GltfLight {
                name,
                position: world.w_axis.truncate(),
                direction: -world.z_axis.truncate().normalize_or(Vec3::Z),
                intensity,
                kind,
            });
        }
        Ok(())
    }
}

/// Nodes of a scene, parents before children, in the order of the file.
fn reachable<'a>(scene: &gltf::Scene<'a>) -> Vec<gltf::Node<'a>> {
    let mut open: Vec<_> = scene.nodes().collect();
    open.reverse();
    let mut nodes = Vec::new();
    while let Some(node) = open.pop() {
        let mut children: Vec<_> = node.children().collect();
        children.reverse();
        open.extend(children);
        nodes.push(node);
    }
    nodes
}

fn name_of(node: &gltf::Node<'_>) -> String {
    let mesh = node.mesh();
    let name = node
        .name()
        .or_else(|| mesh.as_ref().and_then(|mesh| mesh.name()));
    name.map_or_else(|| format!("node {}", node.index()), str::to_owned)
}

/// Name of the node of a camera, or of the camera where the node has none.
fn name_of_camera(name: &str, node: &gltf::Node<'_>, camera: &gltf::Camera<'_>) -> String {
    let own = if node.name().is_some() {
        None
    } else {
        camera.name()
    };
    own.unwrap_or(name).to_owned()
}

/// Index of the primitive's material; the default one is added when it is first needed.
fn material_index(primitive: &gltf::Primitive<'_>, scene: &mut GltfScene) -> usize {
    let material = primitive.material();
    if let Some(index) = material.index() {
        return index;
    }
    let default = material::read(&material, &mut Vec::new());
    let known = scene.materials.iter().position(|known| *known == default);
    known.unwrap_or_else(|| {
        scene.materials.push(default);
        scene.materials.len() - 1
    })
}

/// The transform without its scale.
fn rigid(world: Mat4) -> Option<Affine3A> {
    let x = world.x_axis.truncate().try_normalize()?;
    let z = world.z_axis.truncate();
    let z = (z - x * x.dot(z)).try_normalize()?;
    let matrix = glam::Mat3::from_cols(x, z.cross(x), z);
    let upright = 0.0 < matrix.y_axis.dot(world.y_axis.truncate());
    upright.then(|| Affine3A::from_mat3_translation(matrix, world.w_axis.truncate()))
}
