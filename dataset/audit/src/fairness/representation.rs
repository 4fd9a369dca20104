//! Who is in the dataset, and whether anybody is in two splits.

use bottega_schemas::audit::{
    AuditConfig, CellRef, CheckEntry, IntersectionEntry, Limits, Number, RepresentationEntry,
    Status,
};

use super::verdict::{Better, check, judge, judge_seen, p_words, percent, say, says};
use super::{interval, numbers};
use crate::labels::{Categories, LabelTable};
use crate::statistics::intersection::Coverage;
use crate::statistics::representation::{Representation, clopper_pearson_cells, wilson_cells};
use crate::statistics::special::chi2_sf;

/// The declared weights of the categories; equal where nothing is declared.
pub(super) fn target_of(config: &AuditConfig, attribute: &str, words: &[String]) -> Vec<f64> {
    match config.targets.get(attribute) {
        Some(target) => words
            .iter()
            .map(|w| target.get(w).copied().unwrap_or(0.0))
            .collect(),
        None => vec![1.0; words.len()],
    }
}

/// Every sensitive attribute against its target: REP-1 to REP-3.
pub(super) fn attributes(
    labels: &LabelTable,
    config: &AuditConfig,
    checks: &mut Vec<CheckEntry>,
) -> Vec<RepresentationEntry> {
    let mut entries = Vec::new();
    for attribute in &config.sensitive {
        let limits = config.thresholds.divergence_bits;
        let categories = labels.categories(attribute);
        let known = categories
            .as_ref()
            .map_or(0, |c| c.counts().iter().sum::<u64>());
        let Some(categories) = categories.filter(|_| known > 0) else {
            let missing = check("REP-1", attribute, Status::NotAvailable, f64::NAN, limits);
            let message = format!("No sample says its {}.", say(attribute));
            checks.push(says(missing, String::new(), message));
            continue;
        };
        let counts = categories.counts();
        let mut target = target_of(config, attribute, &categories.words);
        if target.iter().sum::<f64>() <= 0.0 {
            // A target of other words than the dataset's says nothing about it.
            target = vec![1.0; counts.len()];
        }
        let found = Representation::of(&counts, &target);
        let confidence = config.sampling.confidence;
        let entry = RepresentationEntry {
            attribute: attribute.clone(),
            n: found.n,
            categories: categories.words.clone(),
            counts: counts.clone(),
            shares: numbers(&found.shares),
            wilson: wilson_cells(&counts, confidence)
                .into_iter()
                .map(interval)
                .collect(),
            clopper_pearson: clopper_pearson_cells(&counts, confidence)
                .into_iter()
                .map(interval)
                .collect(),
            target_shares: numbers(&found.target_shares),
            ratio: numbers(&found.ratio),
            entropy: Number(found.entropy),
            evenness: Number(found.evenness),
            hill: found.hill.map(Number),
            kl_nats: Number(found.kl),
            js_bits: Number(found.js_bits),
            total_variation: Number(found.total_variation),
            hellinger: Number(found.hellinger),
            chi2: Number(found.chi2),
            df: Number(found.df),
            p: Number(found.chi2_p),
            cohen_w: Number(found.cohen_w),
            max_min_ratio: Number(found.max_min_ratio),
            too_even_p: Number(1.0 - chi2_sf(found.chi2, found.df)),
        };
        let evidence = format!("/representation/{}", entries.len());
        judge_attribute(&entry, &found, config, &evidence, checks);
        entries.push(entry);
    }
    entries
}

