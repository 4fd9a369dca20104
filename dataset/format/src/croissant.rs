//! `croissant.json`: what a dataset is, in the vocabulary of MLCommons Croissant 1.0.
//!
//! A function of the manifest alone, like every file of a dataset.

use serde_json::{Value, json};

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Column, Kind, Manifest};

use crate::shard::{BlobKind, TAIL, blob_columns, n_identity_columns};

/// Name of the document in a dataset.
pub const CROISSANT_FILE: &str = "croissant.json";

/// Identifier of the set of rows.
const RECORDS: &str = "samples";
/// Identifier of the set of shards.
const SHARDS: &str = "shards";

/// The document.
pub fn document(manifest: &Manifest) -> String {
    let plan = &manifest.plan;
    let mut files: Vec<Value> = manifest
        .shards
        .iter()
        .map(|shard| {
            json!({
                "@type": "cr:FileObject",
                "@id": shard.path,
                "name": shard.path,
                "contentUrl": shard.path,
                "contentSize": format!("{} B", shard.bytes),
                "encodingFormat": "application/x-parquet",
                "sha256": shard.sha256,
            })
        })
        .collect();
    let members: Vec<Value> = manifest
        .shards
        .iter()
        .map(|shard| json!({ "@id": shard.path }))
        .collect();
    files.push(json!({
        "@type": "cr:FileSet",
        "@id": SHARDS,
        "name": SHARDS,
        "description": "one row a sample",
        "containedIn": members,
        "encodingFormat": "application/x-parquet",
        "includes": "data/*.parquet",
    }));
    let record_set = json!({
        "@type": "cr:RecordSet",
        "@id": RECORDS,
        "name": RECORDS,
        "description": "one record a sample: planes and labels",
        "key": { "@id": format!("{RECORDS}/sample_id") },
        "field": fields(manifest),
    });
    let kind = if plan.is_imported() {
        "imported from files of others; labels that these do not tell are null"
    } else {
        "rendered by bottega from numbers; the people do not exist"
    };
    let document = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "name": plan.dataset,
        "description": format!(
            "Pictures of people with depth in metres, unit normals in camera space and soft \
             coverage for every pixel: {kind}."
        ),
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "license": format!("https://spdx.org/licenses/{}.html", plan.license),
        "url": plan.dataset,
        "version": "1.0.0",
        "citeAs": format!("{} ({})", plan.dataset, plan.config_blake3),
        "rai:dataCollection": kind,
        "rai:dataCollectionType": if plan.is_imported() { "Others" } else { "Synthetic" },
        "rai:dataUseCases":
            "training and testing of depth estimation, normal estimation and matting of people",
        "rai:dataBiases":
            "labels of people say what was sampled, not what anyone is; see `bottega audit`",
        "rai:personalSensitiveInformation": if plan.is_imported() {
            "not known; ask whoever made the files"
        } else {
            "none: nobody shown exists"
        },
        "distribution": files,
        "recordSet": [record_set],
    });
    let mut text = serde_json::to_string_pretty(&document).expect("a document is plain data");
    text.push('\n');
    text
}

fn fields(manifest: &Manifest) -> Vec<Value> {
    let (identity, labels) = COLUMNS.split_at(n_identity_columns());
    let mut fields: Vec<Value> = identity.iter().map(label).collect();
    for blob in blob_columns(manifest.plan.planes) {
        let (kind, transform) = match blob.kind {
            BlobKind::Picture => ("sc:ImageObject", Some("bytes")),
            BlobKind::Binary => ("sc:Text", None),
        };
        fields.push(field(blob.name, blob.desc, kind, transform));
    }
    fields.extend(labels.iter().map(label));
    fields.extend(
        TAIL.iter()
            .map(|(name, desc)| field(name, desc, "sc:Text", None)),
    );
    fields
}

fn label(column: &Column) -> Value {
    let kind = match column.kind {
        Kind::Text | Kind::Category | Kind::TextList => "sc:Text",
        Kind::Bool => "sc:Boolean",
        Kind::I8 | Kind::I32 | Kind::I64 => "sc:Integer",
        Kind::F32 | Kind::F64 | Kind::F32List | Kind::Matrix4 => "sc:Float",
    };
    let mut field = field(column.name, column.desc, kind, None);
    if matches!(column.kind, Kind::TextList | Kind::F32List | Kind::Matrix4) {
        field["repeated"] = true.into();
    }
    field
}

fn field(name: &str, desc: &str, kind: &str, json_path: Option<&str>) -> Value {
    let mut source = json!({
        "fileSet": { "@id": SHARDS },
        "extract": { "column": name },
    });
    if let Some(json_path) = json_path {
        source["transform"] = json!({ "jsonPath": json_path });
    }
    json!({
        "@type": "cr:Field",
        "@id": format!("{RECORDS}/{name}"),
        "name": name,
        "description": desc,
        "dataType": kind,
        "source": source,
    })
}

/// The context of the standard, which validators compare.
fn context() -> Value {
    let mut context = json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "sc": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "examples": { "@id": "cr:examples", "@type": "@json" },
    });
    for name in [
        "citeAs",
        "column",
        "equivalentProperty",
        "extract",
        "field",
        "fileProperty",
        "fileObject",
        "fileSet",
        "format",
        "includes",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "samplingRate",
        "separator",
        "source",
        "subField",
        "transform",
    ] {
        context[name] = format!("cr:{name}").into();
    }
    context
}
