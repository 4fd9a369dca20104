//! The recipe that is frozen in a dataset (`dataset.toml`), as far as another recipe takes over
//! from it: picture, framing, presets, labels, and the shipped profile that it rests on.
//!
//! The frozen form holds checked distributions in SI units, not what people write; where it differs
//! from its profile, the names of what differs are told.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use super::{Presets, ProfileSpec, Quality, QualityPreset, SCENE_SPEC_VERSION, SceneSpec, shipped};
use crate::document;
use crate::error::SchemaError;
use crate::framing::Framing;
use crate::label_spec::LabelSpec;

/// The shipped recipe that stands in where a dataset has none.
const USUAL: &str = "synthhuman";

/// What another recipe takes over.
#[derive(Clone, Debug, PartialEq)]
pub struct FrozenRecipe {
    /// Name of the dataset.
    pub dataset: String,
    /// Root of its randomness.
    pub seed: u64,
    /// Shares of the framings.
    pub framing: BTreeMap<Framing, f64>,
    /// Width and height of the picture, in pixels.
    pub resolution_px: [u32; 2],
    /// Preset with which it was made.
    pub quality: Quality,
    /// What each quality means.
    pub presets: Presets,
    /// Labels besides the usual ones.
    pub labels: LabelSpec,
    /// The shipped profile that it rests on.
    pub profile: String,
    /// Keys of the profile that the recipe changed, such as `lighting.lamps`.
    pub changed: Vec<String>,
}

#[derive(Deserialize)]
struct FrozenFile {
    preset: QualityPreset,
    recipe: FrozenSpec,
}

#[derive(Deserialize)]
struct FrozenSpec {
    dataset: String,
    seed: u64,
    framing: FrozenFraming,
    resolution_px: [u32; 2],
    quality: Quality,
    presets: Presets,
    #[serde(default)]
    labels: LabelSpec,
    profile_name: String,
}

#[derive(Deserialize)]
struct FrozenFraming {
    things: Vec<Framing>,
    shares: Vec<f64>,
}

