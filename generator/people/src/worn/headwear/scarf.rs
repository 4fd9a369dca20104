//! Headscarves: cloth from the brow over hair, ears and neck, laid on the shoulders.
//!
//! The rays start at the crown, go down the head, along the neck, and fan out over the shoulders.
//! The cloth is drawn taut over everything below; the face is cut out of it, and folds are laid
//! along it where it hangs.

use std::f32::consts::{FRAC_PI_2, TAU};

use bottega_geometry::{closest_point::ClosestPoint, math};
use bottega_schemas::params::HeadwearParams;
use glam::{Quat, Vec2, Vec3};
use rayon::prelude::*;

use super::{Headwear, Under, coat_m, piece};
use crate::{
    garment::{
        cloth::vertex_normals,
        finish::{Sheet, thicken},
        noise,
    },
    worn::{
        fan::{Fan, spherical},
        head::{Head, trace},
    },
};

/// Rays around.
const N_AROUND: usize = 160;
/// Rows over the head, along the neck, and over the shoulders.
const ROWS: [usize; 3] = [30, 22, 40];
/// Weight of the ears from which skin belongs to them.
const EAR: f32 = 0.3;
/// Thickness of the cloth, in metres.
const CLOTH_M: f32 = 0.0014;

pub(super) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    let head = under.head;
    let mut fan = rays(head);
    measure(&mut fan, under);
    let opening = Opening::of(params, head);
    let coat = coat_m(under.groom) + 0.0025;
    let long = under.groom.scalp.as_ref().map_or(0.0, |s| s.length_m);
    // Long hair is tied in a knot below the scarf.
    let knot_m = 0.022 * math::smoothstep(0.15, 0.35, long);
    let least_m: Vec<f32> = (0..fan.origins.len())
        .map(|i| {
            let floor = fan.point(i, fan.floor_m[i]);
            if opening.field_m(floor) < -0.018 {
                // Nothing holds the cloth before the face.
                return 0.02;
            }
            let row = i / N_AROUND;
            let over_head = math::smoothstep(30.0, 18.0, row as f32);
            let knot_at = Vec3::new(0.0, 0.0, head.skull[0].z);
            let knot = math::smoothstep(0.075, 0.02, floor.distance(knot_at));
            let ear = &head.ears[usize::from(floor.x < 0.0)];
            let ear_m = 0.007 * math::smoothstep(0.045, 0.008, floor.distance(ear.center));
            fan.floor_m[i] + 0.0022 + coat * over_head + knot_m * knot + ear_m
        })
        .collect();
    fan.height_m.clone_from(&least_m);
    let shoulder = ROWS[0] + ROWS[1];
    fan.tighten(
        160,
        |i| least_m[i],
        |i| {
            let row = (i / N_AROUND) as f32;
            // It clings to the shoulders and hangs from jaw to chest.
            math::lerp(
                0.9,
                0.55,
                math::smoothstep(shoulder as f32 - 4.0, shoulder as f32 + 8.0, row),
            )
        },
    );
    folds(&mut fan, params, under.seed, &least_m, &opening);

    let cloth = fan.cloth(fan.n_rows);
    let field: Vec<f32> = cloth.worn.iter().map(|p| opening.field_m(*p)).collect();
    let cloth = cloth.clip(&field);
    let mut worn = cloth.worn.clone();
    // The hem around the face lies on the skin.
    for p in &mut worn {
        if opening.field_m(*p) < 0.010 {
            *p = head.push_out(*p, 0.0012);
        }
    }
    let normals = vertex_normals(&worn, &cloth.triangles);
    let uvs: Vec<Vec2> = worn.iter().map(|p| Vec2::new(p.x, p.y)).collect();
    let sheet = Sheet {
        points: &worn,
        rest: &cloth.rest,
        uvs: &uvs,
        normals: &normals,
        triangles: &cloth.triangles,
    };
    Headwear {
        surfaces: vec![piece("", thicken(&sheet, CLOTH_M, CLOTH_M))],
        press: None,
    }
}

/// Rays over head, neck and shoulders, in head space.
fn rays(head: &Head) -> Fan {
    let [low, high] = head.skull;
    let middle = Vec3::new(0.0, 0.0, 0.5 * (low.z + high.z) + 0.004);
    let down = head.down();
    let n_rows = ROWS.iter().sum();
    // Below the head the rays turn from the axes of the head to those of gravity.
    let upright = bottega_geometry::rotation::between(Vec3::NEG_Y, down);
    let neck = head.neck;
    Fan::new(n_rows, N_AROUND, true, |row, column| {
        let phi = TAU * column as f32 / N_AROUND as f32;
        if row < ROWS[0] {
            let theta = FRAC_PI_2 * row as f32 / (ROWS[0] - 1) as f32;
            return (middle, spherical(phi, theta));
        }
        let t = (row - ROWS[0] + 1) as f32;
        let (n_neck, n_shoulder) = (ROWS[1] as f32, ROWS[2] as f32);
        let along_neck = (t / n_neck).min(1.0);
        let beyond = ((t - n_neck) / n_shoulder).max(0.0);
        let turn = Quat::IDENTITY.lerp(upright, along_neck);
        // Upward over the shoulders, so that rays meet them squarely.
        let lift = 0.78 * math::smoothstep(0.45, 1.0, along_neck) - 0.30 * beyond;
        let origin = middle.lerp(neck, along_neck)
            + down * (0.085 * math::smoothstep(0.4, 1.0, along_neck) + 0.105 * beyond);
        (origin, turn * spherical(phi, FRAC_PI_2 - lift))
    })
}

