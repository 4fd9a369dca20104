//! What is worn on the head: glasses, headwear, masks, earrings.
//!
//! Everything is measured on the posed skin of the head ([`head`]), built in coordinates of the
//! head, and moved onto it. Coverings press the hair below them flat ([`press`]). Read [`put_on`]
//! first.

mod earring;
mod fan;
mod glasses;
mod head;
mod headwear;
mod mask;
mod press;
mod solid;
#[cfg(test)]
mod tests;

use bottega_geometry::closest_point::ClosestPoint;
use bottega_schemas::{
    params::{GroomParams, HeadwearKind, WornParams},
    part::Part,
    seed::Seed,
};

use self::{
    head::Head,
    headwear::{Headwear, Under},
    press::Press,
};
use crate::{
    body::Body,
    groom::{Grown, HeadSurface},
    person::SurfacePart,
};

/// What is worn on the head of one posed person.
pub(crate) struct Worn {
    /// Surfaces, posed like the body.
    pub(crate) surfaces: Vec<SurfacePart>,
    head: Head,
    hair: Hair,
    beard: Option<Press>,
}

/// What happens to the hair of the scalp.
enum Hair {
    Free,
    Pressed(Press),
    Hidden,
}

/// Puts everything on the head of a posed body. `clothes` are the outer sides of top and collar,
/// of the world; `groom` is the hair that is worn below.
pub(crate) fn put_on(
    params: &WornParams,
    groom: &GroomParams,
    surface: &HeadSurface,
    body: &Body,
    clothes: &[ClosestPoint],
    detail_seed: Seed,
) -> Worn {
    let head = Head::measure(surface, body);
    let mut surfaces = Vec::new();
    let mut beard = None;
    let mut mask_side = None;
    if let Some(mask) = &params.mask {
        let made = mask::build(mask, &head);
        surfaces.extend(made.surfaces);
        beard = Some(made.press);
        mask_side = Some(made.outer);
    }
    let mut temples = None;
    if let Some(glasses) = &params.glasses {
        let made = glasses::build(glasses, &head, mask_side.as_ref());
        surfaces.extend(made.surfaces);
        let bows = &made.temples;
        temples = Some(ClosestPoint::build(&bows.positions, &bows.triangles));
    }
    let mut hair = Hair::Free;
    if let Some(headwear) = &params.headwear {
        let under = Under {
            head: &head,
            groom,
            temples: temples.as_ref(),
            surface,
            clothes,
            seed: (detail_seed.child("worn").0 >> 32) as u32,
        };
        let Headwear {
            surfaces: made,
            press,
        } = headwear::build(headwear, &under);
        surfaces.extend(made);
        hair = press.map_or(Hair::Hidden, Hair::Pressed);
    }
    if let Some(earrings) = &params.earrings {
        surfaces.extend(earring::build(earrings, &head));
    }
    for surface in &mut surfaces {
        head.place(&mut surface.mesh);
    }
    Worn {
        surfaces,
        head,
        hair,
        beard,
    }
}

/// Whether what is worn presses the ears flat and hides them, so that they are not rendered.
pub(crate) fn hides_ears(params: &WornParams) -> bool {
    let kind = params.headwear.as_ref().map(|headwear| headwear.kind);
    kind == Some(HeadwearKind::Headscarf)
}

impl Worn {
    /// Presses what has grown below the coverings, and drops what they hide.
    pub(crate) fn press(&self, grown: &mut Grown) {
        for part in &mut grown.strands {
            let press = match part.part {
                Part::Hair => match &self.hair {
                    Hair::Free => None,
                    Hair::Pressed(press) => Some(press),
                    Hair::Hidden => {
                        part.strands = bottega_geometry::StrandSet::default();
                        None
                    }
                },
                Part::Beard => self.beard.as_ref(),
                _ => None,
            };
            if let Some(press) = press {
                part.strands = press.strands(&self.head, &part.strands);
            }
        }
        grown.strands.retain(|part| !part.strands.is_empty());
        match &self.hair {
            Hair::Free => {}
            Hair::Hidden => grown.surfaces.clear(),
            Hair::Pressed(press) => {
                for p in grown
                    .surfaces
                    .iter_mut()
                    .flat_map(|s| &mut s.mesh.positions)
                {
                    *p = self.head.to_world(press.map(self.head.to_head(*p)));
                }
            }
        }
    }
}
