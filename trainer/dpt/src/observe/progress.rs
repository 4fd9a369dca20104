//! Progress of a run: a bar on a terminal, a plain line now and then in a log.

use std::io::Write;
use std::time::{Duration, Instant};

use super::record::StepRecord;

const BAR_CHARS: usize = 28;
const TERMINAL_PERIOD: Duration = Duration::from_millis(100);
const LOG_PERIOD: Duration = Duration::from_secs(10);

/// Seconds after which an older pace counts a third of the newest.
const PACE_MEMORY_S: f64 = 60.0;

/// Progress of a run of a known number of steps, told on `out`: the standard error stream.
#[derive(Debug)]
pub struct Progress<W: Write> {
    out: W,
    is_terminal: bool,
    total_steps: u64,
    pace: Pace,
    told: Option<Instant>,
}

/// How long a step takes, of late.
#[derive(Clone, Copy, Debug)]
struct Pace {
    step: u64,
    since: Instant,
    step_s: Option<f64>,
}

impl<W: Write> Progress<W> {
    /// Progress from `done_steps`, which a resumed run has done before, to `total_steps`.
    pub fn new(out: W, is_terminal: bool, done_steps: u64, total_steps: u64) -> Self {
        Self {
            out,
            is_terminal,
            total_steps,
            pace: Pace {
                step: done_steps,
                since: Instant::now(),
                step_s: None,
            },
            told: None,
        }
    }

    /// Tells of a step, if it is time to.
    pub fn step(&mut self, record: &StepRecord) {
        let now = Instant::now();
        self.pace.update(record.step, now);
        let period = if self.is_terminal {
            TERMINAL_PERIOD
        } else {
            LOG_PERIOD
        };
        let is_due = self.told.is_none_or(|told| now - told >= period);
        if !is_due && record.step < self.total_steps {
            return;
        }
        self.told = Some(now);
        let text = describe(record, self.total_steps, self.pace.step_s);
        // Progress that cannot be shown is no reason to stop the work.
        let _ = if self.is_terminal {
            let bar = bar(record.step, self.total_steps);
            write!(self.out, "\r\x1b[2K{bar} {text}").and_then(|()| self.out.flush())
        } else {
            writeln!(self.out, "{text}")
        };
    }

    /// Tells something else on a line of its own, above the bar: an evaluation, a checkpoint.
    pub fn say(&mut self, text: &str) {
        let start = if self.is_terminal { "\r\x1b[2K" } else { "" };
        let _ = writeln!(self.out, "{start}{text}");
    }

    /// Leaves out of the pace what passed since the last step: an evaluation is no step.
    pub fn rest(&mut self) {
        self.pace.since = Instant::now();
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        if self.is_terminal && self.told.is_some() {
            let _ = writeln!(self.out);
        }
    }
}

impl Pace {
    fn update(&mut self, step: u64, now: Instant) {
        let steps = step.saturating_sub(self.step);
        if steps == 0 {
            return;
        }
        let passed_s = (now - self.since).as_secs_f64();
        let new_s = passed_s / steps as f64;
        let keep = libm::exp(-passed_s / PACE_MEMORY_S);
        // The first steps warm up caches and threads; they are forgotten at once.
        let keep = if self.step_s.is_some() { keep } else { 0.0 };
        let old_s = self.step_s.unwrap_or(0.0);
        self.step_s = Some(keep * old_s + (1.0 - keep) * new_s);
        (self.step, self.since) = (step, now);
    }
}

fn bar(done: u64, total: u64) -> String {
    let filled = (done as f64 / total.max(1) as f64 * BAR_CHARS as f64) as usize;
    format!("[{:<BAR_CHARS$}]", "=".repeat(filled.min(BAR_CHARS)))
}

fn describe(record: &StepRecord, total: u64, step_s: Option<f64>) -> String {
    let mut text = format!(
        "step {} of {total}, loss {:.4}, {:.1} images/s, data wait {:.0} %",
        record.step,
        record.loss(),
        record.images_per_s,
        100.0 * record.data_wait_share
    );
    let left = total.saturating_sub(record.step);
    if let Some(step_s) = step_s.filter(|_| left > 0) {
        text += &format!(", {} left", duration(step_s * left as f64));
    }
    text
}

/// A duration as people say it.
pub(super) fn duration(seconds: f64) -> String {
    match seconds.round() as u64 {
        s @ 0..=119 => format!("{s} s"),
        s @ 120..=7199 => format!("{} min", s / 60),
        s @ 7200..=172_799 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        s => format!("{} days {} h", s / 86_400, s % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: u64) -> StepRecord {
        StepRecord {
            step,
            losses: [("total".into(), 0.123_46)].into(),
            images_per_s: 12.34,
            data_wait_share: 0.031,
            ..StepRecord::default()
        }
    }

    #[test]
    fn a_line_says_step_loss_speed_wait_and_time_left() {
        assert_eq!(
            describe(&record(120), 1000, Some(0.5)),
            "step 120 of 1000, loss 0.1235, 12.3 images/s, data wait 3 %, 7 min left"
        );
        assert_eq!(
            describe(&record(1000), 1000, Some(0.5)),
            "step 1000 of 1000, loss 0.1235, 12.3 images/s, data wait 3 %"
        );
    }

    #[test]
    fn a_log_has_plain_lines_now_and_then_and_the_end() {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, false, 0, 500);
        for step in 1..=500 {
            progress.step(&record(step));
        }
        drop(progress);
        let out = String::from_utf8(out).unwrap();
        assert!(
            out.starts_with("step 1 of 500") && !out.contains('\r'),
            "{out}"
        );
        assert!(
            out.lines().last().unwrap().starts_with("step 500 of 500"),
            "{out}"
        );
        assert!(out.lines().count() < 10, "{out}");
    }

    #[test]
    fn a_terminal_has_a_bar_that_ends_with_its_line() {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, true, 0, 2);
        progress.step(&record(1));
        progress.say("held out: depth/rmse_m 0.1");
        progress.step(&record(2));
        drop(progress);
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains(&bar(1, 2)) && out.ends_with('\n'), "{out}");
        assert_eq!(bar(9, 3), format!("[{}]", "=".repeat(BAR_CHARS)));
        assert_eq!(bar(0, 0).len(), BAR_CHARS + 2);
    }

    #[test]
    fn the_pace_follows_a_change_and_forgets_what_a_resumed_run_had_done() {
        let start = Instant::now();
        let mut pace = Pace {
            step: 1000,
            since: start,
            step_s: None,
        };
        let mut now = start;
        for (steps, step_s) in [(1, 5.0), (100, 1.0), (100, 3.0)] {
            for _ in 0..steps {
                now += Duration::from_secs_f64(step_s);
                pace.update(pace.step + 1, now);
            }
        }
        let step_s = pace.step_s.unwrap();
        assert!((2.9..=3.0).contains(&step_s), "{step_s}");
        assert_eq!(duration(200_000.0), "2 days 7 h");
    }
}
