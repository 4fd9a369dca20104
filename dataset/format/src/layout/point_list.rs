//! Points of a sample as layouts of others list them: film position and visibility.

use std::ops::Range;

use serde_json::{Value, json};

use bottega_schemas::SampleMeta;
use bottega_schemas::points::{JOINTS, N_LANDMARKS, Visibility};

use crate::error::FormatError;

/// One list of points of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PointList<'a> {
    px: &'a [f32],
    visibility: &'a [i8],
}

impl<'a> PointList<'a> {
    /// The joints; `None` where a sample has none.
    pub(super) fn joints(meta: &'a SampleMeta) -> Result<Option<Self>, FormatError> {
        let columns = (&meta.joints_px, &meta.joints_visibility);
        Self::of("joints", JOINTS.len(), columns)
    }

    /// The face landmarks; `None` where a sample has none.
    pub(super) fn landmarks(meta: &'a SampleMeta) -> Result<Option<Self>, FormatError> {
        let columns = (&meta.landmarks_px, &meta.landmarks_visibility);
        Self::of("landmarks", N_LANDMARKS, columns)
    }

    fn of(
        name: &str,
        n: usize,
        (px, visibility): (&'a Option<Vec<f32>>, &'a Option<Vec<i8>>),
    ) -> Result<Option<Self>, FormatError> {
        let (Some(px), Some(visibility)) = (px, visibility) else {
            return Ok(None);
        };
        if px.len() == 2 * n && visibility.len() == n {
            return Ok(Some(Self { px, visibility }));
        }
        let reason = format!(
            "columns {name}_px and {name}_visibility hold {} and {} numbers, wanted {} and {n}; \
             `bottega verify` finds all such rows",
            px.len(),
            visibility.len(),
            2 * n
        );
        Err(FormatError::malformed("labels", reason))
    }

    /// Film positions of all points, in the picture or not.
    pub(super) fn positions(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        self.px.chunks_exact(2).map(|px| [px[0], px[1]])
    }

    fn seen(&self, range: Range<usize>) -> impl Iterator<Item = ([f64; 2], i8)> + '_ {
        let at = |i: usize| [self.px[2 * i], self.px[2 * i + 1]].map(thousandths);
        range.map(move |i| (at(i), self.visibility[i]))
    }

    /// Points as COCO lists them: x, y and visibility of each; all 0 outside the picture.
    pub(super) fn triples(&self, range: Range<usize>) -> Vec<Value> {
        let triple = |([x, y], visibility): ([f64; 2], i8)| {
            if visibility == Visibility::Outside as i8 {
                [json!(0), json!(0), json!(0)]
            } else {
                [json!(x), json!(y), json!(visibility)]
            }
        };
        self.seen(range).flat_map(triple).collect()
    }

    /// How many points are in the picture, hidden or not.
    pub(super) fn n_inside(&self, range: Range<usize>) -> usize {
        self.inside(range).count()
    }

    /// The box about the points in the picture as COCO writes it: left, top, width, height; all 0
    /// where there are none.
    pub(super) fn bounds(&self, range: Range<usize>) -> [f64; 4] {
        let bounds = self.inside(range).fold(None, |bounds, [x, y]| {
            let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
            Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
        });
        bounds.map_or([0.0; 4], |[left, top, right, bottom]: [f64; 4]| {
            [left, top, right - left, bottom - top]
        })
    }

    fn inside(&self, range: Range<usize>) -> impl Iterator<Item = [f64; 2]> + '_ {
        let is_inside = |visibility: i8| visibility != Visibility::Outside as i8;
        let seen = self.seen(range);
        seen.filter_map(move |(px, visibility)| is_inside(visibility).then_some(px))
    }
}

/// A number of pixels with three decimals.
fn thousandths(px: f32) -> f64 {
    (f64::from(px) * 1000.0).round() / 1000.0
}
