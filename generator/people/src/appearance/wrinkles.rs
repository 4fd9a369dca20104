//! Lines of the face: where they run, how deep age and expression make them.
//!
//! Each line is a polyline on the template seen from the front, in millimetres from the middle
//! between the eyes ([`SkinMasks::face_mm`]). Depths by eye within the 0.1 to 0.6 mm that profiles
//! of replicas give (Akazaki et al. 2002).
//!
//! [`SkinMasks::face_mm`]: super::masks::SkinMasks

use bottega_geometry::math;
use bottega_schemas::{
    Seed,
    params::{FaceParams, PersonParams},
};
use glam::{Vec2, Vec3};

/// What deepens a line besides age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Muscle {
    /// Raises the brows.
    Frontalis,
    /// Draws the brows together.
    Corrugator,
    /// Wrinkles the nose.
    Nasalis,
    /// Narrows the eyes.
    Orbicularis,
    /// Raises the corners of the mouth.
    Zygomaticus,
    /// Draws the corners of the mouth down.
    Depressor,
    /// Purses the lips.
    Lips,
    /// Raises the chin.
    Mentalis,
    /// Nothing: time alone.
    None,
}

impl Muscle {
    /// How much it pulls in an expression, in `[0, 1]`.
    fn pull(self, face: &FaceParams) -> f32 {
        let units: &[&str] = match self {
            Self::Frontalis => &["browInnerUp", "browOuterUpLeft", "browOuterUpRight"],
            Self::Corrugator => &["browDownLeft", "browDownRight"],
            Self::Nasalis => &["noseSneerLeft", "noseSneerRight"],
            Self::Orbicularis => &[
                "eyeSquintLeft",
                "eyeSquintRight",
                "cheekSquintLeft",
                "cheekSquintRight",
                "mouthSmileLeft",
                "mouthSmileRight",
            ],
            Self::Zygomaticus => &[
                "mouthSmileLeft",
                "mouthSmileRight",
                "mouthUpperUpLeft",
                "mouthUpperUpRight",
            ],
            Self::Depressor => &["mouthFrownLeft", "mouthFrownRight"],
            Self::Lips => &["mouthPucker", "mouthFunnel"],
            Self::Mentalis => &["mouthShrugLower", "mouthShrugUpper"],
            Self::None => &[],
        };
        let pulls = units.iter().map(|unit| face.units.get(*unit));
        pulls.flatten().fold(0.0, |most: f32, &w| most.max(w))
    }
}

/// A family of lines, drawn on the person's left and mirrored unless it crosses the middle.
struct Family {
    muscle: Muscle,
    /// Depth at great age, and what a full pull adds on adult skin, in millimetres.
    depth_mm: [f32; 2],
    /// Age from which it shows at rest and at which it is full, in years.
    age_years: [f32; 2],
    /// Standard deviation of its cross-section, in millimetres.
    width_mm: f32,
    /// Points, to the person's left and up.
    lines: &'static [&'static [[f32; 2]]],
    mirrored: bool,
}

