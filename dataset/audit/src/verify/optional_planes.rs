//! Truth of the planes that only some datasets store: range, coverage family, parts.

use bottega_format::StoredPlanes;
use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::is_close;
use super::planes::{Pinhole, is_distance, report};

/// Part numbers from here on belong to the surroundings, not to the person.
const FIRST_SURROUNDING: u8 = 100;

/// Largest relative deviation of a range from the depth along the same ray.
const RANGE_TOLERANCE: f32 = 1e-3;

/// Checks the optional planes that are there.
pub(super) fn check_optional_planes(
    planes: &StoredPlanes,
    pinhole: Option<Pinhole>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let width = planes.width;
    let depth_m = &planes.depth_m;
    if let (Some(range_m), Some(pinhole)) = (&planes.range_m, pinhole) {
        let expected = |px: usize| {
            let direction = pinhole.direction(px % width, px / width);
            depth_m[px] * direction.iter().map(|v| v * v).sum::<f32>().sqrt()
        };
        report(
            (Check::Depth, Plane::Range),
            width,
            depth_m.len(),
            findings,
            |px| {
                let tolerance = RANGE_TOLERANCE * expected(px);
                // Equal infinities have no difference.
                range_m[px] != expected(px) && !is_close(range_m[px], expected(px), tolerance)
            },
            |px| {
                format!(
                    "{} m, but depth and camera give {} m",
                    range_m[px],
                    expected(px)
                )
            },
        );
    }
    if let Some(median_m) = &planes.depth_median_m {
        report(
            (Check::Depth, Plane::DepthMedian),
            width,
            depth_m.len(),
            findings,
            |px| !is_distance(median_m[px]),
            |px| {
                format!(
                    "{}, wanted positive metres, or +inf for no surface",
                    median_m[px]
                )
            },
        );
        report(
            (Check::SurfaceAgreement, Plane::DepthMedian),
            width,
            depth_m.len(),
            findings,
            |px| median_m[px].is_finite() && planes.alpha8[px] == 0,
            |px| format!("{} m where alpha is 0, wanted +inf there", median_m[px]),
        );
    }
    if let Some(mean) = &planes.normal_mean {
        let length = |px: usize| mean[px].iter().map(|v| v * v).sum::<f32>().sqrt();
        let tolerance = config.normal_length_tolerance;
        report(
            (Check::NormalLength, Plane::NormalMean),
            width,
            depth_m.len(),
            findings,
            |px| mean[px] != [0.0; 3] && !is_close(length(px), 1.0, tolerance),
            |px| format!("length {}, wanted 1 within {tolerance}, or 0", length(px)),
        );
    }
    if let Some(part_id) = &planes.part_id {
        let is_person = |px: usize| (1..FIRST_SURROUNDING).contains(&part_id[px]);
        report(
            (Check::PartId, Plane::PartId),
            width,
            depth_m.len(),
            findings,
            |px| is_person(px) != depth_m[px].is_finite(),
            |px| format!("part {} where depth is {} m", part_id[px], depth_m[px]),
        );
    }
}
