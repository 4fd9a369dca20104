//! Outfits over many bodies and poses.

mod hair;
mod raster;
mod standing;

use std::{collections::BTreeMap, sync::OnceLock};

use bottega_geometry::closest_point::ClosestPoint;
use bottega_schemas::{
    params::{
        BottomKind, BottomParams, FabricParams, GarmentParams, Pattern, ShapeParams, ShoeKind,
        ShoeParams, TopKind, TopParams, Weave,
    },
    part::Part,
    seed::Seed,
};
use glam::Vec3;

use super::{
    BottomCut, Cuts, Outfit, TopCut, Wardrobe,
    cloth::{border_loops, vertex_normals},
    finish::open_edges,
};
use crate::{
    body::{Body, BodyModel, EyeLook, SkinDetail, SkinTopology, fixture},
    pose::{PoseFamily, draw_pose, settle, shipped_prior},
    surfaces::test_support::blank_face,
};

fn wardrobe() -> &'static Wardrobe {
    static WARDROBE: OnceLock<Wardrobe> = OnceLock::new();
    WARDROBE.get_or_init(|| Wardrobe::new(fixture::model()).expect("the model is whole"))
}

/// A shape from very thin to very heavy, short to tall, feminine to masculine.
fn shape(seed: Seed) -> ShapeParams {
    let u = |name: &str| seed.child(name).unit_f64() as f32;
    ShapeParams {
        gender: u("gender"),
        age: 0.5 + 0.45 * u("age"),
        muscle: 0.1 + 0.85 * u("muscle"),
        weight: u("weight"),
        height: 0.35 + 0.25 * u("height"),
        proportions: 0.3 + 0.6 * u("proportions"),
        cupsize: u("cupsize"),
        firmness: 0.3 + 0.5 * u("firmness"),
        ancestry: [0.2, 0.3, 0.5],
        details: BTreeMap::new(),
    }
}

fn fabric() -> FabricParams {
    FabricParams {
        color: [0.2; 3],
        second_color: [0.4; 3],
        pattern: Pattern::Solid,
        period_m: 0.03,
        weave: Weave::Jersey,
        sheen: 0.2,
        crease_depth_m: 0.002,
    }
}

const TOPS: [TopKind; 6] = [
    TopKind::TShirt,
    TopKind::LongSleeve,
    TopKind::Shirt,
    TopKind::Turtleneck,
    TopKind::Sweater,
    TopKind::TankTop,
];
const BOTTOMS: [BottomKind; 5] = [
    BottomKind::Trousers,
    BottomKind::Jeans,
    BottomKind::Shorts,
    BottomKind::Skirt,
    BottomKind::Leggings,
];
const SHOES: [ShoeKind; 3] = [ShoeKind::Sneaker, ShoeKind::Leather, ShoeKind::Boot];

fn garments(seed: Seed, case: usize) -> GarmentParams {
    let u = |name: &str| seed.child(name).unit_f64() as f32;
    GarmentParams {
        top: TopParams {
            kind: TOPS[case % 6],
            sleeve: u("sleeve"),
            hem: u("hem"),
            neckline: u("neckline"),
            ease_m: 0.004 + 0.026 * u("top_ease"),
            fabric: fabric(),
        },
        bottom: BottomParams {
            kind: BOTTOMS[case % 5],
            length: u("length"),
            ease_m: 0.002 + 0.024 * u("bottom_ease"),
            fabric: fabric(),
        },
        shoes: ShoeParams {
            kind: SHOES[case % 3],
            color: [0.1; 3],
            sole_color: [0.7; 3],
        },
        style: "neutral".to_owned(),
    }
}

struct Case {
    body: Body,
    params: GarmentParams,
    outfit: Outfit,
    name: String,
}

/// A person before dressing, and the name of the case.
fn undressed(index: usize) -> (Body, GarmentParams, String) {
    let model = fixture::model();
    let seed = Seed(11).index(index as u64);
    let shape = shape(seed.child("shape"));
    let family = PoseFamily::ALL[index % 4];
    let mut pose = draw_pose(shipped_prior(), family, &mut |name| {
        seed.child("pose").child(name).unit_f64()
    });
    settle(model, &shape, &mut pose, 0.012).expect("every bone is known");
    let face = blank_face();
    let body = model
        .build(&shape, &pose, &face, EyeLook::Rigid)
        .expect("every bone is known");
    let params = garments(seed.child("garments"), index);
    let name = format!(
        "{index}: {:?} {:?} {:?} {family:?}",
        params.top.kind, params.bottom.kind, params.shoes.kind
    );
    (body, params, name)
}

