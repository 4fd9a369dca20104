//! Binned surface-area heuristic (Wald 2007), down to a few primitives; `collapse.rs` makes wide
//! nodes of it.
//!
//! The tree depends only on the order of the primitives: subtrees are built in parallel, but
//! every split is decided from sums that have one result in any order (box unions and counts).

use glam::Vec3A;
use rayon::prelude::*;

use super::aabb::Aabb;

/// Children of a node, and primitives of a leaf.
pub(super) const WIDTH: usize = 8;

/// Deepest chain of nodes that the builder makes; the traversal stack relies on it.
pub(super) const MAX_LEVELS: usize = 48;

/// Ranges of so few are not split further.
const MIN_LEN: usize = 2;

/// Bins per axis, for ranges of any length: with fewer for short ones the lowest nodes are worse.
const N_BINS: usize = 16;

/// Ranges longer than this are built by several threads.
pub(super) const PARALLEL_LEN: usize = 4096;

/// Chunk of a range that is binned by one thread.
const BINNING_LEN: usize = 16384;

/// A primitive to be placed: its box and its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrimRef {
    /// Bounds of the primitive.
    pub(super) bounds: Aabb,
    /// Number of the primitive.
    pub(super) id: u32,
}

/// A subtree in which every node has two children.
#[derive(Debug)]
pub(super) struct Binary {
    /// First entry of the reordered primitive list.
    pub(super) start: usize,
    /// Number of entries.
    pub(super) len: usize,
    /// Bounds of all of them.
    pub(super) bounds: Aabb,
    /// The two halves, if it is split.
    pub(super) children: Option<Box<[Self; 2]>>,
}

/// Builds a tree over all primitives and reorders them so that subtrees are consecutive.
/// `None` when there are none.
pub(super) fn build_tree(refs: &mut [PrimRef]) -> Option<Binary> {
    (!refs.is_empty()).then(|| build_range(refs, 0, 0))
}

fn build_range(refs: &mut [PrimRef], start: usize, level: usize) -> Binary {
    let len = refs.len();
    let bounds = bounds_of(refs);
    let children = (MIN_LEN < len).then(|| {
        // Near the bound on depth only halving is sure to finish in time.
        let halving = MAX_LEVELS < level + 2 + len.ilog2() as usize;
        let split = if halving { None } else { best_split(refs) };
        let n_left = match split {
            Some(split) => partition(refs, &split),
            None => halve(refs),
        };
        let (left, right) = refs.split_at_mut(n_left);
        let mut build_left = || build_range(left, start, level + 1);
        let mut build_right = || build_range(right, start + n_left, level + 1);
        let (left, right) = if PARALLEL_LEN < len {
            rayon::join(build_left, build_right)
        } else {
            (build_left(), build_right())
        };
        Box::new([left, right])
    });
    Binary {
        start,
        len,
        bounds,
        children,
    }
}

/// Number of leaves that `len` primitives need at least: what it costs to test them all.
fn n_leaves(len: usize) -> f32 {
    len.div_ceil(WIDTH) as f32
}

/// A plane between bins.
struct Split {
    axis: usize,
    /// Last bin of the left side.
    last_bin: usize,
    bins: Bins,
}

/// How centroids map to bins.
#[derive(Clone, Copy)]
struct Bins {
    origin: Vec3A,
    scale: Vec3A,
}

impl Bins {
    fn index(self, prim: &PrimRef) -> [usize; 3] {
        let position = (prim.bounds.double_center() - self.origin) * self.scale;
        position.to_array().map(|x| (x as usize).min(N_BINS - 1))
    }
}

/// Boxes and counts of all bins.
#[derive(Clone)]
struct Histogram {
    bounds: [[Aabb; N_BINS]; 3],
    counts: [[u32; N_BINS]; 3],
}

impl Histogram {
    fn of(refs: &[PrimRef], bins: Bins) -> Self {
        let mut histogram = Self {
            bounds: [[Aabb::EMPTY; N_BINS]; 3],
            counts: [[0; N_BINS]; 3],
        };
        for prim in refs {
            for (axis, bin) in bins.index(prim).into_iter().enumerate() {
                let bounds = &mut histogram.bounds[axis][bin];
                *bounds = bounds.union(prim.bounds);
                histogram.counts[axis][bin] += 1;
            }
        }
        histogram
    }

