//! First values of the variables.

use tch::{Tensor, no_grad};

use bottega_schemas::Seed;

use super::DptResizer;

/// Factor on the first values of the last convolution of a head, so that training begins near a
/// flat prediction.
const HEAD_FACTOR: f64 = 0.1;

/// Standard deviation of the transformer's first values (timm).
const ENCODER_STDEV: f64 = 0.02;

/// Gives every variable its first values. Each depends on `seed` and its own name alone, so that
/// the heads of a model begin alike whichever heads stand beside them.
///
/// Transformer: Gaussian with deviation 0.02, cut at two deviations. Convolutions: Kaiming for
/// ReLU (He et al. 2015), the last of a head at a tenth of it. Biases 0, scales of normalisations 1.
pub fn initialize(model: &DptResizer, seed: Seed) {
    let mut variables: Vec<(String, Tensor)> = model.variables().variables().into_iter().collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    no_grad(|| {
        for (name, variable) in &mut variables {
            tch::manual_seed(seed.child(name).0 as i64);
            fill(name, variable);
        }
    });
}

fn fill(name: &str, variable: &mut Tensor) {
    let shape = variable.size();
    let is_vector = shape.len() == 1;
    if is_vector {
        let is_scale = name.ends_with(".weight");
        let _ = variable.fill_(if is_scale { 1.0 } else { 0.0 });
        return;
    }
    if name.starts_with("encoder.") || shape.len() == 2 {
        let values = Tensor::empty(&shape, (tch::Kind::Float, tch::Device::Cpu)).normal_(0.0, 1.0);
        variable.copy_(&(values.clamp(-2.0, 2.0) * ENCODER_STDEV));
        return;
    }
    // The windows of an enlarging convolution do not overlap: a value comes from one pixel.
    let enlarges = name.starts_with("resample.0.") || name.starts_with("resample.1.");
    let inputs: i64 = if enlarges {
        shape[0]
    } else {
        shape[1..].iter().product()
    };
    let mut stdev = libm::sqrt(2.0 / inputs as f64);
    if name.ends_with(".conv3.weight") {
        stdev *= HEAD_FACTOR;
    }
    let values = Tensor::empty(&shape, (tch::Kind::Float, tch::Device::Cpu)).normal_(0.0, stdev);
    variable.copy_(&values);
}
