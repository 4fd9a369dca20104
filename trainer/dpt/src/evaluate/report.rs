//! Means over pictures and over groups of pictures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::PictureScores;

/// The scores of a model on a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvaluationReport {
    /// Name of the model.
    pub model: String,
    /// Name of the dataset.
    pub dataset: String,
    /// All pictures.
    pub overall: GroupScores,
    /// Groups of pictures by label.
    pub by_label: Vec<LabelScores>,
}

/// The scores of the groups of one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelScores {
    /// The label.
    pub label: String,
    /// Its values and their scores, in the order of the values.
    pub values: BTreeMap<String, GroupScores>,
}

/// The scores of a group of pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GroupScores {
    /// Pictures.
    pub pictures: usize,
    /// Means over pictures of the value of each metric, by `task/metric`.
    pub means: BTreeMap<String, f64>,
    /// The same over all pixels together, for the metrics that are means over pixels and whose
    /// mean over pictures differs from it: angles and shares of normals.
    pub pooled: BTreeMap<String, f64>,
}

impl EvaluationReport {
    /// Groups scores by `labels`; pictures that lack a label are in no group of it.
    pub fn new(model: &str, dataset: &str, labels: &[String], scores: &[PictureScores]) -> Self {
        let by_label = labels.iter().map(|label| {
            let mut groups: BTreeMap<String, Vec<&PictureScores>> = BTreeMap::new();
            for picture in scores {
                if let Some(value) = picture.labels.get(label) {
                    groups.entry(value.clone()).or_default().push(picture);
                }
            }
            let groups = groups.into_iter();
            LabelScores {
                label: label.clone(),
                values: groups
                    .map(|(value, pictures)| (value, GroupScores::of(pictures)))
                    .collect(),
            }
        });
        Self {
            model: model.to_owned(),
            dataset: dataset.to_owned(),
            by_label: by_label.collect(),
            overall: GroupScores::of(scores),
        }
    }

    /// The tables as text.
    pub fn to_table(&self) -> String {
        let mut text = format!("{} on {}\n", self.model, self.dataset);
        let mut rows = vec![("all".to_owned(), &self.overall)];
        for label in &self.by_label {
            let values = label.values.iter();
            rows.extend(values.map(|(value, scores)| (format!("{} {value}", label.label), scores)));
        }
        let width = rows.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0).max(8);
        for task in ["depth", "normal", "alpha"] {
            let metrics: Vec<&str> = self
                .overall
                .means
                .keys()
                .filter_map(|name| name.strip_prefix(task)?.strip_prefix('/'))
                .collect();
            if metrics.is_empty() {
                continue;
            }
            // Writing into a string cannot fail.
            let _ = write!(text, "\n{task:<width$} {:>8}", "pictures");
            for metric in &metrics {
                let _ = write!(text, " {metric:>11}");
            }
            text.push('\n');
            for (name, scores) in &rows {
                let _ = write!(text, "{name:<width$} {:>8}", scores.pictures);
                for metric in &metrics {
                    match scores.means.get(&format!("{task}/{metric}")) {
                        Some(value) => {
                            let _ = write!(text, " {:>11}", four_digits(*value));
                        }
                        None => text.push_str("           -"),
                    }
                }
                text.push('\n');
            }
        }
        text
    }
}

/// Four significant digits, without an exponent where it can be helped.
fn four_digits(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size >= 1000.0 => format!("{value:.0}"),
        _ if size >= 100.0 => format!("{value:.1}"),
        _ if size >= 10.0 => format!("{value:.2}"),
        _ if size >= 1.0 => format!("{value:.3}"),
        _ if size >= 0.001 || size == 0.0 => format!("{value:.4}"),
        _ => format!("{value:.2e}"),
    }
}

impl GroupScores {
    /// The scores of these pictures.
    pub fn of<'a>(pictures: impl IntoIterator<Item = &'a PictureScores>) -> Self {
        let mut count = 0;
        let mut sums: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        let mut pooled: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        for picture in pictures {
            count += 1;
            for score in &picture.scores {
                let name = format!("{}/{}", score.task.name(), score.metric);
                if score.task == bottega_schemas::Task::Normal && score.metric != "median_deg" {
                    let (sum, pixels) = pooled.entry(name.clone()).or_default();
                    *sum += score.value * score.pixels as f64;
                    *pixels += score.pixels;
                }
                let (sum, n) = sums.entry(name).or_default();
                *sum += score.value;
                *n += 1;
            }
        }
        let means = |sums: BTreeMap<String, (f64, usize)>| {
            let sums = sums.into_iter();
            sums.map(|(name, (sum, n))| (name, sum / n.max(1) as f64))
                .collect()
        };
        Self {
            pictures: count,
            means: means(sums),
            pooled: means(pooled),
        }
    }
}

#[cfg(test)]
mod tests {
    use bottega_schemas::Task;

    use super::super::Score;
    use super::*;

    fn picture(id: &str, framing: Option<&str>, value: f64, pixels: usize) -> PictureScores {
        let score = Score {
            task: Task::Normal,
            metric: "mean_deg",
            lower_is_better: true,
            value,
            pixels,
        };
        PictureScores {
            sample_id: id.to_owned(),
            labels: framing
                .map(|value| ("framing".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            scores: vec![score],
            ..PictureScores::default()
        }
    }

    #[test]
    fn means_are_over_pictures_and_pooled_ones_over_pixels() {
        let pictures = [
            picture("a", Some("face"), 10.0, 30),
            picture("b", Some("face"), 20.0, 10),
            picture("c", None, 60.0, 0),
        ];
        let report = EvaluationReport::new("m", "d", &["framing".to_owned()], &pictures);
        assert_eq!(report.overall.means["normal/mean_deg"], 30.0);
        let face = &report.by_label[0].values["face"];
        assert_eq!((face.pictures, face.means["normal/mean_deg"]), (2, 15.0));
        assert_eq!(face.pooled["normal/mean_deg"], 12.5);
        let table = report.to_table();
        assert!(table.contains("framing face"), "{table}");
        assert!(table.contains("15.00"), "{table}");
    }
}
