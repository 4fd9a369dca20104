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
/// than a micrometre. Tests count in steps of positions, so that nothing needs to be decoded.
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
    /// The largest of the radii.
    thickest: u8,
}

const _: () = assert!(size_of::<RibbonLeaf>() == 128, "a leaf is two cache lines");

/// How a leaf counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    origin: [f32; 3],
    /// Step of positions, in metres.
    step_m: f32,
    /// Step of radii, in steps of positions.
    radius_step: f32,
    /// The largest radius of the leaf, in steps of positions.
    thickest: f32,
}

/// A piece as its leaf has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PackedPiece {
    /// Position of start and end in steps, then the radius in its own steps.
    pub(crate) ends: [[f32; 4]; 2],
    /// What the steps are.
    pub(crate) scale: Scale,
}

impl PackedPiece {
    /// The piece in metres.
    pub(crate) fn decoded(&self) -> Piece {
        let Scale {
            origin,
            step_m,
            radius_step,
            ..
        } = self.scale;
        Piece {
            ends: (self.ends).map(|[x, y, z, _]| {
                Vec3::new(
                    x.mul_add(step_m, origin[0]),
                    y.mul_add(step_m, origin[1]),
                    z.mul_add(step_m, origin[2]),
                )
            }),
            radii: self
                .ends
                .map(|[.., radius]| radius * (radius_step * step_m)),
        }
    }
}

impl RibbonLeaf {
    #[inline(always)]
    fn scale(&self) -> Scale {
        let [step, radius_step] = self.exponents;
        let step_m = power_of_two(step);
        // A quotient of powers of two, without the division.
        let radius_step =
            f32::from_bits((127 + u32::from(radius_step)).saturating_sub(u32::from(step)) << 23);
        Scale {
            origin: self.origin,
            step_m,
            radius_step,
            thickest: f32::from(self.thickest) * radius_step,
        }
    }

    /// A piece as packed.
    pub(super) fn packed(&self, lane: usize) -> PackedPiece {
        PackedPiece {
            ends: [0, 1].map(|end| {
                let [x, y, z] = (self.positions[end].each_ref()).map(|axis| f32::from(axis[lane]));
                [x, y, z, f32::from(self.radii[end][lane])]
            }),
            scale: self.scale(),
        }
    }
}

/// The power of two with an exponent as `f32` stores it.
#[inline(always)]
fn power_of_two(exponent: u8) -> f32 {
    f32::from_bits(u32::from(exponent) << 23)
}

/// Exponent of the smallest step of which `n_steps` reach `length`.
fn step_exponent(length: f32, n_steps: f32) -> u8 {
    // Not below 2^-62, so that a quotient of steps and its square are ordinary numbers.
    let mut exponent = ((length / n_steps).to_bits() >> 23).max(65) as u8;
    while power_of_two(exponent) * n_steps < length {
        exponent += 1;
    }
    exponent
}

impl Leaf for RibbonLeaf {
    type Primitive = Piece;
    type Plane = u16;

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
            thickest: 0,
        };
        for (lane, piece) in pieces.iter().enumerate() {
            for end in 0..2 {
                for axis in 0..3 {
                    let steps = (piece.ends[end][axis] - leaf.origin[axis]) / step;
                    leaf.positions[end][axis][lane] = steps.round() as u16;
                }
                let radius = (piece.radii[end] / radius_step).round() as u8;
                leaf.radii[end][lane] = radius;
                leaf.thickest = leaf.thickest.max(radius);
            }
        }
        leaf
    }

    fn primitive(&self, lane: usize) -> Piece {
        self.packed(lane).decoded()
    }

    fn bounds(piece: &Piece) -> Aabb {
        Aabb::of_ball(piece.ends[0].into(), piece.radii[0])
            .union(Aabb::of_ball(piece.ends[1].into(), piece.radii[1]))
    }
}

impl RayLeaf for RibbonLeaf {
    type Setup = RayFrame;

