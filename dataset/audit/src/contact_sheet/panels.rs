//! The panels of a sample: picture, matte over a checkerboard, depth, normals, then the planes
//! that only some datasets store.
//!
//! The picture and the matte are averaged when they shrink; depth and normals show single pixels,
//! since a blend of two depths belongs to no surface.

use super::SheetSample;

/// Panels that every sample has, in the order in which they stand; also panels in a row.
pub(super) const N_PANELS: usize = 4;

const CHECKER_PX: usize = 8;
const CHECKER: [u8; 2] = [0x66, 0x99];
pub(super) const NO_SURFACE: [u8; 3] = [0x20; 3];

/// Stops of the depth ramp, near to far: lightness falls all the way, so that it also reads in
/// grey and to those who see fewer colours.
pub(crate) const DEPTH_RAMP: [[u8; 3]; 6] = [
    [253, 243, 198],
    [248, 186, 98],
    [222, 110, 75],
    [158, 58, 98],
    [84, 36, 99],
    [22, 16, 54],
];

/// Which part of the depth range is shown, in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DepthRange {
    pub(super) near_m: f32,
    pub(super) far_m: f32,
}

impl DepthRange {
    /// From the 1st to the 99th percentile of the finite depths; `None` where there are none.
    pub(super) fn of(depth_m: &[f32]) -> Option<Self> {
        let mut finite: Vec<f32> = depth_m.iter().copied().filter(|d| d.is_finite()).collect();
        if finite.is_empty() {
            return None;
        }
        finite.sort_by(f32::total_cmp);
        let last = finite.len() - 1;
        let near_m = finite[last / 100];
        let far_m = finite[last - last / 100];
        // A flat range would divide by zero; a millimetre is below what is shown.
        Some(Self {
            near_m,
            far_m: far_m.max(near_m + 1e-3),
        })
    }

    pub(super) fn share(self, depth_m: f32) -> f32 {
        (depth_m - self.near_m) / (self.far_m - self.near_m)
    }
}

/// Colour of a share of the depth range, 0 near to 1 far.
pub(super) fn depth_color(share: f32) -> [u8; 3] {
    let last = DEPTH_RAMP.len() - 1;
    let place = share.clamp(0.0, 1.0) * last as f32;
    let stop = (place as usize).min(last - 1);
    let part = place - stop as f32;
    std::array::from_fn(|c| {
        let (a, b) = (
            f32::from(DEPTH_RAMP[stop][c]),
            f32::from(DEPTH_RAMP[stop + 1][c]),
        );
        (a + (b - a) * part).round() as u8
    })
}

/// Colour of one pixel of a panel of `size` pixels.
pub(super) fn panel_color(
    sample: &SheetSample,
    panel: usize,
    at: [usize; 2],
    size: [usize; 2],
    range: Option<DepthRange>,
) -> [u8; 3] {
    let [x0, x1] = source_span(at[0], size[0], sample.width);
    let [y0, y1] = source_span(at[1], size[1], sample.height);
    let center = (y0 + y1) / 2 * sample.width + (x0 + x1) / 2;
    let mean = |value: &dyn Fn(usize) -> f32| {
        let mut sum = 0.0;
        for y in y0..y1 {
            for x in x0..x1 {
                sum += value(y * sample.width + x);
            }
        }
        sum / ((x1 - x0) * (y1 - y0)) as f32
    };
    match panel {
        // Squares stand for light closely enough to average on a small picture.
        0 => {
            std::array::from_fn(|c| mean(&|px| square(sample.rgb[3 * px + c])).sqrt().round() as u8)
        }
        1 => {
            let is_odd = (at[0] / CHECKER_PX + at[1] / CHECKER_PX) % 2 == 1;
            let ground = square(CHECKER[usize::from(is_odd)]);
            std::array::from_fn(|c| {
                let blend = |px: usize| {
                    let alpha = f32::from(sample.alpha[px]) / 255.0;
                    alpha * square(sample.rgb[3 * px + c]) + (1.0 - alpha) * ground
                };
                mean(&blend).sqrt().round() as u8
            })
        }
        2 => match range {
            Some(range) if sample.depth_m[center].is_finite() => {
                depth_color(range.share(sample.depth_m[center]))
            }
            _ => NO_SURFACE,
        },
        4.. => {
            let rgb = &sample.more[panel - N_PANELS].rgb;
            [rgb[3 * center], rgb[3 * center + 1], rgb[3 * center + 2]]
        }
        _ => {
            let normal = sample.normal[center];
            if normal == [0.0; 3] {
                NO_SURFACE
            } else {
                normal.map(|v| ((v.clamp(-1.0, 1.0) * 0.5 + 0.5) * 255.0).round() as u8)
            }
        }
    }
}

fn square(value: u8) -> f32 {
    f32::from(value) * f32::from(value)
}

/// The pixels of a source of `n_source` that pixel `at` of `n_shown` covers; never none.
fn source_span(at: usize, n_shown: usize, n_source: usize) -> [usize; 2] {
    let start = (at * n_source / n_shown).min(n_source - 1);
    let end = ((at + 1) * n_source / n_shown).clamp(start + 1, n_source);
    [start, end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_ramp_darkens_with_distance() {
        let lightness = |share: f32| depth_color(share).map(u32::from).iter().sum::<u32>();
        for step in 0..20 {
            let (near, far) = (step as f32 / 20.0, (step + 1) as f32 / 20.0);
            assert!(lightness(near) > lightness(far), "{near}");
        }
        assert_eq!(depth_color(-1.0), DEPTH_RAMP[0]);
    }

    #[test]
    fn the_depth_range_ignores_what_has_no_surface() {
        let range = DepthRange::of(&[f32::INFINITY, 2.0, 3.0]).unwrap();
        assert_eq!(
            range,
            DepthRange {
                near_m: 2.0,
                far_m: 3.0
            }
        );
        assert_eq!(DepthRange::of(&[f32::INFINITY]), None);
    }

    #[test]
    fn spans_cover_the_source_and_are_never_empty() {
        for (n_shown, n_source) in [(7, 3), (3, 7), (5, 5), (1, 9)] {
            let spans: Vec<_> = (0..n_shown)
                .map(|at| source_span(at, n_shown, n_source))
                .collect();
            assert!(
                spans
                    .iter()
                    .all(|[start, end]| start < end && *end <= n_source)
            );
            assert_eq!((spans[0][0], spans[n_shown - 1][1]), (0, n_source));
        }
    }
}
