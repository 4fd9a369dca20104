//! Locks: strands that grow near each other draw together toward their tips.

use glam::{IVec3, Vec3};
use rayon::prelude::*;

use super::root::Root;

/// For each root the nearest of the first `n_centers` roots on its side of the parting.
///
/// The first roots are evenly spread (see [`super::root::spread`]), so they serve as centres.
pub(crate) fn assign(roots: &[Root], sides: &[i8], n_centers: usize) -> Vec<u32> {
    if roots.is_empty() {
        return Vec::new();
    }
    let grid = Grid::of(&roots[..n_centers.clamp(1, roots.len())]);
    roots
        .par_iter()
        .zip(sides)
        .map(|(root, &side)| grid.nearest(root.template_dm, |center| sides[center] == side))
        .collect()
}

/// Edge of a cell, in decimetres: a lock or two.
const CELL_DM: f32 = 0.1;
/// What a centre beyond the parting counts as farther, squared.
const ACROSS_DM2: f32 = 1.0;

/// Centres of locks in cells.
struct Grid {
    low: Vec3,
    size: IVec3,
    /// Where each cell begins in `centers`.
    starts: Vec<u32>,
    centers: Vec<(u32, Vec3)>,
}

impl Grid {
    fn of(roots: &[Root]) -> Self {
        let points = || roots.iter().map(|root| root.template_dm);
        let (low, high) = (
            points().fold(Vec3::INFINITY, Vec3::min),
            points().fold(Vec3::NEG_INFINITY, Vec3::max),
        );
        let size = ((high - low) / CELL_DM).floor().as_ivec3() + IVec3::ONE;
        let mut grid = Self {
            low,
            size,
            starts: vec![0; size.element_product() as usize + 1],
            centers: Vec::with_capacity(roots.len()),
        };
        let mut keyed: Vec<(usize, u32)> = points()
            .zip(0..)
            .map(|(p, center)| (grid.index(grid.cell(p)), center))
            .collect();
        keyed.sort_unstable();
        for &(cell, center) in &keyed {
            grid.starts[cell + 1] += 1;
            grid.centers
                .push((center, roots[center as usize].template_dm));
        }
        for cell in 1..grid.starts.len() {
            grid.starts[cell] += grid.starts[cell - 1];
        }
        grid
    }

    fn cell(&self, p: Vec3) -> IVec3 {
        let cell = ((p - self.low) / CELL_DM).floor().as_ivec3();
        cell.clamp(IVec3::ZERO, self.size - 1)
    }

    fn index(&self, cell: IVec3) -> usize {
        (cell.x + self.size.x * (cell.y + self.size.y * cell.z)) as usize
    }

    /// The nearest centre; those that are not `alike` count as farther.
    fn nearest(&self, p: Vec3, alike: impl Fn(usize) -> bool) -> u32 {
        let middle = self.cell(p);
        let mut nearest = (f32::INFINITY, 0);
        for ring in 0..self.size.max_element() {
            // Points of the ring are at least this far.
            let far_dm = CELL_DM * (ring - 1).max(0) as f32;
            if nearest.0 < far_dm * far_dm {
                break;
            }
            let low = (middle - ring).max(IVec3::ZERO);
            let high = (middle + ring).min(self.size - 1);
            for z in low.z..=high.z {
                for y in low.y..=high.y {
                    let inside = (z - middle.z).abs() < ring && (y - middle.y).abs() < ring;
                    let step = if inside { (2 * ring) as usize } else { 1 };
                    for x in (middle.x - ring..=middle.x + ring).step_by(step) {
                        if (low.x..=high.x).contains(&x) {
                            self.look(IVec3::new(x, y, z), p, &alike, &mut nearest);
                        }
                    }
                }
            }
        }
        nearest.1
    }

    fn look(&self, cell: IVec3, p: Vec3, alike: &impl Fn(usize) -> bool, nearest: &mut (f32, u32)) {
        let cell = self.index(cell);
        for &(center, at) in
            &self.centers[self.starts[cell] as usize..self.starts[cell + 1] as usize]
        {
            let across = if alike(center as usize) {
                0.0
            } else {
                ACROSS_DM2
            };
            let found = (p.distance_squared(at) + across, center);
            if found < *nearest {
                *nearest = found;
            }
        }
    }
}

/// Draws a strand toward the centre of its lock: not at the root, by `strength` at the tip, with
/// `exponent` between. Both have as many points.
pub(crate) fn draw_together(
    strand: &mut [Vec3],
    center: &[Vec3],
    strength: f32,
    exponent: Exponent,
) {
    let last = (strand.len() - 1) as f32;
    for (i, (point, &target)) in strand.iter_mut().zip(center).enumerate() {
        let t = i as f32 / last;
        let weight = match exponent {
            Exponent::Linear => t,
            Exponent::Root => t.sqrt(),
            Exponent::Square => t * t,
        };
        *point = point.lerp(target, strength * weight);
    }
}

/// How a lock tightens along the strand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exponent {
    /// Soon after the root.
    Root,
    /// Evenly.
    Linear,
    /// Only near the tips.
    Square,
}

#[cfg(test)]
mod tests {
    use super::{super::surface::SurfacePoint, *};

    #[test]
    fn the_grid_finds_what_a_linear_search_finds() {
        // The R3 sequence (Roberts 2018), flattened to a shell.
        let roots: Vec<Root> = (1..600)
            .map(|i| {
                let i = i as f32;
                let p = Vec3::new(i * 0.819_172_5, i * 0.671_043_6, i * 0.549_700_5).fract_gl();
                Root {
                    at: SurfacePoint {
                        triangle: 0,
                        barycentric: Vec3::X,
                    },
                    template_dm: (p - 0.5).normalize_or(Vec3::Y) + Vec3::new(0.0, 7.5, 0.4),
                    position: Vec3::ZERO,
                    normal: Vec3::Y,
                }
            })
            .collect();
        let sides: Vec<i8> = roots
            .iter()
            .map(|root| if root.template_dm.x < 0.1 { -1 } else { 1 })
            .collect();
        for n_centers in [1, 7, 120] {
            for (k, found) in assign(&roots, &sides, n_centers).into_iter().enumerate() {
                let far = |center: u32| {
                    let center = center as usize;
                    let across = if sides[center] == sides[k] { 0.0 } else { 1.0 };
                    let at = roots[center].template_dm;
                    roots[k].template_dm.distance_squared(at) + across
                };
                let nearest = (0..n_centers as u32).map(far).fold(f32::MAX, f32::min);
                assert_eq!(far(found), nearest, "{k} of {n_centers}");
            }
        }
    }
}
