//! The planes of a sample: what each pixel value means, once and for all.
//!
//! Camera space is right-handed, +X right, +Y up, +Z toward the camera, which looks along -Z.
//! Pixel centres lie at +0.5, rows run from the top. Two families:
//!
//! - *First hit*: the pinhole ray through the pixel's centre. `depth` is the distance of its hit
//!   along the optical axis (not along the ray), `normal` the outward unit normal there. Never
//!   filtered, so every value belongs to a true surface point.
//! - *Coverage*: at least 64 rays over the pixel's box. `alpha` is the share of them that meets
//!   the person with everything worn.
//!
//! A dataset stores picture, alpha, depth and normals always, and of the others those that its
//! recipe or the command asks for.
//!
//! The two agree: where the centre ray hits, alpha is at least 1/255; where the stored alpha is 0,
//! depth is +inf and the normal (0, 0, 0).

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A plane of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Plane {
    /// Scene-linear Rec. 709 picture after exposure, before noise and tone curve, with background.
    RgbLinear,
    /// The picture as shown: 8-bit sRGB.
    Rgb8,
    /// Coverage of the person with everything worn, in `[0, 1]`.
    Alpha,
    /// Distance of the first hit along the optical axis, in metres; +inf is no surface.
    Depth,
    /// Outward unit normal of the first hit in camera space; (0, 0, 0) is no surface.
    Normal,
    /// Distance of the first hit along the ray, in metres; +inf is no surface.
    Range,
    /// Depth of the median hit among the coverage rays, in metres; +inf is no surface.
    DepthMedian,
    /// Unit mean of the normals met by the coverage rays; (0, 0, 0) is no surface.
    NormalMean,
    /// Number of the part at the first hit; 0 is no surface.
    PartId,
    /// Length of the mean of the normals of the coverage rays, a confidence: 1 where they agree,
    /// toward 0 in hair; 0 is no surface.
    NormalLength,
    /// Least depth among the coverage rays, in metres; +inf is no surface.
    DepthMin,
    /// Largest depth among the coverage rays, in metres; +inf is no surface.
    DepthMax,
    /// Standard deviation of the depth of the coverage rays, in metres; 0 is no surface.
    DepthDeviation,
    /// 255 where the median hit among the coverage rays is a fibre, else 0.
    HairMask,
    /// Coverage of skin, hair, clothes and other worn things, each where it is seen; they sum to
    /// alpha.
    LayersVisible,
    /// Coverage of the same layers, each as if nothing else were there.
    LayersWhole,
    /// Coverage of bare skin, eyes, and the inside of the mouth (teeth, tongue, lining), where each is seen; the fourth is 0.
    SkinLayersVisible,
    /// Coverage of the same, each as if nothing else were there.
    SkinLayersWhole,
    /// Coverage of scalp hair, brows, lashes and beard, where each is seen.
    HairLayersVisible,
    /// Coverage of the same, each as if nothing else were there.
    HairLayersWhole,
    /// Coverage of glasses, headwear, face masks and earrings, where each is seen.
    WornLayersVisible,
    /// Coverage of the same, each as if nothing else were there.
    WornLayersWhole,
    /// Coverage of see-through things such as lenses, where nothing opaque is before them.
    Glass,
    /// Distance of the glass along the optical axis, in metres; +inf is no glass.
    GlassDepth,
    /// Unit normal of the glass in camera space; (0, 0, 0) is no glass.
    GlassNormal,
    /// The normal with fibre normals on hair, whatever `normal` has.
    NormalFiber,
    /// The normal with those of a smooth surface about the hair, whatever `normal` has.
    NormalProxy,
    /// Unit normal of the triangle or fibre at the first hit, without interpolation and relief.
    NormalGeometric,
    /// Linear Rec. 709 reflectance at the first hit; (0, 0, 0) is no surface.
    Albedo,
    /// World-space position of the first hit, in metres; (0, 0, 0) is no surface.
    Position,
    /// Texture coordinates of the first hit, and 1 where there are any, else 0.
    Uv,
    /// Number of the object at the first hit, from 1; 0 is no surface.
    InstanceId,
    /// Where the first hit is in another frame: film position there minus here, +X right and +Y
    /// down, in pixels, and its depth there, in metres; (0, 0, 0) is no surface, or one that is not
    /// before the other camera. It takes two scenes, so no dataset stores it and no document names it.
    #[serde(skip)]
    Motion,
}

