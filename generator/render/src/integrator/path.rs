//! The path loop: at each vertex light is sampled once and the BSDF once, and the two are
//! combined by the power heuristic.
//!
//! Glass comes in two ways. Seen by the camera, directly or in a mirror, it reflects and bends.
//! Once a path has scattered, glass only dims it, as it dims the shadow rays: so light reaches
//! what lies behind (the iris) without caustics, and both techniques see the same world.

use glam::{UVec2, Vec3};

use crate::accel::{Accel, Hit, HitKind};
use crate::bsdf::{
    Bsdf, BsdfSample, CoatedBsdf, DielectricBsdf, absorbed, passed_sheet, transmittance,
};
use crate::denoise::FEATURES;
use crate::interaction::SurfaceHit;
use crate::light::{LightSet, Receiver};
use crate::material::{Footprint, Gloss, Prepared, ShadingPoint, ShadingView, Subsurface};
use crate::ray::{Ray, RayMask, StrandSkip, offset_origin};
use crate::sampler::Sampler;
use crate::sampling::{blackman_harris, gaussian_disc, luminance, power_heuristic};
use crate::scene::{PixelFilter, RenderSettings, Scene, SubsurfaceMethod};
use crate::subsurface::{Diffusion, Medium, WALKS, WalkNumbers};

/// Bounces before Russian roulette.
const BOUNCES_SURE: u32 = 3;
/// Paths are kept with this many times the probability that they still carry light: rarer ends cost
/// a few rays and save more noise.
const SURVIVAL: f32 = 2.0;
/// Lights sampled at the fibre that the camera sees. Through hair so little light comes so
/// unevenly that its noise is the largest of the picture, and a shadow ray costs less than a path.
const FIRST_FIBER_LIGHTS: u32 = 3;
/// The order of scattering between fibres from which on light stands for orders not followed.
const FIBERS_SURE: u32 = 3;
/// Most glass boundaries that one straight line crosses.
const GLASS_MAX: u32 = 16;
/// Width of the cone from which pictures are averaged for scattered light, by the square root of
/// the solid angle that the direction stands for.
const CONE: f32 = 0.1;
/// Width of the pixel filter, in pixels.
const FILTER_WIDTH_PX: f32 = 1.5;
/// Standard deviation of the Gaussian pixel filter, in pixels.
const GAUSSIAN_SIGMA_PX: f32 = 0.5;

/// What a scene needs before it can be lit: made once, shared by all tiles.
#[derive(Clone, Debug)]
pub(crate) struct Prepare {
    materials: Vec<Prepared>,
    /// The same with blunted gloss.
    blunt_materials: Vec<Prepared>,
    lights: LightSet,
    /// Boxes about the meshes of glass.
    glass: Vec<[Vec3; 2]>,
}

impl Prepare {
    pub(crate) fn new(scene: &Scene) -> Self {
        let is_glass = |material: u32| {
            matches!(
                scene.materials[material as usize],
                crate::scene::Material::Dielectric { .. }
            )
        };
        let bounds = |points: &[Vec3]| {
            points
                .iter()
                .fold([Vec3::INFINITY, Vec3::NEG_INFINITY], |[lo, hi], &point| {
                    [lo.min(point), hi.max(point)]
                })
        };
        let materials = |gloss: Gloss| {
            let materials = scene.materials.iter();
            materials.map(|m| Prepared::new(m, gloss)).collect()
        };
        Self {
            materials: materials(Gloss::Sharp),
            blunt_materials: materials(Gloss::Blunt),
            lights: LightSet::new(scene),
            glass: scene
                .meshes
                .iter()
                .filter(|object| is_glass(object.material))
                .map(|object| bounds(&object.mesh.positions))
                .collect(),
        }
    }
}

/// What one path brings home.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PathSample {
    /// Exposed light.
    pub(crate) light: Vec3,
    /// What the path first scattered from: albedo, normal or tangent, nearness, whether a fibre.
    pub(crate) features: [f32; FEATURES],
    /// Places where it was shaded: what it cost.
    pub(crate) vertices: u32,
}

impl PathSample {
    fn see(&mut self, albedo: Vec3, axis: Vec3, nearness: f32, is_fiber: bool) {
        let fiber = f32::from(u8::from(is_fiber));
        self.features = [
            albedo.x, albedo.y, albedo.z, axis.x, axis.y, axis.z, nearness, fiber,
        ];
    }
}

