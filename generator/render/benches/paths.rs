//! Paths per second through scenes like those of production: a head of 100,000 triangles on
//! ground, with and without scattering below the skin and 30,000 strands of hair.

use bottega_geometry::math::{cos, sin};
use bottega_geometry::{StrandSet, TriMesh};
use bottega_render::accel::Accel;
use bottega_render::render_rgb;
use bottega_render::scene::{
    Budget, Camera, CameraMotion, ColorTexture, Environment, Label, Material, MeshObject,
    PixelFilter, PixelOrder, RenderSettings, Scene, Shortcuts, StrandObject, SubsurfaceMethod,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glam::{Affine3A, Vec2, Vec3};
use std::f32::consts::{PI, TAU};

const LABEL: Label = Label {
    part: 1,
    subject: true,
    see_through: false,
};
const CENTER: Vec3 = Vec3::new(0.0, 1.6, 0.0);
const RADIUS_M: f32 = 0.11;
const SIZE_PX: [u32; 2] = [192, 256];
const SPP: u32 = 4;

/// Direction of a point on the unit sphere, the polar axis up.
fn direction(polar: f32, azimuth: f32) -> Vec3 {
    Vec3::new(
        sin(polar) * sin(azimuth),
        cos(polar),
        sin(polar) * cos(azimuth),
    )
}

fn head(rows: u32) -> TriMesh {
    let columns = 2 * rows;
    let mut mesh = TriMesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let azimuth = TAU * (column % columns) as f32 / columns as f32;
            let normal = direction(PI * row as f32 / rows as f32, azimuth);
            mesh.positions.push(CENTER + normal * RADIUS_M);
            mesh.normals.push(normal);
        }
    }
    for row in 0..rows {
        for column in 0..columns {
            let a = row * (columns + 1) + column;
            let b = a + columns + 1;
            mesh.triangles.push([a, b, a + 1]);
            mesh.triangles.push([a + 1, b, b + 1]);
        }
    }
    mesh
}

fn ground() -> TriMesh {
    let corner = |x: f32, z: f32| Vec3::new(20.0 * x, 0.0, 20.0 * z);
    TriMesh {
        positions: vec![
            corner(-1.0, 1.0),
            corner(1.0, 1.0),
            corner(1.0, -1.0),
            corner(-1.0, -1.0),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    }
}

/// Strands from the upper back of the head, 8 to 25 cm long, that fall and curl a little.
fn hair(n: u32) -> StrandSet {
    let mut strands = StrandSet::default();
    let mut state = 1_u32;
    let mut unit = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0
    };
    while (strands.len() as u32) < n {
        let normal = direction(0.6 * PI * unit().sqrt(), TAU * unit());
        if 0.55 < normal.z && normal.y < 0.6 {
            continue;
        }
        let length_m = 0.08 + 0.17 * unit();
        let (phase, curl_m) = (TAU * unit(), 0.002 * unit());
        let mut point = CENTER + normal * RADIUS_M;
        let mut heading = normal;
        let mut points = vec![point];
        for i in 1..=16 {
            heading = (heading + Vec3::NEG_Y * 0.25).normalize();
            point += heading * (length_m / 16.0);
            // Strands lie on the head, each a little higher than the last.
            let off = point - CENTER;
            let clear = RADIUS_M + 0.002 + 0.02 * (phase / TAU);
            if off.length() < clear {
                point = CENTER + off.normalize() * clear;
            }
            let turn = phase + i as f32;
            points.push(point + Vec3::new(cos(turn), 0.0, sin(turn)) * curl_m);
        }
        let radii: Vec<f32> = (0..=16).map(|i| 40e-6 - 28e-6 * i as f32 / 16.0).collect();
        strands.push(&points, &radii, 0);
    }
    strands
}

