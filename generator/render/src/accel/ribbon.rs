//! Eight pieces of fibre at once, as ribbons that face the ray, with round ends.
//!
//! A fibre is far thinner than a pixel, so its cross-section does not show: what counts is how
//! wide it is and where across it the ray passes. In the plane across the ray the piece is a
//! line from `a` to `a + e`; the ray (the origin of that plane) hits if it is closer to the line
//! than the radius there. Joints are round, so bends have no gaps.

use glam::Vec3;

use super::aabb::Aabb;
use super::build::WIDTH;
use super::bvh::Leaf;
use super::traverse::{RayFrame, RayLeaf};
use crate::simd::{F32x8, Vec3x8, dot};

/// A straight piece of fibre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    /// Start and end.
    pub(crate) ends: [Vec3; 2],
    /// Radius at the start and at the end, in metres.
    pub(crate) radii: [f32; 2],
}

/// Eight pieces in 128 bytes, two cache lines.
///
/// Positions are 16-bit steps on a grid over the leaf, radii 8-bit steps up to the largest; both
/// steps are powers of two. In hair a leaf is a few centimetres wide, so a position moves by less
/// than a micrometre.
#[derive(Clone, Debug)]
#[repr(C, align(128))]
pub(super) struct RibbonLeaf {
    /// Start and end by axis.
    positions: [[[u16; WIDTH]; 3]; 2],
    /// At the start and at the end.
    radii: [[u8; WIDTH]; 2],
    origin: [f32; 3],
    /// Exponents of the steps of positions and radii, as `f32` stores them.
    exponents: [u8; 2],
    n_pieces: u8,
}

const _: () = assert!(size_of::<RibbonLeaf>() == 128, "a leaf is two cache lines");

impl RibbonLeaf {
    /// Positions and radii of start and end, by lane.
    #[inline(always)]
    fn ends(&self) -> [[F32x8; 4]; 2] {
        let [step, radius_step] = self.exponents.map(|e| F32x8::splat(power_of_two(e)));
        [0, 1].map(|end| {
            let axis = |axis: usize| {
                let origin = F32x8::splat(self.origin[axis]);
                F32x8::from_u16(&self.positions[end][axis]).mul_add(step, origin)
            };
            let radius = F32x8::from_u8(&self.radii[end]) * radius_step;
            [axis(0), axis(1), axis(2), radius]
        })
    }
}

/// The power of two with an exponent as `f32` stores it.
#[inline(always)]
fn power_of_two(exponent: u8) -> f32 {
    f32::from_bits(u32::from(exponent) << 23)
}

/// Exponent of the smallest step of which `n_steps` reach `length`.
fn step_exponent(length: f32, n_steps: f32) -> u8 {
    let mut exponent = ((length / n_steps).to_bits() >> 23).max(1) as u8;
    while power_of_two(exponent) * n_steps < length {
        exponent += 1;
    }
    exponent
}

impl Leaf for RibbonLeaf {
    type Primitive = Piece;

    fn pack(pieces: &[Piece]) -> Self {
        let whole = (pieces.iter().flat_map(|piece| piece.ends))
            .fold(Aabb::EMPTY, |bounds, end| bounds.with_point(end.into()));
        let thickest = (pieces.iter().flat_map(|piece| piece.radii)).fold(0.0, f32::max);
        let exponents = [
            step_exponent((whole.hi - whole.lo).max_element(), f32::from(u16::MAX)),
            step_exponent(thickest, f32::from(u8::MAX)),
        ];
        let [step, radius_step] = exponents.map(power_of_two);
        let mut leaf = Self {
            positions: [[[0; WIDTH]; 3]; 2],
            radii: [[0; WIDTH]; 2],
            origin: whole.lo.to_array(),
            exponents,
            n_pieces: pieces.len() as u8,
        };
        for (lane, piece) in pieces.iter().enumerate() {
            for end in 0..2 {
                for axis in 0..3 {
                    let steps = (piece.ends[end][axis] - leaf.origin[axis]) / step;
                    leaf.positions[end][axis][lane] = steps.round() as u16;
                }
                leaf.radii[end][lane] = (piece.radii[end] / radius_step).round() as u8;
            }
        }
        leaf
    }

