//! Materials of the metallic-roughness model, and their pictures.

use glam::{Affine2, Mat2, Vec2, Vec3, Vec4};
use serde_json::Value;

use crate::math;

/// A material. Colours are linear Rec. 709.
#[derive(Clone, Debug, PartialEq)]
pub struct GltfMaterial {
    /// Name; empty if it has none.
    pub name: String,
    /// Reflectance of the base, or colour of the metal; the last component is opacity.
    pub base_color: Vec4,
    /// Picture that multiplies the base colour, in the sRGB curve.
    pub base_color_texture: Option<GltfTexture>,
    /// 0 for a dielectric, 1 for a metal.
    pub metallic: f32,
    /// Perceptual roughness in `[0, 1]`.
    pub roughness: f32,
    /// Picture whose G multiplies the roughness and whose B multiplies `metallic`.
    pub metallic_roughness_texture: Option<GltfTexture>,
    /// Normal map.
    pub normal: Option<NormalTexture>,
    /// Light that it sends out, as radiance.
    pub emission: Vec3,
    /// Picture that multiplies the emission, in the sRGB curve.
    pub emission_texture: Option<GltfTexture>,
    /// Index of refraction.
    pub ior: f32,
    /// Share of light that passes through instead of meeting the base.
    pub transmission: f32,
    /// What fills the mesh, if it is no thin sheet.
    pub volume: Option<GltfVolume>,
    /// Strength of the clear coat.
    pub clear_coat: f32,
    /// Perceptual roughness of the clear coat.
    pub clear_coat_roughness: f32,
    /// Colour of the sheen; black for none.
    pub sheen_color: Vec3,
    /// What the opacity means.
    pub alpha: AlphaMode,
}

impl Default for GltfMaterial {
    /// White, rough and dielectric. (glTF's own default is a metal.)
    fn default() -> Self {
        Self {
            name: String::new(),
            base_color: Vec4::ONE,
            base_color_texture: None,
            metallic: 0.0,
            roughness: 1.0,
            metallic_roughness_texture: None,
            normal: None,
            emission: Vec3::ZERO,
            emission_texture: None,
            ior: 1.5,
            transmission: 0.0,
            volume: None,
            clear_coat: 0.0,
            clear_coat_roughness: 0.0,
            sheen_color: Vec3::ZERO,
            alpha: AlphaMode::Opaque,
        }
    }
}

impl GltfMaterial {
    /// Refuses numbers that mean nothing and pictures that are not there.
    pub(super) fn check(&self, n_images: usize) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("the material {:?}: {what}", self.name));
        let share = |x: f32| (0.0..=1.0).contains(&x);
        let shares = [
            (
                self.base_color.to_array().into_iter().all(share),
                "base color",
            ),
            (share(self.metallic), "metallic factor"),
            (share(self.roughness), "roughness factor"),
            (share(self.transmission), "transmission factor"),
            (share(self.clear_coat), "clearcoat factor"),
            (
                share(self.clear_coat_roughness),
                "clearcoat roughness factor",
            ),
            (
                self.sheen_color.to_array().into_iter().all(share),
                "sheen color",
            ),
        ];
        if let Some((_, what)) = shares.iter().find(|(is_share, _)| !is_share) {
            return wrong(&format!("its {what} is not within 0 and 1"));
        }
        if !(self.emission.is_finite() && 0.0 <= self.emission.min_element()) {
            return wrong("its emission is negative or without end");
        }
        // 0 stands for no refraction at all in the extension; everything else is at least vacuum.
        if !(self.ior == 0.0 || (1.0..=10.0).contains(&self.ior)) {
            return wrong(&format!("its index of refraction is {}", self.ior));
        }
        if let Some(volume) = self.volume
            && !(volume.color.to_array().into_iter().all(share) && 0.0 < volume.distance_m)
        {
            return wrong("its attenuation is not within 0 and 1 after some distance");
        }
        if let Some(normal) = self.normal
            && !normal.scale.is_finite()
        {
            return wrong("the scale of its normal map is without end");
        }
        let textures = [
            self.base_color_texture,
            self.metallic_roughness_texture,
            self.normal.map(|normal| normal.texture),
            self.emission_texture,
        ];
        for texture in textures.into_iter().flatten() {
            if n_images <= texture.image {
                return wrong(&format!("it names picture {} of {n_images}", texture.image));
            }
            if !texture.picture_from_uv.is_finite() {
                return wrong("the transform of a texture is without end");
            }
        }
        Ok(())
    }
}

