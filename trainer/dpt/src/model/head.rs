//! A head: from the finest level to the values of one task at the size of the picture.

use tch::nn::Path;
use tch::{Kind, Tensor};

use bottega_schemas::{ModelConfig, Task};

use super::layers::{Conv2d, Window, resize_as};

/// DPT's head for depth, with as many outputs as the task has channels.
#[derive(Debug)]
pub(super) struct Head {
    conv1: Conv2d,
    conv2: Conv2d,
    conv3: Conv2d,
}

impl Head {
    pub(super) fn new(path: &Path<'_>, config: &ModelConfig, task: Task) -> Self {
        let half = config.decoder_width / 2;
        let width = config.head_width;
        Self {
            conv1: Conv2d::new(&(path / "conv1"), config.decoder_width, half, Window::THREE),
            conv2: Conv2d::new(&(path / "conv2"), half, width, Window::THREE),
            conv3: Conv2d::new(&(path / "conv3"), width, task.channels(), Window::ONE),
        }
    }

    /// Raw values `[N, channels, H, W]`, 32-bit.
    pub(super) fn forward(&self, features: &Tensor, picture_size: &[i64]) -> Tensor {
        let y = resize_as(&self.conv1.forward(features), picture_size);
        let y = self.conv2.forward(&y).relu();
        self.conv3.forward(&y).to_kind(Kind::Float)
    }
}
