//! The values of one column of labels in memory, compact: what filters, facets and orders walk.

use std::cmp::Ordering;

use bottega_format::{LabelColumn, NO_WORD};
use bottega_schemas::{Column, Kind};

use crate::labels::Categories;

/// What a reader can do with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A few words: checked and counted.
    Category,
    /// Numbers: bounded and drawn as a histogram.
    Number,
    /// Names: searched.
    Text,
    /// Lists of numbers and matrices: shown with a sample only.
    None,
}

/// What a column is used as.
pub(super) fn use_of(column: &Column) -> Use {
    match column.kind {
        Kind::Category | Kind::Bool | Kind::I8 | Kind::TextList => Use::Category,
        Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64 => Use::Number,
        Kind::Text => Use::Text,
        Kind::F32List | Kind::I8List | Kind::Matrix4 => Use::None,
    }
}

/// The values of one column, one a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    /// Words as codes; [`NO_WORD`] is unknown.
    Words(Categories),
    /// Several words a row.
    Sets(Sets),
    /// Numbers that 24 bits hold; NaN is unknown.
    Short(Vec<f32>),
    /// Numbers; NaN is unknown.
    Long(Vec<f64>),
    /// Names.
    Texts(Texts),
}

/// Several words a row, as codes one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sets {
    /// The words and, in their codes, those of all rows.
    pub(super) words: Categories,
    /// Where the codes of each row end.
    ends: Vec<u32>,
    /// Whether each row is known.
    known: Vec<bool>,
}

impl Sets {
    /// The codes of a row; `None` is unknown, which is not the same as none.
    pub(super) fn codes(&self, row: usize) -> Option<&[u32]> {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        let codes = &self.words.codes[start as usize..self.ends[row] as usize];
        self.known[row].then_some(codes)
    }
}

/// Names in one block of memory: hundreds of thousands of small strings would scatter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Texts {
    bytes: String,
    /// Where each name ends, and whether it is known.
    ends: Vec<(u32, bool)>,
}

impl Texts {
    fn push(&mut self, text: Option<&str>) {
        self.bytes.push_str(text.unwrap_or_default());
        self.ends.push((self.bytes.len() as u32, text.is_some()));
    }

    /// The name of a row; `None` is unknown.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        let (end, is_known) = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before].0);
        is_known.then(|| &self.bytes[start as usize..end as usize])
    }

    /// The first row of a name.
    pub(super) fn row_of(&self, name: &str) -> Option<usize> {
        (0..self.ends.len()).find(|&row| self.get(row) == Some(name))
    }
}

impl Values {
    /// The values of a column, shard by shard: what each has of it, or how many rows lack it.
    pub(super) fn gather(column: &Column, parts: &[Result<&LabelColumn, usize>]) -> Option<Self> {
        match column.kind {
            Kind::Category => Some(Self::Words(gather_words(column, parts))),
            Kind::Bool | Kind::I8 => {
                let numbers = gather_numbers(parts, |v| v);
                Some(Self::Words(steps(column.kind, &numbers)))
            }
            Kind::F32 => Some(Self::Short(gather_numbers(parts, |v| v as f32))),
            Kind::I32 | Kind::I64 | Kind::F64 => Some(Self::Long(gather_numbers(parts, |v| v))),
            Kind::TextList => Some(Self::Sets(gather_sets(parts))),
            Kind::Text => Some(Self::Texts(gather_texts(parts))),
            Kind::F32List | Kind::I8List | Kind::Matrix4 => None,
        }
    }

    /// Whether a row knows its value.
    pub(super) fn is_known(&self, row: usize) -> bool {
        match self {
            Self::Words(words) => words.codes[row] != NO_WORD,
            Self::Sets(sets) => sets.codes(row).is_some(),
            Self::Short(numbers) => !numbers[row].is_nan(),
            Self::Long(numbers) => !numbers[row].is_nan(),
            Self::Texts(texts) => texts.get(row).is_some(),
        }
    }

    /// Order of two rows by this column; lists by their length.
    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Words(words) => words.codes[a].cmp(&words.codes[b]),
            Self::Sets(sets) => {
                let length = |row| sets.codes(row).map_or(0, <[u32]>::len);
                length(a).cmp(&length(b))
            }
            Self::Short(numbers) => numbers[a].total_cmp(&numbers[b]),
            Self::Long(numbers) => numbers[a].total_cmp(&numbers[b]),
            Self::Texts(texts) => texts.get(a).cmp(&texts.get(b)),
        }
    }

    /// The value of a row for the caption of a picture.
    pub(super) fn show(&self, row: usize) -> serde_json::Value {
        match self {
            Self::Words(words) => words.words.get(words.codes[row] as usize).cloned().into(),
            Self::Sets(sets) => {
                let word = |code: &u32| sets.words.words[*code as usize].as_str();
                sets.codes(row)
                    .map(|codes| codes.iter().map(word).collect::<Vec<_>>().join(", "))
                    .into()
            }
            Self::Short(numbers) => numbers[row].into(),
            Self::Long(numbers) => numbers[row].into(),
            Self::Texts(texts) => texts.get(row).into(),
        }
    }
}

