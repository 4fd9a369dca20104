//! Where a pair of glasses sits on a face: before the brows and cheeks, on the nose.

use bottega_geometry::math;
use bottega_schemas::params::{GlassesParams, LensKind};
use glam::{Vec2, Vec3};

use super::outline::{Rim, Style};
use crate::worn::head::{Head, side_sign};

/// Lenses stay this far before the eyeballs, in metres: lashes are as long as that.
const VERTEX_M: f32 = 0.0125;

/// Everything stays this far off the skin, in metres.
const CLEAR_M: f32 = 0.0016;

/// A bridge that stands off the nose by less than this needs no other fit, in metres.
const GOOD_M: f32 = 0.006;

/// Room for the hair of the brows, in metres.
const BROW_M: f32 = 0.0045;

/// Tilt of the front: its lower edge is nearer to the cheeks.
const TILT: f32 = 0.13;

/// Radius of the front side of a lens, in metres.
pub(crate) const BASE_M: f32 = 0.13;

/// Refractive index of lenses.
pub(crate) const LENS_IOR: f32 = 1.5;

/// A front that fits a face.
pub(crate) struct Front {
    /// What is special about the frame.
    pub(crate) style: Style,
    /// Half width and half height of a lens, in metres.
    pub(crate) half_m: Vec2,
    /// Distance of the middle of a lens from the middle plane, in metres.
    pub(crate) center_x: f32,
    /// Height of the middles of the lenses.
    pub(crate) center_y: f32,
    /// Depth of the front in the middle plane.
    pub(crate) z: f32,
    /// The outline of the right-hand lens, in shares.
    outline: Vec<Vec2>,
    /// Half depth of rims, in metres.
    pub(crate) half_depth_m: f32,
    /// Thickness of a lens in its middle, and how it grows with the squared distance from it.
    pub(crate) thickness: (f32, f32),
    /// Width of the rim all around, in metres.
    pub(crate) rim_m: f32,
}

