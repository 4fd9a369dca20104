//! Batches: the same for any number of threads, after a resume, and over any number of ranks; people
//! held out whole; clear refusals.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

use std::collections::BTreeSet;
use std::path::Path;

use bottega_format::find_shards;
use bottega_format::loader::PlaneSet;
use bottega_format::synthetic;
use bottega_schemas::train::DatasetChoice;
use bottega_schemas::{DatasetPlan, SampleMeta, TrainConfig};
use bottega_trainer::data::{Batch, DataSources, Evaluation, Feed, HeldOut};

/// Samples of a person in these datasets.
const FRAMES: i64 = 3;

fn write(root: &Path, plan: DatasetPlan, rows: u64) {
    let edit = |meta: &mut SampleMeta| {
        meta.identity_id = Some(format!("{:016x}", meta.index / FRAMES));
        meta.split.clone_from(&plan.split);
    };
    synthetic::write_dataset(root, plan.clone(), rows, (24, 32), edit).unwrap();
}

fn config(root: &Path) -> TrainConfig {
    let text = format!(
        "[run]\nseed = 5\n[data]\nsize_px = [32, 32]\nbatch = 4\nprefetch = 5\nthreads = 2\n\
         held_out = 0.25\n[[data.datasets]]\npath = {root:?}\n"
    );
    let mut config = TrainConfig::from_toml(&text, "t.toml").unwrap();
    // Everything often, so that anything that threads decide shows.
    config.augment.background = 0.5;
    config.augment.rotate = 0.5;
    config
}

fn feed(config: &TrainConfig, rank: (u64, u64)) -> Feed {
    tch::set_num_threads(1);
    let sources = DataSources::open(&config.data, config.run.seed).unwrap();
    Feed::new(config, &sources, rank, None).unwrap()
}

/// All values of a batch, with names and places.
fn bits(batch: &Batch) -> (Vec<String>, Vec<u64>) {
    let mut bits = Vec::new();
    let tensors = [
        &batch.image,
        &batch.depth_m,
        &batch.normal,
        &batch.alpha,
        &batch.valid,
        &batch.foreground,
    ];
    for tensor in tensors {
        let mut values = vec![0.0_f32; tensor.numel()];
        let flat = tensor.to_kind(tch::Kind::Float).contiguous();
        flat.copy_data(&mut values, tensor.numel());
        bits.extend(values.iter().map(|v| u64::from(v.to_bits())));
    }
    bits.extend(
        batch
            .places
            .iter()
            .flat_map(|p| [p.epoch, p.position, p.row]),
    );
    let names = batch.sample_ids.iter().map(ToString::to_string).collect();
    (names, bits)
}

#[test]
fn batches_are_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 48);
    let mut wanted = None;
    for threads in [1, 3] {
        let mut config = config(folder.path());
        config.data.threads = threads;
        config.data.prefetch = 1 + 7 * threads;
        let mut feed = feed(&config, (0, 1));
        let stream: Vec<_> = (0..20).map(|_| bits(&feed.next_batch().unwrap())).collect();
        assert_eq!(feed.images(), 80);
        assert!(feed.wait_s() >= feed.last_wait_s());
        match &wanted {
            None => wanted = Some(stream),
            Some(wanted) => assert!(stream == *wanted, "{threads} threads"),
        }
    }
    // Epochs differ: the same sample is never varied in the same way.
    let stream = wanted.unwrap();
    let distinct: BTreeSet<&Vec<u64>> = stream.iter().map(|(_, bits)| bits).collect();
    assert_eq!(distinct.len(), 20);
}

#[test]
fn a_killed_run_goes_on_with_the_batches_that_were_to_come() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 48);
    let config = config(folder.path());
    let sources = DataSources::open(&config.data, config.run.seed).unwrap();
    let mut whole = feed(&config, (0, 1));
    let start = whole.state().clone();
    let mut states = vec![start];
    let mut batches = Vec::new();
    for _ in 0..14 {
        batches.push(bits(&whole.next_batch().unwrap()));
        states.push(whole.state().clone());
    }
    for stop in [0, 1, 5, 9, 13] {
        // The state survives a checkpoint.
        let text = serde_json::to_string(&states[stop]).unwrap();
        let state = serde_json::from_str(&text).unwrap();
        let mut rest = Feed::new(&config, &sources, (0, 1), Some(&state)).unwrap();
        for wanted in &batches[stop..] {
            assert!(bits(&rest.next_batch().unwrap()) == *wanted, "from {stop}");
        }
        assert_eq!(rest.state(), &states[14]);
    }
}

