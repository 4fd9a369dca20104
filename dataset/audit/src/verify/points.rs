//! Points of the person: as many as there should be, where their places project, on the surface
//! that the depth shows where they are said to be in sight.

use bottega_schemas::SampleMeta;
use bottega_schemas::points::{
    FACE_NET, JOINTS, N_LANDMARKS, NEAREST_M, Visibility, is_inside, project,
};

use super::planes::median;
use crate::finding::{Check, Finding};

/// How far a stored film position may be from the projected one, in pixels and as a share of it.
const PX_TOLERANCE: [f32; 2] = [0.01, 1e-6];

/// How far the skin may be from the points on it that are in sight, in metres and in pixels.
const SKIN_TOLERANCE: [f32; 2] = [0.015, 2.0];

/// Points in sight below which nothing is said of the skin.
const N_SKIN_MIN: usize = 20;

/// One list of points.
struct List<'a> {
    name: &'static str,
    /// Points that there should be.
    n: usize,
    camera_m: Option<&'a [f32]>,
    /// `None` where the list has no column of film positions, and where it is null.
    px: Option<&'a [f32]>,
    has_px: bool,
    visibility: Option<&'a [i8]>,
}

fn lists(meta: &SampleMeta) -> [List<'_>; 3] {
    [
        List {
            name: "joints",
            n: JOINTS.len(),
            camera_m: meta.joints_camera_m.as_deref(),
            px: meta.joints_px.as_deref(),
            has_px: true,
            visibility: meta.joints_visibility.as_deref(),
        },
        List {
            name: "landmarks",
            n: N_LANDMARKS,
            camera_m: meta.landmarks_camera_m.as_deref(),
            px: meta.landmarks_px.as_deref(),
            has_px: true,
            visibility: meta.landmarks_visibility.as_deref(),
        },
        List {
            name: "face_net",
            n: FACE_NET.len(),
            camera_m: meta.face_net_camera_m.as_deref(),
            px: None,
            has_px: false,
            visibility: meta.face_net_visibility.as_deref(),
        },
    ]
}

/// Checks the points of one sample against each other and the camera.
pub(super) fn check_points(meta: &SampleMeta, findings: &mut Vec<Finding>) {
    for list in lists(meta) {
        if let Err(message) = check_list(&list, meta) {
            findings.push(Finding::new(Check::Points, message));
        }
    }
}

fn check_list(list: &List<'_>, meta: &SampleMeta) -> Result<(), String> {
    let name = list.name;
    let lengths = [
        ("camera_m", list.camera_m.map(<[f32]>::len), 3 * list.n),
        ("px", list.px.map(<[f32]>::len), 2 * list.n),
        ("visibility", list.visibility.map(<[i8]>::len), list.n),
    ];
    for (column, found, wanted) in lengths {
        if let Some(found) = found.filter(|found| *found != wanted) {
            return Err(format!(
                "{name}_{column} has {found} numbers, wanted {wanted}"
            ));
        }
    }
    let (Some(camera_m), Some(visibility)) = (list.camera_m, list.visibility) else {
        // Film positions and visibilities alone are what people mark by hand.
        let is_lone = list.camera_m.is_some() && list.visibility.is_none();
        return if is_lone {
            Err(format!(
                "{name}_camera_m is known, {name}_visibility is not"
            ))
        } else {
            check_visibility(list)
        };
    };
    if list.has_px && list.px.is_none() {
        return Err(format!("{name}_camera_m is known, {name}_px is not"));
    }
    check_visibility(list)?;
    let size = [meta.width as f32, meta.height as f32];
    for (i, place) in camera_m.chunks_exact(3).enumerate() {
        let place = [place[0], place[1], place[2]];
        let projected = project(place, [meta.fx, meta.fy], [meta.cx, meta.cy]);
        let stored = list.px.map(|px| [px[2 * i], px[2 * i + 1]]);
        if let Some(stored) = stored {
            let wanted = projected.unwrap_or_default();
            let is_off = |k: usize| {
                let tolerance_px = PX_TOLERANCE[0] + PX_TOLERANCE[1] * wanted[k].abs();
                !super::is_close(stored[k], wanted[k], tolerance_px)
            };
            if is_off(0) || is_off(1) {
                return Err(format!(
                    "{name}_px of point {i} is {stored:?}, but its place {place:?} m projects to \
                     {wanted:?}"
                ));
            }
        }
        // The stored position decides, as it did when the label was made.
        let px = stored.filter(|_| projected.is_some()).or(projected);
        let is_in = px.is_some_and(|px| is_inside(px, size));
        let is_near_border = px.is_some_and(|[x, y]| {
            let near = |v: f32, end: f32| v.abs() < 0.01 || (v - end).abs() < 0.01;
            near(x, size[0]) || near(y, size[1])
        });
        let is_near_camera = (-place[2] - NEAREST_M).abs() < 1e-5;
        let says_in = visibility[i] != Visibility::Outside as i8;
        if is_in != says_in && !is_near_border && !is_near_camera {
            return Err(format!(
                "{name}_visibility of point {i} is {}, but its place {place:?} m is {} the picture",
                visibility[i],
                if is_in { "in" } else { "outside" }
            ));
        }
    }
    Ok(())
}

