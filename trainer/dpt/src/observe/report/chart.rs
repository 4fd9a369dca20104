//! One chart of lines over the steps, as inline SVG with colours from the style sheet.
//!
//! Lines differ in colour and in dash, so that they can be told apart by the colour-blind and on
//! grey paper. Long series are drawn as the means of short stretches over a band from the least to
//! the greatest value of each.

use std::fmt::Write as _;

/// Width of every chart: that of a phone, so that text keeps its size there.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 210.0;
/// Where the lines may be.
const LEFT: f64 = 46.0;
const RIGHT: f64 = WIDTH - 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = HEIGHT - 34.0;
/// Height of a line of the legend.
const LEGEND_ROW: f64 = 18.0;
/// Stretches that a series is drawn in at most.
const STRETCHES: usize = 160;
/// Colours and dashes of the style sheet.
const STYLES: usize = 6;
/// A positive series that spans more than this factor is drawn on a logarithmic scale.
const LOG_FROM: f64 = 30.0;

/// A line: its name and its points (step, value), in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// Step and mean, least and greatest value of a stretch.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    step: f64,
    mean: f64,
    low: f64,
    high: f64,
}

/// A chart of lines; points that are not finite are left out. `None` where no point is left.
pub(super) fn lines(title: &str, series: &[Series]) -> Option<String> {
    let drawn: Vec<Vec<Stretch>> = series.iter().map(|s| stretches(&s.points)).collect();
    let all = || drawn.iter().flatten();
    let step_max = all().map(|s| s.step).fold(f64::NAN, f64::max);
    if step_max.is_nan() {
        return None;
    }
    let low = all().map(|s| s.low).fold(f64::INFINITY, f64::min);
    let high = all().map(|s| s.high).fold(f64::NEG_INFINITY, f64::max);
    let y_axis = Axis::over(low, high);
    let x = |step: f64| LEFT + (RIGHT - LEFT) * (step / step_max.max(1.0)).clamp(0.0, 1.0);
    let y = |v: f64| BOTTOM - (BOTTOM - TOP) * y_axis.share(v).clamp(0.0, 1.0);

    let legend = if series.len() > 1 { series.len() } else { 0 };
    let height = HEIGHT + LEGEND_ROW * legend.div_ceil(2) as f64;
    let desc = describe(series, low, high, step_max);
    let mut svg = format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" style=\"max-width:{WIDTH:.0}px\">\
         <title>{}</title><desc>{}</desc>\n",
        escape(title),
        escape(&desc)
    );
    for tick in y_axis.ticks() {
        let at = y(tick);
        let _ = writeln!(
            svg,
            "<line class=\"rule\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{RIGHT}\" y2=\"{at:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 5.0,
            at + 4.0,
            short(tick)
        );
    }
    // The axis ends at the last step, which need not be round.
    let steps = Axis::linear(0.0, step_max.max(1.0)).ticks();
    for tick in steps.take_while(|tick| *tick <= step_max.max(1.0)) {
        let (at, text) = (x(tick), short(tick));
        let _ = writeln!(
            svg,
            "<line class=\"axis\" x1=\"{at:.1}\" y1=\"{BOTTOM}\" x2=\"{at:.1}\" y2=\"{:.1}\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{text}</text>",
            BOTTOM + 4.0,
            BOTTOM + 16.0,
            if at > RIGHT - 12.0 { "end" } else { "middle" }
        );
    }
    let _ = writeln!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>\
         <text class=\"faint\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">step</text>",
        0.5 * (LEFT + RIGHT),
        BOTTOM + 30.0
    );
    for (i, stretches) in drawn.iter().enumerate() {
        draw_line(&mut svg, i % STYLES, stretches, x, y);
    }
    for (i, line) in series.iter().enumerate().take(legend) {
        let left = if i % 2 == 0 {
            LEFT
        } else {
            0.5 * (LEFT + RIGHT) + 6.0
        };
        let at = HEIGHT + LEGEND_ROW * ((i / 2) as f64 + 0.5);
        let style = i % STYLES;
        let _ = writeln!(
            svg,
            "<path class=\"line c{style}\" d=\"M{left:.1} {at:.1}h24\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            left + 30.0,
            at + 4.0,
            escape(&cut(&line.name, 18))
        );
    }
    svg += "</svg>\n";
    Some(svg)
}