fn judge_attribute(
    entry: &RepresentationEntry,
    found: &Representation,
    config: &AuditConfig,
    evidence: &str,
    checks: &mut Vec<CheckEntry>,
) {
    let (attribute, limits) = (&entry.attribute, &config.thresholds);
    let is_seen = found.chi2_p < config.sampling.alpha;
    let name = say(attribute);

    let status = judge(found.js_bits, limits.divergence_bits, Better::Lower);
    let mut divergence = check(
        "REP-1",
        attribute,
        judge_seen(status, is_seen),
        found.js_bits,
        limits.divergence_bits,
    );
    divergence.p = Some(Number(found.chi2_p));
    let (bits, p) = (found.js_bits, p_words(found.chi2_p));
    let message = match divergence.status {
        Status::Pass => format!("The shares of {name} are those declared ({bits:.4} bit apart)."),
        Status::Insufficient => format!(
            "The shares of {name} are {bits:.4} bit from those declared, which chance explains \
             ({p}) with {} samples.",
            found.n
        ),
        _ => format!("The shares of {name} are {bits:.4} bit from those declared ({p})."),
    };
    checks.push(says(divergence, evidence.to_owned(), message));

    let is_even = found.target_shares.windows(2).all(|q| q[0] == q[1]);
    if is_even && found.shares.len() > 1 {
        let status = judge(found.evenness, limits.evenness, Better::Higher);
        let status = judge_seen(status, is_seen);
        let evenness = check("REP-2", attribute, status, found.evenness, limits.evenness);
        let message = format!(
            "{} counts like {:.2} equally common categories of {}.",
            capital(&name),
            found.hill[1],
            found.shares.len()
        );
        checks.push(says(evenness, evidence.to_owned(), message));
    }

    // The category that is furthest off, among those for which chance does not explain it; of
    // categories so rare that fewer than 5 are expected nothing is said.
    let cells =
        || (0..found.shares.len()).filter(|&c| found.target_shares[c] * found.n as f64 >= 5.0);
    let off = |c: usize| found.ratio[c].min(1.0 / found.ratio[c]);
    let excludes = |c: &usize| {
        let [low, high] = entry.wilson[*c];
        found.target_shares[*c] < low.0 || high.0 < found.target_shares[*c]
    };
    let worst = |c: &mut dyn Iterator<Item = usize>| c.min_by(|a, b| off(*a).total_cmp(&off(*b)));
    // One interval of ten misses by chance every other time; the attribute as a whole must be off.
    let seen = worst(&mut cells().filter(|c| is_seen && excludes(c)));
    let Some(cell) = seen.or_else(|| worst(&mut cells())) else {
        return;
    };
    let status = judge(off(cell), limits.representation_ratio, Better::Higher);
    let status = judge_seen(status, seen.is_some());
    let mut ratio = check(
        "REP-3",
        attribute,
        status,
        found.ratio[cell],
        limits.representation_ratio,
    );
    ratio.interval = Some(entry.wilson[cell].map(|end| Number(end.0 / found.target_shares[cell])));
    let message = format!(
        "{} {} has {} of the samples, declared are {}{}.",
        capital(&name),
        entry.categories[cell],
        percent(found.shares[cell]),
        percent(found.target_shares[cell]),
        if seen.is_some() {
            ""
        } else {
            ", which chance explains"
        }
    );
    checks.push(says(ratio, evidence.to_owned(), message));
}

/// Cells where attributes meet: REP-4.
pub(super) fn intersections(
    labels: &LabelTable,
    config: &AuditConfig,
    checks: &mut Vec<CheckEntry>,
) -> Vec<IntersectionEntry> {
    let mut entries = Vec::new();
    for attributes in &config.intersections {
        let parts: Vec<Categories> = attributes
            .iter()
            .filter_map(|name| labels.categories(name))
            .collect();
        if parts.len() != attributes.len() || parts.is_empty() {
            continue;
        }
        let product = Categories::product(&parts);
        let counts = product.counts();
        let n: u64 = counts.iter().sum();
        let support = if attributes.len() > 2 {
            config.support.triple
        } else {
            config.support.pair
        };
        // Cells that the targets make rarer than one in a hundred of the even share are no gap.
        let mut expected = vec![1.0];
        for (name, part) in attributes.iter().zip(&parts) {
            let target = target_of(config, name, &part.words);
            let total: f64 = target.iter().sum();
            let even = 1.0 / part.words.len() as f64;
            let weight = |q: &f64| {
                if q / total < 0.1 * even {
                    0.0
                } else {
                    q / total
                }
            };
            let weights: Vec<f64> = target.iter().map(weight).collect();
            expected = expected
                .iter()
                .flat_map(|e| weights.iter().map(move |w| e * w))
                .collect();
        }
        let wanted: Vec<usize> = (0..counts.len()).filter(|&c| expected[c] > 0.0).collect();
        let wanted_counts: Vec<u64> = wanted.iter().map(|&c| counts[c]).collect();
        let found = Coverage::of(&wanted_counts, support);
        let cell = |&at: &usize| CellRef {
            categories: product.words[wanted[at]]
                .split(" x ")
                .map(str::to_owned)
                .collect(),
            count: wanted_counts[at],
        };
        let entry = IntersectionEntry {
            attributes: attributes.clone(),
            categories: parts.iter().map(|part| part.words.clone()).collect(),
            counts,
            support,
            cells: wanted.len() as u64,
            coverage: Number(found.coverage),
            evenness: Number(found.evenness),
            empty: found.empty.iter().map(cell).collect(),
            under: found.under.iter().map(cell).collect(),
        };
        let rarest = wanted
            .iter()
            .map(|&c| expected[c])
            .fold(f64::INFINITY, f64::min);
        checks.push(judge_cells(&entry, n, rarest, config, entries.len()));
        entries.push(entry);
    }
    entries
}

