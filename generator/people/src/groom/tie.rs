//! Hair that is gathered: drawn over the head to a tie, and from there a tail or a knot.

use bottega_geometry::{TriMesh, math};
use bottega_schemas::seed::Seed;
use glam::{Vec2, Vec3};

use super::{
    curl::frames,
    cut::Cut,
    field::SkinField,
    root::Root,
    style::{TiePlace, Tied},
    walk::{Course, Pull, walk},
};

/// Radius of the bundle inside the tie, in metres.
const NECK_M: f32 = 0.008;
/// Radius of the elastic's cord, in metres.
const ELASTIC_M: f32 = 0.003;
/// Points around the elastic and around its cord.
const ELASTIC_POINTS: [u32; 2] = [40, 12];
/// Step along the drawn-back part, in metres.
const STEP_M: f32 = 0.005;

/// A tie at the back of the head and what hangs on it.
pub(crate) struct Tie {
    point: Vec3,
    outward: Vec3,
    /// Two directions across the bundle.
    across: [Vec3; 2],
    shape: Shape,
}

enum Shape {
    Tail {
        core: Vec<Vec3>,
        frames: Vec<(Vec3, Vec3)>,
        /// Greatest radius, in metres.
        radius_m: f32,
        plaited: bool,
    },
    Knot {
        /// Radius of the ring around which the hair is wound, and of its cross-section, in metres.
        ring_m: f32,
        tube_m: f32,
        turns: f32,
    },
}

impl Tie {
    /// Puts a tie in its place, which carries `share` of the hair.
    pub(crate) fn new(
        cut: &Cut,
        place: &TiePlace,
        share: f32,
        field: &SkinField,
        seed: Seed,
    ) -> Self {
        let u = |name: &str| seed.child(name).unit_f64() as f32;
        let is_bun = place.tied == Tied::Knot;
        // The height is free between nape and crown; knots sit higher.
        let height = if is_bun {
            0.3 + 0.7 * u("height")
        } else {
            u("height")
        };
        let center = cut.frame.to_world(Vec3::new(0.0, 7.6, 0.45));
        let pitch_rad = match place.pitch_rad {
            Some(pitch_rad) => pitch_rad + 0.16 * (height - 0.5),
            None => math::lerp(-0.15, 0.95, height),
        };
        let (sin, cos) = math::sin_cos(pitch_rad);
        let (aside, behind) = math::sin_cos(place.yaw_rad);
        let outward = cut
            .frame
            .direction(Vec3::new(aside * cos, sin, -behind * cos));
        let far = center + outward * 0.25;
        let surface = field
            .mesh()
            .query(far, f32::INFINITY)
            .map_or(center + outward * 0.1, |closest| closest.point);
        let outward = (far - surface).normalize_or(outward);
        let point = surface + outward * 0.011;
        let side = cut.frame.direction(Vec3::X);
        let side = (side - outward * side.dot(outward)).normalize_or(Vec3::X);
        let across = [side, outward.cross(side)];
        let hanging_m = (cut.axis_m() - 0.14).max(0.06);
        let shape = if is_bun {
            let ring_m = ((0.010 + 0.022 * cut.axis_m()).min(0.020) + cut.curl.radius_m * 0.5)
                * share.sqrt();
            Shape::Knot {
                ring_m,
                tube_m: 0.85 * ring_m,
                turns: (hanging_m / (std::f32::consts::TAU * 1.3 * ring_m)).clamp(0.8, 2.5),
            }
        } else {
            let mut core = Vec::new();
            let course = Course {
                root: point,
                direction: (outward + Vec3::Y * 0.1).normalize_or(outward),
                length_m: hanging_m,
                hover_m: 0.011,
                hover_onset_m: 0.05,
                adhesion: 0.0,
                margin_m: 0.004,
            };
            let weight = |_: Vec3, _: Vec3, _: f32| Pull {
                toward: Vec3::NEG_Y,
                bend_m: 0.02,
                coat: 1.0,
                press: 1.0,
            };
            walk(field, &course, weight, |p, _| p, |_| false, &mut core);
            Shape::Tail {
                frames: frames(&core, outward),
                core,
                radius_m: (0.013 + 0.007 * cut.volume() + 1.1 * cut.curl.radius_m) * share.sqrt(),
                plaited: place.tied == Tied::Braid,
            }
        };
        Self {
            point,
            outward,
            across,
            shape,
        }
    }

