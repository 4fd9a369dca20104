//! Photographs: PNG, JPEG or WebP of any kind, as 8- or 16-bit RGB the right way up.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageReader};

use crate::error::TrainError;

use super::resample::Plane;
use super::runtime::CHANNELS;

/// Largest picture that is read, in pixels: a damaged header must not exhaust the memory.
const MAX_PIXELS: u64 = 1 << 27;

/// A picture, display-referred.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// R, G, B of each pixel, row by row from the top; 16 bits, whatever the file had.
    pub rgb16: Vec<u16>,
}

impl Picture {
    /// Reads a file; it is turned as its camera says, grey becomes colour, and transparency is
    /// dropped, as OpenCV drops it.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let bytes = std::fs::read(path).map_err(|error| TrainError::io("read", path, error))?;
        let refuse = |reason: String| TrainError::file("picture", path, reason);
        let damaged = |error: image::ImageError| {
            refuse(format!(
                "it cannot be decoded ({error}); PNG, JPEG and WebP are read"
            ))
        };
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| TrainError::io("read", path, error))?;
        // The limit is on pixels, below, whatever their kind.
        reader.no_limits();
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        let n_pixels = u64::from(width) * u64::from(height);
        if n_pixels > MAX_PIXELS {
            return Err(refuse(format!(
                "it has {width} x {height} pixels, at most {MAX_PIXELS} are read; make it smaller"
            )));
        }
        if n_pixels == 0 {
            return Err(refuse("it has no pixels".to_owned()));
        }
        let orientation = decoder.orientation().map_err(damaged)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        image.apply_orientation(orientation);
        Ok(Self::from_image(&image))
    }

    /// A decoded picture.
    pub fn from_image(image: &DynamicImage) -> Self {
        let rgb = image.to_rgb16();
        Self {
            width: rgb.width() as usize,
            height: rgb.height() as usize,
            rgb16: rgb.into_raw(),
        }
    }

    /// One channel, in 0..1. A value of 8 bits is 257 times itself in 16, so that both give n/255.
    pub fn channel(&self, channel: usize) -> Plane {
        let pixels = self.rgb16.as_chunks::<CHANNELS>().0;
        Plane {
            width: self.width,
            height: self.height,
            values: pixels
                .iter()
                .map(|pixel| f32::from(pixel[channel]) / f32::from(u16::MAX))
                .collect(),
        }
    }

    /// The pixels with 8 bits.
    pub fn rgb8(&self) -> Vec<u8> {
        self.rgb16
            .iter()
            .map(|&value| ((u32::from(value) + 128) / 257) as u8)
            .collect()
    }
}
