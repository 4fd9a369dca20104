//! Short polynomials for the transcendental functions of the inner loops.
//!
//! They use only additions, multiplications, divisions, square roots and written-out fused
//! multiply-adds, so they give the same bits on every machine, and they inline. Each states its
//! largest error, which the tests below check against `libm`.

use std::f32::consts::{FRAC_PI_2, LN_2, LOG2_E, PI, TAU};

/// Sine and cosine of `turns` full turns; absolute error below 3e-7.
#[inline]
pub(crate) fn sin_cos_turns(turns: f32) -> (f32, f32) {
    let quarters = (turns * 4.0).round_ties_even();
    let x = quarters.mul_add(-0.25, turns) * TAU;
    let x2 = x * x;
    let sin = x2
        .mul_add(1.0 / 362_880.0, -1.0 / 5040.0)
        .mul_add(x2, 1.0 / 120.0)
        .mul_add(x2, -1.0 / 6.0)
        .mul_add(x2, 1.0)
        * x;
    let cos = x2
        .mul_add(-1.0 / 3_628_800.0, 1.0 / 40_320.0)
        .mul_add(x2, -1.0 / 720.0)
        .mul_add(x2, 1.0 / 24.0)
        .mul_add(x2, -0.5)
        .mul_add(x2, 1.0);
    match (quarters as i32) & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// Sine and cosine of `x` radians, for `x` within a few turns; absolute error below 1e-6.
#[inline]
pub(crate) fn sin_cos(x: f32) -> (f32, f32) {
    sin_cos_turns(x * (1.0 / TAU))
}

/// Natural exponential; relative error below 3e-7, 0 below -87, the largest value above 88.
#[inline]
pub(crate) fn exp(x: f32) -> f32 {
    if x < -87.0 {
        return 0.0;
    }
    let x = x.min(88.0);
    let n = (x * LOG2_E).round_ties_even();
    // ln 2 in two parts: the first has few bits, so that n times it is exact.
    let r = n.mul_add(-0.693_359_4, x);
    let r = n.mul_add(2.121_944_4e-4, r);
    let p = r
        .mul_add(1.0 / 5040.0, 1.0 / 720.0)
        .mul_add(r, 1.0 / 120.0)
        .mul_add(r, 1.0 / 24.0)
        .mul_add(r, 1.0 / 6.0)
        .mul_add(r, 0.5)
        .mul_add(r, 1.0)
        .mul_add(r, 1.0);
    p * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

/// Natural logarithm of a positive normal number; error below 3e-7 of max(1, |ln x|).
#[inline]
pub(crate) fn ln(x: f32) -> f32 {
    // Splits x into 2^e m with m in [1/sqrt 2, sqrt 2).
    let offset = x.to_bits().wrapping_sub(0x3f35_04f3);
    let e = (offset as i32) >> 23;
    let m = f32::from_bits(x.to_bits().wrapping_sub((e as u32) << 23));
    let t = (m - 1.0) / (m + 1.0);
    let t2 = t * t;
    let p = t2
        .mul_add(2.0 / 9.0, 2.0 / 7.0)
        .mul_add(t2, 2.0 / 5.0)
        .mul_add(t2, 2.0 / 3.0)
        .mul_add(t2, 2.0);
    (e as f32).mul_add(LN_2, t * p)
}

/// Arc sine of `x`, clamped to `[-1, 1]`; absolute error below 4e-7.
///
/// Abramowitz and Stegun, 4.4.46.
#[inline]
pub(crate) fn asin(x: f32) -> f32 {
    let a = x.abs().min(1.0);
    let p = a
        .mul_add(-0.001_262_491_1, 0.006_670_09)
        .mul_add(a, -0.017_088_126)
        .mul_add(a, 0.030_891_88)
        .mul_add(a, -0.050_174_305)
        .mul_add(a, 0.088_978_99)
        .mul_add(a, -0.214_598_8)
        .mul_add(a, FRAC_PI_2);
    (FRAC_PI_2 - (1.0 - a).sqrt() * p).copysign(x)
}

/// Arc cosine of `x`, clamped to `[-1, 1]`; absolute error below 4e-7.
#[inline]
pub(crate) fn acos(x: f32) -> f32 {
    FRAC_PI_2 - asin(x)
}

/// Angle of the point `(x, y)`, in `[-pi, pi]`; absolute error below 4e-7.
///
/// Abramowitz and Stegun, 4.4.49.
#[inline]
pub(crate) fn atan2(y: f32, x: f32) -> f32 {
    let (ax, ay) = (x.abs(), y.abs());
    let (small, large) = if ax < ay { (ax, ay) } else { (ay, ax) };
    if large == 0.0 {
        return 0.0;
    }
    let z = small / large;
    let z2 = z * z;
    let p = z2
        .mul_add(0.002_866_225_7, -0.016_165_737)
        .mul_add(z2, 0.042_909_614)
        .mul_add(z2, -0.075_289_64)
        .mul_add(z2, 0.106_562_64)
        .mul_add(z2, -0.142_089)
        .mul_add(z2, 0.199_935_51)
        .mul_add(z2, -0.333_331_45)
        .mul_add(z2, 1.0)
        * z;
    let first = if ax < ay { FRAC_PI_2 - p } else { p };
    let half = if x < 0.0 { PI - first } else { first };
    half.copysign(y)
}

/// `x` to the power of `y`, for positive normal `x`; relative error below 1e-6 of max(1, |y ln x|).
#[inline]
pub(crate) fn pow(x: f32, y: f32) -> f32 {
    exp(y * ln(x))
}

/// The modified Bessel function of the first kind and order zero times `exp(-x)`, for `x >= 0`;
/// relative error below 1e-6.
///
/// Abramowitz and Stegun, 9.8.1 and 9.8.2.
#[inline]
pub(crate) fn bessel_i0_scaled(x: f32) -> f32 {
    if x < 3.75 {
        let t = x * (1.0 / 3.75);
        let t2 = t * t;
        let p = t2
            .mul_add(0.004_581_3, 0.036_076_8)
            .mul_add(t2, 0.265_973_2)
            .mul_add(t2, 1.206_749_2)
            .mul_add(t2, 3.089_942_4)
            .mul_add(t2, 3.515_622_9)
            .mul_add(t2, 1.0);
        p * exp(-x)
    } else {
        let t = 3.75 / x;
        let p = t
            .mul_add(0.003_923_77, -0.016_476_33)
            .mul_add(t, 0.026_355_37)
            .mul_add(t, -0.020_577_06)
            .mul_add(t, 0.009_162_81)
            .mul_add(t, -0.001_575_65)
            .mul_add(t, 0.002_253_19)
            .mul_add(t, 0.013_285_92)
            .mul_add(t, 0.398_942_3);
        p / x.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error of `f` against `reference` over `[lo, hi]`, relative to max(floor, |value|).
    fn worst(
        lo: f32,
        hi: f32,
        floor: f64,
        f: impl Fn(f32) -> f32,
        reference: impl Fn(f64) -> f64,
    ) -> f64 {
        (0..=20_000)
            .map(|i| {
                let x = lo + (hi - lo) * (i as f32 / 20_000.0);
                let wanted = reference(f64::from(x));
                (f64::from(f(x)) - wanted).abs() / wanted.abs().max(floor)
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn polynomials_stay_within_their_stated_errors() {
        let tau = std::f64::consts::TAU;
        assert!(
            worst(
                -2.0,
                2.0,
                1.0,
                |x| sin_cos_turns(x).0,
                |x| libm::sin(x * tau)
            ) < 3e-7
        );
        assert!(
            worst(
                -2.0,
                2.0,
                1.0,
                |x| sin_cos_turns(x).1,
                |x| libm::cos(x * tau)
            ) < 3e-7
        );
        assert!(worst(-9.0, 9.0, 1.0, |x| sin_cos(x).0, libm::sin) < 1e-6);
        assert!(worst(-86.9, 87.9, 0.0, exp, libm::exp) < 3e-7);
        assert!(worst(1e-30, 3.0, 1.0, ln, libm::log) < 3e-7);
        assert!(worst(1.0, 1e30, 1.0, ln, libm::log) < 3e-7);
        assert!(worst(-1.0, 1.0, 1.0, asin, libm::asin) < 4e-7);
        assert!(worst(-1.0, 1.0, 1.0, acos, libm::acos) < 4e-7);
        assert!(worst(0.01, 4.0, 1.0, |x| pow(x, 2.4), |x| libm::pow(x, 2.4)) < 4e-6);
        for quadrant in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
            let (sx, sy) = quadrant;
            let error = worst(
                0.0,
                1.0,
                1.0,
                |t| atan2(sy * t, sx * (1.0 - t)),
                |t| libm::atan2(f64::from(sy) * t, f64::from(sx) * (1.0 - t)),
            );
            assert!(error < 4e-7, "atan2 {quadrant:?}: {error}");
        }
    }

    #[test]
    fn the_scaled_bessel_function_follows_its_integral() {
        for i in 0..200 {
            let x = 0.05 * f64::from(i) * f64::from(i) * 0.05;
            // I0(x) = 1/pi integral over [0, pi] of exp(x cos t); the trapezoid rule converges fast.
            let n = 400;
            let sum: f64 = (0..n)
                .map(|k| {
                    libm::exp(
                        x * (libm::cos((f64::from(k) + 0.5) / f64::from(n) * std::f64::consts::PI)
                            - 1.0),
                    )
                })
                .sum();
            let wanted = sum / f64::from(n);
            let found = f64::from(bessel_i0_scaled(x as f32));
            assert!(
                (found / wanted - 1.0).abs() < 1e-6,
                "x {x}: {found} against {wanted}"
            );
        }
    }
}
