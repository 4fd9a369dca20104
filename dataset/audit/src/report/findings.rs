//! The audit as people read it: verdicts in sentences, charts, and tables beside them.

use std::fmt::Write as _;

use bottega_schemas::audit::{
    AssociationEntry, AuditReport, CheckEntry, ImageEntry, IntersectionEntry, ParityEntry,
    RepresentationEntry, Status,
};

use super::charts::{self, Bar, Cell, short};
use super::svg::escape;
use crate::fairness::{percent, say};

/// How a verdict is said.
pub(super) fn word(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Fail => ("fail", "✗ Fails"),
        Status::Warn => ("warn", "! Warns"),
        Status::Insufficient => ("insufficient", "? Too few"),
        Status::NotAvailable => ("not_available", "– No data"),
        Status::Pass => ("pass", "✓ Passes"),
    }
}

/// The counts of the verdicts.
pub(super) fn strip(audit: &AuditReport) -> String {
    let sum = &audit.summary;
    let tile = |status: Status, n: u64, what: &str| {
        let (class, _) = word(status);
        format!("<div class=\"{class}\"><b>{n}</b>{what}</div>")
    };
    [
        "<div class=\"strip\">".to_owned(),
        tile(Status::Fail, sum.fail, "fail"),
        tile(Status::Warn, sum.warn, "warn"),
        tile(Status::Pass, sum.pass, "pass"),
        tile(
            Status::Insufficient,
            sum.insufficient,
            "have too few samples",
        ),
        tile(Status::NotAvailable, sum.not_available, "lack labels"),
        "</div>\n".to_owned(),
    ]
    .concat()
}

/// Verdicts as a list.
fn list(checks: &[&CheckEntry]) -> String {
    let mut out = String::from("<ul class=\"checks\">\n");
    for check in checks {
        let (class, said) = word(check.status);
        let _ = writeln!(
            out,
            "<li><span class=\"word {class}\">{said}</span><span>{} <small>{} · limits {} and {}\
             </small></span></li>",
            escape(&check.message),
            escape(&check.id),
            short(check.pass),
            short(check.warn)
        );
    }
    out + "</ul>\n"
}

/// The verdicts that need attention, and the others behind a fold.
pub(super) fn verdicts(audit: &AuditReport) -> String {
    let is_loud = |check: &&CheckEntry| matches!(check.status, Status::Fail | Status::Warn);
    let loud: Vec<&CheckEntry> = audit.checks.iter().filter(is_loud).collect();
    let rest: Vec<&CheckEntry> = audit
        .checks
        .iter()
        .filter(|check| !is_loud(check))
        .collect();
    let mut out = String::new();
    if loud.is_empty() {
        out += "<p>No check fails or warns at the limits of this audit.</p>\n";
    } else {
        out += &list(&loud);
    }
    if !rest.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>The other {} checks</summary>{}</details>",
            rest.len(),
            list(&rest)
        );
    }
    out
}

fn figure(caption: &str, drawing: &str, table: &str) -> String {
    let table = if table.is_empty() {
        String::new()
    } else {
        format!("<details><summary>Numbers</summary><div class=\"scroll\">{table}</div></details>")
    };
    format!(
        "<figure><h3>{}</h3>{drawing}{table}</figure>\n",
        escape(caption)
    )
}

fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::from("<table><thead><tr>");
    for (i, head) in heads.iter().enumerate() {
        let class = if i == 0 { "" } else { " class=\"n\"" };
        let _ = write!(out, "<th{class}>{}</th>", escape(head));
    }
    out += "</tr></thead><tbody>\n";
    for row in rows {
        out += "<tr>";
        for (i, cell) in row.iter().enumerate() {
            let class = if i == 0 { "" } else { " class=\"n\"" };
            let _ = write!(out, "<td{class}>{}</td>", escape(cell));
        }
        out += "</tr>\n";
    }
    out + "</tbody></table>"
}

