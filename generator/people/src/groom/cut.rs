//! What each cut asks of a strand: its length, how it leaves the skin, what bends it, where it ends.
//!
//! All coordinates are template decimetres: the crown is at y = 8.5, the brows at 7.4, the chin at
//! 6.2; the back of the head is at z = -0.4, the forehead at 1.4, the ears at |x| = 0.8, z = 0.5.

use bottega_geometry::math;
use bottega_schemas::{
    params::{HairCut, HairType, ScalpHairParams},
    seed::Seed,
};
use glam::{Vec2, Vec3};

use super::{
    curl::Curl,
    forehead::ForeheadHair,
    root::Root,
    style::Style,
    surface::HeadFrame,
    walk::{Course, Pull},
};

/// Where the side of the head passes into its top.
const TOP_DM: [f32; 2] = [7.55, 8.2];

/// The lot of strands that hang over the forehead, beside the sides -1, 0, 1 of the parting.
pub(crate) const FRINGE: i8 = 2;

/// Half the width of the head, and the distance of its back from the ears.
const HEAD_DM: Vec2 = Vec2::new(0.76, 0.86);

/// 0 over the head, 1 beside and behind it, where hair hangs.
fn past_edge(p_dm: Vec3) -> f32 {
    let from_ears = Vec2::new(p_dm.x, (p_dm.z - 0.42).min(0.0)) / HEAD_DM;
    math::smoothstep(0.72, 1.02, from_ears.length())
}

/// A cut on one head.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) kind: HairCut,
    pub(crate) curl: Curl,
    pub(crate) frame: HeadFrame,
    volume: f32,
    /// Length along the axis of the curls, in metres.
    axis_m: f32,
    /// Place of the parting at the front.
    parting_dm: f32,
    /// Height at which hanging hair is cut off.
    ends_dm: f32,
    /// Spread of that height.
    layers_dm: f32,
    /// Whether the hair beside the face falls before the shoulder, right and left.
    before_shoulder: [bool; 2],
    /// Sideways sweep of short hair, in `[-1, 1]`.
    sweep: f32,
    /// How far short hair on top stands up, in `[0, 1]`.
    rise: f32,
    /// The hair over the forehead, if the cut has any.
    fringe: Option<ForeheadHair>,
    /// What the style adds.
    pub(crate) style: Style,
    phase: f32,
}

impl Cut {
    /// The cut that the parameters ask for.
    pub(crate) fn new(params: &ScalpHairParams, frame: HeadFrame, seed: Seed) -> Self {
        let u = |name: &str| seed.child(name).unit_f64() as f32;
        let kind = params.cut;
        let style = Style::of(params.style());
        let curl = Curl::of(match kind {
            // Ropes hang straight.
            _ if style.rope.is_some() => HairType::T1,
            // A few millimetres are too short to curl; a ball needs coils to stand.
            HairCut::Buzz => HairType::T1,
            HairCut::Afro => params.hair_type.max(HairType::T3C),
            _ => params.hair_type,
        });
        let length_m = params.length_m.clamp(0.002, 1.2);
        let axis_m = length_m / curl.stretch();
        let parted = if let Some(parting) = style.parting {
            parting
        } else if kind == HairCut::SidePart && params.parting.abs() < 0.15 {
            if u("part side") < 0.5 { -0.7 } else { 0.7 }
        } else {
            params.parting.clamp(-1.0, 1.0)
        };
        // From the parting over the widest place of the head takes 1.35 dm, then it hangs.
        let reach_dm = 10.0 * axis_m - 1.35;
        let sweep = match style.sweep {
            // The style says how far, the head to which side.
            Some(sweep) => sweep * if u("sweep") < 0.5 { -1.0 } else { 1.0 },
            None => 2.0 * u("sweep") - 1.0,
        };
        Self {
            kind,
            curl,
            frame,
            volume: params.volume.clamp(0.0, 1.0),
            axis_m,
            parting_dm: 0.36 * parted,
            ends_dm: 7.6 - reach_dm + style.ends_dm,
            layers_dm: style.layers
                * match kind {
                    HairCut::Bob => 0.12,
                    _ => 0.22 * reach_dm.max(0.5),
                },
            before_shoulder: [u("right shoulder") < 0.45, u("left shoulder") < 0.45],
            sweep,
            rise: style.rise.unwrap_or_else(|| u("rise")),
            fringe: ForeheadHair::new(style.fringe, sweep, u),
            phase: std::f32::consts::TAU * u("parting phase"),
            style,
        }
    }

