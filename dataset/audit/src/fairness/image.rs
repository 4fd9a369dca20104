//! What the pictures do to people: tone, exposure, contrast, occlusion and framing by group.

use bottega_schemas::audit::{
    AuditConfig, CheckEntry, GroupEntry, ImageEntry, Limits, Number, Status,
};

use super::AuditInput;
use super::representation::capital;
use super::verdict::{Better, check, judge, judge_seen, p_words, percent, say, says};
use crate::labels::{Categories, LabelTable};
use crate::statistics::groups::kruskal;
use crate::statistics::interval::wilson;
use crate::statistics::rank::spearman;
use crate::statistics::regression::theil_sen;
use crate::statistics::special::{normal_quantile, t_critical};
use crate::statistics::{correction, mean, median, variance};

/// Linear luminance of 16 of 255 in sRGB: skin below it is crushed.
const CRUSHED_LUMINANCE: f64 = 0.005_181_516_7;

/// Share of blown pixels of the person above which its exposure is blown.
const BLOWN_SHARE: f64 = 0.05;

/// Measures of framing, exposure and occlusion that are compared over every sensitive attribute.
const COMPARED: [(&str, &str); 6] = [
    ("IMG-6", "fg_fraction"),
    ("IMG-6", "skin_px"),
    ("IMG-7", "luma_mean"),
    ("IMG-8", "hair_occlusion"),
    ("IMG-8", "face_visible_fraction"),
    ("IMG-5", "soft_fraction"),
];

/// All checks of pictures.
pub(super) fn measures(
    input: &AuditInput<'_>,
    config: &AuditConfig,
    checks: &mut Vec<CheckEntry>,
) -> Vec<ImageEntry> {
    let mut entries = Vec::new();
    tone(input.labels, config, &mut entries, checks);
    exposure(input.labels, config, &mut entries, checks);
    contrast(input, config, &mut entries, checks);
    compared(input.labels, config, &mut entries, checks);
    entries
}

fn not_available(id: &str, subject: &str, limits: Limits, message: &str) -> CheckEntry {
    let found = check(id, subject, Status::NotAvailable, f64::NAN, limits);
    says(found, String::new(), message.to_owned())
}

fn enough(status: Status, n: usize, config: &AuditConfig) -> Status {
    judge_seen(
        if n < config.support.image_rows as usize {
            Status::Fail
        } else {
            status
        },
        n >= config.support.image_rows as usize,
    )
}

/// Skin as drawn against skin as shown: IMG-1 and IMG-2.
fn tone(
    labels: &LabelTable,
    config: &AuditConfig,
    entries: &mut Vec<ImageEntry>,
    checks: &mut Vec<CheckEntry>,
) {
    let limits = &config.thresholds;
    let (Some(drawn), Some(shown)) = (
        labels.numbers("skin_ita_deg"),
        labels.numbers("skin_ita_measured_deg"),
    ) else {
        return;
    };
    let pairs = drawn
        .iter()
        .zip(shown)
        .filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.map(|(x, y)| (*x, *y)).unzip();
    let n = x.len();
    let line = theil_sen(&x, &y, config.sampling.confidence);
    let Some(line) = line.filter(|_| n > 3) else {
        let message = "No sample says both its drawn and its measured skin tone.";
        checks.push(not_available(
            "IMG-1",
            "skin_ita_deg",
            limits.tone_correlation,
            message,
        ));
        return;
    };
    let found = spearman(&x, &y);
    // Fisher's z with Fieller's variance for ranks.
    let z = normal_quantile(0.5 + 0.5 * config.sampling.confidence);
    let half = z * (1.06 / (n as f64 - 3.0)).sqrt();
    let center = libm::atanh(found.value.clamp(-0.999_999, 0.999_999));
    let interval = [libm::tanh(center - half), libm::tanh(center + half)];
    let entry = |id: &str, value: f64, interval: [f64; 2], p: f64| ImageEntry {
        id: id.to_owned(),
        measure: "skin_ita_measured_deg by skin_ita_deg".to_owned(),
        attribute: String::new(),
        n: n as u64,
        value: Number(value),
        interval: Some(interval.map(Number)),
        p: Number(p),
        groups: Vec::new(),
    };

    let status = judge(found.value, limits.tone_correlation, Better::Higher);
    let mut rank = check(
        "IMG-1",
        "skin tone",
        enough(status, n, config),
        found.value,
        limits.tone_correlation,
    );
    rank.interval = Some(interval.map(Number));
    let message = format!(
        "The tone of skin in the pictures ranks people as it was drawn with a correlation of \
         {:.2} ({:.2} to {:.2}, {n} samples).",
        found.value, interval[0], interval[1]
    );
    checks.push(says(rank, format!("/image/{}", entries.len()), message));
    entries.push(entry("IMG-1", found.value, interval, found.p));

    let off = (line.slope - 1.0).abs();
    let status = judge(off, limits.tone_slope_off, Better::Lower);
    let status = enough(status, n, config);
    let mut slope = check("IMG-2", "skin tone", status, off, limits.tone_slope_off);
    slope.interval = Some(line.slope_interval.map(Number));
    let effect = if line.slope < 1.0 {
        "closer together"
    } else {
        "further apart"
    };
    let message = format!(
        "A degree of drawn skin tone (ITA) shows as {:.2} degrees ({:.2} to {:.2}): light and \
         camera move tones {effect}.",
        line.slope, line.slope_interval[0], line.slope_interval[1]
    );
    checks.push(says(slope, format!("/image/{}", entries.len()), message));
    entries.push(entry("IMG-2", line.slope, line.slope_interval, f64::NAN));
}

