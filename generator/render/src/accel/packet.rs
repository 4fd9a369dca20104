//! Up to eight rays that run close together, through the tree of hair.
//!
//! The first rays of the paths of one pixel meet the same nodes and the same leaves. A node is
//! tested with the smallest and the largest inverse of the directions, a leaf with a cone around
//! the rays, and only the pieces that the cone touches are tested against the rays, all eight at
//! once. Neither test leaves out what one of the rays would hit, and the test of a piece is that of
//! single rays with the same roundings, so the hits are theirs, bit for bit.

use glam::Vec3;

use super::build::WIDTH;
use super::bvh::Bvh;
use super::count;
use super::leaf_queue::LeafQueue;
use super::node::Grid;
use super::ribbon::{Cone, FrameLanes, RibbonLeaf, WIDEST_CONE};
use super::traverse::{BEYOND, Nearest, Pending, RayFrame, Shear, inverse_of};
use super::{Accel, Hit, Visibility};
use crate::ray::Ray;
use crate::simd::{F32x8, Lanes, Vec3x8, prefetch};

/// Rays of a packet.
const PACKET: usize = WIDTH;

/// Fewer rays than this are taken one by one.
const FEWEST: usize = 3;

impl Accel {
    /// The nearest hit of each ray, bit for bit what [`Self::intersect`] finds.
    ///
    /// Rays that follow each other and run close together, as those of one pixel do, are taken
    /// eight at a time through hair. Both slices have one length; what is beyond the shorter one is
    /// left alone.
    pub fn intersect_packets(&self, rays: &[Ray], hits: &mut [Option<Hit>]) {
        for (rays, hits) in rays.chunks(PACKET).zip(hits.chunks_mut(PACKET)) {
            let n_rays = rays.len().min(hits.len());
            let (rays, hits) = (&rays[..n_rays], &mut hits[..n_rays]);
            if !self.intersect_packet(rays, hits) {
                for (ray, hit) in rays.iter().zip(hits) {
                    *hit = self.intersect(ray);
                }
            }
        }
    }

    /// The nearest hits of up to eight rays; does nothing and returns `false` where they are no
    /// packet.
    fn intersect_packet(&self, rays: &[Ray], hits: &mut [Option<Hit>]) -> bool {
        let is_plain = |ray: &Ray| {
            ray.skip.is_none() && self.strand_objects.visibility(ray.mask) == Visibility::All
        };
        if self.piece_sources.is_empty() || !self.cutouts.is_empty() || !rays.iter().all(is_plain) {
            return false;
        }
        let Some(packet) = self.strand_tree.packet(rays) else {
            return false;
        };
        let mut shears = [None; PACKET];
        let mut nearest = [Nearest::none(0.0); PACKET];
        let mut on_triangle = [None; PACKET];
        for (i, ray) in rays.iter().enumerate() {
            let shear = Shear::new(ray);
            nearest[i] = Nearest::none(ray.t_max);
            let is_hit = self.trace_triangles::<false>(ray, &shear, &mut nearest[i]);
            on_triangle[i] = is_hit.then_some(nearest[i]);
            shears[i] = Some(shear);
            nearest[i].number = 0;
        }
        let on_strand = (self.strand_tree).trace_packet(&packet, &mut nearest[..rays.len()]);
        for (i, (ray, hit)) in rays.iter().zip(hits).enumerate() {
            count::count();
            *hit = if on_strand >> i & 1 != 0 {
                Some(self.strand_hit(nearest[i], &RayFrame::new(ray)))
            } else {
                (on_triangle[i].zip(shears[i])).map(|(at, shear)| self.triangle_hit(at, &shear))
            };
        }
        true
    }
}

/// The rays as the boxes of one tree see them.
#[derive(Clone, Copy, Debug)]
pub(super) struct PacketSlabs {
    /// Width of a cell of the grid, in metres.
    pub(super) cell: [f32; 3],
    /// From the origins of the rays to that of the grid by axis, in metres: of the ray that meets a
    /// plane first, and of the one that meets it last, were their directions the same.
    pub(super) start: [[f32; 2]; 3],
    /// Smallest and largest inverse of the directions, of one sign.
    pub(super) inverse: [[f32; 2]; 3],
    /// Whether the rays run down the axis.
    pub(super) downward: [bool; 3],
}

