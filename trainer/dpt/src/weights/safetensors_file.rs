//! Safetensors: eight bytes of length, a header in JSON, the values.
//!
//! Reading is by the crate. Writing is our own, because the crate keeps metadata in a hash map,
//! whose order, and with it the bytes of the file, changes from run to run; and so that no more
//! than one tensor need be in memory beside those of the caller.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bottega_format::{FormatError, write_large};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, Metadata};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::TrainError;

use super::tensors::Tensors;

/// The header ends where a multiple of this does, so that values are aligned.
const ALIGNMENT: usize = 8;

/// Key of the text metadata in the header.
const METADATA_KEY: &str = "__metadata__";

/// Values that are turned to bytes at once.
const CHUNK: usize = 1 << 14;

/// Writes tensors with text metadata; the file is there whole, or not at all.
///
/// The bytes depend on tensors and metadata alone. Returns the length of the file, in bytes.
pub fn write_safetensors(
    path: &Path,
    tensors: &dyn Tensors,
    metadata: &BTreeMap<String, String>,
) -> Result<u64, TrainError> {
    let names = tensors.names();
    let mut entries = Vec::with_capacity(names.len());
    let mut end = 0;
    for name in &names {
        let shape = tensors
            .shape(name)
            .ok_or_else(|| TrainError::stopped(format!("there is no tensor {name}")))?;
        let begin = end;
        end += size_of::<f32>() * shape.iter().product::<usize>();
        entries.push((name.as_str(), shape, [begin, end]));
    }
    let mut header = serde_json::to_vec(&Header {
        metadata,
        entries: &entries,
    })
    .expect("a header is plain data");
    header.resize(header.len().next_multiple_of(ALIGNMENT), b' ');

    let needed = (size_of::<u64>() + header.len() + end) as u64;
    write_large::<TrainError>(path, Some(needed), |out| {
        let failed = |error| FormatError::write("write", path, needed, error);
        out.write_all(&(header.len() as u64).to_le_bytes())
            .and_then(|()| out.write_all(&header))
            .map_err(failed)?;
        for (name, _, [begin, end]) in &entries {
            let values = tensors.values(name)?;
            if size_of::<f32>() * values.len() != end - begin {
                return Err(TrainError::stopped(format!(
                    "tensor {name} has {} values, but its shape wants {}",
                    values.len(),
                    (end - begin) / size_of::<f32>()
                )));
            }
            write_floats(out, &values).map_err(failed)?;
        }
        Ok(())
    })?;
    Ok(needed)
}

/// Writes floats, least significant byte first.
pub(crate) fn write_floats(out: &mut impl Write, values: &[f32]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(size_of::<f32>() * CHUNK.min(values.len()));
    for chunk in values.chunks(CHUNK) {
        bytes.clear();
        bytes.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// The header, in the order of the entries.
struct Header<'a> {
    metadata: &'a BTreeMap<String, String>,
    entries: &'a [(&'a str, Vec<usize>, [usize; 2])],
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(METADATA_KEY, self.metadata)?;
        for (name, shape, offsets) in self.entries {
            let entry = serde_json::json!({
                "dtype": "F32",
                "shape": shape,
                "data_offsets": offsets,
            });
            map.serialize_entry(name, &entry)?;
        }
        map.end()
    }
}

/// A safetensors file, read whole.
#[derive(Debug)]
pub struct SafetensorsFile {
    path: PathBuf,
    bytes: Vec<u8>,
    header: Metadata,
    /// Where the values begin.
    data_start: usize,
}

impl SafetensorsFile {
    /// Reads and checks a file; one that is cut short or no safetensors file is an error.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let bytes = fs::read(path).map_err(|error| TrainError::io("read", path, error))?;
        let refuse = |error: safetensors::SafeTensorError| {
            let reason = format!("it is cut short, damaged, or no safetensors file: {error}");
            TrainError::file("file of weights", path, reason)
        };
        SafeTensors::deserialize(&bytes).map_err(refuse)?;
        let (header_len, header) = SafeTensors::read_metadata(&bytes).map_err(refuse)?;
        Ok(Self {
            path: path.to_owned(),
            header,
            data_start: size_of::<u64>() + header_len,
            bytes,
        })
    }

    /// Where it was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Kind, shape and bytes of a tensor.
    pub(super) fn raw(&self, name: &str) -> Option<(Dtype, &[usize], &[u8])> {
        let info = self.header.info(name)?;
        let (begin, end) = info.data_offsets;
        let bytes = &self.bytes[self.data_start + begin..self.data_start + end];
        Some((info.dtype, &info.shape, bytes))
    }

    /// The text metadata.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let metadata = self.header.metadata().clone().unwrap_or_default();
        metadata.into_iter().collect()
    }
}

impl Tensors for SafetensorsFile {
    fn names(&self) -> Vec<String> {
        let mut names = self.header.offset_keys();
        names.sort();
        names
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.header.info(name).map(|info| info.shape.clone())
    }

    fn values(&self, name: &str) -> Result<Cow<'_, [f32]>, TrainError> {
        let refuse = |reason: String| TrainError::file("file of weights", &self.path, reason);
        let (found, _, bytes) = self
            .raw(name)
            .ok_or_else(|| refuse(format!("there is no tensor {name}")))?;
        if found != Dtype::F32 {
            return Err(refuse(format!(
                "tensor {name} is of {found:?}, wanted F32: export the 32-bit weights"
            )));
        }
        let values = bytes.as_chunks::<4>().0.iter().copied();
        Ok(Cow::Owned(values.map(f32::from_le_bytes).collect()))
    }
}
