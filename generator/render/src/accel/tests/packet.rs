//! Rays taken together against the same rays one by one.

use super::*;

/// Rays of one pixel: from points of a lens that lie up to `lens_m` apart through points of a
/// pixel whose directions lie up to `spread` apart.
fn bundle(numbers: &mut Numbers, n_rays: usize, lens_m: f32, spread: f32) -> Vec<Ray> {
    let (origin, target) = (numbers.point(2.0), numbers.point(0.8));
    let middle = Ray::new(origin, (target - origin).normalize_or(Vec3::NEG_Y));
    (0..n_rays)
        .map(|_| {
            let origin = middle.origin + numbers.point(lens_m);
            let direction = (middle.direction + numbers.point(spread)).normalize();
            Ray::new(origin, direction)
        })
        .collect()
}

/// Asserts that the rays meet together what they meet alone; returns the hits.
#[track_caller]
fn assert_same(accel: &Accel, rays: &[Ray]) -> Vec<Option<Hit>> {
    let mut found = vec![None; rays.len()];
    accel.intersect_packets(rays, &mut found);
    for (ray, found) in rays.iter().zip(&found) {
        let alone = accel.intersect(ray);
        assert_eq!(*found, alone, "{ray:?}");
        // Also where zeros differ in sign.
        assert_eq!(format!("{found:?}"), format!("{alone:?}"), "{ray:?}");
    }
    found
}

#[test]
fn rays_that_run_together_meet_what_each_of_them_meets_alone() {
    let mut numbers = Numbers(31);
    for (n_triangles, n_strands, size) in [(200, 2000, 0.1), (0, 300, 1.0), (3000, 30, 0.1)] {
        let scene = scene(
            vec![random_mesh(&mut numbers, n_triangles, size)],
            vec![random_strands(&mut numbers, n_strands)],
        );
        let accel = Accel::build(&scene, 1e-3).expect("a sound scene");
        let mut n_hits = [0; 2];
        for i in 0..3000 {
            let lens_m = [0.0, 1e-3, 0.02][i % 3];
            let spread = [1e-6, 3e-4, 4e-3, 0.02][i / 3 % 4];
            let n_rays = [8, 8, 8, 3, 5, 13][i % 6];
            let mut rays = bundle(&mut numbers, n_rays, lens_m, spread);
            for ray in &mut rays {
                if i % 5 == 0 {
                    ray.t_min = numbers.unit();
                    ray.t_max = 1.0 + 2.0 * numbers.unit();
                }
            }
            for hit in assert_same(&accel, &rays).into_iter().flatten() {
                n_hits[usize::from(matches!(hit.kind, HitKind::Strand { .. }))] += 1;
            }
        }
        assert!(50 < n_hits[1], "{n_hits:?} hits are no test");
    }
}

#[test]
fn rays_that_are_no_packet_are_still_answered() {
    let mut numbers = Numbers(5);
    let scene = scene(
        vec![random_mesh(&mut numbers, 100, 0.2)],
        vec![random_strands(&mut numbers, 500)],
    );
    let accel = Accel::build(&scene, 1e-3).expect("a sound scene");
    for i in 0..300 {
        // Apart, along an axis to both sides of it, all the same, too few, and with pieces unseen.
        let apart: Vec<Ray> = (0..8).map(|_| numbers.ray(1.5)).collect();
        assert_same(&accel, &apart);
        let origin = numbers.point(2.0);
        let along = |x: f32| Ray::new(origin, Vec3::new(x, -1.0, 0.0).normalize());
        assert_same(&accel, &[-2e-3, -1e-3, 0.0, 1e-3, 2e-3, 3e-3].map(along));
        assert_same(&accel, &[along(0.1 * i as f32); 8]);
        let rays = bundle(&mut numbers, 8, 0.0, 1e-3);
        assert_same(&accel, &rays[..i % 3]);
        let hits = assert_same(&accel, &rays);
        let skip =
            (hits.iter().flatten().next()).map_or(StrandSkip::NONE, |hit| accel.skip_of(hit));
        let blind: Vec<Ray> = rays.iter().map(|ray| ray.with_skip(skip)).collect();
        assert_same(&accel, &blind);
    }
}
