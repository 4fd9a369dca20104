//! The text formats of the base mesh: `base.obj`, `*.target`, rig, weights and sliders in JSON.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use bottega_people::body::{BodyModel, Bone, Group, JointSource, Rig, SkinWeights, Target};
use glam::{Vec2, Vec3};
use serde_json::Value;

/// Reads a text file, unpacked if its name ends in `.gz`.
pub(crate) fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(String::from_utf8(bytes)?);
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .with_context(|| format!("cannot unpack {}", path.display()))?;
    Ok(text)
}

pub(crate) fn read_json(path: &Path) -> Result<Value> {
    serde_json::from_str(&read(path)?).with_context(|| format!("cannot read {}", path.display()))
}

/// All files below `folder` whose name ends in `ending`, sorted.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let list =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in list {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, ending)?);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Vertices, texture coordinates, quads and groups. File units are decimetres.
pub(crate) fn read_mesh(model: &mut BodyModel, text: &str) -> Result<()> {
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("v") => {
                let mut axis = || scaled(words.next(), 1e4);
                let units = [axis()?, axis()?, axis()?].map(|units| units as f32);
                model.template.push(Vec3::from(units) / 1e5);
            }
            Some("vt") => {
                let mut axis = || scaled(words.next(), 1e6);
                let units = [axis()?, axis()?].map(|units| units as f32);
                model.uvs.push(Vec2::from(units) / 1e6);
            }
            Some("g") => {
                let name = words.next().context("a group has no name")?.to_owned();
                let n = model.faces.len();
                model.groups.push(Group { name, faces: n..n });
            }
            Some("f") => {
                let (mut face, mut uv_face) = ([0; 4], [0; 4]);
                for corner in 0..4 {
                    let word = words.next().context("a face is not a quad")?;
                    let (vertex, uv) = word.split_once('/').context("a face has no uv")?;
                    face[corner] = vertex.parse::<u32>()? - 1;
                    uv_face[corner] = uv.parse::<u32>()? - 1;
                }
                ensure!(words.next().is_none(), "a face is not a quad");
                model.faces.push(face);
                model.uv_faces.push(uv_face);
                model
                    .groups
                    .last_mut()
                    .context("a face has no group")?
                    .faces
                    .end += 1;
            }
            _ => {}
        }
    }
    // The file names some groups without faces.
    model.groups.retain(|group| !group.faces.is_empty());
    Ok(())
}

/// A blend shape; offsets are decimals of a decimetre with at most three places.
pub(crate) fn read_target(text: &str) -> Result<Target> {
    let mut target = Target::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(vertex) = words.next().filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let vertex: u16 = vertex.parse()?;
        let mut axis = || Ok::<_, anyhow::Error>(i16::try_from(scaled(words.next(), 1e3)?)?);
        let offset = [axis()?, axis()?, axis()?];
        ensure!(
            target.vertices.last().is_none_or(|&last| last < vertex),
            "vertices are not ascending"
        );
        if offset != [0; 3] {
            target.vertices.push(vertex);
            target.offsets.push(offset);
        }
    }
    Ok(target)
}

/// A decimal as an exact integer of `1/scale`.
fn scaled(word: Option<&str>, scale: f64) -> Result<i32> {
    let word = word.context("a number is missing")?;
    let value = word.parse::<f64>()? * scale;
    let units = value.round();
    ensure!(
        (value - units).abs() < 1e-3,
        "{word} has more digits than expected"
    );
    Ok(units as i32)
}

/// The skeleton, parents first, children by name.
pub(crate) fn read_rig(model: &BodyModel, json: &Value) -> Result<Rig> {
    let bones = json.as_object().context("the rig is not a map")?;
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, bone) in bones {
        let parent = bone["parent"]
            .as_str()
            .context("a bone has no parent key")?;
        children.entry(parent).or_default().push(name);
    }
    let mut rig = Rig::default();
    let mut stack: Vec<(&str, Option<usize>)> = vec![(children[""][0], None)];
    while let Some((name, parent)) = stack.pop() {
        let bone = &bones[name];
        let bone_idx = rig.bones.len();
        rig.bones.push(Bone {
            name: name.to_owned(),
            parent,
            head: read_joint(model, &bone["head"])?,
            tail: read_joint(model, &bone["tail"])?,
            roll_rad: bone["roll"].as_f64().context("a bone has no roll")? as f32,
        });
        let below = children.get(name).into_iter().flatten().rev();
        stack.extend(below.map(|&child| (child, Some(bone_idx))));
    }
    ensure!(rig.bones.len() == bones.len(), "some bones hang on nothing");
    Ok(rig)
}

