//! Small scenes with known answers.
#![allow(dead_code, reason = "each test file uses its own part")]

use bottega_geometry::{StrandSet, TriMesh, math};
use bottega_render::scene::{
    Camera, CameraMotion, ColorTexture, Environment, Label, Material, MeshObject, Scene,
    StrandObject,
};
use glam::{Affine3A, Vec2, Vec3};

/// The person, with a part number.
pub(crate) fn subject(part: u8) -> Label {
    Label {
        part,
        subject: true,
        see_through: false,
    }
}

/// Ground and furniture.
pub(crate) const SURROUNDINGS: Label = Label {
    part: 0,
    subject: false,
    see_through: false,
};

/// Lens glass.
pub(crate) const LENS: Label = Label {
    part: 9,
    subject: true,
    see_through: true,
};

/// A camera at the origin that looks along -Z.
pub(crate) fn camera(width: u32, height: u32, focal_px: f32) -> Camera {
    Camera {
        world_from_camera: Affine3A::IDENTITY,
        resolution_px: [width, height],
        focal_px: Vec2::splat(focal_px),
        center_px: 0.5 * Vec2::new(width as f32, height as f32),
        lens_radius_m: 0.0,
        focus_distance_m: 1.0,
        motion: CameraMotion::NONE,
    }
}

/// A scene without objects.
pub(crate) fn empty(camera: Camera) -> Scene {
    Scene {
        meshes: Vec::new(),
        strands: Vec::new(),
        materials: vec![
            Material::Diffuse {
                color: ColorTexture::Constant(Vec3::splat(0.5)),
            },
            Material::Dielectric {
                ior: 1.5,
                thin: true,
                absorption: Vec3::ZERO,
                roughness: 0.0,
            },
        ],
        environment: Environment {
            width: 1,
            height: 1,
            radiance: vec![Vec3::ONE],
            yaw_rad: 0.0,
            scale: 1.0,
            background_blur_rad: 0.0,
        },
        lights: Vec::new(),
        camera,
    }
}

/// Adds a mesh.
pub(crate) fn add_mesh(scene: &mut Scene, mesh: TriMesh, label: Label) {
    let material = u32::from(label.see_through);
    scene.meshes.push(MeshObject {
        mesh,
        material,
        label,
    });
}

/// Adds strands.
pub(crate) fn add_strands(scene: &mut Scene, strands: StrandSet, label: Label) {
    scene.strands.push(StrandObject {
        strands,
        materials: vec![0],
        label,
    });
}

/// A quad, counter-clockwise seen from its front.
pub(crate) fn quad(corners: [Vec3; 4]) -> TriMesh {
    TriMesh {
        positions: corners.to_vec(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    }
}

/// A quad across the view at depth `depth_m`, from film position `low` to `high` of `camera`.
pub(crate) fn screen_quad(camera: &Camera, low: Vec2, high: Vec2, depth_m: f32) -> TriMesh {
    let at = |x: f32, y: f32| point_on_film(camera, Vec2::new(x, y), depth_m);
    quad([
        at(low.x, high.y),
        at(high.x, high.y),
        at(high.x, low.y),
        at(low.x, low.y),
    ])
}

/// The camera-space point at a film position and depth.
pub(crate) fn point_on_film(camera: &Camera, film_px: Vec2, depth_m: f32) -> Vec3 {
    let slope = (film_px - camera.center_px) / camera.focal_px;
    Vec3::new(slope.x * depth_m, -slope.y * depth_m, -depth_m)
}

/// A ball of triangles with the ball's own normals.
pub(crate) fn ball(center: Vec3, radius_m: f32, n_rings: u32) -> TriMesh {
    let n_columns = 2 * n_rings;
    let mut mesh = TriMesh::default();
    for ring in 0..=n_rings {
        let theta = std::f32::consts::PI * ring as f32 / n_rings as f32;
        let (mut sin_theta, cos_theta) = math::sin_cos(theta);
        if ring == 0 || ring == n_rings {
            sin_theta = 0.0;
        }
        for column in 0..n_columns {
            let phi = std::f32::consts::TAU * column as f32 / n_columns as f32;
            let (sin_phi, cos_phi) = math::sin_cos(phi);
            let direction = Vec3::new(sin_theta * cos_phi, cos_theta, sin_theta * sin_phi);
            mesh.positions.push(center + radius_m * direction);
            mesh.normals.push(direction.normalize());
        }
    }
    for ring in 0..n_rings {
        for column in 0..n_columns {
            let next = (column + 1) % n_columns;
            let (a, b) = (ring * n_columns + column, ring * n_columns + next);
            let (c, d) = (a + n_columns, b + n_columns);
            if 0 < ring {
                mesh.triangles.push([a, b, c]);
            }
            if ring + 1 < n_rings {
                mesh.triangles.push([b, d, c]);
            }
        }
    }
    mesh
}

/// A small deterministic generator; statistics do not matter here.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f32 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    /// A point in the cube of side 2 about the origin.
    pub(crate) fn point(&mut self) -> Vec3 {
        let mut coordinate = || self.unit() * 2.0 - 1.0;
        Vec3::new(coordinate(), coordinate(), coordinate())
    }
}

/// Curly hair on the upper half of a ball.
pub(crate) fn hair_on_ball(
    center: Vec3,
    ball_radius_m: f32,
    n_strands: usize,
    radius_m: f32,
    length_m: f32,
) -> StrandSet {
    let mut numbers = Numbers(77);
    let mut strands = StrandSet::default();
    while strands.len() < n_strands {
        let Some(direction) = numbers.point().try_normalize() else {
            continue;
        };
        if direction.y < 0.1 {
            continue;
        }
        let n_points = 12;
        let step_m = length_m / (n_points - 1) as f32;
        let mut point = center + direction * ball_radius_m;
        let mut heading = direction;
        let (mut points, mut radii) = (Vec::new(), Vec::new());
        for i in 0..n_points {
            points.push(point);
            radii.push(radius_m * (1.0 - 0.7 * i as f32 / n_points as f32));
            heading = (heading + 0.5 * numbers.point() - 0.2 * Vec3::Y).normalize_or(Vec3::Y);
            point += heading * step_m;
        }
        strands.push(&points, &radii, 0);
    }
    strands
}
