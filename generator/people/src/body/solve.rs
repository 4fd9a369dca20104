//! Finds the shape of a body that has a wanted stature and body-mass index.
//!
//! The sliders of the base mesh say nothing in metres or kilograms. Two unknowns are solved for on
//! the measured mesh: the height slider, on which stature depends almost linearly on either side
//! of its middle, and a path from lean to stout along which muscle, weight and a set of fat
//! details change together. Mass is volume times a mean density of the body.

use std::collections::BTreeMap;

use bottega_schemas::params::ShapeParams;

use super::model::BodyModel;
use crate::{error::PeopleError, person::Measured};

/// A shape and what it measures.
#[derive(Clone, Debug, PartialEq)]
pub struct SolvedShape {
    /// The shape.
    pub shape: ShapeParams,
    /// Its measurements.
    pub measured: Measured,
}

/// How close the solution must come.
const STATURE_TOLERANCE_M: f32 = 5e-4;
const BMI_TOLERANCE: f32 = 0.02;
const MAX_STEPS: u32 = 24;

/// Details that change between the leanest and the stoutest body: positive target, and its value
/// at the stout end of the path for a feminine and for a masculine body. At the lean end they have
/// minus half of it. By eye.
const FAT_DETAILS: [(&str, f32, f32); 15] = [
    ("head-fat-incr", 0.45, 0.45),
    ("neck-double-incr", 0.45, 0.50),
    ("stomach-pregnant-incr", 0.15, 0.45),
    ("measure-waist-circ-incr", 0.45, 0.55),
    ("measure-hips-circ-incr", 0.40, 0.15),
    ("measure-bust-circ-incr", 0.15, 0.15),
    ("buttocks-volume-incr", 0.35, 0.20),
    ("l-upperleg-fat-incr", 0.40, 0.25),
    ("r-upperleg-fat-incr", 0.40, 0.25),
    ("l-lowerleg-fat-incr", 0.20, 0.20),
    ("r-lowerleg-fat-incr", 0.20, 0.20),
    ("l-upperarm-fat-incr", 0.40, 0.35),
    ("r-upperarm-fat-incr", 0.40, 0.35),
    ("l-lowerarm-fat-incr", 0.25, 0.25),
    ("r-lowerarm-fat-incr", 0.25, 0.25),
];

impl BodyModel {
    /// Turns height, weight, muscle and fat details of `start` until the body has this stature and
    /// body-mass index; `None` when no shape on the path has.
    pub fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedShape>, PeopleError> {
        let measure = |height: f32, stoutness: f32| -> Result<SolvedShape, PeopleError> {
            let shape = on_path(start, height, stoutness);
            let weights = self.resolve_weights(&shape, &BTreeMap::new())?;
            let measured = Measured::of(self, &self.morph(&weights));
            Ok(SolvedShape { shape, measured })
        };

        // The height slider acts in one way below its middle and in another above.
        let middle = measure(0.5, 0.0)?.measured;
        let end_height = if middle.stature_m < stature_m {
            1.0
        } else {
            0.0
        };
        let end = measure(end_height, 0.0)?.measured;
        let slope = (end.stature_m - middle.stature_m) / (end_height - 0.5);
        let mut height = 0.5 + (stature_m - middle.stature_m) / slope;
        if !(0.0..=1.0).contains(&height) {
            return Ok(None);
        }

        // A bracket of the path, then false position with halving (Illinois), the height corrected
        // at each step.
        let [mut near, mut far] = [0.0, 0.0];
        let mut solved = measure(height, near)?;
        let mut near_error = solved.measured.bmi - bmi;
        let mut far_error = near_error;
        if BMI_TOLERANCE < near_error.abs() {
            far = if near_error < 0.0 { 1.0 } else { -1.0 };
            far_error = measure(height, far)?.measured.bmi - bmi;
            if 0.0 < near_error * far_error {
                return Ok(None);
            }
        }
        for _ in 0..MAX_STEPS {
            let miss_m = stature_m - solved.measured.stature_m;
            let error = solved.measured.bmi - bmi;
            if error.abs() <= BMI_TOLERANCE && miss_m.abs() <= STATURE_TOLERANCE_M {
                return Ok(Some(solved));
            }
            height = (height + miss_m / slope).clamp(0.0, 1.0);
            let stoutness = if far_error == near_error {
                near
            } else {
                (near * far_error - far * near_error) / (far_error - near_error)
            };
            solved = measure(height, stoutness)?;
            let error = solved.measured.bmi - bmi;
            if error * near_error < 0.0 {
                (far, far_error) = (near, near_error);
            } else {
                far_error *= 0.5;
            }
            (near, near_error) = (stoutness, error);
        }
        Ok(None)
    }
}