/// One panel for each attribute: shares, intervals, target.
pub(super) fn representation(entries: &[RepresentationEntry]) -> String {
    let mut out = String::from("<div class=\"grid\">\n");
    for entry in entries {
        let cells = || 0..entry.categories.len();
        let bars: Vec<Bar> = cells()
            .map(|c| Bar {
                label: entry.categories[c].clone(),
                value: entry.shares[c].0,
                interval: Some(entry.wilson[c].map(|end| end.0)),
                target: Some(entry.target_shares[c].0),
                text: percent(entry.shares[c].0),
            })
            .collect();
        let rows: Vec<Vec<String>> = cells()
            .map(|c| {
                let [low, high] = entry.wilson[c];
                vec![
                    entry.categories[c].clone(),
                    entry.counts[c].to_string(),
                    percent(entry.shares[c].0),
                    format!("{} to {}", percent(low.0), percent(high.0)),
                    percent(entry.target_shares[c].0),
                ]
            })
            .collect();
        let name = say(&entry.attribute);
        let desc = format!(
            "Shares of {name} among {} samples, with 95 % intervals and targets",
            entry.n
        );
        let heads = ["category", "samples", "share", "interval", "target"];
        out += &figure(
            &name,
            &charts::bars(&name, &desc, &bars),
            &table(&heads, &rows),
        );
    }
    out + "</div>\n"
}

/// Maps of the cells where two attributes meet.
pub(super) fn intersections(entries: &[IntersectionEntry]) -> String {
    let mut out = String::from("<div class=\"grid\">\n");
    for entry in entries.iter().filter(|entry| entry.attributes.len() == 2) {
        let [columns, rows] = [&entry.categories[0], &entry.categories[1]];
        let most = entry.counts.iter().copied().max().unwrap_or(1).max(1);
        let rows: Vec<(String, Vec<Cell>)> = rows
            .iter()
            .enumerate()
            .map(|(r, row)| {
                let cell = |(c, column): (usize, &String)| {
                    let count = entry.counts[c * rows.len() + r];
                    Cell {
                        strength: count as f64 / most as f64,
                        text: count.to_string(),
                        tip: format!("{column}, {row}: {count} samples"),
                        is_marked: count < entry.support,
                    }
                };
                (row.clone(), columns.iter().enumerate().map(cell).collect())
            })
            .collect();
        let name = format!(
            "{} by {}",
            say(&entry.attributes[1]),
            say(&entry.attributes[0])
        );
        let desc = format!(
            "Samples in each cell; outlined are those below the support of {}",
            entry.support
        );
        let drawing = charts::map(&name, &desc, columns, &rows);
        out += &figure(&name, &drawing, "");
    }
    out + "</div>\n"
}

/// Maps of effects: circumstances by sensitive attributes.
pub(super) fn association(entries: &[AssociationEntry], alpha: f64) -> String {
    let mut out = String::from("<div class=\"grid\">\n");
    for (kind, name, small) in [
        ("categories", "Cramér’s V with circumstances and looks", 0.3),
        ("numbers", "ε² with circumstances", 0.06),
    ] {
        let of_kind: Vec<&AssociationEntry> = entries.iter().filter(|e| e.kind == kind).collect();
        let (mut columns, mut others): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for entry in &of_kind {
            if !columns.contains(&entry.a.as_str()) {
                columns.push(&entry.a);
            }
            if !others.contains(&entry.b.as_str()) {
                others.push(&entry.b);
            }
        }
        if of_kind.is_empty() {
            continue;
        }
        let cell = |a: &str, b: &str| match of_kind.iter().find(|e| e.a == a && e.b == b) {
            Some(entry) => Cell {
                strength: entry.effect.0 / small,
                text: if entry.declared {
                    "·".to_owned()
                } else {
                    format!("{:.2}", entry.effect.0)
                },
                tip: format!(
                    "{} and {}: {:.4}{}",
                    say(a),
                    say(b),
                    entry.effect.0,
                    if entry.declared { ", by design" } else { "" }
                ),
                is_marked: !entry.declared && entry.p_bh.0 < alpha,
            },
            None => Cell {
                strength: 0.0,
                text: String::new(),
                tip: "not compared".to_owned(),
                is_marked: false,
            },
        };
        let rows: Vec<(String, Vec<Cell>)> = others
            .iter()
            .map(|b| (say(b), columns.iter().map(|a| cell(a, b)).collect()))
            .collect();
        let heads: Vec<String> = columns.iter().map(|a| say(a)).collect();
        let desc = "Strength of each association; outlined are those that chance does not explain, \
                    a dot marks those that are so by design";
        let lines: Vec<Vec<String>> = of_kind
            .iter()
            .map(|e| {
                vec![
                    format!("{} and {}", say(&e.a), say(&e.b)),
                    short(e.effect.0),
                    if e.declared {
                        "by design".to_owned()
                    } else {
                        short(e.p_bh.0)
                    },
                    short(e.detectable.0),
                ]
            })
            .collect();
        let heads_of_table = ["pair", "effect", "corrected p", "detectable"];
        let drawing = charts::map(name, desc, &heads, &rows);
        out += &figure(name, &drawing, &table(&heads_of_table, &lines));
    }
    out + "</div>\n"
}

