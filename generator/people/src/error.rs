//! Everything that can go wrong while a person is built.

/// Everything that can go wrong while a person is built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeopleError {
    /// A section of the human model is absent.
    #[error(
        "the human model lacks the section {section:?}; the asset pack is not complete: \
         use the embedded one, or rebuild it with `cargo xtask pack-assets`"
    )]
    MissingSection {
        /// Name of the section.
        section: &'static str,
    },

    /// A section of the human model does not hold what it should.
    #[error("section {section:?} of the human model is broken: {found}")]
    BrokenSection {
        /// Name of the section.
        section: &'static str,
        /// What was found.
        found: String,
    },

    /// The pose prior does not read.
    #[error("the pose prior is broken: {found}; restore it or run `fit_pose_prior` again")]
    BrokenPrior {
        /// What was found.
        found: String,
    },

    /// A shape detail, face unit or bone that the model does not have.
    #[error("the human model has no {kind} called {name:?}")]
    UnknownName {
        /// What was asked for: `"shape detail"`, `"face unit"`, `"bone"`, `"group"`.
        kind: &'static str,
        /// The unknown name.
        name: String,
    },
}

const _: () = assert!(
    size_of::<PeopleError>() <= 64,
    "PeopleError travels in every Result; box what makes it large",
);
