//! Memory: how much a batch needs, and what to do when there is not enough.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bottega_schemas::train::DataConfig;

use crate::error::TrainError;

/// Share of the free memory that a batch may take by the estimate.
const SHARE: f64 = 0.9;

/// Runs what LibTorch may break off for lack of memory; that becomes an error with advice.
///
/// LibTorch's C++ errors arrive as panics: a shape that does not fit is a bug of ours, but memory
/// is the user's.
///
/// # Errors
/// What `work` returns, and memory that ran out.
///
/// # Panics
/// Goes on with any other panic.
pub(super) fn guarded<T>(
    data: &DataConfig,
    work: impl FnOnce() -> Result<T, TrainError>,
) -> Result<T, TrainError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) if says_out_of_memory(&*panic) => {
            Err(out_of_memory(data, "LibTorch ran out of memory"))
        }
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn says_out_of_memory(panic: &(dyn Any + Send)) -> bool {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => is_out_of_memory(text),
        (_, Some(text)) => is_out_of_memory(text),
        _ => false,
    }
}

/// Whether a text of LibTorch says that memory ran out.
pub fn is_out_of_memory(text: &str) -> bool {
    [
        "out of memory",
        "can't allocate memory",
        "CUDA_ERROR_OUT_OF_MEMORY",
    ]
    .iter()
    .any(|words| text.contains(words))
}

fn out_of_memory(data: &DataConfig, what: &str) -> TrainError {
    let [width, height] = data.size_px;
    let batch = data.batch;
    let advice = if batch > 1 {
        let half = batch / 2;
        let steps = 2 * data.accumulate;
        format!("set data.batch = {half} and data.accumulate = {steps} for the same step")
    } else {
        "set a smaller data.size_px or a smaller model".to_owned()
    };
    TrainError::stopped(format!(
        "{what} with a batch of {batch} pictures of {width} x {height} pixels; {advice}"
    ))
}

/// Refuses a batch that would not fit into the memory of this machine, judged by what one picture
/// took: asking the system for more would end in a killed process without a word.
///
/// # Errors
/// A batch that needs more than what is free.
pub(super) fn check_batch(data: &DataConfig, bytes_of_one: u64) -> Result<(), TrainError> {
    let Some(free) = available_bytes() else {
        return Ok(());
    };
    // One picture's memory is in use already and stays there.
    let more = bytes_of_one.saturating_mul(data.batch as u64 - 1);
    if more as f64 <= SHARE * free as f64 {
        return Ok(());
    }
    let gib = |bytes: u64| bytes as f64 / f64::from(1_u32 << 30);
    let what = format!(
        "memory would run out: one picture takes {:.2} GiB, {:.2} GiB are free;",
        gib(bytes_of_one),
        gib(free)
    );
    Err(out_of_memory(data, &what))
}

/// Memory that can be had without swapping; `None` where the system does not tell.
fn available_bytes() -> Option<u64> {
    kib_of("/proc/meminfo", "MemAvailable:")
}

/// The most memory that this process ever had, in bytes.
pub(super) fn peak_bytes() -> Option<u64> {
    kib_of("/proc/self/status", "VmHWM:")
}

fn kib_of(file: &str, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_out_of_memory_is_told_with_advice_and_other_panics_go_on() {
        let data = DataConfig::default();
        let message = "Internal torch error: CUDA out of memory. Tried to allocate 2.00 GiB";
        let found: Result<(), _> = guarded(&data, || std::panic::panic_any(message.to_owned()));
        let message = found.unwrap_err().to_string();
        assert!(message.contains("data.batch = 16"), "{message}");
        assert!(message.contains("data.accumulate = 2"), "{message}");
        let other = catch_unwind(|| guarded::<()>(&DataConfig::default(), || panic!("shape")));
        assert!(other.is_err());
    }

    #[test]
    fn a_batch_beyond_the_memory_of_the_machine_is_refused_before_it_is_tried() {
        let data = DataConfig::default();
        assert!(check_batch(&data, 1 << 10).is_ok());
        if available_bytes().is_some() {
            let message = check_batch(&data, 1 << 45).unwrap_err().to_string();
            assert!(message.contains("GiB"), "{message}");
        }
    }
}