/// Crushed and blown skin by tone: IMG-3.
fn exposure(
    labels: &LabelTable,
    config: &AuditConfig,
    entries: &mut Vec<ImageEntry>,
    checks: &mut Vec<CheckEntry>,
) {
    let limits = config.thresholds.exposure_gap;
    let Some(tones) = labels.categories("skin_tone_mst") else {
        return;
    };
    for (measure, fails) in [
        (
            "skin_luma_measured",
            (&|v: f64| v < CRUSHED_LUMINANCE) as &dyn Fn(f64) -> bool,
        ),
        ("clip_high_fraction", &|v: f64| v > BLOWN_SHARE),
    ] {
        let subject = if measure == "skin_luma_measured" {
            "crushed skin"
        } else {
            "blown person"
        };
        let Some(values) = labels
            .numbers(measure)
            .filter(|v| v.iter().any(|v| !v.is_nan()))
        else {
            let message = format!("No sample says its {}.", say(measure));
            checks.push(not_available("IMG-3", subject, limits, &message));
            continue;
        };
        let mut groups = Vec::new();
        let mut counted: Vec<(u64, u64)> = Vec::new();
        for (tone, rows) in tones.words.iter().zip(tones.rows_of()) {
            let known: Vec<f64> = rows
                .iter()
                .map(|&r| values[r])
                .filter(|v| !v.is_nan())
                .collect();
            let (k, n) = (
                known.iter().filter(|v| fails(**v)).count() as u64,
                known.len() as u64,
            );
            if n == 0 {
                continue;
            }
            let share = k as f64 / n as f64;
            groups.push(GroupEntry {
                group: tone.clone(),
                n,
                identities: None,
                mean: Number(share),
                interval: wilson(k, n, config.sampling.confidence).map(Number),
                median: Number(median(&known)),
                deviation: Number((share * (1.0 - share)).sqrt()),
            });
            counted.push((k, n));
        }
        if groups.len() < 2 {
            continue;
        }
        let by_mean = |a: &&GroupEntry, b: &&GroupEntry| a.mean.0.total_cmp(&b.mean.0);
        let (Some(least), Some(most)) =
            (groups.iter().min_by(by_mean), groups.iter().max_by(by_mean))
        else {
            continue;
        };
        let gap = most.mean.0 - least.mean.0;
        let table: Vec<Vec<u64>> = counted.iter().map(|(k, n)| vec![*k, n - k]).collect();
        let (table, _, _) = crate::statistics::contingency::without_empty(&table);
        let p = crate::statistics::contingency::Association::of(&table).map_or(1.0, |a| a.chi2_p);
        let status = judge(gap, limits, Better::Lower);
        let status = judge_seen(status, p < config.sampling.alpha);
        let message = format!(
            "{} in {} of the pictures of tone {} and {} of tone {} ({}).",
            capital(subject),
            percent(most.mean.0),
            most.group,
            percent(least.mean.0),
            least.group,
            p_words(p)
        );
        let found = check("IMG-3", subject, status, gap, limits);
        checks.push(says(found, format!("/image/{}", entries.len()), message));
        entries.push(ImageEntry {
            id: "IMG-3".to_owned(),
            measure: measure.to_owned(),
            attribute: "skin_tone_mst".to_owned(),
            n: counted.iter().map(|(_, n)| n).sum(),
            value: Number(gap),
            interval: None,
            p: Number(p),
            groups,
        });
    }
}

