//! Everything the tracer sees: surfaces, strands, materials, light and the camera.

use bottega_geometry::{StrandSet, TriMesh};
use glam::{Affine3A, Vec2, Vec3};

use crate::texture::ImageTexture;

pub use crate::camera::CameraMotion;
pub use crate::surface::{Opacity, Surface};

/// Index into [`Scene::materials`].
pub type MaterialId = u32;

/// A whole scene, immutable once built.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Triangle meshes, in world space.
    pub meshes: Vec<MeshObject>,
    /// Hair and other fibres, in world space.
    pub strands: Vec<StrandObject>,
    /// Materials that the objects refer to.
    pub materials: Vec<Material>,
    /// The light from all around; also the background.
    pub environment: Environment,
    /// Lamps and the sun; meshes of [`Material::Emissive`] shine besides.
    pub lights: Vec<Light>,
    /// The camera.
    pub camera: Camera,
}

/// One mesh with one material.
#[derive(Clone, Debug)]
pub struct MeshObject {
    /// Geometry, in world space.
    pub mesh: TriMesh,
    /// Material of every triangle.
    pub material: MaterialId,
    /// What the label planes say of it.
    pub label: Label,
}

/// One set of strands.
#[derive(Clone, Debug)]
pub struct StrandObject {
    /// Geometry, in world space.
    pub strands: StrandSet,
    /// Material of each palette entry of the strands.
    pub materials: Vec<MaterialId>,
    /// What the label planes say of it.
    pub label: Label,
}

/// How an object enters the ground truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Part number written to the part plane; 0 is reserved for "no surface".
    pub part: u8,
    /// Whether the object belongs to the subject. Surroundings (ground, furniture) hide the
    /// subject where they stand before it, but are not themselves in depth, normal or alpha.
    pub subject: bool,
    /// Whether label rays pass through it: lens glass, unless labels are asked to stop there, and
    /// always fine hair.
    pub see_through: bool,
}

/// Where a colour comes from. Colours are linear Rec. 709 reflectances.
#[derive(Clone, Debug, PartialEq)]
pub enum ColorTexture {
    /// The same everywhere.
    Constant(Vec3),
    /// The mesh's vertex colour, interpolated.
    Vertex,
    /// Two colours in stripes across one axis of the rest position.
    Stripes {
        /// First colour.
        a: Vec3,
        /// Second colour.
        b: Vec3,
        /// Unit direction across the stripes, in rest space.
        axis: Vec3,
        /// Width of one pair of stripes, in metres.
        period_m: f32,
        /// Share of the period that has colour `a`.
        duty: f32,
    },
    /// Two families of stripes, multiplied as in a woven check.
    Checks {
        /// Ground colour.
        a: Vec3,
        /// Colour of the bands.
        b: Vec3,
        /// Width of one period, in metres, along rest X and rest Y.
        period_m: f32,
    },
    /// Smooth mottling between two colours (denim, heather), from noise in rest space.
    Mottle {
        /// First colour.
        a: Vec3,
        /// Second colour.
        b: Vec3,
        /// Size of the largest features, in metres.
        scale_m: f32,
    },
    /// A picture, laid by the texture coordinates of the mesh.
    Image {
        /// The picture and how it lies.
        texture: ImageTexture,
        /// Factor on its colours.
        tint: Vec3,
        /// Whether the vertex colour multiplies them too.
        times_vertex: bool,
    },
}

/// Fine relief that moves the shading normal, evaluated in rest space.
#[derive(Clone, Debug, PartialEq)]
pub enum Bump {
    /// Cellular pits and fine lines, as of skin.
    Pores {
        /// Mean distance of pits, in metres.
        spacing_m: f32,
        /// Depth, in metres.
        depth_m: f32,
    },
    /// Woven or knitted cloth plus low folds.
    Cloth {
        /// How threads run.
        structure: ClothStructure,
        /// Thread pitch, in metres; fades out where it is smaller than a pixel.
        pitch_m: f32,
        /// Depth of the threads, in metres.
        depth_m: f32,
        /// Size of soft creases, in metres.
        crease_m: f32,
        /// Depth of soft creases, in metres.
        crease_depth_m: f32,
    },
    /// Rounded cells with furrows between them, as of leather.
    Grain {
        /// Size of the cells, in metres.
        cell_m: f32,
        /// Depth of the furrows, in metres.
        depth_m: f32,
    },
    /// A tangent-space normal map: `2 c - 1` of the linear values is the normal, X along growing
    /// u, Y along growing v (up), Z outward.
    Normals {
        /// The map and how it lies.
        texture: ImageTexture,
        /// Factor on X and Y.
        strength: f32,
    },
    /// A height map: its first channel, linear, is a relief that only the normal sees.
    Heights {
        /// The map and how it lies.
        texture: ImageTexture,
        /// Height of 1 over 0, in metres.
        scale_m: f32,
    },
}

