//! Displacement maps: relief that moves the surface itself.
//!
//! A mesh is refined until no edge is longer than asked for, and its vertices move along their
//! normals by the heights of a picture. What results is an ordinary mesh: picture, outline, depth
//! and normals all see the same relief, and tracing needs no exception.
//!
//! Vertices that share a place, as along the seams of texture coordinates, move together by the mean
//! of their heights, so that closed meshes stay closed.

use std::collections::BTreeMap;

use bottega_geometry::TriMesh;
use glam::{Vec2, Vec3};

use crate::error::RenderError;
use crate::texture::ImageTexture;

/// Most triangles that a mesh is refined to.
const MAX_TRIANGLES: usize = 1 << 26;
/// Vertices of one place are parts of one smooth surface where the cosine between their normals is
/// at least this.
const SMOOTH_COS: f32 = 0.9;

/// Relief given by a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Displacement {
    /// The picture, whose first channel is the height, and how it lies.
    pub texture: ImageTexture,
    /// Height of 1 over 0, in metres.
    pub scale_m: f32,
    /// The value that leaves the surface where it is.
    pub middle: f32,
    /// Longest edge of the refined mesh, in metres; finer than half a pixel brings nothing.
    pub edge_m: f32,
}

/// The mesh with the relief. Positions before posing stay those of the smooth surface.
///
/// # Errors
/// When the mesh has no texture coordinates, when a number is not one or the edge not positive, and
/// when more than 67 million triangles would result.
pub fn displaced(mesh: &TriMesh, displacement: &Displacement) -> Result<TriMesh, RenderError> {
    let Displacement {
        scale_m,
        middle,
        edge_m,
        ..
    } = *displacement;
    let numbers = [scale_m, middle, edge_m];
    if let Some(index) = numbers.iter().position(|n| !n.is_finite()) {
        return Err(RenderError::BadNumber {
            what: "displacement",
            holder: "[scale, middle, edge]".into(),
            index,
        });
    }
    if edge_m <= 0.0 {
        return Err(RenderError::Inconsistent {
            what: "longest edge",
            holder: "a displacement map".into(),
            expected: "above 0 m".into(),
            found: format!("{edge_m} m"),
        });
    }
    if mesh.uvs.len() != mesh.positions.len() {
        return Err(RenderError::Inconsistent {
            what: "texture coordinates",
            holder: "a mesh with a displacement map".into(),
            expected: mesh.positions.len().to_string(),
            found: mesh.uvs.len().to_string(),
        });
    }
    // No triangle with edges so short is larger than the one with three sides alike.
    let largest_m2 = 0.4331 * f64::from(edge_m) * f64::from(edge_m);
    let area_m2: f64 = (mesh.triangles.iter())
        .map(|triangle| {
            let [a, b, c] = triangle.map(|v| mesh.positions[v as usize]);
            0.5 * f64::from((b - a).cross(c - a).length())
        })
        .sum();
    within_limit((area_m2 / largest_m2) as usize)?;
    let mut fine = mesh.clone();
    if fine.normals.is_empty() {
        let faces = face_normals(&fine).into_iter();
        fine.normals = faces.map(|n| n.normalize_or(Vec3::Z)).collect();
    }
    while refine(&mut fine, edge_m)? {}
    let places = places(&fine.positions);
    let heights_m: Vec<f32> = (fine.uvs.iter())
        .map(|uv| (displacement.texture.at(*uv, 0.0).x - middle) * scale_m)
        .collect();
    for place in &places {
        let share = 1.0 / place.len() as f32;
        let normal: Vec3 = place.iter().map(|&v| fine.normals[v]).sum();
        let height_m: f32 = place.iter().map(|&v| heights_m[v]).sum::<f32>() * share;
        let moved = fine.positions[place[0]] + normal.normalize_or_zero() * height_m;
        place.iter().for_each(|&v| fine.positions[v] = moved);
    }
    let faces = face_normals(&fine);
    let smooth = fine.normals.clone();
    for place in &places {
        for &v in place {
            // Each triangle counts by its size; across hard edges there is no mean.
            let alike = (place.iter()).filter(|&&w| SMOOTH_COS <= smooth[v].dot(smooth[w]));
            let sum: Vec3 = alike.map(|&w| faces[w]).sum();
            fine.normals[v] = sum.try_normalize().unwrap_or(smooth[v]);
        }
    }
    Ok(fine)
}

fn within_limit(n_triangles: usize) -> Result<(), RenderError> {
    if n_triangles <= MAX_TRIANGLES {
        return Ok(());
    }
    Err(RenderError::TooMany {
        what: "triangles after displacement",
        limit: MAX_TRIANGLES,
        found: n_triangles,
    })
}

