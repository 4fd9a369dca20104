//! The words and small tables that recipes are written with.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::framing::Framing;

/// One entry per body class: feminine below, masculine from 0.5 of the sex parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BySex<T> {
    /// For feminine bodies.
    pub feminine: T,
    /// For masculine bodies.
    pub masculine: T,
}

impl<T> BySex<T> {
    /// The entry of a masculine (`true`) or feminine body.
    pub fn of(&self, masculine: bool) -> &T {
        if masculine {
            &self.masculine
        } else {
            &self.feminine
        }
    }
}

/// One entry per style of dress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ByStyle<T> {
    /// For feminine dress.
    pub feminine: T,
    /// For masculine dress.
    pub masculine: T,
    /// For neutral dress.
    pub neutral: T,
}

impl<T> ByStyle<T> {
    /// The entry of a style.
    pub fn of(&self, style: Style) -> &T {
        match style {
            Style::Feminine => &self.feminine,
            Style::Masculine => &self.masculine,
            Style::Neutral => &self.neutral,
        }
    }
}

/// One entry per framing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ByFraming<T> {
    /// For head and shoulders.
    pub face: T,
    /// For crown to hip.
    pub upper_body: T,
    /// For the whole person.
    pub full_body: T,
}

impl<T> ByFraming<T> {
    /// The entry of a framing.
    pub fn of(&self, framing: Framing) -> &T {
        match framing {
            Framing::Face => &self.face,
            Framing::UpperBody => &self.upper_body,
            Framing::FullBody => &self.full_body,
        }
    }
}

/// Style of dress and hair; not a claim about anybody's gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Feminine.
    Feminine,
    /// Masculine.
    Masculine,
    /// Neither.
    Neutral,
}

impl Style {
    /// The word used in parameters and labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feminine => "feminine",
            Self::Masculine => "masculine",
            Self::Neutral => "neutral",
        }
    }
}

/// Hair color before graying and dye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NaturalHairColor {
    /// Black.
    Black,
    /// Dark brown.
    DarkBrown,
    /// Light brown.
    LightBrown,
    /// Blond.
    Blond,
    /// Red.
    Red,
}

/// Class of hair length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LengthClass {
    /// Clipped.
    Buzz,
    /// Short.
    Short,
    /// To the jaw.
    Medium,
    /// To the shoulders or below.
    Long,
    /// Long and tied.
    Tied,
}

/// Family of body poses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PoseFamily {
    /// Standing at ease.
    Stand,
    /// Standing, speaking with the hands.
    Gesture,
    /// In the middle of a step.
    Walk,
    /// Sitting.
    Sit,
}

impl PoseFamily {
    /// The word used in parameters and labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stand => "stand",
            Self::Gesture => "gesture",
            Self::Walk => "walk",
            Self::Sit => "sit",
        }
    }
}

/// Where an expression comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExpressionMode {
    /// Near rest.
    Neutral,
    /// One of the presets.
    Preset,
    /// A few random units.
    Random,
}

/// A Monk skin tone, 1 (lightest) to 10 (darkest).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonkTone(u8);

impl MonkTone {
    /// The tone with number `number`, when it lies in 1 to 10.
    pub fn new(number: u8) -> Option<Self> {
        (1..=10).contains(&number).then_some(Self(number))
    }

    /// The number, 1 to 10.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Serialize for MonkTone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MonkTone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().ok().and_then(Self::new).ok_or_else(|| {
            D::Error::custom(format_args!("found the tone {text:?}, allowed is 1 to 10"))
        })
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for MonkTone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MonkTone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([1-9]|10)$" })
    }
}

/// An sRGB color as people write it: `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SrgbHex(pub [u8; 3]);

impl fmt::Display for SrgbHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Serialize for SrgbHex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SrgbHex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix('#')
            .filter(|d| d.len() == 6 && d.bytes().all(|c| c.is_ascii_hexdigit()));
        let value = digits
            .and_then(|d| u32::from_str_radix(d, 16).ok())
            .ok_or_else(|| {
                D::Error::custom(format_args!("found the color {text:?}, wanted \"#rrggbb\""))
            })?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for SrgbHex {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SrgbHex".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" })
    }
}

/// A share that depends on the age: linear between the knots, flat outside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Knots {
    ages_years: Vec<f64>,
    shares: Vec<f64>,
}

impl Knots {
    /// The share at `age_years`.
    pub fn at(&self, age_years: f64) -> f64 {
        let last = self.ages_years.len() - 1;
        let above = self.ages_years.partition_point(|a| *a <= age_years);
        if above == 0 {
            return self.shares[0];
        }
        if above > last {
            return self.shares[last];
        }
        let (a0, a1) = (self.ages_years[above - 1], self.ages_years[above]);
        let (s0, s1) = (self.shares[above - 1], self.shares[above]);
        s0 + (s1 - s0) * (age_years - a0) / (a1 - a0)
    }

    /// The greatest share at any age.
    pub fn most(&self) -> f64 {
        self.shares.iter().fold(0.0, |most, share| share.max(most))
    }
}

/// What knots look like in a document.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct KnotsFile {
    /// Ages, ascending, in years.
    ages_years: Vec<f64>,
    /// Shares at these ages, 0 to 1.
    shares: Vec<f64>,
}

impl<'de> Deserialize<'de> for Knots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let KnotsFile { ages_years, shares } = KnotsFile::deserialize(deserializer)?;
        if ages_years.is_empty() || ages_years.len() != shares.len() {
            return Err(D::Error::custom(format_args!(
                "found {} ages and {} shares, wanted as many of each and at least one",
                ages_years.len(),
                shares.len()
            )));
        }
        if !ages_years.windows(2).all(|w| w[0] < w[1]) || !ages_years.iter().all(|a| a.is_finite())
        {
            return Err(D::Error::custom("the ages must ascend"));
        }
        if let Some(share) = shares.iter().find(|s| !(0.0..=1.0).contains(*s)) {
            return Err(D::Error::custom(format_args!(
                "found the share {share}, allowed is 0 to 1"
            )));
        }
        Ok(Self { ages_years, shares })
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for Knots {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Knots".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        KnotsFile::json_schema(generator)
    }
}
