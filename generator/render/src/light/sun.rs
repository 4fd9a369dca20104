//! The sun: a disc infinitely far away, drawn evenly over its cone.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use crate::fast_math::sin_cos_turns;
use crate::frame::Frame;
use crate::sampling::luminance;

/// A sun, ready to be sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sun {
    frame: Frame,
    radiance: Vec3,
    /// One less the cosine of the angular radius.
    one_minus_cos: f32,
    /// The disc as the camera sees it: as wide as the blur, and as much dimmer.
    blurred: (f32, Vec3),
}

impl Sun {
    /// `None` when it does not shine; `blur_rad` is the blur of the background.
    pub(crate) fn new(
        direction: Vec3,
        radius_rad: f32,
        radiance: Vec3,
        blur_rad: f32,
    ) -> Option<Self> {
        let versine = |radius_rad: f32| {
            let (sin, _) = crate::fast_math::sin_cos(0.5 * radius_rad.clamp(1e-4, 1.5));
            2.0 * sin * sin
        };
        let one_minus_cos = versine(radius_rad);
        let wide = versine((radius_rad * radius_rad + blur_rad * blur_rad).sqrt());
        let sun = Self {
            frame: Frame::from_normal(direction.try_normalize()?),
            radiance,
            one_minus_cos,
            blurred: (wide, radiance * (one_minus_cos / wide)),
        };
        (0.0 < luminance(radiance)).then_some(sun)
    }

    /// Direction toward its centre.
    pub(crate) fn direction(&self) -> Vec3 {
        self.frame.z
    }

    /// Irradiance of a surface that faces it.
    pub(crate) fn irradiance(&self) -> Vec3 {
        // The projected solid angle is pi sin^2.
        let projected = 0.5 * TAU * self.one_minus_cos * (2.0 - self.one_minus_cos);
        self.radiance * projected
    }

    /// Draws a direction toward it.
    #[inline]
    pub(crate) fn sample(&self, u: Vec2) -> (Vec3, Vec3, f32) {
        let away = u.x * self.one_minus_cos;
        let radius = (away * (2.0 - away)).max(0.0).sqrt();
        let (sin, cos) = sin_cos_turns(u.y);
        let local = Vec3::new(radius * cos, radius * sin, 1.0 - away);
        (self.frame.to_world(local), self.radiance, self.pdf())
    }

    /// Density of [`Self::sample`] over its disc, per steradian.
    #[inline]
    pub(crate) fn pdf(&self) -> f32 {
        1.0 / (TAU * self.one_minus_cos)
    }

    /// Radiance from `d`.
    #[inline]
    pub(crate) fn radiance(&self, d: Vec3) -> Vec3 {
        if self.away(d) < self.one_minus_cos {
            self.radiance
        } else {
            Vec3::ZERO
        }
    }

    /// Radiance from `d` as the camera sees it.
    pub(crate) fn background(&self, d: Vec3) -> Vec3 {
        let (one_minus_cos, radiance) = self.blurred;
        if self.away(d) < one_minus_cos {
            radiance
        } else {
            Vec3::ZERO
        }
    }

    /// One less the cosine of the angle from the centre, precise for small angles.
    #[inline]
    fn away(&self, d: Vec3) -> f32 {
        0.5 * (d - self.frame.z).length_squared()
    }
}
