//! Which share of a pixel shows the subject.
//!
//! Only pixels in which that can change are looked at closely (see `survey.rs`): where meshes
//! alone decide, along lines (`area.rs`); where fibres do, by the points of `pattern.rs`, tested
//! against every piece of the pixel's list.

use glam::Vec2;
use rayon::prelude::*;

use super::SMALLEST_ALPHA;
use super::area;
use super::beam::{Beam, GROUP};
use super::fibres::STRIPE_ROWS;
use super::pattern::{REFINEMENT, lattice};
use super::survey::{Shown, Survey, shown_by};
use crate::simd::F32x8;

/// Coverage of every pixel, row by row from the top-left, with at least `n_rays` rays in pixels
/// where it may change.
pub(super) fn trace(survey: &Survey<'_>, n_rays: u32) -> Vec<f32> {
    let [width, height] = survey.view.size_px();
    let pattern = lattice(n_rays);
    let mut alpha = vec![0.0; (width * height) as usize];
    (alpha
        .par_chunks_mut((width * STRIPE_ROWS) as usize)
        .enumerate())
    .for_each(|(stripe, alpha)| {
        let mut pixel = Pixel::new(survey, &pattern);
        for (i, alpha) in alpha.iter_mut().enumerate() {
            let (x, row) = (i as u32 % width, i as u32 / width);
            *alpha = pixel.coverage(x, stripe as u32 * STRIPE_ROWS + row);
        }
    });
    alpha
}

/// The same with every ray of every pixel traced through the trees; of the survey only the lists
/// of fibres are used, which choose between lines and points.
pub(super) fn trace_exhaustively(survey: &Survey<'_>, n_rays: u32) -> Vec<f32> {
    let view = &survey.view;
    let [width, height] = view.size_px();
    let pattern = lattice(n_rays);
    (0..width * height)
        .into_par_iter()
        .map(|pixel| {
            let (x, y) = (pixel % width, pixel / width);
            let corner = Vec2::new(x as f32, y as f32);
            let is_subject = |offset: Vec2| {
                let hit = view.accel.intersect(&view.ray(corner + offset));
                shown_by(view, hit.as_ref()) == Shown::Subject
            };
            if survey.fibres.of(x, y).is_empty() {
                return area::share(is_subject, &pattern, SMALLEST_ALPHA);
            }
            let (first, rest) = pattern.split_at(n_rays as usize);
            let count = |points: &[Vec2]| points.iter().filter(|p| is_subject(**p)).count();
            let n_first = count(first);
            if n_first == first.len() {
                return 1.0;
            }
            (n_first + count(rest)) as f32 / pattern.len() as f32
        })
        .collect()
}

/// Working memory for the coverage of one pixel after another.
struct Pixel<'a> {
    survey: &'a Survey<'a>,
    pattern: &'a [Vec2],
    /// The first points, and those that refine.
    beams: [BeamCoverage<'a>; 2],
}

impl<'a> Pixel<'a> {
    fn new(survey: &'a Survey<'a>, pattern: &'a [Vec2]) -> Self {
        let (first, rest) = pattern.split_at(pattern.len() / REFINEMENT as usize);
        Self {
            survey,
            pattern,
            beams: [first, rest].map(|points| BeamCoverage::new(survey, points)),
        }
    }

    /// Coverage of a pixel.
    fn coverage(&mut self, x: u32, y: u32) -> f32 {
        let survey = self.survey;
        let list = survey.fibres.of(x, y);
        let corner_px = Vec2::new(x as f32, y as f32);
        match survey.known(x, y) {
            Some(shown) if list.is_empty() => return f32::from(shown == Shown::Subject),
            // Fibres of the subject change nothing where nothing but the subject is behind them.
            Some(Shown::Subject) if survey.fibres.all_subject => return 1.0,
            known if !list.is_empty() => {
                let [first, rest] = &mut self.beams;
                let n_first = first.count(corner_px, known, list);
                if n_first as usize == first.points.len() {
                    return 1.0;
                }
                let n_subject = n_first + rest.count(corner_px, known, list);
                return n_subject as f32 / self.pattern.len() as f32;
            }
            _ => {}
        }
        let view = &survey.view;
        let is_subject = |offset: Vec2| {
            let hit = view.accel.intersect_meshes(&view.ray(corner_px + offset));
            shown_by(view, hit.as_ref()) == Shown::Subject
        };
        area::share(is_subject, self.pattern, SMALLEST_ALPHA)
    }
}

