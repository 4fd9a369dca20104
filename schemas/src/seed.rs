//! Keyed seeds: every random number has a name, and no name depends on another.

use serde::{Deserialize, Serialize};

/// A 64-bit key from which named children and numbers derive.
///
/// `seed.child("groom/density")` depends on the seed and the name alone, so inserting a parameter
/// moves no other. Zero is a seed like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of the child called `name`.
    pub fn child(self, name: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0.to_le_bytes());
        hasher.update(name.as_bytes());
        Self(first_u64(&hasher.finalize()))
    }

    /// The seed of the child with number `index`.
    pub fn index(self, index: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0.to_le_bytes());
        hasher.update(b"#");
        hasher.update(&index.to_le_bytes());
        Self(first_u64(&hasher.finalize()))
    }

    /// A number in `[0, 1)` with 53 random bits.
    pub fn unit_f64(self) -> f64 {
        (mix(self.0) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// The `n`-th of a fast stream of numbers in `[0, 1)`, for arrays of like things.
    pub fn stream_f32(self, n: u64) -> f32 {
        (mix(self.0 ^ mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15))) >> 40) as f32
            * (1.0 / (1u32 << 24) as f32)
    }
}

fn first_u64(hash: &blake3::Hash) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// Finaliser of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_depend_on_their_name_only() {
        assert_ne!(Seed(0).child("a"), Seed(0).child("b"));
        assert_ne!(Seed(0).child("a"), Seed(1).child("a"));
        assert_eq!(Seed(7).child("a"), Seed(7).child("a"));
    }

    #[test]
    fn numbers_fill_the_unit_interval() {
        let mean: f64 = (0..4096).map(|i| Seed(0).index(i).unit_f64()).sum::<f64>() / 4096.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        let mean: f32 = (0..4096).map(|i| Seed(0).stream_f32(i)).sum::<f32>() / 4096.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
    }
}
