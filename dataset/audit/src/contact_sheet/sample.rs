//! What a sheet shows of a sample, taken from memory or from a shard.

use std::io::Cursor;

use bottega_format::{Sample, StoredPlanes};
use bottega_schemas::SampleMeta;

use super::plane_colors::shown_planes;
use super::{Sheet, SheetSample};

impl SheetSample {
    /// A row of a shard.
    pub fn from_stored(planes: StoredPlanes, meta: &SampleMeta) -> Self {
        Self {
            label: label(meta),
            width: planes.width,
            height: planes.height,
            rgb: planes.rgb8,
            alpha: planes.alpha8,
            depth_m: planes.depth_m,
            normal: planes.normal,
            more: shown_planes(&planes.optional),
        }
    }

    /// A sample that was just made, or read from an EXR file.
    pub fn from_sample(sample: &Sample) -> Self {
        let planes = sample.planes();
        Self {
            label: label(sample.meta()),
            width: planes.width,
            height: planes.height,
            rgb: planes.rgb8.clone(),
            alpha: planes
                .alpha
                .iter()
                .map(|alpha| (alpha * 255.0).round() as u8)
                .collect(),
            depth_m: planes.depth_m.clone(),
            normal: planes.normal.clone(),
            more: shown_planes(&planes.optional),
        }
    }
}

impl Sheet {
    /// The sheet as a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        png_of(&self.rgb, self.width as usize, self.height as usize)
    }
}

/// A picture of 8-bit sRGB as a PNG file.
pub(crate) fn png_of(rgb: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image::write_buffer_with_format(
        &mut file,
        rgb,
        width as u32,
        height as u32,
        image::ExtendedColorType::Rgb8,
        image::ImageFormat::Png,
    )
    .expect("memory takes every byte, and the buffer has the size of the picture");
    file.into_inner()
}

/// Two lines: who it is, and in what.
fn label(meta: &SampleMeta) -> Vec<String> {
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let number = |value: Option<f32>, digits: usize| match value {
        Some(value) => format!("{value:.digits$}"),
        None => "?".to_owned(),
    };
    let tone = meta
        .skin_tone_mst
        .map_or("?".to_owned(), |tone| tone.to_string());
    vec![
        format!(
            "{}  {}  {} years  {}  MST {tone}  {} m  BMI {}",
            meta.sample_id,
            word(&meta.framing),
            number(meta.age_years, 0),
            word(&meta.body_presentation),
            number(meta.height_m, 2),
            number(meta.bmi, 1),
        ),
        format!(
            "hair {} {} {}  {}  {}  {}  {}",
            word(&meta.hair_style),
            word(&meta.hair_type),
            word(&meta.hair_color),
            word(&meta.pose_id),
            word(&meta.expression_id),
            word(&meta.lighting_id),
            meta.garments.as_deref().unwrap_or_default().join(" "),
        ),
    ]
}
