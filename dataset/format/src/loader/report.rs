//! What a run of a loader has shown, for people and for machines.

use serde::Serialize;

use super::Loader;
use super::planes::plane_name;
use super::state::LoaderState;

/// What a run of a loader has shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadReport {
    /// Samples given out.
    pub samples: u64,
    /// Samples left out because they could not be read.
    pub skipped: u64,
    /// Time of the run, in seconds.
    pub elapsed_s: f64,
    /// Samples a second.
    pub samples_per_s: f64,
    /// Time that the reader waited for samples, in seconds.
    pub wait_s: f64,
    /// Time of reading bytes, in seconds, all threads together.
    pub read_s: f64,
    /// How each plane was decoded.
    pub planes: Vec<PlaneReport>,
    /// BLAKE3 of the stream, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_blake3: Option<String>,
    /// Where the reading ended.
    pub state: LoaderState,
}

/// How a plane was decoded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaneReport {
    /// The plane.
    pub plane: &'static str,
    /// Kilobytes as stored, a sample.
    pub stored_kb: f64,
    /// Milliseconds of a thread, a sample.
    pub decode_ms: f64,
    /// Megabytes of values, a second of a thread.
    pub mb_per_s: f64,
}

impl LoadReport {
    /// The report of a loader that was read for `elapsed_s` seconds.
    pub fn of(loader: &Loader, elapsed_s: f64, stream_blake3: Option<String>) -> Self {
        let stats = loader.stats();
        let n = stats.samples.max(1) as f64;
        let planes = stats.planes.iter().map(|(plane, load)| PlaneReport {
            plane: plane_name(*plane),
            stored_kb: load.stored_bytes as f64 * 1e-3 / n,
            decode_ms: load.decode_s * 1e3 / n,
            mb_per_s: load.value_bytes as f64 * 1e-6 / load.decode_s.max(1e-9),
        });
        Self {
            samples: stats.samples,
            skipped: stats.skipped,
            elapsed_s,
            samples_per_s: stats.samples as f64 / elapsed_s.max(1e-9),
            wait_s: stats.wait_s,
            read_s: stats.read_s,
            planes: planes.collect(),
            stream_blake3,
            state: loader.state(),
        }
    }

    /// The report as lines of text.
    pub fn to_table(&self) -> String {
        let mut text = format!(
            "{} samples in {:.2} s: {:.1} a second, {:.2} s waited, {} left out as broken\n",
            self.samples, self.elapsed_s, self.samples_per_s, self.wait_s, self.skipped
        );
        let read_ms = self.read_s * 1e3 / self.samples.max(1) as f64;
        text += &format!("{:16} {read_ms:8.3} ms a sample\n", "reading");
        for plane in &self.planes {
            text += &format!(
                "{:16} {:8.3} ms a sample, {:7.1} kB stored, {:7.0} MB/s of values\n",
                plane.plane, plane.decode_ms, plane.stored_kb, plane.mb_per_s
            );
        }
        if let Some(hash) = &self.stream_blake3 {
            text += &format!("{:16} {hash}\n", "stream");
        }
        text
    }
}
