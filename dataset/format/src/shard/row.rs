//! One row: labels, the planes as encoded files, and the scene document.
//!
//! Encoding a row is where the time goes; it is done sample by sample, on any thread, and kept in
//! a checkpoint until the shard is published ([`EncodedRow::to_bytes`]).

use std::collections::BTreeMap;

use bottega_schemas::{OptionalPlanes, Plane, SampleMeta};

use crate::error::FormatError;
use crate::measure::{Measured, PlaneView};
use crate::plane_codec::{
    Image, decode_direction, decode_distance, encode_direction, encode_distance,
};
use crate::plane_values::PlaneValues;
use crate::png;
use crate::preview::encode_preview;
use crate::sample::{Sample, alpha_to_u8};

/// The planes of a stored row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredPlanes {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// 8-bit sRGB, three bytes a pixel.
    pub rgb8: Vec<u8>,
    /// 8-bit coverage.
    pub alpha8: Vec<u8>,
    /// Distance along the optical axis, in metres; +inf is no surface.
    pub depth_m: Vec<f32>,
    /// Outward unit normal in camera space; zero is no surface.
    pub normal: Vec<[f32; 3]>,
    /// The planes that not every dataset has.
    pub optional: BTreeMap<Plane, PlaneValues>,
}

/// One row, its planes encoded as files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EncodedRow {
    /// The labels.
    pub meta: SampleMeta,
    /// The scene document, with sorted keys.
    pub scene_json: String,
    /// Picture: PNG, 8-bit sRGB.
    pub image: Vec<u8>,
    /// Coverage: PNG, 8-bit grey.
    pub alpha: Vec<u8>,
    /// Depth: EXR, `Y`, float, metres.
    pub depth_exr: Vec<u8>,
    /// Normals: EXR, `R`, `G`, `B` = X, Y, Z, half.
    pub normal_exr: Vec<u8>,
    /// Preview: PNG; derived from the planes.
    pub preview: Option<Vec<u8>>,
    /// The planes that not every dataset has: EXR or PNG files.
    pub optional: BTreeMap<Plane, Vec<u8>>,
}

impl EncodedRow {
    /// Encodes a sample; `stored` says which optional planes the dataset keeps.
    pub fn encode(sample: &Sample, stored: OptionalPlanes) -> Result<Self, FormatError> {
        let planes = sample.planes();
        let meta = sample.meta().clone();
        let id = meta.sample_id.clone();
        let size = (planes.width, planes.height);
        let lacking = |plane: Plane| FormatError::InvalidSample {
            sample_id: id.as_str().into(),
            reason: format!(
                "it has no plane {}, which this dataset stores",
                plane.exr_part()
            )
            .into(),
        };
        let mut optional = BTreeMap::new();
        for plane in stored.iter() {
            let values = planes.optional.get(&plane).ok_or_else(|| lacking(plane))?;
            optional.insert(plane, values.encode(plane, size, &id));
        }
        let alpha8: Vec<u8> = planes.alpha.iter().copied().map(alpha_to_u8).collect();
        let shown = StoredPlanes {
            width: planes.width,
            height: planes.height,
            rgb8: planes.rgb8.clone(),
            alpha8,
            depth_m: planes.depth_m.clone(),
            normal: planes.normal.clone(),
            ..StoredPlanes::default()
        };
        Ok(Self {
            image: png::encode_rgb(planes.width, &planes.rgb8),
            alpha: png::encode_grey(planes.width, &shown.alpha8),
            depth_exr: encode_distance(Plane::Depth, size, &planes.depth_m, &id),
            normal_exr: encode_direction(Plane::Normal, size, &planes.normal, &id),
            preview: Some(encode_preview(&shown)),
            optional,
            scene_json: sample.params_json().to_owned(),
            meta,
        })
    }

    /// A row of planes at the precision of the files, whatever they hold; `image` and `alpha` are
    /// pictures that are encoded already. It has no scene document and no optional plane.
    pub fn of_stored(
        mut meta: SampleMeta,
        planes: &StoredPlanes,
        image: Option<Vec<u8>>,
        alpha: Option<Vec<u8>>,
    ) -> Self {
        let size = (planes.width, planes.height);
        meta.width = i32::try_from(size.0).unwrap_or(i32::MAX);
        meta.height = i32::try_from(size.1).unwrap_or(i32::MAX);
        let view = PlaneView {
            width: planes.width,
            rgb8: &planes.rgb8,
            alpha8: &planes.alpha8,
            depth_m: &planes.depth_m,
        };
        Measured::of(&view, None).store_in(&mut meta);
        let id = &meta.sample_id;
        Self {
            image: image.unwrap_or_else(|| png::encode_rgb(size.0, &planes.rgb8)),
            alpha: alpha.unwrap_or_else(|| png::encode_grey(size.0, &planes.alpha8)),
            depth_exr: encode_distance(Plane::Depth, size, &planes.depth_m, id),
            normal_exr: encode_direction(Plane::Normal, size, &planes.normal, id),
            preview: Some(encode_preview(planes)),
            optional: BTreeMap::new(),
            scene_json: String::new(),
            meta,
        }
    }

