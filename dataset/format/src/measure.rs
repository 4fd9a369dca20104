//! The measured columns: numbers that anyone can compute again from a stored row.
//!
//! Everything is measured on the bytes as stored (8-bit picture, 8-bit alpha, float depth), in
//! integers or in a fixed order, so that a checker finds the same bits. Colour: sRGB to linear
//! (IEC 61966-2-1), to XYZ, to CIELAB with white (0.95047, 1, 1.08883);
//! ITA = atan2(L* - 50, b*) of the medians of L* and of b* over the pixels.

use bottega_schemas::SampleMeta;

/// Alpha of at least one half, as stored.
const ALPHA_HALF: u8 = 128;
/// Alpha of at least 0.98, as stored.
const ALPHA_SOLID: u8 = 250;
/// Alpha above 0.02, as stored.
const ALPHA_TRACE: u8 = 6;
/// Fewer facial-skin pixels than this say nothing about the skin.
const MIN_SKIN_PX: i32 = 200;

/// The planes that are measured, as stored.
#[derive(Clone, Copy, Debug)]
pub struct PlaneView<'a> {
    /// Width, in pixels.
    pub width: usize,
    /// 8-bit sRGB, three bytes a pixel.
    pub rgb8: &'a [u8],
    /// 8-bit coverage.
    pub alpha8: &'a [u8],
    /// Depth, in metres; +inf is no surface.
    pub depth_m: &'a [f32],
}

/// The measured columns of [`SampleMeta`], by their names there.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Measured {
    pub fg_fraction: f32,
    pub soft_fraction: f32,
    /// First column, first row, column after the last, row after the last.
    pub bbox: [i32; 4],
    /// 1st, 50th and 99th percentile.
    pub depth_percentiles_m: Option<[f32; 3]>,
    pub luma_mean: Option<f32>,
    pub clip_low_fraction: Option<f32>,
    pub clip_high_fraction: Option<f32>,
    pub skin_px: Option<i32>,
    pub skin_ita_measured_deg: Option<f32>,
    pub skin_luma_measured: Option<f32>,
}

impl Measured {
    /// Measures the planes; `face_skin` marks the pixels that show facial skin.
    pub fn of(view: &PlaneView<'_>, face_skin: Option<&[bool]>) -> Self {
        let n_pixels = view.alpha8.len();
        let alpha_sum: u64 = view.alpha8.iter().map(|&alpha| u64::from(alpha)).sum();
        let is_soft = |alpha: &&u8| (ALPHA_TRACE..ALPHA_SOLID).contains(*alpha);
        let n_soft = view.alpha8.iter().filter(is_soft).count();
        let mut measured = Self {
            fg_fraction: (alpha_sum as f64 / (255.0 * n_pixels as f64)) as f32,
            soft_fraction: share(n_soft, n_pixels),
            ..Self::default()
        };
        measured.measure_person(view);
        if let Some(face_skin) = face_skin {
            measured.measure_skin(view, face_skin);
        }
        measured
    }

    /// Box, depth and exposure over alpha >= 0.5.
    fn measure_person(&mut self, view: &PlaneView<'_>) {
        let mut bbox = [i32::MAX, i32::MAX, 0, 0];
        let mut depths_m = Vec::new();
        let (mut n_person, mut n_low, mut n_high) = (0_usize, 0_usize, 0_usize);
        // Rec. 709 luma in ten-thousandths, summed exactly.
        let mut luma_sum = 0_u64;
        for (i, &alpha) in view.alpha8.iter().enumerate() {
            if alpha < ALPHA_HALF {
                continue;
            }
            let (x, y) = ((i % view.width) as i32, (i / view.width) as i32);
            bbox = [
                bbox[0].min(x),
                bbox[1].min(y),
                bbox[2].max(x + 1),
                bbox[3].max(y + 1),
            ];
            if view.depth_m[i].is_finite() {
                depths_m.push(view.depth_m[i]);
            }
            let rgb = &view.rgb8[3 * i..3 * i + 3];
            n_person += 1;
            n_low += usize::from(rgb.iter().all(|&v| v <= 1));
            n_high += usize::from(rgb.iter().any(|&v| v >= 254));
            luma_sum +=
                2126 * u64::from(rgb[0]) + 7152 * u64::from(rgb[1]) + 722 * u64::from(rgb[2]);
        }
        if n_person == 0 {
            return;
        }
        self.bbox = bbox;
        self.luma_mean = Some((luma_sum as f64 / (n_person as f64 * 2_550_000.0)) as f32);
        self.clip_low_fraction = Some(share(n_low, n_person));
        self.clip_high_fraction = Some(share(n_high, n_person));
        if !depths_m.is_empty() {
            depths_m.sort_unstable_by(f32::total_cmp);
            // Nearest rank: every percentile is the depth of a true surface point.
            let rank = |percent: usize| depths_m[((depths_m.len() - 1) * percent + 50) / 100];
            self.depth_percentiles_m = Some([rank(1), rank(50), rank(99)]);
        }
    }

