//! Materials with their tables, and how a hit becomes something to shade.

use bottega_geometry::math;
use glam::Vec3;

use crate::bsdf::{
    Bsdf, ClothBsdf, Coat, CoatedBsdf, DielectricBsdf, DiffuseBsdf, Ggx, HairBsdf, HairFiber,
    LacqueredBsdf, Reflectance, f0_of_ior,
};
use crate::frame::Frame;
use crate::interaction::{SurfaceDetail, SurfaceHit};
use crate::light::EnvironmentLight;
use crate::scene::{Bump, ColorTexture, Material, Surface};
use crate::texture::{across_tangent, color_at, facing, relief_normal};

/// Index of refraction of the clear coat of surfaces.
const CLEAR_COAT_IOR: f32 = 1.5;
/// Index of refraction of skin.
const SKIN_IOR: f32 = 1.4;
/// Share and relative roughness of the sharper lobe of skin.
const SKIN_SHARP: (f32, f32) = (0.15, 0.55);
/// Share of the reflection of a smooth boundary that dry skin shows: pores and furrows swallow the
/// rest. Weyrich et al. 2006 fit a scale of 0.18 without the 1/pi of the distribution, at a slope
/// of 0.3, over faces of all tones.
const SKIN_DRY: f32 = 0.57;
/// Levels of roughness of surfaces whose roughness is a picture.
const ROUGHNESS_LEVELS: usize = 65;
/// Levels of gloss from -1 to 1.
const GLOSS_LEVELS: usize = 33;
/// By how many halvings full gloss lowers the roughness.
const GLOSS_HALVINGS: f32 = 1.5;
/// Reflectance at normal incidence of satin threads, besides their colour, and how much their
/// colour adds.
const SATIN_F0: (f32, f32) = (0.03, 0.22);
/// Least cosine between a shading normal and the direction to the viewer.
const LEAST_COS: f32 = 0.02;
/// Bound on the albedo of a ground that imitates its background.
const BACKDROP_ALBEDO_MAX: f32 = 0.95;

/// Bounds on the width of blunted lobes, as alpha of GGX.
const BLUNT_ALPHA: (f32, f32) = (0.1, 0.3);

/// How sharp the gloss of materials is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gloss {
    /// As they say.
    Sharp,
    /// Blunted for light that has scattered (Kaplanyan and Dachsbacher 2013): twice as wide, within
    /// bounds.
    Blunt,
}

impl Gloss {
    /// Perceptual roughness of a lobe that was given one.
    fn roughness(self, given: f32) -> f32 {
        let alpha = given * given;
        let (least, most) = BLUNT_ALPHA;
        match self {
            Self::Blunt if alpha < most => (2.0 * alpha).clamp(least, most).sqrt(),
            _ => given,
        }
    }
}

/// A material made ready: what does not depend on the point is computed.
#[derive(Clone, Debug)]
pub(crate) enum Prepared {
    Diffuse {
        color: ColorTexture,
    },
    Glossy {
        color: ColorTexture,
        coats: GlossCoats,
        f0: f32,
        metallic: f32,
        bump: Option<Bump>,
    },
    Lacquer {
        color: ColorTexture,
        coat: Box<Coat>,
        metallic: f32,
        top: Box<Coat>,
        top_f0: f32,
        bump: Option<Bump>,
    },
    Metal {
        coat: Box<Coat>,
        reflectance: Reflectance,
        bump: Option<Bump>,
    },
    Satin {
        color: ColorTexture,
        coat: Box<Coat>,
        bump: Option<Bump>,
    },
    Skin {
        color: ColorTexture,
        coats: GlossCoats,
        mean_free_path_m: Vec3,
        bump: Option<Bump>,
    },
    Cloth {
        color: ColorTexture,
        roughness: f32,
        sheen: f32,
        bump: Option<Bump>,
    },
    Hair(HairFiber),
    Dielectric {
        ior: f32,
        thin: bool,
        absorption: Vec3,
        rough: Option<Ggx>,
    },
    Surface(Box<PreparedSurface>),
    Backdrop,
}