    /// Whether a strand is drawn to a tie instead of walking freely.
    pub(crate) fn is_tied(&self, root_dm: Vec3, side: i8) -> bool {
        side != FRINGE && self.style.gathers(root_dm) && !self.is_clipped(root_dm)
    }

    /// Whether the style clips a root of the sides.
    fn is_clipped(&self, root_dm: Vec3) -> bool {
        (self.style.clipped(root_dm)).is_some_and(|(_, surely)| 0.5 < surely)
    }

    /// Length along the axis of the curls, in metres.
    pub(crate) fn axis_m(&self) -> f32 {
        self.axis_m
    }

    /// Lift of the roots, in `[0, 1]`.
    pub(crate) fn volume(&self) -> f32 {
        self.volume
    }

    /// Side of the parting on which a root grows, or the fringe; 0 where there is no parting.
    pub(crate) fn side(&self, root_dm: Vec3) -> i8 {
        if (self.fringe).is_some_and(|fringe| 0.0 < fringe.depth_dm(root_dm)) {
            return FRINGE;
        }
        // Two ties part the hair in the middle, from front to nape.
        if 1 < self.style.ties.len() {
            let zigzag = 0.015 * math::sin(20.0 * root_dm.y + self.phase);
            return if root_dm.x < zigzag { -1 } else { 1 };
        }
        match self.kind {
            HairCut::SidePart | HairCut::Bob | HairCut::Long => {}
            _ => return 0,
        }
        // The parting runs from the forehead to the crown.
        if root_dm.z < 0.12 {
            return 0;
        }
        let back = math::smoothstep(0.5, 0.0, root_dm.z);
        let zigzag = 0.012 * math::sin(28.0 * root_dm.z + self.phase);
        if root_dm.x < self.parting_dm * (1.0 - 0.7 * back) + zigzag {
            -1
        } else {
            1
        }
    }

    /// 0 on the sides and the nape, 1 on top.
    fn top(root_dm: Vec3) -> f32 {
        // The back is cut like the sides to a higher line.
        let line = 0.25 * math::smoothstep(0.2, -0.3, root_dm.z);
        math::smoothstep(TOP_DM[0] + line, TOP_DM[1] + line, root_dm.y)
    }

    /// Length of the axis of a strand, `u` in `[0, 1)` varying it, in metres.
    fn strand_length_m(&self, root_dm: Vec3, side: i8, u: f32) -> f32 {
        let length_m = self.cut_length_m(root_dm, u);
        if side == FRINGE && self.kind == HairCut::Crop {
            // Long enough to reach the forehead.
            return length_m.max(0.045);
        }
        if let Some(neck_m) = self.style.neck_m {
            let low =
                math::smoothstep(7.75, 7.25, root_dm.y) * math::smoothstep(0.5, 0.1, root_dm.z);
            return length_m.max(math::lerp(length_m, neck_m, low));
        }
        match self.style.clipped(root_dm) {
            // Beside hair that is tied nothing is left half long.
            Some((clipped_m, surely)) if !self.style.ties.is_empty() && 0.5 < surely => {
                clipped_m * (1.0 - 0.2 * u)
            }
            Some((clipped_m, surely)) => {
                math::lerp(length_m, clipped_m * (1.0 - 0.2 * u), surely).min(length_m)
            }
            None => length_m,
        }
    }

