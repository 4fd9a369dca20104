//! Where the coverage rays pass through a pixel.

use glam::Vec2;

/// How many more rays a pixel gets whose first rays disagree.
pub(super) const REFINEMENT: u32 = 4;

/// Positions within the pixel's square: `n` that are even by themselves, then more that make
/// [`REFINEMENT`] times as many.
///
/// The whole is a rank-1 lattice: of `m` points, point `i` is at
/// `((i + 1/2) / m, (a i mod m + 1/2) / m)`. All columns and all rows are different, so an
/// upright edge is placed within `1/m`. The points with `i = 2 mod 4` are a lattice of their own,
/// with the same property; they come first. Of all generators `a` the one is taken that keeps
/// the points of both farthest apart on the pixel repeated over the plane. The pattern is the
/// same in every pixel, so the whole film is one even lattice.
pub(super) fn lattice(n: u32) -> Vec<Vec2> {
    let m = REFINEMENT * n;
    let mut best = (1, 0);
    for generator in (1..m).step_by(2) {
        // Squared distances in units of the mean area of a point, of `m` and of `n` points.
        let whole = separation(generator, m, best.1);
        if best.1 < whole {
            let quality = whole.min(u64::from(REFINEMENT) * separation(generator % n, n, 0));
            if best.1 < quality {
                best = (generator, quality);
            }
        }
    }
    let place = |k: u32| (k as f32 + 0.5) / m as f32;
    let point = |i: u32| {
        let row = (u64::from(i) * u64::from(best.0) % u64::from(m)) as u32;
        Vec2::new(place(i), place(row))
    };
    let is_first = |i: &u32| i % REFINEMENT == REFINEMENT / 2;
    let first = (0..m).filter(is_first);
    let rest = (0..m).filter(|i| !is_first(i));
    first.chain(rest).map(point).collect()
}

/// Least squared distance between lattice points on the torus, in units of `1/n`; zero if two
/// share a row. The search ends below `enough`.
fn separation(generator: u32, n: u32, enough: u64) -> u64 {
    let (generator, n) = (u64::from(generator), u64::from(n));
    let mut least = u64::MAX;
    for i in 1..n {
        let row = i * generator % n;
        if row == 0 {
            return 0;
        }
        let (x, y) = (i.min(n - i), row.min(n - row));
        least = least.min(x * x + y * y);
        if least < enough {
            break;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_all_different_and_points_keep_apart() {
        for n in [64, 81, 100, 256] {
            let all = lattice(n);
            let m = (REFINEMENT * n) as f32;
            for coordinate in [0, 1] {
                let mut seen: Vec<f32> = all.iter().map(|p| p[coordinate]).collect();
                seen.sort_by(f32::total_cmp);
                for (k, value) in seen.iter().enumerate() {
                    assert_eq!(*value, (k as f32 + 0.5) / m);
                }
                let first = &all[..n as usize];
                let mut seen: Vec<f32> = first.iter().map(|p| p[coordinate]).collect();
                seen.sort_by(f32::total_cmp);
                for (k, value) in seen.iter().enumerate() {
                    assert_eq!(*value, ((4 * k) as f32 + 2.5) / m);
                }
            }
            // The densest lattice of all has distances up to sqrt(2 / sqrt(3) / n).
            for points in [&all[..], &all[..n as usize]] {
                let mut least = f32::INFINITY;
                for (i, a) in points.iter().enumerate() {
                    for b in &points[..i] {
                        least = least.min(a.distance_squared(*b) * points.len() as f32);
                    }
                }
                assert!(0.6 < least, "{} points come within {least}", points.len());
            }
        }
    }
}
