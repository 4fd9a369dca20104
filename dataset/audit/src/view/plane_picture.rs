//! A plane of a sample for a browser: as a picture, or as the bare numbers.

use bottega_format::{PlaneValues, RowPlane, RowValues};
use bottega_schemas::Plane;

use crate::contact_sheet::{color_of, png_of};

/// How a plane is shown and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Look {
    /// A picture.
    Color,
    /// Coverage, over a checkerboard.
    Coverage,
    /// Distance in metres, by a ramp whose range can be set.
    Distance,
    /// Unit vectors, as colours.
    Direction,
    /// Numbers that are names.
    Label,
    /// Anything else, in colours of the server's choice.
    Other,
}

/// How a plane is shown.
pub(super) fn look_of(plane: Plane) -> Look {
    match plane {
        Plane::Rgb8 => Look::Color,
        Plane::Alpha => Look::Coverage,
        Plane::Depth
        | Plane::Range
        | Plane::DepthMedian
        | Plane::DepthMin
        | Plane::DepthMax
        | Plane::GlassDepth => Look::Distance,
        plane if plane.unit() == "unit-vector" => Look::Direction,
        Plane::PartId | Plane::InstanceId => Look::Label,
        _ => Look::Other,
    }
}

/// Name of a plane in addresses.
pub(super) fn name_of(plane: Plane) -> &'static str {
    match plane {
        Plane::Rgb8 => "image",
        Plane::Alpha => "alpha",
        other => other.exr_part(),
    }
}

/// The stored plane of a name.
pub(super) fn plane_of(name: &str) -> Option<Plane> {
    [Plane::Rgb8, Plane::Alpha, Plane::Depth, Plane::Normal]
        .into_iter()
        .chain(Plane::OPTIONAL)
        .find(|plane| name_of(*plane) == name)
}

/// A plane as a PNG; what has no surface is dark grey.
pub(super) fn picture(plane: Plane, of: &RowPlane) -> Vec<u8> {
    match &of.values {
        RowValues::Rgb8(rgb) => png_of(rgb, of.width, of.height),
        RowValues::Plane(values) => {
            let color = color_of(plane, values);
            let rgb: Vec<u8> = (0..values.len()).flat_map(color).collect();
            png_of(&rgb, of.width, of.height)
        }
    }
}

/// The bare numbers of a plane, little-endian, pixel by pixel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Numbers {
    /// Type of a number: `u8` or `f32`.
    pub(super) kind: &'static str,
    /// Numbers a pixel.
    pub(super) channels: usize,
    /// The numbers.
    pub(super) bytes: Vec<u8>,
}

/// The bare numbers of a plane.
pub(super) fn numbers(of: &RowPlane) -> Numbers {
    let (kind, channels, bytes) = match &of.values {
        RowValues::Rgb8(rgb) => ("u8", 3, rgb.clone()),
        RowValues::Plane(PlaneValues::Byte(bytes)) => ("u8", 1, bytes.clone()),
        RowValues::Plane(PlaneValues::Scalar(values)) => ("f32", 1, floats(values)),
        RowValues::Plane(PlaneValues::Vector(values)) => ("f32", 3, floats(values.as_flattened())),
        RowValues::Plane(PlaneValues::Layers(values)) => ("f32", 4, floats(values.as_flattened())),
    };
    Numbers {
        kind,
        channels,
        bytes,
    }
}

/// Numbers as bytes, little-endian.
pub(super) fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
