//! Truth of the planes that only some datasets store.
//!
//! Each plane is checked against its rule and against the planes that every sample has; the rules
//! are those of `bottega_schemas::plane`.

use bottega_format::{PlaneValues, StoredPlanes};
use bottega_schemas::Plane;

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::is_close;
use super::planes::{Pinhole, is_distance, report};

/// Part numbers from here on belong to the surroundings, not to the person.
const FIRST_SURROUNDING: u8 = 100;

/// Largest relative deviation of a range or a position from the depth along the same ray.
const RANGE_TOLERANCE: f32 = 1e-3;

/// Largest deviation of the sum of the seen layers from alpha, which has eight bits.
const LAYER_SUM_TOLERANCE: f32 = 3.0 / 255.0;

/// Below this alpha there may be no ray that tells whose it is.
const FAINT_ALPHA: f32 = 3.0 / 64.0;

/// How much less a layer may cover alone than where it is seen: the two are measured apart.
const WHOLE_TOLERANCE: f32 = 8.0 / 64.0;

/// The optional planes of one sample beside those that every sample has.
struct Optional<'a> {
    planes: &'a StoredPlanes,
    config: &'a VerifyConfig,
    findings: &'a mut Vec<Finding>,
}

/// Checks the optional planes that are there.
pub(super) fn check_optional_planes(
    planes: &StoredPlanes,
    (pinhole, world_from_camera): (Option<Pinhole>, Option<[f64; 16]>),
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let mut optional = Optional {
        planes,
        config,
        findings,
    };
    if let Some(pinhole) = pinhole {
        optional.check_range(pinhole);
        if let Some(world_from_camera) = world_from_camera {
            optional.check_position(pinhole, &world_from_camera);
        }
    }
    optional.check_depths();
    for plane in [
        Plane::NormalMean,
        Plane::GlassNormal,
        Plane::NormalFiber,
        Plane::NormalProxy,
        Plane::NormalGeometric,
    ] {
        optional.check_direction(plane);
    }
    for plane in [
        Plane::NormalFiber,
        Plane::NormalProxy,
        Plane::NormalGeometric,
        Plane::InstanceId,
    ] {
        optional.check_surface(plane);
    }
    optional.check_shares();
    optional.check_layers();
    optional.check_parts();
    optional.check_finite();
}

