//! A ball before the camera, in closed form, and each way to spoil it.

use super::*;

const WIDTH: usize = 96;
const HEIGHT: usize = 128;
const PINHOLE: Pinhole = Pinhole {
    fx: 200.0,
    fy: 200.0,
    cx: 48.0,
    cy: 64.0,
};

struct Ball {
    rgb8: Vec<u8>,
    alpha8: Vec<u8>,
    depth_m: Vec<f32>,
    normal: Vec<[f32; 3]>,
}

impl Ball {
    /// A ball of 40 cm, 2 m away and off the axis, with its truth in closed form.
    fn new() -> Self {
        let (center, radius) = ([0.05f32, 0.1, -2.0], 0.4f32);
        let n_px = WIDTH * HEIGHT;
        let mut ball = Self {
            rgb8: vec![30; 3 * n_px],
            alpha8: vec![0; n_px],
            depth_m: vec![f32::INFINITY; n_px],
            normal: vec![[0.0; 3]; n_px],
        };
        for px in 0..n_px {
            let d = PINHOLE.direction(px % WIDTH, px / WIDTH);
            let (dd, dc) = (dot(d, d), dot(d, center));
            let discriminant = dc * dc - dd * (dot(center, center) - radius * radius);
            if discriminant > 0.0 {
                let depth_m = (dc - discriminant.sqrt()) / dd;
                ball.rgb8[3 * px] = 200;
                ball.alpha8[px] = 255;
                ball.depth_m[px] = depth_m;
                ball.normal[px] = [0, 1, 2].map(|axis| (d[axis] * depth_m - center[axis]) / radius);
            }
        }
        ball
    }

    fn center(&self) -> usize {
        let nearest = |a: &usize, b: &usize| self.depth_m[*a].total_cmp(&self.depth_m[*b]);
        (0..WIDTH * HEIGHT).min_by(nearest).unwrap()
    }

    fn findings(&self) -> Vec<Finding> {
        let planes = PlaneSlices {
            width: WIDTH,
            height: HEIGHT,
            rgb8: &self.rgb8,
            alpha8: &self.alpha8,
            depth_m: &self.depth_m,
            normal: &self.normal,
            is_hair: Some(&[false; WIDTH * HEIGHT]),
        };
        let mut findings = Vec::new();
        check_planes(
            &planes,
            Some(PINHOLE),
            &VerifyConfig::default(),
            &mut findings,
        );
        findings
    }

    fn checks(&self) -> Vec<Check> {
        self.findings()
            .iter()
            .map(|finding| finding.check)
            .collect()
    }
}

#[test]
fn a_ball_in_closed_form_has_no_finding() {
    assert_eq!(Ball::new().findings(), []);
}

#[test]
fn a_depth_that_is_no_distance_is_found_at_its_pixel() {
    for wrong in [f32::NAN, 0.0, -1.0, f32::NEG_INFINITY] {
        let mut ball = Ball::new();
        let px = ball.center();
        ball.depth_m[px] = wrong;
        let findings = ball.findings();
        let finding = findings.iter().find(|f| f.check == Check::Depth).unwrap();
        assert_eq!(finding.pixel, Some([px % WIDTH, px / WIDTH]), "{wrong}");
        assert_eq!(finding.plane, Some(Plane::Depth));
    }
}

#[test]
fn a_depth_in_centimetres_is_found() {
    let mut ball = Ball::new();
    for depth in &mut ball.depth_m {
        *depth *= 100.0;
    }
    assert!(ball.checks().contains(&Check::Depth));
}

#[test]
fn depth_without_alpha_and_alpha_without_depth_are_found() {
    let mut ball = Ball::new();
    let px = ball.center();
    ball.alpha8[px] = 0;
    assert_eq!(ball.checks(), [Check::SurfaceAgreement, Check::LonePixel]);

    let mut ball = Ball::new();
    for px in ball.center() - 20..ball.center() + 20 {
        ball.depth_m[px] = f32::INFINITY;
        ball.normal[px] = [0.0; 3];
    }
    assert_eq!(ball.checks(), [Check::SurfaceAgreement]);
}

#[test]
fn a_thin_gap_in_hair_is_no_finding() {
    let mut ball = Ball::new();
    let px = ball.center();
    ball.depth_m[px] = f32::INFINITY;
    ball.normal[px] = [0.0; 3];
    assert_eq!(ball.findings(), []);
}

#[test]
fn normals_where_there_is_no_surface_are_found_and_the_other_way_round() {
    let mut ball = Ball::new();
    ball.normal[0] = [0.0, 0.0, 1.0];
    assert_eq!(ball.checks(), [Check::SurfaceAgreement]);
    let mut ball = Ball::new();
    let px = ball.center();
    ball.normal[px] = [0.0; 3];
    assert_eq!(ball.checks(), [Check::SurfaceAgreement]);
}

