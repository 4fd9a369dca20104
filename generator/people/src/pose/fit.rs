//! Fits the pose prior to motion-capture frames; only the numbers of the fit are kept.
//!
//! Frames come with +Z up and the person facing -Y; a quaternion (x, y, z, w) there is
//! (x, z, -y, w) in body axes. Each group takes the frames that suit it, with their mirror images,
//! weighted by the 0.3rd power of the number of frames that a frame stands for.

use std::{collections::BTreeMap, fmt::Write as _};

use bottega_geometry::rotation;
use glam::{Quat, Vec3};
use serde::Deserialize;

use super::{pca, template};

/// The thanks that the CMU Graphics Lab asks for.
pub const ACKNOWLEDGEMENT: &str = "The data used in this project was obtained from \
    mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217.";

/// Weights and rotation vectors.
type Samples = Vec<(f64, Vec<f64>)>;

/// Frames as they lie in the file.
#[derive(Deserialize)]
struct FrameFile {
    poses: Vec<FrameRecord>,
}

#[derive(Deserialize)]
struct FrameRecord {
    action: String,
    cluster_frames: f64,
    root: [f32; 4],
    rot: BTreeMap<String, [f32; 4]>,
}

/// A frame in body axes.
#[derive(Clone)]
struct Frame {
    action: String,
    weight: f64,
    rotations: BTreeMap<String, Quat>,
}

/// What a frame looks like, for choosing; angles in degrees.
struct Look {
    thigh: [f32; 2],
    knee: [f32; 2],
    sole: [f32; 2],
    upper_arm: [f32; 2],
    elbow: [f32; 2],
    hand_height: [f32; 2],
    trunk: f32,
    pelvis: f32,
}

const LEGS_AND_TRUNK: [&str; 20] = [
    "root",
    "pelvis.L",
    "upperleg01.L",
    "upperleg02.L",
    "lowerleg01.L",
    "foot.L",
    "pelvis.R",
    "upperleg01.R",
    "upperleg02.R",
    "lowerleg01.R",
    "foot.R",
    "spine05",
    "spine04",
    "spine03",
    "spine02",
    "spine01",
    "neck01",
    "neck02",
    "neck03",
    "head",
];
const TRUNK: [&str; 9] = [
    "spine05", "spine04", "spine03", "spine02", "spine01", "neck01", "neck02", "neck03", "head",
];
const LEFT_ARM: [&str; 5] = [
    "upperarm01.L",
    "upperarm02.L",
    "lowerarm01.L",
    "lowerarm02.L",
    "wrist.L",
];
const RIGHT_ARM: [&str; 5] = [
    "upperarm01.R",
    "upperarm02.R",
    "lowerarm01.R",
    "lowerarm02.R",
    "wrist.R",
];

/// Actions whose arms speak or point rather than fight or climb.
const GESTURES: [&str; 7] = [
    "basketball referee signals",
    "bending, lifting arm",
    "directing traffic",
    "salsa dance",
    "walking",
    "washing a window",
    "washing self",
];

/// The committed document, from the text of the frame file.
pub fn fit_pose_prior(frames_json: &str) -> Result<String, serde_json::Error> {
    let file: FrameFile = serde_json::from_str(frames_json)?;
    let frames: Vec<Frame> = file.poses.into_iter().map(Frame::from).collect();
    let looks: Vec<Look> = frames.iter().map(look).collect();
    let chosen = |rule: &dyn Fn(&Frame, &Look) -> bool| -> Vec<&Frame> {
        let pairs = frames.iter().zip(&looks);
        pairs.filter(|(f, l)| rule(f, l)).map(|(f, _)| f).collect()
    };

    let standing = chosen(&|_, l| {
        max(l.thigh) < 24.0 && max(l.knee) < 30.0 && max(l.sole) < 22.0 && l.trunk < 15.0
    });
    let walking = chosen(&|f, l| f.action == "walking" && l.trunk < 12.0);
    let upright = chosen(&|_, l| l.trunk < 18.0 && l.pelvis < 15.0);
    let arms = |rule: &dyn Fn(&Frame, &Look, usize) -> bool| -> Samples {
        let mut samples = Vec::new();
        for (frame, look) in frames.iter().zip(&looks) {
            if rule(frame, look, 0) {
                samples.push((frame.weight, frame.vector(&LEFT_ARM)));
            }
            if rule(frame, look, 1) {
                samples.push((frame.weight, frame.mirrored().vector(&LEFT_ARM)));
            }
        }
        samples
    };
    let hanging = arms(&|f, l, side| {
        l.upper_arm[side] < 22.0
            && l.elbow[side] < 48.0
            && l.trunk < 15.0
            && !f.action.starts_with("running")
    });
    let gesturing = arms(&|f, l, side| {
        GESTURES.contains(&f.action.as_str())
            && l.trunk < 18.0
            && l.upper_arm[side] < 75.0
            && l.hand_height[side] < 0.15
    });

    let walk_bones: Vec<&str> = LEGS_AND_TRUNK
        .into_iter()
        .chain(LEFT_ARM)
        .chain(RIGHT_ARM)
        .collect();
    let groups: [(&str, &[&str], usize, Samples, usize); 5] = [
        ("arm_gesture", &LEFT_ARM, gesturing.len(), gesturing, 6),
        ("arm_hang", &LEFT_ARM, hanging.len(), hanging, 5),
        (
            "stance",
            &LEGS_AND_TRUNK,
            standing.len(),
            both_sides(&standing, &LEGS_AND_TRUNK),
            10,
        ),
        (
            "trunk",
            &TRUNK,
            upright.len(),
            both_sides(&upright, &TRUNK),
            8,
        ),
        (
            "walk",
            &walk_bones,
            walking.len(),
            both_sides(&walking, &walk_bones),
            10,
        ),
    ];
    let mut text = format!(
        "{{\n  \"version\": {},\n  \"acknowledgement\": \"{ACKNOWLEDGEMENT}\",\n  \"groups\": {{\n",
        super::prior::POSE_PRIOR_VERSION
    );
    for (i, (name, bones, n_frames, samples, n_max)) in groups.iter().enumerate() {
        let fit = pca::principal(samples, 0.95, *n_max);
        let quoted: Vec<String> = bones.iter().map(|bone| format!("\"{bone}\"")).collect();
        let rows: Vec<String> = fit.basis.iter().map(|row| numbers(row)).collect();
        let _ = write!(
            text,
            "    \"{name}\": {{\n      \"n_frames\": {n_frames},\n      \"bones\": [{}],\n      \
             \"mean\": {},\n      \"sigma\": {},\n      \"basis\": [\n        {}\n      ]\n    }}{}\n",
            quoted.join(", "),
            numbers(&fit.mean),
            numbers(&fit.sigma),
            rows.join(",\n        "),
            if i + 1 < groups.len() { "," } else { "" },
        );
    }
    text.push_str("  }\n}\n");
    Ok(text)
}