fn read_joint(model: &BodyModel, json: &Value) -> Result<JointSource> {
    let index = |value: &Value| value.as_u64().map(|v| v as u32).context("no vertex index");
    let vertices = match json["strategy"].as_str() {
        Some("VERTEX") => vec![index(&json["vertex_index"])?],
        Some("CUBE") => {
            model.group_vertices(json["cube_name"].as_str().context("a cube has no name")?)?
        }
        Some("MEAN") => {
            let list = json["vertex_indices"]
                .as_array()
                .context("no vertex indices")?;
            list.iter().map(index).collect::<Result<_>>()?
        }
        other => bail!("joint strategy {other:?} is not known"),
    };
    Ok(JointSource { vertices })
}

/// Skin weights, each row in units of 1/65535 that sum to one exactly.
pub(crate) fn read_weights(model: &BodyModel, json: &Value) -> Result<SkinWeights> {
    let mut rows = vec![Vec::<(u8, f64)>::new(); model.template.len()];
    for (bone_idx, bone) in model.rig.bones.iter().enumerate() {
        let list = json["weights"][&bone.name]
            .as_array()
            .with_context(|| format!("no weights for {}", bone.name))?;
        for pair in list {
            let vertex = pair[0].as_u64().context("no vertex")? as usize;
            let weight = pair[1].as_f64().context("no weight")?;
            if 0.0 < weight {
                rows[vertex].push((bone_idx as u8, weight));
            }
        }
    }
    let mut weights = SkinWeights {
        offsets: vec![0],
        ..SkinWeights::default()
    };
    for row in &rows {
        let sum: f64 = row.iter().map(|(_, weight)| weight).sum();
        ensure!(0.0 < sum, "a vertex hangs on no bone");
        let exact: Vec<f64> = row
            .iter()
            .map(|(_, weight)| weight / sum * 65535.0)
            .collect();
        let mut units: Vec<u32> = exact.iter().map(|units| units.floor() as u32).collect();
        let mut order: Vec<usize> = (0..row.len()).collect();
        order.sort_by(|&a, &b| {
            (exact[b] - exact[b].floor()).total_cmp(&(exact[a] - exact[a].floor()))
        });
        let missing = 65535 - units.iter().sum::<u32>();
        for &entry in order.iter().take(missing as usize) {
            units[entry] += 1;
        }
        for (&(bone, _), &units) in row.iter().zip(&units).filter(|(_, units)| 0 < **units) {
            weights.bones.push(bone);
            weights.weights.push(units as f32 / 65535.0);
        }
        weights.offsets.push(weights.bones.len() as u32);
    }
    Ok(weights)
}

/// Pairs `(positive target, negative target)` of the signed shape details, without folders.
pub(crate) fn read_sliders(json: &Value) -> Result<BTreeSet<(String, String)>> {
    let mut pairs = BTreeSet::new();
    for section in json
        .as_object()
        .context("the sliders are not a map")?
        .values()
    {
        let categories = section["categories"].as_array().context("no categories")?;
        for category in categories {
            let opposites = &category["opposites"];
            if opposites.is_null() {
                let singles = category["targets"].as_array().context("no targets")?;
                for single in singles.iter().filter_map(Value::as_str) {
                    pairs.insert((single.to_owned(), String::new()));
                }
                continue;
            }
            for side in ["left", "right", "unsided"] {
                let name = |sign: &str| opposites[format!("{sign}-{side}")].as_str();
                if let (Some(positive), Some(negative)) = (name("positive"), name("negative"))
                    && !positive.is_empty()
                {
                    pairs.insert((positive.to_owned(), negative.to_owned()));
                }
            }
        }
    }
    Ok(pairs)
}