fn judge_cells(
    entry: &IntersectionEntry,
    n: u64,
    rarest: f64,
    config: &AuditConfig,
    at: usize,
) -> CheckEntry {
    let names: Vec<String> = entry.attributes.iter().map(|name| say(name)).collect();
    let names = names.join(" and ");
    let limits = config.thresholds.coverage;
    let needed = (entry.support as f64 / rarest).ceil();
    let is_large_enough = n as f64 >= needed;
    let mut status = judge(entry.coverage.0, limits, Better::Higher);
    if !entry.empty.is_empty() && status == Status::Warn {
        status = Status::Fail;
    }
    let status = judge_seen(status, is_large_enough);
    let subject = entry.attributes.join(" x ");
    let (empty, under) = (entry.empty.len(), entry.under.len());
    let mut message = format!(
        "Of {} cells where {names} meet, {} have the {} samples they need",
        entry.cells,
        entry.cells as usize - empty - under,
        entry.support
    );
    if empty + under > 0 {
        message += &format!("; {empty} are empty, {under} too thin");
    }
    if status == Status::Insufficient {
        message += &format!("; that takes about {needed:.0} samples, here are {n}");
    }
    message.push('.');
    let found = check("REP-4", &subject, status, entry.coverage.0, limits);
    says(found, format!("/intersections/{at}"), message)
}

/// Splits alike, and nobody in two of them: REP-5 and REP-6.
pub(super) fn splits(labels: &LabelTable, config: &AuditConfig, checks: &mut Vec<CheckEntry>) {
    let Some(split) = labels.categories("split") else {
        return;
    };
    let used: Vec<usize> = split
        .counts()
        .iter()
        .enumerate()
        .filter(|(_, n)| **n > 0)
        .map(|(s, _)| s)
        .collect();
    if used.len() < 2 {
        return;
    }
    for attribute in &config.sensitive {
        let Some(categories) = labels.categories(attribute) else {
            continue;
        };
        let table = split.table_with(&categories);
        let first: Vec<f64> = table[used[0]].iter().map(|k| *k as f64).collect();
        for &other in &used[1..] {
            if first.iter().sum::<f64>() == 0.0 || table[other].iter().sum::<u64>() == 0 {
                continue;
            }
            let found = Representation::of(&table[other], &first);
            let limits = config.thresholds.split_drift_bits;
            let status = judge(found.js_bits, limits, Better::Lower);
            let status = judge_seen(status, found.chi2_p < config.sampling.alpha);
            let subject = format!(
                "{attribute}: {} against {}",
                split.words[other], split.words[used[0]]
            );
            let message = format!(
                "The shares of {} in {} are {:.4} bit from those in {} ({}).",
                say(attribute),
                split.words[other],
                found.js_bits,
                split.words[used[0]],
                p_words(found.chi2_p)
            );
            let drift = check("REP-5", &subject, status, found.js_bits, limits);
            checks.push(says(drift, "/representation".into(), message));
        }
    }
    if let Some(people) = labels.categories("identity_id") {
        let table = people.table_with(&split);
        let in_two = |row: &&Vec<u64>| row.iter().filter(|k| **k > 0).count() > 1;
        let leaked = table.iter().filter(in_two).count();
        let limits = Limits {
            pass: 0.0,
            warn: 0.0,
        };
        let status = judge(leaked as f64, limits, Better::Lower);
        let message = format!("{leaked} people are in more than one split.");
        let leak = check("REP-6", "identity_id", status, leaked as f64, limits);
        checks.push(says(leak, "/dataset".into(), message));
    }
}

/// With a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    first + letters.as_str()
}
