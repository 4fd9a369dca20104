//! Distributions of bodies, skin and eyes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BySex, ByStyle, MonkTone, NaturalHairColor, SrgbHex};
use crate::distribution::quantity::{
    AgeYears, Bmi, Count, Factor, FatPercent, GapShare, LabStep, LengthCm, Signed, StatureCm, Unit,
};
use crate::distribution::{Choice, CutGaussian, Dirichlet, Law, Scalar};
use crate::index::{self, QuotaCell};
use crate::labels::HairTexture;
use crate::params::EyeColor;
use crate::seed::Seed;

/// Who the people are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonSpec {
    /// Age, in years.
    pub age_years: Law<AgeYears>,
    /// People by cells of tone, sex and age, in place of equal cells; the cells take turns until
    /// all counts are used up, then it starts again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quota: Vec<QuotaCount>,
    /// Share of feminine bodies: one number, or one per part of `age_years`.
    pub female_share: Vec<Scalar<Unit>>,
    /// Sex parameter of feminine (below 0.5) and masculine (0.5 and above) bodies.
    pub sex_param: BySex<Law<Unit>>,
    /// Barefoot stature, in centimetres.
    pub stature_cm: BySex<Law<StatureCm>>,
    /// Loss of stature per year over 40, in centimetres.
    pub stature_loss_per_year_cm: Scalar<LengthCm>,
    /// Body-mass index, in kg/m2.
    pub bmi: BySex<Law<Bmi>>,
    /// Scatter of body fat about its regression on body-mass index, age and sex, in percentage
    /// points; fat that is not there is muscle.
    pub fat_scatter_percent: Law<FatPercent>,
    /// Proportions, 0 uncommon to 1 ideal.
    pub proportions: Law<Unit>,
    /// Cup size.
    pub cupsize: Law<Unit>,
    /// Firmness of the chest at 25 years.
    pub firmness: Law<Unit>,
    /// Loss of firmness per year over 25.
    pub firmness_loss_per_year: Scalar<Unit>,
    /// African, Asian and Caucasian shares of the face and body morphs.
    pub ancestry: Dirichlet<3>,
    /// Detail sliders of face and body.
    pub sliders: SliderSpec,
    /// Whether tone, hair, eyes and ancestry follow the region instead of their own tables.
    pub conditional: bool,
    /// Region a person comes from; read when `conditional`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Choice<String>>,
    /// What each region is like; read when `conditional`.
    #[serde(default)]
    pub regions: BTreeMap<String, RegionSpec>,
}

/// How many people a cell of tone, sex and age gets.
///
/// A cell is a tenth of the distribution of tones, a half of that of sexes and a fifth of that of
/// ages; with the equal shares of the profile `balanced` these are the Monk tones, the feminine and
/// masculine bodies, and the bins of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuotaCount {
    /// Tenth of the tones, 1 lightest to 10 darkest.
    pub tone: u8,
    /// Half of the sexes.
    pub sex: QuotaSex,
    /// Fifth of the ages, 1 youngest to 5 oldest.
    pub age: u8,
    /// Number of people, 1 to 1,000,000.
    pub count: u64,
}

/// Half of the sexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuotaSex {
    /// The feminine half.
    Feminine,
    /// The masculine half.
    Masculine,
}

impl QuotaSex {
    /// Name, as in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feminine => "feminine",
            Self::Masculine => "masculine",
        }
    }
}

impl PersonSpec {
    /// The cell of person `identity`.
    pub fn quota_cell(&self, recipe_seed: u64, identity: u64) -> QuotaCell {
        let total: u64 = self.quota.iter().map(|cell| cell.count).sum();
        if total == 0 {
            return index::quota_cell(recipe_seed, identity);
        }
        let key = Seed(recipe_seed)
            .child("quota/cells")
            .index(identity / total);
        let mut place = index::shuffled(key, identity % total, total);
        for cell in &self.quota {
            if place < cell.count {
                return QuotaCell {
                    tone: cell.tone - 1,
                    sex: u8::from(cell.sex == QuotaSex::Masculine),
                    age: cell.age - 1,
                };
            }
            place -= cell.count;
        }
        unreachable!("the place is below the sum of the counts")
    }
}

/// Small shape details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SliderSpec {
    /// Value of a detail slider of the face.
    pub face: Law<Signed>,
    /// Value of a detail slider of the body.
    pub body: Law<Signed>,
    /// How many sliders keep values over 0.3; the others are scaled down.
    pub max_large: Scalar<Count>,
    /// Difference between left and right.
    pub asymmetry: Law<Signed>,
    /// Epicanthal fold.
    pub epicanthus: Law<Signed>,
    /// Height of the crease of the upper lid.
    pub eyefold: Law<Signed>,
    /// Scatter of the apparent age of the head about the age.
    pub head_age: Law<Signed>,
}

