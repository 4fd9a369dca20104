//! Texels, edges, pyramids and how pictures lie on surfaces.

use glam::{Affine2, Mat2};

use super::*;
use crate::scene::Label;

const BLACK: [u8; 4] = [0, 0, 0, 255];
const WHITE: [u8; 4] = [255, 255, 255, 255];

fn texture(width: u32, texels: Vec<[u8; 4]>, encoding: Encoding) -> ImageTexture {
    let height = texels.len() as u32 / width;
    let image = Image::new(width, height, texels, encoding).expect("as many texels as promised");
    ImageTexture::new(Arc::new(image))
}

/// A hit on a triangle with legs of 1 m and the whole picture on them.
fn hit(uv: Vec2) -> SurfaceHit {
    SurfaceHit {
        position: uv.extend(0.0),
        geometric_normal: Vec3::Z,
        normal: Vec3::Z,
        uv,
        rest: uv.extend(0.0),
        color: Vec3::ONE,
        gloss: 0.0,
        material: 0,
        label: Label {
            part: 1,
            subject: true,
            see_through: false,
        },
        detail: SurfaceDetail::Triangle {
            object: 0,
            edges: [Vec3::X, Vec3::Y],
            rest_edges: [Vec3::X, Vec3::Y],
            uv_edges: [Vec2::X, Vec2::Y],
        },
    }
}

#[test]
fn the_first_row_is_the_top_and_centres_show_their_texels() {
    let red = [255, 0, 0, 255];
    let blue = [0, 0, 255, 64];
    let picture = texture(2, vec![red, WHITE, BLACK, blue], Encoding::Linear);
    let at = |x: f32, y: f32| picture.at(Vec2::new(x, y), 0.0);
    assert_eq!(at(0.25, 0.75), Vec4::new(1.0, 0.0, 0.0, 1.0));
    assert_eq!(at(0.75, 0.75), Vec4::ONE);
    assert_eq!(at(0.25, 0.25), Vec4::new(0.0, 0.0, 0.0, 1.0));
    assert_eq!(at(0.75, 0.25), Vec4::new(0.0, 0.0, 1.0, 64.0 / 255.0));
    // Halfway between the two upper ones.
    assert!((at(0.5, 0.75) - Vec4::new(1.0, 0.5, 0.5, 1.0)).length() < 1e-6);
}

#[test]
fn bytes_of_srgb_are_decoded_before_they_are_mixed() {
    let picture = texture(2, vec![BLACK, WHITE, BLACK, WHITE], Encoding::Srgb);
    let middle = picture.at(Vec2::new(0.5, 0.5), 0.0);
    assert!((middle - Vec4::new(0.5, 0.5, 0.5, 1.0)).length() < 1e-6);
    let grey = texture(1, vec![[188, 188, 188, 128]], Encoding::Srgb);
    let read = grey.at(Vec2::ZERO, 0.0);
    assert!((read.x - 0.502_886).abs() < 1e-4, "{read}");
    assert!((read.w - 128.0 / 255.0).abs() < 1e-6, "opacity is linear");
}

#[test]
fn beyond_the_edges_pictures_repeat_mirror_or_stay() {
    let steps = |wrap: Wrap| {
        let greys = [0, 100, 200, 255].map(|v| [v, v, v, 255]);
        let mut picture = texture(4, greys.to_vec(), Encoding::Linear);
        picture.wrap = [wrap; 2];
        picture.hard_texels = true;
        [-0.875, -0.125, 0.125, 1.125, 1.875, 2.125].map(|x| {
            let read = picture.at(Vec2::new(x, 0.5), 0.0);
            (255.0 * read.x + 0.5) as u32
        })
    };
    assert_eq!(steps(Wrap::Repeat), [0, 255, 0, 0, 255, 0]);
    assert_eq!(steps(Wrap::Mirror), [255, 0, 0, 255, 0, 0]);
    assert_eq!(steps(Wrap::Clamp), [0, 0, 0, 255, 255, 255]);
    // Numbers without end or meaning read some texel.
    let picture = texture(1, vec![WHITE], Encoding::Linear);
    for odd in [f32::INFINITY, f32::NAN, 1e30, -1e30] {
        let _ = picture.at(Vec2::splat(odd), odd);
    }
}

#[test]
fn far_away_a_checkerboard_is_grey_and_near_it_is_sharp() {
    let texels = (0..64 * 64)
        .map(|i| {
            if (i % 64 + i / 64) % 2 == 0 {
                BLACK
            } else {
                WHITE
            }
        })
        .collect();
    let picture = texture(64, texels, Encoding::Srgb);
    let at = |footprint_m: f32| picture.at_hit(&hit(Vec2::new(0.133, 0.407)), footprint_m).x;
    // 4 texels a pixel, then half a texel a pixel at the centre of one.
    assert!((at(4.0 / 64.0) - 0.5).abs() < 5e-3, "{}", at(4.0 / 64.0));
    let sharp = picture
        .at_hit(&hit(Vec2::new(10.5, 20.5) / 64.0), 0.5 / 64.0)
        .x;
    assert_eq!(sharp, 1.0);
    // The whole pyramid takes a third more than the picture.
    let bytes = picture.image.memory_bytes();
    assert!(
        (64 * 64 * 4..64 * 64 * 4 * 3 / 2).contains(&bytes),
        "{bytes}"
    );
}

#[test]
fn pictures_of_odd_sides_have_a_pyramid_and_impossible_ones_none() {
    for (width, height) in [(1, 1), (1, 7), (5, 3), (13, 1)] {
        let texels = vec![[10, 20, 30, 40]; width * height];
        let picture = texture(width as u32, texels, Encoding::Linear);
        for width_texels in [0.0, 1.5, 3.0, 1e9, f32::INFINITY] {
            let read = picture.at(Vec2::new(0.3, 0.9), width_texels) * 255.0;
            assert!((read - Vec4::new(10.0, 20.0, 30.0, 40.0)).length() < 1e-3);
        }
    }
    assert!(Image::new(0, 1, vec![], Encoding::Linear).is_none());
    assert!(Image::new(2, 2, vec![BLACK; 3], Encoding::Linear).is_none());
    assert!(Image::new(1 << 20, 1, vec![BLACK; 1 << 20], Encoding::Linear).is_none());
}

#[test]
fn tangents_follow_the_picture_and_its_turn() {
    let mut picture = texture(1, vec![WHITE], Encoding::Linear);
    let [u, v] = tangents(&picture, &hit(Vec2::ZERO)).expect("the picture is laid out");
    assert!((u - Vec3::X).length() < 1e-6 && (v - Vec3::Y).length() < 1e-6);
    // A quarter turn of the coordinates: growing u of the picture is now along -v of the mesh.
    picture.picture_from_uv = Affine2::from_mat2(Mat2::from_cols(Vec2::NEG_Y, Vec2::X));
    let [u, v] = tangents(&picture, &hit(Vec2::ZERO)).expect("the picture is laid out");
    assert!((u - Vec3::NEG_Y).length() < 1e-6, "{u}");
    assert!((v - Vec3::X).length() < 1e-6, "{v}");
    let mut bare = hit(Vec2::ZERO);
    if let SurfaceDetail::Triangle { uv_edges, .. } = &mut bare.detail {
        *uv_edges = [Vec2::ZERO; 2];
    }
    assert!(tangents(&picture, &bare).is_none());
}