/// A picture as a material uses it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GltfTexture {
    /// Index into `GltfScene::images`.
    pub image: usize,
    /// Picture coordinates (v down, the picture is the unit square) from those of the file.
    pub picture_from_uv: Affine2,
    /// Beyond the left and right edges, beyond the upper and lower ones.
    pub wrap: [GltfWrap; 2],
    /// Whether texels show as squares where they are large.
    pub hard_texels: bool,
}

/// How a picture goes on beyond its edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GltfWrap {
    /// Again and again.
    Repeat,
    /// Again and again, every second time mirrored.
    Mirror,
    /// As the texels at the edge are.
    Clamp,
}

/// A tangent-space normal map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalTexture {
    /// The picture; `2 c - 1` of its linear values is the normal.
    pub texture: GltfTexture,
    /// Factor on X and Y.
    pub scale: f32,
}

/// What fills a mesh of glass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GltfVolume {
    /// Share of light per channel that is left after `distance_m`.
    pub color: Vec3,
    /// In metres; infinite where nothing is absorbed.
    pub distance_m: f32,
}

/// What the opacity of a base colour means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AlphaMode {
    /// Nothing.
    Opaque,
    /// There is no surface below this opacity.
    Mask(f32),
    /// The surface is partly there.
    Blend,
}

/// A decoded picture: four 8-bit channels, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextureImage {
    /// Width, in texels.
    pub width: u32,
    /// Height, in texels.
    pub height: u32,
    /// R, G, B, A of each texel.
    pub rgba8: Vec<[u8; 4]>,
}

pub(super) fn read(material: &gltf::Material<'_>, ignored: &mut Vec<String>) -> GltfMaterial {
    let pbr = material.pbr_metallic_roughness();
    let name = material.name().unwrap_or_default().to_owned();
    let mut tell = |what: &str| ignored.push(format!("{what} of the material {name:?}"));
    let mut texture = |info: &gltf::texture::Info<'_>| {
        let transform = info.texture_transform();
        let set = transform.as_ref().and_then(|t| t.tex_coord());
        if set.unwrap_or(info.tex_coord()) != 0 {
            tell("the second texture coordinates (the first are used)");
        }
        let place = transform.map(|t| (t.offset(), t.rotation(), t.scale()));
        texture_of(&info.texture(), place)
    };
    let base_color_texture = pbr.base_color_texture().map(|info| texture(&info));
    let metallic_roughness_texture = pbr.metallic_roughness_texture().map(|info| texture(&info));
    let emission_texture = material.emissive_texture().map(|info| texture(&info));
    let normal = material.normal_texture().map(|map| {
        if map.tex_coord() != 0 {
            tell("the second texture coordinates (the first are used)");
        }
        let place = map.extension_value("KHR_texture_transform").map(placed);
        NormalTexture {
            texture: texture_of(&map.texture(), place),
            scale: map.scale(),
        }
    });
    if material.occlusion_texture().is_some() {
        tell("the baked occlusion");
    }
    let transmission = material.transmission();
    if transmission
        .as_ref()
        .is_some_and(|t| t.transmission_texture().is_some())
    {
        tell("the picture of the transmission");
    }
    let volume = material.volume().filter(|v| 0.0 < v.thickness_factor());
    let clear_coat = material.extension_value("KHR_materials_clearcoat");
    let sheen = material.extension_value("KHR_materials_sheen");
    for (holder, key) in [
        (clear_coat, "clearcoatTexture"),
        (clear_coat, "clearcoatRoughnessTexture"),
        (clear_coat, "clearcoatNormalTexture"),
        (sheen, "sheenColorTexture"),
    ] {
        if holder.is_some_and(|value| value.get(key).is_some()) {
            tell(key);
        }
    }
    GltfMaterial {
        base_color: Vec4::from_array(pbr.base_color_factor()),
        base_color_texture,
        metallic: pbr.metallic_factor(),
        roughness: pbr.roughness_factor(),
        metallic_roughness_texture,
        normal,
        emission: Vec3::from_array(material.emissive_factor())
            * material.emissive_strength().unwrap_or(1.0),
        emission_texture,
        ior: material.ior().unwrap_or(1.5),
        transmission: transmission.map_or(0.0, |t| t.transmission_factor()),
        volume: volume.map(|volume| GltfVolume {
            color: Vec3::from_array(volume.attenuation_color()),
            distance_m: volume.attenuation_distance(),
        }),
        clear_coat: number(clear_coat, "clearcoatFactor", 0.0),
        clear_coat_roughness: number(clear_coat, "clearcoatRoughnessFactor", 0.0),
        sheen_color: Vec3::from_array(numbers(sheen, "sheenColorFactor", [0.0; 3])),
        alpha: match material.alpha_mode() {
            gltf::material::AlphaMode::Opaque => AlphaMode::Opaque,
            gltf::material::AlphaMode::Mask => {
                AlphaMode::Mask(material.alpha_cutoff().unwrap_or(0.5))
            }
            gltf::material::AlphaMode::Blend => AlphaMode::Blend,
        },
        name,
    }
}

