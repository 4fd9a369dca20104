//! Materials of glTF as materials of the tracer, and their pictures.
//!
//! Glass is what lets half of the light pass or more; a sheen makes a surface cloth; all else is a
//! surface of the metallic-roughness model.

use std::collections::BTreeMap;
use std::sync::Arc;

use bottega_geometry::gltf_scene::{
    AlphaMode, GltfMaterial, GltfMesh, GltfTexture, GltfWrap, TextureImage,
};
use bottega_geometry::{TriMesh, math};
use bottega_render::scene::{Bump, ColorTexture, Material, MaterialId, Opacity, Surface};
use bottega_render::texture::{Encoding, Image, ImageTexture, Wrap};
use glam::Vec3;

/// Share of light that passes from which on a material is glass.
const GLASS_TRANSMISSION: f32 = 0.5;

/// Roughness of glass below which it is smooth.
const SMOOTH: f32 = 0.02;
/// Least share of light that glass lets through: black glass has a depth with an end.
const LEAST_SHARE: f32 = 1e-4;

/// The meshes, each with its material, and all materials.
pub(super) fn dress(
    meshes: Vec<GltfMesh>,
    materials: Vec<GltfMaterial>,
    images: Vec<TextureImage>,
    ignored: &mut Vec<String>,
) -> (Vec<(TriMesh, MaterialId)>, Vec<Material>) {
    let mut pictures = Pictures::new(&materials, images);
    let mut has_vertex_color = vec![false; materials.len()];
    for object in &meshes {
        has_vertex_color[object.material] |= !object.mesh.colors.is_empty();
    }
    let dressed = (materials.iter().zip(&has_vertex_color))
        .map(|(material, &vertex)| of(material, vertex, &mut pictures, ignored))
        .collect();
    let meshes = (meshes.into_iter())
        .map(|object| {
            let material = &materials[object.material];
            let mut mesh = object.mesh;
            if has_vertex_color[object.material] && material.base_color_texture.is_none() {
                let factor = material.base_color.truncate();
                mesh.colors.resize(mesh.positions.len(), Vec3::ONE);
                mesh.colors.iter_mut().for_each(|color| *color *= factor);
            }
            for color in &mut mesh.colors {
                *color = color.clamp(Vec3::ZERO, Vec3::ONE);
            }
            (mesh, object.material as MaterialId)
        })
        .collect();
    (meshes, dressed)
}

fn of(
    material: &GltfMaterial,
    has_vertex_color: bool,
    pictures: &mut Pictures,
    ignored: &mut Vec<String>,
) -> Material {
    let base = material.base_color.truncate();
    if GLASS_TRANSMISSION <= material.transmission {
        return glass(material);
    }
    if 0.0 < material.transmission {
        let name = &material.name;
        ignored.push(format!("the transmission below one half of {name:?}"));
    }
    let color = match &material.base_color_texture {
        Some(texture) => pictures.color(texture, base, true),
        None if has_vertex_color => ColorTexture::Vertex,
        None => ColorTexture::Constant(base),
    };
    let bump = material.normal.map(|normal| Bump::Normals {
        texture: pictures.texture(&normal.texture, Encoding::Linear),
        strength: normal.scale,
    });
    let is_shining = material.emission != Vec3::ZERO;
    let opacity = opacity(material, pictures);
    let is_cloth = material.sheen_color != Vec3::ZERO
        && material.metallic == 0.0
        && !is_shining
        && opacity == Opacity::Solid;
    if is_cloth {
        return Material::Cloth {
            color,
            roughness: material.roughness,
            sheen: material.sheen_color.max_element(),
            bump,
        };
    }
    let metallic_roughness = material.metallic_roughness_texture;
    Material::Surface(Box::new(Surface {
        color,
        roughness: material.roughness,
        metallic: material.metallic,
        roughness_metallic: metallic_roughness.map(|t| pictures.texture(&t, Encoding::Linear)),
        // No refraction at all is told by an index of 0: the boundary reflects everything.
        ior: if material.ior == 0.0 {
            1e3
        } else {
            material.ior
        },
        bump,
        clear_coat: material.clear_coat,
        clear_coat_roughness: material.clear_coat_roughness,
        emission: match &material.emission_texture {
            Some(texture) if is_shining => pictures.color(texture, material.emission, false),
            _ => ColorTexture::Constant(material.emission),
        },
        opacity,
    }))
}

