//! Where on the film what is shown may change within a pixel, decided once for all planes.
//!
//! It is decided by geometry, not by a few probing rays, so that looking closely only there gives
//! what looking closely everywhere would give: pixels that an outline may touch (see
//! `outline.rs`), pixels with a neighbour whose centre shows something else, and pixels that a
//! fibre may touch (see `fibres.rs`). In all others the meshes show the same everywhere.

use glam::Vec2;
use rayon::prelude::*;

use super::fibres::Fibres;
use super::outline;
use super::view::{View, is_fibre};
use crate::accel::Hit;

/// What a ray meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shown {
    Nothing,
    Surroundings,
    Subject,
}

/// A film looked over.
pub(super) struct Survey<'a> {
    pub(super) view: View<'a>,
    pub(super) fibres: Fibres,
    outline: Vec<bool>,
    /// What the meshes alone show at the centre: kind and number of the object.
    shown: Vec<(Shown, u32)>,
}

impl<'a> Survey<'a> {
    /// Looks a film over, given what the centre rays hit.
    pub(super) fn new(view: View<'a>, hits: &[Option<Hit>]) -> Self {
        let [width, height] = view.size_px();
        let fibres = Fibres::new(&view);
        let shown = (0..width * height)
            .into_par_iter()
            .with_min_len(width as usize)
            .map(|pixel| {
                let (x, y) = (pixel % width, pixel / width);
                let hit = match hits[pixel as usize] {
                    Some(hit) if is_fibre(&hit) => {
                        let center = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                        view.accel.intersect_meshes(&view.ray(center))
                    }
                    hit => hit,
                };
                let object = hit.map_or(0, |hit| view.instance_of(&hit));
                (shown_by(&view, hit.as_ref()), object)
            })
            .collect();
        Self {
            view,
            outline: outline::mark(&view),
            fibres,
            shown,
        }
    }

    /// What the meshes show everywhere in a pixel; `None` where it may change.
    pub(super) fn known(&self, x: u32, y: u32) -> Option<Shown> {
        let own = self.at(x, y).0;
        self.is_alike(x, y, |(shown, _)| shown == own)
            .then_some(own)
    }

    /// Whether nothing but one smooth surface of one mesh, or nothing at all, is in a pixel.
    pub(super) fn is_smooth(&self, x: u32, y: u32) -> bool {
        let own = self.at(x, y);
        self.fibres.of(x, y).is_empty() && self.is_alike(x, y, |other| other == own)
    }

    /// What the meshes show at the centre of a pixel.
    pub(super) fn at(&self, x: u32, y: u32) -> (Shown, u32) {
        self.shown[(y * self.view.size_px()[0] + x) as usize]
    }

    fn is_alike(&self, x: u32, y: u32, is_like: impl Fn((Shown, u32)) -> bool) -> bool {
        let [width, height] = self.view.size_px();
        let rows = y.saturating_sub(1)..=(y + 1).min(height - 1);
        !self.outline[(y * width + x) as usize]
            && rows.into_iter().all(|row| {
                let columns = x.saturating_sub(1)..=(x + 1).min(width - 1);
                (columns.into_iter()).all(|column| is_like(self.at(column, row)))
            })
    }
}

/// What a hit is.
pub(super) fn shown_by(view: &View<'_>, hit: Option<&Hit>) -> Shown {
    match hit {
        None => Shown::Nothing,
        Some(hit) if view.label_of(hit).subject => Shown::Subject,
        Some(_) => Shown::Surroundings,
    }
}
