//! Trousers, shorts, leggings and skirts.

use bottega_geometry::{closest_point::ClosestPoint, math};
use bottega_schemas::{
    params::{BottomKind, BottomParams},
    part::Part,
};
use glam::Vec3;

use super::{
    cloth::{Cloth, vertex_normals},
    drape::Wear,
    fitting::{Edge, Field, Finish, Fitting, Sewing, Worn},
    noise,
    region::{Landmarks, Place, WAISTBAND, from_axis, limb_length},
};

/// Cut of a lower garment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BottomCut {
    waist_y: f32,
    /// End along the leg of the part that is cut from the body-hugging shell.
    length: f32,
    /// End along the leg of the skirt, if it is one.
    skirt: Option<f32>,
}

impl BottomCut {
    pub(crate) fn of(params: &BottomParams, marks: &Landmarks) -> Self {
        let waist_y = marks.trunk_y(WAISTBAND);
        let (length, skirt) = match params.kind {
            BottomKind::Trousers | BottomKind::Jeans => (params.length.clamp(0.8, 0.965), None),
            BottomKind::Leggings => (params.length.clamp(0.8, 0.95), None),
            BottomKind::Shorts => (params.length.clamp(0.3, 0.62), None),
            BottomKind::Skirt => {
                let length = params.length.clamp(0.42, 0.92);
                (0.26, Some(length))
            }
        };
        Self {
            waist_y,
            length,
            skirt,
        }
    }

    /// Distance from the nearest edge of the close part, positive inside, in metres.
    pub(crate) fn inside(&self, marks: &Landmarks, p: &Place) -> f32 {
        marks
            .below(p, self.waist_y)
            .min(marks.trouser_leg(p, 0, self.length))
            .min(marks.trouser_leg(p, 1, self.length))
    }
}

/// Makes a lower garment from the body-hugging shell (and the skirt shell for a skirt).
pub(crate) fn make(
    fitting: &Fitting<'_>,
    params: &BottomParams,
    tights: &Cloth,
    skirt: &Cloth,
    under: &[(&ClosestPoint, f32)],
) -> Worn {
    let cut = BottomCut::of(params, fitting.marks);
    let close = make_legs(fitting, params, &cut, tights, under);
    match cut.skirt {
        None => close,
        Some(length) => make_skirt(fitting, params, length, skirt, close),
    }
}

