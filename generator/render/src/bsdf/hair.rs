//! A hair fibre in the near field (Chiang, Bitterli, Tappan and Burley 2016).
//!
//! The local frame has +X along the fibre and `wo` in the plane of +X and +Y; the azimuth is
//! measured about +X from +Y to +Z, so `wo` has azimuth 0. Light is reflected (R), transmitted
//! (TT), reflected once inside (TRT), or more often (the rest); each lobe is a product of a
//! longitudinal part M, an azimuthal part N and an attenuation A. The cosine of the incident
//! direction cancels: f cos = sum of M A N.
//!
//! +X points from root to tip. The scales of a fibre overlap like shingles whose edges point to the
//! tip, so their faces look a little toward the root: the highlight of R moves to the root, that of
//! TRT to the tip (Marschner et al. 2003; the sign is that of Cycles).

use std::f32::consts::{FRAC_1_PI, PI, TAU};

use bottega_geometry::math;
use glam::{Vec2, Vec3};

use super::{BsdfSample, BsdfValue, fresnel, sample_of_value};
use crate::fast_math::{asin, atan2, bessel_i0_scaled, exp, ln, sin_cos, sin_cos_turns};
use crate::sampling::luminance;

/// What depends on the fibre's material only.
#[derive(Clone, Debug, PartialEq)]
pub struct HairFiber {
    sigma_a: Vec3,
    eta: f32,
    /// Longitudinal variance of each lobe.
    variance: [f32; 3],
    /// `1 / (v (1 - exp(-2 / v)))`, the norm of the longitudinal part.
    norm: [f32; 3],
    /// `exp(-2 / v)`.
    tail: [f32; 3],
    /// Scale of the logistic distribution.
    scale: f32,
    /// The logistic's distribution function at -pi, and its integral over one turn.
    logistic: (f32, f32),
    /// Sine and cosine of the tilt of each lobe.
    tilt: [(f32, f32); 3],
    color: Vec3,
    /// Whether enough light passes the fibre for the mean over its width to be worth its cost.
    is_clear: bool,
    /// Ratio of the light of one order of scattering between fibres to that of the order before.
    falloff: Vec3,
}

/// Share of the light that a fibre scatters in hair and that meets another fibre: fitted to paths
/// followed to their end through white and blond hair of a whole head.
const STAYS: f32 = 0.92;

/// Share of light along a diameter that leaves a fibre again, from which on the mean over the
/// width lowers the noise by more than it costs.
const CLEAR: f32 = 0.05;

impl HairFiber {
    /// A fibre of absorption `sigma_a` per radius, longitudinal and azimuthal roughness, tilt of
    /// the scales and index of refraction.
    pub fn new(sigma_a: Vec3, beta_m: f32, beta_n: f32, tilt_rad: f32, ior: f32) -> Self {
        let root =
            0.726 * beta_m + 0.812 * beta_m * beta_m + 3.7 * math::pow(beta_m.max(1e-6), 20.0);
        // The lower bound keeps the narrowest lobes within the range of f32.
        let v = (root * root).max(4e-4);
        let variance = [v, 0.25 * v, 4.0 * v].map(|v: f32| v.max(1e-4));
        let tail = variance.map(|v| math::exp(-2.0 / v));
        let mut norm = [0.0; 3];
        for p in 0..3 {
            norm[p] = 1.0 / (variance[p] * (1.0 - tail[p]));
        }
        let azimuthal =
            0.265 * beta_n + 1.194 * beta_n * beta_n + 5.372 * math::pow(beta_n.max(1e-6), 22.0);
        let scale = ((PI / 8.0).sqrt() * azimuthal).max(1e-3);
        let cdf = |x: f32| 1.0 / (1.0 + math::exp(-x / scale));
        let mut fiber = Self {
            sigma_a,
            eta: ior,
            variance,
            norm,
            tail,
            scale,
            logistic: (cdf(-PI), cdf(PI) - cdf(-PI)),
            tilt: [2.0, -1.0, -4.0].map(|k| math::sin_cos(k * tilt_rad)),
            color: color_of_absorption(sigma_a, beta_n),
            is_clear: CLEAR < luminance(Vec3::from_array((-2.0 * sigma_a).to_array().map(exp))),
            falloff: Vec3::ZERO,
        };
        fiber.falloff = (fiber.albedo() * STAYS).min(Vec3::splat(0.95));
        fiber
    }

