//! The encoder: a vision transformer with timm's names and layout (Dosovitskiy et al. 2021).

use tch::nn::Path;
use tch::{Kind, Tensor};

use bottega_schemas::ModelConfig;
use bottega_schemas::model_config::LEVELS;

use super::layers::{Conv2d, LayerNorm, Linear, Window, variable};

/// Patches, class token, position embedding, blocks. The final normalisation of the classifier is
/// left out: what is used are the outputs of four blocks.
#[derive(Debug)]
pub(super) struct Encoder {
    patches: Conv2d,
    class_token: Tensor,
    position: Tensor,
    blocks: Vec<Block>,
    hooks: [usize; LEVELS],
    side_px: i64,
}

impl Encoder {
    pub(super) fn new(path: &Path<'_>, config: &ModelConfig) -> Self {
        let width = config.token_width;
        let patch = Window::strided(config.patch_px, config.patch_px, 0);
        let blocks = path / "blocks";
        Self {
            patches: Conv2d::new(&(path / "patch_embed" / "proj"), 3, width, patch),
            class_token: variable(path, "cls_token", &[1, 1, width]),
            position: variable(path, "pos_embed", &[1, config.tokens(), width]),
            // Blocks after the last tap would never be used.
            blocks: (0..config.blocks)
                .map(|i| Block::new(&(&blocks / i), width, config.attention_heads))
                .collect(),
            hooks: config.hooks,
            side_px: config.encoder_px as i64,
        }
    }

    /// Tokens `[N, 1 + patches, width]` after each tapped block, the first for level 0; in the
    /// kind of `picture`, which is `[N, 3, H, W]` and normalised.
    pub(super) fn forward(&self, picture: &Tensor, compute: Kind) -> Vec<Tensor> {
        let side = self.side_px;
        let small = picture.upsample_bilinear2d([side, side], false, None, None);
        let patches = self.patches.forward(&small.to_kind(compute));
        let patches = patches.flatten(2, 3).transpose(1, 2).to_kind(Kind::Float);
        let class = self.class_token.expand([patches.size()[0], -1, -1], false);
        // The sum over blocks stays in 32 bits; the branches compute in `compute`.
        let mut tokens = Tensor::cat(&[class, patches], 1) + &self.position;
        let mut taps = Vec::with_capacity(LEVELS);
        for (i, block) in self.blocks.iter().enumerate() {
            tokens = block.forward(&tokens, compute);
            if self.hooks.contains(&i) {
                taps.push(tokens.shallow_clone());
            }
        }
        taps
    }
}

/// Attention and perceptron, each after a normalisation and with a way around it.
#[derive(Debug)]
struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    proj: Linear,
    norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    heads: i64,
}

impl Block {
    fn new(path: &Path<'_>, width: usize, heads: usize) -> Self {
        let (attention, perceptron) = (path / "attn", path / "mlp");
        Self {
            norm1: LayerNorm::new(&(path / "norm1"), width),
            qkv: Linear::new(&(&attention / "qkv"), width, 3 * width),
            proj: Linear::new(&(&attention / "proj"), width, width),
            norm2: LayerNorm::new(&(path / "norm2"), width),
            fc1: Linear::new(&(&perceptron / "fc1"), width, 4 * width),
            fc2: Linear::new(&(&perceptron / "fc2"), 4 * width, width),
            heads: heads as i64,
        }
    }

    fn forward(&self, tokens: &Tensor, compute: Kind) -> Tensor {
        let tokens = tokens + self.attend(&self.norm1.forward(tokens).to_kind(compute));
        let hidden = self.norm2.forward(&tokens).to_kind(compute);
        let hidden = self.fc1.forward(&hidden).gelu("none");
        tokens + self.fc2.forward(&hidden)
    }

    fn attend(&self, x: &Tensor) -> Tensor {
        let [n, count, width] = x.size()[..] else {
            unreachable!("tokens have three dimensions")
        };
        let qkv = self.qkv.forward(x);
        let qkv = qkv.reshape([n, count, 3, self.heads, width / self.heads]);
        let qkv = qkv.permute([2, 0, 3, 1, 4]);
        let (q, k, v) = (qkv.get(0), qkv.get(1), qkv.get(2));
        let no_mask = None::<&Tensor>;
        let mixed =
            Tensor::scaled_dot_product_attention(&q, &k, &v, no_mask, 0.0, false, None, false);
        self.proj
            .forward(&mixed.transpose(1, 2).reshape([n, count, width]))
    }
}
