//! Where the files of the pixel columns lie in a shard, so that one of them is read alone.
//!
//! Much less than the footer, and all that random access needs of it: a dataset of a thousand
//! shards keeps it in memory for each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Type;
use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::serialized_reader::SerializedPageReader;

use super::pread::PositionedFile;
use super::reader::{ShardReader, guard};
use crate::error::FormatError;

/// The pages of some pixel columns of a shard.
#[derive(Clone, Debug)]
pub(crate) struct BlobPages {
    path: PathBuf,
    names: Vec<&'static str>,
    groups: Vec<GroupPages>,
    rows: usize,
}

#[derive(Clone, Debug)]
struct GroupPages {
    first_row: usize,
    rows: usize,
    /// One for each name.
    columns: Vec<ColumnPages>,
}

#[derive(Clone, Debug)]
struct ColumnPages {
    chunk: ColumnChunkMetaData,
    /// Absent in files without a page index, which are read from the start of the row group.
    pages: Option<Vec<PageLocation>>,
}

/// A value as it lies in its page.
struct Value(ByteArray);

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self.0.data()
    }
}

impl ShardReader {
    /// The pages of those of the named pixel columns that the shard has.
    pub(crate) fn blob_pages(&self, names: &[&'static str]) -> Result<BlobPages, FormatError> {
        let metadata = self.arrow_metadata().metadata();
        let leaves = metadata.file_metadata().schema_descr();
        let mut found = Vec::new();
        for &name in names {
            // A plain column, or the bytes of a picture.
            let leaf = (0..leaves.num_columns()).find(|&leaf| {
                let parts = leaves.column(leaf).path().parts().to_vec();
                parts == [name] || parts == [name, "bytes"]
            });
            if let Some(leaf) = leaf {
                let column = leaves.column(leaf);
                if column.physical_type() != Type::BYTE_ARRAY || column.max_rep_level() != 0 {
                    let wrong = FormatError::WrongColumn {
                        column: name,
                        expected: "Binary, or Struct of bytes and path".into(),
                        found: column.physical_type().to_string().into(),
                    };
                    return Err(wrong.in_file(self.path()));
                }
                found.push((name, leaf));
            }
        }
        let mut groups = Vec::with_capacity(metadata.num_row_groups());
        let mut first_row = 0;
        for (i, group) in metadata.row_groups().iter().enumerate() {
            let rows = usize::try_from(group.num_rows()).unwrap_or(0);
            let index = metadata.offset_index().and_then(|index| index.get(i));
            let columns = found.iter().map(|&(_, leaf)| ColumnPages {
                chunk: group.column(leaf).clone(),
                pages: index
                    .and_then(|leaves| leaves.get(leaf))
                    .map(|leaf| leaf.page_locations().clone())
                    .filter(|pages| !pages.is_empty()),
            });
            groups.push(GroupPages {
                first_row,
                rows,
                columns: columns.collect(),
            });
            first_row += rows;
        }
        Ok(BlobPages {
            path: self.path().into(),
            names: found.into_iter().map(|(name, _)| name).collect(),
            groups,
            rows: first_row,
        })
    }
}

impl BlobPages {
    /// The shard.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// First row of each row group.
    pub(crate) fn group_starts(&self) -> impl Iterator<Item = usize> + '_ {
        self.groups.iter().map(|group| group.first_row)
    }

    /// Whether the shard has the column.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Opens the shard for [`Self::read`].
    pub(crate) fn open(&self) -> Result<Arc<PositionedFile>, FormatError> {
        PositionedFile::open(&self.path)
            .map(Arc::new)
            .map_err(|error| FormatError::io("open", &self.path, error))
    }

    /// The file in a column of a row; null is an error.
    pub(crate) fn read(
        &self,
        file: &Arc<PositionedFile>,
        name: &'static str,
        row: usize,
    ) -> Result<Bytes, FormatError> {
        let column = self.names.iter().position(|found| *found == name);
        let column = column.ok_or(FormatError::MissingColumn { column: name })?;
        let group = self.groups.partition_point(|group| group.first_row <= row);
        let group = group.checked_sub(1).map(|group| &self.groups[group]);
        let Some(group) = group.filter(|group| row - group.first_row < group.rows) else {
            let rows = self.rows;
            return Err(FormatError::NoSuchRow { row, rows });
        };
        guard(&self.path, || {
            let malformed =
                |error: &dyn std::fmt::Display| FormatError::malformed(name, error.to_string());
            let ColumnPages { chunk, pages } = &group.columns[column];
            let pages = SerializedPageReader::new(file.clone(), chunk, group.rows, pages.clone())
                .map_err(|error| malformed(&error))?;
            let pages: Box<dyn PageReader> = Box::new(pages);
            let description = chunk.column_descr_ptr();
            let wanted_level = description.max_def_level();
            let mut reader = ColumnReaderImpl::<ByteArrayType>::new(description, pages);
            let skip = row - group.first_row;
            let skipped = reader
                .skip_records(skip)
                .map_err(|error| malformed(&error))?;
            let mut levels = Vec::new();
            let mut values: Vec<ByteArray> = Vec::new();
            let (records, n_values, _) = reader
                .read_records(1, Some(&mut levels), None, &mut values)
                .map_err(|error| malformed(&error))?;
            if skipped != skip || records != 1 {
                return Err(malformed(&"its row cannot be found"));
            }
            let is_there = wanted_level == 0 || levels.first() == Some(&wanted_level);
            match values.pop() {
                Some(value) if is_there && n_values == 1 => Ok(Bytes::from_owner(Value(value))),
                _ => Err(malformed(&"it is null")),
            }
        })
    }
}