    fn primitive(&self, lane: usize) -> Piece {
        let ends = (self.ends()).map(|end| end.map(|lanes| lanes.to_array()[lane]));
        Piece {
            ends: ends.map(|[x, y, z, _]| Vec3::new(x, y, z)),
            radii: ends.map(|[.., radius]| radius),
        }
    }

    fn bounds(piece: &Piece) -> Aabb {
        Aabb::of_ball(piece.ends[0].into(), piece.radii[0])
            .union(Aabb::of_ball(piece.ends[1].into(), piece.radii[1]))
    }
}

impl RayLeaf for RibbonLeaf {
    type Setup = RayFrame;

    #[inline(always)]
    fn hits(&self, ray: &RayFrame, t_min: F32x8, t_max: F32x8) -> (u32, F32x8) {
        let splat = |v: [f32; 3]| v.map(F32x8::splat);
        let frame = FrameLanes {
            x_axis: splat(ray.x_axis),
            y_axis: splat(ray.y_axis),
            direction: splat(ray.direction),
        };
        let (lanes, t) = hits(self.ends(), splat(ray.origin), &frame, t_min, t_max);
        (lanes & ((1 << self.n_pieces) - 1), t)
    }
}

/// Frames of eight rays, or of one ray eight times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameLanes {
    pub(crate) x_axis: Vec3x8,
    pub(crate) y_axis: Vec3x8,
    pub(crate) direction: Vec3x8,
}

/// Eight tests of a ray against a piece: one ray and eight pieces, or eight rays and one piece.
/// An end is a position and a radius. Returns the lanes with `t_min < t <= t_max` and `t`.
#[inline(always)]
pub(crate) fn hits(
    ends: [[F32x8; 4]; 2],
    origin: Vec3x8,
    frame: &FrameLanes,
    t_min: F32x8,
    t_max: F32x8,
) -> (u32, F32x8) {
    let [[x0, y0, z0, r0], [x1, y1, z1, r1]] = ends;
    let a = [x0 - origin[0], y0 - origin[1], z0 - origin[2]];
    let e = [x1 - x0, y1 - y0, z1 - z0];
    let (ax, ay) = (dot(a, frame.x_axis), dot(a, frame.y_axis));
    let (ex, ey) = (dot(e, frame.x_axis), dot(e, frame.y_axis));
    let zero = F32x8::splat(0.0);
    let along = zero - ax.mul_add(ex, ay * ey);
    let length_squared = ex.mul_add(ex, ey * ey).max(F32x8::splat(f32::MIN_POSITIVE));
    let s = (along / length_squared).max(zero).min(F32x8::splat(1.0));
    let (px, py) = (s.mul_add(ex, ax), s.mul_add(ey, ay));
    let radius = s.mul_add(r1 - r0, r0);
    let inside = px.mul_add(px, py * py).le(radius * radius);
    if inside.bits() == 0 {
        return (0, zero);
    }
    let t = s.mul_add(dot(e, frame.direction), dot(a, frame.direction));
    ((inside & t_min.lt(t) & t.le(t_max)).bits(), t)
}

/// Where a ray meets a piece: the position along it in `[0, 1]` and `h`, the signed offset of the
/// ray from the axis in units of the radius, in `[-1, 1]`. The offset is positive on the side
/// of `tangent x wo`, where `wo` points back along the ray.
pub(super) fn position_on_piece(piece: &Piece, ray: &RayFrame) -> (f32, f32) {
    let (x_axis, y_axis) = (Vec3::from(ray.x_axis), Vec3::from(ray.y_axis));
    let a = piece.ends[0] - Vec3::from(ray.origin);
    let e = piece.ends[1] - piece.ends[0];
    let (ax, ay) = (a.dot(x_axis), a.dot(y_axis));
    let (ex, ey) = (e.dot(x_axis), e.dot(y_axis));
    let length_squared = (ex * ex + ey * ey).max(f32::MIN_POSITIVE);
    let s = (-(ax * ex + ay * ey) / length_squared).clamp(0.0, 1.0);
    let (px, py) = (ax + s * ex, ay + s * ey);
    let radius = piece.radii[0] + s * (piece.radii[1] - piece.radii[0]);
    let across = (ey * px - ex * py) / (length_squared.sqrt() * radius);
    (s, across.clamp(-1.0, 1.0))
}