    const WAITS: bool = true;

    #[inline(always)]
    fn hits(&self, ray: &RayFrame, t_min: F32x8, t_max: F32x8) -> (u32, F32x8) {
        let splat = |v: [f32; 3]| v.map(F32x8::splat);
        let frame = FrameLanes {
            x_axis: splat(ray.x_axis),
            y_axis: splat(ray.y_axis),
            direction: splat(ray.direction),
        };
        let ends = |end: usize| self.positions[end].each_ref().map(F32x8::from_u16);
        let radii = || self.radii.each_ref().map(F32x8::from_u8);
        let n_pieces = u32::from(self.n_pieces);
        let lanes = (1 << n_pieces) - 1;
        let (start, end) = (ends(0), ends(1));
        let scale = self.scale();
        let offset = scale.offset(ray.origin).map(F32x8::splat);
        let ends = [start, end];
        hits(ends, radii, &scale, (offset, &frame), (t_min, t_max), lanes)
    }
}

impl Scale {
    /// The inverse of the step: exact, since that is a power of two, and without a division.
    #[inline(always)]
    fn per_m(&self) -> f32 {
        f32::from_bits((254 << 23) - self.step_m.to_bits())
    }

    /// From the origin of a ray to that of the leaf, in steps.
    #[inline(always)]
    pub(crate) fn offset(&self, origin: [f32; 3]) -> [f32; 3] {
        let per_m = self.per_m();
        std::array::from_fn(|axis| (self.origin[axis] - origin[axis]) * per_m)
    }

    /// The same for eight rays.
    #[inline(always)]
    fn offsets(&self, origins: &Vec3x8) -> Vec3x8 {
        let per_m = F32x8::splat(self.per_m());
        std::array::from_fn(|axis| (F32x8::splat(self.origin[axis]) - origins[axis]) * per_m)
    }
}

/// A bundle of rays as one: every point at distance `t` along one of its rays lies within
/// `spread_m + t * spread` of the point there on the axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cone {
    pub(super) axis: RayFrame,
    pub(super) spread_m: f32,
    /// At most [`WIDEST_CONE`].
    pub(super) spread: f32,
}

/// The widest cone for which the bounds below hold.
pub(super) const WIDEST_CONE: f32 = 0.02;

impl RibbonLeaf {
    /// Pieces that a ray of a bundle may hit before `t_max`, as bits; never too few.
    ///
    /// A hit at `t` on a ray lies within the piece's radius of the ray, so within that plus the
    /// bundle's spread at `t` of the axis. Distances along the ray and along the axis differ by
    /// less than that spread.
    #[inline(always)]
    pub(super) fn touched(&self, cone: &Cone, t_max: f32) -> u32 {
        // For the spread at the axis' distance instead of the ray's, and for rounding.
        const ROOM: f32 = 1.1;
        const ROUNDING: f32 = 1e-6;
        let splat = |v: [f32; 3]| v.map(F32x8::splat);
        let scale = self.scale();
        let offset = splat(scale.offset(cone.axis.origin));
        let ends = |end: usize| self.positions[end].each_ref().map(F32x8::from_u16);
        let (start, end) = (ends(0), ends(1));
        let a: Vec3x8 = std::array::from_fn(|k| start[k] + offset[k]);
        let e: Vec3x8 = std::array::from_fn(|k| end[k] - start[k]);
        let (x_axis, y_axis) = (splat(cone.axis.x_axis), splat(cone.axis.y_axis));
        let (ax, ay) = (dot(a, x_axis), dot(a, y_axis));
        let (ex, ey) = (dot(e, x_axis), dot(e, y_axis));
        let direction = splat(cone.axis.direction);
        let zero = F32x8::splat(0.0);
        let (at, et) = (dot(a, direction), dot(e, direction));
        let (near, far) = (at.min(at + et), at.max(at + et).max(zero));

        let per_m = scale.per_m();
        let least = ROOM * (scale.thickest + cone.spread_m * per_m);
        let spread = F32x8::splat(ROOM * (cone.spread + ROUNDING));
        let reach = far.mul_add(spread, F32x8::splat(least));
        let length_squared = ex.mul_add(ex, ey * ey).max(F32x8::splat(f32::MIN_POSITIVE));
        let along = zero - ax.mul_add(ex, ay * ey);
        let s = (along / length_squared).max(zero).min(F32x8::splat(1.0));
        let (px, py) = (s.mul_add(ex, ax), s.mul_add(ey, ay));
        let close = px.mul_add(px, py * py).le(reach * reach);
        let before = near.le(reach + F32x8::splat(ROOM * t_max * per_m));
        (close & before).bits() & ((1 << u32::from(self.n_pieces)) - 1)
    }

