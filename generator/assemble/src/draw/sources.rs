//! The human model, the fitted pose prior and the list of environments: what drawing rests on.

use std::sync::Arc;

use bottega_people::pose::{self, PosePrior};
use bottega_people::{BodyModel, PeopleError};
use bottega_schemas::params::{LightingKind, PoseParams, ShapeParams};
use bottega_schemas::scene_spec::PoseFamily;

use super::{BodySolver, DrawContext, PoseSource, SolvedBody};

/// The pose prior inside the binary.
const POSE_PRIOR: &str = include_str!("../../../../scenes/priors/pose_prior.json");

/// Everything that [`DrawContext`] borrows.
#[derive(Clone, Debug)]
pub struct DrawSources {
    people: People,
    environments: Vec<(String, LightingKind)>,
}

/// Real bodies and real poses.
#[derive(Clone, Debug)]
struct People {
    model: Arc<BodyModel>,
    prior: PosePrior,
}

impl DrawSources {
    /// Draws people of this model, with the shipped pose prior, under these environments (name and
    /// kind).
    pub fn new(
        model: Arc<BodyModel>,
        environments: Vec<(String, LightingKind)>,
    ) -> Result<Self, PeopleError> {
        let prior = PosePrior::from_json(POSE_PRIOR)?;
        Ok(Self {
            people: People { model, prior },
            environments,
        })
    }

    /// What [`draw_params`](super::draw_params) asks for.
    pub fn context(&self) -> DrawContext<'_> {
        DrawContext {
            bodies: &self.people,
            poses: &self.people,
            environments: &self.environments,
        }
    }
}

impl BodySolver for People {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        let solved = self.model.solve(start, stature_m, bmi)?;
        Ok(solved.map(|solved| SolvedBody {
            shape: solved.shape,
            stature_m: solved.measured.stature_m,
            bmi: solved.measured.bmi,
        }))
    }

    fn is_plausible(&self, shape: &ShapeParams) -> Result<bool, PeopleError> {
        Ok(self.model.oddity(shape)?.is_none())
    }
}

impl PoseSource for People {
    fn draw(
        &self,
        family: PoseFamily,
        draw: &mut dyn FnMut(&str) -> f64,
    ) -> Result<PoseParams, PeopleError> {
        let family: pose::PoseFamily = family.name().parse()?;
        // The recipe turns the head, not the prior: the middle of each quantile is no turn.
        let mut straight = |name: &str| {
            if name.starts_with("head/") {
                0.5
            } else {
                draw(name)
            }
        };
        Ok(pose::draw_pose(&self.prior, family, &mut straight))
    }

    fn settle(
        &self,
        pose: &mut PoseParams,
        shape: &ShapeParams,
        clothes_m: f32,
    ) -> Result<(), PeopleError> {
        pose::settle(&self.model, shape, pose, clothes_m)
    }
}
