//! Hair covers what it should, stays out of what it should not, and is the same everywhere.

use std::{collections::BTreeMap, sync::OnceLock};

use bottega_schemas::params::{
    BeardParams, BeardStyle, BrowParams, FaceParams, HairColorLabel, HairColorParams, HairCut,
    HairStyle, HairType, PoseParams, ScalpHairParams, ShapeParams,
};
use glam::Quat;

use super::{curl::arc_length, surface::HeadFrame, *};
use crate::body::{BodyModel, EyeLook, fixture};

const CUTS: [(HairCut, f32); 8] = [
    (HairCut::Buzz, 0.006),
    (HairCut::Crop, 0.05),
    (HairCut::SidePart, 0.10),
    (HairCut::Bob, 0.28),
    (HairCut::Long, 0.5),
    (HairCut::Afro, 0.14),
    (HairCut::Ponytail, 0.45),
    (HairCut::Bun, 0.4),
];

const TYPES: [HairType; 10] = [
    HairType::T1,
    HairType::T2A,
    HairType::T2B,
    HairType::T2C,
    HairType::T3A,
    HairType::T3B,
    HairType::T3C,
    HairType::T4A,
    HairType::T4B,
    HairType::T4C,
];

/// A head turned and bent, with a face that moves.
fn surface() -> &'static HeadSurface {
    static SURFACE: OnceLock<HeadSurface> = OnceLock::new();
    SURFACE.get_or_init(|| build(Quat::from_xyzw(0.12, 0.1, -0.06, 0.98).normalize()))
}

/// Grows on the shared head.
fn grow_shared(params: &GroomParams, seed: u64, budget: &StrandBudget) -> Vec<StrandPart> {
    grown_shared(params, seed, budget).strands
}

fn grown_shared(params: &GroomParams, seed: u64, budget: &StrandBudget) -> Grown {
    static PREPARED: OnceLock<(Vec<Vec3>, SkinField)> = OnceLock::new();
    let surface = surface();
    let (normals, field) = PREPARED.get_or_init(|| {
        let (low, high) = reach(&groom(HairCut::Long, HairType::T1, 0.5), surface);
        (
            surface.vertex_normals(),
            SkinField::build(surface, low, high),
        )
    });
    let ground = Ground {
        surface,
        normals,
        field,
    };
    grow_on(&ground, params, Seed(seed), budget)
}

fn build(head_turn: Quat) -> HeadSurface {
    let model: &BodyModel = fixture::model();
    let shape = ShapeParams {
        gender: 0.7,
        age: 0.55,
        muscle: 0.5,
        weight: 0.6,
        height: 0.5,
        proportions: 0.5,
        cupsize: 0.5,
        firmness: 0.5,
        ancestry: [0.5, 0.2, 0.3],
        details: BTreeMap::from([("head-scale-horiz-incr".to_owned(), 0.2)]),
    };
    let pose = PoseParams {
        pose_id: "stand".to_owned(),
        root_rotation: [0.0, 0.0, 0.0, 1.0],
        bones: BTreeMap::from([("head".to_owned(), head_turn.to_array())]),
        seated: false,
    };
    let face = FaceParams {
        expression_id: "speech".to_owned(),
        units: BTreeMap::from([("jawOpen".to_owned(), 0.4), ("browInnerUp".to_owned(), 0.6)]),
        gaze_yaw_rad: 0.1,
        gaze_pitch_rad: 0.0,
        vergence_m: 1.0,
        gaze_at_camera: false,
    };
    let body = model.build(&shape, &pose, &face, EyeLook::Rigid).unwrap();
    HeadSurface::of(model, &body).unwrap()
}

fn groom(cut: HairCut, hair_type: HairType, length_m: f32) -> GroomParams {
    GroomParams {
        scalp: Some(ScalpHairParams {
            cut,
            style: None,
            hair_type,
            length_m,
            parting: 0.5,
            volume: 0.4,
            clump: 0.5,
            frizz: 0.2,
            hairline: 0.0,
            thinning: 0.0,
        }),
        brows: BrowParams {
            density: 0.8,
            length_m: 0.008,
            thickness: 1.0,
        },
        beard: None,
        color: HairColorParams {
            label: HairColorLabel::LightBrown,
            eumelanin: 1.3,
            pheomelanin: 0.2,
            grey_fraction: 0.3,
            dye: None,
            second: None,
        },
    }
}

fn bearded(style: BeardStyle, length_m: f32) -> GroomParams {
    GroomParams {
        scalp: None,
        beard: Some(BeardParams {
            style,
            length_m,
            density: 0.9,
        }),
        ..groom(HairCut::Buzz, HairType::T1, 0.005)
    }
}

