//! Vector drawings by hand: rectangles, lines, circles and text, with colours from the style sheet,
//! so that one drawing serves light, dark and paper.

use std::fmt::{Display, Write as _};

/// A drawing in progress; lengths are CSS pixels at full size.
#[derive(Debug)]
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
    title: String,
    desc: String,
}

/// Where a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// An empty drawing; `title` and `desc` are what a screen reader says.
    pub(super) fn new(width: f64, height: f64, title: &str, desc: &str) -> Self {
        Self {
            width,
            height,
            body: String::new(),
            title: escape(title),
            desc: escape(desc),
        }
    }

    /// A filled rectangle of a class.
    pub(super) fn rect(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        let (width, height) = (width.max(0.0), height.max(0.0));
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"/>"
        ));
    }

    /// A rectangle whose strength is between 0 and 1, with a word that shows on pointing.
    pub(super) fn cell(
        &mut self,
        class: &str,
        at: [f64; 2],
        size: [f64; 2],
        strength: f64,
        tip: &str,
    ) {
        let ([x, y], [width, height]) = (at, size);
        let strength = if strength.is_nan() {
            0.0
        } else {
            strength.clamp(0.0, 1.0)
        };
        let tip = escape(tip);
        self.put(format_args!(
            "<rect class=\"{class}\" style=\"--s:{strength:.3}\" x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{height:.1}\"><title>{tip}</title></rect>"
        ));
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    /// A dot.
    pub(super) fn dot(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        self.put(format_args!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>"
        ));
    }

    /// A text.
    pub(super) fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// A text that rises to the right, for the heads of narrow columns.
    pub(super) fn tilted(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        let text = escape(text);
        self.put(format_args!(
            "<text class=\"{class}\" transform=\"translate({x:.1} {y:.1}) rotate(-48)\">{text}</text>"
        ));
    }

    fn put(&mut self, element: impl Display) {
        let _ = writeln!(self.body, "{element}");
    }

    /// The drawing as an element of a page.
    pub(super) fn finish(self) -> String {
        let Self {
            width,
            height,
            body,
            title,
            desc,
        } = self;
        format!(
            "<svg role=\"img\" viewBox=\"0 0 {width:.0} {height:.0}\" style=\"max-width:{width:.0}px\">\
             <title>{title}</title><desc>{desc}</desc>\n{body}</svg>\n"
        )
    }
}

/// Text that is safe in HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

/// A text cut to a number of letters.
pub(super) fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters - 1).chain(['…']).collect()
}
