//! Archives as others make them, broken ones, and large ones.

use std::fs::{self, File};
use std::io::{self, Cursor, Seek, SeekFrom, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::*;
use crate::archive::ZipWriter;

/// An archive of one member, as an ordinary program packs it.
fn packed(name: &str, bytes: &[u8], method: CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::DEFAULT.compression_method(method);
    zip.start_file(name, options).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

/// What listing an archive of these bytes, and reading its first member, give.
fn first_member(archive: &[u8]) -> Result<Vec<u8>, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.zip");
    fs::write(&path, archive).unwrap();
    let mut archives = ZipArchives::default();
    let (number, members) = archives.add(&path).map_err(|error| error.to_string())?;
    archives
        .read(number, members[0].0)
        .map_err(|error| error.to_string())
}

/// Where the header of the only member lies in the list of members.
fn listed_at(archive: &[u8]) -> usize {
    let magic = 0x0201_4b50_u32.to_le_bytes();
    archive.windows(4).position(|four| four == magic).unwrap()
}

#[test]
fn stored_and_deflated_members_come_back_and_folders_are_no_members() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let bytes = b"picture ".repeat(9000);
        assert_eq!(first_member(&packed("a/b.png", &bytes, method)), Ok(bytes));
        assert_eq!(first_member(&packed("empty", b"", method)), Ok(Vec::new()));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.zip");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    zip.add_directory("folder/", SimpleFileOptions::DEFAULT)
        .unwrap();
    zip.start_file("folder/file", SimpleFileOptions::DEFAULT)
        .unwrap();
    zip.finish().unwrap();
    let (_, members) = ZipArchives::default().add(&path).unwrap();
    assert_eq!(members, [(1, "folder/file".to_owned())]);
}

#[test]
fn a_cut_archive_is_an_error_wherever_it_is_cut() {
    let good = packed("a.png", &[7; 4000], CompressionMethod::Stored);
    for length in [0, 10, 1000, 4030, good.len() - 1] {
        let error = first_member(&good[..length]).unwrap_err();
        assert!(error.contains("download was cut"), "{length}: {error}");
    }
}

#[test]
fn a_damaged_member_does_not_pass() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let content: Vec<u8> = (0..4000_u32).map(|i| ((i * i) >> 3) as u8).collect();
        let mut bad = packed("a.png", &content, method);
        bad[1000] ^= 1;
        let error = first_member(&bad).unwrap_err();
        assert!(
            error.contains("member a.png") && error.contains("CRC-32"),
            "{error}"
        );
    }
}

#[test]
fn encrypted_members_and_other_methods_are_named() {
    let good = packed("a.png", &[7; 100], CompressionMethod::Stored);
    let listed = listed_at(&good);
    let mut encrypted = good.clone();
    encrypted[6] |= 1;
    encrypted[listed + 8] |= 1;
    let error = first_member(&encrypted).unwrap_err();
    assert!(error.contains("a.png is encrypted"), "{error}");
    let mut bzip2 = good;
    bzip2[8] = 12;
    bzip2[listed + 10] = 12;
    let error = first_member(&bzip2).unwrap_err();
    assert!(
        error.contains("a.png is packed by method 12") && error.contains("deflated (8)"),
        "{error}"
    );
}

#[test]
fn a_member_that_unpacks_to_more_than_it_says_is_refused() {
    let mut bomb = packed("a.png", &[0; 100_000], CompressionMethod::Deflated);
    let listed = listed_at(&bomb);
    for at in [22, listed + 24] {
        bomb[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let error = first_member(&bomb).unwrap_err();
    assert!(error.contains("a.png"), "{error}");
}

#[test]
fn paths_that_lead_out_of_the_archive_are_refused() {
    for name in [
        "../rgb_0000000.png",
        "a/../../b",
        "/etc/passwd",
        "..\\b",
        "C:\\b",
    ] {
        let error = first_member(&packed(name, b"x", CompressionMethod::Stored)).unwrap_err();
        assert!(
            error.contains("leads out of the archive"),
            "{name}: {error}"
        );
    }
    assert!(first_member(&packed("a..b/c", b"x", CompressionMethod::Stored)).is_ok());
}

#[test]
fn more_archives_than_are_kept_open_are_read_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut archives = ZipArchives::default();
    let n = OPEN_MAX + 3;
    for i in 0..n {
        let path = dir.path().join(format!("{i}.zip"));
        let bytes = packed("a", &[i as u8; 9], CompressionMethod::Stored);
        fs::write(&path, bytes).unwrap();
        archives.add(&path).unwrap();
    }
    for i in [0, 1, 2, n - 1, 0, 3, 4, 5, 0, 1] {
        assert_eq!(archives.read(i, 0).unwrap(), [i as u8; 9]);
    }
    let digests = [0, 0, 1].map(|i| archives.digest(i).unwrap());
    assert!(digests[0] == digests[1] && digests[0] != digests[2]);
}

#[test]
fn more_members_than_the_short_record_counts_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.zip");
    let mut zip = ZipWriter::new(io::BufWriter::new(File::create(&path).unwrap()));
    for i in 0..70_000_u32 {
        zip.add(&format!("{i}"), &i.to_le_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let mut archives = ZipArchives::default();
    let (number, members) = archives.add(&path).unwrap();
    assert_eq!(members.len(), 70_000);
    assert_eq!(members[69_999], (69_999, "69999".to_owned()));
    let last = archives.read(number, 69_999).unwrap();
    assert_eq!(last, 69_999_u32.to_le_bytes());
}

/// A file in which large writes, which are zeros here, are holes: it takes no space.
struct Holes(File);

impl Write for Holes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > 1 << 16 {
            self.0.seek(SeekFrom::Current(bytes.len() as i64))?;
            return Ok(bytes.len());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Holes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn members_beyond_four_gigabytes_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.zip");
    let mut zip = ZipWriter::new(Holes(File::create(&path).unwrap()));
    let zeros = vec![0; 1 << 30];
    for name in ["a", "b", "c", "d", "e"] {
        zip.add(name, &zeros).unwrap();
    }
    drop(zeros);
    zip.add("rgb_0000000.png", b"the last").unwrap();
    zip.finish().unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 5 << 30);
    let mut archives = ZipArchives::default();
    let (number, members) = archives.add(&path).unwrap();
    assert_eq!(members[5].1, "rgb_0000000.png");
    assert_eq!(archives.read(number, 5).unwrap(), b"the last");
}
