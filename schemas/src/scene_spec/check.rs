//! Checks that span several keys of a recipe or profile.

use std::fmt::Display;

use super::{MAX_SEED, ProfileSpec, RecipeFile, SCENE_SPEC_VERSION, WornSpec};
use crate::distribution::Choice;
use crate::error::SchemaError;
use crate::face_unit;
use crate::labels::HairTexture;

/// Builds the error for `key`.
fn invalid(file: &str, key: impl Display, message: impl Display) -> SchemaError {
    SchemaError::Invalid {
        file: file.into(),
        key: key.to_string().into(),
        message: message.to_string().into(),
    }
}

/// Refuses a document of another version.
pub(super) fn version(found: u32, file: &str) -> Result<(), SchemaError> {
    if found == SCENE_SPEC_VERSION {
        return Ok(());
    }
    Err(invalid(
        file,
        "schema_version",
        format_args!("found {found}, this program reads version {SCENE_SPEC_VERSION}"),
    ))
}

/// Refuses picture sizes that no camera has.
pub(super) fn resolution(resolution_px: [u32; 2], file: &str) -> Result<(), SchemaError> {
    for side in resolution_px {
        if !(16..=8192).contains(&side) {
            return Err(invalid(
                file,
                "resolution_px",
                format_args!("found {side}, allowed is 16 to 8192 pixels a side"),
            ));
        }
    }
    Ok(())
}

