//! The recipe that fills the gaps of a dataset.
//!
//! Tone, sex and age are drawn in cells, so a list of cells with counts makes good exactly what is
//! missing; the texture of hair is drawn on its own, so its shares are bent toward what is missing.
//! Everything else is as in the recipe of the dataset, where it has one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use bottega_format::dataset::RECIPE_FILE;
use bottega_schemas::Plane;
use bottega_schemas::audit::AuditConfig;
use bottega_schemas::scene_spec::{FrozenRecipe, QuotaCount, QuotaSex};

use super::plan_of;
use super::representation::capital;
use crate::error::AuditError;
use crate::files::DatasetFiles;
use crate::labels::LabelTable;

/// Bins of age, as in the column `age_bin`, and their edges.
const AGE_BINS: [&str; 5] = ["18-29", "30-44", "45-59", "60-74", "75-90"];

/// What is missing, and the recipe that makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The recipe.
    pub recipe_toml: String,
    /// Number of people to be made.
    pub people: u64,
    /// Cells that are below the goal.
    pub cells: usize,
    /// Samples that every cell of tone, sex and age will have.
    pub goal: u64,
}

/// The recipe that a suggestion takes over from.
#[derive(Clone, Debug, PartialEq)]
pub struct RecipeSource {
    /// Picture, framing, presets, labels and profile.
    pub recipe: FrozenRecipe,
    /// Seeds of the datasets, which the suggestion must not use again.
    pub seeds: Vec<u64>,
    /// Whose it is, and what of it is not taken over, for people.
    pub told: String,
}

impl RecipeSource {
    /// The usual recipe.
    pub fn usual() -> Self {
        Self {
            recipe: FrozenRecipe::usual(),
            seeds: Vec::new(),
            told: "no dataset has a recipe (dataset.toml); picture, framing and presets are those \
                   of the shipped recipe synthhuman"
                .to_owned(),
        }
    }

    /// The recipe of the first of the datasets that has one.
    pub fn of_datasets(datasets: &[PathBuf]) -> Result<Self, AuditError> {
        let mut source = Self::usual();
        let mut is_found = false;
        for path in datasets {
            let file = DatasetFiles::find(path)?.root.join(RECIPE_FILE);
            if !path.is_dir() || !file.is_file() {
                continue;
            }
            let mut recipe = match FrozenRecipe::load(&file) {
                Ok(recipe) => recipe,
                Err(error) => {
                    if !is_found {
                        source.told = format!(
                            "{error}; picture, framing and presets are those of the shipped \
                             recipe synthhuman"
                        );
                    }
                    continue;
                }
            };
            source.seeds.push(recipe.seed);
            if is_found {
                continue;
            }
            is_found = true;
            // Planes may have been asked for beside the recipe; part numbers come unasked.
            for plane in plan_of(path)?.iter().flat_map(|plan| plan.planes.iter()) {
                if plane != Plane::PartId && !recipe.labels.planes.contains(&plane) {
                    recipe.labels.planes.push(plane);
                }
            }
            source.told = told(&recipe, &file.display().to_string());
            source.recipe = recipe;
        }
        Ok(source)
    }
}

fn told(recipe: &FrozenRecipe, file: &str) -> String {
    let mut told = format!(
        "picture ({} x {}), framing, presets, planes and profile ({}) are those of {file}",
        recipe.resolution_px[0], recipe.resolution_px[1], recipe.profile
    );
    let own = |key: &&String| !DECIDED.contains(&key.as_str());
    let lost: Vec<&str> = recipe
        .changed
        .iter()
        .filter(own)
        .map(String::as_str)
        .collect();
    if !lost.is_empty() {
        let _ = write!(
            told,
            "; it changes its profile in {}, which is not taken over: copy these overrides from \
             the recipe that you wrote",
            lost.join(", ")
        );
    }
    told
}

/// Keys of the profile that decide who is in which cell: the suggestion sets them, so that cells
/// of the recipe are cells of the audit.
const DECIDED: [&str; 7] = [
    "person.age_years",
    "person.female_share",
    "person.conditional",
    "person.region",
    "person.regions",
    "skin.tone_mst",
    "groom.hair_texture",
];

/// The recipe that raises every cell of tone, sex and age to the largest one, or to the support of
/// a triple; `None` where no sample says its tone, age and sex.
pub fn suggest(
    labels: &LabelTable,
    config: &AuditConfig,
    dataset: &str,
    source: &RecipeSource,
) -> Option<Suggestion> {
    let tones = labels.categories("skin_tone_mst")?;
    let ages = labels.categories("age_bin")?;
    let sexes = labels.numbers("body_sex_param")?;
    let mut counts: BTreeMap<(u8, u8, QuotaSex), u64> = BTreeMap::new();
    for tone in 1..=10 {
        for age in 0..AGE_BINS.len() as u8 {
            for sex in [QuotaSex::Feminine, QuotaSex::Masculine] {
                counts.insert((tone, age, sex), 0);
            }
        }
    }
    for (row, sex) in sexes.iter().copied().enumerate() {
        let word = |c: &crate::labels::Categories| c.words.get(c.codes[row] as usize).cloned();
        let tone = word(&tones).and_then(|word| word.parse().ok());
        let age = word(&ages).and_then(|word| AGE_BINS.iter().position(|bin| *bin == word));
        let (Some(tone), Some(age)) = (tone, age) else {
            continue;
        };
        if sex.is_nan() {
            continue;
        }
        let sex = if sex >= 0.5 {
            QuotaSex::Masculine
        } else {
            QuotaSex::Feminine
        };
        if let Some(count) = counts.get_mut(&(tone, age as u8, sex)) {
            *count += 1;
        }
    }
    let largest = counts.values().copied().max().filter(|n| *n > 0)?;
    let goal = largest.max(config.support.triple);
    let missing: Vec<QuotaCount> = counts
        .iter()
        .filter(|(_, count)| **count < goal)
        .map(|((tone, age, sex), count)| QuotaCount {
            tone: *tone,
            sex: *sex,
            age: age + 1,
            count: goal - count,
        })
        .collect();
    let people = missing.iter().map(|cell| cell.count).sum();
    let recipe_toml = write_recipe(labels, config, dataset, source, &missing, people);
    Some(Suggestion {
        recipe_toml,
        people,
        cells: missing.len(),
        goal,
    })
}

