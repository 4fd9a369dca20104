//! What one file holds: a shard as a whole, one of its rows, or an EXR sample.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use bottega_format::{
    FormatError, PlaneValues, Planes, Sample, ShardReader, StoredPlanes, read_sample,
};
use bottega_schemas::column::Value;
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::{Plane, SampleMeta};

/// What a shard holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShardSummary {
    /// Number of rows.
    pub rows: u64,
    /// Number of row groups.
    pub row_groups: u64,
    /// First and last index.
    pub indices: Option<[i64; 2]>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// What the file says of itself.
    pub metadata: BTreeMap<String, String>,
}

/// What a sample holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleSummary {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Its planes.
    pub planes: Vec<PlaneSummary>,
    /// Its labels; null is not known.
    pub labels: SampleMeta,
    /// Its scene document.
    pub scene: serde_json::Value,
}

/// What a plane holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaneSummary {
    /// Which plane.
    pub plane: Plane,
    /// Unit of its values.
    pub unit: &'static str,
    /// Its channels.
    pub channels: Vec<ChannelSummary>,
    /// Number of pixels that say "no surface", for planes that can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_surface_px: Option<usize>,
}

/// Range of a channel over the pixels that hold a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelSummary {
    /// Name of the channel.
    pub name: &'static str,
    /// Smallest value; null where no pixel holds one.
    pub min: Option<f64>,
    /// Mean value.
    pub mean: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// Looks at a whole shard.
pub fn inspect_shard(path: &Path) -> Result<ShardSummary, FormatError> {
    let reader = ShardReader::open(path)?;
    let mut indices = None;
    for meta in reader.labels() {
        let index = meta?.index;
        indices = Some(indices.map_or([index; 2], |[first, _]: [i64; 2]| [first, index]));
    }
    Ok(ShardSummary {
        rows: reader.rows() as u64,
        row_groups: reader.row_groups() as u64,
        indices,
        columns: reader.columns().to_vec(),
        metadata: reader.key_values().clone(),
    })
}

/// Looks at one row of a shard.
pub fn inspect_row(path: &Path, row: usize) -> Result<SampleSummary, FormatError> {
    let row = ShardReader::open(path)?.row(row)?;
    let planes = row.decode()?;
    Ok(SampleSummary {
        width: planes.width,
        height: planes.height,
        planes: stored_planes(&planes),
        labels: row.meta,
        scene: scene(&row.scene_json),
    })
}

/// Looks at an EXR sample.
pub fn inspect_exr(path: &Path) -> Result<SampleSummary, FormatError> {
    let sample: Sample = read_sample(path)?;
    Ok(SampleSummary {
        width: sample.planes().width,
        height: sample.planes().height,
        planes: exr_planes(sample.planes()),
        labels: sample.meta().clone(),
        scene: scene(sample.params_json()),
    })
}

fn scene(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or(serde_json::Value::Null)
}

fn stored_planes(planes: &StoredPlanes) -> Vec<PlaneSummary> {
    let rgb: Vec<[f32; 3]> = planes
        .rgb8
        .chunks_exact(3)
        .map(|px| [0, 1, 2].map(|c| f32::from(px[c])))
        .collect();
    let mut summaries = vec![
        vectors(Plane::Rgb8, ["R", "G", "B"], &rgb, false),
        scalars(
            Plane::Alpha,
            "Y",
            planes.alpha8.iter().map(|&a| f32::from(a)),
            false,
        ),
        scalars(Plane::Depth, "Y", planes.depth_m.iter().copied(), true),
        vectors(Plane::Normal, ["X", "Y", "Z"], &planes.normal, true),
    ];
    summaries.extend(optional_planes(&planes.optional));
    summaries
}

fn optional_planes(
    optional: &BTreeMap<Plane, PlaneValues>,
) -> impl Iterator<Item = PlaneSummary> + '_ {
    optional.iter().map(|(plane, values)| {
        let has_holes = plane.unit() == "m" || plane.unit() == "unit-vector";
        match values {
            PlaneValues::Scalar(values) => scalars(*plane, "Y", values.iter().copied(), has_holes),
            PlaneValues::Vector(values) => {
                let names = match plane.unit() {
                    "unit-vector" | "m" => ["X", "Y", "Z"],
                    _ => ["R", "G", "B"],
                };
                vectors(*plane, names, values, has_holes)
            }
            PlaneValues::Layers(values) => vectors(*plane, ["R", "G", "B", "A"], values, false),
            PlaneValues::Byte(values) => {
                scalars(*plane, "Y", values.iter().map(|&v| f32::from(v)), false)
            }
        }
    })
}

fn exr_planes(planes: &Planes) -> Vec<PlaneSummary> {
    let required = [
        vectors(Plane::RgbLinear, ["R", "G", "B"], &planes.rgb_linear, false),
        scalars(Plane::Alpha, "A", planes.alpha.iter().copied(), false),
        scalars(Plane::Depth, "Y", planes.depth_m.iter().copied(), true),
        vectors(Plane::Normal, ["X", "Y", "Z"], &planes.normal, true),
    ];
    let optional = optional_planes(&planes.optional);
    required.into_iter().chain(optional).collect()
}

fn scalars(
    plane: Plane,
    name: &'static str,
    values: impl Iterator<Item = f32> + Clone,
    has_holes: bool,
) -> PlaneSummary {
    let no_surface_px =
        has_holes.then(|| values.clone().filter(|value| !value.is_finite()).count());
    let channels = vec![channel(name, values.filter(|value| value.is_finite()))];
    PlaneSummary {
        plane,
        unit: plane.unit(),
        channels,
        no_surface_px,
    }
}