/// A surface of the metallic-roughness model with its tables.
#[derive(Clone, Debug)]
pub(crate) struct PreparedSurface {
    surface: Surface,
    /// One coat, or coats for every level of roughness.
    coats: Vec<Coat>,
    f0: f32,
    top: Option<Coat>,
}

impl PreparedSurface {
    fn new(surface: &Surface, gloss: Gloss) -> Self {
        let coat = |roughness: f32| Coat::single(gloss.roughness(roughness));
        let coats = if surface.roughness_metallic.is_some() {
            (0..ROUGHNESS_LEVELS)
                .map(|level| coat(level as f32 / (ROUGHNESS_LEVELS - 1) as f32))
                .collect()
        } else {
            vec![coat(surface.roughness)]
        };
        Self {
            coats,
            f0: f0_of_ior(surface.ior),
            top: (0.0 < surface.clear_coat).then(|| coat(surface.clear_coat_roughness)),
            surface: surface.clone(),
        }
    }

    fn bsdf(&self, albedo: Vec3, hit: &SurfaceHit, footprint_m: f32) -> Bsdf<'_> {
        let surface = &self.surface;
        let (roughness, metallic) = match &surface.roughness_metallic {
            None => (surface.roughness, surface.metallic),
            Some(texture) => {
                let read = texture.at_hit(hit, footprint_m);
                (surface.roughness * read.y, surface.metallic * read.z)
            }
        };
        let metallic = metallic.clamp(0.0, 1.0);
        let level = roughness.clamp(0.0, 1.0) * (self.coats.len() - 1) as f32;
        let coat = &self.coats[(level + 0.5) as usize];
        let f0 = Vec3::splat(self.f0).lerp(albedo, metallic);
        let under = CoatedBsdf::new(coat, f0, albedo * (1.0 - metallic));
        match &self.top {
            None => Bsdf::Coated(under),
            Some(top) => {
                let reflectance = Reflectance {
                    f0: Vec3::splat(f0_of_ior(CLEAR_COAT_IOR) * surface.clear_coat),
                    f90: Vec3::splat(surface.clear_coat),
                    dip: Vec3::ZERO,
                };
                Bsdf::Lacquered(LacqueredBsdf::with_reflectance(top, reflectance, under))
            }
        }
    }
}

/// Coats for every level of gloss.
#[derive(Clone, Debug)]
pub(crate) struct GlossCoats(Vec<Coat>);

impl GlossCoats {
    /// Coats of this roughness where the gloss is 0.
    fn new(roughness: f32, coat: impl Fn(f32) -> Coat) -> Self {
        let of = |level: usize| {
            let gloss = 2.0 * level as f32 / (GLOSS_LEVELS - 1) as f32 - 1.0;
            let factor = math::pow(2.0, -GLOSS_HALVINGS * gloss);
            coat((roughness * factor).clamp(0.03, 1.0))
        };
        Self((0..GLOSS_LEVELS).map(of).collect())
    }

    /// The coat of the nearest level.
    fn at(&self, gloss: f32) -> &Coat {
        let level = (gloss.clamp(-1.0, 1.0) + 1.0) * (0.5 * (GLOSS_LEVELS - 1) as f32);
        &self.0[(level + 0.5) as usize]
    }
}

