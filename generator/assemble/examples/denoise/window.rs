//! Windows of real samples, rendered once and kept.

use std::cell::OnceCell;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use bottega_assemble::cost::Clock;
use bottega_assemble::draw::draw_params;
use bottega_assemble::studio::settings;
use bottega_assemble::{Studio, lighting};
use bottega_render::accel::Accel;
use bottega_render::denoise::{FEATURES, Half, Noisy};
use bottega_render::label::{LabelPlanes, render_labels};
use bottega_render::render_noisy;
use bottega_render::scene::{Budget, RenderSettings, Scene, Shortcuts};
use bottega_schemas::framing::Framing;
use bottega_schemas::params::SceneParams;
use bottega_schemas::scene_spec::{Quality, SceneSpec};
use glam::{Vec2, Vec3};

/// Longest path of the converged pictures.
const CONVERGED_BOUNCES: u32 = 24;
/// Numbers of a pixel of one half.
const NUMBERS: usize = 3 + FEATURES;

/// Where windows come from.
pub(crate) struct Windows<'a> {
    pub(crate) studio: &'a Studio,
    pub(crate) spec: &'a SceneSpec,
    pub(crate) side: u32,
    pub(crate) keep: Option<PathBuf>,
}

/// A window of one sample.
pub(crate) struct Window<'a> {
    from: &'a Windows<'a>,
    index: u64,
    params: SceneParams,
    stage: OnceCell<Stage>,
}

/// A picture and what it cost.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) noisy: Noisy,
    /// Processor seconds.
    pub(crate) seconds: f64,
}

/// What is needed to render.
struct Stage {
    scene: Scene,
    accel: Accel,
    exposure: f32,
}

impl<'a> Windows<'a> {
    pub(crate) fn open(&'a self, index: u64) -> Result<Window<'a>> {
        let params = draw_params(self.spec, &self.studio.draw_context(), index)?;
        Ok(Window {
            from: self,
            index,
            params: self.studio.aim(&params)?,
            stage: OnceCell::new(),
        })
    }
}

impl Window<'_> {
    /// What the sample shows, in words.
    pub(crate) fn title(&self) -> String {
        let params = &self.params;
        format!(
            "{} hair={:?} tone={} top={:?}/{:?} light={}",
            params.framing.as_str(),
            params
                .groom
                .scalp
                .as_ref()
                .map(|_| params.groom.color.label),
            params.person.skin.tone_mst,
            params.garments.top.fabric.weave,
            params.garments.top.fabric.pattern,
            params.lighting.environment_id,
        )
    }

    /// Every path followed to its end, with noise of its own.
    pub(crate) fn converged(&self, spp: u32) -> Result<Kept> {
        self.render(&format!("converged-{spp}"), |settings| RenderSettings {
            spp,
            max_bounces: CONVERGED_BOUNCES,
            shortcuts: Shortcuts::default(),
            seed: !settings.seed,
            ..settings
        })
    }

    /// As the standard preset renders it, with so many paths.
    pub(crate) fn noisy(&self, spp: u32) -> Result<Kept> {
        self.render(&format!("noisy-{spp}"), |settings| RenderSettings {
            spp,
            budget: Budget::Even,
            ..settings
        })
    }

    pub(crate) fn labels(&self) -> Result<LabelPlanes> {
        let stage = self.stage()?;
        Ok(render_labels(&stage.scene, &stage.accel, 64))
    }

    fn render(
        &self,
        name: &str,
        change: impl Fn(RenderSettings) -> RenderSettings,
    ) -> Result<Kept> {
        let path = (self.from.keep.as_ref())
            .map(|keep| keep.join(format!("{:03}-{}-{name}.f32", self.index, self.from.side)));
        if let Some(kept) = path.as_ref().and_then(|path| std::fs::read(path).ok()) {
            return self.read(&kept).context("a kept picture of another size");
        }
        let preset = self.from.spec.preset(Some(Quality::Standard));
        let stage = self.stage()?;
        let settings = change(settings(&self.params, preset, stage.exposure));
        let clock = Clock::now();
        let (noisy, _) = render_noisy(&stage.scene, &stage.accel, &settings);
        let kept = Kept {
            noisy,
            seconds: clock.elapsed().seconds(),
        };
        if let Some(path) = path {
            std::fs::write(&path, self.bytes(&kept))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(kept)
    }

    /// The scene with the camera narrowed to the window.
    fn stage(&self) -> Result<&Stage> {
        if let Some(stage) = self.stage.get() {
            return Ok(stage);
        }
        let studio = self.from.studio;
        let person = studio.person(&self.params)?;
        let anatomy = person.anatomy.clone();
        let (built, metered) = studio.scene(person, &self.params)?;
        let mut scene = built.scene;
        // Faces are seen by the head, the others with as much of the clothes as there is room for.
        let drop_m = match self.params.framing {
            Framing::Face => 0.0,
            Framing::UpperBody => 0.12,
            Framing::FullBody => 0.35,
        };
        let camera = &mut scene.camera;
        let target = anatomy.head_center - drop_m * Vec3::Y;
        let seen = camera.world_from_camera.inverse().transform_point3(target);
        let at = camera.center_px + camera.focal_px * Vec2::new(seen.x, -seen.y) / -seen.z;
        let half = 0.5 * self.from.side as f32;
        let most = Vec2::new(
            camera.resolution_px[0] as f32,
            camera.resolution_px[1] as f32,
        ) - 2.0 * Vec2::splat(half);
        let corner = (at - Vec2::splat(half))
            .round()
            .clamp(Vec2::ZERO, most.max(Vec2::ZERO));
        camera.center_px -= corner;
        camera.resolution_px = [self.from.side; 2];
        let stage = Stage {
            accel: Accel::build(&scene, Accel::chord_tolerance_m(&scene))?,
            exposure: lighting::exposure(metered, &self.params.lighting),
            scene,
        };
        Ok(self.stage.get_or_init(|| stage))
    }

    fn bytes(&self, kept: &Kept) -> Vec<u8> {
        let halves = kept.noisy.halves.iter().flat_map(|half| {
            (half.color.iter().zip(&half.features))
                .flat_map(|(color, features)| color.to_array().into_iter().chain(*features))
        });
        std::iter::once(kept.seconds as f32)
            .chain(halves)
            .flat_map(f32::to_le_bytes)
            .collect()
    }

    fn read(&self, bytes: &[u8]) -> Option<Kept> {
        let numbers: Vec<f32> = (bytes.chunks_exact(4))
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        let side = self.from.side as usize;
        let per_half = NUMBERS * side * side;
        (numbers.len() == 1 + 2 * per_half).then(|| {
            let half = |start: usize| {
                let pixels = numbers[start..start + per_half].chunks_exact(NUMBERS);
                Half {
                    color: pixels.clone().map(Vec3::from_slice).collect(),
                    features: pixels.map(|p| std::array::from_fn(|f| p[3 + f])).collect(),
                }
            };
            Kept {
                noisy: Noisy {
                    width: side,
                    height: side,
                    halves: [half(1), half(1 + per_half)],
                },
                seconds: f64::from(numbers[0]),
            }
        })
    }
}