impl PacketSlabs {
    /// `None` where the rays run to different sides of an axis.
    fn new(rays: &[Ray], grid: &Grid) -> Option<Self> {
        let mut slabs = Self {
            cell: grid.cell,
            start: [[f32::INFINITY, f32::NEG_INFINITY]; 3],
            inverse: [[f32::INFINITY, f32::NEG_INFINITY]; 3],
            downward: [false; 3],
        };
        for ray in rays {
            for (axis, inverse) in inverse_of(ray.direction).into_iter().enumerate() {
                let start = grid.origin[axis] - ray.origin[axis];
                let [least, most] = &mut slabs.start[axis];
                (*least, *most) = (least.min(start), most.max(start));
                let [least, most] = &mut slabs.inverse[axis];
                (*least, *most) = (least.min(inverse), most.max(inverse));
            }
        }
        for axis in 0..3 {
            let [least, most] = slabs.inverse[axis];
            slabs.downward[axis] = most < 0.0;
            if slabs.downward[axis] {
                slabs.start[axis].reverse();
            } else if least < 0.0 {
                return None;
            }
        }
        Some(slabs)
    }
}

impl Cone {
    /// `None` where the rays run too far apart.
    fn around(rays: &[Ray]) -> Option<Self> {
        let share = 1.0 / rays.len() as f32;
        let mean = |of: fn(&Ray) -> Vec3| rays.iter().map(of).sum::<Vec3>() * share;
        let axis = Ray::new(
            mean(|ray| ray.origin),
            mean(|ray| ray.direction).try_normalize()?,
        );
        let farthest = |of: fn(&Ray) -> Vec3| {
            let off = rays.iter().map(|ray| (of(ray) - of(&axis)).length());
            off.fold(0.0, f32::max)
        };
        let spread = farthest(|ray| ray.direction);
        (spread <= WIDEST_CONE).then(|| Self {
            axis: RayFrame::new(&axis),
            spread_m: farthest(|ray| ray.origin),
            spread,
        })
    }
}

/// The rays as pieces of fibre see them; lanes beyond the last ray repeat it.
#[derive(Debug)]
struct RayLanes {
    origin: [Lanes; 3],
    x_axis: [Lanes; 3],
    y_axis: [Lanes; 3],
    direction: [Lanes; 3],
    t_min: Lanes,
}

impl RayLanes {
    fn new(rays: &[Ray]) -> Self {
        let zero = [Lanes::splat(0.0); 3];
        let mut lanes = Self {
            origin: zero,
            x_axis: zero,
            y_axis: zero,
            direction: zero,
            t_min: Lanes::splat(0.0),
        };
        for lane in 0..PACKET {
            let ray = &rays[lane.min(rays.len() - 1)];
            let frame = RayFrame::new(ray);
            for axis in 0..3 {
                lanes.origin[axis].0[lane] = frame.origin[axis];
                lanes.x_axis[axis].0[lane] = frame.x_axis[axis];
                lanes.y_axis[axis].0[lane] = frame.y_axis[axis];
                lanes.direction[axis].0[lane] = frame.direction[axis];
            }
            lanes.t_min.0[lane] = ray.t_min;
        }
        lanes
    }
}

fn load(axes: &[Lanes; 3]) -> Vec3x8 {
    axes.each_ref().map(Lanes::get)
}

/// Three to eight rays that run together.
#[derive(Debug)]
pub(super) struct Packet {
    n_rays: usize,
    slabs: PacketSlabs,
    cone: Cone,
    lanes: RayLanes,
    /// The least of the rays.
    t_min: f32,
}

impl Packet {
    /// `None` where the rays are too few or do not run together.
    fn new(rays: &[Ray], grid: &Grid) -> Option<Self> {
        if rays.len() < FEWEST {
            return None;
        }
        Some(Self {
            n_rays: rays.len(),
            slabs: PacketSlabs::new(rays, grid)?,
            cone: Cone::around(rays)?,
            lanes: RayLanes::new(rays),
            t_min: (rays.iter()).fold(f32::INFINITY, |least, ray| least.min(ray.t_min)),
        })
    }
}

impl Bvh<RibbonLeaf> {
    /// Up to eight rays, made ready for this tree; `None` where they are better taken one by one.
    pub(super) fn packet(&self, rays: &[Ray]) -> Option<Packet> {
        Packet::new(rays, &self.grid)
    }

