//! A binary tree over the lights with a place, walked down at random toward what matters.
//!
//! At each node the two children are weighted by a bound-like estimate of the light that they
//! throw on the point: intensity over squared distance, times cosines that follow from the cone
//! of their normals (Conty Estevez and Kulla 2018, "Importance Sampling of Many Lights with
//! Adaptive Tree Splitting"). The same weights give the probability with which a light that a ray
//! happens to meet would have been chosen.

use glam::Vec3;

use super::emitter::Reach;

/// Least cosine at the receiving surface, so that a light is never ruled out there: what a
/// surface lets through may come from behind.
const LEAST_COS: f32 = 0.05;

/// Where light is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Receiver {
    /// The point.
    pub(crate) position: Vec3,
    /// Unit normal, or zero where light counts from all sides alike.
    pub(crate) normal: Vec3,
}

/// A tree over emitters, which it knows by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct LightTree {
    /// The root first; the two children of a node follow each other.
    nodes: Vec<Node>,
    /// Node of each emitter.
    leaves: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    center: Vec3,
    /// Squared radius of the sphere about the box.
    radius_squared: f32,
    reach: Reach,
    parent: u32,
    content: Content,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    Leaf(u32),
    /// The first of two children.
    Inner(u32),
}

impl LightTree {
    /// A tree over emitters of this reach.
    pub(crate) fn new(reaches: &[Reach]) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            leaves: vec![0; reaches.len()],
        };
        if reaches.is_empty() {
            return tree;
        }
        let mut order: Vec<u32> = (0..reaches.len() as u32).collect();
        let root = tree.push(reaches, &order, 0);
        tree.nodes.push(root);
        tree.split(reaches, &mut order, 0);
        tree
    }

    /// A node over `members`, its content still open.
    fn push(&self, reaches: &[Reach], members: &[u32], parent: u32) -> Node {
        let reach = members
            .iter()
            .map(|&i| reaches[i as usize])
            .reduce(merged)
            .expect("a node has at least one emitter");
        Node {
            center: 0.5 * (reach.lo + reach.hi),
            radius_squared: 0.25 * (reach.hi - reach.lo).length_squared(),
            reach,
            parent,
            content: Content::Leaf(members[0]),
        }
    }

    /// Splits node `node_idx` over `members` until each leaf has one emitter.
    fn split(&mut self, reaches: &[Reach], members: &mut [u32], node_idx: u32) {
        if let [only] = members {
            self.leaves[*only as usize] = node_idx;
            return;
        }
        let center = |i: u32| {
            let reach = reaches[i as usize];
            0.5 * (reach.lo + reach.hi)
        };
        let (lo, hi) = members
            .iter()
            .fold((Vec3::INFINITY, Vec3::NEG_INFINITY), |(lo, hi), &i| {
                (lo.min(center(i)), hi.max(center(i)))
            });
        let size = hi - lo;
        let axis = if size.y <= size.x && size.z <= size.x {
            0
        } else if size.z <= size.y {
            1
        } else {
            2
        };
        members.sort_by(|&a, &b| center(a)[axis].total_cmp(&center(b)[axis]).then(a.cmp(&b)));
        let (left, right) = members.split_at_mut(members.len() / 2);
        let first = self.nodes.len() as u32;
        for side in [&*left, &*right] {
            let node = self.push(reaches, side, node_idx);
            self.nodes.push(node);
        }
        self.nodes[node_idx as usize].content = Content::Inner(first);
        self.split(reaches, left, first);
        self.split(reaches, right, first + 1);
    }

    /// Estimate of the light that all emitters throw on a point.
    #[inline]
    pub(crate) fn importance(&self, at: &Receiver) -> f32 {
        self.nodes.first().map_or(0.0, |root| root.importance(at))
    }

    /// Chooses an emitter for a uniform `u`; its number and probability.
    #[inline]
    pub(crate) fn choose(&self, at: &Receiver, mut u: f32) -> Option<(u32, f32)> {
        let mut node = self.nodes.first()?;
        let mut probability = 1.0;
        loop {
            let first = match node.content {
                Content::Leaf(emitter) => return Some((emitter, probability)),
                Content::Inner(first) => first as usize,
            };
            let share = self.share_of_first(first, at)?;
            if u < share {
                u /= share;
                probability *= share;
                node = &self.nodes[first];
            } else {
                u = ((u - share) / (1.0 - share)).min(0.999_999_9);
                probability *= 1.0 - share;
                node = &self.nodes[first + 1];
            }
        }
    }

    /// Probability with which [`Self::choose`] returns `emitter`.
    #[inline]
    pub(crate) fn probability(&self, at: &Receiver, emitter: u32) -> f32 {
        let mut node_idx = self.leaves[emitter as usize];
        let mut probability = 1.0;
        while node_idx != 0 {
            let parent = self.nodes[node_idx as usize].parent;
            let Content::Inner(first) = self.nodes[parent as usize].content else {
                return 0.0;
            };
            let Some(share) = self.share_of_first(first as usize, at) else {
                return 0.0;
            };
            probability *= if node_idx == first {
                share
            } else {
                1.0 - share
            };
            node_idx = parent;
        }
        probability
    }

    /// Probability of the first of two siblings; `None` where neither shines.
    #[inline]
    fn share_of_first(&self, first: usize, at: &Receiver) -> Option<f32> {
        let a = self.nodes[first].importance(at);
        let b = self.nodes[first + 1].importance(at);
        (0.0 < a + b).then(|| a / (a + b))
    }
}

