//! Whether a face has the proportions of a person: ratios of distances between landmarks, and skin
//! that does not fold over itself.
//!
//! Indices are those of the 68 landmarks of iBUG, which are not quite the points that
//! anthropometry measures between. So the ranges are set by judgement, wide about ordinary faces:
//! about one drawn face in a hundred lies outside. They keep monsters out, not rare faces.

use std::collections::BTreeMap;

use bottega_schemas::params::ShapeParams;
use bottega_schemas::points::LANDMARK_VERTICES;
use glam::Vec3;

use super::{model::BodyModel, regions::Regions};
use crate::error::PeopleError;

/// A ratio of two distances between landmarks, and the range in which people have it.
struct Ratio {
    name: &'static str,
    over: [usize; 2],
    under: [usize; 2],
    range: [f32; 2],
}

const RATIOS: [Ratio; 10] = [
    Ratio {
        name: "distance between the eyes over that of their outer corners",
        over: [39, 42],
        under: [36, 45],
        range: [0.27, 0.48],
    },
    Ratio {
        name: "width of the nose over the distance between the eyes",
        over: [31, 35],
        under: [39, 42],
        range: [0.45, 1.5],
    },
    Ratio {
        name: "width of the mouth over that of both eyes",
        over: [48, 54],
        under: [36, 45],
        range: [0.36, 0.82],
    },
    Ratio {
        name: "height of the face below the brows over the width between the ears",
        over: [27, 8],
        under: [0, 16],
        range: [0.55, 1.2],
    },
    Ratio {
        name: "length of the nose over the height below the brows",
        over: [27, 33],
        under: [27, 8],
        range: [0.28, 0.6],
    },
    Ratio {
        name: "height of the chin over the height below the brows",
        over: [57, 8],
        under: [27, 8],
        range: [0.1, 0.42],
    },
    Ratio {
        name: "width of the jaw over the width between the ears",
        over: [4, 12],
        under: [0, 16],
        range: [0.55, 1.05],
    },
    Ratio {
        name: "height of the right eye over its width",
        over: [37, 41],
        under: [36, 39],
        range: [0.12, 0.7],
    },
    Ratio {
        name: "height of the left eye over its width",
        over: [43, 47],
        under: [42, 45],
        range: [0.12, 0.7],
    },
    Ratio {
        name: "thickness of the lips over the width of the mouth",
        over: [51, 57],
        under: [48, 54],
        range: [0.15, 0.75],
    },
];

/// Pairs of landmarks of which the first lies above the second.
const ABOVE: [[usize; 2]; 10] = [
    [19, 37],
    [24, 44],
    [37, 41],
    [38, 40],
    [43, 47],
    [44, 46],
    [33, 51],
    [61, 67],
    [62, 66],
    [63, 65],
];
/// Closed lips may touch, in metres.
const TOUCH_M: f32 = 0.001;
/// Height of the head from chin to top over stature; about 0.13 of ordinary adults.
const HEAD_OVER_STATURE: [f32; 2] = [0.095, 0.18];
/// Top of the head on the base mesh.
const CROWN: usize = 881;

/// Cosine between the normal of a face and that on the template below which it is turned over.
const TURNED: f32 = -0.1;
/// Faces that may be turned over: those of folds at nostrils, lids and the corners of the mouth turn
/// with ordinary shapes, at most 34 of 200 drawn faces.
const TURNED_MAX: usize = 48;

