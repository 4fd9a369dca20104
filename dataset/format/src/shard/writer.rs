//! Writes a shard row by row.
//!
//! Rows go to the column writers one at a time, so that no more than the row group in progress is
//! in memory. The bytes depend on the rows and on [`ShardInfo`] only.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray, StructArray};
use arrow::datatypes::Schema;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use sha2::{Digest as _, Sha256};

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::shard_schema::{ALPHA, DEPTH_EXR, IMAGE, NORMAL_EXR, PREVIEW};

use crate::atomic::{publish, temporary};
use crate::error::FormatError;
use crate::shard::columns::to_array;
use crate::shard::layout::{
    BlobColumn, BlobKind, ShardInfo, arrow_schema, blob_columns, n_identity_columns,
    picture_fields, writer_properties,
};
use crate::shard::reader::ShardReader;
use crate::shard::row::EncodedRow;

/// A finished shard file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardFile {
    /// First index.
    pub index_start: u64,
    /// Index after the last.
    pub index_end: u64,
    /// Rows.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// BLAKE3 of the file, hexadecimal.
    pub blake3: String,
}

/// Passes bytes on and hashes them.
struct Hashing<W> {
    inner: W,
    bytes: u64,
    sha256: Sha256,
    blake3: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.bytes += n as u64;
        self.sha256.update(&bytes[..n]);
        self.blake3.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the rows of one shard, in order of index.
pub struct ShardWriter<W: Write + Send> {
    writer: ArrowWriter<Hashing<W>>,
    schema: Arc<Schema>,
    info: ShardInfo,
    index_start: Option<u64>,
    next_index: u64,
    rows: u64,
}

impl<W: Write + Send> std::fmt::Debug for ShardWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShardWriter")
            .field("info", &self.info)
            .field("rows", &self.rows)
            .finish()
    }
}

impl<W: Write + Send> ShardWriter<W> {
    /// Starts a shard.
    pub fn new(out: W, info: ShardInfo) -> Result<Self, FormatError> {
        let schema = arrow_schema(&info);
        let out = Hashing {
            inner: out,
            bytes: 0,
            sha256: Sha256::new(),
            blake3: blake3::Hasher::new(),
        };
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(writer_properties(&info)))
            .map_err(write_error)?;
        let next_index = info.shard_idx * info.plan.shard_size;
        Ok(Self {
            writer,
            schema,
            info,
            index_start: None,
            next_index,
            rows: 0,
        })
    }

    /// Adds the row with the next index.
    pub fn push(&mut self, row: &EncodedRow) -> Result<(), FormatError> {
        let index = u64::try_from(row.meta.index).unwrap_or(u64::MAX);
        let end = (self.info.shard_idx + 1) * self.info.plan.shard_size;
        if index < self.next_index || index >= end {
            return Err(FormatError::OutOfOrder {
                expected: self.next_index,
                found: index,
            });
        }
        let batch = self.batch(row)?;
        self.writer.write(&batch).map_err(write_error)?;
        self.index_start.get_or_insert(index);
        self.next_index = index + 1;
        self.rows += 1;
        Ok(())
    }

    /// Number of rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the footer; the file is complete but not flushed to the disk.
    pub fn finish(self) -> Result<(W, ShardFile), FormatError> {
        let mut out = self.writer.into_inner().map_err(write_error)?;
        out.flush().map_err(|error| write_error(error.into()))?;
        let file = ShardFile {
            index_start: self.index_start.unwrap_or(self.next_index),
            index_end: self.next_index,
            rows: self.rows,
            bytes: out.bytes,
            sha256: hex(&out.sha256.finalize()),
            blake3: out.blake3.finalize().to_hex().to_string(),
        };
        Ok((out.inner, file))
    }

    fn batch(&self, row: &EncodedRow) -> Result<RecordBatch, FormatError> {
        let values = row.meta.values();
        let mut labels = COLUMNS
            .iter()
            .zip(&values)
            .map(|(column, value)| to_array(column.kind, std::slice::from_ref(value)));
        let mut arrays: Vec<ArrayRef> = labels.by_ref().take(n_identity_columns()).collect();
        let blobs = blob_columns(self.info.plan.planes);
        arrays.extend(blobs.iter().map(|blob| blob_array(blob, row)));
        arrays.extend(labels);
        arrays.extend(
            tail_texts(row).map(|text| -> ArrayRef { Arc::new(StringArray::from(vec![text])) }),
        );
        RecordBatch::try_new(self.schema.clone(), arrays).map_err(|error| {
            FormatError::InvalidSample {
                sample_id: row.meta.sample_id.as_str().into(),
                reason: error.to_string().into(),
            }
        })
    }
}

