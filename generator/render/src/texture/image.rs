//! Pictures on surfaces: 8-bit texels with a pyramid of halved copies.
//!
//! Texture coordinates are those of meshes, v up; the first row of a picture is its top. Texel
//! `(i, j)` covers `[i, i+1) x [j, j+1)` of `width x height`, its centre lies at +0.5. Between
//! centres values are bilinear, between levels of the pyramid linear. The level is the one whose
//! texels are as wide as the footprint; a footprint of zero reads the picture itself. Averaging is
//! done on linear values.

use std::sync::{Arc, OnceLock};

use bottega_geometry::math;
use glam::{Affine2, Vec2, Vec3, Vec4};

use crate::interaction::{SurfaceDetail, SurfaceHit};
use crate::tone::{srgb_decode, srgb_encode};

/// Largest side of a picture, in texels.
const MAX_SIDE: u32 = 1 << 15;

/// What the bytes of a picture mean. The fourth channel is always linear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Colours in the sRGB transfer curve.
    Srgb,
    /// Numbers: 255 is one.
    Linear,
}

/// A picture with its pyramid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    encoding: Encoding,
    /// The picture, then copies of half the side each, down to one texel.
    levels: Vec<Level>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Level {
    width: u32,
    height: u32,
    texels: Vec<[u8; 4]>,
}

/// How a picture goes on beyond its edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// Again and again.
    #[default]
    Repeat,
    /// Again and again, every second time mirrored.
    Mirror,
    /// As the texels at the edge are.
    Clamp,
}

/// A picture as it lies on a surface.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageTexture {
    /// The picture.
    pub image: Arc<Image>,
    /// Picture coordinates (v down, the picture is the unit square) from those of the mesh with v
    /// turned down.
    pub picture_from_uv: Affine2,
    /// Beyond the left and right edges, beyond the upper and lower ones.
    pub wrap: [Wrap; 2],
    /// Whether texels are shown as squares where they are larger than pixels.
    pub hard_texels: bool,
}

impl Image {
    /// A picture of `width x height` texels, row by row from the top; `None` when there are not as
    /// many, none, or more than 32768 in a row or column.
    pub fn new(width: u32, height: u32, texels: Vec<[u8; 4]>, encoding: Encoding) -> Option<Self> {
        let fits = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
        if !fits || texels.len() != width as usize * height as usize {
            return None;
        }
        let mut levels = vec![Level {
            width,
            height,
            texels,
        }];
        while let Some(next) = levels.last().and_then(|last| last.halved(encoding)) {
            levels.push(next);
        }
        Some(Self { encoding, levels })
    }

    /// Width and height, in texels.
    pub fn size(&self) -> [u32; 2] {
        [self.levels[0].width, self.levels[0].height]
    }

    /// Bytes that the texels take.
    pub fn memory_bytes(&self) -> usize {
        self.levels.iter().map(|level| 4 * level.texels.len()).sum()
    }
}

