//! Landmarks of a posed person and measurements of its shape.

use glam::Vec3;

use super::{model::BodyModel, posed::Body};
use crate::{
    error::PeopleError,
    person::{Anatomy, Measured},
};

/// Density of the whole body, in kg/m3, between the values of lean and of fat people.
pub const BODY_DENSITY_KG_M3: f32 = 1010.0;

impl Measured {
    /// Measures a body at rest: `positions` are its vertices with a blank face.
    pub fn of(model: &BodyModel, positions: &[Vec3]) -> Self {
        let stature_m = model.stature_m(positions);
        let volume_m3 = model.volume_m3(positions);
        Self {
            stature_m,
            volume_m3,
            bmi: volume_m3 * BODY_DENSITY_KG_M3 / (stature_m * stature_m),
        }
    }
}

impl Anatomy {
    /// Landmarks of a posed body; the bounds are those of the body alone.
    pub fn of(model: &BodyModel, body: &Body) -> Result<Self, PeopleError> {
        let head = &body.bones[model.bone("head")?];
        let chest = &body.bones[model.bone("spine02")?];
        let hip = |side: &str| -> Result<Vec3, PeopleError> {
            Ok(body.bones[model.bone(&format!("upperleg01.{side}"))?].head)
        };
        let masks = &model.regions.mask_vertices;
        let (mut head_center, mut weight) = (Vec3::ZERO, 0.0);
        for &(vertex, value) in &masks.ears {
            head_center += value * body.posed[vertex as usize];
            weight += value;
        }
        let top = (BodyModel::BODY_VERTICES)
            .max_by(|&a, &b| body.neutral[a].y.total_cmp(&body.neutral[b].y))
            .unwrap_or(0);
        let mut anatomy = Self {
            head_center: head_center / f32::max(weight, 1e-6),
            vertex: body.posed[top],
            chin: body.posed[chin(model)],
            eye_centers: body.eyes.map(|eye| eye.center),
            face_forward: head.rotation * Vec3::Z,
            face_up: head.rotation * Vec3::Y,
            chest_forward: chest.rotation * Vec3::Z,
            hip_center: 0.5 * (hip("L")? + hip("R")?),
            bounds: [Vec3::MAX, Vec3::MIN],
        };
        anatomy.include(&body.posed[BodyModel::BODY_VERTICES]);
        Ok(anatomy)
    }

    /// Widens the bounds to hold these points.
    pub fn include(&mut self, points: &[Vec3]) {
        let [low, high] = &mut self.bounds;
        for &p in points {
            *low = low.min(p);
            *high = high.max(p);
        }
    }
}

/// The vertex of the template that lies furthest forward and down in the middle of the chin.
fn chin(model: &BodyModel) -> usize {
    let lips = &model.regions.mask_vertices.lips;
    let mouth_y = lips
        .iter()
        .map(|&(vertex, _)| model.template[vertex as usize].y)
        .fold(f32::MAX, f32::min);
    let below = |v: &usize| {
        let p = model.template[*v];
        p.x.abs() < 0.005 && p.y < mouth_y && mouth_y - 0.06 < p.y && 0.08 < p.z
    };
    let reach = |v: &usize| model.template[*v].z - model.template[*v].y;
    BodyModel::BODY_VERTICES
        .filter(below)
        .max_by(|a, b| reach(a).total_cmp(&reach(b)))
        .unwrap_or(0)
}
