//! Primitives -> triangles in world space.

use glam::{Mat3, Mat4, Vec2, Vec3, Vec4};
use gltf::mesh::Mode;

use super::Parsed;
use crate::TriMesh;

/// How a node shows its mesh.
pub(super) struct Placed<'a> {
    /// World transform of the node; a skinned mesh is placed by its joints instead.
    pub(super) world: Mat4,
    /// World transform of each joint times its inverse bind matrix.
    pub(super) joints: Option<&'a [Mat4]>,
    /// Weights of the morph targets.
    pub(super) weights: &'a [f32],
}

impl Parsed<'_> {
    /// World transform of each joint times its inverse bind matrix.
    pub(super) fn joints(
        &self,
        skin: &gltf::Skin<'_>,
        worlds: &[Mat4],
    ) -> Result<Vec<Mat4>, String> {
        let n_joints = skin.joints().len();
        let inverse_binds: Vec<Mat4> = skin
            .reader(|buffer| self.bytes(&buffer))
            .read_inverse_bind_matrices()
            .map_or_else(
                || vec![Mat4::IDENTITY; n_joints],
                |matrices| matrices.map(|m| Mat4::from_cols_array_2d(&m)).collect(),
            );
        if inverse_binds.len() < n_joints {
            let found = inverse_binds.len();
            return Err(format!(
                "a skin of {n_joints} joints has {found} inverse bind matrices"
            ));
        }
        let joints = skin.joints().zip(inverse_binds);
        Ok(joints
            .map(|(joint, inverse)| worlds[joint.index()] * inverse)
            .collect())
    }

    /// The triangles of a primitive in world space, or why there are none.
    pub(super) fn triangles(
        &self,
        primitive: &gltf::Primitive<'_>,
        placed: &Placed<'_>,
    ) -> Result<Result<TriMesh, String>, String> {
        let mode = primitive.mode();
        if !matches!(
            mode,
            Mode::Triangles | Mode::TriangleStrip | Mode::TriangleFan
        ) {
            return Ok(Err(format!("{mode:?} are not surfaces")));
        }
        let reader = primitive.reader(|buffer| self.bytes(&buffer));
        let Some(positions) = reader.read_positions() else {
            return Ok(Err("it has no positions".into()));
        };
        let mut rest: Vec<Vec3> = positions.map(Vec3::from_array).collect();
        let mut normals: Vec<Vec3> = reader
            .read_normals()
            .map_or_else(Vec::new, |normals| normals.map(Vec3::from_array).collect());
        let n = rest.len();
        let as_many = |what: &str, found: usize| match found {
            _ if found == n => Ok(()),
            _ => Err(format!("a primitive has {n} positions and {found} {what}")),
        };
        for (target, &weight) in reader.read_morph_targets().zip(placed.weights) {
            let (shifts, turns, _) = target;
            for (position, shift) in rest.iter_mut().zip(shifts.into_iter().flatten()) {
                *position += weight * Vec3::from_array(shift);
            }
            for (normal, turn) in normals.iter_mut().zip(turns.into_iter().flatten()) {
                *normal += weight * Vec3::from_array(turn);
            }
        }
        let uvs: Vec<Vec2> = reader.read_tex_coords(0).map_or_else(Vec::new, |uvs| {
            uvs.into_f32().map(|[u, v]| Vec2::new(u, 1.0 - v)).collect()
        });
        let colors: Vec<Vec3> = reader.read_colors(0).map_or_else(Vec::new, |colors| {
            colors.into_rgb_f32().map(Vec3::from_array).collect()
        });
        for (what, found) in [
            ("normals", normals.len()),
            ("UVs", uvs.len()),
            ("colours", colors.len()),
        ] {
            if found != 0 {
                as_many(what, found)?;
            }
        }
        let corners: Vec<u32> = reader.read_indices().map_or_else(
            || (0..n as u32).collect(),
            |indices| indices.into_u32().collect(),
        );
        if let Some(corner) = corners.iter().find(|&&corner| n <= corner as usize) {
            return Err(format!("a triangle names vertex {corner} of {n}"));
        }
        let mut triangles = assemble(mode, &corners);

        let transforms = match placed.joints {
            None => vec![placed.world],
            Some(joints) => {
                let (Some(numbers), Some(weights)) =
                    (reader.read_joints(0), reader.read_weights(0))
                else {
                    return Ok(Err("it has a skin but no joints and weights".into()));
                };
                let numbers: Vec<[u16; 4]> = numbers.into_u16().collect();
                let weights: Vec<Vec4> = weights.into_f32().map(Vec4::from_array).collect();
                as_many("joints", numbers.len())?;
                as_many("weights", weights.len())?;
                let blend = numbers
                    .iter()
                    .zip(&weights)
                    .map(|(numbers, weights)| blend(joints, *numbers, *weights));
                blend.collect::<Result<_, _>>()?
            }
        };
        let of = |vertex: usize| transforms.get(vertex).unwrap_or(&transforms[0]);
        let mirrored = of(0).determinant() < 0.0;
        let positions: Vec<Vec3> = (0..n)
            .map(|vertex| of(vertex).transform_point3(rest[vertex]))
            .collect();
        if let Some(position) = positions.iter().find(|position| !position.is_finite()) {
            return Err(format!("a vertex lies at {position}"));
        }
        for (vertex, normal) in normals.iter_mut().enumerate() {
            *normal = turn_normal(of(vertex), *normal);
        }
        if mirrored {
            triangles
                .iter_mut()
                .for_each(|triangle| triangle.swap(1, 2));
        }
        Ok(Ok(TriMesh {
            positions,
            normals,
            uvs,
            rest,
            colors,
            gloss: Vec::new(),
            triangles,
        }))
    }

    fn bytes(&self, buffer: &gltf::Buffer<'_>) -> Option<&[u8]> {
        self.buffers.get(buffer.index()).map(Vec::as_slice)
    }
}

