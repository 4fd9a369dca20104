//! Which files belong together: folders with equal stems.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Entry, Layout};
use crate::error::TrainError;

/// Extensions of pictures, without case.
const PICTURES: [&str; 5] = ["png", "jpg", "jpeg", "exr", "webp"];

pub(super) fn find(layout: Layout, root: &Path) -> Result<Vec<Entry>, TrainError> {
    let mut entries = match layout {
        Layout::Hi4d => hi4d(root)?,
        Layout::Ppm100 => matting(root, "", &["image", "fg"], &["matte", "alpha"])?,
        Layout::Aim500 => matting(root, "", &["original"], &["mask"])?,
        Layout::P3m500 => p3m(root)?,
        Layout::PhotoMatte85 => photo_matte(root)?,
        Layout::Plain => plain(root)?,
    };
    if entries.is_empty() {
        return Err(TrainError::file("test set", root, "it holds no picture"));
    }
    entries.sort_by(|a, b| (&a.subset, &a.name).cmp(&(&b.subset, &b.name)));
    Ok(entries)
}

/// Pictures by their stems, in the first of some folders that exists.
fn stems(root: &Path, names: &[&str]) -> Result<Option<BTreeMap<String, PathBuf>>, TrainError> {
    let Some(folder) = names
        .iter()
        .map(|name| root.join(name))
        .find(|f| f.is_dir())
    else {
        return Ok(None);
    };
    let mut stems = BTreeMap::new();
    for path in children(&folder)? {
        let extension = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        if path.is_file() && PICTURES.contains(&extension.as_str()) {
            let stem = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if let Some(first) = stems.insert(stem, path.clone()) {
                let reason = format!("{} has the same stem; keep one", first.display());
                return Err(TrainError::file("picture", &path, reason));
            }
        }
    }
    Ok(Some(stems))
}

/// What a folder holds, by name.
fn children(folder: &Path) -> Result<Vec<PathBuf>, TrainError> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
        paths.sort();
        Ok(paths)
    };
    list().map_err(|error| TrainError::io("list", folder, error))
}

/// A folder that must be there.
fn wanted(root: &Path, names: &[&str]) -> Result<BTreeMap<String, PathBuf>, TrainError> {
    stems(root, names)?.ok_or_else(|| {
        let reason = format!("it has no folder {}", names.join(" or "));
        TrainError::file("test set", root, reason)
    })
}

fn entry(subset: &str, name: String, rgb: PathBuf) -> Entry {
    Entry {
        subset: subset.to_owned(),
        name,
        rgb,
        alpha: None,
        depth: None,
        normal: None,
        mask: None,
        trimap: None,
    }
}

/// Pictures, their mattes, which all must have, and trimaps where there are some.
fn matting(
    root: &Path,
    subset: &str,
    pictures: &[&str],
    mattes: &[&str],
) -> Result<Vec<Entry>, TrainError> {
    let (pictures, mut mattes) = (wanted(root, pictures)?, wanted(root, mattes)?);
    let mut trimaps = stems(root, &["trimap"])?.unwrap_or_default();
    let entries = pictures.into_iter().map(|(name, rgb)| {
        let Some(alpha) = mattes.remove(&name) else {
            let reason = format!("there is no matte of the stem {name}");
            return Err(TrainError::file("picture", &rgb, reason));
        };
        Ok(Entry {
            alpha: Some(alpha),
            trimap: trimaps.remove(&name),
            ..entry(subset, name, rgb)
        })
    });
    entries.collect()
}

fn p3m(root: &Path) -> Result<Vec<Entry>, TrainError> {
    let pictures = ["blurred_image", "original_image"];
    if pictures.iter().any(|name| root.join(name).is_dir()) {
        let subset = root.file_name().unwrap_or_default().to_string_lossy();
        return matting(root, &subset, &pictures, &["mask"]);
    }
    let below = root.join("validation");
    let root = if below.is_dir() { &below } else { root };
    let mut entries = Vec::new();
    for subset in ["P3M-500-NP", "P3M-500-P"] {
        let folder = root.join(subset);
        if folder.is_dir() {
            entries.extend(matting(&folder, subset, &pictures, &["mask"])?);
        }
    }
    if entries.is_empty() {
        let reason = "it has neither P3M-500-P nor P3M-500-NP, also not below validation";
        return Err(TrainError::file("test set", root, reason));
    }
    Ok(entries)
}

