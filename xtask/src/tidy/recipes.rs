//! Recipes and profiles must at least be TOML; what they mean is tested through the command.

use super::SourceFile;

/// Parses every TOML file below `scenes`.
pub(super) fn check(files: &[SourceFile], findings: &mut Vec<String>) {
    for file in files {
        if !(file.path.starts_with("scenes/") && file.path.ends_with(".toml")) {
            continue;
        }
        if let Err(err) = file.text.parse::<toml::Table>() {
            findings.push(format!("{} is not TOML: {}", file.path, err.message()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_that_is_not_toml_is_found() {
        let file = |text: &str| SourceFile {
            path: "scenes/a.toml".to_owned(),
            text: text.to_owned(),
        };
        let mut findings = Vec::new();
        check(&[file("a = 1"), file("a = ")], &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
}
