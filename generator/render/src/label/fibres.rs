//! The fibres that may touch each pixel.
//!
//! Every piece of fibre is projected, with its width, into the list of each pixel it may touch.
//! A pixel with an empty list has no fibre.

use rayon::prelude::*;

use super::raster::Band;
use super::view::View;
use crate::accel::ribbon::PackedPiece;
use crate::ray::RayMask;

/// Rows of pixels that one thread takes at a time.
pub(super) const STRIPE_ROWS: u32 = 8;

/// The pieces of fibre that label rays see, and where.
pub(super) struct Fibres {
    pub(super) pieces: Vec<VisiblePiece>,
    /// Whether all belong to the subject.
    pub(super) all_subject: bool,
    width: u32,
    stripes: Vec<StripeLists>,
}

/// A piece of fibre on the film.
#[derive(Clone, Copy, Debug)]
pub(super) struct VisiblePiece {
    pub(super) piece: PackedPiece,
    /// The tree's number of it.
    pub(super) number: u32,
    /// Whether it belongs to the subject.
    pub(super) subject: bool,
    band: Band,
}

impl Fibres {
    pub(super) fn new(view: &View<'_>) -> Self {
        let camera = &view.scene.camera;
        let [width, height] = view.size_px();
        let mut pieces = Vec::new();
        // By the stripe of rows, indices into the pieces.
        let mut by_stripe = vec![Vec::new(); height.div_ceil(STRIPE_ROWS) as usize];
        for (number, (packed, mask)) in view.accel.pieces().into_iter().enumerate() {
            if !mask.meets(view.mask) {
                continue;
            }
            let piece = packed.decoded();
            let ends = piece.ends.map(|end| camera.camera_from_world_point(end));
            let radius_m = piece.radii[0].max(piece.radii[1]);
            let Some(band) = Band::of_piece(camera, ends, radius_m) else {
                continue;
            };
            let Some((first, last)) = band.rows(height) else {
                continue;
            };
            let idx = pieces.len() as u32;
            for stripe in first / STRIPE_ROWS..=last / STRIPE_ROWS {
                by_stripe[stripe as usize].push(idx);
            }
            pieces.push(VisiblePiece {
                piece: packed,
                number: number as u32,
                subject: mask.meets(RayMask::SUBJECT),
                band,
            });
        }
        let stripes = (by_stripe.par_iter().enumerate())
            .map(|(stripe, idxs)| StripeLists::new(&pieces, idxs, stripe as u32, [width, height]))
            .collect();
        Self {
            pieces,
            all_subject: view.accel.strand_kinds() & RayMask::SURROUNDINGS.0 == 0,
            width,
            stripes,
        }
    }

    /// Indices of the pieces that may touch a pixel, in the order of the tree's numbers.
    pub(super) fn of(&self, x: u32, y: u32) -> &[u32] {
        let stripe = &self.stripes[(y / STRIPE_ROWS) as usize];
        let pixel = (y % STRIPE_ROWS * self.width + x) as usize;
        &stripe.pieces[stripe.starts[pixel] as usize..stripe.starts[pixel + 1] as usize]
    }
}

/// For each pixel of a stripe, the pieces that may touch it.
struct StripeLists {
    /// Where the list of each pixel starts, and the end of the last.
    starts: Vec<u32>,
    pieces: Vec<u32>,
}

impl StripeLists {
    fn new(visible: &[VisiblePiece], idxs: &[u32], stripe: u32, [width, height]: [u32; 2]) -> Self {
        let first_row = stripe * STRIPE_ROWS;
        let n_rows = STRIPE_ROWS.min(height - first_row);
        // All (pixel, piece) pairs, then a counting sort by pixel.
        let mut pairs = Vec::new();
        for &idx in idxs {
            let band = &visible[idx as usize].band;
            let Some((first, last)) = band.rows(height) else {
                continue;
            };
            for row in first.max(first_row)..=last.min(first_row + n_rows - 1) {
                if let Some((start, end)) = band.columns(row, width) {
                    pairs.extend((start..=end).map(|x| ((row - first_row) * width + x, idx)));
                }
            }
        }
        let mut starts = vec![0; (width * n_rows) as usize + 1];
        for &(pixel, _) in &pairs {
            starts[pixel as usize + 1] += 1;
        }
        for pixel in 1..starts.len() {
            starts[pixel] += starts[pixel - 1];
        }
        let mut next = starts.clone();
        let mut pieces = vec![0; pairs.len()];
        for (pixel, idx) in pairs {
            let slot = &mut next[pixel as usize];
            pieces[*slot as usize] = idx;
            *slot += 1;
        }
        Self { starts, pieces }
    }
}
