//! What can go wrong while numbers are drawn.

use bottega_people::PeopleError;

/// Everything that can go wrong while the numbers of a sample are drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// No shape reaches what the recipe asks of a body.
    #[error(
        "no body of stature {stature_m:.2} m with body-mass index {bmi:.1} was found for \
         identity {identity} in {attempts} attempts; widen person.stature_cm or person.bmi"
    )]
    NoBody {
        /// Number of the person.
        identity: u64,
        /// Wanted stature, in metres.
        stature_m: f64,
        /// The last body-mass index tried, in kg/m2.
        bmi: f64,
        /// How many were tried.
        attempts: u32,
    },

    /// No environment has a kind of light that the recipe asks for.
    #[error(
        "no environment of the kinds of light that lighting.kind asks for is in the asset packs; \
         add one with --assets or ask for other kinds"
    )]
    NoEnvironment,

    /// The human model or the pose prior refused.
    #[error(transparent)]
    People(#[from] PeopleError),
}

const _: () = assert!(
    size_of::<DrawError>() <= 64,
    "DrawError travels in every Result; box what makes it large",
);
