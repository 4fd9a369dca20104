//! Binned surface-area heuristic (Wald 2007), opened to eight children per node.
//!
//! The tree depends only on the order of the primitives: subtrees are built in parallel, but
//! every split is decided from sums that have one result in any order (box unions and counts).

use glam::Vec3A;
use rayon::prelude::*;

use super::aabb::Aabb;

/// Children of a node, and primitives of a leaf.
pub(super) const WIDTH: usize = 8;

/// Deepest chain of nodes that the builder makes; the traversal stack relies on it.
pub(super) const MAX_LEVELS: usize = 18;

/// Bins per axis.
const MAX_BINS: usize = 32;

/// Ranges longer than this are built by several threads.
const PARALLEL_LEN: usize = 4096;

/// Chunk of a range that is binned by one thread.
const BINNING_LEN: usize = 16384;

/// Cost of visiting a node, in tests of leaves. Measured: rates change little between 0.3 and 1.
const NODE_COST: f32 = 0.35;

/// A primitive to be placed: its box and its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrimRef {
    /// Bounds of the primitive.
    pub(super) bounds: Aabb,
    /// Number of the primitive.
    pub(super) id: u32,
}

/// A subtree.
#[derive(Debug)]
pub(super) enum BuildNode {
    /// Consecutive entries of the reordered primitive list.
    Leaf {
        /// First entry.
        start: usize,
        /// Number of entries, from 1 to [`WIDTH`].
        len: usize,
    },
    /// One to eight children.
    Inner(Vec<Self>),
}

/// Part of the primitive list that will become one child.
struct Range {
    start: usize,
    len: usize,
    bounds: Aabb,
    closed: bool,
}

/// Builds a tree over all primitives and reorders them so that leaves are consecutive.
/// `None` when there are none. The root is always an inner node.
pub(super) fn build_tree(refs: &mut [PrimRef]) -> Option<BuildNode> {
    (!refs.is_empty()).then(|| build_inner(refs, 0, 0))
}

fn build_inner(refs: &mut [PrimRef], start: usize, level: usize) -> BuildNode {
    let mut ranges = open_children(refs, level);
    ranges.sort_by_key(|range| range.start);

    // Hand each child its own part of the list.
    let mut rest = refs;
    let mut parts = Vec::with_capacity(ranges.len());
    for range in ranges {
        let (part, tail) = rest.split_at_mut(range.len);
        rest = tail;
        parts.push((range, part));
    }
    let build_child = |(range, part): (Range, &mut [PrimRef])| {
        let start = start + range.start;
        if range.len <= WIDTH {
            BuildNode::Leaf {
                start,
                len: range.len,
            }
        } else {
            build_inner(part, start, level + 1)
        }
    };
    let len: usize = parts.iter().map(|(range, _)| range.len).sum();
    BuildNode::Inner(if PARALLEL_LEN < len {
        parts.into_par_iter().map(build_child).collect()
    } else {
        parts.into_iter().map(build_child).collect()
    })
}

/// Splits the list until there are eight parts or none is worth splitting, always the part with
/// the largest surface.
fn open_children(refs: &mut [PrimRef], level: usize) -> Vec<Range> {
    let mut ranges = vec![Range {
        start: 0,
        len: refs.len(),
        bounds: bounds_of(refs),
        closed: refs.len() <= 1,
    }];
    // Near the bound on depth only halving the longest part is sure to finish in time.
    let halving = MAX_LEVELS < level + 1 + levels_by_halving(refs.len());
    while ranges.len() < WIDTH {
        let mut largest: Option<(usize, f32)> = None;
        for (idx, range) in ranges.iter().enumerate() {
            let size = if halving {
                range.len as f32
            } else {
                range.bounds.half_area()
            };
            if !range.closed && largest.is_none_or(|(_, best)| best < size) {
                largest = Some((idx, size));
            }
        }
        let Some((idx, _)) = largest else { break };
        let (start, len) = (ranges[idx].start, ranges[idx].len);
        let area = ranges[idx].bounds.half_area();
        let part = &mut refs[start..start + len];
        let split = if halving { None } else { best_split(part) };
        let leaf_cost = area * n_leaves(len);
        if len <= WIDTH
            && split
                .as_ref()
                .is_none_or(|split| leaf_cost <= area * NODE_COST + split.cost)
        {
            ranges[idx].closed = true;
            continue;
        }
        let n_left = match split {
            Some(split) => partition(part, &split),
            None => halve(part),
        };
        let (left, right) = part.split_at(n_left);
        let (left_bounds, right_bounds) = (bounds_of(left), bounds_of(right));
        ranges[idx] = Range {
            start,
            len: n_left,
            bounds: left_bounds,
            closed: n_left <= 1,
        };
        ranges.push(Range {
            start: start + n_left,
            len: len - n_left,
            bounds: right_bounds,
            closed: len - n_left <= 1,
        });
    }
    ranges
}

/// Levels of nodes that halving needs: each node makes eight parts of nearly one length.
fn levels_by_halving(len: usize) -> usize {
    let mut levels = 1;
    let mut rest = len.div_ceil(WIDTH);
    while WIDTH < rest {
        rest = rest.div_ceil(WIDTH);
        levels += 1;
    }
    levels
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
    /// Sum over both sides of area times leaves.
    cost: f32,
}

/// How centroids map to bins.
#[derive(Clone, Copy)]
struct Bins {
    origin: Vec3A,
    scale: Vec3A,
    n_bins: usize,
}

impl Bins {
    fn index(self, prim: &PrimRef) -> [usize; 3] {
        let position = (prim.bounds.double_center() - self.origin) * self.scale;
        position
            .to_array()
            .map(|x| (x as usize).min(self.n_bins - 1))
    }
}

/// Boxes and counts of all bins.
#[derive(Clone)]
struct Histogram {
    bounds: [[Aabb; MAX_BINS]; 3],
    counts: [[u32; MAX_BINS]; 3],
}

impl Histogram {
    fn of(refs: &[PrimRef], bins: Bins) -> Self {
        let mut histogram = Self {
            bounds: [[Aabb::EMPTY; MAX_BINS]; 3],
            counts: [[0; MAX_BINS]; 3],
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
            for bin in 0..MAX_BINS {
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
    let n_bins = (4 + refs.len() / 16).clamp(8, 16);
    let scale_of = |extent: f32| {
        if 1e-12 < extent {
            n_bins as f32 * 0.9999 / extent
        } else {
            0.0
        }
    };
    let bins = Bins {
        origin: centers.lo,
        scale: Vec3A::from_array(extent.to_array().map(scale_of)),
        n_bins,
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
        let mut right_cost = [0.0; MAX_BINS];
        let mut right_bounds = Aabb::EMPTY;
        let mut n_right = 0;
        for bin in (1..n_bins).rev() {
            right_bounds = right_bounds.union(boxes[bin]);
            n_right += counts[bin] as usize;
            right_cost[bin] = right_bounds.half_area() * n_leaves(n_right);
        }
        let mut left_bounds = Aabb::EMPTY;
        let mut n_left = 0;
        for bin in 0..n_bins - 1 {
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
    best.map(|(cost, axis, last_bin)| Split {
        axis,
        last_bin,
        bins,
        cost,
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
