//! Reads OpenEXR files of any writer, through the `exr` crate.

use std::collections::BTreeMap;

use exr::image::FlatSamples;
use exr::image::read::image::ReadLayers as _;
use exr::image::read::layers::ReadChannels as _;
use exr::meta::attribute::AttributeValue;

use crate::error::FormatError;

/// Most values of one file, all channels together: a damaged header must not exhaust the memory.
const MAX_VALUES: usize = 1 << 28;

/// A part with all its channels.
#[derive(Clone, Debug)]
pub(crate) struct DecodedPart {
    pub(crate) name: String,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// In alphabetical order.
    pub(crate) channels: Vec<(String, FlatSamples)>,
    /// The text attributes.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl DecodedPart {
    /// Names and types of the channels, for messages: `R:half G:half`.
    pub(crate) fn describe(&self) -> String {
        if self.channels.is_empty() {
            return "no channel".into();
        }
        let describe = |(name, samples): &(String, FlatSamples)| {
            let kind = match samples {
                FlatSamples::F16(_) => "half",
                FlatSamples::F32(_) => "float",
                FlatSamples::U32(_) => "uint",
            };
            format!("{name}:{kind}")
        };
        self.channels
            .iter()
            .map(describe)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The values of the first channel with such a name, whatever their type.
    pub(crate) fn values_of(&self, is_it: impl Fn(&str) -> bool) -> Option<Vec<f32>> {
        let (_, samples) = self.channels.iter().find(|(name, _)| is_it(name))?;
        Some(match samples {
            FlatSamples::F16(values) => values.iter().map(|value| value.to_f32()).collect(),
            FlatSamples::F32(values) => values.clone(),
            FlatSamples::U32(values) => values.iter().map(|&value| value as f32).collect(),
        })
    }

    /// The values of the only channel if it is a float called `name`.
    pub(crate) fn float_channel(self, name: &str) -> Result<Vec<f32>, Self> {
        match self.channels.as_slice() {
            [(found, FlatSamples::F32(_))] if found == name => {}
            _ => return Err(self),
        }
        match self.channels.into_iter().next() {
            Some((_, FlatSamples::F32(values))) => Ok(values),
            _ => unreachable!("the pattern above holds"),
        }
    }

    /// The values of the half channels `names` if the part has just these, pixel by pixel.
    pub(crate) fn half_channels<const N: usize>(&self, names: [&str; N]) -> Option<Vec<[f32; N]>> {
        self.channels_by(names, |samples| match samples {
            FlatSamples::F16(values) => Some(values.iter().map(|value| value.to_f32()).collect()),
            _ => None,
        })
    }

    /// The values of the float channels `names` if the part has just these, pixel by pixel.
    pub(crate) fn float_channels<const N: usize>(&self, names: [&str; N]) -> Option<Vec<[f32; N]>> {
        self.channels_by(names, |samples| match samples {
            FlatSamples::F32(values) => Some(values.clone()),
            _ => None,
        })
    }

    fn channels_by<const N: usize>(
        &self,
        names: [&str; N],
        values_of: impl Fn(&FlatSamples) -> Option<Vec<f32>>,
    ) -> Option<Vec<[f32; N]>> {
        if self.channels.len() != N {
            return None;
        }
        let mut out = vec![[0.0; N]; self.width * self.height];
        for (i, name) in names.into_iter().enumerate() {
            let (_, samples) = self.channels.iter().find(|(found, _)| found == name)?;
            for (pixel, value) in out.iter_mut().zip(values_of(samples)?) {
                pixel[i] = value;
            }
        }
        Some(out)
    }
}

/// Decodes all parts; `what` names the file or plane in messages.
pub(crate) fn decode(what: &'static str, bytes: &[u8]) -> Result<Vec<DecodedPart>, FormatError> {
    let malformed = |error: exr::error::Error| FormatError::malformed(what, error.to_string());
    let chunks = exr::block::read(std::io::Cursor::new(bytes), false).map_err(malformed)?;
    let n_values: usize = chunks
        .headers()
        .iter()
        .map(|header| {
            let n_pixels = header.layer_size.0.saturating_mul(header.layer_size.1);
            n_pixels.saturating_mul(header.channels.list.len())
        })
        .fold(0, usize::saturating_add);
    // Deflate shrinks at most about a thousandfold.
    if n_values > MAX_VALUES || n_values / 2048 > bytes.len() {
        let reason = format!(
            "its header claims {n_values} values in {} bytes",
            bytes.len()
        );
        return Err(FormatError::malformed(what, reason));
    }
    let image = exr::prelude::read()
        .no_deep_data()
        .largest_resolution_level()
        .all_channels()
        .all_layers()
        .all_attributes()
        .non_parallel()
        .from_chunks(chunks)
        .map_err(malformed)?;
    let parts = image.layer_data.into_iter().map(|layer| DecodedPart {
        name: layer
            .attributes
            .layer_name
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        width: layer.size.0,
        height: layer.size.1,
        channels: layer
            .channel_data
            .list
            .into_iter()
            .map(|channel| (channel.name.to_string(), channel.sample_data))
            .collect(),
        attributes: text_attributes(&layer.attributes.other),
    });
    Ok(parts.collect())
}

/// The text attributes of the first part, read from the header alone.
pub(crate) fn first_attributes(
    what: &'static str,
    bytes: &[u8],
) -> Result<BTreeMap<String, String>, FormatError> {
    let chunks = exr::block::read(std::io::Cursor::new(bytes), false)
        .map_err(|error| FormatError::malformed(what, error.to_string()))?;
    let first = chunks.headers().first();
    Ok(first
        .map(|header| text_attributes(&header.own_attributes.other))
        .unwrap_or_default())
}

fn text_attributes(
    other: &std::collections::HashMap<exr::meta::attribute::Text, AttributeValue>,
) -> BTreeMap<String, String> {
    let text = |(name, value): (&exr::meta::attribute::Text, &AttributeValue)| match value {
        // The crate takes one byte for one character; ours are UTF-8.
        AttributeValue::Text(text) => Some((
            name.to_string(),
            String::from_utf8_lossy(text.as_slice()).into_owned(),
        )),
        _ => None,
    };
    other.iter().filter_map(text).collect()
}
