//! Size and opening of each source file, and what must not be re-exported.

use super::SourceFile;

const LINES_MAX: usize = 800;

/// Files that may be longer, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Folders of crates; each must say in a README what it is.
const CRATES: &[&str] = &[
    "schemas",
    "generator/geometry",
    "generator/render",
    "generator/people",
    "generator/assemble",
    "dataset/format",
    "dataset/audit",
    "trainer/metrics",
    "cli",
    "tests",
    "xtask",
];

/// Checks every Rust file.
pub(super) fn check(files: &[SourceFile], findings: &mut Vec<String>) {
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        check_file(file, findings);
    }
    for folder in CRATES {
        let readme = format!("{folder}/README.md");
        if !files.iter().any(|file| file.path == readme) {
            findings.push(format!(
                "{readme} is missing: one paragraph on what the crate is"
            ));
        }
    }
}

fn check_file(file: &SourceFile, findings: &mut Vec<String>) {
    let path = &file.path;
    if !file.text.starts_with("//!") {
        findings.push(format!("{path} does not open with `//!` and what it holds"));
    }
    let n_lines = file.text.lines().count();
    let is_listed = LONG_FILES.iter().any(|(listed, _)| listed == path);
    if n_lines > LINES_MAX && !is_listed {
        findings.push(format!(
            "{path} has {n_lines} lines; {LINES_MAX} are the most"
        ));
    }
    if !path.starts_with("xtask/") {
        for (number, line) in (1..).zip(file.text.lines()) {
            let code = line.trim_start();
            if ["arrow", "parquet"].iter().any(|name| exposes(code, name)) {
                findings.push(format!(
                    "{path}:{number} shows an arrow type in a public item"
                ));
            }
        }
    }
}

/// Whether a line makes the crate `name` part of a public interface.
fn exposes(code: &str, name: &str) -> bool {
    if !code.starts_with("pub ") {
        return false;
    }
    code.contains(&format!(" {name}::"))
        || code.contains(&format!("<{name}::"))
        || code.contains(&format!("&{name}::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings_of(path: &str, text: &str) -> usize {
        let mut findings = Vec::new();
        check_file(
            &SourceFile {
                path: path.to_owned(),
                text: text.to_owned(),
            },
            &mut findings,
        );
        findings.len()
    }

    #[test]
    fn openings_sizes_and_exposed_types_are_checked() {
        assert_eq!(findings_of("a.rs", "//! A noun.\n"), 0);
        assert_eq!(findings_of("a.rs", "fn f() {}\n"), 1);
        assert_eq!(findings_of("a.rs", &"//!\n".repeat(801)), 1);
        assert_eq!(
            findings_of("a.rs", "//! A.\npub use arrow::array::Array;\n"),
            1
        );
        assert_eq!(
            findings_of("a.rs", "//! A.\npub fn f(b: &arrow::RecordBatch) {}\n"),
            1
        );
        assert_eq!(findings_of("a.rs", "//! A.\nuse arrow::array::Array;\n"), 0);
    }
}
