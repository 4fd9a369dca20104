//! Samples of one step as tensors.

use std::mem::MaybeUninit;
use std::sync::Arc;

use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use bottega_format::loader::Place;
use bottega_schemas::train::Fit;

use super::frame::Frame;
use super::planar::PlanarFrame;
use crate::error::TrainError;

/// A batch of N pictures of H x W pixels with their truth.
#[derive(Debug)]
pub struct Batch {
    /// Display-referred sRGB, 0 to 1: N x 3 x H x W, float.
    pub image: Tensor,
    /// Distance along the optical axis in metres, +inf for no surface: N x 1 x H x W, float.
    pub depth_m: Tensor,
    /// Unit normals in camera space, zero for no surface: N x 3 x H x W, float.
    pub normal: Tensor,
    /// Share of the pixel that the person covers: N x 1 x H x W, float.
    pub alpha: Tensor,
    /// Whether the pixel is part of the picture: N x 1 x H x W, truth values.
    pub valid: Tensor,
    /// Whether depth and normal count: N x 1 x H x W, truth values.
    pub foreground: Tensor,
    /// Names of the samples.
    pub sample_ids: Vec<Arc<str>>,
    /// Where they stand in the stream.
    pub places: Vec<Place>,
}

impl Batch {
    /// A batch of frames of one size, in their order.
    ///
    /// # Errors
    /// No frame, frames of different sizes, no memory for them.
    pub fn of_frames(frames: &[Frame]) -> Result<Self, TrainError> {
        let planar = |frame: &Frame| {
            let mut planes = PlanarFrame::default();
            planes.fill(frame, (frame.width, frame.height), Fit::Pad);
            planes
        };
        let frames: Vec<PlanarFrame> = frames.iter().map(planar).collect();
        Self::of_planes(&frames.iter().collect::<Vec<_>>())
    }

    pub(super) fn of_planes(frames: &[&PlanarFrame]) -> Result<Self, TrainError> {
        let Some((width, height)) = frames.first().map(|frame| frame.size) else {
            return Err(TrainError::stopped("a batch needs at least one picture"));
        };
        if let Some(odd) = frames.iter().find(|frame| frame.size != (width, height)) {
            let (w, h) = odd.size;
            let reason =
                format!("a batch holds pictures of {width} x {height} and of {w} x {h} pixels");
            return Err(TrainError::stopped(reason));
        }
        let size = |channels: usize| [frames.len(), channels, height, width].map(|n| n as i64);
        let floats = |channels: usize, plane: fn(&PlanarFrame) -> &[f32]| {
            gather(frames, plane, &size(channels), Kind::Float)
        };
        let flags =
            |plane: fn(&PlanarFrame) -> &[bool]| gather(frames, plane, &size(1), Kind::Bool);
        Ok(Self {
            image: floats(3, |frame| &frame.image)?,
            depth_m: floats(1, |frame| &frame.depth_m)?,
            normal: floats(3, |frame| &frame.normal)?,
            alpha: floats(1, |frame| &frame.alpha)?,
            valid: flags(|frame| &frame.valid)?,
            foreground: flags(|frame| &frame.foreground)?,
            sample_ids: Vec::new(),
            places: Vec::new(),
        })
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.image.size()[0] as usize
    }

    /// Never: a batch has at least one picture.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first picture alone.
    ///
    /// # Errors
    /// Never: a batch has at least one picture.
    pub fn first(&self) -> Result<Self, TrainError> {
        let first = |tensor: &Tensor| {
            let first = tensor.f_slice(0, 0, 1, 1);
            first.map_err(|error| TrainError::libtorch("take a picture of a batch", &error))
        };
        Ok(Self {
            image: first(&self.image)?,
            depth_m: first(&self.depth_m)?,
            normal: first(&self.normal)?,
            alpha: first(&self.alpha)?,
            valid: first(&self.valid)?,
            foreground: first(&self.foreground)?,
            sample_ids: self.sample_ids.iter().take(1).cloned().collect(),
            places: self.places.iter().take(1).copied().collect(),
        })
    }

