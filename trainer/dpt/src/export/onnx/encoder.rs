//! The vision transformer as a graph, and its tapped tokens as maps.
//!
//! The batch is one, so tokens are a matrix, `N x D`, and a linear layer is `Gemm` with the weight
//! as it is stored. Blocks after the last tapped one are left out.

use bottega_schemas::ModelConfig;
use bottega_schemas::model_config::LEVELS;

use crate::error::TrainError;

use super::graph::{GraphBuilder, Layout, Value, float, int, ints};

/// Added to the variance by layer norms.
const LAYER_NORM_EPS: f32 = 1e-6;
/// The fused query, key and value have three times the width of a token.
const QKV: usize = 3;

/// A map of features and its size.
pub(super) struct Map {
    pub(super) value: Value,
    /// Height and width.
    pub(super) size: [usize; 2],
}

/// The maps of the four levels, at the width of the decoder, finest first.
pub(super) fn build(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    picture: &Value,
    size: [usize; 2],
) -> Result<Vec<Map>, TrainError> {
    let side = config.encoder_px;
    let small = if size == [side; 2] {
        picture.clone()
    } else {
        let sizes = g.ints("encoder.input.size", &[1, 3, side, side]);
        g.resize("encoder.input", picture, &sizes, "half_pixel")
    };
    let mut tokens = embed(g, config, &small)?;
    let mut maps = Vec::with_capacity(LEVELS);
    for i in 0..=config.hooks[LEVELS - 1] {
        tokens = block(g, config, i, &tokens)?;
        if config.hooks.get(maps.len()) == Some(&i) {
            maps.push(reassemble(g, config, maps.len(), &tokens)?);
        }
    }
    Ok(maps)
}

/// The patches as tokens, after the class token, with their positions.
fn embed(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    small: &Value,
) -> Result<Value, TrainError> {
    let (width, patch) = (config.token_width, config.patch_px);
    let dims = [width, 3, patch, patch];
    let name = "encoder.patch_embed.proj.weight";
    let weight = g.weight_as(name, &dims, &dims, Layout::InputsReversed)?;
    let bias = g.weight("encoder.patch_embed.proj.bias", &[width])?;
    let map = g.node(
        "Conv",
        "encoder.patch_embed",
        &[small, &weight, &bias],
        [ints("strides", &[patch, patch])],
    );
    let n_patches = config.tokens() - 1;
    let shape = g.ints("encoder.patches.shape", &[width, n_patches]);
    let flat = g.node("Reshape", "encoder.patches.flat", &[&map, &shape], []);
    let patches = g.node(
        "Transpose",
        "encoder.patches",
        &[&flat],
        [ints("perm", &[1, 0])],
    );
    let class = g.weight_as(
        "encoder.cls_token",
        &[1, 1, width],
        &[1, width],
        Layout::AsIs,
    )?;
    let joined = g.node(
        "Concat",
        "encoder.tokens",
        &[&class, &patches],
        [int("axis", 0)],
    );
    let n_tokens = config.tokens();
    let position = g.weight_as(
        "encoder.pos_embed",
        &[1, n_tokens, width],
        &[n_tokens, width],
        Layout::AsIs,
    )?;
    Ok(g.node("Add", "encoder.embedded", &[&joined, &position], []))
}

/// A transformer block: attention and two linear layers, each on the normed sum before it.
fn block(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    i: usize,
    tokens: &Value,
) -> Result<Value, TrainError> {
    let width = config.token_width;
    let name = |part: &str| format!("encoder.blocks.{i}.{part}");
    let normed = layer_norm(g, &name("norm1"), tokens, width)?;
    let attended = attention(g, config, &name("attn"), &normed)?;
    let sum = g.node("Add", &name("attn.sum"), &[tokens, &attended], []);
    let normed = layer_norm(g, &name("norm2"), &sum, width)?;
    let hidden = linear(g, &name("mlp.fc1"), &normed, [width, 4 * width])?;
    let hidden = gelu(g, &name("mlp.gelu"), &hidden);
    let out = linear(g, &name("mlp.fc2"), &hidden, [4 * width, width])?;
    Ok(g.node("Add", &name("mlp.sum"), &[&sum, &out], []))
}

