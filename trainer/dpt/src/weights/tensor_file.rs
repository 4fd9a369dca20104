//! A file of weights as tensors of LibTorch.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use tch::{Device, Kind, Tensor};

use crate::error::TrainError;

use super::safetensors_file::{SafetensorsFile, write_safetensors};
use super::tensors::Tensors;

/// Tensors by name, and words about them.
#[derive(Debug)]
pub struct TensorFile {
    /// Where it was read.
    pub path: PathBuf,
    /// The tensors, on the CPU.
    pub tensors: BTreeMap<String, Tensor>,
    /// Words about the file.
    pub metadata: BTreeMap<String, String>,
}

impl TensorFile {
    /// Reads a file. Values of 16 bits become 32-bit ones.
    ///
    /// # Errors
    /// A file that cannot be read, is cut short, is no safetensors, or holds a kind of number that
    /// weights never have.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let file = SafetensorsFile::open(path)?;
        let mut tensors = BTreeMap::new();
        for name in file.names() {
            let (dtype, shape, bytes) = file.raw(&name).expect("a name of the file");
            let kind = match dtype {
                Dtype::F32 => Kind::Float,
                Dtype::F64 => Kind::Double,
                Dtype::F16 => Kind::Half,
                Dtype::BF16 => Kind::BFloat16,
                Dtype::I64 => Kind::Int64,
                Dtype::U8 => Kind::Uint8,
                other => {
                    let reason = format!("{name} holds {other:?}, wanted 16- or 32-bit floats");
                    return Err(TrainError::file("weights", path, reason));
                }
            };
            let shape: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
            let tensor = Tensor::f_from_data_size(bytes, &shape, kind)
                .map_err(|error| TrainError::libtorch("hold the weights", &error))?;
            let tensor = match kind {
                Kind::Half | Kind::BFloat16 => tensor.to_kind(Kind::Float),
                _ => tensor,
            };
            tensors.insert(name, tensor);
        }
        Ok(Self {
            path: path.to_owned(),
            metadata: file.metadata(),
            tensors,
        })
    }

    /// Writes tensors as 32-bit floats beside their place, syncs, and renames: what stood there
    /// before is whole until the new file is. One tensor at a time is copied to memory.
    ///
    /// # Errors
    /// A disk that is full, or any other refusal of the operating system.
    pub fn write(
        path: &Path,
        tensors: &BTreeMap<String, Tensor>,
        metadata: &BTreeMap<String, String>,
    ) -> Result<(), TrainError> {
        write_safetensors(path, tensors, metadata).map(|_| ())
    }
}

impl Tensors for BTreeMap<String, Tensor> {
    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        let shape = self.get(name)?.size();
        Some(shape.into_iter().map(|n| n as usize).collect())
    }

    fn values(&self, name: &str) -> Result<Cow<'_, [f32]>, TrainError> {
        let tensor = self
            .get(name)
            .ok_or_else(|| TrainError::stopped(format!("there is no tensor {name}")))?;
        let flat = tensor
            .detach()
            .to_device(Device::Cpu)
            .to_kind(Kind::Float)
            .flatten(0, -1);
        let values = Vec::<f32>::try_from(flat)
            .map_err(|error| TrainError::libtorch("read a tensor", &error))?;
        Ok(Cow::Owned(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (BTreeMap<String, Tensor>, BTreeMap<String, String>) {
        let tensors = [
            ("b", Tensor::from_slice(&[1.0_f32, 2.0])),
            ("a.w", Tensor::ones([2, 3], (Kind::Float, Device::Cpu))),
        ];
        let metadata = [("step", "3"), ("format", "pt")];
        (
            tensors
                .map(|(name, tensor)| (name.to_owned(), tensor))
                .into(),
            metadata
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        )
    }

    #[test]
    fn what_is_written_reads_back_and_always_in_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        let (tensors, metadata) = sample();
        TensorFile::write(&path, &tensors, &metadata).unwrap();
        let first = std::fs::read(&path).unwrap();
        TensorFile::write(&path, &tensors, &metadata).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        let found = TensorFile::read(&path).unwrap();
        assert_eq!(found.metadata, metadata);
        assert_eq!(found.tensors["a.w"], tensors["a.w"]);
        assert_eq!(found.tensors["b"], tensors["b"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_cut_at_any_place_is_refused_with_its_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        let (tensors, metadata) = sample();
        TensorFile::write(&path, &tensors, &metadata).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let message = TensorFile::read(&path).unwrap_err().to_string();
            assert!(message.contains("m.safetensors"), "{cut}: {message}");
            assert!(message.contains("cut short"), "{cut}: {message}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_and_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        let (tensors, metadata) = sample();
        TensorFile::write(&path, &tensors, &metadata).unwrap();
        // Every write to this device ends with "no space left".
        std::os::unix::fs::symlink("/dev/full", path.with_file_name("m.safetensors.tmp")).unwrap();
        let message = TensorFile::write(&path, &tensors, &metadata)
            .unwrap_err()
            .to_string();
        assert!(message.contains("disk is full"), "{message}");
        let len = std::fs::metadata(&path).unwrap().len();
        assert!(message.contains(&format!("needs {len} bytes")), "{message}");
        assert_eq!(TensorFile::read(&path).unwrap().tensors.len(), 2);
    }
}
