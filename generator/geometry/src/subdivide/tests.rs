//! Closed forms, invariances and the absence of cracks.

use std::collections::BTreeMap;

use glam::{Vec2, Vec3};

use super::*;

/// The cube [-1, 1]^3.
fn cube() -> (Vec<Vec3>, Vec<[u32; 4]>) {
    let positions = (0..8)
        .map(|i| {
            let sign = |bit: u32| if i >> bit & 1 == 1 { 1.0 } else { -1.0 };
            Vec3::new(sign(0), sign(1), sign(2))
        })
        .collect();
    let faces = vec![
        [0, 2, 3, 1],
        [4, 5, 7, 6],
        [0, 1, 5, 4],
        [2, 6, 7, 3],
        [0, 4, 6, 2],
        [1, 3, 7, 5],
    ];
    (positions, faces)
}

/// A grid of `n` x `n` quads on the plane z = 0, with unit steps.
fn grid(n: u32) -> (Vec<Vec3>, Vec<[u32; 4]>) {
    let at = |x: u32, y: u32| y * (n + 1) + x;
    let positions = (0..(n + 1) * (n + 1))
        .map(|i| Vec3::new((i % (n + 1)) as f32, (i / (n + 1)) as f32, 0.0))
        .collect();
    let faces = (0..n * n)
        .map(|i| {
            let (x, y) = (i % n, i / n);
            [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)]
        })
        .collect();
    (positions, faces)
}

#[test]
fn a_cube_refines_to_the_published_points() {
    let (positions, faces) = cube();
    let subdivision = Subdivision::once(&faces, 8);
    let refined = subdivision.apply(&positions);
    assert_eq!(refined.len(), 8 + 12 + 6);
    // Corner: (Q + 2R + 0 S) / 3 with Q = 1/3 (1, 1, 1) and R = 2/3 (1, 1, 1).
    assert!(refined[7].distance(Vec3::splat(5.0 / 9.0)) < 1e-6);
    // Edge point of two face points at distance 1 and two corners: 3/4 along each axis.
    let edge = refined[8..20]
        .iter()
        .find(|p| 0.0 < p.x && 0.0 < p.y && p.z == 0.0);
    assert!(edge.unwrap().distance(Vec3::new(0.75, 0.75, 0.0)) < 1e-6);
    assert!(
        refined[20..]
            .iter()
            .all(|p| (p.length() - 1.0).abs() < 1e-6)
    );
    let normals = subdivision.normals(&refined);
    assert!(
        normals
            .iter()
            .zip(&refined)
            .all(|(n, p)| 0.9 < n.dot(p.normalize()))
    );
}

#[test]
fn weights_sum_to_one_at_every_vertex() {
    for (positions, faces) in [cube(), grid(3)] {
        let subdivision = Subdivision::adaptive(&faces, positions.len(), |_| 2);
        let ones = subdivision.apply(&vec![1.0f32; positions.len()]);
        assert!(ones.iter().all(|one| (one - 1.0).abs() < 1e-6));
    }
}

#[test]
fn a_flat_sheet_stays_flat_and_keeps_its_border() {
    let (positions, faces) = grid(3);
    let refined = Subdivision::once(&faces, positions.len()).apply(&positions);
    assert!(refined.iter().all(|p| p.z == 0.0));
    let on_border = |p: &Vec3| p.x <= 0.0 || 3.0 <= p.x || p.y <= 0.0 || 3.0 <= p.y;
    assert!(refined.iter().filter(|p| on_border(p)).count() >= 16);
    // An interior vertex of a regular grid does not move; a border vertex stays on its line.
    assert!(
        refined
            .iter()
            .any(|p| p.distance(Vec3::new(1.0, 1.0, 0.0)) < 1e-6)
    );
    assert!(
        refined
            .iter()
            .any(|p| p.distance(Vec3::new(1.0, 0.0, 0.0)) < 1e-6)
    );
}

#[test]
fn seams_of_texture_coordinates_stay_sharp() {
    // Two quads that share an edge in space and lie apart in the texture.
    let uvs: Vec<Vec2> = [0.0, 1.0, 5.0, 6.0]
        .into_iter()
        .flat_map(|u| [Vec2::new(u, 0.0), Vec2::new(u, 1.0)])
        .collect();
    let uv_faces = [[0, 2, 3, 1], [4, 6, 7, 5]];
    let refined = Subdivision::once(&uv_faces, uvs.len()).apply(&uvs);
    assert!(refined.iter().all(|uv| uv.x <= 1.0 || 5.0 <= uv.x));
}

