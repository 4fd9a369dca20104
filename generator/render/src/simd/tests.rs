//! The compiled back end against the plain arrays, bit by bit.

use super::{F32x8, portable};

/// Values where roundings, signs and orders of operands show.
const SPECIAL: [f32; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::MIN_POSITIVE,
    1e-41,
    -1e-41,
    3.333_333_3,
    -7.777_778e8,
    1.000_000_1,
    16_777_215.0,
    1e38,
    -1.7e-20,
];

fn operands() -> Vec<[f32; 8]> {
    let mut state = 1_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state
    };
    let mut rows = Vec::new();
    for shift in 0..16 {
        rows.push(std::array::from_fn(|i| SPECIAL[(i * 3 + shift) % 16]));
    }
    for _ in 0..200 {
        rows.push(std::array::from_fn(|_| {
            let bits = next();
            // Exponents around one, so that sums neither vanish nor saturate.
            f32::from_bits((bits & 0x807f_ffff) | (120 + (bits >> 24) % 16) << 23)
        }));
    }
    rows
}

fn assert_same(operation: &str, actual: [f32; 8], expected: [f32; 8]) {
    for (a, e) in actual.iter().zip(expected) {
        // The payload of a NaN is the processor's own; that it is one is what counts.
        let same = a.to_bits() == e.to_bits() || (a.is_nan() && e.is_nan());
        assert!(same, "{operation}: {actual:?} is not {expected:?}");
    }
}

#[test]
fn arithmetic_has_the_bits_of_scalar_arithmetic() {
    let rows = operands();
    for (i, a) in rows.iter().enumerate() {
        let b = &rows[(i * 7 + 3) % rows.len()];
        let c = &rows[(i * 5 + 11) % rows.len()];
        let (x, y, z) = (F32x8::load(a), F32x8::load(b), F32x8::load(c));
        let (p, q, r) = (
            portable::F32x8::load(a),
            portable::F32x8::load(b),
            portable::F32x8::load(c),
        );
        assert_same("add", (x + y).to_array(), (p + q).to_array());
        assert_same("sub", (x - y).to_array(), (p - q).to_array());
        assert_same("mul", (x * y).to_array(), (p * q).to_array());
        assert_same("div", (x / y).to_array(), (p / q).to_array());
        assert_same("min", x.min(y).to_array(), p.min(q).to_array());
        assert_same("max", x.max(y).to_array(), p.max(q).to_array());
        assert_same("abs", x.abs().to_array(), p.abs().to_array());
        assert_same(
            "mul_add",
            x.mul_add(y, z).to_array(),
            p.mul_add(q, r).to_array(),
        );
        assert_same(
            "neg_mul_add",
            x.neg_mul_add(y, z).to_array(),
            p.neg_mul_add(q, r).to_array(),
        );
        let both = x.le(y) & x.lt(z);
        assert_eq!(x.le(y).bits(), p.le(q).bits());
        assert_eq!(x.lt(y).bits(), p.lt(q).bits());
        assert_eq!(both.bits(), (p.le(q) & p.lt(r)).bits());
    }
}

#[test]
fn integers_become_numbers_exactly() {
    let bytes = [0, 1, 2, 127, 128, 200, 254, 255];
    let words = [0, 1, 255, 256, 32767, 32768, 65534, 65535];
    assert_eq!(F32x8::from_u8(&bytes).to_array(), bytes.map(f32::from));
    assert_eq!(F32x8::from_u16(&words).to_array(), words.map(f32::from));
    assert_eq!(
        F32x8::splat(2.5).to_array(),
        portable::F32x8::splat(2.5).to_array()
    );
}