    /// The same for the cut alone.
    fn cut_length_m(&self, root_dm: Vec3, u: f32) -> f32 {
        let jitter = |range: f32| 1.0 - range * u;
        let top = Self::top(root_dm);
        // Sides grow shorter toward nape and sideburn.
        let fade = math::lerp(0.3, 1.0, math::smoothstep(6.95, 7.75, root_dm.y));
        match self.kind {
            HairCut::Buzz => self.axis_m * jitter(0.15),
            HairCut::Crop => {
                let sides_m = (0.34 * self.axis_m).clamp(self.axis_m.min(0.006), 0.022) * fade;
                // Toward the crown the top grows shorter.
                let back = math::lerp(0.4, 1.0, math::smoothstep(-0.3, 0.55, root_dm.z));
                math::lerp(sides_m, self.axis_m * back, top) * jitter(0.22)
            }
            HairCut::SidePart => {
                let sides_m = (0.38 * self.axis_m).clamp(self.axis_m.min(0.008), 0.04) * fade;
                math::lerp(sides_m, self.axis_m, top) * jitter(0.18)
            }
            HairCut::Afro => {
                let low = math::lerp(0.62, 1.0, math::smoothstep(6.9, 7.7, root_dm.y));
                // Shorter strands fill the inside.
                self.axis_m * low * (1.0 - 0.55 * u * u)
            }
            HairCut::Bob => self.axis_m * jitter(0.04),
            HairCut::Long => self.axis_m * jitter(0.10),
            HairCut::Ponytail | HairCut::Bun => self.axis_m * jitter(0.15),
        }
    }

    /// Template direction in which hair at a root is combed; not of unit length.
    fn comb(&self, root_dm: Vec3, side: i8) -> Vec3 {
        let top = Self::top(root_dm);
        let flank = Vec3::new(0.0, -1.0, -0.38);
        // From the whorl at the crown hair grows outward on all sides.
        let from_whorl = root_dm - Vec3::new(0.06, 8.4, 0.02);
        let whorl =
            1.0 - math::smoothstep(0.25, 0.6, Vec2::new(from_whorl.x, from_whorl.z).length());
        let around = Vec3::new(from_whorl.x - 0.4 * from_whorl.z, -0.1, from_whorl.z)
            .normalize_or(Vec3::NEG_Z);
        match self.kind {
            HairCut::Buzz => {
                let forward = Vec3::new(0.25 * root_dm.x, -0.15, 1.0);
                flank.lerp(forward, top).lerp(around, top * whorl)
            }
            _ if side == FRINGE => self.fringe.map_or(Vec3::NEG_Y, |f| f.comb(root_dm)),
            HairCut::Crop if self.style.slick => {
                let back = Vec3::new(0.5 * self.sweep + 0.15 * root_dm.x, -0.12, -1.0);
                flank.lerp(back, top)
            }
            HairCut::Crop => {
                let swept = Vec3::new(0.7 * self.sweep, 0.0, 0.35 - 0.9 * self.rise);
                flank.lerp(swept, top).lerp(around, top * whorl)
            }
            HairCut::SidePart => {
                let over = Vec3::new(f32::from(side), -0.1, -0.45);
                let behind = Vec3::new(1.2 * root_dm.x, -0.7, -0.6);
                let front = math::smoothstep(0.1, 0.6, root_dm.z);
                flank
                    .lerp(behind.lerp(over, front), top)
                    .lerp(around, 0.4 * top * whorl)
            }
            HairCut::Bob | HairCut::Long => {
                let front = math::smoothstep(0.12, 0.6, root_dm.z);
                let brow = math::smoothstep(0.8, 1.3, root_dm.z);
                let x = math::lerp((root_dm.x / 0.4).clamp(-1.0, 1.0), f32::from(side), front);
                // With a fringe the hair of the temples falls before the ear.
                let back = match self.fringe {
                    Some(_) => -0.3 + 0.4 * math::smoothstep(0.4, 0.8, root_dm.z),
                    None => -0.3 - 0.45 * brow,
                };
                Vec3::new(0.95 * x, -0.7, back)
            }
            HairCut::Afro | HairCut::Ponytail | HairCut::Bun => {
                root_dm - Vec3::new(0.0, 7.55, 0.35)
            }
        }
    }