    /// Decodes the planes.
    pub fn decode(&self) -> Result<StoredPlanes, FormatError> {
        let image = png::decode_rgb("image", &self.image)?;
        let size = (image.width, image.height);
        let alpha = png::decode_grey("alpha", &self.alpha)?;
        let alpha = Image {
            width: alpha.width,
            height: alpha.height,
            values: alpha.bytes,
        };
        let mut optional = BTreeMap::new();
        for (plane, file) in &self.optional {
            let (values, found) = PlaneValues::decode(*plane, file)?;
            check_size(plane.column(), size, found)?;
            optional.insert(*plane, values);
        }
        let depth = decode_distance("depth_exr", &self.depth_exr)?;
        let normal = decode_direction("normal_exr", &self.normal_exr)?;
        Ok(StoredPlanes {
            width: image.width,
            height: image.height,
            rgb8: image.bytes,
            alpha8: same_size("alpha", size, alpha)?,
            depth_m: same_size("depth_exr", size, depth)?,
            normal: same_size("normal_exr", size, normal)?,
            optional,
        })
    }

    /// Size of the encoded planes.
    pub fn blob_bytes(&self) -> usize {
        let optional = self.preview.iter().chain(self.optional.values());
        let optional: usize = optional.map(Vec::len).sum();
        self.image.len()
            + self.alpha.len()
            + self.depth_exr.len()
            + self.normal_exr.len()
            + optional
    }

    /// The row as one block of bytes that ends in its own BLAKE3: a checkpoint.
    pub fn to_bytes(&self) -> Vec<u8> {
        let meta = serde_json::to_vec(&self.meta).expect("labels are plain data");
        let mut out =
            Vec::with_capacity(self.blob_bytes() + meta.len() + self.scene_json.len() + 256);
        out.extend(ROW_MAGIC);
        let mut push = |bytes: Option<&[u8]>| {
            let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
            out.extend(length.to_le_bytes());
            out.extend(bytes.unwrap_or_default());
        };
        push(Some(&meta));
        push(Some(self.scene_json.as_bytes()));
        for blob in [&self.image, &self.alpha, &self.depth_exr, &self.normal_exr] {
            push(Some(blob));
        }
        push(self.preview.as_deref());
        for plane in Plane::OPTIONAL {
            push(self.optional.get(&plane).map(Vec::as_slice));
        }
        let hash = blake3::hash(&out);
        out.extend(hash.as_bytes());
        out
    }

    /// The row of [`EncodedRow::to_bytes`]; any change of the bytes is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let malformed = |reason: &str| FormatError::malformed("checkpoint", reason);
        let (body, hash) = bytes
            .split_last_chunk::<32>()
            .ok_or_else(|| malformed("it is shorter than its hash"))?;
        if blake3::hash(body).as_bytes() != hash {
            return Err(malformed("its hash does not match"));
        }
        let mut rest = body
            .strip_prefix(ROW_MAGIC)
            .ok_or_else(|| malformed("it was written by another version"))?;
        let mut take = || -> Option<Option<Vec<u8>>> {
            let (length, tail) = rest.split_first_chunk::<8>()?;
            let length = u64::from_le_bytes(*length);
            rest = tail;
            if length == u64::MAX {
                return Some(None);
            }
            let (blob, tail) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            rest = tail;
            Some(Some(blob.to_vec()))
        };
        let cut = || malformed("a blob is cut");
        let mut required = || take().flatten().ok_or_else(cut);
        let meta = required()?;
        let mut row = Self {
            meta: serde_json::from_slice(&meta).map_err(|error| malformed(&error.to_string()))?,
            scene_json: String::from_utf8(required()?)
                .map_err(|_| malformed("text is not UTF-8"))?,
            image: required()?,
            alpha: required()?,
            depth_exr: required()?,
            normal_exr: required()?,
            ..Self::default()
        };
        row.preview = take().ok_or_else(cut)?;
        for plane in Plane::OPTIONAL {
            if let Some(file) = take().ok_or_else(cut)? {
                row.optional.insert(plane, file);
            }
        }
        Ok(row)
    }
}

/// First bytes of a checkpoint; the digit is its version.
const ROW_MAGIC: &[u8] = b"BOTTEGA-ROW-2\n";

fn same_size<T>(
    what: &'static str,
    size: (usize, usize),
    image: Image<T>,
) -> Result<Vec<T>, FormatError> {
    check_size(what, size, (image.width, image.height))?;
    Ok(image.values)
}

fn check_size(
    what: &'static str,
    (width, height): (usize, usize),
    found: (usize, usize),
) -> Result<(), FormatError> {
    if found == (width, height) {
        return Ok(());
    }
    let reason = format!(
        "it has {} x {} pixels, the picture {width} x {height}",
        found.0, found.1
    );
    Err(FormatError::malformed(what, reason))
}
