//! Parts of a person -> materials of the renderer.

mod worn;

use bottega_people::SurfacePart;
use bottega_render::scene::{Bump, ClothStructure, ColorTexture, Material};
use bottega_schemas::params::{FabricParams, Pattern, SceneParams, Weave};
use bottega_schemas::part::Part;
use glam::Vec3;

/// Diffuse mean free path of skin, in metres: Jensen et al. 2001, "skin1".
const SKIN_MEAN_FREE_PATH_M: Vec3 = Vec3::new(3.67e-3, 1.37e-3, 0.68e-3);

/// Index of refraction of the cornea.
const CORNEA_IOR: f32 = 1.376;

/// Index of refraction of tears and saliva.
const WATER_IOR: f32 = 1.33;

/// Material of one surface of a person or of the surroundings.
pub fn surface_material(surface: &SurfacePart, params: &SceneParams) -> Material {
    match surface.part {
        // The lining of the sockets is hardly seen, and nothing scatters below it.
        Part::Skin if surface.variant == "socket" => Material::Skin {
            color: ColorTexture::Vertex,
            roughness: params.person.skin.roughness,
            mean_free_path_m: Vec3::ZERO,
            bump: None,
        },
        Part::Skin | Part::Mouth => skin(params),
        Part::Eye => glossy(ColorTexture::Vertex, 0.18, CORNEA_IOR),
        Part::Cornea if surface.variant == "tear" => Material::Dielectric {
            ior: WATER_IOR,
            thin: true,
            absorption: Vec3::ZERO,
            roughness: 0.0,
        },
        Part::Cornea => Material::Dielectric {
            ior: CORNEA_IOR,
            thin: false,
            absorption: Vec3::ZERO,
            roughness: 0.0,
        },
        Part::Teeth => wet(0.4),
        Part::Tongue => wet(0.6),
        Part::Top if surface.variant == "button" => {
            let ground = Vec3::from_array(params.garments.top.fabric.color);
            glossy(ColorTexture::Constant(ground * 0.5 + 0.03), 0.35, 1.5)
        }
        Part::Top => cloth(&params.garments.top.fabric),
        Part::Bottom if surface.variant == "lining" => plain_cloth(Vec3::splat(0.02)),
        Part::Bottom => cloth(&params.garments.bottom.fabric),
        Part::Shoe => shoe(surface.variant, params),
        Part::Ground => Material::Backdrop,
        Part::Seat => glossy(
            ColorTexture::Constant(Vec3::new(0.30, 0.20, 0.12)),
            0.5,
            1.5,
        ),
        Part::Glasses | Part::Lens | Part::Headwear | Part::Facewear | Part::Earring => {
            let known = worn::material(surface.part, surface.variant, &params.worn);
            known.unwrap_or_else(|| plain_cloth(Vec3::splat(0.2)))
        }
        Part::Hair | Part::Brow | Part::Lash | Part::Beard | Part::Down => Material::Diffuse {
            color: ColorTexture::Constant(Vec3::splat(0.1)),
        },
    }
}

fn glossy(color: ColorTexture, roughness: f32, ior: f32) -> Material {
    Material::Glossy {
        color,
        roughness,
        ior,
        metallic: 0.0,
        bump: None,
    }
}

/// A surface of the mouth under a film of saliva.
fn wet(roughness: f32) -> Material {
    Material::Lacquer {
        color: ColorTexture::Vertex,
        roughness,
        metallic: 0.0,
        coat_roughness: 0.2,
        coat_ior: WATER_IOR,
        bump: None,
    }
}

fn skin(params: &SceneParams) -> Material {
    Material::Skin {
        color: ColorTexture::Vertex,
        roughness: params.person.skin.roughness,
        mean_free_path_m: SKIN_MEAN_FREE_PATH_M,
        bump: Some(Bump::Pores {
            spacing_m: 0.7e-3,
            depth_m: 0.06e-3,
        }),
    }
}

fn cloth(fabric: &FabricParams) -> Material {
    let a = Vec3::from_array(fabric.color);
    let b = Vec3::from_array(fabric.second_color);
    let color = match fabric.pattern {
        Pattern::Solid => ColorTexture::Constant(a),
        Pattern::Stripes => ColorTexture::Stripes {
            a,
            b,
            axis: Vec3::Y,
            period_m: fabric.period_m,
            duty: 0.6,
        },
        Pattern::Checks => ColorTexture::Checks {
            a,
            b,
            period_m: fabric.period_m,
        },
        Pattern::Mottle => ColorTexture::Mottle {
            a,
            b,
            scale_m: fabric.period_m,
        },
    };
    let (structure, pitch_m, depth_m) = match fabric.weave {
        Weave::Plain => (ClothStructure::Plain, 0.5e-3, 0.06e-3),
        Weave::Jersey => (ClothStructure::Jersey, 0.7e-3, 0.10e-3),
        Weave::Knit => (ClothStructure::Knit, 4.0e-3, 0.7e-3),
        Weave::Denim => (ClothStructure::Twill, 0.7e-3, 0.14e-3),
    };
    Material::Cloth {
        color,
        roughness: 0.8,
        sheen: fabric.sheen,
        bump: Some(Bump::Cloth {
            structure,
            pitch_m,
            depth_m,
            crease_m: 45e-3,
            crease_depth_m: fabric.crease_depth_m,
        }),
    }
}

/// Fine jersey of one colour.
fn plain_cloth(color: Vec3) -> Material {
    Material::Cloth {
        color: ColorTexture::Constant(color),
        roughness: 0.8,
        sheen: 0.1,
        bump: None,
    }
}

fn shoe(variant: &str, params: &SceneParams) -> Material {
    use bottega_schemas::params::ShoeKind;
    let shoes = &params.garments.shoes;
    if variant == "sock" {
        // Light with trainers, dark with leather.
        let albedo = if shoes.kind == ShoeKind::Sneaker {
            0.55
        } else {
            0.03
        };
        return plain_cloth(Vec3::splat(albedo));
    }
    if variant == "sole" {
        return glossy(
            ColorTexture::Constant(Vec3::from_array(shoes.sole_color)),
            0.75,
            1.5,
        );
    }
    let (roughness, cell_m, depth_m) = match shoes.kind {
        ShoeKind::Sneaker => (0.65, 1.2e-3, 0.05e-3),
        ShoeKind::Leather => (0.34, 1.6e-3, 0.08e-3),
        ShoeKind::Boot => (0.48, 2.2e-3, 0.16e-3),
    };
    Material::Glossy {
        color: ColorTexture::Constant(Vec3::from_array(shoes.color)),
        roughness,
        ior: 1.5,
        metallic: 0.0,
        bump: Some(Bump::Grain { cell_m, depth_m }),
    }
}
