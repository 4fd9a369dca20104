//! What several tests share: the chi-square test, directions, small scenes.

use bottega_geometry::TriMesh;
use glam::{Affine3A, Vec2, Vec3};

use crate::bsdf::Bsdf;
use crate::fast_math::atan2;
use crate::sampler::{IndependentSampler, Sampler};
use crate::scene::{
    Budget, Camera, CameraMotion, Environment, Label, MeshObject, PixelFilter, PixelOrder,
    RenderSettings, Scene, Shortcuts,
};

/// Probability that a chi-square variable of `freedom` degrees exceeds `statistic` (Wilson and
/// Hilferty's approximation, good to a few percent where it matters here).
fn chi_square_tail(statistic: f64, freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    let z = (libm::cbrt(statistic / freedom) - (1.0 - spread)) / spread.sqrt();
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// Asserts that `counts` agree with `expected` at the given significance. Bins that expect fewer
/// than five are merged.
pub(crate) fn assert_chi_square(counts: &[f64], expected: &[f64], significance: f64, what: &str) {
    let mut bins: Vec<(f64, f64)> = Vec::new();
    let mut order: Vec<usize> = (0..expected.len()).collect();
    order.sort_by(|&a, &b| expected[a].total_cmp(&expected[b]));
    let mut open = (0.0, 0.0);
    for i in order {
        open.0 += counts[i];
        open.1 += expected[i];
        if 5.0 <= open.1 {
            bins.push(open);
            open = (0.0, 0.0);
        }
    }
    // What is left over joins the last bin; draws where none are expected still count.
    match bins.last_mut() {
        Some(last) => *last = (last.0 + open.0, last.1 + open.1),
        None => bins.push(open),
    }
    let statistic: f64 = bins
        .iter()
        .map(|(o, e)| (o - e) * (o - e) / e.max(1e-9))
        .sum();
    let freedom = (bins.len() as f64 - 1.0).max(1.0);
    let p = chi_square_tail(statistic, freedom);
    assert!(
        significance < p,
        "{what}: chi-square {statistic:.1} with {freedom} degrees of freedom, p = {p:.2e}"
    );
}

/// Asserts that `bsdf.sample` draws directions with the density of `bsdf.eval`.
pub(crate) fn assert_samples_follow_density(
    bsdf: &Bsdf<'_>,
    wo: Vec3,
    significance: f64,
    what: &str,
) {
    let draw = |u_lobe: f32, u: Vec2| {
        let sample = bsdf.sample(wo, u_lobe, u)?;
        let value = bsdf.eval(wo, sample.wi);
        assert!((value.pdf / sample.pdf - 1.0).abs() < 1e-3, "{what}");
        Some(sample.wi)
    };
    assert_draws_follow_density(draw, |wi| bsdf.eval(wo, wi).pdf, significance, what);
}

/// Asserts that `draw` draws unit vectors, from one uniform number and two, with `density`.
pub(crate) fn assert_draws_follow_density(
    draw: impl Fn(f32, Vec2) -> Option<Vec3>,
    density: impl Fn(Vec3) -> f32,
    significance: f64,
    what: &str,
) {
    const ROWS: usize = 20;
    const COLUMNS: usize = 40;
    const FINE: usize = 12;
    let draws = 60_000;
    // Rows are even in the height z, so that all bins have the same solid angle.
    let bin = |w: Vec3| {
        let row = ((0.5 - 0.5 * w.z) * ROWS as f32) as usize;
        let column = ((atan2(w.y, w.x) / std::f32::consts::TAU + 0.5) * COLUMNS as f32) as usize;
        row.min(ROWS - 1) * COLUMNS + column.min(COLUMNS - 1)
    };
    let mut expected = vec![0.0; ROWS * COLUMNS];
    let weight = 4.0 * std::f64::consts::PI / (ROWS * COLUMNS * FINE * FINE) as f64;
    for i in 0..ROWS * FINE {
        for j in 0..COLUMNS * FINE {
            let z = 1.0 - 2.0 * (i as f32 + 0.5) / (ROWS * FINE) as f32;
            let turns = (j as f32 + 0.5) / (COLUMNS * FINE) as f32 - 0.5;
            let (sin, cos) = crate::fast_math::sin_cos_turns(turns);
            let radius = (1.0 - z * z).sqrt();
            let wi = Vec3::new(radius * cos, radius * sin, z);
            expected[(i / FINE) * COLUMNS + j / FINE] +=
                f64::from(density(wi)) * weight * f64::from(draws);
        }
    }
    let mut counts = vec![0.0; ROWS * COLUMNS];
    let mut sampler = IndependentSampler::new(17);
    let mut drawn = 0.0;
    for _ in 0..draws {
        let (u_lobe, u) = (sampler.next_1d(), sampler.next_2d());
        if let Some(wi) = draw(u_lobe, u) {
            assert!((wi.length() - 1.0).abs() < 1e-4, "{what}: {wi}");
            counts[bin(wi)] += 1.0;
            drawn += 1.0;
        }
    }
    let total: f64 = expected.iter().sum();
    assert!(
        (total / drawn - 1.0).abs() < 0.01,
        "{what}: density {total}, drawn {drawn}"
    );
    // The quadrature's own error is taken out of the total.
    expected.iter_mut().for_each(|e| *e *= drawn / total);
    assert_chi_square(&counts, &expected, significance, what);
}

/// The same for lobes that are too sharp for bins of equal size: bins are rings about the mirror
/// direction, each wider than the last, cut into sectors.
pub(crate) fn assert_sharp_samples_follow_density(
    bsdf: &Bsdf<'_>,
    wo: Vec3,
    significance: f64,
    what: &str,
) {
    const RINGS: usize = 24;
    const SECTORS: usize = 12;
    const FINE: usize = 16;
    const LEAST_RAD: f32 = 1e-4;
    let draws = 40_000;
    let frame = crate::frame::Frame::from_normal(Vec3::new(-wo.x, -wo.y, wo.z));
    let span = crate::fast_math::ln(std::f32::consts::PI / LEAST_RAD);
    let mut expected = vec![0.0; RINGS * SECTORS];
    for i in 0..RINGS * FINE {
        let edge =
            |i: usize| LEAST_RAD * crate::fast_math::exp(i as f32 / (RINGS * FINE) as f32 * span);
        let (lo, hi) = (if i == 0 { 0.0 } else { edge(i) }, edge(i + 1));
        let angle = 0.5 * (lo + hi);
        for j in 0..SECTORS * FINE {
            let turns = (j as f32 + 0.5) / (SECTORS * FINE) as f32 - 0.5;
            let (sin, cos) = crate::fast_math::sin_cos_turns(turns);
            let (sin_angle, cos_angle) = crate::fast_math::sin_cos(angle);
            let local = Vec3::new(sin_angle * cos, sin_angle * sin, cos_angle);
            let solid =
                f64::from((hi - lo) * sin_angle) * std::f64::consts::TAU / (SECTORS * FINE) as f64;
            let pdf = bsdf.eval(wo, frame.to_world(local).normalize()).pdf;
            expected[(i / FINE) * SECTORS + j / FINE] += f64::from(pdf) * solid * f64::from(draws);
        }
    }
    let mut counts = vec![0.0; RINGS * SECTORS];
    let mut sampler = IndependentSampler::new(29);
    let mut drawn = 0.0;
    for _ in 0..draws {
        let (u_lobe, u) = (sampler.next_1d(), sampler.next_2d());
        let Some(sample) = bsdf.sample(wo, u_lobe, u) else {
            continue;
        };
        let local = frame.to_local(sample.wi);
        let angle = atan2(local.truncate().length(), local.z).max(LEAST_RAD);
        let ring = (crate::fast_math::ln(angle / LEAST_RAD) / span * RINGS as f32) as usize;
        let turns = atan2(local.y, local.x) / std::f32::consts::TAU + 0.5;
        let sector = ((turns * SECTORS as f32) as usize).min(SECTORS - 1);
        counts[ring.min(RINGS - 1) * SECTORS + sector] += 1.0;
        drawn += 1.0;
    }
    let total: f64 = expected.iter().sum();
    assert!(
        (total / drawn - 1.0).abs() < 0.02,
        "{what}: density {total}, drawn {drawn}"
    );
    expected.iter_mut().for_each(|e| *e *= drawn / total);
    assert_chi_square(&counts, &expected, significance, what);
}

/// Unit vector at `theta_deg` from +Z and azimuth `phi_deg`.
pub(crate) fn direction(theta_deg: f32, phi_deg: f32) -> Vec3 {
    let (sin, cos) = crate::fast_math::sin_cos_turns(theta_deg / 360.0);
    let (sin_phi, cos_phi) = crate::fast_math::sin_cos_turns(phi_deg / 360.0);
    Vec3::new(sin * cos_phi, sin * sin_phi, cos)
}

/// A sphere of `2 rows x rows` quads cut in two, with smooth normals.
pub(crate) fn sphere(center: Vec3, radius_m: f32, rows: u32) -> TriMesh {
    let columns = 2 * rows;
    let mut mesh = TriMesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let normal = {
                let d = direction(
                    180.0 * row as f32 / rows as f32,
                    360.0 * (column % columns) as f32 / columns as f32,
                );
                // The polar axis is +Y.
                Vec3::new(d.y, d.z, d.x)
            };
            mesh.positions.push(center + normal * radius_m);
            mesh.normals.push(normal);
        }
    }
    for row in 0..rows {
        for column in 0..columns {
            let a = row * (columns + 1) + column;
            let b = a + columns + 1;
            if 0 < row {
                mesh.triangles.push([a, b, a + 1]);
            }
            if row + 1 < rows {
                mesh.triangles.push([a + 1, b, b + 1]);
            }
        }
    }
    mesh
}