impl<'a> Optional<'a> {
    fn scalar(&self, plane: Plane) -> Option<&'a [f32]> {
        self.planes.optional.get(&plane)?.scalar()
    }

    fn vector(&self, plane: Plane) -> Option<&'a [[f32; 3]]> {
        self.planes.optional.get(&plane)?.vector()
    }

    fn report(
        &mut self,
        check: Check,
        plane: Plane,
        is_wrong: impl Fn(usize) -> bool,
        tell: impl Fn(usize) -> String,
    ) {
        let n_px = self.planes.depth_m.len();
        let width = self.planes.width;
        report((check, plane), width, n_px, self.findings, is_wrong, tell);
    }

    fn check_range(&mut self, pinhole: Pinhole) {
        let Some(range_m) = self.scalar(Plane::Range) else {
            return;
        };
        let (width, depth_m) = (self.planes.width, &self.planes.depth_m);
        let expected = |px: usize| {
            let direction = pinhole.direction(px % width, px / width);
            depth_m[px] * direction.iter().map(|v| v * v).sum::<f32>().sqrt()
        };
        self.report(
            Check::Depth,
            Plane::Range,
            |px| {
                let tolerance = RANGE_TOLERANCE * expected(px);
                // Equal infinities have no difference.
                range_m[px] != expected(px) && !is_close(range_m[px], expected(px), tolerance)
            },
            |px| {
                let expected = expected(px);
                format!("{} m, but depth and camera give {expected} m", range_m[px])
            },
        );
    }

    fn check_position(&mut self, pinhole: Pinhole, world_from_camera: &[f64; 16]) {
        let Some(position) = self.vector(Plane::Position) else {
            return;
        };
        let (width, depth_m) = (self.planes.width, &self.planes.depth_m);
        let expected = |px: usize| -> [f32; 3] {
            if !depth_m[px].is_finite() {
                return [0.0; 3];
            }
            let direction = pinhole.direction(px % width, px / width);
            let point = direction.map(|v| f64::from(v * depth_m[px]));
            std::array::from_fn(|row| {
                let m = &world_from_camera[4 * row..4 * row + 4];
                (m[0] * point[0] + m[1] * point[1] + m[2] * point[2] + m[3]) as f32
            })
        };
        self.report(
            Check::Depth,
            Plane::Position,
            |px| {
                let tolerance = RANGE_TOLERANCE * depth_m[px].min(1e6);
                let expected = expected(px);
                !(0..3).all(|k| is_close(position[px][k], expected[k], tolerance))
            },
            |px| {
                let expected = expected(px);
                format!("{:?}, but depth and camera give {expected:?}", position[px])
            },
        );
    }

    fn check_depths(&mut self) {
        let alpha8 = &self.planes.alpha8;
        for plane in [
            Plane::DepthMedian,
            Plane::DepthMin,
            Plane::DepthMax,
            Plane::GlassDepth,
        ] {
            let Some(depth_m) = self.scalar(plane) else {
                continue;
            };
            self.report(
                Check::Depth,
                plane,
                |px| !is_distance(depth_m[px]),
                |px| {
                    let found = depth_m[px];
                    format!("{found}, wanted positive metres, or +inf for no surface")
                },
            );
            if plane != Plane::GlassDepth {
                self.report(
                    Check::SurfaceAgreement,
                    plane,
                    |px| depth_m[px].is_finite() && alpha8[px] == 0,
                    |px| format!("{} m where alpha is 0, wanted +inf there", depth_m[px]),
                );
            }
        }
        for (near, far) in [
            (Plane::DepthMin, Plane::DepthMedian),
            (Plane::DepthMedian, Plane::DepthMax),
            (Plane::DepthMin, Plane::DepthMax),
        ] {
            let (Some(near_m), Some(far_m)) = (self.scalar(near), self.scalar(far)) else {
                continue;
            };
            self.report(
                Check::Depth,
                far,
                |px| far_m[px] < near_m[px],
                |px| {
                    let (far_m, near_m) = (far_m[px], near_m[px]);
                    format!("{far_m} m, nearer than {} at {near_m} m", near.exr_part())
                },
            );
        }
        if let (Some(least), Some(largest), Some(deviation)) = (
            self.scalar(Plane::DepthMin),
            self.scalar(Plane::DepthMax),
            self.scalar(Plane::DepthDeviation),
        ) {
            // No deviation exceeds half the span.
            let bound = |px: usize| match largest[px] - least[px] {
                span if span.is_finite() => 0.5 * span + 1e-5,
                _ => 0.0,
            };
            self.report(
                Check::Depth,
                Plane::DepthDeviation,
                |px| deviation[px] > bound(px),
                |px| format!("{} m, wanted at most {} m", deviation[px], bound(px)),
            );
        }
    }

    fn check_direction(&mut self, plane: Plane) {
        let Some(normal) = self.vector(plane) else {
            return;
        };
        let length = |px: usize| normal[px].iter().map(|v| v * v).sum::<f32>().sqrt();
        let tolerance = self.config.normal_length_tolerance;
        self.report(
            Check::NormalLength,
            plane,
            |px| normal[px] != [0.0; 3] && !is_close(length(px), 1.0, tolerance),
            |px| format!("length {}, wanted 1 within {tolerance}, or 0", length(px)),
        );
    }

    /// First-hit planes have a surface just where depth has.
    fn check_surface(&mut self, plane: Plane) {
        let Some(values) = self.planes.optional.get(&plane) else {
            return;
        };
        let depth_m = &self.planes.depth_m;
        let is_surface = |px: usize| values.pixel(px).iter().any(|v| *v != 0.0);
        self.report(
            Check::SurfaceAgreement,
            plane,
            |px| is_surface(px) != depth_m[px].is_finite(),
            |px| format!("{:?} where depth is {} m", values.pixel(px), depth_m[px]),
        );
    }

    fn check_shares(&mut self) {
        let layers = Plane::LAYERS.into_iter().flatten();
        for plane in [Plane::NormalLength, Plane::Glass]
            .into_iter()
            .chain(layers)
        {
            let Some(values) = self.planes.optional.get(&plane) else {
                continue;
            };
            self.report(
                Check::Coverage,
                plane,
                |px| !values.pixel(px).iter().all(|v| (0.0..=1.0).contains(v)),
                |px| format!("{:?}, wanted 0 to 1", values.pixel(px)),
            );
        }
        if let (Some(length), Some(mean)) = (
            self.scalar(Plane::NormalLength),
            self.vector(Plane::NormalMean),
        ) {
            self.report(
                Check::SurfaceAgreement,
                Plane::NormalLength,
                |px| mean[px] == [0.0; 3] && length[px] != 0.0,
                |px| format!("{} where there is no mean normal", length[px]),
            );
        }
    }

    fn check_layers(&mut self) {
        let layers_of = |plane: Plane| self.planes.optional.get(&plane)?.layers();
        for [seen, whole] in Plane::LAYERS {
            if let (Some(visible), Some(alone)) = (layers_of(seen), layers_of(whole)) {
                self.report(
                    Check::Coverage,
                    whole,
                    |px| (0..4).any(|k| alone[px][k] + WHOLE_TOLERANCE < visible[px][k]),
                    |px| format!("{:?}, but {:?} are seen", alone[px], visible[px]),
                );
            }
        }
        let Some(visible) = layers_of(Plane::LayersVisible) else {
            return;
        };
        let alpha = |px: usize| f32::from(self.planes.alpha8[px]) / 255.0;
        let alphas: Vec<f32> = (0..visible.len()).map(alpha).collect();
        let sum = |px: usize| visible[px].iter().sum::<f32>();
        self.report(
            Check::Coverage,
            Plane::LayersVisible,
            |px| {
                let is_faint = sum(px) == 0.0 && alphas[px] < FAINT_ALPHA;
                !is_faint && !is_close(sum(px), alphas[px], LAYER_SUM_TOLERANCE)
            },
            |px| format!("layers sum to {}, alpha is {}", sum(px), alphas[px]),
        );
        // What a layer consists of adds up to it.
        for (k, [plane, _]) in [0, 1, 3].into_iter().zip(Plane::LAYERS.into_iter().skip(1)) {
            if let Some(parts) = layers_of(plane) {
                let sum = |px: usize| parts[px].iter().sum::<f32>();
                self.report(
                    Check::Coverage,
                    plane,
                    |px| !is_close(sum(px), visible[px][k], LAYER_SUM_TOLERANCE),
                    |px| format!("parts sum to {}, the layer is {}", sum(px), visible[px][k]),
                );
            }
        }
    }

    fn check_parts(&mut self) {
        let depth_m = &self.planes.depth_m;
        if let Some(PlaneValues::Byte(part_id)) = self.planes.optional.get(&Plane::PartId) {
            let is_person = |px: usize| (1..FIRST_SURROUNDING).contains(&part_id[px]);
            self.report(
                Check::PartId,
                Plane::PartId,
                |px| is_person(px) != depth_m[px].is_finite(),
                |px| format!("part {} where depth is {} m", part_id[px], depth_m[px]),
            );
        }
        if let Some(instance) = self.scalar(Plane::InstanceId) {
            self.report(
                Check::PartId,
                Plane::InstanceId,
                |px| !(instance[px] >= 0.0 && instance[px].fract() == 0.0),
                |px| format!("{}, wanted a whole number", instance[px]),
            );
        }
        if let Some(PlaneValues::Byte(hair)) = self.planes.optional.get(&Plane::HairMask) {
            self.report(
                Check::PartId,
                Plane::HairMask,
                |px| !matches!(hair[px], 0 | 255),
                |px| format!("{}, wanted 0 or 255", hair[px]),
            );
        }
    }

    fn check_finite(&mut self) {
        let depth_m = &self.planes.depth_m;
        if let Some(albedo) = self.vector(Plane::Albedo) {
            self.report(
                Check::Picture,
                Plane::Albedo,
                |px| {
                    let is_reflectance = albedo[px].iter().all(|v| (0.0..=1.0).contains(v));
                    let is_off = albedo[px] != [0.0; 3] && !depth_m[px].is_finite();
                    !is_reflectance || is_off
                },
                |px| format!("{:?} where depth is {} m", albedo[px], depth_m[px]),
            );
        }
        if let Some(uv) = self.vector(Plane::Uv) {
            self.report(
                Check::SurfaceAgreement,
                Plane::Uv,
                |px| {
                    let is_there = uv[px][2] == 1.0 && depth_m[px].is_finite();
                    !uv[px].iter().all(|v| v.is_finite()) || !(is_there || uv[px] == [0.0; 3])
                },
                |px| format!("{:?} where depth is {} m", uv[px], depth_m[px]),
            );
        }
    }
}

#[cfg(test)]
mod tests;
