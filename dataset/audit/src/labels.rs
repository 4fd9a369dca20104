//! The labels of a dataset in memory, column by column: what statistics and audits compute on.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use rayon::prelude::*;

use bottega_format::{LabelColumn, NO_WORD, ShardReader};
use bottega_schemas::audit::DERIVED;
use bottega_schemas::sample::column;
use bottega_schemas::{Column, Kind};

use crate::error::AuditError;
use crate::files::DatasetFiles;
use crate::statistics::skin_color::{ITA_CLASSES, ita_class};

/// Classes of the body-mass index, as in the profile `balanced`.
pub const BMI_CLASSES: [&str; 5] = ["below 18.5", "18.5-25", "25-30", "30-35", "from 35"];

/// Shards whose columns are in memory at once, besides what is kept of them.
pub(crate) const SHARDS_AT_ONCE: usize = 64;

/// Words of a column as codes; [`NO_WORD`] is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Categories {
    /// The words, in the order of the vocabulary, of a scale, or of the alphabet.
    pub words: Vec<String>,
    /// One code for each sample.
    pub codes: Vec<u32>,
}

/// Chosen columns of all samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelTable {
    /// Number of samples.
    pub rows: usize,
    /// Number of shards.
    pub shards: usize,
    words: BTreeMap<String, Categories>,
    numbers: BTreeMap<String, Vec<f64>>,
}

/// The column of a shard that an attribute needs: itself, or what it is derived from.
pub fn source_column(attribute: &str) -> Option<&'static Column> {
    let source = DERIVED.iter().find(|(name, _)| *name == attribute);
    column(source.map_or(attribute, |(_, source)| source))
}

/// Every shard of the given datasets, in their order.
pub(crate) fn shards_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, AuditError> {
    let mut shards = Vec::new();
    for path in paths {
        shards.extend(
            DatasetFiles::find(path)?
                .shards
                .into_iter()
                .map(|shard| shard.path),
        );
    }
    Ok(shards)
}