fn both_sides(frames: &[&Frame], bones: &[&str]) -> Samples {
    frames
        .iter()
        .flat_map(|frame| {
            [
                (frame.weight, frame.vector(bones)),
                (frame.weight, frame.mirrored().vector(bones)),
            ]
        })
        .collect()
}

fn numbers(values: &[f64]) -> String {
    let words: Vec<String> = values
        .iter()
        .map(|v| {
            let rounded = (v * 1e5).round() / 1e5;
            // Adding zero turns -0 into 0.
            format!("{:.5}", rounded + 0.0)
        })
        .collect();
    format!("[{}]", words.join(", "))
}

fn max(pair: [f32; 2]) -> f32 {
    pair[0].max(pair[1])
}

impl From<FrameRecord> for Frame {
    fn from(record: FrameRecord) -> Self {
        let body = |[x, y, z, w]: [f32; 4]| Quat::from_xyzw(x, z, -y, w);
        let mut rotations: BTreeMap<String, Quat> = record
            .rot
            .into_iter()
            .map(|(bone, q)| (bone, body(q)))
            .collect();
        rotations.insert("root".to_owned(), body(record.root));
        Self {
            action: record.action,
            weight: libm::pow(record.cluster_frames, 0.3),
            rotations,
        }
    }
}

impl Frame {
    /// The mirror image across the plane x = 0.
    fn mirrored(&self) -> Self {
        let rotations = self.rotations.iter().map(|(bone, q)| {
            let mirror = Quat::from_xyzw(q.x, -q.y, -q.z, q.w);
            (template::other_side(bone), mirror)
        });
        Self {
            rotations: rotations.collect(),
            ..self.clone()
        }
    }

    /// Rotation vectors of `bones` in a row.
    fn vector(&self, bones: &[&str]) -> Vec<f64> {
        bones
            .iter()
            .flat_map(|bone| {
                let q = self.rotations.get(*bone).copied().unwrap_or(Quat::IDENTITY);
                rotation::to_vector(q).to_array().map(f64::from)
            })
            .collect()
    }

    fn global(&self, bone: &str) -> Quat {
        let local = self.rotations.get(bone).copied().unwrap_or(Quat::IDENTITY);
        match template::parent(bone) {
            Some(parent) => self.global(&parent) * local,
            None => local,
        }
    }
}

fn look(frame: &Frame) -> Look {
    let degrees =
        |a: Vec3, b: Vec3| bottega_geometry::math::acos(a.dot(b)) * (180.0 / std::f32::consts::PI);
    let side = |s: &str| {
        let along = |bone: &str, from: &str, to: &str| {
            let rest = template::direction(&format!("{from}{s}"), &format!("{to}{s}"));
            frame.global(&format!("{bone}{s}")) * rest
        };
        let thigh = along("upperleg02", "upperleg01", "lowerleg01");
        let shin = along("lowerleg01", "lowerleg01", "foot");
        let upper_arm = along("upperarm02", "upperarm01", "lowerarm01");
        let forearm = along("lowerarm01", "lowerarm01", "wrist");
        [
            degrees(thigh, Vec3::NEG_Y),
            degrees(thigh, shin),
            degrees(frame.global(&format!("foot{s}")) * Vec3::Y, Vec3::Y),
            degrees(upper_arm, Vec3::NEG_Y),
            degrees(upper_arm, forearm),
            // Height of the wrist over the shoulder in upper arms.
            upper_arm.y + 0.9 * forearm.y,
        ]
    };
    let (left, right) = (side(".L"), side(".R"));
    let both = |i: usize| [left[i], right[i]];
    Look {
        thigh: both(0),
        knee: both(1),
        sole: both(2),
        upper_arm: both(3),
        elbow: both(4),
        hand_height: both(5),
        trunk: degrees(frame.global("spine01") * Vec3::Y, Vec3::Y),
        pelvis: degrees(frame.global("root") * Vec3::Y, Vec3::Y),
    }
}
