//! The decoder: levels joined from coarse to fine, each with the resizer's features.

use tch::Tensor;
use tch::nn::Path;

use bottega_schemas::ModelConfig;

use super::layers::{Conv2d, Window, resize_as};

/// A level of the decoder.
#[derive(Debug)]
pub(super) struct Fusion {
    rcu_enc: ResidualUnit,
    rcu_dec: ResidualUnit,
    out_conv: Conv2d,
}

impl Fusion {
    pub(super) fn new(path: &Path<'_>, config: &ModelConfig) -> Self {
        let width = config.decoder_width;
        Self {
            rcu_enc: ResidualUnit::new(&(path / "rcu_enc"), width),
            rcu_dec: ResidualUnit::new(&(path / "rcu_dec"), width),
            out_conv: Conv2d::new(
                &(path / "out_conv"),
                config.resizer_width + width,
                width,
                Window::ONE,
            ),
        }
    }

    /// The level's picture, of the size of `resizer`: from the encoder's features, the next
    /// coarser level's picture if there is one, and the resizer's features.
    pub(super) fn forward(
        &self,
        encoder: &Tensor,
        coarser: Option<&Tensor>,
        resizer: &Tensor,
    ) -> Tensor {
        let mut y = self.rcu_enc.forward(encoder);
        if let Some(coarser) = coarser {
            y = coarser + resize_as(&y, &coarser.size());
        }
        let y = resize_as(&self.rcu_dec.forward(&y), &resizer.size());
        self.out_conv.forward(&Tensor::cat(&[resizer, &y], 1))
    }
}

/// `y + conv2(relu(conv1(relu(y))))`.
#[derive(Debug)]
struct ResidualUnit {
    conv1: Conv2d,
    conv2: Conv2d,
}

impl ResidualUnit {
    fn new(path: &Path<'_>, width: usize) -> Self {
        Self {
            conv1: Conv2d::new(&(path / "conv1"), width, width, Window::THREE),
            conv2: Conv2d::new(&(path / "conv2"), width, width, Window::THREE),
        }
    }

    fn forward(&self, y: &Tensor) -> Tensor {
        self.conv2.forward(&self.conv1.forward(&y.relu()).relu()) + y
    }
}
