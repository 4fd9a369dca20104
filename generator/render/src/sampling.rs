//! Warps from the unit square to directions, their densities, and how estimates are combined.

use std::f32::consts::{FRAC_1_PI, TAU};

use glam::{Vec2, Vec3};

use crate::fast_math::{self, sin_cos_turns};

/// Luminance of a linear Rec. 709 colour.
#[inline]
pub fn luminance(color: Vec3) -> f32 {
    color.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}

/// Weight of a sample of density `pdf` when another technique would have drawn it with density
/// `other`: the power heuristic with exponent 2 (Veach 1997).
#[inline]
pub fn power_heuristic(pdf: f32, other: f32) -> f32 {
    // Dividing first keeps the squares of very large densities finite.
    let ratio = other / pdf;
    1.0 / (1.0 + ratio * ratio)
}

/// Point in the unit disc, uniform by area; concentric squares map to concentric circles
/// (Shirley and Chiu 1997), which keeps stratification.
#[inline]
pub fn uniform_disc(u: Vec2) -> Vec2 {
    let p = 2.0 * u - Vec2::ONE;
    let (radius, turns) = if p.y.abs() < p.x.abs() {
        (p.x, 0.125 * p.y / p.x)
    } else if p.y != 0.0 {
        (p.y, 0.25 - 0.125 * p.x / p.y)
    } else {
        return Vec2::ZERO;
    };
    let (sin, cos) = sin_cos_turns(turns);
    Vec2::new(radius * cos, radius * sin)
}

/// Direction about +Z with density `cos / pi`; the height is never zero.
#[inline]
pub fn cosine_hemisphere(u: Vec2) -> Vec3 {
    let p = uniform_disc(u);
    Vec3::new(p.x, p.y, (1.0 - p.length_squared()).max(1e-8).sqrt())
}

/// Density of [`cosine_hemisphere`], per steradian.
#[inline]
pub fn cosine_hemisphere_pdf(cos: f32) -> f32 {
    cos.max(0.0) * FRAC_1_PI
}

/// Direction uniform on the sphere; density `1 / (4 pi)`.
#[inline]
pub fn uniform_sphere(u: Vec2) -> Vec3 {
    let z = 1.0 - 2.0 * u.x;
    let radius = (1.0 - z * z).max(0.0).sqrt();
    let (sin, cos) = sin_cos_turns(u.y);
    Vec3::new(radius * cos, radius * sin, z)
}

/// Density of [`uniform_sphere`], per steradian.
pub const UNIFORM_SPHERE_PDF: f32 = 0.5 / TAU;

/// Free path in a medium of extinction `sigma_t`, for a uniform `u` in `[0, 1)`.
#[inline]
pub fn free_path(u: f32, sigma_t: f32) -> f32 {
    -fast_math::ln(1.0 - u) / sigma_t
}

/// Point of a round Gaussian of standard deviation 1, cut at radius 3.
#[inline]
pub fn gaussian_disc(u: Vec2) -> Vec2 {
    // Share of the plane's Gaussian inside: 1 - exp(-9/2).
    const INSIDE: f32 = 0.988_891;
    let radius = (-2.0 * fast_math::ln(1.0 - INSIDE * u.x)).max(0.0).sqrt();
    let (sin, cos) = sin_cos_turns(u.y);
    Vec2::new(radius * cos, radius * sin)
}

/// Draws an offset from the one-dimensional Blackman-Harris window of half width 1 by inverting
/// its tabulated distribution; the result is in `[-1, 1]`.
#[inline]
pub fn blackman_harris(u: f32) -> f32 {
    let table = blackman_harris_table();
    let x = u * (table.len() - 1) as f32;
    let i = (x as usize).min(table.len() - 2);
    table[i] + (table[i + 1] - table[i]) * (x - i as f32)
}

