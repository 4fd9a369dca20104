//! The scalp under hair: darker by the roots, so that a parting does not gleam.

use bottega_schemas::{
    params::{GroomParams, HairCut},
    seed::Seed,
};
use glam::Vec3;

use super::{color, hairline::Hairline, scalp};

/// Azimuthal roughness of the hair whose colour the roots take.
const BETA_N: f32 = 0.35;
/// Roots show their side, which is darker than hair that hangs.
const ROOT: f32 = 0.45;

/// How hair darkens the skin that it grows from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalpShade {
    hairline: Hairline,
    color: Vec3,
    strength: f32,
}

impl ScalpShade {
    /// The shade of this groom; `None` on a bald head. `detail_seed` is the one of the groom.
    pub(crate) fn of(groom: &GroomParams, detail_seed: Seed) -> Option<Self> {
        let scalp_hair = groom.scalp.as_ref()?;
        let [pigmented, grey, _] = color::absorptions(&groom.color, BETA_N)
            .map(|sigma_a| color::color_of_absorption(sigma_a, BETA_N));
        let color = pigmented.lerp(grey, groom.color.grey_fraction.clamp(0.0, 1.0));
        Some(Self {
            hairline: scalp::hairline(scalp_hair, detail_seed.child("groom").child("scalp")),
            color: color * ROOT,
            strength: match scalp_hair.cut {
                HairCut::Buzz => 0.5,
                HairCut::Crop | HairCut::Afro => 0.65,
                _ => 0.75,
            },
        })
    }

    /// `skin` at a point of the scalp, in template decimetres; `scalp` is 1 inside the scalp.
    pub(crate) fn over(&self, skin: Vec3, scalp: f32, p_dm: Vec3) -> Vec3 {
        let share = self.strength * scalp * self.hairline.density(p_dm);
        // Roots never lighten the skin.
        skin.lerp(self.color.min(skin), share.clamp(0.0, 1.0))
    }
}