/// Normals of the vertices by the triangles about them, as long as twice their area.
fn face_normals(mesh: &TriMesh) -> Vec<Vec3> {
    let mut normals = vec![Vec3::ZERO; mesh.positions.len()];
    for triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|v| mesh.positions[v as usize]);
        let normal = (b - a).cross(c - a);
        triangle.iter().for_each(|&v| normals[v as usize] += normal);
    }
    normals
}

/// Vertices by the place where they are, each place once.
fn places(positions: &[Vec3]) -> Vec<Vec<usize>> {
    // Adding zero makes one bit pattern of both zeros.
    let key = |v: usize| (positions[v] + Vec3::ZERO).to_array().map(f32::to_bits);
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by_key(|&v| (key(v), v));
    (order.chunk_by(|&a, &b| key(a) == key(b)))
        .map(<[usize]>::to_vec)
        .collect()
}

/// Cuts every edge that is too long in the middle; whether there was one.
fn refine(mesh: &mut TriMesh, edge_m: f32) -> Result<bool, RenderError> {
    let edge_squared = edge_m * edge_m;
    let mut middles = BTreeMap::new();
    let mut triangles = Vec::with_capacity(mesh.triangles.len());
    for triangle in std::mem::take(&mut mesh.triangles) {
        // The middle of each edge that is cut: of the first and second corner, and so on.
        let cuts = [0, 1, 2].map(|k| {
            let [a, b] = [triangle[k], triangle[(k + 1) % 3]];
            let [p, q] = [a, b].map(|v| mesh.positions[v as usize]);
            // Whether an edge is cut does not depend on the side from which it is seen.
            (edge_squared < p.distance_squared(q)).then(|| {
                let key = (a.min(b), a.max(b));
                *middles.entry(key).or_insert_with(|| middle(mesh, a, b))
            })
        });
        let [a, b, c] = triangle;
        match cuts {
            [None, None, None] => triangles.push(triangle),
            [Some(ab), Some(bc), Some(ca)] => {
                triangles.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
            }
            [Some(ab), None, None] => triangles.extend([[a, ab, c], [ab, b, c]]),
            [None, Some(bc), None] => triangles.extend([[b, bc, a], [bc, c, a]]),
            [None, None, Some(ca)] => triangles.extend([[c, ca, b], [ca, a, b]]),
            [Some(ab), Some(bc), None] => {
                triangles.extend([[ab, b, bc], [a, ab, bc], [a, bc, c]]);
            }
            [None, Some(bc), Some(ca)] => {
                triangles.extend([[bc, c, ca], [b, bc, ca], [b, ca, a]]);
            }
            [Some(ab), None, Some(ca)] => {
                triangles.extend([[ca, a, ab], [c, ca, ab], [c, ab, b]]);
            }
        }
        within_limit(triangles.len())?;
    }
    mesh.triangles = triangles;
    Ok(!middles.is_empty())
}

