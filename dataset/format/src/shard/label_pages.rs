//! Columns of labels straight from their pages: what makes many small row groups cheap to read.
//!
//! Knows the columns that this program writes and most that others write: flat numbers, truth
//! values and texts, lists of three levels, in pages of version 1. Anything else is `None`, and the
//! caller reads the column in the general way.

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use bottega_schemas::Kind;

use super::hybrid::{Cursor, Run, Runs};
use super::label_columns::{LabelColumn, NO_WORD};
use super::page::{Inflater, Page, PageEncoding, PageKind};

/// Words up to this many are looked through before one is added.
const KNOWN_WORDS_MAX: usize = 64;

/// A page that claims more values is left to the general reader.
const PAGE_VALUES_MAX: usize = 1 << 24;

/// How the values of a column lie in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    /// Number of the leaf.
    pub(super) idx: usize,
    physical: Physical,
    /// Levels of definition: those of a value, and of a list that is there but empty.
    max_def: u32,
    empty_def: u32,
    is_list: bool,
}

/// The leaf of a column, if the column has a shape that is known here.
pub(super) fn leaf_of(schema: &SchemaDescriptor, root: usize, kind: Kind) -> Option<Leaf> {
    let mut leaves =
        (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == root);
    let (idx, None) = (leaves.next()?, leaves.next()) else {
        return None;
    };
    let column = schema.column(idx);
    let is_list = matches!(
        kind,
        Kind::F32List | Kind::I8List | Kind::TextList | Kind::Matrix4
    );
    let may_lack = |repetition| u32::from(repetition == Repetition::OPTIONAL);
    let root = schema.get_column_root(idx);
    let of_root = may_lack(root.get_basic_info().repetition());
    let of_item = may_lack(column.self_type().get_basic_info().repetition());
    let (levels, max_def) = if is_list {
        (1, of_root + 1 + of_item)
    } else {
        (0, of_root)
    };
    let fits = match kind {
        Kind::Text | Kind::Category | Kind::TextList => {
            column.physical_type() == Physical::BYTE_ARRAY
        }
        Kind::Bool => column.physical_type() == Physical::BOOLEAN,
        Kind::I8 | Kind::I32 | Kind::I64 => {
            matches!(column.physical_type(), Physical::INT32 | Physical::INT64)
                && is_signed(&column)
        }
        Kind::F32 | Kind::F64 => {
            matches!(column.physical_type(), Physical::FLOAT | Physical::DOUBLE)
        }
        Kind::F32List | Kind::I8List | Kind::Matrix4 => true,
    };
    let shape = (column.max_rep_level(), column.max_def_level());
    (fits && shape == (levels, max_def as i16)).then(|| Leaf {
        idx,
        physical: column.physical_type(),
        max_def,
        empty_def: of_root,
        is_list,
    })
}

/// Whether whole numbers are no unsigned ones, dates or times.
fn is_signed(column: &ColumnDescriptor) -> bool {
    let by_logic = match column.logical_type_ref() {
        None => true,
        Some(LogicalType::Integer(int)) => int.is_signed,
        Some(_) => false,
    };
    let by_conversion = matches!(
        column.converted_type(),
        ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
    );
    by_logic && by_conversion
}

/// What reading needs over and over.
pub(super) struct Scratch {
    inflater: Inflater,
    /// The dictionary of the chunk at hand, as codes of the words read so far or as numbers.
    dictionary_words: Vec<u32>,
    dictionary_numbers: Vec<f64>,
    codes: Vec<u32>,
    definitions: Vec<u32>,
    repetitions: Vec<u32>,
    words: Vec<u32>,
    numbers: Vec<f64>,
}

