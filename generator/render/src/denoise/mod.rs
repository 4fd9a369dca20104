//! Pictures with their noise, and ways to take it out.
//!
//! The built-in way is regression on features: the same bytes on every machine. Open Image Denoise can be
//! loaded at run time where a build asks for it; its bytes differ between machines.

#[cfg(all(feature = "oidn", unix))]
pub mod oidn;
mod regression;
mod restore;
mod solve;

use glam::Vec3;

/// Number of features.
pub const FEATURES: usize = 8;
/// How many of them, from the first, explain colours; the last is the share of fibres.
const EXPLAINING: usize = FEATURES - 1;

/// Mean light and features of one half of the paths of each pixel, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Half {
    /// Exposed light.
    pub color: Vec<Vec3>,
    /// Albedo, normal (of fibres: the tangent) in world space, nearness, and the share of paths
    /// that met a fibre.
    pub features: Vec<[f32; FEATURES]>,
}

/// A picture with its noise, in two halves whose noise is independent.
#[derive(Clone, Debug, PartialEq)]
pub struct Noisy {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Two halves of the paths.
    pub halves: [Half; 2],
}

impl Noisy {
    /// The picture as it is: the mean of both halves.
    pub fn picture(&self) -> Vec<Vec3> {
        (self.halves[0].color.iter())
            .zip(&self.halves[1].color)
            .map(|(a, b)| 0.5 * (*a + *b))
            .collect()
    }

    /// The mean of both halves of the features.
    pub fn features(&self) -> Vec<[f32; FEATURES]> {
        (self.halves[0].features.iter())
            .zip(&self.halves[1].features)
            .map(|(a, b)| std::array::from_fn(|i| 0.5 * (a[i] + b[i])))
            .collect()
    }

    /// The picture without its noise, by regression on the features.
    pub fn denoised(&self) -> Vec<Vec3> {
        denoise(self.width, self.height, &self.halves)
    }
}

fn denoise(width: usize, height: usize, halves: &[Half; 2]) -> Vec<Vec3> {
    let fits = regression::fits(width, height, halves);
    let restored = restore::restore(width, height, halves, &fits);
    restored.iter().map(|color| color.max(Vec3::ZERO)).collect()
}

#[cfg(test)]
mod tests;
