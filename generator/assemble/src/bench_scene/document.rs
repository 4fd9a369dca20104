//! `scene.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::maps::Maps;

/// The document; keys that are not known are left to other programs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    #[serde(default = "name")]
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) mesh: String,
    pub(super) image: Image,
    pub(super) environment: Light,
    #[serde(default)]
    pub(super) curves: Vec<Curves>,
    #[serde(default)]
    pub(super) materials: BTreeMap<String, Material>,
    #[serde(default)]
    pub(super) paths: Paths,
}

fn name() -> String {
    "bench-scene".into()
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Image {
    pub(super) width: u32,
    pub(super) height: u32,
    #[serde(default)]
    pub(super) filter: Filter,
    #[serde(default = "one")]
    pub(super) filter_width_px: f32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Filter {
    #[default]
    Box,
    BlackmanHarris,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Light {
    pub(super) file: String,
    #[serde(default = "one")]
    pub(super) scale: f32,
    #[serde(default)]
    pub(super) rotation_deg: f32,
}

fn one() -> f32 {
    1.0
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Curves {
    pub(super) file: String,
    pub(super) material: String,
}

/// What a material is: `{"type": "diffuse", ...}` or `{"diffuse": {...}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Material {
    Named(Model),
    Wrapped(Wrapped),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Model {
    Subsurface(Subsurface),
    Principled(Principled),
    Diffuse(Diffuse),
    HairChiang(Hair),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wrapped {
    Subsurface(Subsurface),
    Principled(Principled),
    Diffuse(Diffuse),
    HairChiang(Hair),
}

impl Material {
    pub(super) fn model(&self) -> Model {
        match self.clone() {
            Self::Named(model) => model,
            Self::Wrapped(Wrapped::Subsurface(model)) => Model::Subsurface(model),
            Self::Wrapped(Wrapped::Principled(model)) => Model::Principled(model),
            Self::Wrapped(Wrapped::Diffuse(model)) => Model::Diffuse(model),
            Self::Wrapped(Wrapped::HairChiang(model)) => Model::HairChiang(model),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Subsurface {
    pub(super) base_color: [f32; 3],
    pub(super) roughness: f32,
    #[serde(default = "glass")]
    pub(super) ior: f32,
    pub(super) subsurface_radius_m: [f32; 3],
    #[serde(default = "one")]
    pub(super) subsurface_weight: f32,
    #[serde(flatten)]
    pub(super) maps: Maps,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Principled {
    pub(super) base_color: [f32; 3],
    pub(super) roughness: f32,
    #[serde(default = "glass")]
    pub(super) ior: f32,
    #[serde(flatten)]
    pub(super) maps: Maps,
}

fn glass() -> f32 {
    1.5
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Diffuse {
    pub(super) base_color: [f32; 3],
    #[serde(flatten)]
    pub(super) maps: Maps,
}

/// Absorption is per fibre radius.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Hair {
    pub(super) absorption_coefficient: [f32; 3],
    pub(super) beta_m: f32,
    pub(super) beta_n: f32,
    pub(super) alpha_deg: f32,
    #[serde(default = "hair")]
    pub(super) ior: f32,
}

fn hair() -> f32 {
    1.55
}

/// Limits on paths. This tracer has one limit on bounces, the total.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Paths {
    pub(super) max_bounces_total: u32,
    pub(super) max_bounces_diffuse: u32,
    pub(super) max_bounces_glossy: u32,
    pub(super) max_bounces_transmission: u32,
    pub(super) clamp_indirect: f32,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            max_bounces_total: 12,
            max_bounces_diffuse: 4,
            max_bounces_glossy: 4,
            max_bounces_transmission: 12,
            clamp_indirect: 10.0,
        }
    }
}

impl Document {
    /// Whether the numbers make a scene; the error says which do not.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.format != "bench-scene" || self.version != 1 {
            let (format, version) = (&self.format, self.version);
            return Err(format!(
                "format {format:?} version {version}; bench-scene version 1 is read"
            ));
        }
        let Image {
            width,
            height,
            filter,
            filter_width_px,
        } = self.image;
        for (what, size) in [("width", width), ("height", height)] {
            if !(1..=16384).contains(&size) {
                return Err(format!("image.{what} is {size}; 1 to 16384 is possible"));
            }
        }
        let wanted = if filter == Filter::Box { 1.0 } else { 1.5 };
        if filter_width_px != wanted {
            let why = format!("the {filter:?} filter is {wanted} pixels wide here");
            return Err(format!("image.filter_width_px is {filter_width_px}; {why}"));
        }
        let Light {
            scale,
            rotation_deg,
            ..
        } = self.environment;
        if !(scale.is_finite() && 0.0 <= scale && rotation_deg.is_finite()) {
            return Err(format!(
                "environment: scale {scale}, rotation_deg {rotation_deg}"
            ));
        }
        if !(1..=1024).contains(&self.paths.max_bounces_total) || self.paths.clamp_indirect.is_nan()
        {
            return Err("paths: max_bounces_total is 1 to 1024, clamp_indirect a number".into());
        }
        self.materials.iter().try_for_each(|(name, material)| {
            material
                .model()
                .check()
                .map_err(|reason| format!("materials.{name}: {reason}"))
        })
    }
}

impl Model {
    /// The maps of the material; hair has none.
    pub(super) fn maps(&self) -> Maps {
        match self {
            Self::Subsurface(Subsurface { maps, .. })
            | Self::Principled(Principled { maps, .. })
            | Self::Diffuse(Diffuse { maps, .. }) => maps.clone(),
            Self::HairChiang(_) => Maps::default(),
        }
    }

    fn check(&self) -> Result<(), String> {
        self.maps().check()?;
        let share = |what: &str, value: f32| match value {
            0.0..=1.0 => Ok(()),
            _ => Err(format!("{what} is {value}; 0 to 1 is possible")),
        };
        let positive = |what: &str, value: f32| match value {
            value if value.is_finite() && 0.0 <= value => Ok(()),
            _ => Err(format!("{what} is {value}; a length is wanted")),
        };
        let ior = |value: f32| match value {
            1.0..=4.0 => Ok(()),
            _ => Err(format!("ior is {value}; 1 to 4 is possible")),
        };
        match self {
            Self::Subsurface(skin) => {
                skin.base_color
                    .iter()
                    .try_for_each(|&c| share("base_color", c))?;
                skin.subsurface_radius_m
                    .iter()
                    .try_for_each(|&r| positive("subsurface_radius_m", r))?;
                share("subsurface_weight", skin.subsurface_weight)?;
                share("roughness", skin.roughness)?;
                ior(skin.ior)
            }
            Self::Principled(surface) => {
                surface
                    .base_color
                    .iter()
                    .try_for_each(|&c| share("base_color", c))?;
                share("roughness", surface.roughness)?;
                ior(surface.ior)
            }
            Self::Diffuse(surface) => {
                if surface.maps.normal_map.is_some() || surface.maps.bump_map.is_some() {
                    return Err("diffuse takes a displacement_map alone; use principled".into());
                }
                let mut channels = surface.base_color.iter();
                channels.try_for_each(|&c| share("base_color", c))
            }
            Self::HairChiang(hair) => {
                hair.absorption_coefficient
                    .iter()
                    .try_for_each(|&a| positive("absorption_coefficient", a))?;
                share("beta_m", hair.beta_m)?;
                share("beta_n", hair.beta_n)?;
                if !(-30.0..=30.0).contains(&hair.alpha_deg) {
                    return Err(format!(
                        "alpha_deg is {}; -30 to 30 is possible",
                        hair.alpha_deg
                    ));
                }
                ior(hair.ior)
            }
        }
    }
}
