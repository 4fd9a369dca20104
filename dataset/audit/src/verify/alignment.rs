//! The picture against coverage: the person in the picture ends where alpha ends.
//!
//! Along the sharp outline of coverage the picture has a contrast that it has neither a few pixels
//! beside it nor elsewhere. The outline is laid over the contrast of the picture at small shifts,
//! and over the mirrored picture. Where it fits better than unmoved, picture and truth were shifted
//! or mirrored against each other; where it fits nowhere, they are of two samples.

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::planes::PlaneSlices;

/// Shifts that are tried, in pixels either way.
const REACH: isize = 4;
/// Number of shifts along one axis.
const N_SHIFTS: usize = 2 * REACH as usize + 1;
/// Step of alpha over two pixels that belongs to the outline of something solid.
const OUTLINE_STEP: u8 = 200;
/// Contrast beyond which more says nothing: a lamp behind the head must not count for all.
const CONTRAST_MAX: u8 = 40;
/// Contrast of something that has a clear outline.
const CONTRAST_CLEAR: u8 = 25;

/// Mean contrast of a picture that is too noisy, or too restless, to tell.
const USUAL_CONTRAST_MAX: f32 = 15.0;

/// Mean contrast under the outline at each shift, rows of shifts from the top.
struct Fit {
    scores: [f32; N_SHIFTS * N_SHIFTS],
}

impl Fit {
    fn own(&self) -> f32 {
        self.scores[self.scores.len() / 2]
    }

    /// The best score and its shift.
    fn best(&self) -> (f32, [isize; 2]) {
        let mut best = (self.own(), [0, 0]);
        for (i, &score) in self.scores.iter().enumerate() {
            if score > best.0 {
                let [x, y] = [i % N_SHIFTS, i / N_SHIFTS].map(|at| at as isize - REACH);
                best = (score, [x, y]);
            }
        }
        best
    }

    /// Mean score at the largest shifts.
    fn rim(&self) -> f32 {
        let is_rim = |i: &usize| {
            let [x, y] = [i % N_SHIFTS, i / N_SHIFTS];
            [x, y].iter().any(|at| *at == 0 || *at == N_SHIFTS - 1)
        };
        let rim = (0..self.scores.len()).filter(is_rim);
        let n = 4 * (N_SHIFTS - 1);
        rim.map(|i| self.scores[i]).sum::<f32>() / n as f32
    }
}

/// Checks that picture and coverage are of one sample and lie on each other.
pub(super) fn check_alignment(
    planes: &PlaneSlices<'_>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let (width, height) = (planes.width, planes.height);
    let margin = REACH as usize + 1;
    if width <= 2 * margin || height <= 2 * margin {
        return;
    }
    let alpha_steps = steps(planes.alpha8, width, height);
    let outline: Vec<usize> = (margin..height - margin)
        .flat_map(|y| (margin..width - margin).map(move |x| y * width + x))
        .filter(|&px| alpha_steps[px] >= OUTLINE_STEP)
        .collect();
    if outline.len() < config.outline_px_min {
        return;
    }
    let luma: Vec<u8> = planes
        .rgb8
        .chunks_exact(3)
        .map(|rgb| ((2 * u32::from(rgb[0]) + 7 * u32::from(rgb[1]) + u32::from(rgb[2])) / 10) as u8)
        .collect();
    let contrast: Vec<u8> = steps(&luma, width, height)
        .into_iter()
        .map(|step| step.min(CONTRAST_MAX))
        .collect();
    let fit = lay(&outline, &contrast, width);
    let (best, [right, down]) = fit.best();
    let n_px = contrast.len() as f32;
    let usual = contrast.iter().map(|&v| f32::from(v)).sum::<f32>() / n_px;
    // Noise of a few paths a pixel has outlines everywhere.
    if usual > USUAL_CONTRAST_MAX {
        return;
    }
    let mut push = |message: String| {
        let at = outline[0];
        let pixel = Some([at % width, at / width]);
        findings.push(Finding::new(Check::Alignment, message).at(Plane::Rgb8, pixel));
    };
    let mirrored: Vec<u8> = contrast
        .chunks_exact(width)
        .flat_map(|row| row.iter().rev().copied())
        .collect();
    let mirrored = lay(&outline, &mirrored, width);
    let (fits_mirrored, _) = mirrored.best();
    let is_clear = |score: f32, fit: &Fit| {
        score > config.outline_sharpness_min * fit.rim() && score > 2.0 * usual
    };
    if fits_mirrored > config.outline_mirror_ratio * best && is_clear(fits_mirrored, &mirrored) {
        push(format!(
            "the outline of alpha has a contrast of {best:.1} in the picture and of \
             {fits_mirrored:.1} in the mirrored picture; was one of them mirrored?"
        ));
        return;
    }
    if best > config.outline_shift_ratio * fit.own() && is_clear(best, &fit) {
        push(format!(
            "the outline of alpha fits the picture better {right} pixels to the right and {down} \
             down (a contrast of {best:.1}) than where it is ({:.1}); was one of them shifted?",
            fit.own()
        ));
        return;
    }
    let n_clear = contrast.iter().filter(|&&v| v >= CONTRAST_CLEAR).count();
    if fit.own() < config.outline_sharpness_min * fit.rim() && n_clear > outline.len() {
        push(format!(
            "the outline of alpha is nowhere in the picture: its contrast is {:.1} there and {:.1} \
             beside it, over {} pixels; is the picture of this sample?",
            fit.own(),
            fit.rim(),
            outline.len()
        ));
    }
}

