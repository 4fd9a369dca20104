//! Names of the 52 face units.

/// The 52 face units by their ARKit names, in alphabetical order but for case.
pub const FACE_UNITS: [&str; 52] = [
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
];

/// The units that `name` stands for: itself, or the left and right unit of a pair written without
/// side. Empty when there is no such unit.
pub fn expand(name: &str) -> Vec<&'static str> {
    let is_side = |unit: &str| {
        unit.strip_prefix(name)
            .is_some_and(|rest| rest == "Left" || rest == "Right")
    };
    // `mouth` and `jaw` are no pairs: `mouthLeft` is a shift of the whole mouth.
    let paired = name != "mouth" && name != "jaw";
    FACE_UNITS
        .into_iter()
        .filter(|unit| *unit == name || (paired && is_side(unit)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_expand_and_shifts_do_not() {
        assert_eq!(expand("mouthSmile"), ["mouthSmileLeft", "mouthSmileRight"]);
        assert_eq!(expand("jawOpen"), ["jawOpen"]);
        assert_eq!(expand("jawLeft"), ["jawLeft"]);
        assert!(expand("jaw").is_empty());
        assert!(expand("smile").is_empty());
        assert!(FACE_UNITS.is_sorted());
    }
}
