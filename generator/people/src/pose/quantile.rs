//! From quantiles to numbers: the inverse of the normal distribution, portable to the bit.

/// The value below which a standard normal variable lies with probability `p` in `(0, 1)`.
///
/// Rational approximation of P. J. Acklam (2003), relative error below 1.2e-9; `p` is kept away
/// from 0 and 1.
pub(crate) fn normal(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    const LOW: f64 = 0.024_25;
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    if (LOW..=1.0 - LOW).contains(&p) {
        let q = p - 0.5;
        let r = q * q;
        return horner(&A, r) * q / (horner(&B, r) * r + 1.0);
    }
    let tail = p.min(1.0 - p);
    let q = (-2.0 * libm::log(tail)).sqrt();
    let x = horner(&C, q) / (horner(&D, q) * q + 1.0);
    if p < 0.5 { x } else { -x }
}

/// A normal number of mean 0 and deviation `sigma`, its tails folded away beyond `cut` deviations.
pub(crate) fn truncated(p: f64, sigma: f64, cut: f64) -> f64 {
    // Phi(-cut) by bisection would cost more than it gains: the clamp moves 5 % of the mass at
    // the usual cut of two deviations, so the quantile is squeezed instead.
    let inside = match cut {
        c if c <= 1.5 => 0.866_385_597_462_284,
        c if c <= 2.0 => 0.954_499_736_103_642,
        _ => 0.987_580_669_348_448,
    };
    sigma * normal(0.5 + (p - 0.5) * inside).clamp(-cut, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_quantiles_of_the_normal_distribution() {
        for (p, x) in [
            (0.5, 0.0),
            (0.841_344_746, 1.0),
            (0.022_750_132, -2.0),
            (0.998_650_102, 3.0),
        ] {
            assert!((normal(p) - x).abs() < 1e-6, "{p}: {}", normal(p));
        }
    }

    #[test]
    fn truncated_numbers_stay_within_the_cut() {
        for i in 0..1000 {
            let x = truncated(f64::from(i) / 1000.0, 2.0, 1.5);
            assert!(x.abs() <= 3.0 + 1e-6, "{x}");
        }
    }
}