fn check_visibility(list: &List<'_>) -> Result<(), String> {
    let known = Visibility::Outside as i8..=Visibility::Visible as i8;
    let mut visibility = list.visibility.unwrap_or_default().iter();
    match visibility.position(|v| !known.contains(v)) {
        None => Ok(()),
        Some(i) => Err(format!(
            "{}_visibility of point {i} is none of 0, 1 and 2",
            list.name
        )),
    }
}

/// Checks that the points of the face that are in sight lie on the surface that is seen there.
pub(super) fn check_points_on_skin(
    meta: &SampleMeta,
    depth_m: &[f32],
    (width, height): (usize, usize),
    findings: &mut Vec<Finding>,
) {
    let mut apart_m = Vec::new();
    let mut pixel_m = 0.0_f32;
    for list in &lists(meta)[1..] {
        let (Some(places), Some(visibility)) = (list.camera_m, list.visibility) else {
            continue;
        };
        for (place, visibility) in places.chunks_exact(3).zip(visibility) {
            let place = [place[0], place[1], place[2]];
            let px = project(place, [meta.fx, meta.fy], [meta.cx, meta.cy]);
            let Some([x, y]) = px.filter(|px| is_inside(*px, [width as f32, height as f32])) else {
                continue;
            };
            let seen_m = depth_m[y as usize * width + x as usize];
            if *visibility == Visibility::Visible as i8 && seen_m.is_finite() {
                apart_m.push((seen_m + place[2]).abs());
                pixel_m = pixel_m.max(-place[2] / meta.fx.min(meta.fy) as f32);
            }
        }
    }
    let n = apart_m.len();
    if n < N_SKIN_MIN {
        return;
    }
    let tolerance_m = SKIN_TOLERANCE[0] + SKIN_TOLERANCE[1] * pixel_m;
    if let Some(median_m) = median(&mut apart_m).filter(|median_m| *median_m > tolerance_m) {
        let message = format!(
            "points of the face in sight are {median_m:.4} m from the depth there, by the median \
             of {n}, wanted at most {tolerance_m:.4} m"
        );
        findings.push(Finding::new(Check::Points, message));
    }
}

#[cfg(test)]
mod tests {
    use super::super::labels::tests::good_meta;
    use super::*;

    fn meta() -> SampleMeta {
        let mut meta = good_meta(3, 64, 64);
        bottega_format::synthetic::add_points(&mut meta);
        meta
    }

    fn messages_of(meta: &SampleMeta) -> Vec<String> {
        let mut findings = Vec::new();
        check_points(meta, &mut findings);
        findings.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn good_points_and_none_have_no_finding() {
        assert_eq!(messages_of(&meta()), Vec::<String>::new());
        assert_eq!(messages_of(&good_meta(3, 64, 64)), Vec::<String>::new());
    }

    #[test]
    fn each_wrong_list_is_found_by_name() {
        type Spoil = fn(&mut SampleMeta);
        let cases: [(&str, Spoil); 8] = [
            ("joints_px of point 4", |m| {
                m.joints_px.as_mut().unwrap()[8] += 0.1;
            }),
            ("joints_px has 149 numbers", |m| {
                m.joints_px.as_mut().unwrap().pop();
            }),
            ("joints_visibility of point 2 is none of", |m| {
                m.joints_visibility.as_mut().unwrap()[2] = 3;
            }),
            ("landmarks_visibility of point 5", |m| {
                m.landmarks_visibility.as_mut().unwrap()[5] = 0;
            }),
            ("landmarks_visibility is not", |m| {
                m.landmarks_visibility = None;
            }),
            ("landmarks_px is not", |m| m.landmarks_px = None),
            ("face_net_camera_m has 6 numbers", |m| {
                m.face_net_camera_m.as_mut().unwrap().truncate(6);
            }),
            ("face_net_visibility of point 9", |m| {
                m.face_net_camera_m.as_mut().unwrap()[27] = 50.0;
            }),
        ];
        for (name, spoil) in cases {
            let mut meta = meta();
            spoil(&mut meta);
            let messages = messages_of(&meta);
            assert!(
                messages.len() == 1 && messages[0].contains(name),
                "{name}: {messages:?}"
            );
        }
    }

    #[test]
    fn a_face_off_its_surface_is_found() {
        let meta = meta();
        for (depth_m, n) in [(1.3, 0), (1.31, 0), (1.5, 1), (f32::INFINITY, 0)] {
            let mut findings = Vec::new();
            check_points_on_skin(&meta, &[depth_m; 64 * 64], (64, 64), &mut findings);
            assert_eq!(findings.len(), n, "{depth_m} m: {findings:?}");
        }
    }
}
