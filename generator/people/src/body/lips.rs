//! A closed mouth. The lips of the base mesh do not quite touch, and smoothing draws them further
//! apart; on a blank face they are brought together before any expression acts.

use std::collections::BTreeSet;

use bottega_geometry::math;
use glam::Vec3;

use super::{model::BodyModel, regions::Regions};

/// Places across the mouth at which the gap is measured.
const N_PLACES: usize = 17;
/// How far the lips of the control mesh overlap so that the smooth lips touch, in metres.
const OVERLAP_M: f32 = 0.0015;
/// Larger gaps are meant.
const MAX_GAP_M: f32 = 0.006;
/// Distance from the edge of the lip over which the correction fades, in metres.
const FADE_M: f32 = 0.009;

/// Vertices of the upper and of the lower lip, outside and inside, without the corners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lips {
    pub(super) upper: Vec<u32>,
    pub(super) lower: Vec<u32>,
}

impl Lips {
    /// Parts the lips of the template: without the corners nothing near joins them.
    pub(super) fn find(model: &BodyModel) -> Self {
        let n = BodyModel::BODY_VERTICES.end;
        let masks = &model.regions.mask_vertices;
        let lips = Regions::dense(&masks.lips, n);
        let inside = Regions::dense(&masks.inside_mouth, n);
        let mut left: BTreeSet<u32> = BodyModel::BODY_VERTICES
            .filter(|&v| {
                let p = model.template[v];
                0.2 < lips[v].max(inside[v]) && p.x.abs() < 0.0240 && 0.138 < p.z
            })
            .map(|v| v as u32)
            .collect();
        let near = |face: &&[u32; 4]| face.iter().any(|v| left.contains(v));
        let faces: Vec<[u32; 4]> = model.faces.iter().filter(near).copied().collect();
        let mut parts: Vec<Vec<u32>> = Vec::new();
        while let Some(&first) = left.first() {
            left.remove(&first);
            let (mut part, mut next) = (vec![first], 0);
            while next < part.len() {
                let at = part[next];
                for face in faces.iter().filter(|face| face.contains(&at)) {
                    for k in 0..4 {
                        // Along edges only: diagonals may cross from lip to lip.
                        let (a, b) = (face[k], face[(k + 1) % 4]);
                        for (from, to) in [(a, b), (b, a)] {
                            if from == at && left.remove(&to) {
                                part.push(to);
                            }
                        }
                    }
                }
                next += 1;
            }
            parts.push(part);
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        parts.truncate(2);
        let height = |part: &Vec<u32>| {
            let sum: f32 = part.iter().map(|&v| model.template[v as usize].y).sum();
            sum / part.len() as f32
        };
        parts.sort_by(|a, b| height(b).total_cmp(&height(a)));
        let mut parts = parts.into_iter();
        Self {
            upper: parts.next().unwrap_or_default(),
            lower: parts.next().unwrap_or_default(),
        }
    }

    /// Brings the lips of a blank face together.
    pub(super) fn close(&self, positions: &mut [Vec3]) {
        let Some(edges) = self.edges(positions) else {
            return;
        };
        for (lip, sign) in [(&self.upper, -0.5), (&self.lower, 0.5)] {
            for &v in lip {
                let p = &mut positions[v as usize];
                let (upper, lower) = edges.at(p.x);
                let across = (p.x - edges.middle_x) / edges.half_width_m;
                let squared = across * across;
                let taper = 1.0 - squared * squared * squared;
                let gap = (upper - lower + OVERLAP_M * taper).clamp(0.0, MAX_GAP_M);
                let edge = if sign < 0.0 { upper } else { lower };
                let fade = 1.0 - math::smoothstep(0.0, FADE_M, (p.y - edge).abs());
                p.y += sign * gap * fade;
            }
        }
    }

    /// Heights of the lower edge of the upper lip and of the upper edge of the lower lip.
    fn edges(&self, positions: &[Vec3]) -> Option<Edges> {
        let all = || self.upper.iter().chain(&self.lower);
        let x = || all().map(|&v| positions[v as usize].x);
        let (low, high) = (x().fold(f32::MAX, f32::min), x().fold(f32::MIN, f32::max));
        let half_width_m = 0.5 * (high - low);
        if self.upper.is_empty() || self.lower.is_empty() || half_width_m <= 0.0 {
            return None;
        }
        let mut edges = Edges {
            middle_x: 0.5 * (low + high),
            half_width_m,
            upper: [0.0; N_PLACES],
            lower: [0.0; N_PLACES],
        };
        let step = 2.0 * half_width_m / (N_PLACES - 1) as f32;
        for place in 0..N_PLACES {
            let x = low + step * place as f32;
            // The columns of vertices are uneven: widen the view until it meets both lips.
            let heights = |lip: &[u32], reach: f32| -> Vec<f32> {
                let near = lip.iter().map(|&v| positions[v as usize]);
                near.filter(|p| (p.x - x).abs() <= reach)
                    .map(|p| p.y)
                    .collect()
            };
            for k in 1..=8 {
                let reach = step * k as f32;
                let [upper, lower] = [&self.upper, &self.lower].map(|lip| heights(lip, reach));
                edges.upper[place] = upper.into_iter().fold(f32::MAX, f32::min);
                edges.lower[place] = lower.into_iter().fold(f32::MIN, f32::max);
                if edges.upper[place] != f32::MAX && edges.lower[place] != f32::MIN {
                    break;
                }
            }
            if edges.upper[place] == f32::MAX || edges.lower[place] == f32::MIN {
                return None;
            }
        }
        Some(edges)
    }
}

/// The edges of the lips across the mouth.
struct Edges {
    middle_x: f32,
    half_width_m: f32,
    upper: [f32; N_PLACES],
    lower: [f32; N_PLACES],
}

impl Edges {
    /// Heights of both edges at `x`.
    fn at(&self, x: f32) -> (f32, f32) {
        let t = ((x - self.middle_x) / self.half_width_m * 0.5 + 0.5).clamp(0.0, 1.0);
        let place = t * (N_PLACES - 1) as f32;
        let i = (place as usize).min(N_PLACES - 2);
        let f = place - i as f32;
        let at = |edge: &[f32; N_PLACES]| math::lerp(edge[i], edge[i + 1], f);
        (at(&self.upper), at(&self.lower))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fixture::model;

    #[test]
    fn both_lips_are_found_and_mirror_each_other() {
        let lips = Lips::find(model());
        assert!(20 < lips.upper.len() && 20 < lips.lower.len());
        for lip in [&lips.upper, &lips.lower] {
            let all: BTreeSet<u32> = lip.iter().copied().collect();
            assert!(
                lip.iter()
                    .all(|&v| all.contains(&u32::from(model().mirror[v as usize])))
            );
        }
    }

    #[test]
    fn a_blank_face_has_its_mouth_closed() {
        let lips = Lips::find(model());
        let mut positions = model().template.clone();
        let gap = |positions: &[Vec3]| {
            let edges = lips.edges(positions).unwrap();
            let gaps = (2..N_PLACES - 2).map(|i| edges.upper[i] - edges.lower[i]);
            gaps.fold(f32::MIN, f32::max)
        };
        assert!(0.0 < gap(&positions));
        lips.close(&mut positions);
        assert!(gap(&positions) < -0.3 * OVERLAP_M, "{}", gap(&positions));
        let moved = positions
            .iter()
            .zip(&model().template)
            .map(|(a, b)| a.distance(*b));
        assert!(moved.fold(0.0, f32::max) < 0.5 * MAX_GAP_M);
    }
}
