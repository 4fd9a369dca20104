//! Depth against normals over a whole sample: what no single pixel can tell.
//!
//! Where the surface is smooth, depth d over the image plane (X, Y) = (x / -z, y / -z) and the
//! normal n at the ray r = (X, Y, -1) say the same: the gradient of ln d is -(n_x, n_y) / (n . r),
//! whatever the scale of d. Cloth and skin add relief to the normals, which averages out. What
//! does not average out tells a fault:
//!
//! - the sums of both kinds of normals point elsewhere: the normals are in another frame;
//! - gradients are proportional by another factor than 1: the depth has an offset;
//! - gradients differ by a radial part: the depth is the distance along the ray.

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::coding::is_half_depth;
use super::config::{SurfaceLimits, VerifyConfig};
use super::planes::{Pinhole, PlaneSlices, median};

/// Steeper gradients belong to silhouettes, where a pixel is too coarse to tell.
const GRADIENT_MAX: f32 = 2.0;
/// Smallest cosine between the normals of neighbours on a surface without hair.
const SMOOTH_COSINE: f32 = 0.9;
/// A radial part is told only if the camera sees far enough aside: mean of X2 + Y2.
const ASIDE_MIN: f64 = 2e-3;
/// An offset is told only where the surface slopes: mean of the squared gradient.
const SLOPE_MIN: f64 = 0.02;

/// Pixels over which slopes of depth are measured either way, and the same where depth is of half
/// floats: their steps would be slopes.
const REACH: usize = 1;
const REACH_OF_HALF: usize = 4;

/// Median angle above which other axes are tried.
const LARGE_DEG: f64 = 20.0;
/// Share of it that is left in the right axes.
const TURNED_SHARE_MAX: f64 = 0.7;

/// How depth and normals of a sample agree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SurfaceFit {
    /// Pixels that were compared, where depth and normals are smooth.
    pub n_px: usize,
    /// Median angle between the normals and the surface that depth describes.
    pub median_deg: f64,
    /// The least such angle of normals with swapped or flipped axes, where the first is large.
    pub turned_deg: Option<f64>,
    /// Angle between the sums of both.
    pub bias_deg: Option<f64>,
    /// Gradients by the normals over gradients of depth: 1, or (d + offset) / d.
    pub gradient_ratio: Option<f64>,
    /// Radial part of the gradients of depth: 0, or 1 for distances along the ray.
    pub radial: Option<f64>,
}

/// Compares depth and normals at the smooth pixels that `is_judged` picks; `None` where there are
/// too few.
pub fn fit_surface(
    planes: &PlaneSlices<'_>,
    pinhole: Pinhole,
    config: &VerifyConfig,
    is_judged: impl Fn(usize) -> bool,
) -> Option<SurfaceFit> {
    let mut fit = fit_turned(planes, pinhole, config, &is_judged, |n| n)?;
    if fit.median_deg > LARGE_DEG {
        let turns: [fn([f32; 3]) -> [f32; 3]; 6] = [
            |[x, y, z]| [-x, y, z],
            |[x, y, z]| [x, -y, z],
            |[x, y, z]| [-x, -y, z],
            |[x, y, z]| [y, x, z],
            |[x, y, z]| [z, y, x],
            |[x, y, z]| [x, z, y],
        ];
        let angles = turns
            .into_iter()
            .filter_map(|turn| fit_turned(planes, pinhole, config, &is_judged, turn))
            .map(|turned| turned.median_deg);
        fit.turned_deg = angles.min_by(f64::total_cmp);
    }
    Some(fit)
}

