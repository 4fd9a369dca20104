//! All coverage rays of one pixel at once, against single pieces of fibre.
//!
//! The rays of a pixel meet the same few fibres, so instead of walking the tree with each ray,
//! the fibres that may touch the pixel are found by projection and tested against eight rays at
//! a time. The arithmetic of a test is the tree's own, so the outcome has the same bits.

use glam::{Vec2, Vec3};

use crate::accel::ribbon::{FrameLanes, PackedPiece, hits};
use crate::accel::traverse::RayFrame;
use crate::scene::Camera;
use crate::simd::{F32x8, Lanes};

/// Rays that are tested at once.
pub(super) const GROUP: usize = 8;

/// Eight rays from one origin.
#[derive(Clone, Copy, Debug)]
struct Group {
    x_axis: [Lanes; 3],
    y_axis: [Lanes; 3],
    direction: [Lanes; 3],
}

/// The rays of one pixel, in groups of eight; the last ray fills up the last group.
#[derive(Debug)]
pub(super) struct Beam {
    origin: Vec3,
    groups: Vec<Group>,
}

impl Beam {
    /// An empty beam, to be aimed.
    pub(super) fn new(camera: &Camera, n_rays: usize) -> Self {
        let zero = [Lanes::splat(0.0); 3];
        let group = Group {
            x_axis: zero,
            y_axis: zero,
            direction: zero,
        };
        Self {
            origin: camera.position(),
            groups: vec![group; n_rays.div_ceil(GROUP)],
        }
    }

    /// Points the beam through some positions in a pixel.
    pub(super) fn aim(&mut self, camera: &Camera, corner_px: Vec2, pattern: &[Vec2]) {
        for (group_idx, group) in self.groups.iter_mut().enumerate() {
            for lane in 0..GROUP {
                let idx = (GROUP * group_idx + lane).min(pattern.len() - 1);
                let frame = RayFrame::new(&camera.ray(corner_px + pattern[idx]));
                for axis in 0..3 {
                    group.x_axis[axis].0[lane] = frame.x_axis[axis];
                    group.y_axis[axis].0[lane] = frame.y_axis[axis];
                    group.direction[axis].0[lane] = frame.direction[axis];
                }
            }
        }
    }

    /// Lanes of a group that hit a piece before `t_max`, and the distances of all lanes.
    #[inline(always)]
    pub(super) fn hits(&self, group_idx: usize, piece: &PackedPiece, t_max: F32x8) -> (u32, F32x8) {
        let group = &self.groups[group_idx];
        let load = |axes: &[Lanes; 3]| [axes[0].get(), axes[1].get(), axes[2].get()];
        let frame = FrameLanes {
            x_axis: load(&group.x_axis),
            y_axis: load(&group.y_axis),
            direction: load(&group.direction),
        };
        let ends = (piece.ends).map(|[x, y, z, _]| [x, y, z].map(F32x8::splat));
        let radii = || piece.ends.map(|[.., radius]| F32x8::splat(radius));
        let scale = &piece.scale;
        let offset = scale.offset(self.origin.to_array()).map(F32x8::splat);
        let t_min = F32x8::splat(0.0);
        let (lanes, t) = hits(ends, radii, scale, (offset, &frame), (t_min, t_max), 0xff);
        // The end of a ray is not part of it.
        (lanes & t.lt(t_max).bits(), t)
    }

    /// Number of groups.
    pub(super) fn n_groups(&self) -> usize {
        self.groups.len()
    }
}
