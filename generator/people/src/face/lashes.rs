//! Eyelashes: tapered strands along the lash strips of the base mesh.
//!
//! The strips are grids from the lid's border (first row) to the tips, skinned and moved by the
//! face units like everything else, so lashes follow a blink.

use bottega_geometry::{StrandSet, math};
use bottega_schemas::Seed;
use glam::Vec3;

use super::lids::{FILM, clearance};
use crate::body::{Body, BodyModel, EyePose};

/// Rows of the upper left strip from root to tip, columns from the outer corner to the inner.
const UPPER: [[u32; 13]; 5] = [
    [
        14749, 14748, 14747, 14746, 14745, 14744, 14742, 14743, 14760, 14761, 14762, 14766, 14763,
    ],
    [
        14786, 14787, 14788, 14789, 14790, 14791, 14795, 14794, 14775, 14774, 14773, 14769, 14772,
    ],
    [
        14797, 14798, 14799, 14800, 14801, 14802, 14804, 14803, 14796, 14764, 14771, 14785, 14750,
    ],
    [
        14847, 14851, 14850, 14845, 14844, 14849, 14848, 14846, 14854, 14843, 14842, 14852, 14853,
    ],
    [
        14810, 14811, 14812, 14813, 14814, 14815, 14817, 14816, 14809, 14806, 14807, 14808, 14805,
    ],
];

/// Rows of the lower left strip.
const LOWER: [[u32; 12]; 5] = [
    [
        14751, 14792, 14752, 14753, 14754, 14755, 14756, 14757, 14758, 14793, 14759, 14765,
    ],
    [
        14784, 14768, 14783, 14782, 14781, 14780, 14779, 14778, 14777, 14767, 14776, 14770,
    ],
    [
        14829, 14819, 14828, 14827, 14826, 14825, 14824, 14823, 14822, 14818, 14821, 14820,
    ],
    [
        14864, 14863, 14862, 14865, 14866, 14859, 14857, 14858, 14856, 14855, 14860, 14861,
    ],
    [
        14841, 14831, 14840, 14839, 14838, 14837, 14836, 14835, 14834, 14830, 14833, 14832,
    ],
];

/// Hairs on an upper and a lower lid.
const N_UPPER: u32 = 150;
const N_LOWER: u32 = 70;
/// Radius at the root, in metres.
const ROOT_RADIUS_M: f32 = 5.5e-5;

/// The lashes of both eyes, palette 0.
pub(crate) fn lashes(model: &BodyModel, body: &Body, seed: Seed) -> StrandSet {
    let mut strands = StrandSet::default();
    let seed = seed.child("lashes");
    for (side, name) in [(0, "left"), (1, "right")] {
        let at = |v: u32| {
            let v = v as usize;
            body.posed[if side == 0 {
                v
            } else {
                usize::from(model.mirror[v])
            }]
        };
        let seed = seed.child(name);
        let mut upper = UPPER.map(|row| row.map(at).to_vec());
        follow_lid(&mut upper, &body.eyes[side]);
        add_row(
            &mut strands,
            &upper,
            &body.eyes[side],
            N_UPPER,
            1.0,
            seed.child("upper"),
        );
        let mut lower = LOWER.map(|row| row.map(at).to_vec());
        follow_lid(&mut lower, &body.eyes[side]);
        add_row(
            &mut strands,
            &lower,
            &body.eyes[side],
            N_LOWER,
            0.75,
            seed.child("lower"),
        );
    }
    strands
}

/// Moves a strip as the lid under it is moved off the eyeball: every column with its root.
fn follow_lid(rows: &mut [Vec<Vec3>; 5], eye: &EyePose) {
    for column in 0..rows[0].len() {
        let shift = clearance(rows[0][column], eye, FILM);
        for row in rows.iter_mut() {
            row[column] += shift;
        }
    }
}

/// Strands along one strip; `rows` go from root to tip.
fn add_row(
    strands: &mut StrandSet,
    rows: &[Vec<Vec3>; 5],
    eye: &EyePose,
    n_hairs: u32,
    length: f32,
    seed: Seed,
) {
    let n_columns = rows[0].len();
    // Hairs stand in small clusters whose tips lean together.
    let n_clusters = n_hairs / 4;
    for hair in 0..n_hairs {
        let u = |k: u64| seed.stream_f32(u64::from(hair) * 8 + k);
        let place = (hair as f32 + 0.2 + 0.6 * u(0)) / n_hairs as f32;
        let cluster = (libm::floorf(place * n_clusters as f32) + 0.5) / n_clusters as f32;
        let grown = length * math::lerp(0.72, 1.0, u(1)) * corner_length(place);
        let lift = 0.0016 * (u(2) - 0.5);
        let mut points = [Vec3::ZERO; 6];
        for (k, point) in points.iter_mut().enumerate() {
            let t = k as f32 / 5.0;
            let lean = math::lerp(place, cluster, 0.55 * t) + 0.012 * (u(3) - 0.5) * t;
            let row = 4.0 * t * grown;
            let column = lean.clamp(0.0, 1.0) * (n_columns - 1) as f32;
            *point = sample(rows, row, column);
            let outward = (*point - eye.center).normalize_or(Vec3::Z);
            *point += outward * (lift * t * t);
            // Clear of the lid, which bulges over the cornea.
            *point += clearance(*point, eye, FILM + 0.12 * t.min(0.7));
        }
        let radii = [1.0, 0.95, 0.82, 0.62, 0.38, 0.12].map(|taper| taper * ROOT_RADIUS_M);
        strands.push(&points, &radii, 0);
    }
}

/// Lashes are shorter toward the inner corner (`place` 1) and a little at the outer one.
fn corner_length(place: f32) -> f32 {
    0.55 + 0.45 * math::smoothstep(1.02, 0.6, place) * math::smoothstep(-0.25, 0.15, place)
}

/// Bilinear sample of the strip.
fn sample(rows: &[Vec<Vec3>; 5], row: f32, column: f32) -> Vec3 {
    let (r, c) = (row.clamp(0.0, 4.0), column.max(0.0));
    let r0 = (r as usize).min(3);
    let c0 = (c as usize).min(rows[0].len() - 2);
    let (fr, fc) = (r - r0 as f32, c - c0 as f32);
    let across = |row: &Vec<Vec3>| row[c0].lerp(row[c0 + 1], fc);
    across(&rows[r0]).lerp(across(&rows[r0 + 1]), fr)
}
