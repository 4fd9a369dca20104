//! Whether models err alike on all: groups and intersections of groups, with intervals.

use std::collections::BTreeMap;

use bottega_format::NO_WORD;
use bottega_schemas::Seed;
use bottega_schemas::audit::{
    AuditConfig, CellRef, CheckEntry, Limits, Number, PairEntry, ParityEntry, Status,
};

use super::AuditInput;
use super::image::group_entry;
use super::verdict::{Better, check, judge, p_words, percent, say, says};
use crate::labels::Categories;
use crate::statistics::bootstrap::{Clusters, stratified, uniform};
use crate::statistics::correction;
use crate::statistics::groups::{kruskal, welch_anova};
use crate::statistics::parity::{Gaps, Pair, detectable_difference};

/// Draws of a bootstrap beyond which it takes fewer replicates.
const DRAWS_MAX: usize = 50_000_000;

/// Pairs of groups beyond which only those with the worst group are listed.
const PAIRS_MAX: usize = 50;

/// Model, task, metric, and whether lower is better.
type Series<'a> = (&'a str, &'a str, &'a str, bool);

/// Every metric over every sensitive attribute and intersection: PAR-1 to PAR-3.
pub(super) fn groups(
    input: &AuditInput<'_>,
    config: &AuditConfig,
    checks: &mut Vec<CheckEntry>,
) -> Vec<ParityEntry> {
    let rows = rows_by_sample(input);
    let mut series: BTreeMap<Series<'_>, Vec<(usize, f64)>> = BTreeMap::new();
    let mut unknown = 0_usize;
    for p in input.predictions {
        let key = (
            p.model.as_str(),
            p.task.as_str(),
            p.metric.as_str(),
            p.lower_is_better,
        );
        match rows.get(p.sample_id.as_str()) {
            Some(&row) if p.value.is_finite() => {
                series.entry(key).or_default().push((row, p.value))
            }
            _ => unknown += 1,
        }
    }
    // A sample has one value of a metric; the first that is given counts.
    let mut twice = 0;
    for values in series.values_mut() {
        let n = values.len();
        values.sort_by_key(|(row, _)| *row);
        values.dedup_by_key(|(row, _)| *row);
        twice += n - values.len();
    }
    if unknown + twice > 0 {
        checks.push(judge_predictions(input.predictions.len(), unknown, twice));
    }
    let mut attributes: Vec<Vec<String>> = config
        .sensitive
        .iter()
        .map(|name| vec![name.clone()])
        .collect();
    attributes.extend(
        config
            .intersections
            .iter()
            .filter(|names| names.len() == 2)
            .cloned(),
    );
    let people = input.labels.categories("identity_id");
    let mut entries = Vec::new();
    for (key, values) in &series {
        for names in &attributes {
            let parts: Vec<Categories> = names
                .iter()
                .filter_map(|name| input.labels.categories(name))
                .collect();
            if parts.len() == names.len() {
                let groups = Categories::product(&parts);
                let attribute = names.join(" x ");
                entries.push(entry_of(
                    *key,
                    values,
                    &groups,
                    &attribute,
                    people.as_ref(),
                    config,
                ));
            }
        }
    }
    let p: Vec<f64> = entries.iter().map(|entry| entry.kruskal_p.0).collect();
    for (entry, p) in entries.iter_mut().zip(correction::benjamini_hochberg(&p)) {
        entry.kruskal_p_bh = Number(p);
    }
    for (at, entry) in entries.iter().enumerate() {
        judge_entry(entry, config, at, checks);
    }
    entries
}

/// Predictions that say nothing: PAR-0.
fn judge_predictions(n: usize, unknown: usize, twice: usize) -> CheckEntry {
    let mut message = format!(
        "{unknown} of {n} predictions are of no sample of this dataset or are no finite number; \
         they are left out."
    );
    if twice > 0 {
        message += &format!(
            " {twice} are of a sample that has a value of the same metric already; the first one \
             counts."
        );
    }
    // Any is worth a word, none is a reason to fail.
    let limits = Limits {
        pass: 0.0,
        warn: n as f64,
    };
    let value = (unknown + twice) as f64;
    let found = check("PAR-0", "predictions", Status::Warn, value, limits);
    says(found, String::new(), message)
}

fn rows_by_sample(input: &AuditInput<'_>) -> BTreeMap<String, usize> {
    if input.predictions.is_empty() {
        return BTreeMap::new();
    }
    let Some(names) = input.labels.categories("sample_id") else {
        return BTreeMap::new();
    };
    let rows = names.codes.iter().enumerate();
    rows.filter(|(_, code)| **code != NO_WORD)
        .map(|(row, &code)| (names.words[code as usize].clone(), row))
        .collect()
}

