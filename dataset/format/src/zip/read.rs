//! Reads members of a ZIP archive at their places.

use std::path::{Path, PathBuf};

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::error::FormatError;
use crate::shard::PositionedFile;

const END_MAGIC: u32 = 0x0605_4b50;
const END64_MAGIC: u32 = 0x0606_4b50;
const LOCATOR64_MAGIC: u32 = 0x0706_4b50;
const ENTRY_MAGIC: u32 = 0x0201_4b50;
const LOCAL_MAGIC: u32 = 0x0403_4b50;

/// Longest comment an archive can end in, after the 22 bytes of its end record.
const COMMENT_BYTES_MAX: u64 = 0xffff;
/// Size of a central directory that is believed: about 100 million members.
const DIRECTORY_BYTES_MAX: u64 = 8 << 30;
/// Size of a member that is believed.
const MEMBER_BYTES_MAX: u64 = 1 << 30;

/// Where a member of an archive lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ZipMember {
    /// Path in the archive.
    pub(crate) name: String,
    /// Size once unpacked.
    pub(crate) bytes: u64,
    /// CRC-32 of the unpacked bytes.
    pub(crate) crc32: u32,
    packed_bytes: u64,
    header_at: u64,
    is_deflated: bool,
}

/// An open archive; threads may share it.
#[derive(Clone, Debug)]
pub(crate) struct ZipReader {
    path: PathBuf,
    file: PositionedFile,
}

/// Takes little-endian numbers from the front of bytes; zero beyond their end.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(n.min(self.0.len()));
        self.0 = tail;
        head
    }

    fn number(&mut self, n: usize) -> u64 {
        let bytes = self.take(n).iter().rev();
        bytes.fold(0, |sum, &byte| sum << 8 | u64::from(byte))
    }

    fn u16(&mut self) -> u16 {
        self.number(2) as u16
    }

    fn u32(&mut self) -> u32 {
        self.number(4) as u32
    }
}

impl ZipReader {
    pub(crate) fn open(path: &Path) -> Result<Self, FormatError> {
        let file =
            PositionedFile::open(path).map_err(|error| FormatError::io("open", path, error))?;
        Ok(Self {
            path: path.into(),
            file,
        })
    }

    fn malformed(&self, reason: impl Into<String>) -> FormatError {
        FormatError::malformed("zip archive", reason).in_file(&self.path)
    }

    fn bytes_at(&self, at: u64, length: u64) -> Result<Vec<u8>, FormatError> {
        if at
            .checked_add(length)
            .is_none_or(|end| end > self.file.length())
        {
            return Err(self.malformed(format!(
                "it points at {length} bytes at {at}, beyond its {} bytes; was the download cut?",
                self.file.length()
            )));
        }
        self.file
            .read_exact_at(at, length as usize)
            .map_err(|error| FormatError::io("read", &self.path, error))
    }

    /// The members that are files, in the order of the archive.
    pub(crate) fn members(&self) -> Result<Vec<ZipMember>, FormatError> {
        let (at, length, n_members) = self.directory()?;
        if length > DIRECTORY_BYTES_MAX {
            return Err(self.malformed(format!("its list of members has {length} bytes")));
        }
        let directory = self.bytes_at(at, length)?;
        let mut fields = Fields(&directory);
        let mut members = Vec::new();
        for _ in 0..n_members {
            if fields.u32() != ENTRY_MAGIC {
                let found = members.len();
                return Err(self.malformed(format!(
                    "its list of members breaks off after {found} of {n_members}"
                )));
            }
            let member = self.member(&mut fields)?;
            if !member.name.ends_with('/') {
                members.push(member);
            }
        }
        Ok(members)
    }

