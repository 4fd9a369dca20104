//! Links of the documentation: each names a file, and a heading where it says so.

use std::path::Path;

use super::SourceFile;

/// Checks every link of every Markdown file.
pub(super) fn check(files: &[SourceFile], root: &Path, findings: &mut Vec<String>) {
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for (number, target) in links(&file.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = if path.is_empty() {
                root.join(&file.path)
            } else {
                root.join(folder).join(path)
            };
            if !linked.exists() {
                findings.push(format!(
                    "{}:{number} links to {target}, which is not there",
                    file.path
                ));
            } else if !heading.is_empty() && linked.extension().is_some_and(|ext| ext == "md") {
                let text = std::fs::read_to_string(&linked).unwrap_or_default();
                if !headings(&text).any(|anchor| anchor == heading) {
                    findings.push(format!(
                        "{}:{number} links to {target}, a heading that is not there",
                        file.path
                    ));
                }
            }
        }
    }
}

/// Every inline link outside code, with its line.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    for (number, line) in prose_lines(text) {
        let mut rest = line;
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            let target = rest[..end].split_whitespace().next().unwrap_or("");
            links.push((number, target));
            rest = &rest[end..];
        }
    }
    links
}

/// Anchors of the headings, as Git hosts spell them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose_lines(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
}

/// Lines outside fenced code, numbered from 1.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_prose_are_seen_and_links_in_code_are_not() {
        let text = "See [a](a.md) and [b](b.md#c \"title\").\n```\n[no](no.md)\n```\n[d](d.md)";
        assert_eq!(links(text), [(1, "a.md"), (1, "b.md#c"), (5, "d.md")]);
    }

    #[test]
    fn headings_become_anchors() {
        let anchors: Vec<String> = headings("# The `one` thing\ntext\n## A, b-c").collect();
        assert_eq!(anchors, ["the-one-thing", "a-b-c"]);
    }
}
