//! `bottega render SCENE.json`: what changes with its options, and what it refuses.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bottega_format::{Sample, read_sample};
use common::{bottega, generate_tiny, run};
use serde_json::{Value, json};

/// The scene document of a tiny sample, in a folder of its own.
fn document() -> &'static (tempfile::TempDir, PathBuf) {
    static DOCUMENT: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let dir = tempfile::tempdir().expect("there is room");
        let exr = dir.path().join("exr");
        let dataset = dir.path().join("dataset");
        run(generate_tiny(&dataset, 1).arg("--keep-exr").arg(&exr)).expect_done();
        let sample = exr.join("tiny_synthhuman-0000000.exr");
        let shown = run(bottega().arg("inspect").arg(&sample).arg("--scene"));
        let scene = dir.path().join("scene.json");
        fs::write(&scene, &shown.expect_done().stdout).expect("there is room");
        (dir, scene)
    })
}

/// `bottega render` of a document with few paths.
fn render(scene: &Path, out: &Path) -> Command {
    let mut command = bottega();
    command.arg("render").arg(scene).arg("--out").arg(out);
    command.args("--spp 2 --max-bounces 3 --label-rays 64 --denoiser none".split(' '));
    command
}

/// The sample that a command renders to `out`.
fn rendered(command: &mut Command, out: &Path) -> Sample {
    run(command).expect_done();
    read_sample(out).expect("it is whole")
}

/// The document with another `film`.
fn with_film(name: &str, film: Value) -> PathBuf {
    let (dir, scene) = document();
    let text = fs::read_to_string(scene).expect("it was written");
    let mut params: Value = serde_json::from_str(&text).expect("it is JSON");
    params["film"] = film;
    let path = dir.path().join(name);
    fs::write(&path, params.to_string()).expect("there is room");
    path
}

fn assert_same_truth(a: &Sample, b: &Sample) {
    let (a, b) = (a.planes(), b.planes());
    assert!(a.rgb_linear != b.rgb_linear, "the pictures are the same");
    assert!(a.depth_m == b.depth_m && a.alpha == b.alpha && a.normal == b.normal);
}

#[test]
fn options_of_gltf_files_are_refused_by_name() {
    let (dir, scene) = document();
    let out = dir.path().join("refused.exr");
    for given in [
        "--tone filmic",
        "--camera 0",
        "--environment none",
        "--turn 10",
        "--size 24x32",
        "--ev100 8",
        "--png",
    ] {
        let option = given.split(' ').next().expect("a word");
        run(render(scene, &out).args(given.split(' '))).expect_error(&[
            option,
            "is for glTF files",
            "scene.json is none",
        ]);
        assert!(!out.exists(), "{given}");
    }
}

#[test]
fn words_that_are_no_seed_and_no_tone_curve_are_refused() {
    let (dir, scene) = document();
    let out = dir.path().join("refused.exr");
    for (given, words) in [
        ("--seed=-1", ["--seed", "-1"]),
        ("--seed=often", ["--seed", "often"]),
        ("--tone=agfa", ["--tone", "agfa"]),
    ] {
        run(render(scene, &out).arg(given)).expect_error(&words);
        assert!(!out.exists(), "{given}");
    }
}

#[test]
fn another_seed_is_other_noise_over_the_same_truth() {
    let (dir, scene) = document();
    let outs = ["own", "other", "again"].map(|name| dir.path().join(format!("{name}.exr")));
    let own = rendered(&mut render(scene, &outs[0]), &outs[0]);
    let [other, again] = [1, 2].map(|i| {
        let mut command = render(scene, &outs[i]);
        rendered(command.args(["--seed", "77"]), &outs[i])
    });
    assert_same_truth(&own, &other);
    assert!(other.planes() == again.planes(), "a seed is not kept");
}

#[test]
fn a_moving_camera_blurs_the_picture_and_leaves_the_truth() {
    let dir = document().0.path();
    let film = |shutter_s: Option<f32>, motion: Value| {
        let mut film = json!({
            "pixel_filter": "blackman_harris", "tone_curve": "agx", "white_balance": 0,
            "white_shift_mired": 0, "shutter_s": shutter_s, "sensor": null,
        });
        if !motion.is_null() {
            film["camera_motion"] = motion;
        }
        film
    };
    let motion = json!({ "velocity_m_s": [0.2, 0, 0], "turn_rad_s": [0, 0.4, 1.5] });
    let scenes = [
        with_film("still.json", film(Some(0.1), Value::Null)),
        with_film("moved.json", film(Some(0.1), motion.clone())),
    ];
    let [still, moved] = scenes.map(|scene| {
        let out = scene.with_extension("exr");
        rendered(&mut render(&scene, &out), &out)
    });
    assert_same_truth(&still, &moved);

    let timeless = with_film("timeless.json", film(None, motion));
    run(&mut render(&timeless, &dir.join("refused.exr"))).expect_error(&[
        "timeless.json",
        "camera_motion",
        "shutter_s",
    ]);
}
