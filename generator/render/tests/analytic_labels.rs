//! Label planes against closed forms.

mod common;

use bottega_geometry::{StrandSet, TriMesh};
use bottega_render::accel::Accel;
use bottega_render::label::{LabelPlanes, render_labels, render_labels_exhaustively};
use bottega_render::scene::{Camera, Scene};
use common::{
    LENS, SURROUNDINGS, add_mesh, add_strands, ball, camera, empty, hair_on_ball, point_on_film,
    quad, screen_quad, subject,
};
use glam::{DVec2, DVec3, Vec2, Vec3};

const LABEL_RAYS: u32 = 64;

fn labels(scene: &Scene) -> LabelPlanes {
    let accel = Accel::build(scene, Accel::chord_tolerance_m(scene)).expect("a sound scene");
    render_labels(scene, &accel, LABEL_RAYS)
}

/// Unit direction of the pixel-centre ray, in camera space, in `f64`.
fn direction(camera: &Camera, x: u32, y: u32) -> DVec3 {
    let film = DVec2::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
    let slope = (film - camera.center_px.as_dvec2()) / camera.focal_px.as_dvec2();
    DVec3::new(slope.x, -slope.y, -1.0).normalize()
}

#[test]
fn depth_and_range_of_a_tilted_plane_are_exact() {
    let camera = camera(48, 64, 60.0);
    let mut scene = empty(camera);
    // z = -2 + 0.5 x + 0.25 y, large enough to fill the film.
    let on_plane = |x: f32, y: f32| Vec3::new(x, y, -2.0 + 0.5 * x + 0.25 * y);
    let corners = [
        on_plane(-3.0, -3.0),
        on_plane(3.0, -3.0),
        on_plane(3.0, 3.0),
        on_plane(-3.0, 3.0),
    ];
    add_mesh(&mut scene, quad(corners), subject(4));
    let planes = labels(&scene);
    let normal = DVec3::new(-0.5, -0.25, 1.0).normalize();
    for y in 0..64 {
        for x in 0..48 {
            let pixel = (y * 48 + x) as usize;
            let d = direction(&camera, x, y);
            let range = normal.dot(DVec3::new(0.0, 0.0, -2.0)) / normal.dot(d);
            let depth = -d.z * range;
            let error = |found: f32, exact: f64| (f64::from(found) / exact - 1.0).abs();
            assert!(error(planes.range_m[pixel], range) < 1e-6);
            assert!(error(planes.depth_m[pixel], depth) < 1e-6);
            assert!((planes.normal[pixel].as_dvec3() - normal).length() < 1e-6);
            assert_eq!(planes.alpha[pixel], 1.0);
            assert_eq!(planes.part[pixel], 4);
        }
    }
}

#[test]
fn depth_does_not_change_when_camera_and_scene_move_together() {
    let still = {
        let mut scene = empty(camera(32, 32, 40.0));
        add_mesh(
            &mut scene,
            ball(Vec3::new(0.0, 0.0, -1.5), 0.5, 40),
            subject(1),
        );
        labels(&scene)
    };
    let moved = {
        let turn =
            glam::Mat3::from_cols(Vec3::new(0.8, 0.0, -0.6), Vec3::Y, Vec3::new(0.6, 0.0, 0.8));
        let pose = glam::Affine3A::from_mat3_translation(turn, Vec3::new(0.4, 1.3, -0.7));
        let mut scene = empty(camera(32, 32, 40.0));
        scene.camera.world_from_camera = pose;
        let mut mesh = ball(Vec3::new(0.0, 0.0, -1.5), 0.5, 40);
        for position in &mut mesh.positions {
            *position = pose.transform_point3(*position);
        }
        for normal in &mut mesh.normals {
            *normal = pose.transform_vector3(*normal);
        }
        add_mesh(&mut scene, mesh, subject(1));
        labels(&scene)
    };
    for pixel in 0..32 * 32 {
        if still.depth_m[pixel].is_finite() && moved.depth_m[pixel].is_finite() {
            assert!((still.depth_m[pixel] - moved.depth_m[pixel]).abs() < 2e-6);
            assert!(still.normal[pixel].distance(moved.normal[pixel]) < 1e-4);
        }
        assert!((still.alpha[pixel] - moved.alpha[pixel]).abs() < 1.0 / 64.0);
    }
}