impl BodyModel {
    /// What is odd about the face of a shape, if it is none that people have.
    ///
    /// # Errors
    /// When the shape names sliders that the model does not have.
    pub fn oddity(&self, shape: &ShapeParams) -> Result<Option<&'static str>, PeopleError> {
        let weights = self.resolve_weights(shape, &BTreeMap::new())?;
        let skin = self.morph(&weights);
        let points = LANDMARK_VERTICES.map(|v| skin[usize::from(v)]);
        let low = skin[Self::BODY_VERTICES]
            .iter()
            .fold(f32::MAX, |low, p| low.min(p.y));
        let stature_m = (skin[CROWN].y - low).max(1e-6);
        let head = (skin[CROWN].y - points[8].y) / stature_m;
        if !within(head, HEAD_OVER_STATURE) {
            return Ok(Some("size of the head over the stature"));
        }
        if TURNED_MAX < self.turned_over(&skin) {
            return Ok(Some("skin that folds over itself"));
        }
        Ok(oddity_of(&points))
    }

    /// Number of faces of brow, cheeks, nose, lips and chin that are turned over against the
    /// template.
    fn turned_over(&self, skin: &[Vec3]) -> usize {
        let normal = |positions: &[Vec3], face: usize| {
            let [a, b, c, d] = self.faces[face].map(|v| positions[v as usize]);
            (c - a).cross(d - b).normalize_or_zero()
        };
        Regions::faces(&self.regions.face_faces)
            .filter(|&face| normal(skin, face).dot(normal(&self.template, face)) < TURNED)
            .count()
    }
}

fn within(value: f32, [low, high]: [f32; 2]) -> bool {
    low <= value && value <= high
}

fn oddity_of(points: &[Vec3; 68]) -> Option<&'static str> {
    let length = |[a, b]: [usize; 2]| points[a].distance(points[b]);
    let odd = RATIOS.iter().find(|ratio| {
        !within(
            length(ratio.over) / length(ratio.under).max(1e-6),
            ratio.range,
        )
    });
    if let Some(ratio) = odd {
        return Some(ratio.name);
    }
    let crossed = ABOVE
        .iter()
        .any(|&[above, below]| points[above].y < points[below].y - TOUCH_M);
    crossed.then_some("order of features from the brows to the chin")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fixture::model;
    use crate::surfaces::test_support::person;

    #[test]
    fn ordinary_faces_pass_and_monsters_do_not() {
        let mut shape = person().shape;
        assert_eq!(model().oddity(&shape).unwrap(), None);
        for (name, value) in [
            ("mouth-scale-horiz-incr", 1.0),
            ("nose-scale-horiz-incr", 1.0),
            ("chin-height-incr", 1.0),
            ("mouth-upperlip-height-incr", 1.0),
        ] {
            shape.details.insert(name.to_owned(), value);
        }
        let details: Vec<(String, f32)> = ["l", "r"]
            .into_iter()
            .flat_map(|side| {
                [
                    (format!("{side}-eye-trans-out"), -1.0),
                    (format!("{side}-eye-scale-incr"), 1.0),
                ]
            })
            .collect();
        shape.details.extend(details);
        assert!(model().oddity(&shape).unwrap().is_some());
    }

    #[test]
    fn skin_that_folds_is_odd() {
        let shape = person().shape;
        let weights = model().resolve_weights(&shape, &BTreeMap::new()).unwrap();
        let mut skin = model().morph(&weights);
        assert!(model().turned_over(&skin) <= TURNED_MAX);
        // The tip of the nose, pushed aside through the cheek.
        let tip = skin[usize::from(LANDMARK_VERTICES[30])];
        for p in &mut skin {
            let d = (*p - tip).length() / 0.015;
            if d < 3.0 {
                p.x += 0.07 * bottega_geometry::math::exp(-d * d);
            }
        }
        let n_turned = model().turned_over(&skin);
        assert!(TURNED_MAX < n_turned, "{n_turned}");
    }

    #[test]
    fn a_mouth_above_the_nose_is_odd() {
        let shape = person().shape;
        let weights = model().resolve_weights(&shape, &BTreeMap::new()).unwrap();
        let skin = model().morph(&weights);
        let mut points = LANDMARK_VERTICES.map(|v| skin[usize::from(v)]);
        assert_eq!(oddity_of(&points), None);
        points.swap(33, 51);
        assert!(oddity_of(&points).is_some());
    }
}
