//! How many rays a second the trees answer: head and shoulders of 110,000 triangles, bare and
//! under 30,000 strands of 16 spans.
//!
//! Three sets of rays, as a picture makes them: `primary` through the film in tiles, `bounce`
//! from their hits in cosine-distributed (on strands: any) directions, `shadow` from the same
//! points toward a wide light. Beside Criterion's wall times, the best rates by processor time
//! of the one thread are printed, which other load on the machine disturbs less.

use std::hint::black_box;

use bottega_geometry::{StrandSet, TriMesh, math};
use bottega_render::accel::{Accel, HitKind};
use bottega_render::interaction::SurfaceHit;
use bottega_render::label::render_labels;
use bottega_render::ray::{Ray, offset_origin};
use bottega_render::scene::{
    Camera, ColorTexture, Environment, Label, Material, MeshObject, Scene, StrandObject,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glam::{Affine3A, Vec2, Vec3};

const HEAD: Vec3 = Vec3::new(0.0, 1.62, 0.0);

/// A small deterministic generator.
struct Numbers(u64);

impl Numbers {
    fn unit(&mut self) -> f32 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    fn sphere(&mut self) -> Vec3 {
        let z = 1.0 - 2.0 * self.unit();
        let (sin, cos) = math::sin_cos(std::f32::consts::TAU * self.unit());
        let r = (1.0 - z * z).max(0.0).sqrt();
        Vec3::new(r * cos, r * sin, z)
    }
}

/// A ball with folds, stretched to `size`.
fn blob(mesh: &mut TriMesh, center: Vec3, size: Vec3, n_rings: u32) {
    let n_columns = 2 * n_rings;
    let first = mesh.positions.len() as u32;
    for ring in 0..=n_rings {
        let (sin_theta, cos_theta) =
            math::sin_cos(std::f32::consts::PI * ring as f32 / n_rings as f32);
        for column in 0..n_columns {
            let phi = std::f32::consts::TAU * column as f32 / n_columns as f32;
            let (sin_phi, cos_phi) = math::sin_cos(phi);
            let direction = Vec3::new(sin_theta * cos_phi, cos_theta, sin_theta * sin_phi);
            let fold = math::sin(9.0 * direction.x)
                * math::sin(11.0 * direction.y)
                * math::sin(8.0 * direction.z);
            mesh.positions
                .push(center + size * direction * (1.0 + 0.06 * fold));
        }
    }
    for ring in 0..n_rings {
        for column in 0..n_columns {
            let next = (column + 1) % n_columns;
            let (a, b) = (
                first + ring * n_columns + column,
                first + ring * n_columns + next,
            );
            let (c, d) = (a + n_columns, b + n_columns);
            mesh.triangles.push([a, b, c]);
            mesh.triangles.push([b, d, c]);
        }
    }
}

fn hair(n_strands: usize) -> StrandSet {
    let mut numbers = Numbers(3);
    let mut strands = StrandSet::default();
    while strands.len() < n_strands {
        let direction = numbers.sphere();
        if direction.y < 0.15 - 0.5 * direction.z.max(0.0) - 0.4 * (-direction.z).max(0.0) {
            continue;
        }
        let step_m = (0.08 + 0.17 * numbers.unit()) / 16.0;
        let mut point = HEAD + Vec3::new(0.075, 0.105, 0.095) * direction;
        let mut heading = direction;
        let (mut points, mut radii) = (Vec::new(), Vec::new());
        for i in 0..17 {
            points.push(point);
            radii.push(40e-6 - 28e-6 * i as f32 / 16.0);
            // Bends down with gravity, curls a little, and stays outside the head.
            heading = (heading - 0.25 * Vec3::Y + 0.35 * numbers.sphere()).normalize();
            point += heading * step_m;
            let out = (point - HEAD) / Vec3::new(0.08, 0.11, 0.1);
            if out.length_squared() < 1.0 {
                point = HEAD + out.normalize() * Vec3::new(0.08, 0.11, 0.1);
            }
        }
        strands.push(&points, &radii, 0);
    }
    strands
}

fn scene(with_hair: bool) -> Scene {
    let label = Label {
        part: 1,
        subject: true,
        see_through: false,
    };
    let mut mesh = TriMesh::default();
    blob(&mut mesh, HEAD, Vec3::new(0.075, 0.11, 0.095), 110);
    blob(
        &mut mesh,
        HEAD - 0.16 * Vec3::Y,
        Vec3::new(0.06, 0.1, 0.06),
        60,
    );
    blob(
        &mut mesh,
        HEAD - 0.42 * Vec3::Y,
        Vec3::new(0.23, 0.22, 0.13),
        110,
    );
    let strands = StrandObject {
        strands: hair(30_000),
        materials: vec![0],
        label,
    };
    Scene {
        meshes: vec![MeshObject {
            mesh,
            material: 0,
            label,
        }],
        strands: if with_hair { vec![strands] } else { Vec::new() },
        materials: vec![Material::Diffuse {
            color: ColorTexture::Constant(Vec3::splat(0.5)),
        }],
        environment: Environment {
            width: 1,
            height: 1,
            radiance: vec![Vec3::ONE],
            yaw_rad: 0.0,
            scale: 1.0,
            background_blur_rad: 0.0,
        },
        camera: Camera {
            world_from_camera: Affine3A::from_translation(HEAD + Vec3::new(0.0, -0.08, 1.0)),
            resolution_px: [384, 512],
            focal_px: Vec2::splat(256.0 / 0.28675),
            center_px: Vec2::new(192.0, 256.0),
            lens_radius_m: 0.0,
            focus_distance_m: 1.0,
        },
    }
}

struct Rays {
    primary: Vec<Ray>,
    bounce: Vec<Ray>,
    shadow: Vec<Ray>,
}

fn rays(scene: &Scene, accel: &Accel) -> Rays {
    let mut numbers = Numbers(9);
    let [width, height] = scene.camera.resolution_px;
    let mut primary = Vec::new();
    for tile in 0..(width / 16) * (height / 16) {
        for pixel in 0..256 {
            let x = tile % (width / 16) * 16 + pixel % 16;
            let y = tile / (width / 16) * 16 + pixel / 16;
            for _ in 0..2 {
                let offset = Vec2::new(numbers.unit(), numbers.unit());
                let film_px = Vec2::new(x as f32, y as f32) + offset;
                primary.push(scene.camera.ray(film_px));
            }
        }
    }
    let (mut bounce, mut shadow) = (Vec::new(), Vec::new());
    let light = Vec3::new(0.5, 0.7, 0.5).normalize();
    for ray in &primary {
        let Some(hit) = accel.intersect(ray) else {
            continue;
        };
        let surface = SurfaceHit::new(scene, ray, &hit);
        let mut normal = surface.geometric_normal;
        if 0.0 < normal.dot(ray.direction) {
            normal = -normal;
        }
        let any = numbers.sphere();
        let toward_light = (light + 0.7 * numbers.sphere()).normalize();
        match hit.kind {
            HitKind::Triangle { .. } => {
                let origin = offset_origin(surface.position, normal);
                bounce.push(Ray::new(origin, (normal + 0.999 * any).normalize()));
                shadow.push(Ray::new(origin, toward_light));
            }
            HitKind::Strand { .. } => {
                let skip = accel.skip_of(&hit);
                bounce.push(Ray::new(surface.position, any).with_skip(skip));
                shadow.push(Ray::new(surface.position, toward_light).with_skip(skip));
            }
        }
    }
    Rays {
        primary,
        bounce,
        shadow,
    }
}

/// Time this thread has spent on a processor, in seconds, where the system tells.
fn thread_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds * 1e-9)
}

