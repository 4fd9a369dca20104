//! Builds a graph: operations in order, weights checked against the shapes that are wanted of them.
//!
//! Values are called as the operation that makes them, and operations as the part of the model they
//! belong to, so that a viewer of graphs shows the model.

use std::collections::BTreeSet;

use crate::error::TrainError;
use crate::weights::Tensors;

use super::proto::{
    self, Attribute, Axis, FLOAT, Node, Shape, TensorType, Type, ValueInfo, attribute_kind,
};

/// A value of the graph, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(String);

/// How the values of a weight enter the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As they are.
    AsIs,
    /// With the order of the second axis reversed: what saw RGB then sees BGR.
    InputsReversed,
}

/// Where the values of an initializer come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A tensor of the model, by its name there.
    Weight(Layout),
    /// Small constants.
    Floats(Vec<f32>),
    /// Shapes, sizes, positions.
    Ints(Vec<i64>),
}

/// A constant of the graph.
#[derive(Clone, Debug)]
pub(super) struct Initializer {
    pub(super) name: String,
    pub(super) dims: Vec<usize>,
    pub(super) source: Source,
}

/// A graph under construction.
pub(super) struct GraphBuilder<'a> {
    tensors: &'a dyn Tensors,
    nodes: Vec<Node>,
    initializers: Vec<Initializer>,
    names: BTreeSet<String>,
    inputs: Vec<ValueInfo>,
    outputs: Vec<ValueInfo>,
}

/// A finished graph.
pub(super) struct Finished {
    pub(super) graph: proto::Graph,
    pub(super) initializers: Vec<Initializer>,
}

