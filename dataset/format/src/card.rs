//! A dataset card: the machine-readable head that dataset hubs read from `README.md`, and the seven
//! sections of "Datasheets for Datasets" (Gebru et al. 2021).
//!
//! A function of the manifest and of what the caller knows, without totals or dates: made apart on
//! several machines, a dataset has one card.

use bottega_schemas::Manifest;
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Column, Kind};

use crate::shard::{BlobKind, TAIL, blob_columns, n_identity_columns};

/// What only the maker of a dataset can say; each a paragraph or more of Markdown.
#[derive(Clone, Debug, Default)]
pub struct CardTexts {
    /// What the pictures are, in a sentence or two.
    pub about: String,
    /// Why the dataset was made.
    pub motivation: String,
    /// Who is shown, and what labels of people mean.
    pub people: String,
    /// How the samples came about.
    pub collection: String,
    /// What was done to them after that.
    pub preprocessing: String,
    /// What is not in the dataset, or not as one might think.
    pub limits: String,
}

/// The card.
pub fn card(manifest: &Manifest, texts: &CardTexts) -> String {
    let plan = &manifest.plan;
    let optional: String = plan
        .planes
        .iter()
        .map(|plane| format!("* `{}`: {}\n", plane.column(), plane.desc()))
        .collect();
    let notes: String = plan
        .notes
        .iter()
        .map(|(key, value)| format!("* `{key}` is `{value}`.\n"))
        .collect();
    format!(
        "{head}
# {dataset}

{about}

## Motivation

{motivation}

## Composition

One row a sample, in Parquet shards of {shard_size}, columns of schema {schema_version}:

* `image` (PNG, sRGB, with background) and `alpha` (PNG, coverage of the person with everything worn).
* `depth_exr`: distance along the optical axis in metres, channel `Y`, float; +inf is no surface.
* `normal_exr`: unit normals in camera space (+X right, +Y up, +Z toward the camera), half floats, R,G,B = X,Y,Z; zero is no surface.
* `fx`, `fy`, `cx`, `cy`: the pinhole in pixels, the centre of the first pixel at 0.5, 0.5.
{optional}
What holds for all of them:

{notes}
{people}

## Collection

{collection}

## Preprocessing

{preprocessing}

## Uses

Training and testing of depth estimation, normal estimation and matting of people, and of how evenly these work over groups of people (`bottega audit`).
Not for recognizing, judging or classifying real people.

{limits}

## Distribution

Licence: {license}.
`asset_licenses.json` lists what the pictures show or come from, each with its licence and origin.
`manifest.json` and `checksums.sha256` hold the hashes of every file, `croissant.json` describes the dataset for MLCommons Croissant.

## Maintenance

`bottega verify` tells whether the files are whole and mean what they say.
`dataset.toml` says what the dataset was made of (BLAKE3 `{config}`): the same program makes the same bytes of it, and a dataset that differs has another hash.
",
        head = front_matter(manifest),
        dataset = plan.dataset,
        about = texts.about,
        motivation = texts.motivation,
        shard_size = plan.shard_size,
        schema_version = plan.schema_version,
        people = texts.people,
        collection = texts.collection,
        preprocessing = texts.preprocessing,
        limits = texts.limits,
        license = plan.license,
        config = plan.config_blake3,
    )
}

/// The YAML head of a card, with its dashes: licence, tasks, size class, files of each split and
/// the type of every column.
pub fn front_matter(manifest: &Manifest) -> String {
    let plan = &manifest.plan;
    let mut splits: Vec<&str> = manifest
        .shards
        .iter()
        .map(|shard| shard.split.as_str())
        .collect();
    splits.push(&plan.split);
    splits.sort_unstable();
    splits.dedup();

    let mut yaml = String::from("---\n");
    let mut line = |text: &str| {
        yaml.push_str(text);
        yaml.push('\n');
    };
    line(&format!("license: {}", plan.license.to_lowercase()));
    line(&format!("pretty_name: {}", quote(&plan.dataset)));
    line("task_categories:\n- depth-estimation\n- image-segmentation");
    line("tags:\n- synthetic\n- human\n- surface-normals\n- matting");
    line(&format!(
        "size_categories:\n- {}",
        size_category(manifest.rows())
    ));
    line("configs:\n- config_name: default\n  data_files:");
    for split in splits {
        line(&format!(
            "  - split: {split}\n    path: data/{split}-*.parquet"
        ));
    }
    line("dataset_info:\n  features:");
    let (identity, labels) = COLUMNS.split_at(n_identity_columns());
    identity.iter().for_each(|column| line(&label(column)));
    for blob in blob_columns(plan.planes) {
        let dtype = match blob.kind {
            BlobKind::Picture => "image",
            BlobKind::Binary => "binary",
        };
        line(&format!("  - name: {}\n    dtype: {dtype}", blob.name));
    }
    labels.iter().for_each(|column| line(&label(column)));
    TAIL.iter()
        .for_each(|(name, _)| line(&format!("  - name: {name}\n    dtype: string")));
    line("---");
    yaml
}

fn label(column: &Column) -> String {
    let name = column.name;
    let dtype = match column.kind {
        Kind::Text | Kind::Category => "string",
        Kind::Bool => "bool",
        Kind::I8 => "int8",
        Kind::I32 => "int32",
        Kind::I64 => "int64",
        Kind::F32 => "float32",
        Kind::F64 => "float64",
        Kind::F32List => return format!("  - name: {name}\n    list: float32"),
        Kind::I8List => return format!("  - name: {name}\n    list: int8"),
        Kind::TextList => return format!("  - name: {name}\n    list: string"),
        Kind::Matrix4 => {
            return format!("  - name: {name}\n    list: float64\n    length: 16");
        }
    };
    format!("  - name: {name}\n    dtype: {dtype}")
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The size class of a hub.
fn size_category(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "1M<n<10M",
    }
}