fn attention(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    name: &str,
    tokens: &Value,
) -> Result<Value, TrainError> {
    let (n_tokens, width, heads) = (config.tokens(), config.token_width, config.attention_heads);
    let head_width = width / heads;
    let part = |part: &str| format!("{name}.{part}");
    let qkv = linear(g, &part("qkv"), tokens, [width, QKV * width])?;
    let shape = g.ints(
        "encoder.attention.shape",
        &[n_tokens, QKV, heads, head_width],
    );
    let qkv = g.node("Reshape", &part("qkv.heads"), &[&qkv, &shape], []);
    let qkv = g.node(
        "Transpose",
        &part("qkv.parts"),
        &[&qkv],
        [ints("perm", &[1, 2, 0, 3])],
    );
    let [q, k, v] = g.split_three([&part("q"), &part("k"), &part("v")], &qkv);
    let scale = (1.0 / head_width as f32).sqrt();
    let scale = g.number("encoder.attention.scale", scale);
    let q = g.node("Mul", &part("q.scaled"), &[&q, &scale], []);
    let k = g.node(
        "Transpose",
        &part("k.transposed"),
        &[&k],
        [ints("perm", &[0, 1, 3, 2])],
    );
    let scores = g.node("MatMul", &part("scores"), &[&q, &k], []);
    let shares = g.node("Softmax", &part("softmax"), &[&scores], [int("axis", -1)]);
    let mixed = g.node("MatMul", &part("mixed"), &[&shares, &v], []);
    let mixed = g.node(
        "Transpose",
        &part("mixed.tokens"),
        &[&mixed],
        [ints("perm", &[0, 2, 1, 3])],
    );
    let shape = g.ints("encoder.tokens.shape", &[n_tokens, width]);
    let mixed = g.node("Reshape", &part("mixed.joined"), &[&mixed, &shape], []);
    linear(g, &part("proj"), &mixed, [width, width])
}

/// The tokens of a tapped block as a map of its level, at the width of the decoder.
fn reassemble(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    level: usize,
    tokens: &Value,
) -> Result<Map, TrainError> {
    let (width, grid, n_tokens) = (config.token_width, config.grid(), config.tokens());
    let [zero, one, end] = [0, 1, n_tokens].map(|at| g.ints(&format!("encoder.token.{at}"), &[at]));
    let name = |part: &str| format!("readout.{level}.{part}");
    let patches = g.node("Slice", &name("patches"), &[tokens, &one, &end, &zero], []);
    let class = g.node("Slice", &name("class"), &[tokens, &zero, &one, &zero], []);
    let shape = g.ints("encoder.patches.rows", &[n_tokens - 1, width]);
    let class = g.node("Expand", &name("class.repeated"), &[&class, &shape], []);
    let both = g.node(
        "Concat",
        &name("joined"),
        &[&patches, &class],
        [int("axis", 1)],
    );
    let read = linear(g, &name("project"), &both, [2 * width, width])?;
    let read = gelu(g, &name("gelu"), &read);
    let read = g.node(
        "Transpose",
        &name("channels"),
        &[&read],
        [ints("perm", &[1, 0])],
    );
    let shape = g.ints("encoder.map.shape", &[1, width, grid, grid]);
    let map = g.node("Reshape", &name("map"), &[&read, &shape], []);

    let features = config.features[level];
    let map = conv(
        g,
        &format!("project.{level}"),
        &map,
        &Conv::new(width, features, 1),
    )?;
    let (map, side) = resample(g, level, &map, features, grid)?;
    let wanted = Conv {
        bias: false,
        ..Conv::new(features, config.decoder_width, 3)
    };
    let value = conv(g, &format!("layer_rn.{level}"), &map, &wanted)?;
    Ok(Map {
        value,
        size: [side; 2],
    })
}

