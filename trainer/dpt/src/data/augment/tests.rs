//! Changed frames against those of the changed cameras, and what else augmentation promises.

use bottega_schemas::train::{AugmentConfig, Range};

use super::super::frame::Frame;
use super::super::test_scene::{Camera, expect_equal, render};
use super::geometry::Geometry;
use super::warp::warp;
use super::{augment, wants_background};

/// A camera with pixels that are not square and a principal point off the middle.
fn camera() -> Camera {
    Camera::new((96, 128), [150.0, 140.0, 52.0, 60.0])
}

/// The camera that takes the picture that `geometry` makes of one taken by `camera`, by the laws
/// of cameras alone: where its principal point lies is found by following the old one.
fn camera_after(camera: &Camera, geometry: &Geometry) -> Camera {
    let [fx, fy, cx, cy] = camera.px;
    let (width, height) = (camera.size.0 as f64, camera.size.1 as f64);
    let cx = if geometry.flip { width - cx } else { cx };
    // The middle of the picture stays where it is while the camera rolls: the ray through it turns
    // about the axis, so the principal point moves to where that ray is through the middle again.
    let (sin, cos) = libm::sincos(geometry.turn_rad);
    let ray = [(0.5 * width - cx) / fx, (cy - 0.5 * height) / fy];
    let rolled = [cos * ray[0] + sin * ray[1], cos * ray[1] - sin * ray[0]];
    let (cx, cy) = (0.5 * width - fx * rolled[0], 0.5 * height + fy * rolled[1]);
    let [left, top, crop_width, crop_height] = geometry.crop;
    let (sx, sy) = (
        geometry.to.0 as f64 / crop_width,
        geometry.to.1 as f64 / crop_height,
    );
    Camera {
        size: geometry.to,
        px: [fx * sx, fy * sy, (cx - left) * sx, (cy - top) * sy],
        mirrored: geometry.flip,
        roll_rad: geometry.turn_rad,
    }
}

fn expect_rendered(geometry: &Geometry) {
    let camera = camera();
    let frame = render(&camera);
    let out = warp(&frame, geometry);
    let scale = [
        geometry.crop[2] / geometry.to.0 as f64,
        geometry.crop[3] / geometry.to.1 as f64,
    ];
    expect_equal(&out, &camera_after(&camera, geometry), scale);
}

fn unchanged(to: (usize, usize)) -> Geometry {
    Geometry::resize(&Frame::new(96, 128, camera().px), to)
}

#[test]
fn a_mirror_image_is_what_a_mirrored_camera_sees() {
    let geometry = Geometry {
        flip: true,
        ..unchanged((96, 128))
    };
    expect_rendered(&geometry);
    // Exactly: the same pixels in another order.
    let frame = render(&camera());
    let out = warp(&frame, &geometry);
    for (out, row) in out.normal.chunks(96).zip(frame.normal.chunks(96)) {
        let mirrored = row.iter().rev().map(|[x, y, z]| [-x, *y, *z]);
        assert!(mirrored.eq(out.iter().copied()));
    }
    assert!(warp(&out, &geometry) == frame, "twice is nothing");
}

#[test]
fn a_turn_is_what_a_rolled_camera_sees() {
    for turn_rad in [0.3, -0.2, 1.2, -2.5] {
        expect_rendered(&Geometry {
            turn_rad,
            ..unchanged((96, 128))
        });
    }
}

#[test]
fn a_crop_is_what_an_off_axis_camera_sees() {
    for (crop, to) in [
        ([10.0, 20.0, 60.0, 70.0], (60, 70)),
        ([10.25, 20.5, 60.0, 70.0], (96, 128)),
        ([0.0, 40.0, 96.0, 80.0], (48, 64)),
        ([5.0, 3.0, 88.0, 122.0], (90, 61)),
    ] {
        expect_rendered(&Geometry {
            crop,
            ..unchanged(to)
        });
    }
}

#[test]
fn all_changes_together_are_one_camera() {
    for (flip, turn_rad) in [(true, 0.3), (false, -0.35), (true, -0.15)] {
        for to in [(96, 128), (70, 70), (40, 50)] {
            expect_rendered(&Geometry {
                flip,
                turn_rad,
                crop: [12.5, 22.0, 71.0, 83.0],
                ..unchanged(to)
            });
        }
    }
}

#[test]
fn what_is_drawn_at_random_is_a_camera_too() {
    let camera = camera();
    let frame = render(&camera);
    let config = AugmentConfig {
        rotate: 0.7,
        ..only_geometry()
    };
    let mut kinds = [0; 3];
    for seed in 0..24 {
        let geometry = super::geometry_of(&frame, &config, seed, (96, 128));
        let out = augment(frame.clone(), &config, seed, (96, 128), None);
        let scale = [geometry.crop[2] / 96.0, geometry.crop[3] / 128.0];
        expect_equal(&out, &camera_after(&camera, &geometry), scale);
        let person: f32 = out.alpha.iter().sum();
        assert!(person > 100.0, "seed {seed} shows the person");
        kinds[0] += usize::from(geometry.flip);
        kinds[1] += usize::from(geometry.turn_rad != 0.0);
        kinds[2] += usize::from(geometry.crop[2] < 96.0);
    }
    assert!(kinds.iter().all(|n| (6..24).contains(n)), "{kinds:?}");
}

/// Everything that moves pixels, and nothing else.
fn only_geometry() -> AugmentConfig {
    AugmentConfig {
        background: 0.0,
        color: 0.0,
        gamma: 0.0,
        grayscale: 0.0,
        downscale: 0.0,
        blur: 0.0,
        noise: 0.0,
        jpeg: 0.0,
        ..AugmentConfig::default()
    }
}