fn entry_of(
    (model, task, metric, lower_is_better): Series<'_>,
    values: &[(usize, f64)],
    groups: &Categories,
    attribute: &str,
    people: Option<&Categories>,
    config: &AuditConfig,
) -> ParityEntry {
    let mut by_group: Vec<Vec<(usize, f64)>> = vec![Vec::new(); groups.words.len()];
    for &(row, value) in values {
        if let Some(group) = by_group.get_mut(groups.codes[row] as usize) {
            group.push((row, value));
        }
    }
    // People by their values; a sample whose person is not known stands for itself.
    let clusters_of = |group: &[(usize, f64)]| {
        let mut sums: BTreeMap<(u32, usize), (f64, f64)> = BTreeMap::new();
        for &(row, value) in group {
            let key = match people.map(|people| people.codes[row]) {
                Some(code) if code != NO_WORD => (code, 0),
                _ => (NO_WORD, row),
            };
            let sum = sums.entry(key).or_default();
            sum.0 += value;
            sum.1 += 1.0;
        }
        Clusters::of(sums.into_values().collect())
    };
    let (mut names, mut lists, mut clusters, mut thin) = (vec![], vec![], vec![], vec![]);
    for (word, group) in groups.words.iter().zip(&by_group) {
        let owners = clusters_of(group);
        let is_enough = group.len() as u64 >= config.support.group_samples
            && owners.len() as u64 >= config.support.group_identities;
        if is_enough {
            names.push(word.clone());
            lists.push(group.iter().map(|(_, v)| *v).collect::<Vec<f64>>());
            clusters.push(owners);
        } else if !group.is_empty() {
            let categories = word.split(" x ").map(str::to_owned).collect();
            thin.push(CellRef {
                categories,
                count: group.len() as u64,
            });
        }
    }
    let mut entry = ParityEntry {
        model: model.to_owned(),
        task: task.to_owned(),
        metric: metric.to_owned(),
        direction: if lower_is_better { "lower" } else { "higher" }.to_owned(),
        attribute: attribute.to_owned(),
        groups: Vec::new(),
        thin,
        overall: Number(f64::NAN),
        gap: Number(f64::NAN),
        gap_interval: [Number(f64::NAN); 2],
        ratio: Number(f64::NAN),
        ratio_interval: [Number(f64::NAN); 2],
        gap_to_overall: Number(f64::NAN),
        variation: Number(f64::NAN),
        worst: String::new(),
        kruskal_p: Number(1.0),
        welch_p: Number(1.0),
        kruskal_p_bh: Number(1.0),
        detectable: Number(f64::NAN),
        pairs: Vec::new(),
    };
    if lists.len() < 2 {
        return entry;
    }
    let views: Vec<&[f64]> = lists.iter().map(Vec::as_slice).collect();
    let gaps = Gaps::of(&views);
    let worst = gaps.worst(lower_is_better);
    let draws: usize = clusters.iter().map(Clusters::len).sum();
    let replicates = (config.sampling.bootstrap as usize).min((DRAWS_MAX / draws).max(200));
    let seed = Seed(config.sampling.seed).child("audit/bootstrap");
    let seed = seed.child(model).child(task).child(metric).child(attribute);
    let keys: Vec<u64> = (0..replicates as u64).map(|b| seed.index(b).0).collect();
    let confidence = config.sampling.confidence;
    let found = stratified(&clusters, replicates, confidence, |b, j| {
        uniform(keys[b], j as u64)
    });
    entry.groups = (0..lists.len())
        .map(|g| {
            let identities = Some(clusters[g].len() as u64);
            let mut group = group_entry(&names[g], &lists[g], identities, confidence);
            group.interval = found.means[g].map(Number);
            group
        })
        .collect();
    entry.overall = Number(gaps.overall);
    entry.gap = Number(gaps.between);
    entry.gap_interval = found.gap.map(Number);
    entry.ratio = Number(gaps.ratio_between);
    entry.ratio_interval = found.ratio.map(Number);
    entry.gap_to_overall = Number(gaps.to_overall);
    entry.variation = Number(gaps.variation);
    entry.worst = names[worst].clone();
    entry.kruskal_p = Number(kruskal(&views).h.p);
    entry.welch_p = Number(welch_anova(&views).p);
    let mut sizes: Vec<usize> = lists.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    let deviation = crate::statistics::variance(&lists.concat()).sqrt();
    entry.detectable = Number(detectable_difference(deviation, sizes[0], sizes[1]));
    entry.pairs = pairs_of(&names, &views, worst, confidence);
    entry
}

