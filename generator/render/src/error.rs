//! What can go wrong before a picture is made. Rendering itself cannot fail.

/// A scene that cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A number is NaN or infinite, or negative where it must not be.
    #[error("{what} must be finite, found a bad value at index {index} of {holder}")]
    BadNumber {
        /// Which quantity, for example `"vertex position"`.
        what: &'static str,
        /// Which array or object holds it.
        holder: String,
        /// Where in that array.
        index: usize,
    },
    /// Two arrays that describe the same things differ in length, or an index points outside.
    #[error("{what} of {holder} must be {expected}, found {found}")]
    Inconsistent {
        /// Which quantity, for example `"vertex index"`.
        what: &'static str,
        /// Which object holds it.
        holder: String,
        /// What was wanted.
        expected: String,
        /// What was there.
        found: String,
    },
    /// More primitives than the tree can number.
    #[error("a scene holds at most {limit} {what}, found {found}; leave some out")]
    TooMany {
        /// Triangles or fibre pieces.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// The other frame of a motion is not made of the things of the scene.
    #[error(
        "the other frame must have the meshes and strands of the scene, and {difference}; only \
         positions and the camera may change between frames"
    )]
    OtherFrame {
        /// What differs.
        difference: String,
    },
    /// A denoiser of another library is not to be had.
    #[error(
        "Open Image Denoise 2 cannot be used from {library}: {reason}; install it or give its \
         path, or choose the built-in denoiser"
    )]
    Denoiser {
        /// Where it was looked for.
        library: String,
        /// What is wrong.
        reason: String,
    },
}
