//! The denoiser keeps what the features know and takes noise out of the rest.

use super::regression::bounded_exp;
use super::*;
use crate::sampler::{IndependentSampler, Sampler};

const WIDTH: usize = 70;
const HEIGHT: usize = 37;

/// Halves of a picture whose truth is `truth(x, y)`, with noise of standard deviation `sigma`;
/// the first feature is `feature(x, y)`.
fn halves(
    truth: impl Fn(usize, usize) -> f32,
    feature: impl Fn(usize, usize) -> f32,
    sigma: f32,
) -> [Half; 2] {
    let mut sampler = IndependentSampler::new(8);
    [0, 1].map(|_| {
        let mut half = Half::default();
        for i in 0..WIDTH * HEIGHT {
            let (x, y) = (i % WIDTH, i / WIDTH);
            // The sum of four uniform numbers is normal enough.
            let noise = || -> f32 { (0..4).map(|_| sampler.next_1d() - 0.5).sum::<f32>() };
            let mut noise = noise;
            let mut channel = || truth(x, y) + noise() * sigma * 3.0_f32.sqrt();
            half.color.push(Vec3::new(channel(), channel(), channel()));
            let mut features = [0.0; FEATURES];
            features[0] = feature(x, y);
            half.features.push(features);
        }
        half
    })
}

/// Root mean square error of `picture` against the truth.
fn error(picture: &[Vec3], truth: impl Fn(usize, usize) -> f32) -> f32 {
    let sum: f32 = (picture.iter().enumerate())
        .map(|(i, color)| {
            (*color - Vec3::splat(truth(i % WIDTH, i / WIDTH))).length_squared() / 3.0
        })
        .sum();
    (sum / picture.len() as f32).sqrt()
}

#[test]
fn noise_on_an_even_wall_goes_away() {
    let truth = |_: usize, _: usize| 0.5;
    let halves = halves(truth, |_, _| 0.0, 0.2);
    let before = error(&mean(&halves), truth);
    let after = error(&denoise(WIDTH, HEIGHT, &halves), truth);
    assert!(after < 0.25 * before, "{before} to {after}");
}

#[test]
fn what_a_feature_shows_survives() {
    // Single bright hairs, two pixels apart from each other at most, that the feature knows.
    let hair = |x: usize, y: usize| f32::from(u8::from((3 * x + y).is_multiple_of(7)));
    let truth = |x: usize, y: usize| 0.2 + 0.6 * hair(x, y);
    let halves = halves(truth, hair, 0.15);
    let before = error(&mean(&halves), truth);
    let after = error(&denoise(WIDTH, HEIGHT, &halves), truth);
    assert!(after < 0.5 * before, "{before} to {after}");
}

#[test]
fn an_edge_that_no_feature_knows_is_not_blurred() {
    let truth = |x: usize, _: usize| if x < 35 { 0.2 } else { 0.9 };
    let halves = halves(truth, |_, _| 0.0, 0.05);
    let before = error(&mean(&halves), truth);
    let after = error(&denoise(WIDTH, HEIGHT, &halves), truth);
    assert!(after < 0.6 * before, "{before} to {after}");
}

#[test]
fn detail_that_fits_lost_comes_back_where_it_outweighs_the_noise() {
    // A pattern without repetition in the upper half, an even wall in the lower.
    let truth = |x: usize, y: usize| {
        let dot = ((x * 7 + y * 13) * (x + 3 * y + 5)) % 11;
        let is_patterned = y < HEIGHT / 2;
        0.5 + 0.02 * f32::from(u8::from(is_patterned)) * (dot as f32 - 5.0)
    };
    let halves = halves(truth, |_, _| 0.0, 0.05);
    // Both fits saw nothing of the pattern.
    let flat = vec![Vec3::splat(0.5); WIDTH * HEIGHT];
    let blind = vec![
        solve::Fitted {
            color: flat[0],
            own: 0.0
        };
        WIDTH * HEIGHT
    ];
    let restored = restore::restore(WIDTH, HEIGHT, &halves, &[blind.clone(), blind]);
    let (noisy, upper) = (mean(&halves), WIDTH * (HEIGHT / 2 - 4));
    let [of_restored, of_noisy, of_flat] =
        [&restored, &noisy, &flat].map(|picture| error(&picture[..upper], truth));
    assert!(of_restored < 0.75 * of_flat, "{of_restored} {of_flat}");
    assert!(of_restored < 1.1 * of_noisy, "{of_restored} {of_noisy}");
    let lower = WIDTH * (HEIGHT / 2 + 4);
    let [of_restored, of_noisy] =
        [&restored, &noisy].map(|picture| error(&picture[lower..], |_, _| 0.5));
    assert!(of_restored < 0.3 * of_noisy, "{of_restored} {of_noisy}");
}

#[test]
fn structure_among_fibers_outlives_noise_that_hides_it() {
    // No two places are alike, so nothing but the pixel itself tells its colour.
    let truth = |x: usize, y: usize| {
        let mixed = ((x * 73_856_093) ^ (y * 19_349_663)).wrapping_mul(2_654_435_761);
        0.2 + 0.6 * ((mixed >> 7) & 0xff) as f32 / 255.0
    };
    let mut halves = halves(truth, |_, _| 0.0, 0.35);
    for half in &mut halves {
        half.features.iter_mut().for_each(|f| f[EXPLAINING] = 1.0);
    }
    let restored = denoise(WIDTH, HEIGHT, &halves);
    let flat = vec![Vec3::splat(0.5); WIDTH * HEIGHT];
    let [of_restored, of_noisy, of_flat] =
        [&restored, &mean(&halves), &flat].map(|picture| error(picture, truth));
    assert!(of_restored < 0.8 * of_noisy, "{of_restored} {of_noisy}");
    assert!(of_restored < 0.9 * of_flat, "{of_restored} {of_flat}");
    let energy = error(&restored, |_, _| 0.5);
    assert!(0.75 * of_flat < energy, "{energy} {of_flat}");
}

#[test]
fn a_picture_without_noise_stays_as_it_is() {
    let truth = |x: usize, y: usize| ((x * 31 + y * 17) % 23) as f32 / 23.0;
    let halves = halves(truth, |_, _| 0.0, 0.0);
    let after = error(&denoise(WIDTH, HEIGHT, &halves), truth);
    assert!(after < 0.01, "{after}");
}

#[test]
fn the_exponential_is_good_enough() {
    for i in 0..1600 {
        let x = -0.01 * i as f32;
        let wanted = libm::expf(x);
        assert!((bounded_exp(x) / wanted - 1.0).abs() < 1e-3, "{x}");
    }
}

fn mean(halves: &[Half; 2]) -> Vec<Vec3> {
    (halves[0].color.iter().zip(&halves[1].color))
        .map(|(a, b)| 0.5 * (*a + *b))
        .collect()
}
