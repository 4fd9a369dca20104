//! From a picture of any size to what a model sees, and back, exactly as the published runtime.
//!
//! There: the picture is padded with its own border to the shape that the model sees (a square for
//! the published models), halved while both sides are above three times the model's size, brought
//! to that size bilinearly. Back: planes are brought to the canvas bicubically, and the padding is
//! cut off. Alpha is clamped to 0..1, normals are made of unit length.

use bottega_schemas::train::Fit;

use super::resample::{Plane, pyr_down, resize_cubic, resize_linear};

/// Channels of a picture, and of a normal.
pub(super) const CHANNELS: usize = 3;

/// Pictures are halved while both sides are above this many times the model's size.
const HALVE_ABOVE: usize = 3;

/// Added to the length that normals are divided by.
const UNIT_EPS: f32 = 1e-8;

/// How pictures are sent through a model: what it was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizing {
    /// Width and height that the model sees, in pixels; the published models take 512 x 512.
    pub size_px: [usize; 2],
    /// How a picture of another shape is brought to it; the published models take padding.
    pub fit: Fit,
}

/// Where a picture lies in the canvas that is resized to what a model sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// Width and height of the picture, in pixels.
    pub picture_px: [usize; 2],
    /// Width and height of the canvas: the smallest of the model's shape, a square for the
    /// published models.
    pub canvas_px: [usize; 2],
    /// Pixels that were added on the left and on top; an odd one is added right or at the bottom.
    pub added_px: [usize; 2],
    /// Width and height that the model sees.
    pub model_px: [usize; 2],
}

impl Canvas {
    /// The canvas of a picture of `picture_px`, which has pixels.
    pub fn new(picture_px: [usize; 2], sizing: Sizing) -> Self {
        let [width, height] = picture_px;
        let [model_width, model_height] = sizing.size_px;
        let canvas_px = match sizing.fit {
            Fit::Stretch => picture_px,
            Fit::Pad if width * model_height >= height * model_width => {
                [width, (width * model_height).div_ceil(model_width)]
            }
            Fit::Pad => [(height * model_width).div_ceil(model_height), height],
        };
        Self {
            picture_px,
            canvas_px,
            added_px: [0, 1].map(|axis| (canvas_px[axis] - picture_px[axis]) / 2),
            model_px: sizing.size_px,
        }
    }

    /// The picture with its border repeated to the sides of the canvas.
    fn pad(&self, plane: &Plane) -> Plane {
        let [width, height] = self.picture_px;
        let ([canvas_width, canvas_height], [left, top]) = (self.canvas_px, self.added_px);
        let right = canvas_width - width - left;
        let mut values = Vec::with_capacity(canvas_width * canvas_height);
        for y in 0..canvas_height {
            let row = y.saturating_sub(top).min(height - 1);
            let row = &plane.values[row * width..][..width];
            values.extend(std::iter::repeat_n(row[0], left));
            values.extend(row);
            values.extend(std::iter::repeat_n(row[width - 1], right));
        }
        Plane {
            width: canvas_width,
            height: canvas_height,
            values,
        }
    }

    /// One channel, in 0..1, as the model sees it.
    pub fn prepare_plane(&self, channel: &Plane) -> Plane {
        let [model_width, model_height] = self.model_px;
        let mut plane = self.pad(channel);
        while plane.width > HALVE_ABOVE * model_width && plane.height > HALVE_ABOVE * model_height {
            plane = pyr_down(&plane);
        }
        resize_linear(&plane, model_width, model_height)
    }

    /// Planes of R, G, B in 0..1 as the model sees them, one after the other.
    pub fn prepare(&self, channels: &[Plane; CHANNELS]) -> Vec<f32> {
        let channels = channels.iter();
        channels
            .flat_map(|channel| self.prepare_plane(channel).values)
            .collect()
    }

    /// A plane that the model gave, at the size of the picture.
    pub fn restore_plane(&self, plane: &Plane) -> Plane {
        let ([width, height], [left, top]) = (self.picture_px, self.added_px);
        let [canvas_width, canvas_height] = self.canvas_px;
        resize_cubic(
            plane,
            (canvas_width, canvas_height),
            left..left + width,
            top..top + height,
        )
    }

    /// Planes that the model gave, one after the other, at the size of the picture.
    pub fn restore(&self, planes: &[f32]) -> Vec<Plane> {
        let [width, height] = self.model_px;
        let planes = planes.chunks_exact(width * height);
        planes
            .map(|values| {
                self.restore_plane(&Plane {
                    width,
                    height,
                    values: values.to_vec(),
                })
            })
            .collect()
    }
}

/// Shares, clamped to 0..1.
pub(super) fn clamp_shares(plane: &mut Plane) {
    for value in &mut plane.values {
        *value = value.clamp(0.0, 1.0);
    }
}

/// Three planes as vectors of unit length.
pub(super) fn unit_vectors([x, y, z]: [&Plane; CHANNELS]) -> Vec<[f32; CHANNELS]> {
    let vectors = x.values.iter().zip(&y.values).zip(&z.values);
    vectors
        .map(|((&x, &y), &z)| {
            let length = (x * x + y * y + z * z).sqrt() + UNIT_EPS;
            [x, y, z].map(|v| v / length)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Sizing = Sizing {
        size_px: [8, 8],
        fit: Fit::Pad,
    };

    #[test]
    fn the_odd_pixel_of_the_padding_is_added_last() {
        let canvas = Canvas::new([5, 8], SQUARE);
        assert_eq!((canvas.canvas_px, canvas.added_px), ([8, 8], [1, 0]));
        let canvas = Canvas::new([9, 4], SQUARE);
        assert_eq!((canvas.canvas_px, canvas.added_px), ([9, 9], [0, 2]));
    }

    #[test]
    fn a_canvas_has_the_models_shape_unless_it_is_stretched() {
        let tall = Sizing {
            size_px: [3, 4],
            fit: Fit::Pad,
        };
        assert_eq!(Canvas::new([384, 512], tall).canvas_px, [384, 512]);
        assert_eq!(Canvas::new([400, 400], tall).canvas_px, [400, 534]);
        assert_eq!(Canvas::new([300, 800], tall).canvas_px, [600, 800]);
        let stretched = Sizing {
            fit: Fit::Stretch,
            ..tall
        };
        assert_eq!(Canvas::new([300, 800], stretched).canvas_px, [300, 800]);
    }

    #[test]
    fn the_border_is_repeated_and_cut_off_again() {
        let plane = Plane {
            width: 1,
            height: 3,
            values: vec![1.0, 2.0, 3.0],
        };
        let canvas = Canvas::new([1, 3], SQUARE);
        let padded = canvas.pad(&plane);
        assert_eq!(padded.values, [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0]);
        assert_eq!(canvas.restore_plane(&padded), plane);
    }
}