impl Front {
    /// Fits a frame to a face. `front_z` is the depth of skin (and of a mask) at x and y.
    pub(crate) fn fit(
        params: &GlassesParams,
        head: &Head,
        wire: bool,
        front_z: impl Fn(f32, f32) -> f32,
    ) -> Self {
        let style = Style::of(params.frame);
        let pupils_m = head.eyes[0].x - head.eyes[1].x;
        let usual = pupils_m / 0.062;
        let rim_m = if wire {
            0.0013
        } else {
            style.rim_m * params.rim
        };
        let mut front = Self {
            half_m: 0.5 * style.lens_m * (params.size * math::lerp(1.0, usual, 0.8)),
            center_x: 0.0,
            center_y: 0.0,
            z: 0.0,
            outline: style.outline(),
            half_depth_m: if wire { 0.0010 } else { 0.0020 },
            thickness: lens_thickness(params),
            rim_m,
            style,
        };
        let mut best = f32::MAX;
        let mut fitted = None;
        // A front that stands too far from the nose is smaller, or sits higher.
        'sizes: for shrink in [1.0, 0.94, 0.88] {
            for lift in [0.0, 0.0025, 0.005] {
                let half_m = front.half_m * shrink;
                let bridge_m = style.bridge_m * math::lerp(1.0, usual, 0.5);
                front.center_x = half_m.x + 0.5 * bridge_m;
                // Wide lenses may sit outward of the pupils a little, narrow ones not inward.
                front.center_x = front.center_x.clamp(0.5 * pupils_m, 0.5 * pupils_m + 0.006);
                front.center_y = -2.0 * style.drop * half_m.y + lift;
                let z = front.least_z(head, half_m, &front_z);
                let nose_z = front_z(0.0, front.center_y + 0.45 * half_m.y);
                let stand_off_m = z - nose_z + 30.0 * lift * lift + 0.03 * (1.0 - shrink);
                if stand_off_m < best {
                    best = stand_off_m;
                    fitted = Some((half_m, front.center_x, front.center_y, z));
                }
                if best < GOOD_M {
                    break 'sizes;
                }
            }
        }
        if let Some((half_m, x, y, z)) = fitted {
            (front.half_m, front.center_x, front.center_y, front.z) = (half_m, x, y, z);
        }
        front
    }

    /// The nearest depth at which nothing of the front touches the face.
    fn least_z(&self, head: &Head, half_m: Vec2, front_z: &impl Fn(f32, f32) -> f32) -> f32 {
        let mut least = f32::MIN;
        let needed = |local: Vec2, x: f32, y: f32, back_m: f32| {
            let brow = math::smoothstep(head.brow_y - 0.012, head.brow_y - 0.006, y)
                * (1.0 - math::smoothstep(head.brow_y + 0.004, head.brow_y + 0.008, y));
            let room_m = CLEAR_M + (BROW_M - CLEAR_M) * brow;
            front_z(x, y) + room_m + back_m - self.relief(local, x, y)
        };
        for side in 0..2 {
            let sign = side_sign(side);
            for p in self.outline.iter() {
                for share in [1.0, 0.65] {
                    let rim_m = if share < 1.0 || self.style.rim == Rim::None {
                        0.0
                    } else {
                        self.rim_m
                    };
                    let local = *p * half_m * share + p.normalize_or_zero() * rim_m;
                    let x = sign * (self.center_x + local.x);
                    let back_m = if share < 1.0 {
                        self.thickness_at(local)
                    } else {
                        self.half_depth_m.max(self.thickness_at(local))
                    };
                    least = least.max(needed(local, x, self.center_y + local.y, back_m));
                }
            }
            // The lens before the eye itself.
            let eye = head.eyes[side];
            for (dx, dy) in [
                (0.0, 0.0),
                (0.008, 0.0),
                (-0.008, 0.0),
                (0.0, 0.007),
                (0.0, -0.007),
            ] {
                let (x, y) = (eye.x + dx, eye.y + dy);
                let local = Vec2::new(sign * x - self.center_x, y - self.center_y);
                let off2 = dx * dx + dy * dy;
                let ball_m = (head.eye_radius_m * head.eye_radius_m - off2)
                    .max(0.0)
                    .sqrt();
                let needed =
                    eye.z + ball_m + VERTEX_M + self.thickness_at(local) - self.relief(local, x, y);
                least = least.max(needed);
            }
        }
        let y = self.bridge_y(half_m);
        for x in [0.0, 0.003, -0.003, 0.006, -0.006] {
            least = least.max(front_z(x, y) + 0.0006 + self.half_depth_m - TILT * y);
        }
        least
    }

    /// Height of the bridge.
    fn bridge_y(&self, half_m: Vec2) -> f32 {
        self.center_y + 0.42 * half_m.y
    }

    /// Middle of the bridge on the middle plane.
    pub(crate) fn bridge(&self) -> Vec3 {
        let y = self.bridge_y(self.half_m);
        Vec3::new(0.0, y, self.z + TILT * y)
    }

    /// Depth of the front over that in the middle: wrap, tilt and the curve of the lens.
    fn relief(&self, local: Vec2, x: f32, y: f32) -> f32 {
        TILT * y - x * x / (2.0 * self.style.wrap_m) - local.length_squared() / (2.0 * BASE_M)
    }

    /// Thickness of a lens, in metres.
    pub(crate) fn thickness_at(&self, local: Vec2) -> f32 {
        let (middle_m, growth) = self.thickness;
        (middle_m + growth * local.length_squared()).max(0.0008)
    }

    /// The point of the front side of a lens; `local` is metres from its middle, x away from the
    /// nose.
    pub(crate) fn on_lens(&self, side: usize, local: Vec2) -> Vec3 {
        let x = side_sign(side) * (self.center_x + local.x);
        let y = self.center_y + local.y;
        Vec3::new(x, y, self.z + self.relief(local, x, y))
    }

    /// Unit normal of the front side of a lens, forward.
    pub(crate) fn normal(&self, side: usize, local: Vec2) -> Vec3 {
        let step = 1e-3;
        let du =
            self.on_lens(side, local + Vec2::X * step) - self.on_lens(side, local - Vec2::X * step);
        let dv =
            self.on_lens(side, local + Vec2::Y * step) - self.on_lens(side, local - Vec2::Y * step);
        (du.cross(dv) * side_sign(side)).normalize_or(Vec3::Z)
    }

    /// Metres from the middle of a lens to point `k` of its outline, moved outward by `out_m`.
    pub(crate) fn local(&self, k: usize, out_m: f32) -> Vec2 {
        let n = self.outline.len();
        let p = self.outline[k % n] * self.half_m;
        let before = self.outline[(k + n - 1) % n] * self.half_m;
        let after = self.outline[(k + 1) % n] * self.half_m;
        // Counter-clockwise, so outward is to the right.
        let along = (after - before).normalize_or_zero();
        p + Vec2::new(along.y, -along.x) * out_m
    }
}

/// Thickness in the middle and its growth per squared metre: a thin sheet, or a meniscus of the
/// power that was asked for.
fn lens_thickness(params: &GlassesParams) -> (f32, f32) {
    match params.lens {
        LensKind::Plano | LensKind::Sun => (0.0015, 0.0),
        LensKind::Prescription => {
            // 1/R of the back less 1/R of the front is -P / (n - 1).
            let power = params.power_dpt.clamp(-8.0, 5.0);
            let growth = -0.5 * power / (LENS_IOR - 1.0);
            // Lenses for the long-sighted are thin at the edge, those for the short-sighted within.
            let middle_m = if power < 0.0 {
                0.0014
            } else {
                0.0012 - growth * 0.027 * 0.027
            };
            (middle_m, growth)
        }
    }
}
