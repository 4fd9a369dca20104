//! What is measured on pixels when it is asked for: labels alone do not hold it.

use std::path::PathBuf;

use rayon::prelude::*;

use bottega_format::measure::{linear_to_lab, srgb_to_linear};
use bottega_format::{ShardReader, StoredPlanes};

use crate::error::AuditError;
use crate::labels::shards_of;

/// Alpha of at least one half, as stored.
const ALPHA_HALF: u8 = 128;

/// Measures of the pixels of one sample; NaN where there is nothing to measure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct PixelMeasures {
    /// Share of the picture with alpha of at least one half.
    pub alpha_area: f64,
    /// Share of pixels with 0.02 < alpha < 0.98.
    pub soft_share: f64,
    /// Least and greatest depth of the person, in metres.
    pub depth_min_m: f64,
    pub depth_max_m: f64,
    /// Median L* of the person and of what stands behind.
    pub person_lightness: f64,
    pub background_lightness: f64,
    /// Shares of the whole picture with all channels at most 1, or any at least 254.
    pub crushed_share: f64,
    pub blown_share: f64,
}

/// Name and unit of every measure, in the order of [`PixelMeasures::values`].
pub const PIXEL_MEASURES: [(&str, &str); 8] = [
    ("alpha_area", ""),
    ("soft_share", ""),
    ("depth_min_m", "m"),
    ("depth_max_m", "m"),
    ("person_lightness", "L*"),
    ("background_lightness", "L*"),
    ("crushed_share", ""),
    ("blown_share", ""),
];

impl PixelMeasures {
    /// Measures the planes of a sample.
    pub fn of(planes: &StoredPlanes) -> Self {
        let n = planes.alpha8.len() as f64;
        let share = |count: usize| count as f64 / n;
        let (mut person, mut background) = (Vec::new(), Vec::new());
        let (mut near, mut far) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut n_person, mut n_soft, mut n_low, mut n_high) = (0, 0, 0, 0);
        for (px, &alpha) in planes.alpha8.iter().enumerate() {
            let rgb = &planes.rgb8[3 * px..3 * px + 3];
            n_low += usize::from(rgb.iter().all(|&v| v <= 1));
            n_high += usize::from(rgb.iter().any(|&v| v >= 254));
            n_soft += usize::from((6..250).contains(&alpha));
            let lightness = || linear_to_lab([rgb[0], rgb[1], rgb[2]].map(srgb_to_linear))[0];
            if alpha >= ALPHA_HALF {
                n_person += 1;
                person.push(lightness());
                let depth_m = f64::from(planes.depth_m[px]);
                if depth_m.is_finite() {
                    near = near.min(depth_m);
                    far = far.max(depth_m);
                }
            } else if alpha == 0 {
                background.push(lightness());
            }
        }
        let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
        Self {
            alpha_area: share(n_person),
            soft_share: share(n_soft),
            depth_min_m: finite(near),
            depth_max_m: finite(far),
            person_lightness: crate::statistics::median(&person),
            background_lightness: crate::statistics::median(&background),
            crushed_share: share(n_low),
            blown_share: share(n_high),
        }
    }

    /// The measures, in the order of [`PIXEL_MEASURES`].
    pub fn values(&self) -> [f64; 8] {
        [
            self.alpha_area,
            self.soft_share,
            self.depth_min_m,
            self.depth_max_m,
            self.person_lightness,
            self.background_lightness,
            self.crushed_share,
            self.blown_share,
        ]
    }
}

/// Measures at most `samples_max` samples, evenly spaced over all rows of the datasets; each comes
/// with its row, counted through the shards in order.
pub fn measure_pixels(
    datasets: &[PathBuf],
    samples_max: usize,
) -> Result<Vec<(usize, PixelMeasures)>, AuditError> {
    let mut readers = Vec::new();
    let mut rows = 0;
    for shard in shards_of(datasets)? {
        let reader = ShardReader::open(&shard)?;
        readers.push((rows, reader));
        rows += readers.last().map_or(0, |(_, reader)| reader.rows());
    }
    let n = samples_max.min(rows);
    let chosen: Vec<usize> = (0..n).map(|i| i * rows / n.max(1)).collect();
    chosen
        .into_par_iter()
        .map(|row| {
            let at = readers.partition_point(|(first, _)| *first <= row) - 1;
            let (first, reader) = &readers[at];
            Ok((row, PixelMeasures::of(&reader.planes(row - first)?)))
        })
        .collect()
}
