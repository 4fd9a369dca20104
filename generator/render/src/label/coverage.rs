//! The coverage family: which share of a pixel shows the subject.
//!
//! Only pixels in which that can change are looked at closely, and this is decided by geometry,
//! not by a few probing rays, so that the result equals that of tracing all rays everywhere:
//!
//! 1. Pixels that an outline may touch (see `outline.rs`), and pixels with a neighbour whose
//!    centre shows something else, trace the meshes with every ray. In all others the meshes show
//!    the same everywhere, and one ray tells what.
//! 2. Every piece of fibre is projected, with its width, into the list of each pixel it may
//!    touch. A pixel with an empty list has no fibre. Where the meshes show nothing but the
//!    subject, fibres of the subject change nothing. Elsewhere every ray is tested against every
//!    piece of the list.

use glam::Vec2;
use rayon::prelude::*;

use super::beam::{Beam, GROUP, label_ray};
use super::first_hit::FirstHit;
use super::outline;
use super::pattern::lattice;
use super::raster::Band;
use crate::accel::ribbon::PackedPiece;
use crate::accel::{Accel, HitKind};
use crate::ray::RayMask;
use crate::scene::Scene;
use crate::simd::F32x8;

/// Rows of pixels that one thread takes at a time.
const STRIPE_ROWS: u32 = 8;

/// What a ray meets among the meshes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    Nothing,
    Surroundings,
    Subject,
}

/// Coverage of every pixel, row by row from the top-left.
pub(super) fn trace(scene: &Scene, accel: &Accel, n_rays: u32, hits: &[FirstHit]) -> Vec<f32> {
    let [width, height] = scene.camera.resolution_px;
    let outline = outline::mark(scene, accel);
    let pieces = VisiblePieces::new(scene, accel);
    let stripes: Vec<StripeLists> = (0..height.div_ceil(STRIPE_ROWS))
        .into_par_iter()
        .map(|stripe| StripeLists::new(&pieces, stripe, width, height))
        .collect();
    let list_of =
        |x: u32, y: u32| stripes[(y / STRIPE_ROWS) as usize].of(x, y % STRIPE_ROWS, width);

    // What the meshes alone show at the centre.
    let shown: Vec<Shown> = (0..width * height)
        .into_par_iter()
        .with_min_len(width as usize)
        .map(|pixel| {
            let (x, y) = (pixel % width, pixel / width);
            if list_of(x, y).is_empty() && hits[pixel as usize].is_subject() {
                Shown::Subject
            } else {
                let center = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                mesh_hit(scene, accel, center).0
            }
        })
        .collect();
    let is_uniform = |x: u32, y: u32| {
        let own = shown[(y * width + x) as usize];
        let rows = y.saturating_sub(1)..=(y + 1).min(height - 1);
        !outline[(y * width + x) as usize]
            && rows.into_iter().all(|row| {
                let columns = x.saturating_sub(1)..=(x + 1).min(width - 1);
                columns
                    .into_iter()
                    .all(|column| shown[(row * width + column) as usize] == own)
            })
    };

    let pattern = lattice(n_rays);
    let mut alpha = vec![0.0; (width * height) as usize];
    (alpha
        .par_chunks_mut((width * STRIPE_ROWS) as usize)
        .enumerate())
    .for_each(|(stripe, alpha)| {
        let mut pixel = Pixel::new(scene, accel, &pieces, &pattern);
        for (i, alpha) in alpha.iter_mut().enumerate() {
            let (x, row) = (i as u32 % width, i as u32 / width);
            let y = stripe as u32 * STRIPE_ROWS + row;
            let known = is_uniform(x, y).then(|| shown[(y * width + x) as usize]);
            *alpha = pixel.coverage(Vec2::new(x as f32, y as f32), known, list_of(x, y));
        }
    });
    alpha
}

