//! Eight boxes, as rays see them.
//!
//! All nodes of a tree share one grid: an origin and, for each axis, a power of two as the width
//! of a cell. A plane is a number of cells, so that what a ray needs to know of the grid is
//! computed once per ray. Hair counts cells with 16 bits, two cache lines a node; triangles,
//! which are few and lie in wider scenes, with 32-bit floats. Lower planes are rounded down and
//! upper planes up, after a margin that pays for the rounding of a ray's arithmetic, so a node's
//! box always holds the true one.

use glam::{DVec3, Vec3A};

use super::aabb::Aabb;
use super::build::WIDTH;
use super::packet::PacketSlabs;
use super::traverse::Slabs;
use crate::simd::F32x8;

/// Two units in the last place, for the rounding of the inverse and of the product.
const FAR_FACTOR: f32 = 1.000_000_4;

/// How a plane is stored: as a number of cells of the grid.
pub(super) trait Plane: Copy + std::fmt::Debug {
    /// Most cells along an axis.
    const N_CELLS: f64;

    /// Below and above every plane, for a box that no ray enters.
    const NOWHERE: [Self; 2];

    /// The nearest storable value that is not above `cells`.
    fn below(cells: f64) -> Self;

    /// The nearest storable value that is not below `cells`.
    fn above(cells: f64) -> Self;

    /// The value.
    fn cells(self) -> f64;

    /// Eight values in a register.
    fn load(planes: &[Self; WIDTH]) -> F32x8;
}

impl Plane for u16 {
    const N_CELLS: f64 = Self::MAX as f64;
    const NOWHERE: [Self; 2] = [Self::MAX, 0];

    fn below(cells: f64) -> Self {
        cells.floor() as Self
    }

    fn above(cells: f64) -> Self {
        cells.ceil() as Self
    }

    fn cells(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn load(planes: &[Self; WIDTH]) -> F32x8 {
        F32x8::from_u16(planes)
    }
}

impl Plane for f32 {
    const N_CELLS: f64 = 2.0;
    const NOWHERE: [Self; 2] = [Self::INFINITY, Self::NEG_INFINITY];

    fn below(cells: f64) -> Self {
        let rounded = cells as Self;
        if f64::from(rounded) <= cells {
            rounded
        } else {
            rounded.next_down()
        }
    }

    fn above(cells: f64) -> Self {
        -Self::below(-cells)
    }

    fn cells(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn load(planes: &[Self; WIDTH]) -> F32x8 {
        F32x8::load(planes)
    }
}

/// What the planes of a tree are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    /// Where the count starts.
    pub(super) origin: [f32; 3],
    /// Width of a cell; powers of two.
    pub(super) cell: [f32; 3],
    /// What boxes are widened by.
    pub(super) margin_m: f64,
}

impl Grid {
    /// The finest grid of which `n_cells` reach from end to end of a box with its margin.
    pub(super) fn over(whole: Aabb, margin_m: f64, n_cells: f64) -> Self {
        let mut grid = Self {
            origin: [0.0; 3],
            cell: [1.0; 3],
            margin_m,
        };
        for axis in 0..3 {
            // The margin is smaller than the rounding of a large coordinate.
            let origin = ((f64::from(whole.lo[axis]) - margin_m) as f32).next_down();
            let reach = f64::from(whole.hi[axis]) + margin_m - f64::from(origin);
            let mut cell = f32::MIN_POSITIVE;
            while f64::from(cell) * n_cells < reach {
                cell *= 2.0;
            }
            grid.origin[axis] = origin;
            grid.cell[axis] = cell;
        }
        grid
    }
}

/// Eight boxes and what is in them.
#[derive(Clone, Debug, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Node<P> {
    /// Planes by axis, then lower and upper, then child.
    planes: [[[P; WIDTH]; 2]; 3],
    /// The children that are nodes follow each other from here.
    first_node: u32,
    /// The children that are leaves follow each other from here, after one number for each
    /// child that is a node.
    first_leaf: u32,
    /// The children that are nodes, as bits.
    nodes: u8,
    /// The children that are leaves, as bits.
    leaves: u8,
}

const _: () = assert!(size_of::<Node<u16>>() == 128, "a node is two cache lines");

impl<P: Plane> Node<P> {
    /// A node to be filled in later.
    pub(super) const EMPTY: Self = Self {
        planes: [[[P::NOWHERE[0]; WIDTH], [P::NOWHERE[1]; WIDTH]]; 3],
        first_node: 0,
        first_leaf: 0,
        nodes: 0,
        leaves: 0,
    };

