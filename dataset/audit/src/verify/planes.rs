//! Truth of the planes of one sample, each pixel of it.
//!
//! The rules are those of `bottega_schemas::plane`. Each check reports once a sample: how many
//! pixels break it, the first of them, and what was found there.

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::is_close;

/// The pinhole of a sample, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pinhole {
    /// Horizontal focal length.
    pub fx: f64,
    /// Vertical focal length.
    pub fy: f64,
    /// Column of the principal point.
    pub cx: f64,
    /// Row of the principal point.
    pub cy: f64,
}

/// Stored planes of one sample, rows from the top; each of `width * height` pixels.
#[derive(Clone, Copy, Debug)]
pub struct PlaneSlices<'a> {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// 8-bit sRGB, three bytes a pixel.
    pub rgb8: &'a [u8],
    /// Coverage, 0 to 255.
    pub alpha8: &'a [u8],
    /// Depth, in metres; +inf is no surface.
    pub depth_m: &'a [f32],
    /// Normals in camera space; zero is no surface.
    pub normal: &'a [[f32; 3]],
}

/// Checks the planes of one sample.
pub fn check_planes(
    planes: &PlaneSlices<'_>,
    pinhole: Option<Pinhole>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    check_picture(planes, config, findings);
    check_depth(planes, config, findings);
    check_agreement(planes, config, findings);
    check_lengths(planes, config, findings);
    if let Some(pinhole) = pinhole {
        check_facing(planes, pinhole, config, findings);
        check_normals_against_depth(planes, pinhole, config, findings);
    }
}

impl Pinhole {
    /// Direction from the camera through the centre of a pixel, in camera space, with z = -1.
    pub(super) fn direction(self, x: usize, y: usize) -> [f32; 3] {
        let right = (x as f64 + 0.5 - self.cx) / self.fx;
        let up = -(y as f64 + 0.5 - self.cy) / self.fy;
        [right as f32, up as f32, -1.0]
    }
}

impl PlaneSlices<'_> {
    fn at(&self, px: usize) -> [usize; 2] {
        [px % self.width, px / self.width]
    }

    fn report(
        &self,
        check: Check,
        plane: Plane,
        findings: &mut Vec<Finding>,
        is_wrong: impl Fn(usize) -> bool,
        tell: impl Fn(usize) -> String,
    ) {
        let n_px = self.width * self.height;
        report((check, plane), self.width, n_px, findings, is_wrong, tell);
    }
}

/// Reports the pixels that `is_wrong` picks, with `tell` saying what the first one holds.
pub(super) fn report(
    (check, plane): (Check, Plane),
    width: usize,
    n_px: usize,
    findings: &mut Vec<Finding>,
    is_wrong: impl Fn(usize) -> bool,
    tell: impl Fn(usize) -> String,
) {
    let Some(first) = (0..n_px).find(|&px| is_wrong(px)) else {
        return;
    };
    let more = match (first + 1..n_px).filter(|&px| is_wrong(px)).count() {
        0 => String::new(),
        1 => " (and one more pixel)".to_owned(),
        more => format!(" (and {more} more pixels)"),
    };
    let message = format!("{}{more}", tell(first));
    findings.push(Finding::new(check, message).at(plane, Some([first % width, first / width])));
}

fn check_picture(planes: &PlaneSlices<'_>, config: &VerifyConfig, findings: &mut Vec<Finding>) {
    let mut pixels = planes.rgb8.chunks_exact(3);
    let first = pixels.next();
    if pixels.all(|pixel| Some(pixel) == first) {
        let message = format!("every pixel is {first:?}; wanted a picture");
        findings.push(Finding::new(Check::Picture, message).at(Plane::Rgb8, None));
    }
    let sum: u64 = planes.alpha8.iter().map(|&alpha| u64::from(alpha)).sum();
    let fg_fraction = sum as f32 / (255.0 * planes.alpha8.len() as f32);
    if fg_fraction < config.fg_fraction_min {
        let message = format!(
            "the person covers {fg_fraction} of the picture, wanted at least {}",
            config.fg_fraction_min
        );
        findings.push(Finding::new(Check::Picture, message).at(Plane::Alpha, None));
    }
}

fn check_depth(planes: &PlaneSlices<'_>, config: &VerifyConfig, findings: &mut Vec<Finding>) {
    let depth_m = planes.depth_m;
    planes.report(
        Check::Depth,
        Plane::Depth,
        findings,
        |px| !is_distance(depth_m[px]),
        |px| {
            format!(
                "{}, wanted positive metres, or +inf for no surface",
                depth_m[px]
            )
        },
    );
    let (near, far) = (config.depth_min_m, config.depth_max_m);
    planes.report(
        Check::Depth,
        Plane::Depth,
        findings,
        |px| depth_m[px].is_finite() && depth_m[px] > 0.0 && !(near..=far).contains(&depth_m[px]),
        |px| {
            format!(
                "{} m, wanted {near} m to {far} m; is the unit metres?",
                depth_m[px]
            )
        },
    );
    let finite = || depth_m.iter().copied().filter(|d| d.is_finite());
    let nearest = finite().fold(f32::INFINITY, f32::min);
    let farthest = finite().fold(0.0, f32::max);
    if farthest - nearest > config.depth_extent_max_m {
        let message = format!(
            "reaches from {nearest} m to {farthest} m, wanted a person of at most {} m",
            config.depth_extent_max_m
        );
        findings.push(Finding::new(Check::Depth, message).at(Plane::Depth, None));
    }
}

