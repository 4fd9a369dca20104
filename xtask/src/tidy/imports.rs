//! Who may import whom: the walls between the crates.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// A crate of ours, the crates of ours it may use, and those its tests may use besides.
struct Rule {
    name: &'static str,
    may_use: &'static [&'static str],
    tests_may_use: &'static [&'static str],
}

const fn rule(name: &'static str, may_use: &'static [&'static str]) -> Rule {
    Rule {
        name,
        may_use,
        tests_may_use: &[],
    }
}

const ALL_BUT_TRAINER: &[&str] = &[
    "bottega_schemas",
    "bottega_geometry",
    "bottega_render",
    "bottega_people",
    "bottega_assemble",
    "bottega_format",
    "bottega_audit",
    "bottega_metrics",
];

const TABLE: &[Rule] = &[
    rule("bottega_schemas", &[]),
    rule("bottega_geometry", &[]),
    rule("bottega_metrics", &[]),
    rule("bottega_render", &["bottega_geometry"]),
    rule("bottega_people", &["bottega_geometry", "bottega_schemas"]),
    rule("bottega_format", &["bottega_schemas"]),
    rule(
        "bottega_assemble",
        &[
            "bottega_geometry",
            "bottega_render",
            "bottega_people",
            "bottega_schemas",
            "bottega_format",
        ],
    ),
    rule(
        "bottega_audit",
        &["bottega_schemas", "bottega_format", "bottega_metrics"],
    ),
    rule(
        "bottega_trainer",
        &["bottega_schemas", "bottega_format", "bottega_metrics"],
    ),
    rule("bottega", ALL_BUT_TRAINER),
    rule("bottega_tests", ALL_BUT_TRAINER),
    rule("xtask", ALL_BUT_TRAINER),
];

/// A crate of others and the only crates of ours that may use it.
const RESERVED: &[(&str, &[&str])] = &[
    ("tch", &["bottega_trainer"]),
    ("gltf", &["bottega_geometry"]),
    ("arrow", &["bottega_format"]),
    ("parquet", &["bottega_format"]),
    ("exr", &["bottega_format", "bottega_assemble"]),
    ("anyhow", &["bottega", "bottega_trainer", "xtask"]),
    ("clap", &["bottega", "bottega_trainer", "xtask"]),
    ("tracing-subscriber", &["bottega", "bottega_trainer"]),
];

/// Compares every dependency that cargo knows of with the table.
pub(super) fn check(metadata: &Value, findings: &mut Vec<String>) -> Result<()> {
    let packages = metadata["packages"]
        .as_array()
        .context("`cargo metadata` lists no packages")?;
    for package in packages {
        let name = package["name"].as_str().context("a package has no name")?;
        let Some(rule) = TABLE.iter().find(|rule| rule.name == name) else {
            findings.push(format!(
                "crate {name} is not in the import table of xtask/src/tidy"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"]
                .as_str()
                .context("a dependency has no name")?;
            // Tests, and tools behind a feature, are no part of what the library is.
            let for_tests = dependency["kind"].as_str() == Some("dev")
                || dependency["optional"].as_bool() == Some(true);
            check_edge(rule, used, for_tests, findings);
        }
    }
    Ok(())
}

fn check_edge(rule: &Rule, used: &str, for_tests: bool, findings: &mut Vec<String>) {
    let name = rule.name;
    if TABLE.iter().any(|other| other.name == used) {
        let allowed =
            rule.may_use.contains(&used) || for_tests && rule.tests_may_use.contains(&used);
        if !allowed {
            findings.push(format!(
                "crate {name} imports {used}; the import table allows it {:?}",
                rule.may_use
            ));
        }
    }
    if let Some((_, owners)) = RESERVED.iter().find(|(reserved, _)| *reserved == used)
        && !owners.contains(&name)
        && !for_tests
    {
        findings.push(format!(
            "crate {name} imports {used}, which is reserved for {owners:?}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings_of(name: &str, used: &str, kind: Value) -> Vec<String> {
        let dependency = serde_json::json!({ "name": used, "kind": kind });
        let package = serde_json::json!({ "name": name, "dependencies": [dependency] });
        let mut findings = Vec::new();
        check(&serde_json::json!({ "packages": [package] }), &mut findings).expect("well formed");
        findings
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        assert_eq!(
            findings_of("bottega_render", "bottega_geometry", Value::Null).len(),
            0
        );
        assert_eq!(
            findings_of("bottega_render", "bottega_schemas", Value::Null).len(),
            1
        );
        assert_eq!(
            findings_of("bottega_render", "bottega_schemas", "dev".into()).len(),
            1
        );
        assert_eq!(
            findings_of("bottega", "bottega_trainer", Value::Null).len(),
            1
        );
        assert_eq!(findings_of("newcomer", "serde", Value::Null).len(), 1);
    }

    #[test]
    fn a_reserved_crate_is_found() {
        assert_eq!(findings_of("bottega_audit", "tch", Value::Null).len(), 1);
        assert_eq!(findings_of("bottega_audit", "anyhow", Value::Null).len(), 1);
        assert_eq!(findings_of("bottega_format", "arrow", Value::Null).len(), 0);
    }
}
