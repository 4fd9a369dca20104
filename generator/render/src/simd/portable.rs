//! Eight lanes as a plain array: the fallback, and the reference of the tests.
#![cfg_attr(test, allow(dead_code, reason = "the tests read what they compare"))]

use std::array::from_fn;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

/// Eight `f32`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct F32x8([f32; 8]);

/// Eight truth values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask8([bool; 8]);

/// Would ask for an element that will soon be read; here the processor is left to itself.
#[inline(always)]
pub(crate) fn prefetch<T>(_values: &[T], _idx: u32) {}

impl F32x8 {
    /// The same value in all lanes.
    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Self {
        Self([value; 8])
    }

    /// Reads eight values.
    #[inline(always)]
    pub(crate) fn load(values: &[f32; 8]) -> Self {
        Self(*values)
    }

    /// Eight bytes as numbers.
    #[inline(always)]
    pub(crate) fn from_u8(values: &[u8; 8]) -> Self {
        Self(values.map(f32::from))
    }

    /// Eight 16-bit integers as numbers.
    #[inline(always)]
    pub(crate) fn from_u16(values: &[u16; 8]) -> Self {
        Self(values.map(f32::from))
    }

    /// The lanes as an array.
    #[inline(always)]
    pub(crate) fn to_array(self) -> [f32; 8] {
        self.0
    }

    #[inline(always)]
    fn zip(self, other: Self, op: impl Fn(f32, f32) -> f32) -> Self {
        Self(from_fn(|i| op(self.0[i], other.0[i])))
    }

    /// `self * factor + term`, rounded once.
    #[inline(always)]
    pub(crate) fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(from_fn(|i| self.0[i].mul_add(factor.0[i], term.0[i])))
    }

    /// `term - self * factor`, rounded once.
    #[inline(always)]
    pub(crate) fn neg_mul_add(self, factor: Self, term: Self) -> Self {
        Self(from_fn(|i| (-self.0[i]).mul_add(factor.0[i], term.0[i])))
    }

    /// The smaller, or `other` where `self < other` is false.
    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    /// The larger, or `other` where `self > other` is false.
    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if b < a { a } else { b })
    }

    /// Absolute values.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self(self.0.map(f32::abs))
    }

    /// Whether `self <= other`; false for NaN.
    #[inline(always)]
    pub(crate) fn le(self, other: Self) -> Mask8 {
        Mask8(from_fn(|i| self.0[i] <= other.0[i]))
    }

    /// Whether `self < other`; false for NaN.
    #[inline(always)]
    pub(crate) fn lt(self, other: Self) -> Mask8 {
        Mask8(from_fn(|i| self.0[i] < other.0[i]))
    }
}

impl Add for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl Div for F32x8 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
}

impl Mask8 {
    /// Bit `i` is lane `i`.
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        (0..8).fold(0, |bits, i| bits | u32::from(self.0[i]) << i)
    }
}

impl BitAnd for Mask8 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] && other.0[i]))
    }
}
