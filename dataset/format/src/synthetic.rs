//! Samples in closed form, for tests and benches of whatever reads datasets.
//!
//! A ball of radius 0.25 m hangs a metre and a half before a pinhole camera; everything about it
//! follows from the index, so a reader can check values without a stored answer.

use std::fs::{self, File};
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::errors::Result as ParquetResult;

use bottega_schemas::points::{FACE_NET, JOINTS, N_LANDMARKS, is_inside, project};
use bottega_schemas::sample::{age_bin, age_group, body_presentation, hair_texture};
use bottega_schemas::{DatasetPlan, OptionalPlanes, Plane, SampleMeta, shard_schema};

use crate::dataset::{DatasetWriter, Documents};
use crate::error::FormatError;
use crate::plane_values::PlaneValues;
use crate::sample::{Planes, Sample};
use crate::shard::{EncodedRow, ShardReader, writer_properties};

/// A plan for synthetic samples, with eight rows a shard.
pub fn plan(dataset: &str) -> DatasetPlan {
    DatasetPlan {
        dataset: dataset.into(),
        config_blake3: blake3::hash(dataset.as_bytes()).to_hex().to_string(),
        assets_blake3: blake3::hash(b"no assets").to_hex().to_string(),
        renderer_version: "synthetic-1".into(),
        schema_version: shard_schema::SCHEMA_VERSION.into(),
        license: "CC0-1.0".into(),
        split: "train".into(),
        shard_size: 8,
        planes: OptionalPlanes::default(),
        notes: [("hair_normals".to_owned(), "fiber".to_owned())].into(),
    }
}

/// Writes the samples `0..rows` of a dataset, or makes it longer; `edit` may change their labels.
///
/// # Errors
/// A folder that holds something else, no room, a label that breaks a rule.
pub fn write_dataset(
    root: &Path,
    plan: DatasetPlan,
    rows: u64,
    size: (usize, usize),
    edit: impl Fn(&mut SampleMeta),
) -> Result<(), FormatError> {
    let (dataset, planes) = (plan.dataset.clone(), plan.planes);
    let mut writer = DatasetWriter::open(root, plan, "seed = 0\n", false)?;
    for task in writer.missing(0..rows)? {
        for index in task.remaining().collect::<Vec<_>>() {
            let sample = edited_sample(&dataset, index, size, &edit)?;
            writer.keep(&EncodedRow::encode(&sample, planes)?)?;
        }
        writer.publish(&task)?;
    }
    let documents = Documents {
        card: "# Ball\n".into(),
        asset_licenses_json: "[]\n".into(),
    };
    writer.finish(&documents).map(|_| ())
}

/// Sample `index` of a dataset, with all optional planes.
pub fn sample(dataset: &str, index: u64, size: (usize, usize)) -> Sample {
    edited_sample(dataset, index, size, &|_| ()).expect("a ball breaks no rule")
}

fn edited_sample(
    dataset: &str,
    index: u64,
    (width, height): (usize, usize),
    edit: &impl Fn(&mut SampleMeta),
) -> Result<Sample, FormatError> {
    let (mut planes, mask) = ball(index, width, height);
    let parts = mask.iter().map(|&hit| u8::from(hit)).collect();
    planes
        .optional
        .insert(Plane::PartId, PlaneValues::Byte(parts));
    add_optional(&mut planes);
    let scene = format!(r#"{{"schema_version": 1, "note": "été", "index": {index}, "r": 0.25}}"#);
    let mut meta = meta(dataset, index, width, height);
    edit(&mut meta);
    Sample::new(meta, planes, &scene, Some(&mask))
}

/// Gives a sample joints, landmarks and a net over the face: points on the front of the ball, all
/// in sight but every seventh.
pub fn add_points(meta: &mut SampleMeta) {
    let list = |n: usize| {
        let (mut camera_m, mut px, mut visibility) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..n {
            let across = jump(i as u64 + 20_000) - 0.5;
            let up = jump(i as u64 + 30_000) - 0.5;
            let place = [0.3 * across, 0.05 + 0.3 * up, -1.3];
            let found = project(place, [meta.fx, meta.fy], [meta.cx, meta.cy]);
            let found = found.expect("it is before the camera");
            let size = [meta.width as f32, meta.height as f32];
            let seen = if i % 7 == 0 { 1 } else { 2 };
            camera_m.extend(place);
            px.extend(found);
            visibility.push(if is_inside(found, size) { seen } else { 0 });
        }
        (Some(camera_m), Some(px), Some(visibility))
    };
    let joints = list(JOINTS.len());
    let landmarks = list(N_LANDMARKS);
    let (net_m, _, net_visibility) = list(FACE_NET.len());
    (meta.joints_camera_m, meta.joints_px, meta.joints_visibility) = joints;
    (
        meta.landmarks_camera_m,
        meta.landmarks_px,
        meta.landmarks_visibility,
    ) = landmarks;
    (meta.face_net_camera_m, meta.face_net_visibility) = (net_m, net_visibility);
}

/// Writes a shard again as it was before some columns were added to the schema.
pub fn drop_columns(shard: &Path, names: &[&str]) -> Result<(), FormatError> {
    let reader = ShardReader::open(shard)?;
    let roots = reader.columns().iter().enumerate();
    let roots: Vec<usize> = roots
        .filter(|(_, name)| !names.contains(&name.as_str()))
        .map(|(root, _)| root)
        .collect();
    let tmp = crate::atomic::temporary(shard);
    let rewrite = || -> ParquetResult<()> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(shard)?)?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let batches = builder.with_projection(mask).build()?;
        let properties = reader.info().map(|info| writer_properties(&info));
        let schema = arrow::array::RecordBatchReader::schema(&batches);
        let mut writer = ArrowWriter::try_new(File::create(&tmp)?, schema, properties)?;
        for batch in batches {
            writer.write(&batch?)?;
        }
        writer.close().map(|_| ())
    };
    rewrite().map_err(|error| FormatError::malformed("shard", error.to_string()))?;
    fs::rename(&tmp, shard).map_err(|error| FormatError::io("publish", shard, error))
}

