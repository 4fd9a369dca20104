//! Single planes as files of their own: what a shard stores in its pixel columns.
//!
//! - distances: EXR, one channel `Y`, float, metres, +inf where there is no surface. A lone `Y` is
//!   what OpenCV reads and writes; a lone `Z` it reads as zeros without an error.
//! - directions: EXR, channels `R`, `G`, `B` = X, Y, Z, half.
//! - picture, coverage, part numbers: PNG, 8 bit.

use std::collections::BTreeMap;

use half::f16;

use bottega_schemas::Plane;

use crate::error::FormatError;
use crate::exr::{Channel, DecodedPart, Part, Samples, decode, encode};
use crate::pixels::{LineKind, ScanLines, Scratch, with_scratch};

/// Names of the text attributes of our EXR files.
pub(crate) mod attribute {
    /// Which plane: `depth`, `normal`, ...
    pub(crate) const LAYER: &str = "bottega.layer";
    /// Unit of the values.
    pub(crate) const UNIT: &str = "bottega.unit";
    /// Coordinate frame, or the rule of the values.
    pub(crate) const FRAME: &str = "bottega.frame";
    /// Name of the sample.
    pub(crate) const SAMPLE_ID: &str = "bottega.sample_id";
    /// Labels, as JSON; on the first part of an EXR sample.
    pub(crate) const META: &str = "bottega.meta";
    /// Scene document, as JSON; on the first part of an EXR sample.
    pub(crate) const SCENE: &str = "bottega.scene";
    /// Plan of the dataset, as JSON; on the first part of an EXR sample that `generate` kept.
    pub(crate) const PLAN: &str = "bottega.plan";
}

/// Camera space, as written into files.
pub(crate) const CAMERA_FRAME: &str = "camera: +X right, +Y up, +Z toward the camera";

/// A plane of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Image<T> {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// The values, row by row from the top.
    pub values: Vec<T>,
}

/// Text attributes of a plane.
pub(crate) fn attributes(plane: Plane, sample_id: &str) -> Vec<(&'static str, String)> {
    let frame = match plane {
        Plane::RgbLinear => "Rec. 709, after exposure, alpha not premultiplied",
        Plane::Rgb8 => "display-referred, n/255",
        Plane::Alpha => "coverage of the pixel's box",
        Plane::Depth
        | Plane::DepthMedian
        | Plane::DepthMin
        | Plane::DepthMax
        | Plane::GlassDepth => "z: along the optical axis, positive; inf: no surface",
        Plane::DepthDeviation => "z: along the optical axis; 0: no surface",
        Plane::Range => "along the ray, positive; inf: no surface",
        Plane::Normal
        | Plane::NormalMean
        | Plane::GlassNormal
        | Plane::NormalFiber
        | Plane::NormalProxy
        | Plane::NormalGeometric => CAMERA_FRAME,
        Plane::NormalLength => "of the mean of unit normals; 0: no surface",
        Plane::PartId | Plane::InstanceId => "first hit; 0: no surface",
        Plane::HairMask => "255 where the median hit is a fibre",
        Plane::LayersVisible | Plane::LayersWhole => {
            "R skin, G hair, B clothes, A other worn things; coverage of the pixel's box"
        }
        Plane::SkinLayersVisible | Plane::SkinLayersWhole => {
            "R skin, G eyes, B inside of the mouth, A 0; coverage of the pixel's box"
        }
        Plane::HairLayersVisible | Plane::HairLayersWhole => {
            "R scalp hair, G brows, B lashes, A beard; coverage of the pixel's box"
        }
        Plane::WornLayersVisible | Plane::WornLayersWhole => {
            "R glasses, G headwear, B face masks, A earrings; coverage of the pixel's box"
        }
        Plane::Glass => "coverage of the pixel's box",
        Plane::Albedo => "Rec. 709, linear",
        Plane::Position => "world: +Y up; 0: no surface",
        Plane::Uv => "R u, G v, B 1 where there are any",
        Plane::Motion => {
            "R right, G down, to where it is in the other frame; B depth there; 0: none"
        }
    };
    vec![
        (attribute::LAYER, plane.exr_part().to_owned()),
        (attribute::UNIT, plane.unit().to_owned()),
        (attribute::FRAME, frame.to_owned()),
        (attribute::SAMPLE_ID, sample_id.to_owned()),
    ]
}

/// A part with the single float channel `Y`.
pub(crate) fn distance_part(plane: Plane, values_m: &[f32], sample_id: &str) -> Part {
    let channels = vec![Channel {
        name: "Y",
        samples: Samples::Float(values_m.to_vec()),
    }];
    Part {
        name: plane.exr_part(),
        channels,
        attributes: attributes(plane, sample_id),
    }
}

