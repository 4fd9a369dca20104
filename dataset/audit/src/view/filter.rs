//! What a reader asks for: filters on labels, and which samples pass them.
//!
//! Filters on different columns must all pass; the words of one filter are alternatives.
//! [`verdicts`] remembers which single filter a sample failed, so that the counts beside a filter
//! can be those of a dataset without that filter.

use rayon::prelude::*;
use serde::Deserialize;

use bottega_format::NO_WORD;

use super::index::Index;
use super::values::{Sets, Texts, Values};
use crate::error::AuditError;

/// Filters at once.
const FILTERS_MAX: usize = 64;

/// Name of the filter that looks for a text in every name of a sample.
pub(super) const SEARCH: &str = "search";

/// One condition on the labels of a sample.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Name of a column, or [`SEARCH`].
    pub(super) column: String,
    /// Words, any of which passes.
    #[serde(default)]
    pub(super) any: Vec<String>,
    /// Smallest number that passes.
    pub(super) from: Option<f64>,
    /// Largest number that passes.
    pub(super) to: Option<f64>,
    /// Text that the name must hold, in upper or lower case.
    pub(super) text: Option<String>,
    /// Whether samples that do not know the value pass too.
    #[serde(default)]
    pub(super) unknown: bool,
}

/// Samples a thread judges at a time.
const CHUNK: usize = 4096;

/// Passes every filter.
pub(super) const PASSED: u8 = 0;
/// Fails more than one filter; one more than the number of a filter is failing that one alone.
const FAILED_MORE: u8 = u8::MAX;