/// Traces paths through one scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathTracer<'a> {
    scene: &'a Scene,
    accel: &'a Accel,
    prepare: &'a Prepare,
    view: ShadingView<'a>,
    settings: &'a RenderSettings,
    /// Angle of a pixel, in radians.
    pixel_angle: f32,
}

/// How a path sees what it meets next.
#[derive(Clone, Copy, Debug)]
enum Sight {
    /// Straight from the camera, or through a thin sheet: the background is the blurred one.
    Camera,
    /// By a mirror or bent by glass.
    Mirror,
    /// By a mirror whose view of the environment is already counted.
    MirrorCounted,
    /// From a scattering event at `from` that drew the direction with density `pdf`.
    Scattered { pdf: f32, from: Receiver },
}

/// Where light goes on that has scattered below the skin.
#[derive(Clone, Copy, Debug)]
struct Exit<'a> {
    /// The point, ready to be shaded, and its position.
    place: (ShadingPoint<'a>, Vec3),
    /// Factor on the throughput.
    weight: Vec3,
    /// Direct light of all places where light left, toward the viewer.
    light: Vec3,
}

/// How light is asked for at a shaded point.
#[inline]
fn receiver(point: &ShadingPoint<'_>, position: Vec3) -> Receiver {
    Receiver {
        position,
        normal: if point.is_fiber {
            Vec3::ZERO
        } else {
            point.geometric_normal
        },
    }
}

/// The start of a ray whose density does not matter.
fn nowhere(ray: &Ray) -> Receiver {
    Receiver {
        position: ray.origin,
        normal: Vec3::ZERO,
    }
}

impl<'a> PathTracer<'a> {
    pub(crate) fn new(
        scene: &'a Scene,
        accel: &'a Accel,
        prepare: &'a Prepare,
        settings: &'a RenderSettings,
    ) -> Self {
        Self {
            scene,
            accel,
            prepare,
            view: ShadingView {
                materials: &prepare.materials,
                scattered_materials: match settings.shortcuts.soft_caustics {
                    true => &prepare.blunt_materials,
                    false => &prepare.materials,
                },
                light: prepare.lights.environment(),
                camera_position: scene.camera.position(),
            },
            settings,
            pixel_angle: 1.0 / scene.camera.focal_px.max_element(),
        }
    }

    /// The ray with which the path of one sample of `pixel` starts, at which the sampler points.
    pub(crate) fn camera_ray<S: Sampler>(&self, pixel: UVec2, sampler: &mut S) -> Ray {
        let u = sampler.next_2d();
        let within = match self.settings.filter {
            PixelFilter::Box => u,
            PixelFilter::Gaussian => gaussian_disc(u) * GAUSSIAN_SIGMA_PX + glam::Vec2::splat(0.5),
            PixelFilter::BlackmanHarris => {
                let offset = glam::Vec2::new(blackman_harris(u.x), blackman_harris(u.y));
                offset * (0.5 * FILTER_WIDTH_PX) + glam::Vec2::splat(0.5)
            }
        };
        let (film_px, u_lens) = (pixel.as_vec2() + within, sampler.next_2d());
        let camera = &self.scene.camera;
        if camera.motion.is_none() {
            camera.lens_ray(film_px, u_lens)
        } else {
            let moment = sampler.next_1d() - 0.5;
            camera.at_moment(moment).lens_ray(film_px, u_lens)
        }
    }

    /// What the first rays of paths meet; those of one pixel are found together.
    pub(crate) fn first_hits(&self, rays: &[Ray], hits: &mut [Option<Hit>]) {
        self.accel.intersect_packets(rays, hits);
    }

    /// Exposed light of the path that starts with `ray`, which meets `first`. The sampler is where
    /// [`Self::camera_ray`] left it.
    pub(crate) fn sample<S: Sampler>(
        &self,
        ray: Ray,
        first: Option<Hit>,
        sampler: &mut S,
    ) -> PathSample {
        let mut sample = PathSample::default();
        self.trace((ray, first), sampler, &mut sample);
        sample.light *= self.settings.exposure;
        // Nothing should ever be infinite; one bad sample must not spoil the picture if it is.
        if !sample.light.is_finite() {
            sample.light = Vec3::ZERO;
        }
        sample
    }

