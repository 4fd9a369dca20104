//! What hangs together with who people are: a dataset of drawn people should show nothing.

use rayon::prelude::*;

use bottega_format::NO_WORD;
use bottega_schemas::Seed;
use bottega_schemas::audit::{AssociationEntry, AuditConfig, CheckEntry, Number, Status};

use super::representation::capital;
use super::verdict::{
    Better, check, detectable_noncentrality, judge, judge_seen, p_words, say, says, strength_of_v,
    strength_of_variance,
};
use crate::labels::{Categories, LabelTable};
use crate::statistics::contingency::{Association, without_empty};
use crate::statistics::groups::{anova, kruskal};
use crate::statistics::{bootstrap, correction, median};

/// Samples above which chi-square is trusted with thin cells, since drawing again takes too long.
const PERMUTED_ROWS_MAX: u64 = 20_000;

/// The pairs that are compared, and whether they may be judged as circumstances.
fn pairs_of(config: &AuditConfig) -> Vec<(&str, &str, &'static str)> {
    let mut pairs = Vec::new();
    for a in &config.sensitive {
        for b in config.nuisance.iter().chain(&config.appearance) {
            pairs.push((a.as_str(), b.as_str(), "IND-1"));
        }
    }
    for (i, a) in config.sensitive.iter().enumerate() {
        for b in &config.sensitive[i + 1..] {
            pairs.push((a.as_str(), b.as_str(), "IND-3"));
        }
    }
    pairs
}

/// Every sensitive attribute against every circumstance, look and other attribute: IND-1 to IND-3.
pub(super) fn pairs(
    labels: &LabelTable,
    config: &AuditConfig,
    checks: &mut Vec<CheckEntry>,
) -> Vec<AssociationEntry> {
    let seed = Seed(config.sampling.seed).child("audit/permutation");
    let found: Vec<(AssociationEntry, &str)> = pairs_of(config)
        .into_par_iter()
        .filter_map(|(a, b, id)| {
            let groups = labels.categories(a)?;
            let key = seed.child(a).child(b);
            let entry = match labels.categories(b) {
                Some(other) => of_categories(&groups, &other, config, key)?,
                None => of_numbers(&groups, labels.numbers(b)?, config)?,
            };
            let id = if entry.kind == "numbers" { "IND-2" } else { id };
            let names = (a.to_owned(), b.to_owned());
            let declared = config.is_dependent(a, b);
            Some((
                AssociationEntry {
                    a: names.0,
                    b: names.1,
                    declared,
                    ..entry
                },
                id,
            ))
        })
        .collect();
    let (mut entries, ids): (Vec<AssociationEntry>, Vec<&str>) = found.into_iter().unzip();
    // What is declared asks no question, so it takes no part in the correction.
    let asked: Vec<usize> = (0..entries.len())
        .filter(|&at| !entries[at].declared)
        .collect();
    let p: Vec<f64> = asked.iter().map(|&at| entries[at].p.0).collect();
    let (bh, holm) = (correction::benjamini_hochberg(&p), correction::holm(&p));
    for (i, &at) in asked.iter().enumerate() {
        entries[at].p_bh = Number(bh[i]);
        entries[at].p_holm = Number(holm[i]);
    }
    for &at in &asked {
        checks.push(judge_pair(&entries[at], ids[at], config, at));
    }
    entries
}

fn empty_entry(kind: &str, n: u64) -> AssociationEntry {
    AssociationEntry {
        a: String::new(),
        b: String::new(),
        kind: kind.to_owned(),
        n,
        declared: false,
        statistic: Number(f64::NAN),
        df: Number(f64::NAN),
        p: Number(1.0),
        p_method: String::new(),
        p_bh: Number(f64::NAN),
        p_holm: Number(f64::NAN),
        effect: Number(0.0),
        detectable: Number(f64::NAN),
        raw_effect: Number(0.0),
        mutual_information: Number(f64::NAN),
        residuals: Vec::new(),
        medians: Vec::new(),
    }
}

fn of_categories(
    groups: &Categories,
    other: &Categories,
    config: &AuditConfig,
    seed: Seed,
) -> Option<AssociationEntry> {
    let (table, rows, columns) = without_empty(&groups.table_with(other));
    let found = Association::of(&table)?;
    let n = found.n as u64;
    let cells = table.len() * table[0].len();
    // Cochran's rule: chi-square bears a fifth of its cells below 5, and none below 1.
    let is_thin = 5 * found.cells_below_5 > cells || found.min_expected < 1.0;
    let (p, method) = if is_thin && n <= PERMUTED_ROWS_MAX {
        let replicates = config.sampling.permutations;
        (
            permutation_p(groups, other, &found, &rows, &columns, replicates, seed),
            "permutation",
        )
    } else {
        (found.chi2_p, "chi2")
    };
    let smaller = (table.len().min(table[0].len()) - 1) as f64;
    let lambda = detectable_noncentrality(found.df, config.sampling.alpha);
    let mut residuals = Vec::new();
    for (i, row) in found.residuals.iter().enumerate() {
        for (j, residual) in row.iter().enumerate().filter(|(_, r)| r.abs() > 3.0) {
            let names = (
                groups.words[rows[i]].clone(),
                other.words[columns[j]].clone(),
            );
            residuals.push((names.0, names.1, Number(*residual)));
        }
    }
    residuals.sort_by(|x, y| y.2.0.abs().total_cmp(&x.2.0.abs()));
    Some(AssociationEntry {
        statistic: Number(found.chi2),
        df: Number(found.df),
        p: Number(p),
        p_method: method.to_owned(),
        effect: Number(found.cramers_v_corrected),
        detectable: Number((lambda / found.n / smaller).sqrt()),
        raw_effect: Number(found.cramers_v),
        mutual_information: Number(found.mutual_information_corrected),
        residuals,
        ..empty_entry("categories", n)
    })
}

