//! Renders one person of a recipe from near by, with some numbers changed: to judge looks.
//!
//! `close_up OUT.png [NAME=VALUE ...]`, where a name is one of `recipe index env yaw ev spp bounces
//! width height span target lab redness age rough hair cut style type length grey dye eye crease
//! smile open units bald seed side denoise fibers sss tone worn makeup`. `span` is the height of
//! the picture at the subject, in metres; `target` is `head`, `eye`, `mouth`, `chest` or `crown`;
//! `hair` is eumelanin and pheomelanin, `lab` the colour of the skin; `worn` names what is worn on
//! the head, joined by `+`: words of the labels, and `sun` or `rx` for the lenses, `metal` or
//! `tortoise` for the frame, `none` for nothing; `units` are face units as
//! `jawOpen:0.5,mouthPucker:1`; `makeup=none` takes it off; `sss=diffusion` and `fibers=N` take
//! shortcuts.
//! Balls of every material are what the example `swatches` of `bottega_render` shows.

use std::collections::BTreeMap;

use bottega_assemble::assets::AssetStore;
use bottega_assemble::draw::draw_params;
use bottega_assemble::{AssembleError, Studio, lighting};
use bottega_render::accel::Accel;
use bottega_render::scene::{
    Budget, Camera, CameraMotion, PixelFilter, PixelOrder, RenderSettings, Shortcuts,
    SubsurfaceMethod,
};
use bottega_render::tone::{ToneCurve, quantize};
use bottega_schemas::params::{
    EarringKind, EarringParams, EyeColor, FabricParams, FrameKind, FrameMaterial, GlassesParams,
    HairStyle, HeadwearKind, HeadwearParams, LensKind, MaskKind, MaskParams, Pattern, SceneParams,
    Weave, WornParams,
};
use bottega_schemas::scene_spec::SceneSpec;
use glam::{Affine3A, Vec2, Vec3};

/// How far the camera is from the subject, in metres.
const DISTANCE_M: f32 = 1.1;

/// What was asked for on the command line.
struct Asked(BTreeMap<String, String>);

impl Asked {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn number(&self, name: &str, default: f32) -> f32 {
        let value = self.text(name).and_then(|text| text.parse().ok());
        value.unwrap_or(default)
    }

    fn numbers(&self, name: &str) -> Option<Vec<f32>> {
        let text = self.text(name)?;
        text.split(',').map(|part| part.parse().ok()).collect()
    }
}

/// The value that a word of the parameters names.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_value(serde_json::Value::from(text))
}

fn change(params: &mut SceneParams, asked: &Asked) {
    params.pose.root_rotation = [0.0, 0.0, 0.0, 1.0];
    params.pose.bones.clear();
    params.pose.seated = false;
    params.face.units.clear();
    if let Some(weight) = asked.text("smile").and_then(|text| text.parse().ok()) {
        for unit in [
            "mouthSmileLeft",
            "mouthSmileRight",
            "mouthUpperUpLeft",
            "mouthUpperUpRight",
        ] {
            params.face.units.insert(unit.to_owned(), weight);
        }
    }
    if let Some(weight) = asked.text("open").and_then(|text| text.parse().ok()) {
        params.face.units.insert("jawOpen".to_owned(), weight);
    }
    for unit in asked
        .text("units")
        .into_iter()
        .flat_map(|all| all.split(','))
    {
        if let Some((name, Ok(weight))) = unit.split_once(':').map(|(n, w)| (n, w.parse())) {
            params.face.units.insert(name.to_owned(), weight);
        }
    }
    params.face.gaze_at_camera = true;
    if let Some(lab) = asked.numbers("lab") {
        params.person.skin.albedo_lab = [lab[0], lab[1], lab[2]];
    }
    let skin = &mut params.person.skin;
    skin.redness = asked.number("redness", skin.redness);
    skin.roughness = asked.number("rough", skin.roughness);
    params.person.age_years = asked.number("age", params.person.age_years);
    if asked.text("makeup") == Some("none") {
        skin.makeup = None;
    }
    if let Some(pigments) = asked.numbers("hair") {
        params.groom.color.eumelanin = pigments[0];
        params.groom.color.pheomelanin = pigments[1];
        params.groom.color.dye = None;
        params.groom.color.grey_fraction = asked.number("grey", 0.0);
    }
    if let Some(dye) = asked.numbers("dye") {
        params.groom.color.dye = Some([dye[0], dye[1], dye[2]]);
    }
    if asked.text("bald").is_some() {
        params.groom.scalp = None;
        params.groom.beard = None;
    }
    if let Some(scalp) = &mut params.groom.scalp {
        if let Some(Ok(cut)) = asked.text("cut").map(word) {
            scalp.cut = cut;
        }
        if let Some(Ok(hair_type)) = asked.text("type").map(word) {
            scalp.hair_type = hair_type;
        }
        if let Some(Ok(style)) = asked.text("style").map(word) {
            let style: HairStyle = style;
            let [least_m, most_m] = style.length_range_m();
            scalp.cut = style.cut();
            scalp.style = Some(style);
            scalp.length_m = scalp.length_m.clamp(least_m, most_m);
        }
        scalp.length_m = asked.number("length", scalp.length_m);
    }
    if let Some(Ok(color)) = asked.text("eye").map(word) {
        let color: EyeColor = color;
        params.person.eyes.color = color;
    }
    let eyes = &mut params.person.eyes;
    eyes.lid_crease = asked.number("crease", eyes.lid_crease);
    if let Some(environment) = asked.text("env") {
        params.lighting.environment_id = environment.to_owned();
    }
    params.lighting.yaw_rad = asked.number("yaw", 0.0).to_radians();
    params.lighting.exposure_ev = asked.number("ev", 0.0);
}

