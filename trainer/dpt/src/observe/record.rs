//! What is known of a step of training, and of an evaluation on what is held out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One step of the optimizer, or the mean of the steps since the last record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Steps done, this one included.
    pub step: u64,
    /// Passes over the data, in fractions.
    #[serde(with = "number")]
    pub epoch: f64,
    /// The loss (`total`) and its parts, named `task/part`: `depth/mse`, `alpha/bce`.
    #[serde(with = "numbers")]
    pub losses: BTreeMap<String, f64>,
    /// Learning rate of decoder, resizer and heads.
    #[serde(with = "number")]
    pub lr: f64,
    /// Learning rate of the encoder.
    #[serde(with = "number")]
    pub encoder_lr: f64,
    /// L2 norm of all gradients together, before clipping.
    #[serde(with = "number")]
    pub grad_norm: f64,
    /// Pictures a second, of all ranks together.
    #[serde(with = "number")]
    pub images_per_s: f64,
    /// Share of the time in which the device waited for data, 0 to 1.
    #[serde(with = "number")]
    pub data_wait_share: f64,
    /// Wall time of the step, in seconds.
    #[serde(with = "number")]
    pub seconds: f64,
    /// Memory in use: of the GPU where there is one, else of the process; in MiB.
    #[serde(with = "number")]
    pub memory_mb: f64,
}

/// Sums over the steps since the last record; part of a checkpoint, so that the log of a resumed
/// run is that of an undisturbed one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Steps that were summed.
    pub steps: u64,
    /// Sums of the loss and its parts.
    pub losses: BTreeMap<String, f64>,
    /// Sum of the gradients' norms.
    pub grad_norm: f64,
}

/// One evaluation on what is held out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRecord {
    /// Steps done before it; 0 is the model as it began.
    pub step: u64,
    /// Samples that were evaluated.
    pub samples: u64,
    /// Means over the samples, named `task/metric`: `depth/rmse_m`, `normal/mean_deg`.
    #[serde(with = "numbers")]
    pub metrics: BTreeMap<String, f64>,
}

impl StepRecord {
    /// The loss that is minimised; NaN where it was not recorded.
    pub fn loss(&self) -> f64 {
        self.losses.get("total").copied().unwrap_or(f64::NAN)
    }

    /// Every number of the step with the name it has in charts, `loss/total` first.
    pub(crate) fn scalars(&self) -> impl Iterator<Item = (String, f64)> + '_ {
        let losses = self.losses.iter().map(|(k, v)| (format!("loss/{k}"), *v));
        let others = [
            ("optimizer/lr", self.lr),
            ("optimizer/encoder_lr", self.encoder_lr),
            ("optimizer/grad_norm", self.grad_norm),
            ("speed/images_per_s", self.images_per_s),
            ("speed/data_wait_share", self.data_wait_share),
            ("speed/step_seconds", self.seconds),
            ("speed/memory_mb", self.memory_mb),
            ("speed/epoch", self.epoch),
        ];
        losses.chain(others.map(|(name, value)| (name.to_owned(), value)))
    }
}

/// Numbers in JSON, which knows neither NaN nor infinity: both are `null`, which reads as NaN.
mod number {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
    }
}

/// As [`number`], for numbers with names.
mod numbers {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        values: &BTreeMap<String, f64>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(values.iter().map(|(k, v)| (k, v.is_finite().then_some(*v))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let values = BTreeMap::<String, Option<f64>>::deserialize(from)?;
        let values = values.into_iter();
        Ok(values.map(|(k, v)| (k, v.unwrap_or(f64::NAN))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_lacks_come_back_as_nan() {
        let record = StepRecord {
            step: 3,
            losses: [("total".into(), f64::INFINITY), ("depth/mse".into(), 0.1)].into(),
            grad_norm: f64::NAN,
            ..StepRecord::default()
        };
        let text = serde_json::to_string(&record).unwrap();
        let again: StepRecord = serde_json::from_str(&text).unwrap();
        assert!(again.loss().is_nan() && again.grad_norm.is_nan(), "{text}");
        assert_eq!(again.losses["depth/mse"], 0.1);
        assert_eq!(again.step, 3);
    }
}
