//! Shapes of lenses, and what belongs to each frame.

use std::f32::consts::TAU;

use bottega_geometry::math;
use bottega_schemas::params::FrameKind;
use glam::Vec2;

/// Points along the outline of a lens.
pub(crate) const N_OUTLINE: usize = 72;

/// Where a frame has a rim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rim {
    /// All around.
    Full,
    /// Along the brow only.
    Upper,
    /// Heavy along the brow, wire below.
    Browline,
    /// None.
    None,
}

/// What sets one frame apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Width and height of a lens on a usual face, in metres.
    pub(crate) lens_m: Vec2,
    /// Distance between the lenses, in metres.
    pub(crate) bridge_m: f32,
    /// Exponent of the superellipse: 2 is round, more is square.
    square: f32,
    /// How much wider the top is than the bottom.
    taper: f32,
    /// How far the outer corner of the top is drawn up.
    lift: f32,
    /// How much is cut away toward the nose below.
    nasal: f32,
    /// Straight sides instead of a curve; 0 for none.
    sides: usize,
    /// Where the rim is.
    pub(crate) rim: Rim,
    /// Width of the rim of acetate, in metres.
    pub(crate) rim_m: f32,
    /// Radius of the turn of the front around the face, in metres.
    pub(crate) wrap_m: f32,
    /// Whether a second bar spans the nose.
    pub(crate) brow_bar: bool,
    /// Height of the middle of the lenses under the pupils, as a share of the lens.
    pub(crate) drop: f32,
}

impl Style {
    /// The style of a frame.
    pub(crate) fn of(kind: FrameKind) -> Self {
        let usual = Self {
            lens_m: Vec2::new(0.049, 0.038),
            bridge_m: 0.018,
            square: 3.0,
            taper: 0.05,
            lift: 0.0,
            nasal: 0.15,
            sides: 0,
            rim: Rim::Full,
            rim_m: 0.0032,
            wrap_m: 0.26,
            brow_bar: false,
            drop: 0.08,
        };
        match kind {
            FrameKind::Rectangular => Self {
                lens_m: Vec2::new(0.051, 0.031),
                square: 4.6,
                ..usual
            },
            FrameKind::Square => Self {
                lens_m: Vec2::new(0.049, 0.041),
                square: 4.2,
                rim_m: 0.0036,
                ..usual
            },
            FrameKind::Round => Self {
                lens_m: Vec2::new(0.046, 0.046),
                square: 2.0,
                taper: 0.0,
                nasal: 0.0,
                bridge_m: 0.021,
                drop: 0.1,
                ..usual
            },
            FrameKind::Oval => Self {
                lens_m: Vec2::new(0.049, 0.034),
                square: 2.1,
                taper: 0.0,
                nasal: 0.0,
                ..usual
            },
            FrameKind::Panto => Self {
                lens_m: Vec2::new(0.047, 0.041),
                square: 2.4,
                taper: 0.1,
                nasal: 0.08,
                bridge_m: 0.020,
                ..usual
            },
            FrameKind::CatEye => Self {
                lens_m: Vec2::new(0.051, 0.039),
                square: 2.7,
                taper: 0.14,
                lift: 0.24,
                rim_m: 0.0036,
                ..usual
            },
            FrameKind::Aviator => Self {
                lens_m: Vec2::new(0.054, 0.047),
                square: 2.5,
                taper: 0.14,
                nasal: 0.34,
                bridge_m: 0.016,
                brow_bar: true,
                drop: 0.12,
                ..usual
            },
            FrameKind::Browline => Self {
                lens_m: Vec2::new(0.049, 0.039),
                square: 2.8,
                taper: 0.08,
                rim: Rim::Browline,
                rim_m: 0.0052,
                ..usual
            },
            FrameKind::Rimless => Self {
                lens_m: Vec2::new(0.050, 0.032),
                square: 3.4,
                rim: Rim::None,
                rim_m: 0.0,
                ..usual
            },
            FrameKind::HalfRim => Self {
                lens_m: Vec2::new(0.051, 0.032),
                square: 3.2,
                rim: Rim::Upper,
                ..usual
            },
            FrameKind::Wayfarer => Self {
                lens_m: Vec2::new(0.050, 0.040),
                square: 3.4,
                taper: 0.13,
                lift: 0.1,
                rim_m: 0.0046,
                ..usual
            },
            FrameKind::Hexagonal => Self {
                lens_m: Vec2::new(0.050, 0.043),
                taper: 0.0,
                nasal: 0.0,
                sides: 6,
                bridge_m: 0.020,
                ..usual
            },
            FrameKind::Oversized => Self {
                lens_m: Vec2::new(0.056, 0.050),
                square: 2.9,
                taper: 0.08,
                rim_m: 0.0042,
                bridge_m: 0.016,
                drop: 0.14,
                ..usual
            },
            FrameKind::Sport => Self {
                lens_m: Vec2::new(0.060, 0.038),
                square: 2.9,
                taper: 0.1,
                lift: 0.1,
                nasal: 0.3,
                rim: Rim::Upper,
                rim_m: 0.0040,
                wrap_m: 0.105,
                bridge_m: 0.014,
                drop: 0.06,
                ..usual
            },
        }
    }

    /// The outline in shares of half the lens: x away from the nose, y up. Starts at the side away
    /// from the nose and goes over the top.
    pub(crate) fn outline(&self) -> Vec<Vec2> {
        (0..N_OUTLINE)
            .map(|k| {
                let angle = TAU * k as f32 / N_OUTLINE as f32;
                let mut p = if self.sides == 0 {
                    self.curve(angle)
                } else {
                    polygon(angle, self.sides)
                };
                if 0.0 < p.y {
                    // The outer corner of the top is drawn up, and out.
                    let outer = math::smoothstep(-0.2, 1.0, p.x) * p.y;
                    p.y += self.lift * outer;
                    p.x += 0.35 * self.lift * outer;
                } else if p.x < 0.0 {
                    p.x *= 1.0 - self.nasal * p.y * p.y;
                }
                p.x *= 1.0 + self.taper * p.y;
                p
            })
            .collect()
    }

    fn curve(&self, angle: f32) -> Vec2 {
        let (sin, cos) = math::sin_cos(angle);
        let round = |x: f32| math::pow(x.abs(), 2.0 / self.square).copysign(x);
        Vec2::new(round(cos), round(sin))
    }
}

/// A point of a polygon with slightly rounded corners, flat on top.
fn polygon(angle: f32, sides: usize) -> Vec2 {
    let wedge = TAU / sides as f32;
    // Flat sides on top and below have their middles at a quarter turn.
    let turned = angle - 0.25 * TAU;
    let off = turned - wedge * (turned / wedge).round();
    let inner = math::cos(0.5 * wedge);
    let straight = inner / math::cos(off);
    let radius = straight.min(0.965);
    let (sin, cos) = math::sin_cos(angle);
    Vec2::new(cos, sin / inner) * radius
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_simple_and_fill_their_box() {
        for kind in FrameKind::ALL {
            let outline = Style::of(kind).outline();
            let area: f32 = (0..N_OUTLINE)
                .map(|k| outline[k].perp_dot(outline[(k + 1) % N_OUTLINE]))
                .sum();
            assert!((4.5..9.0).contains(&area), "{kind:?} {area}");
            // Seen from the middle it turns one way only.
            for k in 0..N_OUTLINE {
                let turn = outline[k].perp_dot(outline[(k + 1) % N_OUTLINE]);
                assert!(0.0 < turn, "{kind:?} {k}");
                assert!(outline[k].abs().max_element() < 1.35, "{kind:?}");
            }
        }
    }
}
