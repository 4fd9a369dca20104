//! Resizer, decoder and heads as a graph.

use bottega_schemas::model_config::LEVELS;
use bottega_schemas::{ModelConfig, Task};

use crate::error::TrainError;

use super::encoder::{Conv, Map, conv};
use super::graph::{GraphBuilder, Layout, Value, int, ints};

/// Least length that a normal is divided by.
const UNIT_EPS: f32 = 1e-6;

/// The chain of convolutions on the full-size picture: a map for each level, finest first.
pub(super) fn resizer(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    picture: &Value,
    size: [usize; 2],
) -> Result<Vec<Map>, TrainError> {
    let width = config.resizer_width;
    let stem = Conv {
        stride: 2,
        layout: Layout::InputsReversed,
        ..Conv::new(3, width, 3)
    };
    let mut value = conv(g, "resizer.stem", picture, &stem)?;
    value = g.node("Relu", "resizer.stem.relu", &[&value], []);
    let mut size = size.map(|length| length.div_ceil(2));
    let mut maps = Vec::with_capacity(LEVELS);
    for level in 0..LEVELS {
        let name = |part: &str| format!("resizer.blocks.{level}.{part}");
        let stride = if level == 0 { 1 } else { 2 };
        let first = Conv {
            stride,
            ..Conv::new(width, width, 3)
        };
        let shortcut = Conv {
            stride,
            ..Conv::new(width, width, 1)
        };
        let inner = conv(g, &name("conv1"), &value, &first)?;
        let inner = g.node("Relu", &name("conv1.relu"), &[&inner], []);
        let inner = conv(g, &name("conv2"), &inner, &Conv::new(width, width, 3))?;
        let shortcut = conv(g, &name("shortcut"), &value, &shortcut)?;
        let sum = g.node("Add", &name("sum"), &[&inner, &shortcut], []);
        value = g.node("Relu", &name("relu"), &[&sum], []);
        size = size.map(|length| length.div_ceil(stride));
        maps.push(Map {
            value: value.clone(),
            size,
        });
    }
    Ok(maps)
}

/// Joins the maps of encoder and resizer from the coarsest level to the finest.
pub(super) fn decoder(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    maps: &[Map],
    levels: &[Map],
) -> Result<Map, TrainError> {
    let width = config.decoder_width;
    let mut previous: Option<Map> = None;
    for level in (0..LEVELS).rev() {
        let name = |part: &str| format!("fusion.{level}.{part}");
        let mut value = residual_unit(g, &name("rcu_enc"), &maps[level].value, width)?;
        let mut size = maps[level].size;
        if let Some(coarser) = &previous {
            value = interpolate(g, &name("enc.resized"), &value, (size, coarser.size), width);
            size = coarser.size;
            value = g.node("Add", &name("sum"), &[&coarser.value, &value], []);
        }
        value = residual_unit(g, &name("rcu_dec"), &value, width)?;
        let target = levels[level].size;
        value = interpolate(g, &name("dec.resized"), &value, (size, target), width);
        let joined = [&levels[level].value, &value];
        let both = g.node("Concat", &name("joined"), &joined, [int("axis", 1)]);
        let out = Conv::new(config.resizer_width + width, width, 1);
        let value = conv(g, &name("out_conv"), &both, &out)?;
        previous = Some(Map {
            value,
            size: target,
        });
    }
    Ok(previous.expect("there are levels"))
}

/// `y + conv2(relu(conv1(relu(y))))`.
fn residual_unit(
    g: &mut GraphBuilder<'_>,
    name: &str,
    value: &Value,
    width: usize,
) -> Result<Value, TrainError> {
    let part = |part: &str| format!("{name}.{part}");
    let inner = g.node("Relu", &part("relu1"), &[value], []);
    let inner = conv(g, &part("conv1"), &inner, &Conv::new(width, width, 3))?;
    let inner = g.node("Relu", &part("relu2"), &[&inner], []);
    let inner = conv(g, &part("conv2"), &inner, &Conv::new(width, width, 3))?;
    Ok(g.node("Add", &part("sum"), &[value, &inner], []))
}

/// Bilinear interpolation that maps corners to corners.
fn interpolate(
    g: &mut GraphBuilder<'_>,
    name: &str,
    value: &Value,
    (from, to): ([usize; 2], [usize; 2]),
    channels: usize,
) -> Value {
    if from == to {
        return value.clone();
    }
    let [height, width] = to;
    let sizes = g.ints(
        &format!("size.{channels}x{height}x{width}"),
        &[1, channels, height, width],
    );
    g.resize(name, value, &sizes, "align_corners")
}

/// The head of a task, without its activation.
pub(super) fn head(
    g: &mut GraphBuilder<'_>,
    config: &ModelConfig,
    task: Task,
    decoded: &Map,
    size: [usize; 2],
) -> Result<Value, TrainError> {
    let (width, narrow) = (config.decoder_width / 2, config.head_width);
    let name = |part: &str| format!("heads.{}.{part}", task.name());
    let first = Conv::new(config.decoder_width, width, 3);
    let value = conv(g, &name("conv1"), &decoded.value, &first)?;
    let value = interpolate(g, &name("resized"), &value, (decoded.size, size), width);
    let value = conv(g, &name("conv2"), &value, &Conv::new(width, narrow, 3))?;
    let value = g.node("Relu", &name("relu"), &[&value], []);
    let last = Conv::new(narrow, task.channels(), 1);
    conv(g, &name("conv3"), &value, &last)
}

/// Vectors across the channels, made of unit length.
pub(super) fn unit(g: &mut GraphBuilder<'_>, name: &str, value: &Value) -> Value {
    let part = |part: &str| format!("{name}.{part}");
    let attributes = [ints("axes", &[1]), int("keepdims", 1)];
    let length = g.node("ReduceL2", &part("length"), &[value], attributes);
    let least = g.number("least_length", UNIT_EPS);
    let length = g.node("Max", &part("length.floored"), &[&length, &least], []);
    g.node("Div", &part("unit"), &[value, &length], [])
}