    fn merge(mut self, other: &Self) -> Self {
        for axis in 0..3 {
            for bin in 0..N_BINS {
                let bounds = &mut self.bounds[axis][bin];
                *bounds = bounds.union(other.bounds[axis][bin]);
                self.counts[axis][bin] += other.counts[axis][bin];
            }
        }
        self
    }
}

/// The cheapest plane between bins, or `None` when all centroids coincide.
fn best_split(refs: &[PrimRef]) -> Option<Split> {
    let mut centers = Aabb::EMPTY;
    for prim in refs {
        centers = centers.with_point(prim.bounds.double_center());
    }
    let extent = centers.hi - centers.lo;
    let scale_of = |extent: f32| {
        if 1e-12 < extent {
            N_BINS as f32 * 0.9999 / extent
        } else {
            0.0
        }
    };
    let bins = Bins {
        origin: centers.lo,
        scale: Vec3A::from_array(extent.to_array().map(scale_of)),
    };
    let histogram = if 2 * BINNING_LEN <= refs.len() {
        refs.par_chunks(BINNING_LEN)
            .map(|chunk| Histogram::of(chunk, bins))
            .reduce_with(|a, b| a.merge(&b))?
    } else {
        Histogram::of(refs, bins)
    };

    let mut best: Option<(f32, usize, usize)> = None;
    for axis in 0..3 {
        if bins.scale[axis] == 0.0 {
            continue;
        }
        let (boxes, counts) = (&histogram.bounds[axis], &histogram.counts[axis]);
        // Sweep from the right, then from the left.
        let mut right_cost = [0.0; N_BINS];
        let mut right_bounds = Aabb::EMPTY;
        let mut n_right = 0;
        for bin in (1..N_BINS).rev() {
            right_bounds = right_bounds.union(boxes[bin]);
            n_right += counts[bin] as usize;
            right_cost[bin] = right_bounds.half_area() * n_leaves(n_right);
        }
        let mut left_bounds = Aabb::EMPTY;
        let mut n_left = 0;
        for bin in 0..N_BINS - 1 {
            left_bounds = left_bounds.union(boxes[bin]);
            n_left += counts[bin] as usize;
            if n_left == 0 || n_left == refs.len() {
                continue;
            }
            let cost = left_bounds.half_area() * n_leaves(n_left) + right_cost[bin + 1];
            if best.is_none_or(|(best_cost, ..)| cost < best_cost) {
                best = Some((cost, axis, bin));
            }
        }
    }
    best.map(|(_, axis, last_bin)| Split {
        axis,
        last_bin,
        bins,
    })
}

/// Moves the left side to the front; returns its length, which is neither zero nor all.
fn partition(refs: &mut [PrimRef], split: &Split) -> usize {
    let (mut front, mut back) = (0, refs.len());
    while front < back {
        if split.bins.index(&refs[front])[split.axis] <= split.last_bin {
            front += 1;
        } else {
            back -= 1;
            refs.swap(front, back);
        }
    }
    front
}

/// Halves the list at the median of its longest axis; returns the length of the left half.
fn halve(refs: &mut [PrimRef]) -> usize {
    let bounds = bounds_of(refs);
    let extent = (bounds.hi - bounds.lo).to_array();
    let mut axis = 0;
    for candidate in 1..3 {
        if extent[axis] < extent[candidate] {
            axis = candidate;
        }
    }
    let middle = refs.len() / 2;
    refs.select_nth_unstable_by(middle, |a, b| {
        let (x, y) = (a.bounds.double_center(), b.bounds.double_center());
        x[axis].total_cmp(&y[axis]).then(a.id.cmp(&b.id))
    });
    middle
}

fn bounds_of(refs: &[PrimRef]) -> Aabb {
    refs.iter()
        .fold(Aabb::EMPTY, |bounds, prim| bounds.union(prim.bounds))
}