fn fit_turned(
    planes: &PlaneSlices<'_>,
    pinhole: Pinhole,
    config: &VerifyConfig,
    is_judged: impl Fn(usize) -> bool,
    turn: impl Fn([f32; 3]) -> [f32; 3],
) -> Option<SurfaceFit> {
    let PlaneSlices {
        width,
        height,
        depth_m,
        normal,
        ..
    } = *planes;
    let mut cosines = Vec::new();
    let (mut by_depth, mut by_normal) = ([0.0f64; 3], [0.0f64; 3]);
    let (mut pg, mut gg, mut eq, mut qq) = (0.0f64, 0.0, 0.0, 0.0);
    let mut n_gradients = 0usize;
    let reach = match is_half_depth(depth_m) {
        true => REACH_OF_HALF,
        false => REACH,
    };
    for y in reach..height.saturating_sub(reach) {
        for x in reach..width.saturating_sub(reach) {
            let px = y * width + x;
            let here = depth_m[px];
            let far = [
                px - reach,
                px + reach,
                px - reach * width,
                px + reach * width,
            ];
            let step_max = config.smooth_depth_step * here * (reach as f32).sqrt();
            let is_smooth = far.iter().all(|&n| (depth_m[n] - here).abs() < step_max);
            if !is_smooth || normal[px] == [0.0; 3] || !is_judged(px) {
                continue;
            }
            let ray = |x: usize, y: usize| pinhole.direction(x, y);
            let point = |x: usize, y: usize| ray(x, y).map(|v| v * depth_m[y * width + x]);
            let right = difference(point(x + reach, y), point(x - reach, y));
            let up = difference(point(x, y - reach), point(x, y + reach));
            let surface = cross(right, up);
            let size = dot(surface, surface).sqrt();
            if size <= 0.0 {
                continue;
            }
            let n = turn(normal[px]);
            // Fibres turn normals from pixel to pixel, whatever surface depth sees them as.
            let around = [px - 1, px + 1, px - width, px + width];
            if around
                .iter()
                .any(|&other| dot(normal[other], normal[px]) < SMOOTH_COSINE)
            {
                continue;
            }
            cosines.push(dot(surface, n) / size);
            for axis in 0..3 {
                by_depth[axis] += f64::from(surface[axis] / size);
                by_normal[axis] += f64::from(n[axis]);
            }

            let r = ray(x, y);
            let facing = dot(n, r);
            if facing > -0.1 {
                continue;
            }
            let span = difference(ray(x + reach, y - reach), ray(x - reach, y + reach));
            let ln_ratio = |a: usize, b: usize| ln_ratio(depth_m[a], depth_m[b]);
            let [left, right, above, below] = far;
            let gradient = [
                ln_ratio(right, left) / span[0],
                ln_ratio(above, below) / span[1],
            ];
            let expected = [-n[0] / facing, -n[1] / facing];
            let is_steep = |v: [f32; 2]| v[0].abs().max(v[1].abs()) > GRADIENT_MAX;
            if is_steep(gradient) || is_steep(expected) {
                continue;
            }
            n_gradients += 1;
            let length2 = 1.0 + r[0] * r[0] + r[1] * r[1];
            for axis in 0..2 {
                let (g, p) = (f64::from(gradient[axis]), f64::from(expected[axis]));
                let q = f64::from(r[axis] / length2);
                pg += p * g;
                gg += g * g;
                eq += (g - p).clamp(-1.0, 1.0) * q;
                qq += q * q;
            }
        }
    }
    let n_px = cosines.len();
    if n_px < config.normal_from_depth_px_min {
        return None;
    }
    let median_cosine = median(&mut cosines)?;
    let degrees = |cosine: f64| libm::acos(cosine.clamp(-1.0, 1.0)).to_degrees();
    let dot64 = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let sizes = (dot64(by_depth, by_depth) * dot64(by_normal, by_normal)).sqrt();
    let n = n_gradients.max(1) as f64;
    let is_told = n_gradients >= config.normal_from_depth_px_min;
    Some(SurfaceFit {
        n_px,
        median_deg: degrees(f64::from(median_cosine)),
        turned_deg: None,
        bias_deg: Some(degrees(dot64(by_depth, by_normal) / sizes.max(1e-12))),
        gradient_ratio: (is_told && gg / n > SLOPE_MIN).then(|| pg / gg),
        radial: (is_told && qq / n > ASIDE_MIN).then(|| eq / qq),
    })
}