#[test]
fn a_ball_has_the_depth_and_the_normals_of_a_sphere() {
    let camera = camera(64, 64, 90.0);
    let (center, radius) = (DVec3::new(0.05, -0.02, -1.2), 0.3);
    let mut scene = empty(camera);
    add_mesh(
        &mut scene,
        ball(center.as_vec3(), radius as f32, 150),
        subject(2),
    );
    let planes = labels(&scene);
    let mut n_hits = 0;
    for y in 0..64 {
        for x in 0..64 {
            let pixel = (y * 64 + x) as usize;
            let d = direction(&camera, x, y);
            let along = center.dot(d);
            let discriminant = along * along - center.length_squared() + radius * radius;
            // Close to the outline the facets end a little inside the sphere.
            if discriminant < 2e-3 {
                continue;
            }
            n_hits += 1;
            let range = along - discriminant.sqrt();
            let normal = (d * range - center) / radius;
            // A facet of 1.2 degrees lies up to 2e-5 m below the sphere, seen at a slant.
            let found = f64::from(planes.range_m[pixel]);
            assert!((found - range).abs() < 2e-4, "{found} for {range}");
            assert!((planes.normal[pixel].as_dvec3() - normal).length() < 3e-3);
            assert!((planes.normal[pixel].length() - 1.0).abs() < 1e-6);
            // Well inside the outline the whole pixel is covered.
            assert!(discriminant < 0.02 || planes.alpha[pixel] == 1.0);
        }
    }
    assert!(1000 < n_hits);
}

#[test]
fn normals_face_the_camera_whatever_the_winding() {
    let camera = camera(16, 16, 20.0);
    let mut mesh = screen_quad(&camera, Vec2::ZERO, Vec2::splat(16.0), 1.0);
    for triangle in &mut mesh.triangles {
        triangle.swap(0, 1);
    }
    mesh.normals = vec![Vec3::new(0.0, 0.6, -0.8); 4];
    let mut scene = empty(camera);
    add_mesh(&mut scene, mesh, subject(1));
    let planes = labels(&scene);
    for normal in planes.normal {
        assert!(normal.distance(Vec3::new(0.0, -0.6, 0.8)) < 1e-6);
    }
}

/// Area of the part of the unit square at `corner` where `normal . p <= offset`.
fn exact_coverage(corner: DVec2, normal: DVec2, offset: f64) -> f64 {
    let square = [DVec2::ZERO, DVec2::X, DVec2::ONE, DVec2::Y].map(|p| p + corner);
    let side = |p: DVec2| normal.dot(p) - offset;
    let mut kept: Vec<DVec2> = Vec::new();
    for k in 0..4 {
        let (p, q) = (square[k], square[(k + 1) % 4]);
        if side(p) <= 0.0 {
            kept.push(p);
        }
        if (side(p) <= 0.0) != (side(q) <= 0.0) {
            kept.push(p + (q - p) * (side(p) / (side(p) - side(q))));
        }
    }
    (0..kept.len())
        .map(|k| 0.5 * kept[k].perp_dot(kept[(k + 1) % kept.len()]))
        .sum::<f64>()
        .abs()
}

#[test]
fn a_half_plane_covers_its_exact_area() {
    let camera = camera(40, 40, 50.0);
    for degrees in [0.0, 90.0, 180.0, 7.0, 31.0, 45.0, 63.0, 84.0, 118.0, 135.5] {
        let angle = f64::to_radians(degrees);
        let normal = DVec2::new(libm::cos(angle), libm::sin(angle));
        let offset = normal.dot(DVec2::new(20.37, 20.11));
        // A square of 100 pixels whose one side is the edge.
        let along = DVec2::new(-normal.y, normal.x);
        let middle = normal * offset + along * along.dot(DVec2::splat(20.0));
        let corners = [(-60.0, 0.0), (60.0, 0.0), (60.0, -120.0), (-60.0, -120.0)]
            .map(|(u, v)| middle + along * u + normal * v)
            .map(|film| point_on_film(&camera, film.as_vec2(), 1.0));
        let mut scene = empty(camera);
        add_mesh(&mut scene, quad(corners), subject(1));
        let planes = labels(&scene);
        let (mut worst, mut sum, mut n_edge) = (0.0_f64, 0.0, 0);
        for y in 0..40 {
            for x in 0..40 {
                let corner = DVec2::new(f64::from(x), f64::from(y));
                let exact = exact_coverage(corner, normal, offset);
                let error = 64.0 * (f64::from(planes.alpha[(y * 40 + x) as usize]) - exact);
                if 1e-6 < exact && exact < 1.0 - 1e-6 {
                    worst = worst.max(error.abs());
                    sum += error * error;
                    n_edge += 1;
                } else {
                    assert!(error.abs() < 1e-3, "pixel ({x}, {y}) has no edge");
                }
            }
        }
        let rms = (sum / f64::from(n_edge)).sqrt();
        assert!(30 < n_edge);
        assert!(worst < 0.5, "{degrees} degrees: {worst} / 64");
        assert!(rms < 0.15, "{degrees} degrees: rms {rms} / 64");
    }
}

