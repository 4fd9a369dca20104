//! Light from infinitely far, importance-sampled texel by texel.

use std::f32::consts::{PI, TAU};

use bottega_geometry::math;
use glam::{Vec2, Vec3};

use super::background::Background;
use super::distribution::GridDistribution;
use super::meter;
use crate::fast_math::{acos, atan2, sin_cos_turns};
use crate::sampling::luminance;
use crate::scene::Environment;

/// A direction toward light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LightSample {
    /// Unit direction away from the scene.
    pub wi: Vec3,
    /// Radiance that arrives from there.
    pub radiance: Vec3,
    /// Density with which the direction was drawn, per steradian; never zero.
    pub pdf: f32,
}

/// An environment ready to be sampled.
///
/// Light that takes part in multiple importance sampling is constant over each texel, so the
/// texel probabilities follow it exactly. What mirrors see is interpolated, and what the camera
/// sees ([`Self::background`]) is a blurred copy where a blur is asked for.
#[derive(Clone, Debug)]
pub struct EnvironmentLight {
    grid: TexelGrid,
    radiance: Vec<Vec3>,
    distribution: GridDistribution,
    background: Option<Background>,
    irradiance_up: Vec3,
    mean_luminance: f32,
}

impl EnvironmentLight {
    /// Builds the tables. The map must have at least one texel and as many as it claims.
    pub fn new(environment: &Environment) -> Self {
        let grid = TexelGrid::new(environment.width, environment.height, environment.yaw_rad);
        assert_eq!(
            environment.radiance.len(),
            grid.width * grid.height,
            "one radiance per texel"
        );
        let radiance: Vec<Vec3> = environment
            .radiance
            .iter()
            .map(|&texel| texel * environment.scale)
            .collect();
        Self {
            distribution: GridDistribution::new(
                grid.width,
                grid.height,
                &compensated_weights(&grid, &radiance),
            ),
            background: (0.0 < environment.background_blur_rad)
                .then(|| Background::new(&grid, &radiance, environment.background_blur_rad)),
            irradiance_up: meter::irradiance(environment, Vec3::Y),
            mean_luminance: mean_luminance(&grid, &radiance) as f32,
            grid,
            radiance,
        }
    }

    /// Draws a direction; `None` when there is no light.
    #[inline]
    pub fn sample(&self, u: Vec2) -> Option<LightSample> {
        let draw = self.distribution.draw(u)?;
        let radiance = self.radiance[draw.y * self.grid.width + draw.x];
        Some(LightSample {
            wi: self.grid.direction(draw.x, draw.y, draw.within),
            radiance,
            pdf: draw.probability / self.grid.solid_angle(draw.y),
        })
    }

    /// Radiance that arrives from `d` and the density with which [`Self::sample`] draws it.
    #[inline]
    pub fn radiance_and_pdf(&self, d: Vec3) -> (Vec3, f32) {
        let (x, y) = self.grid.texel(d);
        let pdf = self.distribution.probability(x, y) / self.grid.solid_angle(y);
        (self.radiance[y * self.grid.width + x], pdf)
    }

    /// Radiance from `d`, interpolated between texel centres: what mirrors see.
    pub fn radiance_smooth(&self, d: Vec3) -> Vec3 {
        let p = self.grid.position(d) - Vec2::splat(0.5);
        let floor = p.floor();
        let (x, y) = (floor.x as isize, floor.y as isize);
        let f = p - floor;
        let at = |dx, dy| self.grid.wrapped(&self.radiance, x + dx, y + dy);
        let top = at(0, 0).lerp(at(1, 0), f.x);
        let bottom = at(0, 1).lerp(at(1, 1), f.x);
        top.lerp(bottom, f.y)
    }

    /// Radiance that the camera sees from `d`: that of the blurred copy, if there is one.
    pub fn background(&self, d: Vec3) -> Vec3 {
        match &self.background {
            Some(blurred) => blurred.radiance(d),
            None => self.radiance_smooth(d),
        }
    }

    /// Mean luminance over all directions.
    pub(crate) fn mean_luminance(&self) -> f32 {
        self.mean_luminance
    }

    /// Counts further light from infinitely far among what falls on level ground.
    pub(crate) fn add_irradiance_up(&mut self, irradiance: Vec3) {
        self.irradiance_up += irradiance;
    }

    /// Irradiance of an unshadowed level ground.
    pub fn irradiance_up(&self) -> Vec3 {
        self.irradiance_up
    }
}

/// Weights of the texels after MIS compensation (Karlik et al. 2019): the part of the light up to
/// the mean is left to the sampling of the BSDF, which finds it anyway.
fn compensated_weights(grid: &TexelGrid, radiance: &[Vec3]) -> Vec<f64> {
    let light = |x: usize, y: usize| f64::from(luminance(radiance[y * grid.width + x]));
    let cells = || (0..grid.height).flat_map(|y| (0..grid.width).map(move |x| (x, y)));
    let mean = mean_luminance(grid, radiance);
    let total = mean * f64::from(2.0 * TAU);
    let weights = |floor: f64| -> Vec<f64> {
        cells()
            .map(|(x, y)| (light(x, y) - floor).max(0.0) * f64::from(grid.solid_angle(y)))
            .collect()
    };
    let compensated = weights(mean);
    // An almost even light has no part worth singling out: what is left after compensation would
    // be noise of the map, so it is sampled as it is.
    if 0.1 * total < compensated.iter().sum() {
        compensated
    } else {
        weights(0.0)
    }
}