/// A number in `[0, 1)` that jumps about with `n`.
fn jump(n: u64) -> f32 {
    let mixed = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f32 / (1 << 24) as f32
}

fn ball(index: u64, width: usize, height: usize) -> (Planes, Vec<bool>) {
    let radius_m = 0.25;
    let center = [0.1 * (jump(index) - 0.5), 0.05, -1.5];
    let focal_px = height as f32;
    let n_pixels = width * height;
    let mut planes = Planes {
        width,
        height,
        rgb_linear: vec![[0.18, 0.2, 0.25]; n_pixels],
        rgb8: Vec::with_capacity(3 * n_pixels),
        alpha: vec![0.0; n_pixels],
        depth_m: vec![f32::INFINITY; n_pixels],
        normal: vec![[0.0; 3]; n_pixels],
        ..Planes::default()
    };
    let mut mask = vec![false; n_pixels];
    let mut range_m = vec![f32::INFINITY; n_pixels];
    for i in 0..n_pixels {
        let x = ((i % width) as f32 + 0.5 - 0.5 * width as f32) / focal_px;
        let y = (0.5 * height as f32 - (i / width) as f32 - 0.5) / focal_px;
        // Along (x, y, -1) the parameter of a point is its depth.
        let length2 = x * x + y * y + 1.0;
        let b = x * center[0] + y * center[1] - center[2];
        let c = center.iter().map(|v| v * v).sum::<f32>() - radius_m * radius_m;
        let discriminant = b * b - length2 * c;
        let mut shade = [60, 64, 72_u8];
        if discriminant > 0.0 {
            let depth_m = (b - discriminant.sqrt()) / length2;
            let point = [x * depth_m, y * depth_m, -depth_m];
            let normal: [f32; 3] = std::array::from_fn(|k| (point[k] - center[k]) / radius_m);
            mask[i] = true;
            // A soft rim: coverage falls where the surface turns away.
            planes.alpha[i] = (4.0 * normal[2]).clamp(0.002, 1.0);
            planes.depth_m[i] = depth_m;
            planes.normal[i] = normal;
            range_m[i] = depth_m * length2.sqrt();
            let light = 0.3 + 0.5 * normal[1].max(0.0) + 0.02 * jump(i as u64);
            planes.rgb_linear[i] = [light, 0.7 * light, 0.55 * light];
            shade = [220.0, 170.0, 140.0].map(|v: f32| (v * light.min(1.0)) as u8);
        }
        planes.rgb8.extend(shade);
    }
    let range = PlaneValues::Scalar(range_m);
    planes.optional.insert(Plane::Range, range);
    (planes, mask)
}

