//! The page: its sections in order, its style, and the numbers for machines.

use std::fmt::Write as _;

use bottega_schemas::audit::AuditReport;

use super::charts;
use super::distributions::distributions;
use super::svg::escape;
use super::{Material, findings};
use crate::stats::DatasetStats;

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(super) fn page(material: &Material) -> String {
    let audit = &material.audit;
    let name = match audit.dataset.names.as_slice() {
        [] => "dataset".to_owned(),
        names => names.join(", "),
    };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name}: dataset report</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n",
        name = escape(&name)
    );
    let _ = write!(
        out,
        "<header><p class=\"faint\">Dataset report · bottega {}</p><h1>{}</h1>\n<p>{}</p>\n",
        escape(&audit.tool.version),
        escape(&name),
        escape(&summary(material))
    );
    out += "<nav aria-label=\"Sections\">";
    for (id, title) in SECTIONS {
        if id != "models" || !audit.parity.is_empty() {
            let _ = write!(out, "<a href=\"#{id}\">{title}</a>");
        }
    }
    out += "</nav></header>\n<main>\n";
    for (id, title) in SECTIONS {
        if id == "models" && audit.parity.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<section id=\"{id}\"><h2>{title}</h2>");
        out += &section(id, material);
        out += "</section>\n";
    }
    // A closing tag inside the JSON would end the element.
    let json = serde_json::to_string(audit)
        .expect("a report is plain data")
        .replace("</", "<\\/");
    let _ = write!(
        out,
        "</main>\n<script type=\"application/json\" id=\"audit\">{json}</script>\n</body>\n</html>\n"
    );
    out
}

const SECTIONS: [(&str, &str); 9] = [
    ("verdict", "What the audit found"),
    ("samples", "What it looks like"),
    ("people", "Who is in it"),
    ("independence", "What hangs together"),
    ("pictures", "What the pictures do to people"),
    ("models", "Whether models err alike"),
    ("labels", "How everything is distributed"),
    ("provenance", "Where it comes from"),
    ("method", "Method and limits"),
];

fn section(id: &str, material: &Material) -> String {
    let audit = &material.audit;
    match id {
        "verdict" => findings::strip(audit) + &findings::verdicts(audit),
        "samples" => format!(
            "<p>Samples of each framing with all their planes: picture, coverage, depth with its \
             range in metres, normals in camera space, and further planes where the dataset has \
             them.</p>\n<div class=\"sheet\"><img alt=\"Contact sheet: samples with all planes\" \
             src=\"data:image/png;base64,{}\"></div>\n",
            base64(&material.sheet_png)
        ),
        "people" => format!(
            "<p>Bars are shares with their 95 % intervals, the dashed mark is the declared target. \
             Age and body presentation are those of the drawn body, not claims about \
             people.</p>\n{}<h3>Where attributes meet</h3>\n<p>Samples in each cell; outlined \
             cells have fewer than they need.</p>\n{}",
            findings::representation(&audit.representation),
            findings::intersections(&audit.intersections)
        ),
        "independence" => format!(
            "<p>In a dataset of drawn people, who someone is should tell nothing about light, pose \
             or camera. 0 is no association, 1 is complete; outlined cells are those that chance \
             does not explain after correction for the number of questions; a dot is so by \
             design.</p>\n{}",
            findings::association(&audit.association, audit.tool.config.sampling.alpha)
        ),
        "pictures" => pictures(material),
        "models" => format!(
            "<p>Mean error of each group with bootstrap intervals; people, not pictures, are drawn \
             again. The dashed line is the mean of all.</p>\n{}",
            findings::parity(&audit.parity)
        ),
        "labels" => distributions(material) + &pixel_table(&material.stats),
        "provenance" => provenance(material),
        _ => method(audit),
    }
}

/// The dataset in a sentence.
fn summary(material: &Material) -> String {
    let audit = &material.audit;
    let rows = audit.dataset.rows;
    let people = audit
        .dataset
        .identities
        .map_or_else(String::new, |n| format!(" of {n} people who do not exist"));
    let framings = material
        .labels
        .categories("framing")
        .map_or_else(String::new, |framing| {
            let parts: Vec<String> = framing
                .words
                .iter()
                .zip(framing.counts())
                .filter(|(_, n)| *n > 0)
                .map(|(word, n)| format!("{n} {}", word.replace('_', " ")))
                .collect();
            format!(" ({})", parts.join(", "))
        });
    let sum = &audit.summary;
    format!(
        "{rows} pictures{people}{framings}, with depth, normals, coverage and every drawn label. \
         At the limits of this audit {} checks fail and {} warn, {} pass; {} have too few samples \
         to be judged.",
        sum.fail, sum.warn, sum.pass, sum.insufficient
    )
}

