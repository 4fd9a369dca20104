//! Parameters and multiply-accumulate operations of a model, block by block, without running it.
//!
//! Counted as the published model cards count, so that the figures can be compared:
//! a convolution costs its outputs times (the volume of one row of its weight, plus 1 for a bias),
//! transposed ones too although most of these products are with zeros; a matrix product its
//! outputs times the inner length, plus 1 for a bias; per element, a softmax costs 36, GELU 7,
//! bilinear interpolation 4, addition, scaling and `ReLU` 1, division 4; a layer norm 7 per element
//! and 29 per row. Plain arithmetic, so that it runs where no LibTorch is.

use serde::Serialize;

use crate::model_config::{LEVELS, ModelConfig, ModelSize, Task};

/// Side of the square picture that the published figures are for, pixels.
pub const CARD_SIDE_PX: usize = 512;

/// Cost of an exponential and a division.
const SOFTMAX: usize = 36;
/// Cost of a Gaussian error linear unit.
const GELU: usize = 7;
/// Cost of an interpolated element.
const BILINEAR: usize = 4;
/// Cost of a division.
const DIVISION: usize = 4;
/// Cost of a normalized element, and of a normalized row.
const LAYER_NORM: (usize, usize) = (7, 29);

/// Size and cost of one block of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockSize {
    /// Name of the block, as its tensors are called.
    pub name: &'static str,
    /// Number of trained values.
    pub params: u64,
    /// Multiply-accumulate operations for one picture, in billions.
    pub macs_g: f64,
}

/// Size and cost of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelInfo {
    /// Name of the model.
    pub name: String,
    /// Number of trained values.
    pub params: u64,
    /// Multiply-accumulate operations for one picture, in billions.
    pub macs_g: f64,
    /// The trained values as 32-bit floats, in MiB.
    pub mib: f64,
    /// Size of the picture, width and height in pixels.
    pub picture_px: [usize; 2],
    /// The blocks in the order of the data.
    pub blocks: Vec<BlockSize>,
}

/// Parameters and operations, summed.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    params: usize,
    macs: usize,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.params += other.params;
        self.macs += other.macs;
    }

    /// Operations that train nothing.
    fn work(&mut self, macs: usize) {
        self.macs += macs;
    }
}

/// A convolution with a square kernel: `outputs` pixels of the result.
struct Convolution {
    inputs: usize,
    channels: usize,
    kernel: usize,
    bias: bool,
}

impl Convolution {
    fn new(inputs: usize, channels: usize, kernel: usize) -> Self {
        Self {
            inputs,
            channels,
            kernel,
            bias: true,
        }
    }

    fn cost(&self, outputs: usize) -> Cost {
        let bias = usize::from(self.bias);
        let row = self.inputs * self.kernel * self.kernel + bias;
        Cost {
            params: self.channels * row,
            macs: outputs * self.channels * row,
        }
    }

    /// The same widths, transposed; its weight begins with the inputs.
    fn transposed_cost(&self, outputs: usize) -> Cost {
        let kernel = self.kernel * self.kernel;
        Cost {
            params: self.channels * (self.inputs * kernel + 1),
            macs: outputs * self.channels * (self.channels * kernel + 1),
        }
    }
}

/// A matrix product with bias on each of `rows` rows.
fn linear(rows: usize, inputs: usize, outputs: usize) -> Cost {
    Cost {
        params: outputs * (inputs + 1),
        macs: rows * outputs * (inputs + 1),
    }
}

fn layer_norm(rows: usize, width: usize) -> Cost {
    Cost {
        params: 2 * width,
        macs: LAYER_NORM.0 * rows * width + LAYER_NORM.1 * rows,
    }
}

impl ModelConfig {
    /// Size and cost for a picture of `width_px` x `height_px`.
    pub fn info(&self, name: &str, width_px: usize, height_px: usize) -> ModelInfo {
        let blocks = [
            ("encoder", self.encoder(width_px * height_px)),
            ("readout", self.readout()),
            ("project", self.project()),
            ("resample", self.resample()),
            ("layer_rn", self.layer_rn()),
            ("resizer", self.resizer(width_px, height_px)),
            ("fusion", self.fusion(width_px, height_px)),
            ("heads", self.heads(width_px, height_px)),
        ];
        let params: usize = blocks.iter().map(|(_, cost)| cost.params).sum();
        let macs: usize = blocks.iter().map(|(_, cost)| cost.macs).sum();
        ModelInfo {
            name: name.to_owned(),
            params: params as u64,
            macs_g: macs as f64 / 1e9,
            mib: (params * size_of::<f32>()) as f64 / f64::from(1 << 20),
            picture_px: [width_px, height_px],
            blocks: blocks
                .into_iter()
                .map(|(name, cost)| BlockSize {
                    name,
                    params: cost.params as u64,
                    macs_g: cost.macs as f64 / 1e9,
                })
                .collect(),
        }
    }