/// The larger of the differences across a pixel, from left to right and from top to bottom.
fn steps(values: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut steps = vec![0; values.len()];
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let px = y * width + x;
            let across = values[px - 1].abs_diff(values[px + 1]);
            steps[px] = across.max(values[px - width].abs_diff(values[px + width]));
        }
    }
    steps
}

fn lay(outline: &[usize], contrast: &[u8], width: usize) -> Fit {
    let mut scores = [0.0; N_SHIFTS * N_SHIFTS];
    for (i, score) in scores.iter_mut().enumerate() {
        let [x, y] = [i % N_SHIFTS, i / N_SHIFTS].map(|at| at as isize - REACH);
        let offset = y * width as isize + x;
        let sum: u32 = outline
            .iter()
            .map(|px| u32::from(contrast[px.wrapping_add_signed(offset)]))
            .sum();
        *score = sum as f32 / outline.len() as f32;
    }
    Fit { scores }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 80;
    const HEIGHT: usize = 100;

    /// A bright, uneven shape before a darker ground; the shape is no mirror image of itself.
    fn person() -> (Vec<u8>, Vec<u8>) {
        let mut rgb8 = Vec::new();
        let mut alpha8 = Vec::new();
        for px in 0..WIDTH * HEIGHT {
            let [x, y] = [px % WIDTH, px / WIDTH].map(|v| v as f32);
            let r = ((x - 34.0) / 16.0).hypot((y - 52.0) / 30.0);
            let arm = (y - 60.0).abs() < 6.0 && (34.0..66.0).contains(&x);
            let covered = r < 1.0 || arm;
            alpha8.push(if covered { 255 } else { 0 });
            let grain = (px * 7919 % 9) as u8;
            let value = if covered { 150 } else { 70 + (y as u8) / 4 };
            rgb8.extend([value + grain; 3]);
        }
        (rgb8, alpha8)
    }

    fn messages(rgb8: &[u8], alpha8: &[u8]) -> Vec<String> {
        let planes = PlaneSlices {
            width: WIDTH,
            height: HEIGHT,
            rgb8,
            alpha8,
            depth_m: &[],
            normal: &[],
            is_hair: None,
        };
        let mut findings = Vec::new();
        check_alignment(&planes, &VerifyConfig::default(), &mut findings);
        findings.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn what_lies_on_each_other_has_no_finding() {
        let (rgb8, alpha8) = person();
        assert_eq!(messages(&rgb8, &alpha8), Vec::<String>::new());
    }

    #[test]
    fn shifts_of_one_and_two_pixels_are_measured() {
        let (rgb8, alpha8) = person();
        for (right, down) in [(1isize, 0isize), (-1, 0), (0, 1), (2, -1), (0, -2)] {
            let mut moved = alpha8.clone();
            let by = right + down * WIDTH as isize;
            moved.rotate_right(by.rem_euclid(alpha8.len() as isize) as usize);
            let found = messages(&rgb8, &moved);
            let wanted = format!("{} pixels to the right and {} down", -right, -down);
            assert!(
                found.len() == 1 && found[0].contains(&wanted),
                "{right} {down}: {found:?}"
            );
        }
    }

    #[test]
    fn a_mirrored_picture_and_one_of_another_sample_are_told() {
        let (rgb8, alpha8) = person();
        let mirrored: Vec<u8> = alpha8
            .chunks_exact(WIDTH)
            .flat_map(|row| row.iter().rev().copied())
            .collect();
        let found = messages(&rgb8, &mirrored);
        assert!(
            found.len() == 1 && found[0].contains("mirrored"),
            "{found:?}"
        );
        // Someone else stands higher and is smaller.
        let other: Vec<u8> = (0..WIDTH * HEIGHT)
            .map(|px| {
                let [x, y] = [px % WIDTH, px / WIDTH].map(|v| v as f32);
                if (x - 40.0).hypot(y - 26.0) < 18.0 {
                    255
                } else {
                    0
                }
            })
            .collect();
        let found = messages(&rgb8, &other);
        assert!(found.len() == 1, "{found:?}");
    }
}
