//! AdamW (Loshchilov and Hutter 2019), with a state that can be saved, unlike tch's.

use std::collections::BTreeMap;

use tch::nn::VarStore;
use tch::{Kind, Tensor, no_grad};

use bottega_schemas::train::OptimizerConfig;

/// Which learning rate a parameter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The pretrained encoder.
    Encoder,
    /// Everything else.
    Rest,
}

/// A variable and its moments.
#[derive(Debug)]
struct Parameter {
    name: String,
    value: Tensor,
    /// Running mean of the gradient.
    first: Tensor,
    /// Running mean of its square.
    second: Tensor,
    group: Group,
    weight_decay: f64,
}

/// The optimizer.
#[derive(Debug)]
pub struct AdamW {
    parameters: Vec<Parameter>,
    betas: [f64; 2],
    epsilon: f64,
    steps: u64,
}

/// Prefixes of the moments in a checkpoint.
const FIRST: &str = "adam.first.";
const SECOND: &str = "adam.second.";

/// Everything decays but vectors, the class token and the position embedding.
pub fn decays_usually(name: &str, value: &Tensor) -> bool {
    value.dim() >= 2 && !name.ends_with("cls_token") && !name.ends_with("pos_embed")
}

impl AdamW {
    /// An optimizer of the trained variables, in the order of their names; `decays` says whose
    /// weights decay, which is usually [`decays_usually`].
    pub fn new(
        variables: &VarStore,
        config: &OptimizerConfig,
        decays: impl Fn(&str, &Tensor) -> bool,
    ) -> Self {
        let trained: BTreeMap<String, Tensor> = variables
            .variables()
            .into_iter()
            .filter(|(_, value)| value.requires_grad())
            .collect();
        let parameters = trained.into_iter().map(|(name, value)| {
            let decays = decays(&name, &value);
            Parameter {
                first: value.zeros_like().detach(),
                second: value.zeros_like().detach(),
                group: if name.starts_with("encoder.") {
                    Group::Encoder
                } else {
                    Group::Rest
                },
                weight_decay: if decays { config.weight_decay } else { 0.0 },
                name,
                value,
            }
        });
        Self {
            parameters: parameters.collect(),
            betas: config.betas,
            epsilon: config.epsilon,
            steps: 0,
        }
    }

    /// Forgets the gradients.
    pub fn zero_grad(&mut self) {
        for parameter in &mut self.parameters {
            parameter.value.zero_grad();
        }
    }

    /// The gradients in the order of the parameters' names; a parameter that the loss does not
    /// reach has one of zeros.
    pub fn gradients(&self) -> Vec<Tensor> {
        let parameters = self.parameters.iter();
        parameters
            .map(|parameter| {
                let gradient = parameter.value.grad();
                if gradient.defined() {
                    gradient
                } else {
                    parameter.value.zeros_like()
                }
            })
            .collect()
    }

    /// Scales the gradients so that their L2 norm, all together, is at most `max_norm` (0 leaves
    /// them), and returns the norm they had.
    pub fn clip(&mut self, max_norm: f64) -> f64 {
        no_grad(|| {
            let defined = self.parameters.iter().map(|p| p.value.grad());
            let mut gradients: Vec<Tensor> = defined.filter(Tensor::defined).collect();
            // One number crosses from the device, not one for each parameter.
            let squares: Vec<Tensor> = gradients
                .iter()
                .map(|gradient| gradient.square().sum(Kind::Double))
                .collect();
            if squares.is_empty() {
                return 0.0;
            }
            let norm = Tensor::stack(&squares, 0).sum(Kind::Double).sqrt();
            let norm = norm.double_value(&[]);
            if max_norm > 0.0 && norm > max_norm {
                let factor = max_norm / (norm + 1e-6);
                for gradient in &mut gradients {
                    let _ = gradient.g_mul_scalar_(factor);
                }
            }
            norm
        })
    }

    /// The first parameter whose gradient holds something that is no finite number.
    pub fn first_not_finite(&self) -> Option<&str> {
        let bad = |parameter: &&Parameter| {
            let gradient = parameter.value.grad();
            gradient.defined() && !gradient.sum(Kind::Double).double_value(&[]).is_finite()
        };
        self.parameters.iter().find(bad).map(|p| p.name.as_str())
    }

    /// Moves the weights; `rate` gives the learning rate of a group.
    pub fn step(&mut self, rate: impl Fn(Group) -> f64) {
        self.steps += 1;
        let [beta1, beta2] = self.betas;
        let count = self.steps as f64;
        let correction1 = 1.0 - libm::pow(beta1, count);
        let correction2 = libm::sqrt(1.0 - libm::pow(beta2, count));
        no_grad(|| {
            for parameter in &mut self.parameters {
                let gradient = parameter.value.grad();
                if !gradient.defined() {
                    continue;
                }
                let rate = rate(parameter.group);
                if parameter.weight_decay > 0.0 {
                    let kept = 1.0 - rate * parameter.weight_decay;
                    let _ = parameter.value.g_mul_scalar_(kept);
                }
                let _ = parameter.first.lerp_(&gradient, 1.0 - beta1);
                let _ = parameter.second.g_mul_scalar_(beta2);
                let share = &gradient * (1.0 - beta2);
                let _ = parameter.second.addcmul_(&share, &gradient);
                // Each operation in place spares a pass over memory, which is what a step costs.
                let mut denominator = parameter.second.sqrt();
                let _ = denominator.g_div_scalar_(correction2);
                let _ = denominator.g_add_scalar_(self.epsilon);
                let scaled = &parameter.first * (-rate / correction1);
                let _ = parameter.value.addcdiv_(&scaled, &denominator);
            }
        });
    }

    /// Number of steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The moments, by the names they have in a checkpoint.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let mut state = BTreeMap::new();
        for parameter in &self.parameters {
            let name = &parameter.name;
            state.insert(format!("{FIRST}{name}"), parameter.first.shallow_clone());
            state.insert(format!("{SECOND}{name}"), parameter.second.shallow_clone());
        }
        state
    }

    /// Takes the moments of a checkpoint; `Err` holds the name of one that is missing or has
    /// another shape.
    pub fn restore(
        &mut self,
        tensors: &BTreeMap<String, Tensor>,
        steps: u64,
    ) -> Result<(), String> {
        for parameter in &mut self.parameters {
            for (prefix, moment) in [
                (FIRST, &mut parameter.first),
                (SECOND, &mut parameter.second),
            ] {
                let name = format!("{prefix}{}", parameter.name);
                match tensors.get(&name) {
                    Some(tensor) if tensor.size() == moment.size() => moment.copy_(tensor),
                    _ => return Err(name),
                }
            }
        }
        self.steps = steps;
        Ok(())
    }
}
