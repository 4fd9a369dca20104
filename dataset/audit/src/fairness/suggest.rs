//! The recipe that fills the gaps of a dataset.
//!
//! Tone, sex and age are drawn in cells, so a list of cells with counts makes good exactly what is
//! missing; the texture of hair is drawn on its own, so its shares are bent toward what is missing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bottega_schemas::audit::AuditConfig;
use bottega_schemas::scene_spec::{QuotaCount, QuotaSex};

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

/// The recipe that raises every cell of tone, sex and age to the largest one, or to the support of
/// a triple; `None` where the labels that name the cells are missing.
pub fn suggest(labels: &LabelTable, config: &AuditConfig, dataset: &str) -> Option<Suggestion> {
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
    let largest = counts.values().copied().max().unwrap_or(0);
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
    let recipe_toml = write_recipe(labels, config, dataset, &missing, people);
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
    missing: &[QuotaCount],
    people: u64,
) -> String {
    let mut text = format!(
        "# Fills the gaps of the dataset {dataset}: {} of the 100 cells of tone, sex and age lack\n\
         # samples. Generate exactly {people} samples with it, then audit both datasets together:\n\
         #   bottega generate THIS --out {dataset}-fill --count {people}\n\
         #   bottega audit {dataset} {dataset}-fill\n\
         schema_version = 1\n\
         dataset = \"{dataset}-fill\"\n\
         # A seed of its own, so that nobody is made twice.\n\
         seed = {}\n\
         frames_per_identity = 1\n\
         framing = {{ law = \"choice\", shares = {{ face = 0.3333333333, upper_body = 0.3333333333, \
         full_body = 0.3333333334 }} }}\n\
         resolution_px = [384, 512]\n\
         quality = \"draft\"\n\
         profile = \"balanced\"\n\n\
         [presets]\n\
         draft = {{ spp = 16, max_bounces = 8, label_rays = 64, denoiser = \"built-in\" }}\n\
         standard = {{ spp = 32, max_bounces = 12, label_rays = 64, denoiser = \"built-in\" }}\n\
         reference = {{ spp = 2048, max_bounces = 24, label_rays = 256 }}\n\n",
        missing.len(),
        1 + (labels.rows as u64) % 1_000_003,
    );
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
