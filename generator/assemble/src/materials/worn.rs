//! Materials of what is worn on the head.

use bottega_geometry::math;
use bottega_render::scene::{Bump, ClothStructure, ColorTexture, Material};
use bottega_schemas::params::{
    FrameMaterial, GlassesParams, HeadwearKind, HeadwearParams, LensKind, MaskKind, WornParams,
};
use bottega_schemas::part::Part;
use glam::Vec3;

use super::{cloth, glossy, plain_cloth};

/// Index of refraction of plastic.
const PLASTIC_IOR: f32 = 1.5;

/// Index of refraction of solid lenses.
const LENS_IOR: f32 = 1.5;

/// Index at which a thin sheet reflects as a lens with an anti-reflection coat does.
const COATED_IOR: f32 = 1.28;

/// Thickness over which a solid lens has its tint, in metres.
const LENS_M: f32 = 0.002;

/// Colour of steel at normal incidence.
const STEEL: Vec3 = Vec3::new(0.56, 0.55, 0.53);

/// Material of a part that is worn on the head; `None` for other parts, or for what nobody wears.
pub(super) fn material(part: Part, variant: &str, worn: &WornParams) -> Option<Material> {
    match part {
        Part::Glasses => Some(frame(variant, worn.glasses.as_ref()?)),
        Part::Lens => Some(lens(worn.glasses.as_ref()?)),
        Part::Headwear => Some(headwear(variant, worn.headwear.as_ref()?)),
        Part::Facewear => {
            let mask = worn.mask.as_ref()?;
            let color = Vec3::from_array(mask.color);
            Some(match (mask.kind, variant) {
                (MaskKind::SurgicalMask, "loop") => plain_cloth(Vec3::splat(0.72)),
                (MaskKind::ClothMask, "loop") => plain_cloth(color * 0.85),
                (kind, _) => sheet(kind, color),
            })
        }
        Part::Earring => {
            let earrings = worn.earrings.as_ref()?;
            Some(match variant {
                // A pearl.
                "stone" => glossy(
                    ColorTexture::Constant(Vec3::new(0.74, 0.70, 0.65)),
                    0.22,
                    1.65,
                ),
                _ => metal(Vec3::from_array(earrings.color), 0.14),
            })
        }
        _ => None,
    }
}

fn metal(color: Vec3, roughness: f32) -> Material {
    Material::Glossy {
        color: ColorTexture::Constant(color),
        roughness,
        ior: PLASTIC_IOR,
        metallic: 1.0,
        bump: None,
    }
}

fn frame(variant: &str, glasses: &GlassesParams) -> Material {
    let color = Vec3::from_array(glasses.color);
    match (variant, glasses.material) {
        ("wire", FrameMaterial::Acetate | FrameMaterial::Tortoise) => metal(STEEL, 0.22),
        ("pad", _) => Material::Dielectric {
            ior: 1.4,
            thin: true,
            absorption: Vec3::splat(0.15),
            roughness: 0.25,
        },
        ("tip", _) => glossy(ColorTexture::Constant(Vec3::splat(0.02)), 0.25, PLASTIC_IOR),
        (_, FrameMaterial::Acetate) => glossy(ColorTexture::Constant(color), 0.16, PLASTIC_IOR),
        (_, FrameMaterial::Tortoise) => {
            let mottle = ColorTexture::Mottle {
                a: color,
                b: Vec3::from_array(glasses.second_color),
                scale_m: 0.011,
            };
            glossy(mottle, 0.14, PLASTIC_IOR)
        }
        (_, FrameMaterial::Metal) => metal(color, 0.24),
    }
}

fn lens(glasses: &GlassesParams) -> Material {
    let passed = Vec3::from_array(glasses.transmittance);
    let depth = passed.to_array().map(|t| -math::ln(t.clamp(0.005, 1.0)));
    let depth = Vec3::from_array(depth);
    let (ior, thin, absorption) = match glasses.lens {
        LensKind::Plano => (COATED_IOR, true, depth),
        LensKind::Sun => (LENS_IOR, true, depth),
        LensKind::Prescription => (LENS_IOR, false, depth / LENS_M),
    };
    Material::Dielectric {
        ior,
        thin,
        absorption,
        roughness: 0.0,
    }
}

fn headwear(variant: &str, headwear: &HeadwearParams) -> Material {
    let color = Vec3::from_array(headwear.fabric.color);
    let is_hard = matches!(
        headwear.kind,
        HeadwearKind::CyclingHelmet | HeadwearKind::HardHat | HeadwearKind::Headphones
    );
    match variant {
        "shell" => {
            let roughness = if headwear.kind == HeadwearKind::Headphones {
                0.38
            } else {
                0.26
            };
            glossy(ColorTexture::Constant(color), roughness, PLASTIC_IOR)
        }
        "liner" => glossy(
            ColorTexture::Constant(Vec3::splat(0.025)),
            0.85,
            PLASTIC_IOR,
        ),
        "strap" => plain_cloth(Vec3::splat(0.03)),
        "metal" => metal(STEEL, 0.3),
        // Cushions of imitation leather.
        "soft" => Material::Glossy {
            color: ColorTexture::Constant(Vec3::splat(0.03)),
            roughness: 0.5,
            ior: PLASTIC_IOR,
            metallic: 0.0,
            bump: Some(Bump::Grain {
                cell_m: 1.1e-3,
                depth_m: 0.05e-3,
            }),
        },
        // The ribbon around a hat.
        "band" => plain_cloth(color * 0.25 + 0.008),
        _ if is_hard => glossy(ColorTexture::Constant(color), 0.3, PLASTIC_IOR),
        _ => cloth(&headwear.fabric),
    }
}

/// The sheet of a mask: fleece, or woven cloth.
fn sheet(kind: MaskKind, color: Vec3) -> Material {
    let (structure, pitch_m, depth_m, crease_depth_m) = match kind {
        MaskKind::SurgicalMask => (ClothStructure::Plain, 0.5e-3, 0.02e-3, 0.25e-3),
        MaskKind::ClothMask => (ClothStructure::Jersey, 0.6e-3, 0.08e-3, 0.5e-3),
    };
    Material::Cloth {
        color: ColorTexture::Constant(color),
        roughness: 0.8,
        sheen: 0.1,
        bump: Some(Bump::Cloth {
            structure,
            pitch_m,
            depth_m,
            crease_m: 30e-3,
            crease_depth_m,
        }),
    }
}