const FAMILIES: [Family; 15] = [
    Family {
        muscle: Muscle::Frontalis,
        depth_mm: [0.38, 0.42],
        age_years: [28.0, 80.0],
        width_mm: 1.1,
        lines: &[
            &[
                [-38.0, 33.0],
                [-20.0, 36.0],
                [0.0, 32.0],
                [21.0, 36.0],
                [37.0, 33.0],
            ],
            &[
                [-43.0, 41.0],
                [-22.0, 45.0],
                [2.0, 42.0],
                [24.0, 45.0],
                [42.0, 40.0],
            ],
            &[
                [-40.0, 50.0],
                [-18.0, 54.0],
                [0.0, 53.0],
                [20.0, 55.0],
                [41.0, 49.0],
            ],
            &[[-30.0, 61.0], [-8.0, 63.0], [14.0, 64.0], [30.0, 60.0]],
        ],
        mirrored: false,
    },
    Family {
        muscle: Muscle::Corrugator,
        depth_mm: [0.34, 0.45],
        age_years: [32.0, 75.0],
        width_mm: 1.1,
        lines: &[
            &[[6.5, 3.0], [7.5, 12.0], [9.5, 22.0]],
            &[[2.5, 9.0], [3.0, 20.0]],
        ],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Nasalis,
        depth_mm: [0.18, 0.4],
        age_years: [40.0, 85.0],
        width_mm: 0.9,
        lines: &[
            &[[-9.0, -3.0], [0.0, -1.5], [9.0, -3.0]],
            &[[-8.0, -9.0], [0.0, -7.5], [8.0, -9.0]],
        ],
        mirrored: false,
    },
    Family {
        muscle: Muscle::Orbicularis,
        depth_mm: [0.26, 0.28],
        age_years: [28.0, 70.0],
        width_mm: 0.8,
        lines: &[
            &[[47.5, 4.0], [53.0, 8.5], [59.0, 15.0]],
            &[[48.0, 1.5], [54.0, 3.0], [62.0, 5.5]],
            &[[47.5, -1.5], [54.0, -3.5], [61.0, -5.0]],
            &[[46.0, -5.0], [52.0, -10.0], [58.0, -15.0]],
        ],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Orbicularis,
        depth_mm: [0.24, 0.16],
        age_years: [22.0, 75.0],
        width_mm: 1.1,
        lines: &[
            &[[17.0, -6.0], [24.0, -11.5], [33.0, -13.5], [42.0, -11.0]],
            &[[18.0, -10.0], [24.0, -17.0], [33.0, -20.5], [44.0, -18.0]],
        ],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Zygomaticus,
        depth_mm: [0.75, 0.45],
        age_years: [25.0, 80.0],
        width_mm: 1.8,
        lines: &[&[
            [19.5, -41.0],
            [24.5, -48.0],
            [29.0, -57.0],
            [32.5, -68.0],
            [33.0, -76.0],
        ]],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Depressor,
        depth_mm: [0.55, 0.3],
        age_years: [45.0, 85.0],
        width_mm: 1.5,
        lines: &[&[[27.5, -72.0], [30.0, -80.0], [30.5, -90.0], [28.5, -98.0]]],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Lips,
        depth_mm: [0.2, 0.2],
        age_years: [45.0, 85.0],
        width_mm: 0.6,
        lines: &[
            &[[3.0, -50.0], [2.5, -57.0]],
            &[[7.0, -50.0], [6.5, -57.0]],
            &[[11.5, -51.0], [10.5, -58.5]],
            &[[16.0, -53.0], [14.5, -60.5]],
            &[[4.0, -79.0], [4.5, -85.0]],
            &[[10.0, -79.0], [11.0, -85.0]],
        ],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Mentalis,
        depth_mm: [0.4, 0.4],
        age_years: [30.0, 80.0],
        width_mm: 1.8,
        lines: &[&[[-15.0, -87.0], [0.0, -85.0], [15.0, -87.0]]],
        mirrored: false,
    },
    Family {
        muscle: Muscle::None,
        depth_mm: [0.35, 0.0],
        age_years: [50.0, 88.0],
        width_mm: 1.3,
        lines: &[
            &[[40.0, -34.0], [44.0, -48.0], [45.0, -62.0]],
            &[[50.0, -28.0], [54.0, -44.0], [54.0, -60.0]],
            &[[60.0, -16.0], [62.0, -30.0]],
        ],
        mirrored: true,
    },
    Family {
        muscle: Muscle::None,
        depth_mm: [0.6, 0.0],
        age_years: [22.0, 80.0],
        width_mm: 1.6,
        lines: &[
            &[[-48.0, -128.0], [0.0, -136.0], [48.0, -128.0]],
            &[[-50.0, -146.0], [0.0, -156.0], [50.0, -146.0]],
        ],
        mirrored: false,
    },
    // Soft forms that every face has and years deepen: below the eye, beside the nose, below the
    // lip, above it.
    Family {
        muscle: Muscle::None,
        depth_mm: [1.1, 0.0],
        age_years: [-30.0, 75.0],
        width_mm: 2.6,
        lines: &[&[[15.0, -7.0], [20.0, -12.5], [27.0, -16.0], [34.0, -17.0]]],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Zygomaticus,
        depth_mm: [1.2, 0.5],
        age_years: [-40.0, 80.0],
        width_mm: 3.2,
        lines: &[&[[18.0, -37.0], [24.0, -46.0], [29.0, -57.0], [31.0, -66.0]]],
        mirrored: true,
    },
    Family {
        muscle: Muscle::Mentalis,
        depth_mm: [1.0, 0.2],
        age_years: [-60.0, 60.0],
        width_mm: 3.0,
        lines: &[&[[-13.0, -87.0], [0.0, -85.5], [13.0, -87.0]]],
        mirrored: false,
    },
    Family {
        muscle: Muscle::None,
        depth_mm: [0.9, 0.0],
        age_years: [-80.0, 10.0],
        width_mm: 2.0,
        lines: &[&[[0.0, -50.0], [0.0, -55.0], [0.0, -61.0]]],
        mirrored: false,
    },
];