fn draw_line(
    svg: &mut String,
    style: usize,
    stretches: &[Stretch],
    x: impl Fn(f64) -> f64,
    y: impl Fn(f64) -> f64,
) {
    if stretches.iter().any(|s| s.high > s.low) {
        let _ = write!(svg, "<path class=\"band c{style}\" d=\"");
        let upper = stretches.iter().map(|s| (s.step, s.high));
        let lower = stretches.iter().rev().map(|s| (s.step, s.low));
        for (i, (step, v)) in upper.chain(lower).enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(svg, "{letter}{:.1} {:.1}", x(step), y(v));
        }
        *svg += "Z\"/>\n";
    }
    if stretches.len() > 1 {
        let _ = write!(svg, "<path class=\"line c{style}\" d=\"");
        for (i, s) in stretches.iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(svg, "{letter}{:.1} {:.1}", x(s.step), y(s.mean));
        }
        *svg += "\"/>\n";
    }
    // Few points are evaluations, which were measured where they stand.
    if stretches.len() <= 24 {
        for s in stretches {
            let _ = writeln!(
                svg,
                "<circle class=\"dot c{style}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.6\"/>",
                x(s.step),
                y(s.mean)
            );
        }
    }
}

fn stretches(points: &[(f64, f64)]) -> Vec<Stretch> {
    let finite: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(step, v)| step.is_finite() && v.is_finite())
        .collect();
    let length = finite.len().div_ceil(STRETCHES).max(1);
    let chunks = finite.chunks(length);
    chunks
        .map(|chunk| {
            let n = chunk.len() as f64;
            let values = || chunk.iter().map(|(_, v)| *v);
            Stretch {
                step: chunk.iter().map(|(step, _)| step).sum::<f64>() / n,
                mean: values().sum::<f64>() / n,
                low: values().fold(f64::INFINITY, f64::min),
                high: values().fold(f64::NEG_INFINITY, f64::max),
            }
        })
        .collect()
}

/// What a screen reader says of a chart.
fn describe(series: &[Series], low: f64, high: f64, step_max: f64) -> String {
    let mut text = format!(
        "Lines over {} steps, from {} to {}.",
        short(step_max),
        short(low),
        short(high)
    );
    for line in series {
        let mut finite = line.points.iter().filter(|(_, v)| v.is_finite());
        if let Some((_, first)) = finite.next() {
            let last = finite.next_back().map_or(*first, |(_, v)| *v);
            let _ = write!(
                text,
                " {} begins at {} and ends at {}.",
                line.name,
                short(*first),
                short(last)
            );
        }
    }
    text
}

/// An axis with round ends.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    low: f64,
    high: f64,
    /// Distance of the ticks; on a logarithmic axis, decades between them.
    step: f64,
    is_log: bool,
}

impl Axis {
    fn over(low: f64, high: f64) -> Self {
        if low > 0.0 && high / low > LOG_FROM {
            let (low, high) = (libm::floor(libm::log10(low)), libm::ceil(libm::log10(high)));
            let step = libm::ceil((high - low) / 5.0).max(1.0);
            return Self {
                low,
                high,
                step,
                is_log: true,
            };
        }
        // A line that stays far from zero is better seen without it.
        let from_zero = low >= 0.0 && (low < 0.5 * high || low == high);
        Self::linear(if from_zero { 0.0 } else { low }, high)
    }

    fn linear(low: f64, high: f64) -> Self {
        let span = if high > low {
            high - low
        } else {
            low.abs().max(1e-12)
        };
        let rough = span / 4.0;
        let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(10.0 * power);
        Self {
            low: step * libm::floor(low / step + 1e-9),
            high: step * libm::ceil((low + span) / step - 1e-9),
            step,
            is_log: false,
        }
    }

    /// Where a value stands, 0 at the low end and 1 at the high one.
    fn share(&self, v: f64) -> f64 {
        let v = if self.is_log {
            libm::log10(v.max(1e-300))
        } else {
            v
        };
        (v - self.low) / (self.high - self.low).max(1e-300)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let Self {
            low, step, is_log, ..
        } = *self;
        let n = ((self.high - low) / step + 1e-6) as usize;
        (0..=n.min(20)).map(move |i| {
            let v = low + step * i as f64;
            if is_log { libm::pow(10.0, v) } else { v }
        })
    }
}

