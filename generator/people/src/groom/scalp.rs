//! Scalp hair: roots, paths, locks, curls, and the last look whether all is outside of the skin.

use bottega_geometry::{StrandSet, TriMesh, math};
use bottega_schemas::{
    params::{GroomParams, HairCut, ScalpHairParams},
    seed::Seed,
};
use glam::{Vec2, Vec3};
use rayon::prelude::*;

use super::{
    Ground, StrandBudget,
    clump::{self, Exponent},
    cornrow::Cornrows,
    curl::{Curl, arc_length, frames, resample},
    cut::{Cut, FRINGE},
    field::SkinField,
    hairline::Hairline,
    palette,
    root::{self, Root},
    style::{Bond, Gathered, Rope},
    surface::HeadFrame,
    tie::{Tie, plait},
    walk,
};

/// Strand count times radius, in metres, that covers as a full head of hair does.
const COVERAGE_M: f32 = 4.2;

/// Numbers in `[0, 1)` that a strand may draw.
const DRAWS: u64 = 20;

/// The hairline of this hair; `seed` is the one of the scalp.
pub(crate) fn hairline(params: &ScalpHairParams, seed: Seed) -> Hairline {
    Hairline::new(params, seed.child("hairline").unit_f64() as f32)
}

/// The scalp hair of one head while it grows.
struct Growth<'a> {
    params: &'a ScalpHairParams,
    cut: Cut,
    /// What holds tied hair.
    ties: Vec<Tie>,
    /// Braids on the scalp, in place of ties.
    rows: Option<Cornrows>,
    /// Which of the ties holds each root's strand.
    tie_of: Vec<Option<u8>>,
    roots: Vec<Root>,
    sides: Vec<i8>,
    locks: Locks,
    seed: Seed,
    /// Points per strand.
    n_points: usize,
}

/// For each root, the root at the centre of its lock.
struct Locks {
    /// Wisps of a few strands.
    fine: Vec<u32>,
    /// Locks that curl together.
    middle: Vec<u32>,
    /// Tresses of several locks.
    coarse: Vec<u32>,
}

impl Locks {
    fn assign(roots: &[Root], sides: &[i8], lock_m: f32) -> Self {
        // A head bears hair on about 0.055 m2.
        let of_size = |size_m: f32| {
            let n_locks = (0.055 / (size_m * size_m)) as usize;
            clump::assign(roots, sides, n_locks)
        };
        Self {
            fine: of_size(0.45 * lock_m),
            middle: of_size(lock_m),
            coarse: of_size(3.0 * lock_m),
        }
    }
}