fn gather_numbers<T: From<f32>>(
    parts: &[Result<&LabelColumn, usize>],
    number: impl Fn(f64) -> T,
) -> Vec<T> {
    let mut all = Vec::with_capacity(parts.iter().map(rows_of).sum());
    for part in parts {
        let before = all.len();
        if let Ok(LabelColumn::Numbers(numbers)) = part {
            all.extend(numbers.iter().map(|v| number(*v)));
        }
        all.resize_with(before + rows_of(part), || T::from(f32::NAN));
    }
    all
}

fn rows_of(part: &Result<&LabelColumn, usize>) -> usize {
    part.map_or_else(|rows| rows, LabelColumn::len)
}

/// Small numbers as the words of a scale.
fn steps(kind: Kind, numbers: &[f64]) -> Categories {
    let words: Vec<String> = match kind {
        Kind::Bool => ["false", "true"].map(str::to_owned).to_vec(),
        _ => {
            let known = numbers.iter().filter(|v| v.is_finite());
            let largest = known.fold(0.0, |a: f64, b| a.max(*b)).min(127.0);
            (0..=largest as u32).map(|step| step.to_string()).collect()
        }
    };
    let code = |v: &f64| {
        if v.is_finite() && *v >= 0.0 && (*v as usize) < words.len() {
            *v as u32
        } else {
            NO_WORD
        }
    };
    let codes = numbers.iter().map(code).collect();
    let mut steps = Categories { words, codes };
    if kind == Kind::I8 && !steps.codes.contains(&0) && !steps.words.is_empty() {
        // Scales start at one.
        steps.words.remove(0);
        for code in steps.codes.iter_mut().filter(|code| **code != NO_WORD) {
            *code -= 1;
        }
    }
    steps
}

fn gather_words(column: &Column, parts: &[Result<&LabelColumn, usize>]) -> Categories {
    let mut all = Categories::default();
    let mut dictionary = std::collections::HashMap::new();
    for part in parts {
        let before = all.codes.len();
        if let Ok(LabelColumn::Words { codes, words }) = part {
            let global: Vec<u32> = words
                .iter()
                .map(|word| intern(&mut dictionary, &mut all.words, word))
                .collect();
            let code = |code: &u32| global.get(*code as usize).copied().unwrap_or(NO_WORD);
            all.codes.extend(codes.iter().map(code));
        }
        all.codes.resize(before + rows_of(part), NO_WORD);
    }
    all.put_in_order(column.vocabulary);
    all
}

fn intern(
    dictionary: &mut std::collections::HashMap<String, u32>,
    words: &mut Vec<String>,
    word: &str,
) -> u32 {
    if let Some(code) = dictionary.get(word) {
        return *code;
    }
    let code = words.len() as u32;
    words.push(word.to_owned());
    dictionary.insert(word.to_owned(), code);
    code
}

fn gather_sets(parts: &[Result<&LabelColumn, usize>]) -> Sets {
    let mut sets = Sets::default();
    let mut dictionary = std::collections::HashMap::new();
    for part in parts {
        let before = sets.ends.len();
        if let Ok(LabelColumn::WordLists { lists, words }) = part {
            let global: Vec<u32> = words
                .iter()
                .map(|word| intern(&mut dictionary, &mut sets.words.words, word))
                .collect();
            for list in lists {
                let codes = list.iter().flatten();
                let known = codes.filter_map(|code| global.get(*code as usize));
                sets.words.codes.extend(known);
                sets.ends.push(sets.words.codes.len() as u32);
                sets.known.push(list.is_some());
            }
        }
        let rows = before + rows_of(part);
        sets.ends.resize(rows, sets.words.codes.len() as u32);
        sets.known.resize(rows, false);
    }
    sets.words.put_in_order(&[]);
    sets
}

fn gather_texts(parts: &[Result<&LabelColumn, usize>]) -> Texts {
    let mut texts = Texts::default();
    for part in parts {
        let rows = texts.ends.len() + rows_of(part);
        if let Ok(LabelColumn::Words { codes, words }) = part {
            for code in codes {
                texts.push(words.get(*code as usize).map(String::as_str));
            }
        }
        while texts.ends.len() < rows {
            texts.push(None);
        }
    }
    texts
}
