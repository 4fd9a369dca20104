//! One sample as one multi-part EXR file.
//!
//! | part | channels | type | meaning |
//! | --- | --- | --- | --- |
//! | `rgba` | R G B A | half | scene-linear picture with background, not premultiplied; coverage |
//! | `display` | R G B | half | the 8-bit sRGB picture as n/255 |
//! | `depth` | Y | float | metres along the optical axis, +inf for no surface |
//! | `normal` | R G B | half | X, Y, Z in camera space, 0 for no surface |
//! | optional planes | | | `Plane::OPTIONAL` and `Plane::Motion`, bytes as float numbers |
//!
//! Lossless ZIP throughout. The first part carries labels and scene document as text, so that a
//! shard row made from the file has the bytes of one made directly.

use std::collections::BTreeMap;
use std::path::Path;

use bottega_schemas::{DatasetPlan, Plane, SampleMeta};

use crate::atomic::write_atomically;
use crate::error::FormatError;
use crate::exr::{DecodedPart, Part, decode, encode, first_attributes};
use crate::plane_codec::{attribute, distance_part, half_part};
use crate::plane_values::PlaneValues;
use crate::sample::{Planes, Sample};

/// Encodes a sample.
pub fn encode_sample(sample: &Sample) -> Vec<u8> {
    encode_with(sample, None)
}

/// Encodes a sample with the plan of its dataset, from which a folder of such files becomes the
/// same shards as were made directly.
pub fn encode_sample_of(sample: &Sample, plan: &DatasetPlan) -> Vec<u8> {
    encode_with(sample, Some(plan))
}

fn encode_with(sample: &Sample, plan: Option<&DatasetPlan>) -> Vec<u8> {
    let planes = sample.planes();
    let mut parts = parts_of(planes, &sample.meta().sample_id);
    let attributes = &mut parts[0].attributes;
    let meta = serde_json::to_string(sample.meta()).expect("labels are plain data");
    attributes.push((attribute::META, meta));
    attributes.push((attribute::SCENE, sample.params_json().to_owned()));
    if let Some(plan) = plan {
        let plan = serde_json::to_string(plan).expect("a plan is plain data");
        attributes.push((attribute::PLAN, plan));
    }
    encode(planes.width, planes.height, &parts)
}

/// The planes as parts of a file, the picture first.
fn parts_of(planes: &Planes, id: &str) -> Vec<Part> {
    let rgba = planes
        .rgb_linear
        .iter()
        .zip(&planes.alpha)
        .map(|(&[r, g, b], &a)| [r, g, b, a]);
    let display = planes
        .rgb8
        .as_chunks::<3>()
        .0
        .iter()
        .map(|rgb| rgb.map(|v| f32::from(v) / 255.0));
    let mut parts = vec![
        half_part(Plane::RgbLinear, ["R", "G", "B", "A"], rgba, id),
        half_part(Plane::Rgb8, ["R", "G", "B"], display, id),
        distance_part(Plane::Depth, &planes.depth_m, id),
        half_part(
            Plane::Normal,
            ["R", "G", "B"],
            planes.normal.iter().copied(),
            id,
        ),
    ];
    for (plane, values) in &planes.optional {
        parts.push(values.part(*plane, id));
    }
    parts
}

/// Decodes a sample; every wrong, missing or cut part is an error that names it.
pub fn decode_sample(bytes: &[u8]) -> Result<Sample, FormatError> {
    let mut parts = Parts::new(decode("EXR sample", bytes)?)?;
    let first = parts.take(Plane::RgbLinear)?;
    let meta = first
        .attributes
        .get(attribute::META)
        .ok_or_else(|| missing(attribute::META))?;
    let meta: SampleMeta = serde_json::from_str(meta).map_err(|error| {
        FormatError::malformed(
            "EXR sample",
            format!("attribute {}: {error}", attribute::META),
        )
    })?;
    let scene = first
        .attributes
        .get(attribute::SCENE)
        .ok_or_else(|| missing(attribute::SCENE))?;
    let planes = planes_of(&first, parts)?;
    Sample::from_stored(meta, planes, scene.clone())
}

/// The planes of a file, of which `first` holds the picture and `parts` all else.
fn planes_of(first: &DecodedPart, mut parts: Parts) -> Result<Planes, FormatError> {
    let rgba = half_values(Plane::RgbLinear, first, ["R", "G", "B", "A"])?;
    let display = half_values(Plane::Rgb8, &parts.take(Plane::Rgb8)?, ["R", "G", "B"])?;
    let to_byte = |value: &f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
    let mut planes = Planes {
        width: first.width,
        height: first.height,
        rgb_linear: rgba.iter().map(|&[r, g, b, _]| [r, g, b]).collect(),
        rgb8: display.as_flattened().iter().map(to_byte).collect(),
        alpha: rgba.iter().map(|rgba| rgba[3]).collect(),
        depth_m: float_values(Plane::Depth, parts.take(Plane::Depth)?)?,
        normal: half_values(Plane::Normal, &parts.take(Plane::Normal)?, ["R", "G", "B"])?,
        ..Planes::default()
    };
    for plane in Plane::OPTIONAL.into_iter().chain([Plane::Motion]) {
        if let Ok(part) = parts.take(plane) {
            let values = PlaneValues::from_part(plane, part)?;
            planes.optional.insert(plane, values);
        }
    }
    Ok(planes)
}

