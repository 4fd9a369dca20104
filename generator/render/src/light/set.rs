//! All light of a scene as one: a point is lit by one draw from environment, sun, lamps or
//! shining meshes, chosen by what each throws on it.

use glam::{Vec2, Vec3};

use super::emitter::{Crossing, Emitter};
use super::environment::EnvironmentLight;
use super::sun::Sun;
use super::tree::{LightTree, Receiver};
use crate::ray::Ray;
use crate::sampling::luminance;
use crate::scene::{Light, Material, Scene};

/// Part of the way to a light that a shadow ray goes: the light itself must not stop it.
const SHADOW_REACH: f32 = 1.0 - 1e-4;

/// All light of a scene, ready to be sampled.
#[derive(Clone, Debug)]
pub(crate) struct LightSet {
    environment: EnvironmentLight,
    suns: Vec<Sun>,
    /// Lamps first, then the triangles of shining meshes.
    emitters: Vec<Emitter>,
    n_lamps: usize,
    tree: LightTree,
    /// First emitter of each mesh, and of each triangle the emitter after that, if it shines.
    meshes: Vec<Option<Vec<u32>>>,
}

/// A direction from which light comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Illumination {
    /// Unit direction toward the light.
    pub(crate) wi: Vec3,
    /// Where a shadow ray ends.
    pub(crate) t_max: f32,
    /// Radiance, or the irradiance of a facing surface where `is_point`.
    pub(crate) radiance: Vec3,
    /// Density with which the light and the direction were drawn, per steradian; of a point
    /// light the probability of the light.
    pub(crate) pdf: f32,
    /// Whether scattered rays cannot find the light.
    pub(crate) is_point: bool,
}

/// Weights of the groups of lights at one point.
struct Shares {
    environment: f32,
    suns: f32,
    lamps: f32,
}

impl Shares {
    fn total(&self) -> f32 {
        self.environment + self.suns + self.lamps
    }
}

/// Not an emitter.
const NONE: u32 = u32::MAX;

impl LightSet {
    pub(crate) fn new(scene: &Scene) -> Self {
        let mut environment = EnvironmentLight::new(&scene.environment);
        let blur_rad = scene.environment.background_blur_rad;
        let suns: Vec<Sun> = (scene.lights.iter())
            .filter_map(|light| match *light {
                Light::Sun {
                    direction,
                    radius_rad,
                    radiance,
                } => Sun::new(direction, radius_rad, radiance, blur_rad),
                _ => None,
            })
            .collect();
        for sun in &suns {
            environment.add_irradiance_up(sun.irradiance() * sun.direction().y.max(0.0));
        }
        let mut emitters: Vec<Emitter> = scene.lights.iter().filter_map(Emitter::new).collect();
        let n_lamps = emitters.len();
        let meshes = (scene.meshes.iter())
            .map(|object| {
                let radiance = match &scene.materials[object.material as usize] {
                    Material::Emissive { radiance } => *radiance,
                    Material::Surface(surface) => surface.even_emission()?,
                    _ => return None,
                };
                let positions = &object.mesh.positions;
                let numbers = (object.mesh.triangles.iter())
                    .map(|triangle| {
                        let corners = triangle.map(|vertex| positions[vertex as usize]);
                        let Some(emitter) = Emitter::triangle(corners, radiance) else {
                            return NONE;
                        };
                        emitters.push(emitter);
                        emitters.len() as u32 - 1
                    })
                    .collect();
                Some(numbers)
            })
            .collect();
        let reaches: Vec<_> = emitters.iter().map(Emitter::reach).collect();
        Self {
            environment,
            suns,
            tree: LightTree::new(&reaches),
            emitters,
            n_lamps,
            meshes,
        }
    }

    /// The environment alone.
    pub(crate) fn environment(&self) -> &EnvironmentLight {
        &self.environment
    }

    /// Whether there is nothing but the environment.
    #[inline]
    pub(crate) fn is_environment_only(&self) -> bool {
        self.suns.is_empty() && self.emitters.is_empty()
    }

    /// Whether `object` is a shining mesh.
    #[inline]
    pub(crate) fn is_shining(&self, object: u32) -> bool {
        self.meshes[object as usize].is_some()
    }

    fn shares(&self, at: &Receiver) -> Shares {
        Shares {
            environment: std::f32::consts::PI * self.environment.mean_luminance(),
            suns: self.suns.iter().map(|sun| sun_share(sun, at)).sum(),
            lamps: self.tree.importance(at),
        }
    }

