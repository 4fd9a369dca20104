//! How one plane differs between two samples, pixel by pixel.
//!
//! Distances: second minus first, in metres. Directions: the angle between them, in degrees.
//! Numbers that are names: 1 where they differ. Everything else: the largest difference of a
//! channel. A pixel where only one of both has a surface is not compared, but counted.

use serde::Serialize;

use bottega_format::{PlaneValues, RowPlane, RowValues};
use bottega_schemas::Plane;

use super::plane_picture::{Look, look_of};
use crate::contact_sheet::png_of;

/// The difference of a plane.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// Width, in pixels.
    pub(super) width: usize,
    /// Height, in pixels.
    pub(super) height: usize,
    /// One number a pixel; NaN where there is nothing to compare, +inf where only the first has a
    /// surface, -inf where only the second has.
    pub(super) values: Vec<f32>,
    /// What they come to.
    pub(super) summary: Summary,
}

/// What the differences of all pixels come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Summary {
    /// What the numbers are.
    pub(super) measure: &'static str,
    /// Their unit.
    pub(super) unit: &'static str,
    /// Whether they have a sign.
    pub(super) is_signed: bool,
    /// Pixels that were compared.
    pub(super) compared_px: usize,
    /// Of these, pixels that differ.
    pub(super) differing_px: usize,
    /// Pixels where only the first sample has a surface.
    pub(super) only_first_px: usize,
    /// Pixels where only the second sample has a surface.
    pub(super) only_second_px: usize,
    /// Mean, with sign; null where nothing was compared.
    pub(super) mean: Option<f64>,
    /// Mean of the sizes.
    pub(super) mean_abs: Option<f64>,
    /// Root of the mean square.
    pub(super) rms: Option<f64>,
    /// Largest size.
    pub(super) max_abs: Option<f64>,
    /// Column and row of it.
    pub(super) max_at: Option<[usize; 2]>,
    /// Size that is drawn in the strongest colour: the 99th percentile.
    pub(super) shown_to: f64,
}

const NOTHING: [u8; 3] = [0x20; 3];
const ONLY_FIRST: [u8; 3] = [0x70, 0x70, 0x70];
const ONLY_SECOND: [u8; 3] = [0xb0, 0xb0, 0xb0];
/// Nothing, then the strongest difference below and above: blue and orange, told apart by all.
const EQUAL: [f32; 3] = [245.0, 245.0, 245.0];
const BELOW: [f32; 3] = [0.0, 92.0, 175.0];
const ABOVE: [f32; 3] = [190.0, 70.0, 0.0];

/// Compares a plane of two samples; pictures of two sizes cannot be compared.
pub(super) fn difference(
    plane: Plane,
    first: &RowPlane,
    second: &RowPlane,
) -> Result<Difference, String> {
    let (width, height) = (first.width, first.height);
    if (width, height) != (second.width, second.height) {
        return Err(format!(
            "the samples have {width} x {height} and {} x {} pixels; only equal sizes are compared",
            second.width, second.height
        ));
    }
    let look = look_of(plane);
    let values = compare(look, &first.values, &second.values)
        .ok_or_else(|| "the samples store this plane in two ways".to_owned())?;
    let summary = Summary::of(look, plane, &values, width);
    Ok(Difference {
        width,
        height,
        values,
        summary,
    })
}

