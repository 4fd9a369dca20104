//! Label planes that are traced when asked, against closed forms.

mod common;

use bottega_geometry::{StrandSet, TriMesh};
use bottega_render::accel::Accel;
use bottega_render::label::{
    GlassLabels, HairNormals, LabelPlanes, LabelRequest, OtherFrame, render_labels,
    render_labels_with, render_motion,
};
use bottega_render::render;
use bottega_render::scene::{Budget, PixelFilter, PixelOrder, RenderSettings, Scene, Shortcuts};
use common::{
    LENS, Numbers, SURROUNDINGS, add_mesh, add_strands, ball, camera, empty, hair_on_ball,
    point_on_film, quad, screen_quad, subject,
};
use glam::{Affine3A, Mat3, Vec2, Vec3};

const RAYS: u32 = 64;
const SKIN: u8 = 1;
const HAIR: u8 = 6;

fn everything() -> LabelRequest {
    LabelRequest {
        surface: true,
        coverage: true,
        glass_planes: true,
        other_hair_normals: true,
        layers: vec![vec![SKIN], vec![HAIR]],
        whole_layers: true,
        ..LabelRequest::new(RAYS)
    }
}

fn accel(scene: &Scene) -> Accel {
    Accel::build(scene, Accel::chord_tolerance_m(scene)).expect("a sound scene")
}

fn labels(scene: &Scene, request: &LabelRequest) -> LabelPlanes {
    render_labels_with(scene, &accel(scene), request)
}

/// A ball with hair, half behind a lens.
fn head(n_strands: usize) -> Scene {
    let camera = camera(64, 64, 100.0);
    let mut scene = empty(camera);
    let center = Vec3::new(0.0, -0.05, -1.0);
    add_mesh(&mut scene, ball(center, 0.2, 24), subject(SKIN));
    let hair = hair_on_ball(center, 0.2, n_strands, 3e-4, 0.12);
    add_strands(&mut scene, hair, subject(HAIR));
    let lens = screen_quad(&camera, Vec2::new(20.0, 30.0), Vec2::new(44.0, 50.0), 0.7);
    add_mesh(&mut scene, lens, LENS);
    scene
}

#[test]
fn a_slope_has_the_median_of_its_centre_and_one_normal() {
    let camera = camera(24, 24, 40.0);
    let mut scene = empty(camera);
    let on_plane = |x: f32, y: f32| Vec3::new(x, y, -2.0 + 0.5 * x + 0.25 * y);
    let corners = [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)];
    let plane = quad(corners.map(|(x, y)| on_plane(x, y)));
    add_mesh(&mut scene, plane, subject(SKIN));
    let planes = labels(&scene, &everything());
    let coverage = planes.coverage.expect("asked for");
    let normal = Vec3::new(-0.5, -0.25, 1.0).normalize();
    for pixel in 0..24 * 24 {
        assert_eq!(coverage.depth_median_m[pixel], planes.depth_m[pixel]);
        assert!(coverage.normal_mean[pixel].distance(normal) < 1e-6);
        assert!((coverage.normal_length[pixel] - 1.0).abs() < 1e-6);
        assert!(coverage.depth_min_m[pixel] < coverage.depth_median_m[pixel]);
        assert!(coverage.depth_median_m[pixel] < coverage.depth_max_m[pixel]);
        let span = coverage.depth_max_m[pixel] - coverage.depth_min_m[pixel];
        assert!((0.2 * span..0.5 * span).contains(&coverage.depth_deviation_m[pixel]));
        assert!(!coverage.hair[pixel]);
    }
}

#[test]
fn the_median_is_a_point_of_the_surface_that_covers_more() {
    let camera = camera(16, 16, 20.0);
    for share in [0.3_f32, 0.7] {
        let mut scene = empty(camera);
        let near = screen_quad(&camera, Vec2::ZERO, Vec2::new(8.0 + share, 16.0), 1.0);
        let far = screen_quad(&camera, Vec2::splat(-9.0), Vec2::splat(30.0), 3.0);
        add_mesh(&mut scene, near, subject(SKIN));
        // The far one leans: its shading normals say so.
        let mut far = far;
        far.normals = vec![Vec3::new(0.6, 0.0, 0.8); 4];
        add_mesh(&mut scene, far, subject(HAIR));
        let coverage = labels(&scene, &everything()).coverage.expect("asked for");
        for y in 0..16 {
            let pixel = 16 * y + 8;
            let covers_more = if share < 0.5 { 3.0 } else { 1.0 };
            assert!((coverage.depth_median_m[pixel] - covers_more).abs() < 1e-6);
            assert!((coverage.depth_min_m[pixel] - 1.0).abs() < 1e-6);
            assert!((coverage.depth_max_m[pixel] - 3.0).abs() < 1e-6);
            let deviation = 2.0 * (share * (1.0 - share)).sqrt();
            assert!((coverage.depth_deviation_m[pixel] - deviation).abs() < 0.03);
            let mean = share * Vec3::Z + (1.0 - share) * Vec3::new(0.6, 0.0, 0.8);
            assert!((coverage.normal_length[pixel] - mean.length()).abs() < 5e-3);
            assert!(coverage.normal_mean[pixel].distance(mean.normalize()) < 0.02);
        }
    }
}

