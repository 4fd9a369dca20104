//! Everything that can be worn, on many heads.

use std::collections::BTreeMap;

use bottega_geometry::closest_point::ClosestPoint;
use bottega_schemas::{
    framing::Framing,
    params::{
        BeardParams, BeardStyle, BrowParams, EarringKind, EarringParams, FabricParams, FaceParams,
        FrameKind, FrameMaterial, GlassesParams, GroomParams, HairColorLabel, HairColorParams,
        HairCut, HairType, HeadwearKind, HeadwearParams, LensKind, MaskKind, MaskParams, Pattern,
        PoseParams, ScalpHairParams, ShapeParams, Weave, WornParams,
    },
    part::Part,
    seed::Seed,
};
use glam::{Quat, Vec3};

use super::{Hair, Worn, head::Head, headwear::Under, put_on};
use crate::{
    body::{Body, EyeLook, fixture},
    garment::finish::open_edges,
    groom::{self, GroomKit, HeadSurface, StrandBudget},
    person::SurfacePart,
    surfaces::test_support::blank_face,
};

/// Heads on which everything is tried.
const N_HEADS: u64 = 40;

/// Sliders that change the shape of the head.
const HEAD_SLIDERS: [&str; 8] = [
    "head", "forehead", "nose", "eye", "ear", "cheek", "chin", "neck",
];

/// People of all shapes with turned heads and moving faces.
fn bodies(n: u64) -> impl Iterator<Item = (Body, HeadSurface)> {
    let model = fixture::model();
    let kit = GroomKit::new(model).expect("the model is whole");
    (0..n).map(move |index| {
        let seed = Seed(23).index(index);
        let u = |name: &str| seed.child(name).unit_f64() as f32;
        let details: BTreeMap<String, f32> = model
            .sliders
            .keys()
            .filter(|name| HEAD_SLIDERS.iter().any(|part| name.starts_with(part)))
            .filter(|name| u(&format!("has {name}")) < 0.35)
            .map(|name| (name.clone(), 0.7 * (2.0 * u(name) - 1.0)))
            .collect();
        let heavy = 0.2 + 0.7 * u("weight");
        let ancestry = [u("a"), u("b"), u("c") + 0.01];
        let total: f32 = ancestry.iter().sum();
        let shape = ShapeParams {
            gender: u("gender"),
            age: 0.5 + 0.45 * u("age"),
            muscle: 0.2 + 0.6 * u("muscle"),
            weight: heavy,
            height: 0.35 + 0.25 * u("height"),
            proportions: 0.3 + 0.6 * u("proportions"),
            cupsize: u("cupsize"),
            firmness: 0.5,
            ancestry: ancestry.map(|share| share / total),
            details,
        };
        let turn = |name: &str, most: f32| most * (2.0 * u(name) - 1.0);
        let head = Quat::from_xyzw(
            turn("nod", 0.18),
            turn("yaw", 0.35),
            turn("tilt", 0.12),
            1.0,
        );
        let pose = PoseParams {
            pose_id: "stand".to_owned(),
            root_rotation: [0.0, 0.0, 0.0, 1.0],
            bones: BTreeMap::from([("head".to_owned(), head.normalize().to_array())]),
            seated: false,
        };
        let units = [
            "mouthSmileLeft",
            "cheekSquintLeft",
            "browDownLeft",
            "jawOpen",
        ];
        let face = FaceParams {
            units: units
                .iter()
                .map(|unit| ((*unit).to_owned(), 0.8 * u(unit)))
                .collect(),
            ..blank_face()
        };
        let body = model
            .build(&shape, &pose, &face, EyeLook::Rigid)
            .expect("every name is known");
        let surface = kit.surface(&body);
        (body, surface)
    })
}

fn glasses(frame: FrameKind, k: u64) -> GlassesParams {
    let u = |name: &str| Seed(5).index(k).child(name).unit_f64() as f32;
    let lens = [LensKind::Plano, LensKind::Prescription, LensKind::Sun][(k % 3) as usize];
    GlassesParams {
        frame,
        material: if k % 4 == 1 {
            FrameMaterial::Metal
        } else {
            FrameMaterial::Acetate
        },
        color: [0.1; 3],
        second_color: [0.3; 3],
        size: 0.86 + 0.28 * u("size"),
        rim: 0.7 + 0.7 * u("rim"),
        lens,
        power_dpt: -6.0 + 9.0 * u("power"),
        transmittance: [0.5; 3],
    }
}