impl Node {
    /// Estimate of the light that this node throws on a point: zero only where it throws none.
    fn importance(&self, at: &Receiver) -> f32 {
        let to = self.center - at.position;
        let distance_squared = to.length_squared();
        let reach = &self.reach;
        if distance_squared <= self.radius_squared || distance_squared <= 1e-12 {
            return reach.intensity / self.radius_squared.max(1e-12);
        }
        let wi = to / distance_squared.sqrt();
        // Half angle under which the box is seen.
        let sin_squared = self.radius_squared / distance_squared;
        let spread = Angle {
            cos: (1.0 - sin_squared).max(0.0).sqrt(),
            sin: sin_squared.sqrt(),
        };
        let from_axis = Angle::of_cos(-wi.dot(reach.axis));
        let from_normals = from_axis.less(Angle::of_cos(reach.cos_normals));
        let at_best = from_normals.less(spread);
        if at_best.cos <= reach.cos_shine && at_best.cos < 1.0 {
            return 0.0;
        }
        let cos_out = if reach.cos_shine == 0.0 {
            at_best.cos
        } else {
            // The cone of a spot is full wherever it shines, also behind its plane.
            1.0
        };
        let cos_in = if at.normal == Vec3::ZERO {
            1.0
        } else {
            let from_normal = Angle::of_cos(wi.dot(at.normal));
            from_normal.less(spread).cos.max(LEAST_COS)
        };
        reach.intensity * cos_out * cos_in / distance_squared
    }
}

/// An angle in `[0, pi]` by its cosine and sine.
#[derive(Clone, Copy, Debug)]
struct Angle {
    cos: f32,
    sin: f32,
}

impl Angle {
    #[inline]
    fn of_cos(cos: f32) -> Self {
        let cos = cos.clamp(-1.0, 1.0);
        Self {
            cos,
            sin: (1.0 - cos * cos).max(0.0).sqrt(),
        }
    }

    /// The difference, or zero where `other` is larger.
    #[inline]
    fn less(self, other: Self) -> Self {
        if other.cos <= self.cos {
            return Self { cos: 1.0, sin: 0.0 };
        }
        Self {
            cos: self.cos * other.cos + self.sin * other.sin,
            sin: self.sin * other.cos - self.cos * other.sin,
        }
    }

    /// The angle in radians.
    fn radians(self) -> f32 {
        crate::fast_math::atan2(self.sin, self.cos)
    }
}

/// Reach of two groups of emitters together.
fn merged(a: Reach, b: Reach) -> Reach {
    let (axis, cos_normals) = merged_cones((a.axis, a.cos_normals), (b.axis, b.cos_normals));
    Reach {
        lo: a.lo.min(b.lo),
        hi: a.hi.max(b.hi),
        intensity: a.intensity + b.intensity,
        axis,
        cos_normals,
        cos_shine: a.cos_shine.min(b.cos_shine),
    }
}

/// The cone about two cones, each an axis and the cosine of its half angle.
fn merged_cones(a: (Vec3, f32), b: (Vec3, f32)) -> (Vec3, f32) {
    let (wide, narrow) = if a.1 <= b.1 { (a, b) } else { (b, a) };
    let half = |cos: f32| Angle::of_cos(cos).radians();
    let (wide_rad, narrow_rad) = (half(wide.1), half(narrow.1));
    let between_rad = Angle::of_cos(wide.0.dot(narrow.0)).radians();
    if between_rad + narrow_rad <= wide_rad + 1e-6 {
        return wide;
    }
    let half_rad = 0.5 * (wide_rad + between_rad + narrow_rad);
    let turn_rad = half_rad - wide_rad;
    let Some(across) = (narrow.0 - wide.0 * wide.0.dot(narrow.0)).try_normalize() else {
        // Opposite axes: any direction between them would do, the whole sphere is safe.
        return (wide.0, -1.0);
    };
    if std::f32::consts::PI <= half_rad {
        return (wide.0, -1.0);
    }
    let (sin, cos) = crate::fast_math::sin_cos(turn_rad);
    // A little wider than computed, for rounding.
    let (_, cos_half) = crate::fast_math::sin_cos((half_rad + 1e-4).min(std::f32::consts::PI));
    ((wide.0 * cos + across * sin).normalize(), cos_half)
}

#[cfg(test)]
mod tests;
