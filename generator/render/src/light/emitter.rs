//! Lights with a place: how a direction toward one is drawn, how dense, and where rays cross it.
//!
//! Flat lights are sampled by area, `pdf = d^2 / (A cos)` per steradian; spheres over the cone in
//! which they are seen. What rays cross has the density with which it would have been drawn.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use crate::fast_math::sin_cos_turns;
use crate::frame::Frame;
use crate::ray::Ray;
use crate::sampling::{luminance, uniform_disc};
use crate::scene::Light;

/// A light with a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Emitter {
    shape: Shape,
    /// Radiance; of a spot the intensity.
    radiance: Vec3,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// Points `corner + u edge_u + v edge_v` with `u` and `v` in `[0, 1]`.
    Rect {
        corner: Vec3,
        edges: [Vec3; 2],
        normal: Vec3,
        area_m2: f32,
    },
    Disk {
        center: Vec3,
        radius_m: f32,
        frame: Frame,
    },
    Sphere {
        center: Vec3,
        radius_m: f32,
    },
    Spot {
        position: Vec3,
        direction: Vec3,
        cos_inner: f32,
        cos_outer: f32,
    },
    /// Part of a shining mesh; the ray tracer finds where rays meet it.
    Triangle {
        corner: Vec3,
        edges: [Vec3; 2],
        normal: Vec3,
        area_m2: f32,
    },
}

/// A point of an emitter, seen from another point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EmitterSample {
    /// Unit direction toward it.
    pub(crate) wi: Vec3,
    /// Distance.
    pub(crate) distance_m: f32,
    /// Radiance that arrives; of a spot the irradiance of a surface that faces it.
    pub(crate) radiance: Vec3,
    /// Density per steradian; of no meaning for a spot.
    pub(crate) pdf: f32,
    /// Whether no other technique finds the point (a spot).
    pub(crate) is_point: bool,
}

/// Where a ray crosses an emitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    /// Distance along the ray.
    pub(crate) t: f32,
    /// Radiance toward the ray's origin.
    pub(crate) radiance: Vec3,
    /// Density with which [`Emitter::sample`] draws this direction.
    pub(crate) pdf: f32,
}

/// What the tree of lights knows of an emitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reach {
    /// Lowest corner of its box.
    pub(crate) lo: Vec3,
    /// Highest corner of its box.
    pub(crate) hi: Vec3,
    /// Intensity along its axis, as luminance.
    pub(crate) intensity: f32,
    /// Axis of the cone of its normals.
    pub(crate) axis: Vec3,
    /// Cosine of the half angle of the cone of its normals.
    pub(crate) cos_normals: f32,
    /// Cosine of the angle from a normal within which it shines.
    pub(crate) cos_shine: f32,
}

impl Emitter {
    /// The emitter of a lamp; `None` for the sun and for lights without extent or power.
    pub(crate) fn new(light: &Light) -> Option<Self> {
        let (shape, radiance) = match *light {
            Light::Rect {
                center,
                half_u,
                half_v,
                radiance,
            } => {
                let across = half_u.cross(half_v);
                let shape = Shape::Rect {
                    corner: center - half_u - half_v,
                    edges: [2.0 * half_u, 2.0 * half_v],
                    normal: across.try_normalize()?,
                    area_m2: 4.0 * across.length(),
                };
                (shape, radiance)
            }
            Light::Disk {
                center,
                normal,
                radius_m,
                radiance,
            } => {
                let shape = Shape::Disk {
                    center,
                    radius_m,
                    frame: Frame::from_normal(normal.try_normalize()?),
                };
                (shape, radiance)
            }
            Light::Sphere {
                center,
                radius_m,
                radiance,
            } => (Shape::Sphere { center, radius_m }, radiance),
            Light::Spot {
                position,
                direction,
                cos_inner,
                cos_outer,
                intensity,
            } => {
                let shape = Shape::Spot {
                    position,
                    direction: direction.try_normalize()?,
                    cos_inner,
                    cos_outer: cos_outer.min(cos_inner - 1e-6),
                };
                (shape, intensity)
            }
            Light::Sun { .. } => return None,
        };
        Some(Self { shape, radiance }).filter(Self::shines)
    }

    /// A triangle of a shining mesh; `None` when it has no area or no light.
    pub(crate) fn triangle([a, b, c]: [Vec3; 3], radiance: Vec3) -> Option<Self> {
        let edges = [b - a, c - a];
        let across = edges[0].cross(edges[1]);
        let shape = Shape::Triangle {
            corner: a,
            edges,
            normal: across.try_normalize()?,
            area_m2: 0.5 * across.length(),
        };
        Some(Self { shape, radiance }).filter(Self::shines)
    }