#[test]
fn pixels_in_which_a_fibre_is_the_median_are_hair() {
    let camera = camera(32, 32, 40.0);
    let mut scene = empty(camera);
    let wall = screen_quad(&camera, Vec2::new(-2.0, -2.0), Vec2::new(34.0, 12.0), 2.0);
    add_mesh(&mut scene, wall, subject(SKIN));
    let points = [-8.0, 16.0, 40.0].map(|y| point_on_film(&camera, Vec2::new(16.5, y), 1.0));
    let mut strands = StrandSet::default();
    // Three pixels wide.
    strands.push(&points, &[1.5 / 40.0; 3], 0);
    add_strands(&mut scene, strands, subject(HAIR));
    let coverage = labels(&scene, &everything()).coverage.expect("asked for");
    for y in 1..31 {
        for x in 0..32 {
            let pixel = 32 * y + x;
            let is_hair = (15..18).contains(&x);
            if 12 <= y && [14, 18].contains(&x) {
                // A ribbon that faces the ray reaches a trace beyond its width.
                continue;
            }
            assert_eq!(coverage.hair[pixel], is_hair, "({x}, {y})");
            let found = coverage.depth_median_m[pixel];
            match (is_hair, y) {
                // Beside its axis a ribbon that faces the ray is a little nearer or farther.
                (true, _) => assert!((found - 1.0).abs() < 5e-3),
                (false, ..12) => assert!((found - 2.0).abs() < 1e-5),
                _ => assert_eq!(found, f32::INFINITY),
            }
            assert_eq!(
                coverage.normal_mean[pixel] == Vec3::ZERO,
                found.is_infinite()
            );
            assert_eq!(coverage.normal_length[pixel] == 0.0, found.is_infinite());
        }
    }
}

#[test]
fn layers_sum_to_alpha_and_are_whole_without_each_other() {
    let scene = head(400);
    let planes = labels(&scene, &everything());
    let [skin, hair] = &planes.layers[..] else {
        panic!("two layers were asked for");
    };
    for pixel in 0..64 * 64 {
        let sum = skin.visible[pixel] + hair.visible[pixel];
        let alpha = planes.alpha[pixel];
        // Where so little is seen that no ray meets it, no layer has it.
        assert!((sum - alpha).abs() < 1e-5 || (sum == 0.0 && alpha < 2.0 / 64.0));
    }
    let [skin_whole, hair_whole] = [skin, hair].map(|layer| layer.whole.as_ref().expect("asked"));
    let mut bald = scene.clone();
    bald.strands.clear();
    let ball_alone = render_labels(&bald, &accel(&bald), RAYS);
    // Where the centre meets it, alpha is raised to 1/255.
    let differs = |(a, b): &(&f32, &f32)| 1.0 / 255.0 < (*a - *b).abs();
    let pairs = skin_whole.iter().zip(&ball_alone.alpha);
    assert_eq!(pairs.filter(differs).count(), 0);
    // Hair hides much of the skin, and some hair is behind the ball.
    let area = |plane: &[f32]| plane.iter().sum::<f32>();
    assert!(area(&skin.visible) < 0.97 * area(skin_whole));
    assert!(1.01 * area(&hair.visible) < area(hair_whole));
}

