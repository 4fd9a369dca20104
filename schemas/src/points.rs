//! Points of a person that labels name: joints, face landmarks, and a net over the face.
//!
//! The order of each list is the order in which the columns hold the points. Left and right are
//! the person's own. Vertices are those of the base mesh `hm08` of MakeHuman, which the asset pack
//! holds; a point on a vertex lies on the smooth skin that the picture shows there.

use std::ops::Range;

/// One joint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joint {
    /// Name, unique in the list.
    pub name: &'static str,
    /// The joint that it hangs on, as a number in [`JOINTS`]; `None` for the root.
    pub parent: Option<usize>,
}

const fn joint(name: &'static str, parent: Option<usize>) -> Joint {
    Joint { name, parent }
}

/// The joints: 17 as in COCO, six of the feet as in COCO-WholeBody, the trunk, and 21 for each
/// hand as in COCO-WholeBody, of which the first is the wrist.
pub const JOINTS: [Joint; 75] = [
    joint("nose", Some(29)),
    joint("left_eye", Some(29)),
    joint("right_eye", Some(29)),
    joint("left_ear", Some(29)),
    joint("right_ear", Some(29)),
    joint("left_shoulder", Some(31)),
    joint("right_shoulder", Some(32)),
    joint("left_elbow", Some(5)),
    joint("right_elbow", Some(6)),
    joint("left_wrist", Some(7)),
    joint("right_wrist", Some(8)),
    joint("left_hip", Some(23)),
    joint("right_hip", Some(23)),
    joint("left_knee", Some(11)),
    joint("right_knee", Some(12)),
    joint("left_ankle", Some(13)),
    joint("right_ankle", Some(14)),
    joint("left_big_toe", Some(15)),
    joint("left_small_toe", Some(15)),
    joint("left_heel", Some(15)),
    joint("right_big_toe", Some(16)),
    joint("right_small_toe", Some(16)),
    joint("right_heel", Some(16)),
    joint("pelvis", None),
    joint("spine_1", Some(23)),
    joint("spine_2", Some(24)),
    joint("spine_3", Some(25)),
    joint("spine_4", Some(26)),
    joint("neck", Some(27)),
    joint("head", Some(28)),
    joint("head_top", Some(29)),
    joint("left_clavicle", Some(27)),
    joint("right_clavicle", Some(27)),
    joint("left_hand", Some(9)),
    joint("left_thumb_1", Some(33)),
    joint("left_thumb_2", Some(34)),
    joint("left_thumb_3", Some(35)),
    joint("left_thumb_4", Some(36)),
    joint("left_index_1", Some(33)),
    joint("left_index_2", Some(38)),
    joint("left_index_3", Some(39)),
    joint("left_index_4", Some(40)),
    joint("left_middle_1", Some(33)),
    joint("left_middle_2", Some(42)),
    joint("left_middle_3", Some(43)),
    joint("left_middle_4", Some(44)),
    joint("left_ring_1", Some(33)),
    joint("left_ring_2", Some(46)),
    joint("left_ring_3", Some(47)),
    joint("left_ring_4", Some(48)),
    joint("left_little_1", Some(33)),
    joint("left_little_2", Some(50)),
    joint("left_little_3", Some(51)),
    joint("left_little_4", Some(52)),
    joint("right_hand", Some(10)),
    joint("right_thumb_1", Some(54)),
    joint("right_thumb_2", Some(55)),
    joint("right_thumb_3", Some(56)),
    joint("right_thumb_4", Some(57)),
    joint("right_index_1", Some(54)),
    joint("right_index_2", Some(59)),
    joint("right_index_3", Some(60)),
    joint("right_index_4", Some(61)),
    joint("right_middle_1", Some(54)),
    joint("right_middle_2", Some(63)),
    joint("right_middle_3", Some(64)),
    joint("right_middle_4", Some(65)),
    joint("right_ring_1", Some(54)),
    joint("right_ring_2", Some(67)),
    joint("right_ring_3", Some(68)),
    joint("right_ring_4", Some(69)),
    joint("right_little_1", Some(54)),
    joint("right_little_2", Some(71)),
    joint("right_little_3", Some(72)),
    joint("right_little_4", Some(73)),
];

/// Joints that are the 17 keypoints of COCO, in its order.
pub const COCO_BODY: Range<usize> = 0..17;
/// Joints that are the six keypoints of feet of COCO-WholeBody, in its order.
pub const COCO_FEET: Range<usize> = 17..23;
/// Joints that are the 21 keypoints of the left and of the right hand of COCO-WholeBody.
pub const COCO_HANDS: [Range<usize>; 2] = [33..54, 54..75];

/// Lines between the keypoints of COCO as it draws them; numbers count from 1.
pub const COCO_SKELETON: [[u8; 2]; 19] = [
    [16, 14],
    [14, 12],
    [17, 15],
    [15, 13],
    [12, 13],
    [6, 12],
    [7, 13],
    [6, 7],
    [6, 8],
    [7, 9],
    [8, 10],
    [9, 11],
    [2, 3],
    [1, 2],
    [1, 3],
    [2, 4],
    [3, 5],
    [4, 6],
    [5, 7],
];

