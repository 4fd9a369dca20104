//! Labels that people read, derived from the numbers of a sample.

use serde::{Deserialize, Serialize};

use crate::face_unit::FACE_UNITS;
use crate::params::{GroomParams, HairCut, HairType, MakeupParams, SceneParams};
use crate::sample::{self, SampleMeta};

/// Texture of hair, the coarse class of [`HairType`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HairTexture {
    /// Type 1.
    Straight,
    /// Types 2A to 2C.
    Wavy,
    /// Types 3A to 3C.
    Curly,
    /// Types 4A to 4C.
    Coily,
}

impl HairTexture {
    /// All textures, in order.
    pub const ALL: [Self; 4] = [Self::Straight, Self::Wavy, Self::Curly, Self::Coily];

    /// The texture of a hair type.
    pub fn of(hair_type: HairType) -> Self {
        match hair_type {
            HairType::T1 => Self::Straight,
            HairType::T2A | HairType::T2B | HairType::T2C => Self::Wavy,
            HairType::T3A | HairType::T3B | HairType::T3C => Self::Curly,
            HairType::T4A | HairType::T4B | HairType::T4C => Self::Coily,
        }
    }

    /// The types of this texture.
    pub fn types(self) -> &'static [HairType] {
        match self {
            Self::Straight => &[HairType::T1],
            Self::Wavy => &[HairType::T2A, HairType::T2B, HairType::T2C],
            Self::Curly => &[HairType::T3A, HairType::T3B, HairType::T3C],
            Self::Coily => &[HairType::T4A, HairType::T4B, HairType::T4C],
        }
    }
}

/// Writes every label that follows from the numbers alone: the subject, the light and what the
/// camera was asked for. The final camera, the measurements and the provenance are not touched.
pub fn describe(params: &SceneParams, meta: &mut SampleMeta) {
    let SceneParams {
        person,
        pose,
        face,
        groom,
        garments,
        worn,
        lighting,
        camera,
        film,
        ..
    } = params;
    let skin = &person.skin;
    let scalp = groom.scalp.as_ref();
    let degrees = |radians: f32| Some(f64::from(radians).to_degrees() as f32);
    let count = |number: u32| i32::try_from(number).ok();
    let none = || Some("none".to_owned());

    meta.framing = Some(params.framing.as_str().to_owned());
    meta.identity_id = Some(identity_id(params));
    meta.focal_35mm = Some(camera.focal_35mm);
    meta.camera_pitch_deg = degrees(camera.pitch_rad);
    meta.camera_roll_deg = degrees(camera.roll_rad);
    meta.subject_yaw_deg = degrees(camera.subject_yaw_rad);

    let [_, a, b] = skin.albedo_lab.map(f64::from);
    meta.skin_tone_mst = i8::try_from(skin.tone_mst).ok();
    meta.skin_ita_deg = Some(skin.ita_deg);
    meta.skin_hue_deg = Some(libm::atan2(b, a).to_degrees() as f32);
    meta.freckles = count(skin.freckles);
    meta.moles = count(skin.moles);
    meta.blemishes = count(skin.blemishes);
    meta.wrinkles = Some(skin.wrinkles);
    meta.vitiligo = Some(skin.vitiligo);
    meta.scars = count(skin.scars);
    meta.sweat = Some(skin.sweat);
    meta.body_hair = Some(skin.body_hair);
    meta.makeup = Some(makeup(skin.makeup.as_ref()).to_owned());
    meta.age_years = Some(person.age_years);
    meta.age_bin = Some(sample::age_bin(person.age_years).to_owned());
    meta.age_group = Some(sample::age_group(person.age_years).to_owned());
    meta.shape_ancestry = Some(shape_ancestry(person.shape.ancestry).to_owned());
    meta.body_sex_param = Some(person.body_sex_param);
    meta.body_presentation = Some(sample::body_presentation(person.body_sex_param).to_owned());
    meta.height_m = Some(person.stature_m);
    meta.bmi = Some(person.bmi);
    meta.shape_params = Some(shape_params(params));
    meta.pose_params = Some(
        std::iter::once(&pose.root_rotation)
            .chain(pose.bones.values())
            .flatten()
            .copied()
            .collect(),
    );
    meta.expression_params = Some(
        FACE_UNITS
            .iter()
            .map(|unit| face.units.get(*unit).copied().unwrap_or(0.0))
            .collect(),
    );
    meta.expression_id = Some(face.expression_id.clone());
    meta.gaze_yaw_deg = degrees(face.gaze_yaw_rad);
    meta.gaze_pitch_deg = degrees(face.gaze_pitch_rad);
    meta.eye_color = Some(word(&person.eyes.color));
    meta.lid_crease = Some(person.eyes.lid_crease);

    let hair_type = scalp.map_or_else(|| "none".to_owned(), |s| word(&s.hair_type));
    meta.hair_style = scalp.map(|s| word(&s.cut)).or_else(none);
    meta.hair_variety = scalp.map(|s| word(&s.style())).or_else(none);
    meta.hair_texture = Some(sample::hair_texture(&hair_type).to_owned());
    meta.hair_type = Some(hair_type);
    meta.hair_length = Some(hair_length(groom).to_owned());
    meta.hair_color = scalp.map(|_| word(&groom.color.label)).or_else(none);
    let second = scalp.and(groom.color.second.as_ref());
    meta.hair_second_color = second.map(|second| word(&second.place)).or_else(none);
    meta.hair_grey_fraction = Some(groom.color.grey_fraction);
    meta.facial_hair = groom.beard.as_ref().map(|b| word(&b.style)).or_else(none);
    let headwear = worn.headwear.as_ref();
    meta.head_covering = headwear.map(|h| word(&h.kind)).or_else(none);
    let glasses = worn.glasses.as_ref();
    meta.eyewear = glasses.map(|g| g.word().to_owned()).or_else(none);
    meta.eyewear_frame = glasses.map(|g| word(&g.frame)).or_else(none);
    meta.face_covering = worn.mask.as_ref().map(|m| word(&m.kind)).or_else(none);
    let earrings = worn.earrings.as_ref();
    meta.earrings = earrings.map(|e| word(&e.kind)).or_else(none);

    let kinds = [
        word(&garments.top.kind),
        word(&garments.bottom.kind),
        word(&garments.shoes.kind),
    ];
    meta.garments = Some(kinds.to_vec());
    let [top, bottom, shoes] = kinds;
    meta.top_kind = Some(top);
    meta.bottom_kind = Some(bottom);
    meta.shoe_kind = Some(shoes);
    meta.clothing_style = Some(garments.style.clone());

    meta.lamps = i32::try_from(lighting.lamps.len()).ok();
    meta.sun_height_deg = lighting.sky.and_then(|sky| degrees(sky.sun_height_rad));
    meta.pixel_filter = Some(film.pixel_filter.name().to_owned());
    meta.tone_curve = Some(film.tone_curve.name().to_owned());
    meta.white_balance = Some(film.white_balance);
    meta.white_shift_mired = Some(film.white_shift_mired);
    meta.shutter_s = film.shutter_s;
    let set = film.exposure.map(|exposure| exposure.iso);
    meta.iso = set.or(film.sensor.map(|sensor| sensor.iso));
    meta.lighting_id = Some(lighting.environment_id.clone());
    meta.lighting_kind = Some(word(&lighting.kind));
    meta.light_ev = Some(lighting.exposure_ev);
    meta.light_yaw_deg = degrees(lighting.yaw_rad);
    meta.background_id = Some(lighting.environment_id.clone());
    meta.pose_id = Some(pose.pose_id.clone());
    meta.seated = Some(pose.seated);
}

