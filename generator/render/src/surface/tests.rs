//! Pictures of surfaces with pictures on them, against what they must show.

use std::sync::Arc;

use bottega_geometry::TriMesh;
use glam::{Vec2, Vec3};

use super::*;
use crate::accel::Accel;
use crate::label::render_labels;
use crate::render_rgb;
use crate::scene::{Light, Material, Scene};
use crate::test_support::{environment, object, scene, settings};
use crate::texture::{Encoding, Image};

const SIZE_PX: u32 = 8;

/// A square of 2 m that faces the camera and fills its picture; the texture lies on it once.
fn card() -> TriMesh {
    TriMesh {
        positions: [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
            .map(|[x, y]| Vec3::new(x, y, 0.0))
            .to_vec(),
        uvs: [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
            .map(Vec2::from_array)
            .to_vec(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    }
}

/// A texture of one row.
fn row(texels: &[[u8; 4]], encoding: Encoding) -> ImageTexture {
    let image = Image::new(texels.len() as u32, 1, texels.to_vec(), encoding);
    ImageTexture {
        hard_texels: true,
        ..ImageTexture::new(Arc::new(image.expect("a row is a picture")))
    }
}

/// The card of `surface` in even light of this strength.
fn before(surface: Surface, light: f32) -> Scene {
    let mut scene = scene(environment(|_| Vec3::splat(light)), SIZE_PX, 4.0, 4.0);
    scene.meshes.push(object(card(), 0));
    scene.materials.push(Material::Surface(Box::new(surface)));
    scene
}

/// Mean light of the left and of the right half of the picture.
fn halves(scene: &Scene, spp: u32) -> [Vec3; 2] {
    let accel = Accel::build(scene, 1e-3).expect("the scene is sound");
    let rgb = render_rgb(scene, &accel, &settings(spp));
    [0, SIZE_PX / 2].map(|first| {
        let columns = first..first + SIZE_PX / 2;
        let of_half = |i: &usize| columns.contains(&(*i as u32 % SIZE_PX));
        let sum: Vec3 = (0..rgb.len()).filter(of_half).map(|i| rgb[i]).sum();
        sum / (SIZE_PX * SIZE_PX / 2) as f32
    })
}

/// Black and without reflection.
fn black() -> Surface {
    Surface {
        color: ColorTexture::Constant(Vec3::ZERO),
        ior: 1.0,
        ..Surface::default()
    }
}

/// Diffuse: without a coat.
fn matte(color: ColorTexture) -> Surface {
    Surface {
        color,
        metallic: 0.0,
        ior: 1.0,
        ..Surface::default()
    }
}

#[test]
fn a_picture_shows_its_linear_colours_times_the_tint() {
    let surface = matte(ColorTexture::Image {
        texture: row(&[[188, 0, 255, 255], [255, 255, 255, 255]], Encoding::Srgb),
        tint: Vec3::new(1.0, 0.5, 0.25),
        times_vertex: false,
    });
    let [left, right] = halves(&before(surface, 1.0), 256);
    // White light from everywhere shows a diffuse albedo, but for the light of the coat's rim.
    assert!(
        (left - Vec3::new(0.5, 0.0, 0.25)).abs().max_element() < 0.06,
        "{left}"
    );
    assert!(
        (right - Vec3::new(1.0, 0.5, 0.25)).abs().max_element() < 0.06,
        "{right}"
    );
}

#[test]
fn roughness_and_metal_come_from_their_channels() {
    // Left rough, right smooth; both metal: a small lamp behind the camera glints on the right.
    let surface = Surface {
        color: ColorTexture::Constant(Vec3::ONE),
        roughness: 1.0,
        metallic: 1.0,
        roughness_metallic: Some(row(&[[0, 255, 255, 0], [0, 20, 255, 0]], Encoding::Linear)),
        ..Surface::default()
    };
    let scene = before(surface, 1.0);
    let [left, right] = halves(&scene, 256);
    // Whatever the roughness, white metal in even light loses nothing.
    for half in [left, right] {
        assert!((half - Vec3::ONE).abs().max_element() < 0.02, "{half}");
    }
    let mut scene = scene;
    scene.environment = environment(|d| if 0.5 < d.y { Vec3::ONE } else { Vec3::ZERO });
    let [left, right] = halves(&scene, 256);
    assert!(0.05 < left.x && right.x < 0.01, "{left} and {right}");
}

#[test]
fn a_normal_map_tilts_the_surface_to_the_light() {
    // A sun from the upper right at 45 degrees; the right half is tilted by 30 degrees to +u.
    let tilt = |sin: f32| (127.5 * (sin + 1.0)).round() as u8;
    let flat = [tilt(0.0), tilt(0.0), 255, 255];
    let right = [tilt(0.5), tilt(0.0), tilt(0.866), 255];
    let mut surface = matte(ColorTexture::Constant(Vec3::splat(0.5)));
    surface.bump = Some(Bump::Normals {
        texture: row(&[flat, right], Encoding::Linear),
        strength: 1.0,
    });
    let mut scene = before(surface, 0.0);
    let half = 0.5_f32.sqrt();
    scene.lights.push(Light::Sun {
        direction: Vec3::new(half, 0.0, half),
        radius_rad: 0.005,
        radiance: Vec3::splat(1e4),
    });
    let [flat, tilted] = halves(&scene, 64);
    let ratio = tilted.x / flat.x;
    // The cosine rises from cos 45 to cos 15 degrees.
    assert!((ratio - 1.366).abs() < 0.04, "{ratio}");
}

#[test]
fn holes_show_what_is_behind_them_and_labels_do_not_count_them() {
    let holes = row(&[[0, 0, 0, 0], [0, 0, 0, 255]], Encoding::Srgb);
    for opacity in [
        Opacity::Cutout {
            texture: holes.clone(),
            factor: 1.0,
            cutoff: 0.5,
        },
        Opacity::Veil {
            texture: Some(holes),
            factor: 1.0,
        },
    ] {
        let scene = before(Surface { opacity, ..black() }, 1.0);
        let [left, right] = halves(&scene, 16);
        assert!((left - Vec3::ONE).abs().max_element() < 1e-5, "{left}");
        assert!(right.max_element() < 0.1, "{right}");
        let accel = Accel::build(&scene, 1e-3).expect("the scene is sound");
        let labels = render_labels(&scene, &accel, 64);
        let middle = (SIZE_PX / 2 * SIZE_PX) as usize;
        let [hole, solid] = [1, SIZE_PX as usize - 2].map(|x| middle + x);
        assert_eq!((labels.alpha[hole], labels.alpha[solid]), (0.0, 1.0));
        assert!(labels.depth_m[hole].is_infinite());
        assert!((labels.depth_m[solid] - 4.0).abs() < 1e-5);
    }
}

#[test]
fn a_veil_dims_shadow_rays_as_it_dims_the_view() {
    // A wall seen past a veil of 30 % that stands between it and the sun alone.
    let mut scene = before(matte(ColorTexture::Constant(Vec3::splat(0.5))), 0.0);
    let half = 0.5_f32.sqrt();
    scene.lights.push(Light::Sun {
        direction: Vec3::new(half, 0.0, half),
        radius_rad: 0.005,
        radiance: Vec3::splat(1e4),
    });
    let [open, _] = halves(&scene, 64);
    let mut veil = card();
    for p in &mut veil.positions {
        *p = Vec3::new(p.x * 3.0 + 5.0, p.y * 3.0, 5.0);
    }
    scene.meshes.push(object(veil, 1));
    scene.materials.push(Material::Surface(Box::new(Surface {
        opacity: Opacity::Veil {
            texture: None,
            factor: 0.3,
        },
        ..black()
    })));
    let [dimmed, _] = halves(&scene, 1024);
    let share = dimmed.x / open.x;
    assert!((share - 0.7).abs() < 0.02, "{share}");
}

#[test]
fn what_shines_is_seen_and_lights_others_from_pictures_and_without() {
    let glow = row(&[[255; 4], [0, 0, 0, 255]], Encoding::Srgb);
    let picture = Surface {
        emission: ColorTexture::Image {
            texture: glow,
            tint: Vec3::new(3.0, 2.0, 1.0),
            times_vertex: false,
        },
        ..black()
    };
    let [left, right] = halves(&before(picture.clone(), 0.0), 16);
    assert!(
        (left - Vec3::new(3.0, 2.0, 1.0)).abs().max_element() < 1e-4,
        "{left}"
    );
    assert!(right.max_element() < 1e-4, "{right}");

    // A wall lit by a shining card before it, which turns its back to the camera.
    let lit = |emission: ColorTexture, spp: u32| {
        let mut scene = before(matte(ColorTexture::Constant(Vec3::splat(0.5))), 0.0);
        let mut lamp = card();
        for p in &mut lamp.positions {
            *p = Vec3::new(4.0 - p.x, p.y, 2.0);
        }
        scene.meshes.push(object(lamp, 1));
        scene.materials.push(Material::Surface(Box::new(Surface {
            emission,
            ..black()
        })));
        let [left, right] = halves(&scene, spp);
        left + right
    };
    let even = lit(ColorTexture::Constant(Vec3::ONE), 256);
    let painted = ColorTexture::Image {
        texture: row(&[[255; 4]], Encoding::Srgb),
        tint: Vec3::ONE,
        times_vertex: false,
    };
    // Found by scattered rays alone it is the same light, with more noise.
    let found = lit(painted, 4096);
    assert!(0.01 < even.x, "{even}");
    assert!(
        (found.x / even.x - 1.0).abs() < 0.05,
        "{found} against {even}"
    );
}

#[test]
fn a_clear_coat_of_no_strength_is_none() {
    let bare = Surface {
        color: ColorTexture::Constant(Vec3::splat(0.4)),
        ..Surface::default()
    };
    let coated = |clear_coat: f32| Surface {
        clear_coat,
        clear_coat_roughness: 0.2,
        ..bare.clone()
    };
    let seen = |surface: Surface| halves(&before(surface, 1.0), 512)[0].x;
    let plain = seen(bare.clone());
    assert!((seen(coated(1e-6)) - plain).abs() < 0.01);
    // White light on grey: a coat adds its own reflection to what it takes from below.
    let (half, full) = (seen(coated(0.5)), seen(coated(1.0)));
    assert!(
        plain < half && half < full && full < 1.0,
        "{plain}, {half}, {full}"
    );
}