    /// Share of light that is scattered, averaged over offsets and directions.
    pub fn albedo(&self) -> Vec3 {
        const N: usize = 16;
        let mut sum = Vec3::ZERO;
        for i in 0..N {
            // Even in the sine: fibres lie in all directions.
            let sin = (i as f32 + 0.5) / N as f32;
            let wo = Vec3::new(sin, (1.0 - sin * sin).sqrt(), 0.0);
            for j in 0..N {
                sum += HairBsdf::new(self, wo, (j as f32 + 0.5) / N as f32).albedo();
            }
        }
        sum / (N * N) as f32
    }

    /// The colour that thick hair of this fibre shows, about.
    pub fn color(&self) -> Vec3 {
        self.color
    }

    /// Longitudinal part M of lobe `p`: normalised over the sine of the incident angle.
    #[inline]
    fn longitudinal(&self, p: usize, sin_i: f32, cos_i: f32, sin_o: f32, cos_o: f32) -> f32 {
        let inv = 1.0 / self.variance[p];
        let a = cos_i * cos_o * inv;
        // cos cos - sin sin - 1, written so that nothing cancels, is at most 0.
        let exponent = (cos_i * cos_o - sin_i * sin_o - 1.0) * inv;
        bessel_i0_scaled(a) * exp(exponent) * self.norm[p]
    }

    /// Azimuthal part N: a logistic trimmed to one turn about `center`.
    #[inline]
    fn azimuthal(&self, phi: f32, center: f32) -> f32 {
        let turns = (phi - center) * (1.0 / TAU);
        let x = (turns - turns.round_ties_even()).abs() * TAU;
        let e = exp(-x / self.scale);
        let one = 1.0 + e;
        e / (self.scale * one * one * self.logistic.1)
    }
}

/// Offsets that stand for the whole width of a fibre.
const SECTIONS: usize = 4;

/// Scattering at one point of a fibre, or by the whole width of it.
#[derive(Clone, Copy, Debug)]
pub struct HairBsdf<'a> {
    fiber: &'a HairFiber,
    sin_o: f32,
    cos_o: f32,
    sections: [Section; SECTIONS],
    /// How many of them count.
    n_sections: usize,
}

/// What depends on the offset from the axis.
#[derive(Clone, Copy, Debug, Default)]
struct Section {
    /// Attenuation of R, TT, TRT and the rest: this section's share of it.
    attenuation: [Vec3; 4],
    /// Probability of each lobe.
    probability: [f32; 4],
    /// Azimuth about which each of the first three lobes is centred.
    center: [f32; 3],
}

impl<'a> HairBsdf<'a> {
    /// The fibre seen from the local direction `wo`, which meets it at the signed `offset` from
    /// its axis along +Z, in radii, in `[-1, 1]`.
    #[inline]
    pub fn new(fiber: &'a HairFiber, wo: Vec3, offset: f32) -> Self {
        Self::of_sections(fiber, wo, offset, 1)
    }

    /// The same where the fibre is seen as thin as a line: what is not mirrored goes where the
    /// whole width would send it, taken at four offsets, one of which is `offset`. Of uniform
    /// offsets the mean is that of [`Self::new`], and the noise much less, since where light
    /// leaves a fibre that it has passed depends most on the offset. What is mirrored stays that
    /// of `offset`: the side of a fibre that is seen between others is the one on which light
    /// finds a way to it, which a mean over the width would miss. Of dark fibres, which little
    /// light passes, it is the same as [`Self::new`].
    #[inline]
    pub fn of_whole_width(fiber: &'a HairFiber, wo: Vec3, offset: f32) -> Self {
        let n_sections = if fiber.is_clear { SECTIONS } else { 1 };
        Self::of_sections(fiber, wo, offset, n_sections)
    }

