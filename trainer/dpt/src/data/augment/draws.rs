//! Random choices by name: each depends on the seed of the sample and its own name alone, so a new
//! augmentation moves no other.

use bottega_schemas::Seed;
use bottega_schemas::train::Range;

/// The choices of one sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws(Seed);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(Seed(seed))
    }

    /// Whether something of this probability happens.
    pub(super) fn happens(self, name: &str, probability: f64) -> bool {
        self.unit(name) < probability
    }

    /// A number in `[0, 1)`.
    pub(super) fn unit(self, name: &str) -> f64 {
        self.0.child(name).unit_f64()
    }

    /// An even number of an interval.
    pub(super) fn within(self, name: &str, range: Range) -> f64 {
        range.from + (range.to - range.from) * self.unit(name)
    }

    /// An even number between `-most` and `most`.
    pub(super) fn signed(self, name: &str, most: f64) -> f64 {
        most * (2.0 * self.unit(name) - 1.0)
    }

    /// The choices of the `index`-th try of something.
    pub(super) fn attempt(self, name: &str, index: u64) -> Self {
        Self(self.0.child(name).index(index))
    }

    /// A key for many numbers of the same kind.
    pub(super) fn key(self, name: &str) -> u64 {
        self.0.child(name).0
    }
}
