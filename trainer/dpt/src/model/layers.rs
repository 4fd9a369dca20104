//! The layers that the blocks are made of.
//!
//! Weights are 32-bit; a layer computes in the kind of its input and casts its weights to it, so
//! that the kind of the first activation decides the arithmetic of all that follow. Gradients
//! arrive in 32 bits.

use tch::nn::{Init, Path};
use tch::{Kind, Tensor};

/// `x w^T + b` on the last dimension.
#[derive(Debug)]
pub(super) struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    pub(super) fn new(path: &Path<'_>, inputs: usize, outputs: usize) -> Self {
        Self {
            weight: variable(path, "weight", &[outputs, inputs]),
            bias: variable(path, "bias", &[outputs]),
        }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let kind = x.kind();
        x.linear(&self.weight.to_kind(kind), Some(&self.bias.to_kind(kind)))
    }
}

/// How a convolution moves over the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) size: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

impl Window {
    /// One pixel.
    pub(super) const ONE: Self = Self::strided(1, 1, 0);
    /// Three by three pixels, the size of the picture kept.
    pub(super) const THREE: Self = Self::strided(3, 1, 1);

    pub(super) const fn strided(size: usize, stride: usize, padding: usize) -> Self {
        Self {
            size,
            stride,
            padding,
        }
    }
}

/// A convolution.
#[derive(Debug)]
pub(super) struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: i64,
    padding: i64,
}

impl Conv2d {
    pub(super) fn new(path: &Path<'_>, inputs: usize, outputs: usize, window: Window) -> Self {
        let bias = variable(path, "bias", &[outputs]);
        Self {
            bias: Some(bias),
            ..Self::without_bias(path, inputs, outputs, window)
        }
    }

    pub(super) fn without_bias(
        path: &Path<'_>,
        inputs: usize,
        outputs: usize,
        window: Window,
    ) -> Self {
        let shape = [outputs, inputs, window.size, window.size];
        Self {
            weight: variable(path, "weight", &shape),
            bias: None,
            stride: window.stride as i64,
            padding: window.padding as i64,
        }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let kind = x.kind();
        let bias = self.bias.as_ref().map(|bias| bias.to_kind(kind));
        x.conv2d(
            &self.weight.to_kind(kind),
            bias,
            [self.stride; 2],
            [self.padding; 2],
            [1, 1],
            1,
        )
    }
}

/// A transposed convolution whose windows touch without overlap: it enlarges by `factor`.
#[derive(Debug)]
pub(super) struct Enlarge {
    weight: Tensor,
    bias: Tensor,
    factor: i64,
}

impl Enlarge {
    pub(super) fn new(path: &Path<'_>, channels: usize, factor: usize) -> Self {
        Self {
            weight: variable(path, "weight", &[channels, channels, factor, factor]),
            bias: variable(path, "bias", &[channels]),
            factor: factor as i64,
        }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let kind = x.kind();
        x.conv_transpose2d(
            &self.weight.to_kind(kind),
            Some(self.bias.to_kind(kind)),
            [self.factor; 2],
            [0, 0],
            [0, 0],
            1,
            [1, 1],
        )
    }
}

/// Layer normalisation of the last dimension, in 32 bits.
#[derive(Debug)]
pub(super) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    width: i64,
}

impl LayerNorm {
    /// As timm's vision transformers have it.
    const EPSILON: f64 = 1e-6;

    pub(super) fn new(path: &Path<'_>, width: usize) -> Self {
        Self {
            weight: path.var("weight", &[width as i64], Init::Const(1.0)),
            bias: variable(path, "bias", &[width]),
            width: width as i64,
        }
    }

    /// The normalised values, 32-bit.
    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        x.to_kind(Kind::Float).layer_norm(
            [self.width],
            Some(&self.weight),
            Some(&self.bias),
            Self::EPSILON,
            true,
        )
    }
}

/// A variable of zeros; [`super::initialize`] gives it its first values.
pub(super) fn variable(path: &Path<'_>, name: &str, shape: &[usize]) -> Tensor {
    let shape: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
    path.var(name, &shape, Init::Const(0.0))
}

/// Bilinear resampling to the height and width of `size`, corners on corners.
pub(super) fn resize_as(x: &Tensor, size: &[i64]) -> Tensor {
    let [.., height, width] = *size else {
        unreachable!("a picture has a height and a width")
    };
    if x.size().ends_with(&[height, width]) {
        return x.shallow_clone();
    }
    x.upsample_bilinear2d([height, width], true, None, None)
}
