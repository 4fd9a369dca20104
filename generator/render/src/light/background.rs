//! What the camera sees behind the scene: the environment through a lens that is focused nearer.

use std::f64::consts::PI;

use glam::{DVec3, Vec2, Vec3};
use rayon::prelude::*;

use super::environment::TexelGrid;

/// Radius of the least blur, in texels, so that no texel edges show.
const LEAST_RADIUS_TEXELS: f32 = 1.5;

/// The map, averaged over a disc about each direction.
#[derive(Clone, Debug)]
pub(crate) struct Background {
    grid: TexelGrid,
    radiance: Vec<Vec3>,
}

impl Background {
    /// Averages `radiance` over discs of angular radius `blur_rad` (or more where the texels ask
    /// for it). A wide blur is computed on a coarser map.
    pub(crate) fn new(grid: &TexelGrid, radiance: &[Vec3], blur_rad: f32) -> Self {
        let mut grid = grid.clone();
        let mut radiance = radiance.to_vec();
        let texel_rad = |grid: &TexelGrid| PI as f32 / grid.height as f32;
        let radius_rad = blur_rad.max(LEAST_RADIUS_TEXELS * texel_rad(&grid));
        while 6.0 * texel_rad(&grid) < radius_rad
            && grid.width.is_multiple_of(2)
            && grid.height.is_multiple_of(2)
        {
            (grid, radiance) = halved(&grid, &radiance);
        }
        let radiance = disc_average(&grid, &radiance, f64::from(radius_rad));
        Self { grid, radiance }
    }

    /// Radiance from `d`: a cubic B-spline over the blurred texels.
    pub(crate) fn radiance(&self, d: Vec3) -> Vec3 {
        let p = self.grid.position(d) - Vec2::splat(0.5);
        let floor = p.floor();
        let (x, y) = (floor.x as isize, floor.y as isize);
        let (wx, wy) = (spline_weights(p.x - floor.x), spline_weights(p.y - floor.y));
        let mut sum = Vec3::ZERO;
        for (j, wy) in wy.into_iter().enumerate() {
            for (i, wx) in wx.into_iter().enumerate() {
                let texel =
                    self.grid
                        .wrapped(&self.radiance, x + i as isize - 1, y + j as isize - 1);
                sum += texel * (wx * wy);
            }
        }
        sum
    }
}

/// Weights of the four texels about a point at `t` between the second and the third.
fn spline_weights(t: f32) -> [f32; 4] {
    let s = 1.0 - t;
    let (t2, s2) = (t * t, s * s);
    [
        s2 * s / 6.0,
        (4.0 - 3.0 * t2 * (2.0 - t)) / 6.0,
        (4.0 - 3.0 * s2 * (2.0 - s)) / 6.0,
        t2 * t / 6.0,
    ]
}

/// The map at half the resolution; texels are averaged by their solid angles.
fn halved(grid: &TexelGrid, radiance: &[Vec3]) -> (TexelGrid, Vec<Vec3>) {
    let coarse = grid.coarser();
    let mut out = Vec::with_capacity(coarse.width * coarse.height);
    for y in 0..coarse.height {
        let (top, bottom) = (grid.solid_angle(2 * y), grid.solid_angle(2 * y + 1));
        for x in 0..coarse.width {
            let pair = |row: usize| {
                let i = row * grid.width + 2 * x;
                radiance[i] + radiance[i + 1]
            };
            let sum = pair(2 * y) * top + pair(2 * y + 1) * bottom;
            out.push(sum / (2.0 * (top + bottom)));
        }
    }
    (coarse, out)
}

