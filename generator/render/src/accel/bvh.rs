//! The tree as it is traversed: eight boxes a node, up to eight primitives a leaf.
//!
//! Children of one node lie next to each other, and subtrees follow in order, so that a walk
//! down the tree moves forward in memory. There are no pointers, only `u32` indices.

use super::aabb::Aabb;
use super::build::{BuildNode, MAX_LEVELS, PrimRef, WIDTH, build_tree};
use crate::simd::Lanes;
use glam::Vec3A;

/// Set in a child that is a leaf.
pub(super) const LEAF_BIT: u32 = 1 << 31;

/// A child that does not exist; its box is inverted and never hit.
pub(super) const NO_CHILD: u32 = u32::MAX;

/// Id of a lane of a leaf that holds no primitive.
pub(super) const NO_ID: u32 = u32::MAX;

/// Eight boxes and what is in them.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Node {
    /// Bounds by axis, then lower and upper, then child.
    pub(super) bounds: [[Lanes; 2]; 3],
    /// Index of a node, or of a leaf with [`LEAF_BIT`], or [`NO_CHILD`].
    pub(super) children: [u32; WIDTH],
}

impl Node {
    const EMPTY: Self = Self {
        bounds: [[Lanes::splat(f32::INFINITY), Lanes::splat(f32::NEG_INFINITY)]; 3],
        children: [NO_CHILD; WIDTH],
    };

    fn set_child(&mut self, slot: usize, bounds: Aabb, child: u32) {
        for axis in 0..3 {
            self.bounds[axis][0].0[slot] = bounds.lo[axis];
            self.bounds[axis][1].0[slot] = bounds.hi[axis];
        }
        self.children[slot] = child;
    }

    /// Box of a child.
    fn child_bounds(&self, slot: usize) -> Aabb {
        let corner =
            |side: usize| Vec3A::from_array([0, 1, 2].map(|k| self.bounds[k][side].0[slot]));
        Aabb {
            lo: corner(0),
            hi: corner(1),
        }
    }
}

/// Eight primitives of one kind, made for testing at once.
pub(super) trait Leaf: Sized {
    /// One primitive as the scene gives it.
    type Primitive;

    /// Packs up to eight primitives.
    fn pack(ids: &[u32], primitives: &[Self::Primitive]) -> Self;

    /// Bounds of a primitive.
    fn bounds(primitive: &Self::Primitive) -> Aabb;

    /// Numbers of the primitives; [`NO_ID`] in free lanes.
    fn ids(&self) -> &[u32; WIDTH];
}

/// A tree over primitives of one kind.
#[derive(Debug)]
pub(super) struct Bvh<L> {
    /// The root is first.
    pub(super) nodes: Vec<Node>,
    /// What the nodes point to.
    pub(super) leaves: Vec<L>,
}

impl<L: Leaf> Bvh<L> {
    /// Builds the tree; an empty list gives a tree without nodes.
    pub(super) fn build(primitives: &[L::Primitive]) -> Self {
        let mut refs: Vec<PrimRef> = primitives
            .iter()
            .enumerate()
            .map(|(id, primitive)| PrimRef {
                bounds: L::bounds(primitive),
                id: id as u32,
            })
            .collect();
        let mut bvh = Self {
            nodes: Vec::new(),
            leaves: Vec::new(),
        };
        if let Some(root) = build_tree(&mut refs) {
            bvh.nodes.push(Node::EMPTY);
            bvh.emit(0, root, &refs, primitives);
        }
        bvh
    }

    /// Fills the node at `node_idx` and appends everything below it.
    fn emit(
        &mut self,
        node_idx: usize,
        node: BuildNode,
        refs: &[PrimRef],
        primitives: &[L::Primitive],
    ) {
        let BuildNode::Inner(children) = node else {
            unreachable!("leaves are packed by their parents");
        };
        let mut inner = Vec::new();
        for (slot, (bounds, child)) in children.into_iter().enumerate() {
            let child_idx = match child {
                BuildNode::Leaf { start, len } => {
                    let mut ids = [0; WIDTH];
                    for (id, prim) in ids.iter_mut().zip(&refs[start..start + len]) {
                        *id = prim.id;
                    }
                    self.leaves.push(L::pack(&ids[..len], primitives));
                    (self.leaves.len() - 1) as u32 | LEAF_BIT
                }
                child => {
                    inner.push((self.nodes.len(), child));
                    self.nodes.push(Node::EMPTY);
                    (self.nodes.len() - 1) as u32
                }
            };
            self.nodes[node_idx].set_child(slot, bounds, child_idx);
        }
        for (child_idx, child) in inner {
            self.emit(child_idx, child, refs, primitives);
        }
    }

    /// Checks every promise that traversal relies on; says what is broken.
    pub(super) fn validate(&self, primitives: &[L::Primitive]) -> Result<(), String> {
        let mut node_seen = vec![false; self.nodes.len()];
        let mut leaf_seen = vec![false; self.leaves.len()];
        let mut primitive_seen = vec![false; primitives.len()];
        let mut pending = Vec::new();
        if !self.nodes.is_empty() {
            pending.push((0_u32, None::<Aabb>, 0));
        }
        while let Some((index, bounds, level)) = pending.pop() {
            let inside = |inner: Aabb| bounds.is_none_or(|outer| outer.contains(inner));
            if index & LEAF_BIT != 0 {
                let leaf_idx = (index & !LEAF_BIT) as usize;
                let leaf = self
                    .leaves
                    .get(leaf_idx)
                    .ok_or("a child points past the leaves")?;
                if std::mem::replace(&mut leaf_seen[leaf_idx], true) {
                    return Err(format!("leaf {leaf_idx} has two parents"));
                }
                for &id in leaf.ids().iter().filter(|&&id| id != NO_ID) {
                    let primitive = primitives
                        .get(id as usize)
                        .ok_or("an id has no primitive")?;
                    if std::mem::replace(&mut primitive_seen[id as usize], true) {
                        return Err(format!("primitive {id} is in two leaves"));
                    }
                    if !inside(L::bounds(primitive)) {
                        return Err(format!("primitive {id} sticks out of its leaf {leaf_idx}"));
                    }
                }
                continue;
            }
            if MAX_LEVELS <= level {
                return Err(format!("node {index} is deeper than {MAX_LEVELS} levels"));
            }
            let node_idx = index as usize;
            let node = self
                .nodes
                .get(node_idx)
                .ok_or("a child points past the nodes")?;
            if std::mem::replace(&mut node_seen[node_idx], true) {
                return Err(format!("node {node_idx} has two parents"));
            }
            for (slot, &child) in node.children.iter().enumerate() {
                let child_bounds = node.child_bounds(slot);
                if child == NO_CHILD {
                    if child_bounds.lo.cmple(child_bounds.hi).any() {
                        return Err(format!("node {node_idx}: free slot {slot} can be hit"));
                    }
                    continue;
                }
                if !inside(child_bounds) {
                    return Err(format!("node {node_idx}: child {slot} sticks out"));
                }
                pending.push((child, Some(child_bounds), level + 1));
            }
        }
        let all = |what: &str, seen: &[bool]| match seen.iter().position(|seen| !seen) {
            Some(idx) => Err(format!("{what} {idx} cannot be reached")),
            None => Ok(()),
        };
        all("node", &node_seen)?;
        all("leaf", &leaf_seen)?;
        all("primitive", &primitive_seen)
    }
}
