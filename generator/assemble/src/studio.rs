//! The studio: everything that is loaded once, and the way from numbers to a sample.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bottega_format::Sample;
use bottega_people::{BodyModel, Person, Workshop};
use bottega_render::accel::Accel;
use bottega_render::scene::{Budget, PixelFilter, PixelOrder, RenderSettings, Shortcuts};
use bottega_schemas::SampleMeta;
use bottega_schemas::params::SceneParams;
use bottega_schemas::scene_spec::{Denoiser, QualityPreset};
use bottega_schemas::seed::Seed;
use glam::Vec3;

use crate::assets::{AssetStore, EnvironmentMap};
use crate::build_scene::{BuiltScene, build_scene};
use crate::denoise;
use crate::develop::{develop, pixel_filter};
use crate::draw::{DrawContext, DrawSources, aim_gaze};
use crate::error::AssembleError;
use crate::label_planes::LabelOrder;
use crate::lighting::{self, MeterPoint};
use crate::motion;
use crate::place_camera::place_camera;
use crate::point_labels::PointLabels;
use crate::to_sample::{SceneFacts, to_sample};

/// Presets of at least so many bounces follow all paths to their end.
const FULL_PATHS: u32 = 24;

/// How long each stage of one sample took on the wall.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StageTimes {
    /// Body, clothes and hair.
    pub people: Duration,
    /// Acceleration structure.
    pub accel: Duration,
    /// Light and labels.
    pub trace: Duration,
    /// Encoding and writing.
    pub write: Duration,
}

/// One rendered sample and what it cost.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The sample.
    pub sample: Sample,
    /// What it cost.
    pub times: StageTimes,
}

/// What the tracer is told for the picture of these numbers at a preset, exposed by a factor.
pub fn settings(params: &SceneParams, preset: &QualityPreset, exposure: f32) -> RenderSettings {
    RenderSettings {
        filter: pixel_filter(params.film.pixel_filter),
        shortcuts: if preset.max_bounces < FULL_PATHS {
            Shortcuts::TRAINING
        } else {
            Shortcuts::default()
        },
        ..settings_of(preset, exposure, params.noise_seed)
    }
}

/// What the tracer is told at a preset for any scene: the plain filter, and no shortcuts.
pub fn settings_of(preset: &QualityPreset, exposure: f32, seed: u64) -> RenderSettings {
    RenderSettings {
        spp: preset.spp,
        budget: preset.error.map_or(Budget::Even, Budget::Error),
        label_rays: preset.label_rays,
        max_bounces: preset.max_bounces,
        clamp_indirect: preset.clamp_indirect,
        exposure,
        filter: PixelFilter::default(),
        shortcuts: Shortcuts::default(),
        pixel_order: if preset.blue_noise {
            PixelOrder::BlueNoise
        } else {
            PixelOrder::Independent
        },
        seed,
    }
}

/// Assets, prior and tables shared by all samples.
#[derive(Debug)]
pub struct Studio {
    assets: AssetStore,
    model: Arc<BodyModel>,
    workshop: Workshop,
    sources: DrawSources,
    environments: Mutex<BTreeMap<String, Arc<EnvironmentMap>>>,
}

impl Studio {
    /// Opens the studio on a store of assets.
    ///
    /// # Errors
    /// When the store lacks the body model or it is not whole.
    pub fn open(assets: AssetStore) -> Result<Self, AssembleError> {
        let model = assets.body_model()?;
        Ok(Self {
            workshop: Workshop::new(&model)?,
            sources: DrawSources::new(Arc::clone(&model), assets.environments())?,
            environments: Mutex::default(),
            model,
            assets,
        })
    }

    /// The body model.
    pub fn model(&self) -> &BodyModel {
        &self.model
    }