#[test]
fn a_strand_covers_its_width_on_average() {
    let camera = camera(60, 60, 100.0);
    for (width_px, tilt_px) in [
        (0.05, 0.0),
        (0.05, 13.3),
        (0.2, 4.7),
        (0.6, 20.0),
        (2.5, 9.0),
    ] {
        // From beyond the bottom to beyond the top, at a depth of one metre.
        let ends = [Vec2::new(25.3, 70.0), Vec2::new(25.3 + tilt_px, -10.0)];
        let [a, b] = ends.map(|film| point_on_film(&camera, film, 1.0));
        let mut strands = StrandSet::default();
        let radius = 0.5 * width_px / 100.0;
        let middle = 0.5 * (a + b);
        strands.push(&[a, middle, b], &[radius; 3], 0);
        let mut scene = empty(camera);
        add_strands(&mut scene, strands, subject(3));
        let planes = labels(&scene);
        let sum: f64 = planes.alpha.iter().map(|alpha| f64::from(*alpha)).sum();
        // A level cut through a slanted strand is longer by the secant, and off the axis the
        // ribbon, which faces the ray, is projected a little wider.
        let secant = (1.0 + (tilt_px / 80.0).powi(2)).sqrt();
        let expected = f64::from(width_px * secant) * 60.0;
        let error = sum / expected - 1.0;
        let bound = if tilt_px == 0.0 { 0.25 } else { 0.06 };
        assert!(
            error.abs() < bound,
            "{width_px} px, tilt {tilt_px}: {sum} instead of {expected}"
        );
    }
}

#[test]
fn a_strand_covers_its_exact_area_in_every_pixel() {
    let camera = camera(40, 40, 1000.0);
    for (width_px, degrees, bound) in [
        (0.05, 0.0, 0.5),
        (0.3, 0.0, 0.5),
        (0.05, 9.0, 1.0),
        (0.3, 33.0, 1.0),
        (0.8, 45.0, 1.0),
        (1.7, 71.0, 1.0),
    ] {
        let angle = f64::to_radians(degrees);
        let normal = DVec2::new(libm::cos(angle), libm::sin(angle));
        let offset = normal.dot(DVec2::new(20.37, 20.11));
        let along = DVec2::new(-normal.y, normal.x);
        let middle = normal * offset + along * along.dot(DVec2::splat(20.0));
        let points =
            [-40.0, 0.0, 40.0].map(|v| point_on_film(&camera, (middle + along * v).as_vec2(), 1.0));
        let mut strands = StrandSet::default();
        strands.push(&points, &[0.5 * width_px as f32 / 1000.0; 3], 0);
        let mut scene = empty(camera);
        add_strands(&mut scene, strands, subject(3));
        let planes = labels(&scene);
        let (mut worst, mut sum, mut n) = (0.0_f64, 0.0, 0);
        for y in 0..40 {
            for x in 0..40 {
                let corner = DVec2::new(f64::from(x), f64::from(y));
                let upto = |reach: f64| exact_coverage(corner, normal, offset + reach);
                let exact = upto(0.5 * width_px) - upto(-0.5 * width_px);
                let error = 64.0 * (f64::from(planes.alpha[(y * 40 + x) as usize]) - exact);
                worst = worst.max(error.abs());
                sum += error * error;
                n += u32::from(0.0 < exact);
            }
        }
        let rms = (sum / f64::from(n)).sqrt();
        assert!(worst < bound, "{width_px} px, {degrees}: {worst} / 64");
        assert!(rms < 0.5, "{width_px} px, {degrees}: rms {rms} / 64");
    }
}

