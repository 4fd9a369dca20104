//! Means over NCCL (feature `nccl`), for GPUs with NVLink or InfiniBand between them.
//!
//! The ring of another engine carries what ranks agree on; NCCL carries the gradients. They come
//! from the memory of the host and go back there, over PCIe on each machine, because LibTorch's
//! streams are not bound: the mean itself runs on the GPUs. NCCL chooses its own order of sums, the
//! same on every rank, but not that of the ring.
//!
//! This engine has been compiled but not run: no machine with a GPU was at hand. `libcuda.so.1` and
//! `libnccl.so` are loaded when it starts; the wheel of PyTorch has `libnccl.so.2`, which needs a
//! link of the name `libnccl.so` beside it.

#![allow(
    unsafe_code,
    reason = "asking whether a library can be loaded runs its initializers"
)]

use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaSlice, CudaStream};
use cudarc::nccl::{Comm, Id, ReduceOp};

use super::Collective;
use crate::error::TrainError;

/// Bytes of the name by which ranks find each other in NCCL.
const ID_BYTES: usize = 128;

/// Ranks with a GPU each, joined by NCCL.
pub struct Nccl {
    base: Box<dyn Collective>,
    comm: Comm,
    stream: Arc<CudaStream>,
    buffer: Option<CudaSlice<f32>>,
}

impl Nccl {
    /// Joins ranks that are joined already; this one takes the GPU `device`.
    ///
    /// # Errors
    /// Libraries of CUDA or NCCL that are missing, a GPU that is, what NCCL refuses.
    pub fn connect(mut base: Box<dyn Collective>, device: usize) -> Result<Self, TrainError> {
        // SAFETY: both libraries are made to be loaded; their initializers ask nothing of us.
        let is_there = unsafe {
            [
                ("libcuda.so.1", cudarc::driver::sys::is_culib_present()),
                ("libnccl.so", cudarc::nccl::sys::is_culib_present()),
            ]
        };
        let missing = is_there.iter().find(|(_, is_there)| !is_there);
        // All ranks stop where one cannot go on.
        if base.any(missing.is_some())? {
            let name = missing.map_or("a library of another rank", |(name, _)| *name);
            return Err(TrainError::stopped(format!(
                "NCCL needs {name}, which cannot be loaded: put it where LD_LIBRARY_PATH finds it; \
                 the wheel of NCCL has libnccl.so.2, to which libnccl.so must be a link"
            )));
        }
        let context = CudaContext::new(device).map_err(|error| refused("use the GPU", &error))?;
        let stream = context
            .new_stream()
            .map_err(|error| refused("make a stream", &error))?;
        let id = share_id(&mut *base)?;
        let comm = Comm::from_rank(stream.clone(), base.rank(), base.ranks(), id)
            .map_err(|error| refused("join the other ranks", &error))?;
        Ok(Self {
            base,
            comm,
            stream,
            buffer: None,
        })
    }
}

/// The name that rank 0 draws, on every rank.
fn share_id(base: &mut dyn Collective) -> Result<Id, TrainError> {
    let mut own = [0_u8; ID_BYTES];
    if base.is_first() {
        let id = Id::new().map_err(|error| refused("draw a name", &error))?;
        own = id.internal().map(|letter| letter.to_ne_bytes()[0]);
    }
    let all = base.all_gather(&own.map(f64::from))?;
    let mut id = [0; ID_BYTES];
    for (byte, number) in id.iter_mut().zip(&all[0]) {
        *byte = std::ffi::c_char::from_ne_bytes([*number as u8]);
    }
    Ok(Id::uninit(id))
}

fn refused(action: &str, error: &dyn std::fmt::Debug) -> TrainError {
    TrainError::stopped(format!(
        "NCCL cannot {action}: {error:?}; NCCL_DEBUG=INFO makes it say more"
    ))
}

impl Collective for Nccl {
    fn rank(&self) -> usize {
        self.base.rank()
    }

    fn ranks(&self) -> usize {
        self.base.ranks()
    }

    fn engine(&self) -> &'static str {
        "nccl"
    }

    fn all_reduce_mean(&mut self, values: &mut [f32]) -> Result<(), TrainError> {
        let n = values.len();
        let cuda = |error| refused("copy the gradients", &error);
        let mut buffer = match self.buffer.take().filter(|buffer| buffer.len() == n) {
            Some(buffer) => buffer,
            None => self.stream.alloc_zeros::<f32>(n).map_err(cuda)?,
        };
        self.stream.memcpy_htod(values, &mut buffer).map_err(cuda)?;
        self.comm
            .all_reduce_in_place(&mut buffer, &ReduceOp::Avg)
            .map_err(|error| refused("average the gradients", &error))?;
        self.stream.memcpy_dtoh(&buffer, values).map_err(cuda)?;
        self.stream.synchronize().map_err(cuda)?;
        self.buffer = Some(buffer);
        Ok(())
    }

    fn broadcast(&mut self, values: &mut [f32], root: usize) -> Result<(), TrainError> {
        self.base.broadcast(values, root)
    }

    fn all_gather(&mut self, values: &[f64]) -> Result<Vec<Vec<f64>>, TrainError> {
        self.base.all_gather(values)
    }

    fn finish(&mut self) -> Result<(), TrainError> {
        self.base.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collective::Alone;

    #[test]
    fn a_machine_without_gpu_says_what_is_missing_and_one_with_it_averages() {
        match Nccl::connect(Box::new(Alone), 0) {
            Err(error) => {
                let message = error.to_string();
                assert!(message.starts_with("NCCL "), "{message}");
            }
            Ok(mut nccl) => {
                let mut values = [1.0, 2.5];
                nccl.all_reduce_mean(&mut values).unwrap();
                assert_eq!(values, [1.0, 2.5]);
            }
        }
    }
}
