//! The path of one strand: step by step from the root, bent by comb and weight, kept off the skin.

use bottega_geometry::math;
use glam::Vec3;

use super::field::SkinField;

/// Length of one step, in metres.
const STEP_M: f32 = 0.006;

/// Depth of the zone in which hair feels the coat of hair below it, in metres.
const CONTACT_M: f32 = 0.006;

/// What is asked of one strand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// Root on the skin.
    pub(crate) root: Vec3,
    /// Unit direction in which the strand leaves the skin.
    pub(crate) direction: Vec3,
    /// Length of the strand's axis, in metres.
    pub(crate) length_m: f32,
    /// Height above the skin at which the strand rests on the hair below it, in metres.
    pub(crate) hover_m: f32,
    /// Distance from the root over which it gets there, in metres.
    pub(crate) hover_onset_m: f32,
    /// How much the strand is pressed to that height from above, in `[0, 1]`.
    pub(crate) adhesion: f32,
    /// Least distance from the skin, in metres.
    pub(crate) margin_m: f32,
}

/// What acts on a strand at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pull {
    /// Direction; its length is the strength.
    pub(crate) toward: Vec3,
    /// Distance within which a pull of strength 1 turns a strand, in metres.
    pub(crate) bend_m: f32,
    /// Factor on the height above the skin: hair lies flatter on shoulders than on the head.
    pub(crate) coat: f32,
    /// Factor on the adhesion: hair that hangs is not drawn to the skin.
    pub(crate) press: f32,
}

/// Walks a strand. `pull(position, direction, arc length)` bends it, `correct` may move a point (a guard
/// before the face) and `stop` cuts it off.
pub(crate) fn walk(
    field: &SkinField,
    course: &Course,
    pull: impl Fn(Vec3, Vec3, f32) -> Pull,
    correct: impl Fn(Vec3, f32) -> Vec3,
    stop: impl Fn(Vec3) -> bool,
    path: &mut Vec<Vec3>,
) {
    let n_steps = (course.length_m / STEP_M).ceil().max(4.0) as usize;
    let step_m = course.length_m / n_steps as f32;
    let mut position = course.root;
    let mut direction = course.direction;
    path.clear();
    path.push(position);
    for i in 0..n_steps {
        let s_m = step_m * (i + 1) as f32;
        let (distance_m, outward) = field.sample(position);
        let pull = pull(position, direction, s_m);
        let onset = math::smoothstep(0.0, course.hover_onset_m, s_m);
        let hover_m = course.margin_m + course.hover_m * pull.coat * onset;
        let mut wanted = direction + pull.toward * (step_m / pull.bend_m);

        // In the coat of hair nothing moves further inward; below it, outward.
        // A thick coat is felt from farther off, so that hair settles on it without a kink.
        let rise = (hover_m - distance_m) / CONTACT_M.max(0.8 * hover_m);
        let contact = (1.0 + rise).clamp(0.0, 1.0);
        wanted -= outward * (wanted.dot(outward).min(0.0) * contact);
        wanted += outward
            * (0.35
                * rise.clamp(-1.0, 1.5)
                * if rise < 0.0 {
                    course.adhesion * pull.press
                } else {
                    1.0
                });

        direction = wanted.normalize_or(direction);
        let before = position;
        position += direction * step_m;
        let (distance_m, outward) = field.sample(position);
        if distance_m < course.margin_m {
            position += outward * (course.margin_m - distance_m);
        }
        position = correct(position, s_m);
        // Corrections must not lengthen the strand.
        let moved = (position - before).normalize_or(direction);
        position = before + moved * step_m;
        direction = (0.5 * direction + 0.5 * moved).normalize_or(direction);
        path.push(position);
        if stop(position) {
            break;
        }
    }
}
