//! Streams a model into its file: lengths are known beforehand, so that no more than one tensor is
//! in memory beside those of the caller.

use std::io::{self, Write};
use std::path::Path;

use bottega_format::{FormatError, write_large};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use crate::error::TrainError;
use crate::weights::{Tensors, write_floats};

use super::graph::{Finished, Initializer, Layout, Source};
use super::proto::{self, FLOAT, INT64, field};

/// Protobuf cannot hold longer messages.
const MAX_BYTES: u64 = i32::MAX as u64;

/// An initializer with what its file begins with.
struct Encoded<'a> {
    initializer: &'a Initializer,
    /// The fields of the tensor but for the values, and the key and length of these.
    head: Vec<u8>,
    /// Length of the values, in bytes.
    n_value_bytes: u64,
}

impl Encoded<'_> {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.n_value_bytes
    }
}

/// A file whose length is known.
pub(super) struct Plan<'a> {
    /// Everything before the initializers.
    head: Vec<u8>,
    initializers: Vec<Encoded<'a>>,
    /// Length of the file, in bytes.
    pub(super) bytes: u64,
}

/// Lays a model out; an error if the format cannot hold it.
pub(super) fn plan<'a>(
    model: &proto::Model,
    finished: &'a Finished,
) -> Result<Plan<'a>, TrainError> {
    let initializers: Vec<Encoded<'_>> = finished.initializers.iter().map(encode).collect();
    let graph = finished.graph.encode_to_vec();
    let graph_len = initializers
        .iter()
        .fold(graph.len() as u64, |sum, initializer| {
            let head = message_head(field::GRAPH_INITIALIZER, initializer.len());
            sum + head.len() as u64 + initializer.len()
        });
    let mut head = model.encode_to_vec();
    head.extend(message_head(field::MODEL_GRAPH, graph_len));
    let bytes = head.len() as u64 + graph_len;
    if bytes > MAX_BYTES {
        return Err(TrainError::stopped(format!(
            "cannot export: an ONNX file holds at most {MAX_BYTES} bytes, the model needs {bytes}; \
             export safetensors instead"
        )));
    }
    head.extend(graph);
    Ok(Plan {
        head,
        initializers,
        bytes,
    })
}

/// Writes a model; the file is there whole, or not at all.
pub(super) fn write(path: &Path, plan: &Plan<'_>, tensors: &dyn Tensors) -> Result<(), TrainError> {
    write_large::<TrainError>(path, Some(plan.bytes), |out| {
        let failed = |error| FormatError::write("write", path, plan.bytes, error);
        out.write_all(&plan.head).map_err(failed)?;
        for encoded in &plan.initializers {
            out.write_all(&message_head(field::GRAPH_INITIALIZER, encoded.len()))
                .and_then(|()| out.write_all(&encoded.head))
                .map_err(failed)?;
            write_values(out, encoded, tensors, &failed)?;
        }
        Ok(())
    })
}

/// Key and length of a message, or of bytes, in a field.
fn message_head(field: u32, len: u64) -> Vec<u8> {
    let mut head = Vec::with_capacity(2 + encoded_len_varint(len));
    encode_key(field, WireType::LengthDelimited, &mut head);
    encode_varint(len, &mut head);
    head
}

fn encode(initializer: &Initializer) -> Encoded<'_> {
    let (data_type, size) = match initializer.source {
        Source::Weight(_) | Source::Floats(_) => (FLOAT, size_of::<f32>()),
        Source::Ints(_) => (INT64, size_of::<i64>()),
    };
    let n_value_bytes = (size * initializer.dims.iter().product::<usize>()) as u64;
    let tensor = proto::Tensor {
        dims: initializer.dims.iter().map(|&dim| dim as i64).collect(),
        data_type: Some(data_type),
        name: Some(initializer.name.clone()),
    };
    let mut head = tensor.encode_to_vec();
    head.extend(message_head(field::TENSOR_RAW_DATA, n_value_bytes));
    Encoded {
        initializer,
        head,
        n_value_bytes,
    }
}

fn write_values(
    out: &mut impl Write,
    encoded: &Encoded<'_>,
    tensors: &dyn Tensors,
    failed: &dyn Fn(io::Error) -> FormatError,
) -> Result<(), TrainError> {
    let name = &encoded.initializer.name;
    match &encoded.initializer.source {
        Source::Floats(floats) => write_floats(out, floats).map_err(failed)?,
        Source::Ints(ints) => {
            let bytes: Vec<u8> = ints.iter().flat_map(|int| int.to_le_bytes()).collect();
            out.write_all(&bytes).map_err(failed)?;
        }
        Source::Weight(layout) => {
            let values = tensors.values(name)?;
            if (size_of::<f32>() * values.len()) as u64 != encoded.n_value_bytes {
                return Err(TrainError::stopped(format!(
                    "cannot export: tensor {name} has {} values, its shape wants {}",
                    values.len(),
                    encoded.n_value_bytes / size_of::<f32>() as u64
                )));
            }
            match layout {
                Layout::AsIs => write_floats(out, &values),
                Layout::InputsReversed => {
                    let reversed = inputs_reversed(&values, &encoded.initializer.dims);
                    write_floats(out, &reversed)
                }
            }
            .map_err(failed)?;
        }
    }
    Ok(())
}

/// The values of a convolution's weight with the order of the second axis reversed.
fn inputs_reversed(values: &[f32], dims: &[usize]) -> Vec<f32> {
    let n_inputs = dims[1];
    let kernel: usize = dims[2..].iter().product();
    values
        .chunks_exact(n_inputs * kernel)
        .flat_map(|output| output.chunks_exact(kernel).rev())
        .flatten()
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_inputs_is_reversed_and_that_of_the_kernel_is_kept() {
        let values: Vec<f32> = (0_u8..12).map(f32::from).collect();
        let reversed = inputs_reversed(&values, &[2, 3, 2, 1]);
        let wanted = [4.0, 5.0, 2.0, 3.0, 0.0, 1.0, 10.0, 11.0, 8.0, 9.0, 6.0, 7.0];
        assert_eq!(reversed, wanted);
    }
}
