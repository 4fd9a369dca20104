//! Parts of one row, read through the page index: one plane, the preview, the texts.
//!
//! Who shows single samples reads no more of a row than it shows.

use bottega_schemas::Plane;
use bottega_schemas::sample::COLUMNS;
use bottega_schemas::shard_schema::{ALPHA, DEPTH_EXR, IMAGE, NORMAL_EXR, PREVIEW, SCENE_JSON};

use super::reader::{HASHES, LabelRow, ShardReader, blob, guard, metas, text};
use crate::error::FormatError;
use crate::plane_codec::{decode_direction, decode_distance};
use crate::plane_values::PlaneValues;
use crate::png;
use crate::preview::{encode_preview, preview_size};

/// The stored file of a plane of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaneFile {
    /// PNG or EXR.
    pub bytes: Vec<u8>,
    /// The stored hash, 64 hexadecimal digits; optional planes have none.
    pub blake3: Option<String>,
}

/// One plane of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowPlane {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Its values, row by row from the top.
    pub values: RowValues,
}

/// The values of a plane of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum RowValues {
    /// The picture: 8-bit sRGB, three bytes a pixel.
    Rgb8(Vec<u8>),
    /// Any other plane.
    Plane(PlaneValues),
}

/// Column of a plane in a shard; `None` for those that only EXR samples have.
fn column_of(plane: Plane) -> Option<&'static str> {
    match plane {
        Plane::Rgb8 => Some(IMAGE),
        Plane::Alpha => Some(ALPHA),
        Plane::Depth => Some(DEPTH_EXR),
        Plane::Normal => Some(NORMAL_EXR),
        Plane::RgbLinear => None,
        optional => Some(optional.column()),
    }
}

impl RowPlane {
    fn decode(plane: Plane, file: &[u8]) -> Result<Self, FormatError> {
        let (values, (width, height)) = match plane {
            Plane::Rgb8 => {
                let image = png::decode_rgb(IMAGE, file)?;
                let size = (image.width, image.height);
                (RowValues::Rgb8(image.bytes), size)
            }
            Plane::Alpha => {
                let image = png::decode_grey(ALPHA, file)?;
                let size = (image.width, image.height);
                (RowValues::Plane(PlaneValues::Byte(image.bytes)), size)
            }
            Plane::Depth => {
                let image = decode_distance(DEPTH_EXR, file)?;
                let size = (image.width, image.height);
                (RowValues::Plane(PlaneValues::Scalar(image.values)), size)
            }
            Plane::Normal => {
                let image = decode_direction(NORMAL_EXR, file)?;
                let size = (image.width, image.height);
                (RowValues::Plane(PlaneValues::Vector(image.values)), size)
            }
            optional => {
                let (values, size) = PlaneValues::decode(optional, file)?;
                (RowValues::Plane(values), size)
            }
        };
        Ok(Self {
            width,
            height,
            values,
        })
    }
}

impl ShardReader {
    /// The planes that the shard has columns for; a row may still lack one.
    pub fn stored_planes(&self) -> Vec<Plane> {
        let always = [Plane::Rgb8, Plane::Alpha, Plane::Depth, Plane::Normal];
        let all = always.into_iter().chain(Plane::OPTIONAL);
        all.filter(|plane| column_of(*plane).is_some_and(|name| self.has(name)))
            .collect()
    }

    /// The stored file of one plane of a row; `None` where there is none. Its bytes must have the
    /// hash that is stored beside them.
    pub fn plane_file(&self, row: usize, plane: Plane) -> Result<Option<PlaneFile>, FormatError> {
        let Some(column) = column_of(plane).filter(|name| self.has(name)) else {
            return Ok(None);
        };
        let blake3 = self.plane_hash(row, plane)?;
        guard(self.path(), || {
            let Some(bytes) = blob(&self.one_row(row, &[column])?, column)? else {
                return Ok(None);
            };
            let is_damaged = |stored: &String| *stored != blake3::hash(&bytes).to_hex().as_str();
            if blake3.as_ref().is_some_and(is_damaged) {
                return Err(FormatError::HashMismatch { what: column, row });
            }
            Ok(Some(PlaneFile { bytes, blake3 }))
        })
    }

    /// One plane of a row, decoded; `None` where there is none.
    pub fn plane(&self, row: usize, plane: Plane) -> Result<Option<RowPlane>, FormatError> {
        let Some(file) = self.plane_file(row, plane)? else {
            return Ok(None);
        };
        guard(self.path(), || {
            RowPlane::decode(plane, &file.bytes).map(Some)
        })
    }

    /// The preview of a row as PNG: picture, coverage, depth and normals side by side, a quarter
    /// in size. Where the shard has none, or one of another size, it is made from the planes.
    pub fn preview(
        &self,
        row: usize,
        (width, height): (usize, usize),
    ) -> Result<Vec<u8>, FormatError> {
        let stored = if self.has(PREVIEW) {
            guard(self.path(), || {
                blob(&self.one_row(row, &[PREVIEW])?, PREVIEW)
            })?
        } else {
            None
        };
        match stored {
            Some(file) if png::size_of(&file) == Some(preview_size(width, height)) => Ok(file),
            _ => {
                let planes = self.planes(row)?;
                guard(self.path(), || Ok(encode_preview(&planes)))
            }
        }
    }

    /// The labels, the scene document and the stored hashes of one row, without its pixels.
    pub fn label_row(&self, row: usize) -> Result<LabelRow, FormatError> {
        guard(self.path(), || {
            let labels = COLUMNS.iter().map(|column| column.name);
            let hashes = HASHES.iter().map(|(name, _)| *name);
            let names: Vec<&str> = labels.chain([SCENE_JSON]).chain(hashes).collect();
            let batch = self.one_row(row, &names)?;
            let mut found = LabelRow {
                meta: metas(&batch)?.pop().unwrap_or_default(),
                scene_json: text(&batch, SCENE_JSON)?,
                ..LabelRow::default()
            };
            for (name, _) in HASHES {
                let hash = text(&batch, name)?;
                found.hashes.extend(hash.map(|hash| (name, hash)));
            }
            Ok(found)
        })
    }

    /// The stored BLAKE3 of the file of a plane of a row; optional planes have none.
    pub fn plane_hash(&self, row: usize, plane: Plane) -> Result<Option<String>, FormatError> {
        let Some(column) = column_of(plane) else {
            return Ok(None);
        };
        let hash = HASHES.iter().find(|(_, hashed)| *hashed == column);
        match hash {
            Some((name, _)) if self.has(name) => {
                guard(self.path(), || text(&self.one_row(row, &[name])?, name))
            }
            _ => Ok(None),
        }
    }
}