fn blob<'a>(name: &str, row: &'a EncodedRow) -> Option<&'a [u8]> {
    match name {
        IMAGE => Some(&row.image),
        ALPHA => Some(&row.alpha),
        DEPTH_EXR => Some(&row.depth_exr),
        NORMAL_EXR => Some(&row.normal_exr),
        PREVIEW => row.preview.as_deref(),
        name => {
            let mut optional = row.optional.iter();
            let (_, file) = optional.find(|(plane, _)| plane.column() == name)?;
            Some(file)
        }
    }
}

fn blob_array(column: &BlobColumn, row: &EncodedRow) -> ArrayRef {
    let bytes = blob(column.name, row);
    let binary = BinaryArray::from_opt_vec(vec![bytes]);
    match column.kind {
        BlobKind::Binary => Arc::new(binary),
        BlobKind::Picture => {
            let path = bytes.map(|_| format!("{}_{:07}.png", column.file, row.meta.index));
            let children: Vec<ArrayRef> =
                vec![Arc::new(binary), Arc::new(StringArray::from(vec![path]))];
            let valid = arrow::buffer::NullBuffer::from(vec![bytes.is_some()]);
            Arc::new(StructArray::new(picture_fields(), children, Some(valid)))
        }
    }
}

/// The scene document and the hashes, in the order of the columns; an imported row has no document.
fn tail_texts(row: &EncodedRow) -> [Option<String>; 6] {
    let hash = |bytes: &[u8]| Some(blake3::hash(bytes).to_hex().to_string());
    let scene = Some(&row.scene_json).filter(|scene| !scene.is_empty());
    [
        scene.cloned(),
        scene.and_then(|scene| hash(scene.as_bytes())),
        hash(&row.image),
        hash(&row.alpha),
        hash(&row.depth_exr),
        hash(&row.normal_exr),
    ]
}

/// An error that is not yet tied to a path; see [`write_shard`].
fn write_error(error: ParquetError) -> FormatError {
    let source = match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    };
    FormatError::io("write", Path::new(""), source)
}

/// Writes a shard file from its rows: complete under its name, or not there at all.
///
/// `expected_bytes` is what a full disk is told to be short of.
pub fn write_shard(
    path: &Path,
    info: ShardInfo,
    rows: impl IntoIterator<Item = Result<EncodedRow, FormatError>>,
    expected_bytes: u64,
) -> Result<ShardFile, FormatError> {
    let tmp = temporary(path);
    let at_path = |action, source| FormatError::write(action, path, expected_bytes, source);
    let written = (|| {
        let file = File::create(&tmp).map_err(|error| at_path("create the shard", error))?;
        let mut writer = ShardWriter::new(BufWriter::with_capacity(1 << 20, file), info)?;
        for row in rows {
            writer.push(&row?)?;
        }
        let (out, shard) = writer.finish()?;
        let file = out
            .into_inner()
            .map_err(|error| at_path("write the shard", error.into_error()))?;
        file.sync_all()
            .map_err(|error| at_path("flush the shard", error))?;
        // What a reader finds now is what it will find under the name.
        let found = ShardReader::open(&tmp)?.rows() as u64;
        if found != shard.rows {
            let reason = format!("{found} rows can be read back of {} written", shard.rows);
            return Err(FormatError::malformed("shard", reason));
        }
        Ok(shard)
    })();
    match written {
        Ok(shard) => publish(&tmp, path).map(|()| shard),
        Err(error) => {
            // Gives the space back; what is published stays as it was.
            let _ = fs::remove_file(&tmp);
            Err(match error {
                FormatError::Io { source, path, .. } if path.as_os_str().is_empty() => {
                    at_path("write the shard", source)
                }
                error => error.in_file(&tmp),
            })
        }
    }
}
