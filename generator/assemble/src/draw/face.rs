//! Draws the expression and the gaze.

use std::collections::{BTreeMap, BTreeSet};

use bottega_schemas::face_unit::{self, FACE_UNITS};
use bottega_schemas::params::FaceParams;
use bottega_schemas::scene_spec::{ExpressionMode, FaceSpec};

use super::quantiles::Quantiles;

/// Units that never move by chance: the gaze turns the eyes, blinks and the tongue are drawn on
/// their own, and a closed mouth needs an open jaw.
const RESERVED: [&str; 4] = ["eyeLook", "eyeBlink", "tongueOut", "mouthClose"];

/// Weights by unit.
type Units = BTreeMap<&'static str, f64>;

/// Draws the face of one picture.
pub(super) fn draw(spec: &FaceSpec, q: Quantiles) -> FaceParams {
    let mut units = Units::new();
    let expression_id = match spec.mode.quantile(q.u("face/mode")) {
        ExpressionMode::Neutral => "neutral",
        ExpressionMode::Preset => draw_preset(spec, &mut units, q),
        ExpressionMode::Random => {
            draw_random(spec, &mut units, q);
            "random"
        }
    };
    for name in free_units() {
        let noise = spec
            .neutral_noise
            .quantile(q.u(&format!("face/noise/{name}")));
        if noise > 0.0 {
            add(&mut units, name, noise, spec, q);
        }
    }
    if q.happens("face/tongue", spec.tongue_share.get()) {
        units.insert("tongueOut", 0.6 + 0.4 * q.u("face/tongue/weight"));
        let jaw = units.entry("jawOpen").or_insert(0.0);
        *jaw = jaw.max(0.3);
        units.insert("mouthClose", 0.0);
    }
    if q.happens("face/eyes closed", spec.closed_eyes_share.get()) {
        let closure = spec.eye_closure.quantile(q.u("face/eyes closed/weight"));
        add(&mut units, "eyeBlink", closure, spec, q);
    }
    settle(&mut units);
    FaceParams {
        expression_id: expression_id.to_owned(),
        units: units
            .into_iter()
            .filter(|(_, weight)| *weight > 0.0)
            .map(|(unit, weight)| (unit.to_owned(), weight as f32))
            .collect(),
        gaze_yaw_rad: spec.gaze_yaw_deg.quantile(q.u("face/gaze yaw")) as f32,
        gaze_pitch_rad: spec.gaze_pitch_deg.quantile(q.u("face/gaze pitch")) as f32,
        vergence_m: spec.vergence_m.quantile(q.u("face/vergence")) as f32,
        gaze_at_camera: q.happens("face/camera gaze", spec.camera_gaze_share.get()),
    }
}

/// Names of units that may move by chance; a pair is one name without its side.
fn free_units() -> BTreeSet<&'static str> {
    FACE_UNITS
        .into_iter()
        .filter(|unit| !RESERVED.iter().any(|reserved| unit.starts_with(reserved)))
        .map(|unit| {
            let stem = unit
                .strip_suffix("Left")
                .or_else(|| unit.strip_suffix("Right"));
            stem.filter(|stem| !face_unit::expand(stem).is_empty())
                .unwrap_or(unit)
        })
        .collect()
}

/// Adds `weight` to the units that `name` stands for, a little more on one side of a pair.
fn add(units: &mut Units, name: &str, weight: f64, spec: &FaceSpec, q: Quantiles) {
    let sides = face_unit::expand(name);
    let tilt = if sides.len() == 2 {
        spec.asymmetry
            .quantile(q.u(&format!("face/asymmetry/{name}")))
    } else {
        0.0
    };
    for (side, unit) in sides.into_iter().enumerate() {
        // The tilt fades with the weight, so that faint units do not become one-sided.
        let tilted = weight + (if side == 0 { 0.5 } else { -0.5 }) * tilt * (2.0 * weight).min(1.0);
        *units.entry(unit).or_insert(0.0) += tilted.max(0.0);
    }
}

fn draw_preset<'a>(spec: &'a FaceSpec, units: &mut Units, q: Quantiles) -> &'a str {
    let name = spec.preset.quantile(q.u("face/preset"));
    let strength = spec.preset_strength.quantile(q.u("face/preset/strength"));
    let mirrored = q.happens("face/preset/mirrored", 0.5);
    for (unit, [lo, hi]) in &spec.presets[name] {
        let weight = strength * (lo + (hi - lo) * q.u(&format!("face/preset/{unit}")));
        add(
            units,
            &if mirrored { mirror(unit) } else { unit.clone() },
            weight,
            spec,
            q,
        );
    }
    name
}