/// A number of a material's extension.
fn number(holder: Option<&Value>, key: &str, default: f32) -> f32 {
    let value = holder.and_then(|value| value.get(key)?.as_f64());
    value.map_or(default, |value| value as f32)
}

/// As many numbers of an extension as the default has.
fn numbers<const N: usize>(holder: Option<&Value>, key: &str, default: [f32; N]) -> [f32; N] {
    let list = holder.and_then(|value| value.get(key)?.as_array());
    std::array::from_fn(|i| {
        let value = list.and_then(|list| list.get(i)?.as_f64());
        value.map_or(default[i], |value| value as f32)
    })
}

/// Offset, rotation and scale of the extension `KHR_texture_transform`.
type Placement = ([f32; 2], f32, [f32; 2]);

fn placed(extension: &Value) -> Placement {
    let holder = Some(extension);
    (
        numbers(holder, "offset", [0.0; 2]),
        number(holder, "rotation", 0.0),
        numbers(holder, "scale", [1.0; 2]),
    )
}

fn texture_of(texture: &gltf::Texture<'_>, place: Option<Placement>) -> GltfTexture {
    use gltf::texture::{MagFilter, WrappingMode};
    let sampler = texture.sampler();
    let wrap = |mode: WrappingMode| match mode {
        WrappingMode::Repeat => GltfWrap::Repeat,
        WrappingMode::MirroredRepeat => GltfWrap::Mirror,
        WrappingMode::ClampToEdge => GltfWrap::Clamp,
    };
    GltfTexture {
        image: texture.source().index(),
        picture_from_uv: place.map_or(Affine2::IDENTITY, |(offset, rotation_rad, scale)| {
            // Counter-clockwise as one sees the picture, whose v points down.
            let (sin, cos) = math::sin_cos(rotation_rad);
            let turn = Mat2::from_cols(Vec2::new(cos, -sin), Vec2::new(sin, cos));
            let scale = Mat2::from_diagonal(Vec2::from_array(scale));
            Affine2::from_mat2_translation(turn * scale, Vec2::from_array(offset))
        }),
        wrap: [wrap(sampler.wrap_s()), wrap(sampler.wrap_t())],
        hard_texels: sampler.mag_filter() == Some(MagFilter::Nearest),
    }
}

/// Brings a picture to four 8-bit channels.
pub(super) fn decode(data: gltf::image::Data) -> Result<TextureImage, String> {
    use gltf::image::Format;
    let pixels = &data.pixels;
    let high_byte = |texel: &[u8], channel: usize| texel[2 * channel + 1];
    let rgba8: Vec<[u8; 4]> = match data.format {
        Format::R8 => pixels.iter().map(|&v| [v, v, v, 255]).collect(),
        Format::R8G8 => pixels
            .chunks_exact(2)
            .map(|t| [t[0], t[0], t[0], t[1]])
            .collect(),
        Format::R8G8B8 => pixels
            .chunks_exact(3)
            .map(|t| [t[0], t[1], t[2], 255])
            .collect(),
        Format::R8G8B8A8 => pixels
            .chunks_exact(4)
            .map(|t| [t[0], t[1], t[2], t[3]])
            .collect(),
        Format::R16 => pixels
            .chunks_exact(2)
            .map(|t| [t[1], t[1], t[1], 255])
            .collect(),
        Format::R16G16 => pixels
            .chunks_exact(4)
            .map(|t| [t[1], t[1], t[1], t[3]])
            .collect(),
        Format::R16G16B16 => pixels
            .chunks_exact(6)
            .map(|t| [high_byte(t, 0), high_byte(t, 1), high_byte(t, 2), 255])
            .collect(),
        Format::R16G16B16A16 => pixels
            .chunks_exact(8)
            .map(|t| [0, 1, 2, 3].map(|channel| high_byte(t, channel)))
            .collect(),
        other => {
            return Err(format!(
                "a picture has the format {other:?}; 8 or 16 bits are read"
            ));
        }
    };
    Ok(TextureImage {
        width: data.width,
        height: data.height,
        rgba8,
    })
}
