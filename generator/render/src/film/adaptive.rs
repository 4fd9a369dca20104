//! Paths where they are worth most, until the picture is good enough or they are spent.
//!
//! The picture is worked on in small groups of pixels. After each round the error of every group
//! is estimated from two halves of its paths, and the next round gives each group as many paths as
//! make the error of the whole picture reach its aim at the least cost: in proportion to the
//! square root of its variance over its cost (Neyman 1934), never fewer than it has and at most
//! twice as many. Rounds end before anything is decided, and what is decided depends on the
//! picture alone, so the bytes depend neither on threads nor on the order of the groups.
//!
//! Stopping where the estimate is small by chance biases a picture a little; every group has
//! sixteen paths a pixel at least, and its error is averaged with that of its neighbours before
//! it decides.

use glam::UVec2;
use rayon::prelude::*;

use super::{Sums, error, pixels_of_tile};
use crate::denoise::Half;
use crate::integrator::PathTracer;
use crate::sampler::SobolSampler;
use crate::scene::{Budget, Effort, RenderSettings, Scene};

/// Side of a group, in pixels.
const GROUP_PX: u32 = 8;
/// Paths a pixel of the first round.
const FIRST_SPP: u32 = 16;
/// Paths come in multiples of this, half of them for each half of the picture.
const STEP_SPP: u32 = 8;
/// Shares of a budget of paths that are spent after each round. The first is the same for all, so
/// that noise is seen before it is judged.
const ROUNDS: [f32; 3] = [0.5, 0.75, 1.0];
/// How many times its paths a group may have after a round of a budget.
const LARGEST_GROWTH: u32 = 4;
/// Share of its own error in what a group decides by; the rest is that of its neighbours.
const OWN_SHARE: f64 = 0.5;
/// What a path costs besides its vertices, in vertices.
const BASE_COST: f64 = 1.0;

/// One group of pixels.
struct Group {
    corner: UVec2,
    /// Paths a pixel so far.
    spp: u32,
    /// For each pixel, the sums of both halves.
    sums: Vec<[Sums; 2]>,
}

/// Two halves of a picture whose paths are shared out by `settings.budget`, and what it cost.
pub(super) fn expose(
    tracer: &PathTracer<'_>,
    scene: &Scene,
    settings: &RenderSettings,
) -> ([Half; 2], Effort) {
    let [width, height] = scene.camera.resolution_px;
    let (columns, rows) = (width.div_ceil(GROUP_PX), height.div_ceil(GROUP_PX));
    // Even, so that both halves can have the same.
    let most = settings.spp.max(2) & !1;
    let first = match settings.budget {
        Budget::Mean => round_of(most, 0),
        Budget::Even | Budget::Error(_) => FIRST_SPP.min(most),
    };
    let mut groups: Vec<Group> = (0..columns * rows)
        .map(|i| {
            let corner = UVec2::new(i % columns, i / columns) * GROUP_PX;
            Group {
                corner,
                spp: 0,
                sums: vec![
                    Default::default();
                    pixels_of_tile(corner, GROUP_PX, width, height).count()
                ],
            }
        })
        .collect();
    let mut wanted = vec![first; groups.len()];
    for round in 1.. {
        groups
            .par_iter_mut()
            .zip(&wanted)
            .for_each(|(group, &spp)| {
                group.trace_up_to(spp, tracer, scene, settings);
            });
        let halves = halves_of(&groups, width, height);
        let errors = error::of_pixels(width as usize, height as usize, &halves);
        let error = error::mean(&errors);
        let states: Vec<State> = groups
            .iter()
            .map(|group| group.state(&errors, width, height))
            .collect();
        let states = smoothed(&states, columns as usize);
        let next = match settings.budget {
            Budget::Even => None,
            Budget::Mean => {
                (round < ROUNDS.len()).then(|| shared_out(&states, round_of(most, round)))
            }
            Budget::Error(aim) => plan(&states, f64::from(error), f64::from(aim), most),
        };
        match next {
            Some(next) => wanted = next,
            None => {
                let effort = Effort {
                    spp_mean: mean_spp(&states) as f32,
                    error: Some(error),
                };
                return (halves, effort);
            }
        }
    }
    unreachable!("rounds end when nothing more is wanted")
}

/// Mean paths a pixel after a round of a budget of `spp`: an even number, at least two.
fn round_of(spp: u32, round: usize) -> u32 {
    (((spp as f32 * ROUNDS[round]) as u32) & !1).max(2)
}

fn mean_spp(states: &[State]) -> f64 {
    let n: f64 = states.iter().map(|state| state.pixels).sum();
    let paths = |state: &State| state.pixels * f64::from(state.spp);
    states.iter().map(paths).sum::<f64>() / n
}

