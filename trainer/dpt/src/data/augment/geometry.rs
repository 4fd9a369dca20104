//! What moves pixels: a mirror image, a turn about the middle of the picture, a crop, and the size
//! of the result, joined to one affine map.
//!
//! Each of them is a change of the camera that would have taken the same picture, so truth moves
//! exactly:
//!
//! | change | picture | camera | depth | normal |
//! | --- | --- | --- | --- | --- |
//! | mirror | u -> W - u | cx -> W - cx | same | x -> -x |
//! | turn by t | offsets from the middle turn | rolls about its axis; cx, cy turn with the picture | same | xy turns |
//! | crop and resize | shift and scale | fx, cx scale with the width, fy, cy with the height | same | same |
//!
//! Depth is the distance along the optical axis, which none of them moves, so depth, intrinsics and
//! points in space stay consistent: a crop is an off-axis view, not a camera that turned. A turn of
//! pixels that are not square is done where they are (offsets divided by fx and fy), so no camera
//! with skew ever results. Changes apply in the order of the table.

use std::f64::consts::PI;

use bottega_schemas::train::AugmentConfig;

use super::super::frame::Frame;
use super::draws::Draws;

/// Tries to place a crop so that it shows enough of the person.
const CROP_TRIES: u64 = 8;

/// Share of the person that a crop should show.
const CROP_SHOWS: f64 = 0.3;

/// Places along the longer side at which a crop looks for the person.
const PERSON_GRID: usize = 48;

/// A mirror image, a turn, a crop, a new size, in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Size of the picture that is changed, in pixels.
    pub from: (usize, usize),
    /// Size of the result, in pixels.
    pub to: (usize, usize),
    /// Whether left and right are exchanged.
    pub flip: bool,
    /// Turn of what is seen, clockwise as one looks at the picture.
    pub turn_rad: f64,
    /// Left, top, width and height of the crop, in pixels of the turned picture.
    pub crop: [f64; 4],
    /// fx / fy of the picture that is changed.
    pub pixel_aspect: f64,
}

/// A map from pixels of the result to pixels of the source: `[u, v] = m * [u', v', 1]`.
pub(super) type Affine = [[f64; 3]; 2];

impl Geometry {
    /// No change but for the size.
    pub fn resize(frame: &Frame, to: (usize, usize)) -> Self {
        let [fx, fy, _, _] = frame.camera_px;
        let aspect = fx / fy;
        Self {
            from: (frame.width, frame.height),
            to,
            flip: false,
            turn_rad: 0.0,
            crop: [0.0, 0.0, frame.width as f64, frame.height as f64],
            pixel_aspect: if aspect.is_finite() && aspect > 0.0 {
                aspect
            } else {
                1.0
            },
        }
    }

    pub(super) fn draw(
        frame: &Frame,
        config: &AugmentConfig,
        draws: Draws,
        to: (usize, usize),
    ) -> Self {
        let mut geometry = Self::resize(frame, to);
        geometry.flip = draws.happens("flip", config.flip);
        if draws.happens("rotate", config.rotate) {
            geometry.turn_rad = draws.signed("rotate/angle", config.rotate_max_deg) * PI / 180.0;
        }
        if draws.happens("crop", config.resized_crop) {
            geometry.draw_crop(frame, config, draws);
        }
        geometry
    }

