//! The last step of a garment: give the sheet its thickness, its normals and its coordinates.

use std::collections::BTreeMap;

use bottega_geometry::TriMesh;
use glam::{Vec2, Vec3};

use super::cloth::{border_loops, vertex_normals};

/// A sheet with everything that its mesh needs.
pub(crate) struct Sheet<'a> {
    /// Posed outer side, in metres.
    pub(crate) points: &'a [Vec3],
    /// Texture space of each point, in metres.
    pub(crate) rest: &'a [Vec3],
    /// Texture coordinates of each point, in metres.
    pub(crate) uvs: &'a [Vec2],
    /// Normals of the whole garment, so that pieces shade as one.
    pub(crate) normals: &'a [Vec3],
    /// Triangles of this piece.
    pub(crate) triangles: &'a [[u32; 3]],
}

/// A closed mesh: the sheet raised by `raise_m`, an inner side `thickness_m` below it, and rims
/// between them along all borders.
pub(crate) fn thicken(sheet: &Sheet<'_>, raise_m: f32, thickness_m: f32) -> TriMesh {
    let mut mesh = TriMesh::default();
    let mut new_index: BTreeMap<u32, u32> = BTreeMap::new();
    let mut used = Vec::new();
    for &v in sheet.triangles.iter().flatten() {
        new_index.entry(v).or_insert_with(|| {
            used.push(v as usize);
            used.len() as u32 - 1
        });
    }
    let n = used.len() as u32;
    let push = |mesh: &mut TriMesh, v: usize, height_m: f32, normal: Vec3| {
        mesh.positions
            .push(sheet.points[v] + sheet.normals[v] * height_m);
        mesh.normals.push(normal);
        mesh.rest.push(sheet.rest[v]);
        mesh.uvs.push(sheet.uvs[v]);
    };
    for &v in &used {
        push(&mut mesh, v, raise_m, sheet.normals[v]);
    }
    for &v in &used {
        push(&mut mesh, v, raise_m - thickness_m, -sheet.normals[v]);
    }
    for t in sheet.triangles {
        let [a, b, c] = t.map(|v| new_index[&v]);
        mesh.triangles.push([a, b, c]);
        mesh.triangles.push([n + a, n + c, n + b]);
    }
    for ring in border_loops(sheet.triangles) {
        let ring: Vec<usize> = ring.iter().map(|&v| v as usize).collect();
        let first = mesh.positions.len() as u32;
        let len = ring.len();
        for k in 0..len {
            let (before, v, after) = (ring[(k + len - 1) % len], ring[k], ring[(k + 1) % len]);
            let along = sheet.points[after] - sheet.points[before];
            // Triangles keep their inside to the left of the border, so outward is to the right.
            let outward = along.cross(sheet.normals[v]).normalize_or(sheet.normals[v]);
            push(&mut mesh, v, raise_m, outward);
            push(&mut mesh, v, raise_m - thickness_m, outward);
        }
        for k in 0..len as u32 {
            let (a, b) = (first + 2 * k, first + 2 * ((k + 1) % len as u32));
            mesh.triangles.extend([[a, a + 1, b + 1], [a, b + 1, b]]);
        }
    }
    mesh
}

/// [`thicken`] of a sheet that is all of what is worn and at rest as it is posed.
pub(crate) fn shell_of(
    points: &[Vec3],
    uvs: &[Vec2],
    triangles: &[[u32; 3]],
    raise_m: f32,
    thickness_m: f32,
) -> TriMesh {
    let sheet = Sheet {
        points,
        rest: points,
        uvs,
        normals: &vertex_normals(points, triangles),
        triangles,
    };
    thicken(&sheet, raise_m, thickness_m)
}

/// Normals of a whole garment.
pub(crate) fn normals(points: &[Vec3], triangles: &[[u32; 3]]) -> Vec<Vec3> {
    vertex_normals(points, triangles)
}

/// Volume within a closed mesh whose triangles face outward, in cubic metres.
#[cfg(test)]
pub(crate) fn volume_m3(mesh: &TriMesh) -> f32 {
    let six_volumes: f32 = (mesh.triangles.iter())
        .map(|t| {
            let [a, b, c] = t.map(|v| mesh.positions[v as usize]);
            a.dot(b.cross(c))
        })
        .sum();
    six_volumes / 6.0
}

#[cfg(test)]
pub(crate) fn open_edges(mesh: &TriMesh) -> usize {
    // Vertices at the same place are one: seams of normals do not open a mesh.
    let mut place: BTreeMap<[u32; 3], u32> = BTreeMap::new();
    let ids: Vec<u32> = mesh
        .positions
        .iter()
        .map(|p| {
            let next = place.len() as u32;
            *place.entry(p.to_array().map(f32::to_bits)).or_insert(next)
        })
        .collect();
    let mut edges: BTreeMap<(u32, u32), i32> = BTreeMap::new();
    for t in &mesh.triangles {
        for k in 0..3 {
            let (a, b) = (ids[t[k] as usize], ids[t[(k + 1) % 3] as usize]);
            *edges.entry((a.min(b), a.max(b))).or_insert(0) += if a < b { 1 } else { -1 };
        }
    }
    edges.values().filter(|count| **count != 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thick_sheet_is_closed_and_has_the_volume_of_a_slab() {
        let points: Vec<Vec3> = (0..9)
            .map(|i| Vec3::new((i % 3) as f32, 0.0, -((i / 3) as f32)))
            .collect();
        let triangles: Vec<[u32; 3]> = (0..4)
            .flat_map(|i| {
                let a = i / 2 * 3 + i % 2;
                [[a, a + 1, a + 4], [a, a + 4, a + 3]]
            })
            .collect();
        let normals = vec![Vec3::Y; 9];
        let uvs = vec![Vec2::ZERO; 9];
        let sheet = Sheet {
            points: &points,
            rest: &points,
            uvs: &uvs,
            normals: &normals,
            triangles: &triangles,
        };
        let mesh = thicken(&sheet, 0.0, 0.1);
        assert_eq!(open_edges(&mesh), 0);
        let volume_m3 = volume_m3(&mesh);
        assert!((volume_m3 - 0.4).abs() < 1e-5, "{volume_m3}");
    }
}
