//! A sound sample, and one spoilt plane at a time.

use bottega_format::{EncodedRow, synthetic};
use bottega_schemas::OptionalPlanes;

use super::*;

const SIZE: (usize, usize) = (24, 32);

/// What is found in a ball with all planes after `spoil`.
fn found(spoil: impl FnOnce(&mut StoredPlanes)) -> Vec<(Check, Option<Plane>)> {
    let sample = synthetic::sample("ball", 1, SIZE);
    let row = EncodedRow::encode(&sample, OptionalPlanes::all()).unwrap();
    let mut planes = row.decode().unwrap();
    spoil(&mut planes);
    let meta = sample.meta();
    let pinhole = Pinhole {
        fx: meta.fx,
        fy: meta.fy,
        cx: meta.cx,
        cy: meta.cy,
    };
    let camera = (Some(pinhole), meta.world_from_camera);
    let mut findings = Vec::new();
    check_optional_planes(&planes, camera, &VerifyConfig::default(), &mut findings);
    (findings.iter())
        .map(|finding| (finding.check, finding.plane))
        .collect()
}

/// The middle of the ball.
const CENTER: usize = 16 * SIZE.0 + 12;

/// The sky in the corner.
const CORNER: usize = 0;

fn set_scalar(planes: &mut StoredPlanes, plane: Plane, px: usize, value: f32) {
    match planes.optional.get_mut(&plane) {
        Some(PlaneValues::Scalar(values)) => values[px] = value,
        other => panic!("{plane:?} is {other:?}"),
    }
}

fn set_vector(planes: &mut StoredPlanes, plane: Plane, px: usize, value: [f32; 3]) {
    match planes.optional.get_mut(&plane) {
        Some(PlaneValues::Vector(values)) => values[px] = value,
        other => panic!("{plane:?} is {other:?}"),
    }
}

#[test]
fn a_sound_sample_has_no_finding() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn a_wrong_number_is_found_in_its_plane() {
    for (plane, px, value, check) in [
        (Plane::Range, CENTER, 1.0, Check::Depth),
        (Plane::DepthMedian, CENTER, -1.0, Check::Depth),
        (Plane::DepthMedian, CORNER, 1.0, Check::SurfaceAgreement),
        (Plane::DepthMax, CENTER, 0.5, Check::Depth),
        (Plane::DepthDeviation, CENTER, 0.5, Check::Depth),
        (Plane::NormalLength, CENTER, 1.5, Check::Coverage),
        (Plane::NormalLength, CORNER, 0.5, Check::SurfaceAgreement),
        (Plane::Glass, CENTER, f32::NAN, Check::Coverage),
        (Plane::GlassDepth, CENTER, 0.0, Check::Depth),
        (Plane::InstanceId, CENTER, 0.0, Check::SurfaceAgreement),
        (Plane::InstanceId, CENTER, 1.5, Check::PartId),
    ] {
        let found = found(|planes| set_scalar(planes, plane, px, value));
        assert!(
            found.contains(&(check, Some(plane))),
            "{plane:?}: {found:?}"
        );
    }
}

#[test]
fn a_wrong_vector_is_found_in_its_plane() {
    for (plane, px, value, check) in [
        (
            Plane::NormalMean,
            CENTER,
            [0.5, 0.0, 0.0],
            Check::NormalLength,
        ),
        (
            Plane::NormalFiber,
            CENTER,
            [0.0; 3],
            Check::SurfaceAgreement,
        ),
        (
            Plane::NormalProxy,
            CORNER,
            [0.0, 0.0, 1.0],
            Check::SurfaceAgreement,
        ),
        (
            Plane::GlassNormal,
            CENTER,
            [0.0, 2.0, 0.0],
            Check::NormalLength,
        ),
        (Plane::Position, CENTER, [0.0, 0.0, 3.0], Check::Depth),
        (Plane::Albedo, CENTER, [1.2, 0.0, 0.0], Check::Picture),
        (Plane::Albedo, CORNER, [0.2, 0.0, 0.0], Check::Picture),
        (Plane::Uv, CORNER, [0.2, 0.0, 0.0], Check::SurfaceAgreement),
    ] {
        let found = found(|planes| set_vector(planes, plane, px, value));
        assert!(
            found.contains(&(check, Some(plane))),
            "{plane:?}: {found:?}"
        );
    }
}

#[test]
fn layers_that_do_not_sum_to_alpha_are_found() {
    for (plane, value) in [
        (Plane::LayersVisible, [0.5, 0.1, 0.0, 0.0]),
        (Plane::LayersVisible, [1.5, -0.5, 0.0, 0.0]),
        (Plane::LayersWhole, [0.1, 0.0, 0.0, 0.0]),
        (Plane::SkinLayersVisible, [0.2, 0.3, 0.0, 0.0]),
        (Plane::HairLayersVisible, [0.0, 0.0, 0.4, 0.0]),
        (Plane::WornLayersWhole, [0.0, 0.0, 0.0, 1.4]),
    ] {
        let found = found(|planes| match planes.optional.get_mut(&plane) {
            Some(PlaneValues::Layers(values)) => values[CENTER] = value,
            other => panic!("{plane:?} is {other:?}"),
        });
        assert!(
            found.contains(&(Check::Coverage, Some(plane))),
            "{value:?}: {found:?}"
        );
    }
}

#[test]
fn wrong_bytes_are_found_in_their_planes() {
    for (plane, px, value) in [
        (Plane::PartId, CORNER, 6),
        (Plane::PartId, CENTER, 0),
        (Plane::HairMask, CENTER, 7),
    ] {
        let found = found(|planes| match planes.optional.get_mut(&plane) {
            Some(PlaneValues::Byte(values)) => values[px] = value,
            other => panic!("{plane:?} is {other:?}"),
        });
        assert_eq!(found, [(Check::PartId, Some(plane))]);
    }
}
