//! The losses of all tasks together.

use tch::{Kind, Tensor};

use bottega_schemas::train::LossConfig;

use super::{
    align, bce, cosine, dice, l1, laplacian, masked, multi_scale_gradient, normalize_depth, ssi_mse,
};
use crate::data::Batch;
use crate::model::Outputs;

/// The names of all parts that a loss may have.
pub const PARTS: [&str; 7] = [
    "depth/mse",
    "depth/gradient",
    "normal/cosine",
    "alpha/bce",
    "alpha/l1",
    "alpha/dice",
    "alpha/laplacian",
];

/// The truth of a batch, on the device of the predictions.
#[derive(Debug)]
pub struct Truth<'a> {
    /// Depth in metres `[N, 1, H, W]`, anything where there is no surface.
    pub depth_m: &'a Tensor,
    /// Unit normals `[N, 3, H, W]`, 0 where there is none.
    pub normal: &'a Tensor,
    /// Alpha `[N, 1, H, W]`.
    pub alpha: &'a Tensor,
    /// Pixels that are part of the picture, not of its padding, bool `[N, 1, H, W]`.
    pub valid: &'a Tensor,
    /// Pixels of the person with a surface, bool `[N, 1, H, W]`.
    pub foreground: &'a Tensor,
}

impl<'a> Truth<'a> {
    /// The truth of a batch.
    pub fn of(batch: &'a Batch) -> Self {
        Self {
            depth_m: &batch.depth_m,
            normal: &batch.normal,
            alpha: &batch.alpha,
            valid: &batch.valid,
            foreground: &batch.foreground,
        }
    }
}

/// A part of the loss.
#[derive(Debug)]
pub struct LossPart {
    /// `depth/mse`, `alpha/bce` ...
    pub name: &'static str,
    /// Its weight in the total.
    pub weight: f64,
    /// Its value for each picture, `[N]`.
    pub values: Tensor,
}

/// The losses of a batch.
#[derive(Debug)]
pub struct Losses {
    /// What is minimised: the mean over pictures of the weighted sum of the parts.
    pub total: Tensor,
    /// The parts.
    pub parts: Vec<LossPart>,
}

impl Losses {
    /// The first part and picture whose value is no finite number.
    pub fn first_not_finite(&self) -> Option<(&'static str, usize)> {
        self.parts.iter().find_map(|part| {
            let values = Vec::<f64>::try_from(part.values.to_kind(Kind::Double).detach());
            let values = values.expect("a vector of numbers");
            let at = values.iter().position(|value| !value.is_finite())?;
            Some((part.name, at))
        })
    }

    /// Mean over the pictures of each part, unweighted.
    pub fn means(&self) -> Vec<(&'static str, f64)> {
        let mean = |part: &LossPart| part.values.mean(Kind::Double).double_value(&[]);
        let parts = self.parts.iter();
        parts.map(|part| (part.name, mean(part))).collect()
    }
}

/// The losses of the tasks that `outputs` has.
pub fn losses(outputs: &Outputs, truth: &Truth<'_>, config: &LossConfig) -> Losses {
    let mut parts = Vec::new();
    let mut add = |name, weight: f64, values: Tensor| {
        parts.push(LossPart {
            name,
            weight,
            values,
        });
    };
    if let Some(depth) = &outputs.depth {
        let mask = truth.foreground;
        let target = if config.depth_normalized {
            normalize_depth(truth.depth_m, mask)
        } else {
            masked(truth.depth_m, mask)
        };
        let residual = align(depth, &target, mask).apply(depth) - &target;
        add("depth/mse", config.depth, ssi_mse(&residual, mask));
        let gradient = multi_scale_gradient(&residual, mask);
        let weight = config.depth * config.depth_gradient;
        add("depth/gradient", weight, gradient);
    }
    if let Some(normal) = &outputs.normal {
        let loss = cosine(normal, truth.normal, truth.foreground);
        add("normal/cosine", config.normal, loss);
    }
    if let (Some(logit), Some(predicted)) = (&outputs.alpha_logit, outputs.alpha()) {
        let (alpha, valid) = (truth.alpha, truth.valid);
        add("alpha/bce", config.alpha, bce(logit, alpha, valid));
        add("alpha/l1", config.alpha, l1(&predicted, alpha, valid));
        add("alpha/dice", config.alpha, dice(&predicted, alpha, valid));
        let levels = config.laplacian_levels;
        let loss = laplacian(&(&predicted - alpha), valid, levels);
        add("alpha/laplacian", config.alpha * config.laplacian, loss);
    }
    let weighted = parts.iter().map(|part| &part.values * part.weight);
    let total = weighted.reduce(|a, b| a + b).expect("a model has tasks");
    Losses {
        total: total.mean(total.kind()),
        parts,
    }
}