/// The same unit on the other side.
fn mirror(unit: &str) -> String {
    if let Some(stem) = unit.strip_suffix("Left") {
        format!("{stem}Right")
    } else if let Some(stem) = unit.strip_suffix("Right") {
        format!("{stem}Left")
    } else {
        unit.to_owned()
    }
}

fn draw_random(spec: &FaceSpec, units: &mut Units, q: Quantiles) {
    let count = spec.random_count.quantile(q.u("face/random/count")) as usize;
    let mut order: Vec<(f64, &str)> = free_units()
        .into_iter()
        .map(|name| (q.u(&format!("face/random/pick/{name}")), name))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, name) in order.into_iter().take(count) {
        let weight = spec
            .random_weight
            .quantile(q.u(&format!("face/random/weight/{name}")));
        add(units, name, weight, spec, q);
    }
}

/// Removes what no face can do at once, and keeps every weight in `[0, 1]`.
fn settle(units: &mut Units) {
    for weight in units.values_mut() {
        *weight = weight.clamp(0.0, 1.0);
    }
    for side in ["Left", "Right"] {
        let name = |stem: &str| {
            face_unit::expand(&format!("{stem}{side}"))
                .first()
                .copied()
                .unwrap_or_default()
        };
        limit(units, name("eyeWide"), 0.999 - get(units, name("eyeBlink")));
        // Lids are wide or narrow, corners of the mouth up or down: the stronger wins.
        exclude(units, name("eyeWide"), name("eyeSquint"));
        exclude(units, name("mouthSmile"), name("mouthFrown"));
    }
    exclude(units, "mouthLeft", "mouthRight");
    exclude(units, "jawLeft", "jawRight");

    // Of a funnel, a pucker and a smile at most one is strong.
    let smile = get(units, "mouthSmileLeft").max(get(units, "mouthSmileRight"));
    let shapes = [get(units, "mouthFunnel"), get(units, "mouthPucker"), smile];
    let strongest = (0..3).fold(0, |best, i| if shapes[i] > shapes[best] { i } else { best });
    let members = [
        &["mouthFunnel"][..],
        &["mouthPucker"],
        &["mouthSmileLeft", "mouthSmileRight"],
    ];
    for (i, group) in members.into_iter().enumerate() {
        if i != strongest {
            group.iter().for_each(|unit| limit(units, unit, 0.45));
        }
    }
    // Puffed cheeks need closed lips.
    if get(units, "cheekPuff") > 0.3 {
        limit(units, "jawOpen", 0.05);
        limit(units, "mouthFunnel", 0.2);
    }
    limit(units, "mouthClose", get(units, "jawOpen"));
}

fn get(units: &Units, unit: &str) -> f64 {
    units.get(unit).copied().unwrap_or(0.0)
}

fn limit(units: &mut Units, unit: &str, highest: f64) {
    if let Some(weight) = units.get_mut(unit) {
        *weight = weight.min(highest).max(0.0);
    }
}

/// Keeps the stronger of two units.
fn exclude(units: &mut Units, a: &'static str, b: &'static str) {
    let loser = if get(units, a) < get(units, b) { a } else { b };
    limit(units, loser, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_face_can_do_at_once_is_removed() {
        let mut units = Units::from([
            ("eyeBlinkLeft", 0.8),
            ("eyeWideLeft", 0.7),
            ("mouthClose", 0.5),
            ("jawOpen", 0.2),
            ("mouthFunnel", 0.9),
            ("mouthPucker", 0.8),
            ("mouthSmileLeft", 1.4),
            ("mouthLeft", 0.2),
            ("mouthRight", 0.3),
        ]);
        settle(&mut units);
        assert!((get(&units, "eyeWideLeft") - 0.199).abs() < 1e-12);
        assert_eq!(get(&units, "mouthClose"), 0.2);
        assert_eq!(get(&units, "mouthSmileLeft"), 1.0);
        assert_eq!(get(&units, "mouthFunnel"), 0.45);
        assert_eq!(get(&units, "mouthPucker"), 0.45);
        assert_eq!(
            (get(&units, "mouthLeft"), get(&units, "mouthRight")),
            (0.0, 0.3)
        );
    }

    #[test]
    fn free_units_are_pairs_or_single_units_and_never_the_gaze() {
        let free = free_units();
        assert!(
            free.contains("mouthSmile") && free.contains("mouthLeft") && free.contains("jawOpen")
        );
        assert!(
            free.iter()
                .all(|name| !name.starts_with("eyeLook") && *name != "eyeBlink")
        );
        let covered: usize = free.iter().map(|name| face_unit::expand(name).len()).sum();
        assert_eq!(covered, 52 - 8 - 2 - 2);
    }

    #[test]
    fn mirroring_swaps_sides() {
        assert_eq!(mirror("mouthSmileLeft"), "mouthSmileRight");
        assert_eq!(mirror("jawOpen"), "jawOpen");
    }
}