/// Brings the grid of patches to the size of a level: four times, twice, once, half.
fn resample(
    g: &mut GraphBuilder<'_>,
    level: usize,
    map: &Value,
    features: usize,
    grid: usize,
) -> Result<(Value, usize), TrainError> {
    let name = format!("resample.{level}");
    match level {
        0 | 1 => {
            let factor = [4, 2][level];
            let weight = g.weight(
                &format!("{name}.weight"),
                &[features, features, factor, factor],
            )?;
            let bias = g.weight(&format!("{name}.bias"), &[features])?;
            let strides = [ints("strides", &[factor, factor])];
            let map = g.node("ConvTranspose", &name, &[map, &weight, &bias], strides);
            Ok((map, grid * factor))
        }
        2 => Ok((map.clone(), grid)),
        _ => {
            let half = Conv {
                stride: 2,
                ..Conv::new(features, features, 3)
            };
            Ok((conv(g, &name, map, &half)?, grid.div_ceil(2)))
        }
    }
}

/// A convolution with a square kernel that keeps the size but for its stride.
pub(super) struct Conv {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) bias: bool,
    pub(super) layout: Layout,
}

impl Conv {
    pub(super) fn new(inputs: usize, outputs: usize, kernel: usize) -> Self {
        Self {
            inputs,
            outputs,
            kernel,
            stride: 1,
            bias: true,
            layout: Layout::AsIs,
        }
    }
}

/// The convolution of the tensors `<name>.weight` and `<name>.bias`.
pub(super) fn conv(
    g: &mut GraphBuilder<'_>,
    name: &str,
    value: &Value,
    conv: &Conv,
) -> Result<Value, TrainError> {
    let dims = [conv.outputs, conv.inputs, conv.kernel, conv.kernel];
    let weight = g.weight_as(&format!("{name}.weight"), &dims, &dims, conv.layout)?;
    let bias = match conv.bias {
        true => Some(g.weight(&format!("{name}.bias"), &[conv.outputs])?),
        false => None,
    };
    let attributes = [
        ints("pads", &[conv.kernel / 2; 4]),
        ints("strides", &[conv.stride; 2]),
    ];
    let mut inputs = vec![value, &weight];
    inputs.extend(&bias);
    Ok(g.node("Conv", name, &inputs, attributes))
}

/// The linear layer of the tensors `<name>.weight` and `<name>.bias` on each row.
fn linear(
    g: &mut GraphBuilder<'_>,
    name: &str,
    rows: &Value,
    [inputs, outputs]: [usize; 2],
) -> Result<Value, TrainError> {
    let weight = g.weight(&format!("{name}.weight"), &[outputs, inputs])?;
    let bias = g.weight(&format!("{name}.bias"), &[outputs])?;
    Ok(g.node("Gemm", name, &[rows, &weight, &bias], [int("transB", 1)]))
}

fn layer_norm(
    g: &mut GraphBuilder<'_>,
    name: &str,
    rows: &Value,
    width: usize,
) -> Result<Value, TrainError> {
    let weight = g.weight(&format!("{name}.weight"), &[width])?;
    let bias = g.weight(&format!("{name}.bias"), &[width])?;
    let attributes = [int("axis", -1), float("epsilon", LAYER_NORM_EPS)];
    let inputs = [rows, &weight, &bias];
    Ok(g.node("LayerNormalization", name, &inputs, attributes))
}

/// `x (1 + erf(x / sqrt 2)) / 2`, in the order that runtimes know and fuse.
fn gelu(g: &mut GraphBuilder<'_>, name: &str, value: &Value) -> Value {
    let [root, one, half] = [
        ("sqrt2", std::f32::consts::SQRT_2),
        ("one", 1.0),
        ("half", 0.5),
    ]
    .map(|(name, number)| g.number(name, number));
    let part = |part: &str| format!("{name}.{part}");
    let scaled = g.node("Div", &part("scaled"), &[value, &root], []);
    let erf = g.node("Erf", &part("erf"), &[&scaled], []);
    let share = g.node("Add", &part("share"), &[&erf, &one], []);
    let double = g.node("Mul", &part("double"), &[value, &share], []);
    g.node("Mul", name, &[&double, &half], [])
}