#[test]
fn ranks_share_an_epoch_and_the_pictures_do_not_depend_on_their_number() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 48);
    let mut config = config(folder.path());
    config.data.held_out = 0.0;
    config.data.batch = 4;
    let mut alone = feed(&config, (0, 1));
    assert_eq!(alone.images_per_epoch(), 48);
    let mut pictures = vec![Vec::new(); 48];
    for _ in 0..12 {
        let batch = alone.next_batch().unwrap();
        for (i, place) in batch.places.iter().enumerate() {
            pictures[place.position as usize] = values(&batch, i);
        }
    }
    let mut seen = BTreeSet::new();
    for rank in 0..3 {
        let mut feed = feed(&config, (rank, 3));
        assert_eq!(feed.images_per_epoch(), 16);
        for _ in 0..4 {
            let batch = feed.next_batch().unwrap();
            for (i, place) in batch.places.iter().enumerate() {
                assert_eq!(place.epoch, 0);
                assert!(values(&batch, i) == pictures[place.position as usize]);
                assert!(seen.insert(batch.sample_ids[i].clone()));
            }
        }
    }
    assert_eq!(seen.len(), 48);
}

fn values(batch: &Batch, at: usize) -> Vec<u32> {
    let one = batch.image.get(at as i64).contiguous();
    let mut values = vec![0.0_f32; one.numel()];
    one.copy_data(&mut values, one.numel());
    values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn a_dataset_smaller_than_a_batch_is_read_as_often_as_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 3);
    let mut config = config(folder.path());
    config.data.held_out = 0.0;
    config.data.batch = 8;
    let mut feed = feed(&config, (0, 1));
    for _ in 0..3 {
        let batch = feed.next_batch().unwrap();
        let names: BTreeSet<_> = batch.sample_ids.iter().collect();
        assert_eq!((batch.len(), names.len()), (8, 3));
        let pictures: BTreeSet<_> = (0..8).map(|i| values(&batch, i)).collect();
        assert_eq!(
            pictures.len(),
            8,
            "a sample that comes again is varied anew"
        );
    }
}

/// The people in some sources.
fn people(held_out: &[HeldOut]) -> BTreeSet<String> {
    let planes = PlaneSet::parse("image,alpha").unwrap();
    let samples = Evaluation::new(held_out, planes, 1, (0, 1)).unwrap();
    samples.map(|s| s.unwrap().identity_id.unwrap()).collect()
}

#[test]
fn people_are_held_out_whole_and_the_seed_alone_says_who() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    write(&a, synthetic::plan("ball"), 96);
    // The same people once more, of whom one is kept for tests.
    write(&b, synthetic::plan("other"), 24);
    let test = folder.path().join("test");
    let plan = DatasetPlan {
        split: "test".into(),
        ..synthetic::plan("kept")
    };
    write(&test, plan, 2);
    let choice = |path: &Path| DatasetChoice {
        path: path.to_owned(),
        weight: 1.0,
        cache: None,
        only: Default::default(),
    };
    let mut config = config(&a);
    let open = |config: &TrainConfig, seed| DataSources::open(&config.data, seed).unwrap();
    let trained = |sources: &DataSources| -> Vec<HeldOut> {
        let held = sources.training.iter().map(|(source, _)| HeldOut {
            name: "training".into(),
            source: source.clone(),
        });
        held.collect()
    };
    let one = open(&config, 5);
    let held = people(&one.held_out);
    assert!(
        (2..=16).contains(&held.len()),
        "{} of 32 people",
        held.len()
    );
    assert!(held.is_disjoint(&people(&trained(&one))));
    let rows: u64 = one.training.iter().map(|(source, _)| source.rows()).sum();
    assert_eq!(rows + one.n_held_out(), 96);
    assert_eq!(one.n_held_out(), 3 * held.len() as u64);
    assert_ne!(
        people(&open(&config, 6).held_out),
        held,
        "another seed, others"
    );

    // Fewer people: some of those who were there, and nobody who is held out.
    let with_share = |people: f64| {
        let mut config = config.clone();
        config.data.people = people;
        open(&config, 5)
    };
    let (some, fewer) = (with_share(0.5), with_share(0.2));
    assert_eq!(people(&some.held_out), held);
    let [all, some, fewer] = [&one, &some, &fewer].map(|sources| people(&trained(sources)));
    assert!(fewer.is_subset(&some) && some.is_subset(&all));
    assert!(!fewer.is_empty() && fewer.len() < some.len() && some.len() < all.len());

    // In company, in any order, the same people; and those of the test set.
    config.data.datasets = vec![choice(&test), choice(&b), choice(&a)];
    let all = open(&config, 5);
    let mut wanted = held.clone();
    wanted.insert(format!("{:016x}", 0));
    assert_eq!(people(&all.held_out), wanted);
    assert!(wanted.is_disjoint(&people(&trained(&all))));
    assert_eq!(all.training.len(), 2, "the test set is not trained on");

    // The test set stays held out where nothing else is.
    config.data.held_out = 0.0;
    let none = open(&config, 5);
    assert_eq!(people(&none.held_out).len(), 1);
    let some = HeldOut::some(&all.held_out, 5, 1).unwrap();
    let count: u64 = some.iter().map(|held| held.source.rows()).sum();
    assert_eq!(count, 5);
}

