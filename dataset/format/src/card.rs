//! The machine-readable head of a dataset card: what dataset hubs read from `README.md`.

use bottega_schemas::Manifest;
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Column, Kind};

use crate::shard::{BlobKind, TAIL, blob_columns, n_identity_columns};

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
