//! What a piece of work costs this process: processor seconds and memory.

use std::time::{Duration, Instant};

/// A point in the life of the process.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Instant,
    processor: Option<Duration>,
}

/// What was spent between two points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Time on the wall.
    pub wall: Duration,
    /// Time of all threads on a processor, in the program and in the system for it; `None` where
    /// the system does not tell.
    pub processor: Option<Duration>,
}

impl Clock {
    /// Now.
    pub fn now() -> Self {
        Self {
            wall: Instant::now(),
            processor: usage().map(|usage| usage.processor),
        }
    }

    /// What was spent since then.
    pub fn elapsed(&self) -> Cost {
        let now = Self::now();
        Cost {
            wall: now.wall - self.wall,
            processor: now
                .processor
                .zip(self.processor)
                .map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

impl Cost {
    /// Processor seconds, or seconds on the wall where the system does not tell them.
    pub fn seconds(&self) -> f64 {
        self.processor.unwrap_or(self.wall).as_secs_f64()
    }
}

/// The most memory that the process has held at once, in bytes, where the system tells.
pub fn peak_memory_bytes() -> Option<u64> {
    usage().map(|usage| usage.peak_bytes)
}

struct Usage {
    processor: Duration,
    peak_bytes: u64,
}

#[cfg(unix)]
fn usage() -> Option<Usage> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeVal;

    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let duration = |time: TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    };
    // Linux counts kibibytes, Apple's systems bytes.
    let unit = if cfg!(target_vendor = "apple") {
        1
    } else {
        1024
    };
    Some(Usage {
        processor: duration(usage.user_time()) + duration(usage.system_time()),
        peak_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * unit,
    })
}

#[cfg(not(unix))]
fn usage() -> Option<Usage> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn work_costs_processor_time_and_sleep_does_not() {
        let clock = Clock::now();
        let mut x = 1.0_f64;
        while clock.elapsed().seconds() < 0.02 {
            x = std::hint::black_box(x).sqrt();
        }
        let cost = clock.elapsed();
        assert!(Duration::from_millis(20) <= cost.processor.expect("a Unix tells"));
        assert!(x <= 1.0);
    }

    #[test]
    fn peak_memory_counts_what_was_touched() {
        let before = peak_memory_bytes().expect("a Unix tells");
        let block = vec![1_u8; before as usize + (8 << 20)];
        assert!(std::hint::black_box(&block).iter().all(|byte| *byte == 1));
        assert!(before + (8 << 20) <= peak_memory_bytes().expect("a Unix tells"));
    }
}
