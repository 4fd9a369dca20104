//! The rest of the coverage family: what the rays of a pixel that meet the subject say together.

use glam::Vec3;

use super::gather::RayHit;
use super::normals::Normals;
use super::view::{View, is_fibre};
use crate::interaction::SurfaceHit;

/// Median, mean and spread over the coverage rays that meet the subject, row by row from the
/// top-left. A pixel that shows one smooth surface has five rays, one of them at its centre;
/// others have all.
#[derive(Clone, Debug, PartialEq)]
pub struct CoveragePlanes {
    /// Depth of the ray whose depth is the median (the nearer of two), in metres: a point of a
    /// true surface, never a mixture. `+inf` where no ray meets the subject.
    pub depth_median_m: Vec<f32>,
    /// Least depth, in metres; `+inf` for none.
    pub depth_min_m: Vec<f32>,
    /// Largest depth, in metres; `+inf` for none.
    pub depth_max_m: Vec<f32>,
    /// Standard deviation of the depth, in metres; zero for none.
    pub depth_deviation_m: Vec<f32>,
    /// Camera-space unit mean of the normals; zero for none.
    pub normal_mean: Vec<Vec3>,
    /// Length of the mean of the unit normals: 1 where all agree, toward 0 in hair; zero for none.
    pub normal_length: Vec<f32>,
    /// Whether the ray of the median meets a fibre.
    pub hair: Vec<bool>,
}

/// The same of one pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Statistics {
    depth_median_m: f32,
    depth_min_m: f32,
    depth_max_m: f32,
    depth_deviation_m: f32,
    normal_mean: Vec3,
    normal_length: f32,
    hair: bool,
}

impl Statistics {
    pub(super) fn of(view: &View<'_>, normals: &Normals, hits: &[RayHit]) -> Self {
        let camera = &view.scene.camera;
        let depth_of = |hit: &RayHit| camera.depth_m(hit.film_px, hit.hit.t);
        let mut by_depth: Vec<(f32, usize)> = (hits.iter().enumerate())
            .map(|(idx, hit)| (depth_of(hit), idx))
            .collect();
        by_depth.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let [Some(&first), Some(&last)] = [by_depth.first(), by_depth.last()] else {
            return Self {
                depth_median_m: f32::INFINITY,
                depth_min_m: f32::INFINITY,
                depth_max_m: f32::INFINITY,
                depth_deviation_m: 0.0,
                normal_mean: Vec3::ZERO,
                normal_length: 0.0,
                hair: false,
            };
        };
        let median = by_depth[(by_depth.len() - 1) / 2];
        let n = by_depth.len() as f64;
        let mean = by_depth.iter().map(|d| f64::from(d.0)).sum::<f64>() / n;
        let square = |depth_m: f32| (f64::from(depth_m) - mean) * (f64::from(depth_m) - mean);
        let variance = by_depth.iter().map(|d| square(d.0)).sum::<f64>() / n;
        let sum: Vec3 = (hits.iter())
            .map(|RayHit { ray, hit, .. }| {
                let surface = SurfaceHit::new(view.scene, ray, hit);
                normals.in_camera(view, ray, hit, &surface)
            })
            .sum();
        let mean_normal = sum / hits.len() as f32;
        Self {
            depth_median_m: median.0,
            depth_min_m: first.0,
            depth_max_m: last.0,
            depth_deviation_m: variance.sqrt() as f32,
            normal_mean: mean_normal.normalize_or(Vec3::Z),
            normal_length: mean_normal.length().min(1.0),
            hair: is_fibre(&hits[median.1].hit),
        }
    }
}

impl CoveragePlanes {
    pub(super) fn of(pixels: &[Statistics]) -> Self {
        let of = |value: fn(&Statistics) -> f32| pixels.iter().map(value).collect();
        Self {
            depth_median_m: of(|p| p.depth_median_m),
            depth_min_m: of(|p| p.depth_min_m),
            depth_max_m: of(|p| p.depth_max_m),
            depth_deviation_m: of(|p| p.depth_deviation_m),
            normal_mean: pixels.iter().map(|p| p.normal_mean).collect(),
            normal_length: of(|p| p.normal_length),
            hair: pixels.iter().map(|p| p.hair).collect(),
        }
    }
}
