//! What label rays look at: a scene, its trees and the kinds of objects that stop them.

use glam::Vec2;

use crate::accel::{Accel, Hit, HitKind};
use crate::ray::{Ray, RayMask};
use crate::scene::{Label, Scene};

/// A scene as label rays see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) scene: &'a Scene,
    pub(super) accel: &'a Accel,
    /// Objects at which label rays stop.
    pub(super) mask: RayMask,
}

impl View<'_> {
    /// The label ray through a film position: that of the pinhole.
    pub(super) fn ray(&self, film_px: Vec2) -> Ray {
        self.scene.camera.ray(film_px).with_mask(self.mask)
    }

    /// Whether an object is there for label rays.
    pub(super) fn sees(&self, label: Label) -> bool {
        let kind = if label.see_through {
            RayMask::GLASS
        } else {
            RayMask::LABEL
        };
        self.mask.meets(kind)
    }

    /// What the label planes say of what was hit.
    pub(super) fn label_of(&self, hit: &Hit) -> Label {
        match hit.kind {
            HitKind::Triangle { object, .. } => self.scene.meshes[object as usize].label,
            HitKind::Strand { object, .. } => self.scene.strands[object as usize].label,
        }
    }

    /// Number of the object that was hit, from 1: meshes first, then sets of strands.
    pub(super) fn instance_of(&self, hit: &Hit) -> u32 {
        match hit.kind {
            HitKind::Triangle { object, .. } => 1 + object,
            HitKind::Strand { object, .. } => 1 + self.scene.meshes.len() as u32 + object,
        }
    }

    /// Width and height of the film.
    pub(super) fn size_px(&self) -> [u32; 2] {
        self.scene.camera.resolution_px
    }
}

/// Whether what was hit is a fibre.
pub(super) fn is_fibre(hit: &Hit) -> bool {
    matches!(hit.kind, HitKind::Strand { .. })
}