    fn measure_skin(&mut self, view: &PlaneView<'_>, face_skin: &[bool]) {
        let mut n_skin = 0;
        let mut luminance_sum = 0.0_f64;
        let (mut lightness, mut yellowness) = (Vec::new(), Vec::new());
        for (i, _) in face_skin.iter().enumerate().filter(|&(_, &skin)| skin) {
            if view.alpha8[i] < ALPHA_SOLID {
                continue;
            }
            n_skin += 1;
            let rgb8 = [view.rgb8[3 * i], view.rgb8[3 * i + 1], view.rgb8[3 * i + 2]];
            let rgb = rgb8.map(srgb_to_linear);
            luminance_sum += luminance(rgb);
            // Crushed and blown channels say nothing about the colour.
            if rgb8.iter().all(|v| (4..252).contains(v)) {
                let [l, _, b] = linear_to_lab(rgb);
                lightness.push(l);
                yellowness.push(b);
            }
        }
        self.skin_px = Some(n_skin);
        if n_skin < MIN_SKIN_PX {
            return;
        }
        self.skin_luma_measured = Some((luminance_sum / f64::from(n_skin)) as f32);
        if let (Some(l), Some(b)) = (median(&mut lightness), median(&mut yellowness))
            && b >= 1.0
        {
            self.skin_ita_measured_deg = Some(libm::atan2(l - 50.0, b).to_degrees() as f32);
        }
    }

    /// Writes the measured columns into the labels.
    pub fn store_in(&self, meta: &mut SampleMeta) {
        meta.fg_fraction = self.fg_fraction;
        meta.soft_fraction = self.soft_fraction;
        [meta.bbox_x0, meta.bbox_y0, meta.bbox_x1, meta.bbox_y1] = self.bbox;
        meta.depth_p01_m = self.depth_percentiles_m.map(|p| p[0]);
        meta.depth_p50_m = self.depth_percentiles_m.map(|p| p[1]);
        meta.depth_p99_m = self.depth_percentiles_m.map(|p| p[2]);
        meta.luma_mean = self.luma_mean;
        meta.clip_low_fraction = self.clip_low_fraction;
        meta.clip_high_fraction = self.clip_high_fraction;
        meta.skin_px = self.skin_px;
        meta.skin_ita_measured_deg = self.skin_ita_measured_deg;
        meta.skin_luma_measured = self.skin_luma_measured;
    }
}

fn share(n: usize, of: usize) -> f32 {
    (n as f64 / of as f64) as f32
}

/// Median; of an even number the mean of the two in the middle.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(0.5 * (values[middle - 1] + values[middle])),
    }
}

/// Linear light of an 8-bit sRGB channel.
pub fn srgb_to_linear(value: u8) -> f64 {
    let v = f64::from(value) / 255.0;
    if v <= 0.04045 {
        v / 12.92
    } else {
        libm::pow((v + 0.055) / 1.055, 2.4)
    }
}

/// Luminance of linear Rec. 709.
fn luminance(rgb: [f64; 3]) -> f64 {
    0.212671 * rgb[0] + 0.715160 * rgb[1] + 0.072169 * rgb[2]
}