fn environment() -> Environment {
    let (width, height) = (1024_usize, 512_usize);
    let radiance = (0..width * height)
        .map(|i| {
            let (x, y) = (i % width, i / width);
            let sun = x.abs_diff(700) < 4 && y.abs_diff(150) < 4;
            let wave = 0.3 * ((x / 40 + y / 30) % 5) as f32;
            if sun {
                Vec3::new(2000.0, 1800.0, 1500.0)
            } else if y < height / 2 {
                Vec3::new(0.6, 0.8, 1.0) + Vec3::splat(wave)
            } else {
                Vec3::new(0.3, 0.25, 0.2) * (0.5 + wave)
            }
        })
        .collect();
    Environment {
        width,
        height,
        radiance,
        yaw_rad: 0.0,
        scale: 1.0,
        background_blur_rad: 0.03,
    }
}

fn scene(skin: Material, strands: u32) -> Scene {
    let mesh = |mesh, material| MeshObject {
        mesh,
        material,
        label: LABEL,
    };
    let fiber = Material::Hair {
        sigma_a: Vec3::new(0.5, 0.9, 1.8),
        beta_m: 0.3,
        beta_n: 0.3,
        tilt_rad: 0.035,
        ior: 1.55,
    };
    let mut scene = Scene {
        meshes: vec![mesh(head(158), 0), mesh(ground(), 1)],
        strands: Vec::new(),
        materials: vec![skin, Material::Backdrop, fiber],
        environment: environment(),
        lights: Vec::new(),
        camera: Camera {
            world_from_camera: Affine3A::from_translation(CENTER + Vec3::new(0.0, -0.03, 1.2)),
            resolution_px: SIZE_PX,
            focal_px: Vec2::splat(900.0 * SIZE_PX[1] as f32 / 512.0),
            center_px: Vec2::new(SIZE_PX[0] as f32, SIZE_PX[1] as f32) * 0.5,
            lens_radius_m: 0.0,
            focus_distance_m: 1.0,
            motion: CameraMotion::NONE,
        },
    };
    if 0 < strands {
        scene.strands.push(StrandObject {
            strands: hair(strands),
            materials: vec![2],
            label: LABEL,
        });
    }
    scene
}

fn paths(criterion: &mut Criterion) {
    let color = ColorTexture::Constant(Vec3::new(0.56, 0.41, 0.33));
    let diffuse = Material::Diffuse {
        color: color.clone(),
    };
    let skin = |mean_free_path_m| Material::Skin {
        color: color.clone(),
        roughness: 0.45,
        mean_free_path_m,
        bump: None,
    };
    let path_m = Vec3::new(3.67e-3, 1.37e-3, 0.68e-3);
    let settings = RenderSettings {
        spp: SPP,
        budget: Budget::Even,
        label_rays: 64,
        max_bounces: 12,
        clamp_indirect: 10.0,
        exposure: 0.3,
        seed: 1,
        filter: PixelFilter::BlackmanHarris,
        shortcuts: Shortcuts::default(),
        pixel_order: PixelOrder::Independent,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a pool starts");
    let mut group = criterion.benchmark_group("paths");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(
        SIZE_PX[0] * SIZE_PX[1] * SPP,
    )));
    let exact = Shortcuts::default();
    let diffusion = Shortcuts {
        subsurface: SubsurfaceMethod::Diffusion,
        ..exact
    };
    let few_fibers = Shortcuts {
        hair_bounces: Some(8),
        ..exact
    };
    for (name, scene, shortcuts) in [
        ("diffuse", scene(diffuse, 0), exact),
        ("coat", scene(skin(Vec3::ZERO), 0), exact),
        ("subsurface", scene(skin(path_m), 0), exact),
        ("subsurface by diffusion", scene(skin(path_m), 0), diffusion),
        ("subsurface and hair", scene(skin(path_m), 30_000), exact),
        (
            "and hair, eight fibres",
            scene(skin(path_m), 30_000),
            few_fibers,
        ),
    ] {
        let settings = RenderSettings {
            shortcuts,
            ..settings
        };
        let accel = Accel::build(&scene, 2e-4).expect("the scene is sound");
        group.bench_function(name, |bencher| {
            bencher.iter(|| pool.install(|| render_rgb(&scene, &accel, &settings)));
        });
    }
    group.finish();
}

criterion_group!(benches, paths);
criterion_main!(benches);
