//! Coverage of single layers of the subject (skin, hair, clothes, worn things), seen and whole.

use rayon::prelude::*;

use super::coverage;
use super::gather::RayHit;
use super::survey::Survey;
use super::view::View;
use super::{first_hit, request::LabelRequest};
use crate::accel::Accel;
use crate::scene::Scene;

/// Coverage of one layer, row by row from the top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerPlanes {
    /// Share of the pixel in which the layer is what is seen. Over all layers it sums to alpha,
    /// if each part of the subject is in one layer; where no ray meets the little that is seen,
    /// all are zero.
    pub visible: Vec<f32>,
    /// Share of the pixel that the layer would cover if nothing else were there: what it hides
    /// and what hides it, surroundings too, are taken away. When asked.
    pub whole: Option<Vec<f32>>,
}

/// How many rays of a pixel see each layer.
pub(super) fn count(view: &View<'_>, layers: &[Vec<u8>], hits: &[RayHit]) -> Vec<u16> {
    let parts = |hit: &RayHit| view.label_of(&hit.hit).part;
    (layers.iter())
        .map(|layer| {
            hits.iter()
                .filter(|hit| layer.contains(&parts(hit)))
                .count() as u16
        })
        .collect()
}

/// The planes of all layers, from what the rays of each pixel see. `centers` holds the part at
/// the centre, which stands in where alpha was raised although no ray meets the subject.
pub(super) fn trace(
    survey: &Survey<'_>,
    request: &LabelRequest,
    alpha: &[f32],
    counts: &[(usize, Vec<u16>)],
    centers: &[u8],
) -> Vec<LayerPlanes> {
    (request.layers.iter().enumerate())
        .map(|(idx, layer)| {
            let visible = (counts.par_iter().zip(alpha).zip(centers))
                .map(|(((n_rays, counts), alpha), center)| match n_rays {
                    0 if layer.contains(center) => *alpha,
                    0 => 0.0,
                    n_rays => alpha * f32::from(counts[idx]) / *n_rays as f32,
                })
                .collect();
            LayerPlanes {
                visible,
                whole: (request.whole_layers).then(|| whole(&survey.view, request.rays, layer)),
            }
        })
        .collect()
}

/// Coverage of the parts of a layer in a scene without anything else.
fn whole(view: &View<'_>, n_rays: u32, layer: &[u8]) -> Vec<f32> {
    let is_in = |label: crate::scene::Label| label.subject && layer.contains(&label.part);
    let scene = view.scene;
    let alone = Scene {
        meshes: (scene.meshes.iter())
            .filter(|object| is_in(object.label))
            .cloned()
            .collect(),
        strands: (scene.strands.iter())
            .filter(|object| is_in(object.label))
            .cloned()
            .collect(),
        materials: scene.materials.clone(),
        environment: scene.environment.clone(),
        lights: Vec::new(),
        camera: scene.camera,
    };
    let tolerance_m = Accel::chord_tolerance_m(&alone);
    let accel = Accel::build(&alone, tolerance_m).expect("part of a scene that was built before");
    let view = View {
        scene: &alone,
        accel: &accel,
        mask: view.mask,
    };
    let hits = first_hit::trace(&view);
    let survey = Survey::new(view, &hits);
    coverage::trace(&survey, n_rays)
}