#[test]
fn layers_count_what_surroundings_hide_only_as_whole() {
    let camera = camera(20, 20, 30.0);
    let mut scene = empty(camera);
    let person = screen_quad(&camera, Vec2::new(4.25, 4.0), Vec2::new(16.0, 16.0), 2.0);
    add_mesh(&mut scene, person, subject(SKIN));
    let table = screen_quad(&camera, Vec2::new(0.0, 10.0), Vec2::new(20.0, 20.0), 1.0);
    add_mesh(&mut scene, table, SURROUNDINGS);
    let planes = labels(&scene, &everything());
    for (x, y, visible, whole) in [
        (10, 7, 1.0, 1.0),
        (10, 13, 0.0, 1.0),
        (4, 7, 0.75, 0.75),
        (4, 13, 0.0, 0.75),
        (2, 7, 0.0, 0.0),
    ] {
        let pixel = 20 * y + x;
        let found = &planes.layers[0];
        assert!((found.visible[pixel] - visible).abs() < 1e-3, "({x}, {y})");
        assert!(
            (found.whole.as_ref().expect("asked")[pixel] - whole).abs() < 1e-3,
            "({x}, {y})"
        );
        assert_eq!(planes.layers[1].whole.as_ref().expect("asked")[pixel], 0.0);
    }
}

#[test]
fn glass_has_its_own_planes_and_can_be_a_surface() {
    let camera = camera(32, 32, 40.0);
    let mut scene = empty(camera);
    let face = screen_quad(&camera, Vec2::ZERO, Vec2::new(16.0, 32.0), 2.0);
    let lens = screen_quad(&camera, Vec2::new(4.25, 4.0), Vec2::new(28.0, 28.5), 1.0);
    let hand = screen_quad(&camera, Vec2::new(20.0, 0.0), Vec2::new(24.0, 32.0), 0.5);
    add_mesh(&mut scene, face, subject(SKIN));
    add_mesh(&mut scene, lens, LENS);
    add_mesh(&mut scene, hand, subject(3));
    let through = labels(&scene, &everything());
    let surface = labels(
        &scene,
        &LabelRequest {
            glass: GlassLabels::Surface,
            ..everything()
        },
    );
    assert_eq!(through.glass, surface.glass);
    let glass = through.glass.expect("asked for");
    for y in 0..32_usize {
        for x in 0..32_usize {
            let pixel = 32 * y + x;
            let is_hand = (20..24).contains(&x);
            let across = if x == 4 {
                0.75
            } else {
                f32::from((5..28).contains(&x) && !is_hand)
            };
            let down = if y == 28 {
                0.5
            } else {
                f32::from((4..28).contains(&y))
            };
            let expected = across * down;
            let found = glass.coverage[pixel];
            // Only the corner of both edges has an error at all.
            assert!((found - expected).abs() < 1.0 / 64.0, "({x}, {y}): {found}");
            // The centre of row 28 lies on the edge of the lens.
            if y == 28 {
                continue;
            }
            let is_glass = 0.0 < expected;
            assert_eq!(glass.depth_m[pixel].is_finite(), is_glass);
            assert_eq!(glass.normal[pixel] == Vec3::Z, is_glass);
            assert!(!is_glass || (glass.depth_m[pixel] - 1.0).abs() < 1e-6);
            let behind = if is_hand {
                0.5
            } else if x < 16 {
                2.0
            } else {
                f32::INFINITY
            };
            let front = if is_glass { 1.0 } else { behind };
            for (planes, depth_m) in [(&through.depth_m, behind), (&surface.depth_m, front)] {
                assert!(planes[pixel] == depth_m || (planes[pixel] - depth_m).abs() < 1e-6);
            }
            assert_eq!(through.alpha[pixel], f32::from(behind.is_finite()));
        }
    }
    assert_eq!(surface.part[32 * 10 + 26], LENS.part);
    assert!((surface.alpha[32 * 10 + 26] - 1.0).abs() < 1e-3);
}