impl Scratch {
    pub(super) fn new() -> Option<Self> {
        Some(Self {
            inflater: Inflater::new()?,
            dictionary_words: Vec::new(),
            dictionary_numbers: Vec::new(),
            codes: Vec::new(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            words: Vec::new(),
            numbers: Vec::new(),
        })
    }
}

/// Reads the chunk of a leaf, which has `n_values` values, nulls included, after what is in `out`.
pub(super) fn read_chunk(
    leaf: &Leaf,
    codec: Compression,
    chunk: &[u8],
    n_values: usize,
    scratch: &mut Scratch,
    out: &mut LabelColumn,
) -> Option<()> {
    scratch.dictionary_words.clear();
    scratch.dictionary_numbers.clear();
    let (mut at, mut left) = (0, n_values);
    while left > 0 {
        let page = Page::next(chunk, &mut at)?;
        let Scratch { inflater, .. } = scratch;
        match page.kind {
            // Only the lengths of such lists are wanted.
            PageKind::Dictionary if matches!(out, LabelColumn::Lengths(_)) => {}
            PageKind::Dictionary => {
                let body = inflater.inflate(codec, &page)?;
                match out {
                    LabelColumn::Words { words, .. } | LabelColumn::WordLists { words, .. } => {
                        plain_words(body, page.n_values, words, &mut scratch.dictionary_words)?;
                    }
                    _ => read_numbers(
                        leaf.physical,
                        PageEncoding::Plain,
                        body,
                        page.n_values,
                        &mut scratch.dictionary_numbers,
                    )?,
                }
            }
            PageKind::Data => {
                // A page without values would never end, one with too many claims any memory.
                let n = Some(page.n_values).filter(|n| (1..=PAGE_VALUES_MAX).contains(n))?;
                left = left.checked_sub(n)?;
                read_data(leaf, codec, &page, scratch, out)?;
            }
        }
    }
    Some(())
}

fn read_data(
    leaf: &Leaf,
    codec: Compression,
    page: &Page<'_>,
    scratch: &mut Scratch,
    out: &mut LabelColumn,
) -> Option<()> {
    let Scratch {
        inflater,
        dictionary_words,
        dictionary_numbers,
        codes,
        definitions,
        repetitions,
        words: found_words,
        numbers: found_numbers,
    } = scratch;
    let mut body = inflater.inflate(codec, page)?;
    let n = page.n_values;
    let width_of = |level: u32| u32::BITS - level.leading_zeros();
    let repeats = match leaf.is_list {
        true => Some(Runs::new(leveled(&mut body)?, 1, n)),
        false => None,
    };
    let defines = match leaf.max_def {
        0 => None,
        level => Some(Runs::new(leveled(&mut body)?, width_of(level), n)),
    };
    if let LabelColumn::Lengths(lengths) = out {
        return count_items(leaf, repeats?, defines?, n, lengths);
    }
    // The common page has every value.
    let all = defines.as_ref().is_none_or(|runs| {
        matches!(runs.clone().next(), Some(Run::Same { value, n: run }) if value == leaf.max_def && run == n)
    });
    definitions.clear();
    if let (Some(runs), false) = (defines, all && !leaf.is_list) {
        runs.collect_into(definitions)?;
    }
    let is_there = |definition: &u32| *definition == leaf.max_def;
    let n_there = if definitions.is_empty() {
        n
    } else {
        definitions.iter().filter(|d| is_there(d)).count()
    };
    let values = Values {
        encoding: page.encoding,
        body,
        n: n_there,
    };
    match out {
        LabelColumn::Words { codes: all, words } => {
            found_words.clear();
            values.words(dictionary_words, codes, words, found_words)?;
            scatter(definitions, is_there, found_words, NO_WORD, all);
        }
        LabelColumn::Numbers(all) => {
            found_numbers.clear();
            values.numbers(leaf.physical, dictionary_numbers, codes, found_numbers)?;
            scatter(definitions, is_there, found_numbers, f64::NAN, all);
        }
        LabelColumn::WordLists { lists, words } => {
            found_words.clear();
            values.words(dictionary_words, codes, words, found_words)?;
            repetitions.clear();
            repeats?.collect_into(repetitions)?;
            let mut found = found_words.iter().copied();
            for (repetition, definition) in repetitions.iter().zip(definitions.iter()) {
                if *repetition == 0 {
                    lists.push((*definition >= leaf.empty_def).then(Vec::new));
                }
                if is_there(definition) {
                    lists.last_mut()?.as_mut()?.push(found.next()?);
                }
            }
        }
        LabelColumn::Lengths(_) => return None,
    }
    Some(())
}

/// The levels at the front of a page, which is left with what follows.
fn leveled<'a>(body: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = body.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let levels = rest.get(..length)?;
    *body = &rest[length..];
    Some(levels)
}

/// Puts values at the places that have one.
fn scatter<T: Copy>(
    definitions: &[u32],
    is_there: impl Fn(&u32) -> bool,
    values: &[T],
    unknown: T,
    out: &mut Vec<T>,
) {
    if definitions.is_empty() {
        out.extend_from_slice(values);
        return;
    }
    let mut values = values.iter().copied();
    out.extend(definitions.iter().map(|definition| {
        if is_there(definition) {
            values.next().unwrap_or(unknown)
        } else {
            unknown
        }
    }));
}