    /// Draws a direction of light for a point, from uniform `u_light` (unused where there is only
    /// the environment) and `u`; `None` where the draw finds no light.
    #[inline]
    pub(crate) fn sample(&self, at: &Receiver, u_light: f32, u: Vec2) -> Option<Illumination> {
        if self.is_environment_only() {
            return self.sample_environment(1.0, u);
        }
        let shares = self.shares(at);
        let total = shares.total();
        if total <= 0.0 {
            return None;
        }
        let mut rest = u_light * total;
        if rest < shares.environment {
            return self.sample_environment(shares.environment / total, u);
        }
        rest -= shares.environment;
        if rest < shares.suns {
            let mut chosen = None;
            for sun in &self.suns {
                let share = sun_share(sun, at);
                chosen = Some((sun, share));
                if rest < share {
                    break;
                }
                rest -= share;
            }
            let (sun, share) = chosen?;
            let (wi, radiance, pdf) = sun.sample(u);
            return Some(Illumination {
                wi,
                t_max: f32::INFINITY,
                radiance,
                pdf: pdf * share / total,
                is_point: false,
            });
        }
        let within = ((rest - shares.suns) / shares.lamps).clamp(0.0, 0.999_999_9);
        let (emitter, probability) = self.tree.choose(at, within)?;
        let probability = probability * shares.lamps / total;
        let sample = self.emitters[emitter as usize].sample(at.position, u)?;
        Some(Illumination {
            wi: sample.wi,
            t_max: sample.distance_m * SHADOW_REACH,
            radiance: sample.radiance,
            pdf: sample.pdf * probability,
            is_point: sample.is_point,
        })
    }

    fn sample_environment(&self, probability: f32, u: Vec2) -> Option<Illumination> {
        let sample = self.environment.sample(u)?;
        Some(Illumination {
            wi: sample.wi,
            t_max: f32::INFINITY,
            radiance: sample.radiance,
            pdf: sample.pdf * probability,
            is_point: false,
        })
    }

    /// Light from infinitely far along `d`, part by part, each with the density with which
    /// [`Self::sample`] draws the direction at the point `at`.
    #[inline]
    pub(crate) fn far(&self, at: &Receiver, d: Vec3, mut add: impl FnMut(Vec3, f32)) {
        let (radiance, pdf) = self.environment.radiance_and_pdf(d);
        if self.is_environment_only() {
            return add(radiance, pdf);
        }
        let shares = self.shares(at);
        let total = shares.total().max(1e-30);
        add(radiance, pdf * shares.environment / total);
        for sun in &self.suns {
            let radiance = sun.radiance(d);
            if radiance != Vec3::ZERO {
                add(radiance, sun.pdf() * sun_share(sun, at) / total);
            }
        }
    }

    /// Lamps that `ray` crosses before `t_max`, each with the density with which [`Self::sample`]
    /// draws the direction at the ray's origin, `at`.
    #[inline]
    pub(crate) fn crossed(
        &self,
        at: &Receiver,
        ray: &Ray,
        t_max: f32,
        mut add: impl FnMut(Crossing),
    ) {
        for (emitter, lamp) in (0..).zip(&self.emitters[..self.n_lamps]) {
            let Some(mut crossing) = lamp.cross(ray) else {
                continue;
            };
            if crossing.t < t_max {
                crossing.pdf *= self.probability(at, emitter);
                add(crossing);
            }
        }
    }

    /// What `ray`, which met a triangle of a shining mesh at `t`, sees there; the density is that
    /// with which [`Self::sample`] draws the direction at `at`.
    pub(crate) fn met(
        &self,
        at: &Receiver,
        ray: &Ray,
        t: f32,
        (object, triangle): (u32, u32),
    ) -> Option<Crossing> {
        let emitter = self.meshes[object as usize].as_ref()?[triangle as usize];
        if emitter == NONE {
            return None;
        }
        let mut crossing = self.emitters[emitter as usize].met(ray, t)?;
        crossing.pdf *= self.probability(at, emitter);
        Some(crossing)
    }

    fn probability(&self, at: &Receiver, emitter: u32) -> f32 {
        let shares = self.shares(at);
        shares.lamps / shares.total().max(1e-30) * self.tree.probability(at, emitter)
    }

    /// Radiance from infinitely far as the camera sees it.
    pub(crate) fn background(&self, d: Vec3) -> Vec3 {
        let suns: Vec3 = self.suns.iter().map(|sun| sun.background(d)).sum();
        self.environment.background(d) + suns
    }

    /// Radiance from infinitely far as mirrors see it.
    pub(crate) fn radiance_smooth(&self, d: Vec3) -> Vec3 {
        let suns: Vec3 = self.suns.iter().map(|sun| sun.radiance(d)).sum();
        self.environment.radiance_smooth(d) + suns
    }
}

/// Estimate of the light that a sun throws on a point.
#[inline]
fn sun_share(sun: &Sun, at: &Receiver) -> f32 {
    let cos = if at.normal == Vec3::ZERO {
        1.0
    } else {
        at.normal.dot(sun.direction()).max(0.05)
    };
    luminance(sun.irradiance()) * cos
}

#[cfg(test)]
mod tests;