/// Writes a sample: complete under its name, or not there at all.
pub fn write_sample(path: &Path, sample: &Sample) -> Result<(), FormatError> {
    write_atomically(path, &encode_sample(sample))
}

/// Writes a sample with the plan of its dataset.
pub fn write_sample_of(
    path: &Path,
    sample: &Sample,
    plan: &DatasetPlan,
) -> Result<(), FormatError> {
    write_atomically(path, &encode_sample_of(sample, plan))
}

/// Writes planes that are no sample: those of a scene without a person, say, which has no labels.
///
/// The parts are those of a sample file; values are rounded to what they hold.
pub fn write_planes(path: &Path, mut planes: Planes) -> Result<(), FormatError> {
    planes.round_to_stored();
    let parts = parts_of(&planes, "");
    write_atomically(path, &encode(planes.width, planes.height, &parts))
}

/// Reads the planes of a file that [`write_planes`] wrote, or of a sample.
pub fn read_planes(path: &Path) -> Result<Planes, FormatError> {
    let bytes = std::fs::read(path).map_err(|error| FormatError::io("read", path, error))?;
    let planes = (|| {
        let mut parts = Parts::new(decode("EXR file", &bytes)?)?;
        let first = parts.take(Plane::RgbLinear)?;
        planes_of(&first, parts)
    })();
    planes.map_err(|error: FormatError| error.in_file(path))
}

/// The plan that a sample file carries, if it carries one; pixels are not decoded.
pub fn read_plan(path: &Path) -> Result<Option<DatasetPlan>, FormatError> {
    let bytes = std::fs::read(path).map_err(|error| FormatError::io("read", path, error))?;
    let plan = (|| {
        let attributes = first_attributes("EXR sample", &bytes)?;
        let Some(plan) = attributes.get(attribute::PLAN) else {
            return Ok(None);
        };
        serde_json::from_str(plan).map(Some).map_err(|error| {
            let reason = format!("attribute {}: {error}", attribute::PLAN);
            FormatError::malformed("EXR sample", reason)
        })
    })();
    plan.map_err(|error: FormatError| error.in_file(path))
}

/// Reads a sample.
pub fn read_sample(path: &Path) -> Result<Sample, FormatError> {
    let bytes = std::fs::read(path).map_err(|error| FormatError::io("read", path, error))?;
    decode_sample(&bytes).map_err(|error| error.in_file(path))
}

/// The parts of a file by their names.
struct Parts {
    parts: BTreeMap<String, DecodedPart>,
    found: String,
    size: (usize, usize),
}

impl Parts {
    fn new(parts: Vec<DecodedPart>) -> Result<Self, FormatError> {
        let name = |part: &DecodedPart| match part.name.as_str() {
            "" => format!("an unnamed part ({})", part.describe()),
            name => format!("{name:?} ({})", part.describe()),
        };
        let found = parts.iter().map(name).collect::<Vec<_>>().join(", ");
        let size = parts
            .first()
            .map_or((0, 0), |part| (part.width, part.height));
        if let Some(part) = parts.iter().find(|part| (part.width, part.height) != size) {
            let reason = format!("part {:?} has another size than the first", part.name);
            return Err(FormatError::malformed("EXR sample", reason));
        }
        let parts = parts
            .into_iter()
            .map(|part| (part.name.clone(), part))
            .collect();
        Ok(Self { parts, found, size })
    }

    fn take(&mut self, plane: Plane) -> Result<DecodedPart, FormatError> {
        debug_assert!(self.size.0 > 0);
        self.parts
            .remove(plane.exr_part())
            .ok_or_else(|| FormatError::MissingPart {
                part: plane.exr_part(),
                found: self.found.as_str().into(),
            })
    }
}

fn missing(name: &str) -> FormatError {
    let reason = format!("attribute {name} is missing; is the file a sample of this program?");
    FormatError::malformed("EXR sample", reason)
}

fn float_values(plane: Plane, part: DecodedPart) -> Result<Vec<f32>, FormatError> {
    part.float_channel("Y")
        .map_err(|part| FormatError::WrongChannels {
            part: plane.exr_part(),
            expected: "Y:float",
            found: part.describe().into(),
        })
}

fn half_values<const N: usize>(
    plane: Plane,
    part: &DecodedPart,
    names: [&str; N],
) -> Result<Vec<[f32; N]>, FormatError> {
    part.half_channels(names)
        .ok_or_else(|| FormatError::WrongChannels {
            part: plane.exr_part(),
            expected: if N == 4 {
                "A:half B:half G:half R:half"
            } else {
                "B:half G:half R:half"
            },
            found: part.describe().into(),
        })
}
