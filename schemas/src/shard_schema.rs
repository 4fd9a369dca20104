//! Names and numbers of the shard format that writers, readers and checkers share.

/// Version of the columns and of their meaning. The second number counts columns that were added,
/// the first changes of what was there.
pub const SCHEMA_VERSION: &str = "1.1.0";

/// Whether this program knows the columns of that version: all that were before its own, and none
/// after it.
pub fn is_known_version(version: &str) -> bool {
    let numbers = |version: &str| -> Option<Vec<u32>> {
        version.split('.').map(|part| part.parse().ok()).collect()
    };
    let (Some(found), Some(own)) = (numbers(version), numbers(SCHEMA_VERSION)) else {
        return false;
    };
    found.len() == own.len() && found[0] == own[0] && found <= own
}

/// Rows in a full shard, unless told otherwise.
pub const DEFAULT_SHARD_SIZE: u64 = 256;

/// Rows in a row group: small enough to fetch for one sample, large enough for few requests.
pub const ROW_GROUP_ROWS: usize = 32;

/// Column of the picture: PNG, 8-bit sRGB.
pub const IMAGE: &str = "image";
/// Column of the coverage: PNG, 8-bit grey.
pub const ALPHA: &str = "alpha";
/// Column of the depth: EXR, channel `Y`, float, metres.
pub const DEPTH_EXR: &str = "depth_exr";
/// Column of the normals: EXR, channels `R`, `G`, `B` = X, Y, Z, half.
pub const NORMAL_EXR: &str = "normal_exr";
/// Column of the preview: PNG with the picture, alpha, depth and normals side by side.
pub const PREVIEW: &str = "preview";
/// Column of the scene document: JSON, enough to render the sample again.
pub const SCENE_JSON: &str = "scene_json";
/// Column of the BLAKE3 of the canonical scene document.
pub const SCENE_BLAKE3: &str = "scene_blake3";
/// Column of the BLAKE3 of the stored picture.
pub const IMAGE_BLAKE3: &str = "image_blake3";
/// Column of the BLAKE3 of the stored coverage.
pub const ALPHA_BLAKE3: &str = "alpha_blake3";
/// Column of the BLAKE3 of the stored depth.
pub const DEPTH_BLAKE3: &str = "depth_blake3";
/// Column of the BLAKE3 of the stored normals.
pub const NORMAL_BLAKE3: &str = "normal_blake3";

/// Path of a shard in its dataset.
pub fn shard_path(split: &str, shard_idx: u64) -> String {
    format!("data/{split}-{shard_idx:05}.parquet")
}

/// Name of a sample.
pub fn sample_id(dataset: &str, index: u64) -> String {
    format!("{dataset}-{index:07}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_up_to_the_own_one_are_known() {
        for known in ["1.0.0", SCHEMA_VERSION] {
            assert!(is_known_version(known), "{known}");
        }
        for unknown in ["0.9.0", "1.2.0", "2.0.0", "1.0", "1.1.0.0", "one", ""] {
            assert!(!is_known_version(unknown), "{unknown}");
        }
    }
}
