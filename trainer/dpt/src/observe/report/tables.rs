//! The tables of a report: metrics before and after, and what the run was.

use std::fmt::Write as _;

use super::RunReport;
use super::chart::{escape, short};
use super::curves::words;

/// Metrics held out at the first and at the last evaluation, and the best of all.
pub(super) fn before_and_after(report: &RunReport) -> String {
    let (Some(first), Some(last)) = (report.evaluations.first(), report.evaluations.last()) else {
        return "<p>Nothing was evaluated on samples held out.</p>\n".to_owned();
    };
    let mut out = if report.evaluations.len() == 1 {
        format!(
            "<p>{} samples that the model never trained on, after step {}.</p>\n",
            last.samples, last.step
        )
    } else {
        format!(
            "<p>{} samples that the model never trained on, at step {} and at step {}.</p>\n",
            last.samples, first.step, last.step
        )
    };
    let has_before = report.evaluations.len() > 1;
    out += "<div class=\"scroll\"><table><thead><tr><th>metric</th>";
    if has_before {
        out += "<th class=\"n\">before</th>";
    }
    out += "<th class=\"n\">after</th>";
    if has_before {
        out += "<th class=\"n\">change</th><th>verdict</th><th class=\"n\">best</th>\
                <th class=\"n\">at step</th>";
    }
    out += "</tr></thead><tbody>\n";
    for (name, after) in &last.metrics {
        let _ = write!(out, "<tr><td>{}</td>", escape(&words(name)));
        let before = first.metrics.get(name).copied().unwrap_or(f64::NAN);
        if has_before {
            let _ = write!(out, "<td class=\"n\">{}</td>", short(before));
        }
        let _ = write!(out, "<td class=\"n\"><b>{}</b></td>", short(*after));
        if has_before {
            let is_more = report.more_is_better.contains(name);
            out += &verdict(before, *after, is_more);
            out += &best(report, name, is_more);
        }
        out += "</tr>\n";
    }
    out + "</tbody></table></div>\n"
}

fn verdict(before: f64, after: f64, is_more_better: bool) -> String {
    let change = 100.0 * (after - before) / before.abs();
    let word = match after.partial_cmp(&before) {
        None => "unknown",
        Some(std::cmp::Ordering::Equal) => "as before",
        Some(order) if (order == std::cmp::Ordering::Greater) == is_more_better => "better",
        Some(_) => "worse",
    };
    let change = if change.is_finite() {
        format!("{change:+.1} %")
    } else {
        "–".to_owned()
    };
    format!("<td class=\"n\">{change}</td><td class=\"{word}\">{word}</td>")
}

fn best(report: &RunReport, name: &str, is_more_better: bool) -> String {
    let key = |v: f64| if is_more_better { -v } else { v };
    let known = report.evaluations.iter().filter_map(|record| {
        let v = *record.metrics.get(name)?;
        v.is_finite().then_some((v, record.step))
    });
    match known.min_by(|a, b| key(a.0).total_cmp(&key(b.0))) {
        Some((v, step)) => format!(
            "<td class=\"n\">{}</td><td class=\"n\">{step}</td>",
            short(v)
        ),
        None => "<td class=\"n\">–</td><td></td>".to_owned(),
    }
}

/// Names and values.
pub(super) fn facts(report: &RunReport) -> String {
    let mut out = String::from("<dl>\n");
    for (name, value) in &report.facts {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    }
    out + "</dl>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::EvaluationRecord;

    fn evaluation(step: u64, rmse: f64, delta: f64) -> EvaluationRecord {
        let metrics = [("depth/rmse_m", rmse), ("depth/delta1", delta)];
        EvaluationRecord {
            step,
            samples: 60,
            metrics: metrics.map(|(k, v)| (k.to_owned(), v)).into(),
        }
    }

    #[test]
    fn more_or_less_is_better_as_the_metric_says() {
        let report = RunReport {
            evaluations: vec![
                evaluation(0, 0.4, 0.5),
                evaluation(10, 0.1, 0.8),
                evaluation(20, 0.2, 0.4),
            ],
            more_is_better: ["depth/delta1".to_owned()].into(),
            ..RunReport::default()
        };
        let drawn = before_and_after(&report);
        let row = |name: &str| drawn.lines().find(|line| line.contains(name)).unwrap();
        let rmse = row("depth: rmse m");
        assert!(
            rmse.contains("-50.0 %") && rmse.contains("better"),
            "{rmse}"
        );
        assert!(
            rmse.contains("<td class=\"n\">0.1</td><td class=\"n\">10</td>"),
            "{rmse}"
        );
        let delta = row("depth: delta1");
        assert!(
            delta.contains("-20.0 %") && delta.contains("worse"),
            "{delta}"
        );
        assert!(
            delta.contains("<td class=\"n\">0.8</td><td class=\"n\">10</td>"),
            "{delta}"
        );
    }

    #[test]
    fn a_run_that_was_evaluated_once_or_never_claims_no_change() {
        let mut report = RunReport {
            evaluations: vec![evaluation(20, 0.2, f64::NAN)],
            ..RunReport::default()
        };
        let drawn = before_and_after(&report);
        assert!(
            !drawn.contains("before") && drawn.contains("after step 20"),
            "{drawn}"
        );
        report.evaluations.clear();
        assert!(before_and_after(&report).contains("Nothing was evaluated"));
        assert!(verdict(f64::NAN, 1.0, true).contains("unknown"));
    }
}