/// Grows the scalp hair; with it come the elastics that hold tails.
pub(crate) fn grow(
    ground: &Ground<'_>,
    groom: &GroomParams,
    params: &ScalpHairParams,
    budget: &StrandBudget,
    seed: Seed,
) -> (StrandSet, Vec<TriMesh>) {
    let &Ground {
        surface,
        normals,
        field,
    } = ground;
    let frame = HeadFrame::fit(surface);
    let cut = Cut::new(params, frame, seed.child("cut"));
    let hairline = hairline(params, seed);
    let full = Hairline::new(
        &ScalpHairParams {
            hairline: 0.0,
            thinning: 0.0,
            ..params.clone()
        },
        0.0,
    );
    let is_scalp = |t: &[u32; 3]| t.iter().all(|&v| 0.5 < surface.scalp[v as usize]);
    // What recedes is lost, not moved elsewhere.
    let (mut kept, mut whole) = (0.0, 0.0);
    for t in surface.triangles.iter().filter(|t| is_scalp(t)) {
        let [a, b, c] = t.map(|v| surface.template_dm[v as usize]);
        let (area, middle) = ((b - a).cross(c - a).length(), (a + b + c) / 3.0);
        kept += area * hairline.density(middle);
        whole += area * full.density(middle);
    }
    // Short hair needs many strands to cover; of long hair many layers lie on each other.
    let plenty = match params.cut {
        HairCut::Buzz => 1.7,
        HairCut::Crop | HairCut::SidePart | HairCut::Ponytail | HairCut::Bun => 1.0,
        HairCut::Bob | HairCut::Afro => 0.85,
        HairCut::Long => 0.75,
    };
    let wanted = plenty * budget.scalp_strands as f32;
    let n_roots = (wanted * kept / whole.max(1e-6)) as usize;
    let radius_m = (COVERAGE_M / wanted).min(budget.max_radius_m);
    let roots = root::spread(
        surface,
        normals,
        n_roots,
        seed.child("roots"),
        is_scalp,
        |at, p_dm| {
            hairline.density(p_dm)
                * (1.0 - math::smoothstep(0.1, 0.4, surface.scalar(&surface.ears, at)))
        },
    );
    let sides: Vec<i8> = roots.iter().map(|r| cut.side(r.template_dm)).collect();
    let n_points = points_per_strand(&cut, budget);
    let strands = seed.child("strands");
    let tie_of: Vec<Option<u8>> = (roots.iter().zip(&sides))
        .map(|(root, &side)| {
            let own = u8::from(side < 0 && 1 < cut.style.ties.len());
            cut.is_tied(root.template_dm, side).then_some(own)
        })
        .collect();
    let share = match cut.style.ties.len() {
        1 if cut.style.gathered == Gathered::All => 1.0,
        _ => 0.55,
    };
    let ties: Vec<Tie> = (cut.style.ties.iter().enumerate())
        .map(|(k, place)| {
            let seed = strands.child("tie");
            let seed = if k == 0 { seed } else { seed.child("other") };
            Tie::new(&cut, place, share, field, seed)
        })
        .collect();
    let rows = (cut.style.rows).then(|| Cornrows::new(&cut, &hairline, field, &roots));
    let lock_m = cut
        .style
        .rope
        .map_or(cut.curl.lock_m, |rope| rope.spacing_m);
    let growth = Growth {
        params,
        locks: Locks::assign(&roots, &sides, lock_m),
        ties,
        rows,
        tie_of,
        cut,
        roots,
        sides,
        seed: strands,
        n_points,
    };
    let elastics = growth.ties.iter().filter_map(Tie::elastic).collect();
    (growth.finish(groom, field, radius_m), elastics)
}

/// Points that a strand needs to follow its bends and turns.
fn points_per_strand(cut: &Cut, budget: &StrandBudget) -> usize {
    let length_m = cut.axis_m();
    let smooth = match cut.kind {
        HairCut::Buzz => return 4,
        _ if cut.style.rows || !cut.style.ties.is_empty() => 40.0,
        _ if cut.style.rope.is_some() => 14.0 + 90.0 * length_m,
        _ => 7.0 + 36.0 * length_m,
    };
    let turns = if cut.curl.radius_m == 0.0 {
        0.0
    } else {
        5.5 * length_m / cut.curl.pitch_m
    };
    (smooth.max(turns) * budget.detail).clamp(6.0, budget.max_points as f32) as usize
}