/// The crease of the left upper lid, over the border that runs from (17, 0) over (33, 4.8) to
/// (44, 1).
const LID_CREASE: [[f32; 2]; 8] = [
    [16.5, 3.8],
    [20.0, 6.0],
    [24.5, 7.7],
    [30.0, 8.8],
    [35.0, 8.8],
    [39.5, 7.9],
    [43.5, 6.2],
    [48.0, 3.4],
];
/// Greatest depth of the crease, in millimetres.
const CREASE_MM: f32 = 1.1;

/// Faces of the skin behind this, seen from the front, bear no line of the face, in millimetres.
const BACK_MM: f32 = -45.0;

/// One line of one person.
struct Line {
    points: Vec<Vec2>,
    depth_mm: f32,
    width_mm: f32,
    low: Vec2,
    high: Vec2,
}

/// All lines of one face.
pub(crate) struct Wrinkles {
    lines: Vec<Line>,
}

impl Wrinkles {
    /// The lines of a person with this expression.
    pub(crate) fn new(params: &PersonParams, face: &FaceParams, seed: Seed) -> Self {
        let seed = seed.child("wrinkles");
        let mut lines = Vec::new();
        // Old skin folds deeper when it is moved.
        let slack = 0.35 + 0.65 * math::smoothstep(18.0, 60.0, params.age_years);
        for (k, family) in FAMILIES.iter().enumerate() {
            let of_family = seed.child(&k.to_string());
            let [begin, end] = family.age_years;
            let age = ((params.age_years - begin) / (end - begin)).clamp(0.0, 1.0);
            let [by_age, by_pull] = family.depth_mm;
            let whim = 0.5 + of_family.unit_f64() as f32;
            let depth_mm = params.skin.wrinkles * whim * by_age * age * (0.35 + 0.65 * age)
                + by_pull * slack * family.muscle.pull(face);
            if depth_mm < 0.01 {
                continue;
            }
            for (i, points) in family.lines.iter().enumerate() {
                let sides: &[f32] = if family.mirrored {
                    &[1.0, -1.0]
                } else {
                    &[1.0]
                };
                for &side in sides {
                    let name = if side < 0.0 { "mirrored" } else { "own" };
                    let u = |at: u64| {
                        let own = of_family.child(name);
                        own.stream_f32(64 * i as u64 + at)
                    };
                    let wander = |at: u64| 2.2 * (u(at) - 0.5);
                    let points: Vec<Vec2> = (points.iter().enumerate())
                        .map(|(j, p)| {
                            let at = 2 * j as u64;
                            Vec2::new(side * p[0] + wander(at), p[1] + wander(at + 1))
                        })
                        .collect();
                    lines.push(Line::new(
                        points,
                        depth_mm * (0.45 + u(40)),
                        family.width_mm,
                    ));
                }
            }
        }
        for (side, blink) in [(1.0, "eyeBlinkLeft"), (-1.0, "eyeBlinkRight")] {
            // A closed lid unfolds.
            let closed = face
                .units
                .get(blink)
                .copied()
                .unwrap_or(0.0)
                .clamp(0.0, 1.0);
            let depth_mm = CREASE_MM * params.eyes.lid_crease * (1.0 - 0.85 * closed);
            if 0.01 < depth_mm {
                let raised = 1.2 * (seed.child("crease").unit_f64() as f32 - 0.6);
                let points = LID_CREASE.map(|[x, y]| Vec2::new(side * x, y + raised));
                lines.push(Line::new(points.to_vec(), depth_mm, 0.75));
            }
        }
        Self { lines }
    }

    /// Height of the skin at a place of the face, in metres: below zero in a line, a little above
    /// beside it, where the skin that is folded in bulges.
    pub(crate) fn height_m(&self, face_mm: Vec3) -> f32 {
        if face_mm.z < BACK_MM {
            return 0.0;
        }
        let p = face_mm.truncate();
        let mut height_mm = 0.0;
        for line in &self.lines {
            if p.cmplt(line.low).any() || p.cmpgt(line.high).any() {
                continue;
            }
            let (along, away_mm) = line.nearest(p);
            let x = away_mm / line.width_mm;
            if x < 4.0 {
                // Fades in and out along its way.
                let taper = (along * (1.0 - along) * 5.0).clamp(0.0, 1.0);
                let groove = math::exp(-0.5 * x * x);
                let bank = 0.35 * math::exp(-0.5 * (x - 2.0) * (x - 2.0));
                height_mm += line.depth_mm * taper * (bank - groove);
            }
        }
        1e-3 * height_mm
    }
}

