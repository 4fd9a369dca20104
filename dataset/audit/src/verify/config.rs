//! What verification tolerates. No check holds a number of its own.

use std::ops::RangeInclusive;

/// How far normals and depth may disagree over the smooth pixels of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfaceLimits {
    /// Largest median angle between normals and the surface that depth describes, in degrees.
    /// Cloth, skin and hair bend normals, a wrong frame turns them by more.
    pub median_max_deg: f64,
    /// Largest angle between the sums of both, in degrees: relief averages out, a wrong frame does
    /// not.
    pub bias_max_deg: f64,
    /// What slopes told by normals may be, relative to those of depth.
    pub gradient_ratio: RangeInclusive<f64>,
    /// Largest radial part of depth, 1 being that of distances along the ray.
    pub radial_max: f64,
    /// Whether hair, whose normals are those of fibres, may be among the pixels.
    pub may_be_hair: bool,
}

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
    /// How far normals and depth may disagree over the pixels that are known to show no hair.
    pub surface: SurfaceLimits,
    /// The same where hair is not told apart: its normals are those of fibres.
    pub surface_with_hair: SurfaceLimits,
    /// The same for the medians over a whole dataset, in which single samples average out.
    pub surface_of_dataset: SurfaceLimits,
    /// Smooth pixels below which the angle is not judged.
    pub normal_from_depth_px_min: usize,
    /// Share of the person's pixels at which depth and normals may disagree whether there is a
    /// surface. Files of others mark what they do not know in one plane only.
    pub disagreement_share_max: f64,
    /// Share of the person's pixels whose normals may look away: others filter normals.
    pub away_share_max: f64,
    /// Depth of a lone pixel relative to its smooth surroundings, where no hair is and normals
    /// say that it belongs to them; the highest bit of a fraction is 1.33 to 1.5, the next 1.12 to
    /// 1.25.
    pub lone_depth_ratio: f32,
    /// The same where it may show a strand before the surface, or a gap in it; one bit of an
    /// exponent is 2.
    pub lone_depth_ratio_with_hair: f32,
    /// Smallest alpha of a lone pixel amid an opaque, smooth surface without hair.
    pub lone_alpha_min: u8,
    /// The same where hair may be.
    pub lone_alpha_min_with_hair: u8,
    /// Largest alpha of a lone pixel amid pixels without the person.
    pub lone_alpha_max: u8,
    /// Largest difference of one channel of the picture alone to even surroundings.
    pub lone_rgb_max: u8,
    /// Pixels of sharp outline below which picture and coverage are not laid on each other.
    pub outline_px_min: usize,
    /// Contrast of the picture under the outline of alpha, over that a few pixels beside it.
    pub outline_sharpness_min: f32,
    /// How much better a shifted outline may fit the picture.
    pub outline_shift_ratio: f32,
    /// How much better the outline may fit the mirrored picture.
    pub outline_mirror_ratio: f32,
    /// Pixels of sharp edges below which the mean of their coverage is not judged.
    pub edge_px_min: usize,
    /// How far that mean may be from one half.
    pub edge_coverage_tolerance: f64,
    /// Largest share of the pixels without the person that is black.
    pub black_background_share_max: f64,
    /// Whether depth that holds no more than half floats is a finding.
    pub is_half_depth_told: bool,
    /// Largest share of pixels that have the very depth of the pixel to their left.
    pub repeated_depth_share_max: f64,
    /// How far the scale of depth over a dataset may be from that of the labelled distances.
    pub depth_scale_tolerance: f64,
    /// Smallest cosine between normals and their mean for a surface to count as smooth.
    pub smooth_normal_cosine: f32,
    /// Smallest extent of a person in the picture at the median depth, in metres.
    pub person_size_min_m: f64,
    /// Largest such extent.
    pub person_size_max_m: f64,
    /// How far the median depth may be from the labelled distance of the camera: metres, and a
    /// share of the distance.
    pub camera_distance_tolerance: [f64; 2],
    /// Mean difference of thumbnails, of 255, up to which samples are nearly the same.
    pub near_copy_distance: f32,
    /// Rows of one band of fingerprints that a row is compared with.
    pub near_copy_candidates: usize,
    /// Largest share of samples in which bare skin is bluer than red.
    pub blue_skin_share_max: f64,
    /// The same of whole persons, with their clothes, where parts are not known.
    pub blue_person_share_max: f64,
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
            surface: SurfaceLimits {
                may_be_hair: false,
                median_max_deg: 20.0,
                bias_max_deg: 6.0,
                gradient_ratio: 0.7..=1.25,
                radial_max: 0.6,
            },
            surface_with_hair: SurfaceLimits {
                may_be_hair: true,
                median_max_deg: 35.0,
                bias_max_deg: 12.0,
                gradient_ratio: 0.4..=1.4,
                radial_max: 1.5,
            },
            surface_of_dataset: SurfaceLimits {
                may_be_hair: false,
                median_max_deg: 20.0,
                bias_max_deg: 6.0,
                gradient_ratio: 0.75..=1.12,
                radial_max: 0.6,
            },
            normal_from_depth_px_min: 200,
            disagreement_share_max: 0.0,
            away_share_max: 0.0,
            lone_depth_ratio: 1.12,
            lone_depth_ratio_with_hair: 1.9,
            lone_alpha_min: 240,
            lone_alpha_min_with_hair: 192,
            lone_alpha_max: 24,
            lone_rgb_max: 90,
            outline_px_min: 150,
            outline_sharpness_min: 1.35,
            outline_shift_ratio: 1.06,
            outline_mirror_ratio: 1.4,
            edge_px_min: 80,
            edge_coverage_tolerance: 0.09,
            black_background_share_max: 0.999,
            is_half_depth_told: true,
            repeated_depth_share_max: 0.2,
            depth_scale_tolerance: 0.02,
            smooth_normal_cosine: 0.9,
            person_size_min_m: 0.08,
            person_size_max_m: 4.0,
            camera_distance_tolerance: [0.45, 0.12],
            near_copy_distance: 1.5,
            near_copy_candidates: 64,
            blue_skin_share_max: 0.6,
            blue_person_share_max: 0.9,
            smooth_depth_step: 0.02,
            fg_fraction_min: 1e-3,
            measured_tolerance: 2e-7,
            findings_per_check: 20,
        }
    }
}

impl VerifyConfig {
    /// The limits for samples that others made: their planes may be filtered, and may not know the
    /// depth of everything that alpha covers.
    pub fn for_imported(&self) -> Self {
        Self {
            opaque_gap_share_max: self.opaque_gap_share_max.max(0.05),
            disagreement_share_max: self.disagreement_share_max.max(0.05),
            away_share_max: self.away_share_max.max(0.02),
            black_background_share_max: 1.0,
            is_half_depth_told: false,
            ..self.clone()
        }
    }
}
