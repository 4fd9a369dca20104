//! What each named style does to its cut.
//!
//! Places are template decimetres, as in [`super::cut`].

use bottega_schemas::params::{HairCut, HairStyle};
use glam::Vec3;

/// Hair over the forehead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fringe {
    /// None, or a straight one now and then, as the cut has it.
    ByChance,
    /// None.
    Bare,
    /// Straight down, to this height.
    Straight(f32),
    /// Swept to a side.
    Side,
    /// To both sides from the middle.
    Curtain,
}

/// Sides and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sides {
    /// As the cut has them.
    OfCut,
    /// Clipped to this length below a line of this height.
    Clipped { length_m: f32, below_dm: f32 },
    /// Clipped to this length but for a strip over the middle of this half width.
    Strip { length_m: f32, half_dm: f32 },
}

/// What hangs on a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tied {
    Tail,
    Braid,
    Knot,
}

/// One tie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TiePlace {
    pub(crate) tied: Tied,
    /// Direction from the middle of the head: angle above the level, or by chance.
    pub(crate) pitch_rad: Option<f32>,
    /// Angle from the back of the head toward the person's left.
    pub(crate) yaw_rad: f32,
}

/// Which roots a tie takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gathered {
    /// All of them, each to the nearest tie of its side.
    All,
    /// Those of the upper half.
    Upper,
}

/// How strands are bound to ropes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rope {
    /// Radius, in metres.
    pub(crate) radius_m: f32,
    /// Distance between the middles of the ropes on the scalp, in metres.
    pub(crate) spacing_m: f32,
    pub(crate) bond: Bond,
}

/// The pattern within a rope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bond {
    /// Matted.
    Loc,
    /// Two strands wound around each other.
    Twist,
    /// Three strands plaited.
    Braid,
}

/// A style in numbers; what is `None` the head's own chance decides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) fringe: Fringe,
    pub(crate) sides: Sides,
    /// Sideways sweep of short hair, in `[-1, 1]`.
    pub(crate) sweep: Option<f32>,
    /// How far short hair on top stands up, in `[0, 1]`; below 0 it lies forward.
    pub(crate) rise: Option<f32>,
    /// Whether short hair lies flat to the back.
    pub(crate) slick: bool,
    /// Length at the neck where it hangs below the cut, in metres.
    pub(crate) neck_m: Option<f32>,
    /// Factor on the spread of the ends.
    pub(crate) layers: f32,
    /// Height added to the ends.
    pub(crate) ends_dm: f32,
    pub(crate) ties: Vec<TiePlace>,
    pub(crate) gathered: Gathered,
    pub(crate) rope: Option<Rope>,
    /// Whether the hair is braided onto the scalp.
    pub(crate) rows: bool,
    /// Place of the parting, -1 to 1, where the style says so.
    pub(crate) parting: Option<f32>,
}

const HIGH: Sides = Sides::Clipped {
    length_m: 0.0025,
    below_dm: 7.95,
};

impl Style {
    fn plain(cut: HairCut) -> Self {
        let tie = |tied| {
            vec![TiePlace {
                tied,
                pitch_rad: None,
                yaw_rad: 0.0,
            }]
        };
        Self {
            fringe: match cut {
                HairCut::Bob | HairCut::Long => Fringe::ByChance,
                _ => Fringe::Bare,
            },
            sides: Sides::OfCut,
            sweep: None,
            rise: None,
            slick: false,
            neck_m: None,
            layers: 1.0,
            ends_dm: 0.0,
            ties: match cut {
                HairCut::Ponytail => tie(Tied::Tail),
                HairCut::Bun => tie(Tied::Knot),
                _ => Vec::new(),
            },
            gathered: Gathered::All,
            rope: None,
            rows: false,
            parting: None,
        }
    }

