//! The eyeball (sclera, iris, pupil) and the clear cornea before it, as surfaces of revolution.
//!
//! Proportions of an adult eye in units of its radius r: the limbus, where white and clear meet,
//! is a circle of radius 0.35 r; the cornea is a cap of a smaller sphere over it; the iris is a
//! shallow disc behind. The eye looks along +Z in its own frame.

use bottega_geometry::{TriMesh, math};
use bottega_schemas::{
    Seed,
    params::{EyeColor, EyeParams},
};
use glam::Vec3;

use crate::{appearance::noise, body::EyePose};

/// Radius of the limbus over that of the eyeball.
const LIMBUS: f32 = 0.35;
/// Radius of curvature of the cornea over that of the eyeball.
const CORNEA: f32 = 0.5;
/// Height of the plane of the iris over the centre.
const IRIS_PLANE: f32 = 0.895;
/// Fall of the iris toward its middle, over the way there.
const IRIS_SLOPE: f32 = 0.12;
/// How far the cornea's rim reaches under the white, so that no light leaks between.
const RIM: f32 = 0.02;
/// Width of the step from the white down to the iris.
const STEP: f32 = 0.02;

const N_AROUND: usize = 160;
const N_WHITE: usize = 40;
const N_IRIS: usize = 20;
const N_CORNEA: usize = 16;

/// Distance from the eye's centre to its surface along the unit direction `d` of the eye's frame,
/// in units of its radius, cornea included.
pub(super) fn surface(d: Vec3) -> f32 {
    let offset = cornea_offset();
    // Where the ray from the centre leaves the cornea's sphere.
    let b = d.z * offset;
    let under_root = b * b - offset * offset + CORNEA * CORNEA;
    if 0.0 < d.z && 0.0 <= under_root {
        (b + under_root.sqrt()).max(1.0)
    } else {
        1.0
    }
}

/// The middle of the pupil. The cornea before it makes it look up to half a millimetre nearer.
pub(crate) fn pupil(eye: &EyePose) -> Vec3 {
    let height = IRIS_PLANE - IRIS_SLOPE * LIMBUS;
    eye.center + eye.rotation * (Vec3::Z * (height * eye.radius_m))
}

/// Height of the cornea's centre such that both spheres meet at the limbus.
fn cornea_offset() -> f32 {
    (1.0 - LIMBUS * LIMBUS).sqrt() - (CORNEA * CORNEA - LIMBUS * LIMBUS).sqrt()
}

/// One ring of a surface of revolution.
struct Ring {
    radius: f32,
    height: f32,
    /// Normal as (outward, up).
    normal: [f32; 2],
}

/// White, iris and pupil.
pub(crate) fn eyeball(eye: &EyePose, params: &EyeParams, seed: Seed) -> TriMesh {
    let mut rings = Vec::new();
    let limbus_rad = math::asin(LIMBUS);
    // From the back pole to the limbus.
    for i in 0..=N_WHITE {
        let t = i as f32 / N_WHITE as f32;
        let (sin, cos) = math::sin_cos(math::lerp(std::f32::consts::PI, limbus_rad, t));
        rings.push(Ring {
            radius: sin,
            height: cos,
            normal: [sin, cos],
        });
    }
    // From the limbus over the iris, which is a little hollow, to the middle of the pupil.
    let slope = IRIS_SLOPE;
    for i in 0..=N_IRIS {
        let t = 1.0 - i as f32 / N_IRIS as f32;
        rings.push(Ring {
            radius: (LIMBUS - STEP) * t,
            height: IRIS_PLANE - slope * LIMBUS * (1.0 - t),
            normal: [-slope, 1.0],
        });
    }
    let paint = Paint::new(params, seed);
    let mut mesh = revolve(eye, &rings, |ring, angle_rad, local| {
        if ring <= N_WHITE {
            paint.sclera(local)
        } else {
            let t = 1.0 - (ring - N_WHITE - 1) as f32 / N_IRIS as f32;
            paint.iris(t, angle_rad)
        }
    });
    // The white is wet with tears; the iris lies in water, where nothing shines.
    mesh.gloss = (0..rings.len() * N_AROUND)
        .map(|vertex| {
            if vertex / N_AROUND <= N_WHITE {
                0.0
            } else {
                -1.0
            }
        })
        .collect();
    mesh
}

/// The clear cap.
pub(crate) fn cornea(eye: &EyePose) -> TriMesh {
    let offset = cornea_offset();
    let rim_rad = math::asin((LIMBUS + RIM) / CORNEA);
    let rings: Vec<Ring> = (0..=N_CORNEA)
        .map(|i| {
            let angle_rad = rim_rad * (1.0 - i as f32 / N_CORNEA as f32);
            let (sin, cos) = math::sin_cos(angle_rad);
            Ring {
                radius: CORNEA * sin,
                height: offset + CORNEA * cos,
                normal: [sin, cos],
            }
        })
        .collect();
    let mut mesh = revolve(eye, &rings, |_, _, _| Vec3::ONE);
    mesh.colors.clear();
    mesh
}

