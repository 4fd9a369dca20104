//! Owns every byte on disk: EXR sample, Parquet shard, manifest.
