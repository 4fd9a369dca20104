//! What is kept of each row for the checks that compare rows: a few hundred bytes.

use std::collections::BTreeMap;

use bottega_format::{EncodedRow, StoredPlanes};
use bottega_schemas::{Part, Plane, SampleMeta};

use super::planes::{Pinhole, median};
use super::surface::SurfaceFit;

/// Cells of a thumbnail each way.
const THUMB: usize = 8;

/// Number of cells of a thumbnail: luma and coverage.
pub(super) const THUMB_CELLS: usize = 2 * THUMB * THUMB;

/// What tells a row from others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowFacts {
    pub(super) row: u64,
    pub(super) sample_id: String,
    /// First bytes of the BLAKE3 of picture, depth and normals.
    pub(super) hashes: [u64; 3],
    /// Means of luma, then of coverage, over the cells of a grid; 0 to 255.
    pub(super) thumb: [u8; THUMB_CELLS],
    /// Pixels of each part number, where the plane is there.
    pub(super) part_px: Option<BTreeMap<u8, u64>>,
    /// Mean of red less blue over bare skin, or over the person where parts are not known.
    pub(super) red_less_blue: Option<f32>,
    /// Whether any pixel is partly covered.
    pub(super) is_soft: bool,
    /// Whether labels say that a part should be seen, by its number.
    pub(super) expects: Vec<u8>,
    pub(super) seed: Option<i64>,
    /// How depth and normals agree.
    pub(super) fit: Option<SurfaceFit>,
    /// Framing, labelled distance of the camera and median distance of the person, in metres.
    pub(super) distances_m: Option<(String, [f64; 2])>,
}

/// Whether labels lead one to expect a part.
pub(super) type Promise = fn(&SampleMeta) -> bool;

/// Which parts the labels of a sample lead one to expect.
pub(super) const EXPECTED_PARTS: &[(Part, Promise)] = &[
    (Part::Skin, |_| true),
    (Part::Eye, |meta| {
        is(&meta.framing, "face") && meta.head_covering.is_some()
    }),
    (Part::Hair, |meta| {
        // What covers the head may hide all of its hair.
        let covering = meta.head_covering.as_deref();
        covering.is_none_or(|kind| kind == "none" || kind == "headphones")
            && meta
                .hair_style
                .as_deref()
                .is_some_and(|style| style != "none")
    }),
    (Part::Beard, |meta| {
        if meta
            .face_covering
            .as_deref()
            .is_some_and(|kind| kind != "none")
        {
            return false;
        }
        let kind = meta.facial_hair.as_deref();
        kind.is_some_and(|kind| kind.contains("beard") || kind.contains("goatee"))
    }),
    (Part::Top, |meta| {
        meta.garments
            .as_ref()
            .is_some_and(|garments| !garments.is_empty())
    }),
    (Part::Bottom, |meta| {
        is(&meta.framing, "full_body") && meta.bottom_kind.is_some()
    }),
    (Part::Shoe, |meta| {
        is(&meta.framing, "full_body") && meta.shoe_kind.is_some()
    }),
];

fn is(label: &Option<String>, word: &str) -> bool {
    label.as_deref() == Some(word)
}

impl RowFacts {
    pub(super) fn of(
        row_idx: u64,
        row: &EncodedRow,
        planes: &StoredPlanes,
        fit: Option<SurfaceFit>,
    ) -> Self {
        let hash = |bytes: &[u8]| {
            let hash = blake3::hash(bytes);
            u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
        };
        let parts = planes
            .optional
            .get(&Plane::PartId)
            .and_then(|values| values.bytes());
        let is_soft = planes.alpha8.iter().any(|alpha| (6..250).contains(alpha));
        let expected = EXPECTED_PARTS
            .iter()
            .filter(|(_, expects)| expects(&row.meta));
        Self {
            row: row_idx,
            sample_id: row.meta.sample_id.clone(),
            hashes: [&row.image, &row.depth_exr, &row.normal_exr].map(|blob| hash(blob)),
            thumb: thumbnail(planes),
            part_px: parts.map(count_parts),
            red_less_blue: red_less_blue(planes, parts),
            is_soft,
            expects: expected.map(|(part, _)| *part as u8).collect(),
            seed: row.meta.seed,
            fit,
            distances_m: distances_m(&row.meta, planes),
        }
    }
}

fn count_parts(parts: &[u8]) -> BTreeMap<u8, u64> {
    let mut counts = BTreeMap::new();
    for part in parts {
        *counts.entry(*part).or_default() += 1;
    }
    counts
}

fn red_less_blue(planes: &StoredPlanes, parts: Option<&[u8]>) -> Option<f32> {
    let is_judged = |px: usize| match parts {
        Some(parts) => parts[px] == Part::Skin as u8,
        None => planes.alpha8[px] >= 250,
    };
    let (mut sum, mut n) = (0i64, 0i64);
    for (px, rgb) in planes.rgb8.chunks_exact(3).enumerate() {
        if is_judged(px) {
            sum += i64::from(rgb[0]) - i64::from(rgb[2]);
            n += 1;
        }
    }
    (n >= 30).then(|| sum as f32 / n as f32)
}

/// The median is taken along the rays, as the labelled distance is.
fn distances_m(meta: &SampleMeta, planes: &StoredPlanes) -> Option<(String, [f64; 2])> {
    let pinhole = Pinhole {
        fx: meta.fx,
        fy: meta.fy,
        cx: meta.cx,
        cy: meta.cy,
    };
    let pixels = planes.depth_m.iter().zip(&planes.alpha8).enumerate();
    let mut along_m: Vec<f32> = pixels
        .filter(|(_, (depth_m, alpha))| depth_m.is_finite() && **alpha >= 128)
        .map(|(px, (depth_m, _))| {
            let ray = pinhole.direction(px % planes.width, px / planes.width);
            depth_m * (ray[0] * ray[0] + ray[1] * ray[1] + 1.0).sqrt()
        })
        .collect();
    let labelled_m = f64::from(meta.camera_distance_m?);
    let median_m = f64::from(median(&mut along_m)?);
    Some((meta.framing.clone()?, [labelled_m, median_m]))
}

fn thumbnail(planes: &StoredPlanes) -> [u8; THUMB_CELLS] {
    let (width, height) = (planes.width, planes.height);
    let column_cells: Vec<usize> = (0..width).map(|x| x * THUMB / width).collect();
    let mut sums = [0u64; THUMB_CELLS];
    let mut counts = [0u64; THUMB * THUMB];
    let rows = planes
        .rgb8
        .chunks_exact(3 * width)
        .zip(planes.alpha8.chunks_exact(width));
    for (y, (rgb_row, alpha_row)) in rows.enumerate() {
        let row_cell = y * THUMB / height * THUMB;
        let pixels = rgb_row.chunks_exact(3).zip(alpha_row).zip(&column_cells);
        for ((rgb, alpha), column_cell) in pixels {
            let cell = row_cell + column_cell;
            let luma = 2 * u64::from(rgb[0]) + 7 * u64::from(rgb[1]) + u64::from(rgb[2]);
            sums[cell] += luma / 10;
            sums[THUMB * THUMB + cell] += u64::from(*alpha);
            counts[cell] += 1;
        }
    }
    std::array::from_fn(|cell| (sums[cell] / counts[cell % (THUMB * THUMB)].max(1)) as u8)
}
