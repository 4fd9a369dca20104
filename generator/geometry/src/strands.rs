//! Sets of strands: polylines with a radius at each point, the stuff of hair.

use glam::Vec3;

/// Many strands in one pair of arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct StrandSet {
    /// Control points of all strands, root first, in metres. The curve passes through them.
    pub points: Vec<Vec3>,
    /// Radius at each control point, in metres.
    pub radii: Vec<f32>,
    /// Start of each strand in `points`, and one past the last: `len() + 1` entries.
    pub offsets: Vec<u32>,
    /// Palette index of each strand (which fibre colour it has); as many as strands.
    pub palette: Vec<u8>,
}

impl Default for StrandSet {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            radii: Vec::new(),
            offsets: vec![0],
            palette: Vec::new(),
        }
    }
}

impl StrandSet {
    /// Number of strands.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no strand.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends one strand; `points` and `radii` have the same length, at least two.
    pub fn push(&mut self, points: &[Vec3], radii: &[f32], palette: u8) {
        assert_eq!(points.len(), radii.len(), "one radius per point");
        assert!(2 <= points.len(), "a strand has at least two points");
        self.points.extend_from_slice(points);
        self.radii.extend_from_slice(radii);
        self.offsets.push(self.points.len() as u32);
        self.palette.push(palette);
    }

    /// Points of strand `strand_idx`, root first.
    pub fn strand(&self, strand_idx: usize) -> &[Vec3] {
        &self.points[self.offsets[strand_idx] as usize..self.offsets[strand_idx + 1] as usize]
    }

    /// Radii of strand `strand_idx`, root first.
    pub fn strand_radii(&self, strand_idx: usize) -> &[f32] {
        &self.radii[self.offsets[strand_idx] as usize..self.offsets[strand_idx + 1] as usize]
    }

    /// Appends all strands of `other`.
    pub fn append(&mut self, other: &Self) {
        for strand_idx in 0..other.len() {
            self.push(
                other.strand(strand_idx),
                other.strand_radii(strand_idx),
                other.palette[strand_idx],
            );
        }
    }
}
