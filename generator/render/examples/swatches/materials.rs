//! One ball of every material between two soft boxes.

use bottega_render::RenderError;
use bottega_render::light::exposure_of_grey_card;
use bottega_render::scene::{Bump, ClothStructure, ColorTexture, Material, Scene};
use glam::Vec3;

use super::picture::{Picture, ball, camera, expose, object, studio};

const RADIUS_M: f32 = 0.045;
const PITCH_M: f32 = 0.1;
const COLUMNS: usize = 6;
const PX_PER_BALL: f32 = 170.0;

/// The sheet.
pub(crate) fn sheet(spp: u32) -> Result<Picture, RenderError> {
    let environment = studio();
    let exposure = exposure_of_grey_card(&environment, Vec3::Z).unwrap_or(1.0);
    let materials = materials();
    let rows = materials.len().div_ceil(COLUMNS);
    let meshes = (0..materials.len())
        .map(|i| {
            let center = Vec3::new(
                PITCH_M * ((i % COLUMNS) as f32 - 0.5 * (COLUMNS - 1) as f32),
                PITCH_M * (0.5 * (rows - 1) as f32 - (i / COLUMNS) as f32),
                0.0,
            );
            object(ball(center, RADIUS_M), i as u32)
        })
        .collect();
    let size_px = [COLUMNS as f32 * PX_PER_BALL, rows as f32 * PX_PER_BALL].map(|s| s as u32);
    let scene = Scene {
        meshes,
        strands: Vec::new(),
        materials,
        environment,
        lights: Vec::new(),
        camera: camera(
            Vec3::Z * 1.5,
            Vec3::ZERO,
            size_px,
            PX_PER_BALL / PITCH_M * 1.5,
        ),
    };
    let linear = expose(&scene, exposure, spp)?;
    Ok(Picture::developed(size_px, &linear))
}

fn materials() -> Vec<Material> {
    let plain = |r: f32, g: f32, b: f32| ColorTexture::Constant(Vec3::new(r, g, b));
    let cloth = |color, structure, pitch_m, depth_m, sheen| Material::Cloth {
        color,
        roughness: 0.8,
        sheen,
        bump: Some(Bump::Cloth {
            structure,
            pitch_m,
            depth_m,
            crease_m: 45e-3,
            crease_depth_m: 0.0,
        }),
    };
    let leather = |color, roughness, cell_m| Material::Glossy {
        color,
        roughness,
        ior: 1.5,
        metallic: 0.0,
        bump: Some(Bump::Grain {
            cell_m,
            depth_m: 0.06 * cell_m,
        }),
    };
    let satin = |color| Material::Satin {
        color,
        roughness: 0.42,
        anisotropy: 0.75,
        bump: None,
    };
    let metal = |eta: [f32; 3], k: [f32; 3], roughness, anisotropy| Material::Metal {
        eta: Vec3::from_array(eta),
        k: Vec3::from_array(k),
        roughness,
        anisotropy,
        bump: None,
    };
    let skin = |r, g, b| Material::Skin {
        color: plain(r, g, b),
        roughness: 0.53,
        mean_free_path_m: Vec3::new(3.67e-3, 1.37e-3, 0.68e-3),
        bump: Some(Bump::Pores {
            spacing_m: 0.7e-3,
            depth_m: 0.06e-3,
        }),
    };
    let glossy = |color, roughness, ior| Material::Glossy {
        color,
        roughness,
        ior,
        metallic: 0.0,
        bump: None,
    };
    vec![
        cloth(
            plain(0.55, 0.52, 0.45),
            ClothStructure::Plain,
            1.2e-3,
            0.15e-3,
            0.1,
        ),
        cloth(
            plain(0.05, 0.09, 0.22),
            ClothStructure::Twill,
            1.2e-3,
            0.2e-3,
            0.1,
        ),
        cloth(
            plain(0.45, 0.08, 0.10),
            ClothStructure::Jersey,
            1.0e-3,
            0.15e-3,
            0.2,
        ),
        cloth(
            plain(0.30, 0.42, 0.30),
            ClothStructure::Knit,
            4e-3,
            0.7e-3,
            0.3,
        ),
        cloth(
            plain(0.16, 0.02, 0.10),
            ClothStructure::Plain,
            0.3e-3,
            0.0,
            1.0,
        ),
        satin(plain(0.55, 0.10, 0.14)),
        satin(plain(0.72, 0.66, 0.55)),
        leather(plain(0.02, 0.018, 0.016), 0.38, 2.0e-3),
        leather(plain(0.16, 0.07, 0.03), 0.5, 3.0e-3),
        Material::Lacquer {
            color: plain(0.35, 0.02, 0.02),
            roughness: 0.6,
            metallic: 0.0,
            coat_roughness: 0.06,
            coat_ior: 1.5,
            bump: None,
        },
        metal([0.16, 0.42, 1.45], [3.42, 2.35, 1.88], 0.2, 0.0),
        metal([2.91, 2.65, 2.38], [3.08, 2.92, 2.78], 0.4, 0.8),
        Material::Dielectric {
            ior: 1.5,
            thin: false,
            absorption: Vec3::ZERO,
            roughness: 0.0,
        },
        Material::Dielectric {
            ior: 1.5,
            thin: true,
            absorption: Vec3::ZERO,
            roughness: 0.0,
        },
        skin(0.518, 0.350, 0.266),
        skin(0.370, 0.211, 0.135),
        skin(0.148, 0.076, 0.054),
        glossy(plain(0.72, 0.66, 0.52), 0.28, 1.5),
    ]
}
