//! `docs/formats.md` lists the columns that the code has, `docs/points.md` the points;
//! `BOTTEGA_BLESS=1` rewrites the lists.

use std::fmt::Write as _;
use std::path::Path;

use bottega_schemas::Group;
use bottega_schemas::points::{FACE_NET, JOINTS, LANDMARK_GROUPS, LANDMARK_VERTICES};
use bottega_schemas::sample::COLUMNS;

const BEGIN: &str = "<!-- columns: written by the tests of bottega_format -->\n";
const END: &str = "<!-- end of columns -->\n";
const BEGIN_POINTS: &str = "<!-- points: written by the tests of bottega_format -->\n";
const END_POINTS: &str = "<!-- end of points -->\n";

fn table() -> String {
    let mut text = String::new();
    for group in [
        Group::Identity,
        Group::Camera,
        Group::Subject,
        Group::Nuisance,
        Group::Points,
        Group::Measured,
        Group::Provenance,
    ] {
        let _ = writeln!(
            text,
            "\n### {group:?}\n\n| column | type | unit | needed | meaning |"
        );
        text.push_str("| --- | --- | --- | --- | --- |\n");
        for column in COLUMNS.iter().filter(|column| column.group == group) {
            let kind = format!("{:?}", column.kind).to_lowercase();
            let mut desc = column.desc.to_owned();
            if !column.vocabulary.is_empty() {
                let _ = write!(desc, " One of `{}`.", column.vocabulary.join("`, `"));
            }
            let needed = if column.required { "yes" } else { "" };
            let mark = if column.sensitive { " (S)" } else { "" };
            let (name, unit) = (column.name, column.unit);
            let _ = writeln!(
                text,
                "| `{name}`{mark} | {kind} | {unit} | {needed} | {desc} |"
            );
        }
    }
    text.push('\n');
    text
}

/// Joints, landmarks and the vertices of the net over the face.
fn points() -> String {
    let mut text =
        String::from("\n### Joints\n\n| number | name | hangs on |\n| --- | --- | --- |\n");
    for (idx, joint) in JOINTS.iter().enumerate() {
        let parent = joint.parent.map_or("", |parent| JOINTS[parent].name);
        let _ = writeln!(text, "| {idx} | `{}` | {parent} |", joint.name);
    }
    text.push_str("\n### Landmarks\n\n| number | follow | vertices |\n| --- | --- | --- |\n");
    for (name, group) in LANDMARK_GROUPS {
        let vertices = LANDMARK_VERTICES.iter().skip(group.start).take(group.len());
        let vertices: Vec<String> = vertices.map(ToString::to_string).collect();
        let (first, last) = (group.start, group.end - 1);
        let _ = writeln!(
            text,
            "| {first}..{last} | {name} | {} |",
            vertices.join(" ")
        );
    }
    let _ = writeln!(
        text,
        "\n### Net over the face\n\n{} vertices:\n",
        FACE_NET.len()
    );
    text.push_str("```\n");
    for line in FACE_NET.chunks(16) {
        let line: Vec<String> = line.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "{}", line.join(" "));
    }
    text.push_str("```\n\n");
    text
}

/// Compares a part of a document with what the code says, or writes it anew.
fn check(document: &str, begin: &str, end: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(document);
    let text = std::fs::read_to_string(&path).expect("the document is there");
    let (head, rest) = text.split_once(begin).expect("the document has its marks");
    let (found, tail) = rest.split_once(end).expect("the document has its marks");
    if std::env::var_os("BOTTEGA_BLESS").is_some() {
        let text = [head, begin, wanted, end, tail].concat();
        std::fs::write(&path, text).expect("the document can be written");
    } else {
        assert!(
            found == wanted,
            "{document}: run the tests of bottega_format with BOTTEGA_BLESS=1"
        );
    }
}

#[test]
fn the_documented_columns_are_those_of_the_code() {
    check("formats.md", BEGIN, END, &table());
}

#[test]
fn the_documented_points_are_those_of_the_code() {
    check("points.md", BEGIN_POINTS, END_POINTS, &points());
}
