//! Where strands grow: evenly spread points on the skin, thinned to a density.

use bottega_schemas::seed::Seed;
use glam::Vec3;

use super::surface::{HeadSurface, SurfacePoint};

/// One root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    /// Where on the mesh.
    pub(crate) at: SurfacePoint,
    /// Position on the template, in decimetres.
    pub(crate) template_dm: Vec3,
    /// Position on the posed skin.
    pub(crate) position: Vec3,
    /// Unit normal of the posed skin.
    pub(crate) normal: Vec3,
}

/// Spreads `n_roots` roots over the triangles named by `candidate`, in proportion to `density` in
/// `[0, 1]`.
///
/// The roots follow a low-discrepancy sequence over the template, so that the first few hundred
/// are spread as evenly as all of them and a smaller number is a prefix of a larger one.
pub(crate) fn spread(
    surface: &HeadSurface,
    normals: &[Vec3],
    n_roots: usize,
    seed: Seed,
    candidate: impl Fn(&[u32; 3]) -> bool,
    density: impl Fn(SurfacePoint, Vec3) -> f32,
) -> Vec<Root> {
    let mut triangles = Vec::new();
    let mut total = 0.0f64;
    for (index, t) in surface.triangles.iter().enumerate() {
        if candidate(t) {
            let [a, b, c] = t.map(|v| surface.template_dm[v as usize]);
            total += f64::from((b - a).cross(c - a).length());
            triangles.push((total, index as u32));
        }
    }
    let mut roots = Vec::with_capacity(n_roots);
    if total <= 0.0 {
        return roots;
    }
    // Along the list of triangles the roots follow the R2 sequence (Roberts 2018), with the second
    // coordinate for acceptance. Inside a triangle a sequence would show as a lattice.
    const STEP: [f64; 2] = [0.754_877_666_246_692_7, 0.569_840_290_998_053_3];
    let start: [f64; 2] = std::array::from_fn(|k| seed.index(k as u64).unit_f64());
    for k in 0..(40 * n_roots as u64) {
        if roots.len() == n_roots {
            break;
        }
        let u: [f64; 2] = std::array::from_fn(|i| (start[i] + (k + 1) as f64 * STEP[i]).fract());
        let slot = triangles.partition_point(|&(sum, _)| sum <= u[0] * total);
        let Some(&(_, triangle)) = triangles.get(slot) else {
            continue;
        };
        let (mut v, mut w) = (seed.stream_f32(2 * k), seed.stream_f32(2 * k + 1));
        if 1.0 < v + w {
            (v, w) = (1.0 - v, 1.0 - w);
        }
        let at = SurfacePoint {
            triangle,
            barycentric: Vec3::new(1.0 - v - w, v, w),
        };
        let template_dm = surface.vector(&surface.template_dm, at);
        if (u[1] as f32) < density(at, template_dm) {
            roots.push(Root {
                at,
                template_dm,
                position: surface.vector(&surface.posed, at),
                normal: surface.vector(normals, at).normalize_or(Vec3::Y),
            });
        }
    }
    roots
}
