//! Words that have no place in the tree.
//!
//! The tree speaks of the product alone: no paths of one machine, no hosts of package registries
//! (the ordinary clients know them), no unfinished marks.

use super::SourceFile;

/// The word, and why it must not be there. Spelt in halves, so that this file passes.
const WORDS: &[(&str, &str, &str)] = &[
    ("/ro", "ot/", "a path of one machine"),
    ("/wo", "rk/", "a path of one machine"),
    ("crates", ".io", "a host of a package registry"),
    ("pypi", ".org", "a host of a package registry"),
    ("python", "hosted.org", "a host of a package registry"),
    ("npm", "js.org", "a host of a package registry"),
    ("TO", "DO", "an unfinished mark; finish it or leave it out"),
    ("FIX", "ME", "an unfinished mark; finish it or leave it out"),
    ("XX", "X:", "an unfinished mark; finish it or leave it out"),
];

/// Files written by tools, whose words are not ours.
const GENERATED: &[&str] = &["Cargo.lock"];

/// Looks for every word in every text file.
pub(super) fn check(files: &[SourceFile], findings: &mut Vec<String>) {
    for file in files
        .iter()
        .filter(|file| !GENERATED.contains(&file.path.as_str()))
    {
        for (first, second, reason) in WORDS {
            let word = format!("{first}{second}");
            if !file.text.contains(&word) {
                continue;
            }
            for (number, _) in (1..)
                .zip(file.text.lines())
                .filter(|(_, line)| line.contains(&word))
            {
                findings.push(format!("{}:{number} says {word:?}: {reason}", file.path));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let mut findings = Vec::new();
        let text = ["fine\nsee /ro", "ot/x"].concat();
        let path = "a.md".to_owned();
        check(&[SourceFile { path, text }], &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with("a.md:2"));
    }
}
