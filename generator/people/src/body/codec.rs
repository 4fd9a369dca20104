//! The human model as bytes: one section for each kind of data, as kept in the asset pack.
//!
//! Everything is stored as the integers it was published in, so that reading it back is exact:
//! vertices in units of 0.01 mm, texture coordinates of 1e-6, target offsets of 0.1 mm, skin
//! weights of 1/65535. The layout of each section is written in `docs/asset-pack.md`.

use std::collections::BTreeMap;

use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::{
    bytes::{Reader, Writer},
    lips::Lips,
    model::{BodyModel, Group, Slider},
    regions::Regions,
    rig::{Bone, JointSource, Rig},
    skinning::SkinWeights,
    target::Target,
};
use crate::error::PeopleError;

/// Names of all sections, in the order in which they are packed.
pub const SECTIONS: [&str; 12] = [
    BASE_MESH,
    RIG,
    SKIN_WEIGHTS,
    MIRROR,
    REGIONS,
    SLIDERS,
    TARGETS[0],
    TARGETS[1],
    TARGETS[2],
    TARGETS[3],
    TARGETS[4],
    TARGETS[5],
];

const BASE_MESH: &str = "human/base-mesh";
const RIG: &str = "human/rig";
const SKIN_WEIGHTS: &str = "human/skin-weights";
const MIRROR: &str = "human/mirror";
const REGIONS: &str = "human/regions";
const SLIDERS: &str = "human/sliders";
const TARGETS: [&str; 6] = [
    "human/targets-macro",
    "human/targets-height",
    "human/targets-proportions",
    "human/targets-breast",
    "human/targets-detail",
    "human/face-units",
];

const POSITION_UNITS_PER_M: f32 = 1e5;
const UV_UNITS: f32 = 1e6;
const WEIGHT_UNITS: f32 = 65535.0;

impl BodyModel {
    /// Reads the model from its sections.
    pub fn decode(sections: &BTreeMap<String, Vec<u8>>) -> Result<Self, PeopleError> {
        let reader = |section: &'static str| {
            let bytes = sections
                .get(section)
                .ok_or(PeopleError::MissingSection { section })?;
            Ok::<_, PeopleError>(Reader::new(section, bytes))
        };
        let mut model = Self::default();
        decode_mesh(&mut model, reader(BASE_MESH)?)?;
        model.rig = decode_rig(reader(RIG)?, model.template.len())?;
        model.weights = decode_weights(
            reader(SKIN_WEIGHTS)?,
            model.template.len(),
            model.rig.bones.len(),
        )?;
        model.mirror = decode_mirror(reader(MIRROR)?, model.template.len())?;
        model.regions = decode_regions(reader(REGIONS)?)?;
        check_regions(&model)?;
        model.lips = Lips::find(&model);

        let readers: Vec<Reader<'_>> = TARGETS
            .iter()
            .map(|&section| reader(section))
            .collect::<Result<_, _>>()?;
        let decoded: Vec<Vec<(String, Target)>> = readers
            .into_par_iter()
            .map(|reader| decode_targets(reader, model.template.len()))
            .collect::<Result<_, _>>()?;
        for (name, target) in decoded.into_iter().flatten() {
            model.target_names.insert(name, model.targets.len() as u32);
            model.targets.push(target);
        }
        model.sliders = decode_sliders(reader(SLIDERS)?, &model.target_names)?;
        Ok(model)
    }

    /// Writes the model as sections.
    pub fn encode(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let mut sections = BTreeMap::from([
            (BASE_MESH, self.encode_mesh()),
            (RIG, self.encode_rig()),
            (SKIN_WEIGHTS, self.encode_weights()),
            (MIRROR, self.encode_mirror()),
            (REGIONS, self.encode_regions()),
            (SLIDERS, self.encode_sliders()),
        ]);
        for section in TARGETS {
            let named = self
                .target_names
                .iter()
                .filter(|(name, _)| target_section(name) == section);
            sections.insert(section, self.encode_targets(named));
        }
        sections
    }
}

