//! Hair of all kinds: scalp, brows, beard, grown on the posed skin as strands.
//!
//! Roots are points on triangles, spread over the template, so one person has the same roots in
//! every pose and expression. Every strand walks its own path from its root ([`walk`]), bent by
//! the comb of its cut ([`cut`]) and by weight, over the distance field of the posed skin
//! ([`field`]); then locks, curls and frizz are added and what got below the skin is pushed out.
//! Read [`grow`] first, then [`scalp`].

mod beard;
mod brow;
mod clump;
pub mod color;
mod cornrow;
mod curl;
mod cut;
mod field;
mod forehead;
mod hairline;
mod palette;
mod root;
mod scalp;
mod shade;
mod short;
mod style;
mod surface;
#[cfg(test)]
mod tests;
mod tie;
mod walk;

use bottega_schemas::{framing::Framing, params::GroomParams, part::Part, seed::Seed};
use glam::Vec3;

use self::field::SkinField;
pub(crate) use self::shade::ScalpShade;
pub use self::{
    hairline::Hairline,
    surface::{GroomKit, HeadSurface},
};
use crate::person::{StrandPart, SurfacePart};

/// How many strands, of how many points, a picture can show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrandBudget {
    /// Strands on a full scalp.
    pub scalp_strands: usize,
    /// Hairs in one full brow.
    pub brow_strands: usize,
    /// Hairs in a full dense beard.
    pub beard_strands: usize,
    /// Factor on the number of points per strand.
    pub detail: f32,
    /// Most points per strand.
    pub max_points: usize,
    /// Greatest radius of a strand, in metres.
    pub max_radius_m: f32,
}

impl StrandBudget {
    /// The budget for a framing: fewer and thicker strands where the head is small.
    pub fn of(framing: Framing) -> Self {
        match framing {
            Framing::Face => Self {
                scalp_strands: 36_000,
                brow_strands: 700,
                beard_strands: 14_000,
                detail: 1.0,
                max_points: 48,
                max_radius_m: 0.000_25,
            },
            Framing::UpperBody => Self {
                scalp_strands: 18_000,
                brow_strands: 400,
                beard_strands: 8_000,
                detail: 0.75,
                max_points: 36,
                max_radius_m: 0.000_35,
            },
            Framing::FullBody => Self {
                scalp_strands: 9_000,
                brow_strands: 220,
                beard_strands: 4_000,
                detail: 0.55,
                max_points: 26,
                max_radius_m: 0.000_5,
            },
        }
    }
}

/// What grows, and what holds it together.
#[derive(Clone, Debug, Default)]
pub struct Grown {
    /// Hair.
    pub strands: Vec<StrandPart>,
    /// The elastic of a ponytail.
    pub surfaces: Vec<SurfacePart>,
}

/// Whether hair of this groom gets as far as the clothes.
pub fn reaches_clothes(params: &GroomParams) -> bool {
    let scalp = params.scalp.as_ref();
    let beard = params.beard.as_ref();
    scalp.is_some_and(|hair| 0.12 < hair.length_m) || beard.is_some_and(|b| 0.05 < b.length_m)
}

/// Grows all hair of a person on the posed skin.
///
/// `detail_seed` decides on what is no parameter: each root, each strand's whim. The parts are
/// scalp hair, brows and beard, as far as there are any; palette 0 is pigmented, 1 grey,
/// 2 of the second colour.
pub fn grow(
    params: &GroomParams,
    surface: &HeadSurface,
    detail_seed: Seed,
    budget: &StrandBudget,
) -> Grown {
    let normals = surface.vertex_normals();
    let (low, high) = reach(params, surface);
    let ground = Ground {
        surface,
        normals: &normals,
        field: &SkinField::build(surface, low, high),
    };
    grow_on(&ground, params, detail_seed, budget)
}

/// The skin with what was computed about it.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) surface: &'a HeadSurface,
    /// Unit normals of the posed vertices.
    pub(crate) normals: &'a [Vec3],
    pub(crate) field: &'a SkinField,
}

fn grow_on(
    ground: &Ground<'_>,
    params: &GroomParams,
    detail_seed: Seed,
    budget: &StrandBudget,
) -> Grown {
    let seed = detail_seed.child("groom");
    let mut grown = Grown::default();
    let mut add = |part, strands: bottega_geometry::StrandSet| {
        if !strands.is_empty() {
            grown.strands.push(StrandPart { part, strands });
        }
    };
    if let Some(scalp) = &params.scalp {
        let (hair, elastics) = scalp::grow(ground, params, scalp, budget, seed.child("scalp"));
        add(Part::Hair, hair);
        grown
            .surfaces
            .extend(elastics.into_iter().map(|mesh| SurfacePart {
                part: Part::Hair,
                variant: "elastic",
                mesh,
            }));
    }
    add(
        Part::Brow,
        brow::grow(ground, params, budget, seed.child("brow")),
    );
    if let Some(beard) = &params.beard {
        add(
            Part::Beard,
            beard::grow(ground, params, beard, budget, seed.child("beard")),
        );
    }
    grown
}

/// The box in which strands can be.
fn reach(params: &GroomParams, surface: &HeadSurface) -> (Vec3, Vec3) {
    let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    for (v, p) in surface.posed.iter().enumerate() {
        let grows = surface.scalp[v]
            .max(surface.brow[v])
            .max(surface.beard[v])
            .max(surface.ears[v]);
        if 0.0 < grows {
            (low, high) = (low.min(*p), high.max(*p));
        }
    }
    let scalp_m = params.scalp.as_ref().map_or(0.0, |s| s.length_m);
    let beard_m = params.beard.as_ref().map_or(0.0, |b| b.length_m);
    let length_m = scalp_m.max(beard_m).clamp(0.0, 0.8);
    // Only hanging hair gets far; it spreads sideways no more than over the shoulders.
    let aside_m = length_m.min(0.10) + 0.02;
    let aside = Vec3::new(aside_m, length_m.min(0.06) + 0.02, aside_m);
    (low - aside - Vec3::Y * length_m, high + aside)
}