/// Rows of a shard, and its columns by their names, each with a value for every row.
pub(crate) type ShardColumns = (usize, BTreeMap<&'static str, LabelColumn>);

/// Reads columns of several shards, in their order.
pub(crate) fn read_columns(
    shards: &[PathBuf],
    names: &[&str],
) -> Result<Vec<ShardColumns>, AuditError> {
    let read = |shard: &PathBuf| {
        let reader = ShardReader::open_for_labels(shard)?;
        Ok((reader.rows(), reader.label_columns(names)?))
    };
    shards.par_iter().map(read).collect()
}

/// Words by their codes, which are unique.
fn in_order_of_codes(dictionary: HashMap<String, u32>) -> Vec<String> {
    let mut pairs: Vec<(String, u32)> = dictionary.into_iter().collect();
    pairs.sort_unstable_by_key(|(_, code)| *code);
    pairs.into_iter().map(|(word, _)| word).collect()
}

impl LabelTable {
    /// Reads the named attributes of all shards of the datasets; unknown names are passed over.
    pub fn read(paths: &[PathBuf], attributes: &[&str]) -> Result<Self, AuditError> {
        let mut names: Vec<&str> = attributes
            .iter()
            .filter_map(|name| source_column(name))
            .map(|c| c.name)
            .collect();
        names.sort_unstable();
        names.dedup();
        let shards = shards_of(paths)?;
        let mut table = Self {
            shards: shards.len(),
            ..Self::default()
        };
        let mut dictionaries: BTreeMap<&str, HashMap<String, u32>> = BTreeMap::new();
        for batch in shards.chunks(SHARDS_AT_ONCE) {
            for (rows, part) in read_columns(batch, &names)? {
                table.rows += rows;
                for (name, values) in part {
                    table.append(name, values, dictionaries.entry(name).or_default());
                }
            }
        }
        for (name, dictionary) in dictionaries {
            if let Some(categories) = table.words.get_mut(name) {
                categories.words = in_order_of_codes(dictionary);
                categories.put_in_order(column(name).map_or(&[][..], |c| c.vocabulary));
            }
        }
        Ok(table)
    }

    fn append(&mut self, name: &str, values: LabelColumn, dictionary: &mut HashMap<String, u32>) {
        match values {
            LabelColumn::Numbers(numbers) => {
                self.numbers
                    .entry(name.to_owned())
                    .or_default()
                    .extend(numbers);
            }
            LabelColumn::Words { codes, words } => {
                let global: Vec<u32> = words
                    .into_iter()
                    .map(|word| {
                        let next = dictionary.len() as u32;
                        *dictionary.entry(word).or_insert(next)
                    })
                    .collect();
                let code = |code: u32| global.get(code as usize).copied().unwrap_or(NO_WORD);
                let all = &mut self.words.entry(name.to_owned()).or_default().codes;
                all.extend(codes.into_iter().map(code));
            }
            // Lists are no attributes of one category.
            LabelColumn::WordLists { .. } | LabelColumn::Lengths(_) => {}
        }
    }

    /// A table of columns that are in memory already: for tests and synthetic datasets.
    pub fn of_columns(
        rows: usize,
        words: BTreeMap<String, Vec<Option<String>>>,
        numbers: BTreeMap<String, Vec<f64>>,
    ) -> Self {
        let words = words.into_iter().map(|(name, values)| {
            let mut categories = Categories::default();
            let mut dictionary: BTreeMap<String, u32> = BTreeMap::new();
            for value in values {
                let code = value.map_or(NO_WORD, |word| {
                    let next = dictionary.len() as u32;
                    *dictionary.entry(word).or_insert_with_key(|word| {
                        categories.words.push(word.clone());
                        next
                    })
                });
                categories.codes.push(code);
            }
            categories.put_in_order(column(&name).map_or(&[][..], |c| c.vocabulary));
            (name, categories)
        });
        Self {
            rows,
            shards: 0,
            words: words.collect(),
            numbers,
        }
    }

    /// The numbers of a column; NaN is unknown.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        self.numbers.get(name).map(Vec::as_slice)
    }

    /// The categories of a column: of words, of steps of a scale, of truth values, or derived.
    pub fn categories(&self, name: &str) -> Option<Categories> {
        if let Some(categories) = self.words.get(name) {
            return Some(categories.clone());
        }
        let of = |words: &[&str], code: &dyn Fn(f64) -> usize, source: &str| {
            let numbers = self.numbers.get(source)?;
            let code = |v: &f64| if v.is_nan() { NO_WORD } else { code(*v) as u32 };
            Some(Categories {
                words: words.iter().map(|word| (*word).to_owned()).collect(),
                codes: numbers.iter().map(code).collect(),
            })
        };
        let class = |v: f64| {
            let class = ita_class(v);
            ITA_CLASSES
                .iter()
                .position(|known| *known == class)
                .unwrap_or(0)
        };
        match name {
            "ita_class" => of(&ITA_CLASSES, &class, "skin_ita_deg"),
            "bmi_class" => {
                let bounds = [18.5, 25.0, 30.0, 35.0];
                of(
                    &BMI_CLASSES,
                    &|v| bounds.iter().filter(|b| v >= **b).count(),
                    "bmi",
                )
            }
            name if column(name).is_some_and(|c| c.kind == Kind::Bool) => {
                of(&["false", "true"], &|v| usize::from(v != 0.0), name)
            }
            name if column(name).is_some_and(|c| c.kind == Kind::I8) => {
                let steps: Vec<String> = (1..=10).map(|step| step.to_string()).collect();
                let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
                of(&steps, &|v| (v as usize).clamp(1, 10) - 1, name)
            }
            _ => None,
        }
    }
}

impl Categories {
    /// Words of the vocabulary first, absent ones included; then numbers by size, then words.
    pub(crate) fn put_in_order(&mut self, vocabulary: &[&str]) {
        let mut moved = vec![0; self.words.len()];
        let mut others = Vec::new();
        for (old, word) in self.words.iter().enumerate() {
            match vocabulary.iter().position(|known| known == word) {
                Some(place) => moved[old] = place as u32,
                None => others.push(old),
            }
        }
        let word = |old: &usize| self.words[*old].as_str();
        // Names such as 1e5f and 12ab are no numbers, though some of them read like one.
        let numbers: Option<Vec<i64>> = others.iter().map(|old| word(old).parse().ok()).collect();
        if numbers.is_some() {
            others.sort_by_key(|old| word(old).parse::<i64>().ok());
        } else {
            others.sort_unstable_by(|a, b| word(a).cmp(word(b)));
        }
        let mut order: Vec<String> = vocabulary.iter().map(|word| (*word).to_owned()).collect();
        for old in others {
            moved[old] = order.len() as u32;
            order.push(std::mem::take(&mut self.words[old]));
        }
        for code in &mut self.codes {
            *code = moved.get(*code as usize).copied().unwrap_or(NO_WORD);
        }
        self.words = order;
    }