impl BodyModel {
    fn encode_mesh(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.varint(self.template.len() as u32);
        for axis in 0..3 {
            let units = |p: &Vec3| libm::roundf(p[axis] * POSITION_UNITS_PER_M) as i32;
            w.planes(&self.template.iter().map(units).collect::<Vec<_>>(), 3);
        }
        w.varint(self.uvs.len() as u32);
        for axis in 0..2 {
            let units = |uv: &Vec2| libm::roundf(uv[axis] * UV_UNITS) as i32;
            w.planes(&self.uvs.iter().map(units).collect::<Vec<_>>(), 3);
        }
        w.varint(self.faces.len() as u32);
        for faces in [&self.faces, &self.uv_faces] {
            for corner in 0..4 {
                let indices = faces.iter().map(|face| face[corner] as i32);
                w.planes(&indices.collect::<Vec<_>>(), 2);
            }
        }
        w.varint(self.groups.len() as u32);
        for group in &self.groups {
            w.text(&group.name);
            w.varint(group.faces.len() as u32);
        }
        w.bytes
    }

    fn encode_rig(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.varint(self.rig.bones.len() as u32);
        for bone in &self.rig.bones {
            w.text(&bone.name);
            w.varint(bone.parent.map_or(0, |parent| parent as u32 + 1));
            w.f32(bone.roll_rad);
            for source in [&bone.head, &bone.tail] {
                w.varint(source.vertices.len() as u32);
                for &vertex in &source.vertices {
                    w.varint(vertex);
                }
            }
        }
        w.bytes
    }

    fn encode_weights(&self) -> Vec<u8> {
        let mut w = Writer::default();
        for row in self.weights.offsets.windows(2) {
            w.bytes.push((row[1] - row[0]) as u8);
        }
        w.bytes.extend_from_slice(&self.weights.bones);
        let units: Vec<u16> = self
            .weights
            .weights
            .iter()
            .map(|&weight| libm::roundf(weight * WEIGHT_UNITS) as u16)
            .collect();
        w.bytes.extend(units.iter().map(|unit| *unit as u8));
        w.bytes.extend(units.iter().map(|unit| (unit >> 8) as u8));
        w.bytes
    }

    fn encode_mirror(&self) -> Vec<u8> {
        let mut w = Writer::default();
        let partners: Vec<i32> = self.mirror.iter().map(|&v| i32::from(v)).collect();
        w.planes(&partners, 3);
        w.bytes
    }

    fn encode_regions(&self) -> Vec<u8> {
        serde_json::to_vec(&self.regions).expect("regions are plain lists and numbers")
    }

    fn encode_sliders(&self) -> Vec<u8> {
        let names: BTreeMap<u32, &str> = self
            .target_names
            .iter()
            .map(|(name, &index)| (index, name.as_str()))
            .collect();
        let mut w = Writer::default();
        w.varint(self.sliders.len() as u32);
        for slider in self.sliders.values() {
            w.text(names[&slider.positive]);
            w.text(slider.negative.map_or("", |negative| names[&negative]));
        }
        w.bytes
    }

    fn encode_targets<'a>(&self, named: impl Iterator<Item = (&'a String, &'a u32)>) -> Vec<u8> {
        let named: Vec<_> = named.collect();
        let mut w = Writer::default();
        w.varint(named.len() as u32);
        for (name, index) in named {
            let target = &self.targets[*index as usize];
            w.text(name);
            w.varint(target.vertices.len() as u32);
            let mut next = 0;
            for &vertex in &target.vertices {
                w.varint(u32::from(vertex) - next);
                next = u32::from(vertex) + 1;
            }
            for axis in 0..3 {
                let units = target.offsets.iter().map(|offset| i32::from(offset[axis]));
                w.planes(&units.collect::<Vec<_>>(), 2);
            }
        }
        w.bytes
    }
}

/// The section that holds the target called `name`.
fn target_section(name: &str) -> &'static str {
    let macro_breast = "breast/female-";
    TARGETS[match name.rsplit_once('/').map_or("", |(folder, _)| folder) {
        "macrodetails" => 0,
        "macrodetails/height" => 1,
        "macrodetails/proportions" => 2,
        "breast" if name.starts_with(macro_breast) => 3,
        "faceunits" => 5,
        _ => 4,
    }]
}

