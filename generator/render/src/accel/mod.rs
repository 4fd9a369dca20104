//! Finding what a ray hits: two trees of eight-wide nodes, one over all triangles, one over all
//! pieces of fibre.
//!
//! - Everything is in world space and metres; ray directions have unit length.
//! - A hit lies at `t_min < t < t_max`; of hits at the same distance the lowest number wins.
//! - Edges and vertices shared by triangles do not leak.
//! - The result depends on the scene only, never on threads.
//!
//! Read [`Accel::build`] first, then `traverse.rs`. [`Accel::validate`] checks what traversal
//! relies on and is called by the tests.

mod aabb;
mod build;
mod bvh;
mod collapse;
mod count;
mod cutout;
pub(crate) mod flatten;
mod leaf_queue;
mod node;
mod packet;
pub(crate) mod ribbon;
pub(crate) mod traverse;
mod triangle;

pub use count::rays_traced;

use crate::error::RenderError;
use crate::ray::{Ray, RayMask, StrandSkip};
use crate::scene::{Label, Material, Scene};
use aabb::Aabb;
use bvh::Bvh;
use cutout::Cutouts;
use flatten::{PieceSource, flatten};
use ribbon::{PackedPiece, RibbonLeaf, position_on_piece};
use traverse::{Nearest, RayFrame, Shear};
use triangle::{Corners, TriangleLeaf, barycentrics};

/// What a ray met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Distance along the ray, in metres.
    pub t: f32,
    /// What it is.
    pub kind: HitKind,
}

/// Kind and place of a hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HitKind {
    /// A triangle of a mesh.
    Triangle {
        /// Index into `Scene::meshes`.
        object: u32,
        /// Index into the triangles of the mesh.
        triangle: u32,
        /// Barycentric share of the second corner.
        u: f32,
        /// Barycentric share of the third corner.
        v: f32,
    },
    /// A strand.
    Strand {
        /// Index into `Scene::strands`.
        object: u32,
        /// Index of the strand in its set.
        strand: u32,
        /// Span between control points `span` and `span + 1`.
        span: u32,
        /// Position along the span, in `[0, 1]`.
        s: f32,
        /// Offset of the ray from the axis in units of the radius, in `[-1, 1]`; positive on
        /// the side of `tangent x wo`, where `wo` points back along the ray.
        h: f32,
        /// Number of the straight piece, for [`Accel::skip_of`].
        piece: u32,
    },
}

/// Most triangles, and most pieces of fibre: slots of leaves are numbered with 31 bits.
const MAX_PRIMITIVES: usize = 1 << 28;

/// The searchable form of a scene's geometry.
#[derive(Debug)]
pub struct Accel {
    triangle_tree: Bvh<TriangleLeaf>,
    strand_tree: Bvh<RibbonLeaf>,
    n_triangles: usize,
    piece_sources: Vec<PieceSource>,
    meshes: ObjectTable,
    strand_objects: ObjectTable,
    cutouts: Cutouts,
}

/// Objects of one kind: where their primitives start and which rays see them.
#[derive(Debug, Default)]
struct ObjectTable {
    /// First primitive of each object, and the number of all.
    starts: Vec<u32>,
    masks: Vec<RayMask>,
    /// Kinds that at least one object has.
    any: u32,
    /// Kinds that all objects have.
    all: u32,
}

/// What a mask means for all objects of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visibility {
    All,
    Some,
    None,
}

impl ObjectTable {
    fn new() -> Self {
        Self {
            starts: vec![0],
            masks: Vec::new(),
            any: 0,
            all: u32::MAX,
        }
    }

    fn push(&mut self, end: usize, mask: RayMask) {
        self.starts.push(end as u32);
        self.masks.push(mask);
        self.any |= mask.0;
        self.all &= mask.0;
    }

    fn object_of(&self, primitive: u32) -> usize {
        self.starts.partition_point(|&start| start <= primitive) - 1
    }

    fn visibility(&self, mask: RayMask) -> Visibility {
        if mask.0 & self.all != 0 {
            Visibility::All
        } else if mask.0 & self.any != 0 {
            Visibility::Some
        } else {
            Visibility::None
        }
    }

