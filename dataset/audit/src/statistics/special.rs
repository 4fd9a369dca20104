//! Distribution functions that tests need: normal, Student's t, F, chi-square, beta.
//!
//! Series and continued fractions of the incomplete gamma and beta functions (DLMF 8.11, 8.9, 8.17)
//! on the portable `libm`, so that an audit says the same digits on every machine; the crates at
//! hand call the machine's own logarithm. Upper tails are computed as such, never as one minus.

/// Natural logarithm of the gamma function.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Steps after which a series or a fraction has converged for every argument in reach.
const STEPS_MAX: usize = 200_000;

/// Keeps denominators of continued fractions away from zero.
const TINY: f64 = 1e-300;

/// The regularised upper incomplete gamma function Q(a, x).
pub fn gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - ln_gamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..STEPS_MAX {
            term *= x / (a + n as f64);
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return 1.0 - front * sum;
    }
    // Lentz's method.
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for n in 1..STEPS_MAX {
        let n = n as f64;
        let an = -n * (n - a);
        b += 2.0;
        d = 1.0 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * h
}

/// The regularised incomplete beta function I_x(a, b) for `y = 1 - x`.
pub fn beta_i(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(
        ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * libm::log(x) + b * libm::log(y),
    );
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..STEPS_MAX {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

fn away_from_zero(v: f64) -> f64 {
    if v.abs() < TINY { TINY } else { v }
}

/// Upper tail of the chi-square distribution; 1 where there is no freedom.
pub fn chi2_sf(x: f64, df: f64) -> f64 {
    if df <= 0.0 {
        return 1.0;
    }
    gamma_q(0.5 * df, 0.5 * x)
}

/// Upper tail of Student's t distribution.
pub fn t_sf(t: f64, df: f64) -> f64 {
    let (t2, half) = (t * t, 0.5 * df);
    let tail = 0.5 * beta_i(half, 0.5, df / (df + t2), t2 / (df + t2));
    if t >= 0.0 { tail } else { 1.0 - tail }
}

/// Two-sided p-value of Student's t.
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    2.0 * t_sf(t.abs(), df)
}

/// The t that a two-sided test of size `alpha` compares with.
pub fn t_critical(alpha: f64, df: f64) -> f64 {
    let x = beta_quantile(alpha, 0.5 * df, 0.5);
    (df * (1.0 - x) / x).sqrt()
}

/// Upper tail of the F distribution.
pub fn f_sf(f: f64, df1: f64, df2: f64) -> f64 {
    let sum = df2 + df1 * f;
    beta_i(0.5 * df2, 0.5 * df1, df2 / sum, df1 * f / sum)
}

/// Upper tail of the normal distribution.
pub fn normal_sf(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Quantile of the normal distribution, for a probability inside (0, 1).
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    // The tail t = sqrt(-2 ln p) starts the search (Abramowitz and Stegun 26.2.23); the lower
    // tail is exp-like there, so Newton's steps on its logarithm settle within a few.
    let t = (-2.0 * libm::log(p)).sqrt();
    let mut z = t
        - (2.515517 + t * (0.802853 + t * 0.010328))
            / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for _ in 0..8 {
        let tail = normal_sf(z);
        let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        let step = libm::log(tail / p) * tail / density;
        z += step;
        if step.abs() < 1e-16 * z.abs() {
            break;
        }
    }
    0.0 - z
}

/// Quantile of the beta distribution, for a probability inside (0, 1).
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    let ln_front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    for _ in 0..500 {
        let off = beta_i(a, b, x, 1.0 - x) - p;
        if off == 0.0 {
            break;
        }
        if off > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let ln_density = (a - 1.0) * libm::log(x) + (b - 1.0) * libm::log(1.0 - x);
        let newton = x - off / libm::exp(ln_front + ln_density);
        let next = if low < newton && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 1e-16 * x {
            break;
        }
        x = next;
    }
    x
}