    /// Normalized picture, resized, cut into patches, through the transformer; its last layer norm
    /// and classifier are not used.
    fn encoder(&self, pixels: usize) -> Cost {
        let (tokens, width) = (self.tokens(), self.token_width);
        let elements = tokens * width;
        let mut cost = Cost::default();
        cost.work(3 * pixels * (1 + DIVISION));
        cost.work(BILINEAR * 3 * self.encoder_px * self.encoder_px);
        cost.add(Convolution::new(3, width, self.patch_px).cost(tokens - 1));
        // The class token and the positions, which are added.
        cost.params += width + elements;
        cost.work(elements);
        for _ in 0..self.blocks {
            cost.add(layer_norm(tokens, width));
            cost.add(linear(tokens, width, 3 * width));
            // Queries and keys are scaled; then two products for each head.
            cost.work(2 * elements);
            cost.work(2 * tokens * tokens * width);
            cost.work(SOFTMAX * self.attention_heads * tokens * tokens);
            cost.add(linear(tokens, width, width));
            cost.add(layer_norm(tokens, width));
            cost.add(linear(tokens, width, 4 * width));
            cost.work(GELU * 4 * elements);
            cost.add(linear(tokens, 4 * width, width));
            cost.work(2 * elements);
        }
        cost
    }

    fn readout(&self) -> Cost {
        let (patches, width) = (self.tokens() - 1, self.token_width);
        let mut cost = Cost::default();
        for _ in 0..LEVELS {
            cost.add(linear(patches, 2 * width, width));
            cost.work(GELU * patches * width);
        }
        cost
    }

    fn project(&self) -> Cost {
        let mut cost = Cost::default();
        for features in self.features {
            cost.add(Convolution::new(self.token_width, features, 1).cost(self.tokens() - 1));
        }
        cost
    }

    /// Sides of the square maps of the levels: four times, twice, once, half the grid.
    fn level_sides(&self) -> [usize; LEVELS] {
        let grid = self.grid();
        [4 * grid, 2 * grid, grid, grid.div_ceil(2)]
    }

    fn resample(&self) -> Cost {
        let [fine, middle, _, coarse] = self.level_sides().map(|side| side * side);
        let [f0, f1, _, f3] = self.features;
        let mut cost = Cost::default();
        cost.add(Convolution::new(f0, f0, 4).transposed_cost(fine));
        cost.add(Convolution::new(f1, f1, 2).transposed_cost(middle));
        cost.add(Convolution::new(f3, f3, 3).cost(coarse));
        cost
    }

    fn layer_rn(&self) -> Cost {
        let mut cost = Cost::default();
        for (features, side) in self.features.into_iter().zip(self.level_sides()) {
            let mut convolution = Convolution::new(features, self.decoder_width, 3);
            convolution.bias = false;
            cost.add(convolution.cost(side * side));
        }
        cost
    }

    /// Number of pixels of the resizer's maps: of the stem and the finest level, then halved.
    fn resizer_pixels(width_px: usize, height_px: usize) -> [usize; LEVELS] {
        [1, 2, 3, 4].map(|halvings| {
            let side = |px: usize| px.div_ceil(1 << halvings);
            side(width_px) * side(height_px)
        })
    }

    fn resizer(&self, width_px: usize, height_px: usize) -> Cost {
        let width = self.resizer_width;
        let levels = Self::resizer_pixels(width_px, height_px);
        let mut cost = Convolution::new(3, width, 3).cost(levels[0]);
        cost.work(width * levels[0]);
        for pixels in levels {
            cost.add(Convolution::new(width, width, 3).cost(pixels));
            cost.add(Convolution::new(width, width, 3).cost(pixels));
            cost.add(Convolution::new(width, width, 1).cost(pixels));
            cost.work(3 * width * pixels);
        }
        cost
    }

    fn residual_unit(&self, pixels: usize) -> Cost {
        let width = self.decoder_width;
        let mut cost = Convolution::new(width, width, 3).cost(pixels);
        cost.add(Convolution::new(width, width, 3).cost(pixels));
        cost.work(3 * width * pixels);
        cost
    }