/// Mean luminance over the sphere.
fn mean_luminance(grid: &TexelGrid, radiance: &[Vec3]) -> f64 {
    let total: f64 = (radiance.iter().enumerate())
        .map(|(i, &texel)| {
            f64::from(luminance(texel)) * f64::from(grid.solid_angle(i / grid.width))
        })
        .sum();
    total / f64::from(2.0 * TAU)
}

/// The geometry of an equirectangular map: which texel covers which directions.
#[derive(Clone, Debug)]
pub(crate) struct TexelGrid {
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    yaw_turns: f32,
    /// Cosine of the polar angle at the upper edge of each row, and at the bottom.
    cos_edges: Vec<f32>,
    /// Solid angle of a texel of each row.
    solid_angles: Vec<f32>,
    /// Cosine and sine of the azimuth at the centre of each column.
    azimuths: Vec<Vec2>,
}

impl TexelGrid {
    pub(crate) fn new(width: usize, height: usize, yaw_rad: f32) -> Self {
        assert!(0 < width && 0 < height, "an environment map has texels");
        let edge = |y: usize| libm::cos(y as f64 / height as f64 * std::f64::consts::PI);
        let yaw_turns = yaw_rad / TAU;
        Self {
            width,
            height,
            yaw_turns,
            cos_edges: (0..=height).map(|y| edge(y) as f32).collect(),
            solid_angles: (0..height)
                .map(|y| ((edge(y) - edge(y + 1)) * std::f64::consts::TAU / width as f64) as f32)
                .collect(),
            azimuths: (0..width)
                .map(|x| {
                    let turns = (x as f32 + 0.5) / width as f32 - 0.5 - yaw_turns;
                    let (sin, cos) = math::sin_cos(turns * TAU);
                    Vec2::new(cos, sin)
                })
                .collect(),
        }
    }

    /// The grid of half the resolution.
    pub(crate) fn coarser(&self) -> Self {
        Self::new(self.width / 2, self.height / 2, self.yaw_turns * TAU)
    }

    /// Solid angle of a texel of row `y`.
    #[inline]
    pub(crate) fn solid_angle(&self, y: usize) -> f32 {
        self.solid_angles[y]
    }

    /// Direction of the point `within` (uniform in solid angle) of texel `(x, y)`.
    #[inline]
    fn direction(&self, x: usize, y: usize, within: Vec2) -> Vec3 {
        let cos = math::lerp(self.cos_edges[y], self.cos_edges[y + 1], within.y);
        let turns = (x as f32 + within.x) / self.width as f32 - 0.5 - self.yaw_turns;
        let radius = (1.0 - cos * cos).max(0.0).sqrt();
        let (sin_phi, cos_phi) = sin_cos_turns(turns);
        Vec3::new(radius * cos_phi, cos, radius * sin_phi)
    }

    /// Direction of the centre (by solid angle) of texel `(x, y)`.
    pub(crate) fn center(&self, x: usize, y: usize) -> Vec3 {
        let cos = 0.5 * (self.cos_edges[y] + self.cos_edges[y + 1]);
        let radius = (1.0 - cos * cos).max(0.0).sqrt();
        let azimuth = self.azimuths[x];
        Vec3::new(radius * azimuth.x, cos, radius * azimuth.y)
    }

    /// Position of `d` on the map, in texels from the top left; the column is in `[0, width)`.
    #[inline]
    pub(crate) fn position(&self, d: Vec3) -> Vec2 {
        let u = 0.5 + atan2(d.z, d.x) * (1.0 / TAU) + self.yaw_turns;
        let v = acos(d.y) * (1.0 / PI);
        Vec2::new((u - u.floor()) * self.width as f32, v * self.height as f32)
    }

    /// The texel that covers `d`.
    #[inline]
    pub(crate) fn texel(&self, d: Vec3) -> (usize, usize) {
        let p = self.position(d);
        (
            (p.x as usize).min(self.width - 1),
            (p.y as usize).min(self.height - 1),
        )
    }

    /// The entry of `map` at `(x, y)`: columns wrap around, rows continue beyond a pole on the
    /// other side.
    #[inline]
    pub(crate) fn wrapped(&self, map: &[Vec3], x: isize, y: isize) -> Vec3 {
        let (width, height) = (self.width as isize, self.height as isize);
        let (x, y) = if y < 0 {
            (x + width / 2, -1 - y)
        } else if height <= y {
            (x + width / 2, 2 * height - 1 - y)
        } else {
            (x, y)
        };
        map[(y.clamp(0, height - 1) * width + x.rem_euclid(width)) as usize]
    }
}

#[cfg(test)]
mod tests;