fn pictures(material: &Material) -> String {
    let (labels, image) = (&material.labels, &material.audit.image);
    let mut out = String::from(
        "<p>Light, exposure and camera change how people come out. The first chart sets the tone \
         of skin in the picture (ITA) against the drawn one; on the dashed line both are \
         equal.</p>\n<div class=\"grid\">\n",
    );
    let drawn = labels.numbers("skin_ita_deg").unwrap_or_default();
    let shown = labels.numbers("skin_ita_measured_deg").unwrap_or_default();
    let pairs = drawn
        .iter()
        .zip(shown)
        .filter(|(x, y)| x.is_finite() && y.is_finite());
    let pairs: Vec<(f64, f64)> = pairs.map(|(x, y)| (*x, *y)).collect();
    // More points than this are a blot, and make the file large.
    let step = pairs.len().div_ceil(1200).max(1);
    let points: Vec<(f64, f64)> = pairs.iter().copied().step_by(step).collect();
    if points.len() > 2 {
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let line = crate::statistics::regression::theil_sen(&x, &y, 0.95);
        let through = line.map(|line| (line.slope, line.intercept));
        let title = "Skin tone in the picture against the drawn one";
        let names = ["drawn ITA, degrees", "measured ITA, degrees"];
        let drawing = charts::points(title, names, &points, through);
        let _ = writeln!(out, "<figure><h3>{title}</h3>{drawing}</figure>");
    } else {
        out += "<p>The samples do not say how skin came out.</p>\n";
    }
    out + &findings::image(image) + "</div>\n"
}

fn pixel_table(stats: &DatasetStats) -> String {
    let Some(first) = stats.pixels.first() else {
        return String::new();
    };
    let mut out = format!(
        "<h3>Measured on the pixels of {} samples</h3><div class=\"scroll\"><table><thead><tr>\
         <th>measure</th><th class=\"n\">5 %</th><th class=\"n\">median</th>\
         <th class=\"n\">95 %</th><th>unit</th></tr></thead><tbody>\n",
        stats
            .pixels
            .iter()
            .map(|p| p.known)
            .max()
            .unwrap_or(first.known)
    );
    for measure in &stats.pixels {
        let s = &measure.summary;
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td>{}</td></tr>",
            escape(&measure.name.replace('_', " ")),
            charts::short(s.p05),
            charts::short(s.p50),
            charts::short(s.p95),
            escape(measure.unit)
        );
    }
    out + "</tbody></table></div>\n"
}

fn provenance(material: &Material) -> String {
    let mut out = String::from("<dl>\n");
    for (name, value) in &material.provenance {
        let _ = writeln!(
            out,
            "<dt>{}</dt><dd><code>{}</code></dd>",
            escape(name),
            escape(value)
        );
    }
    out + "</dl>\n<p>Every sample carries its scene document: it renders the sample again, bit for \
           bit, without the recipe.</p>\n"
}

fn method(audit: &AuditReport) -> String {
    let config = &audit.tool.config;
    let sampling = &config.sampling;
    format!(
        "<p>Shares have Wilson intervals of {confidence} %. Divergence is that of Jensen and \
         Shannon, in bits. Association of categories is Cramér’s V without bias (Bergsma 2013), \
         tested by chi-square, or by {permutations} permutations where cells are thin; of numbers \
         it is ε² of Kruskal and Wallis. p-values are corrected for the number of questions \
         (Benjamini and Hochberg); what is declared dependent takes no part. A value beyond its \
         limit that chance explains is no verdict, and “none found” needs {rows} samples. Intervals \
         of models come from {bootstrap} bootstrap replicates with seed {seed}, by people.</p>\n\
         <p>The audit speaks of drawn people at the limits that stand beside each check. It does not \
         show that a model trained on them treats real people alike.</p>\n\
         <p class=\"faint\">The whole audit, with every number and limit, is inside this file as JSON \
         (the element <code>#audit</code>).</p>\n",
        confidence = 100.0 * sampling.confidence,
        permutations = sampling.permutations,
        rows = config.support.association_rows,
        bootstrap = sampling.bootstrap,
        seed = sampling.seed,
    )
}

/// Bytes as text (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                out.push(char::from(DIGITS[(word >> (18 - 6 * digit)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_base64() {
        let written = ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes()));
        assert_eq!(written, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