impl Level {
    /// The level of half the side; `None` after the last.
    fn halved(&self, encoding: Encoding) -> Option<Self> {
        if self.width == 1 && self.height == 1 {
            return None;
        }
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let mut texels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            // Where a side is odd, the last texel stands for its own pair.
            let rows = [2 * y, (2 * y + 1).min(self.height - 1)];
            for x in 0..width {
                let columns = [2 * x, (2 * x + 1).min(self.width - 1)];
                let sum: Vec4 = (rows.iter())
                    .flat_map(|&row| columns.map(|column| self.at(column, row, encoding)))
                    .sum();
                texels.push(encoded(0.25 * sum, encoding));
            }
        }
        Some(Self {
            width,
            height,
            texels,
        })
    }

    /// A texel as linear values.
    #[inline]
    fn at(&self, column: u32, row: u32, encoding: Encoding) -> Vec4 {
        let [r, g, b, a] = self.texels[(row * self.width + column) as usize];
        let rgb = match encoding {
            Encoding::Srgb => {
                let table = decoding_table();
                Vec3::new(
                    table[usize::from(r)],
                    table[usize::from(g)],
                    table[usize::from(b)],
                )
            }
            Encoding::Linear => Vec3::new(f32::from(r), f32::from(g), f32::from(b)) / 255.0,
        };
        rgb.extend(f32::from(a) / 255.0)
    }

    /// The four texels about a point in picture coordinates, weighted.
    fn bilinear(&self, p: Vec2, wrap: [Wrap; 2], encoding: Encoding) -> Vec4 {
        let size = Vec2::new(self.width as f32, self.height as f32);
        let p = p * size - Vec2::splat(0.5);
        let floor = p.floor();
        let share = p - floor;
        let columns = [0.0, 1.0].map(|step| wrapped(floor.x + step, self.width, wrap[0]));
        let rows = [0.0, 1.0].map(|step| wrapped(floor.y + step, self.height, wrap[1]));
        let [upper, lower] = rows.map(|row| {
            let [left, right] = columns.map(|column| self.at(column, row, encoding));
            left.lerp(right, share.x)
        });
        upper.lerp(lower, share.y)
    }

    /// The texel at a point in picture coordinates.
    fn nearest(&self, p: Vec2, wrap: [Wrap; 2], encoding: Encoding) -> Vec4 {
        let column = wrapped((p.x * self.width as f32).floor(), self.width, wrap[0]);
        let row = wrapped((p.y * self.height as f32).floor(), self.height, wrap[1]);
        self.at(column, row, encoding)
    }
}

/// The texel that stands at the whole number `at` of a row of `n`.
#[inline]
fn wrapped(at: f32, n: u32, wrap: Wrap) -> u32 {
    let n_f = n as f32;
    let within = match wrap {
        Wrap::Clamp => at,
        Wrap::Repeat => at - n_f * (at / n_f).floor(),
        Wrap::Mirror => {
            let period = 2.0 * n_f;
            let turned = at - period * (at / period).floor();
            if turned < n_f {
                turned
            } else {
                period - 1.0 - turned
            }
        }
    };
    // What is not a number becomes 0.
    within.clamp(0.0, n_f - 1.0) as u32
}

fn encoded(linear: Vec4, encoding: Encoding) -> [u8; 4] {
    let byte = |x: f32| (255.0 * x.clamp(0.0, 1.0) + 0.5).floor() as u8;
    let color = |x: f32| match encoding {
        Encoding::Srgb => byte(srgb_encode(x)),
        Encoding::Linear => byte(x),
    };
    [
        color(linear.x),
        color(linear.y),
        color(linear.z),
        byte(linear.w),
    ]
}

/// Linear values of the bytes of sRGB.
fn decoding_table() -> &'static [f32; 256] {
    static TABLE: OnceLock<[f32; 256]> = OnceLock::new();
    TABLE.get_or_init(|| std::array::from_fn(|i| srgb_decode(i as f32 / 255.0)))
}

impl ImageTexture {
    /// The picture once over the unit square of texture coordinates, and again beyond.
    pub fn new(image: Arc<Image>) -> Self {
        Self {
            image,
            picture_from_uv: Affine2::IDENTITY,
            wrap: [Wrap::Repeat; 2],
            hard_texels: false,
        }
    }

    /// Linear values at texture coordinates, averaged over `width` of a texel of the picture.
    pub fn at(&self, uv: Vec2, width_texels: f32) -> Vec4 {
        self.at_picture(self.picture_of(uv), width_texels)
    }

    /// Picture coordinates of texture coordinates.
    fn picture_of(&self, uv: Vec2) -> Vec2 {
        (self.picture_from_uv).transform_point2(Vec2::new(uv.x, 1.0 - uv.y))
    }

