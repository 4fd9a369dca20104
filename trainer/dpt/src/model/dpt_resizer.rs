//! The whole model.

use tch::nn::{Path, VarStore};
use tch::{Device, Kind, Tensor};

use bottega_schemas::model_config::LEVELS;
use bottega_schemas::{ModelConfig, Task};

use super::decoder::Fusion;
use super::encoder::Encoder;
use super::head::Head;
use super::probe::{NoProbe, Probe};
use super::reassemble::Reassemble;
use super::resizer::Resizer;

/// What the heads say, raw: the values that the losses take.
#[derive(Debug, Default)]
pub struct Outputs {
    /// Relative depth `[N, 1, H, W]`, up to a scale (of either sign) and a shift.
    pub depth: Option<Tensor>,
    /// Normals `[N, 3, H, W]` in camera space, not of unit length.
    pub normal: Option<Tensor>,
    /// Logits of the soft foreground `[N, 1, H, W]`.
    pub alpha_logit: Option<Tensor>,
}

impl Outputs {
    /// The raw values of a task.
    pub fn of(&self, task: Task) -> Option<&Tensor> {
        match task {
            Task::Depth => self.depth.as_ref(),
            Task::Normal => self.normal.as_ref(),
            Task::Alpha => self.alpha_logit.as_ref(),
        }
    }

    /// Normals of unit length.
    pub fn unit_normal(&self) -> Option<Tensor> {
        // Length at least 1e-6, as the published models have it.
        let norm = |v: &Tensor| v.norm_scalaropt_dim(2, [1], true).clamp_min(1e-6);
        self.normal.as_ref().map(|v| v / norm(v))
    }

    /// The soft foreground, 0 to 1.
    pub fn alpha(&self) -> Option<Tensor> {
        self.alpha_logit.as_ref().map(Tensor::sigmoid)
    }
}

/// A DPT-resizer model and its variables.
#[derive(Debug)]
pub struct DptResizer {
    config: ModelConfig,
    variables: VarStore,
    compute: Kind,
    encoder: Encoder,
    reassemble: Vec<Reassemble>,
    resizer: Resizer,
    fusion: Vec<Fusion>,
    heads: Vec<(Task, Head)>,
}

impl DptResizer {
    /// A model with variables of zero on `device` (see [`super::initialize`]) that computes in
    /// `compute`: [`Kind::Float`] or [`Kind::BFloat16`]. `config` has been checked.
    pub fn new(config: &ModelConfig, device: Device, compute: Kind) -> Self {
        let variables = VarStore::new(device);
        let root: Path<'_> = variables.root();
        let fusion = &root / "fusion";
        let heads = &root / "heads";
        Self {
            encoder: Encoder::new(&(&root / "encoder"), config),
            reassemble: (0..LEVELS)
                .map(|level| Reassemble::new(&root, config, level))
                .collect(),
            resizer: Resizer::new(&(&root / "resizer"), config),
            fusion: (0..LEVELS)
                .map(|level| Fusion::new(&(&fusion / level), config))
                .collect(),
            heads: config
                .tasks
                .iter()
                .map(|&task| (task, Head::new(&(&heads / task.name()), config, task)))
                .collect(),
            config: config.clone(),
            compute,
            variables,
        }
    }

    /// Widths and counts.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The variables, by the names of the checkpoint format.
    pub fn variables(&self) -> &VarStore {
        &self.variables
    }

    /// Where the variables are.
    pub fn device(&self) -> Device {
        self.variables.device()
    }

    /// What the heads say of pictures `[N, 3, H, W]`, RGB in \[0, 1\], of any size.
    pub fn forward(&self, pictures: &Tensor) -> Outputs {
        self.forward_probed(pictures, &mut NoProbe)
    }

    /// The same; `probe` sees the values between the blocks.
    pub fn forward_probed(&self, pictures: &Tensor, probe: &mut dyn Probe) -> Outputs {
        let normalized = (pictures - 0.5) / 0.5;
        let taps = self.encoder.forward(&normalized, self.compute);
        let encoded = self.reassemble.iter().zip(&taps);
        let encoded: Vec<Tensor> = encoded
            .map(|(reassemble, tokens)| reassemble.forward(tokens, self.compute))
            .collect();
        let resized = self.resizer.forward(&normalized.to_kind(self.compute));
        for level in 0..LEVELS {
            probe.see("tokens", level, &taps[level]);
            probe.see("encoder", level, &encoded[level]);
            probe.see("resizer", level, &resized[level]);
        }

        let mut coarser: Option<Tensor> = None;
        for level in (0..LEVELS).rev() {
            let fusion = &self.fusion[level];
            let fused = fusion.forward(&encoded[level], coarser.as_ref(), &resized[level]);
            probe.see("decoder", level, &fused);
            coarser = Some(fused);
        }
        let finest = coarser.expect("a decoder has levels");

        let mut outputs = Outputs::default();
        for (task, head) in &self.heads {
            let values = Some(head.forward(&finest, &pictures.size()));
            match task {
                Task::Depth => outputs.depth = values,
                Task::Normal => outputs.normal = values,
                Task::Alpha => outputs.alpha_logit = values,
            }
        }
        outputs
    }
}
