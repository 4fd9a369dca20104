//! The tree as it is traversed: eight boxes a node, up to eight primitives a leaf.
//!
//! Children of one node lie next to each other, and subtrees follow in order, so that a walk
//! down the tree moves forward in memory. There are no pointers, only `u32` indices. A primitive
//! is known by its slot: leaf times eight plus lane.

use super::aabb::Aabb;
use super::build::{MAX_LEVELS, PrimRef, WIDTH, build_tree};
use super::collapse::{WideNode, collapse};
use super::node::{Grid, Node, Plane};

/// Number of a slot that holds no primitive.
pub(super) const NO_NUMBER: u32 = u32::MAX;

/// Eight primitives of one kind, made for testing at once.
pub(super) trait Leaf: Sized {
    /// One primitive as the scene gives it.
    type Primitive;

    /// How the planes of the boxes around such leaves are stored.
    type Plane: Plane;

    /// Packs up to eight primitives.
    fn pack(primitives: &[Self::Primitive]) -> Self;

    /// A primitive as packed, which may have been rounded.
    fn primitive(&self, lane: usize) -> Self::Primitive;

    /// Bounds of a primitive.
    fn bounds(primitive: &Self::Primitive) -> Aabb;
}

/// A tree over primitives of one kind.
#[derive(Debug)]
pub(super) struct Bvh<L: Leaf> {
    /// The root is first.
    pub(super) nodes: Vec<Node<L::Plane>>,
    /// What the nodes point to.
    pub(super) leaves: Vec<L>,
    /// Scene numbers of the primitives of each leaf; [`NO_NUMBER`] in free slots.
    numbers: Vec<[u32; WIDTH]>,
    /// What the planes of nodes are counted in.
    pub(super) grid: Grid,
}