    /// The elastic around the beginning of a tail; a knot hides its own.
    pub(crate) fn elastic(&self) -> Option<TriMesh> {
        let Shape::Tail { core, .. } = &self.shape else {
            return None;
        };
        let axis = (*core.get(1)? - self.point).normalize_or(self.outward);
        let (across, up) = math::orthonormal_basis(axis);
        let center = self.point + axis * 0.003;
        let [n_around, n_tube] = ELASTIC_POINTS;
        let mut mesh = TriMesh::default();
        for i in 0..n_around {
            let (sin, cos) = math::sin_cos(std::f32::consts::TAU * i as f32 / n_around as f32);
            let out = across * cos + up * sin;
            for j in 0..n_tube {
                let (sin, cos) = math::sin_cos(std::f32::consts::TAU * j as f32 / n_tube as f32);
                let normal = out * cos + axis * sin;
                mesh.positions
                    .push(center + out * (NECK_M + 0.5 * ELASTIC_M) + normal * ELASTIC_M);
                mesh.normals.push(normal);
                mesh.uvs.push(Vec2::new(i as f32, j as f32) * 0.002);
                let next = [(i + 1) % n_around * n_tube, i * n_tube];
                let (a, b) = (next[1] + j, next[0] + j);
                let (c, d) = (next[1] + (j + 1) % n_tube, next[0] + (j + 1) % n_tube);
                mesh.triangles.extend([[a, b, d], [a, d, c]]);
            }
        }
        mesh.rest = mesh.positions.clone();
        Some(mesh)
    }