fn headwear(kind: HeadwearKind, k: u64) -> HeadwearParams {
    let u = |name: &str| Seed(6).index(k).child(name).unit_f64() as f32;
    HeadwearParams {
        kind,
        fabric: FabricParams {
            color: [0.2; 3],
            second_color: [0.4; 3],
            pattern: Pattern::Solid,
            period_m: 0.03,
            weave: Weave::Plain,
            sheen: 0.1,
            crease_depth_m: 0.001,
        },
        depth: u("depth"),
        fullness: u("fullness"),
        backward: k % 5 == 3,
    }
}

const CUTS: [(HairCut, HairType, f32); 8] = [
    (HairCut::Buzz, HairType::T2A, 0.006),
    (HairCut::Crop, HairType::T1, 0.05),
    (HairCut::SidePart, HairType::T2B, 0.10),
    (HairCut::Bob, HairType::T3A, 0.26),
    (HairCut::Long, HairType::T1, 0.5),
    (HairCut::Afro, HairType::T4B, 0.14),
    (HairCut::Ponytail, HairType::T2C, 0.45),
    (HairCut::Bun, HairType::T1, 0.4),
];

fn hair(k: usize) -> GroomParams {
    let (cut, hair_type, length_m) = CUTS[k % CUTS.len()];
    GroomParams {
        scalp: Some(ScalpHairParams {
            cut,
            style: None,
            hair_type,
            length_m,
            parting: 0.3,
            volume: 0.6,
            clump: 0.5,
            frizz: 0.3,
            hairline: 0.0,
            thinning: 0.0,
        }),
        brows: BrowParams {
            density: 0.7,
            length_m: 0.009,
            thickness: 1.0,
        },
        beard: Some(BeardParams {
            style: BeardStyle::LongBeard,
            length_m: 0.04,
            density: 0.8,
        }),
        color: HairColorParams {
            label: HairColorLabel::Black,
            eumelanin: 2.0,
            pheomelanin: 0.1,
            grey_fraction: 0.0,
            dye: None,
            second: None,
        },
    }
}

fn put(params: &WornParams, groom: &GroomParams, body: &Body, surface: &HeadSurface) -> Worn {
    put_on(params, groom, surface, body, &[], Seed(9))
}

/// The deepest that any vertex of a part lies in the skin, in metres; above 0 all are outside.
fn deepest_m(
    skin: &ClosestPoint,
    surfaces: &[SurfacePart],
    part: Part,
) -> (f32, &'static str, Vec3) {
    let mut deepest = (f32::MAX, "", Vec3::ZERO);
    for surface in surfaces.iter().filter(|s| s.part == part) {
        for p in &surface.mesh.positions {
            assert!(p.is_finite(), "{part:?} {}", surface.variant);
            if let Some(hit) = skin.query(*p, 0.05)
                && hit.distance < deepest.0
            {
                deepest = (hit.distance, surface.variant, *p);
            }
        }
    }
    deepest
}

fn assert_sound(surfaces: &[SurfacePart]) {
    for surface in surfaces {
        let mesh = &surface.mesh;
        let n = mesh.positions.len();
        let what = format!("{:?} {}", surface.part, surface.variant);
        assert!(0 < n, "{what}");
        assert_eq!(
            [mesh.normals.len(), mesh.rest.len(), mesh.uvs.len()],
            [n; 3],
            "{what}"
        );
        assert!(
            mesh.normals.iter().all(|v| (v.length() - 1.0).abs() < 1e-3),
            "{what}"
        );
        assert!(
            mesh.triangles.iter().flatten().all(|v| (*v as usize) < n),
            "{what}"
        );
        if surface.part != Part::Lens {
            assert_eq!(open_edges(mesh), 0, "{what}");
        }
    }
}

