//! Grows many heads: how long each stage takes, and whether every style grows on all of them.
//!
//! ```sh
//! cargo run --release -p bottega_assemble --example heads -- --count 20
//! cargo run --release -p bottega_assemble --example heads -- --count 200 --styles
//! ```

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Result, ensure};
use bottega_assemble::Studio;
use bottega_assemble::assets::AssetStore;
use bottega_assemble::draw::{BodySolver, DrawContext, SolvedBody, draw_params};
use bottega_people::body::EyeLook;
use bottega_people::groom::{self, GroomKit, StrandBudget};
use bottega_people::{BodyModel, BuildStage, PeopleError, Workshop};
use bottega_schemas::framing::Framing;
use bottega_schemas::params::{HairStyle, HairType, ScalpHairParams, SceneParams, ShapeParams};
use bottega_schemas::scene_spec::SceneSpec;
use bottega_schemas::{Part, Seed};
use clap::Parser;
use rayon::prelude::*;

/// Hair types that styles are grown on, from the straightest.
const TYPES: [HairType; 5] = [
    HairType::T1,
    HairType::T2B,
    HairType::T3B,
    HairType::T4A,
    HairType::T4C,
];
/// Strands of a style that is only tried.
const TRIED_STRANDS: usize = 1_500;

/// Prints a line of the answer.
fn say(line: &str) {
    #[allow(clippy::print_stdout)]
    {
        println!("{line}");
    }
}

/// Grows the heads of a recipe
#[derive(Debug, Parser)]
struct Args {
    /// Recipe: a file, or the name of a shipped one
    #[arg(long, default_value = "face")]
    recipe: String,
    /// How many heads, from sample 0 on
    #[arg(long, default_value_t = 20)]
    count: u64,
    /// Strands on a full scalp
    #[arg(long, default_value_t = 60_000)]
    strands: usize,
    /// Only draw the heads, and tell how many faces were drawn again and why
    #[arg(long)]
    faces: bool,
    /// Grow every style on every head instead, with few strands
    #[arg(long)]
    styles: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let studio = Studio::open(AssetStore::embedded()?)?;
    let spec = SceneSpec::load(&args.recipe)?;
    if args.faces {
        return count_oddities(&studio, &spec, args.count);
    }
    let heads: Vec<SceneParams> = (0..args.count)
        .map(|index| draw_params(&spec, &studio.draw_context(), index))
        .collect::<Result<_, _>>()?;
    if args.styles {
        return try_styles(studio.model(), &heads);
    }
    measure(studio.model(), &heads, args.strands)
}

/// Passes on and counts what is odd.
struct Counting<'a> {
    studio: &'a Studio,
    odd: Mutex<BTreeMap<&'static str, usize>>,
}

impl BodySolver for Counting<'_> {
    fn solve(
        &self,
        start: &ShapeParams,
        stature_m: f32,
        bmi: f32,
    ) -> Result<Option<SolvedBody>, PeopleError> {
        (self.studio.draw_context().bodies).solve(start, stature_m, bmi)
    }

    fn is_plausible(&self, shape: &ShapeParams) -> Result<bool, PeopleError> {
        let oddity = self.studio.model().oddity(shape)?;
        if let (Some(oddity), Ok(mut odd)) = (oddity, self.odd.lock()) {
            *odd.entry(oddity).or_default() += 1;
        }
        Ok(oddity.is_none())
    }
}

/// Draws heads and prints how often a face was refused.
fn count_oddities(studio: &Studio, spec: &SceneSpec, count: u64) -> Result<()> {
    let bodies = Counting {
        studio,
        odd: Mutex::default(),
    };
    let odd: Vec<bool> = (0..count)
        .into_par_iter()
        .map(|index| {
            let context = DrawContext {
                bodies: &bodies,
                ..studio.draw_context()
            };
            let head = draw_params(spec, &context, index)?;
            Ok(studio.model().oddity(&head.person.shape)?.is_some())
        })
        .collect::<Result<_>>()?;
    let left = odd.iter().filter(|odd| **odd).count();
    say(&format!(
        "{count} faces, {left} of them odd in the end; drawn again for"
    ));
    for (oddity, n) in bodies.odd.into_inner()? {
        say(&format!("{n:5} {oddity}"));
    }
    Ok(())
}

