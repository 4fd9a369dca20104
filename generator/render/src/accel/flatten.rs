//! Strands to straight pieces.
//!
//! A strand is a uniform Catmull-Rom curve through its control points, with ghost points beyond
//! the ends by reflection. Each span between control points is cut into as many equal pieces as
//! keep the chord within a tolerance of the curve; the radius runs linearly along the span.

use bottega_geometry::StrandSet;
use glam::Vec3;

use super::ribbon::Piece;

/// Most pieces of one span.
const MAX_PIECES: u32 = 16;

/// Where a piece comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PieceSource {
    /// Index of the strand object in the scene.
    pub(super) object: u16,
    /// Number of the piece within its span.
    pub(super) part: u8,
    /// Number of pieces of the span.
    pub(super) n_parts: u8,
    /// Index of the strand in its set.
    pub(super) strand: u32,
    /// Index of the span in the strand.
    pub(super) span: u32,
}

/// One span of a strand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    points: [Vec3; 4],
    radii: [f32; 2],
}

impl Span {
    /// Span `span` of a strand, between control points `span` and `span + 1`.
    pub(crate) fn of(points: &[Vec3], radii: &[f32], span: usize) -> Self {
        let (start, end) = (points[span], points[span + 1]);
        let before = if span == 0 {
            start + start - end
        } else {
            points[span - 1]
        };
        let after = points.get(span + 2).copied().unwrap_or(end + end - start);
        Self {
            points: [before, start, end, after],
            radii: [radii[span], radii[span + 1]],
        }
    }

    /// Position at parameter `t` in `[0, 1]`.
    pub(crate) fn position(&self, t: f32) -> Vec3 {
        let [p0, p1, p2, p3] = self.points;
        // The ends are returned exactly, so that spans join without a gap.
        if t <= 0.0 {
            return p1;
        }
        if 1.0 <= t {
            return p2;
        }
        let linear = p2 - p0;
        let square = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
        let cube = 3.0 * (p1 - p2) + p3 - p0;
        p1 + 0.5 * t * (linear + t * (square + t * cube))
    }

    /// Unit tangent at parameter `t`, root to tip; the chord's where the curve stands still.
    pub(crate) fn tangent(&self, t: f32) -> Vec3 {
        let [p0, p1, p2, p3] = self.points;
        let linear = p2 - p0;
        let square = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
        let cube = 3.0 * (p1 - p2) + p3 - p0;
        let derivative = linear + t * (2.0 * square + 3.0 * t * cube);
        derivative
            .try_normalize()
            .or_else(|| (p2 - p1).try_normalize())
            .unwrap_or(Vec3::Y)
    }

    /// Radius at parameter `t`, in metres.
    pub(crate) fn radius_m(&self, t: f32) -> f32 {
        self.radii[0] + t * (self.radii[1] - self.radii[0])
    }

    /// Pieces needed for a chord error of at most `tolerance_m`.
    ///
    /// A chord over parameter length `1/n` misses by at most `|c''| / (8 n^2)`; the second
    /// derivative is linear, so it is largest at an end.
    fn n_pieces(&self, tolerance_m: f32) -> u32 {
        let [p0, p1, p2, p3] = self.points;
        let at_start = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
        let at_end = 4.0 * p1 - 5.0 * p2 + 2.0 * p3 - p0;
        let bend_m = at_start.length().max(at_end.length());
        let n = (bend_m / (8.0 * tolerance_m)).sqrt().ceil();
        (n as u32).clamp(1, MAX_PIECES)
    }
}

/// Appends all pieces of a strand set, strand by strand from root to tip.
pub(super) fn flatten(
    strands: &StrandSet,
    object: u16,
    tolerance_m: f32,
    pieces: &mut Vec<Piece>,
    sources: &mut Vec<PieceSource>,
) {
    for strand in 0..strands.len() {
        let (points, radii) = (strands.strand(strand), strands.strand_radii(strand));
        for span_idx in 0..points.len().saturating_sub(1) {
            let span = Span::of(points, radii, span_idx);
            let n_parts = span.n_pieces(tolerance_m);
            for part in 0..n_parts {
                let [t0, t1] = [part, part + 1].map(|i| i as f32 / n_parts as f32);
                pieces.push(Piece {
                    ends: [span.position(t0), span.position(t1)],
                    radii: [span.radius_m(t0), span.radius_m(t1)],
                });
                sources.push(PieceSource {
                    object,
                    part: part as u8,
                    n_parts: n_parts as u8,
                    strand: strand as u32,
                    span: span_idx as u32,
                });
            }
        }
    }
}