impl Prepared {
    pub(crate) fn new(material: &Material, gloss: Gloss) -> Self {
        let single = |roughness: f32| Coat::single(gloss.roughness(roughness));
        let brushed = |roughness: f32, anisotropy: f32| {
            Coat::anisotropic(gloss.roughness(roughness), anisotropy)
        };
        match material {
            Material::Diffuse { color } => Self::Diffuse {
                color: color.clone(),
            },
            Material::Glossy {
                color,
                roughness,
                ior,
                metallic,
                bump,
            } => Self::Glossy {
                color: color.clone(),
                coats: GlossCoats::new(*roughness, single),
                f0: f0_of_ior(*ior),
                metallic: metallic.clamp(0.0, 1.0),
                bump: bump.clone(),
            },
            Material::Lacquer {
                color,
                roughness,
                metallic,
                coat_roughness,
                coat_ior,
                bump,
            } => Self::Lacquer {
                color: color.clone(),
                coat: Box::new(single(*roughness)),
                metallic: metallic.clamp(0.0, 1.0),
                top: Box::new(single(*coat_roughness)),
                top_f0: f0_of_ior(*coat_ior),
                bump: bump.clone(),
            },
            Material::Metal {
                eta,
                k,
                roughness,
                anisotropy,
                bump,
            } => Self::Metal {
                coat: Box::new(brushed(*roughness, *anisotropy)),
                reflectance: Reflectance::of_conductor(*eta, *k),
                bump: bump.clone(),
            },
            Material::Satin {
                color,
                roughness,
                anisotropy,
                bump,
            } => Self::Satin {
                color: color.clone(),
                coat: Box::new(brushed(*roughness, *anisotropy)),
                bump: bump.clone(),
            },
            Material::Skin {
                color,
                roughness,
                mean_free_path_m,
                bump,
            } => {
                let (share, sharpness) = SKIN_SHARP;
                let coat = |roughness: f32| {
                    let [wide, sharp] =
                        [1.0, sharpness].map(|factor| gloss.roughness(factor * roughness));
                    Coat::double(wide, sharp, share)
                };
                Self::Skin {
                    color: color.clone(),
                    coats: GlossCoats::new(*roughness, coat),
                    mean_free_path_m: *mean_free_path_m,
                    bump: bump.clone(),
                }
            }
            Material::Cloth {
                color,
                roughness,
                sheen,
                bump,
            } => Self::Cloth {
                color: color.clone(),
                roughness: roughness.clamp(0.0, 1.0),
                sheen: sheen.clamp(0.0, 1.0),
                bump: bump.clone(),
            },
            Material::Hair {
                sigma_a,
                beta_m,
                beta_n,
                tilt_rad,
                ior,
            } => Self::Hair(HairFiber::new(*sigma_a, *beta_m, *beta_n, *tilt_rad, *ior)),
            Material::Dielectric {
                ior,
                thin,
                absorption,
                roughness,
            } => Self::Dielectric {
                ior: *ior,
                thin: *thin,
                absorption: absorption.max(Vec3::ZERO),
                rough: (0.0 < *roughness).then(|| Ggx::from_roughness(*roughness)),
            },
            Material::Surface(surface) => {
                Self::Surface(Box::new(PreparedSurface::new(surface, gloss)))
            }
            Material::Backdrop => Self::Backdrop,
            // What shines reflects nothing; its light is the light set's.
            Material::Emissive { .. } => Self::Diffuse {
                color: ColorTexture::Constant(Vec3::ZERO),
            },
        }
    }

    /// The relief, if the material has one.
    fn bump(&self) -> Option<&Bump> {
        match self {
            Self::Glossy { bump, .. }
            | Self::Lacquer { bump, .. }
            | Self::Metal { bump, .. }
            | Self::Satin { bump, .. }
            | Self::Skin { bump, .. }
            | Self::Cloth { bump, .. } => bump.as_ref(),
            Self::Surface(prepared) => prepared.surface.bump.as_ref(),
            _ => None,
        }
    }
}