impl Bump {
    /// Whether it is a picture, which knows its own means.
    pub(crate) fn is_map(&self) -> bool {
        matches!(self, Self::Normals { .. } | Self::Heights { .. })
    }
}

/// How the threads of a cloth run, by the pitch of one thread or one column of stitches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClothStructure {
    /// Over one, under one.
    Plain,
    /// Diagonal ribs: denim, gabardine.
    Twill,
    /// Fine columns of stitches: jersey.
    Jersey,
    /// Columns of plaited stitches: pullovers.
    Knit,
}

/// What a surface or fibre does to light.
#[derive(Clone, Debug, PartialEq)]
pub enum Material {
    /// Ideal diffuse reflector.
    Diffuse {
        /// Albedo.
        color: ColorTexture,
    },
    /// GGX coat over a diffuse base, or a metal.
    Glossy {
        /// Albedo of the base, or colour at normal incidence of the metal.
        color: ColorTexture,
        /// Perceptual roughness in `[0, 1]`; GGX alpha is its square.
        roughness: f32,
        /// Index of refraction of the coat.
        ior: f32,
        /// 0 for a dielectric coat over a diffuse base, 1 for a metal.
        metallic: f32,
        /// Fine relief.
        bump: Option<Bump>,
    },
    /// The same under a clear coat: enamel, varnish, patent leather.
    Lacquer {
        /// Albedo of the base, or colour at normal incidence of the metal.
        color: ColorTexture,
        /// Perceptual roughness of the base.
        roughness: f32,
        /// 0 for a base like plastic, 1 for a metal.
        metallic: f32,
        /// Perceptual roughness of the clear coat.
        coat_roughness: f32,
        /// Index of refraction of the clear coat.
        coat_ior: f32,
        /// Fine relief, of base and coat alike.
        bump: Option<Bump>,
    },
    /// Bare metal by its complex index of refraction, at the wavelengths of Rec. 709.
    Metal {
        /// Real part.
        eta: Vec3,
        /// Imaginary part.
        k: Vec3,
        /// Perceptual roughness.
        roughness: f32,
        /// Brushing, in `[-1, 1]`: highlights are wider along the horizontal of rest space when
        /// above 0, along the other axis when below.
        anisotropy: f32,
        /// Fine relief.
        bump: Option<Bump>,
    },
    /// Satin and silk: long parallel threads that shine across their direction.
    Satin {
        /// Colour of the threads, of their diffuse part and of their shine.
        color: ColorTexture,
        /// Perceptual roughness of the shine.
        roughness: f32,
        /// As of metal; threads that run down have an anisotropy above 0.
        anisotropy: f32,
        /// Weave and creases.
        bump: Option<Bump>,
    },
    /// Skin: two GGX lobes over scattering below the surface.
    Skin {
        /// Diffuse albedo, which survives the coat.
        color: ColorTexture,
        /// Perceptual roughness of the main lobe; the gloss of the mesh changes it.
        roughness: f32,
        /// Diffuse mean free path per channel, in metres; zero for no scattering.
        mean_free_path_m: Vec3,
        /// Pores.
        bump: Option<Bump>,
    },
    /// Cloth: diffuse threads under a sheen.
    Cloth {
        /// Albedo of the threads.
        color: ColorTexture,
        /// Perceptual roughness of the diffuse threads (Oren-Nayar).
        roughness: f32,
        /// Strength of the sheen in `[0, 1]`.
        sheen: f32,
        /// Weave and creases.
        bump: Option<Bump>,
    },
    /// Hair fibre after Chiang et al. 2016.
    Hair {
        /// Absorption coefficient per fibre radius.
        sigma_a: Vec3,
        /// Longitudinal roughness.
        beta_m: f32,
        /// Azimuthal roughness.
        beta_n: f32,
        /// Tilt of the cuticle scales, in radians.
        tilt_rad: f32,
        /// Index of refraction.
        ior: f32,
    },
    /// Smooth refracting boundary. Shadow rays pass it with the Fresnel transmittance, so that
    /// light sampling reaches what lies behind (the iris) without caustics.
    Dielectric {
        /// Index of refraction inside over outside.
        ior: f32,
        /// Whether the boundary is a thin sheet that does not bend light.
        thin: bool,
        /// What is absorbed inside, per channel and metre; of a thin sheet its optical depth.
        absorption: Vec3,
        /// Perceptual roughness; 0 is smooth. Light that has scattered passes straight through
        /// rough boundaries too.
        roughness: f32,
    },
    /// Surface that shines and reflects nothing; its light is sampled like that of lamps.
    Emissive {
        /// Radiance of the outer side (by the winding); the inner side is black.
        radiance: Vec3,
    },
    /// A surface of the metallic-roughness model, with pictures.
    Surface(Box<Surface>),
    /// Diffuse surface that, where nothing shades it, looks like the environment behind it as
    /// the camera sees it: a ground that takes shadows.
    Backdrop,
}