/// Glass: a thin sheet has the colour of its base, a body what its volume absorbs.
fn glass(material: &GltfMaterial) -> Material {
    let depth_of = |color: Vec3| {
        let depth = |share: f32| -math::ln(share.clamp(LEAST_SHARE, 1.0));
        Vec3::from_array(color.to_array().map(depth))
    };
    Material::Dielectric {
        ior: if material.ior == 0.0 {
            1.5
        } else {
            material.ior
        },
        thin: material.volume.is_none(),
        absorption: match material.volume {
            None => depth_of(material.base_color.truncate()),
            Some(volume) => depth_of(volume.color) / volume.distance_m,
        },
        roughness: if material.roughness < SMOOTH {
            0.0
        } else {
            material.roughness
        },
    }
}

fn opacity(material: &GltfMaterial, pictures: &mut Pictures) -> Opacity {
    let factor = material.base_color.w;
    let texture = material.base_color_texture.as_ref();
    // A picture without holes is the same as none.
    let texture = texture.filter(|texture| pictures.has_holes(texture.image));
    match (material.alpha, texture) {
        (AlphaMode::Opaque, _) => Opacity::Solid,
        (AlphaMode::Mask(cutoff), Some(texture)) => Opacity::Cutout {
            texture: pictures.texture(texture, Encoding::Srgb),
            factor,
            cutoff,
        },
        (AlphaMode::Mask(cutoff), None) if cutoff <= factor => Opacity::Solid,
        (AlphaMode::Mask(_), None) => Opacity::Veil {
            texture: None,
            factor: 0.0,
        },
        (AlphaMode::Blend, None) if 1.0 <= factor => Opacity::Solid,
        (AlphaMode::Blend, texture) => Opacity::Veil {
            texture: texture.map(|texture| pictures.texture(texture, Encoding::Srgb)),
            factor,
        },
    }
}

/// Pictures of a file, each made ready once for each meaning of its bytes.
struct Pictures {
    sources: Vec<Source>,
    ready: BTreeMap<(usize, bool), Arc<Image>>,
}

/// A decoded picture and by how many meanings it is still wanted.
struct Source {
    picture: TextureImage,
    has_holes: bool,
    wanted: usize,
}

impl Pictures {
    fn new(materials: &[GltfMaterial], images: Vec<TextureImage>) -> Self {
        let mut uses = vec![[false; 2]; images.len()];
        for material in materials {
            let color = [material.base_color_texture, material.emission_texture];
            let numbers = [
                material.metallic_roughness_texture,
                material.normal.map(|normal| normal.texture),
            ];
            for (meaning, textures) in [color, numbers].into_iter().enumerate() {
                for texture in textures.into_iter().flatten() {
                    uses[texture.image][meaning] = true;
                }
            }
        }
        let sources = (images.into_iter().zip(uses))
            .map(|(picture, uses)| Source {
                has_holes: picture.rgba8.iter().any(|texel| texel[3] != 255),
                wanted: uses.into_iter().filter(|&is_used| is_used).count(),
                picture,
            })
            .collect();
        Self {
            sources,
            ready: BTreeMap::new(),
        }
    }

    fn has_holes(&self, image: usize) -> bool {
        self.sources[image].has_holes
    }

    fn color(&mut self, texture: &GltfTexture, tint: Vec3, times_vertex: bool) -> ColorTexture {
        ColorTexture::Image {
            texture: self.texture(texture, Encoding::Srgb),
            tint,
            times_vertex,
        }
    }

    fn texture(&mut self, texture: &GltfTexture, encoding: Encoding) -> ImageTexture {
        let wrap = |wrap: GltfWrap| match wrap {
            GltfWrap::Repeat => Wrap::Repeat,
            GltfWrap::Mirror => Wrap::Mirror,
            GltfWrap::Clamp => Wrap::Clamp,
        };
        ImageTexture {
            image: self.image(texture.image, encoding),
            picture_from_uv: texture.picture_from_uv,
            wrap: texture.wrap.map(wrap),
            hard_texels: texture.hard_texels,
        }
    }

    fn image(&mut self, index: usize, encoding: Encoding) -> Arc<Image> {
        let key = (index, encoding == Encoding::Srgb);
        if let Some(ready) = self.ready.get(&key) {
            return Arc::clone(ready);
        }
        let source = &mut self.sources[index];
        source.wanted = source.wanted.saturating_sub(1);
        let texels = if source.wanted == 0 {
            std::mem::take(&mut source.picture.rgba8)
        } else {
            source.picture.rgba8.clone()
        };
        let (width, height) = (source.picture.width, source.picture.height);
        let image = Image::new(width, height, texels, encoding)
            .or_else(|| Image::new(1, 1, vec![[255; 4]], encoding))
            .expect("one texel is a picture");
        let image = Arc::new(image);
        self.ready.insert(key, Arc::clone(&image));
        image
    }
}