    fn member(&self, fields: &mut Fields<'_>) -> Result<ZipMember, FormatError> {
        fields.take(4);
        let (flags, method) = (fields.u16(), fields.u16());
        fields.take(4);
        let crc32 = fields.u32();
        let mut packed_bytes = u64::from(fields.u32());
        let mut bytes = u64::from(fields.u32());
        let lengths = [fields.u16(), fields.u16(), fields.u16()].map(usize::from);
        fields.take(8);
        let mut header_at = u64::from(fields.u32());
        let name = String::from_utf8_lossy(fields.take(lengths[0])).into_owned();
        let mut extra = Fields(fields.take(lengths[1]));
        fields.take(lengths[2]);
        while !extra.0.is_empty() {
            let (id, length) = (extra.u16(), extra.u16());
            let mut value = Fields(extra.take(usize::from(length)));
            if id == 1 {
                // ZIP64: the numbers that did not fit above, in this order.
                for number in [&mut bytes, &mut packed_bytes, &mut header_at] {
                    if *number == u64::from(u32::MAX) {
                        *number = value.number(8);
                    }
                }
            }
        }
        if flags & 1 != 0 {
            return Err(self.malformed(format!("member {name} is encrypted")));
        }
        if !matches!(method, 0 | 8) {
            return Err(self.malformed(format!(
                "member {name} is packed by method {method}, wanted stored (0) or deflated (8); \
                 pack it again with an ordinary zip program"
            )));
        }
        if bytes > MEMBER_BYTES_MAX {
            return Err(self.malformed(format!("member {name} has {bytes} bytes")));
        }
        Ok(ZipMember {
            name,
            bytes,
            crc32,
            packed_bytes,
            header_at,
            is_deflated: method == 8,
        })
    }

    /// Place and size of the central directory, and the number of its entries.
    fn directory(&self) -> Result<(u64, u64, u64), FormatError> {
        let length = self.file.length();
        let tail_length = length.min(22 + COMMENT_BYTES_MAX);
        let tail_at = length - tail_length;
        let tail = self.bytes_at(tail_at, tail_length)?;
        let is_end = |at: &usize| tail[*at..].starts_with(&END_MAGIC.to_le_bytes());
        let end = (0..tail.len().saturating_sub(21)).rev().find(is_end);
        let end = end.ok_or_else(|| {
            self.malformed("it has no end record; it is no zip archive, or its download was cut")
        })?;
        let mut fields = Fields(&tail[end..]);
        fields.take(10);
        let n_members = u64::from(fields.u16());
        let (size, at) = (u64::from(fields.u32()), u64::from(fields.u32()));
        let overflows =
            n_members == 0xffff || size == u64::from(u32::MAX) || at == u64::from(u32::MAX);
        let locator_at = (tail_at + end as u64).checked_sub(20);
        if let (true, Some(locator_at)) = (overflows, locator_at) {
            let locator = self.bytes_at(locator_at, 20)?;
            let mut fields = Fields(&locator);
            if fields.u32() == LOCATOR64_MAGIC {
                fields.take(4);
                return self.directory64(fields.number(8));
            }
        }
        Ok((at, size, n_members))
    }

    fn directory64(&self, at: u64) -> Result<(u64, u64, u64), FormatError> {
        let end = self.bytes_at(at, 56)?;
        let mut fields = Fields(&end);
        if fields.u32() != END64_MAGIC {
            return Err(self.malformed("its ZIP64 end record is missing"));
        }
        fields.take(28);
        let n_members = fields.number(8);
        let (size, at) = (fields.number(8), fields.number(8));
        Ok((at, size, n_members))
    }

    /// The bytes of a member, unpacked and compared with their CRC.
    pub(crate) fn read(&self, member: &ZipMember) -> Result<Vec<u8>, FormatError> {
        let name = &member.name;
        let header = self.bytes_at(member.header_at, 30)?;
        let mut fields = Fields(&header);
        if fields.u32() != LOCAL_MAGIC {
            return Err(self.malformed(format!("member {name} is not where the list says")));
        }
        fields.take(22);
        let skip = 30 + u64::from(fields.u16()) + u64::from(fields.u16());
        let packed = self.bytes_at(member.header_at + skip, member.packed_bytes)?;
        let bytes = if member.is_deflated {
            decompress_to_vec_with_limit(&packed, member.bytes as usize)
                .map_err(|error| self.malformed(format!("member {name}: {error}")))?
        } else {
            packed
        };
        if bytes.len() as u64 != member.bytes || crc32fast::hash(&bytes) != member.crc32 {
            return Err(self.malformed(format!("member {name} does not match its CRC-32")));
        }
        Ok(bytes)
    }
}