/// Number of face landmarks: the 68 of iBUG and both pupils.
pub const N_LANDMARKS: usize = LANDMARK_VERTICES.len() + 2;

/// Vertices of the 68 landmarks of iBUG, in its order: from the person's right ear along the jaw to
/// the left one, then brows, nose, eyes and lips. The two pupils follow them, the right one first;
/// they lie in the middle of the iris and on no vertex of the skin.
pub const LANDMARK_VERTICES: [u16; 68] = [
    5739, 5735, 5097, 912, 894, 892, 891, 914, 5296, 7616, 7593, 7594, 7596, 7614, 11712, 12332,
    12336, 253, 207, 176, 180, 166, 6943, 6956, 6952, 6982, 7022, 132, 131, 201, 5054, 326, 285,
    343, 7054, 7088, 21, 0, 54, 66, 47, 41, 6850, 6838, 6784, 6805, 6825, 6831, 402, 410, 457, 455,
    7216, 7170, 7162, 7166, 7235, 492, 480, 406, 425, 5362, 474, 11964, 7185, 7236, 493, 481,
];

/// Runs of landmarks and what they follow.
pub const LANDMARK_GROUPS: [(&str, Range<usize>); 11] = [
    ("jaw", 0..17),
    ("right_brow", 17..22),
    ("left_brow", 22..27),
    ("nose_bridge", 27..31),
    ("nose_base", 31..36),
    ("right_eye", 36..42),
    ("left_eye", 42..48),
    ("outer_lip", 48..60),
    ("inner_lip", 60..68),
    ("right_pupil", 68..69),
    ("left_pupil", 69..70),
];

/// Vertices of the net over the face, ascending: from the hairline to the jaw, about 6 mm apart,
/// the same on both sides, the landmarks of the skin among them.
pub const FACE_NET: [u16; 501] = [
    0, 21, 41, 47, 54, 66, 75, 77, 87, 90, 108, 114, 117, 119, 128, 131, 132, 142, 143, 156, 159,
    166, 168, 172, 176, 177, 180, 183, 193, 198, 201, 203, 207, 208, 219, 220, 223, 224, 226, 228,
    229, 236, 237, 238, 239, 240, 241, 242, 245, 246, 247, 248, 249, 250, 251, 252, 253, 255, 258,
    259, 263, 264, 265, 268, 270, 271, 272, 273, 274, 280, 285, 292, 307, 326, 343, 376, 393, 400,
    402, 406, 410, 425, 455, 457, 459, 474, 480, 481, 489, 491, 492, 493, 497, 519, 714, 716, 717,
    718, 719, 721, 723, 728, 733, 735, 736, 737, 739, 740, 741, 744, 746, 859, 866, 867, 869, 891,
    892, 893, 894, 895, 898, 900, 901, 908, 910, 911, 912, 913, 914, 915, 918, 919, 922, 973, 976,
    980, 981, 982, 983, 984, 1014, 1015, 3696, 3700, 3743, 3745, 3747, 3748, 3749, 3750, 5049,
    5054, 5058, 5059, 5065, 5075, 5095, 5097, 5099, 5100, 5133, 5134, 5140, 5143, 5145, 5147, 5148,
    5150, 5151, 5152, 5153, 5154, 5157, 5158, 5159, 5164, 5166, 5167, 5170, 5173, 5174, 5176, 5177,
    5179, 5180, 5183, 5186, 5189, 5192, 5194, 5196, 5197, 5200, 5201, 5203, 5204, 5205, 5206, 5208,
    5209, 5210, 5211, 5217, 5219, 5220, 5223, 5224, 5227, 5228, 5229, 5230, 5231, 5232, 5234, 5235,
    5237, 5238, 5240, 5241, 5242, 5243, 5244, 5245, 5246, 5252, 5257, 5260, 5262, 5263, 5286, 5287,
    5289, 5290, 5296, 5297, 5298, 5299, 5300, 5301, 5302, 5304, 5305, 5322, 5323, 5324, 5325, 5326,
    5327, 5328, 5329, 5330, 5331, 5332, 5333, 5336, 5341, 5362, 5394, 5398, 5402, 5735, 5739, 6784,
    6805, 6825, 6831, 6838, 6850, 6859, 6861, 6871, 6874, 6892, 6898, 6901, 6903, 6912, 6920, 6921,
    6934, 6937, 6943, 6945, 6948, 6952, 6953, 6956, 6959, 6969, 6974, 6978, 6982, 6983, 6994, 6997,
    6998, 7000, 7001, 7002, 7008, 7009, 7010, 7011, 7012, 7013, 7015, 7016, 7017, 7018, 7019, 7020,
    7021, 7022, 7024, 7027, 7028, 7032, 7033, 7034, 7037, 7039, 7040, 7041, 7042, 7043, 7049, 7054,
    7060, 7088, 7136, 7153, 7160, 7162, 7166, 7170, 7185, 7216, 7218, 7235, 7236, 7244, 7246, 7266,
    7437, 7439, 7440, 7441, 7442, 7444, 7446, 7450, 7455, 7456, 7457, 7459, 7460, 7461, 7464, 7466,
    7564, 7571, 7572, 7574, 7593, 7594, 7595, 7596, 7597, 7600, 7602, 7603, 7610, 7612, 7613, 7614,
    7615, 7616, 7617, 7620, 7621, 7624, 7669, 7672, 7676, 7677, 7678, 7679, 7707, 10364, 10368,
    10411, 10413, 10415, 10416, 10417, 11667, 11675, 11676, 11681, 11690, 11710, 11712, 11714,
    11715, 11748, 11754, 11757, 11759, 11761, 11762, 11764, 11765, 11766, 11767, 11768, 11771,
    11772, 11773, 11777, 11779, 11780, 11783, 11785, 11786, 11788, 11789, 11791, 11792, 11795,
    11798, 11801, 11805, 11807, 11808, 11811, 11812, 11814, 11815, 11816, 11817, 11819, 11820,
    11821, 11827, 11829, 11830, 11833, 11834, 11836, 11837, 11838, 11839, 11840, 11841, 11843,
    11844, 11846, 11847, 11849, 11850, 11851, 11852, 11853, 11854, 11860, 11865, 11868, 11870,
    11871, 11892, 11893, 11895, 11896, 11902, 11903, 11904, 11905, 11906, 11907, 11909, 11910,
    11926, 11927, 11928, 11929, 11930, 11931, 11932, 11933, 11934, 11935, 11936, 11937, 11940,
    11944, 11964, 11993, 11997, 12001, 12332, 12336,
];