fn photo_matte(root: &Path) -> Result<Vec<Entry>, TrainError> {
    let pictures = wanted(root, &["."])?.into_iter();
    let entry = |(name, path): (String, PathBuf)| Entry {
        alpha: Some(path.clone()),
        ..entry("", name, path)
    };
    Ok(pictures.map(entry).collect())
}

fn plain(root: &Path) -> Result<Vec<Entry>, TrainError> {
    if root.join("rgb").is_dir() {
        return plain_of(root, "");
    }
    let mut entries = Vec::new();
    for folder in children(root)? {
        if folder.join("rgb").is_dir() {
            let subset = folder.file_name().unwrap_or_default().to_string_lossy();
            entries.extend(plain_of(&folder, &subset)?);
        }
    }
    if entries.is_empty() {
        let reason = "neither it nor a folder in it has a folder rgb";
        return Err(TrainError::file("test set", root, reason));
    }
    Ok(entries)
}

fn plain_of(root: &Path, subset: &str) -> Result<Vec<Entry>, TrainError> {
    let pictures = wanted(root, &["rgb"])?;
    let [depths, normals, alphas, masks, trimaps] =
        ["depth", "normal", "alpha", "mask", "trimap"].map(|name| stems(root, &[name]));
    let truth = [depths?, normals?, alphas?, masks?, trimaps?];
    let entries = pictures.into_iter().map(|(name, rgb)| {
        let of = |at: usize| -> Result<Option<PathBuf>, TrainError> {
            let Some(files) = &truth[at] else {
                return Ok(None);
            };
            let found = files.get(&name).cloned().ok_or_else(|| {
                let plane = ["depth", "normal", "alpha", "mask", "trimap"][at];
                let reason = format!("the folder {plane} has no file of the stem {name}");
                TrainError::file("picture", &rgb, reason)
            });
            found.map(Some)
        };
        Ok(Entry {
            depth: of(0)?,
            normal: of(1)?,
            alpha: of(2)?,
            mask: of(3)?,
            trimap: of(4)?,
            ..entry(subset, name.clone(), rgb.clone())
        })
    });
    entries.collect()
}

/// Every camera of every action that has pictures.
fn hi4d(root: &Path) -> Result<Vec<Entry>, TrainError> {
    let mut entries = Vec::new();
    for pair in children(root)?.into_iter().filter(|path| path.is_dir()) {
        for action in children(&pair)?
            .into_iter()
            .filter(|path| path.join("images").is_dir())
        {
            for camera in children(&action.join("images"))? {
                let camera = camera
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let of = |folder: &str| stems(&action, &[format!("{folder}/{camera}").as_str()]);
                let Some(pictures) = of("images")? else {
                    continue;
                };
                let all = stems(
                    &action,
                    &[format!("seg/img_seg_mask/{camera}/all").as_str()],
                )?;
                let mut masks = all.unwrap_or_default();
                let mut depths = of("depth")?.unwrap_or_default();
                let mut normals = of("normal")?.unwrap_or_default();
                let subset = action.strip_prefix(root).unwrap_or(&action);
                let subset = format!("{}/{camera}", subset.display());
                entries.extend(pictures.into_iter().map(|(name, rgb)| Entry {
                    mask: masks.remove(&name),
                    depth: depths.remove(&name),
                    normal: normals.remove(&name),
                    ..entry(&subset, name, rgb)
                }));
            }
        }
    }
    if entries.is_empty() {
        let reason = "no folder of the form <pair>/<action>/images/<camera> holds a picture";
        return Err(TrainError::file("test set", root, reason));
    }
    Ok(entries)
}
