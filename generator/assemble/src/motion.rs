//! How far everything seen moves until another scene of the same things, as a plane.

use std::collections::BTreeMap;

use bottega_format::PlaneValues;
use bottega_render::RenderError;
use bottega_render::accel::Accel;
use bottega_render::label::{LabelRequest, OtherFrame, render_motion};
use bottega_render::scene::Scene;
use bottega_schemas::Plane;

/// The plane of motion from `scene` to `next`: R, G the way on the film in pixels, B the depth
/// there in metres, all zero where nothing is seen or where it is not before the next camera.
/// `request` says what labels do at glass.
///
/// # Errors
/// When both scenes are not made of the same triangles and strands.
pub fn trace(
    scene: &Scene,
    accel: &Accel,
    next: &Scene,
    request: &LabelRequest,
) -> Result<BTreeMap<Plane, PlaneValues>, RenderError> {
    let other = OtherFrame::between(scene, next)?;
    let planes = render_motion(scene, accel, &other, request)?;
    let pixels = planes.motion_px.iter().zip(&planes.depth_there_m);
    let values = pixels.map(|(way_px, &depth_m)| match depth_m.is_finite() {
        true => [way_px.x, way_px.y, depth_m],
        false => [0.0; 3],
    });
    let values = PlaneValues::Vector(values.collect());
    Ok(BTreeMap::from([(Plane::Motion, values)]))
}