    fn sees(&self, mask: RayMask, primitive: u32) -> bool {
        self.masks[self.object_of(primitive)].meets(mask)
    }
}

impl Accel {
    /// Builds both trees. Strands are cut into straight pieces that stay within
    /// `chord_tolerance_m` of the curve (see [`Self::chord_tolerance_m`]).
    pub fn build(scene: &Scene, chord_tolerance_m: f32) -> Result<Self, RenderError> {
        check::scene(scene)?;
        let tolerance_m = chord_tolerance_m.max(1e-7);

        let mut corners: Vec<Corners> = Vec::new();
        let mut meshes = ObjectTable::new();
        for object in &scene.meshes {
            let positions = &object.mesh.positions;
            corners.extend(
                (object.mesh.triangles.iter())
                    .map(|triangle| triangle.map(|vertex| positions[vertex as usize])),
            );
            let dielectric = is_dielectric(scene, object.material);
            meshes.push(corners.len(), mask_of(dielectric, object.label));
        }

        let (mut pieces, mut piece_sources) = (Vec::new(), Vec::new());
        let mut strand_objects = ObjectTable::new();
        for (idx, object) in scene.strands.iter().enumerate() {
            flatten(
                &object.strands,
                idx as u16,
                tolerance_m,
                &mut pieces,
                &mut piece_sources,
            );
            strand_objects.push(pieces.len(), fibre_mask(object.label));
        }
        check::count("triangles", corners.len(), MAX_PRIMITIVES)?;
        check::count("pieces of fibre", pieces.len(), MAX_PRIMITIVES)?;

        // What a ray's arithmetic may be wrong by, for origins within two diameters: two
        // roundings of the distance from the ray's origin to the node's.
        let eye = Aabb::EMPTY.with_point(scene.camera.position().into());
        let points = corners
            .iter()
            .flatten()
            .chain(pieces.iter().flat_map(|piece| &piece.ends));
        let all = points.fold(eye, |bounds, &point| bounds.with_point(point.into()));
        let margin_m = f64::from((all.hi - all.lo).length()) / f64::from(1 << 22);

        let (triangle_tree, strand_tree) = rayon::join(
            || Bvh::build(&corners, margin_m),
            || Bvh::build(&pieces, margin_m),
        );
        Ok(Self {
            triangle_tree,
            strand_tree,
            n_triangles: corners.len(),
            piece_sources,
            meshes,
            strand_objects,
            cutouts: Cutouts::new(scene),
        })
    }

    /// The chord tolerance that does not show: a quarter of a pixel where a strand is nearest
    /// to the camera, within 10 micrometres and 5 millimetres.
    pub fn chord_tolerance_m(scene: &Scene) -> f32 {
        let mut nearest_m = f32::INFINITY;
        for object in &scene.strands {
            for &point in &object.strands.points {
                let depth_m = -scene.camera.camera_from_world_point(point).z;
                if 0.0 < depth_m {
                    nearest_m = nearest_m.min(depth_m);
                }
            }
        }
        (0.25 * scene.camera.pixel_size_m(nearest_m)).clamp(1e-5, 5e-3)
    }

    /// The nearest hit.
    #[inline]
    pub fn intersect(&self, ray: &Ray) -> Option<Hit> {
        self.through_holes(ray, Self::nearest)
    }

    /// What `ray` meets behind the holes of surfaces.
    #[inline]
    fn through_holes(&self, ray: &Ray, nearest: fn(&Self, &Ray) -> Option<Hit>) -> Option<Hit> {
        if self.cutouts.is_empty() {
            return nearest(self, ray);
        }
        let mut rest = *ray;
        loop {
            let hit = nearest(self, &rest)?;
            if self.cutouts.meets(ray, &hit) {
                return Some(hit);
            }
            rest.t_min = hit.t;
        }
    }

    /// The nearest hit where nothing has holes.
    fn nearest(&self, ray: &Ray) -> Option<Hit> {
        count::count();
        let (shear, frame) = (Shear::new(ray), RayFrame::new(ray));
        let mut nearest = Nearest::none(ray.t_max);
        let on_triangle = self.trace_triangles::<false>(ray, &shear, &mut nearest);
        let triangle = nearest;
        nearest.number = 0;
        if self.trace_strands::<false>(ray, &frame, &mut nearest) {
            Some(self.strand_hit(nearest, &frame))
        } else if on_triangle {
            Some(self.triangle_hit(triangle, &shear))
        } else {
            None
        }
    }

