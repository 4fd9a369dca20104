//! Tar archives (POSIX ustar) whose bytes depend on names and contents alone.

use std::io::{self, Write};

/// Writes files one after the other; every one has the rights 0644, no owner and no time.
///
/// Names of more than 100 bytes take the extension of GNU tar, which every reader knows.
pub(crate) struct TarWriter<W: Write> {
    tar: tar::Builder<W>,
}

impl<W: Write> TarWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            tar: tar::Builder::new(out),
        }
    }

    /// Adds a file.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        self.tar.append_data(&mut header, name, bytes)
    }

    /// Writes the end mark and gives the file back.
    pub(crate) fn finish(self) -> io::Result<W> {
        let mut out = self.tar.into_inner()?;
        out.flush()?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn files_with_short_and_long_names_come_back_and_the_bytes_are_one() {
        let names = [
            "a.rgb.png".to_owned(),
            format!("{}.meta.json", "n".repeat(180)),
        ];
        let write = || {
            let mut tar = TarWriter::new(Vec::new());
            for name in &names {
                tar.add(name, name.as_bytes()).unwrap();
            }
            tar.finish().unwrap()
        };
        let bytes = write();
        assert_eq!(bytes, write());
        let mut archive = tar::Archive::new(bytes.as_slice());
        for (entry, name) in archive.entries().unwrap().zip(&names) {
            let mut entry = entry.unwrap();
            assert_eq!(entry.path().unwrap().to_str(), Some(name.as_str()));
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (0, 0));
            assert_eq!(header.mode().unwrap(), 0o644);
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            assert_eq!(content, *name);
        }
    }

    #[test]
    fn a_name_that_leaves_the_archive_is_refused() {
        for name in ["../a", "/a", "a/../../b"] {
            let mut tar = TarWriter::new(Vec::new());
            assert!(tar.add(name, b"x").is_err(), "{name}");
        }
    }
}
