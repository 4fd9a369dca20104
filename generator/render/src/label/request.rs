//! What label planes are wanted, and by which rules.

use crate::ray::RayMask;

/// What label rays do at see-through objects such as the lenses of glasses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GlassLabels {
    /// They pass: every plane tells of what is behind the glass.
    #[default]
    Through,
    /// They stop: the glass is a surface like any other.
    Surface,
}

/// What the normal of a fibre is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HairNormals {
    /// Perpendicular to the fibre, in the plane of fibre and ray.
    #[default]
    Fiber,
    /// That of a smooth surface about the hair as a whole (see `proxy.rs`).
    Proxy,
}

/// Planes and rules of one set of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelRequest {
    /// Rays of a pixel in which something may change, at least 64. Where they disagree about the
    /// coverage more are traced.
    pub rays: u32,
    /// Whether labels look through glass.
    pub glass: GlassLabels,
    /// What the normals of hair are, in all planes of normals.
    pub hair_normals: HairNormals,
    /// Whether [`SurfacePlanes`](super::SurfacePlanes) are wanted.
    pub surface: bool,
    /// Whether [`CoveragePlanes`](super::CoveragePlanes) are wanted.
    pub coverage: bool,
    /// Whether [`GlassPlanes`](super::GlassPlanes) are wanted.
    pub glass_planes: bool,
    /// Whether the first hit's normals of the other kind of [`HairNormals`] are wanted too.
    pub other_hair_normals: bool,
    /// Layers of the subject, each a list of part numbers, of which
    /// [`LayerPlanes`](super::LayerPlanes) are wanted.
    pub layers: Vec<Vec<u8>>,
    /// Whether the layers are wanted whole too, which builds trees for each of them.
    pub whole_layers: bool,
}

impl LabelRequest {
    /// Only the planes that every picture has.
    pub fn new(rays: u32) -> Self {
        Self {
            rays,
            ..Self::default()
        }
    }

    /// What label rays see.
    pub(super) fn mask(&self) -> RayMask {
        match self.glass {
            GlassLabels::Through => RayMask::LABEL,
            GlassLabels::Surface => RayMask::LABEL.with(RayMask::GLASS),
        }
    }
}
