//! From a hit to what is there: position, normals, texture coordinates, label.

use glam::{Vec2, Vec3};

use crate::accel::flatten::Span;
use crate::accel::{Hit, HitKind};
use crate::ray::Ray;
use crate::scene::{Label, MaterialId, Scene};

/// A point of a surface or of a fibre, in world space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurfaceHit {
    /// Where it is, in metres: on the triangle, or where the ray passes the fibre's axis.
    pub position: Vec3,
    /// Unit normal of the triangle, outward by its winding. For a fibre, the fibre normal.
    pub geometric_normal: Vec3,
    /// Unit shading normal: interpolated from the vertices, on the side of the geometric normal
    /// as the mesh gives it. For a fibre, the component of the direction back along the ray that
    /// is perpendicular to the tangent.
    pub normal: Vec3,
    /// Texture coordinates; zero where the mesh has none.
    pub uv: Vec2,
    /// Position before posing, in metres; equals `position` where the mesh has none.
    pub rest: Vec3,
    /// Vertex colour, linear Rec. 709; white where the mesh has none.
    pub color: Vec3,
    /// Gloss in `[-1, 1]`; zero where the mesh has none.
    pub gloss: f32,
    /// Material.
    pub material: MaterialId,
    /// What the label planes say of the object.
    pub label: Label,
    /// What only a triangle or only a fibre has.
    pub detail: SurfaceDetail,
}

/// The part of a surface point that depends on its kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SurfaceDetail {
    /// On a triangle.
    Triangle {
        /// Index into `Scene::meshes`.
        object: u32,
        /// Two edges from the first corner, in world space, in metres.
        edges: [Vec3; 2],
        /// The same edges before posing: they tell how rest space lies on the surface.
        rest_edges: [Vec3; 2],
        /// The same edges in texture coordinates; zero where the mesh has none.
        uv_edges: [Vec2; 2],
    },
    /// On a strand.
    Strand {
        /// Index into `Scene::strands`.
        object: u32,
        /// Index of the strand in its set.
        strand: u32,
        /// Unit tangent, root to tip.
        tangent: Vec3,
        /// Offset of the ray from the axis in units of the radius, in `[-1, 1]`; positive on
        /// the side of `tangent x wo`. The fibre's surface normal there is
        /// `sqrt(1 - h^2) normal + h (tangent x normal)`.
        h: f32,
        /// Radius, in metres.
        radius_m: f32,
        /// Position along the whole strand, 0 at the root and 1 at the tip.
        along: f32,
    },
}

impl SurfaceHit {
    /// Looks up what a ray hit.
    pub fn new(scene: &Scene, ray: &Ray, hit: &Hit) -> Self {
        match hit.kind {
            HitKind::Triangle {
                object,
                triangle,
                u,
                v,
            } => Self::on_triangle(scene, object, triangle, u, v),
            HitKind::Strand {
                object,
                strand,
                span,
                s,
                h,
                ..
            } => {
                let set = &scene.strands[object as usize];
                let strand_idx = strand as usize;
                let points = set.strands.strand(strand_idx);
                let radii = set.strands.strand_radii(strand_idx);
                let curve = Span::of(points, radii, span as usize);
                let tangent = curve.tangent(s);
                let position = ray.at(hit.t);
                let normal = fibre_normal(tangent, -ray.direction);
                Self {
                    position,
                    geometric_normal: normal,
                    normal,
                    uv: Vec2::ZERO,
                    rest: position,
                    color: Vec3::ONE,
                    gloss: 0.0,
                    material: set.materials[usize::from(set.strands.palette[strand_idx])],
                    label: set.label,
                    detail: SurfaceDetail::Strand {
                        object,
                        strand,
                        tangent,
                        h,
                        radius_m: curve.radius_m(s),
                        along: (span as f32 + s) / (points.len() - 1) as f32,
                    },
                }
            }
        }
    }

    fn on_triangle(scene: &Scene, object: u32, triangle: u32, u: f32, v: f32) -> Self {
        let holder = &scene.meshes[object as usize];
        let mesh = &holder.mesh;
        let corners = mesh.triangles[triangle as usize].map(|vertex| vertex as usize);
        let of = |values: &[Vec3]| corners.map(|corner| values[corner]);
        let edges_of = |[a, b, c]: [Vec3; 3]| [b - a, c - a];
        let at = |[a, b, c]: [Vec3; 3]| a + (b - a) * u + (c - a) * v;

        let positions = of(&mesh.positions);
        let edges = edges_of(positions);
        let position = at(positions);
        let geometric_normal = edges[0].cross(edges[1]).try_normalize().unwrap_or(Vec3::Y);
        let normal = if mesh.normals.is_empty() {
            geometric_normal
        } else {
            at(of(&mesh.normals))
                .try_normalize()
                .unwrap_or(geometric_normal)
        };
        let (rest, rest_edges) = if mesh.rest.is_empty() {
            (position, edges)
        } else {
            let rest = of(&mesh.rest);
            (at(rest), edges_of(rest))
        };
        let (uv, uv_edges) = if mesh.uvs.is_empty() {
            (Vec2::ZERO, [Vec2::ZERO; 2])
        } else {
            let [a, b, c] = corners.map(|corner| mesh.uvs[corner]);
            (a + (b - a) * u + (c - a) * v, [b - a, c - a])
        };
        let color = if mesh.colors.is_empty() {
            Vec3::ONE
        } else {
            at(of(&mesh.colors))
        };
        let gloss = if mesh.gloss.is_empty() {
            0.0
        } else {
            let [a, b, c] = corners.map(|corner| mesh.gloss[corner]);
            a + (b - a) * u + (c - a) * v
        };
        Self {
            position,
            geometric_normal,
            normal,
            uv,
            rest,
            color,
            gloss,
            material: holder.material,
            label: holder.label,
            detail: SurfaceDetail::Triangle {
                object,
                edges,
                rest_edges,
                uv_edges,
            },
        }
    }
}

/// The component of `wo` perpendicular to the unit `tangent`, normalised; when the fibre is seen
/// end on, `wo` itself.
fn fibre_normal(tangent: Vec3, wo: Vec3) -> Vec3 {
    (wo - tangent * wo.dot(tangent))
        .try_normalize()
        .unwrap_or(wo)
}
