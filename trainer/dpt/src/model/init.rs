//! First values of the variables.

use tch::{Tensor, no_grad};

use bottega_schemas::{Seed, Task};

use super::DptResizer;

/// Standard deviation of the transformer's first values (timm).
const ENCODER_STDEV: f64 = 0.02;

/// Factor on the branch of a residual unit of the decoder, so that it begins near the identity.
const BRANCH_FACTOR: f64 = 0.1;

/// Factor on the logits of alpha, so that training begins near a flat prediction. The losses of
/// depth and normals do not see the scale of what is predicted, and their gradients grow as it
/// shrinks: those heads begin at a deviation of about one.
const ALPHA_FACTOR: f64 = 0.1;

/// Gives every variable its first values. Each depends on `seed` and its own name alone, so that
/// the heads of a model begin alike whichever heads stand beside them.
///
/// Transformer: Gaussian with deviation 0.02, cut at two deviations (timm). Other layers: Gaussian
/// whose variance is the gain over the number of inputs, with a gain of 2 after ReLU and GELU (He
/// et al. 2015) and of 1 elsewhere; branches of residual units begin small. So no level is much larger
/// than the picture: the decoder has no normalisation that would put it right, and with He's gain
/// everywhere its residual sums grow from level to level. Biases 0, scales of normalisations 1.
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
    let noise = || Tensor::empty(&shape, (tch::Kind::Float, tch::Device::Cpu)).normal_(0.0, 1.0);
    if name.starts_with("encoder.") {
        variable.copy_(&(noise().clamp(-2.0, 2.0) * ENCODER_STDEV));
        return;
    }
    // The windows of an enlarging convolution do not overlap: a value comes from one pixel.
    let enlarges = name.starts_with("resample.0.") || name.starts_with("resample.1.");
    let inputs: i64 = if enlarges {
        shape[0]
    } else {
        shape[1..].iter().product()
    };
    variable.copy_(&(noise() * stdev(name, inputs as f64)));
}

/// Deviation of the first values of a layer outside the transformer.
fn stdev(name: &str, inputs: f64) -> f64 {
    let plain = libm::sqrt(1.0 / inputs);
    let after_relu = libm::sqrt(2.0 / inputs);
    if name.starts_with("resizer.") {
        // Branch and shortcut come after ReLU as well, but are added: half of it each.
        let is_added = name.contains(".conv2.") || name.contains(".shortcut.");
        return if is_added { plain } else { after_relu };
    }
    if name.starts_with("fusion.") {
        return match () {
            () if name.ends_with(".conv1.weight") => after_relu,
            () if name.ends_with(".conv2.weight") => BRANCH_FACTOR * after_relu,
            () => plain,
        };
    }
    if name.starts_with("project.") {
        return after_relu;
    }
    if name.ends_with(".conv3.weight") {
        let is_alpha = name.contains(Task::Alpha.name());
        return if is_alpha { ALPHA_FACTOR } else { 1.0 } * after_relu;
    }
    plain
}