#[test]
fn a_strand_has_its_fibre_normal_and_its_depth() {
    let camera = camera(33, 33, 40.0);
    let (a, b) = (Vec3::new(-0.5, 0.0, -1.2), Vec3::new(0.5, 0.0, -0.8));
    let mut strands = StrandSet::default();
    strands.push(&[a, 0.5 * (a + b), b], &[1e-3; 3], 0);
    let mut scene = empty(camera);
    add_strands(&mut scene, strands, subject(5));
    let planes = labels(&scene);
    let tangent = (b - a).normalize();
    // A leaf of the tree holds its fibres in up to 65535 steps, powers of two, across its box, here
    // half a metre: the axis may lie a step or two off. Leaves of hair measure centimetres, and
    // their steps are below a micrometre.
    let bound = 2.0 / 65535.0;
    let mut n_hits = 0;
    for x in 0..33 {
        let pixel = (16 * 33 + x) as usize;
        if planes.part[pixel] == 0 {
            continue;
        }
        n_hits += 1;
        let normal = planes.normal[pixel];
        let to_camera = -direction(&camera, x, 16).as_vec3();
        let expected = (to_camera - tangent * to_camera.dot(tangent)).normalize();
        assert!(normal.distance(expected) < 1e-4, "{normal} for {expected}");
        // The ray through the middle of the row crosses the axis: z = -1 + 0.4 x there.
        let d = direction(&camera, x, 16);
        let depth = 1.0 / (1.0 + 0.4 * d.x / -d.z);
        // The round ends reach a little beyond the axis.
        let is_end = 0.48 < (depth * d.x / -d.z).abs();
        let error = f64::from(planes.depth_m[pixel]) - depth;
        assert!(is_end || error.abs() < bound, "column {x}: {error} m");
    }
    assert!(20 < n_hits);
}

#[test]
fn surroundings_hide_the_subject_and_have_no_labels() {
    let camera = camera(32, 32, 40.0);
    let mut scene = empty(camera);
    let person = screen_quad(&camera, Vec2::new(4.0, 4.0), Vec2::new(28.0, 28.0), 2.0);
    let table = screen_quad(&camera, Vec2::new(0.0, 16.5), Vec2::new(32.0, 32.0), 1.0);
    let wall = screen_quad(&camera, Vec2::ZERO, Vec2::splat(32.0), 3.0);
    add_mesh(&mut scene, person, subject(1));
    add_mesh(&mut scene, table, SURROUNDINGS);
    add_mesh(&mut scene, wall, SURROUNDINGS);
    let planes = labels(&scene);
    for y in 0..32 {
        for x in 0..32 {
            let pixel = y * 32 + x;
            let inside = (4..28).contains(&x) && (4..28).contains(&y);
            let expected = match y {
                _ if !inside => 0.0,
                ..16 => 1.0,
                16 => 0.5,
                _ => 0.0,
            };
            let error = planes.alpha[pixel] - expected;
            assert!(error.abs() < 1e-3, "({x}, {y}): {error}");
            // The centre of row 16 lies on the table's edge; it may go either way.
            if y != 16 {
                assert_eq!(planes.depth_m[pixel].is_finite(), 0.0 < expected);
                assert_eq!(planes.part[pixel] != 0, 0.0 < expected);
                assert_eq!(planes.normal[pixel] != Vec3::ZERO, 0.0 < expected);
            }
        }
    }
}

#[test]
fn label_rays_pass_through_lenses() {
    let camera = camera(32, 32, 40.0);
    let mut scene = empty(camera);
    let face = screen_quad(&camera, Vec2::new(0.0, 0.0), Vec2::new(16.0, 32.0), 2.0);
    let lens = screen_quad(&camera, Vec2::new(4.0, 4.0), Vec2::new(28.0, 28.0), 1.0);
    add_mesh(&mut scene, face, subject(1));
    add_mesh(&mut scene, lens, LENS);
    let planes = labels(&scene);
    for y in 0..32 {
        for x in 0..32 {
            let pixel = y * 32 + x;
            let on_face = x < 16;
            assert_eq!(planes.alpha[pixel], f32::from(on_face), "({x}, {y})");
            let depth = if on_face { 2.0 } else { f32::INFINITY };
            assert!(planes.depth_m[pixel] == depth || (planes.depth_m[pixel] - depth).abs() < 1e-6);
            assert_eq!(planes.part[pixel], u8::from(on_face));
        }
    }
}

