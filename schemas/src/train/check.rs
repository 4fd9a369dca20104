//! Checks of a training configuration: every number is one that the run can use.

use super::{AugmentConfig, DataConfig, LossConfig, OptimizerConfig, Range, RunConfig};
use super::{ModelChoice, TrainConfig};
use crate::error::SchemaError;

/// A key and what is wrong with it.
type Wrong = (String, String);

pub(super) fn check(config: &TrainConfig, file: &str) -> Result<(), SchemaError> {
    let invalid = |(key, message): Wrong| SchemaError::Invalid {
        file: file.into(),
        key: key.into(),
        message: message.into(),
    };
    if config.schema_version != 1 {
        let message = format!("found {}, this program reads 1", config.schema_version);
        return Err(invalid(("schema_version".into(), message)));
    }
    data(&config.data).map_err(invalid)?;
    model(&config.model, file)?;
    augment(&config.augment).map_err(invalid)?;
    loss(&config.loss).map_err(invalid)?;
    optimizer(&config.optimizer).map_err(invalid)?;
    run(&config.run).map_err(invalid)
}

/// The model's own checks, with the keys of this document.
fn model(choice: &ModelChoice, file: &str) -> Result<(), SchemaError> {
    choice.config().check(file).map_err(|error| match error {
        SchemaError::Invalid { file, key, message } => SchemaError::Invalid {
            file,
            key: format!("model.{key}").into(),
            message,
        },
        other => other,
    })
}

fn data(data: &DataConfig) -> Result<(), Wrong> {
    if data.datasets.is_empty() {
        let message = "name at least one: [[data.datasets]] with a path".to_owned();
        return Err(("data.datasets".into(), message));
    }
    for (i, dataset) in data.datasets.iter().enumerate() {
        let key = format!("data.datasets.{i}.weight");
        within(&key, dataset.weight, "above 0", |v| v > 0.0)?;
    }
    if let Some(quota) = &data.quota {
        if quota.shares.is_empty() {
            let message = "name at least one value and its share".to_owned();
            return Err(("data.quota.shares".into(), message));
        }
        for (value, share) in &quota.shares {
            let key = format!("data.quota.shares.{value}");
            within(&key, *share, "above 0", |v| v > 0.0)?;
        }
    }
    within("data.held_out", data.held_out, "0 to below 1", |v| {
        (0.0..1.0).contains(&v)
    })?;
    within("data.people", data.people, "above 0 to 1", |v| {
        v > 0.0 && v <= 1.0
    })?;
    let [width, height] = data.size_px;
    if width.min(height) < 32 || width.max(height) > 8192 {
        let message = format!("found [{width}, {height}], wanted sides of 32 to 8192");
        return Err(("data.size_px".into(), message));
    }
    for (key, count) in [
        ("data.batch", data.batch),
        ("data.accumulate", data.accumulate),
        ("data.prefetch", data.prefetch),
    ] {
        at_least_one(key, count as u64)?;
    }
    Ok(())
}

fn augment(augment: &AugmentConfig) -> Result<(), Wrong> {
    let shares = [
        ("flip", augment.flip),
        ("rotate", augment.rotate),
        ("resized_crop", augment.resized_crop),
        ("background", augment.background),
        ("color", augment.color),
        ("gamma", augment.gamma),
        ("grayscale", augment.grayscale),
        ("downscale", augment.downscale),
        ("blur", augment.blur),
        ("noise", augment.noise),
        ("jpeg", augment.jpeg),
    ];
    for (key, share) in shares {
        let key = format!("augment.{key}");
        within(&key, share, "0 to 1", |v| (0.0..=1.0).contains(&v))?;
    }
    let numbers = [
        ("rotate_max_deg", augment.rotate_max_deg, 0.0, 180.0),
        ("crop_aspect", augment.crop_aspect, 1.0, 4.0),
        ("color_strength", augment.color_strength, 0.0, 0.95),
        ("hue_max_deg", augment.hue_max_deg, 0.0, 180.0),
    ];
    for (key, number, lo, hi) in numbers {
        let wanted = format!("{lo} to {hi}");
        within(&format!("augment.{key}"), number, &wanted, |v| {
            (lo..=hi).contains(&v)
        })?;
    }
    range("crop", augment.crop, 0.05, 1.0)?;
    range("gamma_range", augment.gamma_range, 0.1, 10.0)?;
    range("downscale_range", augment.downscale_range, 0.05, 1.0)?;
    range("blur_sigma_px", augment.blur_sigma_px, 0.0, 20.0)?;
    range("noise_sigma", augment.noise_sigma, 0.0, 1.0)?;
    range("jpeg_quality", augment.jpeg_quality, 1.0, 100.0)
}