    /// Radiance that arrives against the direction of `ray`, and what it meets.
    fn trace<S: Sampler>(
        &self,
        (mut ray, first): (Ray, Option<Hit>),
        sampler: &mut S,
        sample: &mut PathSample,
    ) {
        let mut light = Vec3::ZERO;
        let mut throughput = Vec3::ONE;
        let mut sight = Sight::Camera;
        let mut travelled_m = 0.0;
        // What the glass absorbs in which the path is, per metre.
        let mut absorption = Vec3::ZERO;
        // Scattering events so far.
        let mut scattered = 0;
        // Those by fibres, and whether what comes next is only asked for its light.
        let (mut fibers, mut is_last) = (0, false);
        // Factor on light for what is not followed; the bound on bright dots is for what is.
        let mut later_orders = Vec3::ONE;

        for bounce in 0..=self.settings.max_bounces {
            let hit = match bounce {
                0 => first,
                _ => self.accel.intersect(&ray),
            };
            if let Sight::Scattered { .. } = sight
                && !self.prepare.glass.is_empty()
            {
                throughput *= self.through_glass(&ray, hit.map_or(f32::INFINITY, |hit| hit.t));
                // What is left of the body that the path is in was counted there.
                absorption = Vec3::ZERO;
            }
            if absorption != Vec3::ZERO {
                throughput *= absorbed(absorption, hit.map_or(f32::INFINITY, |hit| hit.t));
            }
            if !self.prepare.lights.is_environment_only() {
                let seen = self.lamps(sight, &ray, hit.map_or(f32::INFINITY, |hit| hit.t));
                light += later_orders * self.bounded(throughput * seen, 1 < scattered);
            }
            let Some(hit) = hit else {
                let seen = self.environment(sight, ray.direction);
                if scattered == 0 {
                    let shown = (seen * self.settings.exposure).min(Vec3::ONE);
                    sample.see(shown, Vec3::ZERO, 0.0, false);
                }
                light += later_orders * self.bounded(throughput * seen, 1 < scattered);
                break;
            };
            if let Some((seen, reflects)) = self.shining(sight, &ray, &hit) {
                light += later_orders * self.bounded(throughput * seen, 1 < scattered);
                if !reflects {
                    if scattered == 0 {
                        let shown = (seen * self.settings.exposure).min(Vec3::ONE);
                        sample.see(shown, Vec3::ZERO, 0.0, false);
                    }
                    break;
                }
            }
            if is_last || bounce == self.settings.max_bounces {
                break;
            }
            sampler.start_group(bounce + 1);
            sample.vertices += 1;
            travelled_m += hit.t;
            let surface = SurfaceHit::new(self.scene, &ray, &hit);
            let footprint = self.footprint(sight, hit.t, travelled_m);
            let mut point = self.view.shade(&surface, -ray.direction, footprint);
            if point.emission != Vec3::ZERO {
                light += later_orders * self.bounded(throughput * point.emission, 1 < scattered);
            }
            let mut position = surface.position;
            let u_lobe = sampler.next_1d();

            if let Bsdf::Dielectric(glass) = point.bsdf {
                let facet = match glass.rough {
                    None => Vec3::Z,
                    Some(_) => glass.facet(point.wo, sampler.next_2d()),
                };
                let chance = (facet, u_lobe);
                let met = (glass, &point, position);
                (ray, sight) = self.meet_glass(met, sight, chance, &mut throughput, &mut light);
                if !glass.thin && ray.direction.dot(point.geometric_normal) < 0.0 {
                    absorption = point.absorption_beyond;
                }
                continue;
            }

            if scattered == 0 {
                // A strand is told by its direction, which its highlights follow.
                let axis = if point.is_fiber {
                    point.frame.x
                } else {
                    point.frame.z
                };
                let nearness = 1.0 / (1.0 + travelled_m);
                sample.see(point.albedo, axis, nearness, point.is_fiber);
            }
            if let Bsdf::Hair(hair) = &point.bsdf {
                fibers += 1;
                if let Some(most) = self.settings.shortcuts.hair_bounces {
                    // Spread over several orders the correction adds little noise.
                    if fibers == FIBERS_SURE.min(most) {
                        later_orders = hair.later_orders(most + 1 - fibers);
                    }
                    is_last = most <= fibers;
                }
            }
            let mut is_lit = false;
            // Below the skin: either the coat is followed from here, or the light that enters.
            if let (Some(below), Bsdf::Coated(coated)) = (point.subsurface, point.bsdf)
                && scattered == 0
            {
                let u = sampler.next_1d();
                let probability = coated.coat_probability(point.wo);
                if u < probability {
                    throughput /= probability;
                    point.bsdf = Bsdf::Coated(coated.without_base());
                } else {
                    throughput *= coated.entering(point.wo) / (1.0 - probability);
                    let Some(exit) =
                        self.scatter_below(&below, &coated, (point, position), sampler)
                    else {
                        break;
                    };
                    light += throughput * exit.light;
                    throughput *= exit.weight;
                    (point, position) = exit.place;
                    is_lit = true;
                }
            }

            let skip = self.accel.skip_of(&hit);
            if !is_lit {
                let n_lights = match scattered {
                    0 if point.is_fiber => FIRST_FIBER_LIGHTS,
                    _ => 1,
                };
                let mut direct = Vec3::ZERO;
                for _ in 0..n_lights {
                    direct += self.direct(&point, position, skip, sampler);
                }
                direct *= throughput / n_lights as f32;
                light += later_orders * self.bounded(direct, 0 < scattered);
            }

            let u = sampler.next_2d();
            let Some(BsdfSample {
                wi, weight, pdf, ..
            }) = point.bsdf.sample(point.wo, u_lobe, u)
            else {
                break;
            };
            let direction = point.frame.to_world(wi).normalize();
            throughput *= weight * point.terminator(direction);
            if throughput.max_element() <= 0.0 {
                break;
            }
            if BOUNCES_SURE <= bounce + 1 && !is_last {
                let survival = (SURVIVAL * throughput.max_element()).min(1.0);
                if survival <= sampler.next_1d() {
                    break;
                }
                throughput /= survival;
            }
            ray = self.leave(&point, position, direction, skip);
            sight = Sight::Scattered {
                pdf,
                from: receiver(&point, position),
            };
            scattered += 1;
        }
        sample.light = light;
    }