fn case(index: usize) -> Case {
    let (body, params, name) = undressed(index);
    let outfit = wardrobe()
        .dress(fixture::model(), &body, &params, index as u64)
        .expect("the model is whole");
    Case {
        body,
        params,
        outfit,
        name,
    }
}

/// Fifteen cases see every top with two or three bottoms, shoes and poses.
fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| (0..15).map(case).collect())
}

#[test]
fn every_surface_is_finite_closed_and_whole() {
    for case in cases() {
        for surface in &case.outfit.surfaces {
            let mesh = &surface.mesh;
            let what = format!("{} {:?} {:?}", case.name, surface.part, surface.variant);
            assert!(mesh.positions.iter().all(|p| p.is_finite()), "{what}");
            let unit = |n: &Vec3| (n.length() - 1.0).abs() < 1e-3;
            assert!(mesh.normals.iter().all(unit), "{what}");
            assert_eq!(mesh.rest.len(), mesh.positions.len(), "{what}");
            assert_eq!(mesh.uvs.len(), mesh.positions.len(), "{what}");
            assert_eq!(open_edges(mesh), 0, "{what}");
        }
        for part in [Part::Top, Part::Bottom, Part::Shoe] {
            assert!(case.outfit.surfaces.iter().any(|s| s.part == part));
        }
    }
}

#[test]
fn raised_by_the_lift_the_soles_stand_on_the_ground() {
    for case in cases() {
        let lift_m = case.outfit.lift_m;
        assert!((0.0..0.06).contains(&lift_m), "{}: {lift_m}", case.name);
        let lowest = |variant: &str| {
            let surfaces = case.outfit.surfaces.iter();
            let soles = surfaces.filter(|s| s.variant == variant);
            let heights = soles.flat_map(|s| &s.mesh.positions).map(|p| p.y + lift_m);
            heights.fold(f32::MAX, f32::min)
        };
        assert!(lowest("sole").abs() < 1e-5, "{}", case.name);
        let points = case.outfit.surfaces.iter().flat_map(|s| &s.mesh.positions);
        let low = points.map(|p| p.y + lift_m).fold(f32::MAX, f32::min);
        assert!(-1e-5 < low, "{}: {low} m in the ground", case.name);
    }
}

#[test]
fn the_same_numbers_give_the_same_outfit() {
    let (again, first) = (case(2), &cases()[2]);
    assert_eq!(again.outfit.covered, first.outfit.covered);
    for (a, b) in again.outfit.surfaces.iter().zip(&first.outfit.surfaces) {
        assert_eq!(a.mesh, b.mesh);
    }
}

#[test]
fn hidden_skin_is_behind_cloth_and_bare_skin_is_not_hidden() {
    let model = fixture::model();
    let faces = model.group("body").expect("the body is there");
    let bone = |name: &str| model.bone(name).expect("the bone is there");
    let bare = [bone("head"), bone("wrist.L"), bone("wrist.R")];
    for case in cases() {
        let mut n_hidden = 0;
        for (face, hidden) in model.faces[faces.clone()].iter().zip(&case.outfit.covered) {
            n_hidden += usize::from(*hidden);
            let of_bare = face.iter().all(|&v| {
                let bare = model
                    .weights
                    .of(v as usize)
                    .filter(|(b, _)| bare.contains(b));
                0.7 < bare.map(|(_, w)| w).sum::<f32>()
            });
            assert!(!(of_bare && *hidden), "{}: hidden head or hand", case.name);
        }
        assert!(2500 < n_hidden, "{}: {n_hidden}", case.name);
    }
}