fn write_recipe(
    labels: &LabelTable,
    config: &AuditConfig,
    dataset: &str,
    source: &RecipeSource,
    missing: &[QuotaCount],
    people: u64,
) -> String {
    // A seed of its own, so that nobody is made twice.
    let first = 1 + (labels.rows as u64) % 1_000_003;
    let is_free = |seed: &u64| !source.seeds.contains(seed);
    let seed = (first..).find(is_free).unwrap_or(first);
    let name = recipe_name(dataset);
    let mut text = format!(
        "# Fills the gaps of the dataset {dataset}: {} of the 100 cells of tone, sex and age lack\n\
         # samples. Generate exactly {people} samples with it, then audit both datasets together:\n\
         #   bottega generate THIS --out {name} --count {people}\n\
         #   bottega audit {dataset} {name}\n\
         # {}.\n",
        missing.len(),
        capital(&source.told.replace('\n', " ")),
    );
    text += &source.recipe.to_toml(&name, seed);
    text += "\n# Ages and tones are even and follow no region, so that cells are those of the audit.\n\
             [overrides.skin]\n\
             tone_mst = { law = \"choice\", shares = { 1 = 0.1, 2 = 0.1, 3 = 0.1, 4 = 0.1, \
             5 = 0.1, 6 = 0.1, 7 = 0.1, 8 = 0.1, 9 = 0.1, 10 = 0.1 } }\n\n";
    if let Some(shares) = hair_shares(labels, config, people) {
        text += "[overrides.groom]\n";
        let shares: Vec<String> = shares
            .iter()
            .map(|(word, share)| format!("{word} = {share:.6}"))
            .collect();
        let _ = writeln!(
            text,
            "hair_texture = {{ law = \"choice\", shares = {{ {} }} }}\n",
            shares.join(", ")
        );
    }
    text += "[overrides.person]\n\
             conditional = false\n\
             female_share = [0.5]\n\
             age_years = { law = \"bins\", edges = [18, 30, 45, 60, 75, 90], \
             shares = [0.2, 0.2, 0.2, 0.2, 0.2] }\n\
             # How many people each cell lacks: tone 1 to 10, sex, fifth of the ages.\nquota = [\n";
    for cell in missing {
        let _ = writeln!(
            text,
            "    {{ tone = {}, sex = \"{}\", age = {}, count = {} }},",
            cell.tone,
            cell.sex.name(),
            cell.age,
            cell.count
        );
    }
    if missing.is_empty() {
        text += "    # Nothing is missing; one of each keeps the balance.\n";
        for tone in 1..=10 {
            for age in 1..=5 {
                for sex in ["feminine", "masculine"] {
                    let _ = writeln!(
                        text,
                        "    {{ tone = {tone}, sex = \"{sex}\", age = {age}, count = 1 }},"
                    );
                }
            }
        }
    }
    text + "]\n"
}

/// A name that recipes allow: lower-case letters, digits, `-` and `_`, at most 64.
fn recipe_name(dataset: &str) -> String {
    let allowed = |c: char| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9' | '-' | '_') => c,
        _ => '-',
    };
    let name: String = dataset.chars().map(allowed).take(59).collect();
    format!("{name}-fill")
}

/// Shares of the textures that lead, with `people` more, as near to the target as they can;
/// they sum to 1 in six digits.
fn hair_shares(
    labels: &LabelTable,
    config: &AuditConfig,
    people: u64,
) -> Option<Vec<(String, f64)>> {
    let hair = labels.categories("hair_texture")?;
    let counts = hair.counts();
    let weights = super::representation::target_of(config, "hair_texture", &hair.words);
    let rows: Vec<(String, f64, f64)> = hair
        .words
        .iter()
        .zip(counts.iter().zip(weights))
        .filter(|(word, _)| *word != "none")
        .map(|(word, (count, weight))| (word.clone(), *count as f64, weight))
        .collect();
    let total: f64 = rows.iter().map(|row| row.1).sum::<f64>() + people as f64;
    let weight: f64 = rows.iter().map(|row| row.2).sum();
    let lacking: Vec<f64> = rows
        .iter()
        .map(|(_, count, w)| (total * w / weight - count).max(0.0))
        .collect();
    let sum: f64 = lacking.iter().sum();
    if sum <= 0.0 || people == 0 {
        return None;
    }
    let mut shares: Vec<(String, f64)> = rows
        .iter()
        .zip(&lacking)
        .map(|((word, _, _), lack)| (word.clone(), (lack / sum * 1e6).round() / 1e6))
        .collect();
    let off = 1.0 - shares.iter().map(|(_, share)| share).sum::<f64>();
    if let Some(largest) = shares.iter_mut().max_by(|a, b| a.1.total_cmp(&b.1)) {
        largest.1 += off;
    }
    Some(shares)
}
