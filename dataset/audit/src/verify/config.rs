//! What verification tolerates. No check holds a number of its own.

/// Limits of the checks.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyConfig {
    /// Compare hashes, sizes, encodings and attributes; without, meaning alone is judged.
    pub checksums: bool,
    /// Largest deviation of a normal from unit length. Three half floats keep it within 1e-3.
    pub normal_length_tolerance: f32,
    /// Largest cosine between a normal and the direction of view away from the camera: a normal
    /// at the silhouette is at right angles, and half floats move it by up to 1e-3.
    pub facing_tolerance: f32,
    /// Shortest likely depth, in metres: nearer than a camera can focus on a face.
    pub depth_min_m: f32,
    /// Longest likely depth, in metres: a whole person through a long lens.
    pub depth_max_m: f32,
    /// Largest likely extent of a person along the optical axis, in metres.
    pub depth_extent_max_m: f32,
    /// Largest share of opaque pixels, all of whose neighbours are opaque, without a surface at
    /// their centre: the gaps between strands that 64 coverage rays all miss.
    pub opaque_gap_share_max: f64,
    /// Largest median angle between stored normals and those of the depth, in degrees, over smooth
    /// pixels. Cloth, skin and hair bend normals, a wrong frame turns them by more.
    pub normal_from_depth_max_deg: f64,
    /// Smooth pixels below which the angle is not judged.
    pub normal_from_depth_px_min: usize,
    /// Relative step of depth between neighbours above which a pixel is not smooth.
    pub smooth_depth_step: f32,
    /// Smallest share of the picture that a person covers.
    pub fg_fraction_min: f32,
    /// Largest deviation of a measured column from what the planes say, relative to 1.
    pub measured_tolerance: f64,
    /// Findings of one check in one file beyond which only their number is reported.
    pub findings_per_check: usize,
}

impl Default for VerifyConfig {
    fn default() -> Self {
        Self {
            checksums: true,
            normal_length_tolerance: 2e-3,
            facing_tolerance: 4e-3,
            depth_min_m: 0.05,
            depth_max_m: 100.0,
            depth_extent_max_m: 3.5,
            opaque_gap_share_max: 1e-3,
            normal_from_depth_max_deg: 35.0,
            normal_from_depth_px_min: 200,
            smooth_depth_step: 0.02,
            fg_fraction_min: 1e-3,
            measured_tolerance: 1e-4,
            findings_per_check: 20,
        }
    }
}
