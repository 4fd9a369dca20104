//! Hair over the forehead: which roots belong to it, where it falls, where it ends.
//!
//! Places are template decimetres, as in [`super::cut`].

use bottega_geometry::math;
use glam::Vec3;

use super::style::Fringe;

/// The fringe of one head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ForeheadHair {
    kind: Fringe,
    /// Height at which it ends over the nose.
    end_dm: f32,
    /// How much higher the shortest wisps end.
    ragged_dm: f32,
    /// Where a swept fringe goes: -1 the person's right, 1 left.
    way: f32,
    /// Phase of the line that parts it from the hair behind.
    phase: f32,
}

impl ForeheadHair {
    /// The fringe that a style asks for, if any; `u` names numbers in `[0, 1)`.
    pub(crate) fn new(kind: Fringe, sweep: f32, u: impl Fn(&str) -> f32) -> Option<Self> {
        let end = u("fringe end");
        let end_dm = match kind {
            Fringe::Bare => return None,
            Fringe::ByChance if 0.3 <= u("fringe") => return None,
            Fringe::ByChance => math::lerp(7.5, 7.62, end),
            Fringe::Straight(end_dm) => end_dm + 0.12 * (end - 0.5),
            Fringe::Side => math::lerp(7.3, 7.5, end),
            Fringe::Curtain => math::lerp(6.95, 7.2, end),
        };
        Some(Self {
            kind,
            end_dm,
            ragged_dm: math::lerp(0.1, 0.34, u("fringe ragged")),
            way: 1.0f32.copysign(sweep + 0.01),
            phase: std::f32::consts::TAU * u("fringe phase"),
        })
    }

    /// How far a root lies before the line that parts the fringe from the rest; negative behind.
    pub(crate) fn depth_dm(&self, root_dm: Vec3) -> f32 {
        // A triangle whose sides run from the top to the outer ends of the brows.
        let (tip, slope) = match self.kind {
            Fringe::Curtain => (0.62, 0.62),
            _ => (0.7, 0.72),
        };
        // Hair is not parted with a ruler.
        let zigzag = 0.035 * math::sin(23.0 * root_dm.x + self.phase)
            + 0.025 * math::sin(61.0 * root_dm.x + 2.0 * self.phase);
        root_dm.z - (tip + slope * root_dm.x.abs()) + zigzag
    }

    /// Whether it hangs beside the face instead of over it.
    pub(crate) fn parts(&self) -> bool {
        self.kind == Fringe::Curtain
    }

    /// Template direction in which a root is combed; not of unit length.
    pub(crate) fn comb(&self, root_dm: Vec3) -> Vec3 {
        match self.kind {
            Fringe::Side => Vec3::new(0.9 * self.way + 0.5 * root_dm.x, -0.35, 0.75),
            Fringe::Curtain => Vec3::new(1.1 * self.aside(root_dm), -0.2, 0.55),
            _ => {
                // Over the temples it falls straight down and closes the gap to the sides.
                let temple = math::smoothstep(0.22, 0.58, root_dm.x.abs());
                Vec3::new(
                    0.8 * root_dm.x,
                    math::lerp(-0.35, -1.0, temple),
                    math::lerp(1.0, -0.05, temple),
                )
            }
        }
    }

    /// Template direction that bends a strand besides its weight.
    pub(crate) fn pull(&self, root_dm: Vec3) -> Vec3 {
        match self.kind {
            Fringe::Side => Vec3::new(0.75 * self.way + 0.5 * root_dm.x, 0.0, 0.35),
            Fringe::Curtain => Vec3::new(0.9 * self.aside(root_dm), 0.0, 0.35),
            _ => Vec3::new(0.4 * root_dm.x, 0.0, 0.15),
        }
    }

    /// To the side on which it grows, from the parting on.
    fn aside(&self, root_dm: Vec3) -> f32 {
        (root_dm.x.abs() / 0.12).clamp(0.6, 1.0).copysign(root_dm.x)
    }

    /// Height at which a strand that has got to `place_dm` ends; `u` in `[0, 1)` is the place of
    /// its wisp among the layers.
    pub(crate) fn end_dm(&self, place_dm: Vec3, u: f32) -> f32 {
        // Toward the temples it grows longer and passes into the hair of the sides.
        let temple = match self.kind {
            Fringe::Straight(_) | Fringe::ByChance => {
                0.45 * math::smoothstep(0.38, 0.72, place_dm.x.abs())
            }
            _ => 0.0,
        };
        self.end_dm - temple + self.ragged_dm * u * u
    }
}