/// A part with the float channels `R`, `G`, `B`.
pub(crate) fn float3_part(plane: Plane, values: &[[f32; 3]], sample_id: &str) -> Part {
    let channel = |name: &'static str, i: usize| Channel {
        name,
        samples: Samples::Float(values.iter().map(|value| value[i]).collect()),
    };
    Part {
        name: plane.exr_part(),
        channels: vec![channel("B", 2), channel("G", 1), channel("R", 0)],
        attributes: attributes(plane, sample_id),
    }
}

/// A part with half channels; `names` in the order of the components.
pub(crate) fn half_part<const N: usize>(
    plane: Plane,
    names: [&'static str; N],
    values: impl Iterator<Item = [f32; N]> + Clone,
    sample_id: &str,
) -> Part {
    let mut channels: Vec<Channel> = names
        .into_iter()
        .enumerate()
        .map(|(i, name)| {
            let samples = values
                .clone()
                .map(|pixel| f16::from_f32(pixel[i]))
                .collect();
            Channel {
                name,
                samples: Samples::Half(samples),
            }
        })
        .collect();
    channels.sort_by_key(|channel| channel.name);
    Part {
        name: plane.exr_part(),
        channels,
        attributes: attributes(plane, sample_id),
    }
}

/// Encodes a plane of distances.
pub(crate) fn encode_distance(
    plane: Plane,
    (width, height): (usize, usize),
    values_m: &[f32],
    sample_id: &str,
) -> Vec<u8> {
    encode(width, height, &[distance_part(plane, values_m, sample_id)])
}

/// Encodes a plane of unit vectors.
pub(crate) fn encode_direction(
    plane: Plane,
    (width, height): (usize, usize),
    values: &[[f32; 3]],
    sample_id: &str,
) -> Vec<u8> {
    let part = half_part(plane, ["R", "G", "B"], values.iter().copied(), sample_id);
    encode(width, height, &[part])
}

/// Decodes a plane of distances: one float channel `Y`, in metres.
pub fn decode_distance(what: &'static str, bytes: &[u8]) -> Result<Image<f32>, FormatError> {
    let mut values = Vec::new();
    let (width, height) = with_scratch(|scratch| read_distance(what, bytes, scratch, &mut values))?;
    Ok(Image {
        width,
        height,
        values,
    })
}

/// Reads a plane of distances into `out`; its width and height.
pub(crate) fn read_distance(
    what: &'static str,
    bytes: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<f32>,
) -> Result<(usize, usize), FormatError> {
    if let Some(lines) = ScanLines::parse(bytes)
        && lines.are_channels(&["Y"], LineKind::Float)
        && lines.floats(scratch, out).is_some()
    {
        return Ok((lines.width, lines.height));
    }
    let part = only_part(what, bytes)?;
    let size = (part.width, part.height);
    match part.float_channel("Y") {
        Ok(values) => *out = values,
        Err(part) => {
            return Err(FormatError::WrongChannels {
                part: what,
                expected: "Y:float",
                found: part.describe().into(),
            });
        }
    }
    Ok(size)
}

/// Decodes a plane of directions: half channels `R`, `G`, `B` = X, Y, Z.
pub fn decode_direction(what: &'static str, bytes: &[u8]) -> Result<Image<[f32; 3]>, FormatError> {
    let mut values = Vec::new();
    let (width, height) =
        with_scratch(|scratch| read_direction(what, bytes, scratch, &mut values))?;
    Ok(Image {
        width,
        height,
        values,
    })
}

/// Reads a plane of directions into `out`; its width and height.
pub(crate) fn read_direction(
    what: &'static str,
    bytes: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<[f32; 3]>,
) -> Result<(usize, usize), FormatError> {
    if let Some(lines) = ScanLines::parse(bytes)
        && lines.are_channels(&["B", "G", "R"], LineKind::Half)
        && lines.vectors(scratch, [2, 1, 0], out).is_some()
    {
        return Ok((lines.width, lines.height));
    }
    let part = only_part(what, bytes)?;
    match part.half_channels(["R", "G", "B"]) {
        Some(values) => *out = values,
        None => {
            return Err(FormatError::WrongChannels {
                part: what,
                expected: "B:half G:half R:half",
                found: part.describe().into(),
            });
        }
    }
    Ok((part.width, part.height))
}

/// Text attributes of a plane stored as an EXR file of its own.
pub fn plane_attributes(bytes: &[u8]) -> Result<BTreeMap<String, String>, FormatError> {
    Ok(only_part("plane", bytes)?.attributes)
}

fn only_part(what: &'static str, bytes: &[u8]) -> Result<DecodedPart, FormatError> {
    let mut parts = decode(what, bytes)?;
    match (parts.pop(), parts.len()) {
        (Some(part), 0) => Ok(part),
        (_, n) => Err(FormatError::malformed(
            what,
            format!("it has {} parts, wanted one", n + 1),
        )),
    }
}