    fn shines(&self) -> bool {
        let intensity = self.reach().intensity;
        0.0 < intensity && intensity.is_finite()
    }

    /// Draws a point seen from `from`; `None` where nothing of the emitter shines there.
    #[inline]
    pub(crate) fn sample(&self, from: Vec3, u: Vec2) -> Option<EmitterSample> {
        match self.shape {
            Shape::Rect {
                corner,
                edges,
                normal,
                area_m2,
            } => {
                let point = corner + edges[0] * u.x + edges[1] * u.y;
                self.toward(from, point, normal, area_m2)
            }
            Shape::Triangle {
                corner,
                edges,
                normal,
                area_m2,
            } => {
                // Even over the triangle without a square root: the square folded along its
                // diagonal (Heitz 2019).
                let half = 0.5 * u.min_element();
                let shares = u - Vec2::splat(half);
                let shares = if u.x < u.y {
                    Vec2::new(half, shares.y)
                } else {
                    Vec2::new(shares.x, half)
                };
                let point = corner + edges[0] * shares.x + edges[1] * shares.y;
                self.toward(from, point, normal, area_m2)
            }
            Shape::Disk {
                center,
                radius_m,
                frame,
            } => {
                let p = uniform_disc(u) * radius_m;
                let point = center + frame.x * p.x + frame.y * p.y;
                self.toward(from, point, frame.z, PI * radius_m * radius_m)
            }
            Shape::Sphere { center, radius_m } => {
                let cap = Cap::new(from, center, radius_m)?;
                let away = u.x * cap.one_minus_cos;
                let sin_squared = away * (2.0 - away);
                let sin = sin_squared.max(0.0).sqrt();
                let (sin_phi, cos_phi) = sin_cos_turns(u.y);
                let frame = Frame::from_normal(cap.axis);
                let local = Vec3::new(sin * cos_phi, sin * sin_phi, 1.0 - away);
                let across = radius_m * radius_m - cap.distance_m * cap.distance_m * sin_squared;
                Some(EmitterSample {
                    wi: frame.to_world(local),
                    distance_m: cap.distance_m * (1.0 - away) - across.max(0.0).sqrt(),
                    radiance: self.radiance,
                    pdf: cap.pdf(),
                    is_point: false,
                })
            }
            Shape::Spot {
                position,
                direction,
                cos_inner,
                cos_outer,
            } => {
                let to = position - from;
                let distance_m = to.length();
                let wi = to.try_normalize()?;
                let x =
                    ((-wi.dot(direction) - cos_outer) / (cos_inner - cos_outer)).clamp(0.0, 1.0);
                let share = x * x * (3.0 - 2.0 * x);
                (0.0 < share).then(|| EmitterSample {
                    wi,
                    distance_m,
                    radiance: self.radiance * (share / (distance_m * distance_m)),
                    pdf: 1.0,
                    is_point: true,
                })
            }
        }
    }

    /// The sample of a point of a flat light of this normal and area.
    #[inline]
    fn toward(&self, from: Vec3, point: Vec3, normal: Vec3, area_m2: f32) -> Option<EmitterSample> {
        let to = point - from;
        let distance_m = to.length();
        let wi = to.try_normalize()?;
        let cos = -wi.dot(normal);
        (1e-6 < cos).then(|| EmitterSample {
            wi,
            distance_m,
            radiance: self.radiance,
            pdf: distance_m * distance_m / (area_m2 * cos),
            is_point: false,
        })
    }

    /// Where `ray` crosses a lamp; shining meshes and spots are never crossed.
    #[inline]
    pub(crate) fn cross(&self, ray: &Ray) -> Option<Crossing> {
        let (t, pdf) = match self.shape {
            Shape::Rect {
                corner,
                edges,
                normal,
                area_m2,
            } => {
                let (t, point, cos) = cross_plane(ray, corner, normal)?;
                let offset = point - corner;
                // Coordinates along two edges that need not be square to each other.
                let [a, b] = edges;
                let (aa, ab, bb) = (a.dot(a), a.dot(b), b.dot(b));
                let (oa, ob) = (offset.dot(a), offset.dot(b));
                let scale = aa * bb - ab * ab;
                let (u, v) = (oa * bb - ob * ab, ob * aa - oa * ab);
                if u < 0.0 || v < 0.0 || scale < u || scale < v {
                    return None;
                }
                (t, t * t / (area_m2 * cos))
            }
            Shape::Disk {
                center,
                radius_m,
                frame,
            } => {
                let (t, point, cos) = cross_plane(ray, center, frame.z)?;
                let radius_squared = radius_m * radius_m;
                if radius_squared < point.distance_squared(center) {
                    return None;
                }
                (t, t * t / (PI * radius_squared * cos))
            }
            Shape::Sphere { center, radius_m } => {
                let to = center - ray.origin;
                let along = to.dot(ray.direction);
                // From the part across the ray, not from a difference of large squares.
                let across_squared = (to - ray.direction * along).length_squared();
                let inside = radius_m * radius_m - across_squared;
                if inside < 0.0 || along < 0.0 {
                    return None;
                }
                let cap = Cap::new(ray.origin, center, radius_m)?;
                (along - inside.sqrt(), cap.pdf())
            }
            Shape::Spot { .. } | Shape::Triangle { .. } => return None,
        };
        (ray.t_min < t && t < ray.t_max).then_some(Crossing {
            t,
            radiance: self.radiance,
            pdf,
        })
    }