/// Light from infinitely far, given on an equirectangular map.
///
/// A direction `d` away from the scene is found at `u = 0.5 + atan2(d.z, d.x) / (2 pi) + yaw /
/// (2 pi)`, `v = acos(d.y) / pi` from the top row.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Width of the map, in texels.
    pub width: usize,
    /// Height of the map, in texels.
    pub height: usize,
    /// Radiance per texel, row by row from the top; finite and not negative.
    pub radiance: Vec<Vec3>,
    /// Turn of the map about +Y, in radians.
    pub yaw_rad: f32,
    /// Factor on the radiance (exposure is in the film, not here).
    pub scale: f32,
    /// Angular radius of the blur with which the camera sees the map, in radians; at 0 it sees the
    /// map itself, interpolated.
    pub background_blur_rad: f32,
}

/// A light besides the environment.
///
/// Lamps block nothing, and the camera does not see them straight, so that they may stand in the
/// picture; mirrors do see them. Lengths are metres, radiance is in the units of the environment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Light {
    /// A parallelogram that shines on the side of `half_u x half_v`: softboxes, windows, panels.
    Rect {
        /// Centre.
        center: Vec3,
        /// From the centre to the middle of one side.
        half_u: Vec3,
        /// From the centre to the middle of the next side.
        half_v: Vec3,
        /// Radiance.
        radiance: Vec3,
    },
    /// A disc that shines on the side of its normal: beauty dishes, umbrellas.
    Disk {
        /// Centre.
        center: Vec3,
        /// Unit normal.
        normal: Vec3,
        /// Radius.
        radius_m: f32,
        /// Radiance.
        radiance: Vec3,
    },
    /// A sphere that shines outward: bulbs, lanterns.
    Sphere {
        /// Centre.
        center: Vec3,
        /// Radius.
        radius_m: f32,
        /// Radiance.
        radiance: Vec3,
    },
    /// A point that shines into a cone: full within the inner cone, nothing beyond the outer, a
    /// smooth step over the cosine between them. Not even mirrors see it.
    Spot {
        /// Where it is.
        position: Vec3,
        /// Unit direction in which it shines.
        direction: Vec3,
        /// Cosine of half the angle of the inner cone.
        cos_inner: f32,
        /// Cosine of half the angle of the outer cone; below `cos_inner`.
        cos_outer: f32,
        /// Intensity within the inner cone: irradiance at one metre.
        intensity: Vec3,
    },
    /// A disc infinitely far away. The camera sees it as blurred as the environment.
    Sun {
        /// Unit direction toward its centre.
        direction: Vec3,
        /// Angular radius, in radians; the sun of the earth has 0.00465.
        radius_rad: f32,
        /// Radiance.
        radiance: Vec3,
    },
}

/// A pinhole or thin-lens camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Maps camera space to world space; rigid.
    pub world_from_camera: Affine3A,
    /// Image width and height, in pixels.
    pub resolution_px: [u32; 2],
    /// Focal lengths, in pixels.
    pub focal_px: Vec2,
    /// Principal point, in pixels from the top-left corner.
    pub center_px: Vec2,
    /// Radius of the lens, in metres; 0 is a pinhole. Labels always use the pinhole.
    pub lens_radius_m: f32,
    /// Distance of the plane in focus along the optical axis, in metres.
    pub focus_distance_m: f32,
    /// How it moves while its shutter is open. Labels always are those of the middle.
    pub motion: CameraMotion,
}

