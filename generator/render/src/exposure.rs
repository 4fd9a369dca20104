//! Exposure of a physical camera: aperture, shutter and sensitivity.

use bottega_geometry::math;

/// Aperture, shutter and sensitivity of a picture.
///
/// The shutter decides the exposure alone: scenes do not move while it is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhysicalExposure {
    /// Focal length over the diameter of the lens.
    pub f_number: f32,
    /// Time for which the shutter is open, in seconds.
    pub shutter_s: f32,
    /// Sensitivity (ISO 12232, arithmetic).
    pub iso: f32,
}

impl PhysicalExposure {
    /// Exposure value at ISO 100: `log2(N^2 / t * 100 / S)`.
    pub fn ev100(&self) -> f32 {
        let n = self.f_number;
        math::log2(n * n / self.shutter_s * 100.0 / self.iso)
    }

    /// Factor from luminance in candela per square metre to exposed linear value, where 1 is the
    /// luminance that saturates a sensor of this speed: `1.2 * 2^EV100` (Lagarde and de Rousiers
    /// 2014, "Moving Frostbite to Physically Based Rendering").
    pub fn factor(&self) -> f32 {
        let n = self.f_number;
        self.shutter_s * self.iso / (120.0 * n * n)
    }

    /// The sensitivity that gives `factor` at this aperture and shutter.
    #[must_use]
    pub fn with_iso_of_factor(self, factor: f32) -> Self {
        let n = self.f_number;
        Self {
            iso: 120.0 * n * n * factor / self.shutter_s,
            ..self
        }
    }
}

/// Two to the power of a number of stops.
pub fn two_to(stops: f32) -> f32 {
    math::pow(2.0, stops)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sunny_day_is_sixteen_at_one_over_the_speed() {
        // f/16 at 1/100 s and ISO 100 is EV 14.6; sunlit grey of 4000 cd/m2 is well exposed.
        let sunny = PhysicalExposure {
            f_number: 16.0,
            shutter_s: 0.01,
            iso: 100.0,
        };
        assert!((sunny.ev100() - 14.643_856).abs() < 1e-4);
        let factor = 1.0 / (1.2 * math::pow(2.0, sunny.ev100()));
        assert!((sunny.factor() / factor - 1.0).abs() < 1e-5);
        assert!((0.1..0.2).contains(&(4000.0 * sunny.factor())));
    }

    #[test]
    fn one_stop_is_a_factor_of_two_by_any_wheel() {
        let base = PhysicalExposure {
            f_number: 4.0,
            shutter_s: 0.02,
            iso: 200.0,
        };
        let brighter = [
            PhysicalExposure {
                f_number: 4.0 / 2.0_f32.sqrt(),
                ..base
            },
            PhysicalExposure {
                shutter_s: 0.04,
                ..base
            },
            PhysicalExposure { iso: 400.0, ..base },
        ];
        for other in brighter {
            assert!((other.factor() / base.factor() - 2.0).abs() < 1e-5);
            assert!((base.ev100() - other.ev100() - 1.0).abs() < 1e-5);
        }
        let same = base.with_iso_of_factor(base.factor());
        assert!((same.iso - 200.0).abs() < 1e-3);
    }
}