    /// The nearest hit on triangles; strands are not there.
    #[inline]
    pub fn intersect_meshes(&self, ray: &Ray) -> Option<Hit> {
        self.through_holes(ray, Self::nearest_triangle)
    }

    /// The nearest hit on triangles where nothing has holes.
    fn nearest_triangle(&self, ray: &Ray) -> Option<Hit> {
        count::count();
        let shear = Shear::new(ray);
        let mut nearest = Nearest::none(ray.t_max);
        self.trace_triangles::<false>(ray, &shear, &mut nearest)
            .then(|| self.triangle_hit(nearest, &shear))
    }

    /// The nearest hit on the triangles of one mesh; everything else is not there.
    pub fn intersect_mesh(&self, ray: &Ray, object: u32) -> Option<Hit> {
        count::count();
        let shear = Shear::new(ray);
        let mut nearest = Nearest::none(ray.t_max);
        let (start, end) = (
            self.meshes.starts[object as usize],
            self.meshes.starts[object as usize + 1],
        );
        self.triangle_tree
            .trace::<false>(ray, &shear, &mut nearest, |id| start <= id && id < end)
            .then(|| self.triangle_hit(nearest, &shear))
    }

    /// Whether anything is hit.
    #[inline]
    pub fn occluded(&self, ray: &Ray) -> bool {
        self.any(ray) && (self.cutouts.is_empty() || self.intersect(ray).is_some())
    }

    /// Whether anything is hit where nothing has holes.
    fn any(&self, ray: &Ray) -> bool {
        count::count();
        // Triangles first, in hair too: they are asked ten times faster, and a ray they stop is
        // spared the strands.
        let mut nearest = Nearest::none(ray.t_max);
        let shear = Shear::new(ray);
        self.trace_triangles::<true>(ray, &shear, &mut nearest) || {
            let frame = RayFrame::new(ray);
            self.trace_strands::<true>(ray, &frame, &mut nearest)
        }
    }

    fn trace_triangles<const ANY: bool>(
        &self,
        ray: &Ray,
        shear: &Shear,
        nearest: &mut Nearest,
    ) -> bool {
        let tree = &self.triangle_tree;
        match self.meshes.visibility(ray.mask) {
            Visibility::None => false,
            Visibility::All => tree.trace::<ANY>(ray, shear, nearest, |_| true),
            Visibility::Some => {
                let sees = |id| self.meshes.sees(ray.mask, id);
                tree.trace::<ANY>(ray, shear, nearest, sees)
            }
        }
    }

    fn trace_strands<const ANY: bool>(
        &self,
        ray: &Ray,
        frame: &RayFrame,
        nearest: &mut Nearest,
    ) -> bool {
        let tree = &self.strand_tree;
        let seen = |id| !ray.skip.contains(id);
        match self.strand_objects.visibility(ray.mask) {
            Visibility::None => false,
            Visibility::All => tree.trace::<ANY>(ray, frame, nearest, seen),
            Visibility::Some => {
                let sees = |id| seen(id) && self.strand_objects.sees(ray.mask, id);
                tree.trace::<ANY>(ray, frame, nearest, sees)
            }
        }
    }

    /// Whether the scene has a dielectric boundary at all; if not, shadow rays need not look
    /// for one.
    pub fn has_dielectrics(&self) -> bool {
        self.meshes.visibility(RayMask::DIELECTRIC) != Visibility::None
    }

    /// Kinds that at least one mesh has.
    pub(crate) fn mesh_kinds(&self) -> u32 {
        self.meshes.any
    }

    /// Kinds that at least one set of strands has.
    pub(crate) fn strand_kinds(&self) -> u32 {
        self.strand_objects.any
    }

