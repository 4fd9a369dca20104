//! Single pixels that differ from eight neighbours which agree: what a damaged bit leaves behind.
//!
//! Strands of hair make lone pixels too, nearer than what is behind them and softer. A pixel of depth
//! is told only where its surroundings are one smooth, opaque surface, one of coverage there and
//! where nothing is covered, one of the picture where its surroundings are even and one channel
//! alone differs, which no light does. Lone normals are not told: folds, seams and buttons make
//! them in sound samples; those that look away are found elsewhere.

use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::planes::PlaneSlices;

/// Largest span of a channel over even surroundings.
const EVEN_SPAN: u8 = 16;
/// Largest difference of the other two channels to these.
const OTHER_CHANNELS_MAX: u8 = 8;

/// The pixels around a pixel, row by row.
fn around(px: usize, width: usize) -> [usize; 8] {
    let (above, below) = (px - width, px + width);
    [
        above - 1,
        above,
        above + 1,
        px - 1,
        px + 1,
        below - 1,
        below,
        below + 1,
    ]
}

/// The first lone pixel of a plane, and how many there are.
#[derive(Default)]
struct Lone {
    first: Option<(usize, String)>,
    count: usize,
}

impl Lone {
    fn note(&mut self, px: usize, tell: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some((px, tell()));
        }
    }

    fn report(self, plane: Plane, width: usize, findings: &mut Vec<Finding>) {
        let Some((px, message)) = self.first else {
            return;
        };
        let more = match self.count - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let pixel = Some([px % width, px / width]);
        findings.push(Finding::new(Check::LonePixel, message + &more).at(plane, pixel));
    }
}

/// Reports lone pixels of depth, alpha and the picture.
pub(super) fn check_outliers(
    planes: &PlaneSlices<'_>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let PlaneSlices { width, height, .. } = *planes;
    let [mut depth, mut alpha, mut picture]: [Lone; 3] = Default::default();
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let px = y * width + x;
            // The commonest cases first: what they ask of neighbours is cheap.
            match planes.alpha8[px - 1] {
                255 => check_surface(planes, px, config, &mut depth, &mut alpha),
                0 => check_empty(planes, px, config, &mut alpha),
                _ => {}
            }
            check_channels(planes, px, config, &mut picture);
        }
    }
    depth.report(Plane::Depth, width, findings);
    alpha.report(Plane::Alpha, width, findings);
    picture.report(Plane::Rgb8, width, findings);
}

/// Depth and alpha amid an opaque, smooth surface.
fn check_surface(
    planes: &PlaneSlices<'_>,
    px: usize,
    config: &VerifyConfig,
    depth: &mut Lone,
    alpha: &mut Lone,
) {
    let PlaneSlices {
        alpha8,
        depth_m,
        normal,
        ..
    } = *planes;
    let ring = around(px, planes.width);
    if !ring.iter().all(|&n| alpha8[n] == 255) {
        return;
    }
    let depths = ring.map(|n| depth_m[n]);
    let (near, far) = depths
        .iter()
        .fold((f32::INFINITY, 0.0f32), |(a, b), &d| (a.min(d), b.max(d)));
    // Written so that what is no number, or infinite, is not smooth.
    let is_smooth = far - near <= 2.0 * config.smooth_depth_step * near;
    if !is_smooth {
        return;
    }
    let here = depth_m[px];
    // Nearly every pixel: the normals need not be asked.
    let tight = config.lone_depth_ratio;
    let is_plain = here <= tight * far && here * tight >= near;
    if !here.is_finite() || is_plain && alpha8[px] >= config.lone_alpha_min {
        return;
    }
    let mean = ring.iter().fold([0.0f32; 3], |sum, &n| {
        [0, 1, 2].map(|axis| sum[axis] + normal[n][axis] / 8.0)
    });
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let is_like = |n: usize| dot(normal[n], mean) > config.smooth_normal_cosine;
    let is_even = ring.iter().all(|&n| is_like(n));
    let is_bare = planes
        .is_hair
        .is_some_and(|is_hair| !is_hair[px] && ring.iter().all(|&n| !is_hair[n]));
    let ratio = if is_bare && is_even && is_like(px) {
        config.lone_depth_ratio
    } else {
        config.lone_depth_ratio_with_hair
    };
    if here > ratio * far || here * ratio < near {
        depth.note(px, || {
            format!("{here} m amid a smooth surface at {near} m to {far} m")
        });
        return;
    }
    let alpha_min = if is_bare {
        config.lone_alpha_min
    } else {
        config.lone_alpha_min_with_hair
    };
    let is_near = (here - near).abs() < 3.0 * config.smooth_depth_step * near;
    if alpha8[px] < alpha_min && is_even && is_near {
        alpha.note(px, || {
            format!("{} of 255 amid an opaque, smooth surface", alpha8[px])
        });
    }
}

/// Alpha amid pixels without the person.
fn check_empty(planes: &PlaneSlices<'_>, px: usize, config: &VerifyConfig, alpha: &mut Lone) {
    let found = planes.alpha8[px];
    let is_lone = found > config.lone_alpha_max
        && around(px, planes.width)
            .iter()
            .all(|&n| planes.alpha8[n] == 0);
    if is_lone {
        alpha.note(px, || {
            format!("{found} of 255 amid pixels without the person")
        });
    }
}

/// One channel of the picture amid even surroundings.
fn check_channels(planes: &PlaneSlices<'_>, px: usize, config: &VerifyConfig, picture: &mut Lone) {
    let rgb = |px: usize| -> [u8; 3] { std::array::from_fn(|k| planes.rgb8[3 * px + k]) };
    let (here, left) = (rgb(px), rgb(px - 1));
    // Nearly every pixel is like the one to its left.
    if (0..3).all(|k| here[k].abs_diff(left[k]) <= config.lone_rgb_max) {
        return;
    }
    let ring = around(px, planes.width).map(rgb);
    let mut off = [0u8; 3];
    for k in 0..3 {
        let (low, high) = ring.iter().fold((u8::MAX, 0), |(low, high), rgb| {
            (low.min(rgb[k]), high.max(rgb[k]))
        });
        if high - low > EVEN_SPAN {
            return;
        }
        off[k] = low
            .saturating_sub(here[k])
            .max(here[k].saturating_sub(high));
    }
    let n_off = off.iter().filter(|&&v| v > config.lone_rgb_max).count();
    let n_like = off.iter().filter(|&&v| v <= OTHER_CHANNELS_MAX).count();
    if (n_off, n_like) == (1, 2) {
        picture.note(px, || {
            format!("{here:?} amid pixels like {left:?}: one channel alone differs")
        });
    }
}
