//! What a column looks like among the samples that pass: counts of its words, or a histogram.

use serde::Serialize;

use bottega_format::NO_WORD;
use bottega_schemas::{Column, Kind};

use super::filter::counts_beside;
use super::values::Values;

/// Bars of a histogram.
const BARS: usize = 24;

/// Words of a column that are listed; of more, the most frequent are.
const WORDS_MAX: usize = 200;

/// The values of a column among some samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Facet {
    /// Counts of words, in their order.
    Words {
        /// Each word and how many samples have it.
        words: Vec<(String, u32)>,
        /// Words that are not listed.
        more: usize,
        /// Samples that do not know it.
        unknown: u32,
    },
    /// Counts of numbers in bars of equal width.
    Numbers {
        /// Start of the first bar; null where no sample of the dataset knows the number.
        from: Option<f64>,
        /// End of the last bar.
        to: Option<f64>,
        /// Smallest and largest number of the dataset.
        range: Option<[f64; 2]>,
        /// Samples in each bar.
        bars: Vec<u32>,
        /// Samples that do not know it.
        unknown: u32,
    },
}

impl Facet {
    /// Counts a column over the samples that pass, and those that only its own filter fails.
    pub(super) fn of(
        column: &Column,
        values: &Values,
        verdicts: &[u8],
        own_filter: Option<usize>,
    ) -> Option<Self> {
        let counts = |verdict: u8| counts_beside(verdict, own_filter);
        match values {
            Values::Words(words) => {
                let mut n = vec![0; words.words.len()];
                let mut unknown = 0;
                for (code, verdict) in words.codes.iter().zip(verdicts) {
                    if counts(*verdict) {
                        match *code {
                            NO_WORD => unknown += 1,
                            code => n[code as usize] += 1,
                        }
                    }
                }
                Some(Self::of_words(&words.words, &n, unknown))
            }
            Values::Sets(sets) => {
                let mut n = vec![0; sets.words.words.len()];
                let mut unknown = 0;
                for (row, verdict) in verdicts.iter().enumerate() {
                    if counts(*verdict) {
                        match sets.codes(row) {
                            None => unknown += 1,
                            Some(codes) => codes.iter().for_each(|code| n[*code as usize] += 1),
                        }
                    }
                }
                Some(Self::of_words(&sets.words.words, &n, unknown))
            }
            Values::Short(numbers) => {
                let numbers = numbers.iter().map(|v| f64::from(*v));
                Some(Self::of_numbers(column.kind, numbers, verdicts, counts))
            }
            Values::Long(numbers) => {
                let numbers = numbers.iter().copied();
                Some(Self::of_numbers(column.kind, numbers, verdicts, counts))
            }
            Values::Texts(_) => None,
        }
    }

    fn of_words(words: &[String], n: &[u32], unknown: u32) -> Self {
        let mut order: Vec<usize> = (0..words.len()).collect();
        if words.len() > WORDS_MAX {
            order.sort_by_key(|i| std::cmp::Reverse(n[*i]));
            order.truncate(WORDS_MAX);
        }
        Self::Words {
            more: words.len() - order.len(),
            words: order.iter().map(|i| (words[*i].clone(), n[*i])).collect(),
            unknown,
        }
    }

    fn of_numbers(
        kind: Kind,
        numbers: impl Iterator<Item = f64> + Clone,
        verdicts: &[u8],
        counts: impl Fn(u8) -> bool,
    ) -> Self {
        let mut range = [f64::INFINITY, f64::NEG_INFINITY];
        for number in numbers.clone().filter(|v| v.is_finite()) {
            range = [range[0].min(number), range[1].max(number)];
        }
        let is_known = range[0] <= range[1];
        let span = range[1] - range[0];
        let is_whole = matches!(kind, Kind::I32 | Kind::I64);
        let (from, to, n_bars) = match (is_known, is_whole && span < BARS as f64) {
            (false, _) => (0.0, 1.0, 0),
            // Whole numbers stand in the middle of bars of their own.
            (true, true) => (range[0] - 0.5, range[1] + 0.5, span as usize + 1),
            (true, false) if span == 0.0 => (range[0] - 0.5, range[1] + 0.5, 1),
            (true, false) => (range[0], range[1], BARS),
        };
        let mut bars = vec![0; n_bars];
        let mut unknown = 0;
        let scale = n_bars as f64 / (to - from);
        for (number, verdict) in numbers.zip(verdicts) {
            if counts(*verdict) {
                if number.is_finite() {
                    bars[(((number - from) * scale) as usize).min(n_bars - 1)] += 1;
                } else {
                    unknown += 1;
                }
            }
        }
        Self::Numbers {
            from: is_known.then_some(from),
            to: is_known.then_some(to),
            range: is_known.then_some(range),
            bars,
            unknown,
        }
    }
}
