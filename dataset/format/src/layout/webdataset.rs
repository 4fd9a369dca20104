//! WebDataset: tar archives in which the files of a sample stand together under one key.
//!
//! `<key>.rgb.png`, `.alpha.png`, `.depth.exr`, `.normal.exr`, the optional planes by their names,
//! `.cam.json` and `.meta.json` with the labels that are known. Planes are the very bytes of the shard: metres, +inf for none,
//! `R`, `G`, `B` = X, Y, Z.

use std::collections::BTreeSet;
use std::io::BufWriter;

use serde_json::json;

use bottega_schemas::PlaneEncoding;

use super::job::{Export, Exported, for_each_row};
use super::rows::known_labels;
use crate::archive::TarWriter;
use crate::atomic::write_large;
use crate::error::FormatError;
use crate::shard::EncodedRow;

/// Exports to `<split>-NNNNNN.tar` of so many samples each.
pub fn export(
    job: &Export<'_>,
    samples_per_archive: usize,
    mut watch: impl FnMut(u64, u64),
) -> Result<Exported, FormatError> {
    let mut rows = job.rows()?;
    rows.places
        .sort_by(|a, b| (&a.split, a.index).cmp(&(&b.split, b.index)));
    let per_archive = samples_per_archive.max(1);
    let mut names = BTreeSet::new();
    for of_split in rows.places.chunk_by(|a, b| a.split == b.split) {
        let n_archives = of_split.len().div_ceil(per_archive);
        names.extend((0..n_archives).map(|number| archive_name(&of_split[0].split, number)));
    }
    let options = format!("{per_archive} samples an archive");
    job.begin(&rows, ("webdataset", &options), |name| {
        name.ends_with(".tar").then(|| names.contains(name))
    })?;
    let total = rows.places.len() as u64;
    let mut report = Exported::default();
    watch(0, total);
    for of_split in rows.places.chunk_by(|a, b| a.split == b.split) {
        for (number, places) in of_split.chunks(per_archive).enumerate() {
            let path = job.out.join(archive_name(&places[0].split, number));
            report.files += 1;
            if path.exists() && !job.overwrite {
                // An earlier run finished it.
                report.samples += places.len() as u64;
                watch(report.samples, total);
                continue;
            }
            write_large(&path, None, |out: &mut BufWriter<_>| {
                let failed = |error| FormatError::write("write", &path, 0, error);
                let mut tar = TarWriter::new(out);
                for_each_row(
                    &rows,
                    places,
                    |row| Ok(files_of(row)),
                    |_, files| {
                        for (name, bytes) in files {
                            let needed = bytes.len() as u64;
                            tar.add(&name, &bytes).map_err(|error| {
                                FormatError::write("write", &path, needed, error)
                            })?;
                        }
                        report.samples += 1;
                        watch(report.samples, total);
                        Ok(())
                    },
                )?;
                tar.finish().map(|_| ()).map_err(failed)
            })?;
        }
    }
    Ok(report)
}

fn archive_name(split: &str, number: usize) -> String {
    format!("{split}-{number:06}.tar")
}

/// Names and bytes of the files of a sample.
fn files_of(row: &EncodedRow) -> Vec<(String, Vec<u8>)> {
    let meta = &row.meta;
    // Readers take what stands before the first dot as the key.
    let key = meta.sample_id.replace('.', "_");
    let cam = json!({
        "width": meta.width,
        "height": meta.height,
        "fx": meta.fx,
        "fy": meta.fy,
        "cx": meta.cx,
        "cy": meta.cy,
        "world_from_camera": meta.world_from_camera,
        "depth_unit": "m",
        "axes": "+X right, +Y up, +Z toward the camera",
    });
    let labels = json!(known_labels(meta)).to_string().into_bytes();
    let mut files = vec![
        (format!("{key}.alpha.png"), row.alpha.clone()),
        (format!("{key}.cam.json"), cam.to_string().into_bytes()),
        (format!("{key}.depth.exr"), row.depth_exr.clone()),
        (format!("{key}.meta.json"), labels),
        (format!("{key}.normal.exr"), row.normal_exr.clone()),
        (format!("{key}.rgb.png"), row.image.clone()),
    ];
    for (plane, bytes) in &row.optional {
        let ending = match plane.encoding() {
            PlaneEncoding::Byte => "png",
            _ => "exr",
        };
        files.push((
            format!("{key}.{}.{ending}", plane.exr_part()),
            bytes.clone(),
        ));
    }
    files
}
