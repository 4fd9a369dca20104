//! Materials of the metallic-roughness model, and their pictures.

use glam::{Vec3, Vec4};

/// A material. Colours are linear Rec. 709.
#[derive(Clone, Debug, PartialEq)]
pub struct GltfMaterial {
    /// Name; empty if it has none.
    pub name: String,
    /// Reflectance of the base, or colour of the metal; the last component is opacity.
    pub base_color: Vec4,
    /// Picture that multiplies the base colour, in the sRGB curve.
    pub base_color_image: Option<usize>,
    /// 0 for a dielectric, 1 for a metal.
    pub metallic: f32,
    /// Perceptual roughness in `[0, 1]`.
    pub roughness: f32,
    /// Picture whose G multiplies the roughness and whose B multiplies `metallic`.
    pub metallic_roughness_image: Option<usize>,
    /// Normal map.
    pub normal: Option<NormalTexture>,
    /// Light that it sends out, as radiance.
    pub emission: Vec3,
    /// Picture that multiplies the emission, in the sRGB curve.
    pub emission_image: Option<usize>,
    /// Index of refraction.
    pub ior: f32,
    /// Share of light that passes through instead of meeting the base.
    pub transmission: f32,
    /// What the opacity means.
    pub alpha: AlphaMode,
}

/// A tangent-space normal map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalTexture {
    /// Index of the picture; `2 c - 1` of its linear values is the normal.
    pub image: usize,
    /// Factor on X and Y.
    pub scale: f32,
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

pub(super) fn read(material: &gltf::Material<'_>) -> GltfMaterial {
    let pbr = material.pbr_metallic_roughness();
    let image = |texture: gltf::Texture<'_>| texture.source().index();
    GltfMaterial {
        name: material.name().unwrap_or_default().to_owned(),
        base_color: Vec4::from_array(pbr.base_color_factor()),
        base_color_image: pbr.base_color_texture().map(|info| image(info.texture())),
        metallic: pbr.metallic_factor(),
        roughness: pbr.roughness_factor(),
        metallic_roughness_image: pbr
            .metallic_roughness_texture()
            .map(|info| image(info.texture())),
        normal: material.normal_texture().map(|map| NormalTexture {
            image: image(map.texture()),
            scale: map.scale(),
        }),
        emission: Vec3::from_array(material.emissive_factor())
            * material.emissive_strength().unwrap_or(1.0),
        emission_image: material
            .emissive_texture()
            .map(|info| image(info.texture())),
        ior: material.ior().unwrap_or(1.5),
        transmission: material
            .transmission()
            .map_or(0.0, |t| t.transmission_factor()),
        alpha: match material.alpha_mode() {
            gltf::material::AlphaMode::Opaque => AlphaMode::Opaque,
            gltf::material::AlphaMode::Mask => {
                AlphaMode::Mask(material.alpha_cutoff().unwrap_or(0.5))
            }
            gltf::material::AlphaMode::Blend => AlphaMode::Blend,
        },
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