    /// Thickness of the coat of hanging hair, in metres.
    fn coat_m(&self) -> f32 {
        let bulk = (0.5 + 1.4 * self.curl.roundness) * self.curl.radius_m;
        0.005 + 0.014 * self.volume + bulk
    }

    /// The course of a free strand. `u` are four numbers in `[0, 1)`; `flyaway` strands stand off.
    pub(crate) fn course(&self, root: &Root, side: i8, u: [f32; 4], flyaway: bool) -> Course {
        let p = root.template_dm;
        let normal = root.normal;
        let length_m = self.strand_length_m(p, side, u[0]);
        let combed = self.frame.direction(self.comb(p, side));
        let tangent = (combed - normal * combed.dot(normal)).normalize_or_zero();
        let top = Self::top(p);
        // Only on the top of the head may hair stand; beside it, it lies on.
        let up = self.frame.direction(Vec3::Y).dot(normal);
        let upright = math::smoothstep(0.25, 0.85, up);
        // Height of the layer of this strand in the coat: hair from above lies on hair from below.
        let layer = math::smoothstep(6.9, 8.4, p.y) * math::lerp(0.75, 1.2, u[1]);
        let (lift_rad, hover_m, hover_onset_m, adhesion) = match self.kind {
            HairCut::Buzz => (1.0, 0.0, 0.01, 0.0),
            _ if self.is_clipped(p) => (0.35, 0.0, 0.01, 0.0),
            _ if side == FRINGE => {
                // Over the forehead it lies close; behind it passes into the coat of the rest.
                let depth_dm = self.fringe.map_or(0.0, |fringe| fringe.depth_dm(p));
                let front = math::smoothstep(0.0, 0.3, depth_dm);
                let behind_m = match self.kind {
                    HairCut::Bob | HairCut::Long => self.coat_m() * (0.1 + layer),
                    HairCut::Crop => 0.004 + 0.006 * u[1],
                    _ => 0.002 + 0.003 * u[1],
                };
                let hover_m = math::lerp(behind_m, 0.0012 + 0.0045 * u[1], front);
                (0.2 + 0.25 * self.volume, hover_m, 0.04, 0.75)
            }
            HairCut::Crop if self.style.slick => {
                let coat_m = 0.0015 + (0.003 + 0.008 * self.volume * top) * u[1];
                (0.2, coat_m, 0.03, 0.95)
            }
            HairCut::Crop => {
                // At the crown hair lies down toward the nape.
                let front = math::lerp(0.45, 1.0, math::smoothstep(-0.2, 0.5, p.z));
                let standing = front * (0.4 + 0.35 * self.rise + 0.35 * self.volume);
                let lift = math::lerp(0.22, standing, top * (0.35 + 0.65 * upright));
                let thick_m = (0.25 * length_m).min(0.008 + 0.008 * self.volume);
                let coat_m = thick_m * math::lerp(0.35, 1.0, upright) * (0.6 + 0.8 * u[1]);
                (lift, 0.002 + coat_m * top, 0.02, 0.45)
            }
            HairCut::SidePart => {
                // The narrow side of the parting lies flat, the wide one is brushed up and over.
                let wide = if f32::from(side) * self.parting_dm <= 0.0 {
                    1.0
                } else {
                    0.35
                };
                let lift = math::lerp(0.2, 0.3 + 0.55 * self.volume, top * upright * wide);
                let coat_m = math::lerp(0.0025, 0.004 + 0.014 * self.volume, top * wide);
                (lift, coat_m * math::lerp(0.35, 1.15, u[1]), 0.03, 0.9)
            }
            HairCut::Bob | HairCut::Long if self.style.rope.is_some() => {
                (0.5, 0.006 + 0.012 * layer, 0.05, 0.35)
            }
            HairCut::Bob | HairCut::Long => {
                let lift = 0.18 + 0.45 * self.volume;
                (lift, self.coat_m() * (0.1 + layer), 0.07, 0.35)
            }
            HairCut::Afro => (1.2, 0.0, 0.05, 0.0),
            HairCut::Ponytail | HairCut::Bun => (0.2, 0.0, 0.05, 0.0),
        };
        let lift_rad = if flyaway { lift_rad + 0.1 } else { lift_rad };
        let (sin, cos) = math::sin_cos(lift_rad.min(1.5));
        let (a, b) = math::orthonormal_basis(normal);
        let stray = if self.kind == HairCut::Afro {
            0.35
        } else {
            0.12
        };
        let jitter = (a * (u[2] - 0.5) + b * (u[3] - 0.5)) * (2.0 * stray);
        let direction = if self.kind == HairCut::Afro {
            // Before the face the ball of hair is rolled back.
            let back = Vec3::new(0.0, 0.55, -0.85) * math::smoothstep(0.6, 1.3, p.z);
            normal * 0.4 + combed * 0.6 + self.frame.direction(back) * 0.6
        } else {
            normal * sin + tangent * cos
        };
        Course {
            root: root.position,
            direction: (direction + jitter).normalize_or(normal),
            length_m,
            hover_m,
            hover_onset_m,
            adhesion: if flyaway { 0.8 * adhesion } else { adhesion },
            margin_m: 0.0008,
        }
    }

