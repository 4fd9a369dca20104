//! Relief that moves the shading normal.
//!
//! A height field over rest space is differentiated there, carried to the posed surface by its
//! edges, and tilts the normal by its slope. Relief finer than a pixel fades out: it would only
//! be noise.

use std::f32::consts::{PI, TAU};

use bottega_geometry::math::smoothstep;
use glam::{IVec3, Vec3};

use super::image::{ImageTexture, tangents};
use super::noise::{fractal_noise, hash, noise, unit_vec3};
use crate::fast_math::sin_cos_turns;
use crate::interaction::{SurfaceDetail, SurfaceHit};
use crate::scene::{Bump, ClothStructure};

/// The shading normal of `hit` with the relief of `bump`, of unit length and on the same side of
/// the surface. `footprint_m` is the size of a pixel there.
pub fn bumped_normal(bump: &Bump, hit: &SurfaceHit, footprint_m: f32) -> Vec3 {
    let gradient = match *bump {
        Bump::Normals {
            ref texture,
            strength,
        } => return mapped_normal(texture, strength, hit, footprint_m),
        Bump::Heights {
            ref texture,
            scale_m,
        } => {
            let rises = texture.rises(hit, footprint_m).map(|rise| rise * scale_m);
            return tilted(hit, along_surface(hit, rises));
        }
        Bump::Pores { spacing_m, depth_m } => {
            pores(hit.rest, spacing_m, depth_m * fade(spacing_m, footprint_m))
        }
        Bump::Grain { cell_m, depth_m } => {
            grain(hit.rest, cell_m, depth_m * fade(cell_m, footprint_m))
        }
        Bump::Cloth {
            structure,
            pitch_m,
            depth_m,
            crease_m,
            crease_depth_m,
        } => {
            threads(
                hit,
                structure,
                pitch_m,
                depth_m * fade(pitch_m, footprint_m),
            ) + creases(
                hit.rest,
                crease_m,
                crease_depth_m * fade(crease_m, footprint_m),
            )
        }
    };
    if gradient == Vec3::ZERO {
        return hit.normal;
    }
    tilted(hit, posed_gradient(hit, gradient))
}

/// The shading normal of `hit` tilted by the slope of a relief.
fn tilted(hit: &SurfaceHit, slope: Vec3) -> Vec3 {
    // Slopes beyond 60 degrees are bent back: interpolated relief can fold over.
    let slope = slope * (1.7 / slope.length().max(1.7));
    let normal = (hit.normal - slope).normalize_or(hit.normal);
    if 0.0 < normal.dot(hit.geometric_normal) {
        normal
    } else {
        hit.normal
    }
}

/// The shading normal of `hit` as a normal map turns it.
fn mapped_normal(
    texture: &ImageTexture,
    strength: f32,
    hit: &SurfaceHit,
    footprint_m: f32,
) -> Vec3 {
    let Some([u, v]) = tangents(texture, hit) else {
        return hit.normal;
    };
    let map = texture.at_hit(hit, footprint_m).truncate() * 2.0 - Vec3::ONE;
    let turned = (u * map.x + v * map.y) * strength + hit.normal * map.z;
    let normal = turned.normalize_or(hit.normal);
    // A map can turn a normal below the true surface; there it is not seen.
    if 0.0 < normal.dot(hit.geometric_normal) {
        normal
    } else {
        hit.normal
    }
}

/// Strength of relief with features of size `size_m` seen in pixels of `footprint_m`.
fn fade(size_m: f32, footprint_m: f32) -> f32 {
    smoothstep(0.75, 2.5, size_m / footprint_m.max(1e-9))
}

/// The gradient along the posed surface of a height whose gradient in rest space is `rest`: along
/// each edge of the triangle the height rises as much as along the same edge at rest.
fn posed_gradient(hit: &SurfaceHit, rest: Vec3) -> Vec3 {
    let SurfaceDetail::Triangle { rest_edges, .. } = hit.detail else {
        return Vec3::ZERO;
    };
    along_surface(hit, rest_edges.map(|edge| rest.dot(edge)))
}