impl FrozenRecipe {
    /// Reads the recipe that is frozen in a dataset.
    pub fn load(path: &Path) -> Result<Self, SchemaError> {
        let text = document::read_text(path)?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Reads a frozen recipe from its text; `file` names it in messages.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, SchemaError> {
        let mut table = document::parse(text, file)?;
        let recipe = table.get_mut("recipe").and_then(Value::as_table_mut);
        let profile = match recipe.and_then(|recipe| recipe.remove("profile")) {
            Some(Value::Table(profile)) => profile,
            _ => Table::new(),
        };
        let FrozenFile { preset, recipe } = document::read(table, file, "")?;
        let is_shipped = |name: &str| {
            let mut known = shipped::shipped_profiles().iter();
            known.any(|(known, _)| known.strip_prefix("profiles/") == Some(name))
        };
        let base = Some(recipe.profile_name.as_str()).filter(|name| is_shipped(name));
        let base = base.unwrap_or("balanced").to_owned();
        let mut changed = Vec::new();
        differences(&frozen_profile(&base)?, &profile, "", &mut changed);
        let framing = recipe.framing;
        Ok(Self {
            dataset: recipe.dataset,
            seed: recipe.seed,
            framing: framing.things.into_iter().zip(framing.shares).collect(),
            resolution_px: recipe.resolution_px,
            quality: recipe.quality,
            presets: recipe.presets,
            labels: recipe.labels,
            profile: base,
            changed,
        }
        .made_with(preset))
    }

    /// The shipped recipe, for a dataset that has none.
    pub fn usual() -> Self {
        let spec = SceneSpec::load(USUAL).expect("shipped recipes are tested to be sound");
        Self {
            framing: spec.framing.iter().map(|(f, share)| (*f, share)).collect(),
            dataset: spec.dataset,
            seed: spec.seed,
            resolution_px: spec.resolution_px,
            quality: spec.quality,
            presets: spec.presets,
            labels: spec.labels,
            profile: spec.profile_name,
            changed: Vec::new(),
        }
    }

    /// The preset with which the pictures were made is the one that is asked for.
    fn made_with(mut self, preset: QualityPreset) -> Self {
        let presets = [
            (Quality::Draft, &self.presets.draft),
            (Quality::Standard, &self.presets.standard),
            (Quality::Reference, &self.presets.reference),
        ];
        let own = presets
            .iter()
            .find(|(q, p)| *q == self.quality && **p == preset);
        let same = own.or_else(|| presets.iter().find(|(_, known)| **known == preset));
        match same {
            Some((quality, _)) => self.quality = *quality,
            None => match self.quality {
                Quality::Draft => self.presets.draft = preset,
                Quality::Standard => self.presets.standard = preset,
                Quality::Reference => self.presets.reference = preset,
            },
        }
        self
    }

    /// The front of a recipe for the dataset `dataset`; overrides may be written below it.
    ///
    /// Everybody has one picture, so that numbers of people are numbers of samples.
    pub fn to_toml(&self, dataset: &str, seed: u64) -> String {
        let mut table = Table::new();
        let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
        let text = |text: &str| Value::String(text.to_owned());
        put(
            "schema_version",
            Value::Integer(i64::from(SCENE_SPEC_VERSION)),
        );
        put("dataset", text(dataset));
        // Seeds have 63 bits.
        put("seed", Value::Integer(seed as i64));
        put("frames_per_identity", Value::Integer(1));
        let side = |side: &u32| Value::Integer(i64::from(*side));
        put(
            "resolution_px",
            Value::Array(self.resolution_px.iter().map(side).collect()),
        );
        put("quality", text(self.quality.name()));
        put("profile", text(&self.profile));
        let shares = self.framing.iter();
        let shares =
            shares.map(|(framing, share)| (framing.as_str().to_owned(), Value::Float(*share)));
        let framing = [
            ("law".to_owned(), text("choice")),
            ("shares".to_owned(), Value::Table(shares.collect())),
        ];
        put("framing", Value::Table(framing.into_iter().collect()));
        let plain = "presets and labels are plain data";
        put("presets", Value::try_from(&self.presets).expect(plain));
        if !self.labels.is_default() {
            put("labels", Value::try_from(&self.labels).expect(plain));
        }
        toml::to_string(&table).expect("a table of plain data is a document")
    }
}

/// A shipped profile in its frozen form.
fn frozen_profile(name: &str) -> Result<Table, SchemaError> {
    let (table, file) = shipped::profile_table(name, Path::new(""))?;
    let spec: ProfileSpec = document::read(table, &file, "")?;
    Ok(Table::try_from(&spec).expect("a checked profile is plain data"))
}

/// Keys of two levels whose values differ.
fn differences(base: &Table, found: &Table, prefix: &str, out: &mut Vec<String>) {
    for (key, value) in found {
        match (base.get(key), value) {
            (Some(base), value) if base == value => {}
            (Some(Value::Table(base)), Value::Table(value)) if prefix.is_empty() => {
                differences(base, value, &format!("{key}."), out);
            }
            _ => out.push(format!("{prefix}{key}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `generate` writes: the preset, then the checked recipe.
    fn frozen(recipe: &str, profile: Option<&str>, preset: &QualityPreset) -> String {
        let spec = SceneSpec::from_toml(recipe, "r.toml", Path::new(""), profile).unwrap();
        let mut table = Table::new();
        table.insert("preset".into(), Value::try_from(preset).unwrap());
        table.insert("recipe".into(), Value::try_from(&spec).unwrap());
        toml::to_string(&table).unwrap()
    }

    fn recipe(more: &str) -> String {
        let all = shipped::shipped_recipes().iter();
        let (_, text) = all.clone().find(|(name, _)| *name == USUAL).unwrap();
        format!("{text}\n{more}")
    }

    #[test]
    fn a_frozen_recipe_gives_back_picture_presets_and_profile() {
        let usual = FrozenRecipe::usual();
        let text = recipe("[labels]\nplanes = [\"range\"]\n").replace("[384, 512]", "[96, 128]");
        let mut preset = usual.presets.standard.clone();
        let found = FrozenRecipe::from_toml(&frozen(&text, Some("census"), &preset), "d").unwrap();
        assert_eq!(
            (found.profile.as_str(), found.resolution_px),
            ("census", [96, 128])
        );
        assert_eq!(
            (found.quality, &found.presets),
            (Quality::Standard, &usual.presets)
        );
        assert_eq!(found.changed, [""; 0]);

        preset.spp = 7;
        let found = FrozenRecipe::from_toml(&frozen(&text, None, &preset), "d").unwrap();
        assert_eq!(
            (found.quality, found.presets.draft.spp),
            (Quality::Draft, 7)
        );
        let written = found.to_toml("again", 5);
        let spec = SceneSpec::from_toml(&written, "w.toml", Path::new(""), None).unwrap();
        assert_eq!(
            (spec.dataset.as_str(), spec.seed, spec.preset(None).spp),
            ("again", 5, 7)
        );
        assert_eq!((spec.labels, spec.resolution_px), (found.labels, [96, 128]));
        assert!((spec.framing.share(&Framing::Face) - 1.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn what_a_recipe_changed_is_named() {
        let text = recipe("[overrides.person]\nfemale_share = [0.3]\n");
        let preset = FrozenRecipe::usual().presets.draft;
        let found = FrozenRecipe::from_toml(&frozen(&text, None, &preset), "d.toml").unwrap();
        assert_eq!(found.changed, ["person.female_share"]);
        assert!(FrozenRecipe::from_toml("preset = 1", "d.toml").is_err());
    }
}
