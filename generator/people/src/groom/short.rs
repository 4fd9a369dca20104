//! Hairs of the face: a few millimetres to a few centimetres, bound to the skin under them.

use bottega_geometry::{StrandSet, math};
use glam::Vec3;
use rayon::prelude::*;

use super::{
    field::SkinField,
    root::Root,
    walk::{Course, Pull, walk},
};

/// One hair of the face.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortHair {
    /// Direction of growth along the skin, in the world; need not be of unit length.
    pub(crate) growth: Vec3,
    /// Angle between the skin and the hair at its root, in radians.
    pub(crate) lift_rad: f32,
    /// Length, in metres.
    pub(crate) length_m: f32,
    /// Distance within which the hair bends toward `toward`, in metres.
    pub(crate) bend_m: f32,
    /// Direction toward which it bends, in the world.
    pub(crate) toward: Vec3,
    /// Radius at the root, in metres.
    pub(crate) radius_m: f32,
    /// Palette index.
    pub(crate) palette: u8,
}

/// Grows the hairs with `n_points` points each; `modify` may bend them before what got below the
/// skin is pushed out.
pub(crate) fn grow(
    field: &SkinField,
    roots: &[Root],
    n_points: usize,
    hair: impl Fn(usize, &Root) -> ShortHair + Sync,
    modify: impl Fn(usize, &mut [Vec3]) + Sync,
) -> StrandSet {
    let hairs: Vec<ShortHair> = roots
        .iter()
        .enumerate()
        .map(|(idx, root)| hair(idx, root))
        .collect();
    let mut points = vec![Vec3::ZERO; roots.len() * n_points];
    points
        .par_chunks_mut(n_points)
        .enumerate()
        .for_each_init(Vec::new, |path, (idx, strand)| {
            let (root, hair) = (&roots[idx], &hairs[idx]);
            let tangent = hair.growth.reject_from(root.normal).normalize_or_zero();
            let (sin, cos) = math::sin_cos(hair.lift_rad);
            let course = Course {
                root: root.position,
                direction: (root.normal * sin + tangent * cos).normalize_or(root.normal),
                length_m: hair.length_m,
                hover_m: 0.0,
                hover_onset_m: 1.0,
                adhesion: 0.0,
                margin_m: 0.0002,
            };
            let pull = |_: Vec3, _: Vec3, _: f32| Pull {
                toward: hair.toward,
                bend_m: hair.bend_m,
                coat: 1.0,
                press: 1.0,
            };
            walk(field, &course, pull, |p, _| p, |_| false, path);
            super::curl::resample(path, strand);
            modify(idx, strand);
            for point in strand.iter_mut().skip(1) {
                *point = field.push_out(*point, 0.0003);
            }
        });
    let last = (n_points - 1) as f32;
    StrandSet {
        points,
        radii: hairs
            .iter()
            .flat_map(|hair| {
                (0..n_points).map(move |i| hair.radius_m * (1.0 - 0.7 * i as f32 / last))
            })
            .collect(),
        offsets: (0..=roots.len()).map(|k| (k * n_points) as u32).collect(),
        palette: hairs.iter().map(|hair| hair.palette).collect(),
    }
}