    /// All pieces of fibre as the tree has them, by number, and which rays see each of them.
    pub(crate) fn pieces(&self) -> Vec<(PackedPiece, RayMask)> {
        let mut slot_of = vec![0; self.piece_sources.len()];
        for slot in self.strand_tree.slots() {
            slot_of[self.strand_tree.number(slot) as usize] = slot;
        }
        (slot_of.iter().zip(&self.piece_sources))
            .map(|(&slot, source)| {
                let mask = self.strand_objects.masks[usize::from(source.object)];
                (self.strand_tree.leaf(slot).packed(slot as usize % 8), mask)
            })
            .collect()
    }

    /// The hit at distance `t` of a ray on a piece of [`Self::pieces`], given by its number.
    pub(crate) fn hit_on_piece(&self, ray: &Ray, number: u32, piece: &PackedPiece, t: f32) -> Hit {
        let source = self.piece_sources[number as usize];
        hit_on_strand(
            source,
            number,
            t,
            position_on_piece(&piece.decoded(), &RayFrame::new(ray)),
        )
    }

    /// What a ray that leaves a hit on a strand must not see: the piece it starts on and the
    /// neighbours on the same strand. For a triangle, nothing.
    pub fn skip_of(&self, hit: &Hit) -> StrandSkip {
        let HitKind::Strand { piece, .. } = hit.kind else {
            return StrandSkip::NONE;
        };
        let source = |piece: u32| {
            let source = self.piece_sources.get(piece as usize)?;
            Some((source.object, source.strand))
        };
        let same = |other: u32| source(other).is_some() && source(other) == source(piece);
        let before = piece.wrapping_sub(1);
        let after = piece.wrapping_add(1);
        StrandSkip {
            first: if same(before) { before } else { piece },
            last: if same(after) { after } else { piece },
        }
    }

    fn triangle_hit(&self, nearest: Nearest, shear: &Shear) -> Hit {
        let object = self.meshes.object_of(nearest.number);
        let [_, u, v] = barycentrics(&self.triangle_tree.primitive(nearest.slot), shear);
        Hit {
            t: nearest.t,
            kind: HitKind::Triangle {
                object: object as u32,
                triangle: nearest.number - self.meshes.starts[object],
                u,
                v,
            },
        }
    }

    fn strand_hit(&self, nearest: Nearest, frame: &RayFrame) -> Hit {
        let source = self.piece_sources[nearest.number as usize];
        let place = position_on_piece(&self.strand_tree.primitive(nearest.slot), frame);
        hit_on_strand(source, nearest.number, nearest.t, place)
    }

    /// Bytes of the trees and of the tables beside them.
    pub fn memory_bytes(&self) -> usize {
        self.triangle_tree.memory_bytes()
            + self.strand_tree.memory_bytes()
            + size_of_val(&self.piece_sources[..])
    }

    /// Checks everything traversal relies on; says what is broken.
    pub fn validate(&self) -> Result<(), String> {
        self.triangle_tree.validate(self.n_triangles)?;
        self.strand_tree.validate(self.piece_sources.len())
    }
}

fn hit_on_strand(source: PieceSource, piece: u32, t: f32, (along, h): (f32, f32)) -> Hit {
    Hit {
        t,
        kind: HitKind::Strand {
            object: u32::from(source.object),
            strand: source.strand,
            span: source.span,
            s: (f32::from(source.part) + along) / f32::from(source.n_parts),
            h,
            piece,
        },
    }
}

fn is_dielectric(scene: &Scene, material: u32) -> bool {
    matches!(
        scene.materials[material as usize],
        Material::Dielectric { .. }
    )
}

/// Fibres that are see-through are in no label, be glass a surface or not.
fn fibre_mask(label: Label) -> RayMask {
    if label.see_through {
        RayMask::ALL.with(RayMask::SHADOW)
    } else {
        mask_of(false, label)
    }
}

fn mask_of(dielectric: bool, label: Label) -> RayMask {
    let mask = RayMask::ALL.with(if dielectric {
        RayMask::DIELECTRIC
    } else {
        RayMask::SHADOW
    });
    match label {
        Label {
            see_through: true, ..
        } => mask.with(RayMask::GLASS),
        Label { subject: true, .. } => mask.with(RayMask::LABEL).with(RayMask::SUBJECT),
        _ => mask.with(RayMask::LABEL).with(RayMask::SURROUNDINGS),
    }
}

mod check;

#[cfg(test)]
mod tests;
