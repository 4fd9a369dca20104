//! The scale of depth over a dataset against the labelled distances of the camera.
//!
//! One sample cannot tell: a person may stand a little nearer. Over many, the distances of what is
//! seen grow with those that are labelled, metre by metre; where they grow by another factor, depth
//! is in another unit, or the labels are.

use std::collections::BTreeMap;

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::across_rows::{Placed, at};
use super::config::VerifyConfig;

/// Fewer samples than this show no tendency.
const SAMPLES_MIN: usize = 24;
/// Standard errors by which the factor must differ from 1.
const ERRORS_MIN: f64 = 5.0;

/// The factor by which seen distances grow with labelled ones, and its standard error.
///
/// Least squares, with a constant of its own for each framing: its camera aims at another point.
fn factor(pairs: &[(&str, [f64; 2])]) -> Option<(f64, f64)> {
    let mut groups: BTreeMap<&str, Vec<[f64; 2]>> = BTreeMap::new();
    for (framing, pair) in pairs {
        groups.entry(framing).or_default().push(*pair);
    }
    let mut centered = Vec::new();
    for group in groups.values() {
        let n = group.len() as f64;
        let mean = [0, 1].map(|k| group.iter().map(|pair| pair[k]).sum::<f64>() / n);
        centered.extend(
            group
                .iter()
                .map(|pair| [pair[0] - mean[0], pair[1] - mean[1]]),
        );
    }
    let xx: f64 = centered.iter().map(|[x, _]| x * x).sum();
    let xy: f64 = centered.iter().map(|[x, y]| x * y).sum();
    let freedom = centered.len().checked_sub(groups.len() + 1)?;
    if xx <= 0.0 || freedom == 0 {
        return None;
    }
    let factor = xy / xx;
    let rest: f64 = centered
        .iter()
        .map(|[x, y]| (y - factor * x) * (y - factor * x))
        .sum();
    Some((factor, (rest / freedom as f64 / xx).sqrt()))
}

/// Judges the scale of depth over all rows whose distance is labelled.
pub(super) fn check_depth_scale(
    rows: &[Placed<'_>],
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let pairs: Vec<(&str, [f64; 2])> = rows
        .iter()
        .filter_map(|row| row.1.distances_m.as_ref())
        .map(|(framing, pair)| (framing.as_str(), *pair))
        .collect();
    if pairs.len() < SAMPLES_MIN {
        return;
    }
    let Some((factor, error)) = factor(&pairs) else {
        return;
    };
    let off = (factor - 1.0).abs();
    if off <= config.depth_scale_tolerance || off <= ERRORS_MIN * error {
        return;
    }
    let message = format!(
        "over {} samples, depth grows {factor:.4} (+-{error:.4}) times as fast as the labelled \
         distance of the camera, wanted 1 within {}; is depth in metres?",
        pairs.len(),
        config.depth_scale_tolerance
    );
    let finding = Finding::new(Check::Depth, message).at(Plane::Depth, None);
    findings.push(at(rows[0], finding));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances of 0.5 m to 6 m, seen with a spread of 8 cm before points that framings choose.
    fn pairs(n: usize, scale: f64) -> Vec<(&'static str, [f64; 2])> {
        let spread = |i: usize| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        (0..n)
            .map(|i| {
                let labelled = 0.5 + 5.5 * ((i * 37) % n) as f64 / n as f64;
                let (framing, before) = [("face", 0.06), ("full_body", 0.15)][i % 2];
                let seen = scale * (labelled - before + 0.28 * spread(i));
                (framing, [labelled, seen])
            })
            .collect()
    }

    #[test]
    fn the_scale_is_measured_whatever_the_camera_aims_at() {
        for scale in [1.0, 1.0254, 0.5] {
            let (found, error) = factor(&pairs(300, scale)).unwrap();
            assert!(
                (found - scale).abs() < 4.0 * error,
                "{scale}: {found} {error}"
            );
            assert!(error < 0.005, "{error}");
        }
        assert_eq!(factor(&[]), None);
        assert_eq!(factor(&[("face", [1.0, 1.0]); 30]), None, "all alike");
    }

    #[test]
    fn a_dataset_in_another_unit_is_found_and_a_sound_or_small_one_is_not() {
        use crate::verify::across_rows::tests::sound;

        let judge = |n: usize, scale: f64| {
            let mut rows = sound(n);
            for (row, (framing, pair)) in rows.iter_mut().zip(pairs(n, scale)) {
                row.distances_m = Some((framing.to_owned(), pair));
            }
            let placed: Vec<_> = rows.iter().map(|row| ("a.parquet", row)).collect();
            let mut findings = Vec::new();
            check_depth_scale(&placed, &VerifyConfig::default(), &mut findings);
            findings.iter().map(|found| found.check).collect::<Vec<_>>()
        };
        assert_eq!(judge(300, 1.0), []);
        assert_eq!(judge(300, 1.0254), [Check::Depth]);
        assert_eq!(judge(40, 1.1), [Check::Depth]);
        assert_eq!(judge(SAMPLES_MIN - 1, 1.1), [], "too few to tell");
    }
}