fn make_legs(
    fitting: &Fitting<'_>,
    params: &BottomParams,
    cut: &BottomCut,
    tights: &Cloth,
    under: &[(&ClosestPoint, f32)],
) -> Worn {
    let marks = fitting.marks;
    let close = cut.skirt.is_some() || params.kind == BottomKind::Leggings;
    let rules: [(Field<'_>, f32); 3] = [
        (&|p| marks.below(p, cut.waist_y), 0.036),
        (&|p| marks.trouser_leg(p, 0, cut.length), 0.022),
        (&|p| marks.trouser_leg(p, 1, cut.length), 0.022),
    ];
    let edges = rules.map(|(inside, band_m)| Edge { inside, band_m });
    let mut cloth = fitting.rough(tights, &edges);
    if !close {
        ease_legs(fitting, params, cut, &mut cloth);
    }
    let denim = params.kind == BottomKind::Jeans;
    let thickness_m = if close { 0.0007 } else { 0.0012 };
    let how = Wear {
        gap_m: 0.0022 + thickness_m,
        n_smooth: if close { 5 } else { 14 },
        folds: if close { 0.25 } else { 1.0 },
        fold_m: if denim { 0.060 } else { 0.046 },
    };
    let lining = cut.skirt.is_some();
    let main = Finish {
        variant: if lining { "lining" } else { "" },
        raise_m: 0.0,
        thickness_m,
    };
    let band = Finish {
        variant: if lining { "lining" } else { "band" },
        raise_m: if close { 0.0 } else { 0.0006 },
        thickness_m: if close {
            thickness_m
        } else {
            1.5 * thickness_m
        },
    };
    let sewing = Sewing::plain(&edges, [main, band]);
    fitting.make(Part::Bottom, cloth, how, under, &sewing)
}

/// Trouser legs hang nearly straight from the thigh: they keep a least radius down to the hem.
fn ease_legs(fitting: &Fitting<'_>, params: &BottomParams, cut: &BottomCut, cloth: &mut Cloth) {
    let marks = fitting.marks;
    let places = marks.places(cloth);
    let normals = vertex_normals(&cloth.rest, &cloth.triangles);
    let hem_m = match params.kind {
        BottomKind::Jeans => 0.066,
        BottomKind::Shorts => 0.0,
        _ => 0.072,
    } + 0.6 * params.ease_m;
    for v in 0..cloth.len() {
        let p = &places[v];
        let mut rise_m = 0.15 * params.ease_m;
        for side in 0..2 {
            let w = p.leg[side];
            if w <= 0.0 {
                continue;
            }
            let t = marks.leg_m(p, side) / limb_length(marks.legs[side]);
            let loose_m = params.ease_m * math::smoothstep(-0.05, 0.35, t);
            let radius_m = from_axis(cloth.rest[v], marks.legs[side]);
            let straight_m = (hem_m * math::smoothstep(0.25, 0.7, t) - radius_m).max(loose_m);
            rise_m += w * (straight_m - rise_m).max(0.0);
            // Cloth stacks up in soft rings where the leg ends on the shoe.
            let stacked = math::smoothstep(0.62, 0.95, t) * w;
            let rings = noise::value(p.at * Vec3::new(9.0, 34.0, 9.0), fitting.seed ^ 0x71);
            rise_m += stacked * rings * 0.004 * math::smoothstep(0.0, 0.02, params.ease_m);
        }
        let folds = noise::value(p.at * Vec3::new(18.0, 8.0, 18.0), fitting.seed ^ 0x72);
        rise_m += folds * (0.10 * params.ease_m).min(0.002);
        // On the thighs of who sits the cloth lies flat, by its weight.
        let flat = marks.bent * math::smoothstep(-0.3, 0.5, normals[v].z);
        let on_thigh = (p.leg[0] + p.leg[1])
            * (1.0
                - math::smoothstep(0.42, 0.55, {
                    let t = (0..2).map(|s| marks.leg_m(p, s) / limb_length(marks.legs[s]));
                    t.fold(-1.0, f32::max)
                }));
        let lying = 1.0 - 0.85 * flat * on_thigh;
        rise_m *= lying;
        if cut.length < 0.7 {
            // Shorts stand off at their hem.
            let t = (0..2).map(|s| marks.leg_m(p, s) / limb_length(marks.legs[s]));
            rise_m += lying * 0.012 * math::smoothstep(0.1, cut.length, t.fold(-1.0, f32::max));
        }
        cloth.rest[v] += normals[v] * rise_m;
        if 0.8 <= cut.length {
            // Long legs fall over the shoe, below where the shell turns into the foot.
            for side in 0..2 {
                let [_, knee, ankle] = marks.legs[side];
                let t = marks.leg_m(p, side) / limb_length(marks.legs[side]);
                let fall = math::smoothstep(0.60, 0.96, t) * p.leg[side];
                cloth.rest[v] += (ankle - knee).normalize_or(Vec3::NEG_Y) * (fall * 0.042);
            }
        }
    }
}

/// A skirt over its lining.
fn make_skirt(
    fitting: &Fitting<'_>,
    params: &BottomParams,
    length: f32,
    skirt: &Cloth,
    lining: Worn,
) -> Worn {
    let marks = fitting.marks;
    let ankle_y = 0.5 * (marks.legs[0][2].y + marks.legs[1][2].y);
    let hem_y = marks.hip_y + length * (ankle_y - marks.hip_y);
    let height = |p: &Place| p.at.y - hem_y;
    let edges = [Edge {
        inside: &height,
        band_m: 0.025,
    }];
    let mut cloth = fitting.rough(skirt, &edges);
    let normals = vertex_normals(&cloth.rest, &cloth.triangles);
    for (v, normal) in normals.iter().enumerate() {
        let anchor = cloth.anchor[v];
        let below = ((marks.hip_y - anchor.y) / 0.5).clamp(0.0, 1.0);
        let wander = 2.0 * noise::value(anchor * 4.0, fitting.seed);
        let pleats = math::sin(math::atan2(anchor.x, anchor.z) * 9.0 + wander);
        cloth.rest[v] += *normal * ((0.4 * params.ease_m + 0.006 * pleats) * below);
    }
    let how = Wear {
        gap_m: 0.004,
        n_smooth: 14,
        folds: 0.6,
        fold_m: 0.06,
    };
    let main = Finish {
        variant: "",
        raise_m: 0.0,
        thickness_m: 0.001,
    };
    let band = Finish {
        variant: "band",
        raise_m: 0.0004,
        thickness_m: 0.0015,
    };
    let under = [(&lining.outer, 0.003)];
    let sewing = Sewing::plain(&edges, [main, band]);
    let worn = fitting.make(Part::Bottom, cloth, how, &under, &sewing);
    let mut surfaces = lining.surfaces;
    surfaces.extend(worn.surfaces.iter().cloned());
    // What covers the skin for certain is the lining; the skirt hangs open.
    Worn {
        surfaces,
        cloth: lining.cloth,
        ..worn
    }
}
