//! Environments of light: equirectangular pictures of radiance.
//!
//! The pictures are kept in the lossy form in which they are published. It leaves a few values
//! that are negative or not finite; they become black.

use bottega_schemas::params::LightingKind;
use exr::prelude::{ReadChannels as _, ReadLayers as _};
use glam::Vec3;

use super::hdr;

/// Largest width of an environment, in texels, against files made to exhaust memory.
const MAX_WIDTH: usize = 1 << 14;

/// A picture of the light from all around, row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentMap {
    /// Name without its folder.
    pub name: String,
    /// Kind of light.
    pub kind: LightingKind,
    /// Width, in texels.
    pub width: usize,
    /// Height, in texels.
    pub height: usize,
    /// Linear Rec. 709 radiance per texel; finite and not negative.
    pub radiance: Vec<Vec3>,
}

impl EnvironmentMap {
    /// Decodes an OpenEXR picture; the error says what was found.
    pub fn decode(name: &str, kind: LightingKind, file: &[u8]) -> Result<Self, String> {
        type Texels = (usize, usize, Vec<Vec3>);
        let image = exr::prelude::read()
            .no_deep_data()
            .largest_resolution_level()
            .rgb_channels(
                |size, _channels| -> Texels {
                    let (width, height) = (size.width(), size.height());
                    let n = if width <= MAX_WIDTH && height <= MAX_WIDTH {
                        width * height
                    } else {
                        0
                    };
                    (width, height, vec![Vec3::ZERO; n])
                },
                |(width, _, texels): &mut Texels, at, (r, g, b): (f32, f32, f32)| {
                    if let Some(texel) = texels.get_mut(at.y() * *width + at.x()) {
                        *texel = Vec3::new(clean(r), clean(g), clean(b));
                    }
                },
            )
            .first_valid_layer()
            .all_attributes()
            .from_buffered(std::io::Cursor::new(file))
            .map_err(|error| error.to_string())?;
        let (width, height, radiance) = image.layer_data.channel_data.pixels;
        if radiance.is_empty() || width != 2 * height {
            return Err(format!(
                "{width} x {height} texels; an environment is twice as wide as high and at most \
                 {MAX_WIDTH} wide"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            width,
            height,
            radiance,
        })
    }

    /// Decodes an OpenEXR or a Radiance picture, told apart by their first bytes.
    ///
    /// # Errors
    /// When it is neither, is broken, or is not twice as wide as high; the error says so.
    pub fn decode_any(name: &str, kind: LightingKind, file: &[u8]) -> Result<Self, String> {
        if !file.starts_with(hdr::MAGIC) {
            return Self::decode(name, kind, file);
        }
        let (width, height, radiance) = hdr::decode(file, MAX_WIDTH)?;
        if width != 2 * height {
            return Err(format!(
                "{width} x {height} texels; an environment is twice as wide as high"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            width,
            height,
            radiance,
        })
    }

    /// BLAKE3 of the texels as half floats, in hexadecimal.
    pub fn texel_blake3(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for texel in &self.radiance {
            for value in texel.to_array() {
                hasher.update(&half::f16::from_f32(value).to_le_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn clean(value: f32) -> f32 {
    if value.is_finite() && 0.0 < value {
        value
    } else {
        0.0
    }
}