    /// Follows light that enters below the skin at `entry` on several walks. All places where it
    /// leaves are lit; one of them, drawn in proportion to what it carries, goes on.
    fn scatter_below<S: Sampler>(
        &self,
        below: &Subsurface,
        coated: &CoatedBsdf<'a>,
        entry: (ShadingPoint<'a>, Vec3),
        sampler: &mut S,
    ) -> Option<Exit<'a>> {
        let (medium, diffusion) = (Medium::new(below), Diffusion::new(below));
        let shortcut = self.settings.shortcuts.subsurface;
        let mut light = Vec3::ZERO;
        let mut kept = None;
        let mut total = 0.0;
        let mut choice = sampler.next_1d();
        for _ in 0..WALKS {
            let numbers = WalkNumbers::draw(sampler);
            let normal = entry.0.geometric_normal;
            let place = (entry.1, normal);
            let end = match shortcut {
                SubsurfaceMethod::Walk => medium.walk(self.accel, place, None, numbers),
                SubsurfaceMethod::StraightWalk => {
                    let direction = -entry.0.frame.to_world(entry.0.wo);
                    medium.walk(self.accel, place, Some(direction), numbers)
                }
                SubsurfaceMethod::Diffusion => {
                    diffusion.probe((self.scene, self.accel), entry.1, normal, numbers)
                }
            };
            let Some(end) = end else {
                continue;
            };
            let (mut point, mut position) = entry;
            if let Some((inside, hit)) = end.place {
                let surface = SurfaceHit::new(self.scene, &inside, &hit);
                position = surface.position;
                let footprint = Footprint {
                    size_m: 0.0,
                    shows_relief: false,
                };
                point = self.view.shade(&surface, inside.direction, footprint);
            }
            point.bsdf = Bsdf::Exit(coated.exit());
            light += end.weight * self.direct(&point, position, StrandSkip::NONE, sampler);

            // The one number is used again and again: what is left of it is uniform.
            let carried = luminance(end.weight);
            total += carried;
            let share = carried / total.max(1e-30);
            if choice < share {
                kept = Some((end.weight / carried.max(1e-30), (point, position)));
                choice /= share;
            } else {
                choice = (choice - share) / (1.0 - share).max(1e-7);
            }
        }
        kept.map(|(color, place)| Exit {
            place,
            weight: color * (total / WALKS as f32),
            light: light / WALKS as f32,
        })
    }

    /// What a path that meets nothing sees of the environment, weighted against the light samples
    /// of the vertex it left.
    fn environment(&self, sight: Sight, direction: Vec3) -> Vec3 {
        let lights = &self.prepare.lights;
        match sight {
            Sight::Camera => lights.background(direction),
            Sight::Mirror => lights.radiance_smooth(direction),
            Sight::MirrorCounted => Vec3::ZERO,
            Sight::Scattered { pdf, from } => {
                let mut seen = Vec3::ZERO;
                lights.far(&from, direction, |radiance, light_pdf| {
                    seen += radiance * power_heuristic(pdf, light_pdf);
                });
                seen
            }
        }
    }

