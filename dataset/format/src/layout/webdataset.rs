//! WebDataset: tar archives in which the files of a sample stand together under one key.
//!
//! `<key>.rgb.png`, `.alpha.png`, `.depth.exr`, `.normal.exr`, the optional planes by their names,
//! `.cam.json` and `.meta.json`. Planes are the very bytes of the shard: metres, +inf for none,
//! `R`, `G`, `B` = X, Y, Z.

use std::io::BufWriter;

use serde_json::json;

use bottega_schemas::PlaneEncoding;

use super::job::{Export, Exported, for_each_row, write_large};
use super::tar::TarWriter;
use crate::error::FormatError;
use crate::shard::EncodedRow;

/// Exports to `<split>-NNNNNN.tar` of so many samples each.
pub fn export(
    job: &Export<'_>,
    samples_per_archive: usize,
    mut watch: impl FnMut(u64, u64),
) -> Result<Exported, FormatError> {
    let mut rows = job.open()?;
    rows.places
        .sort_by(|a, b| (&a.split, a.index).cmp(&(&b.split, b.index)));
    let total = rows.places.len() as u64;
    let mut report = Exported::default();
    watch(0, total);
    for of_split in rows.places.chunk_by(|a, b| a.split == b.split) {
        for (number, places) in of_split.chunks(samples_per_archive.max(1)).enumerate() {
            let path = job.out.join(format!("{}-{number:06}.tar", places[0].split));
            write_large(&path, |out: &mut BufWriter<_>| {
                let failed = |error| FormatError::write("write", &path, 0, error);
                let mut tar = TarWriter::new(out);
                for_each_row(
                    &rows,
                    places,
                    |row| Ok(files_of(row)),
                    |_, files| {
                        for (name, bytes) in files {
                            tar.add(&name, &bytes).map_err(failed)?;
                        }
                        report.samples += 1;
                        watch(report.samples, total);
                        Ok(())
                    },
                )?;
                tar.finish().map(|_| ()).map_err(failed)
            })?;
            report.files += 1;
        }
    }
    Ok(report)
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
    let labels = serde_json::to_vec(meta).expect("labels are plain data");
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