    /// The path of one strand; returns the arc length at which it passes the tie. `u` are four
    /// numbers in `[0, 1)`.
    pub(crate) fn path(
        &self,
        cut: &Cut,
        field: &SkinField,
        root: &Root,
        u: [f32; 4],
        path: &mut Vec<Vec3>,
    ) -> f32 {
        path.clear();
        path.push(root.position);
        let mut position = root.position;
        let to_tie = (self.point - position).reject_from(root.normal);
        let mut direction =
            (root.normal * 0.35 + to_tie.normalize_or(root.normal)).normalize_or(root.normal);
        let coat_m = 0.0015 + 0.0055 * u[0] + 0.004 * cut.volume() * u[1];
        let mut s_m = 0.0;
        for _ in 0..90 {
            let to_tie = self.point - position;
            let distance_m = to_tie.length();
            if distance_m < 0.022 {
                break;
            }
            let (_, outward) = field.sample(position);
            let near = math::smoothstep(0.06, 0.02, distance_m);
            let coat_m = math::lerp(coat_m * math::smoothstep(0.0, 0.03, s_m), 0.009, near);
            let mut toward = to_tie
                .reject_from(outward)
                .normalize_or(to_tie / distance_m);
            // Beside the face hair is led up over the ear.
            let p = cut.frame.to_template(position);
            let over_ear = math::smoothstep(0.1, 0.4, p.z) * math::smoothstep(7.65, 7.3, p.y);
            toward += cut.frame.direction(Vec3::Y) * (0.9 * over_ear);
            direction = (direction + toward * 0.45).normalize_or(toward);
            position += direction * STEP_M;
            let (after_m, outward_after) = field.sample(position);
            let lift_m = (coat_m - after_m).clamp(-0.0012, 0.004);
            position += outward_after * lift_m;
            direction = (direction - outward * direction.dot(outward) * 0.5).normalize_or(toward);
            s_m += STEP_M;
            path.push(position);
        }
        let arrived = position - self.point;
        let disc = Vec2::new(arrived.dot(self.across[0]), arrived.dot(self.across[1]));
        let disc = disc.normalize_or(Vec2::Y) * u[2].sqrt();
        let s_m = super::curl::arc_length(path);
        match &self.shape {
            Shape::Tail {
                core,
                frames,
                radius_m,
                plaited: true,
            } => {
                // All strands of a plait reach its end.
                let which = ((3.0 * u[3]) as usize).min(2);
                let mut passed_m = 0.0;
                for i in 0..core.len() {
                    if 0 < i {
                        passed_m += core[i].distance(core[i - 1]);
                    }
                    let t = i as f32 / (core.len() - 1) as f32;
                    let thick = math::smoothstep(-0.2, 0.15, t)
                        * math::lerp(1.0, 0.45, t)
                        * if t < 0.93 { 1.0 } else { 0.75 };
                    let radius_m = 0.95 * radius_m * thick;
                    let at = plait(which, passed_m / (4.6 * radius_m.max(0.004)));
                    let (a, b) = frames[i];
                    let own = disc * (0.62 * radius_m);
                    path.push(
                        core[i]
                            + a * (at.x * radius_m + own.x)
                            + b * (at.y * radius_m + 0.75 * own.y),
                    );
                }
            }
            Shape::Tail {
                core,
                frames,
                radius_m,
                plaited: false,
            } => {
                // A tail thins out: strands end at different lengths.
                let n = ((core.len() as f32) * (1.0 - 0.4 * u[3])).ceil() as usize;
                for i in 0..n.clamp(2, core.len()) {
                    let t = i as f32 / (core.len() - 1) as f32;
                    let swell = math::smoothstep(0.0, 0.35, t) * (1.0 - 0.75 * t * t * t);
                    let radius_m = NECK_M + (radius_m - NECK_M) * swell;
                    let radius_m = radius_m * (1.0 - 0.45 * math::smoothstep(0.7, 1.0, t));
                    let (a, b) = frames[i];
                    let (x, y) = (disc.x, disc.y);
                    let (a0, b0) = frames[0];
                    // The disc is given across the tie; the frames of the core start elsewhere.
                    let at = self.across[0] * x + self.across[1] * y;
                    let offset = a * at.dot(a0) + b * at.dot(b0);
                    path.push(core[i] + offset * radius_m);
                }
            }
            Shape::Knot {
                ring_m,
                tube_m,
                turns,
            } => {
                let start_rad = math::atan2(disc.y, disc.x);
                let tube_start_rad = std::f32::consts::TAU * u[3];
                let n = 26;
                for i in 0..=n {
                    let t = i as f32 / n as f32;
                    let turn_rad = start_rad + std::f32::consts::TAU * turns * t;
                    let (sin, cos) = math::sin_cos(turn_rad);
                    let round = self.across[0] * cos + self.across[1] * sin;
                    let tube_rad = tube_start_rad + 1.9 * t;
                    let (tube_sin, tube_cos) = math::sin_cos(tube_rad);
                    let tube_m = tube_m
                        * math::lerp(0.25 + 0.75 * u[2].sqrt(), 0.9, 0.3 * t)
                        * math::smoothstep(-0.25, 0.2, t);
                    let height_m = 0.55 * tube_m + tube_m * tube_sin + 0.25 * ring_m;
                    let ring_m = ring_m * math::smoothstep(-0.5, 0.15, t) + tube_m * tube_cos;
                    path.push(self.point + round * ring_m + self.outward * height_m);
                }
            }
        }
        s_m
    }
}

/// Where one of the three strands of a plait runs, across it in units of its radius, after so many
/// turns: each goes from side to side and passes over at one crossing and under at the next.
pub(crate) fn plait(which: usize, turns: f32) -> Vec2 {
    let phase = std::f32::consts::TAU * (turns + which as f32 / 3.0);
    let (sin, _) = math::sin_cos(phase);
    let (twice, _) = math::sin_cos(2.0 * phase);
    Vec2::new(0.75 * sin, 0.42 * twice)
}
