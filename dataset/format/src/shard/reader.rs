//! Reads a shard: its labels without the pixels, or one row through the page index.
//!
//! Whatever is wrong with the bytes (cut, flipped, foreign) is a [`FormatError`], never a panic.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::file::metadata::{PageIndexPolicy, ParquetStatisticsPolicy};

use bottega_schemas::sample::{COLUMNS, WrongValue};
use bottega_schemas::shard_schema::{
    ALPHA, ALPHA_BLAKE3, DEPTH_BLAKE3, DEPTH_EXR, IMAGE, IMAGE_BLAKE3, NORMAL_BLAKE3, NORMAL_EXR,
    PREVIEW, SCENE_BLAKE3, SCENE_JSON,
};
use bottega_schemas::{Plane, SampleMeta, Value};

use crate::error::FormatError;
use crate::shard::columns::{check_type, from_array};
use crate::shard::layout::{ShardInfo, info_of};
use crate::shard::pread::PositionedFile;
use crate::shard::row::{EncodedRow, StoredPlanes};

/// Columns without which a file is no shard, besides the labels.
const REQUIRED: [&str; 4] = [IMAGE, ALPHA, DEPTH_EXR, NORMAL_EXR];

/// The texts of a row that are not labels, read without its pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelRow {
    /// The labels.
    pub meta: SampleMeta,
    /// The scene document.
    pub scene_json: Option<String>,
    /// Stored hashes by the names of their columns.
    pub hashes: BTreeMap<&'static str, String>,
}

/// An open shard.
#[derive(Clone, Debug)]
pub struct ShardReader {
    path: PathBuf,
    file: PositionedFile,
    metadata: ArrowReaderMetadata,
    key_values: BTreeMap<String, String>,
    /// Names of the top-level columns that the file has.
    columns: Vec<String>,
}

