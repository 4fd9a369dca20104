//! Waves, curls and coils: what the hair type adds to the line of a strand.

use bottega_geometry::math;
use bottega_schemas::params::HairType;
use glam::Vec3;

/// Shape of the curl of one hair type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Curl {
    /// Radius of the helix, in metres; 0 for straight hair.
    pub(crate) radius_m: f32,
    /// Length of one turn along the axis, in metres.
    pub(crate) pitch_m: f32,
    /// Share of the second axis: 0 is a flat wave, 1 a round helix.
    pub(crate) roundness: f32,
    /// Distance from the root over which the curl sets in, in metres.
    pub(crate) onset_m: f32,
    /// Size of the locks that curl together, in metres.
    pub(crate) lock_m: f32,
    /// How tightly a lock holds together, in `[0, 1]`.
    pub(crate) lock_strength: f32,
}

impl Curl {
    /// The curl of a hair type.
    pub(crate) fn of(hair_type: HairType) -> Self {
        let [
            radius_mm,
            pitch_mm,
            roundness,
            onset_mm,
            lock_mm,
            lock_strength,
        ] = match hair_type {
            HairType::T1 => [0.0, 100.0, 0.0, 50.0, 9.0, 0.35],
            HairType::T2A => [3.5, 85.0, 0.3, 60.0, 12.0, 0.45],
            HairType::T2B => [5.5, 68.0, 0.35, 45.0, 13.0, 0.5],
            HairType::T2C => [7.0, 52.0, 0.4, 35.0, 13.0, 0.55],
            HairType::T3A => [8.0, 38.0, 0.8, 28.0, 12.0, 0.65],
            HairType::T3B => [6.0, 26.0, 0.9, 20.0, 10.0, 0.65],
            HairType::T3C => [4.5, 17.0, 1.0, 14.0, 8.0, 0.6],
            HairType::T4A => [3.0, 11.5, 1.0, 9.0, 6.0, 0.5],
            HairType::T4B => [2.6, 9.0, 0.5, 7.0, 5.0, 0.4],
            HairType::T4C => [2.2, 7.5, 0.8, 5.0, 4.0, 0.3],
        };
        Self {
            radius_m: 1e-3 * radius_mm,
            pitch_m: 1e-3 * pitch_mm,
            roundness,
            onset_m: 1e-3 * onset_mm,
            lock_m: 1e-3 * lock_mm,
            lock_strength,
        }
    }

    /// The same look with turns no shorter than `pitch_m`, when a strand has too few points.
    pub(crate) fn coarsened(mut self, pitch_m: f32) -> Self {
        self.pitch_m = self.pitch_m.max(pitch_m);
        self
    }

    /// Length of the strand over the length of its axis.
    pub(crate) fn stretch(self) -> f32 {
        let k = std::f32::consts::TAU * self.radius_m / self.pitch_m;
        // The speed of a flattened helix, averaged over a turn by the root mean square.
        (1.0 + k * k * 0.5 * (1.0 + self.roundness * self.roundness)).sqrt()
    }

    /// Offset from the axis at arc length `s_m`, in the frame `(side, up)`.
    pub(crate) fn offset(self, s_m: f32, phase_rad: f32, size: f32, frame: (Vec3, Vec3)) -> Vec3 {
        let onset = math::smoothstep(0.0, self.onset_m, s_m);
        let (sin, cos) = math::sin_cos(phase_rad + std::f32::consts::TAU * s_m / self.pitch_m);
        (frame.0 * cos + frame.1 * (sin * self.roundness)) * (self.radius_m * size * onset)
    }
}

/// Frames `(side, up)` across a polyline, carried along without twist; the first `side` lies
/// across `normal`.
pub(crate) fn frames(points: &[Vec3], normal: Vec3) -> Vec<(Vec3, Vec3)> {
    let mut frames = Vec::with_capacity(points.len());
    let mut side = (points[1] - points[0]).cross(normal);
    for i in 0..points.len() {
        let next = points[(i + 1).min(points.len() - 1)];
        let previous = points[i.saturating_sub(1)];
        let tangent = (next - previous).normalize_or(Vec3::NEG_Y);
        let carried = side - tangent * side.dot(tangent);
        side = carried
            .try_normalize()
            .unwrap_or_else(|| math::orthonormal_basis(tangent).0);
        frames.push((side, tangent.cross(side)));
    }
    frames
}

/// Length of a polyline.
pub(crate) fn arc_length(points: &[Vec3]) -> f32 {
    points.windows(2).map(|p| p[0].distance(p[1])).sum()
}

/// Writes `out.len()` points evenly spaced along a polyline, both ends kept.
pub(crate) fn resample(points: &[Vec3], out: &mut [Vec3]) {
    let step = arc_length(points) / (out.len() - 1) as f32;
    let (mut segment, mut passed) = (0, 0.0);
    for (k, slot) in out.iter_mut().enumerate() {
        let wanted = step * k as f32;
        loop {
            let length = points[segment].distance(points[segment + 1]);
            if wanted <= passed + length || segment + 2 == points.len() {
                let t = ((wanted - passed) / length.max(1e-9)).clamp(0.0, 1.0);
                *slot = points[segment].lerp(points[segment + 1], t);
                break;
            }
            passed += length;
            segment += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretch_of_each_type_is_the_length_of_its_curve() {
        for hair_type in [HairType::T1, HairType::T2B, HairType::T3B, HairType::T4C] {
            let mut curl = Curl::of(hair_type);
            curl.onset_m = 1e-6;
            let turn: Vec<Vec3> = (0..=2000)
                .map(|i| {
                    let s_m = 1e-3 + curl.pitch_m * i as f32 / 2000.0;
                    Vec3::Y * s_m + curl.offset(s_m, 0.3, 1.0, (Vec3::X, Vec3::Z))
                })
                .collect();
            let measured = arc_length(&turn) / curl.pitch_m;
            let error = (curl.stretch() / measured - 1.0).abs();
            assert!(error < 0.08, "{hair_type:?}: {measured} {}", curl.stretch());
        }
    }

    #[test]
    fn resampling_keeps_ends_and_spaces_evenly() {
        let bent = [Vec3::ZERO, Vec3::X, Vec3::X + Vec3::Y * 3.0];
        let mut out = [Vec3::ZERO; 9];
        resample(&bent, &mut out);
        assert_eq!((out[0], out[8]), (bent[0], bent[2]));
        for pair in out.windows(2) {
            assert!((pair[0].distance(pair[1]) - 0.5).abs() < 1e-5, "{out:?}");
        }
    }
}
