//! Hats, helmets, scarves, turbans and headphones: shells over the head and over the hair that
//! they press flat.

mod beanie;
mod cap;
mod hat;
mod helmet;
mod phones;
mod scarf;
mod turban;

use bottega_geometry::{TriMesh, closest_point::ClosestPoint};
use bottega_schemas::{
    params::{GroomParams, HairCut, HairType, HeadwearKind, HeadwearParams},
    part::Part,
};
use glam::{Vec2, Vec3};

use super::{
    fan::Fan,
    head::Head,
    press::{Dome, Press},
};
use crate::{garment::finish::shell_of, groom::HeadSurface, person::SurfacePart};

/// Angle of the rim from the axis of a crown: a right angle, so that rims are flat curves.
const RIM_RAD: f32 = std::f32::consts::FRAC_PI_2;

/// Angle of the last ray of a crown: below the rim rays only know where hair comes out.
const LAST_RAD: f32 = RIM_RAD * 52.0 / 36.0;

/// Rays down to the rim and beyond, and around.
const N_ROWS: usize = 53;
/// Row of the rim.
const RIM_ROW: usize = 36;
/// Rays around.
const N_COLUMNS: usize = 120;

/// Farthest that anything on the head is from its middle, in metres.
const REACH_M: f32 = 0.26;

/// Finished headwear, in head space.
pub(crate) struct Headwear {
    /// What is seen.
    pub(crate) surfaces: Vec<SurfacePart>,
    /// What it does to the hair; `None` hides all scalp hair.
    pub(crate) press: Option<Press>,
}

/// What headwear is worn over.
pub(crate) struct Under<'a> {
    /// The head.
    pub(crate) head: &'a Head,
    /// Hair.
    pub(crate) groom: &'a GroomParams,
    /// Temples of glasses, in head space.
    pub(crate) temples: Option<&'a ClosestPoint>,
    /// Skin of head and trunk.
    pub(crate) surface: &'a HeadSurface,
    /// Outer sides of top and collar, of the world.
    pub(crate) clothes: &'a [ClosestPoint],
    /// Seed of folds.
    pub(crate) seed: u32,
}

/// Builds headwear.
pub(crate) fn build(params: &HeadwearParams, under: &Under<'_>) -> Headwear {
    match params.kind {
        HeadwearKind::Cap => cap::build(params, under),
        HeadwearKind::Beanie => beanie::build(params, under),
        HeadwearKind::BrimmedHat => hat::build(params, under),
        HeadwearKind::CyclingHelmet => helmet::cycling(params, under),
        HeadwearKind::HardHat => helmet::hard_hat(params, under),
        HeadwearKind::Headscarf => scarf::build(params, under),
        HeadwearKind::Turban => turban::build(params, under),
        HeadwearKind::Headphones => phones::build(params, under),
    }
}

/// A piece of headwear.
fn piece(variant: &'static str, mesh: TriMesh) -> SurfacePart {
    SurfacePart {
        part: Part::Headwear,
        variant,
        mesh,
    }
}

/// Thickness of the hair that is pressed flat, in metres.
fn coat_m(groom: &GroomParams) -> f32 {
    let Some(scalp) = &groom.scalp else {
        return 0.0010;
    };
    let by_cut_m: f32 = match scalp.cut {
        HairCut::Buzz => 0.0025,
        HairCut::Crop => 0.0040,
        HairCut::SidePart => 0.0045,
        HairCut::Bob | HairCut::Long | HairCut::Ponytail | HairCut::Bun => 0.0060,
        HairCut::Afro => 0.0100,
    };
    let by_type_m = match scalp.hair_type {
        HairType::T1 | HairType::T2A => 0.0,
        HairType::T2B | HairType::T2C | HairType::T3A => 0.001,
        HairType::T3B | HairType::T3C => 0.002,
        HairType::T4A | HairType::T4B | HairType::T4C => 0.003,
    };
    (by_cut_m + by_type_m).min(0.9 * scalp.length_m.max(0.001))
}

/// A crown: rays over the head whose rim is a flat curve, with the covering drawn tight.
struct Crown {
    dome: Dome,
    fan: Fan,
    /// Least height of the covering along each ray: skin and hair.
    least_m: Vec<f32>,
}