/// How the values of a plane lie in a file of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaneEncoding {
    /// EXR, one float channel `Y`.
    Float,
    /// EXR, half channels `R`, `G`, `B`.
    Half3,
    /// EXR, float channels `R`, `G`, `B`.
    Float3,
    /// EXR, half channels `R`, `G`, `B`, `A`.
    Half4,
    /// PNG, 8-bit grey; a float channel `Y` within an EXR sample.
    Byte,
}

impl Plane {
    /// The planes that only some datasets store, in the order of their columns.
    pub const OPTIONAL: [Self; 27] = [
        Self::Range,
        Self::DepthMedian,
        Self::NormalMean,
        Self::PartId,
        Self::NormalLength,
        Self::DepthMin,
        Self::DepthMax,
        Self::DepthDeviation,
        Self::HairMask,
        Self::LayersVisible,
        Self::LayersWhole,
        Self::SkinLayersVisible,
        Self::SkinLayersWhole,
        Self::HairLayersVisible,
        Self::HairLayersWhole,
        Self::WornLayersVisible,
        Self::WornLayersWhole,
        Self::Glass,
        Self::GlassDepth,
        Self::GlassNormal,
        Self::NormalFiber,
        Self::NormalProxy,
        Self::NormalGeometric,
        Self::Albedo,
        Self::Position,
        Self::Uv,
        Self::InstanceId,
    ];

    /// Planes of layers: those that are seen, and the same layers whole; the layers of the person,
    /// then those of skin, hair and what is worn on the head.
    pub const LAYERS: [[Self; 2]; 4] = [
        [Self::LayersVisible, Self::LayersWhole],
        [Self::SkinLayersVisible, Self::SkinLayersWhole],
        [Self::HairLayersVisible, Self::HairLayersWhole],
        [Self::WornLayersVisible, Self::WornLayersWhole],
    ];

    /// Whether it holds the coverage of four layers.
    pub fn is_layers(self) -> bool {
        Self::LAYERS.iter().flatten().any(|plane| *plane == self)
    }

