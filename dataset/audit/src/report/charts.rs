//! The charts of a report: bars with whiskers, histograms, heat maps, forests, points.

use super::svg::{Anchor, Svg, cut};

/// Width of every chart: that of a phone, so that text keeps its size there.
const WIDTH: f64 = 340.0;
/// Height of a row.
const ROW: f64 = 22.0;
/// Where bars begin, and where they end.
const LEFT: f64 = 112.0;
const RIGHT: f64 = 282.0;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) interval: Option<[f64; 2]>,
    pub(super) target: Option<f64>,
    pub(super) text: String,
}

/// Horizontal bars with whiskers and a mark at the target.
pub(super) fn bars(title: &str, desc: &str, bars: &[Bar]) -> String {
    let reach = |bar: &Bar| {
        let high = bar.interval.map_or(0.0, |ends| ends[1]);
        bar.value.max(high).max(bar.target.unwrap_or(0.0))
    };
    let max = bars
        .iter()
        .map(reach)
        .filter(|v| v.is_finite())
        .fold(1e-12, f64::max);
    let x = |v: f64| LEFT + (RIGHT - LEFT) * (v / max).clamp(0.0, 1.0);
    let mut svg = Svg::new(WIDTH, ROW * bars.len() as f64 + 6.0, title, desc);
    for (i, bar) in bars.iter().enumerate() {
        let y = ROW * i as f64 + 3.0;
        let middle = y + 0.5 * ROW;
        svg.text(
            "label",
            [LEFT - 6.0, middle + 4.0],
            Anchor::End,
            &cut(&bar.label, 17),
        );
        svg.rect("track", [LEFT, y + 3.0], [RIGHT - LEFT, ROW - 6.0]);
        svg.rect("bar", [LEFT, y + 3.0], [x(bar.value) - LEFT, ROW - 6.0]);
        if let Some([low, high]) = bar
            .interval
            .filter(|ends| ends.iter().all(|v| v.is_finite()))
        {
            svg.line("whisker", [x(low), middle], [x(high), middle]);
            for end in [low, high] {
                svg.line("whisker", [x(end), middle - 4.0], [x(end), middle + 4.0]);
            }
        }
        if let Some(target) = bar.target {
            svg.line("target", [x(target), y + 1.0], [x(target), y + ROW - 1.0]);
        }
        svg.text("value", [WIDTH - 2.0, middle + 4.0], Anchor::End, &bar.text);
    }
    svg.finish()
}

