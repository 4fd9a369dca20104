//! Draws what is worn on the head.

use bottega_schemas::params::{
    EarringParams, FrameKind, FrameMaterial, GlassesParams, GroomParams, HeadwearKind,
    HeadwearParams, LensKind, MaskKind, MaskParams, WornParams,
};
use bottega_schemas::scene_spec::{GarmentSpec, GlassesSpec, HeadwearSpec, ProfileSpec, SrgbHex};

use super::color;
use super::garment::draw_fabric;
use super::quantiles::Quantiles;
use super::traits::Traits;

/// Draws everything on the head of a person with this hair.
pub(super) fn draw(
    profile: &ProfileSpec,
    traits: &Traits,
    groom: &GroomParams,
    q: Quantiles,
) -> WornParams {
    let Some(spec) = &profile.worn else {
        return WornParams::default();
    };
    let headwear = q
        .happens("worn/headwear", spec.headwear.share.get())
        .then(|| headwear(&spec.headwear, &profile.garments, traits, groom, q));
    let mask = q.happens("worn/mask", spec.mask.share.get()).then(|| {
        let kind = *spec.mask.kind.quantile(q.u("worn/mask/kind"));
        let colors = match kind {
            MaskKind::SurgicalMask => &spec.mask.surgical_colors,
            MaskKind::ClothMask => &spec.mask.cloth_colors,
        };
        MaskParams {
            kind,
            color: albedo(*colors.quantile(q.u("worn/mask/color"))),
        }
    });
    let kind = headwear.as_ref().map(|h| h.kind);
    // Nobody sees earrings below a scarf or a cup, and nobody wears them there.
    let ears_free = !matches!(
        kind,
        Some(HeadwearKind::Headscarf | HeadwearKind::Headphones)
    );
    let rings = &spec.earrings;
    let share = rings.share.of(traits.style).get();
    let earrings = (q.happens("worn/earrings", share) && ears_free).then(|| {
        let kind = *rings
            .kind
            .of(traits.style)
            .quantile(q.u("worn/earrings/kind"));
        EarringParams {
            kind,
            size_m: rings.size_mm[&kind].quantile(q.u("worn/earrings/size")) as f32,
            color: albedo(*rings.metal_colors.quantile(q.u("worn/earrings/color"))),
        }
    });
    WornParams {
        glasses: glasses(&spec.glasses, traits, q),
        headwear,
        mask,
        earrings,
    }
}

fn glasses(spec: &GlassesSpec, traits: &Traits, q: Quantiles) -> Option<GlassesParams> {
    let clear_share = spec.wear.at(f64::from(traits.age_years));
    let u = q.u("worn/glasses");
    let is_sun = clear_share <= u;
    if clear_share + spec.sun_share.get() <= u {
        return None;
    }
    let frames = if is_sun { &spec.sun_frame } else { &spec.frame };
    let frame = *frames.of(traits.style).quantile(q.u("worn/glasses/frame"));
    // Some frames are of one kind of material by their nature.
    let material = match frame {
        FrameKind::Aviator | FrameKind::Rimless | FrameKind::Hexagonal => FrameMaterial::Metal,
        FrameKind::Wayfarer | FrameKind::Sport | FrameKind::Browline | FrameKind::Oversized => {
            let drawn = *spec.material.quantile(q.u("worn/glasses/material"));
            if drawn == FrameMaterial::Metal {
                FrameMaterial::Acetate
            } else {
                drawn
            }
        }
        _ => *spec.material.quantile(q.u("worn/glasses/material")),
    };
    let u_color = q.u("worn/glasses/color");
    let (color, second_color) = match material {
        FrameMaterial::Acetate => {
            let color = albedo(*spec.acetate_colors.quantile(u_color));
            (color, color)
        }
        FrameMaterial::Metal => {
            let color = albedo(*spec.metal_colors.quantile(u_color));
            (color, color)
        }
        FrameMaterial::Tortoise => (
            albedo(SrgbHex([0x1c, 0x0f, 0x09])),
            albedo(SrgbHex([0x8a, 0x4e, 0x1f])),
        ),
    };
    let has_power = q.happens("worn/glasses/prescription", spec.prescription_share.get());
    let lens = match (is_sun, has_power) {
        (true, _) => LensKind::Sun,
        (false, true) => LensKind::Prescription,
        (false, false) => LensKind::Plano,
    };
    let power_dpt = match lens {
        LensKind::Prescription => spec.power_dpt.quantile(q.u("worn/glasses/power")) as f32,
        LensKind::Plano | LensKind::Sun => 0.0,
    };
    let transmittance = match lens {
        LensKind::Sun => albedo(*spec.tints.quantile(q.u("worn/glasses/tint"))),
        LensKind::Plano | LensKind::Prescription => [0.99, 0.995, 0.985],
    };
    Some(GlassesParams {
        frame,
        material,
        color,
        second_color,
        size: spec.size.quantile(q.u("worn/glasses/size")) as f32,
        rim: spec.rim.quantile(q.u("worn/glasses/rim")) as f32,
        lens,
        power_dpt,
        transmittance,
    })
}

fn headwear(
    spec: &HeadwearSpec,
    garments: &GarmentSpec,
    traits: &Traits,
    groom: &GroomParams,
    q: Quantiles,
) -> HeadwearParams {
    let drawn = *spec
        .kind
        .of(traits.style)
        .quantile(q.u("worn/headwear/kind"));
    // A scarf that goes below the chin leaves no room for a beard.
    let turban = HeadwearKind::Turban;
    let has_turban = spec.fabrics.contains_key(&turban) && spec.colors.contains_key(&turban);
    let kind = if drawn == HeadwearKind::Headscarf && groom.beard.is_some() && has_turban {
        turban
    } else {
        drawn
    };
    let (fabric, colors) = (&spec.fabrics[&kind], &spec.colors[&kind]);
    HeadwearParams {
        kind,
        fabric: draw_fabric(garments, fabric, colors, "worn/headwear", q),
        depth: spec.depth.quantile(q.u("worn/headwear/depth")) as f32,
        fullness: spec.fullness.quantile(q.u("worn/headwear/fullness")) as f32,
        backward: kind == HeadwearKind::Cap
            && q.happens("worn/headwear/backward", spec.backward_share.get()),
    }
}

/// A named color as a reflectance.
fn albedo(named: SrgbHex) -> [f32; 3] {
    color::as_albedo(color::linear_from_srgb(named))
}