/// The same by tracing every ray of every pixel.
pub(super) fn trace_exhaustively(scene: &Scene, accel: &Accel, n_rays: u32) -> Vec<f32> {
    let [width, height] = scene.camera.resolution_px;
    let pattern = lattice(n_rays);
    (0..width * height)
        .into_par_iter()
        .map(|pixel| {
            let corner = Vec2::new((pixel % width) as f32, (pixel / width) as f32);
            let n_subject = pattern
                .iter()
                .filter(|&&offset| {
                    let ray = label_ray(&scene.camera, corner + offset);
                    accel.intersect(&ray).is_some_and(|hit| match hit.kind {
                        HitKind::Triangle { object, .. } => {
                            scene.meshes[object as usize].label.subject
                        }
                        HitKind::Strand { object, .. } => {
                            scene.strands[object as usize].label.subject
                        }
                    })
                })
                .count();
            n_subject as f32 / pattern.len() as f32
        })
        .collect()
}

/// What the meshes show at a film position, and how far away.
fn mesh_hit(scene: &Scene, accel: &Accel, film_px: Vec2) -> (Shown, f32) {
    match accel.intersect_meshes(&label_ray(&scene.camera, film_px)) {
        None => (Shown::Nothing, f32::INFINITY),
        Some(hit) => match hit.kind {
            HitKind::Triangle { object, .. } if scene.meshes[object as usize].label.subject => {
                (Shown::Subject, hit.t)
            }
            _ => (Shown::Surroundings, hit.t),
        },
    }
}

/// The pieces of fibre that label rays see, in the order of the tree's numbers.
struct VisiblePieces {
    pieces: Vec<PackedPiece>,
    bands: Vec<Band>,
    /// Whether each piece belongs to the subject.
    subject: Vec<bool>,
    /// Whether all do.
    all_subject: bool,
    /// Pieces that may touch each stripe of rows.
    by_stripe: Vec<Vec<u32>>,
}

impl VisiblePieces {
    fn new(scene: &Scene, accel: &Accel) -> Self {
        let camera = &scene.camera;
        let height = camera.resolution_px[1];
        let mut visible = Self {
            pieces: Vec::new(),
            bands: Vec::new(),
            subject: Vec::new(),
            all_subject: accel.strand_kinds() & RayMask::SURROUNDINGS.0 == 0,
            by_stripe: vec![Vec::new(); height.div_ceil(STRIPE_ROWS) as usize],
        };
        for (packed, mask) in accel.pieces() {
            if !mask.meets(RayMask::LABEL) {
                continue;
            }
            let piece = packed.decoded();
            let ends = piece.ends.map(|end| camera.camera_from_world_point(end));
            let radius_m = piece.radii[0].max(piece.radii[1]);
            let Some(band) = Band::of_piece(camera, ends, radius_m) else {
                continue;
            };
            let Some((first, last)) = band.rows(height) else {
                continue;
            };
            let idx = visible.pieces.len() as u32;
            for stripe in first / STRIPE_ROWS..=last / STRIPE_ROWS {
                visible.by_stripe[stripe as usize].push(idx);
            }
            visible.pieces.push(packed);
            visible.bands.push(band);
            visible.subject.push(mask.meets(RayMask::SUBJECT));
        }
        visible
    }
}

/// For each pixel of a stripe, the pieces that may touch it.
struct StripeLists {
    /// Where the list of each pixel starts, and the end of the last.
    starts: Vec<u32>,
    pieces: Vec<u32>,
}

impl StripeLists {
    fn new(visible: &VisiblePieces, stripe: u32, width: u32, height: u32) -> Self {
        let first_row = stripe * STRIPE_ROWS;
        let n_rows = STRIPE_ROWS.min(height - first_row);
        // All (pixel, piece) pairs, then a counting sort by pixel.
        let mut pairs = Vec::new();
        for &idx in &visible.by_stripe[stripe as usize] {
            let band = &visible.bands[idx as usize];
            let Some((first, last)) = band.rows(height) else {
                continue;
            };
            for row in first.max(first_row)..=last.min(first_row + n_rows - 1) {
                if let Some((start, end)) = band.columns(row, width) {
                    pairs.extend((start..=end).map(|x| ((row - first_row) * width + x, idx)));
                }
            }
        }
        let mut starts = vec![0; (width * n_rows) as usize + 1];
        for &(pixel, _) in &pairs {
            starts[pixel as usize + 1] += 1;
        }
        for pixel in 1..starts.len() {
            starts[pixel] += starts[pixel - 1];
        }
        let mut next = starts.clone();
        let mut pieces = vec![0; pairs.len()];
        for (pixel, idx) in pairs {
            let slot = &mut next[pixel as usize];
            pieces[*slot as usize] = idx;
            *slot += 1;
        }
        Self { starts, pieces }
    }