    #[inline]
    fn of_sections(fiber: &'a HairFiber, wo: Vec3, offset: f32, n_sections: usize) -> Self {
        let sin_o = wo.x.clamp(-1.0, 1.0);
        let cos_o = (1.0 - sin_o * sin_o).sqrt().max(1e-4);
        let mut bsdf = Self {
            fiber,
            sin_o,
            cos_o,
            sections: Default::default(),
            n_sections,
        };
        // What is not mirrored at `offset`, and at all of them.
        let (mut passes, mut passing) = (0.0, 0.0);
        for (i, section) in (0..n_sections).zip(&mut bsdf.sections) {
            let beyond = offset + 2.0 * i as f32 / n_sections as f32;
            let offset = if 1.0 < beyond { beyond - 2.0 } else { beyond };
            *section = Section::new(fiber, (sin_o, cos_o), offset);
            let mirrored = section.attenuation[0].x;
            passing += 1.0 - mirrored;
            if i == 0 {
                passes = 1.0 - mirrored;
            } else {
                section.attenuation[0] = Vec3::ZERO;
            }
        }
        let mut total = 0.0;
        for section in &mut bsdf.sections[..n_sections] {
            for attenuation in &mut section.attenuation[1..] {
                *attenuation *= passes / passing;
            }
            section.probability = section.attenuation.map(luminance);
            total += section.probability.iter().sum::<f32>();
        }
        for section in &mut bsdf.sections {
            section.probability = section.probability.map(|share| share / total);
        }
        bsdf
    }

    /// Those that count.
    #[inline]
    fn sections(&self) -> &[Section] {
        &self.sections[..self.n_sections]
    }

    /// Share of light that is scattered.
    fn albedo(&self) -> Vec3 {
        let lobes = self.sections().iter().flat_map(|s| &s.attenuation);
        lobes.sum()
    }

    /// Factor with which the light of `n` successive orders of scattering between fibres stands for
    /// all later orders too: orders fall off as a geometric series by what a fibre scatters and by
    /// what stays in the hair.
    #[inline]
    pub fn later_orders(&self, n: u32) -> Vec3 {
        let left = self
            .fiber
            .falloff
            .to_array()
            .map(|ratio| exp(n as f32 * ln(ratio.max(1e-6))));
        (Vec3::ONE - Vec3::from_array(left)).recip()
    }

    /// Sine and cosine of the outgoing angle after the tilt of lobe `p`; the rest is not tilted.
    #[inline]
    fn tilted(&self, p: usize) -> (f32, f32) {
        let Some(&(sin, cos)) = self.fiber.tilt.get(p) else {
            return (self.sin_o, self.cos_o);
        };
        // A rotation; the cosine of an angle past the pole counts positive.
        (
            self.sin_o * cos + self.cos_o * sin,
            (self.cos_o * cos - self.sin_o * sin).abs(),
        )
    }

    /// Value and density for a pair of directions.
    #[inline]
    pub fn eval(&self, _wo: Vec3, wi: Vec3) -> BsdfValue {
        let sin_i = wi.x.clamp(-1.0, 1.0);
        let cos_i = (1.0 - sin_i * sin_i).sqrt();
        let phi = atan2(wi.z, wi.y);
        let mut f_cos = Vec3::ZERO;
        let mut pdf = 0.0;
        for p in 0..4 {
            let (sin_o, cos_o) = self.tilted(p);
            let along = (self.fiber).longitudinal(p.min(2), sin_i, cos_i, sin_o, cos_o);
            for section in self.sections() {
                let around = match section.center.get(p) {
                    Some(&center) => self.fiber.azimuthal(phi, center),
                    None => 0.5 * FRAC_1_PI,
                };
                let value = along * around;
                f_cos += section.attenuation[p] * value;
                pdf += section.probability[p] * value;
            }
        }
        BsdfValue { f_cos, pdf }
    }

