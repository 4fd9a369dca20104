//! What all the coverage rays of a pixel meet, for planes that need more than whether.

use glam::Vec2;
use rayon::prelude::*;

use super::beam::{Beam, GROUP};
use super::fibres::STRIPE_ROWS;
use super::pattern::{REFINEMENT, lattice};
use super::survey::{Shown, Survey};
use crate::accel::Hit;
use crate::ray::Ray;
use crate::simd::F32x8;

/// Where the rays pass in a pixel that shows one smooth surface: its centre, which is the median
/// of a slope, and four about it.
const SMOOTH: [Vec2; 5] = [
    Vec2::new(0.5, 0.5),
    Vec2::new(0.375, 0.125),
    Vec2::new(0.875, 0.375),
    Vec2::new(0.125, 0.625),
    Vec2::new(0.625, 0.875),
];

/// No fibre.
const NONE: u32 = u32::MAX;

/// A coverage ray that meets the subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct RayHit {
    pub(super) film_px: Vec2,
    pub(super) ray: Ray,
    pub(super) hit: Hit,
}

/// Calls `summarize` with the rays of each pixel that meet the subject, row by row from the
/// top-left. Where only rays that refine alpha meet fibres, it gets those.
pub(super) fn each_pixel<T: Send>(
    survey: &Survey<'_>,
    n_rays: u32,
    summarize: impl Fn(&[RayHit]) -> T + Sync,
) -> Vec<T> {
    let [width, height] = survey.view.size_px();
    let pattern = lattice(n_rays);
    let (first, rest) = pattern.split_at(pattern.len() / REFINEMENT as usize);
    let stripes: Vec<Vec<T>> = (0..height.div_ceil(STRIPE_ROWS))
        .into_par_iter()
        .map(|stripe| {
            let [mut pixel, mut more] = [first, rest].map(|points| Pixel::new(survey, points));
            let rows = stripe * STRIPE_ROWS..(stripe * STRIPE_ROWS + STRIPE_ROWS).min(height);
            let mut summaries = Vec::with_capacity((width * STRIPE_ROWS) as usize);
            for y in rows {
                for x in 0..width {
                    pixel.gather(x, y);
                    // A fibre so thin that only the rays that refine alpha meet it.
                    if pixel.hits.is_empty() && !survey.fibres.of(x, y).is_empty() {
                        more.gather(x, y);
                        summaries.push(summarize(&more.hits));
                    } else {
                        summaries.push(summarize(&pixel.hits));
                    }
                }
            }
            summaries
        })
        .collect();
    stripes.into_iter().flatten().collect()
}

/// Working memory for one pixel after another.
struct Pixel<'a> {
    survey: &'a Survey<'a>,
    points: &'a [Vec2],
    beam: Beam,
    /// By ray: what the meshes show, the distance of the nearest surface, and the fibre it is.
    on_mesh: Vec<Option<Hit>>,
    nearest: Vec<[f32; GROUP]>,
    fibre: Vec<[u32; GROUP]>,
    hits: Vec<RayHit>,
}

impl<'a> Pixel<'a> {
    fn new(survey: &'a Survey<'a>, points: &'a [Vec2]) -> Self {
        let beam = Beam::new(&survey.view.scene.camera, points.len());
        Self {
            survey,
            points,
            on_mesh: vec![None; points.len()],
            nearest: vec![[0.0; GROUP]; beam.n_groups()],
            fibre: vec![[NONE; GROUP]; beam.n_groups()],
            beam,
            hits: Vec::new(),
        }
    }

    /// Finds what the rays of a pixel meet.
    fn gather(&mut self, x: u32, y: u32) {
        self.hits.clear();
        let survey = self.survey;
        let corner_px = Vec2::new(x as f32, y as f32);
        if survey.is_smooth(x, y) {
            if survey.at(x, y).0 == Shown::Subject {
                for offset in SMOOTH {
                    let ray = survey.view.ray(corner_px + offset);
                    let hit = survey.view.accel.intersect_meshes(&ray);
                    self.push(corner_px + offset, ray, hit);
                }
            }
            return;
        }
        let list = survey.fibres.of(x, y);
        let known = survey.known(x, y);
        if known.is_some_and(|shown| shown != Shown::Subject) && list.is_empty() {
            return;
        }
        if known == Some(Shown::Nothing) {
            self.on_mesh.fill(None);
            self.nearest.fill([f32::INFINITY; GROUP]);
        } else {
            for (idx, &offset) in self.points.iter().enumerate() {
                let ray = survey.view.ray(corner_px + offset);
                let hit = survey.view.accel.intersect_meshes(&ray);
                self.on_mesh[idx] = hit;
                self.nearest[idx / GROUP][idx % GROUP] = hit.map_or(f32::INFINITY, |hit| hit.t);
            }
        }
        self.fibre.fill([NONE; GROUP]);
        if !list.is_empty() {
            let camera = &survey.view.scene.camera;
            self.beam.aim(camera, corner_px, self.points);
            for group in 0..self.beam.n_groups() {
                self.find_fibres(group, list);
            }
        }
        for (idx, &offset) in self.points.iter().enumerate() {
            let ray = survey.view.ray(corner_px + offset);
            let (group, lane) = (idx / GROUP, idx % GROUP);
            let hit = match self.fibre[group][lane] {
                NONE => self.on_mesh[idx],
                fibre => {
                    let visible = &survey.fibres.pieces[fibre as usize];
                    let t = self.nearest[group][lane];
                    let accel = survey.view.accel;
                    Some(accel.hit_on_piece(&ray, visible.number, &visible.piece, t))
                }
            };
            self.push(corner_px + offset, ray, hit);
        }
    }

    fn find_fibres(&mut self, group: usize, list: &[u32]) {
        let nearest = &mut self.nearest[group];
        for &idx in list {
            let piece = &self.survey.fibres.pieces[idx as usize].piece;
            let (mut lanes, t) = self.beam.hits(group, piece, F32x8::load(nearest));
            if lanes == 0 {
                continue;
            }
            let t = t.to_array();
            while lanes != 0 {
                let lane = lanes.trailing_zeros() as usize;
                lanes &= lanes - 1;
                nearest[lane] = t[lane];
                self.fibre[group][lane] = idx;
            }
        }
    }

    fn push(&mut self, film_px: Vec2, ray: Ray, hit: Option<Hit>) {
        let view = &self.survey.view;
        if let Some(hit) = hit.filter(|hit| view.label_of(hit).subject) {
            self.hits.push(RayHit { film_px, ray, hit });
        }
    }
}