fn check_agreement(planes: &PlaneSlices<'_>, config: &VerifyConfig, findings: &mut Vec<Finding>) {
    let PlaneSlices {
        width,
        height,
        alpha8,
        depth_m,
        normal,
        ..
    } = *planes;
    planes.report(
        Check::SurfaceAgreement,
        Plane::Depth,
        findings,
        |px| alpha8[px] == 0 && depth_m[px].is_finite(),
        |px| format!("{} m where alpha is 0, wanted +inf there", depth_m[px]),
    );
    planes.report(
        Check::SurfaceAgreement,
        Plane::Normal,
        findings,
        |px| normal[px] != [0.0; 3] && depth_m[px] == f32::INFINITY,
        |px| format!("{:?} where depth is +inf, wanted zero there", normal[px]),
    );
    planes.report(
        Check::SurfaceAgreement,
        Plane::Normal,
        findings,
        |px| normal[px] == [0.0; 3] && depth_m[px].is_finite(),
        |px| {
            format!(
                "zero where depth is {} m, wanted a unit vector there",
                depth_m[px]
            )
        },
    );

    // The centre of a pixel that is covered whole, amid such pixels, sees a surface; now and then
    // it looks between two strands that the coverage rays happened to meet.
    let is_inner = |px: usize| {
        let (x, y) = (px % width, px / width);
        let (xs, ys) = (x.wrapping_sub(1)..=x + 1, y.wrapping_sub(1)..=y + 1);
        0 < x
            && x + 1 < width
            && 0 < y
            && y + 1 < height
            && ys
                .flat_map(|y| xs.clone().map(move |x| y * width + x))
                .all(|px| alpha8[px] == 255)
    };
    let inner: Vec<usize> = (0..width * height).filter(|&px| is_inner(px)).collect();
    let gaps: Vec<usize> = inner
        .iter()
        .copied()
        .filter(|&px| !depth_m[px].is_finite())
        .collect();
    let gaps_allowed = (config.opaque_gap_share_max * inner.len() as f64).ceil();
    if gaps.len() as f64 > gaps_allowed {
        let message = format!(
            "no surface at {} of {} pixels whose neighbourhood is opaque, wanted at most \
             {gaps_allowed}",
            gaps.len(),
            inner.len(),
        );
        let pixel = Some(planes.at(gaps[0]));
        findings.push(Finding::new(Check::SurfaceAgreement, message).at(Plane::Depth, pixel));
    }
}

fn check_lengths(planes: &PlaneSlices<'_>, config: &VerifyConfig, findings: &mut Vec<Finding>) {
    let length = |px: usize| dot(planes.normal[px], planes.normal[px]).sqrt();
    let tolerance = config.normal_length_tolerance;
    planes.report(
        Check::NormalLength,
        Plane::Normal,
        findings,
        |px| planes.normal[px] != [0.0; 3] && !is_close(length(px), 1.0, tolerance),
        |px| format!("length {}, wanted 1 within {tolerance}", length(px)),
    );
}

fn check_facing(
    planes: &PlaneSlices<'_>,
    pinhole: Pinhole,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let cosine = |px: usize| {
        let [x, y] = planes.at(px);
        let away = pinhole.direction(x, y);
        dot(planes.normal[px], away) / dot(away, away).sqrt()
    };
    planes.report(
        Check::NormalFacing,
        Plane::Normal,
        findings,
        |px| planes.normal[px] != [0.0; 3] && cosine(px) > config.facing_tolerance,
        |px| {
            format!(
                "{:?} looks away from the camera by a cosine of {}, wanted at most {}",
                planes.normal[px],
                cosine(px),
                config.facing_tolerance
            )
        },
    );
}

/// Compares normals with the surface that depth describes, where that is smooth.
///
/// The surface normal is the cross product of the differences between unprojected neighbours. A
/// swapped axis, a flipped sign or normals in another space turn far more than cloth and skin do.
fn check_normals_against_depth(
    planes: &PlaneSlices<'_>,
    pinhole: Pinhole,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let PlaneSlices {
        width,
        height,
        depth_m,
        normal,
        ..
    } = *planes;
    let point = |x: usize, y: usize| {
        let direction = pinhole.direction(x, y);
        direction.map(|v| v * depth_m[y * width + x])
    };
    let mut cosines = Vec::new();
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let px = y * width + x;
            let here = depth_m[px];
            let step_max = config.smooth_depth_step * here;
            let neighbors = [px - 1, px + 1, px - width, px + width];
            // False for infinities and NaN, whose differences are not small.
            let is_smooth = neighbors
                .iter()
                .all(|&n| (depth_m[n] - here).abs() < step_max);
            if !is_smooth || normal[px] == [0.0; 3] {
                continue;
            }
            let right = difference(point(x + 1, y), point(x - 1, y));
            let up = difference(point(x, y - 1), point(x, y + 1));
            let surface = cross(right, up);
            let size = dot(surface, surface).sqrt();
            if size > 0.0 {
                cosines.push(dot(surface, normal[px]) / size);
            }
        }
    }
    if cosines.len() < config.normal_from_depth_px_min {
        return;
    }
    cosines.sort_by(f32::total_cmp);
    let median = cosines[cosines.len() / 2];
    let angle_deg = libm::acos(f64::from(median.clamp(-1.0, 1.0))).to_degrees();
    if angle_deg > config.normal_from_depth_max_deg {
        let message = format!(
            "the median angle to the surface that depth describes is {angle_deg:.1} degrees over \
             {} smooth pixels, wanted at most {}; are the axes +X right, +Y up, +Z toward the \
             camera?",
            cosines.len(),
            config.normal_from_depth_max_deg,
        );
        findings.push(Finding::new(Check::NormalFromDepth, message).at(Plane::Normal, None));
    }
}

/// Whether a stored distance is one, or says that there is no surface; NaN is none.
pub(super) fn is_distance(depth_m: f32) -> bool {
    depth_m > 0.0
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

#[cfg(test)]
mod tests;