/// No augmentation at all, though enabled.
fn nothing() -> AugmentConfig {
    AugmentConfig {
        flip: 0.0,
        rotate: 0.0,
        resized_crop: 0.0,
        ..only_geometry()
    }
}

#[test]
fn the_seed_decides_alone_and_disabled_changes_nothing() {
    let frame = render(&camera());
    let background = frame.clone();
    let all = AugmentConfig {
        background: 1.0,
        ..AugmentConfig::default()
    };
    let make = |seed| augment(frame.clone(), &all, seed, (90, 120), Some(&background));
    for seed in 0..6 {
        assert!(make(seed) == make(seed));
        assert!(make(seed).rgb != make(seed + 1).rgb);
    }
    let disabled = AugmentConfig {
        enabled: false,
        ..all
    };
    assert!(!wants_background(&disabled, 3));
    let out = augment(frame.clone(), &disabled, 3, (90, 120), Some(&background));
    assert!(out == frame);
    let out = augment(frame.clone(), &nothing(), 3, (96, 128), Some(&background));
    assert!(out == frame);
}

#[test]
fn every_change_of_color_stays_in_range_and_leaves_truth_alone() {
    let mut frame = render(&camera());
    // Pixels that only padding has must stay what they are.
    frame.valid[7] = false;
    frame.depth_m[7] = f32::INFINITY;
    frame.normal[7] = [0.0; 3];
    // Black and white, where ranges are left first.
    frame.rgb[100..200].fill([0.0; 3]);
    frame.rgb[200..300].fill([1.0; 3]);
    let one = 1.0;
    let configs = [
        (
            "color",
            AugmentConfig {
                color: one,
                color_strength: 0.9,
                hue_max_deg: 90.0,
                ..nothing()
            },
        ),
        (
            "gamma",
            AugmentConfig {
                gamma: one,
                ..nothing()
            },
        ),
        (
            "grayscale",
            AugmentConfig {
                grayscale: one,
                ..nothing()
            },
        ),
        (
            "downscale",
            AugmentConfig {
                downscale: one,
                ..nothing()
            },
        ),
        (
            "blur",
            AugmentConfig {
                blur: one,
                ..nothing()
            },
        ),
        (
            "noise",
            AugmentConfig {
                noise: one,
                noise_sigma: Range { from: 0.2, to: 0.5 },
                ..nothing()
            },
        ),
        (
            "jpeg",
            AugmentConfig {
                jpeg: one,
                ..nothing()
            },
        ),
        (
            "background",
            AugmentConfig {
                background: one,
                ..nothing()
            },
        ),
    ];
    let other = Frame::new(50, 40, [60.0, 60.0, 25.0, 20.0]);
    for (name, config) in configs {
        for seed in 0..5 {
            let background = wants_background(&config, seed).then_some(&other);
            let out = augment(frame.clone(), &config, seed, (96, 128), background);
            assert!(out.rgb != frame.rgb, "{name} changes something");
            let values = out.rgb.as_flattened();
            assert!(values.iter().all(|v| (0.0..=1.0).contains(v)), "{name}");
            assert!(out.depth_m == frame.depth_m);
            assert!(out.normal == frame.normal);
            assert!(out.alpha == frame.alpha);
            assert!(out.valid == frame.valid);
            assert_eq!(out.camera_px, frame.camera_px);
            if name == "grayscale" {
                let is_grey = |[r, g, b]: &[f32; 3]| r == g && g == b;
                assert!(out.rgb.iter().all(is_grey));
            }
            if name == "background" {
                let kept = frame.alpha.iter().zip(&frame.rgb).zip(&out.rgb);
                for ((&alpha, was), is) in kept {
                    assert!(alpha < 1.0 || was == is, "what is covered wholly stays");
                }
            }
        }
    }
}

#[test]
fn a_new_background_comes_through_soft_coverage() {
    // A grey person, half covering a column of pixels before a red wall, is put before another.
    let mut frame = Frame::new(40, 30, [40.0, 40.0, 20.0, 15.0]);
    for y in 0..30 {
        for x in 0..40 {
            let alpha = match x {
                0..20 => 1.0,
                20 => 0.5,
                _ => 0.0,
            };
            let at = y * 40 + x;
            frame.alpha[at] = alpha;
            let (person, wall) = ([0.4; 3], [0.9, 0.1, 0.1]);
            frame.rgb[at] = std::array::from_fn(|k| alpha * person[k] + (1.0 - alpha) * wall[k]);
        }
    }
    let mut other = Frame::new(40, 30, [40.0; 4]);
    other.rgb.fill([0.0, 0.2, 0.8]);
    // The other picture's person must not come along.
    for y in 5..25 {
        other.rgb[y * 40 + 10..y * 40 + 30].fill([1.0; 3]);
        other.alpha[y * 40 + 10..y * 40 + 30].fill(1.0);
    }
    let config = AugmentConfig {
        background: 1.0,
        ..nothing()
    };
    let seed = (0..).find(|&seed| wants_background(&config, seed));
    let out = augment(frame, &config, seed.unwrap(), (40, 30), Some(&other));
    for y in 0..30 {
        let near = |at: usize, wanted: [f32; 3], slack: f32| {
            let found = out.rgb[y * 40 + at];
            let is_near = found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < slack);
            assert!(is_near, "{at}, {y}: {found:?}, wanted {wanted:?}");
        };
        near(5, [0.4; 3], 1e-6);
        near(20, [0.2, 0.3, 0.6], 0.06);
        near(35, [0.0, 0.2, 0.8], 1e-4);
    }
}
