//! Bodies out of reach and faces that nobody has, which are drawn again.

use super::*;

/// Reaches only body-mass indices from 18 to 36.
struct OrdinaryBodies;

impl BodySolver for OrdinaryBodies {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        Ok((18.0..=36.0).contains(&bmi).then(|| SolvedBody {
            shape: start.clone(),
            stature_m,
            bmi,
        }))
    }
}

/// Takes no face whose nose has much of a hump.
struct PickyBodies;

impl BodySolver for PickyBodies {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        SomeBodies.solve(start, stature_m, bmi.min(42.0))
    }

    fn is_plausible(&self, shape: &ShapeParams) -> Result<bool, PeopleError> {
        Ok(shape.details["nose-hump-incr"].abs() < 0.15)
    }
}

#[test]
fn faces_that_nobody_has_are_drawn_again() {
    let spec = load("face", "balanced");
    let environments = environments();
    let draw = |bodies: &dyn BodySolver, index: u64| {
        let context = DrawContext {
            bodies,
            poses: &SomePoses,
            environments: &environments,
        };
        draw_params(&spec, &context, index).unwrap()
    };
    let mut n_changed = 0;
    for index in 0..200 {
        let (first, picky) = (draw(&SomeBodies, index), draw(&PickyBodies, index));
        assert!(picky.person.shape.details["nose-hump-incr"].abs() < 0.25);
        let changed = first.person.shape.details != picky.person.shape.details;
        let humped = 0.15 <= first.person.shape.details["nose-hump-incr"].abs();
        assert_eq!(changed, humped, "{index}");
        n_changed += u32::from(changed);
        // Nothing else moves.
        assert_eq!(first.groom, picky.groom);
        assert_eq!(first.pose, picky.pose);
        assert_eq!(picky, draw(&PickyBodies, index));
    }
    assert!((40..160).contains(&n_changed), "{n_changed}");
}

#[test]
fn classes_of_body_mass_index_keep_their_shares_where_few_bodies_reach_them() {
    let environments = environments();
    let context = DrawContext {
        bodies: &OrdinaryBodies,
        poses: &SomePoses,
        environments: &environments,
    };
    let spec = load("face", "balanced");
    // Edges and shares of the profile; a tenth of the heaviest class can be reached, and a sixth of
    // the leanest.
    let edges = [18.5, 25.0, 30.0, 35.0];
    let shares = [0.1, 0.35, 0.25, 0.15, 0.15];
    let mut counts = [0.0; 5];
    let n = 600;
    for index in 0..n {
        let params = draw_params(&spec, &context, index).expect("the recipe can be drawn");
        counts[edges.partition_point(|edge| *edge <= params.person.bmi)] += 1.0;
    }
    for (count, wanted) in counts.into_iter().zip(shares) {
        let found = count / n as f64;
        let sigma = libm::sqrt(wanted * (1.0 - wanted) / n as f64);
        assert!((found - wanted).abs() < sigma, "{found} wanted {wanted}");
    }
}