#[test]
fn fine_hair_is_in_no_label() {
    let bare = head(40);
    let mut downy = head(40);
    let center = Vec3::new(0.0, -0.05, -1.0);
    let down = hair_on_ball(center, 0.2, 400, 2e-4, 0.05);
    let clear = |part: u8| bottega_render::scene::Label {
        see_through: true,
        ..subject(part)
    };
    add_strands(&mut downy, down.clone(), clear(18));
    for glass in [GlassLabels::Through, GlassLabels::Surface] {
        let request = LabelRequest {
            glass,
            ..everything()
        };
        let [bare, downy] = [&bare, &downy].map(|scene| labels(scene, &request));
        // Strands are stored on a grid of the whole tree, so the last digits may differ.
        let off = |a: &[f32], b: &[f32]| {
            let pairs = a.iter().zip(b).filter(|(a, b)| a != b);
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        let offs = [
            off(&bare.alpha, &downy.alpha),
            off(&bare.depth_m, &downy.depth_m),
            off(&bare.range_m, &downy.range_m),
        ];
        assert!(offs.iter().all(|off| *off < 1e-4), "{offs:?}");
        assert!(bare.part == downy.part && bare.glass == downy.glass);
    }
    // The same strands as hair change them.
    let mut hairy = head(40);
    add_strands(&mut hairy, down, subject(HAIR));
    let [bare, hairy] = [bare, hairy].map(|scene| labels(&scene, &everything()));
    assert!(bare.alpha != hairy.alpha && bare.part != hairy.part);
}

#[test]
fn the_first_hit_tells_of_its_surface() {
    let camera = camera(24, 24, 30.0);
    let mut scene = empty(camera);
    let turn = Mat3::from_cols(Vec3::new(0.8, 0.0, -0.6), Vec3::Y, Vec3::new(0.6, 0.0, 0.8));
    let pose = Affine3A::from_mat3_translation(turn, Vec3::new(0.4, 1.3, -0.7));
    scene.camera.world_from_camera = pose;
    let mut mesh = screen_quad(&camera, Vec2::new(-3.0, -3.0), Vec2::new(12.0, 27.0), 1.5);
    // Bent shading normals, which are not the geometric ones.
    mesh.normals = vec![pose.transform_vector3(Vec3::new(0.0, 0.6, 0.8)); 4];
    // U from left to right, V from top to bottom, in pixels.
    let film = |p: &Vec3| Vec2::new(p.x, -p.y) / -p.z * camera.focal_px + camera.center_px;
    mesh.uvs = mesh.positions.iter().map(film).collect();
    for position in &mut mesh.positions {
        *position = pose.transform_point3(*position);
    }
    // A mesh before it in the list, out of sight.
    let hidden = screen_quad(&camera, Vec2::ZERO, Vec2::ONE, -1.0);
    add_mesh(&mut scene, hidden, subject(9));
    add_mesh(&mut scene, mesh, subject(SKIN));
    let planes = labels(&scene, &everything());
    let surface = planes.surface.expect("asked for");
    for y in 0..24_usize {
        for x in 0..24_usize {
            let pixel = 24 * y + x;
            let is_hit = x < 12;
            assert_eq!(surface.instance[pixel], if is_hit { 2 } else { 0 });
            assert_eq!(surface.has_uv[pixel], is_hit);
            if !is_hit {
                assert_eq!(surface.albedo[pixel], Vec3::ZERO);
                assert_eq!(surface.normal_geometric[pixel], Vec3::ZERO);
                continue;
            }
            assert_eq!(surface.albedo[pixel], Vec3::splat(0.5));
            let center = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
            assert!(surface.uv[pixel].distance(center) < 1e-4);
            let expected = pose.transform_point3(point_on_film(&camera, center, 1.5));
            assert!(surface.position_world[pixel].distance(expected) < 1e-5);
            assert!(surface.normal_geometric[pixel].distance(Vec3::Z) < 1e-5);
            assert!(planes.normal[pixel].distance(Vec3::new(0.0, 0.6, 0.8)) < 1e-5);
        }
    }
}

#[test]
fn proxy_normals_show_the_shape_that_the_hair_has() {
    let camera = camera(48, 48, 90.0);
    let center = Vec3::new(0.0, 0.0, -1.0);
    let mut scene = empty(camera);
    add_mesh(&mut scene, ball(center, 0.15, 24), subject(SKIN));
    // Hair that stands on end all around: its envelope is a ball, its fibres all lean elsewhere.
    let (mut hair, mut numbers) = (StrandSet::default(), Numbers(5));
    while hair.len() < 40_000 {
        let Some(outward) = numbers.point().try_normalize() else {
            continue;
        };
        let points = [0.15, 0.175, 0.2].map(|radius_m| center + radius_m * outward);
        hair.push(&points, &[2e-4; 3], 0);
    }
    add_strands(&mut scene, hair, subject(HAIR));
    let fiber = labels(&scene, &everything());
    let proxy = labels(
        &scene,
        &LabelRequest {
            hair_normals: HairNormals::Proxy,
            ..everything()
        },
    );
    assert_eq!(fiber.other_normal.as_ref(), Some(&proxy.normal));
    assert_eq!(proxy.other_normal.as_ref(), Some(&fiber.normal));
    assert_eq!(
        (&fiber.depth_m, &fiber.alpha),
        (&proxy.depth_m, &proxy.alpha)
    );
    let (mut n, mut error_deg) = (0.0, [0.0_f32; 2]);
    for pixel in 0..48 * 48 {
        if fiber.part[pixel] != HAIR {
            assert_eq!(fiber.normal[pixel], proxy.normal[pixel]);
            continue;
        }
        let film = Vec2::new((pixel % 48) as f32 + 0.5, (pixel / 48) as f32 + 0.5);
        let position = point_on_film(&camera, film, fiber.depth_m[pixel]);
        assert!((proxy.normal[pixel].length() - 1.0).abs() < 1e-5);
        assert!(proxy.normal[pixel].dot(position) < 1e-4, "it looks away");
        // Where the ray enters the ball: fibres are met deeper.
        let direction = position.normalize();
        let along = center.dot(direction);
        let discriminant = along * along - center.length_squared() + 0.195 * 0.195;
        if discriminant < 0.0 {
            continue;
        }
        let outward = (direction * (along - discriminant.sqrt()) - center).normalize();
        // At the rim the normals of fibres are those of the ball too.
        if outward.z < 0.5 {
            continue;
        }
        n += 1.0;
        for (normals, error) in [&fiber, &proxy].iter().zip(&mut error_deg) {
            let cosine = f64::from(normals.normal[pixel].dot(outward).clamp(-1.0, 1.0));
            *error += libm::acos(cosine).to_degrees() as f32;
        }
    }
    let [of_fiber, of_proxy] = error_deg.map(|sum| sum / n);
    assert!(100.0 < n);
    assert!(of_proxy < 15.0, "{of_proxy} degrees, fibres {of_fiber}");
    assert!(
        2.0 * of_proxy < of_fiber,
        "{of_proxy} against {of_fiber} degrees"
    );
}

#[test]
fn what_moves_with_the_camera_or_rests_has_no_motion() {
    let scene = head(100);
    let other = OtherFrame::of(&scene);
    let request = everything();
    let motion = render_motion(&scene, &accel(&scene), &other, &request).expect("same objects");
    let planes = labels(&scene, &request);
    for pixel in 0..64 * 64 {
        assert_eq!(motion.motion_px[pixel], Vec2::ZERO);
        let (depth_m, found) = (planes.depth_m[pixel], motion.depth_there_m[pixel]);
        assert!(depth_m == found || (depth_m - found).abs() < 1e-6);
    }
}

#[test]
fn motion_is_that_of_the_pinhole() {
    let camera = camera(40, 40, 60.0);
    let mut scene = empty(camera);
    let wall = screen_quad(&camera, Vec2::ZERO, Vec2::new(40.0, 20.0), 2.0);
    add_mesh(&mut scene, wall, subject(SKIN));
    let points = [18.0, 30.0, 42.0].map(|y| point_on_film(&camera, Vec2::new(20.5, y), 1.0));
    let mut strands = StrandSet::default();
    strands.push(&points, &[3.0 / 60.0; 3], 0);
    add_strands(&mut scene, strands, subject(HAIR));
    let accel = accel(&scene);

    // Things move: the wall goes 0.1 m to the left and 0.5 m back.
    let mut other = OtherFrame::of(&scene);
    for position in &mut other.mesh_positions[0] {
        *position += Vec3::new(-0.1, 0.0, -0.5);
    }
    // The strand goes up by 0.02 m.
    for point in &mut other.strand_points[0] {
        *point += Vec3::new(0.0, 0.02, 0.0);
    }
    let request = LabelRequest::new(RAYS);
    let motion = render_motion(&scene, &accel, &other, &request).expect("same objects");
    let planes = render_labels(&scene, &accel, RAYS);
    let mut n_of_part = [0; 7];
    for pixel in 0..40 * 40 {
        let part = planes.part[pixel];
        n_of_part[usize::from(part)] += 1;
        let film = Vec2::new((pixel % 40) as f32 + 0.5, (pixel / 40) as f32 + 0.5);
        let (expected, depth_m) = match part {
            SKIN => {
                let slope = (film - camera.center_px) / 60.0;
                let is = (2.0 * slope - Vec2::new(0.1, 0.0)) / 2.5;
                (60.0 * (is - slope), 2.5)
            }
            HAIR => {
                let depth_m = planes.depth_m[pixel];
                (Vec2::new(0.0, -60.0 * 0.02 / depth_m), depth_m)
            }
            _ => (Vec2::ZERO, f32::INFINITY),
        };
        assert!(motion.motion_px[pixel].distance(expected) < 1e-3, "{film}");
        let found = motion.depth_there_m[pixel];
        assert!(found == depth_m || (found - depth_m).abs() < 1e-5);
    }
    assert!(500 < n_of_part[usize::from(SKIN)] && 50 < n_of_part[usize::from(HAIR)]);

    // The camera moves 0.05 m to the left, so the world goes right on the film.
    let mut other = OtherFrame::of(&scene);
    other.camera.world_from_camera.translation.x -= 0.05;
    let motion = render_motion(&scene, &accel, &other, &request).expect("same objects");
    for pixel in 0..40 * 40 {
        let expected = match planes.part[pixel] {
            0 => 0.0,
            _ => 60.0 * 0.05 / planes.depth_m[pixel],
        };
        assert!((motion.motion_px[pixel].x - expected).abs() < 1e-3);
        assert!(motion.motion_px[pixel].y.abs() < 1e-3);
    }
}

#[test]
fn a_frame_of_other_objects_is_refused() {
    let scene = head(10);
    let mut other = OtherFrame::of(&scene);
    other.mesh_positions[0].pop();
    let result = render_motion(&scene, &accel(&scene), &other, &everything());
    let message = result.expect_err("a vertex is missing").to_string();
    assert!(message.contains("only positions"), "{message}");

    let mut turned = scene.clone();
    OtherFrame::between(&scene, &turned).expect("the same things");
    turned.meshes[0].mesh.triangles[0].rotate_left(1);
    let message = OtherFrame::between(&scene, &turned)
        .expect_err("a triangle is another")
        .to_string();
    assert!(message.contains("mesh 0"), "{message}");
    turned.strands.pop();
    let message = OtherFrame::between(&scene, &turned)
        .expect_err("hair is missing")
        .to_string();
    assert!(message.contains("strands"), "{message}");
}

#[test]
fn everything_has_the_same_bits_for_any_number_of_threads() {
    let scene = head(300);
    let with = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("threads can be started");
        pool.install(|| labels(&scene, &everything()))
    };
    assert!(with(1) == with(5));
}

