//! Pictures on the surfaces of a bench scene: normal, height and displacement maps, PNG files laid by
//! the texture coordinates of the mesh.

use std::path::Path;
use std::sync::Arc;

use bottega_geometry::TriMesh;
use bottega_render::displace::{Displacement, displaced};
use bottega_render::scene::Bump;
use bottega_render::texture::{Encoding, Image, ImageTexture};
use serde::{Deserialize, Serialize};

use super::{BenchSceneError, read_bytes};

/// The maps of a material; a normal map goes before a height map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Maps {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) normal_map: Option<NormalMap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bump_map: Option<BumpMap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) displacement_map: Option<DisplacementMap>,
}

/// Tangent-space normals: 2 c - 1 is X along growing u, Y along growing v, Z outward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NormalMap {
    file: String,
    #[serde(default = "one")]
    strength: f32,
}

/// Heights that only the shading normal sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BumpMap {
    file: String,
    scale_m: f32,
}

/// Heights that move the surface itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DisplacementMap {
    file: String,
    scale_m: f32,
    #[serde(default = "half")]
    middle: f32,
    edge_m: f32,
}

fn one() -> f32 {
    1.0
}

fn half() -> f32 {
    0.5
}

impl Maps {
    /// Whether the numbers can be used; the error says which cannot.
    pub(super) fn check(&self) -> Result<(), String> {
        let numbers = [
            (
                "normal_map.strength",
                self.normal_map.as_ref().map(|m| m.strength),
            ),
            (
                "bump_map.scale_m",
                self.bump_map.as_ref().map(|m| m.scale_m),
            ),
        ];
        for (what, value) in numbers {
            if value.is_some_and(|value| !value.is_finite()) {
                return Err(format!("{what} is no number"));
            }
        }
        Ok(())
    }

    /// The relief that only the shading normal sees.
    pub(super) fn bump(&self, dir: &Path) -> Result<Option<Bump>, BenchSceneError> {
        if let Some(map) = &self.normal_map {
            let texture = texture(&dir.join(&map.file))?;
            let strength = map.strength;
            return Ok(Some(Bump::Normals { texture, strength }));
        }
        let Some(map) = &self.bump_map else {
            return Ok(None);
        };
        let texture = texture(&dir.join(&map.file))?;
        let scale_m = map.scale_m;
        Ok(Some(Bump::Heights { texture, scale_m }))
    }

    /// The mesh with the relief that moves it.
    pub(super) fn displace(&self, dir: &Path, mesh: TriMesh) -> Result<TriMesh, BenchSceneError> {
        let Some(map) = &self.displacement_map else {
            return Ok(mesh);
        };
        let path = dir.join(&map.file);
        let displacement = Displacement {
            texture: texture(&path)?,
            scale_m: map.scale_m,
            middle: map.middle,
            edge_m: map.edge_m,
        };
        displaced(&mesh, &displacement).map_err(|source| BenchSceneError::Map {
            path,
            reason: source.to_string(),
        })
    }
}

fn texture(path: &Path) -> Result<ImageTexture, BenchSceneError> {
    let bad = |reason: String| BenchSceneError::Map {
        path: path.into(),
        reason,
    };
    let picture = image::load_from_memory(&read_bytes(path)?)
        .map_err(|error| bad(error.to_string()))?
        .into_rgba8();
    let texels = picture.pixels().map(|texel| texel.0).collect();
    Image::new(picture.width(), picture.height(), texels, Encoding::Linear)
        .map(|image| ImageTexture::new(Arc::new(image)))
        .ok_or_else(|| bad("it has no texels, or too many".into()))
}