/// A point ready to be shaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShadingPoint<'a> {
    /// Local frame of the BSDF.
    pub(crate) frame: Frame,
    /// Unit normal of the surface itself, on the side of the viewer; meaningless for fibres.
    pub(crate) geometric_normal: Vec3,
    /// Direction back to the viewer, local.
    pub(crate) wo: Vec3,
    /// Colour, for the denoiser.
    pub(crate) albedo: Vec3,
    /// Light that the surface sends to the viewer and that is not sampled: that of pictures.
    pub(crate) emission: Vec3,
    /// What happens to light.
    pub(crate) bsdf: Bsdf<'a>,
    /// Whether light may come from any side (fibres).
    pub(crate) is_fiber: bool,
    /// What scatters below the surface, if anything does.
    pub(crate) subsurface: Option<Subsurface>,
    /// What is absorbed per metre behind the boundary of a solid body of glass.
    pub(crate) absorption_beyond: Vec3,
    /// Squared width of the lobe of imagined microfacets that hide the shadow terminator.
    terminator_alpha_squared: f32,
}

/// What scatters below a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Subsurface {
    /// Mesh that bounds the medium.
    pub(crate) object: u32,
    /// Wanted diffuse albedo.
    pub(crate) albedo: Vec3,
    /// Diffuse mean free path per channel, in metres.
    pub(crate) mean_free_path_m: Vec3,
}

/// How sharply a surface is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Footprint {
    /// Width over which pictures are averaged, in metres.
    pub(crate) size_m: f32,
    /// Whether procedural relief shows: it would only be noise to light that has scattered.
    pub(crate) shows_relief: bool,
}

/// What shading needs besides the hit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShadingView<'a> {
    /// All materials of the scene.
    pub(crate) materials: &'a [Prepared],
    /// The same for light that has scattered.
    pub(crate) scattered_materials: &'a [Prepared],
    /// The environment, for grounds that imitate it.
    pub(crate) light: &'a EnvironmentLight,
    /// Where the camera is.
    pub(crate) camera_position: Vec3,
}

