//! Head and shoulders of 110,000 triangles, bare or under 30,000 strands of 16 spans, and the
//! rays that a picture of them makes.

use bottega_geometry::{StrandSet, TriMesh, math};
use bottega_render::accel::{Accel, HitKind};
use bottega_render::interaction::SurfaceHit;
use bottega_render::ray::{Ray, offset_origin};
use bottega_render::scene::{
    Camera, CameraMotion, ColorTexture, Environment, Label, Material, MeshObject, Scene,
    StrandObject,
};
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

/// How the strands lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hair {
    /// There are none.
    None,
    /// Each strand goes its own way down.
    Loose,
    /// Locks of 50 strands that run side by side, swept to both sides.
    Combed,
}

fn hair(n_strands: usize, style: Hair) -> StrandSet {
    let mut numbers = Numbers(3);
    let mut lock = Numbers(5);
    let mut lock_direction = Vec3::Y;
    let mut strands = StrandSet::default();
    while strands.len() < n_strands {
        let combed = style == Hair::Combed;
        if combed && strands.len() % 50 == 0 {
            lock = Numbers(5 + strands.len() as u64);
            lock_direction = numbers.sphere();
        }
        let direction = if combed {
            (lock_direction + 0.1 * numbers.sphere()).normalize()
        } else {
            numbers.sphere()
        };
        if direction.y < 0.15 - 0.5 * direction.z.max(0.0) - 0.4 * (-direction.z).max(0.0) {
            lock_direction = if combed {
                numbers.sphere()
            } else {
                lock_direction
            };
            continue;
        }
        let step_m = (0.08 + 0.17 * numbers.unit()) / 16.0;
        let mut point = HEAD + Vec3::new(0.075, 0.105, 0.095) * direction;
        let mut heading = direction;
        let (mut points, mut radii) = (Vec::new(), Vec::new());
        // The strands of a lock bend alike.
        let mut bends = Numbers(lock.0);
        for i in 0..17 {
            points.push(point);
            radii.push(40e-6 - 28e-6 * i as f32 / 16.0);
            // Bends down with gravity, curls a little, and stays outside the head.
            let pull = if combed {
                let side = 0.7_f32.copysign(lock_direction.x);
                Vec3::new(side, -0.6, 0.4 * lock_direction.z)
                    + bends.sphere()
                    + 0.1 * numbers.sphere()
            } else {
                -Vec3::Y + 1.4 * numbers.sphere()
            };
            heading = (heading + 0.25 * pull).normalize();
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

/// Head, neck and shoulders; with hair, 30,000 strands.
pub(crate) fn scene(style: Hair) -> Scene {
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
        strands: hair(30_000, style),
        materials: vec![0],
        label,
    };
    Scene {
        meshes: vec![MeshObject {
            mesh,
            material: 0,
            label,
        }],
        strands: if style == Hair::None {
            Vec::new()
        } else {
            vec![strands]
        },
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
        lights: Vec::new(),
        camera: Camera {
            world_from_camera: Affine3A::from_translation(HEAD + Vec3::new(0.0, -0.08, 1.0)),
            resolution_px: [384, 512],
            focal_px: Vec2::splat(256.0 / 0.28675),
            center_px: Vec2::new(192.0, 256.0),
            lens_radius_m: 0.0,
            focus_distance_m: 1.0,
            motion: CameraMotion::NONE,
        },
    }
}

/// Three sets of rays.
pub(crate) struct Rays {
    /// Through the film, in tiles.
    pub(crate) primary: Vec<Ray>,
    /// From the hits of the first, in all directions.
    pub(crate) bounce: Vec<Ray>,
    /// From the same points toward a wide light.
    pub(crate) shadow: Vec<Ray>,
}

/// The rays that a picture makes.
///
/// Rays that leave a strand start beyond it, so that a kernel need not know the pieces to skip.
pub(crate) fn rays(scene: &Scene, accel: &Accel) -> Rays {
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
                let beyond = |direction| Ray {
                    t_min: 2e-4,
                    ..Ray::new(surface.position, direction)
                };
                bounce.push(beyond(any));
                shadow.push(beyond(toward_light));
            }
        }
    }
    Rays {
        primary,
        bounce,
        shadow,
    }
}

/// The first rays of the paths of every fourth pixel, eight of each pixel after one another.
pub(crate) fn pixel_rays(scene: &Scene) -> Vec<Ray> {
    let mut numbers = Numbers(23);
    let [width, height] = scene.camera.resolution_px;
    let mut rays = Vec::new();
    for y in (0..height).step_by(2) {
        for x in (0..width).step_by(2) {
            let corner = Vec2::new(x as f32, y as f32);
            rays.extend((0..8).map(|_| {
                let offset = Vec2::new(numbers.unit(), numbers.unit());
                scene.camera.ray(corner + offset)
            }));
        }
    }
    rays
}

/// Time this thread has spent on a processor, in seconds, where the system tells.
fn thread_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds * 1e-9)
}

/// Processor seconds of some work on this thread, which other load on the machine disturbs
/// little; wall seconds where the system does not tell.
pub(crate) fn seconds_of(work: impl FnOnce()) -> f64 {
    let start = (thread_seconds(), std::time::Instant::now());
    work();
    let wall = start.1.elapsed().as_secs_f64();
    match (start.0, thread_seconds()) {
        (Some(before), Some(after)) if before < after => after - before,
        _ => wall,
    }
}