/// What the other optional planes hold for a ball of skin without hair before the bare sky.
fn add_optional(planes: &mut Planes) {
    let (width, height) = (planes.width, planes.height);
    let depth_m = planes.depth_m.clone();
    let scalar =
        |value: &dyn Fn(usize) -> f32| PlaneValues::Scalar((0..depth_m.len()).map(value).collect());
    let is_hit = |px: usize| depth_m[px].is_finite();
    let point = |px: usize| -> [f32; 3] {
        if !is_hit(px) {
            return [0.0; 3];
        }
        let x = ((px % width) as f32 + 0.5 - 0.5 * width as f32) / height as f32;
        let y = (0.5 * height as f32 - (px / width) as f32 - 0.5) / height as f32;
        // The camera is at the origin of the world; see `meta`.
        [x * depth_m[px], y * depth_m[px], -depth_m[px]]
    };
    let normal = PlaneValues::Vector(planes.normal.clone());
    let n_px = depth_m.len();
    let vector =
        |value: &dyn Fn(usize) -> [f32; 3]| PlaneValues::Vector((0..n_px).map(value).collect());
    let skin = |alpha: &f32| [*alpha, 0.0, 0.0, 0.0];
    let layers = PlaneValues::Layers(planes.alpha.iter().map(skin).collect());
    let bare = PlaneValues::Layers(vec![[0.0; 4]; n_px]);
    let share = |px: usize| px as f32 / n_px as f32;
    for (plane, values) in [
        (Plane::DepthMedian, PlaneValues::Scalar(depth_m.clone())),
        (Plane::NormalMean, normal.clone()),
        (Plane::NormalLength, scalar(&|px| f32::from(is_hit(px)))),
        (Plane::DepthMin, PlaneValues::Scalar(depth_m.clone())),
        (Plane::DepthMax, PlaneValues::Scalar(depth_m.clone())),
        (Plane::DepthDeviation, scalar(&|_| 0.0)),
        (Plane::HairMask, PlaneValues::Byte(vec![0; n_px])),
        (Plane::LayersVisible, layers.clone()),
        (Plane::LayersWhole, layers.clone()),
        (Plane::SkinLayersVisible, layers.clone()),
        (Plane::SkinLayersWhole, layers),
        (Plane::HairLayersVisible, bare.clone()),
        (Plane::HairLayersWhole, bare.clone()),
        (Plane::WornLayersVisible, bare.clone()),
        (Plane::WornLayersWhole, bare),
        (Plane::Glass, scalar(&|_| 0.0)),
        (Plane::GlassDepth, scalar(&|_| f32::INFINITY)),
        (Plane::GlassNormal, vector(&|_| [0.0; 3])),
        (Plane::NormalFiber, normal.clone()),
        (Plane::NormalProxy, normal.clone()),
        (Plane::NormalGeometric, normal),
        (
            Plane::Albedo,
            vector(&|px| [0.6, 0.45, 0.35].map(|v: f32| v * f32::from(is_hit(px)))),
        ),
        (Plane::Position, vector(&point)),
        (
            Plane::Uv,
            vector(&|px| [share(px), 1.0 - share(px), 1.0].map(|v| v * f32::from(is_hit(px)))),
        ),
        (Plane::InstanceId, scalar(&|px| f32::from(is_hit(px)))),
    ] {
        planes.optional.insert(plane, values);
    }
}

fn meta(dataset: &str, index: u64, width: usize, height: usize) -> SampleMeta {
    let age_years = 18.0 + 72.0 * jump(index + 1000);
    let body_sex_param = jump(index + 2000);
    let hair_type = ["1", "2B", "3A", "4C"][(index % 4) as usize];
    let choice = |words: &[&str], salt: u64| {
        Some(words[(jump(index + salt) * words.len() as f32) as usize].to_owned())
    };
    SampleMeta {
        sample_id: shard_schema::sample_id(dataset, index),
        index: index as i64,
        split: "train".into(),
        framing: Some(["face", "upper_body", "full_body"][(index % 3) as usize].into()),
        identity_id: Some(format!(
            "{:016x}",
            index.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        )),
        seed: Some((index as i64) * 7 + 1),
        width: width as i32,
        height: height as i32,
        fx: height as f64,
        fy: height as f64,
        cx: 0.5 * width as f64,
        cy: 0.5 * height as f64,
        world_from_camera: Some(std::array::from_fn(|i| if i % 5 == 0 { 1.0 } else { 0.0 })),
        camera_distance_m: Some(1.5),
        fov_y_deg: 53.130_1,
        skin_tone_mst: Some((index % 10) as i8 + 1),
        skin_ita_deg: Some(60.0 - 12.0 * (index % 10) as f32),
        age_years: Some(age_years),
        age_bin: Some(age_bin(age_years).into()),
        age_group: Some(age_group(age_years).into()),
        body_sex_param: Some(body_sex_param),
        body_presentation: Some(body_presentation(body_sex_param).into()),
        height_m: Some(1.5 + 0.4 * jump(index + 3000)),
        bmi: Some(18.0 + 17.0 * jump(index + 4000)),
        shape_params: Some(vec![0.5, jump(index)]),
        pose_params: Some(vec![]),
        hair_style: choice(&["buzz", "crop", "bob", "long"], 5000),
        hair_type: Some(hair_type.into()),
        hair_texture: Some(hair_texture(hair_type).into()),
        hair_length: choice(&["short", "medium", "long"], 6000),
        hair_color: choice(&["black", "dark_brown", "blond"], 7000),
        facial_hair: choice(&["none", "stubble"], 8000),
        head_covering: Some("none".into()),
        eyewear: Some("none".into()),
        face_covering: Some("none".into()),
        garments: Some(vec!["shirt".into(), "jeans".into(), "sneaker".into()]),
        lighting_id: choice(&["sunrise", "studio", "night"], 9000),
        lighting_kind: choice(&["outdoor", "studio", "low_light"], 9000),
        light_ev: Some(jump(index + 10_000) - 0.5),
        head_yaw_deg: Some(40.0 * jump(index + 11_000) - 20.0),
        head_pitch_deg: Some(0.0),
        head_roll_deg: Some(0.0),
        pose_id: choice(&["stand", "walk", "sit"], 12_000),
        background_id: choice(&["sunrise", "studio", "night"], 9000),
        renderer_version: Some("synthetic-1".into()),
        recipe_blake3: Some(blake3::hash(dataset.as_bytes()).to_hex().to_string()),
        spp: Some(1),
        denoised: Some(false),
        ..SampleMeta::default()
    }
}
