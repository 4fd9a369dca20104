//! The recipes and profiles inside the program, and how a name or path finds one.

use std::path::{Path, PathBuf};

use super::check;
use crate::document;
use crate::error::SchemaError;

macro_rules! shipped {
    ($($name:literal),*) => {
        &[$(($name, include_str!(concat!("../../../scenes/", $name, ".toml")))),*]
    };
}

const RECIPES: &[(&str, &str)] = shipped!(
    "face",
    "upper_body",
    "full_body",
    "synthhuman",
    "tiny/face",
    "tiny/upper_body",
    "tiny/full_body",
    "tiny/synthhuman"
);

const PROFILES: &[(&str, &str)] = shipped!("profiles/balanced", "profiles/census");

/// Deepest chain of profiles that extend each other.
const MAX_CHAIN: usize = 8;

/// Names and texts of the shipped recipes.
pub fn shipped_recipes() -> &'static [(&'static str, &'static str)] {
    RECIPES
}

/// Names and texts of the shipped profiles.
pub fn shipped_profiles() -> &'static [(&'static str, &'static str)] {
    PROFILES
}

/// File name without folder and ending.
pub(super) fn stem(path_or_name: &str) -> String {
    Path::new(path_or_name).file_stem().map_or_else(
        || path_or_name.to_owned(),
        |s| s.to_string_lossy().into_owned(),
    )
}

fn names(documents: &[(&str, &str)]) -> Box<str> {
    let names: Vec<&str> = documents
        .iter()
        .map(|(name, _)| name.trim_start_matches("profiles/"))
        .collect();
    names.join(", ").into()
}

/// The shipped document called `name`, also when written as its path in the source tree.
fn find(
    documents: &'static [(&'static str, &'static str)],
    name: &str,
) -> Option<(&'static str, &'static str)> {
    let bare = name.trim_start_matches("./");
    let bare = bare.strip_prefix("scenes/").unwrap_or(bare);
    let bare = bare.strip_suffix(".toml").unwrap_or(bare);
    documents
        .iter()
        .find(|(known, _)| *known == bare || known.strip_prefix("profiles/") == Some(bare))
        .copied()
}

/// Text of a recipe, its name for messages, and the folder where relative paths start.
pub(super) fn recipe_text(path_or_name: &str) -> Result<(String, String, PathBuf), SchemaError> {
    let path = Path::new(path_or_name);
    if path.is_file() {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        return Ok((document::read_text(path)?, path_or_name.to_owned(), folder));
    }
    match find(RECIPES, path_or_name) {
        Some((name, text)) => Ok((
            text.to_owned(),
            format!("shipped recipe {name}"),
            PathBuf::new(),
        )),
        None => Err(SchemaError::NotFound {
            kind: "recipe",
            name: path_or_name.into(),
            shipped: names(RECIPES),
        }),
    }
}

/// A profile with everything it extends merged in, and its name for messages.
pub(super) fn profile_table(
    name_or_path: &str,
    folder: &Path,
) -> Result<(toml::Table, String), SchemaError> {
    let mut chain: Vec<toml::Table> = Vec::new();
    let mut first_file = None;
    let mut next = Some((name_or_path.to_owned(), folder.to_owned()));
    while let Some((name, folder)) = next.take() {
        let path = folder.join(&name);
        let (text, file, folder) = if path.is_file() {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            (
                document::read_text(&path)?,
                path.display().to_string(),
                folder,
            )
        } else if let Some((known, text)) = find(PROFILES, &name) {
            let known = known.trim_start_matches("profiles/");
            (
                text.to_owned(),
                format!("shipped profile {known}"),
                PathBuf::new(),
            )
        } else {
            return Err(SchemaError::NotFound {
                kind: "profile",
                name: name.into(),
                shipped: names(PROFILES),
            });
        };
        let mut table = document::parse(&text, &file)?;
        let version = table.remove("schema_version").and_then(|v| v.as_integer());
        check::version(
            version.and_then(|v| u32::try_from(v).ok()).unwrap_or(0),
            &file,
        )?;
        match table.remove("extends") {
            None => {}
            Some(toml::Value::String(base)) if chain.len() < MAX_CHAIN => {
                next = Some((base, folder));
            }
            Some(other) => {
                return Err(SchemaError::Invalid {
                    key: "extends".into(),
                    message: format!(
                        "found {other}, wanted the name of a profile in a chain of at most \
                         {MAX_CHAIN}"
                    )
                    .into(),
                    file: file.into(),
                });
            }
        }
        first_file.get_or_insert(file);
        chain.push(table);
    }
    let mut merged = toml::Table::new();
    for table in chain.into_iter().rev() {
        document::merge(&mut merged, table);
    }
    Ok((merged, first_file.unwrap_or_default()))
}