    /// The style of this name.
    pub(crate) fn of(style: HairStyle) -> Self {
        let plain = Self::plain(style.cut());
        let tie = |tied, pitch_rad, yaw_rad| TiePlace {
            tied,
            pitch_rad: Some(pitch_rad),
            yaw_rad,
        };
        let pair = |tied, pitch_rad, yaw_rad| {
            vec![
                tie(tied, pitch_rad, yaw_rad),
                tie(tied, pitch_rad, -yaw_rad),
            ]
        };
        let rope = |bond, radius_mm: f32, spacing_mm: f32| {
            Some(Rope {
                radius_m: 1e-3 * radius_mm,
                spacing_m: 1e-3 * spacing_mm,
                bond,
            })
        };
        use HairStyle as H;
        match style {
            H::Buzz | H::Crop | H::SidePart | H::Bob | H::Long | H::Afro | H::Ponytail | H::Bun => {
                plain
            }
            H::BuzzFade => Self {
                sides: Sides::Clipped {
                    length_m: 0.0012,
                    below_dm: 7.9,
                },
                ..plain
            },
            H::BuzzStrip => Self {
                sides: Sides::Strip {
                    length_m: 0.001,
                    half_dm: 0.24,
                },
                ..plain
            },
            H::FrenchCrop => Self {
                fringe: Fringe::Straight(7.72),
                rise: Some(-0.3),
                sweep: Some(0.0),
                sides: Sides::Clipped {
                    length_m: 0.004,
                    below_dm: 7.8,
                },
                ..plain
            },
            H::Caesar => Self {
                rise: Some(-0.4),
                sweep: Some(0.0),
                ..plain
            },
            H::IvyLeague => Self {
                rise: Some(0.35),
                sweep: Some(0.9),
                ..plain
            },
            H::Quiff => Self {
                rise: Some(0.85),
                sweep: Some(0.25),
                ..plain
            },
            H::Pompadour => Self {
                rise: Some(1.15),
                sweep: Some(0.0),
                ..plain
            },
            H::SlickedBack => Self {
                slick: true,
                sweep: Some(0.0),
                ..plain
            },
            H::Spiky => Self {
                rise: Some(0.62),
                ..plain
            },
            H::HighFade => Self {
                sides: HIGH,
                ..plain
            },
            H::Undercut => Self {
                sides: HIGH,
                slick: true,
                sweep: Some(0.5),
                ..plain
            },
            H::Mohawk => Self {
                sides: Sides::Strip {
                    length_m: 0.0015,
                    half_dm: 0.22,
                },
                rise: Some(0.75),
                sweep: Some(0.0),
                ..plain
            },
            H::FauxHawk => Self {
                sides: Sides::Strip {
                    length_m: 0.009,
                    half_dm: 0.3,
                },
                rise: Some(0.75),
                sweep: Some(0.0),
                ..plain
            },
            H::Pixie => Self {
                fringe: Fringe::Side,
                rise: Some(0.0),
                ..plain
            },
            H::Mullet => Self {
                neck_m: Some(0.14),
                rise: Some(0.3),
                ..plain
            },
            H::CombOver => Self {
                parting: Some(0.95),
                ..plain
            },
            H::PartedFade => Self {
                sides: HIGH,
                ..plain
            },
            H::Curtains => Self {
                fringe: Fringe::Curtain,
                parting: Some(0.0),
                ..plain
            },
            H::BobFringe | H::LongFringe => Self {
                fringe: Fringe::Straight(7.56),
                ..plain
            },
            H::BobSideFringe | H::LongSideFringe => Self {
                fringe: Fringe::Side,
                ..plain
            },
            H::CurtainFringe => Self {
                fringe: Fringe::Curtain,
                parting: Some(0.0),
                ..plain
            },
            H::Bowl => Self {
                fringe: Fringe::Straight(7.5),
                ends_dm: 0.45,
                layers: 0.5,
                ..plain
            },
            H::LongBob => Self {
                ends_dm: -0.5,
                layers: 1.5,
                ..plain
            },
            H::Shag => Self {
                fringe: Fringe::Curtain,
                layers: 7.0,
                ..plain
            },
            H::LongLayers => Self {
                layers: 2.6,
                ..plain
            },
            H::HalfUp => Self {
                ties: vec![tie(Tied::Tail, 0.55, 0.0)],
                gathered: Gathered::Upper,
                fringe: Fringe::Bare,
                ..plain
            },
            H::HalfUpBun => Self {
                ties: vec![tie(Tied::Knot, 0.75, 0.0)],
                gathered: Gathered::Upper,
                fringe: Fringe::Bare,
                ..plain
            },
            // Length and sides are the draw's and the cut's.
            H::AfroShort => plain,
            H::AfroTapered => Self {
                sides: Sides::Clipped {
                    length_m: 0.005,
                    below_dm: 7.85,
                },
                ..plain
            },
            H::AfroHawk => Self {
                sides: Sides::Strip {
                    length_m: 0.004,
                    half_dm: 0.32,
                },
                ..plain
            },
            H::PonytailHigh => Self {
                ties: vec![tie(Tied::Tail, 0.95, 0.0)],
                ..plain
            },
            H::PonytailLow => Self {
                ties: vec![tie(Tied::Tail, -0.25, 0.0)],
                ..plain
            },
            H::PonytailSide => Self {
                ties: vec![tie(Tied::Tail, 0.3, 0.95)],
                ..plain
            },
            H::PonytailFringe => Self {
                fringe: Fringe::Straight(7.56),
                ..plain
            },
            H::Pigtails => Self {
                ties: pair(Tied::Tail, 0.05, 0.85),
                ..plain
            },
            H::Braid => Self {
                ties: vec![tie(Tied::Braid, -0.05, 0.0)],
                ..plain
            },
            H::TwoBraids => Self {
                ties: pair(Tied::Braid, -0.15, 0.8),
                ..plain
            },
            H::Cornrows => Self {
                rows: true,
                ties: Vec::new(),
                ..plain
            },
            H::BunLow => Self {
                ties: vec![tie(Tied::Knot, -0.2, 0.0)],
                ..plain
            },
            H::TopKnot => Self {
                ties: vec![tie(Tied::Knot, 1.25, 0.0)],
                ..plain
            },
            H::TwoBuns => Self {
                ties: pair(Tied::Knot, 0.95, 0.95),
                ..plain
            },
            H::TopKnotUndercut => Self {
                ties: vec![tie(Tied::Knot, 0.95, 0.0)],
                sides: HIGH,
                ..plain
            },
            H::LocsShort | H::LocsLong => Self {
                rope: rope(Bond::Loc, 3.4, 15.0),
                fringe: Fringe::Bare,
                ..plain
            },
            H::Twists => Self {
                rope: rope(Bond::Twist, 3.0, 14.0),
                fringe: Fringe::Bare,
                ..plain
            },
            H::BoxBraids | H::BoxBraidsShort => Self {
                rope: rope(Bond::Braid, 2.7, 13.0),
                fringe: Fringe::Bare,
                ..plain
            },
        }
    }

