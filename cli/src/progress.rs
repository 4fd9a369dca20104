//! Progress of long work: a bar on a terminal, a plain line now and then in a log.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const BAR_CHARS: usize = 28;
const TERMINAL_PERIOD: Duration = Duration::from_millis(100);
const LOG_PERIOD: Duration = Duration::from_secs(10);

/// Progress of a known number of steps, told on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    noun: &'static str,
    total: u64,
    is_terminal: bool,
    start: Instant,
    told: Option<Instant>,
    /// Number that was told last, so that the end is told once.
    told_done: Option<u64>,
}

impl Progress {
    /// Progress over `total` things called `noun`.
    pub(crate) fn new(noun: &'static str, total: u64) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_terminal = std::io::stderr().is_terminal() && !is_dumb;
        Self {
            noun,
            total,
            is_terminal,
            start: Instant::now(),
            told: None,
            told_done: None,
        }
    }

    /// Says that `done` things are done, of which `skipped` were there before.
    pub(crate) fn update(&mut self, done: u64, skipped: u64) {
        let now = Instant::now();
        let period = if self.is_terminal {
            TERMINAL_PERIOD
        } else {
            LOG_PERIOD
        };
        let since = now - self.told.unwrap_or(self.start);
        let is_first_bar = self.is_terminal && self.told.is_none();
        let is_due = since >= period || is_first_bar || done >= self.total;
        if !is_due || self.told_done == Some(done) {
            return;
        }
        self.told = Some(now);
        self.told_done = Some(done);
        let elapsed_s = (now - self.start).as_secs_f64();
        let text = describe(self.noun, done, self.total, skipped, elapsed_s);
        let mut stderr = std::io::stderr().lock();
        // Progress that cannot be shown is no reason to stop the work.
        let _ = if self.is_terminal {
            write!(stderr, "\r\x1b[2K{} {text}", bar(done, self.total))
                .and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{text}")
        };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_terminal && self.told.is_some() {
            let _ = writeln!(std::io::stderr());
        }
    }
}

fn bar(done: u64, total: u64) -> String {
    let filled = (done as f64 / total.max(1) as f64 * BAR_CHARS as f64) as usize;
    let filled = filled.min(BAR_CHARS);
    format!("[{}{}]", "=".repeat(filled), " ".repeat(BAR_CHARS - filled))
}

fn describe(noun: &str, done: u64, total: u64, skipped: u64, elapsed_s: f64) -> String {
    let made = done.saturating_sub(skipped);
    let mut text = format!("{done} of {total} {noun}");
    if made > 0 && elapsed_s > 0.0 {
        let each_s = elapsed_s / made as f64;
        text += &format!(", {each_s:.1} s each");
        if done < total {
            text += &format!(", {} left", duration(each_s * (total - done) as f64));
        }
    }
    text
}

/// A duration as people say it.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds.round() as u64 {
        s @ 0..=119 => format!("{s} s"),
        s @ 120..=7199 => format!("{} min", s / 60),
        s => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_only_what_was_made() {
        assert_eq!(describe("samples", 0, 8, 0, 3.0), "0 of 8 samples");
        assert_eq!(
            describe("samples", 6, 8, 4, 10.0),
            "6 of 8 samples, 5.0 s each, 10 s left"
        );
        assert_eq!(
            describe("samples", 8, 8, 0, 16.0),
            "8 of 8 samples, 2.0 s each"
        );
    }

    #[test]
    fn bars_and_durations_stay_in_bounds() {
        assert_eq!(bar(9, 3).len(), bar(0, 0).len());
        assert_eq!(duration(59.6), "60 s");
        assert_eq!(duration(600.0), "10 min");
        assert_eq!(duration(7300.0), "2 h 1 min");
    }
}