/// Judges the comparison.
pub(super) fn check_surface_fit(
    fit: &SurfaceFit,
    limits: &SurfaceLimits,
    findings: &mut Vec<Finding>,
) {
    let over = format!("over {} smooth pixels", fit.n_px);
    findings.extend(judge(fit, limits, &over));
}

/// Judges the medians of the comparisons of a whole dataset.
pub(super) fn check_median_fit(fits: &[SurfaceFit], limits: &SurfaceLimits) -> Option<Finding> {
    let median = |value: &dyn Fn(&SurfaceFit) -> Option<f64>| {
        let mut values: Vec<f64> = fits.iter().filter_map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let fit = SurfaceFit {
        n_px: fits.iter().map(|fit| fit.n_px).sum(),
        median_deg: median(&|fit| Some(fit.median_deg))?,
        turned_deg: None,
        bias_deg: median(&|fit| fit.bias_deg),
        gradient_ratio: median(&|fit| fit.gradient_ratio),
        radial: median(&|fit| fit.radial),
    };
    judge(
        &fit,
        limits,
        &format!("in the median of {} samples", fits.len()),
    )
}

fn judge(fit: &SurfaceFit, limits: &SurfaceLimits, over: &str) -> Option<Finding> {
    let found = |check, plane, message: String| Some(Finding::new(check, message).at(plane, None));
    if fit.median_deg > limits.median_max_deg {
        // Fibres of smooth hair agree with each other and with no surface: other axes do not make
        // it better, as they would in a frame that is wrong.
        let is_hair = fit
            .turned_deg
            .is_some_and(|turned_deg| turned_deg > TURNED_SHARE_MAX * fit.median_deg);
        if limits.may_be_hair && is_hair {
            return None;
        }
        let message = format!(
            "the median angle to the surface that depth describes is {:.1} degrees {over}, wanted \
             at most {}; are the axes +X right, +Y up, +Z toward the camera?",
            fit.median_deg, limits.median_max_deg,
        );
        return found(Check::NormalFromDepth, Plane::Normal, message);
    }
    if let Some(radial) = fit.radial.filter(|radial| radial.abs() > limits.radial_max) {
        let message = format!(
            "depth grows away from the axis by {radial:.2} of what a distance along the ray would \
             {over}, wanted at most {}; is it the distance along the optical axis?",
            limits.radial_max,
        );
        return found(Check::DepthFromNormal, Plane::Depth, message);
    }
    let ratio = fit.gradient_ratio;
    if let Some(ratio) = ratio.filter(|ratio| !limits.gradient_ratio.contains(ratio)) {
        let message = format!(
            "normals tell slopes {ratio:.2} times those of depth {over}, wanted {} to {}; has \
             depth an offset, or a scale that changes?",
            limits.gradient_ratio.start(),
            limits.gradient_ratio.end(),
        );
        return found(Check::DepthFromNormal, Plane::Depth, message);
    }
    let bias_deg = fit
        .bias_deg
        .filter(|bias_deg| *bias_deg > limits.bias_max_deg)?;
    let message = format!(
        "on average the normals are turned by {bias_deg:.1} degrees against the surface that depth \
         describes {over}, wanted at most {}; are they in camera space, and of this sample?",
        limits.bias_max_deg,
    );
    found(Check::NormalFromDepth, Plane::Normal, message)
}

/// Logarithm of a / b of neighbours, which differ by a few per cent: the series of atanh, of which the
/// first term left out is below 1e-9 there.
fn ln_ratio(a: f32, b: f32) -> f32 {
    let (a, b) = (f64::from(a), f64::from(b));
    let t = (a - b) / (a + b);
    let t2 = t * t;
    (2.0 * t * (1.0 + t2 * (1.0 / 3.0 + t2 / 5.0))) as f32
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn difference(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}
