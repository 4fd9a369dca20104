//! Temples: from the front along the head to the ear, and hooked behind it.

use glam::{Vec2, Vec3};

use super::{PLASTIC, fit::Front};
use crate::worn::{
    head::{Head, side_sign},
    solid::{Section, Solid, clear, smooth_path},
};

/// Sections of a temple.
const N_SECTIONS: usize = 64;

/// Rounds of pushing out of the skin and smoothing.
const N_ROUNDS: usize = 6;

/// How far a temple hooks down behind the ear, in metres.
const HOOK_M: f32 = 0.030;

/// Adds the temple of one side; tips of metal temples go to `tips`.
pub(super) fn build(
    temples: &mut Solid,
    tips: &mut Solid,
    front: &Front,
    head: &Head,
    side: usize,
    wire: bool,
) {
    let sign = side_sign(side);
    let half_m = if wire {
        Vec2::new(0.0007, 0.0012)
    } else {
        Vec2::new(0.0014, 0.0024)
    };
    // Wide enough for tips and for what the path loses between its points.
    let gap_m = half_m.x.max(0.0012) + 0.0007;
    let corner = front.local(5, 0.5 * front.rim_m);
    let start = front.on_lens(side, corner) - front.normal(side, corner) * 0.001;
    let end =
        front.on_lens(side, front.local(5, front.rim_m)) + Vec3::new(sign * 0.0025, 0.0, -0.002);
    let hinge = end + Vec3::new(sign * 0.0025, 0.0, -0.009);

    let ear = &head.ears[side];
    let root = &ear.root;
    let top = root.first().copied().unwrap_or(ear.top);
    let over = top + Vec3::new(sign * 0.001, half_m.y + 0.0006, 0.002);
    let mut knots = vec![start, end, hinge];
    for t in [0.25, 0.5, 0.75] {
        let mut p = hinge.lerp(over, t);
        // Temples spread where the head is wider than the front.
        let least_x = head.aside_m(side, p.y, p.z) + gap_m + 0.001;
        p.x = sign * (sign * p.x).max(least_x);
        knots.push(p);
    }
    knots.push(over);
    let hook: Vec<Vec3> = (1..=4)
        .filter_map(|k| {
            let y = top.y - HOOK_M * k as f32 / 4.0;
            // Of the points where ear and head meet, those farthest back.
            let near = root.iter().filter(|p| (p.y - y).abs() < 0.004);
            near.min_by(|a, b| a.z.total_cmp(&b.z))
                .map(|p| Vec3::new(p.x + sign * 0.0015, y, p.z - 0.0012))
        })
        .collect();
    knots.extend(hook);
    let mut path = smooth_path(&knots, N_SECTIONS);
    // Nothing before the hinge is near the head.
    let first = path
        .iter()
        .position(|p| p.z < hinge.z)
        .unwrap_or(N_SECTIONS / 4);
    for round in 0..N_ROUNDS {
        for p in &mut path[first..] {
            *p = head.push_out(*p, gap_m);
        }
        if round + 1 < N_ROUNDS {
            let before = path.clone();
            for i in first.max(1)..N_SECTIONS - 1 {
                path[i] = before[i].lerp(0.5 * (before[i - 1] + before[i + 1]), 0.5);
            }
        }
    }
    let mut sections: Vec<Section> = path
        .iter()
        .enumerate()
        .map(|(i, at)| {
            let t = i as f32 / (N_SECTIONS - 1) as f32;
            // High at the front, slim over the ear.
            let high = if wire {
                1.0
            } else {
                1.25 - 0.5 * t.min(0.6) / 0.6
            };
            let deep = if i < first { 1.15 } else { 1.0 };
            Section {
                at: *at,
                side: Vec3::X,
                half_m: Vec2::new(half_m.x * deep, half_m.y * high),
            }
        })
        .collect();
    clear(&mut sections[first..], head, 0.0001);
    if !wire {
        temples.rod(&sections, false, PLASTIC);
        return;
    }
    // Plastic tips over the end of the wire.
    let tip = N_SECTIONS * 2 / 3;
    temples.rod(&sections[..=tip], false, 2.0);
    let sleeve: Vec<Section> = sections[tip - 1..]
        .iter()
        .map(|section| Section {
            half_m: Vec2::new(0.0011, 0.0017),
            ..*section
        })
        .collect();
    tips.rod(&sleeve, false, 2.4);
}