    /// Name of the part of this plane in an EXR sample; alpha lies in the part of the picture.
    pub fn exr_part(self) -> &'static str {
        match self {
            Self::RgbLinear | Self::Alpha => "rgba",
            Self::Rgb8 => "display",
            Self::Depth => "depth",
            Self::Normal => "normal",
            Self::Range => "range",
            Self::DepthMedian => "depth_median",
            Self::NormalMean => "normal_mean",
            Self::PartId => "part_id",
            Self::NormalLength => "normal_length",
            Self::DepthMin => "depth_min",
            Self::DepthMax => "depth_max",
            Self::DepthDeviation => "depth_deviation",
            Self::HairMask => "hair_mask",
            Self::LayersVisible => "layers_visible",
            Self::LayersWhole => "layers_whole",
            Self::SkinLayersVisible => "skin_layers_visible",
            Self::SkinLayersWhole => "skin_layers_whole",
            Self::HairLayersVisible => "hair_layers_visible",
            Self::HairLayersWhole => "hair_layers_whole",
            Self::WornLayersVisible => "worn_layers_visible",
            Self::WornLayersWhole => "worn_layers_whole",
            Self::Glass => "glass",
            Self::GlassDepth => "glass_depth",
            Self::GlassNormal => "glass_normal",
            Self::NormalFiber => "normal_fiber",
            Self::NormalProxy => "normal_proxy",
            Self::NormalGeometric => "normal_geometric",
            Self::Albedo => "albedo",
            Self::Position => "position",
            Self::Uv => "uv",
            Self::InstanceId => "instance_id",
            Self::Motion => "motion",
        }
    }

    /// Column of an optional plane in a shard: the name, with `_exr` where the values are EXR
    /// files.
    pub fn column(self) -> &'static str {
        match self {
            Self::Range => "range_exr",
            Self::DepthMedian => "depth_median_exr",
            Self::NormalMean => "normal_mean_exr",
            Self::NormalLength => "normal_length_exr",
            Self::DepthMin => "depth_min_exr",
            Self::DepthMax => "depth_max_exr",
            Self::DepthDeviation => "depth_deviation_exr",
            Self::LayersVisible => "layers_visible_exr",
            Self::LayersWhole => "layers_whole_exr",
            Self::SkinLayersVisible => "skin_layers_visible_exr",
            Self::SkinLayersWhole => "skin_layers_whole_exr",
            Self::HairLayersVisible => "hair_layers_visible_exr",
            Self::HairLayersWhole => "hair_layers_whole_exr",
            Self::WornLayersVisible => "worn_layers_visible_exr",
            Self::WornLayersWhole => "worn_layers_whole_exr",
            Self::Glass => "glass_exr",
            Self::GlassDepth => "glass_depth_exr",
            Self::GlassNormal => "glass_normal_exr",
            Self::NormalFiber => "normal_fiber_exr",
            Self::NormalProxy => "normal_proxy_exr",
            Self::NormalGeometric => "normal_geometric_exr",
            Self::Albedo => "albedo_exr",
            Self::Position => "position_exr",
            Self::Uv => "uv_exr",
            Self::InstanceId => "instance_id_exr",
            Self::Motion => "motion_exr",
            other => other.exr_part(),
        }
    }

    /// How the values lie in a file of their own.
    pub fn encoding(self) -> PlaneEncoding {
        match self {
            Self::Normal
            | Self::NormalMean
            | Self::GlassNormal
            | Self::NormalFiber
            | Self::NormalProxy
            | Self::NormalGeometric
            | Self::Albedo => PlaneEncoding::Half3,
            Self::Position | Self::Uv | Self::Motion => PlaneEncoding::Float3,
            Self::RgbLinear => PlaneEncoding::Half4,
            layers if layers.is_layers() => PlaneEncoding::Half4,
            Self::Rgb8 | Self::Alpha | Self::PartId | Self::HairMask => PlaneEncoding::Byte,
            _ => PlaneEncoding::Float,
        }
    }

    /// Unit of the values, as written into files.
    pub fn unit(self) -> &'static str {
        match self {
            Self::RgbLinear => "scene-linear",
            Self::Rgb8 => "sRGB",
            Self::Alpha
            | Self::LayersVisible
            | Self::LayersWhole
            | Self::SkinLayersVisible
            | Self::SkinLayersWhole
            | Self::HairLayersVisible
            | Self::HairLayersWhole
            | Self::WornLayersVisible
            | Self::WornLayersWhole
            | Self::Glass => "coverage",
            Self::Depth
            | Self::Range
            | Self::DepthMedian
            | Self::DepthMin
            | Self::DepthMax
            | Self::DepthDeviation
            | Self::GlassDepth
            | Self::Position => "m",
            Self::Normal
            | Self::NormalMean
            | Self::GlassNormal
            | Self::NormalFiber
            | Self::NormalProxy
            | Self::NormalGeometric => "unit-vector",
            Self::NormalLength => "length",
            Self::PartId => "part-number",
            Self::HairMask => "mask",
            Self::Albedo => "reflectance",
            Self::Uv => "texture-coordinate",
            Self::InstanceId => "object-number",
            Self::Motion => "px, px, m",
        }
    }

    /// What an optional plane holds and how, for the schema of a shard.
    pub fn desc(self) -> &'static str {
        match self {
            Self::Range => {
                "distance along the ray of the first hit, +inf for none: EXR, one float channel Y"
            }
            Self::DepthMedian => {
                "depth of the median hit of the coverage rays, +inf for none: EXR, float channel Y"
            }
            Self::NormalMean => {
                "unit mean of the normals of the coverage rays: EXR, half R, G, B = X, Y, Z"
            }
            Self::PartId => "number of the part at the first hit, 0 for none: PNG, 8-bit grey",
            Self::NormalLength => {
                "length of the mean of the unit normals of the coverage rays: EXR, float channel Y"
            }
            Self::DepthMin => {
                "least depth of the coverage rays, +inf for none: EXR, float channel Y"
            }
            Self::DepthMax => {
                "largest depth of the coverage rays, +inf for none: EXR, float channel Y"
            }
            Self::DepthDeviation => {
                "standard deviation of the depth of the coverage rays: EXR, float channel Y"
            }
            Self::HairMask => {
                "255 where the median hit of the coverage rays is a fibre: PNG, 8-bit grey"
            }
            Self::LayersVisible => {
                "seen coverage of skin, hair, clothes, other worn things: EXR, half R, G, B, A"
            }
            Self::LayersWhole => {
                "coverage of the same layers, each as if alone: EXR, half R, G, B, A"
            }
            Self::SkinLayersVisible => {
                "seen coverage of bare skin, eyes, inside of the mouth, 0: EXR, half R, G, B, A"
            }
            Self::HairLayersVisible => {
                "seen coverage of scalp hair, brows, lashes, beard: EXR, half R, G, B, A"
            }
            Self::WornLayersVisible => {
                "seen coverage of glasses, headwear, masks, earrings: EXR, half R, G, B, A"
            }
            Self::SkinLayersWhole | Self::HairLayersWhole | Self::WornLayersWhole => {
                "coverage of the layers of this name, each as if alone: EXR, half R, G, B, A"
            }
            Self::Glass => "coverage of see-through things: EXR, float channel Y",
            Self::GlassDepth => "depth of the glass, +inf for none: EXR, float channel Y",
            Self::GlassNormal => {
                "unit normal of the glass, 0 for none: EXR, half R, G, B = X, Y, Z"
            }
            Self::NormalFiber => "normal with fibre normals on hair: EXR, half R, G, B = X, Y, Z",
            Self::NormalProxy => {
                "normal with those of a smooth surface on hair: EXR, half R, G, B = X, Y, Z"
            }
            Self::NormalGeometric => {
                "unit normal of the triangle or fibre: EXR, half R, G, B = X, Y, Z"
            }
            Self::Albedo => "linear Rec. 709 reflectance: EXR, half R, G, B",
            Self::Position => "world-space position: EXR, float R, G, B = X, Y, Z",
            Self::Uv => {
                "texture coordinates, and 1 where there are any: EXR, float R, G, B = U, V, 1"
            }
            Self::InstanceId => {
                "number of the object at the first hit, 0 for none: EXR, float channel Y"
            }
            Self::Motion => {
                "way on the film to another frame and depth there, 0 for none: EXR, float R, G, B"
            }
            Self::RgbLinear | Self::Rgb8 | Self::Alpha | Self::Depth | Self::Normal => {
                "a plane that every sample has"
            }
        }
    }
}

