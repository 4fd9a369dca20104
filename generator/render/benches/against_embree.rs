//! The trees beside Embree 4 on the very same rays, one thread, in alternating rounds.
//!
//! `BOTTEGA_EMBREE=/path/to/libembree4.so cargo bench -p bottega_render --features embree-bench
//! --bench against_embree [-- ROUNDS [SCENE...]]`; nothing of the product knows that library. Printed are
//! medians of million rays a second of processor time, and medians of the ratio of rounds.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use bottega_render::accel::Accel;
use bottega_render::ray::Ray;

use embree::{Curve, Embree, EmbreeScene, Quality};
use head_scene::{Hair, Rays, pixel_rays, rays, scene, seconds_of};

mod embree;
mod head_scene;

/// Who answers the rays.
enum Kernel<'a> {
    Own(Box<Accel>),
    Peer(EmbreeScene<'a>),
}

impl Kernel<'_> {
    fn hits(&self, rays: &[Ray], any: bool) -> usize {
        let count = |hit: &dyn Fn(&Ray) -> bool| rays.iter().filter(|ray| hit(ray)).count();
        match (self, any) {
            (Self::Own(accel), false) => rays
                .iter()
                .filter(|ray| accel.intersect(ray).is_some())
                .count(),
            (Self::Own(accel), true) => rays.iter().filter(|ray| accel.occluded(ray)).count(),
            (Self::Peer(peer), false) => count(&|ray| peer.intersect(ray).is_some()),
            (Self::Peer(peer), true) => count(&|ray| peer.occluded(ray)),
        }
    }

    /// Million rays a second of the three sets.
    fn rates(&self, rays: &Rays) -> [f64; 3] {
        [
            (&rays.primary, false),
            (&rays.bounce, false),
            (&rays.shadow, true),
        ]
        .map(|(rays, any)| rate(rays, || self.hits(rays, any)))
    }

    /// How many of the rays of pixels hit something, eight of one pixel taken together.
    fn hits_together(&self, rays: &[Ray]) -> usize {
        let pixels = rays.as_chunks::<8>().0;
        match self {
            Self::Own(accel) => (pixels.iter())
                .map(|rays| {
                    let mut hits = [None; 8];
                    accel.intersect_packets(rays, &mut hits);
                    hits.iter().flatten().count()
                })
                .sum(),
            Self::Peer(peer) => (pixels.iter())
                .map(|rays| peer.intersect_together(rays))
                .sum(),
        }
    }
}

/// Million rays a second at which some work finds their hits.
fn rate(rays: &[Ray], work: impl Fn() -> usize) -> f64 {
    // Long enough for a clock that ticks every few milliseconds.
    let (start, mut n_repeats) = (Instant::now(), 0);
    let seconds = seconds_of(|| {
        while start.elapsed().as_secs_f64() < 0.25 {
            black_box(work());
            n_repeats += 1;
        }
    });
    (n_repeats * rays.len()) as f64 / seconds * 1e-6
}