/// A ball of skin with hair, sunk into the ground, behind a rail with fringes.
fn hairy_scene(camera: Camera) -> Scene {
    let mut scene = empty(camera);
    let center = Vec3::new(0.02, -0.05, -1.0);
    add_mesh(&mut scene, ball(center, 0.2, 24), subject(1));
    add_strands(
        &mut scene,
        hair_on_ball(center, 0.2, 900, 1e-4, 0.2),
        subject(2),
    );
    let ground = [
        Vec3::new(-2.0, -0.2, 0.5),
        Vec3::new(2.0, -0.2, 0.5),
        Vec3::new(2.0, -0.17, -4.0),
        Vec3::new(-2.0, -0.17, -4.0),
    ];
    add_mesh(&mut scene, quad(ground), SURROUNDINGS);
    let rail = screen_quad(&camera, Vec2::new(0.0, 60.3), Vec2::new(96.0, 62.9), 0.6);
    add_mesh(&mut scene, rail, SURROUNDINGS);
    let mut fringes = StrandSet::default();
    for k in 0..30 {
        let x = 3.2 * k as f32 + 0.7;
        let points = [50.0, 55.0, 61.0].map(|y| point_on_film(&camera, Vec2::new(x, y), 0.6));
        fringes.push(&points, &[2e-4; 3], 0);
    }
    add_strands(&mut scene, fringes, SURROUNDINGS);
    scene
}

#[test]
fn coverage_equals_that_of_all_rays_traced_everywhere() {
    let mut scene = hairy_scene(camera(96, 96, 150.0));
    for with_fringes in [true, false] {
        if !with_fringes {
            scene.strands.pop();
        }
        let accel = Accel::build(&scene, Accel::chord_tolerance_m(&scene)).expect("a sound scene");
        for label_rays in [64, 81] {
            let planes = render_labels(&scene, &accel, label_rays);
            let reference = render_labels_exhaustively(&scene, &accel, label_rays);
            let differing = (planes.alpha.iter().zip(&reference.alpha))
                .filter(|(a, b)| a != b)
                .count();
            assert_eq!(differing, 0, "of {} pixels", planes.alpha.len());
            let partial = planes.alpha.iter().filter(|a| 0.0 < **a && **a < 1.0);
            assert!(1500 < partial.count(), "the scene is not hairy");
        }
    }
}

#[test]
fn where_there_is_depth_there_is_alpha_that_survives_eight_bits() {
    let camera = camera(64, 64, 100.0);
    let mut scene = hairy_scene(camera);
    // A fibre far thinner than the spacing of the rays, through pixel centres.
    let ends = [
        Vec2::new(0.0, 20.5),
        Vec2::new(32.0, 20.5),
        Vec2::new(64.0, 20.5),
    ];
    let points = ends.map(|film| point_on_film(&camera, film, 0.5));
    let mut strands = StrandSet::default();
    strands.push(&points, &[1e-6; 3], 0);
    add_strands(&mut scene, strands, subject(7));
    let planes = labels(&scene);
    let mut n_lifted = 0;
    for pixel in 0..planes.alpha.len() {
        let alpha = planes.alpha[pixel];
        let found = planes.depth_m[pixel].is_finite();
        assert!(!found || 1.0 / 255.0 <= alpha);
        assert!(0.0 < alpha || (!found && planes.normal[pixel] == Vec3::ZERO));
        assert_eq!(found, planes.part[pixel] != 0);
        assert_eq!(found, planes.range_m[pixel].is_finite());
        n_lifted += usize::from(alpha == 1.0 / 255.0);
    }
    assert!(3 < n_lifted, "the thin fibre was hit by {n_lifted} centres");
}

#[test]
fn labels_have_the_same_bits_for_any_number_of_threads() {
    let scene = hairy_scene(camera(64, 64, 100.0));
    let with = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("threads can be started");
        pool.install(|| labels(&scene))
    };
    assert!(with(1) == with(5));
}

#[test]
fn an_empty_scene_has_empty_labels() {
    let mut scene = empty(camera(9, 7, 10.0));
    add_mesh(&mut scene, TriMesh::default(), subject(1));
    let planes = labels(&scene);
    assert_eq!(planes.alpha, vec![0.0; 63]);
    assert_eq!(planes.depth_m, vec![f32::INFINITY; 63]);
    assert_eq!(planes.normal, vec![Vec3::ZERO; 63]);
    assert_eq!(planes.part, vec![0; 63]);
}
