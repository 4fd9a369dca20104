//! ONNX with the contract of the published runtime: BGR in 0..1 at a fixed size, everything else
//! inside the graph.

mod decoder;
mod encoder;
mod graph;
mod proto;
mod write;

use std::collections::BTreeSet;
use std::path::Path;

use bottega_schemas::Task;

use crate::error::TrainError;

use self::graph::{Finished, GraphBuilder};
use super::card::{DepthSign, ModelCard};
use crate::weights::Tensors;

/// Name of the input.
pub const INPUT: &str = "input";

/// What the input holds.
const INPUT_DOC: &str = "one picture, channels B, G, R in 0..1, display-referred";

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxReport {
    /// Length of the file.
    pub bytes: u64,
    /// Operations in the graph.
    pub nodes: usize,
    /// Tensors of the model that the outputs do not need, such as heads of other tasks.
    pub unused: Vec<String>,
}

/// Writes the model of `card` with its weights for pictures of `size` (height and width in pixels;
/// the published runtime wants 512 x 512).
///
/// The outputs are those tasks that the card's configuration names, in the order depth, normals,
/// alpha: fewer than the weights have heads for are legal. A model of depth alone gives depth that
/// is larger where it is nearer, one of more tasks depth that is larger where it is farther, as
/// the published demo takes them. Tensors are asked of `tensors` one at a time; all names and
/// shapes are checked before a byte is written.
pub fn write_onnx(
    path: &Path,
    card: &ModelCard,
    tensors: &dyn Tensors,
    size: [usize; 2],
) -> Result<OnnxReport, TrainError> {
    let finished = build(card, tensors, size)?;
    let kept: BTreeSet<&str> = (finished.initializers.iter())
        .map(|initializer| initializer.name.as_str())
        .collect();
    let mut unused = tensors.names();
    unused.retain(|name| !kept.contains(name.as_str()));
    let plan = write::plan(&model(card), &finished)?;
    write::write(path, &plan, tensors)?;
    Ok(OnnxReport {
        bytes: plan.bytes,
        nodes: finished.graph.nodes.len(),
        unused,
    })
}

/// Length of the file that [`write_onnx`] writes, in bytes, from the shapes of the tensors alone.
pub fn onnx_bytes(
    card: &ModelCard,
    tensors: &dyn Tensors,
    size: [usize; 2],
) -> Result<u64, TrainError> {
    let finished = build(card, tensors, size)?;
    Ok(write::plan(&model(card), &finished)?.bytes)
}

fn build(
    card: &ModelCard,
    tensors: &dyn Tensors,
    [height, width]: [usize; 2],
) -> Result<Finished, TrainError> {
    if height < 2 || width < 2 {
        return Err(TrainError::stopped(format!(
            "cannot export for pictures of {width} x {height} pixels; the published runtime wants \
             512 x 512"
        )));
    }
    card.config.check("the model to export")?;
    let mut graph = GraphBuilder::new(tensors);
    let g = &mut graph;
    let input = g.input(INPUT, &[1, 3, height, width], INPUT_DOC);
    let half = g.number("half", 0.5);
    let centered = g.node("Sub", "centered", &[&input, &half], []);
    let picture = g.node("Div", "normalized", &[&centered, &half], []);
    let maps = encoder::build(g, &card.config, &picture, [height, width])?;
    let levels = decoder::resizer(g, &card.config, &picture, [height, width])?;
    let decoded = decoder::decoder(g, &card.config, &maps, &levels)?;
    for task in Task::ALL {
        if !card.config.tasks.contains(&task) {
            continue;
        }
        let value = decoder::head(g, &card.config, task, &decoded, [height, width])?;
        match task {
            Task::Depth => {
                let flat = g.ints("axis.channel", &[1]);
                let mut depth = g.node("Squeeze", "depth.squeezed", &[&value, &flat], []);
                if is_negated(card) {
                    depth = g.node("Neg", "depth.negated", &[&depth], []);
                }
                g.output(
                    &depth,
                    "depth",
                    &[1, height, width],
                    depth_doc(is_single(card)),
                );
            }
            Task::Normal => {
                let doc = "unit normals, +X right, +Y up, +Z toward the camera";
                let unit = decoder::unit(g, "normal", &value);
                g.output(&unit, "normals", &[1, 3, height, width], doc);
            }
            Task::Alpha => {
                let share = g.node("Sigmoid", "alpha.sigmoid", &[&value], []);
                let doc = "share of the pixel that the person covers";
                g.output(&share, "alpha", &[1, 1, height, width], doc);
            }
        }
    }
    Ok(graph.finish("dpt_resizer"))
}

/// Whether depth is the only output.
fn is_single(card: &ModelCard) -> bool {
    card.config.tasks == [Task::Depth]
}

/// Whether the depth of the model must be negated: the published demo takes the depth of a single
/// model as larger where nearer, that of a model of several tasks as larger where farther.
fn is_negated(card: &ModelCard) -> bool {
    match card.depth_sign {
        DepthSign::Farther => is_single(card),
        DepthSign::Nearer => !is_single(card),
    }
}

fn depth_doc(is_single: bool) -> &'static str {
    if is_single {
        "relative depth, up to scale and shift; larger is nearer"
    } else {
        "relative depth, up to scale and shift; larger is farther"
    }
}

/// The model around the graph.
fn model(card: &ModelCard) -> proto::Model {
    let mut texts = card.metadata();
    // Neither is true of this file: it is not PyTorch's, and the graph's own depth may be negated.
    texts.remove("format");
    texts.remove("depth_sign");
    texts.insert("channels".to_owned(), "bgr".to_owned());
    if card.config.tasks.contains(&Task::Depth) {
        texts.insert("depth".to_owned(), depth_doc(is_single(card)).to_owned());
    }
    proto::Model {
        ir_version: Some(proto::IR_VERSION),
        producer_name: Some("bottega".to_owned()),
        producer_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        doc_string: None,
        opset_import: vec![proto::OperatorSet {
            domain: Some(String::new()),
            version: Some(proto::OPSET),
        }],
        metadata_props: texts
            .into_iter()
            .map(|(key, value)| proto::TextEntry {
                key: Some(key),
                value: Some(value),
            })
            .collect(),
    }
}