    /// Rays among `lanes` that hit a piece with `t_min < t <= t_max`, as bits, and `t` of all: the
    /// very numbers that [`RayLeaf::hits`] finds for each of them.
    #[inline(always)]
    pub(super) fn hits_of_rays(
        &self,
        lane: usize,
        (origins, frame): (&Vec3x8, &FrameLanes),
        (t_min, t_max): (F32x8, F32x8),
        lanes: u32,
    ) -> (u32, F32x8) {
        let end = |end: usize| {
            (self.positions[end].each_ref()).map(|axis| F32x8::splat(f32::from(axis[lane])))
        };
        let radii = || (self.radii.each_ref()).map(|radii| F32x8::splat(f32::from(radii[lane])));
        let scale = self.scale();
        let offset = scale.offsets(origins);
        let ends = [end(0), end(1)];
        hits(ends, radii, &scale, (offset, frame), (t_min, t_max), lanes)
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
/// Positions and radii are counted in steps of `scale`, and so is `offset`, the way from the ray's
/// origin to that of the leaf. Returns those of `lanes` with `t_min < t <= t_max`, and `t` in
/// metres.
#[inline(always)]
pub(crate) fn hits(
    [start, end]: [Vec3x8; 2],
    radii: impl Fn() -> [F32x8; 2],
    scale: &Scale,
    (offset, frame): (Vec3x8, &FrameLanes),
    (t_min, t_max): (F32x8, F32x8),
    lanes: u32,
) -> (u32, F32x8) {
    let a = [
        start[0] + offset[0],
        start[1] + offset[1],
        start[2] + offset[2],
    ];
    let e = [end[0] - start[0], end[1] - start[1], end[2] - start[2]];
    let (ax, ay) = (dot(a, frame.x_axis), dot(a, frame.y_axis));
    let (ex, ey) = (dot(e, frame.x_axis), dot(e, frame.y_axis));
    let zero = F32x8::splat(0.0);

    // Few rays pass even the line of a piece as near as its radius; the others end here. The
    // factor leaves room for rounding.
    let length_squared = ex.mul_add(ex, ey * ey);
    let moment = ay.neg_mul_add(ex, ax * ey);
    let reach = F32x8::splat(1.001 * scale.thickest * scale.thickest);
    let near = (moment * moment).le(length_squared * reach);
    if near.bits() & lanes == 0 {
        return (0, zero);
    }

    let along = zero - ax.mul_add(ex, ay * ey);
    let length_squared = length_squared.max(F32x8::splat(f32::MIN_POSITIVE));
    let s = (along / length_squared).max(zero).min(F32x8::splat(1.0));
    let (px, py) = (s.mul_add(ex, ax), s.mul_add(ey, ay));
    let [r0, r1] = radii();
    let radius = s.mul_add(r1 - r0, r0) * F32x8::splat(scale.radius_step);
    let inside = px.mul_add(px, py * py).le(radius * radius);
    let t = s.mul_add(dot(e, frame.direction), dot(a, frame.direction));
    let t = t * F32x8::splat(scale.step_m);
    let ahead = near & inside & t_min.lt(t) & t.le(t_max);
    (ahead.bits() & lanes, t)
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