    /// Number of samples of each category.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.words.len()];
        for &code in &self.codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// Rows of each category.
    pub fn rows_of(&self) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); self.words.len()];
        for (row, &code) in self.codes.iter().enumerate() {
            if let Some(rows) = rows.get_mut(code as usize) {
                rows.push(row);
            }
        }
        rows
    }

    /// Counts of this by another.
    pub fn table_with(&self, other: &Self) -> Vec<Vec<u64>> {
        let mut table = vec![vec![0; other.words.len()]; self.words.len()];
        for (&a, &b) in self.codes.iter().zip(&other.codes) {
            if a != NO_WORD && b != NO_WORD {
                table[a as usize][b as usize] += 1;
            }
        }
        table
    }

    /// The categories where several meet, joined by ` x `; the last runs fastest.
    pub fn product(parts: &[Self]) -> Self {
        let mut out = Self {
            words: vec![String::new()],
            codes: Vec::new(),
        };
        for (i, part) in parts.iter().enumerate() {
            let join = |a: &String, b: &String| {
                if i == 0 {
                    b.clone()
                } else {
                    format!("{a} x {b}")
                }
            };
            let pairs = out
                .words
                .iter()
                .flat_map(|a| part.words.iter().map(move |b| (a, b)));
            let words = pairs.map(|(a, b)| join(a, b)).collect();
            let n = part.words.len() as u32;
            out.codes = if i == 0 {
                part.codes.clone()
            } else {
                let codes = out.codes.iter().zip(&part.codes);
                codes
                    .map(|(&a, &b)| {
                        if a == NO_WORD || b == NO_WORD {
                            NO_WORD
                        } else {
                            a * n + b
                        }
                    })
                    .collect()
            };
            out.words = words;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> LabelTable {
        let words = ["b", "a", "b", ""].map(|w| (!w.is_empty()).then(|| w.to_owned()));
        let framing = ["face", "full_body", "face", "face"].map(|w| Some(w.to_owned()));
        LabelTable::of_columns(
            4,
            BTreeMap::from([
                ("pose_id".to_owned(), words.to_vec()),
                ("framing".to_owned(), framing.to_vec()),
            ]),
            BTreeMap::from([
                ("skin_tone_mst".to_owned(), vec![10.0, 2.0, 2.0, f64::NAN]),
                ("bmi".to_owned(), vec![17.0, 18.5, 40.0, 29.9]),
            ]),
        )
    }

    #[test]
    fn words_stand_in_the_order_of_their_vocabulary() {
        let table = table();
        let framing = table.categories("framing").unwrap();
        assert_eq!(framing.words, ["face", "upper_body", "full_body"]);
        assert_eq!(framing.counts(), [3, 0, 1]);
        assert_eq!(table.categories("pose_id").unwrap().words, ["a", "b"]);
        assert_eq!(table.categories("skin_tone_mst").unwrap().counts()[9], 1);
        assert_eq!(
            table.categories("bmi_class").unwrap().counts(),
            [1, 1, 1, 0, 1]
        );
        assert_eq!(table.categories("absent"), None);
    }

    #[test]
    fn names_that_read_like_numbers_are_sorted_as_names() {
        let names = ["10", "9", "1e5", "nan", "inf", "0x", "1e500", "2"];
        let many = (0..4000).map(|i| Some(format!("{}{i}", names[i % 8])));
        let table = LabelTable::of_columns(
            4000,
            BTreeMap::from([("identity_id".to_owned(), many.collect())]),
            BTreeMap::new(),
        );
        let people = table.categories("identity_id").unwrap();
        assert!(people.words.is_sorted() && people.words.len() == 4000);
        assert_eq!(people.words[people.codes[1] as usize], "91");
    }

    #[test]
    fn a_product_knows_only_samples_that_know_all_its_parts() {
        let table = table();
        let parts = ["pose_id", "framing"].map(|name| table.categories(name).unwrap());
        let product = Categories::product(&parts);
        assert_eq!(product.words.len(), 6);
        assert_eq!(product.words[5], "b x full_body");
        assert_eq!(product.counts().iter().sum::<u64>(), 3);
        assert_eq!(parts[0].table_with(&parts[1]), [[0, 0, 1], [2, 0, 0]]);
    }
}