/// Lengths of lists from their levels alone, a run at a time.
fn count_items(
    leaf: &Leaf,
    repeats: Runs<'_>,
    defines: Runs<'_>,
    n: usize,
    lengths: &mut Vec<Option<u32>>,
) -> Option<()> {
    let mut defines = Cursor::new(defines);
    let mut place = 0;
    let begin = |definition: u32| {
        (definition >= leaf.empty_def).then(|| u32::from(definition > leaf.empty_def))
    };
    for run in repeats {
        match run {
            Run::Same { value: 0, n } => {
                for i in 0..n {
                    lengths.push(begin(defines.at(place + i)?));
                }
            }
            Run::Same { n, .. } => {
                *lengths.last_mut()?.as_mut()? += n as u32;
            }
            Run::Packed { n, .. } => {
                for i in 0..n {
                    if run.at(i) == 0 {
                        lengths.push(begin(defines.at(place + i)?));
                    } else {
                        *lengths.last_mut()?.as_mut()? += 1;
                    }
                }
            }
        }
        place += run.len();
    }
    (place == n).then_some(())
}

/// The values of a page, without its nulls.
struct Values<'a> {
    encoding: PageEncoding,
    body: &'a [u8],
    n: usize,
}

impl Values<'_> {
    fn words(
        &self,
        dictionary: &[u32],
        codes: &mut Vec<u32>,
        words: &mut Vec<String>,
        out: &mut Vec<u32>,
    ) -> Option<()> {
        match self.encoding {
            _ if self.n == 0 => {}
            PageEncoding::Plain => plain_words(self.body, self.n, words, out)?,
            PageEncoding::Dictionary => {
                self.codes(codes)?;
                for code in codes.iter() {
                    out.push(*dictionary.get(*code as usize)?);
                }
            }
            PageEncoding::ByteStreamSplit => return None,
        }
        Some(())
    }

    fn numbers(
        &self,
        physical: Physical,
        dictionary: &[f64],
        codes: &mut Vec<u32>,
        out: &mut Vec<f64>,
    ) -> Option<()> {
        match self.encoding {
            _ if self.n == 0 => {}
            PageEncoding::Dictionary => {
                self.codes(codes)?;
                for code in codes.iter() {
                    out.push(*dictionary.get(*code as usize)?);
                }
            }
            encoding => read_numbers(physical, encoding, self.body, self.n, out)?,
        }
        Some(())
    }

    /// Codes of the dictionary: a byte for their width, then runs.
    fn codes(&self, out: &mut Vec<u32>) -> Option<()> {
        let (width, runs) = self.body.split_first()?;
        out.clear();
        Runs::new(runs, (*width <= 32).then_some(u32::from(*width))?, self.n).collect_into(out)
    }
}

/// Texts with their lengths before them; a text that is known already keeps its code.
fn plain_words(
    mut bytes: &[u8],
    n: usize,
    words: &mut Vec<String>,
    codes: &mut Vec<u32>,
) -> Option<()> {
    for _ in 0..n {
        let word = std::str::from_utf8(leveled(&mut bytes)?).ok()?;
        let known = match words.len() {
            0..=KNOWN_WORDS_MAX => words.iter().position(|known| known == word),
            _ => None,
        };
        codes.push(known.unwrap_or(words.len()) as u32);
        if known.is_none() {
            words.push(word.to_owned());
        }
    }
    Some(())
}

/// Numbers as they lie in a page: one after the other, or split into their bytes.
fn read_numbers(
    physical: Physical,
    encoding: PageEncoding,
    bytes: &[u8],
    n: usize,
    out: &mut Vec<f64>,
) -> Option<()> {
    fn each<const N: usize>(
        encoding: PageEncoding,
        bytes: &[u8],
        n: usize,
        out: &mut Vec<f64>,
        number: impl Fn([u8; N]) -> f64,
    ) -> Option<()> {
        let bytes = bytes.get(..n.checked_mul(N)?)?;
        match encoding {
            PageEncoding::Plain => {
                let (chunks, _) = bytes.as_chunks::<N>();
                out.extend(chunks.iter().map(|chunk| number(*chunk)));
            }
            PageEncoding::ByteStreamSplit => {
                let one = |i: usize| std::array::from_fn(|byte| bytes[byte * n + i]);
                out.extend((0..n).map(|i| number(one(i))));
            }
            PageEncoding::Dictionary => return None,
        }
        Some(())
    }
    match physical {
        Physical::BOOLEAN if encoding == PageEncoding::Plain => {
            let bytes = bytes.get(..n.div_ceil(8))?;
            out.extend((0..n).map(|i| f64::from(bytes[i / 8] >> (i % 8) & 1)));
            Some(())
        }
        Physical::INT32 => each(encoding, bytes, n, out, |b| {
            f64::from(i32::from_le_bytes(b))
        }),
        Physical::INT64 => each(encoding, bytes, n, out, |b| i64::from_le_bytes(b) as f64),
        Physical::FLOAT => each(encoding, bytes, n, out, |b| {
            f64::from(f32::from_le_bytes(b))
        }),
        Physical::DOUBLE => each(encoding, bytes, n, out, f64::from_le_bytes),
        _ => None,
    }
}