impl Group {
    fn trace_up_to(
        &mut self,
        spp: u32,
        tracer: &PathTracer<'_>,
        scene: &Scene,
        settings: &RenderSettings,
    ) {
        if spp <= self.spp {
            return;
        }
        let [width, height] = scene.camera.resolution_px;
        let sampler = SobolSampler::of_picture(settings, scene.camera.resolution_px);
        let middle = self.spp + (spp - self.spp) / 2;
        let pixels = pixels_of_tile(self.corner, GROUP_PX, width, height);
        for (pixel, sums) in pixels.zip(&mut self.sums) {
            sums[0].add(tracer, pixel, self.spp..middle, &sampler);
            sums[1].add(tracer, pixel, middle..spp, &sampler);
        }
        self.spp = spp;
    }

    fn state(&self, errors: &[f32], width: u32, height: u32) -> State {
        let pixels = pixels_of_tile(self.corner, GROUP_PX, width, height);
        let error: f64 = pixels
            .map(|pixel| f64::from(errors[(pixel.y * width + pixel.x) as usize]))
            .sum();
        let vertices: u64 = (self.sums.iter())
            .map(|[a, b]| u64::from(a.vertices) + u64::from(b.vertices))
            .sum();
        let n = self.sums.len() as f64;
        State {
            pixels: n,
            spp: self.spp,
            error: error / n,
            cost: BASE_COST + vertices as f64 / (n * f64::from(self.spp)),
        }
    }
}

/// What is known of a group.
#[derive(Clone, Copy, Debug)]
struct State {
    pixels: f64,
    spp: u32,
    /// Mean error of its pixels.
    error: f64,
    /// Cost of a path.
    cost: f64,
}

/// The same with the variance of a path averaged with the neighbours.
fn smoothed(states: &[State], columns: usize) -> Vec<State> {
    let rows = states.len() / columns;
    let variance = |i: usize| states[i].error * f64::from(states[i].spp);
    (0..states.len())
        .map(|i| {
            let (x, y) = (i % columns, i / columns);
            let (mut sum, mut n) = (0.0, 0.0);
            for row in y.saturating_sub(1)..=(y + 1).min(rows - 1) {
                for column in x.saturating_sub(1)..=(x + 1).min(columns - 1) {
                    sum += variance(row * columns + column);
                    n += 1.0;
                }
            }
            let mixed = OWN_SHARE * variance(i) + (1.0 - OWN_SHARE) * sum / n;
            State {
                error: mixed / f64::from(states[i].spp),
                ..states[i]
            }
        })
        .collect()
}

/// Paths a pixel of each group after the next round; `None` when the picture is done.
fn plan(states: &[State], error: f64, stop_error: f64, most: u32) -> Option<Vec<u32>> {
    if error <= stop_error || states.iter().all(|state| most <= state.spp) {
        return None;
    }
    // The aim is moved with the ratio of what the groups expect to what was found.
    let n: f64 = states.iter().map(|state| state.pixels).sum();
    let expected: f64 = states.iter().map(|s| s.error * s.pixels).sum::<f64>() / n;
    let mut aim = stop_error * expected / error;
    for _ in 0..100 {
        let next = allocation(states, aim * n, most);
        if (next.iter().zip(states)).any(|(&spp, state)| state.spp < spp) {
            return Some(next);
        }
        aim *= 0.9;
    }
    // What noise is left lies where there are no more paths to be had.
    None
}

/// The cheapest numbers of paths whose errors sum to `aim`, within one round's reach.
fn allocation(states: &[State], aim: f64, most: u32) -> Vec<u32> {
    // Paths of a group at multiplier `lambda`, before rounding.
    let paths = |state: &State, lambda: f64| {
        let variance = state.error * f64::from(state.spp);
        let wanted = lambda * (variance / state.cost).sqrt();
        wanted.clamp(f64::from(state.spp), f64::from(most.max(state.spp)))
    };
    let sum = |lambda: f64| -> f64 {
        (states.iter())
            .map(|s| s.pixels * s.error * f64::from(s.spp) / paths(s, lambda))
            .sum()
    };
    let [_, hi] = crossing(|lambda| aim < sum(lambda));
    (states.iter())
        .map(|state| {
            let more = paths(state, hi) - f64::from(state.spp);
            let steps = (more / f64::from(STEP_SPP) - 0.25).ceil().max(0.0) as u32;
            let reach = (2 * state.spp).min(most);
            // An even number, so that both halves get the same.
            (state.spp + steps * STEP_SPP).min(reach.max(state.spp)) & !1
        })
        .collect()
}