#[test]
fn skin_inside_a_garment_lies_under_its_cloth() {
    let model = fixture::model();
    let faces = model.group("body").expect("the body is there");
    let (mut n_inside, mut n_outside) = (0, 0);
    let mut by_case: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, case) in cases().iter().enumerate() {
        let marks = wardrobe().landmarks(model, &case.body).expect("joints");
        let [top, bottom, _] =
            wardrobe().fit_out(model, &case.body, &case.params, index as u64, &marks);
        let (top_cut, bottom_cut) = (
            TopCut::of(&case.params.top, &marks),
            BottomCut::of(&case.params.bottom, &marks),
        );
        let mut seen = vec![false; BodyModel::BODY_VERTICES.len()];
        for (face, hidden) in model.faces[faces.clone()].iter().zip(&case.outfit.covered) {
            for &v in face.iter().filter(|_| !hidden) {
                seen[v as usize] = true;
            }
        }
        let places = marks.body_places(model, &case.body);
        let skirt = case.params.bottom.kind == BottomKind::Skirt;
        for (worn, is_top) in [(&top, true), (&bottom, false)] {
            if skirt && !is_top {
                continue;
            }
            let cloth = &worn.cloth;
            let at_rest = ClosestPoint::build(&cloth.anchor, &cloth.triangles);
            let normals = vertex_normals(&cloth.worn, &cloth.triangles);
            for (v, p) in places.iter().enumerate().filter(|(v, _)| seen[*v]) {
                let inside_m = if is_top {
                    top_cut.inside(&marks, p)
                } else {
                    bottom_cut.inside(&marks, p)
                };
                // A finger's breadth inside the edge and beyond; the cloth that belongs there is
                // the one that is nearest at rest.
                let Some(hit) = at_rest.query(p.at, 0.03).filter(|_| 0.01 < inside_m) else {
                    continue;
                };
                let [a, b, c] = cloth.triangles[hit.triangle as usize].map(|v| v as usize);
                let blend = |values: &[Vec3]| {
                    let w = hit.barycentric;
                    values[a] * w.x + values[b] * w.y + values[c] * w.z
                };
                let height_m =
                    (case.outfit.skin[v] - blend(&cloth.worn)).dot(blend(&normals).normalize());
                n_inside += 1;
                if -0.001 < height_m {
                    n_outside += 1;
                    *by_case.entry(&case.name).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(1500 < n_inside, "{n_inside}");
    assert!(
        (n_outside as f32) < 0.001 * n_inside as f32,
        "{n_outside} of {n_inside} vertices of visible skin are not under the cloth: {by_case:?}"
    );
}

#[test]
fn no_skin_shows_through_the_cloth_that_covers_it() {
    let model = fixture::model();
    let topology = SkinTopology::new(model, SkinDetail::Body).expect("the model is whole");
    let (mut n_cloth, mut n_through) = (0, 0);
    let mut by_case: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        let marks = wardrobe().landmarks(model, &case.body).expect("joints");
        let cuts = Cuts::of(&case.params, &marks);
        let inside: Vec<f32> = marks
            .body_places(model, &case.body)
            .iter()
            .map(|p| cuts.inside(&marks, p).into_iter().fold(-1.0, f32::max))
            .collect();
        let inside = topology.subdivision.apply(&inside);
        let mut dressed = case.body.clone();
        dressed.posed[BodyModel::BODY_VERTICES].copy_from_slice(&case.outfit.skin);
        let positions = topology.refine(&dressed).attributes.positions;
        let skin: Vec<[u32; 3]> = topology
            .subdivision
            .triangles()
            .iter()
            .zip(topology.subdivision.parents())
            .filter(|(_, parent)| !case.outfit.covered[**parent as usize])
            .map(|(t, _)| *t)
            .collect();
        for yaw_rad in [0.0, 1.2, 2.4, 3.6, 4.8] {
            let mut picture = raster::Picture::new(yaw_rad, 0.003);
            for surface in &case.outfit.surfaces {
                picture.add_cloth(&surface.mesh.positions, &surface.mesh.triangles);
            }
            picture.add_skin(&positions, &skin, &inside);
            // Skin a finger's breadth inside the edge that lies right before its cloth.
            let (cloth, through) = picture.count(0.008, 0.015);
            n_cloth += cloth;
            n_through += through;
            *by_case.entry(&case.name).or_insert(0) += through;
        }
    }
    assert!(200_000 < n_cloth, "{n_cloth}");
    assert!(
        (n_through as f32) < 0.001 * n_cloth as f32,
        "{n_through} of {n_cloth} pixels of cloth show skin: {by_case:?}"
    );
}

#[test]
fn the_shells_are_whole_but_for_their_openings() {
    // Neck and two wrists; waist and hem.
    for (shell, n_openings) in [(&wardrobe().tights, 3), (&wardrobe().skirt, 2)] {
        let triangles: Vec<[u32; 3]> = shell
            .quads
            .iter()
            .flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]])
            .collect();
        assert_eq!(border_loops(&triangles).len(), n_openings);
    }
}