/// A head of hair small enough for tests.
fn budget() -> StrandBudget {
    StrandBudget {
        scalp_strands: 3000,
        brow_strands: 150,
        beard_strands: 1500,
        ..StrandBudget::of(Framing::Face)
    }
}

fn part(parts: &[StrandPart], part: Part) -> &bottega_geometry::StrandSet {
    &parts
        .iter()
        .find(|p| p.part == part)
        .expect("the part is there")
        .strands
}

/// Asserts what holds for every set of strands on the skin.
fn assert_sound(strands: &bottega_geometry::StrandSet, surface: &HeadSurface, what: &str) {
    let mesh = surface.closest_point();
    assert!(strands.points.iter().all(|p| p.is_finite()), "{what}");
    assert!(
        strands.radii.iter().all(|&r| 5e-6 < r && r < 6e-4),
        "{what}"
    );
    assert_eq!(strands.points.len(), strands.radii.len(), "{what}");
    assert_eq!(
        *strands.offsets.last().unwrap() as usize,
        strands.points.len(),
        "{what}"
    );
    let mut below = 0;
    for strand_idx in 0..strands.len() {
        let points = strands.strand(strand_idx);
        let root = mesh
            .query(points[0], 0.1)
            .expect("the root is near the skin");
        assert!(
            root.distance.abs() < 5e-4,
            "{what}: a root {} m off the skin",
            root.distance
        );
        for p in points {
            let deep = mesh.query(*p, 0.02).is_some_and(|c| c.distance < -1e-3);
            below += usize::from(deep);
        }
    }
    let share = below as f32 / strands.points.len() as f32;
    assert!(
        share < 1e-3,
        "{what}: {share} of the points are below the skin"
    );
}

/// Share of strand points right before the face: between brows and chin, eyes and cheeks.
fn share_before_face(strands: &bottega_geometry::StrandSet, surface: &HeadSurface) -> f32 {
    let frame = HeadFrame::fit(surface);
    let before = |p: &&Vec3| {
        let p = frame.to_template(**p);
        p.x.abs() < 0.42 && 6.35 < p.y && p.y < 7.6 && 1.2 < p.z
    };
    strands.points.iter().filter(before).count() as f32 / strands.points.len() as f32
}

#[test]
fn every_cut_of_every_type_covers_the_scalp_and_stays_out_of_skin_and_face() {
    let surface = surface();
    let small = StrandBudget {
        scalp_strands: 450,
        ..budget()
    };
    for (cut, length_m) in CUTS {
        for hair_type in TYPES {
            let what = format!("{cut:?} {hair_type:?}");
            let parts = grow_shared(&groom(cut, hair_type, length_m), 7, &small);
            let hair = part(&parts, Part::Hair);
            assert!(330 <= hair.len(), "{what}: {}", hair.len());
            assert_sound(hair, surface, &what);
            let share = share_before_face(hair, surface);
            assert!(share < 2e-3, "{what}: {share} hangs before the face");
        }
    }
}

#[test]
fn every_style_grows_on_every_hair_that_takes_it() {
    let surface = surface();
    let small = StrandBudget {
        scalp_strands: 700,
        ..budget()
    };
    for &style in HairStyle::ALL {
        let types = TYPES.into_iter().filter(|&t| style.suits(t));
        // The straightest and the tightest that take it.
        let ends: Vec<HairType> = types.collect();
        for hair_type in [ends[0], ends[ends.len() - 1]] {
            let [least_m, most_m] = style.length_range_m();
            let length_m = 0.5 * (least_m + most_m.min(0.6));
            let mut params = groom(style.cut(), hair_type, length_m);
            if let Some(scalp) = &mut params.scalp {
                scalp.style = Some(style);
            }
            let what = format!("{style:?} {hair_type:?}");
            let parts = grow_shared(&params, 11, &small);
            let hair = part(&parts, Part::Hair);
            assert!(450 <= hair.len(), "{what}: {}", hair.len());
            assert_sound(hair, surface, &what);
            // A parted or swept fringe frames the eyes; it does not hide the face.
            let share = share_before_face(hair, surface);
            assert!(share < 0.06, "{what}: {share} hangs before the face");
        }
    }
}