    /// The first of some random windows that shows enough of the person, else the best.
    fn draw_crop(&mut self, frame: &Frame, config: &AugmentConfig, draws: Draws) {
        let (width, height) = (frame.width as f64, frame.height as f64);
        let person = self.person(frame);
        let mut best = -1.0;
        for index in 0..CROP_TRIES {
            let draws = draws.attempt("crop", index);
            let side = draws.within("side", config.crop);
            // Evenly in the logarithm, so that wide and narrow are as likely.
            let stretch = draws.signed("aspect", 0.5 * libm::log(config.crop_aspect));
            let stretch = libm::exp(stretch);
            let size = [
                (width * side * stretch).clamp(1.0, width),
                (height * side / stretch).clamp(1.0, height),
            ];
            let left = draws.unit("left") * (width - size[0]);
            let top = draws.unit("top") * (height - size[1]);
            let shown = person.iter().filter(|[u, v]| {
                (left..left + size[0]).contains(u) && (top..top + size[1]).contains(v)
            });
            let share = shown.count() as f64 / person.len().max(1) as f64;
            if share > best {
                best = share;
                self.crop = [left, top, size[0], size[1]];
            }
            if share >= CROP_SHOWS || person.is_empty() {
                break;
            }
        }
    }

    /// Some places of the person, in pixels of the mirrored and turned picture.
    fn person(&self, frame: &Frame) -> Vec<[f64; 2]> {
        let step = (frame.width.max(frame.height) / PERSON_GRID).max(1);
        let mut places = Vec::new();
        for y in (step / 2..frame.height).step_by(step) {
            for x in (step / 2..frame.width).step_by(step) {
                if frame.alpha[y * frame.width + x] > 0.5 {
                    places.push(self.turned([x as f64 + 0.5, y as f64 + 0.5]));
                }
            }
        }
        places
    }

    /// Where a pixel of the source lies in the mirrored and turned picture.
    fn turned(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        let (width, height) = (self.from.0 as f64, self.from.1 as f64);
        let u = if self.flip { width - u } else { u };
        let (sin, cos) = libm::sincos(self.turn_rad);
        let (x, y) = (u - 0.5 * width, v - 0.5 * height);
        [
            0.5 * width + cos * x - sin * self.pixel_aspect * y,
            0.5 * height + sin / self.pixel_aspect * x + cos * y,
        ]
    }

    /// Whether nothing changes.
    pub fn is_identity(&self) -> bool {
        let whole = [0.0, 0.0, self.from.0 as f64, self.from.1 as f64];
        self.from == self.to && !self.flip && self.turn_rad == 0.0 && self.crop == whole
    }

    /// The camera of the result.
    pub fn camera_px(&self, [fx, fy, cx, cy]: [f64; 4]) -> [f64; 4] {
        let [left, top, width, height] = self.crop;
        let scale = [self.to.0 as f64 / width, self.to.1 as f64 / height];
        let [cx, cy] = self.turned([cx, cy]);
        [
            fx * scale[0],
            fy * scale[1],
            (cx - left) * scale[0],
            (cy - top) * scale[1],
        ]
    }

    /// A normal as the camera of the result sees it, as the rows of the matrix for x and y.
    pub(super) fn normal_rows(&self) -> [[f32; 2]; 2] {
        let (sin, cos) = libm::sincos(self.turn_rad);
        let (sin, cos) = (sin as f32, cos as f32);
        let x = if self.flip { -1.0 } else { 1.0 };
        // The y of pictures points down, that of normals up.
        [[x * cos, sin], [-x * sin, cos]]
    }

    /// The map from pixels of the result to pixels of the source.
    pub(super) fn source_from_result(&self) -> Affine {
        let [left, top, width, height] = self.crop;
        let scale = [width / self.to.0 as f64, height / self.to.1 as f64];
        let (sin, cos) = libm::sincos(self.turn_rad);
        let middle = [0.5 * self.from.0 as f64, 0.5 * self.from.1 as f64];
        let back = [
            [cos, sin * self.pixel_aspect],
            [-sin / self.pixel_aspect, cos],
        ];
        let offset = [left - middle[0], top - middle[1]];
        let mut map: Affine = std::array::from_fn(|i| {
            [
                back[i][0] * scale[0],
                back[i][1] * scale[1],
                middle[i] + back[i][0] * offset[0] + back[i][1] * offset[1],
            ]
        });
        if self.flip {
            map[0] = map[0].map(|v| -v);
            map[0][2] += self.from.0 as f64;
        }
        map
    }
}
