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
    // In no other file: readers look for its members in the folder of this document.
    files.push(json!({
        "@type": "cr:FileSet",
        "@id": SHARDS,
        "name": SHARDS,
        "description": "one row a sample",
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
    let texts = RaiTexts::of(plan.is_imported());
    let kind = texts.collection;
    let document = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "name": plan.dataset,
        "description": format!(
            "Pictures of people with depth in metres, unit normals in camera space and soft \
             coverage for every pixel: {kind}."
        ),
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "license": license_of(&plan.license),
        "url": plan.dataset,
        "version": "1.0.0",
        "citeAs": format!("{} ({})", plan.dataset, plan.config_blake3),
        "rai:dataCollection": kind,
        "rai:dataCollectionType": texts.collection_type,
        "rai:dataPreprocessingProtocol": texts.preprocessing,
        "rai:dataUseCases":
            "training and testing of depth estimation, normal estimation and matting of people, \
             and of how evenly these work over groups of people; not for recognizing, judging or \
             classifying real people",
        "rai:dataBiases": texts.biases,
        "rai:dataLimitations": texts.limitations,
        "rai:dataSocialImpact": texts.social_impact,
        "rai:personalSensitiveInformation": texts.sensitive,
        "rai:dataReleaseMaintenancePlan":
            "a dataset is a function of dataset.toml and of the version of the program, and is \
             never changed in place: what differs has another hash in manifest.json; `bottega \
             verify` tells whether a copy is whole",
        "distribution": files,
        "recordSet": [record_set],
    });
    let mut text = serde_json::to_string_pretty(&document).expect("a document is plain data");
    text.push('\n');
    text
}

/// What responsible use needs to know, in the words of the RAI vocabulary.
struct RaiTexts {
    collection: &'static str,
    collection_type: &'static str,
    preprocessing: &'static str,
    biases: &'static str,
    limitations: &'static str,
    social_impact: &'static str,
    sensitive: &'static str,
}

impl RaiTexts {
    fn of(is_imported: bool) -> Self {
        if is_imported {
            return Self {
                collection: "imported from files of others; labels that these do not tell are null",
                collection_type: "Others",
                preprocessing: "depth was converted to metres, normals to camera space with +X \
                                right, +Y up, +Z toward the camera; both were cleared where alpha \
                                is 0",
                biases: "not known: the files hold no labels of people",
                limitations: "labels of people, light, pose and landmarks are null; whether hair normals are \
                              those of fibres is not known",
                social_impact: "not known; ask whoever made the files",
                sensitive: "not known; ask whoever made the files",
            };
        }
        Self {
            collection: "rendered by bottega from numbers; the people do not exist",
            collection_type: "Synthetic",
            preprocessing: "pictures are exposed, given sensor noise where a sample has one, and \
                            shown by a tone curve; depth, normals and coverage are never filtered",
            biases: "shares of groups are those of the recipe in dataset.toml, not of a \
                     population; labels of people say what was sampled, not what anyone is; \
                     `bottega audit` measures shares, evenness and what pictures did to them",
            limitations: "adults only, one person a picture, a pinhole without distortion; at \
                          partly covered pixels depth and normal are those of one surface; \
                          backgrounds have no depth; joints and landmarks are points of \
                          the model, and whether one is in sight is told by a rule",
            social_impact: "nobody's likeness or consent is needed, and groups that real sets show \
                            too little can be drawn as often as any; models trained on synthetic \
                            people must still be tested on real ones before they are used on \
                            anybody",
            sensitive: "none: nobody shown exists; skin tone, age and presentation are labels of \
                        drawn models",
        }
    }
}

/// The page of a licence that SPDX lists, or the expression itself.
fn license_of(expression: &str) -> String {
    let is_identifier = expression
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+'));
    if is_identifier && !matches!(expression, "NOASSERTION" | "NONE" | "") {
        format!("https://spdx.org/licenses/{expression}.html")
    } else {
        expression.to_owned()
    }
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
        Kind::I8 | Kind::I32 | Kind::I64 | Kind::I8List => "sc:Integer",
        Kind::F32 | Kind::F64 | Kind::F32List | Kind::Matrix4 => "sc:Float",
    };
    let mut field = field(column.name, column.desc, kind, None);
    let is_list = matches!(
        column.kind,
        Kind::TextList | Kind::F32List | Kind::I8List | Kind::Matrix4
    );
    if is_list {
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