fn decode_mesh(model: &mut BodyModel, mut r: Reader<'_>) -> Result<(), PeopleError> {
    let n = r.count()?;
    let [x, y, z] = [r.planes(n, 3)?, r.planes(n, 3)?, r.planes(n, 3)?];
    let metres = |units: i32| units as f32 / POSITION_UNITS_PER_M;
    model.template = (0..n)
        .map(|i| Vec3::new(metres(x[i]), metres(y[i]), metres(z[i])))
        .collect();
    let n_uvs = r.count()?;
    let [u, v] = [r.planes(n_uvs, 3)?, r.planes(n_uvs, 3)?];
    let coordinate = |units: i32| units as f32 / UV_UNITS;
    model.uvs = (0..n_uvs)
        .map(|i| Vec2::new(coordinate(u[i]), coordinate(v[i])))
        .collect();
    let n_faces = r.count()?;
    for (faces, limit) in [(&mut model.faces, n), (&mut model.uv_faces, n_uvs)] {
        let mut corners = Vec::new();
        for _ in 0..4 {
            corners.push(r.planes(n_faces, 2)?);
        }
        if corners.iter().flatten().any(|&i| limit <= i as usize) {
            return Err(r.broken(format!("a face refers beyond the {limit} vertices")));
        }
        *faces = (0..n_faces)
            .map(|i| [0, 1, 2, 3].map(|corner| corners[corner][i] as u32))
            .collect();
    }
    let n_groups = r.count()?;
    let mut first = 0;
    for _ in 0..n_groups {
        let name = r.text()?;
        let end = first + r.varint()? as usize;
        let faces = first..end;
        model.groups.push(Group { name, faces });
        first = end;
    }
    if first != n_faces || n < BodyModel::HAIR_VERTICES.end {
        return Err(r.broken(format!(
            "{n} vertices and {n_faces} faces, {first} of them in groups"
        )));
    }
    r.end()
}

fn decode_rig(mut r: Reader<'_>, n_vertices: usize) -> Result<Rig, PeopleError> {
    let n = r.count()?;
    let mut bones = Vec::with_capacity(n);
    for bone_idx in 0..n {
        let name = r.text()?;
        let parent = (r.varint()? as usize).checked_sub(1);
        if parent.is_some() == (bone_idx == 0) || parent.is_some_and(|p| bone_idx <= p) {
            return Err(r.broken(format!("bone {name:?} does not follow its parent")));
        }
        let roll_rad = r.f32()?;
        let mut ends = [JointSource::default(), JointSource::default()];
        for source in &mut ends {
            let n_sources = r.count()?;
            for _ in 0..n_sources {
                source.vertices.push(r.varint()?);
            }
            if source.vertices.is_empty()
                || source.vertices.iter().any(|&v| n_vertices <= v as usize)
            {
                return Err(r.broken(format!("bone {name:?} hangs on no vertex")));
            }
        }
        let [head, tail] = ends;
        bones.push(Bone {
            name,
            parent,
            head,
            tail,
            roll_rad,
        });
    }
    r.end()?;
    Ok(Rig { bones })
}

fn decode_weights(
    mut r: Reader<'_>,
    n_vertices: usize,
    n_bones: usize,
) -> Result<SkinWeights, PeopleError> {
    let mut offsets = vec![0];
    let mut n = 0;
    for &count in r.take(n_vertices)? {
        n += u32::from(count);
        offsets.push(n);
    }
    let n = n as usize;
    let bones = r.take(n)?.to_vec();
    let (low, high) = (r.take(n)?, r.take(n)?);
    let mut weights: Vec<f32> = (low.iter().zip(high))
        .map(|(&low, &high)| f32::from(u16::from_le_bytes([low, high])))
        .collect();
    for row in offsets.windows(2) {
        let row = &mut weights[row[0] as usize..row[1] as usize];
        let sum: f32 = row.iter().sum();
        if sum == 0.0 {
            return Err(r.broken("a vertex hangs on no bone"));
        }
        row.iter_mut().for_each(|weight| *weight /= sum);
    }
    if bones.iter().any(|&bone| n_bones <= usize::from(bone)) {
        return Err(r.broken(format!("a weight refers beyond the {n_bones} bones")));
    }
    r.end()?;
    Ok(SkinWeights {
        offsets,
        bones,
        weights,
    })
}

