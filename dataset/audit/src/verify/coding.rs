//! Planes that were stored in another code than the one that is documented, though each of their
//! values is a possible one.
//!
//! - Coverage of a pixel between an empty and a full one is any share with equal likelihood, so that
//!   its mean is one half; a gamma moves it to 0.69 or 0.31.
//! - A picture that was multiplied by alpha is black wherever alpha is 0.
//! - Depth that went through half floats has no digit that these have not.
//! - Depth that was enlarged without blending repeats itself from pixel to pixel.

use std::collections::BTreeSet;

use half::f16;

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::planes::PlaneSlices;

/// Pixels that tell a tendency.
const PX_MIN: usize = 1000;
/// Different depths that tell a code; a wall has one.
const DEPTHS_MIN: usize = 32;

/// Checks the codes of coverage, picture and depth.
pub(super) fn check_coding(
    planes: &PlaneSlices<'_>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    check_coverage_code(planes, config, findings);
    check_background(planes, config, findings);
    check_depth_code(planes, config, findings);
}

/// Mean coverage of the pixels of sharp edges, and their number.
fn edge_coverage(planes: &PlaneSlices<'_>) -> (f64, usize) {
    let PlaneSlices {
        width,
        height,
        alpha8,
        is_hair,
        ..
    } = *planes;
    let is_edge = |a: usize, b: usize| matches!((alpha8[a], alpha8[b]), (0, 255) | (255, 0));
    let is_solid = |px: usize| is_hair.is_none_or(|is_hair| !is_hair[px]);
    let (mut sum, mut n) = (0u64, 0usize);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let px = y * width + x;
            for (a, b) in [(px - 1, px + 1), (px - width, px + width)] {
                if is_edge(a, b) && [a, px, b].into_iter().all(is_solid) {
                    sum += u64::from(alpha8[px]);
                    n += 1;
                }
            }
        }
    }
    (sum as f64 / (255 * n.max(1)) as f64, n)
}

fn check_coverage_code(
    planes: &PlaneSlices<'_>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let (mean, n) = edge_coverage(planes);
    // Four standard errors of the mean of n shares that are each equally likely.
    let by_chance = 4.0 * 0.289 / (n.max(1) as f64).sqrt();
    let tolerance = config.edge_coverage_tolerance.max(by_chance);
    if n < config.edge_px_min || (mean - 0.5).abs() <= tolerance {
        return;
    }
    let message = format!(
        "coverage at {n} sharp edges is {mean:.3} on average, wanted 0.5 within {tolerance:.3}; \
         was alpha stored with a gamma, or were edges made wider or narrower?"
    );
    findings.push(Finding::new(Check::Coverage, message).at(Plane::Alpha, None));
}

fn check_background(planes: &PlaneSlices<'_>, config: &VerifyConfig, findings: &mut Vec<Finding>) {
    let pixels = planes.rgb8.chunks_exact(3).zip(planes.alpha8);
    let (mut n_background, mut n_black) = (0usize, 0usize);
    for (rgb, _) in pixels.filter(|(_, alpha)| **alpha == 0) {
        n_background += 1;
        n_black += usize::from(rgb == [0, 0, 0]);
    }
    if n_background < PX_MIN
        || n_black as f64 <= config.black_background_share_max * n_background as f64
    {
        return;
    }
    let message = format!(
        "{n_black} of {n_background} pixels without the person are black; was the picture \
         multiplied by alpha, or its background cut out?"
    );
    findings.push(Finding::new(Check::Picture, message).at(Plane::Rgb8, None));
}

/// Whether there are enough pixels with a depth, and enough different depths, to tell a code.
fn is_told(depth_m: &[f32]) -> bool {
    let finite = || depth_m.iter().filter(|depth_m| depth_m.is_finite());
    let mut different = BTreeSet::new();
    finite().take(PX_MIN).count() == PX_MIN
        && finite().any(|depth_m| {
            different.insert(depth_m.to_bits());
            different.len() == DEPTHS_MIN
        })
}

/// Whether depth holds no more digits than half floats of metres or centimetres do, where there is
/// enough of it to tell.
pub(super) fn is_half_depth(depth_m: &[f32]) -> bool {
    let finite = || depth_m.iter().filter(|depth_m| depth_m.is_finite());
    let is_half = |depth_m: &f32| f16::from_f32(*depth_m).to_f32() == *depth_m;
    // Centimetres that were half floats come back to them to the last digit but one.
    let is_half_cm = |depth_m: &f32| {
        let cm = (f64::from(*depth_m) * 100.0) as f32;
        let rounded = f16::from_f32(cm).to_f32();
        (cm - rounded).abs() <= 2e-7 * cm
    };
    is_told(depth_m) && (finite().all(is_half) || finite().all(is_half_cm))
}