    /// Draws a lobe and a direction from it.
    #[inline]
    pub fn sample(&self, wo: Vec3, u_lobe: f32, u: Vec2) -> Option<BsdfSample> {
        // Section and lobe are drawn, and what is left of the number draws the azimuth.
        let (mut i, mut p) = (0, 0);
        let mut rest = u_lobe;
        while self.sections[i].probability[p] <= rest && (i + 1, p) != (self.n_sections, 3) {
            rest -= self.sections[i].probability[p];
            (i, p) = if p < 3 { (i, p + 1) } else { (i + 1, 0) };
        }
        let section = &self.sections[i];
        let u_phi = (rest / section.probability[p].max(1e-9)).clamp(0.0, 0.999_999_9);

        let (sin_o, cos_o) = self.tilted(p);
        let lobe = p.min(2);
        let tail = self.fiber.tail[lobe];
        let cos = (1.0 + self.fiber.variance[lobe] * ln((u.x + (1.0 - u.x) * tail).max(1e-30)))
            .clamp(-1.0, 1.0);
        let sin = (1.0 - cos * cos).sqrt();
        let (_, cos_turn) = sin_cos_turns(u.y);
        let sin_i = (-cos * sin_o + sin * cos_turn * cos_o).clamp(-1.0, 1.0);
        let cos_i = (1.0 - sin_i * sin_i).sqrt();

        let phi = if p < 3 {
            let (first, whole) = self.fiber.logistic;
            let quantile = (first + u_phi * whole).clamp(1e-7, 0.999_999_9);
            let x = -self.fiber.scale * ln(1.0 / quantile - 1.0);
            section.center[p] + x.clamp(-PI, PI)
        } else {
            u_phi * TAU
        };
        let (sin_phi, cos_phi) = sin_cos(phi);
        let wi = Vec3::new(sin_i, cos_i * cos_phi, cos_i * sin_phi);
        sample_of_value(wi, self.eval(wo, wi))
    }
}

impl Section {
    /// At an offset from the axis; the probabilities are left open.
    #[inline]
    fn new(fiber: &HairFiber, (sin_o, cos_o): (f32, f32), offset: f32) -> Self {
        // The normal at the point has azimuth asin(offset), so as seen from it wo has -offset.
        let h = (-offset).clamp(-0.9999, 0.9999);
        let eta = fiber.eta;
        let eta_perpendicular = (eta * eta - sin_o * sin_o).sqrt() / cos_o;
        let sin_gamma_t = h / eta_perpendicular;
        let cos_gamma_t = (1.0 - sin_gamma_t * sin_gamma_t).max(0.0).sqrt();
        let sin_theta_t = sin_o / eta;
        let cos_theta_t = (1.0 - sin_theta_t * sin_theta_t).sqrt();
        let depth = -2.0 * cos_gamma_t / cos_theta_t;
        let t = Vec3::from_array((fiber.sigma_a * depth).to_array().map(exp));

        let f = fresnel(cos_o * (1.0 - h * h).sqrt(), eta);
        let tt = t * ((1.0 - f) * (1.0 - f));
        let trt = tt * t * f;
        let rest = trt * t * f / (Vec3::ONE - t * f);
        let gamma_o = asin(h);
        let gamma_t = asin(sin_gamma_t);
        Self {
            attenuation: [Vec3::splat(f), tt, trt, rest],
            probability: [0.0; 4],
            center: [
                -2.0 * gamma_o,
                2.0 * gamma_t - 2.0 * gamma_o + PI,
                4.0 * gamma_t - 2.0 * gamma_o + TAU,
            ],
        }
    }
}

/// Absorption per radius with which thick hair shows `color` (Chiang et al. 2016, equation 9).
pub fn absorption_of_color(color: Vec3, beta_n: f32) -> Vec3 {
    let scale = color_scale(beta_n);
    let per_channel = |c: f32| {
        let x = math::ln(c.clamp(1e-4, 0.999)) / scale;
        x * x
    };
    Vec3::from_array(color.to_array().map(per_channel))
}

/// The inverse of [`absorption_of_color`].
pub fn color_of_absorption(sigma_a: Vec3, beta_n: f32) -> Vec3 {
    let scale = color_scale(beta_n);
    Vec3::from_array(
        sigma_a
            .to_array()
            .map(|s| math::exp(-s.max(0.0).sqrt() * scale)),
    )
}

/// The fitted factor between the root of the absorption and the logarithm of the colour.
fn color_scale(beta_n: f32) -> f32 {
    let b = beta_n;
    5.969 + b * (-0.215 + b * (2.532 + b * (-10.73 + b * (5.574 + b * 0.245))))
}
