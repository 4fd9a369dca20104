//! Which curves a report has: the loss and its parts, the metrics held out, the learning rates, the
//! speed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::RunReport;
use super::chart::{Series, escape, lines, short};
use crate::observe::record::StepRecord;

/// Rows of the table below a chart.
const TABLE_ROWS: usize = 12;

/// The loss as a whole, and a chart of the parts of each task.
pub(super) fn losses(report: &RunReport) -> String {
    let mut named: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for record in &report.steps {
        for (name, value) in &record.losses {
            let points = named.entry(name).or_default();
            points.push((record.step as f64, *value));
        }
    }
    let mut out = String::new();
    if let Some(points) = named.remove("total") {
        let name = "loss".to_owned();
        out += &figure("Loss, all tasks", "", &[Series { name, points }]);
    }
    let mut tasks: BTreeMap<&str, Vec<Series>> = BTreeMap::new();
    for (name, points) in named {
        let (task, part) = name.split_once('/').unwrap_or((name, "whole"));
        let name = part.to_owned();
        let parts = tasks.entry(task).or_default();
        parts.push(Series { name, points });
    }
    for (task, parts) in tasks {
        let title = format!("Loss of {}", words(task));
        // More lines than this cannot be told apart.
        for parts in parts.chunks(6) {
            out += &figure(&title, "", parts);
        }
    }
    out
}

/// A chart of each metric over the evaluations.
pub(super) fn metrics(report: &RunReport) -> String {
    let mut named: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for record in &report.evaluations {
        for (name, value) in &record.metrics {
            let points = named.entry(name).or_default();
            points.push((record.step as f64, *value));
        }
    }
    let mut out = String::new();
    for (name, points) in named {
        let better = if report.more_is_better.contains(name) {
            "more is better"
        } else {
            "less is better"
        };
        let series = Series {
            name: words(name),
            points,
        };
        out += &figure(&words(name), better, &[series]);
    }
    out
}

/// How the optimizer and the machine did.
pub(super) fn course(report: &RunReport) -> String {
    let line = |name: &str, value: fn(&StepRecord) -> f64| Series {
        name: name.to_owned(),
        points: report
            .steps
            .iter()
            .map(|record| (record.step as f64, value(record)))
            .collect(),
    };
    let rates = [
        line("decoder and heads", |r| r.lr),
        line("encoder", |r| r.encoder_lr),
    ];
    figure("Learning rate", "", &rates)
        + &figure(
            "Norm of the gradients",
            "before clipping",
            &[line("norm", |r| r.grad_norm)],
        )
        + &figure(
            "Pictures a second",
            "",
            &[line("pictures a second", |r| r.images_per_s)],
        )
        + &figure(
            "Waiting for data",
            "% of the time",
            &[line("waiting", |r| 100.0 * r.data_wait_share)],
        )
        + &figure("Memory", "MiB", &[line("memory", |r| r.memory_mb)])
}

/// A chart with its title and its numbers; nothing where there are none.
fn figure(title: &str, unit: &str, series: &[Series]) -> String {
    let Some(drawing) = lines(title, series) else {
        return String::new();
    };
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(" <small>{}</small>", escape(unit))
    };
    let title = escape(title);
    let table = table(series);
    format!(
        "<figure><h3>{title}{unit}</h3>{drawing}<details><summary>Numbers</summary>\
         <div class=\"scroll\">{table}</div></details></figure>\n"
    )
}

/// Some of the points, the last among them.
fn table(series: &[Series]) -> String {
    let mut values: BTreeMap<u64, Vec<Option<f64>>> = BTreeMap::new();
    for (i, line) in series.iter().enumerate() {
        for (step, v) in &line.points {
            let row = values.entry(*step as u64);
            row.or_insert_with(|| vec![None; series.len()])[i] = Some(*v);
        }
    }
    let mut out = String::from("<table><thead><tr><th class=\"n\">step</th>");
    for line in series {
        let _ = write!(out, "<th class=\"n\">{}</th>", escape(&line.name));
    }
    out += "</tr></thead><tbody>\n";
    let (n, stride) = (values.len(), values.len().div_ceil(TABLE_ROWS).max(1));
    for (i, (step, row)) in values.iter().enumerate() {
        if i % stride != 0 && i + 1 != n {
            continue;
        }
        let _ = write!(out, "<tr><td class=\"n\">{step}</td>");
        for v in row {
            let text = short(v.unwrap_or(f64::NAN));
            let _ = write!(out, "<td class=\"n\">{text}</td>");
        }
        out += "</tr>\n";
    }
    out + "</tbody></table>"
}

/// A name of the log as people read it.
pub(super) fn words(name: &str) -> String {
    name.replace('/', ": ").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_task_share_a_chart() {
        let record = |step: u64| StepRecord {
            step,
            losses: ["total", "depth/mse", "depth/gradient", "normal"]
                .map(|name| (name.to_owned(), 1.0 / step as f64))
                .into(),
            ..StepRecord::default()
        };
        let report = RunReport {
            steps: (1..=40).map(record).collect(),
            ..RunReport::default()
        };
        let drawn = losses(&report);
        assert_eq!(drawn.matches("<figure>").count(), 3);
        let depth = drawn
            .split("<figure>")
            .find(|f| f.contains("Loss of depth"));
        let depth = depth.unwrap();
        assert!(
            depth.contains("mse") && depth.contains("gradient"),
            "{depth}"
        );
        // The last step is in the table, whatever the stride.
        assert!(depth.contains("<td class=\"n\">40</td>"), "{depth}");
    }
}