    /// What drawing rests on: real bodies, real poses, the environments at hand.
    pub fn draw_context(&self) -> DrawContext<'_> {
        self.sources.context()
    }

    /// The assets.
    pub fn assets(&self) -> &AssetStore {
        &self.assets
    }

    /// The numbers with the eyes on the camera, where they are meant to be; the landmarks of the
    /// bare body stand in for the dressed one, which moves the camera by a few centimetres.
    pub fn aim(&self, params: &SceneParams) -> Result<SceneParams, AssembleError> {
        let mut aimed = params.clone();
        if params.face.gaze_at_camera {
            let (anatomy, skin) = Workshop::sketch(&self.model, params)?;
            let placed = place_camera(&params.camera, params.framing, &anatomy, &skin);
            aimed.face = aim_gaze(&params.face, &anatomy, placed.camera.position());
        }
        Ok(aimed)
    }

    /// The person of these numbers.
    pub fn person(&self, params: &SceneParams) -> Result<Person, AssembleError> {
        Ok(self.workshop.build(&self.model, params)?)
    }

    /// The scene of these numbers around a person, and the light on a card at its head.
    pub fn scene(
        &self,
        person: Person,
        params: &SceneParams,
    ) -> Result<(BuiltScene, Vec3), AssembleError> {
        if params.film.camera_motion.is_some() && params.film.shutter_s.is_none() {
            return Err(AssembleError::NoShutterTime);
        }
        let (environment, mut lights) = match &params.lighting.sky {
            Some(sky) => {
                let (environment, sun) = lighting::computed_sky(sky);
                (environment, vec![sun])
            }
            None => {
                let map = self.environment(&params.lighting.environment_id)?;
                let map = EnvironmentMap::clone(&map);
                (lighting::environment(map, &params.lighting), Vec::new())
            }
        };
        let head = person.anatomy.head_center;
        let mut built = build_scene(person, params, environment);
        let at = MeterPoint {
            head,
            toward_camera: built.placed.camera.position() - head,
        };
        let environment = &built.scene.environment;
        let ambient = lighting::metered(environment, &lights, at);
        lights.extend(lighting::lamps(&params.lighting.lamps, ambient, at));
        let metered = lighting::metered(environment, &lights, at);
        built.scene.lights = lights;
        Ok((built, metered))
    }

    /// Renders one sample from its numbers alone.
    ///
    /// `meta` comes with name, index, seed and provenance; labels and measurements are filled in.
    pub fn render(
        &self,
        params: &SceneParams,
        preset: &QualityPreset,
        meta: SampleMeta,
    ) -> Result<Rendered, AssembleError> {
        self.render_with(params, preset, LabelOrder::default(), meta)
    }

    /// The same with the labels of an order.
    pub fn render_with(
        &self,
        params: &SceneParams,
        preset: &QualityPreset,
        labels: LabelOrder,
        meta: SampleMeta,
    ) -> Result<Rendered, AssembleError> {
        self.render_until(params, None, preset, labels, meta)
    }

    /// The same with the plane of motion until the scene of the numbers `next`.
    ///
    /// # Errors
    /// When both numbers do not make the same triangles and strands, besides what [`Self::render`]
    /// tells.
    pub fn render_until(
        &self,
        params: &SceneParams,
        next: Option<&SceneParams>,
        preset: &QualityPreset,
        labels: LabelOrder,
        mut meta: SampleMeta,
    ) -> Result<Rendered, AssembleError> {
        let start = Instant::now();
        let params = &self.aim(params)?;
        let person = self.person(params)?;
        let anatomy = person.anatomy.clone();
        let measured = person.measured;
        let marks = person.marks.clone();
        let (built, metered) = self.scene(person, params)?;
        let exposure = lighting::exposure(metered, &params.lighting);
        let people = start.elapsed();

        let start = Instant::now();
        let tolerance_m = Accel::chord_tolerance_m(&built.scene);
        let accel = Accel::build(&built.scene, tolerance_m)?;
        let accel_time = start.elapsed();

        let start = Instant::now();
        let motion = match next {
            None => BTreeMap::new(),
            Some(next) => {
                let next = self.aim(next)?;
                let (next, _) = self.scene(self.person(&next)?, &next)?;
                let request = labels.request(preset.label_rays);
                motion::trace(&built.scene, &accel, &next.scene, &request)?
            }
        };
        let settings = settings(params, preset, exposure);
        let mut film = denoise::render(&built.scene, &accel, &settings, preset.denoiser)?;
        let mut optional = labels.trace(&built.scene, &accel, preset.label_rays, &mut film);
        optional.extend(motion);
        let points = PointLabels::of(&built.scene, &accel, &marks);
        drop(accel);
        let noise = Seed(params.noise_seed).child("sensor").0;
        let rgb8 = develop(&film, &params.film, metered, noise);
        let trace = start.elapsed();

        bottega_schemas::labels::describe(params, &mut meta);
        points.store_in(&mut meta);
        meta.spp = Some(preset.spp as i32);
        meta.denoised = Some(preset.denoiser != Denoiser::None);
        meta.denoiser = Some(preset.denoiser.name().into());
        meta.spp_mean = Some(film.effort.spp_mean);
        meta.noise_error = film.effort.error;
        meta.clamp_indirect = Some(preset.clamp_indirect);
        let facts = SceneFacts {
            params,
            anatomy: &anatomy,
            measured: &measured,
            placed: &built.placed,
        };
        let sample = to_sample(film, rgb8, optional, meta, facts)?;
        let times = StageTimes {
            people,
            accel: accel_time,
            trace,
            write: Duration::ZERO,
        };
        Ok(Rendered { sample, times })
    }

    /// The environment called `name`, decoded once.
    fn environment(&self, name: &str) -> Result<Arc<EnvironmentMap>, AssembleError> {
        let mut cache = self
            .environments
            .lock()
            .unwrap_or_else(|broken| broken.into_inner());
        if let Some(map) = cache.get(name) {
            return Ok(Arc::clone(map));
        }
        let map = Arc::new(self.assets.environment(name)?);
        cache.insert(name.to_owned(), Arc::clone(&map));
        Ok(map)
    }
}
