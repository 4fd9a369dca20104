//! The Arrow schema of a shard, its Parquet settings and its file-level metadata.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use serde_json::json;

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::shard_schema::{
    ALPHA, ALPHA_BLAKE3, DEPTH_BLAKE3, DEPTH_EXR, IMAGE, IMAGE_BLAKE3, NORMAL_BLAKE3, NORMAL_EXR,
    PREVIEW, ROW_GROUP_ROWS, SCENE_BLAKE3, SCENE_JSON, SCHEMA_VERSION,
};
use bottega_schemas::{Column, DatasetPlan, Group, Kind, OptionalPlanes, Plane, PlaneEncoding};

use crate::plane_codec::CAMERA_FRAME;

/// Limit of a data page of the pixel columns: so small that nearly every value has a page of its
/// own, and one sample is read alone.
const BLOB_PAGE_BYTES: usize = 8 << 10;

/// What a shard says of itself besides its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardInfo {
    /// What the dataset is.
    pub plan: DatasetPlan,
    /// Number of the shard: it holds indices from this times the shard size.
    pub shard_idx: u64,
}

/// How a column of pixels is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlobKind {
    /// Struct of bytes and path, which readers show as a picture.
    Picture,
    /// Plain bytes.
    Binary,
}

/// A column of pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlobColumn {
    pub(crate) name: &'static str,
    pub(crate) kind: BlobKind,
    /// First part of the file name of a picture.
    pub(crate) file: &'static str,
    unit: &'static str,
    pub(crate) desc: &'static str,
}

/// Columns of pixels that every shard has, in the order of the file.
pub(crate) const BLOBS: [BlobColumn; 5] = [
    BlobColumn {
        name: IMAGE,
        kind: BlobKind::Picture,
        file: "rgb",
        unit: "sRGB",
        desc: "picture with background: PNG, 8-bit sRGB",
    },
    BlobColumn {
        name: ALPHA,
        kind: BlobKind::Picture,
        file: "alpha",
        unit: "coverage/255",
        desc: "coverage of the person with everything worn: PNG, 8-bit grey",
    },
    BlobColumn {
        name: DEPTH_EXR,
        kind: BlobKind::Binary,
        file: "depth",
        unit: "m",
        desc: "distance along the optical axis of the pixel centre's first hit, +inf for none: \
               EXR, one float channel Y",
    },
    BlobColumn {
        name: NORMAL_EXR,
        kind: BlobKind::Binary,
        file: "normal",
        unit: "unit-vector",
        desc: "outward unit normal of the first hit in camera space (+X right, +Y up, +Z toward \
               the camera), 0 for none: EXR, half channels R, G, B = X, Y, Z",
    },
    BlobColumn {
        name: PREVIEW,
        kind: BlobKind::Picture,
        file: "preview",
        unit: "sRGB",
        desc: "picture, coverage, depth and normals side by side, a quarter in size: PNG",
    },
];

/// Names of the columns of pixels that every shard has.
#[cfg(feature = "sql")]
pub(crate) fn fixed_blobs() -> impl Iterator<Item = &'static str> {
    BLOBS.iter().map(|blob| blob.name)
}

/// The column of a plane that a shard has if its dataset asks for it.
fn optional_blob(plane: Plane) -> BlobColumn {
    let kind = match plane.encoding() {
        PlaneEncoding::Byte => BlobKind::Picture,
        _ => BlobKind::Binary,
    };
    BlobColumn {
        name: plane.column(),
        kind,
        file: plane.exr_part(),
        unit: plane.unit(),
        desc: plane.desc(),
    }
}

/// The text columns that follow the labels: name and meaning.
pub(crate) const TAIL: [(&str, &str); 6] = [
    (
        SCENE_JSON,
        "resolved scene document, enough to render the sample again: JSON, sorted keys",
    ),
    (SCENE_BLAKE3, "BLAKE3 of the scene document"),
    (IMAGE_BLAKE3, "BLAKE3 of the bytes of the picture"),
    (ALPHA_BLAKE3, "BLAKE3 of the bytes of the coverage"),
    (DEPTH_BLAKE3, "BLAKE3 of the bytes of the depth"),
    (NORMAL_BLAKE3, "BLAKE3 of the bytes of the normals"),
];

/// The columns of pixels of a dataset.
pub(crate) fn blob_columns(planes: OptionalPlanes) -> Vec<BlobColumn> {
    let optional = planes.iter().map(optional_blob);
    BLOBS.into_iter().chain(optional).collect()
}

/// Number of columns of labels before the pixels.
pub(crate) fn n_identity_columns() -> usize {
    COLUMNS
        .iter()
        .take_while(|column| column.group == Group::Identity)
        .count()
}