enum Test<'a> {
    Words(&'a [u32], Vec<bool>),
    Sets(&'a Sets, Vec<bool>),
    Short(&'a [f32], f64, f64),
    Long(&'a [f64], f64, f64),
    Texts(Vec<&'a Texts>, String),
}

struct Compiled<'a> {
    test: Test<'a>,
    unknown: bool,
}

/// Which filters each sample fails: none, one of them by number, or several.
pub(super) fn verdicts(index: &Index, filters: &[Filter]) -> Result<Vec<u8>, AuditError> {
    if filters.len() > FILTERS_MAX {
        let reason = format!("{} filters, {FILTERS_MAX} are the most", filters.len());
        return Err(AuditError::query(reason));
    }
    let compiled: Vec<Compiled<'_>> = filters
        .iter()
        .map(|filter| filter.compile(index))
        .collect::<Result<_, _>>()?;
    let mut verdicts = vec![PASSED; index.rows];
    (verdicts.par_chunks_mut(CHUNK).enumerate()).for_each(|(chunk, verdicts)| {
        let first = chunk * CHUNK;
        for (number, filter) in (1..).zip(&compiled) {
            filter.judge(first, verdicts, number);
        }
    });
    Ok(verdicts)
}

/// Whether a sample counts beside filter `number`, which is none of its own.
pub(super) fn counts_beside(verdict: u8, filter_idx: Option<usize>) -> bool {
    verdict == PASSED || filter_idx.is_some_and(|idx| usize::from(verdict) == idx + 1)
}

impl Filter {
    fn compile<'a>(&self, index: &'a Index) -> Result<Compiled<'a>, AuditError> {
        let unknown = self.unknown;
        if self.column == SEARCH {
            let text = self.text.as_deref().unwrap_or_default();
            let names = index.columns().filter_map(|(_, values)| match values {
                Values::Texts(texts) => Some(texts),
                _ => None,
            });
            let test = Test::Texts(names.collect(), text.to_lowercase());
            return Ok(Compiled { test, unknown });
        }
        let (_, values) = index.column(&self.column).ok_or_else(|| {
            let column = &self.column;
            AuditError::query(format!("no column {column:?} to filter by"))
        })?;
        let wanted = |what: &str| {
            let column = &self.column;
            AuditError::query(format!("the filter on {column:?} wants {what}"))
        };
        let bounds = || {
            let (from, to) = (
                self.from.unwrap_or(f64::NEG_INFINITY),
                self.to.unwrap_or(f64::INFINITY),
            );
            let is_open = self.from.is_none() && self.to.is_none() && !self.unknown;
            if !self.any.is_empty() || self.text.is_some() || is_open {
                return Err(wanted("`from`, `to` or `unknown`"));
            }
            // Without bounds only the unknown are asked for.
            let is_bounded = self.from.is_some() || self.to.is_some();
            Ok(if is_bounded { (from, to) } else { (1.0, 0.0) })
        };
        let keep = |known: &[String]| {
            let has_other = self.from.is_some() || self.to.is_some() || self.text.is_some();
            if has_other || (self.any.is_empty() && !self.unknown) {
                return Err(wanted("`any` or `unknown`"));
            }
            Ok(known.iter().map(|word| self.any.contains(word)).collect())
        };
        let test = match values {
            Values::Words(words) => Test::Words(&words.codes, keep(&words.words)?),
            Values::Sets(sets) => Test::Sets(sets, keep(&sets.words.words)?),
            Values::Short(numbers) => {
                let (from, to) = bounds()?;
                Test::Short(numbers, from, to)
            }
            Values::Long(numbers) => {
                let (from, to) = bounds()?;
                Test::Long(numbers, from, to)
            }
            Values::Texts(texts) => match &self.text {
                Some(text) => Test::Texts(vec![texts], text.to_lowercase()),
                None => return Err(wanted("`text`")),
            },
        };
        Ok(Compiled { test, unknown })
    }
}

impl Compiled<'_> {
    /// Marks the samples from `first` on that fail.
    fn judge(&self, first: usize, verdicts: &mut [u8], number: u8) {
        let rows = first..first + verdicts.len();
        let unknown = self.unknown;
        match &self.test {
            Test::Words(codes, keep) => mark(verdicts, number, &codes[rows], |code| match code {
                NO_WORD => unknown,
                code => keep[code as usize],
            }),
            Test::Sets(sets, keep) => {
                for (row, verdict) in rows.zip(verdicts) {
                    let passes = sets.codes(row).map_or(unknown, |codes| {
                        codes.iter().any(|code| keep[*code as usize])
                    });
                    note(verdict, number, passes);
                }
            }
            Test::Short(numbers, from, to) => mark(verdicts, number, &numbers[rows], |v| {
                let number = f64::from(v);
                (*from..=*to).contains(&number) || (unknown && v.is_nan())
            }),
            Test::Long(numbers, from, to) => mark(verdicts, number, &numbers[rows], |v| {
                (*from..=*to).contains(&v) || (unknown && v.is_nan())
            }),
            Test::Texts(columns, text) => {
                for (row, verdict) in rows.zip(verdicts) {
                    let mut names = columns.iter().filter_map(|texts| texts.get(row));
                    let passes = names.any(|name| holds(name, text));
                    note(verdict, number, passes);
                }
            }
        }
    }
}

fn mark<T: Copy>(verdicts: &mut [u8], number: u8, values: &[T], passes: impl Fn(T) -> bool) {
    for (verdict, value) in verdicts.iter_mut().zip(values) {
        note(verdict, number, passes(*value));
    }
}

fn note(verdict: &mut u8, number: u8, passes: bool) {
    if !passes {
        *verdict = if *verdict == PASSED {
            number
        } else {
            FAILED_MORE
        };
    }
}

/// Whether a name holds a text of lower case, whatever its own case.
fn holds(name: &str, text: &str) -> bool {
    if name.is_ascii() && text.is_ascii() {
        let (name, text) = (name.as_bytes(), text.as_bytes());
        return text.is_empty()
            || name
                .windows(text.len())
                .any(|part| part.eq_ignore_ascii_case(text));
    }
    name.to_lowercase().contains(text)
}
