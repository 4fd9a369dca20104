//! Where a run computes, and in which arithmetic.

use tch::{Cuda, Device, Kind};

use bottega_schemas::train::{DeviceChoice, Precision, RunConfig};

use crate::error::TrainError;

/// Device and arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compute {
    /// Where weights and pictures are.
    pub device: Device,
    /// Kind of the layers' arithmetic.
    pub kind: Kind,
}

impl Compute {
    /// What the configuration asks for. `local_rank` is the number of this process on its
    /// machine, which says which of several GPUs it takes.
    ///
    /// # Errors
    /// A GPU that is asked for and not there.
    pub fn choose(
        device: DeviceChoice,
        precision: Precision,
        local_rank: usize,
    ) -> Result<Self, TrainError> {
        let gpus = usize::try_from(Cuda::device_count()).unwrap_or(0);
        let device = match device {
            DeviceChoice::Cpu => Device::Cpu,
            DeviceChoice::Auto if gpus == 0 => Device::Cpu,
            DeviceChoice::Auto | DeviceChoice::Cuda if local_rank < gpus => {
                Device::Cuda(local_rank)
            }
            _ => {
                return Err(TrainError::stopped(format!(
                    "a GPU was asked for, LibTorch sees {gpus} here and this process is number \
                     {local_rank} on its machine; set run.device = \"cpu\" or \"auto\", or see \
                     `bottega doctor` for what is missing"
                )));
            }
        };
        let kind = match precision {
            Precision::F32 => Kind::Float,
            Precision::Bf16 => Kind::BFloat16,
            Precision::Auto if device.is_cuda() => Kind::BFloat16,
            Precision::Auto => Kind::Float,
        };
        Ok(Self { device, kind })
    }

    /// What a run asks for; sets the number of threads of an operation as well.
    ///
    /// # Errors
    /// As [`Self::choose`].
    pub fn of_run(run: &RunConfig, local_rank: usize) -> Result<Self, TrainError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if run.threads == 0 { cores } else { run.threads };
        tch::set_num_threads(i32::try_from(threads).unwrap_or(1));
        Self::choose(run.device, run.precision, local_rank)
    }

    /// `cpu`, `cuda:0`.
    pub fn device_name(&self) -> String {
        match self.device {
            Device::Cuda(i) => format!("cuda:{i}"),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    /// `f32` or `bf16`.
    pub fn precision_name(&self) -> &'static str {
        match self.kind {
            Kind::BFloat16 => "bf16",
            _ => "f32",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_that_is_not_there_is_an_error_with_advice() {
        let gpus = usize::try_from(Cuda::device_count()).unwrap_or(0);
        let found = Compute::choose(DeviceChoice::Cuda, Precision::Auto, gpus);
        let message = found.unwrap_err().to_string();
        assert!(message.contains("doctor"), "{message}");
        let found = Compute::choose(DeviceChoice::Cpu, Precision::Auto, 0).unwrap();
        assert_eq!((found.device, found.kind), (Device::Cpu, Kind::Float));
    }
}
