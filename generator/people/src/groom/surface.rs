//! The skin as hair sees it: a posed mesh that remembers where each vertex is on the template.
//!
//! Styles are written in *template coordinates*: decimetres in the axes of the base mesh (+Y up,
//! the face looks to +Z, +X is the person's left), the same for every person. [`HeadFrame`] takes
//! them to the posed head of this person and back.

use bottega_geometry::{Subdivision, closest_point::ClosestPoint, math};
use glam::{Quat, Vec3};

use crate::{
    body::{Body, BodyModel, Regions},
    error::PeopleError,
};

/// Room that clothes take above the skin of the torso where nothing is known of them, in metres.
const CLOTHES_M: f32 = 0.012;

/// Skin of one posed person, with what the groom has to know of each vertex.
///
/// All per-vertex arrays are as long as `posed`.
#[derive(Clone, Debug, Default)]
pub struct HeadSurface {
    /// Vertex indices, counter-clockwise seen from outside.
    pub triangles: Vec<[u32; 3]>,
    /// Position on the template, in decimetres.
    pub template_dm: Vec<Vec3>,
    /// Position on the posed person, expression included, in metres.
    pub posed: Vec<Vec3>,
    /// Scalp, which reaches down the forehead to the brows; 1 inside.
    pub scalp: Vec<f32>,
    /// Ears; 1 inside.
    pub ears: Vec<f32>,
    /// Density of the brows.
    pub brow: Vec<f32>,
    /// Density of the beard.
    pub beard: Vec<f32>,
    /// Density of the moustache.
    pub moustache: Vec<f32>,
    /// Vermilion of the lips.
    pub lips: Vec<f32>,
    /// Room for clothes of which nothing else is known, above the skin, in metres.
    pub clothes_m: Vec<f32>,
    /// Outer sides of known clothes, which hair lies on.
    pub clothes: Vec<ClosestPoint>,
    /// Rotation of the head bone from the rest pose.
    pub head_rotation: Quat,
}

/// What of the skin is the same for everyone: refined once, used for every person.
#[derive(Clone, Debug)]
pub struct GroomKit {
    subdivision: Subdivision,
    /// All but what the pose gives.
    template: HeadSurface,
    head_bone: usize,
}

impl GroomKit {
    /// Prepares the skin of head, torso and upper arms, refined once as it is for rendering.
    pub fn new(model: &BodyModel) -> Result<Self, PeopleError> {
        let n_vertices = BodyModel::BODY_VERTICES.end;
        let faces = &model.faces[model.group("body")?];
        let subdivision = Subdivision::once(faces, n_vertices);
        let template: Vec<Vec3> = model.template[..n_vertices]
            .iter()
            .map(|p| 10.0 * *p)
            .collect();
        let near_hair = |&v: &u32| {
            let p = template[v as usize];
            0.0 < p.y && p.x.abs() < 3.5
        };
        let triangles = subdivision
            .triangles()
            .iter()
            .zip(subdivision.parents())
            .filter(|&(_, &parent)| faces[parent as usize].iter().all(near_hair))
            .map(|(&triangle, _)| triangle)
            .collect();
        let regions = &model.regions;
        let mut scalp = vec![0.0; n_vertices];
        for face in Regions::faces(&regions.scalp.faces) {
            for v in model.faces[face] {
                scalp[v as usize] = 1.0;
            }
        }
        let dense = |sparse: &[(u32, f32)]| subdivision.apply(&Regions::dense(sparse, n_vertices));
        let template_dm = subdivision.apply(&template);
        let template = HeadSurface {
            triangles,
            posed: Vec::new(),
            scalp: subdivision.apply(&scalp),
            ears: dense(&regions.mask_vertices.ears),
            brow: dense(&regions.eyebrow_vertices),
            beard: dense(&regions.beard_vertices),
            moustache: dense(&regions.moustache_vertices),
            lips: dense(&regions.mask_vertices.lips),
            clothes_m: template_dm
                .iter()
                .map(|p| CLOTHES_M * math::smoothstep(6.1, 5.8, p.y))
                .collect(),
            template_dm,
            clothes: Vec::new(),
            head_rotation: Quat::IDENTITY,
        };
        Ok(Self {
            subdivision,
            template,
            head_bone: model.bone("head")?,
        })
    }

    /// The skin of a posed person.
    pub fn surface(&self, body: &Body) -> HeadSurface {
        HeadSurface {
            posed: self
                .subdivision
                .apply(&body.posed[BodyModel::BODY_VERTICES]),
            head_rotation: body.bones[self.head_bone].rotation,
            ..self.template.clone()
        }
    }
}

/// A point on one triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SurfacePoint {
    /// Index of the triangle.
    pub(crate) triangle: u32,
    /// Weights of its vertices.
    pub(crate) barycentric: Vec3,
}

impl HeadSurface {
    /// The head, torso and upper arms of a posed person. To do this for many people, keep a
    /// [`GroomKit`].
    pub fn of(model: &BodyModel, body: &Body) -> Result<Self, PeopleError> {
        Ok(GroomKit::new(model)?.surface(body))
    }