/// CIELAB (D65) of linear Rec. 709.
pub fn linear_to_lab(rgb: [f64; 3]) -> [f64; 3] {
    let x = (0.412453 * rgb[0] + 0.357580 * rgb[1] + 0.180423 * rgb[2]) / 0.95047;
    let y = luminance(rgb);
    let z = (0.019334 * rgb[0] + 0.119193 * rgb[1] + 0.950227 * rgb[2]) / 1.08883;
    let f = |t: f64| {
        if t > 0.008856 {
            libm::cbrt(t)
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    [
        116.0 * f(y) - 16.0,
        500.0 * (f(x) - f(y)),
        200.0 * (f(y) - f(z)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monk_swatches_have_their_published_lab_and_ita() {
        // (hex, L*, b*, ITA): the ends and the middle of the scale.
        let swatches = [
            ([0xf6, 0xed, 0xe4], 94.21, 5.43, 82.99),
            ([0xd7, 0xbd, 0x96], 77.90, 23.14, 50.32),
            ([0x60, 0x41, 0x34], 30.68, 13.34, -55.38),
            ([0x29, 0x24, 0x20], 14.61, 3.53, -84.31),
        ];
        for (rgb8, l, b, ita_deg) in swatches {
            let lab = linear_to_lab(rgb8.map(srgb_to_linear));
            assert!(
                (lab[0] - l).abs() < 0.01 && (lab[2] - b).abs() < 0.01,
                "{lab:?}"
            );
            let n = 300;
            let rgb: Vec<u8> = rgb8.iter().copied().cycle().take(3 * n).collect();
            let (alpha8, depth_m) = (vec![255; n], vec![1.0; n]);
            let view = PlaneView {
                width: 20,
                rgb8: &rgb,
                alpha8: &alpha8,
                depth_m: &depth_m,
            };
            let measured = Measured::of(&view, Some(&vec![true; n]));
            let found = measured.skin_ita_measured_deg.unwrap();
            assert!(
                (f64::from(found) - ita_deg).abs() < 0.02,
                "{found} {ita_deg}"
            );
            assert_eq!(measured.skin_px, Some(300));
        }
    }

    #[test]
    fn a_known_picture_has_known_measures() {
        // 4 x 3 pixels; the person fills the 2 x 2 in the middle columns of the upper rows.
        let mut alpha8 = vec![0; 12];
        let mut depth_m = vec![f32::INFINITY; 12];
        let mut rgb8 = vec![10; 36];
        for (n, i) in [1, 2, 5, 6].into_iter().enumerate() {
            alpha8[i] = 255;
            depth_m[i] = 1.0 + n as f32;
        }
        alpha8[6] = 200;
        rgb8[3..6].copy_from_slice(&[0, 1, 0]);
        rgb8[6..9].copy_from_slice(&[255, 0, 0]);
        let view = PlaneView {
            width: 4,
            rgb8: &rgb8,
            alpha8: &alpha8,
            depth_m: &depth_m,
        };
        let measured = Measured::of(&view, None);
        assert_eq!(measured.bbox, [1, 0, 3, 2]);
        assert_eq!(
            measured.fg_fraction,
            ((3.0 * 255.0 + 200.0) / (12.0 * 255.0)) as f32
        );
        assert_eq!(measured.soft_fraction, (1.0 / 12.0) as f32);
        assert_eq!(measured.depth_percentiles_m, Some([1.0, 3.0, 4.0]));
        assert_eq!(measured.clip_low_fraction, Some(0.25));
        assert_eq!(measured.clip_high_fraction, Some(0.25));
        assert_eq!(measured.skin_px, None);
    }

    #[test]
    fn an_empty_picture_has_no_person_to_measure() {
        let (rgb8, alpha8, depth_m) = ([9; 12], [0; 4], [f32::INFINITY; 4]);
        let view = PlaneView {
            width: 2,
            rgb8: &rgb8,
            alpha8: &alpha8,
            depth_m: &depth_m,
        };
        assert_eq!(Measured::of(&view, None), Measured::default());
    }

    #[test]
    fn too_little_skin_gives_no_tone() {
        let n = 199;
        let (rgb8, alpha8, depth_m) = (vec![120; 3 * n], vec![255; n], vec![1.0; n]);
        let view = PlaneView {
            width: n,
            rgb8: &rgb8,
            alpha8: &alpha8,
            depth_m: &depth_m,
        };
        let measured = Measured::of(&view, Some(&vec![true; n]));
        assert_eq!(measured.skin_px, Some(199));
        assert_eq!(
            (measured.skin_ita_measured_deg, measured.skin_luma_measured),
            (None, None)
        );
    }
}