/// Contrast of skin against the background by tone: IMG-4.
fn contrast(
    input: &AuditInput<'_>,
    config: &AuditConfig,
    entries: &mut Vec<ImageEntry>,
    checks: &mut Vec<CheckEntry>,
) {
    let limits = config.thresholds.contrast_ratio;
    let (Some(tones), Some(luminance)) = (
        input.labels.categories("skin_tone_mst"),
        input.labels.numbers("skin_luma_measured"),
    ) else {
        return;
    };
    if input.pixels.is_empty() {
        let message = "Contrast of skin against the background needs pixels: ask for them with \
                       --pixels.";
        checks.push(not_available(
            "IMG-4",
            "skin against background",
            limits,
            message,
        ));
        return;
    }
    let mut values = vec![f64::NAN; input.labels.rows];
    for (row, measures) in input.pixels {
        let y = luminance.get(*row).copied().unwrap_or(f64::NAN);
        let skin = if y > 0.008856 {
            116.0 * libm::cbrt(y) - 16.0
        } else {
            903.3 * y
        };
        if let Some(value) = values.get_mut(*row) {
            *value = (skin - measures.background_lightness).abs();
        }
    }
    let groups = group_entries(&tones, &values, config);
    let judged: Vec<&GroupEntry> = groups.iter().filter(|g| g.n >= 5).collect();
    let by_median = |a: &&&GroupEntry, b: &&&GroupEntry| a.median.0.total_cmp(&b.median.0);
    let (Some(least), Some(most)) = (
        judged.iter().min_by(by_median),
        judged.iter().max_by(by_median),
    ) else {
        return;
    };
    let ratio = least.median.0 / most.median.0;
    let p = p_of(&tones, &values);
    let status = judge_seen(
        judge(ratio, limits, Better::Higher),
        p < config.sampling.alpha,
    );
    let message = format!(
        "Skin stands {:.0} L* apart from the background at tone {} and {:.0} at tone {} ({}).",
        least.median.0,
        least.group,
        most.median.0,
        most.group,
        p_words(p)
    );
    let found = check("IMG-4", "skin against background", status, ratio, limits);
    checks.push(says(found, format!("/image/{}", entries.len()), message));
    entries.push(ImageEntry {
        id: "IMG-4".to_owned(),
        measure: "contrast".to_owned(),
        attribute: "skin_tone_mst".to_owned(),
        n: groups.iter().map(|g| g.n).sum(),
        value: Number(ratio),
        interval: None,
        p: Number(p),
        groups,
    });
}

