//! How many rays a second the trees answer: head and shoulders of 110,000 triangles, bare and
//! under 30,000 strands of 16 spans.
//!
//! Four sets of rays, as a picture makes them: `primary` through the film in tiles, `pixels` eight
//! of a pixel taken together, `bounce` from the hits of the first in cosine-distributed (on
//! strands: any) directions, `shadow` from the same points toward a wide light. Beside Criterion's wall times, the best rates by processor time
//! of the one thread are printed, which other load on the machine disturbs less.

use std::hint::black_box;

use bottega_render::accel::Accel;
use bottega_render::label::render_labels;
use bottega_render::ray::Ray;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use head_scene::{Hair, pixel_rays, rays, scene, seconds_of};

mod head_scene;

fn best_seconds(rounds: usize, mut work: impl FnMut()) -> f64 {
    (0..rounds)
        .map(|_| seconds_of(&mut work))
        .fold(f64::INFINITY, f64::min)
}

fn count_hits(accel: &Accel, rays: &[Ray]) -> usize {
    rays.iter()
        .filter(|ray| accel.intersect(ray).is_some())
        .count()
}

fn count_hits_together(accel: &Accel, rays: &[Ray]) -> usize {
    let mut hits = vec![None; rays.len()];
    accel.intersect_packets(rays, &mut hits);
    hits.iter().flatten().count()
}

fn count_occluded(accel: &Accel, rays: &[Ray]) -> usize {
    rays.iter().filter(|ray| accel.occluded(ray)).count()
}

fn intersect(criterion: &mut Criterion) {
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build()
        .expect("a pool of the own thread can be made");
    for (name, style, tolerance_m) in [
        ("triangles", Hair::None, 1.0),
        ("hair", Hair::Loose, 1.0),
        ("hair_quarter_pixel", Hair::Loose, 2.5e-4),
        ("hair_combed", Hair::Combed, 1.0),
    ] {
        let scene = scene(style);
        let build =
            || one_thread.install(|| Accel::build(&scene, tolerance_m).expect("a sound scene"));
        let accel = build();
        let build_s = best_seconds(3, || drop(black_box(build())));
        let rays = rays(&scene, &accel);
        let rate = |rays: &[Ray], work: &dyn Fn(&Accel, &[Ray]) -> usize| {
            let seconds = best_seconds(7, || {
                black_box(work(&accel, rays));
            });
            let hits = work(&accel, rays);
            format!(
                "{:.2} Mrays/s ({hits} of {} hit)",
                rays.len() as f64 / seconds * 1e-6,
                rays.len()
            )
        };
        eprintln!(
            "{name}: {} triangles, {:.1} MB, build {build_s:.3} s",
            scene.meshes[0].mesh.triangles.len(),
            accel.memory_bytes() as f64 * 1e-6,
        );
        eprintln!("  primary {}", rate(&rays.primary, &count_hits));
        let pixels = pixel_rays(&scene);
        eprintln!("  pixels  {}", rate(&pixels, &count_hits_together));
        eprintln!("  bounce  {}", rate(&rays.bounce, &count_hits));
        eprintln!("  shadow  {}", rate(&rays.shadow, &count_occluded));
        let labels_s = best_seconds(2, || {
            one_thread.install(|| black_box(render_labels(&scene, &accel, 64)));
        });
        eprintln!("  labels  {labels_s:.3} s");

        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("build", |bencher| bencher.iter(build));
        for (set, rays) in [("primary", &rays.primary), ("bounce", &rays.bounce)] {
            group.throughput(Throughput::Elements(rays.len() as u64));
            group.bench_function(set, |bencher| bencher.iter(|| count_hits(&accel, rays)));
        }
        group.throughput(Throughput::Elements(pixels.len() as u64));
        group.bench_function("pixels", |bencher| {
            bencher.iter(|| count_hits_together(&accel, &pixels));
        });
        group.throughput(Throughput::Elements(rays.shadow.len() as u64));
        group.bench_function("shadow", |bencher| {
            bencher.iter(|| count_occluded(&accel, &rays.shadow));
        });
        group.finish();
    }
}

criterion_group!(benches, intersect);
criterion_main!(benches);