/// One region of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionSpec {
    /// Mean Monk tone before the cut to 1..10.
    pub mst_mean: Scalar<Factor>,
    /// Standard deviation of the Monk tone.
    pub mst_sd: Scalar<Factor>,
    /// Hair texture.
    pub hair_texture: Choice<HairTexture>,
    /// Natural hair color.
    pub hair_color: Choice<NaturalHairColor>,
    /// Eye color.
    pub eye_color: Choice<EyeColor>,
    /// African, Asian and Caucasian shares of the morphs.
    pub ancestry: Dirichlet<3>,
}

impl RegionSpec {
    /// The tone at quantile `u`: a Gaussian cut to [0.5, 10.5), rounded.
    pub fn tone(&self, u: f64) -> MonkTone {
        let tone = self.tone_law().quantile(u);
        MonkTone::new((tone + 0.5) as u8).expect("the cut keeps the rounded tone in 1 to 10")
    }

    /// The share of `tone`.
    pub fn tone_share(&self, tone: MonkTone) -> f64 {
        let law = self.tone_law();
        let middle = f64::from(tone.number());
        law.cdf(middle + 0.5) - law.cdf(middle - 0.5)
    }

    fn tone_law(&self) -> CutGaussian {
        CutGaussian {
            mean: self.mst_mean.get(),
            sd: self.mst_sd.get(),
            min: 0.5,
            max: 10.5 - 1e-9,
        }
    }
}

/// Skin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkinSpec {
    /// Monk tone, 1 to 10.
    pub tone_mst: Choice<MonkTone>,
    /// Individual typology angle at the middle of each Monk tone, descending, in degrees.
    pub ita_center_deg: Vec<f64>,
    /// Offset from the middle, in shares of the gap to the neighbouring middle.
    pub ita_jitter: Law<GapShare>,
    /// Offset of a* from the curve of measured skin.
    pub a_jitter: Law<LabStep>,
    /// Offset of b*; L* follows so that the typology angle holds.
    pub b_jitter: Law<LabStep>,
    /// Redness of cheeks, nose and ears.
    pub redness: Law<Unit>,
    /// Share of freckled people among light tones (typology angle over 28 degrees).
    pub freckled_share: Scalar<Unit>,
    /// Number of freckles of the freckled.
    pub freckles: Law<Count>,
    /// Number of moles.
    pub moles: Law<Count>,
    /// Perceptual roughness.
    pub roughness: Law<Unit>,
    /// Fall of roughness per year of youth under 40: young skin is oilier.
    pub roughness_per_year: Scalar<Unit>,
    /// Number of blemishes of those of 18 years; it halves every ten years.
    pub blemishes: Law<Count>,
    /// Depth of lines over the mean of the age.
    pub wrinkles: Law<Factor>,
    /// Share of people with vitiligo.
    pub vitiligo_share: Scalar<Unit>,
    /// Share of people with one scar or more on the face.
    pub scarred_share: Scalar<Unit>,
    /// Share of people whose face shines with sweat or oil.
    pub sweating_share: Scalar<Unit>,
    /// Hair of arms and legs of a masculine body; a feminine one has a fifth.
    pub body_hair: Law<Unit>,
    /// Make-up.
    pub makeup: MakeupSpec,
}

/// Make-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MakeupSpec {
    /// Share of people who wear it.
    pub share: ByStyle<Scalar<Unit>>,
    /// Evenness of the foundation.
    pub foundation: Law<Unit>,
    /// Strength of the blush.
    pub blush: Law<Unit>,
    /// Colors of the lips.
    pub lip_colors: Choice<SrgbHex>,
    /// How much of the lip's own color is hidden.
    pub lips_cover: Law<Unit>,
    /// Colors of the lids.
    pub lid_colors: Choice<SrgbHex>,
    /// How much of the lid's own color is hidden.
    pub lids_cover: Law<Unit>,
    /// Strength of the line along the lashes.
    pub liner: Law<Unit>,
}

/// Eyes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EyeSpec {
    /// Color of the iris.
    pub color: Choice<EyeColor>,
    /// Shift within the named color.
    pub color_variation: Law<Unit>,
    /// Radius of the pupil over the radius of the iris.
    pub pupil_ratio: Law<Unit>,
    /// Shrinking of the pupil per year over 25.
    pub pupil_loss_per_year: Scalar<Unit>,
    /// Depth of the crease of the upper lids.
    pub lid_crease: Law<Unit>,
}
