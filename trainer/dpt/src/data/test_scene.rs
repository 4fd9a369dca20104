//! A scene in closed form for tests: a ball before a slanted wall, seen by any camera, rolled or
//! in a mirror. Says what a changed frame must hold without asking the code that changed it.

use super::frame::Frame;

/// Places along each side of a pixel at which coverage is counted.
const COVERAGE_GRID: usize = 8;

const BALL_CENTER: [f64; 3] = [0.06, 0.05, -1.2];
const BALL_RADIUS_M: f64 = 0.3;

/// A point of the wall and its unit normal.
const WALL_POINT: [f64; 3] = [0.0, 0.0, -2.0];
const WALL_NORMAL: [f64; 3] = [0.36, 0.48, 0.8];

/// A pinhole camera at the origin.
#[derive(Clone, Debug)]
pub(super) struct Camera {
    pub(super) size: (usize, usize),
    pub(super) px: [f64; 4],
    /// The world stands in a mirror: x of the camera is -x of the world.
    pub(super) mirrored: bool,
    /// Roll of the picture's content, clockwise as one looks at it.
    pub(super) roll_rad: f64,
}

/// What one ray sees.
struct Seen {
    is_ball: bool,
    depth_m: f64,
    normal: [f64; 3],
    color: [f64; 3],
}

impl Camera {
    pub(super) fn new(size: (usize, usize), px: [f64; 4]) -> Self {
        Self {
            size,
            px,
            mirrored: false,
            roll_rad: 0.0,
        }
    }

    /// A vector of the world in this camera: first the mirror, then the roll.
    fn camera_of_world(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let x = if self.mirrored { -x } else { x };
        let (sin, cos) = libm::sincos(self.roll_rad);
        // Clockwise, with y up.
        [cos * x + sin * y, cos * y - sin * x, z]
    }

    fn world_of_camera(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let (sin, cos) = libm::sincos(self.roll_rad);
        let [x, y] = [cos * x - sin * y, sin * x + cos * y];
        [if self.mirrored { -x } else { x }, y, z]
    }

    fn look(&self, u: f64, v: f64) -> Seen {
        let [fx, fy, cx, cy] = self.px;
        // Along (x, y, -1) the parameter of a point is its depth.
        let ray = self.world_of_camera([(u - cx) / fx, (cy - v) / fy, -1.0]);
        let length2 = dot(ray, ray);
        let b = dot(ray, BALL_CENTER);
        let c = dot(BALL_CENTER, BALL_CENTER) - BALL_RADIUS_M * BALL_RADIUS_M;
        let discriminant = b * b - length2 * c;
        let wall_m = dot(WALL_POINT, WALL_NORMAL) / dot(ray, WALL_NORMAL);
        let (is_ball, depth_m) = if discriminant > 0.0 {
            (true, (b - discriminant.sqrt()) / length2)
        } else if wall_m > 0.0 {
            (false, wall_m)
        } else {
            (false, f64::INFINITY)
        };
        let point = ray.map(|v| v * depth_m);
        let normal = if is_ball {
            std::array::from_fn(|i| (point[i] - BALL_CENTER[i]) / BALL_RADIUS_M)
        } else if depth_m.is_finite() {
            WALL_NORMAL
        } else {
            [0.0; 3]
        };
        // A smooth paint on whatever is seen.
        let color = if depth_m.is_finite() {
            [0, 1, 2].map(|i| {
                let wave = libm::sin(9.0 * point[i] + f64::from(i as u8));
                0.45 + 0.3 * wave + if is_ball { 0.2 } else { 0.0 }
            })
        } else {
            [0.1, 0.2, 0.3]
        };
        Seen {
            is_ball,
            depth_m,
            normal: self.camera_of_world(normal),
            color,
        }
    }