/// Which optional planes a dataset stores; in a document, `true` by name.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct OptionalPlanes(u32);

/// The planes that documents name even where they are not stored.
const ALWAYS_NAMED: usize = 4;

impl OptionalPlanes {
    /// These planes; those that every sample has are left out.
    pub fn of(planes: &[Plane]) -> Self {
        planes
            .iter()
            .fold(Self::default(), |set, plane| set.with(*plane))
    }

    /// Every optional plane.
    pub fn all() -> Self {
        Self::of(&Plane::OPTIONAL)
    }

    /// One more plane.
    #[must_use]
    pub fn with(self, plane: Plane) -> Self {
        let bit = Plane::OPTIONAL.iter().position(|other| *other == plane);
        Self(self.0 | bit.map_or(0, |bit| 1 << bit))
    }

    /// Whether a plane is stored.
    pub fn contains(self, plane: Plane) -> bool {
        self.iter().any(|other| other == plane)
    }

    /// Whether any of some planes is stored.
    pub fn meets(self, planes: &[Plane]) -> bool {
        self.0 & Self::of(planes).0 != 0
    }

    /// The planes, in the order of their columns.
    pub fn iter(self) -> impl Iterator<Item = Plane> {
        let planes = Plane::OPTIONAL.into_iter().enumerate();
        planes.filter_map(move |(bit, plane)| (self.0 & 1 << bit != 0).then_some(plane))
    }