    /// What a path sees of the lamps that it crosses before `t_max`.
    fn lamps(&self, sight: Sight, ray: &Ray, t_max: f32) -> Vec3 {
        let mut seen = Vec3::ZERO;
        let (from, pdf) = match sight {
            Sight::Camera | Sight::MirrorCounted => return seen,
            Sight::Mirror => (nowhere(ray), None),
            Sight::Scattered { pdf, from } => (from, Some(pdf)),
        };
        (self.prepare.lights).crossed(&from, ray, t_max, |crossing| {
            let weight = pdf.map_or(1.0, |pdf| power_heuristic(pdf, crossing.pdf));
            seen += crossing.radiance * weight;
        });
        seen
    }

    /// How sharply a path that has come `travelled_m`, the last `t` of it straight, sees what it
    /// meets. Scattered light comes from a cone about the direction that was drawn: the wider, the
    /// less likely that one was.
    fn footprint(&self, sight: Sight, t: f32, travelled_m: f32) -> Footprint {
        let pixel_m = travelled_m * self.pixel_angle;
        match sight {
            Sight::Scattered { pdf, .. } => Footprint {
                size_m: pixel_m + CONE * t / pdf.max(1e-4).sqrt(),
                shows_relief: false,
            },
            _ => Footprint {
                size_m: pixel_m,
                shows_relief: true,
            },
        }
    }

    /// Light of the surface that `ray` hit, where it is one that shines, and whether it reflects
    /// light too.
    fn shining(&self, sight: Sight, ray: &Ray, hit: &Hit) -> Option<(Vec3, bool)> {
        let HitKind::Triangle {
            object, triangle, ..
        } = hit.kind
        else {
            return None;
        };
        let lights = &self.prepare.lights;
        if !lights.is_shining(object) {
            return None;
        }
        let (from, pdf) = match sight {
            Sight::Scattered { pdf, from } => (from, Some(pdf)),
            _ => (nowhere(ray), None),
        };
        let seen = (lights.met(&from, ray, hit.t, (object, triangle))).map(|crossing| {
            let weight = pdf.map_or(1.0, |pdf| power_heuristic(pdf, crossing.pdf));
            crossing.radiance * weight
        });
        // The inner side is black.
        let material = self.scene.meshes[object as usize].material;
        let reflects = matches!(
            self.prepare.materials[material as usize],
            Prepared::Surface(_)
        );
        Some((seen.unwrap_or(Vec3::ZERO), reflects))
    }

    /// Light from a sampled direction, scattered toward the viewer.
    fn direct<S: Sampler>(
        &self,
        point: &ShadingPoint<'_>,
        position: Vec3,
        skip: StrandSkip,
        sampler: &mut S,
    ) -> Vec3 {
        let lights = &self.prepare.lights;
        let at = receiver(point, position);
        let u_light = if lights.is_environment_only() {
            0.0
        } else {
            sampler.next_1d()
        };
        let Some(sample) = lights.sample(&at, u_light, sampler.next_2d()) else {
            return Vec3::ZERO;
        };
        let terminator = point.terminator(sample.wi);
        if terminator <= 0.0 {
            return Vec3::ZERO;
        }
        let value = point.bsdf.eval(point.wo, point.frame.to_local(sample.wi));
        if value.f_cos.max_element() <= 0.0 {
            return Vec3::ZERO;
        }
        let ray = (self.leave(point, position, sample.wi, skip)).with_t_max(sample.t_max);
        if self.accel.occluded(&ray) {
            return Vec3::ZERO;
        }
        let glass = if self.prepare.glass.is_empty() {
            Vec3::ONE
        } else {
            self.through_glass(&ray, sample.t_max)
        };
        let share = if sample.is_point {
            1.0
        } else {
            power_heuristic(sample.pdf, value.pdf)
        };
        value.f_cos * sample.radiance * glass * (share * terminator / sample.pdf)
    }

    /// A ray from a shaded point, blind to glass and to the fibre it starts on.
    fn leave(
        &self,
        point: &ShadingPoint<'_>,
        position: Vec3,
        direction: Vec3,
        skip: StrandSkip,
    ) -> Ray {
        let origin = if point.is_fiber {
            position
        } else {
            let side = 1.0_f32.copysign(point.geometric_normal.dot(direction));
            offset_origin(position, point.geometric_normal * side)
        };
        Ray::new(origin, direction)
            .with_mask(RayMask::SHADOW)
            .with_skip(skip)
    }