#[test]
fn what_is_asked_for_besides_changes_nothing_else() {
    let scene = head(300);
    let plain = labels(&scene, &LabelRequest::new(RAYS));
    let all = labels(&scene, &everything());
    assert!(all.coverage.is_some() && all.surface.is_some() && all.glass.is_some());
    let without = LabelPlanes {
        other_normal: None,
        surface: None,
        coverage: None,
        layers: Vec::new(),
        glass: None,
        ..all
    };
    assert!(without == plain);
}

#[test]
fn labels_know_nothing_of_lens_noise_and_paths() {
    let mut scene = head(50);
    scene.camera.resolution_px = [24, 24];
    let accel = accel(&scene);
    let settings = RenderSettings {
        spp: 1,
        label_rays: RAYS,
        max_bounces: 2,
        clamp_indirect: 10.0,
        exposure: 1.0,
        seed: 1,
        filter: PixelFilter::Box,
        budget: Budget::Even,
        shortcuts: Shortcuts::TRAINING,
        pixel_order: PixelOrder::Independent,
    };
    let labels_of = |scene: &Scene, settings: &RenderSettings| {
        let film = render(scene, &accel, settings);
        (
            film.alpha,
            film.depth_m,
            film.normal,
            film.part,
            film.range_m,
        )
    };
    let expected = labels_of(&scene, &settings);
    let other = RenderSettings {
        spp: 3,
        seed: 77,
        filter: PixelFilter::BlackmanHarris,
        exposure: 3.0,
        pixel_order: PixelOrder::BlueNoise,
        ..settings
    };
    assert!(labels_of(&scene, &other) == expected);
    scene.camera.lens_radius_m = 0.05;
    assert!(labels_of(&scene, &settings) == expected);
}

#[test]
fn an_empty_scene_has_empty_planes() {
    let mut scene = empty(camera(9, 7, 10.0));
    add_mesh(&mut scene, TriMesh::default(), subject(SKIN));
    let planes = labels(&scene, &everything());
    let coverage = planes.coverage.expect("asked for");
    assert_eq!(coverage.depth_median_m, vec![f32::INFINITY; 63]);
    assert_eq!(coverage.normal_mean, vec![Vec3::ZERO; 63]);
    assert_eq!(planes.layers[0].whole, Some(vec![0.0; 63]));
    assert_eq!(planes.glass.expect("asked for").coverage, vec![0.0; 63]);
    assert_eq!(planes.surface.expect("asked for").instance, vec![0; 63]);
}