#[test]
fn normals_that_are_too_long_or_not_numbers_are_found() {
    for factor in [1.01, f32::NAN] {
        let mut ball = Ball::new();
        let px = ball.center();
        ball.normal[px] = ball.normal[px].map(|v| v * factor);
        assert!(ball.checks().contains(&Check::NormalLength), "{factor}");
    }
}

#[test]
fn normals_turned_inward_are_found() {
    let mut ball = Ball::new();
    for normal in &mut ball.normal {
        *normal = normal.map(|v| -v);
    }
    assert!(ball.checks().contains(&Check::NormalFacing));
}

#[test]
fn swapped_and_flipped_axes_are_found() {
    let spoil: [fn([f32; 3]) -> [f32; 3]; 2] = [|[x, y, z]| [x, -y, z], |[x, y, z]| [-y, x, z]];
    for spoil in spoil {
        let mut ball = Ball::new();
        for normal in &mut ball.normal {
            *normal = spoil(*normal);
        }
        assert!(ball.checks().contains(&Check::NormalFromDepth));
    }
}

#[test]
fn a_blank_picture_and_an_absent_person_are_found() {
    let mut ball = Ball::new();
    ball.rgb8.fill(7);
    assert_eq!(ball.checks(), [Check::Picture]);
    let mut ball = Ball::new();
    ball.alpha8.fill(0);
    ball.depth_m.fill(f32::INFINITY);
    ball.normal.fill([0.0; 3]);
    assert_eq!(ball.checks(), [Check::Picture]);
}

/// Findings of a ball whose depth goes through `spoil`, with alpha and normals as they were.
fn checks_of_depth(spoil: impl Fn(f32, [f32; 3]) -> f32) -> Vec<Check> {
    let mut ball = Ball::new();
    for px in 0..WIDTH * HEIGHT {
        let direction = PINHOLE.direction(px % WIDTH, px / WIDTH);
        ball.depth_m[px] = spoil(ball.depth_m[px], direction);
    }
    ball.checks()
}

#[test]
fn a_depth_with_an_offset_or_along_the_ray_is_found_by_the_normals() {
    assert_eq!(checks_of_depth(|depth_m, _| depth_m), []);
    assert_eq!(
        checks_of_depth(|depth_m, _| depth_m * 1.3),
        [],
        "normals tell no scale"
    );
    assert_eq!(
        checks_of_depth(|depth_m, _| depth_m + 1.0),
        [Check::DepthFromNormal]
    );
    assert_eq!(
        checks_of_depth(|depth_m, _| depth_m - 0.8),
        [Check::DepthFromNormal]
    );
    let along_ray = |depth_m: f32, d: [f32; 3]| depth_m * dot(d, d).sqrt();
    assert_eq!(checks_of_depth(along_ray), [Check::DepthFromNormal]);
}

#[test]
fn normals_in_a_frame_that_is_turned_a_little_are_found() {
    let mut ball = Ball::new();
    let (sin, cos) = (0.309, 0.951);
    for normal in &mut ball.normal {
        let [x, y, z] = *normal;
        *normal = [x, cos * y - sin * z, sin * y + cos * z];
    }
    let tells = [
        Check::NormalFromDepth,
        Check::DepthFromNormal,
        Check::NormalFacing,
    ];
    assert!(ball.checks().iter().any(|check| tells.contains(check)));
}

#[test]
fn one_wrong_bit_in_the_middle_of_a_surface_is_found_in_every_plane() {
    let px = Ball::new().center();
    type Spoil = fn(&mut Ball, usize);
    let cases: [(Plane, Spoil); 3] = [
        (Plane::Depth, |ball, px| {
            ball.depth_m[px] = f32::from_bits(ball.depth_m[px].to_bits() ^ 1 << 23);
        }),
        (Plane::Alpha, |ball, px| ball.alpha8[px] ^= 1 << 7),
        (Plane::Normal, |ball, px| {
            ball.normal[px][2] = -ball.normal[px][2]
        }),
    ];
    for (plane, spoil) in cases {
        let mut ball = Ball::new();
        spoil(&mut ball, px);
        let findings = ball.findings();
        let pixel = Some([px % WIDTH, px / WIDTH]);
        let is_it = |f: &Finding| f.plane == Some(plane) && f.pixel == pixel;
        assert!(findings.iter().any(is_it), "{plane:?}: {findings:?}");
    }
}

#[test]
fn a_person_of_impossible_size_and_alpha_up_to_one_are_found() {
    for factor in [0.05, 12.0] {
        assert!(
            checks_of_depth(|depth_m, _| depth_m * factor).contains(&Check::Depth),
            "{factor}"
        );
    }
    let mut ball = Ball::new();
    ball.alpha8.iter_mut().for_each(|alpha| *alpha /= 255);
    assert!(ball.checks().contains(&Check::Coverage));
}
