//! One thread through all of it: recipe, samples, shard, verification, statistics, pictures.

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use common::{bottega, generate_tiny, run};

struct Made {
    dir: tempfile::TempDir,
    dataset: PathBuf,
    exr: PathBuf,
}

/// One sample of each framing with every plane, and its EXR file.
fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("there is room");
        let (dataset, exr) = (dir.path().join("dataset"), dir.path().join("exr"));
        let mut generate = generate_tiny(&dataset, 3);
        generate
            .args(["--planes", "all"])
            .arg("--keep-exr")
            .arg(&exr);
        run(&mut generate).expect_done();
        Made { dir, dataset, exr }
    })
}

fn json(command: &mut std::process::Command) -> serde_json::Value {
    let run = run(command);
    run.expect_done();
    serde_json::from_str(&run.stdout).expect("stdout is JSON and nothing else")
}

#[test]
fn what_was_made_is_verified_and_counted() {
    let made = made();
    let verified = json(bottega().arg("verify").arg(&made.dataset).arg("--json"));
    assert_eq!(verified["rows"], 3);
    assert_eq!(verified["findings"], serde_json::json!([]));

    let stats = json(bottega().arg("stats").arg(&made.dataset).arg("--json"));
    assert_eq!(stats["samples"], 3);
    let columns = stats["columns"].as_array().expect("a list");
    let framing = columns
        .iter()
        .find(|column| column["name"] == "framing")
        .expect("a label");
    let values = framing["distribution"]["values"]
        .as_array()
        .expect("words are counted");
    assert_eq!(values.len(), 3);
    assert!(
        values.iter().all(|value| value["count"] == 1),
        "equal thirds: {values:?}"
    );
    for column in columns.iter().filter(|column| column["group"] == "subject") {
        let known = column["known"].as_u64().unwrap_or(0) + column["unknown"].as_u64().unwrap_or(0);
        assert_eq!(known, 3, "{column}");
    }
    let table = run(bottega().arg("stats").arg(&made.dataset));
    assert!(table.expect_done().stdout.contains("skin_tone_mst"));
}

#[test]
fn a_row_and_its_exr_file_say_the_same() {
    let made = made();
    let row = format!(
        "{}:1",
        made.dataset.join("data/train-00000.parquet").display()
    );
    let row = json(bottega().args(["inspect", "--json", &row]));
    let exr = made.exr.join(format!(
        "{}.exr",
        row["labels"]["sample_id"].as_str().expect("text")
    ));
    let exr = json(bottega().args(["inspect", "--json"]).arg(&exr));
    assert_eq!(row["labels"], exr["labels"]);
    assert_eq!(row["scene"], exr["scene"]);
    let plane = |sample: &serde_json::Value, name: &str| {
        let planes = sample["planes"].as_array().expect("a list").clone();
        planes
            .into_iter()
            .find(|plane| plane["plane"] == name)
            .expect("it is stored")
    };
    for name in ["depth", "normal"] {
        assert_eq!(plane(&row, name), plane(&exr, name), "{name}");
    }
}

#[test]
fn exr_samples_become_the_same_shards() {
    let made = made();
    let out = made.dir.path().join("from_exr");
    let mut shard = bottega();
    // The files carry the plan of their dataset, the size of its shards included.
    shard.arg("shard").arg(&made.exr).arg("--out").arg(&out);
    run(&mut shard).expect_done();
    run(bottega().arg("verify").arg(&out)).expect_done();
    for name in ["data/train-00000.parquet", "data/train-00001.parquet"] {
        let read = |dataset: &PathBuf| fs::read(dataset.join(name)).expect("it was published");
        assert!(read(&made.dataset) == read(&out), "{name} differs");
    }
}

