//! Statistics as a text for people: counts with bars, numbers as one line of quantiles.

use std::fmt::Write as _;

use super::{ColumnStats, DatasetStats, Distribution, JointTable, NumberSummary};

const BAR_CHARS: f64 = 30.0;

/// Lists of words longer than this are cut, and say how many more there are.
const VALUES_MAX: usize = 24;

/// The whole text, without trailing white space in any line.
pub(super) fn format(stats: &DatasetStats) -> String {
    let mut text = String::new();
    let noun = if stats.samples == 1 {
        "sample"
    } else {
        "samples"
    };
    line(&mut text, format_args!("{} {noun}", stats.samples));
    for group in groups(stats) {
        let columns: Vec<&ColumnStats> = stats
            .columns
            .iter()
            .filter(|column| column.group == group)
            .collect();
        if columns.iter().all(|column| column.known == 0) {
            continue;
        }
        line(&mut text, format_args!("\n== {group} =="));
        for column in columns.iter().filter(|column| column.known > 0) {
            format_counts(&mut text, column);
        }
        format_numbers(&mut text, &columns);
    }
    format_pixels(&mut text, stats);
    for joint in &stats.joint {
        format_joint(&mut text, joint);
    }
    text
}

fn format_pixels(text: &mut String, stats: &DatasetStats) {
    if stats.pixels.is_empty() {
        return;
    }
    line(text, format_args!("\n== pixels ==\n"));
    line(text, format_args!("{:<26}{}", "", heads()));
    for measure in &stats.pixels {
        let row = number_row(measure.name, &measure.summary, measure.unit);
        line(text, format_args!("{row}  of {} samples", measure.known));
    }
}

fn format_joint(text: &mut String, joint: &JointTable) {
    line(
        text,
        format_args!("\n== {} by {} ==\n", joint.rows, joint.columns),
    );
    let width = |words: &[String]| words.iter().map(|w| w.chars().count()).max().unwrap_or(0);
    let (left, cell) = (
        width(&joint.row_values).max(8),
        width(&joint.column_values).max(7),
    );
    let mut head = format!("{:<left$}", "");
    for word in &joint.column_values {
        let _ = write!(head, " {word:>cell$}");
    }
    line(text, format_args!("{head}"));
    for (word, counts) in joint.row_values.iter().zip(&joint.counts) {
        let mut row = format!("{word:<left$}");
        for count in counts {
            let _ = write!(row, " {count:>cell$}");
        }
        line(text, format_args!("{row}"));
    }
}

fn heads() -> String {
    let names = [
        "min", "5 %", "25 %", "median", "75 %", "95 %", "max", "mean", "std",
    ];
    names.iter().map(|name| format!(" {name:>10}")).collect()
}

fn number_row(name: &str, summary: &NumberSummary, unit: &str) -> String {
    let NumberSummary {
        mean,
        std,
        min,
        p05,
        p25,
        p50,
        p75,
        p95,
        max,
        infinite,
    } = *summary;
    let mut row = format!("{name:<26}");
    for number in [min, p05, p25, p50, p75, p95, max, mean, std] {
        let _ = write!(row, " {:>10}", short(number));
    }
    if !unit.is_empty() {
        let _ = write!(row, "  {unit}");
    }
    if infinite > 0 {
        let _ = write!(row, "  ({infinite} infinite)");
    }
    row
}

fn groups(stats: &DatasetStats) -> Vec<&'static str> {
    let mut groups = Vec::new();
    for column in &stats.columns {
        if !groups.contains(&column.group) {
            groups.push(column.group);
        }
    }
    groups
}

fn format_counts(text: &mut String, column: &ColumnStats) {
    match &column.distribution {
        Distribution::Counts { values } => {
            line(text, format_args!("\n{}{}", column.name, unknown(column)));
            let width = values
                .iter()
                .map(|v| v.value.chars().count())
                .max()
                .unwrap_or(0)
                .max(12);
            for counted in values.iter().take(VALUES_MAX) {
                let bar = "#".repeat((counted.share * BAR_CHARS).round() as usize);
                let (value, count, percent) =
                    (&counted.value, counted.count, 100.0 * counted.share);
                line(
                    text,
                    format_args!("  {value:<width$} {count:>8} {percent:>6.1} %  {bar}"),
                );
            }
            if let Some(more) = values
                .len()
                .checked_sub(VALUES_MAX)
                .filter(|more| *more > 0)
            {
                line(
                    text,
                    format_args!("  and {more} more values; --json lists all"),
                );
            }
        }
        Distribution::Names { distinct } => {
            line(
                text,
                format_args!("\n{}{}: {distinct} different", column.name, unknown(column)),
            );
        }
        Distribution::Numbers(_) | Distribution::Lists { .. } => {}
    }
}

fn format_numbers(text: &mut String, columns: &[&ColumnStats]) {
    let rows: Vec<(&ColumnStats, &NumberSummary)> = columns
        .iter()
        .filter(|column| column.known > 0)
        .filter_map(|column| match &column.distribution {
            Distribution::Numbers(summary) => Some((*column, summary)),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    line(text, format_args!("\n{:<26}{}", "", heads()));
    for (column, summary) in rows {
        let row = number_row(column.name, summary, column.unit);
        line(text, format_args!("{row}{}", unknown(column)));
    }
}

fn unknown(column: &ColumnStats) -> String {
    if column.unknown == 0 {
        String::new()
    } else {
        format!("  ({} unknown)", column.unknown)
    }
}

/// A number in at most ten characters.
fn short(number: f64) -> String {
    let size = number.abs();
    if number == number.trunc() && size < 1e9 {
        format!("{number}")
    } else if (0.01..1e6).contains(&size) {
        format!("{number:.*}", if size < 10.0 { 3 } else { 1 })
    } else {
        format!("{number:.2e}")
    }
}

fn line(text: &mut String, args: std::fmt::Arguments<'_>) {
    let _ = write!(text, "{args}");
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use bottega_schemas::sample::SampleMeta;

    use crate::stats::StatsBuilder;

    use super::*;

    #[test]
    fn the_table_shows_counts_shares_and_quantiles() {
        let mut builder = StatsBuilder::new();
        for age in [20.0, 40.0, 60.0] {
            builder.push(&SampleMeta {
                framing: Some("face".to_owned()),
                age_years: Some(age),
                ..SampleMeta::default()
            });
        }
        let table = format(&builder.finish());
        assert!(table.starts_with("3 samples\n"), "{table}");
        assert!(
            table.contains("  face                3  100.0 %  ####"),
            "{table}"
        );
        let age = table
            .lines()
            .find(|line| line.starts_with("age_years"))
            .unwrap();
        assert!(
            age.contains(" 20 ") && age.contains(" 40 ") && age.ends_with("a"),
            "{age}"
        );
    }

    #[test]
    fn numbers_fit_their_column() {
        for number in [0.0, -3.0, 0.12345, 123.456, -12345.678, 1e-7, 9.876e17] {
            assert!(short(number).len() <= 10, "{number}");
        }
    }
}