    fn fusion(&self, width_px: usize, height_px: usize) -> Cost {
        let width = self.decoder_width;
        let mut cost = Cost::default();
        let mut previous = None;
        let levels = self
            .level_sides()
            .into_iter()
            .zip(Self::resizer_pixels(width_px, height_px));
        for (side, resizer_pixels) in levels.rev() {
            let own = side * side;
            cost.add(self.residual_unit(own));
            let joined = previous.unwrap_or(own);
            if previous.is_some() {
                let interpolated = if joined == own { 0 } else { BILINEAR };
                cost.work((interpolated + 1) * width * joined);
            }
            cost.add(self.residual_unit(joined));
            cost.work(BILINEAR * width * resizer_pixels);
            let join = Convolution::new(self.resizer_width + width, width, 1);
            cost.add(join.cost(resizer_pixels));
            previous = Some(resizer_pixels);
        }
        cost
    }

    fn heads(&self, width_px: usize, height_px: usize) -> Cost {
        let [half, ..] = Self::resizer_pixels(width_px, height_px);
        let full = width_px * height_px;
        let middle = self.decoder_width / 2;
        let mut cost = Cost::default();
        for task in &self.tasks {
            cost.add(Convolution::new(self.decoder_width, middle, 3).cost(half));
            cost.work(BILINEAR * middle * full);
            cost.add(Convolution::new(middle, self.head_width, 3).cost(full));
            cost.work(self.head_width * full);
            cost.add(Convolution::new(self.head_width, task.channels(), 1).cost(full));
        }
        cost
    }
}

/// The models that can be trained from published encoders, at the size of the published figures.
pub fn published_models() -> Vec<ModelInfo> {
    let single = [Task::Depth];
    let models: [(&str, ModelSize, &[Task]); 5] = [
        ("small", ModelSize::Small, &single),
        ("base", ModelSize::Base, &single),
        ("large", ModelSize::Large, &single),
        ("multitask_base", ModelSize::Base, &Task::ALL),
        ("multitask_large", ModelSize::Large, &Task::ALL),
    ];
    models
        .into_iter()
        .map(|(name, size, tasks)| {
            ModelConfig::of_size(size, tasks).info(name, CARD_SIDE_PX, CARD_SIDE_PX)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> ModelInfo {
        let models = published_models();
        models.into_iter().find(|model| model.name == name).unwrap()
    }

    fn block(model: &ModelInfo, name: &str) -> u64 {
        model.blocks.iter().find(|b| b.name == name).unwrap().params
    }

    /// Operations and file sizes of the published cards, depth normals and alpha alike.
    #[test]
    fn operations_and_sizes_are_those_of_the_published_cards() {
        let cards = [
            ("base", 172.4, 172.444, 428.42),
            ("large", 331.5, 331.542, 1314.13),
            ("multitask_large", 389.9, 389.878, 1316.66),
        ];
        for (name, card_g, exact_g, card_mib) in cards {
            let model = model(name);
            assert_eq!(format!("{:.1}", model.macs_g), format!("{card_g:.1}"));
            assert!(
                (model.macs_g - exact_g).abs() < 5e-4,
                "{name}: {}",
                model.macs_g
            );
            // The files hold a graph of some hundred kilobytes beside the weights.
            let graph_mib = card_mib - model.mib;
            assert!((0.0..0.4).contains(&graph_mib), "{name}: {}", model.mib);
        }
    }

    /// Counted in PyTorch on the same layers.
    #[test]
    fn parameters_are_those_of_an_independent_implementation() {
        assert_eq!(model("small").params, 37_747_233);
        assert_eq!(model("base").params, 112_257_921);
        assert_eq!(model("large").params, 344_409_793);
        assert_eq!(model("multitask_base").params, 112_921_925);
        assert_eq!(model("multitask_large").params, 345_073_797);
        let large = model("large");
        let blocks = [
            ("encoder", 303_688_704),
            ("readout", 8_392_704),
            ("project", 2_886_400),
            ("resample", 11_536_128),
            ("layer_rn", 6_488_064),
            ("resizer", 1_250_304),
            ("fusion", 9_835_520),
            ("heads", 331_969),
        ];
        for (name, params) in blocks {
            assert_eq!(block(&large, name), params, "{name}");
        }
        assert_eq!(block(&model("small"), "encoder"), 21_810_816);
        assert_eq!(block(&model("base"), "resample"), 5_604_384);
    }

    #[test]
    fn the_tiny_model_has_as_many_parameters_as_its_golden_weights() {
        let tiny = ModelConfig::of_size(crate::ModelSize::Tiny, &Task::ALL).info("tiny", 96, 64);
        assert_eq!(tiny.params, 148_429);
    }

    #[test]
    fn blocks_sum_to_the_model() {
        for model in published_models() {
            let params: u64 = model.blocks.iter().map(|block| block.params).sum();
            let macs_g: f64 = model.blocks.iter().map(|block| block.macs_g).sum();
            assert_eq!(params, model.params);
            assert!((macs_g - model.macs_g).abs() < 1e-6);
        }
    }
}