/// The first rays of pixels, one by one and eight together.
fn compare_pixels(name: &str, rays: &[Ray], kernels: &[(String, Kernel<'_>)], n_rounds: usize) {
    type Way = fn(&Kernel<'_>, &[Ray]) -> usize;
    let ways: [(&str, Way); 2] = [
        ("alone", |kernel, rays| kernel.hits(rays, false)),
        ("together", |kernel, rays| kernel.hits_together(rays)),
    ];
    let all: Vec<_> = (kernels.iter())
        .flat_map(|(kernel_name, kernel)| {
            ways.map(|(way, work)| (format!("{kernel_name}, {way}"), kernel, work))
        })
        .collect();
    let rounds: Vec<Vec<f64>> = (0..n_rounds)
        .map(|_| {
            let of =
                |(_, kernel, work): &(String, &Kernel<'_>, Way)| rate(rays, || work(kernel, rays));
            all.iter().map(of).collect()
        })
        .collect();
    for (idx, (label, kernel, work)) in all.iter().enumerate() {
        let rates = median(rounds.iter().map(|round| round[idx]).collect());
        // How many times as fast as this one our own packets are.
        let ratio = median(rounds.iter().map(|round| round[1] / round[idx]).collect());
        let hits = work(kernel, rays);
        eprintln!("{name:<14} {label:<38} {rates:6.2}   own together is {ratio:.2}   hits {hits}");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare(name: &str, rays: &Rays, kernels: &[(String, Kernel<'_>)], n_rounds: usize) {
    let rounds: Vec<Vec<[f64; 3]>> = (0..n_rounds)
        .map(|_| {
            kernels
                .iter()
                .map(|(_, kernel)| kernel.rates(rays))
                .collect()
        })
        .collect();
    for (idx, (kernel_name, kernel)) in kernels.iter().enumerate() {
        let of = |value: &dyn Fn(&Vec<[f64; 3]>) -> [f64; 3]| {
            let all: Vec<[f64; 3]> = rounds.iter().map(value).collect();
            [0, 1, 2].map(|set| median(all.iter().map(|rates| rates[set]).collect()))
        };
        let rates = of(&|round| round[idx]);
        // How many times as fast as this one our own is.
        let ratios = of(&|round| [0, 1, 2].map(|set| round[0][set] / round[idx][set]));
        let hits = [
            kernel.hits(&rays.primary, false),
            kernel.hits(&rays.bounce, false),
            kernel.hits(&rays.shadow, true),
        ];
        eprintln!(
            "{name:<14} {kernel_name:<28} {:6.2} {:6.2} {:6.2}   own is {:.2} {:.2} {:.2}   hits {hits:?}",
            rates[0], rates[1], rates[2], ratios[0], ratios[1], ratios[2],
        );
    }
}

fn main() -> Result<(), String> {
    let path = std::env::var_os("BOTTEGA_EMBREE")
        .map(PathBuf::from)
        .ok_or("BOTTEGA_EMBREE must name libembree4.so")?;
    let n_rounds = std::env::args()
        .skip(1)
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(7);
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-') && arg.parse::<usize>().is_err())
        .collect();
    let devices: Vec<(&str, Embree)> = ["avx2", ""]
        .into_iter()
        .map(|isa| Ok((isa, Embree::open(&path, isa)?)))
        .collect::<Result<_, String>>()?;
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build()
        .map_err(|error| error.to_string())?;
    for (name, style, curve, tolerance_m) in [
        ("triangles", Hair::None, Curve::Linear, 1.0),
        ("loose", Hair::Loose, Curve::Linear, 1.0),
        ("loose, curved", Hair::Loose, Curve::CatmullRom, 2.5e-4),
        ("combed", Hair::Combed, Curve::Linear, 1.0),
        ("combed, curved", Hair::Combed, Curve::CatmullRom, 2.5e-4),
    ] {
        if !wanted.is_empty() && wanted.iter().all(|one| one != name) {
            continue;
        }
        let scene = scene(style);
        let mut accel = None;
        let build_s = seconds_of(|| {
            accel = one_thread.install(|| Accel::build(&scene, tolerance_m).ok());
        });
        let accel = accel.ok_or("a sound scene")?;
        eprintln!(
            "{name}: own {:.1} MB, built in {build_s:.2} s",
            accel.memory_bytes() as f64 * 1e-6
        );
        let rays = rays(&scene, &accel);
        let mut kernels = vec![("own".to_owned(), Kernel::Own(Box::new(accel)))];
        let strands = scene.strands.first().map(|object| (&object.strands, curve));
        for (isa, embree) in &devices {
            let mesh = &scene.meshes[0].mesh;
            for quality in [Quality::Medium, Quality::High] {
                let mut peer = None;
                let build_s = seconds_of(|| {
                    peer = Some(embree.scene(mesh, strands, quality, false));
                });
                let peer = peer.ok_or("a tree was built")?;
                let isa = if isa.is_empty() { "any" } else { isa };
                let label = format!("embree {isa} {quality:?} {build_s:.2} s");
                kernels.push((label, Kernel::Peer(peer)));
            }
            if style == Hair::None {
                let peer = embree.scene(mesh, None, Quality::Medium, true);
                kernels.push(("embree robust".to_owned(), Kernel::Peer(peer)));
            }
        }
        compare(name, &rays, &kernels, n_rounds);
        let pixels = pixel_rays(&scene);
        compare_pixels(&format!("{name}, pixels"), &pixels, &kernels, n_rounds);
    }
    Ok(())
}