#[test]
fn styles_of_two_ties_have_two_elastics_and_ropes_bind_their_strands() {
    let with = |style: HairStyle, hair_type: HairType| {
        let mut params = groom(style.cut(), hair_type, 0.45);
        if let Some(scalp) = &mut params.scalp {
            scalp.style = Some(style);
        }
        grown_shared(&params, 5, &budget())
    };
    assert_eq!(with(HairStyle::Pigtails, HairType::T1).surfaces.len(), 2);
    assert_eq!(with(HairStyle::HalfUp, HairType::T2A).surfaces.len(), 1);
    assert_eq!(with(HairStyle::TwoBuns, HairType::T1).surfaces.len(), 0);
    // Tips of a rope lie within its radius of each other: many tips, few places.
    let places = |style: HairStyle| {
        let grown = with(style, HairType::T4A);
        let hair = part(&grown.strands, Part::Hair);
        let cells: std::collections::BTreeSet<[i32; 3]> = (0..hair.len())
            .filter_map(|strand| hair.strand(strand).last())
            .map(|tip| (*tip / 0.008).floor().as_ivec3().to_array())
            .collect();
        cells.len()
    };
    let (bound, free) = (places(HairStyle::LocsLong), places(HairStyle::LongLayers));
    assert!(2 * bound < free, "{bound} {free}");
}

#[test]
fn the_longest_strands_are_as_long_as_asked() {
    for (cut, length_m) in CUTS {
        for hair_type in [HairType::T1, HairType::T2B, HairType::T3B] {
            let parts = grow_shared(&groom(cut, hair_type, length_m), 3, &budget());
            let hair = part(&parts, Part::Hair);
            let mut lengths: Vec<f32> = (0..hair.len())
                .map(|i| arc_length(hair.strand(i)))
                .collect();
            lengths.sort_by(f32::total_cmp);
            let longest = lengths[lengths.len() * 97 / 100];
            let ratio = longest / length_m;
            assert!(
                (0.7..1.35).contains(&ratio),
                "{cut:?} {hair_type:?}: {ratio}"
            );
        }
    }
}

#[test]
fn hair_hides_the_scalp_from_six_sides() {
    let surface = surface();
    let frame = HeadFrame::fit(surface);
    let normals = surface.vertex_normals();
    for (cut, length_m) in CUTS {
        let parts = grow_shared(
            &groom(cut, HairType::T1, length_m),
            11,
            &StrandBudget::of(Framing::FullBody),
        );
        let hair = part(&parts, Part::Hair);
        let hairline = Hairline::new(
            groom(cut, HairType::T1, length_m).scalp.as_ref().unwrap(),
            0.5,
        );
        for toward in [
            Vec3::Z,
            Vec3::NEG_Z,
            Vec3::X,
            Vec3::NEG_X,
            Vec3::Y,
            Vec3::new(0.6, 0.5, 0.6),
        ] {
            let toward = frame.direction(toward);
            let (right, up) = bottega_geometry::math::orthonormal_basis(toward);
            // A picture of four millimetres per cell: the nearest hair in each.
            let cell = |p: Vec3| {
                (
                    (p.dot(right) / 0.004).floor() as i32,
                    (p.dot(up) / 0.004).floor() as i32,
                )
            };
            let mut nearest = BTreeMap::new();
            for strand_idx in 0..hair.len() {
                for pair in hair.strand(strand_idx).windows(2) {
                    for k in 0..8 {
                        let p = pair[0].lerp(pair[1], (k as f32 + 0.5) / 8.0);
                        let near = nearest.entry(cell(p)).or_insert(f32::MIN);
                        *near = near.max(p.dot(toward));
                    }
                }
            }
            let (mut hidden, mut seen) = (0, 0);
            for (v, &p) in surface.posed.iter().enumerate() {
                let inside = 0.5 < surface.scalp[v] && surface.ears[v] < 0.1;
                // A parting shows the skin, as it should.
                let parting = (surface.template_dm[v].x - 0.18).abs() < 0.1;
                let dense = !parting && 0.95 < hairline.density(surface.template_dm[v]);
                if inside && dense && 0.35 < normals[v].dot(toward) {
                    let covered = nearest
                        .get(&cell(p))
                        .is_some_and(|&near| p.dot(toward) < near);
                    if covered { hidden += 1 } else { seen += 1 }
                }
            }
            let share = seen as f32 / (seen + hidden) as f32;
            assert!(
                share < 0.1,
                "{cut:?} from {toward}: {share} of the scalp shows"
            );
        }
    }
}