    /// Bounds indirect light, which else would show as bright dots. The bound is in units of the
    /// exposed picture.
    fn bounded(&self, light: Vec3, is_indirect: bool) -> Vec3 {
        let exposed = light.max_element() * self.settings.exposure;
        if is_indirect && self.settings.clamp_indirect < exposed {
            light * (self.settings.clamp_indirect / exposed)
        } else {
            light
        }
    }

    /// Follows a path that has not scattered through glass or off it. The environment's
    /// reflection is added at once, so that its highlights (in the eye) do not depend on chance.
    fn meet_glass(
        &self,
        (glass, point, position): (DielectricBsdf, &ShadingPoint<'_>, Vec3),
        sight: Sight,
        (facet, u_lobe): (Vec3, f32),
        throughput: &mut Vec3,
        light: &mut Vec3,
    ) -> (Ray, Sight) {
        let start = |direction: Vec3| {
            let side = 1.0_f32.copysign(point.geometric_normal.dot(direction));
            Ray::new(
                offset_origin(position, point.geometric_normal * side),
                direction,
            )
        };
        let reflected = {
            let local = glass.mirrored(point.wo, facet);
            start(point.frame.to_world(local).normalize())
        };
        let reflectance = glass.reflected(point.wo, facet);
        if 1e-3 < reflectance && !self.accel.occluded(&reflected) {
            let seen = self.prepare.lights.radiance_smooth(reflected.direction);
            *light += self.bounded(*throughput * seen * reflectance, true);
        }
        if 1e-3 < reflectance && !self.prepare.lights.is_environment_only() {
            let seen = self.reflected_lamps(&reflected);
            *light += self.bounded(*throughput * seen * reflectance, true);
        }
        if u_lobe < reflectance {
            return (reflected, Sight::MirrorCounted);
        }
        let Some(sample) = glass.sample_at(point.wo, facet, u_lobe) else {
            return (reflected, Sight::MirrorCounted);
        };
        *throughput *= sample.weight;
        let through = start(point.frame.to_world(sample.wi).normalize());
        match sight {
            Sight::Camera if glass.thin && glass.rough.is_none() => (through, Sight::Camera),
            _ => (through, Sight::Mirror),
        }
    }

    /// What a mirror shows of the lamps along `ray`.
    fn reflected_lamps(&self, ray: &Ray) -> Vec3 {
        let mut seen = Vec3::ZERO;
        (self.prepare.lights).crossed(&nowhere(ray), ray, f32::INFINITY, |crossing| {
            if !self.accel.occluded(&ray.with_t_max(crossing.t)) {
                seen += crossing.radiance;
            }
        });
        seen
    }

    /// Share of light that passes all glass on the way of `ray` up to distance `t_max`.
    fn through_glass(&self, ray: &Ray, t_max: f32) -> Vec3 {
        let inverse = ray.direction.recip();
        let crosses = self.prepare.glass.iter().any(|[lo, hi]| {
            let (a, b) = ((*lo - ray.origin) * inverse, (*hi - ray.origin) * inverse);
            let near = a.min(b).max_element().max(0.0);
            near <= a.max(b).min_element().min(t_max)
        });
        if !crosses {
            return Vec3::ONE;
        }
        let mut share = Vec3::ONE;
        // Where the body was entered in which the ray is.
        let mut entered = 0.0;
        let mut rest = ray.with_mask(RayMask::DIELECTRIC).with_t_max(t_max);
        for _ in 0..GLASS_MAX {
            let Some(hit) = self.accel.intersect(&rest) else {
                break;
            };
            let surface = SurfaceHit::new(self.scene, &rest, &hit);
            if let Prepared::Dielectric {
                ior,
                thin,
                absorption,
                ..
            } = self.prepare.materials[surface.material as usize]
            {
                // From either side as from outside: the way in is also the way out.
                let cos = surface.normal.dot(ray.direction).abs();
                share *= transmittance(cos, ior, thin);
                if absorption != Vec3::ZERO {
                    let is_way_out = 0.0 < surface.geometric_normal.dot(ray.direction);
                    share *= match (thin, is_way_out) {
                        (true, _) => passed_sheet(absorption, cos, ior),
                        (false, true) => absorbed(absorption, hit.t - entered),
                        (false, false) => Vec3::ONE,
                    };
                }
                entered = hit.t;
            }
            rest.t_min = hit.t + 1e-5;
        }
        share
    }
}