impl<'a> ShadingView<'a> {
    /// The point that `hit` is for a ray that came along `-wo_world`.
    pub(crate) fn shade(
        &self,
        hit: &SurfaceHit,
        wo_world: Vec3,
        footprint: Footprint,
    ) -> ShadingPoint<'a> {
        let materials = match footprint.shows_relief {
            true => self.materials,
            false => self.scattered_materials,
        };
        let material = &materials[hit.material as usize];
        if let SurfaceDetail::Strand {
            tangent,
            h,
            radius_m,
            ..
        } = hit.detail
        {
            let is_thin = 2.0 * radius_m <= footprint.size_m;
            return shade_fiber(material, tangent, (h, is_thin), wo_world);
        }
        let outside = 0.0 < hit.geometric_normal.dot(wo_world);
        let side = if outside { 1.0 } else { -1.0 };
        let geometric_normal = hit.geometric_normal * side;
        let smooth = match material {
            // A mirror needs the side it is seen from exactly; relief is for rough surfaces.
            Prepared::Dielectric { .. } | Prepared::Backdrop => hit.normal,
            _ => match material.bump() {
                Some(bump) if footprint.shows_relief || bump.is_map() => {
                    relief_normal(bump, hit, wo_world, footprint.size_m)
                }
                _ => hit.normal,
            },
        };
        let normal = facing(smooth * side, wo_world, LEAST_COS).unwrap_or(geometric_normal);
        let frame = match material {
            Prepared::Metal { .. } | Prepared::Satin { .. } => {
                Frame::from_tangent(normal, across_tangent(hit))
            }
            _ => Frame::from_normal(normal),
        };
        let mut subsurface = None;
        let mut medium = None;
        let albedo = match material {
            Prepared::Diffuse { color }
            | Prepared::Glossy { color, .. }
            | Prepared::Lacquer { color, .. }
            | Prepared::Satin { color, .. }
            | Prepared::Skin { color, .. }
            | Prepared::Cloth { color, .. } => color_at(color, hit, footprint.size_m),
            Prepared::Surface(prepared) => color_at(&prepared.surface.color, hit, footprint.size_m),
            Prepared::Metal { reflectance, .. } => reflectance.f0,
            // A fibre's material on a surface has no meaning; it shows as grey.
            Prepared::Hair(_) => Vec3::splat(0.18),
            Prepared::Dielectric { .. } => Vec3::ONE,
            Prepared::Backdrop => self.backdrop_albedo(hit.position),
        };
        let bsdf = match material {
            Prepared::Diffuse { .. } | Prepared::Hair(_) | Prepared::Backdrop => {
                Bsdf::Diffuse(DiffuseBsdf { albedo })
            }
            Prepared::Glossy {
                coats,
                f0,
                metallic,
                ..
            } => {
                // Where gloss is below 0 the boundary fades as well as roughens: under water, as
                // the iris is, there is none.
                let seen = 1.0 + hit.gloss.clamp(-1.0, 0.0);
                let reflectance = Reflectance {
                    f0: (Vec3::splat(*f0) * seen).lerp(albedo, *metallic),
                    f90: Vec3::splat(seen + metallic * (1.0 - seen)),
                    dip: Vec3::ZERO,
                };
                let base = albedo * (1.0 - metallic);
                Bsdf::Coated(CoatedBsdf::with_reflectance(
                    coats.at(hit.gloss),
                    reflectance,
                    base,
                ))
            }
            Prepared::Lacquer {
                coat,
                metallic,
                top,
                top_f0,
                ..
            } => {
                let f0 = Vec3::splat(0.04).lerp(albedo, *metallic);
                let under = CoatedBsdf::new(coat, f0, albedo * (1.0 - metallic));
                Bsdf::Lacquered(LacqueredBsdf::new(top, *top_f0, under))
            }
            Prepared::Metal {
                coat, reflectance, ..
            } => Bsdf::Coated(CoatedBsdf::with_reflectance(coat, *reflectance, Vec3::ZERO)),
            Prepared::Satin { coat, .. } => {
                let (clear, tinted) = SATIN_F0;
                let f0 = Vec3::splat(clear) + albedo * tinted;
                Bsdf::Coated(CoatedBsdf::new(coat, f0, albedo))
            }
            Prepared::Skin {
                coats,
                mean_free_path_m,
                ..
            } => {
                if let SurfaceDetail::Triangle { object, .. } = hit.detail
                    && outside
                    && 0.0 < mean_free_path_m.max_element()
                {
                    subsurface = Some(Subsurface {
                        object,
                        albedo,
                        mean_free_path_m: *mean_free_path_m,
                    });
                }
                let shown = SKIN_DRY + (1.0 - SKIN_DRY) * hit.gloss.clamp(0.0, 1.0);
                let reflectance = Reflectance {
                    f0: Vec3::splat(shown * f0_of_ior(SKIN_IOR)),
                    f90: Vec3::splat(shown),
                    dip: Vec3::ZERO,
                };
                Bsdf::Coated(CoatedBsdf::with_reflectance(
                    coats.at(hit.gloss),
                    reflectance,
                    albedo,
                ))
            }
            Prepared::Cloth {
                roughness, sheen, ..
            } => Bsdf::Cloth(ClothBsdf::new(albedo, *roughness, *sheen)),
            Prepared::Surface(prepared) => prepared.bsdf(albedo, hit, footprint.size_m),
            Prepared::Dielectric {
                ior,
                thin,
                absorption,
                rough,
            } => {
                if !thin {
                    medium = outside.then_some(*absorption);
                }
                Bsdf::Dielectric(DielectricBsdf {
                    eta: if outside || *thin { *ior } else { 1.0 / ior },
                    thin: *thin,
                    depth: if *thin { *absorption } else { Vec3::ZERO },
                    rough: *rough,
                })
            }
        };
        let emission = match material {
            Prepared::Surface(prepared) if outside && prepared.surface.has_emission_texture() => {
                color_at(&prepared.surface.emission, hit, footprint.size_m)
            }
            _ => Vec3::ZERO,
        };
        let terminator_alpha_squared = {
            // Estevez, Lecocq and Stein 2019: microfacets spread as far as the two normals differ.
            let cos = normal.dot(geometric_normal).clamp(1e-3, 1.0);
            0.125 * (1.0 - cos * cos) / (cos * cos)
        };
        ShadingPoint {
            frame,
            geometric_normal,
            wo: frame.to_local(wo_world),
            albedo,
            emission,
            bsdf,
            is_fiber: false,
            subsurface,
            absorption_beyond: medium.unwrap_or(Vec3::ZERO),
            terminator_alpha_squared,
        }
    }

    /// The albedo with which level ground at `position` shows the background behind it.
    fn backdrop_albedo(&self, position: Vec3) -> Vec3 {
        let direction = (position - self.camera_position).normalize_or(Vec3::NEG_Y);
        let wanted = self.light.background(direction) * std::f32::consts::PI;
        (wanted / self.light.irradiance_up().max(Vec3::splat(1e-9)))
            .clamp(Vec3::ZERO, Vec3::splat(BACKDROP_ALBEDO_MAX))
    }
}