    /// What bends a free strand that passes `position` in `direction`, both in the world, `s_m`
    /// from its root; `bent` in `[-1, 1]` is the bent of its lock forward and sideways.
    pub(crate) fn pull(
        &self,
        root_dm: Vec3,
        side: i8,
        (position, direction): (Vec3, Vec3),
        s_m: f32,
        bent: [f32; 2],
    ) -> Pull {
        let p = self.frame.to_template(position);
        let down = Vec3::NEG_Y;
        if let (FRINGE, Some(fringe)) = (side, &self.fringe) {
            return Pull {
                toward: down + self.frame.direction(fringe.pull(root_dm)),
                bend_m: 0.024,
                coat: 1.0,
                press: 1.0,
            };
        }
        match self.kind {
            HairCut::Buzz | HairCut::Afro | HairCut::Ponytail | HairCut::Bun => Pull {
                toward: Vec3::ZERO,
                bend_m: 1.0,
                coat: 1.0,
                press: 1.0,
            },
            // The long hair of the neck hangs.
            HairCut::Crop if self.style.neck_m.is_some() && root_dm.y < 7.5 => Pull {
                toward: down,
                bend_m: 0.025,
                coat: 1.0,
                press: 0.6,
            },
            HairCut::Crop => {
                // What is not brushed up falls over.
                let fallen =
                    0.7 * (1.0 - self.rise).clamp(0.0, 1.0) * math::smoothstep(0.015, 0.05, s_m);
                let combed = self.frame.direction(self.comb(root_dm, side)) + down * fallen;
                // Behind the crown it lies down along the back of the head.
                let over = past_edge(p) * math::smoothstep(0.5, 0.1, p.z);
                // What is brushed up rolls back.
                let bend_m = if 0.8 < self.rise || self.style.slick {
                    0.032
                } else {
                    0.06
                };
                Pull {
                    toward: combed.lerp(down, 0.85 * over),
                    bend_m: math::lerp(bend_m, 0.018, over),
                    coat: 1.0,
                    press: 1.0,
                }
            }
            HairCut::SidePart => {
                let fall = math::smoothstep(8.35, 7.8, p.y);
                let combed = self.frame.direction(self.comb(root_dm, side));
                let falling = self.frame.direction(Vec3::new(0.0, -1.0, -0.5));
                Pull {
                    toward: combed.lerp(falling, fall),
                    bend_m: 0.022,
                    coat: 1.0,
                    press: 1.0,
                }
            }
            HairCut::Bob | HairCut::Long => {
                let combed = math::smoothstep(7.1, 7.95, p.y);
                // The comb leads outward only as far as the head is wide.
                let leads = 1.0 - past_edge(p);
                let comb = self.comb(root_dm, side) * Vec3::new(leads, 1.0, leads);
                let mut toward = self.frame.direction(comb) * combed + down * (1.0 - 0.7 * combed);
                // Below the ears the hair divides before and behind the shoulder, and does not
                // slide off sideways along it.
                let low = math::smoothstep(7.3, 6.2, p.y);
                if 0.0 < low {
                    // Where hair divides is not one line: locks choose.
                    let beside_face = 0.4 < root_dm.z + 0.22 * bent[0];
                    let forward = beside_face && self.before_shoulder[usize::from(0.0 < p.x)];
                    let along = if forward {
                        0.7 * (1.15 - p.z).clamp(0.0, 0.6)
                    } else {
                        let back = math::lerp(-0.42, -0.68, math::smoothstep(6.9, 5.4, p.y));
                        -1.1 * (p.z - back).clamp(0.0, 0.6)
                    };
                    let out = self.frame.direction(Vec3::X) * 1.0f32.copysign(p.x);
                    let sideways =
                        3.0 * direction.dot(out).max(0.0) * math::smoothstep(0.6, 0.9, p.x.abs());
                    // Hanging locks spread instead of following each other.
                    let spread = 0.16 * bent[1] - sideways;
                    toward += self.frame.direction(Vec3::Z) * ((along + 0.08 * bent[0]) * low)
                        + out * (spread * low);
                }
                // Hair loses its memory of the comb gradually.
                let bend_m = math::lerp(0.02, 0.03, math::smoothstep(0.0, 0.1, s_m));
                Pull {
                    toward,
                    bend_m,
                    coat: 1.0 - 0.6 * low,
                    press: math::smoothstep(6.9, 7.7, p.y),
                }
            }
        }
    }

