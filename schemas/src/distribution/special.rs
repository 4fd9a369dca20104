//! Distribution functions and their inverses, in `f64` on portable mathematics.

use std::f64::consts::{PI, SQRT_2};

/// Share of the unit Gaussian below `x`.
pub(super) fn gaussian_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The `x` below which the share `p` of the unit Gaussian lies.
///
/// Rational approximation of P. J. Acklam (2003), relative error 1.2e-9, and one Halley step.
pub(super) fn gaussian_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    let tail = |q: f64| polynomial(&C, q) / polynomial(&D, q);
    let x = if p < 0.02425 {
        tail(libm::sqrt(-2.0 * libm::log(p)))
    } else if p > 1.0 - 0.02425 {
        -tail(libm::sqrt(-2.0 * libm::log(1.0 - p)))
    } else {
        let q = p - 0.5;
        let r = q * q;
        q * polynomial(&A, r) / polynomial(&B, r)
    };
    let step = (gaussian_cdf(x) - p) * libm::sqrt(2.0 * PI) * libm::exp(0.5 * x * x);
    x - step / (1.0 + 0.5 * x * step)
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// The `x` at quantile `u` of the unit Gaussian cut to `[lo, hi]`.
pub(super) fn cut_gaussian_quantile(u: f64, lo: f64, hi: f64) -> f64 {
    // The upper tail has no digits left near one: work in the lower one.
    if lo > 0.0 {
        return -cut_gaussian_quantile(1.0 - u, -hi, -lo);
    }
    let (below, above) = (gaussian_cdf(lo), gaussian_cdf(hi));
    gaussian_quantile(below + u * (above - below)).clamp(lo, hi)
}

/// Share of the unit Gaussian in `[lo, hi]`.
pub(super) fn gaussian_mass(lo: f64, hi: f64) -> f64 {
    if lo > 0.0 {
        gaussian_mass(-hi, -lo)
    } else {
        gaussian_cdf(hi) - gaussian_cdf(lo)
    }
}

/// A Gaussian cut to an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CutGaussian {
    /// Mean before the cut.
    pub(crate) mean: f64,
    /// Standard deviation before the cut.
    pub(crate) sd: f64,
    /// Lowest value.
    pub(crate) min: f64,
    /// Highest value.
    pub(crate) max: f64,
}

impl CutGaussian {
    /// The value at quantile `u`.
    pub(crate) fn quantile(&self, u: f64) -> f64 {
        let standard = |x: f64| (x - self.mean) / self.sd;
        let z = cut_gaussian_quantile(u, standard(self.min), standard(self.max));
        (self.mean + self.sd * z).clamp(self.min, self.max)
    }

    /// The share below `x`.
    pub(crate) fn cdf(&self, x: f64) -> f64 {
        let standard = |x: f64| (x - self.mean) / self.sd;
        let (lo, hi) = (standard(self.min), standard(self.max));
        let x = standard(x.clamp(self.min, self.max));
        gaussian_mass(lo, x) / gaussian_mass(lo, hi)
    }
}

/// Share of the Beta distribution below `x`: the regularised incomplete beta function, by its
/// continued fraction (modified Lentz).
pub(super) fn beta_cdf(x: f64, alpha: f64, beta: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front = libm::lgamma(alpha + beta) - libm::lgamma(alpha) - libm::lgamma(beta)
        + alpha * libm::log(x)
        + beta * libm::log1p(-x);
    let front = libm::exp(log_front);
    if x < (alpha + 1.0) / (alpha + beta + 2.0) {
        front * beta_fraction(x, alpha, beta) / alpha
    } else {
        1.0 - front * beta_fraction(1.0 - x, beta, alpha) / beta
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..400 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The `x` below which the share `u` of the Beta distribution lies.
///
/// Bisection on the distribution function, which is monotone, so that no shape parameter makes it
/// diverge; Newton steps are taken while they stay inside the bracket.
pub(super) fn beta_quantile(u: f64, alpha: f64, beta: f64) -> f64 {
    if u <= 0.0 {
        return 0.0;
    }
    if u >= 1.0 {
        return 1.0;
    }
    let log_norm = libm::lgamma(alpha + beta) - libm::lgamma(alpha) - libm::lgamma(beta);
    let (mut lo, mut hi) = (0.0_f64, 1.0_f64);
    let mut x = alpha / (alpha + beta);
    for _ in 0..200 {
        let error = beta_cdf(x, alpha, beta) - u;
        if error > 0.0 {
            hi = x;
        } else {
            lo = x;
        }
        if hi - lo < 1e-15 || error == 0.0 {
            break;
        }
        let density =
            libm::exp(log_norm + (alpha - 1.0) * libm::log(x) + (beta - 1.0) * libm::log1p(-x));
        let newton = x - error / density;
        let next = if lo < newton && newton < hi {
            newton
        } else {
            0.5 * (lo + hi)
        };
        if (next - x).abs() < 1e-16 {
            break;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaussian_quantile_inverts_its_distribution() {
        for i in 1..2000 {
            let p = f64::from(i) / 2000.0;
            assert!(
                (gaussian_cdf(gaussian_quantile(p)) - p).abs() < 1e-14,
                "{p}"
            );
        }
        assert!((gaussian_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-13);
        assert!((gaussian_cdf(gaussian_quantile(1e-12)) / 1e-12 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_cut_far_in_the_tail_keeps_its_bounds() {
        for u in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let x = cut_gaussian_quantile(u, 6.0, 7.0);
            assert!((6.0..=7.0).contains(&x), "{u} {x}");
            assert!((x + cut_gaussian_quantile(1.0 - u, -7.0, -6.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn beta_distribution_meets_closed_forms() {
        for i in 0..=20 {
            let x = f64::from(i) / 20.0;
            assert!((beta_cdf(x, 1.0, 1.0) - x).abs() < 1e-14);
            assert!((beta_cdf(x, 2.0, 2.0) - x * x * (3.0 - 2.0 * x)).abs() < 1e-13);
            let arc = 2.0 / PI * libm::asin(libm::sqrt(x));
            assert!((beta_cdf(x, 0.5, 0.5) - arc).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn beta_quantile_inverts_its_distribution() {
        for (alpha, beta) in [
            (0.05, 0.05),
            (0.5, 1.0),
            (2.0, 14.0),
            (1.2, 2.5),
            (300.0, 5.0),
        ] {
            for i in 1..200 {
                let u = f64::from(i) / 200.0;
                let x = beta_quantile(u, alpha, beta);
                assert!((0.0..=1.0).contains(&x));
                // Where the density is steep one step of `x` moves the share by more than 1e-9.
                let (lo, hi) = (
                    beta_cdf(x - 2e-15, alpha, beta),
                    beta_cdf(x + 2e-15, alpha, beta),
                );
                assert!(lo - 1e-9 <= u && u <= hi + 1e-9, "{alpha} {beta} {u} {x}");
            }
        }
    }
}
