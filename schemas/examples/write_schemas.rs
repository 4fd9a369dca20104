//! Writes the JSON Schemas of the documents that people and programs exchange:
//! `cargo run -p bottega_schemas --features json-schema --example write_schemas -- DIR [--check]`.
//!
//! With `--check` nothing is written, and the exit code is 1 when a file in `DIR` differs.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = args.iter().any(|arg| arg == "--check");
    let Some(dir) = args
        .iter()
        .find(|arg| !arg.starts_with("--"))
        .map(PathBuf::from)
    else {
        eprintln!("usage: write_schemas DIR [--check]");
        return ExitCode::from(2);
    };
    let mut differs = false;
    for (name, text) in bottega_schemas::json_schema::documents() {
        let path = dir.join(format!("{name}.schema.json"));
        if check {
            let same = std::fs::read_to_string(&path).is_ok_and(|found| found == text);
            if !same {
                eprintln!("{} is not what the types say", path.display());
            }
            differs |= !same;
        } else if let Err(error) = std::fs::write(&path, text) {
            eprintln!("cannot write {}: {error}", path.display());
            return ExitCode::from(2);
        }
    }
    ExitCode::from(u8::from(differs))
}