/// Share of the shufflings of one column that make chi-square as large.
fn permutation_p(
    groups: &Categories,
    other: &Categories,
    found: &Association,
    rows: &[usize],
    columns: &[usize],
    replicates: u32,
    seed: Seed,
) -> f64 {
    let place = |kept: &[usize], n: usize| {
        let mut place = vec![0_u32; n];
        kept.iter().zip(0..).for_each(|(&at, new)| place[at] = new);
        place
    };
    let (row_of, column_of) = (
        place(rows, groups.words.len()),
        place(columns, other.words.len()),
    );
    let known = |(a, b): &(&u32, &u32)| **a != NO_WORD && **b != NO_WORD;
    let pairs = || groups.codes.iter().zip(&other.codes).filter(known);
    let a: Vec<u32> = pairs().map(|(a, _)| row_of[*a as usize]).collect();
    let mut b: Vec<u32> = pairs().map(|(_, b)| column_of[*b as usize]).collect();
    let width = columns.len();
    let expected: Vec<f64> = found.expected.concat();
    let mut as_large = 0;
    for replicate in 0..replicates {
        let key = seed.index(u64::from(replicate)).0;
        for i in (1..b.len()).rev() {
            let j = (bootstrap::uniform(key, i as u64) * (i + 1) as f64) as usize;
            b.swap(i, j.min(i));
        }
        let mut counts = vec![0.0; expected.len()];
        for (&i, &j) in a.iter().zip(&b) {
            counts[i as usize * width + j as usize] += 1.0;
        }
        let chi2: f64 = counts
            .iter()
            .zip(&expected)
            .map(|(o, e): (&f64, &f64)| (o - e) * (o - e) / e)
            .sum();
        as_large += u32::from(chi2 >= found.chi2 * (1.0 - 1e-12));
    }
    f64::from(as_large + 1) / f64::from(replicates + 1)
}

fn of_numbers(
    groups: &Categories,
    numbers: &[f64],
    config: &AuditConfig,
) -> Option<AssociationEntry> {
    let mut values = vec![Vec::new(); groups.words.len()];
    for (&code, &number) in groups.codes.iter().zip(numbers) {
        if code != NO_WORD && !number.is_nan() {
            values[code as usize].push(number);
        }
    }
    let views: Vec<&[f64]> = values
        .iter()
        .map(Vec::as_slice)
        .filter(|v| !v.is_empty())
        .collect();
    let n: usize = views.iter().map(|v| v.len()).sum();
    if views.len() < 2 || n <= views.len() {
        return None;
    }
    let all_equal = views.iter().all(|v| v.iter().all(|x| *x == views[0][0]));
    if all_equal {
        return None;
    }
    let (ranked, variance) = (kruskal(&views), anova(&views));
    let df = views.len() as f64 - 1.0;
    let lambda = detectable_noncentrality(df, config.sampling.alpha);
    let medians = groups
        .words
        .iter()
        .zip(&values)
        .filter(|(_, v)| !v.is_empty());
    Some(AssociationEntry {
        statistic: Number(ranked.h.value),
        df: Number(df),
        p: Number(ranked.h.p),
        p_method: "kruskal".to_owned(),
        effect: Number(ranked.epsilon_squared.max(0.0)),
        detectable: Number(lambda / (n - views.len()) as f64),
        raw_effect: Number(variance.eta_squared),
        medians: medians
            .map(|(word, v)| (word.clone(), Number(median(v))))
            .collect(),
        ..empty_entry("numbers", n as u64)
    })
}

fn judge_pair(entry: &AssociationEntry, id: &str, config: &AuditConfig, at: usize) -> CheckEntry {
    let is_categories = entry.kind == "categories";
    let thresholds = &config.thresholds;
    let limits = if is_categories {
        thresholds.cramers_v
    } else {
        thresholds.epsilon_squared
    };
    let is_seen = entry.p_bh.0 < config.sampling.alpha;
    let status = match judge_seen(judge(entry.effect.0, limits, Better::Lower), is_seen) {
        // "None found" needs enough samples to have found one.
        Status::Pass if !is_seen && entry.n < config.support.association_rows => {
            Status::Insufficient
        }
        status => status,
    };
    let (a, b) = (capital(&say(&entry.a)), say(&entry.b));
    let (measure, strength) = if is_categories {
        (
            format!("V = {:.3}", entry.effect.0),
            strength_of_v(entry.effect.0),
        )
    } else {
        let strength = strength_of_variance(entry.effect.0);
        (format!("epsilon squared = {:.4}", entry.effect.0), strength)
    };
    let p = format!("{} after correction", p_words(entry.p_bh.0));
    let detectable = format!(
        "with {} samples one of {:.3} would be seen four times in five",
        entry.n, entry.detectable.0
    );
    let mut message = if is_seen {
        format!("{a} and {b} hang together: {strength}, {measure}, {p}")
    } else {
        format!(
            "No association of {} with {b} was seen ({measure}, {p}); {detectable}",
            a.to_lowercase()
        )
    };
    if let (true, Some((group, other, residual))) = (is_seen, entry.residuals.first()) {
        let more = if residual.0 > 0.0 { "more" } else { "less" };
        message += &format!("; most of all, {group} goes {more} often with {other}");
    }
    message.push('.');
    let subject = format!("{} and {}", entry.a, entry.b);
    let mut found = check(id, &subject, status, entry.effect.0, limits);
    found.p = Some(entry.p_bh);
    says(found, format!("/association/{at}"), message)
}
