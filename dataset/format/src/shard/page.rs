//! The pages of one column in one row group, decompressed: as much of Parquet as labels need.
//!
//! A shard has thousands of chunks of a few dozen values, and a general reader spends most of its
//! time on setting itself up for each. What is not known here (another codec, another version of
//! pages, damage) is `None`: the general reader is asked then, and says what is wrong.
//!
//! A page is a header in Thrift's compact protocol, then its body (parquet.thrift).

use parquet::basic::Compression;

use super::hybrid::varint;

/// A page that claims to be larger is left to the general reader.
const PAGE_BYTES_MAX: usize = 64 << 20;

/// Structures inside structures of a header; ours have two.
const DEPTH_MAX: u32 = 8;

/// How the values of a page are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageEncoding {
    /// One after the other.
    Plain,
    /// As codes of the dictionary.
    Dictionary,
    /// First bytes first, then second bytes, and so on.
    ByteStreamSplit,
}

/// What a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageKind {
    /// The dictionary of the chunk.
    Dictionary,
    /// Levels and values.
    Data,
}

/// A page before it is decompressed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'a> {
    pub(super) kind: PageKind,
    /// Number of values, nulls included.
    pub(super) n_values: usize,
    pub(super) encoding: PageEncoding,
    body: &'a [u8],
    /// Size of the body when it is decompressed.
    n_bytes: usize,
}

impl<'a> Page<'a> {
    /// The page that begins at `at`, which moves to the next one.
    pub(super) fn next(chunk: &'a [u8], at: &mut usize) -> Option<Self> {
        let mut header = Header::default();
        let mut thrift = Thrift {
            bytes: chunk,
            at: *at,
        };
        thrift.fields(DEPTH_MAX, &mut |thrift, id, kind| {
            header.take(thrift, id, kind)
        })?;
        let end = thrift.at.checked_add(header.compressed?)?;
        let body = chunk.get(thrift.at..end)?;
        *at = end;
        if header.crc.is_some_and(|crc| crc != crc32fast::hash(body)) {
            return None;
        }
        let kind = match header.kind? {
            0 => PageKind::Data,
            2 => PageKind::Dictionary,
            _ => return None,
        };
        // Levels in the older packing are not known here.
        if kind == PageKind::Data && header.level_encodings != [3, 3] {
            return None;
        }
        let encoding = match header.encoding? {
            0 => PageEncoding::Plain,
            2 if kind == PageKind::Dictionary => PageEncoding::Plain,
            2 | 8 => PageEncoding::Dictionary,
            9 => PageEncoding::ByteStreamSplit,
            _ => return None,
        };
        Some(Self {
            kind,
            n_values: header.n_values?,
            encoding,
            body,
            n_bytes: header.uncompressed.filter(|n| *n <= PAGE_BYTES_MAX)?,
        })
    }
}

/// Decompresses pages, with one state for all of them.
pub(super) struct Inflater {
    zstd: zstd::bulk::Decompressor<'static>,
    page: Vec<u8>,
}

impl Inflater {
    pub(super) fn new() -> Option<Self> {
        Some(Self {
            zstd: zstd::bulk::Decompressor::new().ok()?,
            page: Vec::new(),
        })
    }

    /// The body of a page.
    pub(super) fn inflate<'a>(
        &'a mut self,
        codec: Compression,
        page: &Page<'a>,
    ) -> Option<&'a [u8]> {
        match codec {
            Compression::UNCOMPRESSED => Some(page.body),
            // An empty page has an empty body rather than an empty frame.
            _ if page.n_bytes == 0 => Some(&[]),
            Compression::ZSTD(_) => {
                self.page.clear();
                self.page.reserve(page.n_bytes);
                self.zstd
                    .decompress_to_buffer(page.body, &mut self.page)
                    .ok()?;
                (self.page.len() == page.n_bytes).then_some(self.page.as_slice())
            }
            _ => None,
        }
    }
}

/// Fields of a page header that matter here.
#[derive(Debug, Default)]
struct Header {
    kind: Option<i64>,
    uncompressed: Option<usize>,
    compressed: Option<usize>,
    crc: Option<u32>,
    n_values: Option<usize>,
    encoding: Option<i64>,
    level_encodings: [i64; 2],
}