impl ShadingPoint<'_> {
    /// Factor on light from the world direction `wi`: zero from below the true surface, and a
    /// smooth way there where shading and geometric normals differ.
    #[inline]
    pub(crate) fn terminator(&self, wi: Vec3) -> f32 {
        if self.is_fiber {
            return 1.0;
        }
        let cos = self.geometric_normal.dot(wi);
        if cos <= 0.0 {
            return 0.0;
        }
        if self.terminator_alpha_squared < 1e-6 {
            return 1.0;
        }
        let tan_squared = (1.0 - cos * cos).max(0.0) / (cos * cos);
        2.0 / (1.0 + (1.0 + self.terminator_alpha_squared * tan_squared).sqrt())
    }
}

fn shade_fiber(
    material: &Prepared,
    tangent: Vec3,
    (offset, is_thin): (f32, bool),
    wo_world: Vec3,
) -> ShadingPoint<'_> {
    let frame = Frame::from_fiber(tangent, wo_world);
    let wo = frame.to_local(wo_world);
    if let Prepared::Hair(fiber) = material {
        return ShadingPoint {
            frame,
            geometric_normal: frame.z,
            wo,
            albedo: fiber.color(),
            emission: Vec3::ZERO,
            bsdf: Bsdf::Hair(if is_thin {
                HairBsdf::of_whole_width(fiber, wo, offset)
            } else {
                HairBsdf::new(fiber, wo, offset)
            }),
            is_fiber: true,
            subsurface: None,
            absorption_beyond: Vec3::ZERO,
            terminator_alpha_squared: 0.0,
        };
    }
    // Threads of another material are shaded as a surface that faces the viewer.
    let facing = Frame::from_normal(frame.y);
    let (albedo, bsdf) = match material {
        Prepared::Cloth {
            color: ColorTexture::Constant(color),
            roughness,
            sheen,
            ..
        } => (
            *color,
            Bsdf::Cloth(ClothBsdf::new(*color, *roughness, *sheen)),
        ),
        Prepared::Diffuse {
            color: ColorTexture::Constant(color),
        } => (*color, Bsdf::Diffuse(DiffuseBsdf { albedo: *color })),
        _ => {
            let albedo = Vec3::splat(0.18);
            (albedo, Bsdf::Diffuse(DiffuseBsdf { albedo }))
        }
    };
    ShadingPoint {
        frame: facing,
        geometric_normal: facing.z,
        wo: facing.to_local(wo_world),
        albedo,
        emission: Vec3::ZERO,
        bsdf,
        is_fiber: true,
        subsurface: None,
        absorption_beyond: Vec3::ZERO,
        terminator_alpha_squared: 0.0,
    }
}
