//! The hash of a stream of samples: what tests and `bottega load --hash` compare.

use crate::plane_values::PlaneValues;

use super::sample::LoadedSample;

/// Hashes names and values of samples, in their order; equal streams have equal hashes.
#[derive(Clone, Debug, Default)]
pub struct StreamHash(blake3::Hasher);

impl StreamHash {
    /// Adds a sample.
    pub fn add(&mut self, sample: &LoadedSample) {
        let planes = sample.planes();
        self.0.update(sample.facts().sample_id.as_bytes());
        self.0.update(&planes.rgb8);
        self.0.update(&planes.alpha8);
        self.floats(&planes.depth_m);
        self.floats(planes.normal.as_flattened());
        for values in planes.optional.values() {
            match values {
                PlaneValues::Scalar(values) => self.floats(values),
                PlaneValues::Vector(values) => self.floats(values.as_flattened()),
                PlaneValues::Layers(values) => self.floats(values.as_flattened()),
                PlaneValues::Byte(values) => {
                    self.0.update(values);
                }
            }
        }
    }

    /// BLAKE3 of all that was added, hexadecimal.
    pub fn finish(self) -> String {
        self.0.finalize().to_hex().to_string()
    }

    fn floats(&mut self, values: &[f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.0.update(&bytes);
    }
}
