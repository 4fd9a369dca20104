//! Tensors of one model as one slice of floats, in a fixed order, and back.

use tch::{Device, Kind, Tensor, no_grad};

use crate::error::TrainError;

/// A slice that holds the values of a list of tensors one after the other.
///
/// For gradients: [`FlatBuffer::gather`], [`super::Collective::all_reduce_mean`],
/// [`FlatBuffer::scatter`]. The slice lies in the memory of the host; what lies on a GPU is joined
/// there and copied once.
#[derive(Debug)]
pub struct FlatBuffer {
    lengths: Vec<usize>,
    values: Vec<f32>,
}

impl FlatBuffer {
    /// Room for tensors of these sizes.
    pub fn of(tensors: &[Tensor]) -> Self {
        let lengths: Vec<usize> = tensors.iter().map(Tensor::numel).collect();
        let values = vec![0.0; lengths.iter().sum()];
        Self { lengths, values }
    }

    /// The values, in the order of the tensors.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Copies the tensors into the slice, as 32-bit floats.
    ///
    /// # Errors
    /// Other tensors than the buffer was made for; an undefined tensor, such as the gradient of a
    /// parameter that no loss reaches; what LibTorch refuses.
    pub fn gather(&mut self, tensors: &[Tensor]) -> Result<(), TrainError> {
        self.check(tensors)?;
        let refused = |error| TrainError::libtorch("join tensors", &error);
        no_grad(|| {
            if self.lengths.is_empty() {
                return Ok(());
            }
            if tensors.iter().all(|t| t.device() == Device::Cpu) {
                let mut rest = self.values.as_mut_slice();
                for (tensor, length) in tensors.iter().zip(&self.lengths) {
                    let (own, after) = rest.split_at_mut(*length);
                    copy_out(tensor, own).map_err(refused)?;
                    rest = after;
                }
                return Ok(());
            }
            let flat: Result<Vec<Tensor>, _> = tensors
                .iter()
                .map(|t| t.f_to_kind(Kind::Float)?.f_reshape([-1]))
                .collect();
            let joined = flat
                .and_then(|flat| Tensor::f_cat(&flat, 0)?.f_to_device(Device::Cpu))
                .map_err(refused)?;
            copy_out(&joined, &mut self.values).map_err(refused)
        })
    }

    /// Copies the slice back into the tensors, where they lie and in their own kind.
    ///
    /// # Errors
    /// As [`Self::gather`].
    pub fn scatter(&self, tensors: &mut [Tensor]) -> Result<(), TrainError> {
        self.check(tensors)?;
        let refused = |error| TrainError::libtorch("divide a buffer into tensors", &error);
        let Some(device) = tensors.first().map(Tensor::device) else {
            return Ok(());
        };
        no_grad(|| {
            let joined = Tensor::f_from_slice(&self.values)
                .and_then(|joined| joined.f_to_device(device))
                .map_err(refused)?;
            let mut start = 0;
            for (tensor, length) in tensors.iter_mut().zip(&self.lengths) {
                let length = *length as i64;
                let own = joined
                    .f_narrow(0, start, length)
                    .and_then(|own| own.f_view(tensor.size().as_slice()))
                    .map_err(refused)?;
                tensor.f_copy_(&own).map_err(refused)?;
                start += length;
            }
            Ok(())
        })
    }

    fn check(&self, tensors: &[Tensor]) -> Result<(), TrainError> {
        if tensors.len() != self.lengths.len() {
            return Err(TrainError::stopped(format!(
                "the buffer is made for {} tensors, not for {}",
                self.lengths.len(),
                tensors.len()
            )));
        }
        for (i, (tensor, length)) in tensors.iter().zip(&self.lengths).enumerate() {
            if !tensor.defined() {
                return Err(TrainError::stopped(format!(
                    "tensor {i} of {} has no values: a parameter that no loss reaches has no \
                     gradient",
                    tensors.len()
                )));
            }
            if tensor.numel() != *length {
                return Err(TrainError::stopped(format!(
                    "the buffer has {length} values for tensor {i}, which has {}",
                    tensor.numel()
                )));
            }
        }
        Ok(())
    }
}

/// Copies a tensor on the CPU into a slice of its length.
fn copy_out(tensor: &Tensor, to: &mut [f32]) -> Result<(), tch::TchError> {
    let tensor = tensor.f_to_kind(Kind::Float)?.f_contiguous()?;
    tensor.f_copy_data(to, to.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_come_back_in_their_order_layout_and_kind() {
        tch::set_num_threads(1);
        let a = Tensor::from_slice(&[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0]).view([2, 3]);
        // Turned: its memory is not in the order of its values.
        let b = a.transpose(0, 1);
        let c = Tensor::from_slice(&[7.5_f32]).to_kind(Kind::BFloat16);
        let mut tensors = [a.copy(), b, c];
        let mut buffer = FlatBuffer::of(&tensors);
        buffer.gather(&tensors).unwrap();
        let wanted = [
            1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1.0, 4.0, 2.0, 5.0, 3.0, 6.0, 7.5,
        ];
        assert_eq!(buffer.values_mut(), &wanted);
        for v in buffer.values_mut() {
            *v *= 2.0;
        }
        buffer.scatter(&mut tensors).unwrap();
        assert_eq!(tensors[2].kind(), Kind::BFloat16);
        buffer.gather(&tensors).unwrap();
        assert_eq!(buffer.values_mut(), &wanted.map(|v| 2.0 * v));
    }

    #[test]
    fn a_parameter_without_gradient_is_an_error_in_words() {
        tch::set_num_threads(1);
        let x = Tensor::ones([2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let mut buffer = FlatBuffer::of(&[x.shallow_clone()]);
        let message = buffer.gather(&[x.grad()]).unwrap_err().to_string();
        assert!(message.contains("tensor 0 of 1"), "{message}");
        let message = buffer.gather(&[]).unwrap_err().to_string();
        assert!(message.contains("1 tensors, not for 0"), "{message}");
    }
}