/// The mean of `radiance` over the spherical disc of angular radius `radius` about each texel.
///
/// A disc cuts each row in an interval of columns, whose sum comes from cumulative sums; so a
/// texel costs as many steps as the disc has rows.
fn disc_average(grid: &TexelGrid, radiance: &[Vec3], radius: f64) -> Vec<Vec3> {
    let (width, height) = (grid.width, grid.height);
    let cumulative: Vec<DVec3> = radiance
        .par_chunks_exact(width)
        .flat_map_iter(|row| {
            let mut sum = DVec3::ZERO;
            std::iter::once(DVec3::ZERO).chain(row.iter().map(move |texel| {
                sum += texel.as_dvec3();
                sum
            }))
        })
        .collect();
    let step = PI / height as f64;
    // Each row is cut at several heights, for discs only a few rows high.
    let cuts = ((6.0 * step / radius).ceil() as usize).clamp(1, 4);
    let reach = (radius / step).ceil() as isize + 1;
    let cos_radius = libm::cos(radius);
    let mut out = vec![Vec3::ZERO; width * height];
    out.par_chunks_exact_mut(width)
        .enumerate()
        .for_each(|(y, row)| {
            let center = (y as f64 + 0.5) * step;
            let (sin_center, cos_center) = libm::sincos(center);
            let mut sums = vec![DVec3::ZERO; width];
            let mut area = 0.0;
            let first = (y as isize - reach).max(0) as usize;
            let last = ((y as isize + reach) as usize).min(height - 1);
            for source in first..=last {
                let source_row = &cumulative[source * (width + 1)..(source + 1) * (width + 1)];
                for cut in 0..cuts {
                    let theta = (source as f64 + (cut as f64 + 0.5) / cuts as f64) * step;
                    let (sin, cos) = libm::sincos(theta);
                    // Half the azimuth that the disc covers at this height.
                    let cos_azimuth =
                        (cos_radius - cos_center * cos) / (sin_center * sin).max(1e-12);
                    if 1.0 <= cos_azimuth {
                        continue;
                    }
                    let half_texels = libm::acos(cos_azimuth.max(-1.0)) / PI * 0.5 * width as f64;
                    add_interval(&mut sums, source_row, half_texels, sin);
                    area += 2.0 * half_texels * sin;
                }
            }
            for (out, sum) in row.iter_mut().zip(sums) {
                *out = (sum / area).as_vec3();
            }
        });
    out
}

/// Adds to each entry `weight` times the integral of the row over `half` texels on either side.
fn add_interval(sums: &mut [DVec3], cumulative: &[DVec3], half: f64, weight: f64) {
    let width = sums.len() as isize;
    let total = cumulative[sums.len()];
    // The integral from column 0 to `i + f`, for `i` from one turn before to one turn after.
    let integral = |i: isize, f: f64| {
        let (i, turns) = if i < 0 {
            (i + width, -1.0)
        } else if width <= i {
            (i - width, 1.0)
        } else {
            (i, 0.0)
        };
        let (a, b) = (cumulative[i as usize], cumulative[i as usize + 1]);
        a + (b - a) * f + total * turns
    };
    let half = half.min(0.5 * width as f64 - 1e-6);
    let (lo, hi) = (0.5 - half, 0.5 + half);
    let (lo_floor, hi_floor) = (lo.floor(), hi.floor());
    for (x, sum) in sums.iter_mut().enumerate() {
        let x = x as isize;
        let upper = integral(x + hi_floor as isize, hi - hi_floor);
        let lower = integral(x + lo_floor as isize, lo - lo_floor);
        *sum += (upper - lower) * weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blur_keeps_an_even_map_and_the_energy_of_a_spot() {
        let grid = TexelGrid::new(64, 32, 0.3);
        let mut radiance = vec![Vec3::splat(0.5); 64 * 32];
        for blurred in Background::new(&grid, &radiance, 0.2).radiance {
            assert!((blurred - Vec3::splat(0.5)).abs().max_element() < 1e-5);
        }
        let spot = 12 * 64 + 20;
        radiance[spot] = Vec3::splat(1000.5);
        for blur_rad in [0.0, 0.15, 0.6] {
            let background = Background::new(&grid, &radiance, blur_rad);
            let mean = |grid: &TexelGrid, map: &[Vec3]| {
                (0..map.len())
                    .map(|i| map[i].x * grid.solid_angle(i / grid.width))
                    .sum::<f32>()
            };
            let (before, after) = (
                mean(&grid, &radiance),
                mean(&background.grid, &background.radiance),
            );
            assert!(
                (after / before - 1.0).abs() < 0.03,
                "blur {blur_rad}: {before} to {after}"
            );
        }
    }

    #[test]
    fn a_spot_becomes_a_disc_of_the_radius_asked_for() {
        let grid = TexelGrid::new(256, 128, 0.0);
        let mut radiance = vec![Vec3::ZERO; 256 * 128];
        radiance[40 * 256 + 100] = Vec3::splat(1000.0);
        let center = grid.center(100, 40);
        let background = Background::new(&grid, &radiance, 0.12);
        for i in 0..256 * 128 {
            let d = grid.center(i % 256, i / 256);
            let angle = (d - center).length();
            let value = background.radiance(d).x;
            if angle < 0.08 {
                assert!(0.5 < value, "inside at {angle}: {value}");
            } else if 0.2 < angle {
                assert!(value < 1e-4, "outside at {angle}: {value}");
            }
        }
    }
}