/// Some rays of a pixel among meshes and fibres.
struct BeamCoverage<'a> {
    survey: &'a Survey<'a>,
    points: &'a [Vec2],
    beam: Beam,
    /// Distance of the nearest surface along each ray.
    nearest: Vec<[f32; GROUP]>,
    /// Whether that surface is the subject, as bits.
    covered: Vec<u32>,
}

impl<'a> BeamCoverage<'a> {
    fn new(survey: &'a Survey<'a>, points: &'a [Vec2]) -> Self {
        let beam = Beam::new(&survey.view.scene.camera, points.len());
        Self {
            survey,
            points,
            nearest: vec![[0.0; GROUP]; beam.n_groups()],
            covered: vec![0; beam.n_groups()],
            beam,
        }
    }

    /// Rays that show the subject, given what the meshes show where that is the same everywhere,
    /// and the pieces of fibre that may touch the pixel.
    fn count(&mut self, corner_px: Vec2, known: Option<Shown>, list: &[u32]) -> u32 {
        if known == Some(Shown::Nothing) {
            self.nearest.fill([f32::INFINITY; GROUP]);
            self.covered.fill(0);
        } else {
            self.trace_meshes(corner_px);
        }
        let camera = &self.survey.view.scene.camera;
        self.beam.aim(camera, corner_px, self.points);
        for group in 0..self.beam.n_groups() {
            if self.survey.fibres.all_subject {
                self.cover(group, list);
            } else {
                self.cover_in_order(group, list);
            }
        }
        // The last group may have more lanes than rays.
        let n_spare = GROUP * self.covered.len() - self.points.len();
        let last = self.covered.len() - 1;
        self.covered[last] &= 0xff >> n_spare;
        self.covered.iter().map(|bits| bits.count_ones()).sum()
    }

    fn trace_meshes(&mut self, corner_px: Vec2) {
        let view = &self.survey.view;
        self.covered.fill(0);
        for (idx, &offset) in self.points.iter().enumerate() {
            let hit = view.accel.intersect_meshes(&view.ray(corner_px + offset));
            let (group, lane) = (idx / GROUP, idx % GROUP);
            self.nearest[group][lane] = hit.map_or(f32::INFINITY, |hit| hit.t);
            let is_subject = shown_by(view, hit.as_ref()) == Shown::Subject;
            self.covered[group] |= u32::from(is_subject) << lane;
        }
    }

    /// Adds fibres that all belong to the subject: any hit before the meshes covers.
    fn cover(&mut self, group: usize, list: &[u32]) {
        let t_max = F32x8::load(&self.nearest[group]);
        let pieces = &self.survey.fibres.pieces;
        let mut covered = self.covered[group];
        for &idx in list {
            if covered == 0xff {
                break;
            }
            covered |= (self.beam)
                .hits(group, &pieces[idx as usize].piece, t_max)
                .0;
        }
        self.covered[group] = covered;
    }

    /// Adds fibres of both kinds: the nearest one counts.
    fn cover_in_order(&mut self, group: usize, list: &[u32]) {
        for &idx in list {
            let nearest = &mut self.nearest[group];
            let visible = &self.survey.fibres.pieces[idx as usize];
            let (mut lanes, t) = (self.beam).hits(group, &visible.piece, F32x8::load(nearest));
            let subject = u32::from(visible.subject);
            while lanes != 0 {
                let lane = lanes.trailing_zeros() as usize;
                lanes &= lanes - 1;
                nearest[lane] = t.to_array()[lane];
                let bits = &mut self.covered[group];
                *bits = (*bits & !(1 << lane)) | subject << lane;
            }
        }
    }
}
