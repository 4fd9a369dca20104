//! From tokens to pictures of features (DPT, Ranftl et al. 2021, section 3 and its code).

use tch::nn::Path;
use tch::{Kind, Tensor};

use bottega_schemas::ModelConfig;

use super::layers::{Conv2d, Enlarge, Linear, Window};

/// How the picture of features of a level is brought to its size.
#[derive(Debug)]
enum Resample {
    Enlarge(Enlarge),
    Keep,
    Halve(Conv2d),
}

/// One level: the class token is joined to each patch token, tokens become a picture, the picture
/// gets the size and the width of its level.
#[derive(Debug)]
pub(super) struct Reassemble {
    readout: Linear,
    project: Conv2d,
    resample: Resample,
    to_decoder: Conv2d,
    grid: i64,
}

impl Reassemble {
    pub(super) fn new(root: &Path<'_>, config: &ModelConfig, level: usize) -> Self {
        let (width, features) = (config.token_width, config.features[level]);
        let resample = root / "resample" / level;
        Self {
            readout: Linear::new(&(root / "readout" / level / "project"), 2 * width, width),
            project: Conv2d::new(&(root / "project" / level), width, features, Window::ONE),
            resample: match level {
                0 => Resample::Enlarge(Enlarge::new(&resample, features, 4)),
                1 => Resample::Enlarge(Enlarge::new(&resample, features, 2)),
                2 => Resample::Keep,
                _ => Resample::Halve(Conv2d::new(
                    &resample,
                    features,
                    features,
                    Window::strided(3, 2, 1),
                )),
            },
            to_decoder: Conv2d::without_bias(
                &(root / "layer_rn" / level),
                features,
                config.decoder_width,
                Window::THREE,
            ),
            grid: config.grid() as i64,
        }
    }

    /// Features `[N, decoder width, h, w]` of tokens `[N, 1 + patches, width]`.
    pub(super) fn forward(&self, tokens: &Tensor, compute: Kind) -> Tensor {
        let tokens = tokens.to_kind(compute);
        let patches = tokens.slice(1, 1, None, 1);
        let class = tokens.slice(1, 0, 1, 1).expand_as(&patches);
        let joined = Tensor::cat(&[patches, class], -1);
        let read = self.readout.forward(&joined).gelu("none").transpose(1, 2);
        let picture = read.unflatten(2, [self.grid, self.grid]);
        let picture = self.project.forward(&picture);
        let picture = match &self.resample {
            Resample::Enlarge(enlarge) => enlarge.forward(&picture),
            Resample::Keep => picture,
            Resample::Halve(halve) => halve.forward(&picture),
        };
        self.to_decoder.forward(&picture)
    }
}
