//! Exact ground truth: what the planes of a picture say of each pixel.
//!
//! Two families, both from the same trees and the same pinhole as the picture, and independent
//! of its sampling, lens and noise:
//!
//! - **First hit** (depth, range, normal, part, and when asked [`SurfacePlanes`]): the one ray
//!   through the centre of the pixel.
//! - **Coverage** (alpha, and when asked [`CoveragePlanes`] and [`LayerPlanes`]): all of the
//!   pixel's square, from at least 64 rays where anything in it changes.
//!
//! Label rays stop at the first object that is not see-through. If it is the subject, it is
//! counted; if it is not (ground, furniture), it hides what is behind it and counts as nothing.
//! [`GlassLabels::Surface`] makes see-through objects surfaces like others; [`GlassPlanes`] tell
//! of them beside labels that pass.
//!
//! Alpha is exact to 1/64: where meshes alone decide, edges are placed along lines (`area.rs`);
//! where fibres do, four times the rays are traced as soon as the first ones disagree.

mod area;
mod beam;
mod coverage;
mod fibres;
mod first_hit;
mod gather;
mod glass;
mod layers;
mod motion;
mod normals;
mod outline;
mod pattern;
mod proxy;
mod raster;
mod request;
mod sight;
mod statistics;
mod survey;
mod view;

pub use first_hit::SurfacePlanes;
pub use glass::GlassPlanes;
pub use layers::LayerPlanes;
pub use motion::{MotionPlanes, OtherFrame, render_motion};
pub use request::{GlassLabels, HairNormals, LabelRequest};
pub use sight::{SightPoint, in_sight};
pub use statistics::CoveragePlanes;

use glam::Vec3;

use crate::accel::Accel;
use crate::scene::Scene;
use normals::Normals;
use statistics::Statistics;
use survey::Survey;
use view::View;

/// The smallest coverage that survives eight bits.
const SMALLEST_ALPHA: f32 = 1.0 / 255.0;

/// The fewest rays of a pixel in which something may change.
const FEWEST_RAYS: u32 = 64;

/// The label planes of one picture, row by row from the top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelPlanes {
    /// Coverage of the subject in `[0, 1]`; at least 1/255 where the centre ray hits it.
    pub alpha: Vec<f32>,
    /// Distance along the optical axis of the pixel-centre first hit, in metres; `+inf` for none.
    pub depth_m: Vec<f32>,
    /// Distance along the ray of that hit, in metres; `+inf` for none.
    pub range_m: Vec<f32>,
    /// Camera-space unit shading normal of that hit, on the camera's side; zero for none.
    pub normal: Vec<Vec3>,
    /// Part number of that hit; 0 for none.
    pub part: Vec<u8>,
    /// The same normals with the other kind of [`HairNormals`], when asked.
    pub other_normal: Option<Vec<Vec3>>,
    /// The rest of the first-hit family, when asked.
    pub surface: Option<SurfacePlanes>,
    /// The rest of the coverage family, when asked.
    pub coverage: Option<CoveragePlanes>,
    /// The layers that were asked for.
    pub layers: Vec<LayerPlanes>,
    /// The glass, when asked.
    pub glass: Option<GlassPlanes>,
}

/// Traces the label planes that every picture has, with at least `label_rays` rays (at least 64)
/// in pixels in which something changes. The planes are the same for any number of threads.
pub fn render_labels(scene: &Scene, accel: &Accel, label_rays: u32) -> LabelPlanes {
    render_labels_with(scene, accel, &LabelRequest::new(label_rays))
}

/// Traces the planes of a request. What is asked for besides never changes the planes that every
/// picture has.
pub fn render_labels_with(scene: &Scene, accel: &Accel, request: &LabelRequest) -> LabelPlanes {
    let request = LabelRequest {
        rays: request.rays.max(FEWEST_RAYS),
        ..request.clone()
    };
    let view = View {
        scene,
        accel,
        mask: request.mask(),
    };
    let hits = first_hit::trace(&view);
    let survey = Survey::new(view, &hits);
    let normals = Normals::new(scene, request.hair_normals);
    let firsts = first_hit::describe(&view, &normals, &hits);
    let mut planes = planes(firsts, coverage::trace(&survey, request.rays));
    if request.coverage || !request.layers.is_empty() {
        trace_coverage(&survey, &normals, &request, &mut planes);
    }
    if request.surface {
        planes.surface = Some(first_hit::describe_surface(&view, &hits));
    }
    if request.glass_planes {
        planes.glass = Some(glass::trace(&survey, request.rays));
    }
    if request.other_hair_normals {
        let other = match request.hair_normals {
            HairNormals::Fiber => HairNormals::Proxy,
            HairNormals::Proxy => HairNormals::Fiber,
        };
        let firsts = first_hit::describe(&view, &Normals::new(scene, other), &hits);
        planes.other_normal = Some(firsts.iter().map(|hit| hit.normal).collect());
    }
    planes
}

/// The planes that every picture has, with every coverage ray of every pixel traced by itself.
/// Slow; it is what [`render_labels`] must equal.
pub fn render_labels_exhaustively(scene: &Scene, accel: &Accel, label_rays: u32) -> LabelPlanes {
    let request = LabelRequest::new(label_rays.max(FEWEST_RAYS));
    let view = View {
        scene,
        accel,
        mask: request.mask(),
    };
    let hits = first_hit::trace(&view);
    let survey = Survey::new(view, &hits);
    let normals = Normals::new(scene, request.hair_normals);
    let firsts = first_hit::describe(&view, &normals, &hits);
    planes(firsts, coverage::trace_exhaustively(&survey, request.rays))
}

/// Adds what the coverage rays say besides alpha.
fn trace_coverage(
    survey: &Survey<'_>,
    normals: &Normals,
    request: &LabelRequest,
    planes: &mut LabelPlanes,
) {
    let view = &survey.view;
    let pixels = gather::each_pixel(survey, request.rays, |hits| {
        let statistics = request
            .coverage
            .then(|| Statistics::of(view, normals, hits));
        let counts = layers::count(view, &request.layers, hits);
        (statistics, (hits.len(), counts))
    });
    let (statistics, counts): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
    planes.layers = layers::trace(survey, request, &planes.alpha, &counts, &planes.part);
    if request.coverage {
        let statistics: Vec<Statistics> = statistics.into_iter().flatten().collect();
        planes.coverage = Some(CoveragePlanes::of(&statistics));
    }
}

fn planes(hits: Vec<first_hit::FirstHit>, mut alpha: Vec<f32>) -> LabelPlanes {
    // Thin strands are never lost by rounding: where there is depth, there is alpha.
    for (alpha, hit) in alpha.iter_mut().zip(&hits) {
        if hit.is_subject() {
            *alpha = alpha.max(SMALLEST_ALPHA);
        }
    }
    LabelPlanes {
        alpha,
        depth_m: hits.iter().map(|hit| hit.depth_m).collect(),
        range_m: hits.iter().map(|hit| hit.range_m).collect(),
        normal: hits.iter().map(|hit| hit.normal).collect(),
        part: hits.iter().map(|hit| hit.part).collect(),
        other_normal: None,
        surface: None,
        coverage: None,
        layers: Vec::new(),
        glass: None,
    }
}
