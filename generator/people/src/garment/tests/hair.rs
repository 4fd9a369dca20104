//! Long hair over tops.

use bottega_schemas::{
    framing::Framing,
    params::{
        BrowParams, GroomParams, HairColorLabel, HairColorParams, HairCut, HairType,
        ScalpHairParams,
    },
};

use super::*;
use crate::groom::{self, GroomKit, StrandBudget};

fn long_hair(hair_type: HairType) -> GroomParams {
    GroomParams {
        scalp: Some(ScalpHairParams {
            cut: HairCut::Long,
            style: None,
            hair_type,
            length_m: 0.5,
            parting: 0.2,
            volume: 0.5,
            clump: 0.5,
            frizz: 0.2,
            hairline: 0.0,
            thinning: 0.0,
        }),
        color: HairColorParams {
            eumelanin: 2.0,
            pheomelanin: 0.2,
            grey_fraction: 0.0,
            dye: None,
            second: None,
            label: HairColorLabel::DarkBrown,
        },
        brows: BrowParams {
            density: 0.5,
            thickness: 1.0,
            length_m: 0.008,
        },
        beard: None,
    }
}

#[test]
fn long_hair_lies_on_the_top_and_not_in_it() {
    let kit = GroomKit::new(fixture::model()).expect("the model is whole");
    let budget = StrandBudget {
        scalp_strands: 900,
        brow_strands: 0,
        ..StrandBudget::of(Framing::UpperBody)
    };
    let (mut n_near, mut n_under) = (0, 0);
    let mut by_case: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    // Every kind of top, and all poses but one.
    for (index, case) in cases().iter().enumerate().take(6) {
        let mut head = kit.surface(&case.body);
        head.wear(case.outfit.over_shoulders.clone());
        let hair_type = [HairType::T1, HairType::T2B, HairType::T3A][index % 3];
        let grown = groom::grow(&long_hair(hair_type), &head, Seed(index as u64), &budget);
        let top = case.outfit.over_shoulders.last().expect("there is a top");
        let hair = grown.strands.iter().find(|s| s.part == Part::Hair);
        let counts = by_case.entry(&case.name).or_default();
        for p in &hair.expect("there is hair").strands.points {
            let Some(hit) = top.query(*p, 0.03) else {
                continue;
            };
            // Beside the neckline the cloth has no inside.
            let aside_m = (*p - hit.point).reject_from(hit.normal).length();
            if 0.5 * hit.distance.abs() + 0.001 < aside_m {
                continue;
            }
            counts[0] += 1;
            counts[1] += usize::from(hit.distance < -0.0005);
        }
        n_near += counts[0];
        n_under += counts[1];
    }
    assert!(
        2000 < n_near,
        "{n_near} points of hair are near a top: {by_case:?}"
    );
    assert!(
        (n_under as f32) < 0.002 * n_near as f32,
        "{n_under} of {n_near} points of hair are under the cloth: {by_case:?}"
    );
}
