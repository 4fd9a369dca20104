//! Eight lanes in one AVX register.
#![allow(unsafe_code)]

use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

/// Eight `f32`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct F32x8(__m256);

/// Eight truth values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask8(__m256);

/// Wraps intrinsics that need only AVX, AVX2 or FMA.
macro_rules! intrinsic {
    ($call:expr) => {{
        // SAFETY: this file is compiled only where AVX2 and FMA are enabled for the whole
        // program, and the wrapped intrinsics have no other requirement.
        unsafe { $call }
    }};
}

/// Asks for an element's first two cache lines. There may be no such element.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T], idx: u32) {
    let first = values.as_ptr().wrapping_add(idx as usize).cast::<i8>();
    // SAFETY: a prefetch is a hint that may name any address, and it needs only SSE.
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(first);
        _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(64));
    }
}

impl F32x8 {
    /// The same value in all lanes.
    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Self {
        Self(intrinsic!(_mm256_set1_ps(value)))
    }

    /// Reads eight values.
    #[inline(always)]
    pub(crate) fn load(values: &[f32; 8]) -> Self {
        // SAFETY: the reference is valid for reading 32 bytes, and the load needs no alignment.
        Self(unsafe { _mm256_loadu_ps(values.as_ptr()) })
    }

    /// Eight bytes as numbers.
    #[inline(always)]
    pub(crate) fn from_u8(values: &[u8; 8]) -> Self {
        // SAFETY: the reference is valid for reading 8 bytes, and the load needs no alignment.
        let bytes = unsafe { _mm_loadl_epi64(values.as_ptr().cast()) };
        Self(intrinsic!(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes))))
    }

    /// Eight 16-bit integers as numbers.
    #[inline(always)]
    pub(crate) fn from_u16(values: &[u16; 8]) -> Self {
        // SAFETY: the reference is valid for reading 16 bytes, and the load needs no alignment.
        let words = unsafe { _mm_loadu_si128(values.as_ptr().cast()) };
        Self(intrinsic!(_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(words))))
    }

    /// The lanes as an array.
    #[inline(always)]
    pub(crate) fn to_array(self) -> [f32; 8] {
        let mut values = [0.0; 8];
        // SAFETY: the array is valid for writing 32 bytes, and the store needs no alignment.
        unsafe { _mm256_storeu_ps(values.as_mut_ptr(), self.0) };
        values
    }

    /// `self * factor + term`, rounded once.
    #[inline(always)]
    pub(crate) fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(intrinsic!(_mm256_fmadd_ps(self.0, factor.0, term.0)))
    }

    /// `term - self * factor`, rounded once.
    #[inline(always)]
    pub(crate) fn neg_mul_add(self, factor: Self, term: Self) -> Self {
        Self(intrinsic!(_mm256_fnmadd_ps(self.0, factor.0, term.0)))
    }

    /// The smaller, or `other` where `self < other` is false.
    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_min_ps(self.0, other.0)))
    }

    /// The larger, or `other` where `self > other` is false.
    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_max_ps(self.0, other.0)))
    }

    /// Absolute values.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self(intrinsic!(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0)))
    }

    /// Whether `self <= other`; false for NaN.
    #[inline(always)]
    pub(crate) fn le(self, other: Self) -> Mask8 {
        Mask8(intrinsic!(_mm256_cmp_ps::<_CMP_LE_OQ>(self.0, other.0)))
    }

    /// Whether `self < other`; false for NaN.
    #[inline(always)]
    pub(crate) fn lt(self, other: Self) -> Mask8 {
        Mask8(intrinsic!(_mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0)))
    }
}

impl Add for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_add_ps(self.0, other.0)))
    }
}

impl Sub for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_sub_ps(self.0, other.0)))
    }
}

impl Mul for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_mul_ps(self.0, other.0)))
    }
}

impl Div for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_div_ps(self.0, other.0)))
    }
}

impl Mask8 {
    /// Bit `i` is lane `i`.
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        intrinsic!(_mm256_movemask_ps(self.0)) as u32
    }
}

impl BitAnd for Mask8 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(intrinsic!(_mm256_and_ps(self.0, other.0)))
    }
}