/// Corners of triangles, strips or fans as triangles; degenerate ones are left out.
fn assemble(mode: Mode, corners: &[u32]) -> Vec<[u32; 3]> {
    let triangles: Vec<[u32; 3]> = match mode {
        Mode::TriangleStrip => corners
            .windows(3)
            .enumerate()
            .map(|(i, c)| {
                if i % 2 == 0 {
                    [c[0], c[1], c[2]]
                } else {
                    [c[1], c[0], c[2]]
                }
            })
            .collect(),
        Mode::TriangleFan => corners
            .windows(2)
            .skip(1)
            .map(|c| [corners[0], c[0], c[1]])
            .collect(),
        _ => corners
            .chunks_exact(3)
            .map(|c| [c[0], c[1], c[2]])
            .collect(),
    };
    let whole = triangles
        .into_iter()
        .filter(|[a, b, c]| a != b && b != c && a != c);
    whole.collect()
}

/// The joints' transforms, weighted.
fn blend(joints: &[Mat4], numbers: [u16; 4], weights: Vec4) -> Result<Mat4, String> {
    let total: f32 = weights.element_sum();
    if !(total.is_finite() && 0.0 < total) {
        return Err(format!("the weights of a vertex sum to {total}"));
    }
    let mut sum = Mat4::ZERO;
    for (number, weight) in numbers.into_iter().zip(weights.to_array()) {
        if weight != 0.0 {
            let joint = joints
                .get(usize::from(number))
                .ok_or_else(|| format!("a vertex names joint {number} of {}", joints.len()))?;
            sum += *joint * (weight / total);
        }
    }
    Ok(sum)
}

/// A normal under a transform; unit.
fn turn_normal(transform: &Mat4, normal: Vec3) -> Vec3 {
    let linear = Mat3::from_mat4(*transform);
    // The cofactors are the inverse transpose times the determinant, and exist always.
    let [x, y, z] = [linear.x_axis, linear.y_axis, linear.z_axis];
    let cofactors = Mat3::from_cols(y.cross(z), z.cross(x), x.cross(y));
    let sign = if linear.determinant() < 0.0 {
        -1.0
    } else {
        1.0
    };
    (sign * (cofactors * normal)).normalize_or(Vec3::Y)
}