impl Growth<'_> {
    fn draw(&self, strand_idx: usize, k: u64) -> f32 {
        self.seed.stream_f32(strand_idx as u64 * DRAWS + k)
    }

    fn is_flyaway(&self, strand_idx: usize) -> bool {
        self.draw(strand_idx, 4) < 0.012 + 0.03 * self.params.frizz
    }

    /// The paths before locks and curls, and where the curl of each strand may start, in metres.
    fn paths(&self, field: &SkinField) -> (Vec<Vec3>, Vec<f32>) {
        let mut points = vec![Vec3::ZERO; self.roots.len() * self.n_points];
        let mut starts_m = vec![0.0; self.roots.len()];
        points
            .par_chunks_mut(self.n_points)
            .zip(&mut starts_m)
            .enumerate()
            .for_each_init(Vec::new, |path, (strand_idx, (strand, start_m))| {
                let root = &self.roots[strand_idx];
                let side = self.sides[strand_idx];
                let u = [0, 1, 2, 3].map(|k| self.draw(strand_idx, k));
                if let (Some(_), Some(rows)) = (self.tie_of[strand_idx], &self.rows) {
                    rows.path(strand_idx, root, u, path);
                    // Braided hair keeps no curl of its own.
                    *start_m = f32::INFINITY;
                } else if let Some(own) = self.tie_of[strand_idx] {
                    let tie = &self.ties[usize::from(own)];
                    *start_m = tie.path(&self.cut, field, root, u, path);
                } else {
                    // Tips of a tress end near each other.
                    let own = self.draw(strand_idx, 5);
                    let layer = if side == FRINGE {
                        let wisp = self.whim("wisp end", self.locks.fine[strand_idx]);
                        math::lerp(own, wisp, 0.7)
                    } else {
                        let tress = self.whim("tress end", self.locks.coarse[strand_idx]);
                        math::lerp(own, tress, 0.45)
                    };
                    let course = self.cut.course(root, side, u, self.is_flyaway(strand_idx));
                    let lock = self.locks.middle[strand_idx];
                    let bent = [
                        2.0 * self.whim("lock fore", lock) - 1.0,
                        2.0 * self.whim("lock aside", lock) - 1.0,
                    ];
                    walk::walk(
                        field,
                        &course,
                        |p, along, s_m| {
                            self.cut.pull(root.template_dm, side, (p, along), s_m, bent)
                        },
                        |p, _| self.cut.guard(p, side),
                        |p| self.cut.ends(side, p, layer),
                        path,
                    );
                }
                resample(path, strand);
            });
        (points, starts_m)
    }

    /// A number in `[0, 1)` of the lock around a root: no two locks hold together equally.
    fn whim(&self, kind: &str, lock: u32) -> f32 {
        self.seed.child(kind).stream_f32(u64::from(lock))
    }

    fn finish(&self, groom: &GroomParams, field: &SkinField, radius_m: f32) -> StrandSet {
        let (paths, starts_m) = self.paths(field);
        let n_points = self.n_points;
        let curl = self.cut.curl;
        let strand_of = |idx: u32| &paths[idx as usize * n_points..(idx as usize + 1) * n_points];

        let mut points = paths.clone();
        points
            .par_chunks_mut(n_points)
            .enumerate()
            .for_each(|(strand_idx, strand)| {
                if self.cut.kind == HairCut::Buzz {
                    return self.push_out(field, strand);
                }
                let lock = self.locks.middle[strand_idx];
                let bound = self.tie_of[strand_idx].is_none() && self.sides[strand_idx] != FRINGE;
                if let (Some(rope), true) = (&self.cut.style.rope, bound) {
                    self.bind(strand_idx, strand, lock, strand_of(lock), rope);
                    return self.push_out(field, strand);
                }
                let flyaway = self.is_flyaway(strand_idx);
                if !flyaway && self.tie_of[strand_idx].is_none() {
                    self.draw_together(strand_idx, strand, curl, &strand_of);
                }
                self.curl(
                    strand_idx,
                    strand,
                    lock,
                    strand_of(lock),
                    starts_m[strand_idx],
                );
                self.frizz(strand_idx, strand, flyaway, starts_m[strand_idx]);
                self.push_out(field, strand);
            });
        self.strand_set(groom, &points, radius_m)
    }

    /// Binds a strand into the rope around the course of its lock.
    fn bind(
        &self,
        strand_idx: usize,
        strand: &mut [Vec3],
        lock: u32,
        center: &[Vec3],
        rope: &Rope,
    ) {
        let u = |k: u64| self.draw(strand_idx, k);
        let step_m = arc_length(center) / (center.len() - 1) as f32;
        let frames = frames(center, self.roots[lock as usize].normal);
        let phase = self.whim("lock phase", lock);
        let (sin, cos) = math::sin_cos(std::f32::consts::TAU * u(7));
        let own = Vec2::new(cos, sin) * u(8).sqrt();
        let fuzz = if u(6) < 0.06 { 1.5 } else { 1.0 };
        let size = rope.radius_m * math::lerp(0.8, 1.2, self.whim("lock hold", lock));
        for (i, point) in strand.iter_mut().enumerate() {
            let s_m = step_m * i as f32;
            let t = i as f32 / (center.len() - 1) as f32;
            let radius_m = size * math::lerp(1.0, 0.7, t) * fuzz;
            let at = match rope.bond {
                Bond::Loc => {
                    // Matted hair is uneven along its way.
                    let knot = 1.0 + 0.16 * math::sin(420.0 * s_m + 40.0 * phase);
                    own * knot
                }
                Bond::Twist => {
                    let turn = phase + s_m / (5.5 * size) + if u(3) < 0.5 { 0.0 } else { 0.5 };
                    let (sin, cos) = math::sin_cos(std::f32::consts::TAU * turn);
                    Vec2::new(cos, sin) * 0.55 + own * 0.52
                }
                Bond::Braid => {
                    let which = ((3.0 * u(3)) as usize).min(2);
                    plait(which, phase + s_m / (5.0 * size)) + own * 0.45
                }
            };
            let (a, b) = frames[i];
            let bound = center[i] + (a * at.x + b * at.y) * radius_m;
            // The hairs of a rope gather over the first millimetres.
            *point = point.lerp(bound, math::smoothstep(0.0, 0.011, s_m));
        }
    }

    /// Draws a strand toward its tress, its lock and its wisp.
    fn draw_together<'a>(
        &self,
        strand_idx: usize,
        strand: &mut [Vec3],
        curl: Curl,
        strand_of: &impl Fn(u32) -> &'a [Vec3],
    ) {
        let clump = self.params.clump.clamp(0.0, 1.0);
        let short = math::smoothstep(0.02, 0.08, arc_length(strand));
        let Locks {
            fine,
            middle,
            coarse,
        } = &self.locks;
        let (wisp, lock, tress) = (fine[strand_idx], middle[strand_idx], coarse[strand_idx]);
        let held = math::lerp(0.25, 1.15, self.whim("tress hold", tress));
        let strength = 0.3 * short * clump * held;
        clump::draw_together(strand, strand_of(tress), strength, Exponent::Square);
        // Some strands lie loose between the locks and fill what would be gaps.
        let loose = self.draw(strand_idx, 6);
        let own = if loose < 0.2 {
            0.25
        } else {
            math::lerp(0.7, 1.1, loose)
        };
        let straight = curl.radius_m == 0.0;
        let tight = curl.lock_strength * math::lerp(0.45, 1.25, clump) * own;
        // Straight hair parts into wisps; curls hold whole locks together.
        let held = math::lerp(0.35, 1.1, self.whim("lock hold", lock));
        let (of_lock, of_wisp) = if straight {
            (0.5 * held, 1.0)
        } else {
            (1.0, 0.3)
        };
        let exponent = if straight {
            Exponent::Linear
        } else {
            Exponent::Root
        };
        let strength = short.max(0.35) * (tight * of_lock).min(0.9);
        clump::draw_together(strand, strand_of(lock), strength, exponent);
        let held = math::lerp(0.4, 1.3, self.whim("wisp hold", wisp));
        let strength = short * (tight * of_wisp * held).min(0.9);
        clump::draw_together(strand, strand_of(wisp), strength, Exponent::Linear);
    }

    /// Winds a strand around the course of its lock.
    fn curl(
        &self,
        strand_idx: usize,
        strand: &mut [Vec3],
        lock: u32,
        center: &[Vec3],
        start_m: f32,
    ) {
        let length_m = arc_length(strand);
        let step_m = length_m / (strand.len() - 1) as f32;
        if self.cut.curl.radius_m == 0.0 || length_m < 0.004 {
            return;
        }
        let curl = self.cut.curl.coarsened(4.5 * step_m);
        // Wide waves run through whole tresses; tight curls turn each for itself.
        let tress = self.locks.coarse[strand_idx];
        let alone = math::smoothstep(0.07, 0.03, curl.pitch_m);
        let phase = self.whim("tress phase", tress)
            + math::lerp(0.12, 1.0, alone) * self.whim("lock phase", lock);
        let own = (self.draw(strand_idx, 7) - 0.5) * math::lerp(0.1, 0.25, alone);
        let phase_rad = std::f32::consts::TAU * (phase + own);
        let mirrored = if alone < 0.5 {
            self.whim("tress turn", tress) < 0.5
        } else {
            self.whim("lock turn", lock) < 0.5
        };
        let size = math::lerp(0.65, 1.15, self.draw(strand_idx, 8));
        let frames = frames(center, self.roots[lock as usize].normal);
        for (i, point) in strand.iter_mut().enumerate() {
            let (side, up) = frames[i];
            let frame = if mirrored { (side, -up) } else { (side, up) };
            let s_m = step_m * i as f32 - start_m;
            if 0.0 < s_m {
                *point += curl.offset(s_m, phase_rad, size, frame);
            }
        }
    }

    /// Small irregular bends that grow toward the tip.
    fn frizz(&self, strand_idx: usize, strand: &mut [Vec3], flyaway: bool, start_m: f32) {
        let length_m = arc_length(strand);
        let step_m = length_m / (strand.len() - 1) as f32;
        // Most strands follow their lock; few break out far.
        let u = self.draw(strand_idx, 16);
        let stray = if flyaway {
            2.6
        } else {
            0.4 + 1.5 * u * u * u * u
        };
        let amount_m = (0.0004 + 0.0028 * self.params.frizz) * stray;
        let two_pi = std::f32::consts::TAU;
        let waves: [(Vec3, f32, f32); 2] = std::array::from_fn(|k| {
            let u = |n: u64| self.draw(strand_idx, 9 + 3 * k as u64 + n);
            let (sin, cos) = math::sin_cos(two_pi * u(0));
            let z = 2.0 * u(1) - 1.0;
            let flat = (1.0 - z * z).max(0.0).sqrt();
            // The second wave is the finer one, if the points can show it.
            let wave_m = (0.05 / (1.0 + 1.6 * k as f32)).max(3.5 * step_m);
            (
                Vec3::new(cos * flat, z, sin * flat),
                two_pi * u(2),
                two_pi / wave_m,
            )
        });
        let bound_m = 0.08 * length_m;
        for (i, point) in strand.iter_mut().enumerate().skip(1) {
            let s_m = step_m * i as f32;
            // Hair drawn to a tie lies smooth.
            let free = if s_m < start_m { 0.25 } else { 1.0 };
            let grown = math::smoothstep(0.0, 0.08, s_m) * free;
            for (direction, phase_rad, k) in waves {
                let size_m = (amount_m * grown).min(bound_m);
                *point +=
                    direction * (size_m * (math::sin(phase_rad + k * s_m) - math::sin(phase_rad)));
            }
        }
    }

    fn push_out(&self, field: &SkinField, strand: &mut [Vec3]) {
        for point in strand.iter_mut().skip(1) {
            *point = field.push_out(*point, 0.0006);
        }
    }

    fn strand_set(&self, groom: &GroomParams, points: &[Vec3], radius_m: f32) -> StrandSet {
        let n_points = self.n_points;
        let last = (n_points - 1) as f32;
        let second = groom.color.second.as_ref().map(|second| second.place);
        let mut set = StrandSet::default();
        for (strand_idx, strand) in points.chunks_exact(n_points).enumerate() {
            let own = math::lerp(0.8, 1.2, self.draw(strand_idx, 15)) * radius_m;
            let radii: Vec<f32> = (0..n_points)
                .map(|i| {
                    let t = i as f32 / last;
                    own * (1.0 - 0.7 * t * t * t)
                })
                .collect();
            let root_dm = self.roots[strand_idx].template_dm;
            let grey = self.seed.child("grey").stream_f32(strand_idx as u64);
            let first = u8::from(palette::is_grey(root_dm, groom.color.grey_fraction, grey));
            let joint = second.map_or(n_points, |place| {
                let streak = self.whim("streak", self.locks.middle[strand_idx]);
                let u = [self.draw(strand_idx, 17), streak];
                palette::second_color_from(place, root_dm, n_points, u)
            });
            // A strand of two colours is two strands end to end.
            if 0 < joint {
                let end = (joint + 1).min(n_points);
                set.push(&strand[..end], &radii[..end], first);
            }
            if joint + 1 < n_points {
                set.push(&strand[joint..], &radii[joint..], palette::SECOND);
            }
        }
        set
    }
}
