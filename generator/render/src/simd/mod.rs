//! Eight lanes of `f32`, the width at which boxes, triangles and fibres are tested.
//!
//! The back end is chosen at compile time: AVX2 with FMA on x86-64, NEON (two halves of four) on
//! aarch64, plain arrays elsewhere. All give the same bits: every operation rounds once, fused
//! multiply-add is fused on each of them, no approximate reciprocal is used, and `min` and `max`
//! return their second operand where the comparison is false (also for NaN).

#[cfg(all(
    target_arch = "x86_64",
    target_feature = "avx2",
    target_feature = "fma"
))]
mod avx2;
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod neon;
#[cfg(any(
    test,
    not(any(
        all(
            target_arch = "x86_64",
            target_feature = "avx2",
            target_feature = "fma"
        ),
        all(target_arch = "aarch64", target_feature = "neon")
    ))
))]
mod portable;
mod stack;

#[cfg(all(
    target_arch = "x86_64",
    target_feature = "avx2",
    target_feature = "fma"
))]
pub(crate) use avx2::{F32x8, prefetch};
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
pub(crate) use neon::{F32x8, prefetch};
#[cfg(not(any(
    all(
        target_arch = "x86_64",
        target_feature = "avx2",
        target_feature = "fma"
    ),
    all(target_arch = "aarch64", target_feature = "neon")
)))]
pub(crate) use portable::{F32x8, prefetch};

pub(crate) use stack::Stack;

/// Storage of eight lanes, aligned so that a load never straddles cache lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(32))]
pub(crate) struct Lanes(pub(crate) [f32; 8]);

impl Lanes {
    /// The same value in all lanes.
    pub(crate) const fn splat(value: f32) -> Self {
        Self([value; 8])
    }

    /// The lanes in a register.
    #[inline(always)]
    pub(crate) fn get(&self) -> F32x8 {
        F32x8::load(&self.0)
    }
}

/// Three coordinates of eight vectors.
pub(crate) type Vec3x8 = [F32x8; 3];

/// Dot products, summed from the last coordinate to the first by fused multiply-add.
#[inline(always)]
pub(crate) fn dot(a: Vec3x8, b: Vec3x8) -> F32x8 {
    a[0].mul_add(b[0], a[1].mul_add(b[1], a[2] * b[2]))
}

#[cfg(test)]
mod tests;
