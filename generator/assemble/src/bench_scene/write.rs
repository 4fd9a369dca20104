//! Writes a scene in the exchange format.

use std::path::Path;

use bottega_geometry::gltf_scene::{GltfCamera, GltfMaterial, GltfMesh, GltfScene, to_glb};
use bottega_render::scene::{ColorTexture, Material, RenderSettings, Scene};
use glam::{Vec3, Vec4};

use super::document::{
    Curves, Diffuse, Document, Filter, Hair, Image, Light, Material as Entry, Model, Paths,
    Principled, Subsurface,
};
use super::maps::Maps;
use super::{BenchSceneError, curves};

/// Writes `scene` into the folder `dir`, which is made if it is not there.
///
/// What is written has colours that are the same everywhere and no maps: textures become their mean, what it has
/// no model for becomes the nearest that it has, a lens becomes a pinhole. What is left is shown
/// alike by every renderer that reads the format. `light` is the environment as an EXR file.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    dir: &Path,
    scene: &Scene,
    settings: &RenderSettings,
    light: &[u8],
) -> Result<(), BenchSceneError> {
    let name_of = |material: u32| format!("material-{material}");
    let mut gltf = GltfScene {
        cameras: vec![GltfCamera {
            name: "camera".into(),
            world_from_camera: scene.camera.world_from_camera,
            fov_y_rad: 2.0
                * libm::atan2(
                    0.5 * f64::from(scene.camera.resolution_px[1]),
                    f64::from(scene.camera.focal_px.y),
                ) as f32,
            aspect: None,
        }],
        ..GltfScene::default()
    };
    let mut document = Document {
        format: "bench-scene".into(),
        version: 1,
        mesh: "scene.glb".into(),
        image: Image {
            width: scene.camera.resolution_px[0],
            height: scene.camera.resolution_px[1],
            filter: Filter::Box,
            filter_width_px: 1.0,
        },
        environment: Light {
            file: "environment.exr".into(),
            scale: scene.environment.scale,
            rotation_deg: scene.environment.yaw_rad.to_degrees(),
        },
        curves: Vec::new(),
        materials: Default::default(),
        paths: Paths {
            max_bounces_total: settings.max_bounces,
            max_bounces_diffuse: settings.max_bounces,
            max_bounces_glossy: settings.max_bounces,
            max_bounces_transmission: settings.max_bounces,
            clamp_indirect: settings.clamp_indirect,
        },
    };
    for (idx, object) in scene.meshes.iter().enumerate() {
        let mean = mean_color(&object.mesh.colors);
        let material = &scene.materials[object.material as usize];
        let name = format!("{}-{idx}", name_of(object.material));
        document
            .materials
            .insert(name.clone(), Entry::Named(model(material, mean)));
        let mut mesh = object.mesh.clone();
        mesh.colors.clear();
        mesh.uvs.clear();
        gltf.meshes.push(GltfMesh {
            name: format!("mesh-{idx}"),
            mesh,
            material: idx,
        });
        gltf.materials.push(plain(name));
    }
    let mut files = Vec::new();
    for (idx, object) in scene.strands.iter().enumerate() {
        let Some(&material) = object.materials.first() else {
            continue;
        };
        let file = format!("curves-{idx}.bcrv");
        let entry = Entry::Named(model(&scene.materials[material as usize], Vec3::ONE));
        document.materials.insert(name_of(material), entry);
        document.curves.push(Curves {
            file: file.clone(),
            material: name_of(material),
        });
        files.push((file, curves::encode(&object.strands)));
    }
    files.push(("scene.glb".into(), to_glb(&gltf)));
    files.push(("environment.exr".into(), light.to_vec()));
    let text = serde_json::to_string_pretty(&document).expect("a document is plain data");
    files.push(("scene.json".into(), (text + "\n").into_bytes()));
    let io = |action: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| BenchSceneError::Io {
            action,
            path,
            source,
        }
    };
    std::fs::create_dir_all(dir).map_err(io("create the folder", dir))?;
    for (name, bytes) in files {
        let path = dir.join(name);
        std::fs::write(&path, bytes).map_err(io("write", &path))?;
    }
    Ok(())
}

fn mean_color(colors: &[Vec3]) -> Vec3 {
    match colors.len() {
        0 => Vec3::ONE,
        n => colors.iter().sum::<Vec3>() / n as f32,
    }
}

/// The glTF side of a material: a name, and a grey for other programs.
fn plain(name: String) -> GltfMaterial {
    GltfMaterial {
        name,
        base_color: Vec4::new(0.5, 0.5, 0.5, 1.0),
        roughness: 0.5,
        ..GltfMaterial::default()
    }
}

/// The nearest model of the format; `vertex` is the mean vertex colour.
fn model(material: &Material, vertex: Vec3) -> Model {
    let mean = |texture: &ColorTexture| {
        let color = match texture {
            ColorTexture::Constant(color) => *color,
            ColorTexture::Vertex => vertex,
            ColorTexture::Stripes { a, b, duty, .. } => b.lerp(*a, *duty),
            ColorTexture::Checks { a, b, .. } | ColorTexture::Mottle { a, b, .. } => {
                a.lerp(*b, 0.5)
            }
            ColorTexture::Image { tint, .. } => 0.5 * *tint,
        };
        color.clamp(Vec3::ZERO, Vec3::ONE).to_array()
    };
    match material {
        Material::Hair {
            sigma_a,
            beta_m,
            beta_n,
            tilt_rad,
            ior,
        } => Model::HairChiang(Hair {
            absorption_coefficient: sigma_a.to_array(),
            beta_m: *beta_m,
            beta_n: *beta_n,
            alpha_deg: tilt_rad.to_degrees(),
            ior: *ior,
        }),
        Material::Skin {
            color,
            roughness,
            mean_free_path_m,
            ..
        } => {
            let base_color = mean(color);
            let radius = |c: usize| {
                let a = base_color[c];
                super::materials::radius_of(mean_free_path_m[c], a)
            };
            Model::Subsurface(Subsurface {
                base_color,
                roughness: *roughness,
                ior: 1.4,
                subsurface_radius_m: [radius(0), radius(1), radius(2)],
                subsurface_weight: 1.0,
                maps: Maps::default(),
            })
        }
        Material::Glossy {
            color,
            roughness,
            ior,
            ..
        } => Model::Principled(Principled {
            base_color: mean(color),
            roughness: *roughness,
            ior: *ior,
            maps: Maps::default(),
        }),
        Material::Diffuse { color } | Material::Cloth { color, .. } => Model::Diffuse(Diffuse {
            base_color: mean(color),
            maps: Maps::default(),
        }),
        _ => Model::Diffuse(Diffuse {
            base_color: [0.5; 3],
            maps: Maps::default(),
        }),
    }
}