    /// Packs the boxes of the children, nodes before leaves.
    pub(super) fn new(
        children: &[Aabb],
        n_inner: usize,
        (first_node, first_leaf): (u32, u32),
        grid: &Grid,
    ) -> Self {
        let nodes = (1_u32 << n_inner) - 1;
        let mut node = Self {
            first_node,
            first_leaf: first_leaf.wrapping_sub(n_inner as u32),
            nodes: nodes as u8,
            leaves: (((1_u32 << children.len()) - 1) & !nodes) as u8,
            ..Self::EMPTY
        };
        for axis in 0..3 {
            let (origin, width) = (f64::from(grid.origin[axis]), f64::from(grid.cell[axis]));
            for (slot, child) in children.iter().enumerate() {
                let cells = |x: f64| (x - origin) / width;
                let (lo, hi) = (f64::from(child.lo[axis]), f64::from(child.hi[axis]));
                node.planes[axis][0][slot] = P::below(cells(lo - grid.margin_m));
                node.planes[axis][1][slot] = P::above(cells(hi + grid.margin_m));
            }
        }
        node
    }

    /// The children among `entered` that are nodes, as bits.
    #[inline(always)]
    pub(super) fn entered_nodes(&self, entered: u32) -> u32 {
        entered & u32::from(self.nodes)
    }

    /// The children among `entered` that are leaves, as bits.
    #[inline(always)]
    pub(super) fn entered_leaves(&self, entered: u32) -> u32 {
        entered & u32::from(self.leaves)
    }

    /// Index of a child that is a node.
    #[inline(always)]
    pub(super) fn node(&self, child: u32) -> u32 {
        self.first_node + child
    }

    /// Index of a child that is a leaf.
    #[inline(always)]
    pub(super) fn leaf(&self, child: u32) -> u32 {
        self.first_leaf.wrapping_add(child)
    }

    /// Number of children.
    pub(super) fn n_children(&self) -> usize {
        (self.nodes | self.leaves).count_ones() as usize
    }

    /// Box of a child, as rays see it.
    pub(super) fn child_bounds(&self, slot: usize, grid: &Grid) -> Aabb {
        let corner = |side: usize| {
            let axis = |k: usize| {
                let cells = self.planes[k][side][slot].cells();
                f64::from(grid.origin[k]) + cells * f64::from(grid.cell[k])
            };
            DVec3::new(axis(0), axis(1), axis(2)).as_vec3a()
        };
        let (lo, hi): (Vec3A, Vec3A) = (corner(0), corner(1));
        Aabb { lo, hi }
    }

    /// Children whose boxes a ray enters between `t_min` and `t_max`, as bits, and where.
    #[inline(always)]
    pub(super) fn enter(&self, ray: &Slabs, t_min: F32x8, t_max: F32x8) -> (u32, F32x8) {
        let cross = |axis: usize| {
            let step = F32x8::splat(ray.step[axis]);
            let start = F32x8::splat(ray.start[axis]);
            let near = usize::from(ray.downward[axis]);
            let [lower, upper] =
                [near, 1 - near].map(|side| P::load(&self.planes[axis][side]).mul_add(step, start));
            (lower, upper)
        };
        entered(cross, t_min, t_max)
    }

    /// Children whose boxes any ray of a packet may enter between `t_min` and `t_max`, as bits, and
    /// where the first may.
    #[inline(always)]
    pub(super) fn enter_packet(
        &self,
        rays: &PacketSlabs,
        t_min: F32x8,
        t_max: F32x8,
    ) -> (u32, F32x8) {
        let cross = |axis: usize| {
            let cell = F32x8::splat(rays.cell[axis]);
            let inverse = rays.inverse[axis].map(F32x8::splat);
            let side = usize::from(rays.downward[axis]);
            // How far the planes are from the ray that meets them first, or last.
            let [near, far] = [(side, 0), (1 - side, 1)].map(|(side, last)| {
                let start = F32x8::splat(rays.start[axis][last]);
                let offset = P::load(&self.planes[axis][side]).mul_add(cell, start);
                inverse.map(|inverse| offset * inverse)
            });
            (near[0].min(near[1]), far[0].max(far[1]))
        };
        entered(cross, t_min, t_max)
    }
}

/// Boxes that are entered between `t_min` and `t_max`, as bits, and where, from what `cross` says of
/// their near and far planes along each axis.
#[inline(always)]
fn entered(cross: impl Fn(usize) -> (F32x8, F32x8), t_min: F32x8, t_max: F32x8) -> (u32, F32x8) {
    let (near_x, far_x) = cross(0);
    let (near_y, far_y) = cross(1);
    let (near_z, far_z) = cross(2);
    let near = near_x.max(near_y).max(near_z.max(t_min));
    let far = far_x.min(far_y).min(far_z.min(t_max));
    (near.le(far * F32x8::splat(FAR_FACTOR)).bits(), near)
}
