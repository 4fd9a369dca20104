//! Draws what the camera wants.

use bottega_schemas::Framing;
use bottega_schemas::params::CameraParams;
use bottega_schemas::scene_spec::{CameraSpec, ViewSpec};

use super::quantiles::Quantiles;

/// Diagonal of 35 mm film, in millimetres.
const FILM_DIAGONAL_MM: f64 = 43.267;

/// How often focal length and share are drawn at most until the distance suits.
const ATTEMPTS: u32 = 16;

/// Draws the camera of one picture of a person of this stature.
pub(super) fn draw(
    spec: &CameraSpec,
    framing: Framing,
    resolution_px: [u32; 2],
    stature_m: f32,
    seated: bool,
    q: Quantiles,
) -> CameraParams {
    let view = spec.of(framing);
    let extent_m = framed_extent_m(framing, f64::from(stature_m), seated);
    let (focal_35mm, subject_share) = draw_lens(view, extent_m, resolution_px, q);
    let thin = q.happens("camera/thin lens", view.thin_lens_share.get());
    let f_number = view.f_number.quantile(q.u("camera/f-number")) as f32;

    let mut offset_y = view.offset_y.quantile(q.u("camera/offset y"));
    if !q.happens("camera/truncated", view.truncation_share.get()) {
        let room = 0.5 * (1.0 - subject_share);
        offset_y = offset_y.clamp(-room, room);
    }
    CameraParams {
        focal_35mm: focal_35mm as f32,
        subject_share: subject_share as f32,
        subject_yaw_rad: view.subject_yaw_deg.quantile(q.u("camera/subject yaw")) as f32,
        pitch_rad: view.pitch_deg.quantile(q.u("camera/pitch")) as f32,
        roll_rad: view.roll_deg.quantile(q.u("camera/roll")) as f32,
        offset: [
            view.offset_x.quantile(q.u("camera/offset x")) as f32,
            offset_y as f32,
        ],
        f_number: thin.then_some(f_number),
        resolution_px,
    }
}

/// Focal length and share of the frame, drawn until the distance that follows from them lies
/// within the limits; the last pair otherwise.
fn draw_lens(view: &ViewSpec, extent_m: f64, resolution_px: [u32; 2], q: Quantiles) -> (f64, f64) {
    let [width_px, height_px] = resolution_px.map(f64::from);
    let diagonal_px = libm::sqrt(width_px * width_px + height_px * height_px);
    let [near_m, far_m] = view.distance_m.map(|d| d.get());
    let mut pair = (0.0, 0.0);
    for attempt in 0..ATTEMPTS {
        let focal_35mm = view.focal_35mm.quantile(q.attempt("camera/focal", attempt));
        let share = view
            .subject_share
            .quantile(q.attempt("camera/share", attempt));
        pair = (focal_35mm, share);
        let focal_px = focal_35mm * diagonal_px / FILM_DIAGONAL_MM;
        let distance_m = focal_px * extent_m / (share * height_px);
        if near_m <= distance_m && distance_m <= far_m {
            break;
        }
    }
    pair
}

/// Height of what is framed, by the proportions of an adult: chin to vertex 0.135 of the stature,
/// crown to hip 0.5, and sitting 0.78.
fn framed_extent_m(framing: Framing, stature_m: f64, seated: bool) -> f64 {
    let share = match (framing, seated) {
        (Framing::Face, _) => 0.135,
        (Framing::UpperBody, _) => 0.5,
        (Framing::FullBody, false) => 1.0,
        (Framing::FullBody, true) => 0.78,
    };
    share * stature_m
}