/// Turns rings about the eye's axis; `color` gets ring, angle and the point in the eye's frame.
fn revolve(eye: &EyePose, rings: &[Ring], color: impl Fn(usize, f32, Vec3) -> Vec3) -> TriMesh {
    let mut mesh = TriMesh::default();
    for (ring_idx, ring) in rings.iter().enumerate() {
        for i in 0..N_AROUND {
            let angle_rad = i as f32 / N_AROUND as f32 * std::f32::consts::TAU;
            let (sin, cos) = math::sin_cos(angle_rad);
            let local = Vec3::new(ring.radius * cos, ring.radius * sin, ring.height);
            let [outward, up] = ring.normal;
            let normal = Vec3::new(outward * cos, outward * sin, up).normalize_or(Vec3::Z);
            mesh.positions
                .push(eye.center + eye.rotation * (local * eye.radius_m));
            mesh.normals.push(eye.rotation * normal);
            mesh.rest.push(eye.rest_center + local * eye.radius_m);
            mesh.colors.push(color(ring_idx, angle_rad, local));
        }
    }
    let n = N_AROUND as u32;
    for ring in 0..rings.len() as u32 - 1 {
        let [starts, ends] = [ring, ring + 1].map(|r| rings[r as usize].radius < 1e-4);
        for i in 0..n {
            let next = (i + 1) % n;
            let [a, b] = [ring * n + i, ring * n + next];
            let [c, d] = [a + n, b + n];
            // Rings go upward and angles run counter-clockwise seen from +Z.
            if !starts {
                mesh.triangles.push([a, b, d]);
            }
            if !ends {
                mesh.triangles.push([a, d, c]);
            }
        }
    }
    mesh
}

/// Colours of one person's eyes, linear Rec. 709.
struct Paint {
    /// Iris around the pupil.
    inner: Vec3,
    /// The rest of the iris.
    outer: Vec3,
    /// Radius of the pupil over that of the iris.
    pupil: f32,
    fibres: Seed,
    crypts: Seed,
    vessels: [Seed; 3],
    /// The white away from corners and vessels.
    white: Vec3,
    /// How red the vessels are.
    bloodshot: f32,
}

impl Paint {
    /// Colours by eye, between the two ends of each name.
    fn new(params: &EyeParams, seed: Seed) -> Self {
        let [inner, outer] = match params.color {
            EyeColor::Brown => [
                [[0.085, 0.035, 0.014], [0.20, 0.088, 0.032]],
                [[0.035, 0.015, 0.007], [0.105, 0.044, 0.017]],
            ],
            EyeColor::Hazel => [
                [[0.24, 0.120, 0.040], [0.26, 0.140, 0.050]],
                [[0.13, 0.095, 0.038], [0.17, 0.150, 0.070]],
            ],
            EyeColor::Amber => [
                [[0.30, 0.140, 0.034], [0.38, 0.200, 0.055]],
                [[0.19, 0.090, 0.022], [0.27, 0.140, 0.040]],
            ],
            EyeColor::Green => [
                [[0.22, 0.160, 0.060], [0.22, 0.190, 0.080]],
                [[0.10, 0.130, 0.060], [0.16, 0.205, 0.115]],
            ],
            EyeColor::Grey => [
                [[0.24, 0.240, 0.220], [0.32, 0.330, 0.320]],
                [[0.15, 0.175, 0.190], [0.26, 0.295, 0.315]],
            ],
            EyeColor::Blue => [
                [[0.21, 0.250, 0.260], [0.27, 0.340, 0.370]],
                [[0.07, 0.135, 0.220], [0.17, 0.280, 0.400]],
            ],
        };
        let mix = |[from, to]: [[f32; 3]; 2]| {
            Vec3::from(from).lerp(Vec3::from(to), params.color_variation.clamp(0.0, 1.0))
        };
        // Bluish, grey or yellowish, never white.
        let tint = seed.child("sclera/tint").unit_f64() as f32;
        let white = Vec3::new(0.50, 0.48, 0.47).lerp(Vec3::new(0.54, 0.48, 0.41), tint);
        let bloodshot = 0.3 + 0.35 * seed.child("sclera/bloodshot").unit_f64() as f32;
        Self {
            white,
            bloodshot,
            inner: mix(inner),
            outer: mix(outer),
            pupil: params.pupil_ratio.clamp(0.15, 0.75),
            fibres: seed.child("iris/fibre"),
            crypts: seed.child("iris/crypt"),
            vessels: ["x", "y", "vessel"].map(|name| seed.child("sclera").child(name)),
        }
    }

