//! What a check found, and where.

use std::fmt;

use serde::Serialize;

use bottega_schemas::Plane;

/// The checks, by what they look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Check {
    /// The manifest can be read, and lists what is there.
    Manifest,
    /// A shard can be read to its end.
    Readable,
    /// Size and hashes of a file are those of the manifest.
    Checksum,
    /// Hashes of the planes and of the scene document are those stored beside them.
    BlobHash,
    /// The columns of a shard are those of the schema.
    Schema,
    /// Encoding and attributes of the plane files are as documented.
    Encoding,
    /// Indices ascend, lie in their shard and occur once.
    Index,
    /// Required labels are there.
    MissingLabel,
    /// Labels lie in their range and vocabulary and agree with each other.
    Label,
    /// The camera is a camera.
    Camera,
    /// Points lie where their places project, and on the surface where they are in sight.
    Points,
    /// The scene document can be read.
    SceneDocument,
    /// Planes have the size of the picture.
    PlaneSize,
    /// The picture shows something.
    Picture,
    /// The outline of the person in the picture is where alpha has it.
    Alignment,
    /// Alpha, depth and normals agree where there is a surface.
    SurfaceAgreement,
    /// Depth is a distance, and a likely one.
    Depth,
    /// Normals are unit vectors.
    NormalLength,
    /// Normals face the camera.
    NormalFacing,
    /// Normals are those of the surface that depth describes.
    NormalFromDepth,
    /// Depth has no offset and is not the distance along the ray, as normals tell.
    DepthFromNormal,
    /// No pixel differs alone from smooth surroundings.
    LonePixel,
    /// No sample is a copy, or nearly one, of another.
    Duplicate,
    /// Shares of pixels lie between 0 and 1 and sum as they should.
    Coverage,
    /// Part numbers are known, and where there is a surface.
    PartId,
    /// Measured columns are what the planes say.
    Measured,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub check: Check,
    /// File in the dataset, with forward slashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Row in the shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Name of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_id: Option<String>,
    /// Plane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plane: Option<Plane>,
    /// First pixel where it shows: column, row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel: Option<[usize; 2]>,
    /// What was wanted and what was found.
    pub message: String,
}

impl Finding {
    /// A finding that is not yet placed.
    pub fn new(check: Check, message: impl Into<String>) -> Self {
        Self {
            check,
            file: None,
            row: None,
            sample_id: None,
            plane: None,
            pixel: None,
            message: message.into(),
        }
    }

    /// Says which plane and which pixel.
    pub fn at(mut self, plane: Plane, pixel: Option<[usize; 2]>) -> Self {
        self.plane = Some(plane);
        self.pixel = pixel;
        self
    }

    /// Says which file.
    pub fn in_file(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// Says which row.
    pub fn in_row(mut self, row: u64, sample_id: &str) -> Self {
        self.row = Some(row);
        if !sample_id.is_empty() {
            self.sample_id = Some(sample_id.to_owned());
        }
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
            if let Some(row) = self.row {
                write!(f, ":{row}")?;
            }
            write!(f, ": ")?;
        }
        if let Some(plane) = self.plane {
            write!(f, "{}", word(&plane))?;
            if let Some([x, y]) = self.pixel {
                write!(f, " at column {x}, row {y}")?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{} [{}]", self.message, word(&self.check))
    }
}

/// The word of an enum as it stands in JSON.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where() {
        let finding = Finding::new(Check::NormalLength, "length 2, wanted 1")
            .at(Plane::Normal, Some([3, 4]))
            .in_row(7, "a-0000007")
            .in_file("data/train-00000.parquet");
        assert_eq!(
            finding.to_string(),
            "data/train-00000.parquet:7: normal at column 3, row 4: length 2, wanted 1 \
             [normal-length]"
        );
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["row"], 7);
        assert_eq!(json["check"], "normal-length");
    }
}
