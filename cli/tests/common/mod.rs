//! Running the real binary on tiny recipes.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a command did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The binary under test, run from the root of the repository.
pub(crate) fn bottega() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
    command.current_dir(root()).stdin(Stdio::null());
    command
        .env_remove("BOTTEGA_ASSETS")
        .env_remove("BOTTEGA_LOG");
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the binary starts");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Run {
    /// Asserts that all went well.
    #[track_caller]
    pub(crate) fn expect_done(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Asserts an error, told in words that hold every one of `words`, without a panic.
    #[track_caller]
    pub(crate) fn expect_error(&self, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(2), "{self:#?}");
        let told = self.stderr.lines().any(|line| line.starts_with("error: "));
        assert!(told, "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in {self:#?}");
        }
        self
    }
}

/// A command that makes samples of the tiny recipe of all framings in shards of two.
pub(crate) fn generate_tiny(out: &Path, count: u64) -> Command {
    let mut command = bottega();
    command.args([
        "generate",
        "scenes/tiny/synthhuman.toml",
        "--shard-size",
        "2",
    ]);
    command
        .args(["--count", &count.to_string()])
        .arg("--out")
        .arg(out);
    command
}

/// Every published file below a folder with its bytes; the lock is no part of a dataset.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != ".lock") {
                let name = path.strip_prefix(folder).expect("it lies below");
                let bytes = fs::read(&path).expect("the file can be read");
                files.insert(name.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}

/// Asserts that two folders hold the same files with the same bytes.
#[track_caller]
pub(crate) fn assert_same_tree(a: &Path, b: &Path) {
    let (a, b) = (tree(a), tree(b));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    for (name, bytes) in &a {
        assert!(*bytes == b[name], "{name} differs");
    }
}