#[test]
fn triangles_are_split_into_three_quads() {
    let positions = [Vec3::ZERO, Vec3::X, Vec3::Y];
    let subdivision = Subdivision::once(&[[0, 1, 2, 2]], 3);
    assert_eq!(subdivision.triangles().len(), 6);
    let refined = subdivision.apply(&positions);
    assert!(refined[6].distance(Vec3::new(1.0 / 3.0, 1.0 / 3.0, 0.0)) < 1e-6);
}

/// Sides met once from each face on them, for all but those on a border.
fn has_no_crack(subdivision: &Subdivision) -> bool {
    let mut sides: BTreeMap<[u32; 2], i32> = BTreeMap::new();
    for t in subdivision.triangles() {
        for corner in 0..3 {
            let (a, b) = (t[corner], t[(corner + 1) % 3]);
            *sides.entry([a.min(b), a.max(b)]).or_default() += if a < b { 1 } else { -1 };
        }
    }
    sides.values().all(|&n| n == 0)
}

#[test]
fn refinement_in_places_leaves_no_crack() {
    let (positions, faces) = cube();
    for mask in 0..729usize {
        let depth = |face: usize| 1 + (mask / 3usize.pow(face as u32) % 3) as u32;
        let subdivision = Subdivision::adaptive(&faces, positions.len(), depth);
        assert!(has_no_crack(&subdivision), "mask {mask}");
        assert_eq!(subdivision.parents().len(), subdivision.triangles().len());
        assert!(subdivision.parents().is_sorted());
    }
}

#[test]
fn a_refined_spot_lies_where_the_whole_mesh_would_be() {
    // A cube refined twice is a closed mesh of 96 quads, enough for four levels around a spot.
    let (corners, faces) = cube();
    let (mut positions, mut quads) = (corners, faces);
    for _ in 0..2 {
        let level = Level::first(&quads, positions.len());
        positions = level.stencil.apply(&positions);
        quads = level.faces;
    }
    let depth = |face: usize| match face {
        0 => 4,
        40 => 3,
        _ => 1,
    };
    let spot = Subdivision::adaptive(&quads, positions.len(), depth);
    assert!(has_no_crack(&spot));
    let whole = Subdivision::adaptive(&quads, positions.len(), |_| 4);
    let (found, truth) = (spot.apply(&positions), whole.apply(&positions));
    let of_face = |subdivision: &Subdivision, face: u32| -> Vec<[u32; 3]> {
        let all = subdivision.triangles().iter().zip(subdivision.parents());
        all.filter(|&(_, &parent)| parent == face)
            .map(|(t, _)| *t)
            .collect()
    };
    let (fine, same) = (of_face(&spot, 0), of_face(&whole, 0));
    assert_eq!((fine.len(), same.len()), (512, 512));
    for (a, b) in fine.iter().flatten().zip(same.iter().flatten()) {
        assert!(found[*a as usize].distance(truth[*b as usize]) < 1e-6);
    }
    assert!(spot.triangles().len() < whole.triangles().len() / 8);
}

#[test]
fn hidden_faces_take_their_vertices_along() {
    let (positions, faces) = cube();
    let subdivision = Subdivision::once(&faces, 8);
    let refined = subdivision.apply(&positions);
    let attributes = RefinedAttributes {
        normals: subdivision.normals(&refined),
        rest: refined.clone(),
        positions: refined,
        colors: Vec::new(),
        gloss: Vec::new(),
    };
    let mesh = subdivision.mesh_where(&attributes, |face| face == 2);
    assert_eq!(mesh.triangles.len(), 8);
    assert_eq!(mesh.positions.len(), 9);
    assert_eq!(mesh.rest.len(), 9);
    assert!(mesh.colors.is_empty());
}

#[test]
fn each_coarse_vertex_has_its_point_on_the_refined_mesh() {
    let (positions, faces) = grid(4);
    // Corners of a grid of steps of one stay within half a step of where they were, and inner
    // vertices of a flat grid stay where they are.
    for subdivision in [
        Subdivision::once(&faces, 26),
        Subdivision::adaptive(&faces, 26, |face| 1 + u32::from(face < 5)),
        Subdivision::adaptive(&faces, 26, |_| 2),
    ] {
        let points = subdivision.vertex_points();
        let mut coarse = positions.clone();
        coarse.push(Vec3::ZERO);
        let refined = subdivision.apply(&coarse);
        assert_eq!(points.len(), 26);
        assert_eq!(points[25], u32::MAX, "a vertex without a face has no point");
        for (vertex, at) in positions.iter().enumerate() {
            let point = refined[points[vertex] as usize];
            let is_inner = [at.x, at.y].iter().all(|v| (0.5..3.5).contains(v));
            let limit = if is_inner { 1e-6 } else { 0.5 };
            assert!(point.distance(*at) < limit, "{vertex}: {at} became {point}");
        }
    }
}