/// What the pictures show by group: means with intervals.
pub(super) fn image(entries: &[ImageEntry]) -> String {
    let mut out = String::new();
    let wanted = |entry: &&ImageEntry| {
        !entry.groups.is_empty()
            && (entry.attribute == "skin_tone_mst"
                || (entry.id == "IMG-5" && entry.attribute == "hair_texture"))
    };
    for entry in entries.iter().filter(wanted) {
        let rows: Vec<Bar> = entry
            .groups
            .iter()
            .map(|group| Bar {
                label: group.group.clone(),
                value: group.mean.0,
                interval: Some(group.interval.map(|end| end.0)),
                target: None,
                text: short(group.mean.0),
            })
            .collect();
        let n: f64 = entry.groups.iter().map(|g| g.n as f64).sum();
        let overall = entry
            .groups
            .iter()
            .map(|g| g.mean.0 * g.n as f64)
            .sum::<f64>()
            / n;
        let measure = match (entry.id.as_str(), entry.measure.as_str()) {
            ("IMG-3", "skin_luma_measured") => "share of pictures with crushed skin".to_owned(),
            ("IMG-3", _) => "share of pictures with a blown person".to_owned(),
            ("IMG-4", _) => "contrast of skin and background, L*".to_owned(),
            (_, other) => say(other),
        };
        let name = format!("{measure} by {}", say(&entry.attribute));
        let desc =
            format!("Mean and 95 % interval of {measure}; the dashed line is the mean of all");
        let drawing = charts::forest(&name, &desc, &rows, overall);
        let lines: Vec<Vec<String>> = entry
            .groups
            .iter()
            .map(|g| {
                vec![
                    g.group.clone(),
                    g.n.to_string(),
                    short(g.mean.0),
                    short(g.median.0),
                ]
            })
            .collect();
        out += &figure(
            &name,
            &drawing,
            &table(&["group", "samples", "mean", "median"], &lines),
        );
    }
    out
}

/// Errors of models by group.
pub(super) fn parity(entries: &[ParityEntry]) -> String {
    let mut out = String::from("<div class=\"grid\">\n");
    for entry in entries
        .iter()
        .filter(|e| e.groups.len() > 1 && e.groups.len() <= 24)
    {
        let rows: Vec<Bar> = entry
            .groups
            .iter()
            .map(|group| Bar {
                label: group.group.clone(),
                value: group.mean.0,
                interval: Some(group.interval.map(|end| end.0)),
                target: None,
                text: short(group.mean.0),
            })
            .collect();
        let attributes: Vec<String> = entry.attribute.split(" x ").map(say).collect();
        let name = format!(
            "{} {} of {} by {}",
            entry.task,
            entry.metric,
            entry.model,
            attributes.join(" and ")
        );
        let desc = format!(
            "Mean and bootstrap interval of each group; {} is better",
            entry.direction
        );
        let drawing = charts::forest(&name, &desc, &rows, entry.overall.0);
        let lines: Vec<Vec<String>> = entry
            .groups
            .iter()
            .map(|g| {
                let people = g.identities.map_or_else(String::new, |n| n.to_string());
                let [low, high] = g.interval;
                let interval = format!("{} to {}", short(low.0), short(high.0));
                vec![
                    g.group.clone(),
                    g.n.to_string(),
                    people,
                    short(g.mean.0),
                    interval,
                ]
            })
            .collect();
        let heads = ["group", "samples", "people", "mean", "interval"];
        out += &figure(&name, &drawing, &table(&heads, &lines));
    }
    out + "</div>\n"
}