fn compare(look: Look, first: &RowValues, second: &RowValues) -> Option<Vec<f32>> {
    let largest = |a: &[f32], b: &[f32]| {
        let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        gaps.fold(0.0, f32::max)
    };
    let values = match (first, second) {
        (RowValues::Rgb8(a), RowValues::Rgb8(b)) => (a.chunks_exact(3).zip(b.chunks_exact(3)))
            .map(|(a, b)| {
                let gaps = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
                f32::from(gaps.max().unwrap_or(0))
            })
            .collect(),
        (RowValues::Plane(a), RowValues::Plane(b)) => match (a, b) {
            (PlaneValues::Byte(a), PlaneValues::Byte(b)) => (a.iter().zip(b))
                .map(|(a, b)| match look {
                    Look::Label => f32::from(a != b),
                    _ => f32::from(*b) - f32::from(*a),
                })
                .collect(),
            (PlaneValues::Scalar(a), PlaneValues::Scalar(b)) => (a.iter().zip(b))
                .map(|(a, b)| match (look, a.is_finite(), b.is_finite()) {
                    (_, true, false) => f32::INFINITY,
                    (_, false, true) => f32::NEG_INFINITY,
                    (_, false, false) => f32::NAN,
                    (Look::Label, ..) => f32::from(a != b),
                    _ => b - a,
                })
                .collect(),
            (PlaneValues::Vector(a), PlaneValues::Vector(b)) => (a.iter().zip(b))
                .map(|(a, b)| match look {
                    Look::Direction => match (*a == [0.0; 3], *b == [0.0; 3]) {
                        (true, true) => f32::NAN,
                        (false, true) => f32::INFINITY,
                        (true, false) => f32::NEG_INFINITY,
                        _ => angle_deg(*a, *b),
                    },
                    _ => largest(a, b),
                })
                .collect(),
            (PlaneValues::Layers(a), PlaneValues::Layers(b)) => {
                a.iter().zip(b).map(|(a, b)| largest(a, b)).collect()
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(values)
}

/// Angle between two directions, exact for small ones too (Kahan).
fn angle_deg(a: [f32; 3], b: [f32; 3]) -> f32 {
    let unit = |v: [f32; 3]| {
        let v = v.map(f64::from);
        let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        v.map(|v| v / length)
    };
    let (a, b) = (unit(a), unit(b));
    let norm = |sign: f64| {
        let sum = a
            .iter()
            .zip(b)
            .map(|(a, b)| (a + sign * b) * (a + sign * b));
        sum.sum::<f64>().sqrt()
    };
    (2.0 * libm::atan2(norm(-1.0), norm(1.0)).to_degrees()) as f32
}

impl Summary {
    fn of(look: Look, plane: Plane, values: &[f32], width: usize) -> Self {
        let compared = || {
            values
                .iter()
                .filter(|v| v.is_finite())
                .map(|v| f64::from(*v))
        };
        let n = compared().count();
        let mean_of =
            |value: fn(f64) -> f64| (n > 0).then(|| compared().map(value).sum::<f64>() / n as f64);
        let mut sizes: Vec<f32> = compared().map(|v| v.abs() as f32).collect();
        sizes.sort_by(f32::total_cmp);
        let largest = sizes.last().copied();
        let at = largest.and_then(|size| values.iter().position(|v| v.abs() == size));
        let p99 = sizes.get((sizes.len().max(1) - 1) * 99 / 100).copied();
        let (measure, unit) = match (look, plane) {
            (Look::Color, _) => ("largest difference of a channel", "of 255"),
            (Look::Coverage, _) => ("second minus first", "of 255"),
            (Look::Distance, _) => ("second minus first", "m"),
            (Look::Direction, _) => ("angle between both", "deg"),
            (Look::Label, _) => ("1 where both differ", ""),
            (Look::Other, Plane::HairMask) => ("second minus first", "of 255"),
            (Look::Other, plane) if plane.encoding() == bottega_schemas::PlaneEncoding::Float => {
                ("second minus first", plane.unit())
            }
            (Look::Other, plane) => ("largest difference of a channel", plane.unit()),
        };
        Self {
            measure,
            unit,
            is_signed: measure == "second minus first",
            compared_px: n,
            differing_px: sizes.iter().filter(|size| **size > 0.0).count(),
            only_first_px: values.iter().filter(|v| **v == f32::INFINITY).count(),
            only_second_px: values.iter().filter(|v| **v == f32::NEG_INFINITY).count(),
            mean: mean_of(|v| v),
            mean_abs: mean_of(f64::abs),
            rms: mean_of(|v| v * v).map(f64::sqrt),
            max_abs: largest.map(f64::from),
            max_at: at.map(|px| [px % width, px / width]),
            shown_to: f64::from(p99.filter(|size| *size > 0.0).or(largest).unwrap_or(0.0)),
        }
    }
}

impl Difference {
    /// The difference as a PNG: white is none, blue below, orange above or unsigned, greys where
    /// only one has a surface.
    pub(super) fn picture(&self) -> Vec<u8> {
        let full = self.summary.shown_to.max(1e-9) as f32;
        let rgb: Vec<u8> = self.values.iter().flat_map(|v| color(*v, full)).collect();
        png_of(&rgb, self.width, self.height)
    }
}

fn color(value: f32, full: f32) -> [u8; 3] {
    if value.is_nan() {
        return NOTHING;
    }
    if value.is_infinite() {
        return if value > 0.0 { ONLY_FIRST } else { ONLY_SECOND };
    }
    let share = (value / full).clamp(-1.0, 1.0);
    let end = if share < 0.0 { BELOW } else { ABOVE };
    std::array::from_fn(|c| (EQUAL[c] + (end[c] - EQUAL[c]) * share.abs()).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(values: RowValues) -> RowPlane {
        RowPlane {
            width: 2,
            height: 2,
            values,
        }
    }

    #[test]
    fn distances_are_compared_where_both_have_a_surface() {
        let of = |values: [f32; 4]| plane(RowValues::Plane(PlaneValues::Scalar(values.to_vec())));
        let inf = f32::INFINITY;
        let (a, b) = (of([1.0, 1.0, inf, inf]), of([1.5, inf, 2.0, inf]));
        let found = difference(Plane::Depth, &a, &b).unwrap();
        assert_eq!(found.values[..3], [0.5, inf, -inf]);
        assert!(found.values[3].is_nan());
        let sum = &found.summary;
        assert_eq!(
            (sum.compared_px, sum.only_first_px, sum.only_second_px),
            (1, 1, 1)
        );
        assert_eq!(
            (sum.mean, sum.max_abs, sum.max_at),
            (Some(0.5), Some(0.5), Some([0, 0]))
        );
        assert!(sum.is_signed && sum.unit == "m");
        assert!(found.picture().starts_with(b"\x89PNG"));
    }

    #[test]
    fn directions_are_compared_by_their_angle() {
        let of = |v: [f32; 3]| plane(RowValues::Plane(PlaneValues::Vector(vec![v; 4])));
        let found = difference(Plane::Normal, &of([0.0, 0.0, 1.0]), &of([0.0, 1.0, 0.0])).unwrap();
        assert!((found.values[0] - 90.0).abs() < 1e-4, "{}", found.values[0]);
        assert!(found.summary.mean_abs.unwrap() > 89.9 && !found.summary.is_signed);
    }

    #[test]
    fn samples_of_two_sizes_are_not_compared() {
        let a = plane(RowValues::Rgb8(vec![0; 12]));
        let b = RowPlane {
            height: 1,
            values: RowValues::Rgb8(vec![0; 6]),
            ..a.clone()
        };
        let told = difference(Plane::Rgb8, &a, &b).unwrap_err();
        assert!(told.contains("2 x 2") && told.contains("2 x 1"), "{told}");
        assert_eq!(
            difference(Plane::Rgb8, &a, &a).unwrap().summary.max_abs,
            Some(0.0)
        );
    }
}
