//! Whether a scene can be traced: every index has a target and every number is finite.

use glam::Vec3;

use crate::error::RenderError;
use crate::scene::{MeshObject, Scene, StrandObject};

/// Checks all objects of a scene.
pub(super) fn scene(scene: &Scene) -> Result<(), RenderError> {
    let n_materials = scene.materials.len();
    for (idx, object) in scene.meshes.iter().enumerate() {
        mesh(object, &format!("mesh {idx}"), n_materials)?;
    }
    for (idx, object) in scene.strands.iter().enumerate() {
        strands(object, &format!("strand set {idx}"), n_materials)?;
    }
    count("strand sets", scene.strands.len(), usize::from(u16::MAX))
}

/// Checks that there are not more of something than can be numbered.
pub(super) fn count(what: &'static str, found: usize, limit: usize) -> Result<(), RenderError> {
    if found <= limit {
        Ok(())
    } else {
        Err(RenderError::TooMany { what, limit, found })
    }
}

fn mesh(object: &MeshObject, holder: &str, n_materials: usize) -> Result<(), RenderError> {
    let mesh = &object.mesh;
    let n_vertices = mesh.positions.len();
    finite("vertex position", holder, &mesh.positions)?;
    finite("vertex normal", holder, &mesh.normals)?;
    finite("rest position", holder, &mesh.rest)?;
    finite("vertex color", holder, &mesh.colors)?;
    if let Some(index) = mesh.uvs.iter().position(|uv| !uv.is_finite()) {
        return Err(RenderError::BadNumber {
            what: "texture coordinate",
            holder: holder.into(),
            index,
        });
    }
    for (what, len) in [
        ("number of normals", mesh.normals.len()),
        ("number of uvs", mesh.uvs.len()),
        ("number of rest positions", mesh.rest.len()),
        ("number of colors", mesh.colors.len()),
    ] {
        if len != 0 && len != n_vertices {
            return Err(inconsistent(
                what,
                holder,
                format!("0 or {n_vertices}"),
                len,
            ));
        }
    }
    for &vertex in mesh.triangles.iter().flatten() {
        if n_vertices <= vertex as usize {
            let expected = format!("below {n_vertices}");
            return Err(inconsistent("vertex index", holder, expected, vertex));
        }
    }
    material(object.material, holder, n_materials)
}

fn strands(object: &StrandObject, holder: &str, n_materials: usize) -> Result<(), RenderError> {
    let strands = &object.strands;
    let n_points = strands.points.len();
    finite("strand point", holder, &strands.points)?;
    if let Some(index) = (strands.radii.iter()).position(|r| !r.is_finite() || *r < 0.0) {
        return Err(RenderError::BadNumber {
            what: "strand radius",
            holder: holder.into(),
            index,
        });
    }
    if strands.radii.len() != n_points {
        let expected = n_points.to_string();
        return Err(inconsistent(
            "number of radii",
            holder,
            expected,
            strands.radii.len(),
        ));
    }
    let in_order = strands.offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    let ends = (strands.offsets.first(), strands.offsets.last());
    if !in_order || ends != (Some(&0), Some(&(n_points as u32))) {
        let expected = format!("rising from 0 to {n_points}");
        return Err(inconsistent(
            "strand offsets",
            holder,
            expected,
            "another order",
        ));
    }
    if strands.palette.len() != strands.len() {
        let expected = strands.len().to_string();
        let found = strands.palette.len();
        return Err(inconsistent(
            "number of palette entries",
            holder,
            expected,
            found,
        ));
    }
    for &entry in &strands.palette {
        if object.materials.len() <= usize::from(entry) {
            let expected = format!("below {}", object.materials.len());
            return Err(inconsistent("palette index", holder, expected, entry));
        }
    }
    (object.materials.iter()).try_for_each(|&id| material(id, holder, n_materials))
}

fn material(id: u32, holder: &str, n_materials: usize) -> Result<(), RenderError> {
    if (id as usize) < n_materials {
        Ok(())
    } else {
        let expected = format!("below {n_materials}");
        Err(inconsistent("material", holder, expected, id))
    }
}

fn finite(what: &'static str, holder: &str, values: &[Vec3]) -> Result<(), RenderError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(RenderError::BadNumber {
            what,
            holder: holder.into(),
            index,
        }),
    }
}

fn inconsistent(
    what: &'static str,
    holder: &str,
    expected: String,
    found: impl ToString,
) -> RenderError {
    RenderError::Inconsistent {
        what,
        holder: holder.into(),
        expected,
        found: found.to_string(),
    }
}