/// A histogram of numbers with its axis.
pub(super) fn histogram(title: &str, unit: &str, numbers: &[f64]) -> String {
    const BINS: usize = 28;
    const HEIGHT: f64 = 96.0;
    let (low, high) = numbers
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(*v), high.max(*v))
        });
    let span = if high > low { high - low } else { 1.0 };
    let mut counts = [0_u64; BINS];
    for v in numbers {
        counts[(((v - low) / span * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let desc = format!(
        "Histogram of {} numbers from {} to {} {unit}",
        numbers.len(),
        short(low),
        short(high)
    );
    let (left, right) = (6.0, WIDTH - 6.0);
    let step = (right - left) / BINS as f64;
    let mut svg = Svg::new(WIDTH, HEIGHT + 20.0, title, &desc);
    for (i, count) in counts.iter().enumerate() {
        let height = (HEIGHT - 4.0) * *count as f64 / most as f64;
        svg.rect(
            "bar",
            [left + step * i as f64 + 0.5, HEIGHT - height],
            [step - 1.0, height],
        );
    }
    svg.line("axis", [left, HEIGHT], [right, HEIGHT]);
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(" {unit}")
    };
    svg.text("value", [left, HEIGHT + 15.0], Anchor::Start, &short(low));
    svg.text(
        "value",
        [0.5 * (left + right), HEIGHT + 15.0],
        Anchor::Middle,
        &short(0.5 * (low + high)),
    );
    svg.text(
        "value",
        [right, HEIGHT + 15.0],
        Anchor::End,
        &format!("{}{unit}", short(high)),
    );
    svg.finish()
}

/// A cell of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// 0 pale to 1 full.
    pub(super) strength: f64,
    pub(super) text: String,
    pub(super) tip: String,
    /// Outlined: empty, too thin, or beyond its limit.
    pub(super) is_marked: bool,
}

/// A map of cells, row by row.
pub(super) fn map(
    title: &str,
    desc: &str,
    columns: &[String],
    rows: &[(String, Vec<Cell>)],
) -> String {
    let label = 118.0;
    let head = if columns.iter().any(|name| name.chars().count() > 4) {
        64.0
    } else {
        18.0
    };
    let width = ((WIDTH - label - 2.0) / columns.len().max(1) as f64).min(56.0);
    let height = 22.0;
    let mut svg = Svg::new(WIDTH, head + height * rows.len() as f64 + 4.0, title, desc);
    for (j, name) in columns.iter().enumerate() {
        let x = label + width * (j as f64 + 0.5);
        if head < 20.0 {
            svg.text("value", [x, 13.0], Anchor::Middle, name);
        } else {
            svg.tilted("value", [x + 2.0, head - 5.0], &cut(name, 13));
        }
    }
    for (i, (name, cells)) in rows.iter().enumerate() {
        let y = head + height * i as f64;
        svg.text(
            "label",
            [label - 6.0, y + 15.0],
            Anchor::End,
            &cut(name, 17),
        );
        for (j, cell) in cells.iter().enumerate() {
            let x = label + width * j as f64;
            let class = if cell.is_marked {
                "cell marked"
            } else {
                "cell"
            };
            let (at, size) = ([x + 1.0, y + 1.0], [width - 2.0, height - 2.0]);
            svg.cell(class, at, size, cell.strength, &cell.tip);
            let ink = if cell.strength > 0.55 { "on" } else { "off" };
            svg.text(ink, [x + 0.5 * width, y + 15.0], Anchor::Middle, &cell.text);
        }
    }
    svg.finish()
}

/// Means with their intervals, and a line at the mean of all.
pub(super) fn forest(title: &str, desc: &str, rows: &[Bar], overall: f64) -> String {
    let ends = rows.iter().flat_map(|row| {
        let [low, high] = row.interval.unwrap_or([row.value; 2]);
        [low, high, row.value]
    });
    let ends: Vec<f64> = ends.chain([overall]).filter(|v| v.is_finite()).collect();
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let x = |v: f64| LEFT + (RIGHT - LEFT) * ((v - low) / span).clamp(0.0, 1.0);
    let bottom = ROW * rows.len() as f64 + 6.0;
    let mut svg = Svg::new(WIDTH, bottom + 18.0, title, desc);
    if overall.is_finite() {
        svg.line("target", [x(overall), 0.0], [x(overall), bottom]);
    }
    for (i, row) in rows.iter().enumerate() {
        let y = ROW * (i as f64 + 0.5) + 3.0;
        svg.text(
            "label",
            [LEFT - 6.0, y + 4.0],
            Anchor::End,
            &cut(&row.label, 17),
        );
        if let Some([low, high]) = row
            .interval
            .filter(|ends| ends.iter().all(|v| v.is_finite()))
        {
            svg.line("whisker", [x(low), y], [x(high), y]);
        }
        svg.dot("dot", [x(row.value), y], 4.0);
        svg.text("value", [WIDTH - 2.0, y + 4.0], Anchor::End, &row.text);
    }
    svg.line("axis", [LEFT, bottom], [RIGHT, bottom]);
    svg.text("value", [LEFT, bottom + 14.0], Anchor::Start, &short(low));
    svg.text("value", [RIGHT, bottom + 14.0], Anchor::End, &short(high));
    svg.finish()
}

/// Points, with the line where both are equal and a line through them.
pub(super) fn points(
    title: &str,
    names: [&str; 2],
    points: &[(f64, f64)],
    through: Option<(f64, f64)>,
) -> String {
    const HEIGHT: f64 = 300.0;
    let all = || points.iter().flat_map(|(x, y)| [*x, *y]);
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let (left, right, top, bottom) = (38.0, WIDTH - 8.0, 8.0, HEIGHT - 36.0);
    let x = |v: f64| left + (right - left) * ((v - low) / span).clamp(0.0, 1.0);
    let y = |v: f64| bottom - (bottom - top) * ((v - low) / span).clamp(0.0, 1.0);
    let desc = format!(
        "{} points of {} against {}",
        points.len(),
        names[1],
        names[0]
    );
    let mut svg = Svg::new(WIDTH, HEIGHT, title, &desc);
    svg.line("target", [x(low), y(low)], [x(high), y(high)]);
    for (px, py) in points {
        svg.dot("point", [x(*px), y(*py)], 2.4);
    }
    if let Some((slope, intercept)) = through {
        let at = |v: f64| [x(v), y(intercept + slope * v)];
        svg.line("through", at(low), at(high));
    }
    svg.line("axis", [left, bottom], [right, bottom]);
    svg.line("axis", [left, top], [left, bottom]);
    for v in [low, 0.5 * (low + high), high] {
        svg.text(
            "value",
            [x(v).min(right - 10.0), bottom + 14.0],
            Anchor::Middle,
            &short(v),
        );
        svg.text("value", [left - 4.0, y(v) + 4.0], Anchor::End, &short(v));
    }
    svg.text(
        "label",
        [0.5 * (left + right), HEIGHT - 6.0],
        Anchor::Middle,
        names[0],
    );
    svg.text("label", [left + 6.0, top + 10.0], Anchor::Start, names[1]);
    svg.finish()
}

/// A number in few letters.
pub(super) fn short(v: f64) -> String {
    match v.abs() {
        _ if v.is_nan() => "–".to_owned(),
        0.0 => "0".to_owned(),
        a if a >= 1000.0 => format!("{v:.0}"),
        a if a >= 100.0 => format!("{v:.0}"),
        a if a >= 10.0 => format!("{v:.1}"),
        a if a >= 0.01 => format!("{v:.2}"),
        a if a >= 0.0001 => format!("{v:.4}"),
        _ => format!("{v:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_hold_only_finite_lengths_and_safe_text() {
        let bar = Bar {
            label: "<b> & more".into(),
            value: 0.5,
            interval: Some([0.4, f64::NAN]),
            target: Some(0.6),
            text: "50 %".into(),
        };
        let cell = Cell {
            strength: f64::NAN,
            text: "1".into(),
            tip: "a".into(),
            is_marked: true,
        };
        let drawn = [
            bars("t", "d", std::slice::from_ref(&bar)),
            forest("t", "d", std::slice::from_ref(&bar), f64::NAN),
            histogram("t", "m", &[1.0; 5]),
            histogram("t", "m", &[]),
            points("t", ["a", "b"], &[(1.0, 2.0)], Some((1.0, 0.0))),
            map(
                "t",
                "d",
                &["long column".into()],
                &[("r".into(), vec![cell])],
            ),
        ];
        for svg in drawn {
            assert!(!svg.contains("NaN\""), "{svg}");
            assert!(!svg.contains("inf\"") && !svg.contains("<b>"), "{svg}");
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        }
    }
}
