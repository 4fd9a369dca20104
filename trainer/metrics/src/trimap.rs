//! A trimap made from a soft alpha, where none is given.

use crate::TRIMAP_UNKNOWN;

/// Value of a trimap where the truth is surely background.
pub const TRIMAP_BACKGROUND: u8 = 0;

/// Value of a trimap where the truth is surely foreground.
pub const TRIMAP_FOREGROUND: u8 = 255;

/// A trimap of an alpha of `width` columns: foreground is what stays of `alpha >= 1` after
/// `radius_px` erosions by a cross of five pixels, background what stays of `alpha <= 0`, and the
/// rest is unknown. Beyond the border of the picture nothing is asked.
///
/// Benchmarks take a radius of 0.01 of the longer side.
pub fn trimap(alpha: &[f32], width: usize, radius_px: usize) -> Vec<u8> {
    let from_not_covered = steps_from(alpha, width, |alpha| alpha < 1.0);
    let from_covered = steps_from(alpha, width, |alpha| alpha > 0.0);
    let distances = from_not_covered.iter().zip(&from_covered);
    let class = |(&front, &back): (&usize, &usize)| match (front > radius_px, back > radius_px) {
        (true, _) => TRIMAP_FOREGROUND,
        (false, true) => TRIMAP_BACKGROUND,
        (false, false) => TRIMAP_UNKNOWN,
    };
    distances.map(class).collect()
}

/// Steps along the sides to the nearest pixel of a kind.
fn steps_from(alpha: &[f32], width: usize, is_kind: impl Fn(f32) -> bool) -> Vec<usize> {
    let far = alpha.len() + width;
    let start = |&alpha: &f32| if is_kind(alpha) { 0 } else { far };
    let mut steps: Vec<usize> = alpha.iter().map(start).collect();
    // Two passes give the distance along sides exactly.
    for at in 0..steps.len() {
        if at % width > 0 {
            steps[at] = steps[at].min(steps[at - 1] + 1);
        }
        if at >= width {
            steps[at] = steps[at].min(steps[at - width] + 1);
        }
    }
    for at in (0..steps.len()).rev() {
        if at % width + 1 < width {
            steps[at] = steps[at].min(steps[at + 1] + 1);
        }
        if at + width < steps.len() {
            steps[at] = steps[at].min(steps[at + width] + 1);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hard_edge_becomes_a_band_of_twice_the_radius() {
        let row: Vec<f32> = (0..12).map(|x| if x < 6 { 0.0 } else { 1.0 }).collect();
        let found = trimap(&row.repeat(3), 12, 2);
        let wanted = [0, 0, 0, 0, 128, 128, 128, 128, 255, 255, 255, 255];
        assert_eq!(&found[..12], &wanted);
        assert_eq!(&found[24..], &wanted);
    }

    #[test]
    fn soft_pixels_are_never_sure() {
        assert_eq!(trimap(&[0.0, 0.5, 1.0], 3, 0), [0, 128, 255]);
        assert!(trimap(&[], 0, 3).is_empty());
    }
}