/// Framing, exposure and occlusion over every attribute: IMG-5 to IMG-8. Softness, exposure by tone
/// and hair over the face follow from who people are, and are reported without a verdict.
fn compared(
    labels: &LabelTable,
    config: &AuditConfig,
    entries: &mut Vec<ImageEntry>,
    checks: &mut Vec<CheckEntry>,
) {
    let first = entries.len();
    for (id, measure) in COMPARED {
        let Some(values) = labels
            .numbers(measure)
            .filter(|v| v.iter().any(|v| !v.is_nan()))
        else {
            continue;
        };
        for attribute in &config.sensitive {
            let Some(groups) = labels.categories(attribute) else {
                continue;
            };
            let found = group_entries(&groups, values, config);
            if found.len() < 2 {
                continue;
            }
            let views = groups_of(&groups, values);
            let views: Vec<&[f64]> = views
                .iter()
                .map(Vec::as_slice)
                .filter(|v| !v.is_empty())
                .collect();
            let tested = kruskal(&views);
            entries.push(ImageEntry {
                id: id.to_owned(),
                measure: measure.to_owned(),
                attribute: attribute.clone(),
                n: found.iter().map(|g| g.n).sum(),
                value: Number(tested.epsilon_squared.max(0.0)),
                interval: None,
                p: Number(tested.h.p),
                groups: found,
            });
        }
    }
    let p: Vec<f64> = entries[first..].iter().map(|entry| entry.p.0).collect();
    let corrected = correction::benjamini_hochberg(&p);
    let limits = config.thresholds.epsilon_squared;
    for (i, p) in corrected.into_iter().enumerate() {
        let entry = &entries[first + i];
        if entry.id == "IMG-5" || entry.id == "IMG-7" {
            continue;
        }
        let is_seen = p < config.sampling.alpha;
        let status = match judge_seen(judge(entry.value.0, limits, Better::Lower), is_seen) {
            Status::Pass if !is_seen && entry.n < config.support.association_rows => {
                Status::Insufficient
            }
            status => status,
        };
        let by_median = |a: &&GroupEntry, b: &&GroupEntry| a.median.0.total_cmp(&b.median.0);
        let (Some(least), Some(most)) = (
            entry.groups.iter().min_by(by_median),
            entry.groups.iter().max_by(by_median),
        ) else {
            continue;
        };
        let (measure, attribute) = (say(&entry.measure), say(&entry.attribute));
        let message = if is_seen {
            format!(
                "{} differs with {attribute}: {:.3} in the middle for {}, {:.3} for {} ({}).",
                capital(&measure),
                most.median.0,
                most.group,
                least.median.0,
                least.group,
                p_words(p)
            )
        } else {
            format!(
                "{} was not seen to differ with {attribute} ({}).",
                capital(&measure),
                p_words(p)
            )
        };
        let subject = format!("{} and {}", entry.attribute, entry.measure);
        let mut found = check(&entry.id, &subject, status, entry.value.0, limits);
        found.p = Some(Number(p));
        checks.push(says(found, format!("/image/{}", first + i), message));
    }
}

fn groups_of(groups: &Categories, values: &[f64]) -> Vec<Vec<f64>> {
    let known = |rows: Vec<usize>| {
        rows.into_iter()
            .map(|row| values[row])
            .filter(|v| !v.is_nan())
            .collect::<Vec<f64>>()
    };
    groups.rows_of().into_iter().map(known).collect()
}

fn p_of(groups: &Categories, values: &[f64]) -> f64 {
    let values = groups_of(groups, values);
    let views: Vec<&[f64]> = values
        .iter()
        .map(Vec::as_slice)
        .filter(|v| !v.is_empty())
        .collect();
    kruskal(&views).h.p
}

fn group_entries(groups: &Categories, values: &[f64], config: &AuditConfig) -> Vec<GroupEntry> {
    let entry = |(word, values): (&String, Vec<f64>)| {
        (!values.is_empty()).then(|| group_entry(word, &values, None, config.sampling.confidence))
    };
    groups
        .words
        .iter()
        .zip(groups_of(groups, values))
        .filter_map(entry)
        .collect()
}

/// What a group shows; the interval of the mean is Student's.
pub(super) fn group_entry(
    word: &str,
    values: &[f64],
    identities: Option<u64>,
    confidence: f64,
) -> GroupEntry {
    let n = values.len();
    let (center, deviation) = (mean(values), variance(values).sqrt());
    let half = if n > 1 {
        t_critical(1.0 - confidence, n as f64 - 1.0) * deviation / (n as f64).sqrt()
    } else {
        f64::NAN
    };
    GroupEntry {
        group: word.to_owned(),
        n: n as u64,
        identities,
        mean: Number(center),
        interval: [Number(center - half), Number(center + half)],
        median: Number(median(values)),
        deviation: Number(deviation),
    }
}