    /// Finds the nearest hit of each ray on any piece, before that in `nearest`, as
    /// [`Self::trace`] would one by one. Returns the rays that have one as bits.
    pub(super) fn trace_packet(&self, rays: &Packet, nearest: &mut [Nearest]) -> u32 {
        if self.nodes.is_empty() {
            return 0;
        }
        let mut search = Search {
            tree: self,
            cone: rays.cone,
            lanes: &rays.lanes,
            active: (1 << rays.n_rays) - 1,
            t: Lanes::splat(0.0),
            nearest,
            found: 0,
        };
        search.walk(&rays.slabs, F32x8::splat(rays.t_min));
        search.found
    }
}

/// A packet on its way.
struct Search<'a> {
    tree: &'a Bvh<RibbonLeaf>,
    cone: Cone,
    lanes: &'a RayLanes,
    /// Lanes that hold a ray of their own, as bits.
    active: u32,
    /// Distances in `nearest`; those of other lanes are zero, so that nothing is hit.
    t: Lanes,
    nearest: &'a mut [Nearest],
    /// Rays with a hit, as bits.
    found: u32,
}

impl Search<'_> {
    fn walk(&mut self, slabs: &PacketSlabs, t_min: F32x8) {
        for (t, nearest) in self.t.0.iter_mut().zip(&*self.nearest) {
            *t = nearest.t;
        }
        let tree = self.tree;
        let mut pending = Pending::new();
        let mut queue = LeafQueue::new();
        let mut current = 0_u32;
        let mut t_cull = self.farthest() * BEYOND;
        loop {
            let node = &tree.nodes[current as usize];
            let (entered, t_near) = node.enter_packet(slabs, t_min, F32x8::splat(t_cull));
            let t_near = t_near.to_array();
            let leaves = node.entered_leaves(entered);
            queue.push(node.leaf(0), leaves);
            prefetch(&tree.leaves, node.leaf(leaves.trailing_zeros() & 7));
            prefetch(&tree.leaves, node.leaf((leaves | 1).ilog2()));

            // Go on with the nearest node; the others wait.
            let mut inner = node.entered_nodes(entered);
            let mut next = u64::MAX;
            while inner != 0 {
                let child = inner.trailing_zeros() & 7;
                inner &= inner - 1;
                let distance = u64::from(t_near[child as usize].to_bits());
                let entry = distance << 32 | u64::from(node.node(child));
                if next != u64::MAX {
                    pending.push(next.max(entry));
                }
                next = next.min(entry);
            }
            if queue.is_full() {
                for &leaf in queue.first() {
                    self.test(leaf);
                }
                queue.drop_first();
                t_cull = self.farthest() * BEYOND;
            }
            // Whatever is behind the nearest hits of all by now is dropped.
            let limit = u64::from(t_cull.to_bits()) << 32 | u64::from(u32::MAX);
            while limit < next {
                let Some(entry) = pending.pop() else {
                    for &leaf in queue.all() {
                        self.test(leaf);
                    }
                    return;
                };
                next = entry;
            }
            current = next as u32;
        }
    }

    /// How far the ray may still go that may go farthest.
    #[inline(always)]
    fn farthest(&self) -> f32 {
        self.t.0.iter().copied().fold(0.0, f32::max)
    }

    /// Tests one leaf.
    #[inline(always)]
    fn test(&mut self, leaf_idx: u32) {
        let leaf = &self.tree.leaves[leaf_idx as usize];
        let mut pieces = leaf.touched(&self.cone, self.farthest());
        while pieces != 0 {
            let piece = pieces.trailing_zeros() & 7;
            pieces &= pieces - 1;
            let frame = FrameLanes {
                x_axis: load(&self.lanes.x_axis),
                y_axis: load(&self.lanes.y_axis),
                direction: load(&self.lanes.direction),
            };
            let (mut hit, t) = leaf.hits_of_rays(
                piece as usize,
                (&load(&self.lanes.origin), &frame),
                (self.lanes.t_min.get(), self.t.get()),
                self.active,
            );
            if hit == 0 {
                continue;
            }
            let t = t.to_array();
            let slot = leaf_idx * WIDTH as u32 + piece;
            let number = self.tree.number(slot);
            while hit != 0 {
                let lane = (hit.trailing_zeros() & 7) as usize;
                hit &= hit - 1;
                let nearest = &mut self.nearest[lane];
                if t[lane] < nearest.t || number < nearest.number {
                    *nearest = Nearest {
                        t: t[lane],
                        slot,
                        number,
                    };
                    self.t.0[lane] = t[lane];
                    self.found |= 1 << lane;
                }
            }
        }
    }
}
