//! A comparison as people read it.

use std::fmt::{self, Write as _};

use super::attributes::{AttributeDiff, Summary};
use super::{DatasetDiff, FieldDiff};

/// Effects below this are not listed; the JSON has them all.
const EFFECT_MIN: f64 = 0.05;

impl fmt::Display for DatasetDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "A: {} rows, {}", self.a.rows, self.a.path)?;
        writeln!(f, "B: {} rows, {}", self.b.rows, self.b.path)?;
        if self.is_same {
            return writeln!(f, "the same samples, labels and pixels");
        }
        for (columns, side) in [(&self.columns_only_a, "A"), (&self.columns_only_b, "B")] {
            if !columns.is_empty() {
                writeln!(f, "columns only in {side}: {}", columns.join(", "))?;
            }
        }
        for FieldDiff { field, a, b } in &self.provenance {
            writeln!(f, "plan: {field} is {a} in A, {b} in B")?;
        }
        let samples = &self.samples;
        writeln!(
            f,
            "samples: {} in both ({} the same), {} only in A, {} only in B",
            samples.common, samples.equal, samples.only_a, samples.only_b
        )?;
        for (name, n) in &samples.differs {
            writeln!(f, "  {name} differs in {n}")?;
        }
        let large = || {
            self.attributes
                .iter()
                .filter(|diff| diff.effect >= EFFECT_MIN)
        };
        writeln!(
            f,
            "labels: {} of {} known to both differ by an effect of {EFFECT_MIN} or more",
            large().count(),
            self.attributes.len()
        )?;
        for diff in large() {
            writeln!(f, "{}", line(diff))?;
        }
        Ok(())
    }
}

fn line(diff: &AttributeDiff) -> String {
    let AttributeDiff {
        name,
        effect,
        p,
        test,
        ..
    } = diff;
    let mut text = format!("  {name:<24} effect {effect:.3}  p {p:.1e}  {test}");
    match (&diff.a, &diff.b) {
        (
            Summary::Numbers {
                mean: mean_a,
                deviation: a,
                ..
            },
            Summary::Numbers {
                mean: mean_b,
                deviation: b,
                ..
            },
        ) => {
            let _ = write!(text, "  {mean_a:.4} +- {a:.3} | {mean_b:.4} +- {b:.3}");
        }
        (Summary::Words(a), Summary::Words(b)) => {
            // The word whose share differs most says more than all of them.
            let share = |side: &std::collections::BTreeMap<String, u64>, word: &str, n: u64| {
                side.get(word).copied().unwrap_or(0) as f64 / n.max(1) as f64
            };
            let shares = |word: &str| [share(a, word, diff.known_a), share(b, word, diff.known_b)];
            let gap = |word: &str| (shares(word)[0] - shares(word)[1]).abs();
            let words = a.keys().chain(b.keys());
            if let Some(word) = words.max_by(|x, y| gap(x).total_cmp(&gap(y))) {
                let [in_a, in_b] = shares(word).map(|share| 100.0 * share);
                let _ = write!(text, "  {word}: {in_a:.1} % | {in_b:.1} %");
            }
        }
        _ => {}
    }
    text
}