    fn of(&self, x: u32, row: u32, width: u32) -> &[u32] {
        let pixel = (row * width + x) as usize;
        &self.pieces[self.starts[pixel] as usize..self.starts[pixel + 1] as usize]
    }
}

/// Working memory for the coverage of one pixel after another.
struct Pixel<'a> {
    scene: &'a Scene,
    accel: &'a Accel,
    visible: &'a VisiblePieces,
    pattern: &'a [Vec2],
    beam: Beam,
    /// Distance of the nearest surface along each ray.
    nearest: Vec<[f32; GROUP]>,
    /// Whether that surface is the subject, as bits.
    covered: Vec<u32>,
}

impl<'a> Pixel<'a> {
    fn new(
        scene: &'a Scene,
        accel: &'a Accel,
        visible: &'a VisiblePieces,
        pattern: &'a [Vec2],
    ) -> Self {
        let beam = Beam::new(&scene.camera, pattern.len());
        Self {
            scene,
            accel,
            visible,
            pattern,
            nearest: vec![[0.0; GROUP]; beam.n_groups()],
            covered: vec![0; beam.n_groups()],
            beam,
        }
    }

    /// Coverage of the pixel at `corner_px`, given what the meshes show where that is the same
    /// everywhere in it, and the pieces of fibre that may touch it.
    fn coverage(&mut self, corner_px: Vec2, shown: Option<Shown>, list: &[u32]) -> f32 {
        let hidden = shown == Some(Shown::Subject) && self.visible.all_subject;
        let fibres_matter = !(hidden || list.is_empty());
        match shown {
            Some(shown) if !fibres_matter => return f32::from(shown == Shown::Subject),
            Some(Shown::Nothing) => {
                self.nearest.fill([f32::INFINITY; GROUP]);
                self.covered.fill(0);
            }
            _ => self.trace_meshes(corner_px),
        }
        if fibres_matter {
            self.beam.aim(&self.scene.camera, corner_px, self.pattern);
            for group in 0..self.beam.n_groups() {
                if self.visible.all_subject {
                    self.cover(group, list);
                } else {
                    self.cover_in_order(group, list);
                }
            }
        }
        // The last group may have more lanes than rays.
        let n_spare = GROUP * self.covered.len() - self.pattern.len();
        let last = self.covered.len() - 1;
        self.covered[last] &= 0xff >> n_spare;
        let n_covered: u32 = self.covered.iter().map(|bits| bits.count_ones()).sum();
        n_covered as f32 / self.pattern.len() as f32
    }

    fn trace_meshes(&mut self, corner_px: Vec2) {
        self.covered.fill(0);
        for (idx, &offset) in self.pattern.iter().enumerate() {
            let (shown, t) = mesh_hit(self.scene, self.accel, corner_px + offset);
            let (group, lane) = (idx / GROUP, idx % GROUP);
            self.nearest[group][lane] = t;
            self.covered[group] |= u32::from(shown == Shown::Subject) << lane;
        }
    }

    /// Adds fibres that all belong to the subject: any hit before the meshes covers.
    fn cover(&mut self, group: usize, list: &[u32]) {
        let t_max = F32x8::load(&self.nearest[group]);
        let mut covered = self.covered[group];
        for &idx in list {
            if covered == 0xff {
                break;
            }
            covered |= self
                .beam
                .hits(group, &self.visible.pieces[idx as usize], t_max)
                .0;
        }
        self.covered[group] = covered;
    }

    /// Adds fibres of both kinds: the nearest one counts.
    fn cover_in_order(&mut self, group: usize, list: &[u32]) {
        for &idx in list {
            let nearest = &mut self.nearest[group];
            let piece = &self.visible.pieces[idx as usize];
            let (mut lanes, t) = self.beam.hits(group, piece, F32x8::load(nearest));
            let subject = u32::from(self.visible.subject[idx as usize]);
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