#[test]
fn sheets_are_drawn_of_datasets_and_of_recipes() {
    let made = made();
    let sheet = made.dir.path().join("sheet.png");
    run(bottega()
        .arg("preview")
        .arg(&made.dataset)
        .arg("--out")
        .arg(&sheet))
    .expect_done();
    let of_dataset = fs::read(&sheet).expect("it was drawn");
    assert!(of_dataset.starts_with(b"\x89PNG"));

    let recipe = [
        "preview",
        "scenes/tiny/synthhuman.toml",
        "--index",
        "0..3",
        "--planes",
        "all",
        "--out",
    ];
    run(bottega().args(recipe).arg(&sheet)).expect_done();
    assert!(
        fs::read(&sheet).expect("it was drawn") == of_dataset,
        "a sample is a function"
    );
}

#[test]
fn a_dry_run_tells_the_plan_and_touches_nothing() {
    let made = made();
    let out = made.dir.path().join("dry");
    let plan = run(generate_tiny(&out, 5).arg("--dry-run"));
    plan.expect_done();
    assert!(plan.stdout.contains("5 samples"), "{plan:#?}");
    assert!(!out.exists());
    let plan = run(generate_tiny(&made.dataset, 5).args(["--planes", "all", "--dry-run"]));
    assert!(
        plan.expect_done().stdout.contains("2 samples"),
        "three are there: {plan:#?}"
    );
}

#[test]
fn every_shipped_recipe_can_be_drawn() {
    let made = made();
    let scenes = common::root().join("scenes");
    for folder in [scenes.clone(), scenes.join("tiny")] {
        for entry in fs::read_dir(&folder).expect("recipes are shipped") {
            let path = entry.expect("it can be listed").path();
            if path.extension().is_none_or(|ext| ext != "toml") {
                continue;
            }
            let mut command = bottega();
            command
                .arg("generate")
                .arg(&path)
                .args(["--count", "300", "--dry-run", "--out"]);
            run(command.arg(made.dir.path().join("nothing"))).expect_done();
        }
    }
}

#[test]
fn help_lists_what_works_and_only_that() {
    let help = run(bottega().arg("--help"));
    let listed: Vec<&str> = help
        .expect_done()
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // Descriptions that need a second line are indented further.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let expected = [
        "assets",
        "doctor",
        "generate",
        "preview",
        "render",
        "inspect",
        "shard",
        "import",
        "export",
        "verify",
        "diff",
        "audit",
        "report",
        "view",
        "stats",
        "cache",
        "load",
        "model-info",
        "train",
        "evaluate",
        "predict",
        "export-model",
        "help",
    ];
    assert_eq!(listed, expected);
    // The trainer's program has its own help, and need not be there.
    let others = ["train", "evaluate", "predict", "export-model", "help"];
    let own = expected.iter().filter(|command| !others.contains(command));
    for command in own {
        run(bottega().args([command, "--help"])).expect_done();
    }
    run(bottega().arg("doctor")).expect_done();
    run(bottega().args(["assets", "list"])).expect_done();
}

#[test]
fn a_scene_document_renders_its_sample_again() {
    let dir = tempfile::tempdir().expect("there is room");
    let original = made().exr.join("tiny_synthhuman-0000001.exr");
    let shown = run(bottega().arg("inspect").arg(&original).arg("--scene"));
    let scene = dir.path().join("scene.json");
    fs::write(&scene, &shown.expect_done().stdout).expect("there is room");

    let again = dir.path().join("again.exr");
    let preset = "--spp 2 --max-bounces 3 --label-rays 64 --denoiser none".split(' ');
    let planes = ["--planes", "all"];
    run(bottega()
        .arg("render")
        .arg(&scene)
        .arg("--out")
        .arg(&again)
        .args(preset)
        .args(planes))
    .expect_done();
    let read = |path: &std::path::Path| bottega_format::read_sample(path).expect("it is whole");
    let (original, again) = (read(&original), read(&again));
    assert!(original.planes() == again.planes(), "the planes differ");
    assert_eq!(original.params_json(), again.params_json());
}
