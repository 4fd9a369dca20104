//! Colours for the planes that only some datasets store, one picture a plane.

use std::collections::BTreeMap;

use bottega_format::PlaneValues;
use bottega_schemas::Plane;

use super::panels::{DepthRange, NO_SURFACE, depth_color};

/// A plane as a picture of the size of its sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPlane {
    /// Name of the plane.
    pub name: &'static str,
    /// 8-bit sRGB, three bytes a pixel.
    pub rgb: Vec<u8>,
}

/// Colours of the layers: skin, hair, clothes, other worn things.
const LAYER_COLORS: [[f32; 3]; 4] = [
    [240.0, 170.0, 130.0],
    [110.0, 60.0, 150.0],
    [60.0, 140.0, 200.0],
    [230.0, 220.0, 70.0],
];

/// The pictures of some planes. Part numbers, which nearly all samples have, are shown only
/// beside others.
pub(super) fn shown_planes(optional: &BTreeMap<Plane, PlaneValues>) -> Vec<ShownPlane> {
    if optional.keys().all(|plane| *plane == Plane::PartId) {
        return Vec::new();
    }
    (optional.iter())
        .map(|(plane, values)| {
            let color = color_of(*plane, values);
            ShownPlane {
                name: plane.exr_part(),
                rgb: (0..values.len()).flat_map(color).collect(),
            }
        })
        .collect()
}

/// Gives a pixel its colour.
pub(crate) type Coloring<'a> = Box<dyn Fn(usize) -> [u8; 3] + 'a>;

/// How the pixels of a plane are coloured.
pub(crate) fn color_of(plane: Plane, values: &PlaneValues) -> Coloring<'_> {
    match (plane, values) {
        (Plane::InstanceId, PlaneValues::Scalar(numbers)) => {
            Box::new(|px| number_color(numbers[px] as u32))
        }
        (Plane::PartId, PlaneValues::Byte(numbers)) => {
            Box::new(|px| number_color(u32::from(numbers[px])))
        }
        (_, PlaneValues::Byte(bytes)) => Box::new(|px| [bytes[px]; 3]),
        (Plane::NormalLength | Plane::Glass, PlaneValues::Scalar(shares)) => {
            Box::new(|px| [byte(shares[px]); 3])
        }
        (Plane::DepthDeviation, PlaneValues::Scalar(lengths_m)) => {
            let largest = lengths_m.iter().copied().fold(1e-6, f32::max);
            // The root shows small deviations beside those of outlines.
            Box::new(move |px| [byte((lengths_m[px] / largest).sqrt()); 3])
        }
        (_, PlaneValues::Scalar(distances_m)) => {
            let range = DepthRange::of(distances_m);
            Box::new(move |px| match range {
                Some(range) if distances_m[px].is_finite() => {
                    depth_color(range.share(distances_m[px]))
                }
                _ => NO_SURFACE,
            })
        }
        (_, PlaneValues::Layers(layers)) => Box::new(|px| {
            std::array::from_fn(|c| {
                let shares = layers[px].iter().zip(LAYER_COLORS);
                let sum: f32 = shares.map(|(share, color)| share * color[c]).sum();
                sum.clamp(0.0, 255.0) as u8
            })
        }),
        (Plane::Albedo, PlaneValues::Vector(colors)) => {
            Box::new(|px| colors[px].map(|v| byte(v.sqrt())))
        }
        (Plane::Uv, PlaneValues::Vector(uvs)) => Box::new(|px| {
            let [u, v, is_there] = uvs[px];
            match is_there {
                0.0 => NO_SURFACE,
                _ => [byte(u - u.floor()), byte(v - v.floor()), 0],
            }
        }),
        (Plane::Position, PlaneValues::Vector(points)) => {
            let of = |axis: usize, fold: fn(f32, f32) -> f32, start: f32| {
                let there = points.iter().filter(|point| **point != [0.0; 3]);
                there.map(|point| point[axis]).fold(start, fold)
            };
            let low: [f32; 3] = std::array::from_fn(|axis| of(axis, f32::min, f32::INFINITY));
            let high: [f32; 3] = std::array::from_fn(|axis| of(axis, f32::max, f32::NEG_INFINITY));
            Box::new(move |px| match points[px] {
                [0.0, 0.0, 0.0] => NO_SURFACE,
                point => std::array::from_fn(|k| {
                    byte((point[k] - low[k]) / (high[k] - low[k]).max(1e-6))
                }),
            })
        }
        (_, PlaneValues::Vector(normals)) => Box::new(|px| match normals[px] {
            [0.0, 0.0, 0.0] => NO_SURFACE,
            normal => normal.map(|v| byte(0.5 * v + 0.5)),
        }),
    }
}

fn byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Colours that tell numbers apart.
fn number_color(number: u32) -> [u8; 3] {
    if number == 0 {
        return NO_SURFACE;
    }
    let mixed = number.wrapping_mul(0x9e37_79b9);
    [mixed >> 24, mixed >> 16 & 0xff, mixed >> 8 & 0xff].map(|v| 64 + (v as u8) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_numbers_alone_are_not_shown() {
        let mut optional = BTreeMap::from([(Plane::PartId, PlaneValues::Byte(vec![0, 1, 6]))]);
        assert!(shown_planes(&optional).is_empty());
        let median = PlaneValues::Scalar(vec![f32::INFINITY, 1.0, 2.0]);
        optional.insert(Plane::DepthMedian, median);
        let shown = shown_planes(&optional);
        let names: Vec<&str> = shown.iter().map(|plane| plane.name).collect();
        assert_eq!(names, ["depth_median", "part_id"]);
        assert_eq!(shown[0].rgb[..3], NO_SURFACE);
        assert_eq!(shown[0].rgb[3..6], depth_color(0.0));
        assert_ne!(shown[1].rgb[3..6], shown[1].rgb[6..]);
    }
}