/// Puts on what was named.
fn wear(worn: &mut WornParams, fabric: &FabricParams, asked: &Asked) {
    let Some(names) = asked.text("worn") else {
        return;
    };
    *worn = WornParams::default();
    let amount = |name: &str| asked.number(name, 0.5);
    let (mut lens, mut material) = (LensKind::Plano, FrameMaterial::Acetate);
    for name in names.split('+') {
        match name {
            "sun" => lens = LensKind::Sun,
            "rx" => lens = LensKind::Prescription,
            "metal" => material = FrameMaterial::Metal,
            "tortoise" => material = FrameMaterial::Tortoise,
            _ => {}
        }
    }
    let paint = |otherwise: [f32; 3]| match asked.numbers("paint").as_deref() {
        Some([r, g, b]) => [*r, *g, *b],
        _ => otherwise,
    };
    for name in names.split('+') {
        let word = serde_json::Value::from(name);
        if let Ok(frame) = serde_json::from_value::<FrameKind>(word.clone()) {
            worn.glasses = Some(GlassesParams {
                frame,
                material,
                color: paint(match material {
                    FrameMaterial::Acetate => [0.03, 0.03, 0.035],
                    FrameMaterial::Tortoise => [0.03, 0.012, 0.006],
                    FrameMaterial::Metal => [0.8, 0.62, 0.36],
                }),
                second_color: [0.32, 0.13, 0.03],
                size: 1.0,
                rim: 1.0,
                lens,
                power_dpt: asked.number("power", -4.0),
                transmittance: if lens == LensKind::Sun {
                    [0.12, 0.1, 0.08]
                } else {
                    [0.99; 3]
                },
            });
        } else if let Ok(kind) = serde_json::from_value::<HeadwearKind>(word.clone()) {
            let weave = if kind == HeadwearKind::Beanie {
                Weave::Knit
            } else {
                Weave::Plain
            };
            worn.headwear = Some(HeadwearParams {
                kind,
                fabric: FabricParams {
                    color: paint([0.30, 0.10, 0.08]),
                    pattern: Pattern::Solid,
                    weave,
                    ..fabric.clone()
                },
                depth: amount("depth"),
                fullness: amount("fullness"),
                backward: asked.text("backward").is_some(),
            });
        } else if let Ok(kind) = serde_json::from_value::<MaskKind>(word.clone()) {
            worn.mask = Some(MaskParams {
                kind,
                color: paint([0.33, 0.56, 0.68]),
            });
        } else if let Ok(kind) = serde_json::from_value::<EarringKind>(word) {
            worn.earrings = Some(EarringParams {
                kind,
                size_m: asked.number("ring", 0.03),
                color: [0.83, 0.62, 0.28],
            });
        }
    }
}

