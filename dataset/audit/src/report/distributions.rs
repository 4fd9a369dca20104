//! How every label is distributed: small charts of the columns that vary.

use super::Material;
use super::charts::{self, Bar};
use super::svg::escape;
use crate::fairness::{percent, say};
use crate::stats::{ColumnStats, Distribution};

/// Categories that a chart shows; more are counted together.
const BARS_MAX: usize = 12;

/// Histograms of these numbers are drawn where they are known.
pub(super) const HISTOGRAMS: [&str; 14] = [
    "age_years",
    "skin_ita_deg",
    "skin_ita_measured_deg",
    "bmi",
    "light_ev",
    "head_yaw_deg",
    "head_pitch_deg",
    "subject_yaw_deg",
    "focal_35mm",
    "fg_fraction",
    "soft_fraction",
    "luma_mean",
    "clip_high_fraction",
    "skin_px",
];

/// The charts of all columns that vary, by what they speak of.
pub(super) fn distributions(material: &Material) -> String {
    let mut out = String::new();
    for (group, title) in [
        ("identity", "Samples"),
        ("subject", "People"),
        ("nuisance", "Light, pose and place"),
        ("camera", "Camera"),
        ("measured", "Measured on the pictures"),
    ] {
        let columns = material
            .stats
            .columns
            .iter()
            .filter(|column| column.group == group);
        let charts: String = columns
            .filter_map(|column| chart(column, material))
            .collect();
        if !charts.is_empty() {
            out += &format!("<h3>{title}</h3>\n<div class=\"grid\">\n{charts}</div>\n");
        }
    }
    out
}

fn chart(column: &ColumnStats, material: &Material) -> Option<String> {
    let drawing = match &column.distribution {
        Distribution::Counts { values } => {
            if values.iter().filter(|value| value.count > 0).count() < 2 {
                return None;
            }
            let bar = |label: &str, share: f64| Bar {
                label: label.to_owned(),
                value: share,
                interval: None,
                target: None,
                text: percent(share),
            };
            let mut shown: Vec<_> = values.iter().collect();
            if shown.len() > BARS_MAX {
                shown.sort_by(|a, b| b.count.cmp(&a.count).then(a.value.cmp(&b.value)));
            }
            let rest: f64 = shown.iter().skip(BARS_MAX).map(|value| value.share).sum();
            let mut bars: Vec<Bar> = shown
                .iter()
                .take(BARS_MAX)
                .map(|v| bar(&v.value, v.share))
                .collect();
            if shown.len() > BARS_MAX {
                bars.push(bar(&format!("{} others", shown.len() - BARS_MAX), rest));
            }
            let desc = format!(
                "Shares of {} among {} samples",
                say(column.name),
                column.known
            );
            charts::bars(column.name, &desc, &bars)
        }
        Distribution::Numbers(summary) if summary.min < summary.max => {
            let numbers = material.labels.numbers(column.name)?;
            if !HISTOGRAMS.contains(&column.name) {
                return None;
            }
            let known: Vec<f64> = numbers.iter().copied().filter(|v| v.is_finite()).collect();
            charts::histogram(column.name, column.unit, &known)
        }
        _ => return None,
    };
    Some(format!(
        "<figure><h3>{}</h3>{drawing}</figure>\n",
        escape(&say(column.name))
    ))
}