/// The two sides of the multiplier up to which `is_below` holds.
fn crossing(is_below: impl Fn(f64) -> bool) -> [f64; 2] {
    let (mut lo, mut hi) = (0.0, 1.0);
    while is_below(hi) && hi < 1e12 {
        hi *= 4.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (lo + hi);
        if is_below(middle) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    [lo, hi]
}

/// Paths a pixel of each group that make the error of the picture least at a mean of `spp`.
fn shared_out(states: &[State], spp: u32) -> Vec<u32> {
    let paths = |state: &State, lambda: f64| {
        let wanted = lambda * (state.error * f64::from(state.spp) / state.cost).sqrt();
        let least = f64::from(state.spp);
        wanted.clamp(least, f64::from(LARGEST_GROWTH) * least)
    };
    let n: f64 = states.iter().map(|state| state.pixels).sum();
    let spent = |lambda: f64| -> f64 {
        let paths = |state| paths(state, lambda) * state.pixels;
        states.iter().map(paths).sum()
    };
    let budget = f64::from(spp) * n;
    let [lo, _] = crossing(|lambda| spent(lambda) < budget);
    // An even number, so that both halves get the same; what rounding takes from one group it
    // gives to the next.
    let mut carried = 0.0;
    (states.iter())
        .map(|state| {
            let wanted = paths(state, lo) + carried / state.pixels;
            let even = 2 * ((0.5 * wanted).round() as u32);
            let given = even.max(state.spp);
            carried = (wanted - f64::from(given)) * state.pixels;
            given
        })
        .collect()
}

/// The two halves of the picture.
fn halves_of(groups: &[Group], width: u32, height: u32) -> [Half; 2] {
    let mut halves = [Half::black(width, height), Half::black(width, height)];
    for group in groups {
        let share = 2.0 / group.spp as f32;
        let pixels = pixels_of_tile(group.corner, GROUP_PX, width, height);
        for (pixel, sums) in pixels.zip(&group.sums) {
            let i = (pixel.y * width + pixel.x) as usize;
            for (half, sums) in halves.iter_mut().zip(sums) {
                half.color[i] = sums.light * share;
                half.features[i] = sums.features.map(|sum| sum * share);
            }
        }
    }
    halves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(variances: &[f64]) -> Vec<State> {
        (variances.iter())
            .map(|variance| State {
                pixels: 64.0,
                spp: 16,
                error: variance / 16.0,
                cost: 2.0,
            })
            .collect()
    }

    #[test]
    fn paths_go_where_the_noise_is_and_stop_when_it_is_gone() {
        let quiet_and_loud = states(&[0.01, 0.01, 0.01, 4.0]);
        let error = quiet_and_loud.iter().map(|s| s.error).sum::<f64>() / 4.0;
        let next = plan(&quiet_and_loud, error, 0.01, 1024).expect("there is noise");
        assert_eq!(next, [16, 16, 16, 32]);
        assert_eq!(plan(&quiet_and_loud, error, 1.1 * error, 1024), None);
        assert_eq!(plan(&quiet_and_loud, error, 0.01, 16), None);
        // Even where nothing would be added by the estimate, a picture that is not done goes on.
        let even = states(&[0.16; 4]);
        assert!(plan(&even, 0.0101, 0.01, 64).is_some());
        // Unless what is left has all its paths and the rest is without noise.
        let mut stuck = states(&[0.0, 0.0, 9.0]);
        stuck[2].spp = 64;
        assert_eq!(plan(&stuck, 0.1, 0.01, 64), None);
    }

    #[test]
    fn a_budget_is_spent_where_the_noise_is() {
        let states = states(&[0.01, 1.0, 4.0, 4.0]);
        let next = shared_out(&states, 24);
        assert_eq!(next.iter().sum::<u32>(), 4 * 24, "{next:?}");
        assert!(next[0] == 16 && next[1] < next[2], "{next:?}");
        assert!(next[2].abs_diff(next[3]) <= 2, "{next:?}");
        // A picture without noise has nothing to spend paths on.
        assert_eq!(shared_out(&self::states(&[0.0; 3]), 32), [16; 3]);
    }

    #[test]
    fn the_allocation_follows_the_root_of_variance_over_cost() {
        let mut states = states(&[1.0, 4.0, 4.0]);
        states[2].cost = 8.0;
        for state in &mut states {
            // Far from both bounds.
            (state.spp, state.error) = (400, state.error * 16.0 / 400.0);
        }
        let total: f64 = 64.0 * (1.0 / 500.0 + 4.0 / 1000.0 + 4.0 / 500.0);
        let next = allocation(&states, total, 4000);
        for (found, wanted) in next.iter().zip([500.0, 800.0, 500.0]) {
            // The second would want 1000, but only doubles.
            assert!((f64::from(*found) - wanted).abs() <= 8.0, "{next:?}");
        }
    }
}