fn main() -> Result<(), AssembleError> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments
        .next()
        .unwrap_or_else(|| "close_up.png".to_owned());
    let asked = Asked(
        arguments
            .filter_map(|text| {
                let (name, value) = text.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            })
            .collect(),
    );
    let studio = Studio::open(AssetStore::embedded()?)?;
    let spec =
        SceneSpec::load(asked.text("recipe").unwrap_or("face")).expect("the recipe is sound");
    let index = asked.number("index", 0.0) as u64;
    let mut params = draw_params(&spec, &studio.draw_context(), index)?;
    change(&mut params, &asked);
    let fabric = params.garments.top.fabric.clone();
    wear(&mut params.worn, &fabric, &asked);
    let params = studio.aim(&params)?;
    let person = studio.person(&params)?;
    let anatomy = person.anatomy.clone();
    let (built, metered) = studio.scene(person, &params)?;
    let mut scene = built.scene;

    let eyes = 0.5 * (anatomy.eye_centers[0] + anatomy.eye_centers[1]);
    let forward = anatomy.face_forward;
    let target = match asked.text("target").unwrap_or("head") {
        "eye" => anatomy.eye_centers[0] + 0.012 * forward,
        "mouth" => eyes.lerp(anatomy.chin, 0.62) + 0.02 * forward,
        "chest" => anatomy.chin - 0.25 * Vec3::Y,
        "crown" => anatomy.vertex,
        _ => anatomy.head_center.lerp(eyes, 0.5),
    };
    let side = asked.number("side", 20.0).to_radians();
    let toward = Vec3::new(forward.x, 0.0, forward.z).normalize_or(Vec3::Z);
    let toward = bottega_geometry::rotation::about_axis(Vec3::Y, side) * toward;
    let position = target + toward * DISTANCE_M;
    let size = [asked.number("width", 360.0), asked.number("height", 480.0)];
    let span_m = asked.number("span", 0.32);
    scene.camera = Camera {
        world_from_camera: Affine3A::from_cols(
            Vec3::Y.cross(toward).into(),
            Vec3::Y.into(),
            toward.into(),
            position.into(),
        ),
        resolution_px: size.map(|s| s as u32),
        focal_px: Vec2::splat(size[1] * DISTANCE_M / span_m),
        center_px: Vec2::from(size) * 0.5,
        lens_radius_m: 0.0,
        focus_distance_m: DISTANCE_M,
        motion: CameraMotion::NONE,
    };
    let accel = Accel::build(&scene, Accel::chord_tolerance_m(&scene))?;
    let settings = RenderSettings {
        spp: asked.number("spp", 64.0) as u32,
        label_rays: 64,
        max_bounces: asked.number("bounces", 12.0) as u32,
        clamp_indirect: 10.0,
        exposure: lighting::exposure(metered, &params.lighting),
        filter: PixelFilter::default(),
        seed: asked.number("seed", 1.0) as u64,
        budget: Budget::Even,
        pixel_order: PixelOrder::default(),
        shortcuts: Shortcuts {
            hair_bounces: asked.text("fibers").and_then(|text| text.parse().ok()),
            subsurface: match asked.text("sss") {
                Some("diffusion") => SubsurfaceMethod::Diffusion,
                _ => SubsurfaceMethod::Walk,
            },
            soft_caustics: true,
        },
    };
    let film = if asked.text("denoise").is_some() {
        bottega_render::render_denoised(&scene, &accel, &settings).rgb
    } else {
        bottega_render::render_rgb(&scene, &accel, &settings)
    };
    let tone = match asked.text("tone") {
        Some("filmic") => ToneCurve::Filmic,
        Some("srgb") => ToneCurve::Srgb,
        _ => ToneCurve::AgX,
    };
    let bytes: Vec<u8> = film
        .iter()
        .flat_map(|&linear| quantize(tone.apply(linear)))
        .collect();
    image::save_buffer(
        &out,
        &bytes,
        size[0] as u32,
        size[1] as u32,
        image::ColorType::Rgb8,
    )
    .expect("the picture can be written");
    Ok(())
}