impl<'a> GraphBuilder<'a> {
    /// An empty graph over the tensors of a model.
    pub(super) fn new(tensors: &'a dyn Tensors) -> Self {
        Self {
            tensors,
            nodes: Vec::new(),
            initializers: Vec::new(),
            names: BTreeSet::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// The input of the graph.
    pub(super) fn input(&mut self, name: &str, dims: &[usize], doc: &str) -> Value {
        self.take_name(name);
        self.inputs.push(value_info(name, dims, doc));
        Value(name.to_owned())
    }

    /// Gives a value out under another name.
    pub(super) fn output(&mut self, value: &Value, name: &str, dims: &[usize], doc: &str) {
        self.node("Identity", name, &[value], []);
        self.outputs.push(value_info(name, dims, doc));
    }

    /// The tensor `name` of the model, which must have the shape `wanted`.
    pub(super) fn weight(&mut self, name: &str, wanted: &[usize]) -> Result<Value, TrainError> {
        self.weight_as(name, wanted, wanted, Layout::AsIs)
    }

    /// The tensor `name` of the model, which must have the shape `wanted`; in the graph it has the
    /// lengths `dims`.
    pub(super) fn weight_as(
        &mut self,
        name: &str,
        wanted: &[usize],
        dims: &[usize],
        layout: Layout,
    ) -> Result<Value, TrainError> {
        let found = self.tensors.shape(name).ok_or_else(|| {
            TrainError::stopped(format!(
                "cannot export: the weights have no tensor {name} of shape {wanted:?}; are they \
                 of another model or task?"
            ))
        })?;
        if found != wanted {
            return Err(TrainError::stopped(format!(
                "cannot export: tensor {name} has shape {found:?}, the model wants {wanted:?}; \
                 are the weights of another size?"
            )));
        }
        self.take_name(name);
        self.initializers.push(Initializer {
            name: name.to_owned(),
            dims: dims.to_vec(),
            source: Source::Weight(layout),
        });
        Ok(Value(name.to_owned()))
    }

    /// A number; one initializer for each name.
    pub(super) fn number(&mut self, name: &str, number: f32) -> Value {
        self.constant(name, vec![], Source::Floats(vec![number]))
    }

    /// Integers in a row; one initializer for each name.
    pub(super) fn ints(&mut self, name: &str, ints: &[usize]) -> Value {
        let values = ints.iter().map(|&int| int as i64).collect();
        self.constant(name, vec![ints.len()], Source::Ints(values))
    }

    fn constant(&mut self, name: &str, dims: Vec<usize>, source: Source) -> Value {
        if self.names.insert(name.to_owned()) {
            self.initializers.push(Initializer {
                name: name.to_owned(),
                dims,
                source,
            });
        }
        Value(name.to_owned())
    }

    /// An operation with one result.
    pub(super) fn node<const N: usize>(
        &mut self,
        op: &str,
        name: &str,
        inputs: &[&Value],
        attributes: [Attribute; N],
    ) -> Value {
        self.take_name(name);
        let inputs = inputs.iter().map(|value| value.0.clone()).collect();
        self.push(op, name, inputs, vec![name.to_owned()], attributes.into());
        Value(name.to_owned())
    }

    /// A change of size by bilinear interpolation.
    pub(super) fn resize(
        &mut self,
        name: &str,
        value: &Value,
        sizes: &Value,
        coordinates: &str,
    ) -> Value {
        self.take_name(name);
        // The region of interest and the scales are left out.
        let inputs = vec![
            value.0.clone(),
            String::new(),
            String::new(),
            sizes.0.clone(),
        ];
        let attributes = vec![
            text("coordinate_transformation_mode", coordinates),
            text("mode", "linear"),
        ];
        self.push("Resize", name, inputs, vec![name.to_owned()], attributes);
        Value(name.to_owned())
    }

    /// Three equal parts along the first axis.
    pub(super) fn split_three(&mut self, names: [&str; 3], value: &Value) -> [Value; 3] {
        names.iter().for_each(|name| self.take_name(name));
        let outputs = names.map(str::to_owned);
        let inputs = vec![value.0.clone()];
        self.push(
            "Split",
            names[0],
            inputs,
            outputs.to_vec(),
            vec![int("axis", 0)],
        );
        outputs.map(Value)
    }

    fn push(
        &mut self,
        op: &str,
        name: &str,
        inputs: Vec<String>,
        outputs: Vec<String>,
        attributes: Vec<Attribute>,
    ) {
        self.nodes.push(Node {
            inputs,
            outputs,
            name: Some(name.to_owned()),
            op_type: Some(op.to_owned()),
            attributes,
        });
    }

    fn take_name(&mut self, name: &str) {
        let is_new = self.names.insert(name.to_owned());
        assert!(is_new, "{name}: each part of the model has its own name");
    }

    /// The finished graph.
    pub(super) fn finish(self, name: &str) -> Finished {
        Finished {
            graph: proto::Graph {
                nodes: self.nodes,
                name: Some(name.to_owned()),
                inputs: self.inputs,
                outputs: self.outputs,
            },
            initializers: self.initializers,
        }
    }
}

fn value_info(name: &str, dims: &[usize], doc: &str) -> ValueInfo {
    let axes = dims
        .iter()
        .map(|&length| Axis {
            length: Some(length as i64),
        })
        .collect();
    ValueInfo {
        name: Some(name.to_owned()),
        kind: Some(Type {
            tensor: Some(TensorType {
                element: Some(FLOAT),
                shape: Some(Shape { axes }),
            }),
        }),
        doc_string: Some(doc.to_owned()),
    }
}

fn attribute(name: &str, kind: i32) -> Attribute {
    Attribute {
        name: Some(name.to_owned()),
        kind: Some(kind),
        ..Attribute::default()
    }
}

/// An attribute of one integer.
pub(super) fn int(name: &str, value: i64) -> Attribute {
    Attribute {
        int: Some(value),
        ..attribute(name, attribute_kind::INT)
    }
}

/// An attribute of integers.
pub(super) fn ints(name: &str, values: &[usize]) -> Attribute {
    Attribute {
        ints: values.iter().map(|&value| value as i64).collect(),
        ..attribute(name, attribute_kind::INTS)
    }
}

/// An attribute of one number.
pub(super) fn float(name: &str, value: f32) -> Attribute {
    Attribute {
        float: Some(value),
        ..attribute(name, attribute_kind::FLOAT)
    }
}

/// An attribute of text.
pub(super) fn text(name: &str, value: &str) -> Attribute {
    Attribute {
        string: Some(value.as_bytes().to_vec()),
        ..attribute(name, attribute_kind::STRING)
    }
}
