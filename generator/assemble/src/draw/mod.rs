//! Recipe to numbers: the only place where distributions become values.
//!
//! [`draw_params`] is a function of the recipe and an index. What stays with a person (body, skin,
//! eyes, hair, clothes) is drawn by the number of the person, what changes from picture to picture
//! (pose, face, light, camera) by the number of the sample; every number has a name, and no name
//! knows of another ([`quantiles`]). One file draws one part.

mod camera;
mod color;
mod error;
mod eyes;
mod face;
mod film;
mod garment;
mod gaze;
mod groom;
mod hair_color;
mod lighting;
mod person;
mod pose;
mod quantiles;
mod skin;
mod sliders;
mod sources;
mod traits;
mod worn;

use bottega_schemas::index;
use bottega_schemas::params::{LightingKind, SCENE_PARAMS_VERSION, SceneParams};
use bottega_schemas::scene_spec::SceneSpec;
use bottega_schemas::seed::Seed;

pub use error::DrawError;
pub use gaze::aim_gaze;
pub use person::{BodySolver, SolvedBody};
pub use pose::PoseSource;
pub use sources::DrawSources;

use quantiles::Quantiles;

/// What drawing needs to know beyond the recipe.
#[derive(Clone, Copy)]
pub struct DrawContext<'a> {
    /// Finds the shape of a body.
    pub bodies: &'a dyn BodySolver,
    /// Draws poses.
    pub poses: &'a dyn PoseSource,
    /// Name and kind of every environment.
    pub environments: &'a [(String, LightingKind)],
}

/// Draws every number of sample `index`.
pub fn draw_params(
    spec: &SceneSpec,
    context: &DrawContext<'_>,
    index: u64,
) -> Result<SceneParams, DrawError> {
    let profile = &spec.profile;
    let identity = index::identity_index(index, spec.frames_per_identity);
    let of_identity = Quantiles::of_identity(spec.seed, identity);
    let of_sample = Quantiles::of_sample(spec.seed, index);
    let framing = *spec
        .framing
        .quantile(index::framing_quantile(spec.seed, index));

    let cell = profile.person.quota_cell(spec.seed, identity);
    let traits = traits::draw(profile, cell, of_identity);
    let person = person::draw(profile, &traits, context.bodies, identity, of_identity)?;
    let groom = groom::draw(&profile.groom, &traits, of_identity);
    let garments = garment::draw(&profile.garments, &traits, of_identity);

    let worn = worn::draw(profile, &traits, &groom, of_identity);

    let clothes_m = garments.top.ease_m;
    let pose = pose::draw(
        &profile.pose,
        framing,
        context.poses,
        &person.shape,
        clothes_m,
        of_sample,
    )?;
    let camera = camera::draw(
        &profile.camera,
        framing,
        spec.resolution_px,
        person.stature_m,
        pose.seated,
        of_sample,
    );
    let mut lighting = lighting::draw(&profile.lighting, context.environments, of_sample)?;
    let film = film::draw(&profile.film, of_sample);
    if let Some(set) = &film.exposure {
        lighting.exposure_ev = film::stops_over_meter(set);
    }
    let sample_seed = Seed(index::sample_seed(spec.seed, index));
    let identity_seed = index::identity_seed(spec.seed, identity);
    Ok(SceneParams {
        schema_version: SCENE_PARAMS_VERSION,
        framing,
        pose,
        face: face::draw(&profile.face, of_sample),
        lighting,
        camera,
        film,
        person,
        groom,
        garments,
        worn,
        detail_seed: identity_seed.child("detail").0 >> 1,
        noise_seed: sample_seed.child("noise").0 >> 1,
    })
}

#[cfg(test)]
mod tests;
