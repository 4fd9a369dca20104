//! OpenEXR files of one part in scan lines, uncompressed or ZIP, read chunk by chunk.
//!
//! The layout is that of `exr/encode.rs`. A chunk holds its lines in order, each line its channels
//! in alphabetical order; ZIP splits its bytes into even and odd ones, stores differences, and
//! deflates; a chunk that this does not make smaller lies there as it was.

use half::f16;
use half::slice::{HalfBitsSliceExt as _, HalfFloatSliceExt as _};

use super::Scratch;
use super::inflate::inflate_zlib;
use super::unpredict::undo_exr_delta;

/// Most values of a file: a damaged header must not exhaust the memory.
const MAX_VALUES: usize = 1 << 28;

/// The attributes that every file must have, and the sizes of those of one size.
const REQUIRED: [(&str, &str, Option<usize>); 8] = [
    ("channels", "chlist", None),
    ("compression", "compression", Some(1)),
    ("dataWindow", "box2i", Some(16)),
    ("displayWindow", "box2i", Some(16)),
    ("lineOrder", "lineOrder", Some(1)),
    ("pixelAspectRatio", "float", Some(4)),
    ("screenWindowCenter", "v2f", Some(8)),
    ("screenWindowWidth", "float", Some(4)),
];

/// How the values of a channel are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// 16-bit floats.
    Half,
    /// 32-bit floats.
    Float,
}

impl LineKind {
    /// 16-bit words of a value.
    fn words(self) -> usize {
        match self {
            Self::Half => 1,
            Self::Float => 2,
        }
    }
}

/// The header of a file that can be read line by line.
#[derive(Debug)]
pub(crate) struct ScanLines<'a> {
    file: &'a [u8],
    /// Width, in pixels.
    pub(crate) width: usize,
    /// Height, in pixels.
    pub(crate) height: usize,
    /// Names and kinds, in the order of the file.
    channels: Vec<(&'a str, LineKind)>,
    first_line: i32,
    lines_per_chunk: usize,
    is_zip: bool,
    /// Where the table of chunks begins.
    table_at: usize,
}

/// Takes little-endian numbers and texts off the front of some bytes.
#[derive(Clone, Copy, Debug)]
struct Cursor<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let bytes = self.file.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// A text that ends in a zero byte.
    fn text(&mut self) -> Option<&'a str> {
        let rest = self.file.get(self.at..)?;
        let length = rest.iter().take(256).position(|&byte| byte == 0)?;
        let text = std::str::from_utf8(self.bytes(length)?).ok()?;
        self.at += 1;
        Some(text)
    }
}

impl<'a> ScanLines<'a> {
    /// The header of `file`; `None` if the file is of another sort or damaged.
    pub(crate) fn parse(file: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor { file, at: 0 };
        // The magic number, then version 2 without a flag: one part, scan lines, short names.
        if cursor.bytes(8)? != [0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0] {
            return None;
        }
        let mut values: [Option<&[u8]>; REQUIRED.len()] = [None; REQUIRED.len()];
        loop {
            let name = cursor.text()?;
            if name.is_empty() {
                break;
            }
            let kind = cursor.text()?;
            let length = usize::try_from(cursor.i32()?).ok()?;
            let value = cursor.bytes(length)?;
            match REQUIRED.iter().position(|required| required.0 == name) {
                Some(i) => {
                    let (_, wanted, size) = REQUIRED[i];
                    let is_right = kind == wanted && size.is_none_or(|size| size == length);
                    if !is_right || values[i].replace(value).is_some() {
                        return None;
                    }
                }
                // Attributes with a meaning for the layout.
                None if matches!(name, "tiles" | "type" | "chunkCount" | "name") => return None,
                None => {}
            }
        }
        let value = |i: usize| values[i];
        if values.iter().any(Option::is_none) || value(4)? != [0] {
            return None;
        }
        let (is_zip, lines_per_chunk) = match value(1)? {
            [0] => (false, 1),
            [2] => (true, 1),
            [3] => (true, 16),
            _ => return None,
        };
        let mut window = Cursor {
            file: value(2)?,
            at: 0,
        };
        let (x0, first_line, x1, y1) = (window.i32()?, window.i32()?, window.i32()?, window.i32()?);
        let extent = |from: i32, to: i32| usize::try_from(i64::from(to) - i64::from(from) + 1).ok();
        let (width, height) = (extent(x0, x1)?, extent(first_line, y1)?);
        let channels = channels(value(0)?)?;
        let n_values = width.checked_mul(height)?.checked_mul(channels.len())?;
        // Deflate shrinks at most about a thousandfold.
        if n_values == 0 || n_values > MAX_VALUES || n_values / 2048 > file.len() {
            return None;
        }
        Some(Self {
            file,
            width,
            height,
            channels,
            first_line,
            lines_per_chunk,
            is_zip,
            table_at: cursor.at,
        })
    }

    /// Whether these are the channels, in alphabetical order, all of one kind.
    pub(crate) fn are_channels(&self, names: &[&str], kind: LineKind) -> bool {
        self.channels.len() == names.len()
            && (self.channels.iter().zip(names)).all(|(found, name)| *found == (*name, kind))
    }

    /// The values of the only channel, which is `Float`.
    pub(crate) fn floats(&self, scratch: &mut Scratch, out: &mut Vec<f32>) -> Option<()> {
        out.resize(self.width * self.height, 0.0);
        let width = self.width;
        self.each_line(scratch, |y, words, _| {
            floats_of(words, &mut out[y * width..][..width]);
        })
    }

