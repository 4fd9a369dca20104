//! From sliders to weights of blend shapes, in the MakeHuman convention.
//!
//! Each slider gives weights to the values that occur in the names of the macro targets; the
//! weight of a target is the product of those of the values in its name.

use std::collections::BTreeMap;

use bottega_schemas::params::ShapeParams;

use super::model::{BodyModel, unknown};
use crate::error::PeopleError;

/// Weights of the blend shapes that act, by index, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetWeights {
    /// `(target, weight)`; no weight is zero.
    pub entries: Vec<(u32, f32)>,
}

/// One named value of a slider and its weight.
type Value = (&'static str, f32);

/// Weights of the values of every slider.
///
/// Read the fields as "how much is the person ...".
#[derive(Clone, Debug, PartialEq)]
pub struct ValueWeights {
    /// `male`, `female`.
    pub gender: [Value; 2],
    /// `baby`, `child`, `young`, `old`.
    pub age: [Value; 4],
    /// `minmuscle`, `averagemuscle`, `maxmuscle`.
    pub muscle: [Value; 3],
    /// `minweight`, `averageweight`, `maxweight`.
    pub weight: [Value; 3],
    /// `minheight`, `maxheight`.
    pub height: [Value; 2],
    /// `idealproportions`, `uncommonproportions`.
    pub proportions: [Value; 2],
    /// `mincup`, `averagecup`, `maxcup`.
    pub cup: [Value; 3],
    /// `minfirmness`, `averagefirmness`, `maxfirmness`.
    pub firmness: [Value; 3],
    /// `african`, `asian`, `caucasian`.
    pub ancestry: [Value; 3],
}

impl ValueWeights {
    /// The MakeHuman convention: age 0.1875 is ten years, 0.5 is 25, 1 is 90; stature and
    /// proportions do nothing at 0.5.
    pub fn makehuman(shape: &ShapeParams) -> Self {
        let (younger, older) = split(shape.age);
        let grown = ((shape.age - 0.1875) / 0.3125).clamp(0.0, 1.0);
        let young = if shape.age < 0.5 { grown } else { 1.0 - older };
        let child = ((shape.age / 0.1875).min(1.0) - grown).max(0.0);
        let baby = 1.0 - (shape.age / 0.1875).min(1.0);
        debug_assert!(younger == 0.0 || older == 0.0);
        let (short, tall) = split(shape.height);
        let (uncommon, ideal) = split(shape.proportions);
        let [min_muscle, average_muscle, max_muscle] = three(shape.muscle);
        let [min_weight, average_weight, max_weight] = three(shape.weight);
        let [min_cup, average_cup, max_cup] = three(shape.cupsize);
        let [min_firm, average_firm, max_firm] = three(shape.firmness);
        let sum: f32 = shape.ancestry.iter().sum();
        let [african, asian, caucasian] = if 0.0 < sum {
            shape.ancestry.map(|share| share / sum)
        } else {
            [1.0 / 3.0; 3]
        };
        Self {
            gender: [("male", shape.gender), ("female", 1.0 - shape.gender)],
            age: [
                ("baby", baby),
                ("child", child),
                ("young", young),
                ("old", older),
            ],
            muscle: [
                ("minmuscle", min_muscle),
                ("averagemuscle", average_muscle),
                ("maxmuscle", max_muscle),
            ],
            weight: [
                ("minweight", min_weight),
                ("averageweight", average_weight),
                ("maxweight", max_weight),
            ],
            height: [("minheight", short), ("maxheight", tall)],
            proportions: [
                ("idealproportions", ideal),
                ("uncommonproportions", uncommon),
            ],
            cup: [
                ("mincup", min_cup),
                ("averagecup", average_cup),
                ("maxcup", max_cup),
            ],
            firmness: [
                ("minfirmness", min_firm),
                ("averagefirmness", average_firm),
                ("maxfirmness", max_firm),
            ],
            ancestry: [
                ("african", african),
                ("asian", asian),
                ("caucasian", caucasian),
            ],
        }
    }
}

impl BodyModel {
    /// Weights of all targets of a shape and a face, face units by their ARKit names.
    pub fn resolve_weights(
        &self,
        shape: &ShapeParams,
        units: &BTreeMap<String, f32>,
    ) -> Result<TargetWeights, PeopleError> {
        let values = ValueWeights::makehuman(shape);
        self.resolve_values(&values, &shape.details, units)
    }

    /// As [`Self::resolve_weights`], from the weights of the sliders' values.
    pub fn resolve_values(
        &self,
        values: &ValueWeights,
        details: &BTreeMap<String, f32>,
        units: &BTreeMap<String, f32>,
    ) -> Result<TargetWeights, PeopleError> {
        let mut weights = BTreeMap::new();
        let mut add = |name: &str, weight: f32| {
            // Some combinations have no file: babies have no proportions, men no bust.
            if let Some(&target) = self.target_names.get(name) {
                *weights.entry(target).or_insert(0.0) += weight;
            }
        };
        for (gender, gender_weight) in acting(&values.gender) {
            for (age, age_weight) in acting(&values.age) {
                let both = gender_weight * age_weight;
                for (ancestry, weight) in acting(&values.ancestry) {
                    add(
                        &format!("macrodetails/{ancestry}-{gender}-{age}"),
                        both * weight,
                    );
                }
                for (muscle, muscle_weight) in acting(&values.muscle) {
                    for (fat, fat_weight) in acting(&values.weight) {
                        let build = format!("{gender}-{age}-{muscle}-{fat}");
                        let weight = both * muscle_weight * fat_weight;
                        add(&format!("macrodetails/universal-{build}"), weight);
                        for (height, height_weight) in acting(&values.height) {
                            let name = format!("macrodetails/height/{build}-{height}");
                            add(&name, weight * height_weight);
                        }
                        for (proportions, proportions_weight) in acting(&values.proportions) {
                            let name = format!("macrodetails/proportions/{build}-{proportions}");
                            add(&name, weight * proportions_weight);
                        }
                        if gender != "female" {
                            continue;
                        }
                        for (cup, cup_weight) in acting(&values.cup) {
                            for (firmness, firmness_weight) in acting(&values.firmness) {
                                let name = format!("breast/{build}-{cup}-{firmness}");
                                add(&name, weight * cup_weight * firmness_weight);
                            }
                        }
                    }
                }
            }
        }
        for (name, &value) in details {
            let slider = self
                .sliders
                .get(name)
                .ok_or_else(|| unknown("shape detail", name))?;
            if 0.0 < value {
                *weights.entry(slider.positive).or_insert(0.0) += value;
            } else if let Some(negative) = slider.negative {
                *weights.entry(negative).or_insert(0.0) -= value;
            }
        }
        for (name, &value) in units {
            let target = self
                .target_names
                .get(&format!("faceunits/{name}"))
                .ok_or_else(|| unknown("face unit", name))?;
            *weights.entry(*target).or_insert(0.0) += value;
        }
        let entries = weights.into_iter().filter(|&(_, w)| w != 0.0).collect();
        Ok(TargetWeights { entries })
    }
}

/// The values that weigh anything.
fn acting<const N: usize>(values: &[Value; N]) -> impl Iterator<Item = Value> + '_ {
    values.iter().copied().filter(|&(_, weight)| weight != 0.0)
}

/// How far a slider is below and above its middle, each in `[0, 1]`.
fn split(slider: f32) -> (f32, f32) {
    (
        (1.0 - 2.0 * slider).clamp(0.0, 1.0),
        (2.0 * slider - 1.0).clamp(0.0, 1.0),
    )
}

/// A slider as least, average and most.
fn three(slider: f32) -> [f32; 3] {
    let (least, most) = split(slider);
    [least, 1.0 - least - most, most]
}
