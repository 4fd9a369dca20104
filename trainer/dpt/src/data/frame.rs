//! One picture with its truth, in memory.
//!
//! Planes are rows of pixels from the top; pixel centers lie at +0.5. Camera space is right-handed,
//! +X right, +Y up, +Z toward the camera. Depth is the distance along the optical axis, so a pixel
//! (u, v) of depth z shows the point `((u - cx) z / fx, (cy - v) z / fy, -z)`.

use bottega_format::StoredPlanes;
use bottega_format::loader::LoadedSample;

/// A picture with its truth. All planes have `width * height` pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Display-referred sRGB, 0 to 1.
    pub rgb: Vec<[f32; 3]>,
    /// Share of the pixel that the person covers, 0 to 1.
    pub alpha: Vec<f32>,
    /// Distance along the optical axis, in metres; +inf for no surface.
    pub depth_m: Vec<f32>,
    /// Unit normal in camera space; zero for no surface.
    pub normal: Vec<[f32; 3]>,
    /// Whether the pixel shows the picture. Where it does not (padding, and where a warp looked
    /// beyond the picture), color and coverage repeat the border, depth and normal are none, and
    /// no loss may count the pixel.
    pub valid: Vec<bool>,
    /// Focal lengths and principal point, in pixels: fx, fy, cx, cy; NaN where unknown.
    pub camera_px: [f64; 4],
}

impl Frame {
    /// An empty frame of a size: black, nothing covered, no surface, everything valid.
    pub fn new(width: usize, height: usize, camera_px: [f64; 4]) -> Self {
        let n_px = width * height;
        Self {
            width,
            height,
            rgb: vec![[0.0; 3]; n_px],
            alpha: vec![0.0; n_px],
            depth_m: vec![f32::INFINITY; n_px],
            normal: vec![[0.0; 3]; n_px],
            valid: vec![true; n_px],
            camera_px,
        }
    }

    /// The frame of a sample. Planes that were not read are those of [`Frame::new`].
    pub fn of_sample(sample: &LoadedSample) -> Self {
        Self::of_planes(sample.planes(), sample.facts().camera_px)
    }

    /// The frame of stored planes; planes that were not read are those of [`Frame::new`].
    pub fn of_planes(planes: &StoredPlanes, camera_px: [f64; 4]) -> Self {
        let mut frame = Self::default();
        frame.fill(planes, camera_px);
        frame
    }

    /// [`Self::of_planes`] in the memory of this frame.
    pub(super) fn fill(&mut self, planes: &StoredPlanes, camera_px: [f64; 4]) {
        (self.width, self.height) = (planes.width, planes.height);
        self.camera_px = camera_px;
        let n_px = self.n_px();
        let (pixels, _) = planes.rgb8.as_chunks::<3>();
        self.rgb.clear();
        self.rgb.extend(pixels.iter().map(|px| px.map(unit)));
        self.alpha.clear();
        self.alpha.extend(planes.alpha8.iter().copied().map(unit));
        self.depth_m.clone_from(&planes.depth_m);
        self.normal.clone_from(&planes.normal);
        self.valid.clear();
        self.rgb.resize(n_px, [0.0; 3]);
        self.alpha.resize(n_px, 0.0);
        self.depth_m.resize(n_px, f32::INFINITY);
        self.normal.resize(n_px, [0.0; 3]);
        self.valid.resize(n_px, true);
    }

    /// Number of pixels.
    pub fn n_px(&self) -> usize {
        self.width * self.height
    }

    /// The pixels whose depth and normals count: covered by more than half, with a surface, and
    /// part of the picture.
    pub fn foreground(&self) -> Vec<bool> {
        let pixels = self.alpha.iter().zip(&self.depth_m).zip(&self.valid);
        pixels
            .map(|((&alpha, &depth_m), &valid)| is_foreground(alpha, depth_m, valid))
            .collect()
    }
}

/// Whether depth and normal of a pixel count.
pub(crate) fn is_foreground(alpha: f32, depth_m: f32, valid: bool) -> bool {
    // 65504 is "no surface" where a dataset comes from half floats.
    valid & (alpha > 0.5) & (depth_m < 65_504.0)
}

/// A stored byte as a share.
fn unit(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_that_were_not_read_hold_nothing() {
        let planes = StoredPlanes {
            width: 2,
            height: 1,
            rgb8: vec![0, 51, 255, 1, 2, 3],
            alpha8: vec![255, 0],
            ..StoredPlanes::default()
        };
        let frame = Frame::of_planes(&planes, [1.0; 4]);
        assert_eq!(frame.rgb[0], [0.0, 0.2, 1.0]);
        assert_eq!(frame.alpha, [1.0, 0.0]);
        assert_eq!(frame.depth_m, [f32::INFINITY; 2]);
        assert_eq!(frame.normal, [[0.0; 3]; 2]);
        assert_eq!(frame.foreground(), [false, false]);
    }

    #[test]
    fn the_foreground_is_covered_has_a_surface_and_is_part_of_the_picture() {
        let mut frame = Frame::new(5, 1, [1.0; 4]);
        frame.alpha = vec![1.0, 0.5, 0.6, 1.0, 0.9];
        frame.depth_m = vec![1.0, 1.0, f32::INFINITY, 1.0, 65_504.0];
        frame.valid[3] = false;
        assert_eq!(frame.foreground(), [true, false, false, false, false]);
    }
}
