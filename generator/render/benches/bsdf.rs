//! What one evaluation and one draw cost, material by material.

use bottega_render::bsdf::{
    Bsdf, ClothBsdf, Coat, CoatedBsdf, DielectricBsdf, DiffuseBsdf, HairBsdf, HairFiber,
    LacqueredBsdf, Reflectance,
};
use bottega_render::sampler::{IndependentSampler, Sampler};
use bottega_render::sampling::{cosine_hemisphere, uniform_sphere};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glam::{Vec2, Vec3};
use std::hint::black_box;

const COLOR: Vec3 = Vec3::new(0.56, 0.41, 0.33);
const N: usize = 1024;

fn bsdfs(criterion: &mut Criterion) {
    let mut sampler = IndependentSampler::new(7);
    let numbers: Vec<(f32, Vec2)> = (0..N)
        .map(|_| (sampler.next_1d(), sampler.next_2d()))
        .collect();
    let wo = Vec3::new(0.36, 0.48, 0.8);
    let (one, two, round) = (
        Coat::single(0.5),
        Coat::double(0.53, 0.29, 0.15),
        Coat::anisotropic(0.4, 0.7),
    );
    let plastic = CoatedBsdf::new(&one, Vec3::splat(0.04), COLOR);
    let skin = CoatedBsdf::new(&two, Vec3::splat(0.028), COLOR);
    let metal = Reflectance::of_conductor(Vec3::new(0.22, 1.02, 1.18), Vec3::new(3.6, 2.6, 2.4));
    let fiber = HairFiber::new(Vec3::new(0.5, 0.9, 1.8), 0.3, 0.3, 0.035, 1.55);
    let wo_fiber = Vec3::new(0.3, 0.91_f32.sqrt(), 0.0);
    let surfaces = [
        ("diffuse", Bsdf::Diffuse(DiffuseBsdf { albedo: COLOR })),
        ("plastic", Bsdf::Coated(plastic)),
        ("skin", Bsdf::Coated(skin)),
        ("skin exit", Bsdf::Exit(skin.exit())),
        (
            "brushed metal",
            Bsdf::Coated(CoatedBsdf::with_reflectance(&round, metal, Vec3::ZERO)),
        ),
        (
            "lacquer",
            Bsdf::Lacquered(LacqueredBsdf::new(&one, 0.04, plastic)),
        ),
        ("cloth", Bsdf::Cloth(ClothBsdf::new(COLOR, 0.8, 0.0))),
        ("sheen", Bsdf::Cloth(ClothBsdf::new(COLOR, 0.8, 0.3))),
        ("hair", Bsdf::Hair(HairBsdf::new(&fiber, wo_fiber, 0.4))),
        (
            "thin hair",
            Bsdf::Hair(HairBsdf::of_whole_width(&fiber, wo_fiber, 0.4)),
        ),
        (
            "glass",
            Bsdf::Dielectric(DielectricBsdf::smooth(1.5, false)),
        ),
    ];
    let mut group = criterion.benchmark_group("bsdf");
    group.throughput(Throughput::Elements(N as u64));
    group.sample_size(20);
    for (name, bsdf) in &surfaces {
        let is_hair = matches!(bsdf, Bsdf::Hair(_));
        let wo = if is_hair { wo_fiber } else { wo };
        let directions: Vec<Vec3> = numbers
            .iter()
            .map(|&(_, u)| match is_hair {
                true => uniform_sphere(u),
                false => cosine_hemisphere(u),
            })
            .collect();
        if !bsdf.is_specular() {
            group.bench_function(format!("{name}/eval"), |bencher| {
                bencher.iter(|| {
                    let sum: Vec3 = directions
                        .iter()
                        .map(|&wi| black_box(bsdf).eval(wo, wi).f_cos)
                        .sum();
                    black_box(sum)
                });
            });
        }
        group.bench_function(format!("{name}/sample"), |bencher| {
            bencher.iter(|| {
                let drawn = numbers
                    .iter()
                    .filter_map(|&(u_lobe, u)| black_box(bsdf).sample(wo, u_lobe, u));
                black_box(drawn.map(|sample| sample.weight).sum::<Vec3>())
            });
        });
    }
    group.bench_function("hair/at a point", |bencher| {
        bencher.iter(|| {
            for &(offset, _) in &numbers {
                black_box(HairBsdf::new(&fiber, wo_fiber, offset));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, bsdfs);
criterion_main!(benches);
