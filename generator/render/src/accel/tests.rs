//! The trees against every primitive one by one, and against exact geometry in `f64`.

use bottega_geometry::{StrandSet, TriMesh};
use glam::{Affine3A, DVec3, Vec2, Vec3};

use super::traverse::RayLeaf;
use super::*;
use crate::scene::{
    Camera, CameraMotion, ColorTexture, Environment, Label, MeshObject, StrandObject,
};
use crate::simd::F32x8;

mod packet;

/// A small deterministic generator; statistics do not matter here.
struct Numbers(u64);

impl Numbers {
    fn unit(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    fn point(&mut self, half_size: f32) -> Vec3 {
        let mut coordinate = || (self.unit() * 2.0 - 1.0) * half_size;
        Vec3::new(coordinate(), coordinate(), coordinate())
    }

    fn direction(&mut self) -> Vec3 {
        loop {
            let point = self.point(1.0);
            if 0.01 < point.length_squared() && point.length_squared() < 1.0 {
                return point.normalize();
            }
        }
    }

    fn ray(&mut self, half_size: f32) -> Ray {
        let mut direction = self.direction();
        // Some rays run along an axis or a plane, where inverses are huge.
        if self.unit() < 0.1 {
            direction = Vec3::new(direction.x, 0.0, direction.z).normalize_or(Vec3::X);
        }
        if self.unit() < 0.05 {
            direction = Vec3::NEG_Y;
        }
        Ray::new(self.point(half_size), direction)
    }
}

const LABEL: Label = Label {
    part: 1,
    subject: true,
    see_through: false,
};

fn scene(meshes: Vec<TriMesh>, strands: Vec<StrandSet>) -> Scene {
    let white = ColorTexture::Constant(Vec3::ONE);
    Scene {
        meshes: (meshes.into_iter())
            .map(|mesh| MeshObject {
                mesh,
                material: 0,
                label: LABEL,
            })
            .collect(),
        strands: (strands.into_iter())
            .map(|strands| StrandObject {
                strands,
                materials: vec![0],
                label: LABEL,
            })
            .collect(),
        materials: vec![
            Material::Diffuse { color: white },
            Material::Dielectric {
                ior: 1.5,
                thin: true,
                absorption: Vec3::ZERO,
                roughness: 0.0,
            },
        ],
        environment: Environment {
            width: 1,
            height: 1,
            radiance: vec![Vec3::ONE],
            yaw_rad: 0.0,
            scale: 1.0,
            background_blur_rad: 0.0,
        },
        lights: Vec::new(),
        camera: Camera {
            world_from_camera: Affine3A::IDENTITY,
            resolution_px: [8, 8],
            focal_px: Vec2::splat(8.0),
            center_px: Vec2::splat(4.0),
            lens_radius_m: 0.0,
            focus_distance_m: 1.0,
            motion: CameraMotion::NONE,
        },
    }
}

fn random_mesh(numbers: &mut Numbers, n_triangles: usize, size: f32) -> TriMesh {
    let mut mesh = TriMesh::default();
    for triangle in 0..n_triangles as u32 {
        let center = numbers.point(1.0);
        for _ in 0..3 {
            let corner = center + numbers.point(size);
            mesh.positions.push(corner);
        }
        mesh.triangles.push([0, 1, 2].map(|k| 3 * triangle + k));
    }
    mesh
}

fn random_strands(numbers: &mut Numbers, n_strands: usize) -> StrandSet {
    let mut strands = StrandSet::default();
    for _ in 0..n_strands {
        let mut point = numbers.point(1.0);
        let mut step = numbers.direction() * 0.05;
        let (mut points, mut radii) = (Vec::new(), Vec::new());
        for i in 0..8 {
            points.push(point);
            radii.push(0.004 - 0.0005 * i as f32);
            step += numbers.point(0.02);
            point += step;
        }
        strands.push(&points, &radii, 0);
    }
    strands
}

/// The nearest hit, leaf by leaf, without boxes.
fn scan<L: RayLeaf>(bvh: &Bvh<L>, ray: &Ray, setup: &L::Setup) -> Option<Nearest>
where
    L::Primitive: Copy,
{
    let mut nearest = Nearest::none(ray.t_max);
    let mut found = false;
    for (leaf_idx, leaf) in bvh.leaves.iter().enumerate() {
        let (lanes, t) = leaf.hits(setup, F32x8::splat(ray.t_min), F32x8::splat(ray.t_max));
        let t = t.to_array();
        for lane in (0..8).filter(|lane| lanes >> lane & 1 != 0) {
            let slot = (leaf_idx * 8 + lane) as u32;
            let (t, number) = (t[lane], bvh.number(slot));
            if t < nearest.t || (t == nearest.t && number < nearest.number) {
                nearest = Nearest { t, slot, number };
                found = true;
            }
        }
    }
    found.then_some(nearest)
}

#[test]
fn the_trees_find_exactly_what_a_scan_of_all_primitives_finds() {
    let mut numbers = Numbers(7);
    for (n_triangles, n_strands, size) in [(3000, 300, 0.1), (40, 7, 0.8), (9, 1, 1.5)] {
        let scene = scene(
            vec![random_mesh(&mut numbers, n_triangles, size)],
            vec![random_strands(&mut numbers, n_strands)],
        );
        let accel = Accel::build(&scene, 1e-3).expect("a sound scene");
        accel.validate().expect("a sound tree");
        let mut n_hits = 0;
        for _ in 0..1500 {
            let ray = numbers.ray(1.5);
            let (shear, frame) = (Shear::new(&ray), RayFrame::new(&ray));
            let triangle = scan(&accel.triangle_tree, &ray, &shear);
            let strand = scan(&accel.strand_tree, &ray, &frame);
            let expected_t = [triangle, strand]
                .iter()
                .flatten()
                .map(|nearest| nearest.t)
                .reduce(f32::min);
            let hit = accel.intersect(&ray);
            assert_eq!(hit.map(|hit| hit.t), expected_t, "{ray:?}");
            assert_eq!(accel.occluded(&ray), expected_t.is_some(), "{ray:?}");
            let mesh_hit = accel.intersect_mesh(&ray, 0);
            match (mesh_hit.map(|hit| hit.kind), triangle) {
                (Some(HitKind::Triangle { triangle: id, .. }), Some(nearest)) => {
                    assert_eq!(id, nearest.number);
                }
                (None, None) => {}
                other => panic!("{ray:?}: {other:?}"),
            }
            // A ray that ends at the hit sees nothing, one that ends just beyond does.
            if let Some(t) = expected_t {
                n_hits += 1;
                assert!(!accel.occluded(&ray.with_t_max(t)));
                assert!(accel.occluded(&ray.with_t_max(t.next_up())));
            }
        }
        assert!(10 < n_hits, "{n_hits} hits are no test");
    }
}

/// Distance at which a ray meets a triangle, by Moeller and Trumbore in `f64`, and how far
/// inside the triangle it passes (negative outside), in shares of its size.
fn exact_triangle(ray: &Ray, corners: [Vec3; 3]) -> (f64, f64) {
    let [a, b, c] = corners.map(|p| p.as_dvec3());
    let (o, d) = (ray.origin.as_dvec3(), ray.direction.as_dvec3());
    let (e1, e2) = (b - a, c - a);
    let p = d.cross(e2);
    let det = e1.dot(p);
    let s = o - a;
    let q = s.cross(e1);
    let (u, v) = (s.dot(p) / det, d.dot(q) / det);
    (e2.dot(q) / det, u.min(v).min(1.0 - u - v))
}

#[test]
fn triangle_hits_agree_with_exact_arithmetic() {
    let mut numbers = Numbers(11);
    let mesh = random_mesh(&mut numbers, 400, 0.3);
    let corners: Vec<[Vec3; 3]> = (mesh.triangles.iter())
        .map(|t| t.map(|v| mesh.positions[v as usize]))
        .collect();
    let accel = Accel::build(&scene(vec![mesh], vec![]), 1e-3).expect("a sound scene");
    let mut n_hits = 0;
    for _ in 0..3000 {
        let ray = numbers.ray(1.5);
        let mut sure = f64::INFINITY;
        let mut possible = Vec::new();
        for &triangle in &corners {
            let (t, inside) = exact_triangle(&ray, triangle);
            if 1e-4 < t && 1e-4 < inside {
                sure = sure.min(t);
            }
            if -1e-4 < t && -1e-4 < inside {
                possible.push(t);
            }
        }
        let t = accel
            .intersect(&ray)
            .map_or(f64::INFINITY, |hit| f64::from(hit.t));
        assert!(t <= sure + 1e-4, "{ray:?}: {t} is behind {sure}");
        let real = t.is_infinite() || possible.iter().any(|p| (p - t).abs() < 2e-4);
        assert!(real, "{ray:?}: nothing lies at {t}");
        n_hits += usize::from(t.is_finite());
    }
    assert!(500 < n_hits, "{n_hits} hits are no test");
}

#[test]
fn strand_hits_lie_on_the_curve_within_tolerance() {
    let mut numbers = Numbers(5);
    let strands = random_strands(&mut numbers, 60);
    let scene = scene(vec![], vec![strands.clone()]);
    let tolerance_m = 2e-4;
    let accel = Accel::build(&scene, tolerance_m).expect("a sound scene");
    let mut n_hits = 0;
    for i in 0..4000 {
        // Aim near a known point of the hair, so that most rays come close to it.
        let target = strands.points[(i * 37) % strands.points.len()] + numbers.point(0.01);
        let origin = numbers.point(2.0);
        let ray = Ray::new(origin, (target - origin).normalize());
        let Some(hit) = accel.intersect(&ray) else {
            continue;
        };
        n_hits += 1;
        let HitKind::Strand {
            strand, span, s, h, ..
        } = hit.kind
        else {
            panic!("there are only strands");
        };
        let (points, radii) = (
            strands.strand(strand as usize),
            strands.strand_radii(strand as usize),
        );
        let curve = flatten::Span::of(points, radii, span as usize);
        let axis = curve.position(s).as_dvec3();
        let radius = f64::from(curve.radius_m(s));
        let (o, d) = (ray.origin.as_dvec3(), ray.direction.as_dvec3());
        let to_axis: DVec3 = axis - o;
        let across = to_axis - d * to_axis.dot(d);
        assert!(
            across.length() <= radius + 1.5 * f64::from(tolerance_m),
            "the ray passes {} from the axis of radius {radius}",
            across.length()
        );
        assert!((-1.0..=1.0).contains(&h) && (0.0..=1.0).contains(&s));
        // The offset has the side and the size that it claims.
        let tangent = curve.tangent(s).as_dvec3();
        if 0.3 < tangent.cross(d).length() && 0.01 < s && s < 0.99 {
            let side = tangent.cross(-d).normalize();
            let offset = -across.dot(side) / radius;
            let slack = 2.0 * f64::from(tolerance_m) / radius + 0.05;
            assert!(
                (offset - f64::from(h)).abs() < slack,
                "{offset} against {h}"
            );
        }
    }
    assert!(400 < n_hits, "{n_hits} hits are no test");
}

#[test]
fn flattened_strands_stay_within_the_chord_tolerance() {
    let mut numbers = Numbers(3);
    let strands = random_strands(&mut numbers, 40);
    for tolerance_m in [1e-3, 1e-4] {
        let (mut pieces, mut sources) = (Vec::new(), Vec::new());
        flatten(&strands, 0, tolerance_m, &mut pieces, &mut sources);
        let mut worst_m: f32 = 0.0;
        for (piece, source) in pieces.iter().zip(&sources) {
            let strand = source.strand as usize;
            let span = flatten::Span::of(
                strands.strand(strand),
                strands.strand_radii(strand),
                source.span as usize,
            );
            let chord = (piece.ends[1] - piece.ends[0]).normalize();
            for step in 1..16 {
                let within = step as f32 / 16.0;
                let t = (f32::from(source.part) + within) / f32::from(source.n_parts);
                let offset = span.position(t) - piece.ends[0];
                worst_m = worst_m.max((offset - offset.dot(chord) * chord).length());
            }
        }
        assert!(
            worst_m < 1.01 * tolerance_m,
            "{worst_m} against {tolerance_m}"
        );
        assert!(
            0.2 * tolerance_m < worst_m,
            "{worst_m}: cut finer than needed"
        );
    }
}

/// A closed, bumpy ball of triangles.
fn ball(n_rings: u32, center: Vec3) -> TriMesh {
    let n_columns = 2 * n_rings;
    let mut mesh = TriMesh::default();
    for ring in 0..=n_rings {
        for column in 0..n_columns {
            let theta = std::f32::consts::PI * ring as f32 / n_rings as f32;
            let phi = std::f32::consts::TAU * column as f32 / n_columns as f32;
            let (sin_theta, cos_theta) = bottega_geometry::math::sin_cos(theta);
            let (sin_phi, cos_phi) = bottega_geometry::math::sin_cos(phi);
            let radius = 1.0 + 0.05 * bottega_geometry::math::sin(7.0 * phi) * sin_theta;
            let direction = Vec3::new(sin_theta * cos_phi, cos_theta, sin_theta * sin_phi);
            mesh.positions.push(center + radius * direction);
        }
    }
    for ring in 0..n_rings {
        for column in 0..n_columns {
            let next = (column + 1) % n_columns;
            let (a, b) = (ring * n_columns + column, ring * n_columns + next);
            let (c, d) = (a + n_columns, b + n_columns);
            mesh.triangles.push([a, b, c]);
            mesh.triangles.push([b, d, c]);
        }
    }
    // The poles are single points, so that all triangles there share a vertex.
    for column in 0..n_columns as usize {
        mesh.positions[column] = center + Vec3::Y;
        let last = n_rings as usize * n_columns as usize + column;
        mesh.positions[last] = center - Vec3::Y;
    }
    mesh
}

#[test]
fn shared_edges_and_vertices_do_not_leak() {
    let mut numbers = Numbers(23);
    for center in [Vec3::ZERO, Vec3::new(3.7, 1.61, -2.3)] {
        let mesh = ball(24, center);
        let accel = Accel::build(&scene(vec![mesh.clone()], vec![]), 1e-3).expect("a sound scene");
        for i in 0..60_000 {
            let triangle = mesh.triangles[(i * 31) % mesh.triangles.len()];
            let [a, b, _] = triangle.map(|v| mesh.positions[v as usize]);
            // From inside the ball at its edges and vertices: a miss is a leak.
            let share = [0.0, 0.5, 1.0, numbers.unit()][i % 4];
            let target = a + (b - a) * share;
            let origin = center + numbers.point(0.4);
            let ray = Ray::new(origin, (target - origin).normalize());
            assert!(accel.intersect(&ray).is_some(), "leak at {target}, {ray:?}");
            assert!(accel.occluded(&ray));
        }
    }
}

#[test]
fn rays_that_leave_from_an_offset_origin_do_not_meet_their_own_triangle() {
    let mut numbers = Numbers(29);
    let center = Vec3::new(0.9, 1.5, 0.4);
    let scene = scene(vec![ball(40, center)], vec![]);
    let accel = Accel::build(&scene, 1e-3).expect("a sound scene");
    for _ in 0..5000 {
        let origin = center + numbers.direction() * 3.0;
        let ray = Ray::new(origin, (center + numbers.point(0.5) - origin).normalize());
        let hit = accel.intersect(&ray).expect("the ball is hit");
        let surface = crate::interaction::SurfaceHit::new(&scene, &ray, &hit);
        let outward =
            surface.geometric_normal * -surface.geometric_normal.dot(ray.direction).signum();
        let away = crate::ray::offset_origin(surface.position, outward);
        let (HitKind::Triangle { triangle: from, .. }, next) = (
            hit.kind,
            accel.intersect(&Ray::new(
                away,
                (outward + 0.99 * numbers.direction()).normalize(),
            )),
        ) else {
            panic!("there are only triangles");
        };
        if let Some(HitKind::Triangle { triangle, .. }) = next.map(|hit| hit.kind) {
            assert_ne!(triangle, from);
        }
    }
}

#[test]
fn the_fibre_that_a_ray_leaves_is_not_seen() {
    let mut numbers = Numbers(31);
    let strands = random_strands(&mut numbers, 1);
    let scene = scene(vec![], vec![strands.clone()]);
    let accel = Accel::build(&scene, 1e-2).expect("a sound scene");
    let target = 0.5 * (strands.points[3] + strands.points[4]);
    let origin = target + Vec3::new(0.3, 2.0, 0.4);
    let ray = Ray::new(origin, (target - origin).normalize());
    let hit = accel.intersect(&ray).expect("the strand is hit");
    let skip = accel.skip_of(&hit);
    assert!(!skip.is_none());
    let on = Ray::new(ray.at(hit.t), -ray.direction);
    assert!(accel.intersect(&on.with_skip(skip)).is_none());
    assert!(!accel.occluded(&ray.with_skip(skip)));
    // Skips never reach into the next strand.
    let two = super::tests::scene(vec![], vec![strands.clone(), strands]);
    let accel = Accel::build(&two, 1e-2).expect("a sound scene");
    let n_pieces = accel.piece_sources.len() as u32 / 2;
    let last_of_first = Hit {
        t: 0.0,
        kind: HitKind::Strand {
            object: 0,
            strand: 0,
            span: 6,
            s: 1.0,
            h: 0.0,
            piece: n_pieces - 1,
        },
    };
    let skip = accel.skip_of(&last_of_first);
    assert!(skip.contains(n_pieces - 2) && !skip.contains(n_pieces));
}

#[test]
fn masks_hide_glass_from_shadow_rays_and_lenses_from_label_rays() {
    let square = |z: f32| TriMesh {
        positions: [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
            .map(|[x, y]| Vec3::new(x, y, z))
            .to_vec(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..TriMesh::default()
    };
    let mut scene = scene(vec![square(-1.0), square(-2.0), square(-3.0)], vec![]);
    scene.meshes[0].material = 1;
    scene.meshes[1].label.see_through = true;
    let accel = Accel::build(&scene, 1e-3).expect("a sound scene");
    assert!(accel.has_dielectrics());
    let ray = Ray::new(Vec3::new(0.3, 0.2, 0.0), Vec3::NEG_Z);
    let first = |mask: RayMask| accel.intersect(&ray.with_mask(mask)).map(|hit| hit.t);
    assert_eq!(first(RayMask::ALL), Some(1.0));
    assert_eq!(first(RayMask::SHADOW), Some(2.0));
    assert_eq!(first(RayMask::DIELECTRIC), Some(1.0));
    let behind_glass = ray.with_mask(RayMask::LABEL);
    assert_eq!(first(RayMask::LABEL), Some(1.0));
    let from = Ray {
        t_min: 1.5,
        ..behind_glass
    };
    assert_eq!(accel.intersect(&from).map(|hit| hit.t), Some(3.0));
    assert_eq!(accel.intersect_mesh(&ray, 2).map(|hit| hit.t), Some(3.0));
    assert!(!accel.occluded(&ray.with_mask(RayMask::SHADOW).with_t_max(1.9)));
}

#[test]
fn an_empty_scene_has_no_hits() {
    let accel = Accel::build(&scene(vec![], vec![]), 1e-3).expect("nothing is sound");
    accel.validate().expect("nothing is sound");
    let ray = Ray::new(Vec3::ZERO, Vec3::NEG_Z);
    assert!(accel.intersect(&ray).is_none() && !accel.occluded(&ray));
    let empty = scene(vec![TriMesh::default()], vec![StrandSet::default()]);
    let accel = Accel::build(&empty, 1e-3).expect("nothing is sound");
    assert!(accel.intersect(&ray).is_none() && !accel.has_dielectrics());
}

#[test]
fn coinciding_primitives_still_make_a_tree() {
    let mut mesh = TriMesh::default();
    for triangle in 0..1000 {
        mesh.positions
            .extend([Vec3::ZERO, Vec3::X, Vec3::Y].map(|p| p - Vec3::Z));
        mesh.triangles.push([0, 1, 2].map(|k| 3 * triangle + k));
    }
    let accel = Accel::build(&scene(vec![mesh], vec![]), 1e-3).expect("a sound scene");
    accel.validate().expect("a sound tree");
    let hit = accel.intersect(&Ray::new(Vec3::new(0.2, 0.2, 0.0), Vec3::NEG_Z));
    let Some(HitKind::Triangle { triangle, .. }) = hit.map(|hit| hit.kind) else {
        panic!("the stack is hit");
    };
    assert_eq!(triangle, 0, "the lowest number wins");
}

#[test]
fn the_tree_is_the_same_for_any_number_of_threads() {
    let mut numbers = Numbers(41);
    let scene = scene(
        vec![random_mesh(&mut numbers, 40_000, 0.05)],
        vec![random_strands(&mut numbers, 3000)],
    );
    let build = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("threads can be started");
        pool.install(|| Accel::build(&scene, 1e-3).expect("a sound scene"))
    };
    let (one, four) = (build(1), build(4));
    let dump = |accel: &Accel| {
        format!(
            "{:?}{:?}",
            accel.triangle_tree.nodes, accel.strand_tree.nodes
        )
    };
    assert!(dump(&one) == dump(&four));
    one.validate().expect("a sound tree");
}

#[test]
fn bad_scenes_are_refused_with_the_place() {
    let mut mesh = random_mesh(&mut Numbers(1), 3, 0.1);
    mesh.triangles[1][2] = 99;
    let error = Accel::build(&scene(vec![mesh.clone()], vec![]), 1e-3).expect_err("bad index");
    assert_eq!(
        error.to_string(),
        "vertex index of mesh 0 must be below 9, found 99"
    );
    mesh.triangles[1][2] = 5;
    mesh.positions[4].y = f32::NAN;
    let error = Accel::build(&scene(vec![mesh], vec![]), 1e-3).expect_err("bad number");
    assert!(error.to_string().contains("index 4 of mesh 0"), "{error}");
}