/// How much work goes into a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderSettings {
    /// Paths per pixel; `budget` says of which pixels.
    pub spp: u32,
    /// How paths are shared out among pixels.
    pub budget: Budget,
    /// Label rays per pixel for coverage; a square number, at least 64.
    pub label_rays: u32,
    /// Longest path, in bounces.
    pub max_bounces: u32,
    /// Bound on the contribution of indirect paths, in units of the exposed picture.
    pub clamp_indirect: f32,
    /// Factor from radiance to exposed linear value (0.18 is middle grey).
    pub exposure: f32,
    /// Seed of the picture's noise; labels do not depend on it.
    pub seed: u64,
    /// How samples are spread about a pixel's centre.
    pub filter: PixelFilter,
    /// Where paths are cut short.
    pub shortcuts: Shortcuts,
    /// How the errors of neighbouring pixels are related.
    pub pixel_order: PixelOrder,
}

/// How paths are shared out among the pixels of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Budget {
    /// Every pixel has `spp` paths.
    #[default]
    Even,
    /// As many as the whole picture has at `spp` paths a pixel, most where the noise is.
    Mean,
    /// Until the picture has this error, most where the noise is, and at most `spp` a pixel. The
    /// error is the mean over the picture of the variance of a channel, relative to its squared
    /// brightness plus 0.01, before denoising.
    Error(f32),
}

/// Where paths are cut short and what they would still bring is estimated; by default nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shortcuts {
    /// Most fibres that scatter one path; the light of further ones is estimated from that of the
    /// third to the last by the fibres' albedo. `None` follows all of it.
    pub hair_bounces: Option<u32>,
    /// How light spreads below skin.
    pub subsurface: SubsurfaceMethod,
    /// Whether gloss is blunted for light that has scattered: caustics, which chance finds rarely
    /// and as bright dots, become soft. Their light is kept.
    pub soft_caustics: bool,
}

impl Shortcuts {
    /// Those that pay: they cost less noise than they save time.
    pub const TRAINING: Self = Self {
        hair_bounces: Some(8),
        subsurface: SubsurfaceMethod::Walk,
        soft_caustics: true,
    };
}

/// How light spreads below skin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubsurfaceMethod {
    /// A random walk inside the mesh that begins with a cosine lobe.
    #[default]
    Walk,
    /// The same walk, begun straight along the ray, as the random walk of Cycles 4.5 is: skin that
    /// faces the viewer is darker, skin seen at grazing angles brighter.
    StraightWalk,
    /// Normalised diffusion over the surface.
    Diffusion,
}

/// How the errors of neighbouring pixels are related.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelOrder {
    /// Not at all: every pixel has points of its own.
    #[default]
    Independent,
    /// Neighbours share one sequence along a Morton curve, so that their errors cancel when the
    /// picture is blurred or made smaller.
    BlueNoise,
}

/// The filter of the picture; labels have their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelFilter {
    /// Evenly over the pixel.
    Box,
    /// Gaussian with a standard deviation of half a pixel, cut at three of them.
    Gaussian,
    /// Blackman-Harris, 1.5 pixels wide.
    #[default]
    BlackmanHarris,
}

/// The planes of one picture, row by row from the top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// Scene-linear Rec. 709 picture after exposure, background included.
    pub rgb: Vec<Vec3>,
    /// Coverage of the subject in `[0, 1]`, from the label rays.
    pub alpha: Vec<f32>,
    /// Distance along the optical axis of the pixel-centre first hit, in metres; `+inf` for none.
    pub depth_m: Vec<f32>,
    /// Camera-space unit shading normal of that hit, facing the camera; zero for none.
    pub normal: Vec<Vec3>,
    /// Part number of that hit; 0 for none.
    pub part: Vec<u8>,
    /// Distance along the ray of that hit, in metres; `+inf` for none.
    pub range_m: Vec<f32>,
    /// What the picture cost and how noisy it was before denoising.
    pub effort: Effort,
}

/// What a picture cost and how noisy it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effort {
    /// Mean number of paths a pixel.
    pub spp_mean: f32,
    /// Estimate of the error that [`Budget::Error`] bounds, before denoising; `None`
    /// where the paths were not kept apart.
    pub error: Option<f32>,
}
