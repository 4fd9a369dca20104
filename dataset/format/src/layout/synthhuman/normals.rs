//! Which channel holds which axis, and in which code: found from the normals themselves.
//!
//! Whoever writes (X, Y, Z) with OpenCV stores B=X, G=Y, R=Z; others store R=X, G=Y, B=Z. People
//! photographed face the camera, so over opaque pixels the channel of Z has by far the largest
//! mean. A mean below zero tells the axes of OpenCV (Y down, Z forward); components that are
//! never negative tell vectors stored as (n + 1) / 2.

use serde::Serialize;

/// Alpha from which a pixel counts as opaque.
const OPAQUE: u8 = 250;

/// Axes of the channels `R`, `G`, `B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NormalOrder {
    /// R=X, G=Y, B=Z.
    Xyz,
    /// R=Z, G=Y, B=X: the order of SynthHuman.
    Zyx,
}

/// How normals are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NormalCoding {
    /// Axes of the channels.
    pub order: NormalOrder,
    /// Whether components are stored as (n + 1) / 2.
    pub is_unsigned: bool,
    /// Whether the axes are those of OpenCV: Y down, Z forward.
    pub is_opencv: bool,
}

impl NormalCoding {
    /// The code of one sample; `None` where too little is opaque to tell.
    ///
    /// `given` is the order if it is known.
    pub(super) fn detect(
        rgb: &[[f32; 3]],
        alpha8: &[u8],
        given: Option<NormalOrder>,
    ) -> Option<Self> {
        let opaque = || {
            let pixels = rgb.iter().zip(alpha8);
            let pixels = pixels
                .filter(|(_, alpha)| **alpha >= OPAQUE)
                .map(|(rgb, _)| *rgb);
            pixels.filter(|rgb| rgb.iter().all(|v| v.is_finite()) && *rgb != [0.0; 3])
        };
        let n = opaque().count();
        if n == 0 {
            return None;
        }
        let is_unsigned = opaque().all(|rgb| rgb.iter().all(|v| (0.0..=1.0).contains(v)));
        let mean = |channel: usize| {
            let sum: f64 = opaque().map(|rgb| f64::from(rgb[channel])).sum();
            let mean = sum / n as f64;
            if is_unsigned { 2.0 * mean - 1.0 } else { mean }
        };
        let (red, blue) = (mean(0), mean(2));
        let order = given.unwrap_or(if blue.abs() > red.abs() {
            NormalOrder::Xyz
        } else {
            NormalOrder::Zyx
        });
        let front = if order == NormalOrder::Xyz { blue } else { red };
        Some(Self {
            order,
            is_unsigned,
            is_opencv: front < 0.0,
        })
    }

    /// The vector in camera space, +X right, +Y up, +Z toward the camera.
    pub(super) fn decode(self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let mut normal = match self.order {
            NormalOrder::Xyz => [r, g, b],
            NormalOrder::Zyx => [b, g, r],
        };
        if self.is_unsigned {
            normal = normal.map(|v| 2.0 * v - 1.0);
        }
        if self.is_opencv {
            normal = [normal[0], -normal[1], -normal[2]];
        }
        normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normals of a half ball that looks a little to the right.
    fn normals() -> Vec<[f32; 3]> {
        let grid = |i: usize| (i as f32 - 10.0) / 14.0;
        let at = |i: usize| [grid(i % 21), grid(i / 21)];
        (0..441)
            .map(at)
            .map(|[x, y]| [x, y, (1.0 - x * x - y * y).max(0.0).sqrt()])
            .collect()
    }

    #[test]
    fn every_code_is_found_and_undone() {
        type Encode = fn([f32; 3]) -> [f32; 3];
        let cases: [(Encode, NormalOrder, bool, bool); 4] = [
            (|n| n, NormalOrder::Xyz, false, false),
            (|[x, y, z]| [z, y, x], NormalOrder::Zyx, false, false),
            (|[x, y, z]| [-z, -y, x], NormalOrder::Zyx, false, true),
            (|n| n.map(|v| 0.5 * v + 0.5), NormalOrder::Xyz, true, false),
        ];
        let normals = normals();
        for (encode, order, is_unsigned, is_opencv) in cases {
            let stored: Vec<[f32; 3]> = normals.iter().copied().map(encode).collect();
            let found = NormalCoding::detect(&stored, &[255; 441], None).unwrap();
            let wanted = NormalCoding {
                order,
                is_unsigned,
                is_opencv,
            };
            assert_eq!(found, wanted);
            for (stored, normal) in stored.iter().zip(&normals) {
                let decoded = found.decode(*stored);
                assert!(
                    decoded
                        .iter()
                        .zip(normal)
                        .all(|(a, b)| (a - b).abs() < 1e-6)
                );
            }
        }
    }

    #[test]
    fn nothing_opaque_tells_nothing() {
        assert_eq!(NormalCoding::detect(&normals(), &[249; 441], None), None);
    }
}
