//! Eight lanes in two NEON registers.
#![allow(unsafe_code)]

use std::arch::aarch64::*;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

/// Eight `f32`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct F32x8(float32x4_t, float32x4_t);

/// Eight truth values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask8(uint32x4_t, uint32x4_t);

/// Wraps intrinsics that need only NEON.
macro_rules! intrinsic {
    ($call:expr) => {{
        // SAFETY: this file is compiled only where NEON is enabled for the whole program, and
        // the wrapped intrinsics have no other requirement.
        unsafe { $call }
    }};
}

/// Would ask for an element that will soon be read; here the processor is left to itself.
#[inline(always)]
pub(crate) fn prefetch<T>(_values: &[T], _idx: u32) {}

impl F32x8 {
    /// The same value in all lanes.
    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Self {
        let half = intrinsic!(vdupq_n_f32(value));
        Self(half, half)
    }

    /// Reads eight values.
    #[inline(always)]
    pub(crate) fn load(values: &[f32; 8]) -> Self {
        let (low, high) = (&values[..4], &values[4..]);
        // SAFETY: both slices are valid for reading four values.
        unsafe { Self(vld1q_f32(low.as_ptr()), vld1q_f32(high.as_ptr())) }
    }

    /// Eight bytes as numbers.
    #[inline(always)]
    pub(crate) fn from_u8(values: &[u8; 8]) -> Self {
        // SAFETY: the reference is valid for reading 8 bytes.
        Self::from_words(unsafe { vmovl_u8(vld1_u8(values.as_ptr())) })
    }

    /// Eight 16-bit integers as numbers.
    #[inline(always)]
    pub(crate) fn from_u16(values: &[u16; 8]) -> Self {
        // SAFETY: the reference is valid for reading 16 bytes.
        Self::from_words(unsafe { vld1q_u16(values.as_ptr()) })
    }

    #[inline(always)]
    fn from_words(words: uint16x8_t) -> Self {
        Self(
            intrinsic!(vcvtq_f32_u32(vmovl_u16(vget_low_u16(words)))),
            intrinsic!(vcvtq_f32_u32(vmovl_u16(vget_high_u16(words)))),
        )
    }

    /// The lanes as an array.
    #[inline(always)]
    pub(crate) fn to_array(self) -> [f32; 8] {
        let mut values = [0.0; 8];
        let (low, high) = values.split_at_mut(4);
        // SAFETY: both slices are valid for writing four values.
        unsafe {
            vst1q_f32(low.as_mut_ptr(), self.0);
            vst1q_f32(high.as_mut_ptr(), self.1);
        }
        values
    }

    /// `self * factor + term`, rounded once.
    #[inline(always)]
    pub(crate) fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(
            intrinsic!(vfmaq_f32(term.0, self.0, factor.0)),
            intrinsic!(vfmaq_f32(term.1, self.1, factor.1)),
        )
    }

    /// `term - self * factor`, rounded once.
    #[inline(always)]
    pub(crate) fn neg_mul_add(self, factor: Self, term: Self) -> Self {
        Self(
            intrinsic!(vfmsq_f32(term.0, self.0, factor.0)),
            intrinsic!(vfmsq_f32(term.1, self.1, factor.1)),
        )
    }

    /// The smaller, or `other` where `self < other` is false.
    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.lt(other).select(self, other)
    }

    /// The larger, or `other` where `self > other` is false.
    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        other.lt(self).select(self, other)
    }

    /// Absolute values.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self(intrinsic!(vabsq_f32(self.0)), intrinsic!(vabsq_f32(self.1)))
    }

    /// Whether `self <= other`; false for NaN.
    #[inline(always)]
    pub(crate) fn le(self, other: Self) -> Mask8 {
        Mask8(
            intrinsic!(vcleq_f32(self.0, other.0)),
            intrinsic!(vcleq_f32(self.1, other.1)),
        )
    }

    /// Whether `self < other`; false for NaN.
    #[inline(always)]
    pub(crate) fn lt(self, other: Self) -> Mask8 {
        Mask8(
            intrinsic!(vcltq_f32(self.0, other.0)),
            intrinsic!(vcltq_f32(self.1, other.1)),
        )
    }
}

impl Add for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(
            intrinsic!(vaddq_f32(self.0, other.0)),
            intrinsic!(vaddq_f32(self.1, other.1)),
        )
    }
}

impl Sub for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(
            intrinsic!(vsubq_f32(self.0, other.0)),
            intrinsic!(vsubq_f32(self.1, other.1)),
        )
    }
}

impl Mul for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(
            intrinsic!(vmulq_f32(self.0, other.0)),
            intrinsic!(vmulq_f32(self.1, other.1)),
        )
    }
}

impl Div for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(
            intrinsic!(vdivq_f32(self.0, other.0)),
            intrinsic!(vdivq_f32(self.1, other.1)),
        )
    }
}

impl Mask8 {
    #[inline(always)]
    fn select(self, yes: F32x8, no: F32x8) -> F32x8 {
        F32x8(
            intrinsic!(vbslq_f32(self.0, yes.0, no.0)),
            intrinsic!(vbslq_f32(self.1, yes.1, no.1)),
        )
    }

    /// Bit `i` is lane `i`.
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        const BIT_OF_LANE: [u32; 4] = [1, 2, 4, 8];
        // SAFETY: the array is valid for reading four values.
        let bit_of_lane = unsafe { vld1q_u32(BIT_OF_LANE.as_ptr()) };
        let low = intrinsic!(vaddvq_u32(vandq_u32(self.0, bit_of_lane)));
        let high = intrinsic!(vaddvq_u32(vandq_u32(self.1, bit_of_lane)));
        low | high << 4
    }
}

impl BitAnd for Mask8 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(
            intrinsic!(vandq_u32(self.0, other.0)),
            intrinsic!(vandq_u32(self.1, other.1)),
        )
    }
}
