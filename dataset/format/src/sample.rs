//! One sample in memory: planes at the precision they are stored in, labels, scene document.
//!
//! [`Sample::new`] is the gate between the generator and the disk: it rounds every plane to what
//! the files hold (so that the EXR sample and the shard row agree to the bit), measures the
//! measured columns, and refuses what breaks a rule of [`bottega_schemas::plane`].

use std::collections::BTreeMap;

use half::f16;

use bottega_schemas::{Plane, SampleMeta};

use crate::canonical_json::canonical_json;
use crate::error::FormatError;
use crate::measure::{Measured, PlaneView};
use crate::plane_values::PlaneValues;

/// Largest finite half float; brighter scene-linear values are clamped to it.
pub const HALF_MAX: f32 = 65504.0;

/// The planes of one sample, row by row from the top; see [`bottega_schemas::plane`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planes {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Scene-linear picture, with background.
    pub rgb_linear: Vec<[f32; 3]>,
    /// Picture as shown: 8-bit sRGB, three bytes a pixel.
    pub rgb8: Vec<u8>,
    /// Coverage of the person, in `[0, 1]`.
    pub alpha: Vec<f32>,
    /// Distance along the optical axis, in metres; +inf is no surface.
    pub depth_m: Vec<f32>,
    /// Outward unit normal in camera space; zero is no surface.
    pub normal: Vec<[f32; 3]>,
    /// The planes that not every sample has.
    pub optional: BTreeMap<Plane, PlaneValues>,
}

/// Coverage as stored in a shard.
pub(crate) fn alpha_to_u8(alpha: f32) -> u8 {
    (alpha * 255.0 + 0.5).floor() as u8
}

fn to_half(value: f32) -> f32 {
    f16::from_f32(value).to_f32()
}

impl Planes {
    /// The numbers of an optional plane that has one a pixel.
    pub fn scalar(&self, plane: Plane) -> Option<&[f32]> {
        self.optional.get(&plane)?.scalar()
    }

    /// Number of pixels.
    pub fn n_pixels(&self) -> usize {
        self.width * self.height
    }

    /// Rounds every plane to the precision of the files.
    ///
    /// Coverage is raised to 1/255 where the centre ray hits: a strand thinner than the step of
    /// the stored alpha is never lost by rounding.
    pub(crate) fn round_to_stored(&mut self) {
        for rgb in self.rgb_linear.as_flattened_mut() {
            *rgb = to_half(rgb.clamp(-HALF_MAX, HALF_MAX));
        }
        for (alpha, depth_m) in self.alpha.iter_mut().zip(&self.depth_m) {
            let floor = if depth_m.is_finite() {
                1.0 / 255.0
            } else {
                0.0
            };
            // Not `max`, which would turn what is not a number into a fine alpha.
            *alpha = to_half(if *alpha < floor { floor } else { *alpha });
        }
        for component in self.normal.as_flattened_mut() {
            // Adding zero turns -0 into +0, so that "no surface" is one bit pattern.
            *component = to_half(*component) + 0.0;
        }
        for (plane, values) in &mut self.optional {
            values.round_to_stored(*plane);
        }
    }

    /// The first rule that the planes break.
    fn check(&self) -> Result<(), String> {
        let n_pixels = self.n_pixels();
        let mut lengths = vec![
            ("rgb_linear", self.rgb_linear.len()),
            ("rgb8", self.rgb8.len() / 3),
            ("alpha", self.alpha.len()),
            ("depth", self.depth_m.len()),
            ("normal", self.normal.len()),
        ];
        let optional = self.optional.iter();
        lengths.extend(optional.map(|(plane, values)| (plane.exr_part(), values.len())));
        if n_pixels == 0 {
            return Err("the picture has no pixels".into());
        }
        if !self.rgb8.len().is_multiple_of(3) {
            return Err(format!(
                "rgb8 has {} bytes, not three a pixel",
                self.rgb8.len()
            ));
        }
        for (name, length) in lengths {
            if length != n_pixels {
                return Err(format!(
                    "plane {name} has {length} pixels, the picture {n_pixels}"
                ));
            }
        }
        let at = |i: usize| format!("at column {}, row {}", i % self.width, i / self.width);
        if let Some(i) = self
            .rgb_linear
            .iter()
            .position(|rgb| rgb.iter().any(|v| v.is_nan()))
        {
            return Err(format!("the linear picture is not a number {}", at(i)));
        }
        if let Some(i) = self
            .alpha
            .iter()
            .position(|alpha| !(0.0..=1.0).contains(alpha))
        {
            return Err(format!(
                "alpha is {}, outside [0, 1], {}",
                self.alpha[i],
                at(i)
            ));
        }
        check_distances("depth", &self.depth_m, at)?;
        check_normals("normal", &self.normal, &self.depth_m, at)?;
        for (plane, values) in &self.optional {
            values.check(*plane, self.width)?;
        }
        // Planes that tell of one ray, or of all of a pixel, agree where there is a surface.
        self.check_agreement(Plane::Range, &self.depth_m)?;
        if let Some(median_m) = self.optional.get(&Plane::DepthMedian) {
            let median_m = median_m.scalar().unwrap_or_default();
            for plane in [Plane::NormalMean, Plane::DepthMin, Plane::DepthMax] {
                self.check_agreement(plane, median_m)?;
            }
        }
        for plane in [
            Plane::NormalFiber,
            Plane::NormalProxy,
            Plane::NormalGeometric,
        ] {
            self.check_agreement(plane, &self.depth_m)?;
        }
        if let Some(glass_depth_m) = self.optional.get(&Plane::GlassDepth) {
            let glass_depth_m = glass_depth_m.scalar().unwrap_or_default();
            self.check_agreement(Plane::GlassNormal, glass_depth_m)?;
        }
        Ok(())
    }

