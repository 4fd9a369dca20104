//! One ray through one tree.
//!
//! Boxes are tested eight at a time. The arithmetic shifts a plane by at most a unit in the last
//! place of its distance from the ray's origin; the boxes are wider by more than that for every
//! ray that starts within a few diameters of the scene, so no box that the ray touches is missed,
//! however thin it is or however steep the ray.
//!
//! Leaves of triangles are tested as soon as their boxes are entered, those of hair when eight
//! are waiting (`leaf_queue.rs`).

use std::array::from_fn;

use glam::Vec3;

use super::build::{MAX_LEVELS, WIDTH};
use super::bvh::{Bvh, Leaf};
use super::leaf_queue::LeafQueue;
use super::node::Grid;
use crate::ray::Ray;
use crate::simd::{F32x8, Stack, prefetch};
use bottega_geometry::math;

/// Entries of the traversal stack: all but one child of every node on the way down.
const STACK_LEN: usize = (WIDTH - 1) * MAX_LEVELS + 2;

/// Boxes are kept a little beyond the nearest hit: its distance and theirs are rounded
/// differently.
pub(super) const BEYOND: f32 = 1.0 + 1.0 / (1 << 19) as f32;

/// Children yet to be visited: distance bits above, child below, so that integers sort them.
pub(super) type Pending = Stack<u64, STACK_LEN>;

/// A leaf that can be tested against a ray.
pub(super) trait RayLeaf: Leaf {
    /// What the test wants to know of the ray.
    type Setup;

    /// Whether leaves wait until their memory has come, rather than being tested at once. That
    /// pays where they are many and rarely hit.
    const WAITS: bool;

    /// Lanes hit with `t_min < t <= t_max` as bits, and `t` of all lanes.
    fn hits(&self, ray: &Self::Setup, t_min: F32x8, t_max: F32x8) -> (u32, F32x8);
}

/// A coordinate axis, as an index that needs no check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Axis {
    X = 0,
    Y = 1,
    Z = 2,
}

/// The ray as the boxes of one tree see it: a plane at `n` cells is met at `n * step + start`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slabs {
    pub(super) step: [f32; 3],
    pub(super) start: [f32; 3],
    /// Whether the ray runs down the axis, so that its near plane is the upper one.
    pub(super) downward: [bool; 3],
}

impl Slabs {
    #[inline(always)]
    fn new(ray: &Ray, grid: &Grid) -> Self {
        let inverse = inverse_of(ray.direction);
        Self {
            step: from_fn(|k| grid.cell[k] * inverse[k]),
            start: from_fn(|k| (grid.origin[k] - ray.origin[k]) * inverse[k]),
            downward: inverse.map(|i| i < 0.0),
        }
    }
}

/// The inverse of each coordinate of a direction. One that is missing gets a huge finite inverse:
/// no 0 * inf.
#[inline(always)]
pub(super) fn inverse_of(direction: Vec3) -> [f32; 3] {
    const SMALLEST: f32 = 1e-18;
    direction.to_array().map(|d| {
        if d.abs() < SMALLEST {
            1.0 / SMALLEST.copysign(d)
        } else {
            1.0 / d
        }
    })
}

/// The ray as triangles see it: axes permuted so that it runs mostly along the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shear {
    pub(super) axes: [Axis; 3],
    /// Origin, in the order of world axes, then shear factors of the permuted axes.
    pub(super) origin: [f32; 3],
    pub(super) shear: [f32; 3],
}

impl Shear {
    pub(super) fn new(ray: &Ray) -> Self {
        let size = ray.direction.abs();
        let axes = if size.y <= size.x && size.z <= size.x {
            [Axis::Y, Axis::Z, Axis::X]
        } else if size.z <= size.y {
            [Axis::Z, Axis::X, Axis::Y]
        } else {
            [Axis::X, Axis::Y, Axis::Z]
        };
        let [dx, dy, dz] = axes.map(|axis| ray.direction[axis as usize]);
        Self {
            axes,
            origin: axes.map(|axis| ray.origin[axis as usize]),
            shear: [dx / dz, dy / dz, 1.0 / dz],
        }
    }
}

/// The ray as fibres see it: a frame whose last axis is the ray.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RayFrame {
    pub(crate) origin: [f32; 3],
    pub(crate) x_axis: [f32; 3],
    pub(crate) y_axis: [f32; 3],
    pub(crate) direction: [f32; 3],
}

impl RayFrame {
    pub(crate) fn new(ray: &Ray) -> Self {
        let (x_axis, y_axis): (Vec3, Vec3) = math::orthonormal_basis(ray.direction);
        Self {
            origin: ray.origin.to_array(),
            x_axis: x_axis.to_array(),
            y_axis: y_axis.to_array(),
            direction: ray.direction.to_array(),
        }
    }
}