fn best_seconds(rounds: usize, mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let start = (thread_seconds(), std::time::Instant::now());
        work();
        let wall = start.1.elapsed().as_secs_f64();
        let seconds = match (start.0, thread_seconds()) {
            (Some(before), Some(after)) if before < after => after - before,
            _ => wall,
        };
        best = best.min(seconds);
    }
    best
}

fn count_hits(accel: &Accel, rays: &[Ray]) -> usize {
    rays.iter()
        .filter(|ray| accel.intersect(ray).is_some())
        .count()
}

fn count_occluded(accel: &Accel, rays: &[Ray]) -> usize {
    rays.iter().filter(|ray| accel.occluded(ray)).count()
}

fn intersect(criterion: &mut Criterion) {
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build()
        .expect("a pool of the own thread can be made");
    for (name, with_hair, tolerance_m) in [
        ("triangles", false, 1.0),
        ("hair", true, 1.0),
        ("hair_quarter_pixel", true, 2.5e-4),
    ] {
        let scene = scene(with_hair);
        let build =
            || one_thread.install(|| Accel::build(&scene, tolerance_m).expect("a sound scene"));
        let accel = build();
        let build_s = best_seconds(3, || drop(black_box(build())));
        let rays = rays(&scene, &accel);
        let rate = |rays: &[Ray], work: &dyn Fn(&Accel, &[Ray]) -> usize| {
            let seconds = best_seconds(7, || {
                black_box(work(&accel, rays));
            });
            let hits = work(&accel, rays);
            format!(
                "{:.2} Mrays/s ({hits} of {} hit)",
                rays.len() as f64 / seconds * 1e-6,
                rays.len()
            )
        };
        eprintln!(
            "{name}: {} triangles, {:.1} MB, build {build_s:.3} s",
            scene.meshes[0].mesh.triangles.len(),
            accel.memory_bytes() as f64 * 1e-6,
        );
        eprintln!("  primary {}", rate(&rays.primary, &count_hits));
        eprintln!("  bounce  {}", rate(&rays.bounce, &count_hits));
        eprintln!("  shadow  {}", rate(&rays.shadow, &count_occluded));
        let labels_s = best_seconds(2, || {
            one_thread.install(|| black_box(render_labels(&scene, &accel, 64)));
        });
        eprintln!("  labels  {labels_s:.3} s");

        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for (set, rays) in [("primary", &rays.primary), ("bounce", &rays.bounce)] {
            group.throughput(Throughput::Elements(rays.len() as u64));
            group.bench_function(set, |bencher| bencher.iter(|| count_hits(&accel, rays)));
        }
        group.throughput(Throughput::Elements(rays.shadow.len() as u64));
        group.bench_function("shadow", |bencher| {
            bencher.iter(|| count_occluded(&accel, &rays.shadow));
        });
        group.finish();
    }
}

criterion_group!(benches, intersect);
criterion_main!(benches);
