//! Where the coverage rays pass through a pixel.

use glam::Vec2;

/// Positions within the pixel's square, `n` of them.
///
/// A rank-1 lattice: point `i` is at `((i + 1/2) / n, (a i mod n + 1/2) / n)`. All columns and
/// all rows are different, so an upright edge is placed within `1/n`; and of all generators `a`
/// the one is taken that keeps the points farthest apart on the pixel repeated over the plane.
/// The pattern is the same in every pixel, so the whole film is one even lattice.
pub(super) fn lattice(n: u32) -> Vec<Vec2> {
    let mut best = (1, 0);
    for generator in 1..n {
        let separation = separation(generator, n);
        if best.1 < separation {
            best = (generator, separation);
        }
    }
    let place = |k: u32| (k as f32 + 0.5) / n as f32;
    (0..n)
        .map(|i| {
            let row = (u64::from(i) * u64::from(best.0) % u64::from(n)) as u32;
            Vec2::new(place(i), place(row))
        })
        .collect()
}

/// Least squared distance between lattice points on the torus, in units of `1/n`; zero if two
/// share a row.
fn separation(generator: u32, n: u32) -> u64 {
    let (generator, n) = (u64::from(generator), u64::from(n));
    let mut least = u64::MAX;
    for i in 1..n {
        let row = i * generator % n;
        if row == 0 {
            return 0;
        }
        let (x, y) = (i.min(n - i), row.min(n - row));
        least = least.min(x * x + y * y);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_all_different_and_points_keep_apart() {
        for n in [64, 81, 100, 256] {
            let points = lattice(n);
            for coordinate in [0, 1] {
                let mut seen: Vec<f32> = points.iter().map(|p| p[coordinate]).collect();
                seen.sort_by(f32::total_cmp);
                for (k, value) in seen.iter().enumerate() {
                    assert_eq!(*value, (k as f32 + 0.5) / n as f32);
                }
            }
            // The densest lattice of all has distances up to sqrt(2 / sqrt(3) / n).
            let mut least = f32::INFINITY;
            for (i, a) in points.iter().enumerate() {
                for b in &points[..i] {
                    least = least.min(a.distance_squared(*b) * n as f32);
                }
            }
            assert!(0.7 < least, "{n} points come within {least}");
        }
    }
}
