//! The learning rate over time: a linear rise, then a cosine.

use std::f64::consts::PI;

use bottega_schemas::train::OptimizerConfig;

use super::Group;

/// The learning rate of each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    lr: f64,
    encoder_lr: f64,
    warmup_steps: u64,
    final_share: f64,
    steps: u64,
}

impl Schedule {
    /// The schedule of a run of `steps` steps.
    pub fn new(config: &OptimizerConfig, steps: u64) -> Self {
        Self {
            lr: config.lr,
            encoder_lr: config.encoder_lr,
            warmup_steps: config.warmup_steps.min(steps),
            final_share: config.final_share,
            steps,
        }
    }

    /// The share of the full rate at a step, counted from 0: 1 / n at the first of n warm-up
    /// steps, 1 after them, `final_share` at the last step.
    pub fn share(&self, step: u64) -> f64 {
        if step < self.warmup_steps {
            return (step + 1) as f64 / self.warmup_steps as f64;
        }
        let after = (step - self.warmup_steps) as f64;
        let length = (self.steps - self.warmup_steps).saturating_sub(1).max(1) as f64;
        let cosine = 0.5 * (1.0 + libm::cos(PI * (after / length).min(1.0)));
        self.final_share + (1.0 - self.final_share) * cosine
    }

    /// The learning rate of a group at a step.
    pub fn rate(&self, step: u64, group: Group) -> f64 {
        let full = match group {
            Group::Encoder => self.encoder_lr,
            Group::Rest => self.lr,
        };
        full * self.share(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_holds_nothing_back_and_ends_at_its_share() {
        let config = OptimizerConfig {
            lr: 2.0,
            encoder_lr: 0.5,
            warmup_steps: 10,
            final_share: 0.1,
            ..OptimizerConfig::default()
        };
        let schedule = Schedule::new(&config, 110);
        assert_eq!(schedule.share(0), 0.1);
        assert_eq!(schedule.share(9), 1.0);
        assert_eq!(schedule.share(10), 1.0);
        assert!((schedule.share(109) - 0.1).abs() < 1e-12);
        assert!((schedule.rate(109, Group::Encoder) - 0.05).abs() < 1e-12);
        let falls = (10..109).all(|step| schedule.share(step) > schedule.share(step + 1));
        assert!(falls);
    }

    #[test]
    fn a_run_shorter_than_its_warm_up_only_rises() {
        let schedule = Schedule::new(&OptimizerConfig::default(), 5);
        assert_eq!(schedule.share(4), 1.0);
    }
}