/// The Arrow schema: identity, pixels, labels, scene document and hashes.
///
/// Every field is nullable: a field that is not loses its meaning as a picture in Hugging Face
/// `datasets`.
///
/// The file-level metadata is in the Arrow schema as well as in the footer: pyarrow, and with it
/// `datasets`, looks there only.
pub(crate) fn arrow_schema(info: &ShardInfo) -> Arc<Schema> {
    let planes = info.plan.planes;
    let (identity, labels) = COLUMNS.split_at(n_identity_columns());
    let mut fields: Vec<Field> = identity.iter().map(label_field).collect();
    fields.extend(blob_columns(planes).iter().map(blob_field));
    fields.extend(labels.iter().map(label_field));
    fields.extend(
        TAIL.map(|(name, desc)| annotate(Field::new(name, DataType::Utf8, true), "", desc, false)),
    );
    let pairs = key_values(info).into_iter();
    let metadata = pairs
        .filter_map(|pair| Some((pair.key, pair.value?)))
        .collect();
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

fn label_field(column: &Column) -> Field {
    let field = Field::new(column.name, data_type(column.kind), true);
    annotate(field, column.unit, column.desc, column.sensitive)
}

fn blob_field(blob: &BlobColumn) -> Field {
    let data_type = match blob.kind {
        BlobKind::Binary => DataType::Binary,
        BlobKind::Picture => DataType::Struct(picture_fields()),
    };
    annotate(
        Field::new(blob.name, data_type, true),
        blob.unit,
        blob.desc,
        false,
    )
}

/// Children of a picture, in the order that `datasets` expects.
pub(crate) fn picture_fields() -> Fields {
    Fields::from(vec![
        Field::new("bytes", DataType::Binary, true),
        Field::new("path", DataType::Utf8, true),
    ])
}

/// The Arrow type of a kind of column.
pub(crate) fn data_type(kind: Kind) -> DataType {
    let list = |item: DataType| Arc::new(Field::new("item", item, true));
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Category => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Bool => DataType::Boolean,
        Kind::I8 => DataType::Int8,
        Kind::I32 => DataType::Int32,
        Kind::I64 => DataType::Int64,
        Kind::F32 => DataType::Float32,
        Kind::F64 => DataType::Float64,
        Kind::F32List => DataType::List(list(DataType::Float32)),
        Kind::I8List => DataType::List(list(DataType::Int8)),
        Kind::TextList => DataType::List(list(DataType::Utf8)),
        Kind::Matrix4 => DataType::FixedSizeList(list(DataType::Float64), 16),
    }
}

fn annotate(field: Field, unit: &str, desc: &str, sensitive: bool) -> Field {
    field.with_metadata(HashMap::from([
        ("unit".into(), unit.into()),
        ("desc".into(), desc.into()),
        ("sensitive".into(), sensitive.to_string()),
    ]))
}

/// The features as Hugging Face `datasets` wants them declared.
fn hugging_face_features(planes: OptionalPlanes) -> String {
    let value = |dtype: &str| json!({ "dtype": dtype, "_type": "Value" });
    let label = |column: &Column| match column.kind {
        Kind::Text | Kind::Category => value("string"),
        Kind::Bool => value("bool"),
        Kind::I8 => value("int8"),
        Kind::I32 => value("int32"),
        Kind::I64 => value("int64"),
        Kind::F32 => value("float32"),
        Kind::F64 => value("float64"),
        Kind::F32List => json!({ "feature": value("float32"), "_type": "List" }),
        Kind::I8List => json!({ "feature": value("int8"), "_type": "List" }),
        Kind::TextList => json!({ "feature": value("string"), "_type": "List" }),
        Kind::Matrix4 => json!({ "feature": value("float64"), "length": 16, "_type": "List" }),
    };
    let (identity, labels) = COLUMNS.split_at(n_identity_columns());
    let mut features: Vec<(&str, serde_json::Value)> = Vec::new();
    features.extend(identity.iter().map(|column| (column.name, label(column))));
    features.extend(blob_columns(planes).iter().map(|blob| match blob.kind {
        BlobKind::Picture => (blob.name, json!({ "_type": "Image" })),
        BlobKind::Binary => (blob.name, value("binary")),
    }));
    features.extend(labels.iter().map(|column| (column.name, label(column))));
    features.extend(TAIL.map(|(name, _)| (name, value("string"))));
    // Put together by hand, since the order of the features is that of the columns.
    let features: Vec<String> = features
        .into_iter()
        .map(|(name, feature)| format!("\"{name}\":{feature}"))
        .collect();
    format!("{{\"info\":{{\"features\":{{{}}}}}}}", features.join(","))
}