/// A new vertex in the middle of two.
fn middle(mesh: &mut TriMesh, a: u32, b: u32) -> u32 {
    let [a, b] = [a, b].map(|v| v as usize);
    let mean = |values: &mut Vec<Vec3>| {
        if !values.is_empty() {
            values.push(0.5 * (values[a] + values[b]));
        }
    };
    mean(&mut mesh.positions);
    mean(&mut mesh.rest);
    mean(&mut mesh.colors);
    mean(&mut mesh.normals);
    if let Some(normal) = mesh.normals.last_mut() {
        *normal = normal.normalize_or(Vec3::Z);
    }
    let uv: Vec2 = 0.5 * (mesh.uvs[a] + mesh.uvs[b]);
    mesh.uvs.push(uv);
    if !mesh.gloss.is_empty() {
        mesh.gloss.push(0.5 * (mesh.gloss[a] + mesh.gloss[b]));
    }
    mesh.positions.len() as u32 - 1
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::accel::Accel;
    use crate::label::render_labels;
    use crate::scene::{ColorTexture, Material};
    use crate::test_support::{environment, object, scene, sphere};
    use crate::texture::{Encoding, Image, Wrap};

    fn picture(width: u32, height: u32, heights: impl Fn(u32, u32) -> u8) -> ImageTexture {
        let texels = (0..width * height)
            .map(|i| [heights(i % width, i / width), 0, 0, 255])
            .collect();
        let image = Image::new(width, height, texels, Encoding::Linear).expect("it has texels");
        ImageTexture {
            wrap: [Wrap::Clamp; 2],
            ..ImageTexture::new(Arc::new(image))
        }
    }

    /// A card of one metre that faces +Z.
    fn card() -> TriMesh {
        let uvs = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(Vec2::from_array);
        TriMesh {
            positions: uvs.map(|uv| (uv - Vec2::splat(0.5)).extend(0.0)).to_vec(),
            uvs: uvs.to_vec(),
            triangles: vec![[0, 1, 2], [0, 2, 3]],
            ..TriMesh::default()
        }
    }

    #[test]
    fn depth_and_normals_see_the_relief() {
        // Two texels, black and white: between their centres a ramp of slope two.
        let displacement = Displacement {
            texture: picture(2, 1, |x, _| 255 * x as u8),
            scale_m: 0.1,
            middle: 0.5,
            edge_m: 0.02,
        };
        let relief = displaced(&card(), &displacement).expect("it has coordinates");
        let edges = relief.triangles.iter().flat_map(|t| {
            let p = t.map(|v| relief.positions[v as usize].truncate());
            [
                p[0].distance(p[1]),
                p[1].distance(p[2]),
                p[2].distance(p[0]),
            ]
        });
        assert!(edges.fold(0.0, f32::max) <= 0.0201);
        let mut scene = scene(environment(|_| Vec3::ONE), 40, 5.0, 40.0);
        scene.materials.push(Material::Diffuse {
            color: ColorTexture::Constant(Vec3::splat(0.5)),
        });
        scene.meshes.push(object(relief, 0));
        let accel = Accel::build(&scene, 1e-4).expect("the scene is sound");
        let labels = render_labels(&scene, &accel, 64);
        let slope = Vec3::new(-0.2, 0.0, 1.0).normalize();
        for (i, (depth_m, normal)) in labels.depth_m.iter().zip(&labels.normal).enumerate() {
            // The point of the ramp z = 0.2 x that the pixel shows.
            let film = (i % 40) as f32 + 0.5 - 20.0;
            let x = film * 5.0 / (200.0 + 0.2 * film);
            match x.abs() {
                0.0..0.22 => {
                    assert!((depth_m - (5.0 - 0.2 * x)).abs() < 1e-4, "{x}: {depth_m}");
                    assert!(normal.distance(slope) < 1e-3, "{x}: {normal}");
                }
                0.28..0.45 => {
                    let flat_m = 5.0 - 0.05_f32.copysign(x);
                    assert!((depth_m - flat_m).abs() < 1e-4, "{x}: {depth_m}");
                    assert!(normal.distance(Vec3::Z) < 1e-3, "{x}: {normal}");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn closed_meshes_stay_closed_over_seams() {
        let mut ball = sphere(Vec3::ZERO, 0.1, 8);
        // Coordinates with a seam: places of the first and last column differ in them.
        ball.uvs = (0..ball.positions.len())
            .map(|v| Vec2::new((v % 17) as f32 / 16.0, (v / 17) as f32 / 8.0))
            .collect();
        let displacement = Displacement {
            texture: picture(32, 32, |x, y| (x * 89 + y * 57 + x * y * 31) as u8),
            scale_m: 0.01,
            middle: 0.0,
            edge_m: 0.02,
        };
        let relief = displaced(&ball, &displacement).expect("it has coordinates");
        let place = |v: u32| (relief.positions[v as usize] + Vec3::ZERO).to_array();
        let mut balance: BTreeMap<[[u32; 3]; 2], i32> = BTreeMap::new();
        for triangle in &relief.triangles {
            for k in 0..3 {
                let ends = [triangle[k], triangle[(k + 1) % 3]];
                let [a, b] = ends.map(|v| place(v).map(f32::to_bits));
                if a != b {
                    let (key, way) = if a < b { ([a, b], 1) } else { ([b, a], -1) };
                    *balance.entry(key).or_default() += way;
                }
            }
        }
        assert!(balance.values().all(|&ways| ways == 0));
        assert!(500 < relief.triangles.len());
        let reach = |of: fn(f32, f32) -> f32, from: f32| {
            let lengths = relief.positions.iter().map(|p| p.length());
            lengths.fold(from, of)
        };
        assert!(reach(f32::min, 1.0) < 0.102 && 0.106 < reach(f32::max, 0.0));
        assert!((relief.normals.iter()).all(|n| (n.length() - 1.0).abs() < 1e-4));
    }

    #[test]
    fn what_cannot_be_displaced_is_told() {
        let good = Displacement {
            texture: picture(1, 1, |_, _| 255),
            scale_m: 0.1,
            middle: 0.0,
            edge_m: 0.1,
        };
        let bare = TriMesh {
            uvs: Vec::new(),
            ..card()
        };
        let told = displaced(&bare, &good)
            .expect_err("no coordinates")
            .to_string();
        assert!(told.contains("texture coordinates"), "{told}");
        for (scale_m, edge_m) in [(f32::NAN, 0.1), (0.1, 0.0), (0.1, -1.0), (0.1, f32::NAN)] {
            let wrong = Displacement {
                scale_m,
                edge_m,
                ..good.clone()
            };
            assert!(displaced(&card(), &wrong).is_err());
        }
        let fine = Displacement {
            edge_m: 1e-5,
            ..good
        };
        let told = displaced(&card(), &fine).expect_err("too fine").to_string();
        assert!(told.contains("triangles"), "{told}");
    }
}