fn pairs_of(names: &[String], views: &[&[f64]], worst: usize, confidence: f64) -> Vec<PairEntry> {
    let all = views.len() * (views.len() - 1) / 2;
    let mut pairs = Vec::new();
    for a in 0..views.len() {
        for b in a + 1..views.len() {
            if all <= PAIRS_MAX || a == worst || b == worst {
                pairs.push((a, b, Pair::of(views[a], views[b], confidence)));
            }
        }
    }
    let p: Vec<f64> = pairs.iter().map(|(_, _, pair)| pair.p).collect();
    let holm = correction::holm(&p);
    let entry = |((a, b, pair), p_holm): (&(usize, usize, Pair), f64)| PairEntry {
        a: names[*a].clone(),
        b: names[*b].clone(),
        difference: Number(pair.mean_difference),
        interval: pair.interval.map(Number),
        p: Number(pair.p),
        p_holm: Number(p_holm),
        mann_whitney_p: Number(pair.u_p),
        cliffs_delta: Number(pair.cliffs_delta),
        hedges_g: Number(pair.hedges_g),
    };
    pairs.iter().zip(holm).map(entry).collect()
}

fn judge_entry(entry: &ParityEntry, config: &AuditConfig, at: usize, checks: &mut Vec<CheckEntry>) {
    let limits = &config.thresholds;
    let subject = format!(
        "{} {} {} by {}",
        entry.model, entry.task, entry.metric, entry.attribute
    );
    let evidence = format!("/parity/{at}");
    let attribute: Vec<String> = entry.attribute.split(" x ").map(say).collect();
    let attribute = attribute.join(" and ");
    if entry.groups.len() < 2 {
        let found = check(
            "PAR-3",
            &subject,
            Status::Insufficient,
            f64::NAN,
            limits.parity_ratio,
        );
        let message = format!(
            "Fewer than two groups of {attribute} have {} samples of {} people, so nothing is said \
             of {} {}.",
            config.support.group_samples,
            config.support.group_identities,
            entry.model,
            entry.metric
        );
        checks.push(says(found, evidence, message));
        return;
    }
    let worst = entry.groups.iter().find(|g| g.group == entry.worst);
    let worst_mean = worst.map_or(f64::NAN, |g| g.mean.0);
    // Which pair is apart decides whether chance may explain the ratio.
    let is_seen = entry
        .pairs
        .iter()
        .any(|pair| pair.p_holm.0 < config.sampling.alpha);
    let mut status = judge(entry.ratio.0, limits.parity_ratio, Better::Higher);
    if status == Status::Fail && !is_seen {
        status = Status::Warn;
    }
    let mut ratio = check(
        "PAR-1",
        &subject,
        status,
        entry.ratio.0,
        limits.parity_ratio,
    );
    ratio.interval = Some(entry.ratio_interval);
    ratio.p = Some(entry.kruskal_p_bh);
    let thin = match entry.thin.len() {
        0 => String::new(),
        n => format!("; {n} groups have too few samples to be judged"),
    };
    let (one, other) = match entry.direction.as_str() {
        "lower" => ("best", "worst"),
        _ => ("worst", "best"),
    };
    let message = format!(
        "{} of {} is worst for {attribute} {}: {:.4} against {:.4} for all; the {one} group has {} \
         of the {other} one's ({}){thin}.",
        entry.metric,
        entry.model,
        entry.worst,
        worst_mean,
        entry.overall.0,
        percent(entry.ratio.0),
        p_words(entry.kruskal_p_bh.0)
    );
    checks.push(says(ratio, evidence.clone(), message));

    let relative = entry.gap.0 / entry.overall.0.abs();
    let mut status = judge(relative, limits.parity_gap, Better::Lower);
    // A gap is never negative, so its interval never holds 0; the gap is seen where groups differ.
    if status == Status::Fail && entry.kruskal_p_bh.0 >= config.sampling.alpha {
        status = Status::Warn;
    }
    let mut gap = check("PAR-2", &subject, status, relative, limits.parity_gap);
    gap.interval = Some(
        entry
            .gap_interval
            .map(|end| Number(end.0 / entry.overall.0.abs())),
    );
    gap.p = Some(entry.kruskal_p_bh);
    let message = format!(
        "Between the best and the worst {attribute}, {} of {} differs by {:.4}, {} of the mean \
         ({:.4} to {:.4}); a difference of {:.4} would be seen four times in five.",
        entry.metric,
        entry.model,
        entry.gap.0,
        percent(relative),
        entry.gap_interval[0].0,
        entry.gap_interval[1].0,
        entry.detectable.0
    );
    checks.push(says(gap, evidence, message));
}