/// The gradient along the posed surface of a height that rises so much along each edge of the
/// triangle that was hit.
fn along_surface(hit: &SurfaceHit, [rise_a, rise_b]: [f32; 2]) -> Vec3 {
    let SurfaceDetail::Triangle { edges, .. } = hit.detail else {
        return Vec3::ZERO;
    };
    let [a, b] = edges;
    let (aa, ab, bb) = (a.dot(a), a.dot(b), b.dot(b));
    let determinant = aa * bb - ab * ab;
    if determinant <= 1e-8 * aa * bb {
        return Vec3::ZERO;
    }
    let x = (rise_a * bb - rise_b * ab) / determinant;
    let y = (rise_b * aa - rise_a * ab) / determinant;
    a * x + b * y
}

/// Direction along the posed surface that is level in rest space, so that brushing and threads that
/// run down have no seams; zero where the triangle has no area.
pub(crate) fn across_tangent(hit: &SurfaceHit) -> Vec3 {
    match posed_gradient(hit, Vec3::Y).try_normalize() {
        Some(along) => along.cross(hit.normal),
        None => posed_gradient(hit, Vec3::X),
    }
}

/// The two axes of rest space in which the surface at `hit` lies, the horizontal one first.
pub(super) fn dominant_axes(hit: &SurfaceHit) -> [Vec3; 2] {
    let SurfaceDetail::Triangle {
        rest_edges: [a, b], ..
    } = hit.detail
    else {
        return [Vec3::X, Vec3::Y];
    };
    let normal = a.cross(b).abs();
    if normal.y < normal.z.max(normal.x) {
        if normal.x < normal.z {
            [Vec3::X, Vec3::Y]
        } else {
            [Vec3::Z, Vec3::Y]
        }
    } else {
        [Vec3::X, Vec3::Z]
    }
}

/// Gradient of round pits about random points, and of shallow lines between them.
fn pores(p: Vec3, spacing_m: f32, depth_m: f32) -> Vec3 {
    if depth_m == 0.0 {
        return Vec3::ZERO;
    }
    // Radius of a pit in cells; below one half, so that eight cells hold all pits that reach p.
    const RADIUS: f32 = 0.45;
    let q = p / spacing_m;
    let base = (q - Vec3::splat(0.5)).floor().as_ivec3();
    let mut gradient = Vec3::ZERO;
    for corner in 0..8 {
        let cell = base + IVec3::new(corner & 1, corner >> 1 & 1, corner >> 2 & 1);
        let offset = q - cell.as_vec3() - unit_vec3(hash(cell, 1));
        let t = 1.0 - offset.length_squared() / (RADIUS * RADIUS);
        if 0.0 < t {
            // Height -depth t^2.
            gradient += offset * (4.0 * t * depth_m / (RADIUS * RADIUS * spacing_m));
        }
    }
    let (_, lines) = noise(q * 1.7, 2);
    gradient + lines * (0.25 * depth_m * 1.7 / spacing_m)
}

/// Gradient of the relief of threads over the two axes in which the cloth lies.
fn threads(hit: &SurfaceHit, structure: ClothStructure, pitch_m: f32, depth_m: f32) -> Vec3 {
    if depth_m == 0.0 {
        return Vec3::ZERO;
    }
    let [across, along] = dominant_axes(hit);
    // In pitches.
    let (u, v) = (
        hit.rest.dot(across) / pitch_m,
        hit.rest.dot(along) / pitch_m,
    );
    let turn = depth_m * PI / pitch_m;
    let (by_u, by_v) = match structure {
        ClothStructure::Plain => {
            // Threads go over and under each other like a chequerboard: sin(pi u) sin(pi v).
            let ((sin_u, cos_u), (sin_v, cos_v)) = (sin_cos_turns(0.5 * u), sin_cos_turns(0.5 * v));
            (cos_u * sin_v, sin_u * cos_v)
        }
        ClothStructure::Twill => {
            // Ribs that climb three threads in two, cut across by the weft.
            let (_, rib_cos) = sin_cos_turns((u + v * (2.0 / 3.0)) / 3.0);
            let (_, weft_cos) = sin_cos_turns(v);
            let rib = rib_cos * (2.0 / 3.0);
            (rib, rib * (2.0 / 3.0) + 0.5 * weft_cos)
        }
        ClothStructure::Jersey => {
            // Half-round columns with fine courses: |sin(pi u)| and a ripple along.
            let (sin_u, cos_u) = sin_cos_turns(0.5 * u);
            let (_, ripple) = sin_cos_turns(v);
            (cos_u * 1.0_f32.copysign(sin_u), 0.4 * ripple)
        }
        ClothStructure::Knit => plaited(u, v),
    };
    (across * by_u + along * by_v) * turn
}