/// `start` with this height slider at this place of the path: -1 lean, 0 as `start` is with an
/// average weight, 1 stout.
fn on_path(start: &ShapeParams, height: f32, stoutness: f32) -> ShapeParams {
    let mut shape = start.clone();
    shape.height = height;
    shape.weight = (0.5 + 0.5 * stoutness).clamp(0.0, 1.0);
    // In the base mesh little muscle under much weight is fat, and under little weight gaunt.
    let muscle_kept = if 0.0 < stoutness {
        1.0 - stoutness
    } else {
        1.0 + 0.7 * stoutness
    };
    shape.muscle = start.muscle * muscle_kept;
    for (name, feminine, masculine) in FAT_DETAILS {
        let full = bottega_geometry::math::lerp(feminine, masculine, start.gender);
        let value = if 0.0 < stoutness {
            stoutness
        } else {
            0.5 * stoutness
        } * full;
        let detail = shape.details.entry(name.to_owned()).or_insert(0.0);
        *detail = (*detail + value).clamp(-1.0, 1.0);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fixture::model;

    fn start(gender: f32, age: f32, ancestry: [f32; 3]) -> ShapeParams {
        ShapeParams {
            gender,
            age,
            muscle: 0.45,
            weight: 0.5,
            height: 0.5,
            proportions: 0.5,
            cupsize: 0.5,
            firmness: 0.4,
            ancestry,
            details: BTreeMap::new(),
        }
    }

    #[test]
    fn adults_of_every_kind_are_reached() {
        let cases = [
            (0.0, 0.5, [1.0, 0.0, 0.0], 1.50, 18.0),
            (0.0, 0.9, [0.0, 1.0, 0.0], 1.60, 24.0),
            (0.0, 0.6, [0.0, 0.0, 1.0], 1.78, 33.0),
            (1.0, 0.5, [0.0, 1.0, 0.0], 1.60, 18.5),
            (1.0, 0.7, [0.3, 0.3, 0.4], 1.75, 27.0),
            (1.0, 0.95, [1.0, 0.0, 0.0], 1.95, 38.0),
            (0.5, 0.6, [0.0, 0.5, 0.5], 1.68, 22.0),
        ];
        for (gender, age, ancestry, stature_m, bmi) in cases {
            let solved = model()
                .solve(&start(gender, age, ancestry), stature_m, bmi)
                .unwrap()
                .unwrap_or_else(|| panic!("{gender} {age} {stature_m} {bmi}"));
            let weights = model()
                .resolve_weights(&solved.shape, &BTreeMap::new())
                .unwrap();
            let measured = Measured::of(model(), &model().morph(&weights));
            assert_eq!(measured, solved.measured);
            assert!(
                (measured.stature_m - stature_m).abs() < 1e-3,
                "{measured:?}"
            );
            assert!((measured.bmi - bmi).abs() < 0.05, "{measured:?}");
            assert!((0.0..=1.0).contains(&solved.shape.muscle));
        }
    }

    #[test]
    fn what_no_shape_reaches_is_none() {
        let start = start(0.0, 0.6, [0.0, 0.0, 1.0]);
        for (stature_m, bmi) in [(3.0, 22.0), (0.9, 22.0), (1.65, 70.0), (1.65, 9.0)] {
            assert_eq!(model().solve(&start, stature_m, bmi).unwrap(), None);
        }
    }
}
