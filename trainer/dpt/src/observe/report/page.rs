//! The page: its sections in order, and its style.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::chart::escape;
use super::curves;
use super::tables;
use super::{RunReport, SampleRow};

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(super) fn page(report: &RunReport) -> String {
    let title = escape(&report.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: training report</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header><p class=\"faint\">Training report · bottega {}</p><h1>{title}</h1>\n<p>{}</p>\n\
         <nav aria-label=\"Sections\">",
        env!("CARGO_PKG_VERSION"),
        escape(&report.summary)
    );
    let sections = sections(report);
    for (id, title, _) in &sections {
        let _ = write!(out, "<a href=\"#{id}\">{title}</a>");
    }
    out += "</nav></header>\n<main>\n";
    for (id, title, body) in &sections {
        let _ = writeln!(
            out,
            "<section id=\"{id}\"><h2>{title}</h2>\n{body}</section>"
        );
    }
    out + "</main>\n</body>\n</html>\n"
}

/// Names, titles and contents of the sections that have something to say.
fn sections(report: &RunReport) -> Vec<(&'static str, &'static str, String)> {
    let grid = |figures: String| {
        if figures.is_empty() {
            figures
        } else {
            format!("<div class=\"grid\">\n{figures}</div>\n")
        }
    };
    let held_out = tables::before_and_after(report) + &grid(curves::metrics(report));
    let losses = grid(curves::losses(report));
    let note = if losses.is_empty() {
        String::new()
    } else {
        "<p>A line is the mean of a stretch of steps, the band around it reaches from the least to \
         the greatest value.</p>\n"
            .to_owned()
    };
    let mut sections = vec![
        ("held-out", "How well it does", held_out),
        ("samples", "What it predicts", samples(&report.samples)),
        ("loss", "How it learned", note + &losses),
        ("course", "How the run went", grid(curves::course(report))),
        (
            "run",
            "What was run",
            tables::facts(report) + &config(report),
        ),
    ];
    sections.retain(|(_, _, body)| !body.is_empty());
    sections
}

fn samples(rows: &[SampleRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<p>Truth and prediction side by side. Depth runs from pale (near) to dark (far) over the \
         range of each picture, so that shapes compare, not metres; normals are colours of their \
         direction (red right, green up, blue toward the camera); alpha is white where the person \
         is.</p>\n",
    );
    for row in rows {
        out += "<div class=\"sample\">\n";
        out += &picture("picture", "picture", &row.picture_png, &row.caption);
        for plane in &row.planes {
            let name = escape(&plane.name);
            let _ = writeln!(out, "<div class=\"pair\"><h3>{name}</h3>");
            if let Some(truth) = &plane.truth_png {
                out += &picture("", &format!("{name}, truth"), truth, "truth");
            }
            let alt = format!("{name}, prediction");
            out += &picture("", &alt, &plane.prediction_png, "prediction");
            out += "</div>\n";
        }
        out += "</div>\n";
    }
    out
}

fn picture(class: &str, alt: &str, png: &[u8], caption: &str) -> String {
    format!(
        "<figure class=\"{class}\"><img alt=\"{alt}\" src=\"data:image/png;base64,{}\">\
         <figcaption>{}</figcaption></figure>\n",
        STANDARD.encode(png),
        escape(caption)
    )
}

fn config(report: &RunReport) -> String {
    if report.config_toml.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>The configuration</summary><pre>{}</pre></details>\n",
        escape(&report.config_toml)
    )
}