#[test]
fn brows_and_beards_grow_on_the_moving_face() {
    let surface = surface();
    for (style, length_m) in [
        (BeardStyle::Stubble, 0.002),
        (BeardStyle::Moustache, 0.012),
        (BeardStyle::Goatee, 0.015),
        (BeardStyle::ShortBeard, 0.015),
        (BeardStyle::LongBeard, 0.1),
    ] {
        let parts = grow_shared(&bearded(style, length_m), 5, &budget());
        let beard = part(&parts, Part::Beard);
        assert!(100 < beard.len(), "{style:?}: {}", beard.len());
        assert_sound(beard, surface, &format!("{style:?}"));
        assert_sound(part(&parts, Part::Brow), surface, "brow");
        assert!(
            parts.iter().all(|p| p.part != Part::Hair),
            "a shaved head was asked for"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_strands_on_any_number_of_threads() {
    let params = groom(HairCut::Bob, HairType::T3A, 0.25);
    let run = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let parts = pool.install(|| grow(&params, surface(), Seed(seed), &budget()).strands);
        parts.into_iter().map(|p| p.strands).collect::<Vec<_>>()
    };
    let one = run(1, 1);
    assert_eq!(one, run(3, 1));
    assert_ne!(one, run(1, 2));
}

#[test]
fn grey_is_a_share_of_strands_and_thinning_loses_some() {
    let mut params = groom(HairCut::Crop, HairType::T1, 0.04);
    let full = grow_shared(&params, 1, &budget());
    let full = part(&full, Part::Hair);
    let grey = full.palette.iter().filter(|&&p| p == 1).count() as f32 / full.len() as f32;
    assert!((grey - 0.3).abs() < 0.06, "{grey}");
    params.scalp.as_mut().unwrap().thinning = 1.0;
    params.scalp.as_mut().unwrap().hairline = -1.0;
    let thin = grow_shared(&params, 1, &budget());
    let thin = part(&thin, Part::Hair);
    assert!(
        thin.len() < full.len() * 9 / 10,
        "{} {}",
        thin.len(),
        full.len()
    );
}

#[test]
fn roots_stay_where_they_are_on_the_head_when_it_turns() {
    let params = groom(HairCut::Crop, HairType::T1, 0.04);
    let turned = build(Quat::from_xyzw(0.0, 0.3, 0.0, 0.954).normalize());
    let roots = |surface: &HeadSurface| {
        let frame = HeadFrame::fit(surface);
        let parts = grow(&params, surface, Seed(1), &budget()).strands;
        let hair = part(&parts, Part::Hair).clone();
        (0..hair.len())
            .map(|i| frame.to_template(hair.strand(i)[0]))
            .collect::<Vec<_>>()
    };
    let (a, b) = (roots(surface()), roots(&turned));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert!(a.distance(*b) < 0.12, "{a} {b}");
    }
}

#[test]
fn a_tail_is_held_by_an_elastic_and_no_other_cut_is() {
    let small = StrandBudget {
        scalp_strands: 300,
        ..budget()
    };
    for (cut, length_m) in CUTS {
        let grown = grown_shared(&groom(cut, HairType::T1, length_m), 7, &small);
        let n_wanted = usize::from(cut == HairCut::Ponytail);
        assert_eq!(grown.surfaces.len(), n_wanted, "{cut:?}");
        for elastic in &grown.surfaces {
            // It lies around the hair: some strands pass within its ring.
            let points = &elastic.mesh.positions;
            let center = points.iter().sum::<Vec3>() / points.len() as f32;
            let near = |p: &&Vec3| p.distance(center) < 0.009;
            let hair = part(&grown.strands, Part::Hair);
            assert!(100 < hair.points.iter().filter(near).count());
            let far = points.iter().map(|p| p.distance(center));
            assert!(far.fold(0.0, f32::max) < 0.02);
        }
    }
}

#[test]
fn roots_darken_the_scalp_and_nothing_else() {
    let shade = |params: &GroomParams| ScalpShade::of(params, Seed(4));
    let brown = groom(HairCut::Long, HairType::T1, 0.4);
    let shaded = shade(&brown).expect("there is hair");
    let skin = Vec3::new(0.5, 0.36, 0.28);
    let crown = shaded.over(skin, 1.0, Vec3::new(0.0, 8.4, 0.2));
    assert!(crown.cmplt(skin * 0.7).all(), "{crown}");
    let forehead = Vec3::new(0.0, 7.6, 1.4);
    assert_eq!(shaded.over(skin, 1.0, forehead), skin);
    assert_eq!(shaded.over(skin, 0.0, Vec3::new(0.0, 8.4, 0.2)), skin);
    let dark_skin = Vec3::splat(0.01);
    assert_eq!(
        shaded.over(dark_skin, 1.0, Vec3::new(0.0, 8.4, 0.2)),
        dark_skin
    );
    assert!(shade(&bearded(BeardStyle::Stubble, 0.002)).is_none());
}