    /// How much the first channel rises along the two edges of the triangle that was hit, by
    /// differences over one texel or as many as a pixel of `footprint_m` spans.
    pub(super) fn rises(&self, hit: &SurfaceHit, footprint_m: f32) -> [f32; 2] {
        let SurfaceDetail::Triangle { uv_edges, .. } = hit.detail else {
            return [0.0; 2];
        };
        let width = self.width_texels(hit, footprint_m).max(1.0);
        let [columns, rows] = self.image.size();
        let step = Vec2::new(width / columns as f32, width / rows as f32);
        let p = self.picture_of(hit.uv);
        let value = |offset: Vec2| self.at_picture(p + 0.5 * offset, width).x;
        let across = [Vec2::new(step.x, 0.0), Vec2::new(0.0, step.y)];
        let [by_x, by_y] = across.map(|offset| value(offset) - value(-offset));
        let gradient = Vec2::new(by_x, by_y) / step;
        uv_edges.map(|edge| {
            let way = (self.picture_from_uv).transform_vector2(Vec2::new(edge.x, -edge.y));
            gradient.dot(way)
        })
    }

    /// The same at picture coordinates.
    fn at_picture(&self, p: Vec2, width_texels: f32) -> Vec4 {
        let Image { encoding, levels } = &*self.image;
        if width_texels <= 1.0 || levels.len() == 1 {
            return if self.hard_texels {
                levels[0].nearest(p, self.wrap, *encoding)
            } else {
                levels[0].bilinear(p, self.wrap, *encoding)
            };
        }
        let last = (levels.len() - 1) as f32;
        let level = math::log2(width_texels).min(last);
        let lower = level.floor();
        let share = level - lower;
        let of = |level: f32| levels[level as usize].bilinear(p, self.wrap, *encoding);
        if share == 0.0 {
            of(lower)
        } else {
            of(lower).lerp(of(lower + 1.0), share)
        }
    }

    /// Linear values at a hit, seen in pixels of `footprint_m`. Where a texel is stretched, its
    /// two widths are averaged by their product.
    pub fn at_hit(&self, hit: &SurfaceHit, footprint_m: f32) -> Vec4 {
        self.at(hit.uv, self.width_texels(hit, footprint_m))
    }

    /// Texels that a length of the surface spans at a hit.
    fn width_texels(&self, hit: &SurfaceHit, footprint_m: f32) -> f32 {
        let SurfaceDetail::Triangle {
            edges, uv_edges, ..
        } = hit.detail
        else {
            return 0.0;
        };
        let [width, height] = self.image.size();
        let [a, b] = uv_edges;
        let texels = (a.perp_dot(b) * self.picture_from_uv.matrix2.determinant()).abs()
            * width as f32
            * height as f32;
        let area_m2 = edges[0].cross(edges[1]).length();
        let width = (texels / area_m2.max(1e-30)).sqrt() * footprint_m;
        // A triangle without extent in the picture has one colour at any width.
        if width.is_nan() { 0.0 } else { width }
    }
}

/// Directions of growing u and of growing v (up) of a picture along the surface at a hit, made
/// perpendicular to its shading normal and of unit length; `None` where coordinates do not change.
pub(crate) fn tangents(texture: &ImageTexture, hit: &SurfaceHit) -> Option<[Vec3; 2]> {
    let SurfaceDetail::Triangle {
        edges, uv_edges, ..
    } = hit.detail
    else {
        return None;
    };
    // In picture coordinates, v up again.
    let [a, b] = uv_edges.map(|uv| {
        let p = (texture.picture_from_uv).transform_vector2(Vec2::new(uv.x, -uv.y));
        Vec2::new(p.x, -p.y)
    });
    let determinant = a.perp_dot(b);
    if determinant.abs() < 1e-20 {
        return None;
    }
    let along_u = (edges[0] * b.y - edges[1] * a.y) / determinant;
    let along_v = (edges[1] * a.x - edges[0] * b.x) / determinant;
    let normal = hit.normal;
    let u = (along_u - normal * normal.dot(along_u)).try_normalize()?;
    let v = normal.cross(u);
    Some([u, v * 1.0_f32.copysign(v.dot(along_v))])
}

#[cfg(test)]
mod tests;
