//! Whole columns of labels, without the pixels: what statistics read.
//!
//! The labels of a row group lie side by side in the file, so they come with one or two reads of
//! the disk; values stay in columns, words as codes of a dictionary.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Column, Kind};

use super::pread::PositionedFile;
use super::reader::{ShardReader, guard};
use crate::error::FormatError;

/// Code of a sample that does not know the word.
pub const NO_WORD: u32 = u32::MAX;

/// The values of a column of labels.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelColumn {
    /// Texts, as codes of `words`; [`NO_WORD`] is unknown. Words may repeat.
    Words {
        /// One code for each row.
        codes: Vec<u32>,
        /// The words.
        words: Vec<String>,
    },
    /// Numbers, truth values as 0 and 1; NaN is unknown.
    Numbers(Vec<f64>),
    /// Lists of texts; `None` is unknown.
    WordLists(Vec<Option<Vec<String>>>),
    /// Lengths of lists of numbers; `None` is unknown.
    Lengths(Vec<Option<u32>>),
}

impl LabelColumn {
    fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Category => Self::Words {
                codes: Vec::new(),
                words: Vec::new(),
            },
            Kind::TextList => Self::WordLists(Vec::new()),
            Kind::F32List | Kind::Matrix4 => Self::Lengths(Vec::new()),
            _ => Self::Numbers(Vec::new()),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Words { codes, .. } => codes.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::WordLists(lists) => lists.len(),
            Self::Lengths(lengths) => lengths.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn extend(&mut self, column: &Column, array: &ArrayRef) -> Result<(), FormatError> {
        let wrong = |error: arrow::error::ArrowError| {
            FormatError::malformed("shard", format!("column {}: {error}", column.name))
        };
        match self {
            Self::Words { codes, words } => extend_words(codes, words, array).map_err(wrong)?,
            Self::Numbers(numbers) => {
                let array = cast(array, &DataType::Float64).map_err(wrong)?;
                let array = array.as_primitive::<Float64Type>();
                numbers.extend(array.iter().map(|v| v.unwrap_or(f64::NAN)));
            }
            Self::WordLists(lists) => {
                for row in 0..array.len() {
                    let items = list_at(array, row);
                    let items = items.map(|items| cast(&items, &DataType::Utf8)).transpose();
                    lists.push(items.map_err(wrong)?.map(|items| {
                        let items = items.as_string::<i32>();
                        items.iter().flatten().map(str::to_owned).collect()
                    }));
                }
            }
            Self::Lengths(lengths) => {
                let length = |row| list_at(array, row).map(|items| items.len() as u32);
                lengths.extend((0..array.len()).map(length));
            }
        }
        Ok(())
    }
}

fn extend_words(
    codes: &mut Vec<u32>,
    words: &mut Vec<String>,
    array: &ArrayRef,
) -> Result<(), arrow::error::ArrowError> {
    let wanted = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    if matches!(array.data_type(), DataType::Dictionary(_, _)) {
        let array = cast(array, &wanted)?;
        let array = array.as_dictionary::<Int32Type>();
        let first = words.len() as u32;
        words.extend(
            array
                .values()
                .as_string::<i32>()
                .iter()
                .map(|w| w.unwrap_or("").to_owned()),
        );
        codes.extend(
            array
                .keys()
                .iter()
                .map(|key| key.map_or(NO_WORD, |k| first + k as u32)),
        );
    } else {
        let array = cast(array, &DataType::Utf8)?;
        for word in array.as_string::<i32>() {
            codes.push(word.map_or(NO_WORD, |_| words.len() as u32));
            words.extend(word.map(str::to_owned));
        }
    }
    Ok(())
}

fn list_at(array: &ArrayRef, row: usize) -> Option<ArrayRef> {
    if array.is_null(row) {
        return None;
    }
    if let Some(list) = array.as_list_opt::<i32>() {
        return Some(list.value(row));
    }
    if let Some(list) = array.as_list_opt::<i64>() {
        return Some(list.value(row));
    }
    array.as_fixed_size_list_opt().map(|list| list.value(row))
}