fn check_depth_code(planes: &PlaneSlices<'_>, config: &VerifyConfig, findings: &mut Vec<Finding>) {
    if !is_told(planes.depth_m) {
        return;
    }
    let mut push = |message: &str| {
        findings.push(Finding::new(Check::Depth, message).at(Plane::Depth, None));
    };
    if is_half_depth(planes.depth_m) {
        // Others may keep no more.
        if config.is_half_depth_told {
            push(
                "every depth is a half float: steps of up to 4 mm at 5 m; wanted 32-bit floats as \
                 they were measured",
            );
        }
        return;
    }
    let rows = planes.depth_m.chunks_exact(planes.width);
    let (mut n, mut n_equal) = (0usize, 0usize);
    for pair in rows.flat_map(|row| row.windows(2)) {
        if pair[0].is_finite() && pair[1].is_finite() {
            n += 1;
            n_equal += usize::from(pair[0] == pair[1]);
        }
    }
    if n_equal as f64 > config.repeated_depth_share_max * n as f64 {
        push(&format!(
            "{n_equal} of {n} pixels repeat the depth to their left; was a smaller plane enlarged?"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 96;
    const HEIGHT: usize = 96;

    /// A sloping disk with exact coverage at its rim, before a grey ground.
    struct Disk {
        rgb8: Vec<u8>,
        alpha8: Vec<u8>,
        depth_m: Vec<f32>,
    }

    fn disk() -> Disk {
        let distance = |px: usize| {
            let [x, y] = [px % WIDTH, px / WIDTH].map(|v| v as f32 + 0.5);
            // Off the grid, whose symmetry would repeat few edges many times.
            (x - 46.8).hypot(y - 48.2)
        };
        let coverage = |px: usize| (41.1 - distance(px)).clamp(0.0, 1.0);
        let pixels = 0..WIDTH * HEIGHT;
        Disk {
            rgb8: pixels
                .clone()
                .flat_map(|px| [90 + (px % 7) as u8; 3])
                .collect(),
            alpha8: pixels
                .clone()
                .map(|px| (255.0 * coverage(px) + 0.5) as u8)
                .collect(),
            depth_m: pixels
                .map(|px| match distance(px) {
                    d if d < 40.6 => 2.0 + 5.37e-3 * d + 1.1e-4 * (px % WIDTH) as f32,
                    _ => f32::INFINITY,
                })
                .collect(),
        }
    }

    fn found(disk: &Disk) -> Vec<Check> {
        let planes = PlaneSlices {
            width: WIDTH,
            height: HEIGHT,
            rgb8: &disk.rgb8,
            alpha8: &disk.alpha8,
            depth_m: &disk.depth_m,
            normal: &[],
            is_hair: None,
        };
        let mut findings = Vec::new();
        check_coding(&planes, &VerifyConfig::default(), &mut findings);
        findings.into_iter().map(|found| found.check).collect()
    }

    #[test]
    fn what_is_coded_as_documented_has_no_finding() {
        assert_eq!(found(&disk()), []);
    }

    #[test]
    fn a_gamma_of_alpha_is_found_either_way() {
        for gamma in [1.0 / 2.2, 2.2] {
            let mut disk = disk();
            for alpha in &mut disk.alpha8 {
                *alpha = (255.0 * libm::powf(f32::from(*alpha) / 255.0, gamma) + 0.5) as u8;
            }
            assert_eq!(found(&disk), [Check::Coverage], "{gamma}");
        }
    }

    #[test]
    fn a_picture_times_alpha_is_found() {
        let mut disk = disk();
        for (rgb, alpha) in disk.rgb8.chunks_exact_mut(3).zip(&disk.alpha8) {
            rgb.iter_mut()
                .for_each(|v| *v = (u32::from(*v) * u32::from(*alpha) / 255) as u8);
        }
        assert_eq!(found(&disk), [Check::Picture]);
    }

    #[test]
    fn half_floats_and_enlarged_planes_of_depth_are_found() {
        let mut half = disk();
        for depth_m in &mut half.depth_m {
            *depth_m = f16::from_f32(*depth_m).to_f32();
        }
        assert_eq!(found(&half), [Check::Depth]);
        let mut half_cm = disk();
        for depth_m in &mut half_cm.depth_m {
            *depth_m = f16::from_f32(*depth_m * 100.0).to_f32() / 100.0;
        }
        assert_eq!(found(&half_cm), [Check::Depth]);
        let mut coarse = disk();
        for px in 0..WIDTH * HEIGHT {
            let (x, y) = (px % WIDTH / 2 * 2, px / WIDTH / 2 * 2);
            coarse.depth_m[px] = coarse.depth_m[y * WIDTH + x];
        }
        assert_eq!(found(&coarse), [Check::Depth]);
    }
}
