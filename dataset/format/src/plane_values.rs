//! The optional planes of a sample: their values, their rules, and the files they lie in.

use half::f16;

use bottega_schemas::{Plane, PlaneEncoding};

use crate::error::FormatError;
use crate::exr::{DecodedPart, Part, decode, encode};
use crate::pixels::{LineKind, ScanLines, Scratch, with_scratch};
use crate::plane_codec::{distance_part, float3_part, half_part};
use crate::png;

/// The values of a plane, row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaneValues {
    /// One number a pixel.
    Scalar(Vec<f32>),
    /// Three numbers a pixel.
    Vector(Vec<[f32; 3]>),
    /// Four shares a pixel.
    Layers(Vec<[f32; 4]>),
    /// One byte a pixel.
    Byte(Vec<u8>),
}

/// What the values of an optional plane must be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// Positive, or +inf for no surface.
    Distance,
    /// Of unit length, or zero for no surface.
    Direction,
    /// Between 0 and 1.
    Share,
    /// Finite and not negative.
    Amount,
    /// Finite.
    Finite,
    /// Any byte.
    Byte,
}

fn rule(plane: Plane) -> Rule {
    match plane {
        Plane::NormalMean
        | Plane::GlassNormal
        | Plane::NormalFiber
        | Plane::NormalProxy
        | Plane::NormalGeometric => Rule::Direction,
        Plane::NormalLength | Plane::Glass => Rule::Share,
        layers if layers.is_layers() => Rule::Share,
        Plane::DepthDeviation | Plane::InstanceId | Plane::Albedo => Rule::Amount,
        Plane::Position | Plane::Uv | Plane::Motion => Rule::Finite,
        Plane::PartId | Plane::HairMask => Rule::Byte,
        _ => Rule::Distance,
    }
}

impl PlaneValues {
    /// Number of pixels.
    pub fn len(&self) -> usize {
        match self {
            Self::Scalar(values) => values.len(),
            Self::Vector(values) => values.len(),
            Self::Layers(values) => values.len(),
            Self::Byte(values) => values.len(),
        }
    }

    /// Whether there is no pixel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, if there is one a pixel.
    pub fn scalar(&self) -> Option<&[f32]> {
        match self {
            Self::Scalar(values) => Some(values),
            _ => None,
        }
    }

    /// The vectors, if there is one a pixel.
    pub fn vector(&self) -> Option<&[[f32; 3]]> {
        match self {
            Self::Vector(values) => Some(values),
            _ => None,
        }
    }

    /// The shares of layers, if there are some.
    pub fn layers(&self) -> Option<&[[f32; 4]]> {
        match self {
            Self::Layers(values) => Some(values),
            _ => None,
        }
    }