    fn coverage(&self, x: usize, y: usize) -> f32 {
        let step = |i: usize| (i as f64 + 0.5) / COVERAGE_GRID as f64;
        let hits = (0..COVERAGE_GRID * COVERAGE_GRID).filter(|i| {
            let (u, v) = (step(i % COVERAGE_GRID), step(i / COVERAGE_GRID));
            self.look(x as f64 + u, y as f64 + v).is_ball
        });
        hits.count() as f32 / (COVERAGE_GRID * COVERAGE_GRID) as f32
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The frame of a camera.
pub(super) fn render(camera: &Camera) -> Frame {
    let (width, height) = camera.size;
    let mut frame = Frame::new(width, height, camera.px);
    for y in 0..height {
        for x in 0..width {
            let at = y * width + x;
            let seen = camera.look(x as f64 + 0.5, y as f64 + 0.5);
            frame.rgb[at] = seen.color.map(|v| v as f32);
            frame.alpha[at] = camera.coverage(x, y);
            frame.depth_m[at] = seen.depth_m as f32;
            frame.normal[at] = seen.normal.map(|v| v as f32);
        }
    }
    frame
}

/// Asserts that a frame is what the camera sees, but for sampling: depth and normal are those of a
/// surface seen within half a source pixel of the center (a pixel of the frame is `scale` pixels of
/// the source), color and coverage are close away from edges and close on average everywhere.
pub(super) fn expect_equal(frame: &Frame, camera: &Camera, scale: [f64; 2]) {
    assert_eq!((frame.width, frame.height), camera.size);
    for (found, wanted) in frame.camera_px.iter().zip(camera.px) {
        assert!((found - wanted).abs() < 1e-9, "{found}, wanted {wanted}");
    }
    let (mut n_valid, mut coverage_error, mut color_error) = (0, 0.0, 0.0);
    // Half the diagonal of a source pixel, in pixels of the frame.
    let reach = 0.85 / scale[0].min(scale[1]);
    for y in 0..frame.height {
        for x in 0..frame.width {
            let at = y * frame.width + x;
            if !frame.valid[at] {
                assert_eq!(frame.depth_m[at], f32::INFINITY);
                assert_eq!(frame.normal[at], [0.0; 3]);
                continue;
            }
            n_valid += 1;
            let center = [x as f64 + 0.5, y as f64 + 0.5];
            let around: Vec<Seen> = (0..81)
                .map(|i| {
                    let step = |i: i32| reach * f64::from(i - 4) / 4.0;
                    camera.look(center[0] + step(i % 9), center[1] + step(i / 9))
                })
                .collect();
            let here = camera.look(center[0], center[1]);
            let is_edge = around.iter().any(|seen| seen.is_ball != here.is_ball);
            // One surface or the other, never something between them. At its rim the ball turns
            // away faster than the places here are dense.
            let slack = if is_edge { [0.03, 0.2] } else { [1e-4, 5e-3] };
            let is_on = |ball: bool| {
                let values = |value: &dyn Fn(&Seen) -> f64| -> [f64; 2] {
                    let values = around.iter().filter(|seen| seen.is_ball == ball);
                    values
                        .map(value)
                        .fold([f64::INFINITY, f64::NEG_INFINITY], |[lo, hi], v| {
                            [lo.min(v), hi.max(v)]
                        })
                };
                let is_within = |found: f32, [lo, hi]: [f64; 2], slack: f64| {
                    (lo - slack..=hi + slack).contains(&f64::from(found))
                };
                is_within(frame.depth_m[at], values(&|seen| seen.depth_m), slack[0])
                    && (0..3).all(|k| {
                        let found = frame.normal[at][k];
                        is_within(found, values(&|seen| seen.normal[k]), slack[1])
                    })
            };
            assert!(
                is_on(true) || is_on(false),
                "{x}, {y}: depth {}, normal {:?}; wanted about {} and {:?}",
                frame.depth_m[at],
                frame.normal[at],
                here.depth_m,
                here.normal
            );
            let coverage = camera.coverage(x, y);
            let error = f64::from((frame.alpha[at] - coverage).abs());
            coverage_error += error;
            let color: f64 = (0..3)
                .map(|k| (f64::from(frame.rgb[at][k]) - here.color[k]).abs())
                .fold(0.0, f64::max);
            color_error += color;
            let blur = scale[0].max(scale[1]).max(1.0 / scale[0].min(scale[1]));
            if !is_edge && blur < 1.5 {
                assert!(error < 0.2, "coverage at {x}, {y} is off by {error}");
                assert!(color < 0.05, "color at {x}, {y} is off by {color}");
            }
        }
    }
    assert!(5 * n_valid > frame.n_px(), "{n_valid} pixels left");
    let n_valid = n_valid as f64;
    assert!(
        coverage_error / n_valid < 0.02,
        "{coverage_error} of {n_valid}"
    );
    assert!(color_error / n_valid < 0.02, "{color_error} of {n_valid}");
}
