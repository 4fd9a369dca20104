//! What drawing needs of the body model and the pose prior, served by the studio.

use bottega_people::PeopleError;
use bottega_people::pose::{self, PoseFamily as PriorFamily};
use bottega_schemas::params::{PoseParams, ShapeParams};
use bottega_schemas::scene_spec::PoseFamily;

use crate::draw::{BodySolver, PoseSource, SolvedBody};
use crate::studio::Studio;

impl PoseSource for Studio {
    fn draw(
        &self,
        family: PoseFamily,
        draw: &mut dyn FnMut(&str) -> f64,
    ) -> Result<PoseParams, PeopleError> {
        let family = match family {
            PoseFamily::Stand => PriorFamily::Stand,
            PoseFamily::Gesture => PriorFamily::Gesture,
            PoseFamily::Walk => PriorFamily::Walk,
            PoseFamily::Sit => PriorFamily::Sit,
        };
        Ok(pose::draw_pose(self.prior(), family, draw))
    }

    fn settle(
        &self,
        pose: &mut PoseParams,
        shape: &ShapeParams,
        clothes_m: f32,
    ) -> Result<(), PeopleError> {
        pose::settle(self.model(), shape, pose, clothes_m)
    }
}

impl BodySolver for Studio {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        let solved = self.model().solve(start, stature_m, bmi)?;
        Ok(solved.map(|found| SolvedBody {
            shape: found.shape,
            stature_m: found.measured.stature_m,
            bmi: found.measured.bmi,
        }))
    }
}