    /// The iris; `t` is 0 in the middle of the pupil and 1 at the limbus.
    fn iris(&self, t: f32, angle_rad: f32) -> Vec3 {
        let across = ((t - self.pupil) / (1.0 - self.pupil)).clamp(0.0, 1.0);
        // Fibres run outward: noise that is fine around and coarse along them.
        let (sin, cos) = math::sin_cos(angle_rad);
        let around = Vec3::new(cos, sin, 0.35 * across);
        let fibre = noise::fractal(around * 9.0, self.fibres, 3);
        let crypt = noise::fractal(around * 3.0, self.crypts, 2);
        // The wavy ring of the collarette parts the two zones.
        let collarette = 0.32 + 0.06 * crypt;
        let outer = math::smoothstep(collarette - 0.12, collarette + 0.16, across);
        let relief = 1.0 + 0.55 * fibre + 0.25 * crypt;
        let mut color = self.inner.lerp(self.outer, outer) * relief.max(0.2);
        color *= 1.0 - 0.7 * math::smoothstep(0.78, 1.0, across);
        let pupil_edge = math::smoothstep(self.pupil - 0.025, self.pupil + 0.025, t);
        (color * pupil_edge).max(Vec3::splat(0.002))
    }

    /// The white: mottled, pink with vessels toward the corners, dark at the limbus.
    fn sclera(&self, local: Vec3) -> Vec3 {
        let corner = math::smoothstep(0.35, 0.95, local.x.abs());
        let [x, y, ridge] = self.vessels;
        let mottle = noise::fractal(local * 3.0, x, 3);
        let white = self.white * (1.0 + 0.10 * mottle);
        let wobble = [x, y].map(|seed| noise::fractal(local * 5.0, seed, 2));
        let bent = local + 0.15 * Vec3::new(wobble[0], wobble[1], 0.0);
        let ridge = noise::fractal(bent * Vec3::new(3.0, 11.0, 3.0), ridge, 2);
        let vessel = (1.0 - 7.0 * ridge.abs()).max(0.0) * math::lerp(0.12, 1.0, corner);
        let red = Vec3::new(0.52, 0.20, 0.16);
        let mut color = white.lerp(red, (0.22 * corner + self.bloodshot * vessel).min(0.9));
        if 0.0 < local.z {
            let from_axis = (local.x * local.x + local.y * local.y).sqrt();
            let limbus = 1.0 - math::smoothstep(LIMBUS, LIMBUS + 0.09, from_axis);
            color = color.lerp(self.outer * 0.45 + Vec3::splat(0.05), limbus);
        }
        color
    }
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::*;

    fn eye() -> EyePose {
        EyePose {
            rest_center: Vec3::ZERO,
            center: Vec3::new(0.1, 1.6, 0.2),
            radius_m: 0.015,
            gaze: Quat::IDENTITY,
            rotation: bottega_geometry::rotation::about_axis(Vec3::Y, 0.4),
        }
    }

    #[test]
    fn white_and_cornea_meet_at_the_limbus() {
        let height = (1.0 - LIMBUS * LIMBUS).sqrt();
        let on_cornea = cornea_offset() + (CORNEA * CORNEA - LIMBUS * LIMBUS).sqrt();
        assert!((height - on_cornea).abs() < 1e-6);
        let apex = surface(Vec3::Z);
        assert!(1.05 < apex && apex < 1.12, "{apex}");
        assert!((surface(Vec3::X) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn triangles_face_outward_and_the_iris_lies_behind_the_cornea() {
        let eye = eye();
        let params = EyeParams {
            color: EyeColor::Green,
            color_variation: 0.5,
            pupil_ratio: 0.4,
            lid_crease: 0.5,
        };
        for mesh in [eyeball(&eye, &params, Seed(1)), cornea(&eye)] {
            for &[a, b, c] in &mesh.triangles {
                let [p, q, r] = [a, b, c].map(|v| mesh.positions[v as usize]);
                let face = (q - p).cross(r - p);
                let normal = mesh.normals[a as usize] + mesh.normals[c as usize];
                assert!(face.length() < 1e-12 || 0.0 < face.dot(normal), "{p}");
            }
            assert!(mesh.normals.iter().all(|n| (n.length() - 1.0).abs() < 1e-4));
        }
        let ball = eyeball(&eye, &params, Seed(1));
        let gaze = eye.rotation * Vec3::Z;
        let reach = |mesh: &TriMesh| {
            let along = mesh.positions.iter().map(|&p| (p - eye.center).dot(gaze));
            along.fold(f32::MIN, f32::max) / eye.radius_m
        };
        assert!(reach(&ball) < reach(&cornea(&eye)) - 0.1);
        assert!(
            ball.colors
                .iter()
                .all(|c| c.is_finite() && c.max_element() < 0.9)
        );
    }
}
