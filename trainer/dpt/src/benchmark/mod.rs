//! Reads the folders of published test sets, one picture with its truth at a time.
//!
//! None of these sets can be passed on, so the readers are tested on stand-ins in the same layout; a
//! figure bears the name of a set only if it was measured on the set itself. Depth and normals of
//! Hi4D and Goliath have to be rendered by their users from meshes and cameras; the readers take
//! them as EXR files as this project writes them.

mod folders;
mod read;

use std::path::{Path, PathBuf};

use crate::data::Frame;
use crate::error::TrainError;

/// The folders of a test set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Hi4D: `<pair>/<action>/images/<camera>/*.jpg`, `seg/img_seg_mask/<camera>/all/*.png`, and
    /// what a user has rendered: `depth/<camera>/*.exr`, `normal/<camera>/*.exr`.
    Hi4d,
    /// PPM-100: two folders with equal stems, `image` or `fg`, and `matte` or `alpha`.
    Ppm100,
    /// P3M-500: `P3M-500-P/{blurred_image,mask,trimap}` and `P3M-500-NP/{original_image,mask,
    /// trimap}`, also below `validation`, or one of the two folders itself.
    P3m500,
    /// AIM-500: `original`, `mask`, `trimap`.
    Aim500,
    /// PhotoMatte85: PNG files with alpha, put before a green wall.
    PhotoMatte85,
    /// Folders `rgb` and any of `depth`, `normal`, `alpha`, `mask`, `trimap` with equal stems: for
    /// sets whose truth was rendered, such as Goliath; one level of subsets is allowed.
    Plain,
}

/// The green that pictures of PhotoMatte85 are put before, display-referred.
pub const GREEN: [f32; 3] = [0.0, 0.69, 0.25];

/// The files of one picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Subset: the folder within the set; empty where there are none.
    pub subset: String,
    /// Name without extension.
    pub name: String,
    /// The picture.
    pub rgb: PathBuf,
    /// Coverage.
    pub alpha: Option<PathBuf>,
    /// Depth.
    pub depth: Option<PathBuf>,
    /// Normals.
    pub normal: Option<PathBuf>,
    /// Pixels that count.
    pub mask: Option<PathBuf>,
    /// Foreground, background and what is unknown.
    pub trimap: Option<PathBuf>,
}

/// A picture of a test set with the truth that the set has.
#[derive(Clone, Debug)]
pub struct BenchmarkSample {
    /// Subset; empty where there are none.
    pub subset: String,
    /// Name within the subset.
    pub name: String,
    /// Picture and truth. Without coverage of its own, a mask stands in for it, so that
    /// [`Frame::foreground`] works.
    pub frame: Frame,
    /// Whether the set has depth.
    pub has_depth: bool,
    /// Whether the set has normals.
    pub has_normal: bool,
    /// Whether the set has coverage.
    pub has_alpha: bool,
    /// Pixels that count, where the set says which.
    pub mask: Option<Vec<bool>>,
    /// 255 for foreground, 0 for background, 128 for unknown: that of the set, else one made from
    /// the coverage.
    pub trimap: Option<Vec<u8>>,
}

/// A test set; pictures are read when they are asked for.
#[derive(Clone, Debug)]
pub struct Benchmark {
    layout: Layout,
    entries: Vec<Entry>,
}

impl Layout {
    /// Every layout and its name on the command line.
    pub const NAMES: [(&str, Self); 6] = [
        ("hi4d", Self::Hi4d),
        ("ppm100", Self::Ppm100),
        ("p3m500", Self::P3m500),
        ("aim500", Self::Aim500),
        ("photomatte85", Self::PhotoMatte85),
        ("plain", Self::Plain),
    ];

    /// The layout of a name.
    ///
    /// # Errors
    /// Another name, with those that would do.
    pub fn parse(name: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, layout)| *layout).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
            format!("wanted one of {}", names.join(", "))
        })
    }
}

impl Benchmark {
    /// Finds the pictures of a test set.
    ///
    /// # Errors
    /// A folder that is missing, with the names that would do; a picture without its truth.
    pub fn open(layout: Layout, root: &Path) -> Result<Self, TrainError> {
        let entries = folders::find(layout, root)?;
        Ok(Self { layout, entries })
    }

    /// Its pictures, by subset and name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Reads picture `at` of [`Self::entries`].
    ///
    /// # Errors
    /// A file that cannot be read, or planes of different sizes.
    pub fn read(&self, at: usize) -> Result<BenchmarkSample, TrainError> {
        let entry = self.entries.get(at).ok_or_else(|| {
            let n = self.entries.len();
            TrainError::stopped(format!("picture {at} of a test set of {n}"))
        })?;
        read::read(self.layout, entry)
    }

    /// All pictures, one at a time.
    pub fn samples(&self) -> impl Iterator<Item = Result<BenchmarkSample, TrainError>> {
        (0..self.entries.len()).map(|at| self.read(at))
    }
}

#[cfg(test)]
mod tests;