#[test]
fn every_frame_rests_on_every_nose_and_cuts_no_skin() {
    let mut wrong = Vec::new();
    for (k, (body, surface)) in bodies(N_HEADS).enumerate() {
        let head = Head::measure(&surface, &body);
        for frame in FrameKind::ALL {
            let worn = super::glasses::build(&glasses(frame, k as u64), &head, None);
            assert_sound(&worn.surfaces);
            let (depth, variant, at) = deepest_m(&head.skin, &worn.surfaces, Part::Glasses);
            if depth <= -0.0010 {
                wrong.push(format!(
                    "{frame:?} on head {k}: {depth} {variant:?} at {at}"
                ));
            }
            let (depth_of_lens, _, at) = deepest_m(&head.skin, &worn.surfaces, Part::Lens);
            if depth_of_lens <= 0.0004 {
                wrong.push(format!(
                    "lens of {frame:?} on head {k}: {depth_of_lens} at {at}"
                ));
            }

            let (mut nearest_nose, mut nearest_ears, mut nearest_eye) =
                (f32::MAX, [f32::MAX; 2], f32::MAX);
            for surface in &worn.surfaces {
                for p in &surface.mesh.positions {
                    if p.x.abs() < 0.016 && 0.0 < p.z {
                        let hit = head.skin.query(*p, 0.03);
                        nearest_nose = nearest_nose.min(hit.map_or(0.03, |hit| hit.distance));
                    }
                    for (ear, nearest) in head.ears.iter().zip(&mut nearest_ears) {
                        *nearest = nearest.min(p.distance(ear.root[0]));
                    }
                    if surface.part == Part::Lens {
                        for eye in head.eyes {
                            nearest_eye = nearest_eye.min(p.distance(eye) - head.eye_radius_m);
                        }
                    }
                }
            }
            if 0.004 <= nearest_nose {
                wrong.push(format!(
                    "{frame:?} on head {k} floats {nearest_nose} off the nose"
                ));
            }
            if 0.007 <= nearest_ears[0].max(nearest_ears[1]) {
                wrong.push(format!("{frame:?} {k}: {nearest_ears:?}"));
            }
            if nearest_eye <= 0.0105 {
                wrong.push(format!(
                    "{frame:?} on head {k}: lens {nearest_eye} off the eye"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_covering_fits_every_head_and_stays_out_of_the_skin() {
    let mut wrong = Vec::new();
    for (k, (body, surface)) in bodies(N_HEADS).enumerate() {
        let head = Head::measure(&surface, &body);
        let points: Vec<Vec3> = surface.posed.iter().map(|p| head.to_head(*p)).collect();
        let no_ear = |t: &&[u32; 3]| t.iter().all(|&v| surface.ears[v as usize] <= 0.3);
        let triangles: Vec<[u32; 3]> = surface.triangles.iter().filter(no_ear).copied().collect();
        let without_ears = ClosestPoint::build(&points, &triangles);
        let bows = (k % 2 == 0).then(|| {
            let made = super::glasses::build(&glasses(FrameKind::Wayfarer, 0), &head, None);
            ClosestPoint::build(&made.temples.positions, &made.temples.triangles)
        });
        let groom = hair(k);
        let under = Under {
            head: &head,
            groom: &groom,
            temples: bows.as_ref(),
            surface: &surface,
            clothes: &[],
            seed: k as u32,
        };
        for kind in HeadwearKind::ALL {
            let worn = super::headwear::build(&headwear(kind, k as u64), &under);
            assert_sound(&worn.surfaces);
            // Ears are pressed flat below a scarf, and are not seen.
            let skin = match kind {
                HeadwearKind::Headscarf => &without_ears,
                _ => &head.skin,
            };
            let ears = &head.ears;
            let mut surfaces = worn.surfaces.clone();
            if kind == HeadwearKind::Headscarf {
                // Where the ears were there is no skin to be outside of.
                for surface in &mut surfaces {
                    let free = |p: &Vec3| ears.iter().all(|ear| 0.042 < p.distance(ear.center));
                    surface.mesh.positions.retain(free);
                }
            }
            let (depth, variant, at) = deepest_m(skin, &surfaces, Part::Headwear);
            // Straps are tight, and press into lobes and chins.
            let most_m = if variant == "strap" { 0.003 } else { 0.001 };
            if depth <= -most_m {
                wrong.push(format!("{kind:?} on head {k}: {depth} {variant:?} at {at}"));
            }
            let high = worn.surfaces.iter().filter(|s| s.part == Part::Headwear);
            let top_y = high
                .flat_map(|s| &s.mesh.positions)
                .map(|p| p.y)
                .fold(f32::MIN, f32::max);
            assert!(
                head.skull[1].y < top_y,
                "{kind:?} on head {k} covers the crown"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn masks_and_earrings_fit_every_head() {
    let mut wrong = Vec::new();
    for (k, (body, surface)) in bodies(N_HEADS).enumerate() {
        let skin = ClosestPoint::build(&surface.posed, &surface.triangles);
        let head = Head::measure(&surface, &body);
        for kind in MaskKind::ALL {
            let params = WornParams {
                mask: Some(MaskParams {
                    kind,
                    color: [0.5; 3],
                }),
                glasses: Some(glasses(FrameKind::Round, k as u64)),
                ..WornParams::default()
            };
            let worn = put(&params, &hair(k), &body, &surface);
            assert_sound(&worn.surfaces);
            let (depth, variant, p) = deepest_m(&skin, &worn.surfaces, Part::Facewear);
            let at = head.to_head(p);
            // Edges of masks and hoops press into soft skin.
            if depth <= -0.002 {
                wrong.push(format!("{kind:?} on head {k}: {depth} {variant:?} at {at}"));
            }
        }
        for kind in EarringKind::ALL {
            let params = WornParams {
                earrings: Some(EarringParams {
                    kind,
                    size_m: match kind {
                        EarringKind::Stud => 0.005,
                        EarringKind::Hoop => 0.014 + 0.03 * (k % 4) as f32 / 3.0,
                        EarringKind::Drop => 0.035,
                    },
                    color: [0.8; 3],
                }),
                ..WornParams::default()
            };
            let worn = put(&params, &hair(k), &body, &surface);
            assert_sound(&worn.surfaces);
            // What goes through the lobe is inside of it by design.
            let mut surfaces = worn.surfaces;
            let holes = [0, 1].map(|side| super::earring::Piercing::of(&head, side).at);
            for surface in &mut surfaces {
                let free = |p: &Vec3| {
                    let p = head.to_head(*p);
                    holes.iter().all(|hole| 0.008 < p.distance(*hole))
                };
                surface.mesh.positions.retain(free);
            }
            let (depth, variant, p) = deepest_m(&skin, &surfaces, Part::Earring);
            let at = head.to_head(p);
            // Edges of masks and hoops press into soft skin.
            if depth <= -0.002 {
                wrong.push(format!("{kind:?} on head {k}: {depth} {variant:?} at {at}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn hair_stays_below_what_is_worn_over_it() {
    let budget = StrandBudget {
        scalp_strands: 700,
        brow_strands: 0,
        beard_strands: 400,
        ..StrandBudget::of(Framing::UpperBody)
    };
    for (k, (body, surface)) in bodies(8).enumerate() {
        for kind in HeadwearKind::ALL {
            let params = WornParams {
                headwear: Some(headwear(kind, k as u64)),
                mask: Some(MaskParams {
                    kind: MaskKind::SurgicalMask,
                    color: [0.5; 3],
                }),
                ..WornParams::default()
            };
            let groom = hair(k + kind as usize);
            let worn = put(&params, &groom, &body, &surface);
            let mut grown = groom::grow(&groom, &surface, Seed(3), &budget);
            worn.press(&mut grown);
            let scalp = grown.strands.iter().find(|s| s.part == Part::Hair);
            let beard = grown.strands.iter().find(|s| s.part == Part::Beard);
            match &worn.hair {
                Hair::Hidden => {
                    assert_eq!(kind, HeadwearKind::Headscarf);
                    assert!(scalp.is_none(), "a scarf hides all hair");
                }
                Hair::Free => panic!("{kind:?} presses nothing"),
                Hair::Pressed(press) => {
                    let points = scalp.map_or(&[][..], |s| s.strands.points.as_slice());
                    let out = share_above(&worn, press, points);
                    assert!(
                        out < 0.002,
                        "{kind:?} on head {k}: {out} of the hair is outside"
                    );
                }
            }
            let press = worn.beard.as_ref().expect("a mask presses the beard");
            let points = beard.map_or(&[][..], |s| s.strands.points.as_slice());
            let out = share_above(&worn, press, points);
            assert!(
                out < 0.002,
                "mask on head {k}: {out} of the beard is outside"
            );
        }
    }
}

/// Share of the points that lie above the inner side of a covering.
fn share_above(worn: &Worn, press: &super::press::Press, points: &[Vec3]) -> f32 {
    let above = points.iter().filter(|p| {
        press
            .above_m(worn.head.to_head(**p))
            .is_some_and(|m| 0.0 < m)
    });
    above.count() as f32 / points.len().max(1) as f32
}

#[test]
fn everything_is_the_same_on_any_number_of_threads() {
    let (body, surface) = bodies(3).last().expect("there are three");
    for kind in HeadwearKind::ALL {
        let params = WornParams {
            glasses: Some(glasses(FrameKind::CatEye, 1)),
            headwear: Some(headwear(kind, 2)),
            mask: Some(MaskParams {
                kind: MaskKind::ClothMask,
                color: [0.5; 3],
            }),
            earrings: None,
        };
        let build = |n_threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build();
            let pool = pool.expect("threads can be started");
            pool.install(|| put(&params, &hair(4), &body, &surface).surfaces)
        };
        let (one, many) = (build(1), build(5));
        assert_eq!(one.len(), many.len());
        for (a, b) in one.iter().zip(&many) {
            assert!(a.mesh == b.mesh, "{kind:?} {:?} {}", a.part, a.variant);
        }
    }
}