    /// Length to which a root of the sides is clipped, in metres, and how surely, in `[0, 1]`.
    pub(crate) fn clipped(&self, root_dm: Vec3) -> Option<(f32, f32)> {
        use bottega_geometry::math::smoothstep;
        match self.sides {
            Sides::OfCut => None,
            Sides::Clipped { length_m, below_dm } => {
                // The line rises toward the back of the head.
                let line = below_dm + 0.25 * smoothstep(0.2, -0.4, root_dm.z);
                Some((length_m, smoothstep(line + 0.1, line - 0.1, root_dm.y)))
            }
            Sides::Strip { length_m, half_dm } => {
                let away = smoothstep(half_dm - 0.03, half_dm + 0.03, root_dm.x.abs());
                let low = smoothstep(7.5, 7.3, root_dm.y);
                Some((length_m, away.max(low)))
            }
        }
    }

    /// Whether a root is of the hair that is tied.
    pub(crate) fn gathers(&self, root_dm: Vec3) -> bool {
        (self.rows || !self.ties.is_empty())
            && match self.gathered {
                Gathered::All => true,
                Gathered::Upper => 7.78 < root_dm.y - 0.12 * root_dm.z,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_are_not_their_cut_say_how() {
        for &style in HairStyle::ALL {
            let plain = Style::of(HairStyle::plain(style.cut()));
            let same = Style::of(style) == plain;
            let named = style == HairStyle::plain(style.cut()) || style == HairStyle::AfroShort;
            assert_eq!(same, named, "{style:?}");
        }
    }
}