/// File-level metadata, in a fixed order.
pub(crate) fn key_values(info: &ShardInfo) -> Vec<KeyValue> {
    let ShardInfo { plan, shard_idx } = info;
    let index_start = shard_idx * plan.shard_size;
    let planes = serde_json::to_string(&plan.planes).expect("plain data");
    let mut pairs: Vec<(String, String)> = vec![
        ("huggingface".into(), hugging_face_features(plan.planes)),
        ("bottega.schema_version".into(), plan.schema_version.clone()),
        ("bottega.dataset".into(), plan.dataset.clone()),
        ("bottega.split".into(), plan.split.clone()),
        ("bottega.shard_index".into(), shard_idx.to_string()),
        ("bottega.shard_size".into(), plan.shard_size.to_string()),
        ("bottega.index_start".into(), index_start.to_string()),
        (
            "bottega.index_end".into(),
            (index_start + plan.shard_size).to_string(),
        ),
        ("bottega.config_blake3".into(), plan.config_blake3.clone()),
        ("bottega.assets_blake3".into(), plan.assets_blake3.clone()),
        (
            "bottega.renderer_version".into(),
            plan.renderer_version.clone(),
        ),
        ("bottega.license".into(), plan.license.clone()),
        ("bottega.planes".into(), planes),
        ("bottega.depth_unit".into(), "m".into()),
        ("bottega.depth_kind".into(), "z".into()),
        ("bottega.depth_codec".into(), "exr/zip/f32".into()),
        ("bottega.normal_codec".into(), "exr/zip/f16".into()),
        ("bottega.normal_frame".into(), CAMERA_FRAME.into()),
        ("bottega.camera_frame".into(), CAMERA_FRAME.into()),
        ("bottega.alpha_bits".into(), "8".into()),
        ("bottega.color".into(), "sRGB".into()),
    ];
    for (key, value) in &plan.notes {
        pairs.push((format!("bottega.note.{key}"), value.clone()));
    }
    pairs
        .into_iter()
        .map(|(key, value)| KeyValue::new(key, value))
        .collect()
}

/// The plan and the number that [`key_values`] wrote.
pub(crate) fn info_of(get: impl Fn(&str) -> Option<String>, keys: &[String]) -> Option<ShardInfo> {
    let text = |key: &str| get(&format!("bottega.{key}"));
    let notes = keys
        .iter()
        .filter_map(|key| Some((key.strip_prefix("bottega.note.")?.to_owned(), get(key)?)))
        .collect();
    Some(ShardInfo {
        shard_idx: text("shard_index")?.parse().ok()?,
        plan: DatasetPlan {
            dataset: text("dataset")?,
            config_blake3: text("config_blake3")?,
            assets_blake3: text("assets_blake3")?,
            renderer_version: text("renderer_version")?,
            schema_version: text("schema_version")?,
            license: text("license")?,
            split: text("split")?,
            shard_size: text("shard_size")?.parse().ok()?,
            planes: serde_json::from_str(&text("planes")?).ok()?,
            notes,
        },
    })
}

/// The Parquet settings: part of the format, since they decide the bytes.
pub(crate) fn writer_properties(info: &ShardInfo) -> WriterProperties {
    let zstd = ZstdLevel::try_new(3).expect("3 is a level of zstd");
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(format!("bottega version {SCHEMA_VERSION}"))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_compression(Compression::ZSTD(zstd))
        .set_dictionary_enabled(true)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_key_value_metadata(Some(key_values(info)))
        .set_sorting_columns(Some(vec![SortingColumn {
            column_idx: index_leaf(),
            descending: false,
            nulls_first: false,
        }]));
    for blob in blob_columns(info.plan.planes) {
        let leaf = match blob.kind {
            BlobKind::Binary => ColumnPath::from(blob.name),
            BlobKind::Picture => ColumnPath::new(vec![blob.name.into(), "bytes".into()]),
        };
        // Already compressed, never compared: the bytes lie there as they are.
        builder = builder
            .set_column_compression(leaf.clone(), Compression::UNCOMPRESSED)
            .set_column_encoding(leaf.clone(), Encoding::PLAIN)
            .set_column_dictionary_enabled(leaf.clone(), false)
            .set_column_statistics_enabled(leaf.clone(), EnabledStatistics::None)
            .set_column_data_page_size_limit(leaf, BLOB_PAGE_BYTES);
    }
    for column in COLUMNS {
        if matches!(column.kind, Kind::F32 | Kind::F64) {
            let leaf = ColumnPath::from(column.name);
            builder = builder
                .set_column_dictionary_enabled(leaf.clone(), false)
                .set_column_encoding(leaf, Encoding::BYTE_STREAM_SPLIT);
        }
    }
    for column in COLUMNS.iter().filter(|c| c.group == Group::Points) {
        let leaf = ColumnPath::new(vec![column.name.into(), "list".into(), "item".into()]);
        // Nobody looks for a coordinate by its size.
        builder = builder.set_column_statistics_enabled(leaf.clone(), EnabledStatistics::None);
        if column.kind == Kind::F32List {
            builder = builder
                .set_column_dictionary_enabled(leaf.clone(), false)
                .set_column_encoding(leaf, Encoding::BYTE_STREAM_SPLIT);
        }
    }
    for (name, _) in TAIL {
        // Hashes and documents differ from row to row.
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    let documents = ColumnPath::from(SCENE_JSON);
    builder = builder.set_column_statistics_enabled(documents, EnabledStatistics::None);
    for name in ["sample_id", "identity_id"] {
        let leaf = ColumnPath::from(name);
        builder = builder
            .set_column_bloom_filter_enabled(leaf.clone(), true)
            .set_column_bloom_filter_max_ndv(leaf, ROW_GROUP_ROWS as u64);
    }
    builder.build()
}

/// Number of the leaf of the column `index`; the columns before it have one leaf each.
fn index_leaf() -> i32 {
    let position = COLUMNS.iter().position(|column| column.name == "index");
    position.expect("the index is a column") as i32
}