    /// The same batch on a device.
    ///
    /// # Errors
    /// No memory there, or no such device.
    pub fn to_device(&self, device: Device) -> Result<Self, TrainError> {
        let moved = |tensor: &Tensor| {
            let moved = tensor.f_to_device(device);
            moved.map_err(|error| TrainError::libtorch("move a batch to the device", &error))
        };
        Ok(Self {
            image: moved(&self.image)?,
            depth_m: moved(&self.depth_m)?,
            normal: moved(&self.normal)?,
            alpha: moved(&self.alpha)?,
            valid: moved(&self.valid)?,
            foreground: moved(&self.foreground)?,
            sample_ids: self.sample_ids.clone(),
            places: self.places.clone(),
        })
    }
}

/// One plane of all frames, copied once into a new tensor.
fn gather<T: Copy + Default + Send + Sync>(
    frames: &[&PlanarFrame],
    plane: fn(&PlanarFrame) -> &[T],
    size: &[i64],
    kind: Kind,
) -> Result<Tensor, TrainError> {
    let tensor = Tensor::f_empty(size, (kind, Device::Cpu))
        .map_err(|error| TrainError::libtorch("make room for a batch", &error))?;
    let n_values: usize = size.iter().product::<i64>() as usize;
    debug_assert_eq!(kind.elt_size_in_bytes(), size_of::<T>());
    let start = tensor.data_ptr().cast::<MaybeUninit<T>>();
    #[allow(
        unsafe_code,
        reason = "tch copies into a tensor only by way of another tensor"
    )]
    // SAFETY: the tensor is new, contiguous and on the CPU, has `n_values` elements of the size of
    // T (float for f32, one byte for bool), and nobody else holds it. Elements are written only.
    let values = unsafe { std::slice::from_raw_parts_mut(start, n_values) };
    let chunks = values.par_chunks_exact_mut(n_values / frames.len());
    chunks.zip(frames).for_each(|(out, frame)| {
        out.write_copy_of_slice(plane(frame));
    });
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_hold_the_planes_of_the_frames_channel_by_channel() {
        tch::set_num_threads(1);
        let frames: Vec<Frame> = (0..3)
            .map(|n| {
                let mut frame = Frame::new(4, 3, [1.0; 4]);
                for at in 0..12 {
                    let value = (100 * n + at) as f32;
                    frame.rgb[at] = [value, value + 0.25, value + 0.5];
                    frame.normal[at] = [-value, value, 2.0 * value];
                    frame.depth_m[at] = if at % 2 == 0 { value } else { f32::INFINITY };
                    frame.alpha[at] = at as f32 / 11.0;
                    frame.valid[at] = at != 10;
                }
                frame
            })
            .collect();
        let batch = Batch::of_frames(&frames).unwrap();
        assert_eq!(batch.len(), 3);
        assert_eq!(batch.image.size(), [3, 3, 3, 4]);
        assert_eq!(batch.foreground.size(), [3, 1, 3, 4]);
        assert_eq!(batch.valid.kind(), Kind::Bool);
        for (n, frame) in frames.iter().enumerate() {
            for at in 0..12 {
                let place = |c: i64| [n as i64, c, (at / 4) as i64, (at % 4) as i64];
                for c in 0..3 {
                    let found = batch.image.double_value(&place(c as i64)) as f32;
                    assert_eq!(found, frame.rgb[at][c]);
                    let found = batch.normal.double_value(&place(c as i64)) as f32;
                    assert_eq!(found, frame.normal[at][c]);
                }
                assert_eq!(
                    batch.depth_m.double_value(&place(0)) as f32,
                    frame.depth_m[at]
                );
                assert_eq!(batch.alpha.double_value(&place(0)) as f32, frame.alpha[at]);
                let flag = |tensor: &Tensor| tensor.int64_value(&place(0)) != 0;
                assert_eq!(flag(&batch.valid), at != 10);
                assert_eq!(flag(&batch.foreground), at % 2 == 0 && at > 5 && at != 10);
            }
        }
    }

    #[test]
    fn frames_of_different_sizes_are_refused() {
        let frames = vec![Frame::new(4, 3, [1.0; 4]), Frame::new(3, 4, [1.0; 4])];
        let error = Batch::of_frames(&frames).unwrap_err().to_string();
        assert!(
            error.contains("4 x 3") && error.contains("3 x 4"),
            "{error}"
        );
        assert!(Batch::of_frames(&[]).is_err());
    }
}
