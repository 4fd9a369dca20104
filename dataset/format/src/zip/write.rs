//! Writes ZIP archives of stored members, in one pass and always with the same bytes.
//!
//! Pictures are packed already, so members are stored. Every member bears the time 1980-01-01,
//! the first that the format knows. ZIP64 records appear only where the archive needs them.

use std::io::{self, Write};

const VERSION: u16 = 20;
const VERSION64: u16 = 45;
/// Midnight of 1980-01-01: time, then date (day 1, month 1, year 0).
const TIME: u16 = 0;
const DATE: u16 = 1 << 5 | 1;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const U32_MAX: u64 = u32::MAX as u64;

#[derive(Debug)]
struct Written {
    name: String,
    crc32: u32,
    bytes: u32,
    header_at: u64,
}

/// Writes members one after the other.
#[derive(Debug)]
pub(crate) struct ZipWriter<W: Write> {
    out: W,
    at: u64,
    written: Vec<Written>,
}

impl<W: Write> ZipWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            at: 0,
            written: Vec::new(),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Adds a member.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let too_large = |_| io::Error::other("a member of a zip archive is larger than 4 GB");
        let member = Written {
            name: name.to_owned(),
            crc32: crc32fast::hash(bytes),
            bytes: u32::try_from(bytes.len()).map_err(too_large)?,
            header_at: self.at,
        };
        let mut header = Vec::with_capacity(30 + name.len());
        header.extend(0x0403_4b50_u32.to_le_bytes());
        header.extend(VERSION.to_le_bytes());
        push_common(&mut header, &member);
        header.extend(name.as_bytes());
        self.put(&header)?;
        self.put(bytes)?;
        self.written.push(member);
        Ok(())
    }

    /// Writes the list of members and gives the file back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let directory_at = self.at;
        let members = std::mem::take(&mut self.written);
        for member in &members {
            let is_far = member.header_at >= U32_MAX;
            let version = if is_far { VERSION64 } else { VERSION };
            let mut entry = Vec::with_capacity(46 + member.name.len());
            entry.extend(0x0201_4b50_u32.to_le_bytes());
            // Made on a system without file rights, which belongs to no user.
            entry.extend(version.to_le_bytes());
            entry.extend(version.to_le_bytes());
            push_common(&mut entry, member);
            // The length of the extra field is the last that was pushed.
            let extra_length: u16 = if is_far { 12 } else { 0 };
            let at = entry.len() - 2;
            entry[at..].copy_from_slice(&extra_length.to_le_bytes());
            // No comment, first disk, no attributes.
            entry.extend([0; 10]);
            let near = member.header_at.min(U32_MAX) as u32;
            entry.extend(near.to_le_bytes());
            entry.extend(member.name.as_bytes());
            if is_far {
                entry.extend([1, 0, 8, 0]);
                entry.extend(member.header_at.to_le_bytes());
            }
            self.put(&entry)?;
        }
        let size = self.at - directory_at;
        let n_members = members.len() as u64;
        let mut end = Vec::new();
        if n_members >= 0xffff || directory_at >= U32_MAX || size >= U32_MAX {
            let end64_at = self.at;
            end.extend(0x0606_4b50_u32.to_le_bytes());
            end.extend(44_u64.to_le_bytes());
            end.extend(VERSION64.to_le_bytes());
            end.extend(VERSION64.to_le_bytes());
            end.extend([0; 8]);
            for number in [n_members, n_members, size, directory_at] {
                end.extend(number.to_le_bytes());
            }
            end.extend(0x0706_4b50_u32.to_le_bytes());
            end.extend([0; 4]);
            end.extend(end64_at.to_le_bytes());
            end.extend(1_u32.to_le_bytes());
        }
        end.extend(0x0605_4b50_u32.to_le_bytes());
        end.extend([0; 4]);
        let n_near = n_members.min(0xffff) as u16;
        end.extend(n_near.to_le_bytes());
        end.extend(n_near.to_le_bytes());
        end.extend((size.min(U32_MAX) as u32).to_le_bytes());
        end.extend((directory_at.min(U32_MAX) as u32).to_le_bytes());
        end.extend([0; 2]);
        self.put(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// What the two headers of a member share, up to the length of the extra field.
fn push_common(header: &mut Vec<u8>, member: &Written) {
    for number in [FLAGS, 0, TIME, DATE] {
        header.extend(number.to_le_bytes());
    }
    for number in [member.crc32, member.bytes, member.bytes] {
        header.extend(number.to_le_bytes());
    }
    header.extend((member.name.len() as u16).to_le_bytes());
    header.extend([0; 2]);
}

#[cfg(test)]
mod tests {
    use super::super::ZipReader;
    use super::*;

    #[test]
    fn members_come_back_and_the_bytes_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let write = || {
            let mut zip = ZipWriter::new(Vec::new());
            zip.add("a/b.txt", b"hello").unwrap();
            zip.add("empty", b"").unwrap();
            zip.finish().unwrap()
        };
        assert_eq!(write(), write());
        std::fs::write(&path, write()).unwrap();
        let zip = ZipReader::open(&path).unwrap();
        let members = zip.members().unwrap();
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a/b.txt", "empty"]);
        assert_eq!(zip.read(&members[0]).unwrap(), b"hello");
        assert_eq!(zip.read(&members[1]).unwrap(), b"");
    }

    #[test]
    fn more_members_than_the_short_record_counts_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.zip");
        let mut zip = ZipWriter::new(Vec::new());
        for i in 0..70_000_u32 {
            zip.add(&format!("{i}"), &i.to_le_bytes()).unwrap();
        }
        std::fs::write(&path, zip.finish().unwrap()).unwrap();
        let zip = ZipReader::open(&path).unwrap();
        let members = zip.members().unwrap();
        assert_eq!(members.len(), 70_000);
        assert_eq!(
            zip.read(&members[69_999]).unwrap(),
            69_999_u32.to_le_bytes()
        );
    }

    #[test]
    fn a_cut_or_spoilt_archive_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let mut zip = ZipWriter::new(Vec::new());
        zip.add("a.txt", &[7; 4000]).unwrap();
        let good = zip.finish().unwrap();
        for length in [0, 10, 1000, good.len() - 1] {
            std::fs::write(&path, &good[..length]).unwrap();
            let members = ZipReader::open(&path).unwrap().members();
            assert!(members.is_err(), "{length}");
        }
        let mut bad = good;
        bad[2000] ^= 1;
        std::fs::write(&path, bad).unwrap();
        let zip = ZipReader::open(&path).unwrap();
        let member = &zip.members().unwrap()[0];
        let error = zip.read(member).unwrap_err().to_string();
        assert!(error.contains("CRC-32"), "{error}");
    }
}