/// Number of the joint called `name`.
pub fn joint_idx(name: &str) -> Option<usize> {
    JOINTS.iter().position(|joint| joint.name == name)
}

/// What a visibility says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Visibility {
    /// The point is not in the picture.
    Outside = 0,
    /// It is in the picture, behind something.
    Hidden = 1,
    /// It is in the picture and in sight.
    Visible = 2,
}

/// Least depth of a point that has a place in the picture, in metres; nearer ones are outside and
/// their pixel position is (0, 0).
pub const NEAREST_M: f32 = 0.01;

/// Where the pinhole with focal lengths `f` and principal point `c`, in pixels, shows a point of
/// camera space; `None` nearer than [`NEAREST_M`] and behind the camera.
pub fn project(point_m: [f32; 3], f: [f64; 2], c: [f64; 2]) -> Option<[f32; 2]> {
    let [x_m, y_m, z_m] = point_m.map(f64::from);
    let depth_m = -z_m;
    (f64::from(NEAREST_M) <= depth_m).then(|| {
        let x_px = c[0] + f[0] * x_m / depth_m;
        let y_px = c[1] - f[1] * y_m / depth_m;
        [x_px as f32, y_px as f32]
    })
}

/// Whether a film position is in a picture of that many pixels each way.
pub fn is_inside([x_px, y_px]: [f32; 2], [width_px, height_px]: [f32; 2]) -> bool {
    (0.0..width_px).contains(&x_px) && (0.0..height_px).contains(&y_px)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn joints_hang_together() {
        let names: BTreeSet<_> = JOINTS.iter().map(|joint| joint.name).collect();
        assert_eq!(names.len(), JOINTS.len());
        for (start, joint) in JOINTS.iter().enumerate() {
            let mut at = start;
            for _ in 0..JOINTS.len() {
                at = JOINTS[at].parent.unwrap_or(at);
            }
            assert_eq!(JOINTS[at].name, "pelvis", "{}", joint.name);
        }
        assert_eq!(joint_idx("left_hand"), Some(COCO_HANDS[0].start));
        assert_eq!(joint_idx("right_little_4"), Some(COCO_HANDS[1].end - 1));
        assert_eq!(joint_idx("tail"), None);
    }

    #[test]
    fn groups_of_landmarks_follow_each_other() {
        let mut end = 0;
        for (_, group) in &LANDMARK_GROUPS {
            assert_eq!(group.start, end);
            end = group.end;
        }
        assert_eq!(end, N_LANDMARKS);
    }

    #[test]
    fn the_net_is_in_order_and_holds_the_landmarks() {
        assert!(FACE_NET.windows(2).all(|pair| pair[0] < pair[1]));
        for vertex in LANDMARK_VERTICES {
            assert!(FACE_NET.binary_search(&vertex).is_ok(), "{vertex}");
        }
    }

    #[test]
    fn a_point_up_and_to_the_right_lies_there_in_the_picture() {
        let px = project([0.1, 0.2, -2.0], [400.0, 400.0], [96.0, 128.0]);
        assert_eq!(px, Some([116.0, 88.0]));
        assert_eq!(project([0.1, 0.2, 1.0], [400.0; 2], [96.0; 2]), None);
        assert!(is_inside([0.0, 255.9], [192.0, 256.0]));
        assert!(!is_inside([192.0, 3.0], [192.0, 256.0]) && !is_inside([f32::NAN, 0.0], [9.0; 2]));
    }
}
