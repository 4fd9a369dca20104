//! Whole columns of labels, without the pixels: what statistics read.
//!
//! The labels of a row group lie side by side in the file, so they come with one or two reads of
//! the disk; values stay in columns, words as codes of a dictionary. Columns of the usual shape are
//! read from their pages ([`label_pages`](super::label_pages)), all others through Arrow.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader as _;

use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Column, Kind};

use super::label_pages::{Leaf, Scratch, leaf_of, read_chunk};
use super::prefetch::Prefetched;
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
    /// Lists of texts, as codes of `words`; `None` is unknown. Words may repeat.
    WordLists {
        /// One list of codes for each row.
        lists: Vec<Option<Vec<u32>>>,
        /// The words.
        words: Vec<String>,
    },
    /// Lengths of lists of numbers; `None` is unknown.
    Lengths(Vec<Option<u32>>),
}

impl LabelColumn {
    /// A column of which no row knows the value.
    pub fn unknown(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Text | Kind::Category => Self::Words {
                codes: vec![NO_WORD; rows],
                words: Vec::new(),
            },
            Kind::TextList => Self::WordLists {
                lists: vec![None; rows],
                words: Vec::new(),
            },
            Kind::F32List | Kind::I8List | Kind::Matrix4 => Self::Lengths(vec![None; rows]),
            _ => Self::Numbers(vec![f64::NAN; rows]),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Words { codes, .. } => codes.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::WordLists { lists, .. } => lists.len(),
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
            Self::WordLists { lists, words } => {
                for row in 0..array.len() {
                    let items = list_at(array, row);
                    let items = items.map(|items| cast(&items, &DataType::Utf8)).transpose();
                    lists.push(items.map_err(wrong)?.map(|items| {
                        let items = items.as_string::<i32>().iter().flatten();
                        let code = |word: &str| {
                            words.push(word.to_owned());
                            words.len() as u32 - 1
                        };
                        items.map(code).collect()
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

/// A column that is wanted: its place in the file, if the file has it.
struct Wanted {
    column: &'static Column,
    root: Option<usize>,
    leaf: Option<Leaf>,
}

impl ShardReader {
    /// The named columns of labels, by their names, each with a value for every row; a column that
    /// the file was made without knows none.
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
        let metadata = self.arrow_metadata().metadata();
        let schema = metadata.file_metadata().schema_descr();
        let wanted: Vec<Wanted> = COLUMNS
            .iter()
            .filter(|column| names.contains(&column.name))
            .map(|column| {
                let root = self.columns().iter().position(|name| name == column.name);
                let leaf = root.and_then(|root| leaf_of(schema, root, column.kind));
                Wanted { column, root, leaf }
            })
            .collect();

        let mut is_leaf_wanted = vec![false; schema.num_columns()];
        for (leaf, is_wanted) in is_leaf_wanted.iter_mut().enumerate() {
            let root = schema.get_column_root_idx(leaf);
            *is_wanted = wanted.iter().any(|wanted| wanted.root == Some(root));
        }
        let mut file = Prefetched::new(self.file().clone());
        for group in metadata.row_groups() {
            let chunks = group.columns().iter().zip(&is_leaf_wanted);
            let chunks = chunks.filter(|(_, is_wanted)| **is_wanted);
            file.want(chunks.map(|(chunk, _)| chunk.byte_range()));
        }
        file.fetch()
            .map_err(|error| FormatError::malformed("shard", error.to_string()))?;

        let mut columns = BTreeMap::new();
        let mut others = Vec::new();
        let mut scratch = Scratch::new();
        for wanted in &wanted {
            let (name, kind) = (wanted.column.name, wanted.column.kind);
            if wanted.root.is_none() {
                columns.insert(name, LabelColumn::unknown(kind, self.rows()));
                continue;
            }
            let of_pages = scratch.as_mut().zip(wanted.leaf.as_ref());
            match of_pages
                .and_then(|(scratch, leaf)| self.read_from_pages(&file, leaf, kind, scratch))
            {
                Some(values) => {
                    columns.insert(name, values);
                }
                None => others.push(wanted),
            }
        }
        if !others.is_empty() {
            self.read_through_arrow(file, &others, &mut columns)?;
        }
        // The footer counts rows twice, for the file and for each group; damage may hit one.
        if let Some((name, column)) = columns.iter().find(|(_, c)| c.len() != self.rows()) {
            let (found, rows) = (column.len(), self.rows());
            let message = format!("column {name} has {found} values for {rows} rows");
            return Err(FormatError::malformed("shard", message));
        }
        Ok(columns)
    }

    /// A whole column from its pages; `None` if anything about it is unusual.
    fn read_from_pages(
        &self,
        file: &Prefetched,
        leaf: &Leaf,
        kind: Kind,
        scratch: &mut Scratch,
    ) -> Option<LabelColumn> {
        let mut values = LabelColumn::unknown(kind, 0);
        for group in self.arrow_metadata().metadata().row_groups() {
            let chunk = group.column(leaf.idx);
            let (start, length) = chunk.byte_range();
            let bytes = file.get_bytes(start, usize::try_from(length).ok()?).ok()?;
            let n_values = usize::try_from(chunk.num_values()).ok()?;
            let codec = chunk.compression();
            read_chunk(leaf, codec, &bytes, n_values, scratch, &mut values)?;
        }
        (values.len() == self.rows()).then_some(values)
    }

    fn read_through_arrow(
        &self,
        file: Prefetched,
        wanted: &[&Wanted],
        columns: &mut BTreeMap<&'static str, LabelColumn>,
    ) -> Result<(), FormatError> {
        let malformed =
            |error: &dyn std::fmt::Display| FormatError::malformed("shard", error.to_string());
        let metadata = self.arrow_metadata();
        let roots = wanted.iter().filter_map(|wanted| wanted.root);
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_projection(mask)
            .with_batch_size(self.rows().clamp(1, 4096))
            .build()
            .map_err(|error| malformed(&error))?;
        for Wanted { column, .. } in wanted {
            columns.insert(column.name, LabelColumn::unknown(column.kind, 0));
        }
        for batch in reader {
            let batch = batch.map_err(|error| malformed(&error))?;
            for Wanted { column, .. } in wanted {
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
        Ok(())
    }
}
