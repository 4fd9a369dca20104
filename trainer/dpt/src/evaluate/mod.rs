//! How good predictions are: the paper's metrics for each picture, their means over pictures and
//! over groups of pictures, and the rows that the fairness audit reads.

mod measure;
mod predictor;
mod report;
mod scores;

pub use measure::{Measured, Subject, measure};
pub use predictor::{ModelPredictor, sizing};
pub use report::{EvaluationReport, GroupScores, LabelScores};
pub use scores::{METRICS, PictureScores, PlanesView, Score, Target, score_picture};
