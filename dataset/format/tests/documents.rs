//! `docs/formats.md` lists the columns that the code has; `BOTTEGA_BLESS=1` rewrites the list.

use std::fmt::Write as _;
use std::path::Path;

use bottega_schemas::Group;
use bottega_schemas::sample::COLUMNS;

const BEGIN: &str = "<!-- columns: written by the tests of bottega_format -->\n";
const END: &str = "<!-- end of columns -->\n";

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

#[test]
fn the_documented_columns_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (found, tail) = rest.split_once(END).unwrap();
    if std::env::var_os("BOTTEGA_BLESS").is_some() {
        std::fs::write(&path, [head, BEGIN, &table(), END, tail].concat()).unwrap();
    } else {
        assert!(
            found == table(),
            "run the tests of bottega_format with BOTTEGA_BLESS=1"
        );
    }
}
