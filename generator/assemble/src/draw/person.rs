//! Draws the body: stature, body-mass index and the shape that reaches them.

use bottega_people::PeopleError;
use bottega_schemas::params::{PersonParams, ShapeParams};
use bottega_schemas::scene_spec::ProfileSpec;

use super::error::DrawError;
use super::quantiles::Quantiles;
use super::traits::Traits;
use super::{eyes, skin, sliders};

/// How often a body-mass index is drawn again inside its own class before any class will do.
const ATTEMPTS_IN_CLASS: u32 = 6;

/// How often a body-mass index is drawn at most.
const ATTEMPTS: u32 = 24;

/// How often the details of the face are drawn before those of the last draw are halved.
const FACES: u32 = 8;

/// A shape that was found for a wanted stature and body-mass index.
#[derive(Clone, Debug, PartialEq)]
pub struct SolvedBody {
    /// The shape.
    pub shape: ShapeParams,
    /// Its stature, in metres.
    pub stature_m: f32,
    /// Its body-mass index, in kg/m2.
    pub bmi: f32,
}

/// Finds the shape of a body that measures what is wanted.
pub trait BodySolver: Sync {
    /// Turns the sliders for height, weight and muscle of `start` until the body has this stature
    /// and body-mass index; `None` when no shape does.
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError>;

    /// Whether the face of a shape is one that people have; any is to a solver that knows no faces.
    fn is_plausible(&self, _shape: &ShapeParams) -> Result<bool, PeopleError> {
        Ok(true)
    }
}

/// Draws who the person is.
pub(super) fn draw(
    profile: &ProfileSpec,
    traits: &Traits,
    bodies: &dyn BodySolver,
    identity: u64,
    q: Quantiles,
) -> Result<PersonParams, DrawError> {
    let spec = &profile.person;
    let age = f64::from(traits.age_years);
    let loss_m = spec.stature_loss_per_year_cm.get() * (age - 40.0).max(0.0);
    let stature_m = spec
        .stature_cm
        .of(traits.masculine)
        .quantile(q.u("person/stature"))
        - loss_m;

    let firmness = spec.firmness.quantile(q.u("person/firmness"))
        - spec.firmness_loss_per_year.get() * (age - 25.0).max(0.0);
    let mut start = ShapeParams {
        gender: traits.sex_param,
        age: age_slider(age) as f32,
        muscle: muscle(spec.fat_scatter_percent.quantile(q.u("person/fat")), age) as f32,
        weight: 0.5,
        height: 0.5,
        proportions: spec.proportions.quantile(q.u("person/proportions")) as f32,
        cupsize: spec.cupsize.quantile(q.u("person/cupsize")) as f32,
        firmness: firmness.clamp(0.05, 0.95) as f32,
        ancestry: traits.ancestry.map(|share| share as f32),
        details: sliders::draw(&spec.sliders, traits, q, 0),
    };
    let mut body = solve(profile, traits, bodies, identity, &start, stature_m, q)?;
    for attempt in 1..=FACES {
        if bodies.is_plausible(&body.shape)? {
            break;
        }
        start.details = sliders::draw(&spec.sliders, traits, q, attempt);
        if attempt == FACES {
            start.details.values_mut().for_each(|value| *value *= 0.5);
        }
        body = solve(profile, traits, bodies, identity, &start, stature_m, q)?;
    }
    Ok(PersonParams {
        identity_index: identity,
        age_years: traits.age_years,
        body_sex_param: traits.sex_param,
        stature_m: body.stature_m,
        bmi: body.bmi,
        shape: body.shape,
        skin: skin::draw(&profile.skin, traits, q),
        eyes: eyes::draw(&profile.eyes, traits, q),
    })
}

/// Draws the body-mass index until a shape reaches it: first inside the class that was drawn
/// first, so that shares of classes suffer least, then anywhere.
fn solve(
    profile: &ProfileSpec,
    traits: &Traits,
    bodies: &dyn BodySolver,
    identity: u64,
    start: &ShapeParams,
    stature_m: f64,
    q: Quantiles,
) -> Result<SolvedBody, DrawError> {
    let law = profile.person.bmi.of(traits.masculine);
    let first = q.u("person/bmi");
    let (class, n_classes) = law.distribution().bin(first);
    let mut bmi = law.quantile(first);
    for attempt in 0..ATTEMPTS {
        let u = q.attempt("person/bmi", attempt);
        if attempt >= ATTEMPTS_IN_CLASS {
            bmi = law.quantile(u);
        } else if attempt > 0 {
            // Ever nearer to the side of the class where ordinary bodies are.
            let width = 1.0 / f64::from(1_u32 << (attempt - 1));
            let pulled = if 2 * class >= n_classes {
                u * width
            } else {
                1.0 - (1.0 - u) * width
            };
            bmi = law.distribution().quantile_in_bin(class, pulled);
        }
        if let Some(body) = bodies.solve(start, stature_m as f32, bmi as f32)? {
            return Ok(body);
        }
    }
    Err(DrawError::NoBody {
        identity,
        stature_m,
        bmi,
        attempts: ATTEMPTS,
    })
}

/// The slider `age`: 0.5 is 25 years, 1 is 90. Younger adults keep 0.5, below which the base mesh
/// turns into a child.
fn age_slider(age_years: f64) -> f64 {
    (0.5 + (age_years - 25.0) / 130.0).clamp(0.5, 1.0)
}

/// The slider `muscle`: at a given body-mass index less fat than usual is more muscle. Four points
/// of fat, the scatter of the usual regression, are worth 0.14; muscle fades from 45 on.
fn muscle(fat_scatter_percent: f64, age_years: f64) -> f64 {
    let faded = 0.002 * (age_years - 45.0).max(0.0);
    (0.52 - 0.035 * fat_scatter_percent - faded).clamp(0.08, 0.92)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sliders_stay_where_adults_are() {
        assert_eq!(age_slider(18.0), 0.5);
        assert_eq!(age_slider(25.0), 0.5);
        assert_eq!(age_slider(90.0), 1.0);
        assert!(muscle(-10.0, 20.0) > muscle(10.0, 20.0));
        assert!(muscle(0.0, 80.0) < muscle(0.0, 30.0));
        assert!((0.08..=0.92).contains(&muscle(-30.0, 18.0)));
    }
}