/// The quantiles of the window at 1024 equal steps.
fn blackman_harris_table() -> &'static [f32; 1025] {
    static TABLE: std::sync::OnceLock<[f32; 1025]> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| {
        // The distribution function on a fine grid over [-1, 1], from the antiderivative of the
        // four-term window 0.35875 + 0.48829 cos(pi x) + 0.14128 cos(2 pi x) + 0.01168 cos(3 pi x).
        let cdf = |x: f64| {
            let p = std::f64::consts::PI;
            let s = |k: f64| libm::sin(k * p * x) / (k * p);
            0.5 + (0.35875 * x + 0.48829 * s(1.0) + 0.14128 * s(2.0) + 0.01168 * s(3.0)) / 0.7175
        };
        let mut table = [0.0; 1025];
        for (i, entry) in table.iter_mut().enumerate() {
            let target = i as f64 / 1024.0;
            let (mut lo, mut hi) = (-1.0, 1.0);
            for _ in 0..50 {
                let mid = 0.5 * (lo + hi);
                if cdf(mid) < target {
                    lo = mid
                } else {
                    hi = mid
                }
            }
            *entry = (0.5 * (lo + hi)) as f32;
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(n: usize) -> impl Iterator<Item = Vec2> {
        (0..n * n).map(move |i| Vec2::new((i % n) as f32 + 0.5, (i / n) as f32 + 0.5) / n as f32)
    }

    #[test]
    fn the_disc_is_uniform_and_the_hemisphere_follows_the_cosine() {
        let n = 256;
        let count = (n * n) as f32;
        let inside = grid(n).filter(|&u| uniform_disc(u).length() < 0.5).count() as f32;
        assert!((inside / count - 0.25).abs() < 1e-3);
        // The mean height of a cosine lobe is 2/3.
        let mean: Vec3 = grid(n).map(cosine_hemisphere).sum::<Vec3>() / count;
        assert!(
            (mean - Vec3::new(0.0, 0.0, 2.0 / 3.0)).length() < 1e-3,
            "{mean}"
        );
        let mean: Vec3 = grid(n).map(uniform_sphere).sum::<Vec3>() / count;
        assert!(mean.length() < 1e-3, "{mean}");
    }

    #[test]
    fn the_gaussian_filter_has_the_moments_of_a_cut_gaussian() {
        let n = 400;
        let points: Vec<Vec2> = grid(n).map(gaussian_disc).collect();
        let count = points.len() as f32;
        let mean = points.iter().sum::<Vec2>() / count;
        assert!(mean.length() < 1e-3, "{mean}");
        assert!(points.iter().all(|p| p.length() <= 3.001));
        // E r^2 = 2 - 9 e / (1 - e) with e = exp(-9/2).
        let e = libm::exp(-4.5);
        let wanted = 2.0 - 9.0 * e / (1.0 - e);
        let found = points.iter().map(|p| p.length_squared()).sum::<f32>() / count;
        assert!((f64::from(found) / wanted - 1.0).abs() < 2e-3, "{found}");
    }

    #[test]
    fn the_pixel_filter_has_the_moments_of_its_window() {
        let n = 10_000;
        let draws: Vec<f32> = (0..n)
            .map(|i| blackman_harris((i as f32 + 0.5) / n as f32))
            .collect();
        let mean = draws.iter().sum::<f32>() / n as f32;
        let variance = draws.iter().map(|x| x * x).sum::<f32>() / n as f32;
        // Variance by quadrature of the window.
        let (mut wanted, mut total) = (0.0, 0.0);
        for i in 0..2000 {
            let x = (f64::from(i) + 0.5) / 1000.0 - 1.0;
            let c = |k: f64| libm::cos(k * std::f64::consts::PI * x);
            let w = 0.35875 + 0.48829 * c(1.0) + 0.14128 * c(2.0) + 0.01168 * c(3.0);
            wanted += w * x * x;
            total += w;
        }
        assert!(mean.abs() < 1e-4, "mean {mean}");
        assert!(
            (f64::from(variance) / (wanted / total) - 1.0).abs() < 0.01,
            "variance {variance}"
        );
    }
}