    /// Whether a plane has a surface just where some distances are finite.
    fn check_agreement(&self, plane: Plane, distances_m: &[f32]) -> Result<(), String> {
        let Some(values) = self.optional.get(&plane) else {
            return Ok(());
        };
        let is_surface = |px: usize| match values {
            PlaneValues::Vector(values) => values[px] != [0.0; 3],
            values => values.pixel(px)[0].is_finite(),
        };
        match (0..values.len()).find(|&px| is_surface(px) != distances_m[px].is_finite()) {
            None => Ok(()),
            Some(px) => Err(format!(
                "{} is {:?} where the depth is {}, at column {}, row {}",
                plane.exr_part(),
                values.pixel(px),
                distances_m[px],
                px % self.width,
                px / self.width
            )),
        }
    }
}

fn check_distances(
    name: &str,
    distances_m: &[f32],
    at: impl Fn(usize) -> String,
) -> Result<(), String> {
    // Written so that NaN fails too.
    let is_distance = |distance_m: &f32| *distance_m > 0.0;
    match distances_m
        .iter()
        .position(|distance_m| !is_distance(distance_m))
    {
        Some(i) => Err(format!(
            "{name} is {}, wanted positive metres or +inf for no surface, {}",
            distances_m[i],
            at(i)
        )),
        None => Ok(()),
    }
}

fn check_normals(
    name: &str,
    normals: &[[f32; 3]],
    distances_m: &[f32],
    at: impl Fn(usize) -> String,
) -> Result<(), String> {
    for (i, (normal, distance_m)) in normals.iter().zip(distances_m).enumerate() {
        let length2: f32 = normal.iter().map(|v| v * v).sum();
        // Half floats keep a unit vector within about 1e-3 of unit length.
        let fits = if distance_m.is_finite() {
            (length2 - 1.0).abs() < 4e-3
        } else {
            length2 == 0.0
        };
        if !fits {
            let wanted = if distance_m.is_finite() {
                "unit length"
            } else {
                "0 off the surface"
            };
            return Err(format!("{name} is {normal:?}, wanted {wanted}, {}", at(i)));
        }
    }
    Ok(())
}

/// One sample, checked and at stored precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    meta: SampleMeta,
    planes: Planes,
    params_json: String,
}

impl Sample {
    /// Rounds the planes to stored precision, fills the measured columns of `meta`, and checks.
    ///
    /// `params_json` is the scene document; it is stored with sorted keys. `face_skin` marks the
    /// pixels that show facial skin, one a pixel; without it the columns that need it are null.
    pub fn new(
        mut meta: SampleMeta,
        mut planes: Planes,
        params_json: &str,
        face_skin: Option<&[bool]>,
    ) -> Result<Self, FormatError> {
        let invalid = |meta: &SampleMeta, reason: String| FormatError::InvalidSample {
            sample_id: meta.sample_id.as_str().into(),
            reason: reason.into(),
        };
        planes.round_to_stored();
        planes.check().map_err(|reason| invalid(&meta, reason))?;
        if let Some(mask) = face_skin.filter(|mask| mask.len() != planes.n_pixels()) {
            let reason = format!("the facial-skin mask has {} pixels", mask.len());
            return Err(invalid(&meta, reason));
        }
        meta.width = i32::try_from(planes.width).unwrap_or(i32::MAX);
        meta.height = i32::try_from(planes.height).unwrap_or(i32::MAX);
        let alpha8: Vec<u8> = planes.alpha.iter().copied().map(alpha_to_u8).collect();
        let view = PlaneView {
            width: planes.width,
            rgb8: &planes.rgb8,
            alpha8: &alpha8,
            depth_m: &planes.depth_m,
        };
        Measured::of(&view, face_skin).store_in(&mut meta);
        let params_json = canonical_json(params_json)
            .map_err(|error| invalid(&meta, format!("the scene document is not JSON: {error}")))?;
        Self::from_stored(meta, planes, params_json)
    }

    /// A sample as it was stored: checked, but neither rounded nor measured again.
    pub(crate) fn from_stored(
        meta: SampleMeta,
        planes: Planes,
        params_json: String,
    ) -> Result<Self, FormatError> {
        let reason = if let Err(reason) = planes.check() {
            Some(reason)
        } else if [meta.width, meta.height].map(i64::from)
            != [planes.width as i64, planes.height as i64]
        {
            let (w, h) = (planes.width, planes.height);
            Some(format!(
                "the labels say {} x {}, the planes {w} x {h}",
                meta.width, meta.height
            ))
        } else {
            let columns = bottega_schemas::sample::COLUMNS.iter().zip(meta.values());
            let mut broken = columns.filter(|(_, value)| !value.is_finite());
            broken
                .next()
                .map(|(c, value)| format!("column {} is not finite: {value:?}", c.name))
        };
        match reason {
            Some(reason) => Err(FormatError::InvalidSample {
                sample_id: meta.sample_id.into(),
                reason: reason.into(),
            }),
            None => Ok(Self {
                meta,
                planes,
                params_json,
            }),
        }
    }

    /// The labels.
    pub fn meta(&self) -> &SampleMeta {
        &self.meta
    }

    /// The planes.
    pub fn planes(&self) -> &Planes {
        &self.planes
    }

    /// The scene document, with sorted keys and without spaces.
    pub fn params_json(&self) -> &str {
        &self.params_json
    }
}
