//! The head as what is worn sees it: measured on the posed skin, in coordinates of its own.
//!
//! *Head space* has its origin midway between the eyes and the axes of the head: +X the person's
//! left, +Y up, +Z the way the face looks; metres. Whatever is worn is built there and then moved
//! onto the posed head.

use bottega_geometry::{TriMesh, closest_point::ClosestPoint};
use glam::{Quat, Vec3};

use crate::{body::Body, groom::HeadSurface};

/// How near a traced ray comes to the surface, in metres.
const TRACE_GAP_M: f32 = 1.0e-4;

/// Height of the template below which nothing but scarves reaches, in decimetres.
const SHOULDERS_DM: f32 = 5.5;

/// Steps of a traced ray at most.
const TRACE_STEPS: usize = 64;

/// One ear.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    /// Middle of the outer ear.
    pub(crate) center: Vec3,
    /// Highest point.
    pub(crate) top: Vec3,
    /// Lowest point, below the lobe.
    pub(crate) lowest: Vec3,
    /// Foremost and hindmost z.
    pub(crate) z_range: [f32; 2],
    /// Farthest from the middle of the head, without sign.
    pub(crate) reach_m: f32,
    /// Where the ear meets the head, from its top backward and down.
    pub(crate) root: Vec<Vec3>,
}

/// A measured head.
pub(crate) struct Head {
    rotation: Quat,
    origin: Vec3,
    /// The skin of head and torso.
    pub(crate) skin: ClosestPoint,
    /// Centres of the left and the right eyeball.
    pub(crate) eyes: [Vec3; 2],
    /// Radius of the eyeball.
    pub(crate) eye_radius_m: f32,
    /// Left and right ear.
    pub(crate) ears: [Ear; 2],
    /// Height of the upper edge of the brows, on average.
    pub(crate) brow_y: f32,
    /// Lowest and highest corner of the skull above the brows, without ears.
    pub(crate) skull: [Vec3; 2],
    /// Foremost point of the chin.
    pub(crate) chin: Vec3,
    /// Middle of the neck where it leaves the trunk.
    pub(crate) neck: Vec3,
}

/// Unit vector to a side: 1 is the person's left, -1 the right.
pub(crate) fn side_sign(side: usize) -> f32 {
    if side == 0 { 1.0 } else { -1.0 }
}

impl Head {
    /// Measures the head of a posed body.
    pub(crate) fn measure(surface: &HeadSurface, body: &Body) -> Self {
        let rotation = surface.head_rotation;
        let origin = 0.5 * (body.eyes[0].center + body.eyes[1].center);
        let unrotate = rotation.conjugate();
        let local = |p: Vec3| unrotate * (p - origin);
        let points: Vec<Vec3> = surface.posed.iter().map(|p| local(*p)).collect();
        let eyes = body.eyes.map(|eye| local(eye.center));
        let template = &surface.template_dm;

        let brow: Vec<f32> = (0..points.len())
            .filter(|&v| 0.5 < surface.brow[v])
            .map(|v| points[v].y)
            .collect();
        let brow_y = brow.iter().sum::<f32>() / brow.len().max(1) as f32 + 0.004;

        let (mut low, mut high) = (Vec3::MAX, Vec3::MIN);
        for (v, p) in points.iter().enumerate() {
            if 0.5 < surface.scalp[v] && surface.ears[v] < 0.01 && brow_y < p.y {
                (low, high) = (low.min(*p), high.max(*p));
            }
        }
        let is_chin = |v: &usize| {
            let t = template[*v];
            t.x.abs() < 0.05 && 0.8 < t.z && 6.2 < t.y && points[*v].y < -0.06
        };
        let chin = (0..points.len())
            .filter(is_chin)
            .map(|v| points[v])
            .max_by(|a, b| (a.z - a.y).total_cmp(&(b.z - b.y)))
            .unwrap_or(Vec3::new(0.0, -0.12, 0.02));
        let (mut neck, mut n_neck) = (Vec3::ZERO, 0.0f32);
        for (v, t) in template.iter().enumerate() {
            if (t.y - 6.15).abs() < 0.12 && t.x.abs() < 0.75 {
                neck += points[v];
                n_neck += 1.0;
            }
        }
        // Trunk and arms are far from everything but scarves, which measure them on their own.
        let near = |t: &&[u32; 3]| t.iter().all(|&v| SHOULDERS_DM < template[v as usize].y);
        let triangles: Vec<[u32; 3]> = surface.triangles.iter().filter(near).copied().collect();
        Self {
            rotation,
            origin,
            skin: ClosestPoint::build(&points, &triangles),
            eyes,
            eye_radius_m: 0.5 * (body.eyes[0].radius_m + body.eyes[1].radius_m),
            ears: [0, 1].map(|side| Ear::measure(surface, &points, side)),
            brow_y,
            skull: [low, high],
            chin,
            neck: neck / n_neck.max(1.0),
        }
    }