/// Gradient over `pi` of columns of plaited stitches, in pitches: in each column two strands lean
/// toward each other, and along each the loops bulge.
fn plaited(u: f32, v: f32) -> (f32, f32) {
    const LEAN: f32 = 0.7;
    let column = u - u.floor();
    let (from_middle, side) = if column < 0.5 {
        (0.5 - column, -1.0)
    } else {
        (column - 0.5, 1.0)
    };
    // Each half is a round strand, deepest at the middle and at the border of the column.
    let (strand_sin, strand_cos) = sin_cos_turns(from_middle);
    // Loops climb outward: their phase runs with the height and with the distance to the middle.
    let (loop_sin, loop_cos) = sin_cos_turns(1.4 * (v - LEAN * from_middle));
    let (bulge, slope) = (0.65 + 0.35 * loop_sin, 0.35 * 2.8 * loop_cos);
    (
        side * (2.0 * strand_cos * bulge - LEAN * strand_sin * slope),
        strand_sin * slope,
    )
}

/// Gradient of rounded cells: the height falls with the square of the distance to the nearest of
/// random points, and in the furrows two cells meet.
fn grain(p: Vec3, cell_m: f32, depth_m: f32) -> Vec3 {
    if depth_m == 0.0 {
        return Vec3::ZERO;
    }
    let q = p / cell_m;
    let base = q.floor().as_ivec3();
    let mut nearest = Vec3::ZERO;
    let mut least = f32::INFINITY;
    for x in -1..=1 {
        for y in -1..=1 {
            for z in -1..=1 {
                let cell = base + IVec3::new(x, y, z);
                let offset = q - cell.as_vec3() - unit_vec3(hash(cell, 5));
                let distance = offset.length_squared();
                if distance < least {
                    (least, nearest) = (distance, offset);
                }
            }
        }
    }
    let (_, fine) = noise(q * 3.0, 6);
    // Height -depth d^2, flat on top of the cell.
    let steep = smoothstep(0.03, 0.35, least);
    -nearest * (2.0 * depth_m * steep / cell_m) + fine * (0.3 * depth_m / cell_m)
}

/// Gradient of soft creases: noise whose valleys are wide and whose ridges are narrow.
fn creases(p: Vec3, crease_m: f32, depth_m: f32) -> Vec3 {
    if depth_m == 0.0 {
        return Vec3::ZERO;
    }
    // Stretched a little along the vertical, as hanging cloth creases.
    let scale = Vec3::new(1.0, 0.6, 1.0) / crease_m;
    let (_, gradient) = fractal_noise(p * scale, 7);
    gradient * scale * (depth_m * (2.0 / TAU))
}

#[cfg(test)]
mod tests {
    use glam::Vec2;

    use super::*;
    use crate::scene::Label;

