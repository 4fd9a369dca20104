//! What several parts of a person depend on, drawn first: age, sex, tone, hair, eyes, ancestry,
//! style of dress.

use bottega_schemas::index::{self, QuotaCell};
use bottega_schemas::labels::HairTexture;
use bottega_schemas::params::EyeColor;
use bottega_schemas::scene_spec::{
    MonkTone, NaturalHairColor, PersonSpec, ProfileSpec, RegionSpec, Style,
};

use super::quantiles::Quantiles;

/// Attributes of a person that others depend on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Traits {
    /// Age, in years.
    pub(super) age_years: f32,
    /// 0 feminine to 1 masculine body.
    pub(super) sex_param: f32,
    /// Whether `sex_param` is at least 0.5.
    pub(super) masculine: bool,
    /// Monk tone.
    pub(super) tone: MonkTone,
    /// Texture of the hair.
    pub(super) texture: HairTexture,
    /// Color of the hair before graying and dye.
    pub(super) hair_color: NaturalHairColor,
    /// Color of the eyes.
    pub(super) eye_color: EyeColor,
    /// African, Asian and Caucasian shares.
    pub(super) ancestry: [f64; 3],
    /// Style of dress and hair.
    pub(super) style: Style,
}

/// Draws the traits of a person. Tone, sex and age come from the person's quota cell.
pub(super) fn draw(profile: &ProfileSpec, cell: QuotaCell, q: Quantiles) -> Traits {
    let person = &profile.person;
    let age = index::stratified(u32::from(cell.age), 5, q.u("person/age"));
    let sex = index::stratified(u32::from(cell.sex), 2, q.u("person/sex"));
    let tone = index::stratified(u32::from(cell.tone), 10, q.u("skin/tone"));

    let age_years = round_below(person.age_years.quantile(age));
    let (sex_param, masculine) = draw_sex(person, age, sex);
    let u_ancestry = [
        "person/ancestry/0",
        "person/ancestry/1",
        "person/ancestry/2",
    ]
    .map(|name| q.u(name));
    let (u_texture, u_hair, u_eyes) = (q.u("groom/texture"), q.u("groom/color"), q.u("eyes/color"));
    let style = draw_style(profile, sex_param, q);

    if let Some(region) = draw_region(person, q) {
        return Traits {
            age_years,
            sex_param,
            masculine,
            tone: region.tone(tone),
            texture: *region.hair_texture.quantile(u_texture),
            hair_color: *region.hair_color.quantile(u_hair),
            eye_color: *region.eye_color.quantile(u_eyes),
            ancestry: region.ancestry.quantile(u_ancestry),
            style,
        };
    }
    Traits {
        age_years,
        sex_param,
        masculine,
        tone: *profile.skin.tone_mst.quantile(tone),
        texture: *profile.groom.hair_texture.quantile(u_texture),
        hair_color: *profile.groom.color.natural.quantile(u_hair),
        eye_color: *profile.eyes.color.quantile(u_eyes),
        ancestry: person.ancestry.quantile(u_ancestry),
        style,
    }
}

/// The nearest `f32` that is not above `value`: rounding up must not carry an age over the edge of
/// its half-open bin.
fn round_below(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) > value {
        rounded.next_down()
    } else {
        rounded
    }
}

/// The sex parameter at quantile `u` for an age at quantile `u_age`.
fn draw_sex(person: &PersonSpec, u_age: f64, u: f64) -> (f32, bool) {
    let part = person.age_years.distribution().bin(u_age).0;
    let shares = &person.female_share;
    let female = shares
        .get(part)
        .or(shares.first())
        .map_or(0.5, |share| share.get());
    let masculine = u >= female;
    let within = if masculine {
        (u - female) / (1.0 - female)
    } else {
        u / female
    };
    let drawn = person.sex_param.of(masculine).quantile(within) as f32;
    // The far tail of either half would cross the middle and blur the label.
    let sex_param = if masculine {
        drawn.max(0.5001)
    } else {
        drawn.min(0.4999)
    };
    (sex_param, masculine)
}

/// The region, for a recipe whose attributes hang together by region.
fn draw_region(person: &PersonSpec, q: Quantiles) -> Option<&RegionSpec> {
    if !person.conditional {
        return None;
    }
    let region = person.region.as_ref()?.quantile(q.u("person/region"));
    person.regions.get(region)
}

/// The style of dress: that of the body, but for those who choose freely.
fn draw_style(profile: &ProfileSpec, sex_param: f32, q: Quantiles) -> Style {
    let garments = &profile.garments;
    if q.happens("garments/style/free", garments.style_independence.get()) {
        return *garments.style.quantile(q.u("garments/style"));
    }
    match sex_param {
        s if s < 0.4 => Style::Feminine,
        s if s > 0.6 => Style::Masculine,
        _ => Style::Neutral,
    }
}