fn vectors<const N: usize>(
    plane: Plane,
    names: [&'static str; N],
    values: &[[f32; N]],
    has_holes: bool,
) -> PlaneSummary {
    let is_shown = |value: &&[f32; N]| !has_holes || **value != [0.0; N];
    let n_shown = values.iter().filter(is_shown).count();
    let channels = (0..N)
        .map(|c| {
            channel(
                names[c],
                values.iter().filter(is_shown).map(|value| value[c]),
            )
        })
        .collect();
    let no_surface_px = has_holes.then_some(values.len() - n_shown);
    PlaneSummary {
        plane,
        unit: plane.unit(),
        channels,
        no_surface_px,
    }
}

fn channel(name: &'static str, values: impl Iterator<Item = f32>) -> ChannelSummary {
    let (mut min, mut max, mut sum, mut n) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0u64);
    for value in values.map(f64::from) {
        min = min.min(value);
        max = max.max(value);
        sum += value;
        n += 1;
    }
    let known = |value: f64| (n > 0).then_some(value);
    ChannelSummary {
        name,
        min: known(min),
        mean: known(sum / n as f64),
        max: known(max),
    }
}

impl ShardSummary {
    /// The summary as a text for people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{} rows in {} row groups", self.rows, self.row_groups);
        if let Some([first, last]) = self.indices {
            let _ = writeln!(text, "indices {first} to {last}");
        }
        let _ = writeln!(
            text,
            "\n{} columns: {}",
            self.columns.len(),
            self.columns.join(", ")
        );
        let _ = writeln!(text, "\nmetadata");
        for (key, value) in self
            .metadata
            .iter()
            .filter(|(key, _)| *key != "ARROW:schema")
        {
            let shown: String = value.chars().take(100).collect();
            let more = if shown.len() < value.len() { "..." } else { "" };
            let _ = writeln!(text, "  {key} = {shown}{more}");
        }
        text
    }
}

impl SampleSummary {
    /// The summary as a text for people, without the scene document.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{} x {} px\n", self.width, self.height);
        for plane in &self.planes {
            let name = serde_json::to_value(plane.plane).unwrap_or_default();
            for channel in &plane.channels {
                let number = |value: Option<f64>| match value {
                    Some(value) => format!("{value:>10.4}"),
                    None => format!("{:>10}", "-"),
                };
                let _ = writeln!(
                    text,
                    "{:<13} {}  min {}  mean {}  max {}  {}",
                    name.as_str().unwrap_or_default(),
                    channel.name,
                    number(channel.min),
                    number(channel.mean),
                    number(channel.max),
                    plane.unit,
                );
            }
            if let Some(no_surface_px) = plane.no_surface_px {
                let n_px = self.width * self.height;
                let _ = writeln!(
                    text,
                    "{:<13} no surface at {no_surface_px} of {n_px} px",
                    ""
                );
            }
        }
        let _ = writeln!(text);
        for (column, value) in COLUMNS.iter().zip(self.labels.values()) {
            let shown = match value {
                Value::Null => continue,
                Value::Text(text) => text,
                Value::Bool(truth) => truth.to_string(),
                Value::Int(number) => number.to_string(),
                Value::F32(number) => number.to_string(),
                Value::F64(number) => number.to_string(),
                Value::TextList(list) => list.join(", "),
                Value::F32List(list) => format!("{} numbers", list.len()),
                Value::I8List(list) => format!("{} numbers", list.len()),
                Value::Matrix4(matrix) => format!("{matrix:?}"),
            };
            let line = format!("{:<24} {shown} {}", column.name, column.unit);
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{HEIGHT, WIDTH, row, write_dataset};

    use super::*;

    #[test]
    fn a_row_shows_its_ranges_and_labels() {
        let dir = tempfile::tempdir().unwrap();
        write_dataset(dir.path(), 4, &[row(0, |_| {}), row(1, |_| {})]);
        let path = dir.path().join("data/train-00000.parquet");
        let summary = inspect_row(&path, 1).unwrap();
        assert_eq!((summary.width, summary.height), (WIDTH, HEIGHT));
        let depth = summary
            .planes
            .iter()
            .find(|plane| plane.plane == Plane::Depth)
            .unwrap();
        let near_m = depth.channels[0].min.unwrap();
        assert!(
            (0.55..0.65).contains(&near_m),
            "a ball of 0.4 m, 1 m away: {near_m}"
        );
        assert!(depth.no_surface_px.unwrap() > WIDTH * HEIGHT / 4);
        let text = summary.to_text();
        assert!(
            text.contains("sample_id                test-0000001\n"),
            "{text}"
        );
        assert!(text.contains("age_years                30 a\n"), "{text}");

        let shard = inspect_shard(&path).unwrap();
        assert_eq!((shard.rows, shard.indices), (2, Some([0, 1])));
        assert!(shard.to_text().contains("2 rows in 1 row groups"));
        let err = inspect_row(&path, 2).unwrap_err();
        assert!(
            err.to_string().contains("no row 2: the shard has 2 rows"),
            "{err}"
        );
    }

    #[test]
    fn a_cut_shard_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        write_dataset(dir.path(), 4, &[row(0, |_| {})]);
        let path = dir.path().join("data/train-00000.parquet");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(inspect_shard(&path).is_err());
        assert!(inspect_row(&path, 0).is_err());
    }
}
