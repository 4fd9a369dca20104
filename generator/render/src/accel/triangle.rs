//! Eight triangles at once, without leaks along shared edges.
//!
//! Woop, Benthin and Wald, "Watertight Ray/Triangle Intersection", JCGT 2(1), 2013: the vertices
//! are moved so that the ray starts at the origin and sheared so that it runs along one axis;
//! then the signs of three edge functions decide. A vertex is sheared the same way in every
//! triangle, and an edge function is the difference of two products, each rounded, so that it
//! has either the exact sign or is zero. Zero counts as inside on both sides of an edge: a ray
//! through an edge or a vertex always hits at least one of the triangles that share it.

use glam::Vec3;

use super::aabb::Aabb;
use super::bvh::Leaf;
use super::traverse::{RayLeaf, Shear};
use crate::simd::{F32x8, Lanes};

/// The corners of a triangle.
pub(super) type Corners = [Vec3; 3];

/// Eight triangles.
#[derive(Clone, Debug)]
#[repr(C, align(32))]
pub(super) struct TriangleLeaf {
    /// Positions by corner, then by axis. Free lanes are NaN and never hit.
    corners: [[Lanes; 3]; 3],
}

impl Leaf for TriangleLeaf {
    type Primitive = Corners;
    type Plane = f32;

    fn pack(primitives: &[Corners]) -> Self {
        let mut corners = [[Lanes::splat(f32::NAN); 3]; 3];
        for (lane, triangle) in primitives.iter().enumerate() {
            for (corner, position) in triangle.iter().enumerate() {
                for axis in 0..3 {
                    corners[corner][axis].0[lane] = position[axis];
                }
            }
        }
        Self { corners }
    }

    fn primitive(&self, lane: usize) -> Corners {
        (self.corners.each_ref())
            .map(|axes| Vec3::from_array(axes.each_ref().map(|lanes| lanes.0[lane])))
    }

    fn bounds(corners: &Corners) -> Aabb {
        corners
            .iter()
            .fold(Aabb::EMPTY, |bounds, &p| bounds.with_point(p.into()))
    }
}

impl RayLeaf for TriangleLeaf {
    type Setup = Shear;

    const WAITS: bool = false;

    #[inline(always)]
    fn hits(&self, ray: &Shear, t_min: F32x8, t_max: F32x8) -> (u32, F32x8) {
        let (kx, ky, kz) = (
            ray.axes[0] as usize,
            ray.axes[1] as usize,
            ray.axes[2] as usize,
        );
        let (origin_x, origin_y, origin_z) = (
            F32x8::splat(ray.origin[0]),
            F32x8::splat(ray.origin[1]),
            F32x8::splat(ray.origin[2]),
        );
        let (shear_x, shear_y) = (F32x8::splat(ray.shear[0]), F32x8::splat(ray.shear[1]));
        let sheared = |corner: &[Lanes; 3]| {
            let z = corner[kz].get() - origin_z;
            let x = shear_x.neg_mul_add(z, corner[kx].get() - origin_x);
            let y = shear_y.neg_mul_add(z, corner[ky].get() - origin_y);
            (x, y, z)
        };
        let (ax, ay, az) = sheared(&self.corners[0]);
        let (bx, by, bz) = sheared(&self.corners[1]);
        let (cx, cy, cz) = sheared(&self.corners[2]);

        // Not fused: the sign must be the opposite for the neighbour across the edge.
        let u = cx * by - cy * bx;
        let v = ax * cy - ay * cx;
        let w = bx * ay - by * ax;
        let zero = F32x8::splat(0.0);
        let smallest = u.min(v).min(w);
        let largest = u.max(v).max(w);
        let inside = zero.le(smallest).bits() | largest.le(zero).bits();
        if inside == 0 {
            return (0, zero);
        }
        let det = u + v + w;
        let t = u.mul_add(az, v.mul_add(bz, w * cz)) * F32x8::splat(ray.shear[2]) / det;
        let ahead = t_min.lt(t) & t.le(t_max) & zero.lt(det.abs());
        (inside & ahead.bits(), t)
    }
}

/// Shares of the three corners in the point where a ray meets a triangle: the same arithmetic
/// as of the lanes, once more for the one triangle that was hit.
pub(super) fn barycentrics(corners: &Corners, ray: &Shear) -> [f32; 3] {
    let [kx, ky, kz] = ray.axes.map(|axis| axis as usize);
    let [a, b, c] = corners.map(|corner| {
        let z = corner[kz] - ray.origin[2];
        let x = (-ray.shear[0]).mul_add(z, corner[kx] - ray.origin[0]);
        let y = (-ray.shear[1]).mul_add(z, corner[ky] - ray.origin[1]);
        (x, y)
    });
    let u = c.0 * b.1 - c.1 * b.0;
    let v = a.0 * c.1 - a.1 * c.0;
    let w = b.0 * a.1 - b.1 * a.0;
    let det = u + v + w;
    [u / det, v / det, w / det]
}