impl Header {
    fn take(&mut self, thrift: &mut Thrift<'_>, id: i64, kind: u8) -> Option<()> {
        match (id, kind) {
            (1, I32) => self.kind = Some(thrift.int()?),
            (2, I32) => self.uncompressed = usize::try_from(thrift.int()?).ok(),
            (3, I32) => self.compressed = usize::try_from(thrift.int()?).ok(),
            (4, I32) => self.crc = Some(thrift.int()? as i32 as u32),
            // The header of a data page, or of a dictionary page.
            (5 | 7, STRUCT) => {
                return thrift.fields(DEPTH_MAX - 1, &mut |thrift, id, kind| {
                    match (id, kind) {
                        (1, I32) => self.n_values = usize::try_from(thrift.int()?).ok(),
                        (2, I32) => self.encoding = Some(thrift.int()?),
                        (3 | 4, I32) => self.level_encodings[id as usize - 3] = thrift.int()?,
                        _ => thrift.skip(kind, DEPTH_MAX - 2)?,
                    }
                    Some(())
                });
            }
            _ => thrift.skip(kind, DEPTH_MAX - 1)?,
        }
        Some(())
    }
}

const I32: u8 = 5;
const STRUCT: u8 = 12;

/// Reads Thrift's compact protocol.
struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn int(&mut self) -> Option<i64> {
        let zigzag = varint(self.bytes, &mut self.at)?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// Calls with number and type of every field of a structure; the call takes the value.
    fn fields(
        &mut self,
        depth_left: u32,
        take: &mut dyn FnMut(&mut Self, i64, u8) -> Option<()>,
    ) -> Option<()> {
        if depth_left == 0 {
            return None;
        }
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => self.int()?,
                delta => id + i64::from(delta),
            };
            take(self, id, head & 0x0f)?;
        }
    }

    fn skip(&mut self, kind: u8, depth_left: u32) -> Option<()> {
        match kind {
            // Truth values are in their type.
            1 | 2 => {}
            3 => self.at += 1,
            4..=6 => {
                varint(self.bytes, &mut self.at)?;
            }
            7 => self.at += 8,
            8 => {
                let length = usize::try_from(varint(self.bytes, &mut self.at)?).ok()?;
                self.at = self.at.checked_add(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let n = match head >> 4 {
                    15 => varint(self.bytes, &mut self.at)?,
                    n => u64::from(n),
                };
                for _ in 0..n {
                    // In a list a truth value takes a byte.
                    let kind = if head & 0x0f <= 2 { 3 } else { head & 0x0f };
                    self.skip(kind, depth_left.checked_sub(1)?)?;
                    self.bytes.get(self.at)?;
                }
            }
            STRUCT => self.fields(depth_left, &mut |thrift, _, kind| {
                thrift.skip(kind, depth_left.checked_sub(1)?)
            })?,
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of two values: a header as parquet.thrift says, then its body.
    fn data_page(crc: u32, body: &[u8]) -> Vec<u8> {
        let zigzag = |v: i64| ((v << 1) ^ (v >> 63)) as u64;
        let mut bytes = vec![0x15, 0x00, 0x15];
        let int = |bytes: &mut Vec<u8>, v: i64| {
            let mut v = zigzag(v);
            while v >= 0x80 {
                bytes.push(v as u8 | 0x80);
                v >>= 7;
            }
            bytes.push(v as u8);
        };
        int(&mut bytes, body.len() as i64);
        bytes.push(0x15);
        int(&mut bytes, body.len() as i64);
        bytes.push(0x15);
        int(&mut bytes, i64::from(crc as i32));
        // The structure of a data page: 2 values, PLAIN, levels RLE, and statistics to be skipped.
        bytes.extend([0x1c, 0x15, 0x04, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06]);
        bytes.extend([0x1c, 0x18, 0x02, 0xaa, 0xbb, 0x16, 0x00, 0x00, 0x00, 0x00]);
        bytes.extend(body);
        bytes
    }

    #[test]
    fn a_header_is_read_and_what_does_not_matter_is_skipped() {
        let body = [1, 2, 3, 4, 5];
        let bytes = data_page(crc32fast::hash(&body), &body);
        let mut at = 0;
        let page = Page::next(&bytes, &mut at).unwrap();
        assert_eq!(
            (page.kind, page.n_values, at),
            (PageKind::Data, 2, bytes.len())
        );
        assert_eq!(page.encoding, PageEncoding::Plain);
        let mut inflater = Inflater::new().unwrap();
        assert_eq!(
            inflater.inflate(Compression::UNCOMPRESSED, &page).unwrap(),
            body
        );
    }

    #[test]
    fn a_wrong_checksum_and_a_cut_page_are_not_read() {
        let body = [1, 2, 3, 4, 5];
        let bytes = data_page(crc32fast::hash(&body) ^ 1, &body);
        assert!(Page::next(&bytes, &mut 0).is_none());
        let bytes = data_page(crc32fast::hash(&body), &body);
        for end in 0..bytes.len() {
            assert!(Page::next(&bytes[..end], &mut 0).is_none(), "{end}");
        }
    }
}