impl Line {
    fn new(points: Vec<Vec2>, depth_mm: f32, width_mm: f32) -> Self {
        let reach = Vec2::splat(4.0 * width_mm);
        let low = points.iter().fold(Vec2::INFINITY, |m, p| m.min(*p)) - reach;
        let high = points.iter().fold(Vec2::NEG_INFINITY, |m, p| m.max(*p)) + reach;
        Self {
            points,
            depth_mm,
            width_mm,
            low,
            high,
        }
    }

    /// Where along the line, in `[0, 1]`, the point nearest to `p` lies, and how far it is.
    fn nearest(&self, p: Vec2) -> (f32, f32) {
        let n_segments = (self.points.len() - 1) as f32;
        let mut best = (0.0, f32::INFINITY);
        for (i, pair) in self.points.windows(2).enumerate() {
            let along = pair[1] - pair[0];
            let t = ((p - pair[0]).dot(along) / along.length_squared().max(1e-9)).clamp(0.0, 1.0);
            let away = p.distance(pair[0] + along * t);
            if away < best.1 {
                best = ((i as f32 + t) / n_segments, away);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surfaces::test_support::{blank_face, person};

    fn deepest_mm(age_years: f32, units: &[(&str, f32)], at: Vec2) -> f32 {
        let mut person = person();
        person.age_years = age_years;
        person.skin.wrinkles = 1.0;
        let mut face = blank_face();
        face.units = (units.iter())
            .map(|&(name, weight)| (name.to_owned(), weight))
            .collect();
        let wrinkles = Wrinkles::new(&person, &face, Seed(3));
        (-40..=40)
            .map(|step| at + Vec2::Y * 0.1 * step as f32)
            .map(|p| -1e3 * wrinkles.height_m(p.extend(20.0)))
            .fold(0.0, f32::max)
    }

    #[test]
    fn lines_of_the_forehead_come_with_age_and_with_raised_brows() {
        let forehead = Vec2::new(0.0, 42.0);
        let young = deepest_mm(20.0, &[], forehead);
        let old = deepest_mm(80.0, &[], forehead);
        let raised = deepest_mm(20.0, &[("browInnerUp", 1.0)], forehead);
        assert!(young < 0.01, "{young}");
        assert!((0.1..0.9).contains(&old), "{old}");
        assert!((0.05..0.6).contains(&raised), "{raised}");
        let smiling = deepest_mm(20.0, &[("mouthSmileLeft", 1.0)], forehead);
        assert!(
            smiling < 0.01,
            "a smile leaves the forehead alone: {smiling}"
        );
    }

    #[test]
    fn upper_lids_have_the_crease_that_was_drawn_until_they_close() {
        let depth_mm = |lid_crease: f32, blink: f32| {
            let mut person = person();
            person.eyes.lid_crease = lid_crease;
            let mut face = blank_face();
            face.units.insert("eyeBlinkLeft".to_owned(), blink);
            let wrinkles = Wrinkles::new(&person, &face, Seed(3));
            (0..80)
                .map(|step| Vec3::new(32.0, 5.0 + 0.1 * step as f32, 16.0))
                .map(|p| -1e3 * wrinkles.height_m(p))
                .fold(0.0, f32::max)
        };
        assert!(depth_mm(0.0, 0.0) < 0.05, "{}", depth_mm(0.0, 0.0));
        assert!(0.8 < depth_mm(1.0, 0.0), "{}", depth_mm(1.0, 0.0));
        assert!(depth_mm(0.4, 0.0) < 0.6 * depth_mm(1.0, 0.0));
        assert!(depth_mm(1.0, 1.0) < 0.3, "{}", depth_mm(1.0, 1.0));
    }

    #[test]
    fn the_back_of_the_head_bears_no_line() {
        let wrinkles = Wrinkles::new(&person(), &blank_face(), Seed(3));
        assert_eq!(wrinkles.height_m(Vec3::new(0.0, 42.0, -60.0)), 0.0);
    }
}
