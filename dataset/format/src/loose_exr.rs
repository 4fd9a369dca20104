//! Planes that belong to no dataset, such as what a model predicts for a photograph, with the channels
//! that such planes have in a dataset.

use half::f16;

use crate::error::FormatError;
use crate::exr::{Channel, Part, Samples, encode};

/// The values of a plane, row by row from the top.
#[derive(Clone, Copy, Debug)]
pub enum LooseValues<'a> {
    /// One number a pixel: the channel `Y`, float.
    Scalar(&'a [f32]),
    /// A direction a pixel: the channels `R`, `G`, `B`, half.
    Direction(&'a [[f32; 3]]),
}

/// Encodes a plane as an EXR file, with text attributes in their order.
///
/// The names of attributes are shorter than 32 bytes.
pub fn encode_loose_exr(
    (width, height): (usize, usize),
    values: LooseValues<'_>,
    attributes: &[(&'static str, &str)],
) -> Result<Vec<u8>, FormatError> {
    let n = match values {
        LooseValues::Scalar(values) => values.len(),
        LooseValues::Direction(values) => values.len(),
    };
    if n != width * height || n == 0 {
        let reason = format!("{n} values for {width} x {height} pixels");
        return Err(FormatError::unusable("EXR plane", reason));
    }
    let channels = match values {
        LooseValues::Scalar(values) => vec![Channel {
            name: "Y",
            samples: Samples::Float(values.to_vec()),
        }],
        LooseValues::Direction(values) => [("B", 2), ("G", 1), ("R", 0)]
            .map(|(name, i)| Channel {
                name,
                samples: Samples::Half(
                    values.iter().map(|value| f16::from_f32(value[i])).collect(),
                ),
            })
            .into(),
    };
    let part = Part {
        name: "plane",
        channels,
        attributes: attributes
            .iter()
            .map(|&(name, text)| (name, text.to_owned()))
            .collect(),
    };
    Ok(encode(width, height, &[part]))
}

#[cfg(test)]
mod tests {
    use crate::exr::{decode, first_attributes};

    use super::*;

    #[test]
    fn loose_planes_come_back_with_their_attributes() {
        let attributes = [("bottega.unit", "relative")];
        let depth = [0.5, -1.25, f32::INFINITY, 3.0, 0.0, 1e-9];
        let bytes = encode_loose_exr((3, 2), LooseValues::Scalar(&depth), &attributes).unwrap();
        let found = first_attributes("plane", &bytes).unwrap();
        assert_eq!(found.get("bottega.unit").unwrap(), "relative");
        let part = decode("plane", &bytes).unwrap().pop().unwrap();
        assert_eq!((part.width, part.height), (3, 2));
        assert_eq!(part.float_channel("Y").unwrap(), depth);

        let normals = [[0.0, 0.625, 0.78125], [1.0, 0.0, 0.0]];
        let bytes = encode_loose_exr((2, 1), LooseValues::Direction(&normals), &[]).unwrap();
        let part = decode("plane", &bytes).unwrap().pop().unwrap();
        assert_eq!(part.half_channels(["R", "G", "B"]).unwrap(), normals);
    }

    #[test]
    fn values_for_another_size_are_refused() {
        let error = encode_loose_exr((2, 2), LooseValues::Scalar(&[1.0]), &[]).unwrap_err();
        assert!(error.to_string().contains("2 x 2"), "{error}");
    }
}
