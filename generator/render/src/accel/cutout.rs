//! Surfaces with holes and veils: whether a ray that crosses one meets it.
//!
//! What a veil does to a ray is drawn from the ray itself, so that it does not depend on threads,
//! and the same ray always meets the same surfaces.

use std::sync::Arc;

use glam::Vec2;

use super::{Hit, HitKind};
use crate::ray::{Ray, RayMask};
use crate::scene::{Material, MeshObject, Opacity, Scene};

/// Opacity that labels see.
const LABEL_CUTOFF: f32 = 0.5;

/// The opacities of a scene's meshes.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutouts {
    /// Of each mesh; empty where no mesh has any.
    meshes: Vec<Option<Cutout>>,
}

#[derive(Clone, Debug)]
struct Cutout {
    opacity: Opacity,
    /// Texture coordinates of the corners of each triangle; empty where the mesh has none.
    uvs: Arc<[[Vec2; 3]]>,
}

impl Cutouts {
    pub(super) fn new(scene: &Scene) -> Self {
        let meshes: Vec<_> = (scene.meshes.iter())
            .map(|object| match &scene.materials[object.material as usize] {
                Material::Surface(surface) => match &surface.opacity {
                    Opacity::Solid => None,
                    opacity => Some(Cutout::new(opacity, object)),
                },
                _ => None,
            })
            .collect();
        if meshes.iter().all(Option::is_none) {
            return Self::default();
        }
        Self { meshes }
    }

    /// Whether all is solid.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.meshes.is_empty()
    }

    /// Whether `ray` meets what it crosses at `hit`.
    pub(super) fn meets(&self, ray: &Ray, hit: &Hit) -> bool {
        let HitKind::Triangle {
            object,
            triangle,
            u,
            v,
        } = hit.kind
        else {
            return true;
        };
        let Some(cutout) = &self.meshes[object as usize] else {
            return true;
        };
        let uv = (cutout.uvs.get(triangle as usize))
            .map_or(Vec2::ZERO, |[a, b, c]| *a + (*b - *a) * u + (*c - *a) * v);
        match &cutout.opacity {
            Opacity::Solid => true,
            Opacity::Cutout {
                texture,
                factor,
                cutoff,
            } => *cutoff <= texture.at(uv, 0.0).w * factor,
            Opacity::Veil { texture, factor } => {
                let opacity = texture.as_ref().map_or(1.0, |t| t.at(uv, 0.0).w) * factor;
                let least = if is_label(ray.mask) {
                    LABEL_CUTOFF
                } else {
                    number_of(ray, object, triangle)
                };
                least < opacity || 1.0 <= opacity
            }
        }
    }
}

impl Cutout {
    fn new(opacity: &Opacity, object: &MeshObject) -> Self {
        let mesh = &object.mesh;
        let uvs = if mesh.uvs.is_empty() {
            Arc::default()
        } else {
            (mesh.triangles.iter())
                .map(|triangle| triangle.map(|corner| mesh.uvs[corner as usize]))
                .collect()
        };
        Self {
            opacity: opacity.clone(),
            uvs,
        }
    }
}

fn is_label(mask: RayMask) -> bool {
    let labels = RayMask::LABEL
        .with(RayMask::SUBJECT)
        .with(RayMask::SURROUNDINGS);
    mask.meets(labels)
}

/// A number in `[0, 1)` that a ray has for a triangle, even over rays.
fn number_of(ray: &Ray, object: u32, triangle: u32) -> f32 {
    let words = [ray.origin, ray.direction].map(|v| v.to_array().map(f32::to_bits));
    let mut state = (u64::from(object) << 32) | u64::from(triangle);
    for word in words.as_flattened() {
        state = mix(state ^ u64::from(*word));
    }
    (state >> 40) as f32 / (1_u64 << 24) as f32
}

/// The finaliser of SplitMix64 after its step.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