impl ShardReader {
    /// Opens a shard and checks that it has the columns of the schema.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        Self::open_with(path, PageIndexPolicy::Optional)
    }

    /// Opens a shard for its labels: without the index of its pages, which only single rows need.
    pub fn open_for_labels(path: &Path) -> Result<Self, FormatError> {
        Self::open_with(path, PageIndexPolicy::Skip)
    }

    fn open_with(path: &Path, page_index: PageIndexPolicy) -> Result<Self, FormatError> {
        let file =
            PositionedFile::open(path).map_err(|error| FormatError::io("open", path, error))?;
        let mut options = ArrowReaderOptions::new().with_page_index_policy(page_index);
        if page_index == PageIndexPolicy::Skip {
            // Smallest and largest values of chunks help only who looks for single rows.
            options = options
                .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
                .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
                .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
        }
        let metadata = guard(path, || {
            ArrowReaderMetadata::load(&file, options)
                .map_err(|error| FormatError::malformed("shard", error.to_string()))
        })?;
        let pairs = metadata.metadata().file_metadata().key_value_metadata();
        let key_values = pairs
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)))
            .collect();
        let columns = metadata
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let reader = Self {
            path: path.into(),
            file,
            metadata,
            key_values,
            columns,
        };
        reader
            .check_columns()
            .map_err(|error| error.in_file(path))?;
        Ok(reader)
    }

    fn check_columns(&self) -> Result<(), FormatError> {
        for name in REQUIRED {
            if !self.has(name) {
                return Err(FormatError::MissingColumn { column: name });
            }
        }
        for column in COLUMNS {
            match self.metadata.schema().field_with_name(column.name) {
                Ok(field) => check_type(column, field.data_type())?,
                // Shards made before a column was added lack it; its values are null.
                Err(_) if !column.required => {}
                Err(_) => {
                    return Err(FormatError::MissingColumn {
                        column: column.name,
                    });
                }
            }
        }
        Ok(())
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        usize::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// File-level metadata.
    pub fn key_values(&self) -> &BTreeMap<String, String> {
        &self.key_values
    }

    /// What the shard says it is; `None` for a file of another writer.
    pub fn info(&self) -> Option<ShardInfo> {
        let keys: Vec<String> = self.key_values.keys().cloned().collect();
        info_of(|key| self.key_values.get(key).cloned(), &keys)
    }

    /// Names of the columns, in the order of the file.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The file, read at positions.
    pub(crate) fn file(&self) -> &PositionedFile {
        &self.file
    }

    /// What the footer says.
    pub(crate) fn arrow_metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }

    /// Number of row groups.
    pub fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The labels of all rows, without the pixels, one row group in memory at a time.
    pub fn labels(&self) -> impl Iterator<Item = Result<SampleMeta, FormatError>> + '_ {
        self.label_rows_of(false).map(|row| row.map(|row| row.meta))
    }

    /// The labels, scene documents and stored hashes of all rows, without the pixels.
    pub fn label_rows(&self) -> impl Iterator<Item = Result<LabelRow, FormatError>> + '_ {
        self.label_rows_of(true)
    }

    fn label_rows_of(
        &self,
        with_texts: bool,
    ) -> impl Iterator<Item = Result<LabelRow, FormatError>> + '_ {
        let mut broken = false;
        (0..self.row_groups()).flat_map(move |group| {
            if broken {
                return vec![];
            }
            match guard(&self.path, || self.label_group(group, with_texts)) {
                Ok(rows) => rows.into_iter().map(Ok).collect(),
                Err(error) => {
                    broken = true;
                    vec![Err(error)]
                }
            }
        })
    }

    fn label_group(&self, group: usize, with_texts: bool) -> Result<Vec<LabelRow>, FormatError> {
        let mut names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        if with_texts {
            names.push(SCENE_JSON);
            names.extend(HASHES.iter().map(|(name, _)| *name));
        }
        let mut rows = Vec::new();
        for batch in self.batches(group, None, &names)? {
            let first = rows.len();
            rows.extend(metas(&batch)?.into_iter().map(|meta| LabelRow {
                meta,
                ..LabelRow::default()
            }));
            if !with_texts {
                continue;
            }
            if let Some(texts) = texts(&batch, SCENE_JSON)? {
                rows[first..]
                    .iter_mut()
                    .zip(texts)
                    .for_each(|(row, text)| row.scene_json = text);
            }
            for (name, _) in HASHES {
                if let Some(texts) = texts(&batch, name)? {
                    for (row, text) in rows[first..].iter_mut().zip(texts) {
                        row.hashes.extend(text.map(|text| (name, text)));
                    }
                }
            }
        }
        Ok(rows)
    }

    /// The row that has the given index of the dataset.
    pub fn row_of_index(&self, index: i64) -> Result<Option<usize>, FormatError> {
        let mut row = 0;
        for group in 0..self.row_groups() {
            let found = guard(&self.path, || {
                let mut indices = Vec::new();
                for batch in self.batches(group, None, &["index"])? {
                    let column = COLUMNS.iter().find(|column| column.name == "index");
                    let column = column.expect("the index is a column");
                    indices.extend(from_array(column, &column_of(&batch, "index")?)?);
                }
                Ok(indices)
            })?;
            if let Some(at) = found.iter().position(|value| *value == Value::Int(index)) {
                return Ok(Some(row + at));
            }
            row += found.len();
        }
        Ok(None)
    }

    /// One whole row; its planes must have the hashes that are stored beside them.
    pub fn row(&self, row: usize) -> Result<EncodedRow, FormatError> {
        let (encoded, hashes) = self.row_and_hashes(row)?;
        check_hashes(&encoded, &hashes, row).map_err(|error| error.in_file(&self.path))?;
        Ok(encoded)
    }

    /// One whole row, whatever the stored hashes say, and these hashes by their columns.
    pub fn row_and_hashes(
        &self,
        row: usize,
    ) -> Result<(EncodedRow, BTreeMap<&'static str, String>), FormatError> {
        guard(&self.path, || {
            // Pixels and labels are read apart: together the labels would be read page by page.
            let mut encoded = self.blobs(row, true)?;
            let names: Vec<&str> = COLUMNS
                .iter()
                .map(|column| column.name)
                .chain([SCENE_JSON])
                .chain(HASHES.iter().map(|(name, _)| *name))
                .collect();
            let batch = self.one_row(row, &names)?;
            encoded.meta = metas(&batch)?.pop().unwrap_or_default();
            encoded.scene_json = text(&batch, SCENE_JSON)?.unwrap_or_default();
            let mut hashes = BTreeMap::new();
            for (name, _) in HASHES {
                hashes.extend(text(&batch, name)?.map(|hash| (name, hash)));
            }
            Ok((encoded, hashes))
        })
    }

    /// A row whose labels were read with those of others, which is quicker ([`Self::label_rows`]).
    pub fn row_beside(&self, row: usize, labels: LabelRow) -> Result<EncodedRow, FormatError> {
        let mut encoded = guard(&self.path, || self.blobs(row, true))?;
        (encoded.meta, encoded.scene_json) = (labels.meta, labels.scene_json.unwrap_or_default());
        Ok(encoded)
    }

    /// The decoded planes of one row.
    pub fn planes(&self, row: usize) -> Result<StoredPlanes, FormatError> {
        guard(&self.path, || self.blobs(row, false)?.decode())
    }

    fn blobs(&self, row: usize, with_preview: bool) -> Result<EncodedRow, FormatError> {
        let mut names = vec![IMAGE, ALPHA, DEPTH_EXR, NORMAL_EXR];
        let optional = Plane::OPTIONAL.map(Plane::column);
        names.extend(optional.into_iter().filter(|name| self.has(name)));
        names.extend(
            [PREVIEW]
                .into_iter()
                .filter(|name| with_preview && self.has(name)),
        );
        let batch = self.one_row(row, &names)?;
        let required = |name: &'static str| {
            blob(&batch, name)?.ok_or_else(|| {
                FormatError::malformed("shard", format!("column {name} of row {row} is null"))
            })
        };
        let mut optional = BTreeMap::new();
        for plane in Plane::OPTIONAL {
            if let Some(file) = blob(&batch, plane.column())? {
                optional.insert(plane, file);
            }
        }
        Ok(EncodedRow {
            image: required(IMAGE)?,
            alpha: required(ALPHA)?,
            depth_exr: required(DEPTH_EXR)?,
            normal_exr: required(NORMAL_EXR)?,
            preview: blob(&batch, PREVIEW)?,
            optional,
            ..EncodedRow::default()
        })
    }

    pub(super) fn one_row(&self, row: usize, names: &[&str]) -> Result<RecordBatch, FormatError> {
        let mut row_in_group = row;
        for group in 0..self.row_groups() {
            let n_rows = self.metadata.metadata().row_group(group).num_rows();
            let n_rows = usize::try_from(n_rows).unwrap_or(0);
            if row_in_group < n_rows {
                let mut batches = self.batches(group, Some(row_in_group), names)?;
                let batch = batches.pop().filter(|batch| batch.num_rows() == 1);
                return batch.ok_or_else(|| {
                    FormatError::malformed("shard", format!("row {row} cannot be found"))
                });
            }
            row_in_group -= n_rows;
        }
        Err(FormatError::NoSuchRow {
            row,
            rows: self.rows(),
        })
    }

    /// The rows of a row group, or one of them, with the named columns that the file has.
    fn batches(
        &self,
        group: usize,
        row: Option<usize>,
        names: &[&str],
    ) -> Result<Vec<RecordBatch>, FormatError> {
        let malformed =
            |error: &dyn std::fmt::Display| FormatError::malformed("shard", error.to_string());
        let roots = self.columns.iter().enumerate();
        let roots = roots
            .filter(|(_, name)| names.contains(&name.as_str()))
            .map(|(i, _)| i);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.file.clone(),
            self.metadata.clone(),
        )
        .with_row_groups(vec![group])
        .with_projection(mask)
        .with_batch_size(64);
        if let Some(row) = row {
            let selection = vec![RowSelector::skip(row), RowSelector::select(1)];
            builder = builder.with_row_selection(RowSelection::from(selection));
        }
        let batches = builder.build().map_err(|error| malformed(&error))?;
        batches
            .map(|batch| batch.map_err(|error| malformed(&error)))
            .collect()
    }
}