impl ShardReader {
    /// The named columns of labels of all rows, by their names.
    pub fn label_columns(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<&'static str, LabelColumn>, FormatError> {
        guard(self.path(), || self.read_label_columns(names))
    }

    fn read_label_columns(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<&'static str, LabelColumn>, FormatError> {
        let malformed =
            |error: &dyn std::fmt::Display| FormatError::malformed("shard", error.to_string());
        let wanted: Vec<&Column> = COLUMNS
            .iter()
            .filter(|column| names.contains(&column.name))
            .collect();
        let mut columns: BTreeMap<&'static str, LabelColumn> = wanted
            .iter()
            .map(|c| (c.name, LabelColumn::empty(c.kind)))
            .collect();
        let roots = self.columns().iter().enumerate();
        let roots = roots
            .filter(|(_, name)| wanted.iter().any(|c| c.name == *name))
            .map(|(i, _)| i);
        let metadata = self.arrow_metadata();
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);

        let mut file = Prefetched {
            file: self.file().clone(),
            ranges: Vec::new(),
        };
        for group in metadata.metadata().row_groups() {
            let chunks = group.columns().iter().enumerate();
            let chunks = chunks.filter(|(leaf, _)| mask.leaf_included(*leaf));
            file.want(chunks.map(|(_, chunk)| chunk.byte_range()));
        }
        file.fetch().map_err(|error| malformed(&error))?;

        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_projection(mask)
            .with_batch_size(self.rows().clamp(1, 4096))
            .build()
            .map_err(|error| malformed(&error))?;
        for batch in reader {
            let batch = batch.map_err(|error| malformed(&error))?;
            for column in &wanted {
                let array =
                    batch
                        .column_by_name(column.name)
                        .ok_or(FormatError::MissingColumn {
                            column: column.name,
                        })?;
                let values = columns
                    .get_mut(column.name)
                    .expect("every wanted column has a place");
                values.extend(column, array)?;
            }
        }
        Ok(columns)
    }
}

/// Ranges closer than this are read at once.
const GAP_BYTES: u64 = 16 << 10;

/// A file of which some ranges are in memory.
#[derive(Clone, Debug)]
struct Prefetched {
    file: PositionedFile,
    /// Start of a range and what stands there, in ascending order.
    ranges: Vec<(u64, u64, Bytes)>,
}

impl Prefetched {
    /// Notes ranges of (start, length) to be fetched.
    fn want(&mut self, ranges: impl Iterator<Item = (u64, u64)>) {
        for (start, length) in ranges {
            let end = start.saturating_add(length);
            match self.ranges.last_mut() {
                Some((_, last_end, _)) if start >= *last_end && start - *last_end <= GAP_BYTES => {
                    *last_end = end;
                }
                _ => self.ranges.push((start, end, Bytes::new())),
            }
        }
        self.ranges.sort_by_key(|range| range.0);
    }

    fn fetch(&mut self) -> ParquetResult<()> {
        for (start, end, bytes) in &mut self.ranges {
            *bytes = self.file.get_bytes(*start, (*end - *start) as usize)?;
        }
        Ok(())
    }

    fn find(&self, start: u64) -> Option<&(u64, u64, Bytes)> {
        let after = self.ranges.partition_point(|range| range.0 <= start);
        self.ranges
            .get(after.checked_sub(1)?)
            .filter(|range| start < range.1)
    }
}

impl Length for Prefetched {
    fn len(&self) -> u64 {
        self.file.len()
    }
}

impl ChunkReader for Prefetched {
    type T = Box<dyn std::io::Read>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(match self.find(start) {
            Some((from, _, bytes)) => {
                Box::new(std::io::Cursor::new(bytes.slice((start - from) as usize..)))
            }
            None => Box::new(self.file.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        match self.find(start) {
            Some((from, end, bytes)) if start + length as u64 <= *end => {
                let at = (start - from) as usize;
                Ok(bytes.slice(at..at + length))
            }
            Some(_) => Err(ParquetError::EOF(format!(
                "{length} bytes from {start} leave a column"
            ))),
            None => self.file.get_bytes(start, length),
        }
    }
}