/// Prints the median of the seconds of each stage, and what nine of ten stay below.
fn measure(model: &BodyModel, heads: &[SceneParams], strands: usize) -> Result<()> {
    let workshop = Workshop::new(model)?;
    let budget = StrandBudget {
        scalp_strands: strands,
        ..StrandBudget::of(Framing::Face)
    };
    let mut seconds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut counts = Vec::new();
    for head in heads {
        let start = Instant::now();
        let mut last = start;
        let person = workshop.build_watched(model, head, &budget, |stage: BuildStage| {
            let now = Instant::now();
            let passed = (now - last).as_secs_f64();
            seconds
                .entry(format!("{stage:?}"))
                .or_default()
                .push(passed);
            last = now;
        })?;
        let whole = start.elapsed().as_secs_f64();
        seconds.entry("whole".to_owned()).or_default().push(whole);
        counts.push(
            person
                .strands
                .iter()
                .map(|s| s.strands.len())
                .sum::<usize>(),
        );
    }
    counts.sort_unstable();
    say(&format!(
        "strands: {} in the middle",
        counts[counts.len() / 2]
    ));
    say("| stage | median s | 90 % below s |\n| --- | --- | --- |");
    for (stage, seconds) in &mut seconds {
        seconds.sort_by(f64::total_cmp);
        let at = |share: f64| seconds[((seconds.len() - 1) as f64 * share) as usize];
        say(&format!(
            "| {} | {:.2} | {:.2} |",
            stage.to_lowercase(),
            at(0.5),
            at(0.9)
        ));
    }
    Ok(())
}

/// Grows every style on every head, on a type of hair that takes it.
fn try_styles(model: &BodyModel, heads: &[SceneParams]) -> Result<()> {
    let kit = GroomKit::new(model)?;
    let budget = StrandBudget {
        scalp_strands: TRIED_STRANDS,
        brow_strands: 60,
        beard_strands: 300,
        ..StrandBudget::of(Framing::UpperBody)
    };
    let n_grooms: usize = heads
        .par_iter()
        .enumerate()
        .map(|(k, head)| {
            let Some(scalp) = &head.groom.scalp else {
                return Ok(0);
            };
            let body = model.build(&head.person.shape, &head.pose, &head.face, EyeLook::Rigid)?;
            let surface = kit.surface(&body);
            for (n, &style) in HairStyle::ALL.iter().enumerate() {
                let types = TYPES.iter().filter(|&&hair_type| style.suits(hair_type));
                let types: Vec<HairType> = types.copied().collect();
                ensure!(!types.is_empty(), "no hair takes {style:?}");
                let [least_m, most_m] = style.length_range_m();
                let mut groom = head.groom.clone();
                groom.scalp = Some(ScalpHairParams {
                    style: Some(style),
                    cut: style.cut(),
                    hair_type: types[(k + n) % types.len()],
                    length_m: scalp.length_m.clamp(least_m, most_m),
                    ..scalp.clone()
                });
                let grown = groom::grow(&groom, &surface, Seed(head.detail_seed), &budget);
                let hair = grown.strands.iter().find(|set| set.part == Part::Hair);
                let is_whole = hair.is_some_and(|hair| {
                    let points = &hair.strands.points;
                    TRIED_STRANDS / 8 < hair.strands.len() && points.iter().all(|p| p.is_finite())
                });
                ensure!(is_whole, "{style:?} does not grow on head {k}");
            }
            Ok(HairStyle::ALL.len())
        })
        .collect::<Result<Vec<usize>>>()?
        .into_iter()
        .sum();
    say(&format!(
        "{} styles on {} heads, {n_grooms} grooms: all grew",
        HairStyle::ALL.len(),
        n_grooms / HairStyle::ALL.len()
    ));
    Ok(())
}