fn range(key: &str, range: Range, lo: f64, hi: f64) -> Result<(), Wrong> {
    if lo <= range.from && range.from <= range.to && range.to <= hi {
        return Ok(());
    }
    let Range { from, to } = range;
    let message = format!("found {from} to {to}, wanted an interval within {lo} to {hi}");
    Err((format!("augment.{key}"), message))
}

fn loss(loss: &LossConfig) -> Result<(), Wrong> {
    let weights = [
        ("loss.depth", loss.depth),
        ("loss.normal", loss.normal),
        ("loss.alpha", loss.alpha),
        ("loss.depth_gradient", loss.depth_gradient),
        ("loss.laplacian", loss.laplacian),
    ];
    for (key, weight) in weights {
        within(key, weight, "0 or more", |v| v >= 0.0)?;
    }
    let levels = loss.laplacian_levels as f64;
    within("loss.laplacian_levels", levels, "1 to 8", |v| {
        (1.0..=8.0).contains(&v)
    })
}

fn optimizer(optimizer: &OptimizerConfig) -> Result<(), Wrong> {
    let positive = [
        ("optimizer.lr", optimizer.lr),
        ("optimizer.epsilon", optimizer.epsilon),
    ];
    for (key, number) in positive {
        within(key, number, "above 0", |v| v > 0.0)?;
    }
    let not_negative = [
        ("optimizer.encoder_lr", optimizer.encoder_lr),
        ("optimizer.weight_decay", optimizer.weight_decay),
        ("optimizer.clip_norm", optimizer.clip_norm),
    ];
    for (key, number) in not_negative {
        within(key, number, "0 or more", |v| v >= 0.0)?;
    }
    let below_one = [
        ("optimizer.betas", optimizer.betas[0]),
        ("optimizer.betas", optimizer.betas[1]),
        ("optimizer.ema", optimizer.ema),
    ];
    for (key, number) in below_one {
        within(key, number, "0 to below 1", |v| (0.0..1.0).contains(&v))?;
    }
    within(
        "optimizer.final_share",
        optimizer.final_share,
        "0 to 1",
        |v| (0.0..=1.0).contains(&v),
    )
}

fn run(run: &RunConfig) -> Result<(), Wrong> {
    at_least_one("run.steps", run.steps)?;
    at_least_one("run.log_every", run.log_every)?;
    at_least_one("run.checkpoint_every", run.checkpoint_every)?;
    if run.seed > i64::MAX as u64 {
        let message = format!("found {}, wanted 0 to 2^63 - 1", run.seed);
        return Err(("run.seed".into(), message));
    }
    Ok(())
}

fn at_least_one(key: &str, count: u64) -> Result<(), Wrong> {
    if count >= 1 {
        return Ok(());
    }
    Err((key.into(), "found 0, wanted at least 1".into()))
}

/// Refuses a number outside what is allowed, or one that is none.
fn within(key: &str, found: f64, wanted: &str, allowed: impl Fn(f64) -> bool) -> Result<(), Wrong> {
    if found.is_finite() && allowed(found) {
        return Ok(());
    }
    Err((key.into(), format!("found {found}, wanted {wanted}")))
}
