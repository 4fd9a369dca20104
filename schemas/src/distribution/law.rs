//! Distributions and numbers of a known quantity: unit, allowed range, scale to SI.

use std::marker::PhantomData;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Distribution, LawFile};

/// A physical quantity as documents write it.
pub trait Quantity {
    /// Name for the JSON Schema.
    const NAME: &'static str;
    /// Lowest value that makes sense, in the unit of the document.
    const MIN: f64;
    /// Highest value that makes sense, in the unit of the document.
    const MAX: f64;
    /// What turns the unit of the document into the unit inside (metres, radians).
    const SCALE: f64 = 1.0;
}

/// A checked distribution of the quantity `Q`, in the unit inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Law<Q> {
    distribution: Distribution,
    quantity: PhantomData<Q>,
}

impl<Q> Law<Q> {
    /// The value at quantile `u` in `[0, 1)`, in the unit inside.
    pub fn quantile(&self, u: f64) -> f64 {
        self.distribution.quantile(u)
    }

    /// The distribution.
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }
}

impl<'de, Q: Quantity> Deserialize<'de> for Law<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let distribution = LawFile::deserialize(deserializer)?
            .resolve(Q::MIN, Q::MAX, Q::SCALE)
            .map_err(D::Error::custom)?;
        Ok(Self {
            distribution,
            quantity: PhantomData,
        })
    }
}

impl<Q> Serialize for Law<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.distribution.serialize(serializer)
    }
}

#[cfg(feature = "json-schema")]
impl<Q: Quantity> schemars::JsonSchema for Law<Q> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("LawOf{}", Q::NAME).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = schemars::json_schema!({
            "description": format!("A distribution; every value lies in {} to {}.", Q::MIN, Q::MAX),
        });
        let law = generator.subschema_for::<LawFile>();
        schema.insert("allOf".to_owned(), serde_json::json!([law]));
        schema
    }
}

/// A checked number of the quantity `Q`, in the unit inside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalar<Q> {
    value: f64,
    quantity: PhantomData<Q>,
}

impl<Q> Scalar<Q> {
    /// The number, in the unit inside.
    pub fn get(&self) -> f64 {
        self.value
    }
}

impl<'de, Q: Quantity> Deserialize<'de> for Scalar<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        if value.is_finite() && (Q::MIN..=Q::MAX).contains(&value) {
            Ok(Self {
                value: value * Q::SCALE,
                quantity: PhantomData,
            })
        } else {
            Err(D::Error::custom(format_args!(
                "found {value}, allowed is {} to {}",
                Q::MIN,
                Q::MAX
            )))
        }
    }
}

impl<Q> Serialize for Scalar<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

#[cfg(feature = "json-schema")]
impl<Q: Quantity> schemars::JsonSchema for Scalar<Q> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("NumberOf{}", Q::NAME).into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": Q::MIN, "maximum": Q::MAX })
    }
}

/// The quantities of a recipe.
pub mod quantity {
    use super::Quantity;

    macro_rules! quantities {
        ($($(#[$doc:meta])* $name:ident: $min:expr, $max:expr, $scale:expr;)*) => {$(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq)]
            pub enum $name {}

            impl Quantity for $name {
                const NAME: &'static str = stringify!($name);
                const MIN: f64 = $min;
                const MAX: f64 = $max;
                const SCALE: f64 = $scale;
            }
        )*};
    }

    quantities! {
        /// Age of an adult, in years.
        AgeYears: 18.0, 90.0, 1.0;
        /// A number of years.
        Years: 0.0, 100.0, 1.0;
        /// Adult stature, in centimetres; metres inside.
        StatureCm: 120.0, 220.0, 0.01;
        /// Small change of a length, in centimetres; metres inside.
        LengthCm: 0.0, 10.0, 0.01;
        /// Body-mass index, in kg/m2.
        Bmi: 14.0, 50.0, 1.0;
        /// Percentage points of body fat.
        FatPercent: -30.0, 30.0, 1.0;
        /// Anything from 0 to 1.
        Unit: 0.0, 1.0, 1.0;
        /// Anything from -1 to 1.
        Signed: -1.0, 1.0, 1.0;
        /// A share of the gap to the neighbour, each way less than half.
        GapShare: -0.499, 0.499, 1.0;
        /// A factor.
        Factor: 0.0, 100.0, 1.0;
        /// A step along a CIELAB axis.
        LabStep: -20.0, 20.0, 1.0;
        /// Number of things.
        Count: 0.0, 1000.0, 1.0;
        /// Concentration of a hair pigment.
        Pigment: 0.0, 20.0, 1.0;
        /// A length in millimetres; metres inside.
        Millimetres: 0.0, 1500.0, 1e-3;
        /// A length in metres.
        Metres: 0.05, 100.0, 1.0;
        /// An angle in degrees; radians inside.
        AngleDeg: -180.0, 180.0, std::f64::consts::PI / 180.0;
        /// Exposure, in stops.
        Stops: -8.0, 8.0, 1.0;
        /// 35 mm equivalent focal length, in millimetres (also inside).
        Focal35Mm: 10.0, 400.0, 1.0;
        /// Share of the frame.
        FrameShare: 0.05, 1.0, 1.0;
        /// Shift in shares of the frame.
        FrameShift: -0.5, 0.5, 1.0;
        /// f-number of a lens.
        FNumber: 0.7, 64.0, 1.0;
        /// Sensitivity of a sensor, arithmetic ISO.
        Iso: 25.0, 102_400.0, 1.0;
        /// Time for which a shutter is open, in seconds.
        ShutterSeconds: 1e-5, 10.0, 1.0;
        /// Speed of a camera, in metres a second.
        MetresPerSecond: 0.0, 10.0, 1.0;
        /// Rate at which a camera turns, in degrees a second; radians inside.
        TurnDegPerSecond: 0.0, 720.0, std::f64::consts::PI / 180.0;
        /// Light that falls on a surface, in lux.
        Lux: 1e-3, 2e5, 1.0;
        /// A difference of colour temperature, in mireds (a million over the temperature).
        Mireds: -200.0, 200.0, 1.0;
        /// Number of electrons.
        Electrons: 0.0, 1e6, 1.0;
        /// Colour temperature of a lamp, in kelvin.
        Kelvin: 1667.0, 25_000.0, 1.0;
        /// Turbidity of the air: 2 is clear, 10 hazy.
        Turbidity: 1.7, 10.0, 1.0;
        /// Power of a lens, in dioptres.
        Dioptres: -12.0, 12.0, 1.0;
        /// Height of the sun above the horizon, in degrees; radians inside.
        SunHeightDeg: 1.0, 89.0, std::f64::consts::PI / 180.0;
    }
}
