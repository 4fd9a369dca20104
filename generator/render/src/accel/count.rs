//! How many rays this process has traced: for reports, nothing depends on it.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rays that a thread counts for itself before it tells the others.
const BATCH: u64 = 1024;

static TOLD: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static OWN: Cell<u64> = const { Cell::new(0) };
}

/// Counts one ray.
#[inline]
pub(super) fn count() {
    OWN.with(|own| {
        let rays = own.get() + 1;
        if rays == BATCH {
            TOLD.fetch_add(BATCH, Ordering::Relaxed);
            own.set(0);
        } else {
            own.set(rays);
        }
    });
}

/// Rays traced so far by all threads, but for less than 1024 of each.
pub fn rays_traced() -> u64 {
    TOLD.load(Ordering::Relaxed)
}