    /// The values of three channels, pixel by pixel; `order[k]` is the channel of component k.
    pub(crate) fn vectors(
        &self,
        scratch: &mut Scratch,
        order: [usize; 3],
        out: &mut Vec<[f32; 3]>,
    ) -> Option<()> {
        out.resize(self.width * self.height, [0.0; 3]);
        let width = self.width;
        self.each_line(scratch, |y, words, rows| {
            self.rows(words, rows);
            let [x, y_, z] = order.map(|channel| rows[channel].as_slice());
            let line = &mut out[y * width..][..width];
            for (((pixel, &x), &y), &z) in line.iter_mut().zip(x).zip(y_).zip(z) {
                *pixel = [x, y, z];
            }
        })
    }

    /// The values of four channels, pixel by pixel; `order[k]` is the channel of component k.
    pub(crate) fn quads(
        &self,
        scratch: &mut Scratch,
        order: [usize; 4],
        out: &mut Vec<[f32; 4]>,
    ) -> Option<()> {
        out.resize(self.width * self.height, [0.0; 4]);
        let width = self.width;
        self.each_line(scratch, |y, words, rows| {
            self.rows(words, rows);
            let [r, g, b, a] = order.map(|channel| rows[channel].as_slice());
            let line = &mut out[y * width..][..width];
            for ((((pixel, &r), &g), &b), &a) in line.iter_mut().zip(r).zip(g).zip(b).zip(a) {
                *pixel = [r, g, b, a];
            }
        })
    }

    /// The channels of a line as floats.
    fn rows(&self, words: &[u16], rows: &mut Vec<Vec<f32>>) {
        rows.resize_with(self.channels.len(), Vec::new);
        let mut rest = words;
        for ((_, kind), row) in self.channels.iter().zip(rows) {
            let (these, after) = rest.split_at(self.width * kind.words());
            rest = after;
            row.resize(self.width, 0.0);
            match kind {
                LineKind::Half => these.reinterpret_cast::<f16>().convert_to_f32_slice(row),
                LineKind::Float => floats_of(these, row),
            }
        }
    }

    /// Calls `line` with the number, the values as 16-bit words and spare rows, for every line.
    fn each_line(
        &self,
        scratch: &mut Scratch,
        mut line: impl FnMut(usize, &[u16], &mut Vec<Vec<f32>>),
    ) -> Option<()> {
        let words: usize = self.channels.iter().map(|(_, kind)| kind.words()).sum();
        let line_words = self.width * words;
        let n_chunks = self.height.div_ceil(self.lines_per_chunk);
        let table = self.file.get(self.table_at..)?.get(..8 * n_chunks)?;
        for (chunk, offset) in table.as_chunks::<8>().0.iter().enumerate() {
            let first = chunk * self.lines_per_chunk;
            let n_lines = self.lines_per_chunk.min(self.height - first);
            let mut cursor = Cursor {
                file: self.file,
                at: usize::try_from(u64::from_le_bytes(*offset)).ok()?,
            };
            if i64::from(cursor.i32()?) != i64::from(self.first_line) + first as i64 {
                return None;
            }
            let length = usize::try_from(cursor.i32()?).ok()?;
            let data = cursor.bytes(length)?;
            scratch.lines.resize(n_lines * line_words, 0);
            self.unpack(data, scratch)?;
            let Scratch { lines, rows, .. } = scratch;
            for (i, words) in lines.chunks_exact(line_words).enumerate() {
                line(first + i, words, rows);
            }
        }
        Some(())
    }

    /// The words of a chunk, into `scratch.lines`, which has their length.
    fn unpack(&self, data: &[u8], scratch: &mut Scratch) -> Option<()> {
        let Scratch {
            unpacked, lines, ..
        } = scratch;
        let n_bytes = 2 * lines.len();
        if data.len() == n_bytes {
            for (word, pair) in lines.iter_mut().zip(data.as_chunks::<2>().0) {
                *word = u16::from_le_bytes(*pair);
            }
            return Some(());
        }
        if !self.is_zip || data.len() > n_bytes {
            return None;
        }
        unpacked.resize(n_bytes, 0);
        inflate_zlib(data, unpacked)?;
        undo_exr_delta(unpacked);
        // All values have an even number of bytes: the first half are the low bytes of the words.
        let (low, high) = unpacked.split_at(lines.len());
        for ((word, &low), &high) in lines.iter_mut().zip(low).zip(high) {
            *word = u16::from(low) | (u16::from(high) << 8);
        }
        Some(())
    }
}

/// The channels of the attribute: halves and floats that have a value at every pixel.
fn channels(list: &[u8]) -> Option<Vec<(&str, LineKind)>> {
    let mut cursor = Cursor { file: list, at: 0 };
    let mut channels = Vec::new();
    loop {
        let name = cursor.text()?;
        if name.is_empty() {
            break;
        }
        let kind = match cursor.i32()? {
            1 => LineKind::Half,
            2 => LineKind::Float,
            _ => return None,
        };
        // Whether values are perceptually linear, and three reserved bytes.
        cursor.bytes(4)?;
        if (cursor.i32()?, cursor.i32()?) != (1, 1) {
            return None;
        }
        channels.push((name, kind));
    }
    let is_whole = cursor.at == list.len() && channels.is_sorted_by(|a, b| a.0 < b.0);
    is_whole.then_some(channels)
}

fn floats_of(words: &[u16], out: &mut [f32]) {
    for (value, [low, high]) in out.iter_mut().zip(words.as_chunks::<2>().0) {
        *value = f32::from_bits(u32::from(*low) | (u32::from(*high) << 16));
    }
}