/// Measures skin and clothes, which are given in the world.
fn measure(fan: &mut Fan, under: &Under<'_>) {
    let head = under.head;
    // Ears are pressed flat and not seen, so the skin here is the one without them.
    let surface = under.surface;
    let is_ear = |t: &[u32; 3]| t.iter().any(|&v| EAR < surface.ears[v as usize]);
    let triangles: Vec<[u32; 3]> = surface
        .triangles
        .iter()
        .filter(|t| !is_ear(t))
        .copied()
        .collect();
    let skin = ClosestPoint::build(&surface.posed, &triangles);
    let surfaces: Vec<&ClosestPoint> = std::iter::once(&skin).chain(under.clothes).collect();
    let reach_m = 0.30;
    let (origins, directions) = (&fan.origins, &fan.directions);
    fan.floor_m = (0..origins.len())
        .into_par_iter()
        .with_min_len(64)
        .map(|i| {
            let from = head.to_world(origins[i] + directions[i] * reach_m);
            let toward = head.to_world(origins[i]) - from;
            let world = trace(&surfaces, from, toward / reach_m, reach_m);
            let mut floor = world.map_or(0.0, |t| reach_m - t);
            if let Some(temples) = under.temples {
                let start = origins[i] + directions[i] * reach_m;
                let local = trace(&[temples], start, -directions[i], reach_m);
                floor = floor.max(local.map_or(0.0, |t| reach_m - t + 0.0008));
            }
            floor
        })
        .collect();
}

/// Lays folds along the cloth: fine ones over the head, swags around the neck, hanging ones over
/// the shoulders.
fn folds(fan: &mut Fan, params: &HeadwearParams, seed: u32, least_m: &[f32], opening: &Opening) {
    let full = 0.6 + 0.8 * params.fullness;
    for row in 1..fan.n_rows {
        for column in 0..N_AROUND {
            let i = fan.at(row, column);
            let p = fan.point(i, fan.height_m[i]);
            let phi = fan.phi(column);
            let (sin, cos) = math::sin_cos(phi);
            let on_neck = math::smoothstep(ROWS[0] as f32 - 2.0, ROWS[0] as f32 + 8.0, row as f32);
            let on_shoulder = math::smoothstep(
                (ROWS[0] + ROWS[1]) as f32 - 6.0,
                (ROWS[0] + ROWS[1]) as f32 + 10.0,
                row as f32,
            );
            // Swags: rings around the neck that sag in front, of uneven width.
            let sag =
                0.022 * cos + 0.010 * noise::value(Vec3::new(2.0 * sin, 2.0 * cos, 0.0), seed);
            let s = (p.y + sag) / 0.019 + 0.9 * noise::value(p * 22.0, seed.wrapping_add(1));
            let wave = math::sin(TAU * s);
            // Sharp crests, broad valleys.
            let swag = 0.0062 * (0.5 + 0.5 * wave) * (0.5 + 0.5 * wave);
            // Hanging folds: along the cloth, spread over the shoulders.
            let around = Vec3::new(sin, cos, 0.0) * 4.2;
            let hang = 0.0085 * noise::value(around + Vec3::Z * (p.y * 5.0), seed.wrapping_add(2));
            // Over the head: a few long creases from the brow to the back.
            let crease = noise::value(
                Vec3::new(p.x * 9.0, p.y * 46.0 - p.z * 20.0, p.z * 6.0),
                seed.wrapping_add(3),
            );
            // Around the face: layers that follow the hem.
            let from_hem_m = opening.field_m(p).max(0.0);
            let layer = from_hem_m / 0.024 + 0.55 * noise::value(p * 16.0, seed.wrapping_add(4));
            let layer = 0.5 + 0.5 * math::sin(TAU * layer);
            let layer = layer * math::smoothstep(0.085, 0.03, from_hem_m);
            let fold = 0.0014 * crease.max(-0.4) * (1.0 - on_neck)
                + 0.0028 * full * layer * layer * math::smoothstep(0.004, 0.016, from_hem_m)
                + full * swag * on_neck * (1.0 - 0.7 * on_shoulder)
                + full * hang * on_shoulder;
            fan.height_m[i] = (fan.height_m[i] + fold).max(least_m[i]);
        }
    }
}

/// The oval that is cut out for the face.
struct Opening {
    center_y: f32,
    half: Vec2,
    back_z: f32,
}

impl Opening {
    fn of(params: &HeadwearParams, head: &Head) -> Self {
        let top = head.brow_y + math::lerp(0.040, 0.018, params.depth);
        let bottom = head.chin.y - 0.004;
        let skull = 0.5 * (head.skull[1].x - head.skull[0].x);
        Self {
            center_y: 0.5 * (top + bottom),
            half: Vec2::new(0.93 * skull, 0.5 * (top - bottom)),
            back_z: head.ears[0].z_range[1],
        }
    }

    /// Distance outside of the opening, in metres; negative before the face.
    fn field_m(&self, p: Vec3) -> f32 {
        let y = p.y - self.center_y;
        // The oval narrows toward the chin.
        let narrow = 1.0 - 0.30 * math::smoothstep(0.1, -1.0, y / self.half.y);
        let q = Vec2::new(p.x.abs() / (self.half.x * narrow), y.abs() / self.half.y);
        let radius = math::pow(math::pow(q.x, 2.3) + math::pow(q.y, 2.3), 1.0 / 2.3);
        let oval = (radius - 1.0) * self.half.min_element();
        let behind = self.back_z + 0.004 - p.z;
        oval.max(behind)
    }
}