    /// Takes a point of the world to head space.
    pub(crate) fn to_head(&self, p: Vec3) -> Vec3 {
        self.rotation.conjugate() * (p - self.origin)
    }

    /// Takes a point of head space to the world.
    pub(crate) fn to_world(&self, p: Vec3) -> Vec3 {
        self.origin + self.rotation * p
    }

    /// The direction of gravity in head space.
    pub(crate) fn down(&self) -> Vec3 {
        self.rotation.conjugate() * Vec3::NEG_Y
    }

    /// Moves a mesh of head space onto the head.
    pub(crate) fn place(&self, mesh: &mut TriMesh) {
        for p in &mut mesh.positions {
            *p = self.to_world(*p);
        }
        for n in &mut mesh.normals {
            *n = self.rotation * *n;
        }
    }

    /// Depth of the skin before the face: the z at which a ray along -Z meets it.
    pub(crate) fn front_z(&self, x: f32, y: f32) -> f32 {
        let from = Vec3::new(x, y, 0.15);
        let t = trace(&[&self.skin], from, Vec3::NEG_Z, 0.35);
        t.map_or(-0.2, |t| 0.15 - t)
    }

    /// Distance of the skin from the middle plane on one side: the |x| at which a ray from aside
    /// meets it.
    pub(crate) fn aside_m(&self, side: usize, y: f32, z: f32) -> f32 {
        let sign = side_sign(side);
        let t = trace(
            &[&self.skin],
            Vec3::new(sign * 0.2, y, z),
            Vec3::new(-sign, 0.0, 0.0),
            0.2,
        );
        t.map_or(0.0, |t| 0.2 - t)
    }

    /// `p`, or the nearest point at least `gap_m` outside of the skin.
    pub(crate) fn push_out(&self, p: Vec3, gap_m: f32) -> Vec3 {
        let mut p = p;
        for _ in 0..6 {
            let Some(hit) = self.skin.query(p, 0.04) else {
                return p;
            };
            if gap_m - 1e-5 <= hit.distance {
                return p;
            }
            let away = if 1e-5 < hit.distance.abs() {
                (p - hit.point) / hit.distance
            } else {
                hit.normal
            };
            p = hit.point + away * gap_m;
        }
        p
    }
}

impl Ear {
    fn measure(surface: &HeadSurface, points: &[Vec3], side: usize) -> Self {
        let sign = side_sign(side);
        let own = |v: usize| 0.0 < sign * surface.template_dm[v].x;
        let (mut low, mut high) = (Vec3::MAX, Vec3::MIN);
        let (mut top, mut lowest) = (Vec3::MIN, Vec3::MAX);
        let (mut center, mut weight, mut reach_m) = (Vec3::ZERO, 0.0f32, 0.0f32);
        for v in (0..points.len()).filter(|&v| own(v) && 0.5 < surface.ears[v]) {
            let p = points[v];
            (low, high) = (low.min(p), high.max(p));
            center += p;
            weight += 1.0;
            reach_m = reach_m.max(p.x.abs());
            if top.y < p.y {
                top = p;
            }
            if p.y < lowest.y {
                lowest = p;
            }
        }
        center /= weight.max(1.0);
        // The ring where the ear leaves the head: triangles with corners on and off the ear.
        let mut ring: Vec<u32> = Vec::new();
        for t in &surface.triangles {
            let is_ear = t.map(|v| 0.02 < surface.ears[v as usize]);
            if is_ear.contains(&true) && is_ear.contains(&false) {
                ring.extend(t.iter().filter(|v| own(**v as usize)));
            }
        }
        ring.sort_unstable();
        ring.dedup();
        let mut ring: Vec<Vec3> = ring
            .into_iter()
            .filter(|v| surface.ears[*v as usize] <= 0.02)
            .map(|v| points[v as usize])
            .collect();
        let highest = ring
            .iter()
            .copied()
            .fold(Vec3::MIN, |best, p| if best.y < p.y { p } else { best });
        // Behind the highest point, downward to the height of the ear's middle.
        ring.retain(|p| p.z <= highest.z && low.y + 0.25 * (high.y - low.y) < p.y);
        ring.sort_by(|a, b| b.y.total_cmp(&a.y));
        Self {
            center,
            top,
            lowest,
            z_range: [low.z, high.z],
            reach_m,
            root: ring,
        }
    }
}

/// Distance along a ray from outside to the first of these surfaces, at most `reach_m`.
pub(crate) fn trace(
    surfaces: &[&ClosestPoint],
    from: Vec3,
    direction: Vec3,
    reach_m: f32,
) -> Option<f32> {
    let mut t = 0.0;
    for _ in 0..TRACE_STEPS {
        let p = from + direction * t;
        let mut step_m = reach_m - t + TRACE_GAP_M;
        for surface in surfaces {
            if let Some(hit) = surface.query(p, step_m) {
                step_m = step_m.min(hit.distance.abs());
            }
        }
        if step_m < TRACE_GAP_M {
            return Some(t);
        }
        t += step_m;
        if reach_m < t {
            return None;
        }
    }
    Some(t)
}
