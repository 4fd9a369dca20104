//! From two children a node to eight, at the least expected cost.
//!
//! Ylitie, Karras and Laine, "Efficient Incoherent Ray Traversal on GPUs Through Compressed Wide
//! BVHs", HPG 2017: the cost of showing a subtree as at most `n` children of the node above is
//! found for each `n` from the bottom up, and the cheapest choice is followed from the top down.

use rayon::prelude::*;

use super::build::{Binary, PARALLEL_LEN, WIDTH};

/// Cost of visiting a node, in tests of leaves.
const NODE_COST: f32 = 0.6;

/// A subtree with wide nodes.
#[derive(Debug)]
pub(super) enum WideNode {
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

/// What is cheapest for a subtree.
struct Plan {
    /// Cost as one child, as at most two, and so on.
    costs: [f32; WIDTH - 1],
    /// How many of at most `n` children go to the first half, for `n` from 2 on; 0 for using one
    /// child less.
    first_half: [u8; WIDTH + 1],
    is_leaf: bool,
    halves: Option<Box<[Self; 2]>>,
}

/// Makes wide nodes of a binary tree. The root is always an inner node.
pub(super) fn collapse(tree: &Binary) -> WideNode {
    let plan = plan(tree);
    match wide(tree, &plan) {
        leaf @ WideNode::Leaf { .. } => WideNode::Inner(vec![leaf]),
        inner @ WideNode::Inner(_) => inner,
    }
}

fn plan(tree: &Binary) -> Plan {
    let area = tree.bounds.half_area();
    let leaf_cost = if tree.len <= WIDTH {
        area
    } else {
        f32::INFINITY
    };
    let mut first_half = [0; WIDTH + 1];
    let Some(children) = &tree.children else {
        return Plan {
            costs: [leaf_cost; WIDTH - 1],
            first_half,
            is_leaf: true,
            halves: None,
        };
    };
    let [left, right] = &**children;
    let (left, right) = if PARALLEL_LEN < tree.len {
        rayon::join(|| plan(left), || plan(right))
    } else {
        (plan(left), plan(right))
    };
    // The cheapest way to show both halves as `n` children.
    let mut shared = |n: usize| {
        let mut best = f32::INFINITY;
        for k in 1..n {
            let (k_left, k_right) = (k.min(WIDTH - 1), (n - k).min(WIDTH - 1));
            let cost = left.costs[k_left - 1] + right.costs[k_right - 1];
            if k == 1 || cost < best {
                best = cost;
                first_half[n] = k as u8;
            }
        }
        best
    };
    let inner_cost = area * NODE_COST + shared(WIDTH);
    let mut costs = [leaf_cost.min(inner_cost); WIDTH - 1];
    for n in 2..WIDTH {
        costs[n - 1] = shared(n);
    }
    for n in 2..WIDTH {
        if costs[n - 2] <= costs[n - 1] {
            costs[n - 1] = costs[n - 2];
            first_half[n] = 0;
        }
    }
    Plan {
        costs,
        first_half,
        is_leaf: leaf_cost <= inner_cost,
        halves: Some(Box::new([left, right])),
    }
}

/// A subtree as one child.
fn wide(tree: &Binary, plan: &Plan) -> WideNode {
    if plan.is_leaf {
        return WideNode::Leaf {
            start: tree.start,
            len: tree.len,
        };
    }
    let mut children = Vec::with_capacity(WIDTH);
    share(tree, plan, WIDTH, &mut children);
    WideNode::Inner(if PARALLEL_LEN < tree.len {
        children
            .into_par_iter()
            .map(|(tree, plan)| wide(tree, plan))
            .collect()
    } else {
        (children.into_iter())
            .map(|(tree, plan)| wide(tree, plan))
            .collect()
    })
}

/// Appends the subtrees that show a tree as at most `n` children.
fn share<'a>(
    tree: &'a Binary,
    plan: &'a Plan,
    n: usize,
    children: &mut Vec<(&'a Binary, &'a Plan)>,
) {
    let mut n = n;
    while 1 < n && plan.first_half[n] == 0 {
        n -= 1;
    }
    match (&tree.children, &plan.halves) {
        (Some(trees), Some(plans)) if 1 < n => {
            let k = usize::from(plan.first_half[n]);
            share(&trees[0], &plans[0], k.min(WIDTH - 1), children);
            share(&trees[1], &plans[1], (n - k).min(WIDTH - 1), children);
        }
        _ => children.push((tree, plan)),
    }
}