/// Checks the parts of a recipe that are not distributions.
pub(super) fn recipe(recipe: &RecipeFile, file: &str) -> Result<(), SchemaError> {
    version(recipe.schema_version, file)?;
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    let name = recipe.dataset.as_bytes();
    if name.is_empty() || name.len() > 64 || !name.iter().all(|c| allowed(*c)) {
        return Err(invalid(
            file,
            "dataset",
            format_args!(
                "found {:?}, wanted 1 to 64 lower-case letters, digits, `-` and `_`",
                recipe.dataset
            ),
        ));
    }
    if recipe.seed > MAX_SEED {
        return Err(invalid(
            file,
            "seed",
            format_args!("found {}, allowed is 0 to {MAX_SEED}", recipe.seed),
        ));
    }
    if !(1..=1000).contains(&recipe.frames_per_identity) {
        return Err(invalid(
            file,
            "frames_per_identity",
            format_args!("found {}, allowed is 1 to 1000", recipe.frames_per_identity),
        ));
    }
    resolution(recipe.resolution_px, file)?;
    let presets = [
        ("draft", &recipe.presets.draft),
        ("standard", &recipe.presets.standard),
        ("reference", &recipe.presets.reference),
    ];
    for (name, preset) in presets {
        let limits = [
            ("error", preset.error.unwrap_or(1.0), 1e-6..=1.0),
            ("clamp_indirect", preset.clamp_indirect, 1.0..=1e6),
        ];
        for (key, value, range) in limits {
            if !range.contains(&value) {
                return Err(invalid(
                    file,
                    format_args!("presets.{name}.{key}"),
                    format_args!(
                        "found {value}, allowed is {} to {}",
                        range.start(),
                        range.end()
                    ),
                ));
            }
        }
        let limits = [
            ("spp", preset.spp, 1..=65536),
            ("max_bounces", preset.max_bounces, 1..=64),
            ("label_rays", preset.label_rays, 64..=4096),
        ];
        for (key, value, range) in limits {
            if !range.contains(&value) {
                return Err(invalid(
                    file,
                    format_args!("presets.{name}.{key}"),
                    format_args!(
                        "found {value}, allowed is {} to {}",
                        range.start(),
                        range.end()
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Checks a profile; `prefix` opens every key path.
pub(super) fn profile(profile: &ProfileSpec, file: &str, prefix: &str) -> Result<(), SchemaError> {
    let fail =
        |key: &str, message: String| Err(invalid(file, format_args!("{prefix}{key}"), message));

    let person = &profile.person;
    for (i, cell) in person.quota.iter().enumerate() {
        for (key, found, most) in [
            ("tone", u64::from(cell.tone), 10),
            ("age", u64::from(cell.age), 5),
            ("count", cell.count, 1_000_000),
        ] {
            if !(1..=most).contains(&found) {
                let message = format!("found {found}, allowed is 1 to {most}");
                return Err(invalid(
                    file,
                    format_args!("{prefix}person.quota[{i}].{key}"),
                    message,
                ));
            }
        }
    }
    let n_parts = person.age_years.distribution().bin(0.0).1;
    let n_shares = person.female_share.len();
    if n_shares != 1 && n_shares != n_parts {
        return fail(
            "person.female_share",
            format!("found {n_shares} shares, wanted one or {n_parts}, one per part of age_years"),
        );
    }
    if person.conditional {
        let Some(region) = &person.region else {
            return fail(
                "person.region",
                "it is missing, and `conditional` needs it".to_owned(),
            );
        };
        if let Some(name) = missing(region, |name| person.regions.contains_key(name)) {
            return fail(
                "person.regions",
                format!("the region {name:?} has no table"),
            );
        }
    }
    for (name, region) in &person.regions {
        if region.mst_sd.get() <= 0.0 || !(0.0..=11.0).contains(&region.mst_mean.get()) {
            return fail(
                &format!("person.regions.{name}"),
                "the mean Monk tone must lie in 0 to 11 and its deviation above 0".to_owned(),
            );
        }
    }

    let centers = &profile.skin.ita_center_deg;
    let descends = centers.windows(2).all(|w| w[0] > w[1]);
    if centers.len() != 10 || !descends || !centers.iter().all(|c| (-75.0..=70.0).contains(c)) {
        return fail(
            "skin.ita_center_deg",
            format!("found {centers:?}, wanted ten descending angles in -75 to 70 degrees"),
        );
    }

    let groom = &profile.groom;
    if let Some(color) = missing(&groom.color.natural, |c| {
        groom.color.pigments.contains_key(c)
    }) {
        return fail(
            "groom.color.pigments",
            format!("{} has no pigments", word(color)),
        );
    }
    for (name, region) in &person.regions {
        if let Some(color) = missing(&region.hair_color, |c| groom.color.pigments.contains_key(c)) {
            let message = format!("{} (of region {name}) has no pigments", word(color));
            return fail("groom.color.pigments", message);
        }
    }
    for texture in HairTexture::ALL {
        if !groom.frizz.contains_key(&texture) {
            return fail("groom.frizz", format!("{} is missing", word(&texture)));
        }
        if !groom.length.curl_factor.contains_key(&texture) {
            return fail(
                "groom.length.curl_factor",
                format!("{} is missing", word(&texture)),
            );
        }
    }
    for cut in crate::params::HairCut::ALL {
        if !groom.length.length_mm.contains_key(&cut) {
            return fail(
                "groom.length.length_mm",
                format!("{} is missing", word(&cut)),
            );
        }
    }
    let beard = &groom.beard;
    if let Some(style) = missing(&beard.style, |s| beard.length_mm.contains_key(s)) {
        return fail(
            "groom.beard.length_mm",
            format!("{} is missing", word(style)),
        );
    }
    let grey = &groom.color.grey;
    if grey.scale_years.get() <= 0.0 || grey.concentration.get() < 0.5 {
        return fail(
            "groom.color.grey",
            "scale_years must be above 0 and concentration at least 0.5".to_owned(),
        );
    }

    let garments = &profile.garments;
    for choice in [
        &garments.top.feminine,
        &garments.top.masculine,
        &garments.top.neutral,
    ] {
        if let Some(kind) = missing(choice, |kind| garments.tops.contains_key(kind)) {
            return fail("garments.tops", format!("{} is missing", word(kind)));
        }
    }
    for choice in [
        &garments.bottom.feminine,
        &garments.bottom.masculine,
        &garments.bottom.neutral,
    ] {
        if let Some(kind) = missing(choice, |kind| garments.bottoms.contains_key(kind)) {
            return fail("garments.bottoms", format!("{} is missing", word(kind)));
        }
    }

    if let Some(worn) = &profile.worn
        && let Err((key, message)) = check_worn(worn)
    {
        return fail(&format!("worn.{key}"), message);
    }

    let face = &profile.face;
    if let Some(name) = missing(&face.preset, |name| face.presets.contains_key(name)) {
        return fail("face.presets", format!("the preset {name:?} has no table"));
    }
    for (name, units) in &face.presets {
        for (unit, [lo, hi]) in units {
            let key = format!("face.presets.{name}.{unit}");
            if face_unit::expand(unit).is_empty() {
                return fail(&key, "there is no such face unit".to_owned());
            }
            if unit.starts_with("eyeLook") {
                return fail(
                    &key,
                    "the gaze is drawn on its own; leave this unit out".to_owned(),
                );
            }
            if !(0.0 <= *lo && lo <= hi && *hi <= 1.0) {
                return fail(
                    &key,
                    format!("found [{lo}, {hi}], wanted 0 <= lowest <= highest <= 1"),
                );
            }
        }
    }

    let film = &profile.film;
    if film.shake.is_some() && film.shutter_s.is_none() && film.exposure.is_none() {
        return fail(
            "film.shake",
            "it needs the time for which the shutter is open: set `film.shutter_s` or \
             `film.exposure`"
                .to_owned(),
        );
    }

    let camera = &profile.camera;
    let views = [
        ("face", &camera.face),
        ("upper_body", &camera.upper_body),
        ("full_body", &camera.full_body),
    ];
    for (name, view) in views {
        let [near, far] = view.distance_m.map(|d| d.get());
        if near >= far {
            return fail(
                &format!("camera.{name}.distance_m"),
                format!("found [{near}, {far}], the nearest must be below the farthest"),
            );
        }
    }
    Ok(())
}

/// Checks that everything that may be worn on the head has its tables; the error is the key below
/// `worn` and what is wrong.
fn check_worn(worn: &WornSpec) -> Result<(), (String, String)> {
    let sun = worn.glasses.sun_share.get();
    let most = worn.glasses.wear.most();
    if 1.0 < sun + most {
        let message = format!(
            "found {sun}, allowed is 0 to {}, what `wear` leaves",
            1.0 - most
        );
        return Err(("glasses.sun_share".to_owned(), message));
    }
    let headwear = &worn.headwear;
    for kinds in [
        &headwear.kind.feminine,
        &headwear.kind.masculine,
        &headwear.kind.neutral,
    ] {
        let lacks = |key: &str, kind| {
            (
                format!("headwear.{key}"),
                format!("{} is missing", word(kind)),
            )
        };
        if let Some(kind) = missing(kinds, |kind| headwear.fabrics.contains_key(kind)) {
            return Err(lacks("fabrics", kind));
        }
        if let Some(kind) = missing(kinds, |kind| headwear.colors.contains_key(kind)) {
            return Err(lacks("colors", kind));
        }
    }
    let earrings = &worn.earrings;
    for kinds in [
        &earrings.kind.feminine,
        &earrings.kind.masculine,
        &earrings.kind.neutral,
    ] {
        if let Some(kind) = missing(kinds, |kind| earrings.size_mm.contains_key(kind)) {
            let message = format!("{} is missing", word(kind));
            return Err(("earrings.size_mm".to_owned(), message));
        }
    }
    Ok(())
}

/// The first thing with a share that `known` does not accept.
fn missing<T: Clone + Ord>(choice: &Choice<T>, known: impl Fn(&T) -> bool) -> Option<&T> {
    choice
        .iter()
        .find(|(thing, share)| *share > 0.0 && !known(thing))
        .map(|(thing, _)| thing)
}

/// How a word is written in documents.
fn word<T: serde::Serialize>(thing: &T) -> String {
    serde_json::to_string(thing).unwrap_or_default()
}
