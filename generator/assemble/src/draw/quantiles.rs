//! Quantiles by name: where all numbers of a sample come from.

use bottega_schemas::index::Sequence;
use bottega_schemas::seed::Seed;

/// The quantiles of one index: a number in `[0, 1)` for every name.
///
/// Each name has its own scrambled low-discrepancy sequence over the indices, so a name that comes
/// or goes moves no other, and tables of any two attributes fill evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantiles {
    key: Seed,
    index: u64,
}

impl Quantiles {
    /// Quantiles of what stays with a person.
    pub(super) fn of_identity(recipe_seed: u64, identity: u64) -> Self {
        Self {
            key: Seed(recipe_seed).child("identity"),
            index: identity,
        }
    }

    /// Quantiles of what changes from picture to picture.
    pub(super) fn of_sample(recipe_seed: u64, index: u64) -> Self {
        Self {
            key: Seed(recipe_seed).child("picture"),
            index,
        }
    }

    /// The quantile called `name`.
    pub(super) fn u(self, name: &str) -> f64 {
        Sequence::new(self.key.child(name)).at(self.index)
    }

    /// The quantile called `name` in a repeated draw; attempt 0 is [`Self::u`].
    pub(super) fn attempt(self, name: &str, attempt: u32) -> f64 {
        if attempt == 0 {
            self.u(name)
        } else {
            self.u(&format!("{name}/attempt {attempt}"))
        }
    }

    /// Whether something of probability `share` happens.
    pub(super) fn happens(self, name: &str, share: f64) -> bool {
        self.u(name) < share
    }
}