/// The nearest hit so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Nearest {
    /// Its distance, or the end of the ray.
    pub(super) t: f32,
    /// Slot of the primitive.
    pub(super) slot: u32,
    /// Number of the primitive.
    pub(super) number: u32,
}

impl Nearest {
    /// Nothing yet on a ray that ends before `t_max`.
    pub(super) fn none(t_max: f32) -> Self {
        // The number 0 lets no hit at exactly `t_max` win the tie.
        Self {
            t: t_max,
            slot: 0,
            number: 0,
        }
    }
}

impl<L: RayLeaf> Bvh<L>
where
    L::Primitive: Copy,
{
    /// Finds the nearest hit whose number is accepted, or with `ANY` the first one that comes
    /// along. Returns whether there was one. Of several hits at the same distance the lowest
    /// number wins, so that the result does not depend on the order of visits.
    #[inline]
    pub(super) fn trace<const ANY: bool>(
        &self,
        ray: &Ray,
        setup: &L::Setup,
        nearest: &mut Nearest,
        accept: impl Fn(u32) -> bool,
    ) -> bool {
        if self.nodes.is_empty() {
            return false;
        }
        let slabs = Slabs::new(ray, &self.grid);
        let t_min = F32x8::splat(ray.t_min);
        let mut found = false;
        let mut pending = Pending::new();
        let mut queue = LeafQueue::new();
        let mut current = 0_u32;
        let mut t_cull = nearest.t * BEYOND;
        loop {
            let node = &self.nodes[current as usize];
            let (entered, t_near) = node.enter(&slabs, t_min, F32x8::splat(t_cull));
            let t_near = t_near.to_array();
            let mut leaves = node.entered_leaves(entered);
            if L::WAITS {
                // Most nodes add one or two.
                queue.push(node.leaf(0), leaves);
                prefetch(&self.leaves, node.leaf(leaves.trailing_zeros() & 7));
                prefetch(&self.leaves, node.leaf((leaves | 1).ilog2()));
            } else {
                while leaves != 0 {
                    let child = leaves.trailing_zeros() & 7;
                    leaves &= leaves - 1;
                    if (ANY || t_near[child as usize] <= t_cull)
                        && self.test::<ANY>(node.leaf(child), setup, t_min, nearest, &accept)
                    {
                        if ANY {
                            return true;
                        }
                        found = true;
                        t_cull = nearest.t * BEYOND;
                    }
                }
            }

            // Go on with the nearest node; the others wait.
            let mut inner = node.entered_nodes(entered);
            let mut next = u64::MAX;
            while inner != 0 {
                let child = inner.trailing_zeros() & 7;
                inner &= inner - 1;
                let idx = node.node(child);
                let distance = u64::from(t_near[child as usize].to_bits());
                let entry = distance << 32 | u64::from(idx);
                if next != u64::MAX {
                    pending.push(next.max(entry));
                }
                next = next.min(entry);
            }
            if L::WAITS && queue.is_full() {
                for &leaf in queue.first() {
                    if self.test::<ANY>(leaf, setup, t_min, nearest, &accept) {
                        if ANY {
                            return true;
                        }
                        found = true;
                    }
                }
                queue.drop_first();
                t_cull = nearest.t * BEYOND;
            }
            // Whatever is behind the nearest hit by now is dropped.
            let limit = u64::from(t_cull.to_bits()) << 32 | u64::from(u32::MAX);
            while limit < next {
                let Some(entry) = pending.pop() else {
                    for &leaf in queue.all() {
                        found |= self.test::<ANY>(leaf, setup, t_min, nearest, &accept);
                        if ANY && found {
                            break;
                        }
                    }
                    return found;
                };
                next = entry;
            }
            current = next as u32;
        }
    }

    /// Tests one leaf; returns whether it has a new nearest hit.
    #[inline(always)]
    fn test<const ANY: bool>(
        &self,
        leaf_idx: u32,
        setup: &L::Setup,
        t_min: F32x8,
        nearest: &mut Nearest,
        accept: &impl Fn(u32) -> bool,
    ) -> bool {
        let leaf = &self.leaves[leaf_idx as usize];
        let (mut lanes, t) = leaf.hits(setup, t_min, F32x8::splat(nearest.t));
        if lanes == 0 {
            return false;
        }
        let t = t.to_array();
        let mut found = false;
        while lanes != 0 {
            let lane = lanes.trailing_zeros() & 7;
            lanes &= lanes - 1;
            let (t, slot) = (t[lane as usize], leaf_idx * WIDTH as u32 + lane);
            if nearest.t < t {
                continue;
            }
            let number = self.number(slot);
            let nearer = t < nearest.t || number < nearest.number;
            if nearer && accept(number) {
                if ANY {
                    return true;
                }
                found = true;
                *nearest = Nearest { t, slot, number };
            }
        }
        found
    }
}
