//! The share of a pixel that meshes cover, measured along lines.
//!
//! Points alone place a slanted edge within a few parts of their number. Lines across the edge
//! place it almost exactly: on each line the edge is found by bisection, and between lines its
//! place changes evenly, so the sum over the lines is the area under a polygon.

use glam::Vec2;

use super::pattern::REFINEMENT;

/// Lines over a pixel.
const LINES: u32 = 16;

/// Equal cells of a line; what is narrower than one may be overlooked.
const CELLS: u32 = 16;

/// Bisections of a cell at whose ends different things show.
const BISECTIONS: u32 = 5;

/// Lines and points that differ more than this see something that lines do not resolve.
const LARGEST_DIFFERENCE: f32 = 4.5 / 64.0;

/// Share of the unit square in which `is_inside` holds, in `[0, 1]`. `lattice` holds the points
/// of `pattern.rs`.
///
/// Where the corners and the first points agree, they are believed: a straight edge leaves at
/// least one corner on each side. Where a point is inside, the share is at least `least`.
pub(super) fn share(is_inside: impl Fn(Vec2) -> bool, lattice: &[Vec2], least: f32) -> f32 {
    let n_first = lattice.len() / REFINEMENT as usize;
    // The centres of the points inside and outside, and how many there are.
    let mut centers = [(Vec2::ZERO, 0.0_f32); 2];
    let corners = [Vec2::ZERO, Vec2::X, Vec2::Y, Vec2::ONE];
    let mut n_inside = 0_u32;
    for (idx, &point) in lattice[..n_first].iter().chain(&corners).enumerate() {
        let inside = is_inside(point);
        let (sum, n) = &mut centers[usize::from(inside)];
        *sum += point;
        *n += 1.0;
        n_inside += u32::from(inside && idx < n_first);
    }
    let [(outer, n_outer), (inner, n_inner)] = centers;
    if n_inner == 0.0 || n_outer == 0.0 {
        return f32::from(0.0 < n_inner);
    }
    let across = (inner / n_inner - outer / n_outer).abs();
    let is_level = across.x < across.y;
    let on_line = |along: f32, line: f32| {
        is_inside(if is_level {
            Vec2::new(line, along)
        } else {
            Vec2::new(along, line)
        })
    };
    let by_points = n_inside as f32 / n_first as f32;
    let by_lines = by_lines(on_line);
    let share = if (by_lines - by_points).abs() <= LARGEST_DIFFERENCE {
        by_lines
    } else {
        let more = lattice[n_first..].iter().filter(|point| is_inside(**point));
        (n_inside as usize + more.count()) as f32 / lattice.len() as f32
    };
    if n_inside == 0 {
        share
    } else {
        share.max(least)
    }
}

/// Mean over the lines of the share of each that is inside; `on_line(along, line)`.
fn by_lines(on_line: impl Fn(f32, f32) -> bool) -> f32 {
    let mut sum = 0.0;
    for line in 0..LINES {
        let line = (line as f32 + 0.5) / LINES as f32;
        let mut before = on_line(0.0, line);
        for cell in 0..CELLS {
            let [start, end] = [cell, cell + 1].map(|k| k as f32 / CELLS as f32);
            let after = on_line(end, line);
            sum += match (before, after) {
                (true, true) => 1.0,
                (false, false) => 0.0,
                _ => {
                    let (mut low, mut high) = (0.0_f32, 1.0_f32);
                    for _ in 0..BISECTIONS {
                        let middle = 0.5 * (low + high);
                        if on_line(start + middle / CELLS as f32, line) == before {
                            low = middle;
                        } else {
                            high = middle;
                        }
                    }
                    // An edge on the end of a cell, as of a pixel, is no sliver of it.
                    let edge = match (low, high) {
                        (0.0, _) => 0.0,
                        (_, 1.0) => 1.0,
                        _ => 0.5 * (low + high),
                    };
                    if before { edge } else { 1.0 - edge }
                }
            };
            before = after;
        }
    }
    sum / (LINES * CELLS) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::pattern::lattice;

    #[test]
    fn a_disc_has_its_area() {
        let lattice = lattice(64);
        for (radius, center) in [
            (0.3, Vec2::splat(0.5)),
            (0.45, Vec2::new(0.52, 0.49)),
            (0.1, Vec2::new(0.2, 0.7)),
        ] {
            let found = share(|p: Vec2| p.distance(center) < radius, &lattice, 0.0);
            let exact = std::f32::consts::PI * radius * radius;
            assert!((found - exact).abs() < 0.5 / 64.0, "{found} for {exact}");
        }
    }

    #[test]
    fn a_sliver_narrower_than_a_cell_is_not_lost() {
        let lattice = lattice(64);
        for width in [0.09, 0.11, 0.2_f32] {
            let found = share(|p: Vec2| (0.31..0.31 + width).contains(&p.x), &lattice, 0.0);
            assert!((found - width).abs() < 1.0 / 64.0, "{found} for {width}");
        }
    }

    #[test]
    fn what_the_points_meet_keeps_the_least_share() {
        let lattice = lattice(64);
        let point = lattice[5];
        let found = share(|p: Vec2| p.distance(point) < 1e-4, &lattice, 1.0 / 255.0);
        assert_eq!(found, 1.0 / 255.0);
    }
}