    /// The bytes, if there is one a pixel.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Byte(values) => Some(values),
            _ => None,
        }
    }

    /// The numbers of a pixel.
    pub fn pixel(&self, px: usize) -> Vec<f32> {
        match self {
            Self::Scalar(values) => vec![values[px]],
            Self::Vector(values) => values[px].to_vec(),
            Self::Layers(values) => values[px].to_vec(),
            Self::Byte(values) => vec![f32::from(values[px])],
        }
    }

    /// Rounds the values to the precision of the files.
    pub(crate) fn round_to_stored(&mut self, plane: Plane) {
        let values = match (plane.encoding(), self) {
            (PlaneEncoding::Half3, Self::Vector(values)) => values.as_flattened_mut(),
            (PlaneEncoding::Half4, Self::Layers(values)) => values.as_flattened_mut(),
            _ => return,
        };
        for value in values {
            // Adding zero turns -0 into +0, so that "no surface" is one bit pattern.
            *value = f16::from_f32(*value).to_f32() + 0.0;
        }
    }

    /// The first rule of `plane` that the values break.
    pub(crate) fn check(&self, plane: Plane, width: usize) -> Result<(), String> {
        let fits = matches!(
            (plane.encoding(), self),
            (PlaneEncoding::Float, Self::Scalar(_))
                | (
                    PlaneEncoding::Half3 | PlaneEncoding::Float3,
                    Self::Vector(_)
                )
                | (PlaneEncoding::Half4, Self::Layers(_))
                | (PlaneEncoding::Byte, Self::Byte(_))
        );
        let name = plane.exr_part();
        if !fits {
            let wanted = plane.encoding();
            return Err(format!("plane {name} has other values than {wanted:?}"));
        }
        let rule = rule(plane);
        // Written so that NaN breaks every rule.
        let (keeps, wanted): (fn(&[f32]) -> bool, &str) = match rule {
            Rule::Distance => (|v| v[0] > 0.0, "positive metres or +inf for no surface"),
            // Half floats keep a unit vector within about 1e-3 of unit length.
            Rule::Direction => (
                |v| {
                    let length2: f32 = v.iter().map(|v| v * v).sum();
                    length2 == 0.0 || (length2 - 1.0).abs() < 4e-3
                },
                "unit length, or 0 for no surface",
            ),
            Rule::Share => (|v| v.iter().all(|v| (0.0..=1.0).contains(v)), "0 to 1"),
            Rule::Amount => (
                |v| v.iter().all(|v| v.is_finite() && *v >= 0.0),
                "numbers that are not negative",
            ),
            Rule::Finite => (|v| v.iter().all(|v| v.is_finite()), "finite numbers"),
            Rule::Byte => return Ok(()),
        };
        match (0..self.len()).find(|&px| !keeps(&self.pixel(px))) {
            None => Ok(()),
            Some(px) => Err(format!(
                "{name} is {:?}, wanted {wanted}, at column {}, row {}",
                self.pixel(px),
                px % width,
                px / width
            )),
        }
    }

    /// The plane as a part of an EXR file.
    pub(crate) fn part(&self, plane: Plane, sample_id: &str) -> Part {
        match self {
            Self::Scalar(values) => distance_part(plane, values, sample_id),
            Self::Vector(values) if plane.encoding() == PlaneEncoding::Float3 => {
                float3_part(plane, values, sample_id)
            }
            Self::Vector(values) => {
                half_part(plane, ["R", "G", "B"], values.iter().copied(), sample_id)
            }
            Self::Layers(values) => {
                let names = ["R", "G", "B", "A"];
                half_part(plane, names, values.iter().copied(), sample_id)
            }
            Self::Byte(values) => {
                let numbers: Vec<f32> = values.iter().copied().map(f32::from).collect();
                distance_part(plane, &numbers, sample_id)
            }
        }
    }

    /// The values of a part of an EXR file.
    pub(crate) fn from_part(plane: Plane, part: DecodedPart) -> Result<Self, FormatError> {
        let wrong = |expected: &'static str, found: String| FormatError::WrongChannels {
            part: plane.exr_part(),
            expected,
            found: found.into(),
        };
        match plane.encoding() {
            PlaneEncoding::Float => part
                .float_channel("Y")
                .map(Self::Scalar)
                .map_err(|part| wrong("Y:float", part.describe())),
            PlaneEncoding::Byte => part
                .float_channel("Y")
                .map(|numbers| Self::Byte(numbers.into_iter().map(|n| n as u8).collect()))
                .map_err(|part| wrong("Y:float", part.describe())),
            PlaneEncoding::Half3 => (part.half_channels(["R", "G", "B"]))
                .map(Self::Vector)
                .ok_or_else(|| wrong("B:half G:half R:half", part.describe())),
            PlaneEncoding::Half4 => (part.half_channels(["R", "G", "B", "A"]))
                .map(Self::Layers)
                .ok_or_else(|| wrong("A:half B:half G:half R:half", part.describe())),
            PlaneEncoding::Float3 => (part.float_channels(["R", "G", "B"]))
                .map(Self::Vector)
                .ok_or_else(|| wrong("B:float G:float R:float", part.describe())),
        }
    }

    /// The plane as a file of its own.
    pub(crate) fn encode(
        &self,
        plane: Plane,
        (width, height): (usize, usize),
        sample_id: &str,
    ) -> Vec<u8> {
        match self {
            Self::Byte(values) => png::encode_grey(width, values),
            _ => encode(width, height, &[self.part(plane, sample_id)]),
        }
    }

    /// The values of a file of its own, and their width and height.
    pub(crate) fn decode(
        plane: Plane,
        bytes: &[u8],
    ) -> Result<(Self, (usize, usize)), FormatError> {
        let mut values = Self::Byte(Vec::new());
        let size = with_scratch(|scratch| values.read(plane, bytes, scratch))?;
        Ok((values, size))
    }

    /// Reads a file of its own, into the room of these values where it fits; width and height.
    pub(crate) fn read(
        &mut self,
        plane: Plane,
        bytes: &[u8],
        scratch: &mut Scratch,
    ) -> Result<(usize, usize), FormatError> {
        let what = plane.column();
        if plane.encoding() == PlaneEncoding::Byte {
            if self.bytes().is_none() {
                *self = Self::Byte(Vec::new());
            }
            let Self::Byte(out) = self else {
                unreachable!("made so above");
            };
            return png::read(what, bytes, 1, scratch, out);
        }
        if let Some(size) = self.read_lines(plane, bytes, scratch) {
            return Ok(size);
        }
        let mut parts = decode(what, bytes)?;
        match (parts.pop(), parts.len()) {
            (Some(part), 0) => {
                let size = (part.width, part.height);
                *self = Self::from_part(plane, part)?;
                Ok(size)
            }
            (_, n) => Err(FormatError::malformed(
                what,
                format!("it has {} parts, wanted one", n + 1),
            )),
        }
    }

    /// The same for the files that our writer makes.
    fn read_lines(
        &mut self,
        plane: Plane,
        bytes: &[u8],
        scratch: &mut Scratch,
    ) -> Option<(usize, usize)> {
        let lines = ScanLines::parse(bytes)?;
        let (names, kind): (&[&str], _) = match plane.encoding() {
            PlaneEncoding::Float => (&["Y"], LineKind::Float),
            PlaneEncoding::Half3 => (&["B", "G", "R"], LineKind::Half),
            PlaneEncoding::Float3 => (&["B", "G", "R"], LineKind::Float),
            PlaneEncoding::Half4 => (&["A", "B", "G", "R"], LineKind::Half),
            PlaneEncoding::Byte => return None,
        };
        if !lines.are_channels(names, kind) {
            return None;
        }
        match (names.len(), &mut *self) {
            (1, Self::Scalar(_)) | (3, Self::Vector(_)) | (4, Self::Layers(_)) => {}
            (1, _) => *self = Self::Scalar(Vec::new()),
            (3, _) => *self = Self::Vector(Vec::new()),
            _ => *self = Self::Layers(Vec::new()),
        }
        match self {
            Self::Scalar(out) => lines.floats(scratch, out)?,
            Self::Vector(out) => lines.vectors(scratch, [2, 1, 0], out)?,
            Self::Layers(out) => lines.quads(scratch, [3, 2, 1, 0], out)?,
            Self::Byte(_) => return None,
        }
        Some((lines.width, lines.height))
    }
}
