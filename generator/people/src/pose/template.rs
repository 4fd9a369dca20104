//! What poses need to know of the template: which bone hangs on which, and which way the limbs and
//! fingers point at rest.
//!
//! Joints are those of the template (CC0 base mesh), left side, in decimillimetres, body axes;
//! shapes move them, but turn the limbs by a few degrees only. Where it matters, the joints of the
//! body at hand are used instead. The palm is one piece here: fingers hang on the wrist.

use glam::Vec3;

/// Parent and head of the bones that poses name.
const BONES: [(&str, &str, [i16; 3]); 41] = [
    ("pelvis.L", "root", [0, 727, 145]),
    ("upperleg01.L", "pelvis.L", [1104, 486, 123]),
    ("upperleg02.L", "upperleg01.L", [1086, -517, 323]),
    ("lowerleg01.L", "upperleg02.L", [1581, -3695, 320]),
    ("lowerleg02.L", "lowerleg01.L", [1819, -5545, 96]),
    ("foot.L", "lowerleg02.L", [2196, -7448, -9]),
    ("toe1-1.L", "foot.L", [1889, -8004, 1356]),
    ("toe2-1.L", "foot.L", [2134, -8003, 1384]),
    ("toe3-1.L", "foot.L", [2309, -8002, 1353]),
    ("spine05", "root", [0, 727, 145]),
    ("spine04", "spine05", [0, 1187, -96]),
    ("spine03", "spine04", [0, 1867, 149]),
    ("spine02", "spine03", [0, 2797, 259]),
    ("spine01", "spine02", [0, 4329, -71]),
    ("clavicle.L", "spine01", [266, 5191, 694]),
    ("shoulder01.L", "clavicle.L", [1183, 5522, 507]),
    ("upperarm01.L", "shoulder01.L", [1677, 5246, 146]),
    ("upperarm02.L", "upperarm01.L", [2158, 4690, 196]),
    ("lowerarm01.L", "upperarm02.L", [3129, 3493, 132]),
    ("lowerarm02.L", "lowerarm01.L", [3684, 2943, 944]),
    ("wrist.L", "lowerarm02.L", [4312, 2452, 1757]),
    ("finger1-1.L", "wrist.L", [4195, 2306, 2134]),
    ("finger1-2.L", "finger1-1.L", [4095, 2256, 2373]),
    ("finger1-3.L", "finger1-2.L", [3984, 2110, 2682]),
    ("finger2-1.L", "wrist.L", [4496, 2030, 2644]),
    ("finger2-2.L", "finger2-1.L", [4532, 1895, 2854]),
    ("finger2-3.L", "finger2-2.L", [4534, 1745, 3024]),
    ("finger3-1.L", "wrist.L", [4608, 1886, 2479]),
    ("finger3-2.L", "finger3-1.L", [4712, 1672, 2691]),
    ("finger3-3.L", "finger3-2.L", [4747, 1488, 2856]),
    ("finger4-1.L", "wrist.L", [4696, 1825, 2309]),
    ("finger4-2.L", "finger4-1.L", [4811, 1617, 2461]),
    ("finger4-3.L", "finger4-2.L", [4859, 1426, 2592]),
    ("finger5-1.L", "wrist.L", [4745, 1764, 2124]),
    ("finger5-2.L", "finger5-1.L", [4807, 1582, 2221]),
    ("finger5-3.L", "finger5-2.L", [4830, 1455, 2281]),
    ("neck01", "spine01", [0, 5890, 68]),
    ("neck02", "neck01", [2, 6217, 247]),
    ("neck03", "neck02", [2, 6582, 374]),
    ("head", "neck03", [0, 6975, 161]),
    ("root", "", [0, 564, -761]),
];

/// Names of all bones that poses name, both sides.
pub(crate) fn names() -> Vec<String> {
    let mut names = Vec::new();
    for (name, _, _) in BONES {
        names.push(name.to_owned());
        if name.ends_with(".L") {
            names.push(other_side(name));
        }
    }
    names
}

/// The bone of the other side; bones of the middle are their own.
pub(crate) fn other_side(bone: &str) -> String {
    match (bone.strip_suffix(".L"), bone.strip_suffix(".R")) {
        (Some(stem), _) => format!("{stem}.R"),
        (_, Some(stem)) => format!("{stem}.L"),
        _ => bone.to_owned(),
    }
}

/// The entry of `bone` and whether it is a right bone, which is the mirror image of its left one.
fn entry(bone: &str) -> Option<(&'static str, Vec3, bool)> {
    let right = bone.ends_with(".R");
    let name = if right {
        other_side(bone)
    } else {
        bone.to_owned()
    };
    BONES
        .iter()
        .find(|(n, _, _)| *n == name)
        .map(|(_, parent, [x, y, z])| {
            let x = if right { -x } else { *x };
            let head = Vec3::new(f32::from(x), f32::from(*y), f32::from(*z)) * 1e-4;
            (*parent, head, right)
        })
}

/// The parent of `bone`; `None` for the root and for bones that poses do not name.
pub(crate) fn parent(bone: &str) -> Option<String> {
    let (parent, _, right) = entry(bone)?;
    match (parent, right) {
        ("", _) => None,
        (_, true) => Some(other_side(parent)),
        (_, false) => Some(parent.to_owned()),
    }
}

/// Head of `bone` at rest, in metres; the origin for bones that poses do not name.
pub(crate) fn head(bone: &str) -> Vec3 {
    entry(bone).map_or(Vec3::ZERO, |(_, head, _)| head)
}

/// Unit direction from the head of one bone to that of another, at rest.
#[cfg(feature = "fit")]
pub(crate) fn direction(from: &str, to: &str) -> Vec3 {
    (head(to) - head(from)).normalize_or(Vec3::NEG_Y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_bones_mirror_left_ones() {
        assert_eq!(parent("upperarm01.R").as_deref(), Some("shoulder01.R"));
        assert_eq!(parent("pelvis.R").as_deref(), Some("root"));
        assert_eq!(parent("root"), None);
        let (l, r) = (head("wrist.L"), head("wrist.R"));
        assert_eq!(l * Vec3::new(-1.0, 1.0, 1.0), r);
    }
}