/// The hash columns and what they are hashes of.
pub(super) const HASHES: [(&str, &str); 5] = [
    (SCENE_BLAKE3, SCENE_JSON),
    (IMAGE_BLAKE3, IMAGE),
    (ALPHA_BLAKE3, ALPHA),
    (DEPTH_BLAKE3, DEPTH_EXR),
    (NORMAL_BLAKE3, NORMAL_EXR),
];

fn check_hashes(
    row: &EncodedRow,
    hashes: &BTreeMap<&'static str, String>,
    row_idx: usize,
) -> Result<(), FormatError> {
    let blobs: [&[u8]; 5] = [
        row.scene_json.as_bytes(),
        &row.image,
        &row.alpha,
        &row.depth_exr,
        &row.normal_exr,
    ];
    for ((name, what), bytes) in HASHES.into_iter().zip(blobs) {
        let stored = hashes.get(name);
        if stored.is_some_and(|stored| blake3::hash(bytes).to_hex().as_str() != stored) {
            return Err(FormatError::HashMismatch { what, row: row_idx });
        }
    }
    Ok(())
}

pub(super) fn metas(batch: &RecordBatch) -> Result<Vec<SampleMeta>, FormatError> {
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for column in COLUMNS {
        let values = match batch.column_by_name(column.name) {
            Some(array) => from_array(column, array)?,
            None if !column.required => vec![Value::Null; batch.num_rows()],
            None => {
                return Err(FormatError::MissingColumn {
                    column: column.name,
                });
            }
        };
        columns.push(values.into_iter());
    }
    let row = |_| {
        let values = columns
            .iter_mut()
            .map(|values| values.next().unwrap_or(Value::Null));
        SampleMeta::from_values(values.collect()).map_err(|WrongValue { column, found }| {
            FormatError::malformed("shard", format!("column {column} cannot hold {found}"))
        })
    };
    (0..batch.num_rows()).map(row).collect()
}

