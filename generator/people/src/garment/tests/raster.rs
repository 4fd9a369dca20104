//! A picture of depths, to see what shows through what.

use std::collections::BTreeMap;

use bottega_geometry::math;
use glam::Vec3;

/// Depths seen from far away, from one side.
pub(super) struct Picture {
    sin_cos: (f32, f32),
    pixel_m: f32,
    /// Nearest outer side of cloth in each pixel.
    cloth: BTreeMap<(i32, i32), f32>,
    /// Nearest skin in each pixel and how far inside a garment it lies, in metres.
    skin: BTreeMap<(i32, i32), (f32, f32)>,
}

impl Picture {
    pub(super) fn new(yaw_rad: f32, pixel_m: f32) -> Self {
        Self {
            sin_cos: math::sin_cos(yaw_rad),
            pixel_m,
            cloth: BTreeMap::new(),
            skin: BTreeMap::new(),
        }
    }

    /// Column and row as numbers, and nearness in metres.
    fn project(&self, p: Vec3) -> Vec3 {
        let (sin, cos) = self.sin_cos;
        let (x, z) = (cos * p.x - sin * p.z, sin * p.x + cos * p.z);
        Vec3::new(x / self.pixel_m, p.y / self.pixel_m, z)
    }

    /// Calls `see` with each pixel whose centre lies in the triangle if that faces the viewer.
    fn each_pixel([a, b, c]: [Vec3; 3], mut see: impl FnMut((i32, i32), Vec3)) {
        let area = (b - a).truncate().perp_dot((c - a).truncate());
        if area <= 1e-6 {
            return;
        }
        let (low, high) = (a.min(b).min(c).floor(), a.max(b).max(c).ceil());
        for y in low.y as i32..high.y as i32 {
            for x in low.x as i32..high.x as i32 {
                let p = glam::Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                let share = |s: Vec3, e: Vec3| (s.truncate() - p).perp_dot(e.truncate() - p) / area;
                let w = Vec3::new(share(b, c), share(c, a), share(a, b));
                if 0.0 <= w.min_element() {
                    see((x, y), w);
                }
            }
        }
    }

    pub(super) fn add_cloth(&mut self, points: &[Vec3], triangles: &[[u32; 3]]) {
        for t in triangles {
            let corners = t.map(|v| self.project(points[v as usize]));
            let depths = Vec3::from_array(corners.map(|p| p.z));
            Self::each_pixel(corners, |pixel, w| {
                let near = self.cloth.entry(pixel).or_insert(f32::MIN);
                *near = near.max(w.dot(depths));
            });
        }
    }

    pub(super) fn add_skin(&mut self, points: &[Vec3], triangles: &[[u32; 3]], inside: &[f32]) {
        for t in triangles {
            let corners = t.map(|v| self.project(points[v as usize]));
            let depths = Vec3::from_array(corners.map(|p| p.z));
            let insides = Vec3::from_array(t.map(|v| inside[v as usize]));
            Self::each_pixel(corners, |pixel, w| {
                let near = self.skin.entry(pixel).or_insert((f32::MIN, 0.0));
                if near.0 < w.dot(depths) {
                    *near = (w.dot(depths), w.dot(insides));
                }
            });
        }
    }

    /// Pixels of cloth, and those in which skin more than `inside_m` inside a garment lies before
    /// cloth by at most `before_m`.
    pub(super) fn count(&self, inside_m: f32, before_m: f32) -> (usize, usize) {
        let through = self.cloth.iter().filter(|(pixel, cloth)| {
            self.skin.get(pixel).is_some_and(|(skin, inside)| {
                inside_m < *inside && **cloth < *skin && *skin < **cloth + before_m
            })
        });
        (self.cloth.len(), through.count())
    }
}
