//! The inside of the eye sockets, apart from the rest of the skin.
//!
//! The base mesh lines the sockets with skin. Light that scatters below the lids would leave
//! through it into the dark behind the eyeball, and red light, which goes farthest, most of it:
//! lids and the skin under the eyes would look blue. Behind real lids there is more tissue, so the
//! lining is a surface of its own and no boundary to what scatters in the face.

use bottega_geometry::TriMesh;
use glam::Vec3;

use crate::body::EyePose;

/// The lining lies within so many radii of the eye's centre.
const REACH: f32 = 1.5;
/// Least cosine between its normal and the direction to the centre.
const FACING_COS: f32 = 0.2;

/// Takes the lining of both sockets out of the skin.
pub(crate) fn part_sockets(skin: &mut TriMesh, eyes: &[EyePose; 2]) -> TriMesh {
    let is_lining = |triangle: &[u32; 3]| {
        let corners = triangle.map(|v| skin.positions[v as usize]);
        let [a, b, c] = corners;
        let face = (b - a).cross(c - a).normalize_or(Vec3::ZERO);
        eyes.iter().any(|eye| {
            corners.iter().all(|p| {
                let inward = eye.center - *p;
                let distance = inward.length();
                distance < REACH * eye.radius_m && FACING_COS * distance < face.dot(inward)
            })
        })
    };
    let triangles = skin.triangles.iter().copied();
    let (lining, rest): (Vec<_>, Vec<_>) = triangles.partition(is_lining);
    skin.triangles = rest;
    compact(skin, lining)
}

/// These triangles of a mesh with the vertices that they use.
fn compact(mesh: &TriMesh, mut triangles: Vec<[u32; 3]>) -> TriMesh {
    let mut used: Vec<u32> = triangles.iter().flatten().copied().collect();
    used.sort_unstable();
    used.dedup();
    for vertex in triangles.iter_mut().flatten() {
        *vertex = used.partition_point(|v| v < vertex) as u32;
    }
    fn kept<T: Copy>(used: &[u32], values: &[T]) -> Vec<T> {
        let at = |v: &u32| values.get(*v as usize).copied();
        used.iter().filter_map(at).collect()
    }
    TriMesh {
        positions: kept(&used, &mesh.positions),
        normals: kept(&used, &mesh.normals),
        uvs: kept(&used, &mesh.uvs),
        rest: kept(&used, &mesh.rest),
        colors: kept(&used, &mesh.colors),
        gloss: kept(&used, &mesh.gloss),
        triangles,
    }
}