fn column_of(batch: &RecordBatch, name: &'static str) -> Result<ArrayRef, FormatError> {
    batch
        .column_by_name(name)
        .cloned()
        .ok_or(FormatError::MissingColumn { column: name })
}

/// The texts of a column, if the file has it.
fn texts(batch: &RecordBatch, name: &str) -> Result<Option<Vec<Option<String>>>, FormatError> {
    let Some(array) = batch.column_by_name(name) else {
        return Ok(None);
    };
    let array = cast(array, &DataType::Utf8)
        .map_err(|error| FormatError::malformed("shard", format!("column {name}: {error}")))?;
    let array = array.as_string::<i32>();
    Ok(Some(
        array.iter().map(|text| text.map(str::to_owned)).collect(),
    ))
}

pub(super) fn text(batch: &RecordBatch, name: &str) -> Result<Option<String>, FormatError> {
    Ok(texts(batch, name)?.and_then(|mut texts| texts.pop().flatten()))
}

/// The bytes of a pixel column of a batch of one row: plain, or in a picture.
pub(super) fn blob(batch: &RecordBatch, name: &str) -> Result<Option<Vec<u8>>, FormatError> {
    let Some(array) = batch.column_by_name(name) else {
        return Ok(None);
    };
    if array.is_empty() || array.is_null(0) {
        return Ok(None);
    }
    let wrong = |found: &DataType| FormatError::WrongColumn {
        column: REQUIRED
            .into_iter()
            .find(|required| *required == name)
            .unwrap_or("optional plane"),
        expected: "Binary, or Struct of bytes and path".into(),
        found: found.to_string().into(),
    };
    let bytes = match array.as_struct_opt() {
        Some(picture) => picture
            .column_by_name("bytes")
            .ok_or_else(|| wrong(array.data_type()))?
            .clone(),
        None => array.clone(),
    };
    let bytes = cast(&bytes, &DataType::Binary).map_err(|_| wrong(array.data_type()))?;
    let bytes = bytes.as_binary::<i32>();
    Ok((!bytes.is_null(0)).then(|| bytes.value(0).to_vec()))
}

/// Runs a decoder of foreign bytes; a panic in it is a finding about the bytes, not about us.
pub(crate) fn guard<T>(
    path: &Path,
    read: impl FnOnce() -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    let result = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("the decoder gave up");
        Err(FormatError::malformed("shard", reason))
    });
    result.map_err(|error| error.in_file(path))
}