    fn flat_hit(rest: Vec3) -> SurfaceHit {
        SurfaceHit {
            position: rest,
            geometric_normal: Vec3::Z,
            normal: Vec3::Z,
            uv: Vec2::ZERO,
            rest,
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

    const fn cloth(structure: ClothStructure) -> Bump {
        Bump::Cloth {
            structure,
            pitch_m: 0.001,
            depth_m: 1e-4,
            crease_m: 0.05,
            crease_depth_m: 0.004,
        }
    }

    const BUMPS: [Bump; 6] = [
        Bump::Pores {
            spacing_m: 0.001,
            depth_m: 1e-4,
        },
        cloth(ClothStructure::Plain),
        cloth(ClothStructure::Twill),
        cloth(ClothStructure::Jersey),
        cloth(ClothStructure::Knit),
        Bump::Grain {
            cell_m: 0.001,
            depth_m: 1e-4,
        },
    ];

    #[test]
    fn relief_tilts_the_normal_on_average_by_nothing() {
        for bump in BUMPS {
            let (mut sum, mut moved) = (Vec3::ZERO, 0.0);
            let n = 20_000;
            for i in 0..n {
                let rest = Vec3::new(
                    (i % 141) as f32 * 0.003_713,
                    (i / 141) as f32 * 0.002_917,
                    0.0,
                );
                let normal = bumped_normal(&bump, &flat_hit(rest), 1e-5);
                assert!((normal.length() - 1.0).abs() < 1e-5 && 0.0 < normal.z);
                sum += normal;
                moved += (normal - Vec3::Z).length();
            }
            let mean = sum / n as f32;
            assert!(
                mean.x.abs() < 0.01 && mean.y.abs() < 0.01,
                "{bump:?}: {mean}"
            );
            assert!(0.02 < moved / n as f32, "{bump:?} moves nothing");
        }
    }

    #[test]
    fn what_is_finer_than_a_pixel_is_not_seen() {
        let hit = flat_hit(Vec3::new(0.0123, 0.0456, 0.0));
        assert_eq!(bumped_normal(&BUMPS[0], &hit, 0.002), hit.normal);
        let far = bumped_normal(&BUMPS[1], &hit, 0.002);
        let near = bumped_normal(&BUMPS[1], &hit, 1e-5);
        assert_ne!(far, hit.normal, "creases are larger than a pixel");
        assert_ne!(far, near);
    }

    #[test]
    fn a_height_map_tilts_the_normal_as_the_relief_that_it_shows() {
        use std::sync::Arc;

        use crate::texture::{Encoding, Image, ImageTexture};

        // A ramp of 64 texels from black to white over one unit of u, which spans one metre.
        let texels = (0..64).map(|x| [4 * x as u8, 0, 0, 255]).collect();
        let image = Image::new(64, 1, texels, Encoding::Linear).expect("it has texels");
        let bump = Bump::Heights {
            texture: ImageTexture::new(Arc::new(image)),
            scale_m: 0.2,
        };
        let mut hit = flat_hit(Vec3::ZERO);
        hit.uv = Vec2::new(0.4, 0.3);
        let slope = 0.2 * 4.0 * 64.0 / 255.0;
        let normal = bumped_normal(&bump, &hit, 1e-4);
        let expected = Vec3::new(-slope, 0.0, 1.0).normalize();
        assert!(normal.distance(expected) < 1e-4, "{normal}, {expected}");
        // The same picture over a surface that is stretched to twice its width is half as steep.
        hit.detail = SurfaceDetail::Triangle {
            object: 0,
            edges: [2.0 * Vec3::X, Vec3::Y],
            rest_edges: [Vec3::X, Vec3::Y],
            uv_edges: [Vec2::X, Vec2::Y],
        };
        let normal = bumped_normal(&bump, &hit, 1e-4);
        let expected = Vec3::new(-0.5 * slope, 0.0, 1.0).normalize();
        assert!(normal.distance(expected) < 1e-4, "{normal}, {expected}");
    }

    #[test]
    fn stretched_cloth_has_gentler_slopes() {
        let hit = flat_hit(Vec3::new(0.0123, 0.0456, 0.0));
        let mut stretched = hit;
        stretched.detail = SurfaceDetail::Triangle {
            object: 0,
            edges: [2.0 * Vec3::X, 2.0 * Vec3::Y],
            rest_edges: [Vec3::X, Vec3::Y],
            uv_edges: [Vec2::X, Vec2::Y],
        };
        let tilt = |hit: &SurfaceHit| bumped_normal(&BUMPS[1], hit, 1e-5).truncate().length();
        assert!(tilt(&stretched) < 0.7 * tilt(&hit));
    }
}