impl<L: Leaf> Bvh<L>
where
    L::Primitive: Copy,
{
    /// Builds the tree; an empty list gives a tree without nodes. Boxes are widened by
    /// `margin_m`, which is what the arithmetic of a ray may be wrong by.
    pub(super) fn build(primitives: &[L::Primitive], margin_m: f64) -> Self {
        let mut refs: Vec<PrimRef> = primitives
            .iter()
            .enumerate()
            .map(|(id, primitive)| PrimRef {
                bounds: L::bounds(primitive),
                id: id as u32,
            })
            .collect();
        let whole = (refs.iter()).fold(Aabb::EMPTY, |whole, prim| whole.union(prim.bounds));
        // Packing may move a primitive a little.
        let slack = (whole.hi - whole.lo) * (1.0 / 8192.0);
        let whole = Aabb {
            lo: whole.lo - slack,
            hi: whole.hi + slack,
        };
        let grid = Grid::over(whole, margin_m, L::Plane::N_CELLS);
        let mut bvh = Self {
            nodes: Vec::new(),
            leaves: Vec::new(),
            numbers: Vec::new(),
            grid,
        };
        if let Some(root) = build_tree(&mut refs) {
            bvh.nodes.push(Node::EMPTY);
            bvh.emit(0, collapse(&root), &refs, primitives);
        }
        bvh
    }

    /// Fills the node at `node_idx`, appends everything below it, and returns its bounds.
    fn emit(
        &mut self,
        node_idx: usize,
        node: WideNode,
        refs: &[PrimRef],
        primitives: &[L::Primitive],
    ) -> Aabb {
        let WideNode::Inner(children) = node else {
            unreachable!("leaves are packed by their parents");
        };
        let is_inner = |child: &WideNode| matches!(child, WideNode::Inner(_));
        let (inner, leaves): (Vec<_>, Vec<_>) = children.into_iter().partition(is_inner);

        // Reserve the children's places, then fill them.
        let (n_inner, first_node) = (inner.len(), self.nodes.len());
        let first_leaf = self.leaves.len();
        self.nodes.resize(first_node + n_inner, Node::EMPTY);
        let mut leaf_bounds = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let WideNode::Leaf { start, len } = leaf else {
                unreachable!("inner nodes were parted from leaves");
            };
            leaf_bounds.push(self.push_leaf(&refs[start..start + len], primitives));
        }
        let mut bounds: Vec<Aabb> = (inner.into_iter().enumerate())
            .map(|(i, child)| self.emit(first_node + i, child, refs, primitives))
            .collect();
        bounds.extend(leaf_bounds);
        let firsts = (first_node as u32, first_leaf as u32);
        self.nodes[node_idx] = Node::new(&bounds, n_inner, firsts, &self.grid);
        bounds.into_iter().fold(Aabb::EMPTY, Aabb::union)
    }

    /// Packs a leaf and returns the bounds of what was packed.
    fn push_leaf(&mut self, refs: &[PrimRef], primitives: &[L::Primitive]) -> Aabb {
        let mut members = Vec::with_capacity(WIDTH);
        let mut numbers = [NO_NUMBER; WIDTH];
        for (number, prim) in numbers.iter_mut().zip(refs) {
            *number = prim.id;
            members.push(primitives[prim.id as usize]);
        }
        let leaf = L::pack(&members);
        let bounds = (0..refs.len())
            .map(|lane| L::bounds(&leaf.primitive(lane)))
            .fold(Aabb::EMPTY, Aabb::union);
        self.leaves.push(leaf);
        self.numbers.push(numbers);
        bounds
    }

    /// Scene number of the primitive in a slot.
    #[inline(always)]
    pub(super) fn number(&self, slot: u32) -> u32 {
        self.numbers[slot as usize / WIDTH][slot as usize % WIDTH]
    }

    /// The primitive in a slot, as packed.
    pub(super) fn primitive(&self, slot: u32) -> L::Primitive {
        self.leaves[slot as usize / WIDTH].primitive(slot as usize % WIDTH)
    }

    /// The leaf of a slot.
    pub(super) fn leaf(&self, slot: u32) -> &L {
        &self.leaves[slot as usize / WIDTH]
    }

    /// All slots that hold a primitive.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        (0..(self.leaves.len() * WIDTH) as u32).filter(|&slot| self.number(slot) != NO_NUMBER)
    }

    /// Bytes of nodes, leaves and numbers.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&self.nodes[..])
            + size_of_val(&self.leaves[..])
            + size_of_val(&self.numbers[..])
    }

    /// Checks every promise that traversal relies on; says what is broken.
    pub(super) fn validate(&self, n_primitives: usize) -> Result<(), String> {
        let mut node_seen = vec![false; self.nodes.len()];
        let mut leaf_seen = vec![false; self.leaves.len()];
        let mut primitive_seen = vec![false; n_primitives];
        // Boxes inside boxes would need two margins; what counts is that every primitive is in
        // all boxes above it, so the box handed down is the part common to all.
        let mut pending_nodes = Vec::new();
        let mut pending_leaves = Vec::new();
        if !self.nodes.is_empty() {
            pending_nodes.push((0, None::<Aabb>, 0));
        }
        while let Some((node_idx, bounds, level)) = pending_nodes.pop() {
            if MAX_LEVELS <= level {
                return Err(format!(
                    "node {node_idx} is deeper than {MAX_LEVELS} levels"
                ));
            }
            let node =
                (self.nodes.get(node_idx as usize)).ok_or("a child points past the nodes")?;
            if std::mem::replace(&mut node_seen[node_idx as usize], true) {
                return Err(format!("node {node_idx} has two parents"));
            }
            let all = u32::MAX;
            for child in 0..node.n_children() as u32 {
                let own = node.child_bounds(child as usize, &self.grid);
                let common = bounds.map_or(own, |outer| own.intersection(outer));
                if node.entered_nodes(all) >> child & 1 != 0 {
                    pending_nodes.push((node.node(child), Some(common), level + 1));
                } else {
                    pending_leaves.push((node.leaf(child) as usize, common));
                }
            }
        }
        for (leaf_idx, bounds) in pending_leaves {
            let numbers = self
                .numbers
                .get(leaf_idx)
                .ok_or("a child points past the leaves")?;
            if std::mem::replace(&mut leaf_seen[leaf_idx], true) {
                return Err(format!("leaf {leaf_idx} has two parents"));
            }
            for (lane, &number) in numbers.iter().enumerate() {
                if number == NO_NUMBER {
                    continue;
                }
                if n_primitives <= number as usize {
                    return Err(format!(
                        "leaf {leaf_idx} holds the unknown primitive {number}"
                    ));
                }
                if std::mem::replace(&mut primitive_seen[number as usize], true) {
                    return Err(format!("primitive {number} is in two leaves"));
                }
                let own = L::bounds(&self.leaves[leaf_idx].primitive(lane));
                if !bounds.contains(own) {
                    return Err(format!("primitive {number} sticks out of its boxes"));
                }
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