    /// Takes the outer sides of clothes (open sheets, their normals outward) for what they are, so
    /// that hair lies on shoulders and collars, not in them.
    pub fn wear(&mut self, outer: Vec<ClosestPoint>) {
        self.clothes_m = vec![0.0; self.posed.len()];
        self.clothes = outer;
    }

    /// Value of a per-vertex array at a point.
    pub(crate) fn scalar(&self, values: &[f32], at: SurfacePoint) -> f32 {
        let [a, b, c] = self.triangles[at.triangle as usize].map(|v| values[v as usize]);
        Vec3::new(a, b, c).dot(at.barycentric)
    }

    /// Value of a per-vertex vector array at a point.
    pub(crate) fn vector(&self, values: &[Vec3], at: SurfacePoint) -> Vec3 {
        let [a, b, c] = self.triangles[at.triangle as usize].map(|v| values[v as usize]);
        a * at.barycentric.x + b * at.barycentric.y + c * at.barycentric.z
    }

    /// Corners of a triangle in one of the position arrays.
    pub(crate) fn corners(&self, positions: &[Vec3], triangle: u32) -> [Vec3; 3] {
        self.triangles[triangle as usize].map(|v| positions[v as usize])
    }

    /// Unit normals of the posed vertices, weighted by area.
    pub(crate) fn vertex_normals(&self) -> Vec<Vec3> {
        let mut normals = vec![Vec3::ZERO; self.posed.len()];
        for t in &self.triangles {
            let [a, b, c] = t.map(|v| self.posed[v as usize]);
            let normal = (b - a).cross(c - a);
            for &v in t {
                normals[v as usize] += normal;
            }
        }
        normals.iter().map(|n| n.normalize_or(Vec3::Y)).collect()
    }

    /// The direction on the posed triangle that corresponds to a template direction: the part in
    /// the plane follows the skin, the part along the normal stays along the normal.
    pub(crate) fn carry(&self, triangle: u32, direction_template: Vec3) -> Vec3 {
        let frame = |[a, b, c]: [Vec3; 3]| {
            let (ab, ac) = (b - a, c - a);
            (ab, ac, ab.cross(ac).normalize_or(Vec3::Y))
        };
        let (ab, ac, normal) = frame(self.corners(&self.template_dm, triangle));
        let (posed_ab, posed_ac, posed_normal) = frame(self.corners(&self.posed, triangle));
        let (aa, ab_ac, cc) = (ab.dot(ab), ab.dot(ac), ac.dot(ac));
        let det = aa * cc - ab_ac * ab_ac;
        if det <= 1e-12 {
            return posed_normal;
        }
        let (x, y) = (direction_template.dot(ab), direction_template.dot(ac));
        let (u, v) = ((x * cc - y * ab_ac) / det, (y * aa - x * ab_ac) / det);
        // Template lengths are decimetres, posed ones metres.
        let tangent = 10.0 * (posed_ab * u + posed_ac * v);
        (tangent + posed_normal * direction_template.dot(normal)).normalize_or(posed_normal)
    }

    /// Nearest-point queries on the posed skin.
    pub(crate) fn closest_point(&self) -> ClosestPoint {
        ClosestPoint::build(&self.posed, &self.triangles)
    }
}

/// Takes template coordinates to the posed head and back: a rotation and a scale per axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HeadFrame {
    rotation: Quat,
    /// Decimetres of the template per metre of this head, along each axis of the head.
    scale: Vec3,
    /// Template coordinates of the world origin.
    origin_dm: Vec3,
}

impl HeadFrame {
    /// Fits the boxes around the scalp onto each other.
    pub(crate) fn fit(surface: &HeadSurface) -> Self {
        let unrotate = surface.head_rotation.conjugate();
        let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        let (mut low_dm, mut high_dm) = (low, high);
        for (v, &weight) in surface.scalp.iter().enumerate() {
            if 0.5 < weight {
                let p = unrotate * surface.posed[v];
                (low, high) = (low.min(p), high.max(p));
                low_dm = low_dm.min(surface.template_dm[v]);
                high_dm = high_dm.max(surface.template_dm[v]);
            }
        }
        let scale = (high_dm - low_dm) / (high - low).max(Vec3::splat(1e-3));
        Self {
            rotation: surface.head_rotation,
            scale,
            origin_dm: low_dm - low * scale,
        }
    }

    /// Template coordinates of a point in the world.
    pub(crate) fn to_template(self, p: Vec3) -> Vec3 {
        (self.rotation.conjugate() * p) * self.scale + self.origin_dm
    }

    /// The point in the world at template coordinates.
    pub(crate) fn to_world(self, p_dm: Vec3) -> Vec3 {
        self.rotation * ((p_dm - self.origin_dm) / self.scale)
    }

    /// Unit direction in the world of a template direction; zero stays zero.
    pub(crate) fn direction(self, d: Vec3) -> Vec3 {
        (self.rotation * d).normalize_or_zero()
    }
}
