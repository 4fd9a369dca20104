//! The folder of a run: what lies where, and whether a run may go on in it.

use std::path::{Path, PathBuf};

use bottega_format::write_atomically;
use bottega_schemas::TrainConfig;
use bottega_schemas::train::DeviceChoice;

use crate::checkpoint::Checkpoint;
use crate::error::TrainError;

/// Names in the folder.
const CONFIG: &str = "config.toml";
const LAST: &str = "last.safetensors";
const BEST: &str = "best.safetensors";
const LOG: &str = "log.jsonl";
const REPORT: &str = "report.html";
const EVENTS: &str = "events";

/// The folder of a run.
#[derive(Clone, Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder, which need not exist yet.
    ///
    /// # Errors
    /// A folder that holds a run of another configuration, unless `overwrite` gives it up.
    pub(super) fn open(
        path: &Path,
        config: &TrainConfig,
        overwrite: bool,
        is_first: bool,
    ) -> Result<Self, TrainError> {
        let folder = Self {
            path: path.to_owned(),
        };
        if overwrite && is_first {
            folder.clear()?;
        }
        let config_path = folder.path.join(CONFIG);
        if !overwrite && config_path.exists() {
            let found = TrainConfig::load(&config_path)?;
            if let Some(key) = first_difference(&found, config) {
                let reason = format!(
                    "it holds a run whose {key} differs; take another folder, the same \
                     configuration, or --overwrite"
                );
                return Err(TrainError::file("run folder", path, reason));
            }
        }
        Ok(folder)
    }

    /// Makes the folder and writes the configuration into it, when everything that a run needs has
    /// been found: what cannot begin leaves nothing behind.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub(super) fn begin(&self, config: &TrainConfig) -> Result<(), TrainError> {
        std::fs::create_dir_all(&self.path)
            .map_err(|error| TrainError::io("make the run folder", &self.path, error))?;
        write_atomically(&self.path.join(CONFIG), config.to_toml().as_bytes())?;
        Ok(())
    }

    /// Removes what a run wrote, and nothing else.
    fn clear(&self) -> Result<(), TrainError> {
        for name in [CONFIG, LAST, BEST, LOG, REPORT] {
            let path = self.path.join(name);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(TrainError::io("remove the old run's", &path, error));
                }
                _ => {}
            }
        }
        match std::fs::remove_dir_all(self.events()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(TrainError::io(
                "remove the old run's",
                &self.events(),
                error,
            )),
            _ => Ok(()),
        }
    }

    /// The run to resume, where there is one.
    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>, TrainError> {
        let path = self.last();
        path.exists().then(|| Checkpoint::read(&path)).transpose()
    }

    /// The run to resume.
    pub(super) fn last(&self) -> PathBuf {
        self.path.join(LAST)
    }

    /// The best model so far.
    pub(super) fn best(&self) -> PathBuf {
        self.path.join(BEST)
    }

    /// The log for programs.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join(LOG)
    }

    /// The page for people.
    pub(super) fn report(&self) -> PathBuf {
        self.path.join(REPORT)
    }

    /// The folder of event files.
    pub(super) fn events(&self) -> PathBuf {
        self.path.join(EVENTS)
    }
}

/// The first key that decides what is learned and in which two runs differ.
fn first_difference(a: &TrainConfig, b: &TrainConfig) -> Option<String> {
    let table = |config: &TrainConfig| {
        let mut config = config.clone();
        // What changes speed and what is told, not what is learned.
        config.run.threads = 0;
        config.run.device = DeviceChoice::Auto;
        config.run.log_every = 1;
        config.run.evaluate_every = 0;
        config.run.evaluate_samples = 0;
        config.run.checkpoint_every = 1;
        config.data.threads = 0;
        config.data.prefetch = 1;
        for dataset in &mut config.data.datasets {
            dataset.cache = None;
            // A dataset may have moved; what it holds is compared by its hash.
            dataset.path = PathBuf::new();
        }
        serde_json::to_value(config).expect("plain data")
    };
    difference(&table(a), &table(b), "")
}

fn difference(a: &serde_json::Value, b: &serde_json::Value, path: &str) -> Option<String> {
    let (Some(x), Some(y)) = (a.as_object(), b.as_object()) else {
        return (a != b).then(|| path.to_owned());
    };
    let keys = x.keys().chain(y.keys());
    keys.into_iter().find_map(|key| {
        let path = match path {
            "" => key.clone(),
            path => format!("{path}.{key}"),
        };
        let null = serde_json::Value::Null;
        difference(
            x.get(key).unwrap_or(&null),
            y.get(key).unwrap_or(&null),
            &path,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> TrainConfig {
        let least = "[[data.datasets]]\npath = 'd'\n";
        TrainConfig::from_toml(&format!("{text}\n{least}"), "t.toml").unwrap()
    }

    #[test]
    fn a_run_goes_on_with_its_own_configuration_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let first = RunFolder::open(&path, &config(""), false, true).unwrap();
        assert!(!path.exists());
        first.begin(&config("")).unwrap();
        RunFolder::open(&path, &config("[run]\nlog_every = 3"), false, true).unwrap();
        let other = config("[optimizer]\nlr = 0.5");
        let message = RunFolder::open(&path, &other, false, true)
            .unwrap_err()
            .to_string();
        assert!(message.contains("optimizer.lr"), "{message}");
        std::fs::write(path.join("mine.txt"), "kept").unwrap();
        let again = RunFolder::open(&path, &other, true, true).unwrap();
        again.begin(&other).unwrap();
        assert!(path.join("mine.txt").exists());
        assert_eq!(
            TrainConfig::load(&path.join(CONFIG)).unwrap().optimizer.lr,
            0.5
        );
    }
}