    /// What a ray that met this triangle of a shining mesh at `t` sees.
    #[inline]
    pub(crate) fn met(&self, ray: &Ray, t: f32) -> Option<Crossing> {
        let Shape::Triangle {
            normal, area_m2, ..
        } = self.shape
        else {
            return None;
        };
        let cos = -normal.dot(ray.direction);
        (1e-6 < cos).then(|| Crossing {
            t,
            radiance: self.radiance,
            pdf: t * t / (area_m2 * cos),
        })
    }

    /// Where it is and where it shines.
    pub(crate) fn reach(&self) -> Reach {
        let light = luminance(self.radiance);
        let of = |points: &[Vec3], intensity: f32, axis: Vec3| Reach {
            lo: points.iter().copied().fold(Vec3::INFINITY, Vec3::min),
            hi: points.iter().copied().fold(Vec3::NEG_INFINITY, Vec3::max),
            intensity,
            axis,
            cos_normals: 1.0,
            cos_shine: 0.0,
        };
        match self.shape {
            Shape::Rect {
                corner,
                edges: [a, b],
                normal,
                area_m2,
            } => of(
                &[corner, corner + a, corner + b, corner + a + b],
                light * area_m2,
                normal,
            ),
            Shape::Triangle {
                corner,
                edges: [a, b],
                normal,
                area_m2,
            } => of(&[corner, corner + a, corner + b], light * area_m2, normal),
            Shape::Disk {
                center,
                radius_m,
                frame,
            } => {
                // How far a disc reaches along each axis.
                let n = frame.z;
                let half = (Vec3::ONE - n * n).max(Vec3::ZERO);
                let half = Vec3::new(half.x.sqrt(), half.y.sqrt(), half.z.sqrt()) * radius_m;
                of(
                    &[center - half, center + half],
                    light * PI * radius_m * radius_m,
                    n,
                )
            }
            Shape::Sphere { center, radius_m } => Reach {
                cos_normals: -1.0,
                ..of(
                    &[center - radius_m, center + radius_m],
                    light * PI * radius_m * radius_m,
                    Vec3::Y,
                )
            },
            Shape::Spot {
                position,
                direction,
                cos_outer,
                ..
            } => Reach {
                cos_shine: cos_outer,
                ..of(&[position], light, direction)
            },
        }
    }
}

/// Distance, point and cosine where a ray crosses a plane toward the side of its normal.
#[inline]
fn cross_plane(ray: &Ray, on_plane: Vec3, normal: Vec3) -> Option<(f32, Vec3, f32)> {
    let cos = -ray.direction.dot(normal);
    if cos <= 1e-6 {
        return None;
    }
    let t = (ray.origin - on_plane).dot(normal) / cos;
    (0.0 < t).then(|| (t, ray.at(t), cos))
}

/// The cone in which a sphere is seen from outside.
#[derive(Clone, Copy, Debug)]
struct Cap {
    axis: Vec3,
    distance_m: f32,
    one_minus_cos: f32,
}

impl Cap {
    #[inline]
    fn new(from: Vec3, center: Vec3, radius_m: f32) -> Option<Self> {
        let to = center - from;
        let distance_m = to.length();
        if distance_m <= radius_m {
            return None;
        }
        let sin = radius_m / distance_m;
        let sin_squared = sin * sin;
        // 1 - cos without a difference of nearly equal numbers.
        let one_minus_cos = sin_squared / (1.0 + (1.0 - sin_squared).sqrt());
        Some(Self {
            axis: to / distance_m,
            distance_m,
            one_minus_cos,
        })
    }

    #[inline]
    fn pdf(&self) -> f32 {
        1.0 / (TAU * self.one_minus_cos)
    }
}
