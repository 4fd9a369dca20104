//! Eight boxes in 72 bytes.
//!
//! The planes of the children are bytes on a grid that the node carries: an origin and, for each
//! axis, a power of two as the width of a cell. Lower planes are rounded down and upper planes
//! up, after a margin that pays for the rounding of a ray's arithmetic, so a decoded box always
//! holds the true one.

use glam::{DVec3, Vec3A};

use super::aabb::Aabb;
use super::build::WIDTH;
use super::traverse::Slabs;
use crate::simd::F32x8;

/// Eight boxes and what is in them.
#[derive(Clone, Debug, PartialEq)]
#[repr(C, align(8))]
pub(super) struct Node {
    origin: [f32; 3],
    /// Exponents of the width of a cell, as `f32` stores them.
    exponents: [u8; 3],
    /// Number of children that are nodes, and in the upper half of the byte that of all.
    counts: u8,
    /// The children that are nodes follow each other from here.
    first_node: u32,
    /// The children that are leaves follow each other from here.
    first_leaf: u32,
    /// Planes by axis, then lower and upper, then child.
    planes: [[[u8; WIDTH]; 2]; 3],
}

const _: () = assert!(size_of::<Node>() == 72, "two cache lines hold any node");

impl Node {
    /// A node to be filled in later.
    pub(super) const EMPTY: Self = Self {
        origin: [0.0; 3],
        exponents: [1; 3],
        counts: 0,
        first_node: 0,
        first_leaf: 0,
        planes: [[[u8::MAX; WIDTH], [0; WIDTH]]; 3],
    };

    /// Packs the boxes of the children, nodes before leaves, each widened by `margin_m`.
    pub(super) fn new(
        children: &[Aabb],
        n_inner: usize,
        (first_node, first_leaf): (u32, u32),
        margin_m: f64,
    ) -> Self {
        let whole = children.iter().copied().fold(Aabb::EMPTY, Aabb::union);
        let mut node = Self {
            counts: (n_inner | children.len() << 4) as u8,
            first_node,
            first_leaf,
            ..Self::EMPTY
        };
        for axis in 0..3 {
            let origin = (f64::from(whole.lo[axis]) - margin_m) as f32;
            // The margin is smaller than the rounding of a large coordinate.
            let origin = origin.next_down();
            let reach = f64::from(whole.hi[axis]) + margin_m - f64::from(origin);
            let mut exponent = ((reach / 255.0) as f32).to_bits().wrapping_shr(23).max(1) as u8;
            while f64::from(cell(exponent)) * 255.0 < reach {
                exponent += 1;
            }
            let width = f64::from(cell(exponent));
            node.origin[axis] = origin;
            node.exponents[axis] = exponent;
            for (slot, child) in children.iter().enumerate() {
                let grid = |x: f64| (x - f64::from(origin)) / width;
                let lower = grid(f64::from(child.lo[axis]) - margin_m).floor();
                let upper = grid(f64::from(child.hi[axis]) + margin_m).ceil();
                node.planes[axis][0][slot] = lower as u8;
                node.planes[axis][1][slot] = upper as u8;
            }
        }
        node
    }

    /// The children among `entered` that are nodes, as bits.
    #[inline(always)]
    pub(super) fn entered_nodes(&self, entered: u32) -> u32 {
        entered & ((1 << (self.counts & 15)) - 1)
    }

    /// The children among `entered` that are leaves, as bits.
    #[inline(always)]
    pub(super) fn entered_leaves(&self, entered: u32) -> u32 {
        entered & !((1 << (self.counts & 15)) - 1)
    }

    /// Index of a child that is a node.
    #[inline(always)]
    pub(super) fn node(&self, child: u32) -> u32 {
        self.first_node + child
    }

    /// Index of a child that is a leaf.
    #[inline(always)]
    pub(super) fn leaf(&self, child: u32) -> u32 {
        self.first_leaf + (child - u32::from(self.counts & 15))
    }

    /// Number of children.
    #[inline(always)]
    pub(super) fn n_children(&self) -> usize {
        usize::from(self.counts >> 4)
    }

    /// Box of a child, as rays see it.
    pub(super) fn child_bounds(&self, slot: usize) -> Aabb {
        let corner = |side: usize| {
            let axis = |k: usize| {
                let step =
                    f64::from(self.planes[k][side][slot]) * f64::from(cell(self.exponents[k]));
                f64::from(self.origin[k]) + step
            };
            DVec3::new(axis(0), axis(1), axis(2)).as_vec3a()
        };
        let (lo, hi): (Vec3A, Vec3A) = (corner(0), corner(1));
        Aabb { lo, hi }
    }

    /// Children whose boxes a ray enters between `t_min` and `t_max`, as bits, and where.
    #[inline(always)]
    pub(super) fn enter(&self, ray: &Slabs, t_min: F32x8, t_max: F32x8) -> (u32, F32x8) {
        // Two units in the last place, for the rounding of the inverse and of the product.
        const FAR_FACTOR: f32 = 1.000_000_4;
        let cross = |axis: usize| {
            let inverse = ray.inverse[axis];
            let step = F32x8::splat(cell(self.exponents[axis]) * inverse);
            let start = F32x8::splat((self.origin[axis] - ray.origin[axis]) * inverse);
            let near = usize::from(ray.downward[axis]);
            let [lower, upper] = [near, 1 - near]
                .map(|side| F32x8::from_u8(&self.planes[axis][side]).mul_add(step, start));
            (lower, upper)
        };
        let (near_x, far_x) = cross(0);
        let (near_y, far_y) = cross(1);
        let (near_z, far_z) = cross(2);
        let near = near_x.max(near_y).max(near_z.max(t_min));
        let far = far_x.min(far_y).min(far_z.min(t_max));
        let entered = near.le(far * F32x8::splat(FAR_FACTOR)).bits();
        (entered & ((1 << self.n_children()) - 1), near)
    }
}

/// Width of a grid cell.
#[inline(always)]
fn cell(exponent: u8) -> f32 {
    f32::from_bits(u32::from(exponent) << 23)
}
