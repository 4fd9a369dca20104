//! A small network that any number of ranks train together, for the tests of every engine.

use bottega_trainer::TrainError;
use bottega_trainer::collective::{Collective, FlatBuffer};
use tch::{Device, Kind, Tensor, no_grad};

/// Samples of a step, over all ranks.
const BATCH: usize = 8;
const STEPS: usize = 5;
const LEARNING_RATE: f64 = 0.1;
const WIDTHS: [i64; 4] = [6, 16, 16, 3];

/// Numbers between -1 and 1 that depend on the seed alone.
fn numbers(seed: u64, shape: &[i64]) -> Tensor {
    let n: i64 = shape.iter().product();
    let number = |i: i64| {
        let mixed =
            (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0x2545_f491);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40;
        mixed as f32 / (1 << 23) as f32 - 1.0
    };
    Tensor::from_slice(&(0..n).map(number).collect::<Vec<f32>>()).view(shape)
}

/// Weights and biases; each rank begins with others.
fn parameters(rank: usize) -> Vec<Tensor> {
    let layers = WIDTHS.windows(2).enumerate();
    layers
        .flat_map(|(i, w)| {
            let seed = (100 * rank + 10 * i) as u64;
            [
                numbers(seed, &[w[1], w[0]]) * 0.5,
                numbers(seed + 1, &[w[1]]) * 0.1,
            ]
        })
        .map(|t| t.set_requires_grad(true))
        .collect()
}

fn loss(parameters: &[Tensor], x: &Tensor, y: &Tensor) -> Tensor {
    let mut h = x.shallow_clone();
    for layer in parameters.chunks(2) {
        h = h.linear(&layer[0], Some(&layer[1])).tanh();
    }
    (h - y).square().mean(Kind::Float)
}

/// The weights after some steps of plain gradient descent, in which every rank sees its share of
/// each batch.
pub(crate) fn train(collective: &mut dyn Collective) -> Result<Vec<f32>, TrainError> {
    tch::set_num_threads(1);
    let (rank, ranks) = (collective.rank(), collective.ranks());
    let mut parameters = parameters(rank);
    let mut buffer = FlatBuffer::of(&parameters);
    buffer.gather(&parameters)?;
    collective.broadcast(buffer.values_mut(), 0)?;
    buffer.scatter(&mut parameters)?;

    let share = BATCH / ranks;
    for step in 0..STEPS {
        let batch = |seed: usize, width| {
            let whole = numbers((seed + step) as u64, &[BATCH as i64, width]);
            whole.narrow(0, (rank * share) as i64, share as i64)
        };
        let (x, y) = (batch(1000, WIDTHS[0]), batch(2000, WIDTHS[3]));
        loss(&parameters, &x, &y).backward();
        let mut gradients: Vec<Tensor> = parameters.iter().map(Tensor::grad).collect();
        buffer.gather(&gradients)?;
        collective.all_reduce_mean(buffer.values_mut())?;
        buffer.scatter(&mut gradients)?;
        no_grad(|| {
            for parameter in &mut parameters {
                let step = parameter.grad() * -LEARNING_RATE;
                let _ = parameter.f_add_(&step);
                parameter.zero_grad();
            }
        });
    }
    buffer.gather(&parameters)?;
    assert_eq!(parameters[0].device(), Device::Cpu);
    Ok(buffer.values_mut().to_vec())
}

/// Greatest difference between two lists of weights.
pub(crate) fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}