/// Make-up as it looks: `none`, `light` or `full`.
fn makeup(params: Option<&MakeupParams>) -> &'static str {
    match params {
        None => "none",
        Some(makeup) if makeup.lips_cover.max(makeup.lids_cover) < 0.5 => "light",
        Some(_) => "full",
    }
}

/// Length of the scalp hair as it looks: `none`, `short`, `medium` or `long`. Tied hair is long.
pub fn hair_length(groom: &GroomParams) -> &'static str {
    let Some(scalp) = &groom.scalp else {
        return "none";
    };
    match scalp.cut {
        HairCut::Buzz | HairCut::Crop | HairCut::SidePart => "short",
        HairCut::Bob => "medium",
        HairCut::Long | HairCut::Ponytail | HairCut::Bun => "long",
        // Coils shrink to about half of the strand: 10 cm stand out 5 cm.
        HairCut::Afro if scalp.length_m < 0.10 => "short",
        HairCut::Afro => "medium",
    }
}

/// Hash of everything that stays with the person (body, face, skin, eyes, hair), 16 hex digits.
pub fn identity_id(params: &SceneParams) -> String {
    let json = serde_json::to_vec(&(&params.person, &params.groom))
        .expect("the parameters of a person have string keys only");
    blake3::hash(&json).to_hex()[..16].to_owned()
}

/// The morphs that make up most of a shape.
fn shape_ancestry(shares: [f32; 3]) -> &'static str {
    let sum: f32 = shares.iter().sum();
    let named = ["african", "asian", "european"].into_iter().zip(shares);
    named
        .filter(|(_, share)| 0.6 * sum <= *share && 0.0 < sum)
        .map(|(name, _)| name)
        .next()
        .unwrap_or("mixed")
}

/// All shape numbers in the order of the scene document: sliders, ancestry, details.
fn shape_params(params: &SceneParams) -> Vec<f32> {
    let shape = &params.person.shape;
    let mut all = vec![
        shape.gender,
        shape.age,
        shape.muscle,
        shape.weight,
        shape.height,
        shape.proportions,
        shape.cupsize,
        shape.firmness,
    ];
    all.extend(shape.ancestry);
    all.extend(shape.details.values());
    all
}

/// The word that documents write for a value of an enumeration without fields.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("enumerations of the parameters serialize to words, not {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_belongs_to_the_texture_that_lists_it() {
        for texture in HairTexture::ALL {
            for hair_type in texture.types() {
                assert_eq!(HairTexture::of(*hair_type), texture);
                assert_eq!(sample::hair_texture(&word(hair_type)), word(&texture));
            }
        }
        assert_eq!(
            HairTexture::ALL
                .iter()
                .map(|t| t.types().len())
                .sum::<usize>(),
            10
        );
    }
}