    /// Reads names with commas between them; `all` is every plane.
    ///
    /// # Errors
    /// The first name that is no optional plane.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut set = Self::default();
        for name in names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            set = match Plane::OPTIONAL
                .iter()
                .find(|plane| plane.exr_part() == name)
            {
                Some(plane) => set.with(*plane),
                None if name == "all" => Self::all(),
                None => return Err(unknown_plane(name)),
            };
        }
        Ok(set)
    }
}

fn unknown_plane(name: &str) -> String {
    let known: Vec<&str> = Plane::OPTIONAL
        .iter()
        .map(|plane| plane.exr_part())
        .collect();
    format!("found plane {name:?}, wanted one of {}", known.join(", "))
}

impl fmt::Debug for OptionalPlanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for OptionalPlanes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (idx, plane) in Plane::OPTIONAL.into_iter().enumerate() {
            let stored = self.contains(plane);
            if stored || idx < ALWAYS_NAMED {
                map.serialize_entry(plane.exr_part(), &stored)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for OptionalPlanes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = OptionalPlanes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names of optional planes with true or false")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut set = OptionalPlanes::default();
                while let Some((name, stored)) = map.next_entry::<String, bool>()? {
                    let plane = Plane::OPTIONAL.iter().find(|p| p.exr_part() == name);
                    let plane = plane.ok_or_else(|| de::Error::custom(unknown_plane(&name)))?;
                    if stored {
                        set = set.with(*plane);
                    }
                }
                Ok(set)
            }
        }
        deserializer.deserialize_map(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_planes_are_read_as_they_are_written() {
        let set = OptionalPlanes::parse("depth_median, glass,glass").unwrap();
        assert_eq!(set, OptionalPlanes::of(&[Plane::Glass, Plane::DepthMedian]));
        assert!(set.contains(Plane::Glass) && !set.contains(Plane::Range));
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(
            json,
            r#"{"range":false,"depth_median":true,"normal_mean":false,"part_id":false,"glass":true}"#
        );
        assert_eq!(serde_json::from_str::<OptionalPlanes>(&json).unwrap(), set);
        assert_eq!(OptionalPlanes::parse("all"), Ok(OptionalPlanes::all()));
        let wrong = OptionalPlanes::parse("deepth").unwrap_err();
        assert!(
            wrong.contains("deepth") && wrong.contains("depth_median"),
            "{wrong}"
        );
        assert!(serde_json::from_str::<OptionalPlanes>(r#"{"deepth":true}"#).is_err());
    }

    #[test]
    fn columns_are_named_after_their_planes() {
        for plane in Plane::OPTIONAL {
            let suffix = match plane.encoding() {
                PlaneEncoding::Byte => "",
                _ => "_exr",
            };
            assert_eq!(plane.column(), format!("{}{suffix}", plane.exr_part()));
            let word = serde_json::to_string(&plane).unwrap();
            assert_eq!(word, format!("\"{}\"", plane.exr_part()));
        }
    }
}
