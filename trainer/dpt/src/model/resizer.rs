//! The resizer: a light convolutional encoder that sees the picture at its own size.

use tch::Tensor;
use tch::nn::Path;

use bottega_schemas::ModelConfig;
use bottega_schemas::model_config::LEVELS;

use super::layers::{Conv2d, Window};

/// A strided convolution and four residual blocks, which halve the picture one by one.
#[derive(Debug)]
pub(super) struct Resizer {
    stem: Conv2d,
    blocks: Vec<ResizerBlock>,
}

impl Resizer {
    pub(super) fn new(path: &Path<'_>, config: &ModelConfig) -> Self {
        let width = config.resizer_width;
        let blocks = path / "blocks";
        Self {
            stem: Conv2d::new(&(path / "stem"), 3, width, Window::strided(3, 2, 1)),
            blocks: (0..LEVELS)
                .map(|i| ResizerBlock::new(&(&blocks / i), width, if i == 0 { 1 } else { 2 }))
                .collect(),
        }
    }

    /// Features of each level, `[N, resizer width, ceil(H / 2^(l+1)), ceil(W / 2^(l+1))]`.
    pub(super) fn forward(&self, picture: &Tensor) -> Vec<Tensor> {
        let mut levels = Vec::with_capacity(LEVELS);
        let mut y = self.stem.forward(picture).relu();
        for block in &self.blocks {
            y = block.forward(&y);
            levels.push(y.shallow_clone());
        }
        levels
    }
}

#[derive(Debug)]
struct ResizerBlock {
    conv1: Conv2d,
    conv2: Conv2d,
    shortcut: Conv2d,
}

impl ResizerBlock {
    fn new(path: &Path<'_>, width: usize, stride: usize) -> Self {
        let (three, one) = (Window::strided(3, stride, 1), Window::strided(1, stride, 0));
        Self {
            conv1: Conv2d::new(&(path / "conv1"), width, width, three),
            conv2: Conv2d::new(&(path / "conv2"), width, width, Window::THREE),
            shortcut: Conv2d::new(&(path / "shortcut"), width, width, one),
        }
    }

    fn forward(&self, y: &Tensor) -> Tensor {
        let changed = self.conv2.forward(&self.conv1.forward(y).relu());
        (changed + self.shortcut.forward(y)).relu()
    }
}