impl Crown {
    /// A crown whose rim runs `front_m` above the brows and `ear_m` above the tops of the ears.
    fn over(under: &Under<'_>, front_m: f32, ear_m: f32) -> Self {
        let head = under.head;
        let [low, high] = head.skull;
        let [left, right] = &head.ears;
        let front = Vec3::new(0.0, head.brow_y + front_m, high.z);
        let ear_y = left.top.y.max(right.top.y) + ear_m;
        let ear = Vec3::new(0.0, ear_y, 0.5 * (left.top.z + right.top.z));
        // The rim neither climbs toward the ears nor falls off steeply behind them.
        let slope = ((front.y - ear.y) / (front.z - ear.z)).clamp(-0.05, 0.42);
        let along = Vec3::new(0.0, slope, 1.0).normalize();
        let up = along.cross(Vec3::X).normalize();
        let middle_z = 0.5 * (low.z + high.z);
        let y = front.y.max(ear_y + slope * (front.z - ear.z)) + slope * (middle_z - front.z);
        let dome = Dome::new(
            Vec3::new(0.0, y, middle_z),
            up,
            LAST_RAD,
            [N_ROWS, N_COLUMNS],
        );
        let mut fan = dome.fan();
        fan.n_worn = RIM_ROW + 1;
        let surfaces: Vec<&ClosestPoint> =
            std::iter::once(&head.skin).chain(under.temples).collect();
        fan.measure(&surfaces, REACH_M);
        let room_m = coat_m(under.groom) + 0.0016;
        let least_m: Vec<f32> = fan.floor_m.iter().map(|floor| floor + room_m).collect();
        fan.height_m.clone_from(&least_m);
        let mut crown = Self { dome, fan, least_m };
        crown.tighten(40);
        crown
    }

    /// Draws the covering tight over the hair.
    fn tighten(&mut self, n_rounds: usize) {
        let least_m = &self.least_m;
        self.fan.tighten(n_rounds, |i| least_m[i], |_| 0.9);
    }

    /// Sets the heights of the covering, never below the hair.
    fn shape(&mut self, height_m: impl Fn(f32, f32, f32) -> f32) {
        for row in 0..=RIM_ROW {
            for column in 0..N_COLUMNS {
                let i = self.fan.at(row, column);
                let theta = self.dome.theta(row);
                let wanted = height_m(self.fan.phi(column), theta, self.fan.height_m[i]);
                self.fan.height_m[i] = wanted.max(self.least_m[i]);
            }
        }
        let top = &mut self.fan.height_m[..N_COLUMNS];
        let mean = top.iter().sum::<f32>() / top.len() as f32;
        top.fill(mean);
    }

    /// The press of the covering as it is drawn tight now.
    fn press(&self) -> Press {
        let covers = |i: usize| i / N_COLUMNS <= RIM_ROW;
        self.dome.press(&self.fan, covers, true)
    }

    /// A brim around the rim, of `n_out` rings: `shape(phi, v)` is its width there and how far it is
    /// raised at the share `v` of it, in metres.
    fn brim(
        &self,
        n_out: usize,
        [raise_m, thickness_m]: [f32; 2],
        shape: impl Fn(f32, f32) -> (f32, f32),
    ) -> TriMesh {
        let (mut points, mut uvs) = (Vec::new(), Vec::new());
        for ring in 0..n_out {
            let v = ring as f32 / (n_out - 1) as f32;
            for column in 0..N_COLUMNS {
                let phi = self.fan.phi(column);
                let (root, outward) = self.rim(phi, 0.0004);
                let (width_m, raised_m) = shape(phi, v);
                points.push(root + outward * (width_m * v) + self.dome.up * raised_m);
                uvs.push(Vec2::new(phi * 0.1, width_m * v));
            }
        }
        let mut triangles = Vec::new();
        for ring in 0..n_out - 1 {
            for column in 0..N_COLUMNS {
                let around = [column, (column + 1) % N_COLUMNS];
                let [a, b] = around.map(|c| (ring * N_COLUMNS + c) as u32);
                let [d, c] = around.map(|c| ((ring + 1) * N_COLUMNS + c) as u32);
                triangles.extend([[a, d, c], [a, c, b]]);
            }
        }
        shell_of(&points, &uvs, &triangles, raise_m, thickness_m)
    }

    /// A point of the rim and the outward direction in the plane of the rim, `out_m` over the
    /// inner side.
    fn rim(&self, phi: f32, out_m: f32) -> (Vec3, Vec3) {
        let at = phi.rem_euclid(std::f32::consts::TAU) / std::f32::consts::TAU * N_COLUMNS as f32;
        let (column, t) = (at as usize, at.fract());
        let height = |c: usize| self.fan.height_m[self.fan.at(RIM_ROW, c)];
        let outward = self.dome.direction(phi, RIM_RAD);
        let height_m = height(column) * (1.0 - t) + height(column + 1) * t;
        (self.dome.origin + outward * (height_m + out_m), outward)
    }
}