fn decode_mirror(mut r: Reader<'_>, n_vertices: usize) -> Result<Vec<u16>, PeopleError> {
    let partners = r.planes(n_vertices, 3)?;
    if partners.iter().any(|&v| n_vertices <= v as usize) {
        return Err(r.broken("a vertex is mirrored to one that does not exist"));
    }
    r.end()?;
    Ok(partners.into_iter().map(|v| v as u16).collect())
}

fn decode_regions(mut r: Reader<'_>) -> Result<Regions, PeopleError> {
    let bytes = r.rest();
    serde_json::from_slice(bytes).map_err(|error| r.broken(error.to_string()))
}

/// Regions may only name vertices and faces that exist.
fn check_regions(model: &BodyModel) -> Result<(), PeopleError> {
    let regions = &model.regions;
    let masks = &regions.mask_vertices;
    let weights = [
        &regions.eyebrow_vertices,
        &regions.hair_density_vertices,
        &regions.beard_vertices,
        &regions.moustache_vertices,
        &masks.lips,
        &masks.ears,
        &masks.eyelids,
        &masks.face,
        &masks.fingernails,
        &masks.toenails,
        &masks.inside_mouth,
    ];
    let mut vertices = (weights.into_iter().flatten().map(|(vertex, _)| vertex))
        .chain(&regions.scalp.boundary_vertices)
        .chain(regions.scalp.uv.keys());
    let mut faces = [
        &regions.scalp.faces,
        &regions.lips_faces,
        &regions.eyelid_faces,
        &regions.face_faces,
        &regions.neck_front_faces,
    ]
    .into_iter()
    .flatten()
    .flatten();
    if vertices.any(|&v| model.template.len() <= v as usize)
        || faces.any(|&f| model.faces.len() <= f as usize)
    {
        return Err(PeopleError::BrokenSection {
            section: REGIONS,
            found: "a region names a vertex or face that does not exist".to_owned(),
        });
    }
    Ok(())
}

fn decode_sliders(
    mut r: Reader<'_>,
    names: &BTreeMap<String, u32>,
) -> Result<BTreeMap<String, Slider>, PeopleError> {
    let mut sliders = BTreeMap::new();
    let n = r.count()?;
    for _ in 0..n {
        let (positive, negative) = (r.text()?, r.text()?);
        let find = |name: &str| {
            let missing = || r.broken(format!("a slider names the missing target {name:?}"));
            names.get(name).copied().ok_or_else(missing)
        };
        let slider = Slider {
            positive: find(&positive)?,
            negative: Some(negative.as_str())
                .filter(|name| !name.is_empty())
                .map(find)
                .transpose()?,
        };
        let stem = positive.rsplit('/').next().unwrap_or(&positive);
        sliders.insert(stem.to_owned(), slider);
    }
    r.end()?;
    Ok(sliders)
}

fn decode_targets(
    mut r: Reader<'_>,
    n_vertices: usize,
) -> Result<Vec<(String, Target)>, PeopleError> {
    let n_targets = r.count()?;
    let mut targets = Vec::with_capacity(n_targets);
    for _ in 0..n_targets {
        let name = r.text()?;
        let n = r.count()?;
        let mut vertices = Vec::with_capacity(n);
        let mut next = 0u32;
        for _ in 0..n {
            let vertex = next.saturating_add(r.varint()?);
            if n_vertices <= vertex as usize {
                return Err(r.broken(format!("target {name:?} moves a missing vertex")));
            }
            vertices.push(vertex as u16);
            next = vertex + 1;
        }
        let [x, y, z] = [r.planes(n, 2)?, r.planes(n, 2)?, r.planes(n, 2)?];
        let offsets = (0..n)
            .map(|i| [x[i] as i16, y[i] as i16, z[i] as i16])
            .collect();
        targets.push((name, Target { vertices, offsets }));
    }
    r.end()?;
    Ok(targets)
}
