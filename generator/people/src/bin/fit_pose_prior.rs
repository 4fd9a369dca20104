//! Fits the pose prior: `fit_pose_prior FRAMES.json PRIOR.json`.
//!
//! The same frames give the same file, byte for byte. The frames themselves are not shipped.

use std::{error::Error, fs, process::ExitCode};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [frames, prior] = paths.as_slice() else {
        return Err("expected two paths: the frames to read and the prior to write".into());
    };
    let json = fs::read_to_string(frames).map_err(|e| format!("cannot read {frames}: {e}"))?;
    let text = bottega_people::pose::fit::fit_pose_prior(&json)?;
    fs::write(prior, text).map_err(|e| format!("cannot write {prior}: {e}"))?;
    Ok(())
}
