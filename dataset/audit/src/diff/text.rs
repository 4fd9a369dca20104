//! A comparison as people read it.

use std::fmt::{self, Write as _};

use super::attributes::{AttributeDiff, Summary};
use super::{DatasetDiff, FieldDiff, SampleDiff};
use crate::statistics::correction::holm;

/// Effects below this are not listed; the JSON has them all.
const EFFECT_MIN: f64 = 0.05;
/// Chance of any false alarm over all labels together.
const P_MAX: f64 = 0.01;
/// Labels that are listed.
const LISTED_MAX: usize = 40;

impl fmt::Display for DatasetDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "A: {} rows, {}", self.a.rows, self.a.path)?;
        writeln!(f, "B: {} rows, {}", self.b.rows, self.b.path)?;
        for (columns, side) in [(&self.columns_only_a, "A"), (&self.columns_only_b, "B")] {
            if !columns.is_empty() {
                writeln!(f, "columns only in {side}: {}", columns.join(", "))?;
            }
        }
        for FieldDiff { field, a, b } in &self.provenance {
            writeln!(f, "plan: {field} is {a} in A, {b} in B")?;
        }
        if self.is_same {
            return writeln!(
                f,
                "equal: the same samples, labels and stored hashes of planes"
            );
        }
        write_samples(&self.samples, f)?;
        for (labels, side) in [(&self.labels_only_a, "A"), (&self.labels_only_b, "B")] {
            if !labels.is_empty() {
                writeln!(f, "labels known only in {side}: {}", labels.join(", "))?;
            }
        }
        write_attributes(&self.attributes, f)
    }
}

fn write_samples(samples: &SampleDiff, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "samples: {} in both ({} equal), {} only in A, {} only in B",
        samples.common, samples.equal, samples.only_a, samples.only_b
    )?;
    for (name, n) in &samples.differs {
        writeln!(f, "  {name} differs in {n}")?;
    }
    if let Some((id, columns)) = samples.examples.first_key_value() {
        writeln!(f, "  the first is {id}: {}", columns.join(", "))?;
    }
    for (n, side) in [(samples.repeated_a, "A"), (samples.repeated_b, "B")] {
        if n > 0 {
            writeln!(f, "  {n} rows of {side} have the name of another row of it")?;
        }
    }
    if let Some((a, b)) = samples.renamed_examples.first_key_value() {
        writeln!(
            f,
            "  {} of those only in A have their picture in B under another name, such as {a} as {b}",
            samples.renamed
        )?;
        for (name, n) in &samples.renamed_differs {
            writeln!(f, "    {name} differs in {n}")?;
        }
    }
    Ok(())
}

/// Labels that differ by more than chance and more than a trace, the largest effect first.
fn write_attributes(attributes: &[AttributeDiff], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let p: Vec<f64> = attributes.iter().map(|diff| diff.p).collect();
    let corrected = holm(&p);
    let is_told = |(diff, p): &(&AttributeDiff, &f64)| diff.effect >= EFFECT_MIN && **p <= P_MAX;
    let told: Vec<&AttributeDiff> = attributes
        .iter()
        .zip(&corrected)
        .filter(is_told)
        .map(|(diff, _)| diff)
        .collect();
    writeln!(
        f,
        "distributions: {} of {} labels known to both differ by an effect of {EFFECT_MIN} or more, \
         and by more than chance (p of at most {P_MAX} after Holm)",
        told.len(),
        attributes.len()
    )?;
    for diff in told.iter().take(LISTED_MAX) {
        writeln!(f, "{}", line(diff))?;
    }
    if let Some(more) = told.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
        writeln!(f, "  and {more} more, which --json lists")?;
    }
    Ok(())
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