/// A number in few letters.
pub(super) fn short(v: f64) -> String {
    if v.is_nan() {
        return "–".to_owned();
    }
    let trim = |text: String| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    match v.abs() {
        0.0 => "0".to_owned(),
        a if a >= 999_999.5 => format!("{} M", trim(format!("{:.2}", v / 1e6))),
        a if a >= 9_999.5 => format!("{} k", trim(format!("{:.1}", v / 1e3))),
        a if a >= 100.0 => trim(format!("{v:.1}")),
        a if a >= 1.0 => trim(format!("{v:.3}")),
        a if a >= 0.001 => trim(format!("{v:.4}")),
        _ => {
            // Rounding noise of ticks: 0.0002 comes as 2.0000000000000001e-4.
            let text = format!("{v:.2e}");
            let (digits, power) = text.split_once('e').expect("the format has an exponent");
            format!("{}e{power}", trim(digits.to_owned()))
        }
    }
}

/// Text that is safe in HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '&' | '<' | '>' | '"' | '\'') {
            let _ = write!(safe, "&#{};", u32::from(letter));
        } else {
            safe.push(letter);
        }
    }
    safe
}

fn cut(text: &str, letters: usize) -> String {
    let mut cut: String = text.chars().take(letters).collect();
    if cut.len() < text.len() {
        cut.pop();
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        let points = values.iter().enumerate().map(|(i, v)| (i as f64, *v));
        Series {
            name: "<loss> & co".into(),
            points: points.collect(),
        }
    }

    #[test]
    fn drawings_hold_only_finite_lengths_and_safe_text() {
        let many: Vec<f64> = (0..5000).map(|i| 1.0 / f64::from(1 + i % 97)).collect();
        for values in [
            &[0.0][..],
            &[1e-300, 1e300],
            &[f64::NAN, 1.0, f64::INFINITY, 3.0],
            &[-2.0, -2.0],
            &many,
        ] {
            let drawn = lines("<t>", &[series(values), series(values)]).unwrap();
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
            assert!(
                !drawn.contains("<t>") && !drawn.contains("<loss>"),
                "{drawn}"
            );
            assert!(drawn.len() < 40_000, "{}", drawn.len());
        }
        assert_eq!(lines("t", &[series(&[f64::NAN])]), None);
        assert_eq!(lines("t", &[]), None);
    }

    #[test]
    fn no_step_is_shown_that_was_not_reached() {
        let points = [(0.0, 1.0), (450.0, 0.5)];
        let series = Series {
            name: "loss".to_owned(),
            points: points.to_vec(),
        };
        let drawn = lines("t", &[series]).expect("two points");
        assert!(
            drawn.contains(">400<") && !drawn.contains(">600<"),
            "{drawn}"
        );
    }

    #[test]
    fn axes_have_round_ends_that_hold_the_values() {
        for (low, high) in [
            (0.0, 1.0),
            (0.31, 0.47),
            (-3.0, 12.0),
            (5.0, 5.0),
            (0.0, 0.0),
            (1e-5, 1e-4),
        ] {
            let axis = Axis::over(low, high);
            let ticks: Vec<f64> = axis.ticks().collect();
            assert!(
                axis.share(low) >= -1e-9 && axis.share(high) <= 1.0 + 1e-9,
                "{axis:?}"
            );
            assert!((2..=8).contains(&ticks.len()), "{axis:?}: {ticks:?}");
        }
        let axis = Axis::over(0.003, 7.0);
        assert!(axis.is_log);
        let ticks: Vec<String> = axis.ticks().map(short).collect();
        assert_eq!(ticks, ["0.001", "0.01", "0.1", "1", "10"]);
    }

    #[test]
    fn numbers_are_short() {
        let numbers = [
            0.5,
            1234.5,
            300_000.0,
            2_500_000.0,
            0.000_12,
            0.0123,
            12.0,
            1e6,
            f64::NAN,
        ];
        assert_eq!(
            numbers.map(short),
            [
                "0.5", "1234.5", "300 k", "2.5 M", "1.2e-4", "0.0123", "12", "1 M", "–"
            ]
        );
    }
}
