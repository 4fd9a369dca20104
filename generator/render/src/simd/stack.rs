//! A stack in plain memory.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

/// A stack of up to `CAPACITY` values; its memory is not touched before it is used, so that a
/// new one costs nothing.
pub(crate) struct Stack<T, const CAPACITY: usize> {
    values: [MaybeUninit<T>; CAPACITY],
    len: usize,
}

impl<T: Copy, const CAPACITY: usize> Stack<T, CAPACITY> {
    /// A stack of nothing.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self {
            values: [const { MaybeUninit::uninit() }; CAPACITY],
            len: 0,
        }
    }

    /// Puts a value on top.
    #[inline(always)]
    pub(crate) fn push(&mut self, value: T) {
        self.values[self.len] = MaybeUninit::new(value);
        self.len += 1;
    }

    /// Takes the value from the top.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let top = self.len.checked_sub(1)?;
        self.len = top;
        // SAFETY: `len` grows only when the value below it has been written.
        self.values
            .get(top)
            .map(|value| unsafe { value.assume_init() })
    }
}
