//! Truth of the planes of one sample, each pixel of it.
//!
//! The rules are those of `bottega_schemas::plane`. Each check reports once a sample: how many
//! pixels break it, the first of them, and what was found there.

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::alignment::check_alignment;
use super::coding::check_coding;
use super::config::VerifyConfig;
use super::is_close;
use super::outliers::check_outliers;
use super::surface::{SurfaceFit, check_surface_fit, fit_surface};

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
    /// Whether a pixel shows hair, where that is known.
    pub is_hair: Option<&'a [bool]>,
}

/// Checks the planes of one sample.
///
/// Returns how depth and normals agree, where the camera is known and enough is smooth.
pub fn check_planes(
    planes: &PlaneSlices<'_>,
    pinhole: Option<Pinhole>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) -> Option<SurfaceFit> {
    check_picture(planes, config, findings);
    check_depth(planes, config, findings);
    check_agreement(planes, config, findings);
    check_lengths(planes, config, findings);
    check_outliers(planes, config, findings);
    check_coding(planes, config, findings);
    check_alignment(planes, config, findings);
    let pinhole = pinhole?;
    check_size(planes, pinhole, config, findings);
    check_facing(planes, pinhole, config, findings);
    let is_judged = |px: usize| planes.is_hair.is_none_or(|is_hair| !is_hair[px]);
    let fit = fit_surface(planes, pinhole, config, is_judged)?;
    let limits = match planes.is_hair {
        Some(_) => &config.surface,
        None => &config.surface_with_hair,
    };
    check_surface_fit(&fit, limits, findings);
    Some(fit)
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

impl PlaneSlices<'_> {
    /// Reports like [`report`], but only beyond a share of the pixels that the person covers.
    fn report_beyond(
        &self,
        share_max: f64,
        (check, plane): (Check, Plane),
        findings: &mut Vec<Finding>,
        is_wrong: impl Fn(usize) -> bool,
        tell: impl Fn(usize) -> String,
    ) {
        if share_max > 0.0 {
            let n_covered = self.alpha8.iter().filter(|alpha| **alpha > 0).count();
            let n_wrong = (0..self.width * self.height)
                .filter(|&px| is_wrong(px))
                .count();
            if n_wrong as f64 <= share_max * n_covered as f64 {
                return;
            }
        }
        self.report(check, plane, findings, is_wrong, tell);
    }
}

/// A person seen at the median depth has the size of a person, or of a part of one.
fn check_size(
    planes: &PlaneSlices<'_>,
    pinhole: Pinhole,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let is_person = |px: &usize| planes.alpha8[*px] >= 128 && planes.depth_m[*px].is_finite();
    let person: Vec<usize> = (0..planes.alpha8.len()).filter(is_person).collect();
    let mut depths_m: Vec<f32> = person.iter().map(|&px| planes.depth_m[px]).collect();
    let (Some(median_m), Some(first), Some(last)) =
        (median(&mut depths_m), person.first(), person.last())
    else {
        return;
    };
    let columns = || person.iter().map(|px| px % planes.width);
    let n_columns = columns().max().unwrap_or(0) + 1 - columns().min().unwrap_or(0);
    let n_rows = last / planes.width + 1 - first / planes.width;
    let depth_m = f64::from(median_m);
    let size_m = (n_columns as f64 / pinhole.fx).max(n_rows as f64 / pinhole.fy) * depth_m;
    // A sliver of a person at the edge of the picture is small and no fault.
    let is_sliver = person.len() * 50 < planes.alpha8.len();
    if size_m > config.person_size_max_m || (size_m < config.person_size_min_m && !is_sliver) {
        let message = format!(
            "at the median depth of {depth_m} m the person would be {size_m:.3} m large, wanted {} \
             m to {} m; is the unit metres, and the focal length in pixels?",
            config.person_size_min_m, config.person_size_max_m
        );
        findings.push(Finding::new(Check::Depth, message).at(Plane::Depth, None));
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
    let most = planes.alpha8.iter().copied().max().unwrap_or(0);
    let n_hits = planes
        .depth_m
        .iter()
        .filter(|depth_m| depth_m.is_finite())
        .count();
    if most < 128 && n_hits > planes.alpha8.len() / 100 {
        let message = format!(
            "coverage is {most} of 255 at most, though depth shows a surface at {n_hits} pixels; \
             is it stored as 0 to 1?"
        );
        findings.push(Finding::new(Check::Coverage, message).at(Plane::Alpha, None));
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
            let hint = match depth_m[px] {
                65504.0 | 65503.0..=65535.0 | 1e9..=1e12 => "no surface is +inf here",
                _ => "is the unit metres?",
            };
            format!("{} m, wanted {near} m to {far} m; {hint}", depth_m[px])
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
    planes.report_beyond(
        config.disagreement_share_max,
        (Check::SurfaceAgreement, Plane::Normal),
        findings,
        |px| normal[px] != [0.0; 3] && depth_m[px] == f32::INFINITY,
        |px| format!("{:?} where depth is +inf, wanted zero there", normal[px]),
    );
    planes.report_beyond(
        config.disagreement_share_max,
        (Check::SurfaceAgreement, Plane::Normal),
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
    let is_inner = inner(alpha8, width, |alpha| *alpha == 255);
    let inner: Vec<usize> = (0..width * height).filter(|&px| is_inner[px]).collect();
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
    planes.report_beyond(
        config.away_share_max,
        (Check::NormalFacing, Plane::Normal),
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

/// Whether all pixels of the three by three around a pixel are as `is_it` wants; never at the edge.
pub(super) fn inner<T>(values: &[T], width: usize, is_it: impl Fn(&T) -> bool) -> Vec<bool> {
    let mut across = vec![false; values.len()];
    for (row, out) in values
        .chunks_exact(width)
        .zip(across.chunks_exact_mut(width))
    {
        for (three, out) in row.windows(3).zip(&mut out[1..]) {
            *out = three.iter().all(&is_it);
        }
    }
    let mut inner = vec![false; values.len()];
    for px in width..values.len().saturating_sub(width) {
        inner[px] = across[px - width] && across[px] && across[px + width];
    }
    inner
}

/// The median; the values are moved about.
pub(super) fn median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// Whether a stored distance is one, or says that there is no surface; NaN is none.
pub(super) fn is_distance(depth_m: f32) -> bool {
    depth_m > 0.0
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests;