/// A mesh object that belongs to the subject.
pub(crate) fn object(mesh: TriMesh, material: u32) -> MeshObject {
    MeshObject {
        mesh,
        material,
        label: Label {
            part: 1,
            subject: true,
            see_through: false,
        },
    }
}

/// Light given by a function of the direction, on a map of 64 rows.
pub(crate) fn environment(light: impl Fn(Vec3) -> Vec3) -> Environment {
    let (width, height) = (128, 64);
    let radiance = (0..width * height)
        .map(|i| {
            let polar = (i / width) as f32 + 0.5;
            let turns = ((i % width) as f32 + 0.5) / width as f32 - 0.5;
            let d = direction(polar / height as f32 * 180.0, 360.0 * turns);
            light(Vec3::new(d.x, d.z, d.y))
        })
        .collect();
    Environment {
        width,
        height,
        radiance,
        yaw_rad: 0.0,
        scale: 1.0,
        background_blur_rad: 0.0,
    }
}

/// A scene without objects whose camera stands at +Z and sees the origin from `distance_m` in the
/// middle of a picture `size_px` wide and high; a unit length there covers `px_per_m` pixels.
pub(crate) fn scene(
    environment: Environment,
    size_px: u32,
    distance_m: f32,
    px_per_m: f32,
) -> Scene {
    Scene {
        meshes: Vec::new(),
        strands: Vec::new(),
        materials: Vec::new(),
        environment,
        lights: Vec::new(),
        camera: Camera {
            world_from_camera: Affine3A::from_translation(Vec3::Z * distance_m),
            resolution_px: [size_px, size_px],
            focal_px: Vec2::splat(px_per_m * distance_m),
            center_px: Vec2::splat(0.5 * size_px as f32),
            lens_radius_m: 0.0,
            focus_distance_m: distance_m,
            motion: CameraMotion::NONE,
        },
    }
}

/// Settings for tests: no bound on indirect light, exposure one.
pub(crate) fn settings(spp: u32) -> RenderSettings {
    RenderSettings {
        spp,
        budget: Budget::Even,
        label_rays: 64,
        max_bounces: 64,
        clamp_indirect: f32::INFINITY,
        exposure: 1.0,
        seed: 1,
        filter: PixelFilter::Box,
        shortcuts: Shortcuts::default(),
        pixel_order: PixelOrder::Independent,
    }
}