    /// Keeps hair from hanging into the face.
    pub(crate) fn guard(&self, position: Vec3, side: i8) -> Vec3 {
        let parts = self.fringe.is_some_and(|fringe| fringe.parts());
        if self.kind == HairCut::Buzz || (side == FRINGE && !parts) {
            return position;
        }
        let mut p = self.frame.to_template(position);
        let before = math::smoothstep(0.9, 1.15, p.z);
        let y = (p.y - 7.0) / 0.98;
        let wide = 1.0 - y * y;
        if before <= 0.0 || wide <= 0.0 {
            return position;
        }
        let limit = 0.62 * wide.sqrt();
        if limit <= p.x.abs() {
            return position;
        }
        let sign = if p.x.abs() < 0.05 && side != 0 {
            f32::from(side)
        } else {
            1.0f32.copysign(p.x)
        };
        p.x = math::lerp(p.x, sign * limit, before);
        self.frame.to_world(p)
    }

    /// Whether a hanging strand is cut off here; `u` in `[0, 1)` is the strand's place among the
    /// layers.
    pub(crate) fn ends(&self, side: i8, position: Vec3, u: f32) -> bool {
        let place_dm = || self.frame.to_template(position);
        if let (FRINGE, Some(fringe)) = (side, &self.fringe) {
            let p = place_dm();
            return p.y < fringe.end_dm(p, u);
        }
        match self.kind {
            HairCut::Bob | HairCut::Long => place_dm().y < self.ends_dm + self.layers_dm * u * u,
            _ => false,
        }
    }
}
