//! Brightness, contrast, saturation and hue as one matrix; gamma; grey.

use std::f64::consts::PI;

use glam::Vec3A;

use bottega_schemas::train::AugmentConfig;

use super::draws::Draws;

/// Luma of display-referred sRGB (Rec. 709).
const LUMA: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Entries of the table of a gamma.
const TABLE: usize = 1024;

/// Changes brightness, contrast about the mean luma, saturation and hue, in this order.
pub(super) fn jitter(rgb: &mut [[f32; 3]], config: &AugmentConfig, draws: Draws) {
    let factor = |name: &str| 1.0 + draws.signed(name, config.color_strength) as f32;
    let (brightness, contrast) = (factor("color/brightness"), factor("color/contrast"));
    let saturation = factor("color/saturation");
    let hue_rad = draws.signed("color/hue", config.hue_max_deg) * PI / 180.0;
    let hue = hue_matrix(hue_rad);
    let gain = brightness * contrast;
    let matrix: [[f32; 3]; 3] = std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let saturate = |k: usize| {
                let own = if k == j { saturation } else { 0.0 };
                own + (1.0 - saturation) * LUMA[j]
            };
            let turned: f32 = (0..3).map(|k| hue[i][k] as f32 * saturate(k)).sum();
            gain * turned
        })
    });
    let offset = brightness * (1.0 - contrast) * mean_luma(rgb);
    let [red, green, blue] = [0, 1, 2].map(|k| Vec3A::from_array(matrix.map(|row| row[k])));
    let offset = Vec3A::splat(offset);
    for pixel in rgb {
        let [r, g, b] = *pixel;
        let new = r * red + g * green + b * blue + offset;
        *pixel = new.max(Vec3A::ZERO).min(Vec3A::ONE).to_array();
    }
}

/// A turn about the axis of greys (Rodrigues), which stays where it is.
fn hue_matrix(turn_rad: f64) -> [[f64; 3]; 3] {
    let (sin, cos) = libm::sincos(turn_rad);
    let (third, root) = ((1.0 - cos) / 3.0, sin / 3.0_f64.sqrt());
    let (same, next, last) = (cos + third, third - root, third + root);
    [[same, next, last], [last, same, next], [next, last, same]]
}

/// Raises each value to a power.
pub(super) fn gamma(rgb: &mut [[f32; 3]], exponent: f64) {
    let entry = |i: usize| libm::pow(i as f64 / TABLE as f64, exponent) as f32;
    // One more than the last, which only 1 itself asks for.
    let table: Vec<f32> = (0..=TABLE).map(entry).chain([1.0]).collect();
    for value in rgb.as_flattened_mut() {
        let place = *value * TABLE as f32;
        let at = (place as usize).min(TABLE);
        let between = place - at as f32;
        *value = table[at] + between * (table[at + 1] - table[at]);
    }
}

/// Takes the colors away.
pub(super) fn grayscale(rgb: &mut [[f32; 3]]) {
    for pixel in rgb {
        *pixel = [luma(*pixel).min(1.0); 3];
    }
}

fn luma([r, g, b]: [f32; 3]) -> f32 {
    LUMA[0] * r + LUMA[1] * g + LUMA[2] * b
}

fn mean_luma(rgb: &[[f32; 3]]) -> f32 {
    // In pieces, so that the sum keeps its precision.
    let piece = |piece: &[[f32; 3]]| f64::from(piece.iter().copied().map(luma).sum::<f32>());
    let sum: f64 = rgb.chunks(1024).map(piece).sum();
    (sum / rgb.len().max(1) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gamma_is_a_power() {
        let mut rgb: Vec<[f32; 3]> = (0..=1000).map(|i| [i as f32 / 1000.0; 3]).collect();
        gamma(&mut rgb, 1.3);
        for (i, [found, ..]) in rgb.into_iter().enumerate() {
            let wanted = libm::pow(i as f64 / 1000.0, 1.3);
            assert!((f64::from(found) - wanted).abs() < 1e-4, "{i}");
        }
    }

    #[test]
    fn greys_keep_their_hue_and_strength_zero_changes_nothing() {
        let config = AugmentConfig {
            hue_max_deg: 120.0,
            color_strength: 0.0,
            ..AugmentConfig::default()
        };
        let grey = vec![[0.3_f32; 3], [0.6; 3]];
        let mut out = grey.clone();
        jitter(&mut out, &config, Draws::new(5));
        for (found, wanted) in out.as_flattened().iter().zip(grey.as_flattened()) {
            assert!((found - wanted).abs() < 1e-6, "{out:?}");
        }
        let still = AugmentConfig {
            hue_max_deg: 0.0,
            ..config
        };
        let color = vec![[0.1_f32, 0.5, 0.9]];
        let mut out = color.clone();
        jitter(&mut out, &still, Draws::new(5));
        for (found, wanted) in out[0].iter().zip(color[0]) {
            assert!((found - wanted).abs() < 1e-6, "{out:?}");
        }
    }

    #[test]
    fn a_third_of_a_turn_of_the_hue_exchanges_the_primaries() {
        let found = hue_matrix(2.0 * PI / 3.0);
        // Red becomes green, green blue, blue red.
        let wanted = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        for (found, wanted) in found.as_flattened().iter().zip(wanted.as_flattened()) {
            assert!((found - wanted).abs() < 1e-12, "{found}");
        }
    }
}