#[test]
fn an_evaluation_reads_in_order_with_labels_and_shares_among_ranks() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 20);
    let held = vec![HeldOut::whole(folder.path()).unwrap()];
    let read = |rank| -> Vec<_> {
        let samples = Evaluation::new(&held, PlaneSet::default(), 2, rank).unwrap();
        let total = samples.total();
        let samples: Vec<_> = samples.map(Result::unwrap).collect();
        assert_eq!(samples.len() as u64, total);
        samples
    };
    let all = read((0, 1));
    assert_eq!(all.len(), 20);
    for (i, sample) in all.iter().enumerate() {
        assert_eq!((sample.row, sample.dataset), (i as u64, 0));
        let truth = synthetic::sample("ball", i as u64, (24, 32));
        assert_eq!((sample.frame.width, sample.frame.height), (24, 32));
        assert_eq!(sample.frame.depth_m, truth.planes().depth_m);
        assert_eq!(sample.frame.camera_px[0], truth.meta().fx);
        assert_eq!(
            sample.labels["framing"],
            truth.meta().framing.clone().unwrap()
        );
        let tone = truth.meta().skin_tone_mst.unwrap().to_string();
        assert_eq!(sample.labels["skin_tone_mst"], tone);
        let id = format!("{:016x}", i as i64 / FRAMES);
        assert_eq!(sample.identity_id.as_deref(), Some(id.as_str()));
    }
    for ranks in [3, 40] {
        let parts: Vec<_> = (0..ranks).flat_map(|rank| read((rank, ranks))).collect();
        let rows: BTreeSet<u64> = parts.iter().map(|sample| sample.row).collect();
        assert_eq!((parts.len(), rows.len()), (20, 20));
    }
}

#[test]
fn a_quota_deals_values_by_their_shares() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 48);
    let mut config = config(folder.path());
    let toml = "label = 'framing'\nshares = { face = 3.0, full_body = 1.0 }";
    config.data.quota = Some(toml_of(toml));
    config.data.batch = 8;
    let mut feed = feed(&config, (0, 1));
    let mut faces = 0;
    for _ in 0..50 {
        let batch = feed.next_batch().unwrap();
        for id in &batch.sample_ids {
            let index: u64 = id.rsplit('-').next().unwrap().parse().unwrap();
            assert_ne!(index % 3, 1, "no upper body was asked for");
            faces += u64::from(index.is_multiple_of(3));
        }
    }
    assert!((280..=320).contains(&faces), "{faces} of 400");
}

fn toml_of<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap()
}

#[test]
fn what_cannot_be_read_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 48);
    let refused = |change: &dyn Fn(&mut TrainConfig)| -> String {
        let mut config = config(folder.path());
        change(&mut config);
        let sources = DataSources::open(&config.data, config.run.seed);
        let error = match sources {
            Err(error) => error,
            Ok(sources) => Feed::new(&config, &sources, (0, 1), None).unwrap_err(),
        };
        error.to_string()
    };
    let only = |label: &str, value: &str| {
        let (label, value) = (label.to_owned(), value.to_owned());
        move |config: &mut TrainConfig| {
            let only = &mut config.data.datasets[0].only;
            only.insert(label.clone(), vec![value.clone()]);
        }
    };
    let text = refused(&only("framming", "face"));
    assert!(text.contains("no column framming"), "{text}");
    let text = refused(&only("framing", "feet"));
    assert!(
        text.contains("feet") && text.contains("face (16)"),
        "{text}"
    );
    let text = refused(&only("garments", "shirt"));
    assert!(text.contains("lists"), "{text}");
    let text = refused(&|config| {
        let toml = "label = 'framing'\nshares = { face = 1.0, hands = 1.0 }";
        config.data.quota = Some(toml_of(toml));
    });
    assert!(text.contains("data.quota.shares.hands"), "{text}");
    let text = refused(&|config| config.data.held_out = 1e-9);
    assert!(text.contains("none of 48 samples is held out"), "{text}");
    let text = refused(&|config| config.data.held_out = 0.999_999_999);
    assert!(text.contains("none is left to train on"), "{text}");
    let text = refused(&|config| config.data.datasets[0].path = "/no/such/place".into());
    assert!(text.contains("/no/such/place"), "{text}");
    // Numbers and truth values are named as they are written.
    let mut config = config(folder.path());
    only("skin_tone_mst", "3")(&mut config);
    config.data.held_out = 0.0;
    let sources = DataSources::open(&config.data, 5).unwrap();
    assert_eq!(sources.training[0].0.rows(), 5);
}

#[test]
fn a_shard_without_a_plane_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), synthetic::plan("ball"), 24);
    let shard = find_shards(folder.path()).unwrap().remove(1);
    synthetic::drop_columns(&shard, &["normal_exr"]).unwrap();
    let config = config(folder.path());
    let error = DataSources::open(&config.data, config.run.seed).unwrap_err();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    assert!(
        text.contains("normal_exr") && text.contains("train-00001"),
        "{text}"
    );
}
