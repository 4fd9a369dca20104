//! The loader: one stream whatever the threads, kills, ranks and caches; clear refusals.

mod common;

use std::path::Path;

use bottega_format::cache::CacheJob;
use bottega_format::loader::{
    Broken, Loader, LoaderOptions, LoaderState, PlaneSet, Shuffle, Source, StreamHash,
};
use bottega_format::{FormatError, ShardReader, find_shards};

use common::dataset_of;

/// Rows of the dataset of these tests: three shards of eight and one of five.
const ROWS: u64 = 29;

fn options(shuffle: Shuffle, threads: usize) -> LoaderOptions {
    LoaderOptions {
        seed: 11,
        shuffle,
        block: 2,
        threads,
        prefetch: 4,
        epochs: Some(2),
        ..LoaderOptions::default()
    }
}

/// Hash, names and end state of a stream, stopped after `limit` samples.
fn stream(
    source: &Source,
    options: LoaderOptions,
    state: Option<&LoaderState>,
    limit: usize,
) -> (String, Vec<String>, LoaderState) {
    let mut loader = Loader::new(source, options, state).expect("the options are right");
    let (mut hash, mut names) = (StreamHash::default(), Vec::new());
    while names.len() < limit {
        let Some(sample) = loader.next_sample().expect("every sample is sound") else {
            break;
        };
        hash.add(&sample);
        names.push(sample.facts().sample_id.to_string());
    }
    (hash.finish(), names, loader.state())
}

fn open(root: &Path) -> Source {
    Source::open(root).expect("it is sound")
}

#[test]
fn the_stream_is_one_for_any_number_of_threads_and_any_depth() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    for shuffle in [Shuffle::Global, Shuffle::Block, Shuffle::Sequential] {
        let (wanted, names, _) = stream(&source, options(shuffle, 1), None, usize::MAX);
        assert_eq!(names.len() as u64, 2 * ROWS);
        for threads in 2..=8 {
            let options = LoaderOptions {
                prefetch: 1 + 3 * threads,
                ..options(shuffle, threads)
            };
            let (found, _, _) = stream(&source, options, None, usize::MAX);
            assert_eq!(found, wanted, "{shuffle:?}, {threads} threads");
        }
        // Each epoch has every sample once; shuffled epochs differ.
        let (first, second) = names.split_at(ROWS as usize);
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names.dedup();
            names
        };
        assert_eq!(sorted(first).len() as u64, ROWS);
        assert_eq!(sorted(first), sorted(second));
        assert_eq!(first == second, shuffle == Shuffle::Sequential);
    }
}

#[test]
fn a_killed_run_goes_on_with_the_samples_that_were_to_come() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    for shuffle in [Shuffle::Global, Shuffle::Block] {
        for ranks in 1..=3 {
            for rank in 0..ranks {
                let options = |threads| LoaderOptions {
                    rank,
                    ranks,
                    ..options(shuffle, threads)
                };
                let (_, whole, end) = stream(&source, options(2), None, usize::MAX);
                for stop in [0, 1, 5, 9, whole.len() / 2, whole.len() - 1, whole.len()] {
                    let (_, before, state) = stream(&source, options(3), None, stop);
                    // The state survives a checkpoint.
                    let text = serde_json::to_string(&state).unwrap();
                    let state: LoaderState = serde_json::from_str(&text).unwrap();
                    let (_, after, end_after) =
                        stream(&source, options(8), Some(&state), usize::MAX);
                    assert_eq!([before, after].concat(), whole, "{rank}/{ranks} at {stop}");
                    assert_eq!(end_after, end);
                }
            }
        }
    }
}

#[test]
fn the_order_over_all_ranks_does_not_depend_on_their_number() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    let (_, alone, _) = stream(&source, options(Shuffle::Global, 2), None, usize::MAX);
    for ranks in [2, 3] {
        let streams: Vec<Vec<String>> = (0..ranks)
            .map(|rank| {
                let options = LoaderOptions {
                    rank,
                    ranks,
                    epochs: Some(1),
                    ..options(Shuffle::Global, 2)
                };
                stream(&source, options, None, usize::MAX).1
            })
            .collect();
        let woven: Vec<String> = (0..ROWS)
            .map(|p| streams[(p % ranks) as usize][(p / ranks) as usize].clone())
            .collect();
        assert_eq!(woven, alone[..ROWS as usize]);
    }
    // Two ranks stop after six samples each; three go on with the thirteenth.
    let two = |rank| LoaderOptions {
        rank,
        ranks: 2,
        ..options(Shuffle::Global, 2)
    };
    let (_, _, state) = stream(&source, two(0), None, 6);
    assert_eq!(stream(&source, two(1), None, 6).2, state, "ranks agree");
    let three = LoaderOptions {
        rank: 2,
        ranks: 3,
        ..options(Shuffle::Global, 2)
    };
    let (_, rest, _) = stream(&source, three, Some(&state), 2);
    assert_eq!(rest, [alone[14].clone(), alone[17].clone()]);
}

#[test]
fn epochs_are_cut_to_whole_batches_of_all_ranks_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    let options = |rank, batch| LoaderOptions {
        rank,
        ranks: 2,
        batch: Some(batch),
        ..options(Shuffle::Global, 2)
    };
    for rank in 0..2 {
        let mut loader = Loader::new(&source, options(rank, 5), None).unwrap();
        assert_eq!(loader.samples_per_epoch(), 10);
        for step in 0..4 {
            let batch = loader.next_batch(5).unwrap();
            assert_eq!(batch.len(), 5);
            assert!(batch.iter().all(|sample| sample.place().epoch == step / 2));
        }
        assert!(loader.next_batch(5).unwrap().is_empty());
    }
    let error = Loader::new(&source, options(0, 100), None).unwrap_err();
    assert!(error.to_string().contains("smaller batches"), "{error}");
    assert!(
        Loader::new(
            &source,
            LoaderOptions {
                rank: 3,
                ..options(0, 1)
            },
            None
        )
        .is_err()
    );
}

#[test]
fn values_are_those_of_the_shards() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    let mut loader = Loader::new(&source, options(Shuffle::Global, 3), None).unwrap();
    let shards = find_shards(folder.path()).unwrap();
    let mut n = 0;
    while let Some(sample) = loader.next_sample().unwrap() {
        let row = source.dataset_row(sample.place().row) as usize;
        let reader = ShardReader::open(&shards[row / 8]).unwrap();
        let stored = reader.row(row % 8).unwrap();
        assert_eq!(*sample.planes(), stored.decode().unwrap());
        let facts = sample.facts();
        assert_eq!(*facts.sample_id, stored.meta.sample_id);
        assert_eq!(facts.index, stored.meta.index);
        assert_eq!(facts.camera_px[0], stored.meta.fx);
        n += 1;
    }
    assert_eq!(n, 2 * ROWS);
    let stats = loader.stats();
    assert_eq!((stats.samples, stats.skipped), (n, 0));
    assert!(stats.wait_s > 0.0 && stats.read_s > 0.0);
    assert!(
        stats
            .planes
            .iter()
            .all(|(_, load)| load.decode_s > 0.0 && load.stored_bytes > 0)
    );
}

#[test]
fn memory_is_bounded_by_the_depth_and_dropping_ends_all_threads() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    let options = LoaderOptions {
        prefetch: 3,
        epochs: None,
        ..options(Shuffle::Global, 2)
    };
    let mut loader = Loader::new(&source, options, None).unwrap();
    let _first = loader.next_sample().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    // An endless stream, and nobody takes: no more was decoded than the ring holds.
    let depth = loader.stats().planes[0].1;
    let each = 3 * 16 * 20;
    assert!(depth.value_bytes <= (1 + 3) * each, "{depth:?}");
    drop(loader);
}

#[test]
fn a_state_of_something_else_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    dataset_of(other.path(), 12);
    let (here, there) = (open(folder.path()), open(other.path()));
    let (_, _, state) = stream(&here, options(Shuffle::Block, 1), None, 3);
    let refused = |source: &Source, options: LoaderOptions| -> String {
        Loader::new(source, options, Some(&state))
            .unwrap_err()
            .to_string()
    };
    let error = refused(&there, options(Shuffle::Block, 1));
    assert!(error.contains("manifest_blake3"), "{error}");
    let error = refused(&here, options(Shuffle::Global, 1));
    assert!(
        error.contains("shuffle") && error.contains("block"),
        "{error}"
    );
    let error = refused(
        &here,
        LoaderOptions {
            seed: 5,
            ..options(Shuffle::Block, 1)
        },
    );
    assert!(error.contains("seed is 11"), "{error}");
    let error = refused(
        &here,
        LoaderOptions {
            block: 9,
            ..options(Shuffle::Block, 1)
        },
    );
    assert!(error.contains("block is 2"), "{error}");
    let chosen = here
        .select(&["index"], |row| row.number("index") != Some(4.0))
        .unwrap();
    let error = refused(&chosen, options(Shuffle::Block, 1));
    assert!(error.contains("manifest_blake3"), "{error}");
    // A missing plane is told before anything is read.
    let wanted = LoaderOptions {
        planes: PlaneSet::parse("image,albedo").unwrap(),
        ..options(Shuffle::Global, 1)
    };
    let error = Loader::new(&here, wanted, None).unwrap_err().to_string();
    assert!(
        error.contains("albedo_exr") && error.contains("train-00000"),
        "{error}"
    );
}

#[test]
fn a_broken_sample_is_named_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let shards = find_shards(folder.path()).unwrap();
    // The depth of row 2 of the second shard loses its second half.
    let depth = ShardReader::open(&shards[1])
        .unwrap()
        .row(2)
        .unwrap()
        .depth_exr;
    let mut bytes = std::fs::read(&shards[1]).unwrap();
    let at = bytes.windows(depth.len()).position(|w| w == depth).unwrap();
    bytes[at + depth.len() / 2..at + depth.len()].fill(0xa5);
    std::fs::write(&shards[1], bytes).unwrap();

    let source = open(folder.path());
    let mut loader = Loader::new(&source, options(Shuffle::Global, 4), None).unwrap();
    let (mut good, mut errors) = (0, Vec::new());
    loop {
        match loader.next_sample() {
            Ok(Some(_)) => good += 1,
            Ok(None) => break,
            Err(error) => errors.push(error),
        }
    }
    assert_eq!(
        (good, errors.len()),
        (2 * (ROWS - 1), 2),
        "once in each epoch"
    );
    let FormatError::InRow(error) = &errors[0] else {
        panic!("{:?}", errors[0]);
    };
    assert_eq!(
        (error.row, error.plane, &error.path),
        (2, "depth", &shards[1])
    );
    let text = errors[0].to_string();
    assert!(
        text.contains("train-00001") && text.contains("ball-0000010"),
        "{text}"
    );

    let skip = LoaderOptions {
        broken: Broken::Skip,
        ..options(Shuffle::Global, 4)
    };
    let mut loader = Loader::new(&source, skip, None).unwrap();
    let mut n = 0;
    while loader.next_sample().unwrap().is_some() {
        n += 1;
    }
    let stats = loader.stats();
    assert_eq!((n, stats.skipped), (2 * (ROWS - 1), 2));
    assert!(stats.first_skipped[0].contains("plane depth"), "{stats:?}");

    // Planes that are whole can be read all the same.
    let images = LoaderOptions {
        planes: PlaneSet::parse("image").unwrap(),
        ..options(Shuffle::Global, 4)
    };
    let (_, names, _) = stream(&source, images, None, usize::MAX);
    assert_eq!(names.len() as u64, 2 * ROWS);
}

#[test]
fn selections_and_mixes_have_the_shares_that_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    dataset_of(folder.path(), ROWS);
    let source = open(folder.path());
    let framed = |framing: &'static str| {
        let keep = source.select(&["framing"], move |row| {
            row.word("framing") == Some(framing)
        });
        keep.expect("each framing occurs")
    };
    let (faces, bodies) = (framed("face"), framed("full_body"));
    assert_eq!((faces.rows(), bodies.rows()), (10, 9));
    assert!(
        source
            .select(&["framing"], |row| row.word("framing") == Some("feet"))
            .is_err()
    );
    // A selection of a selection: both hold.
    let few = faces
        .select(&["index"], |row| row.number("index") < Some(9.0))
        .unwrap();
    assert_eq!(few.rows(), 3);

    let mixed = |threads, state: Option<&LoaderState>, limit: usize| {
        let options = LoaderOptions {
            samples_per_epoch: Some(2048),
            epochs: None,
            ..options(Shuffle::Block, threads)
        };
        let sources = [(faces.clone(), 3.0), (bodies.clone(), 1.0)];
        let mut loader = Loader::mixed(&sources, options, state).unwrap();
        let mut places = Vec::new();
        for _ in 0..limit {
            let sample = loader.next_sample().unwrap().unwrap();
            let facts = [&faces, &bodies][sample.place().source].facts(sample.place().row);
            assert_eq!(facts, sample.facts());
            places.push(sample.place());
        }
        (places, loader.state())
    };
    let (places, _) = mixed(4, None, 2200);
    let n_faces = places[..2048]
        .iter()
        .filter(|place| place.source == 0)
        .count();
    assert_eq!(n_faces, 1536);
    assert_eq!(places[2048].epoch, 1);
    // Within any pass over the faces, each comes once.
    let counts = (0..10).map(|row| {
        let is_it = |place: &&bottega_format::loader::Place| (place.source, place.row) == (0, row);
        places[..2048].iter().filter(is_it).count()
    });
    assert!(counts.into_iter().all(|n| (150..=157).contains(&n)));
    let (before, state) = mixed(1, None, 1300);
    let (after, _) = mixed(8, Some(&state), 900);
    assert_eq!([before, after].concat(), places);
}

#[test]
fn a_cache_holds_the_same_values_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = folder.path().join("dataset");
    dataset_of(&dataset, ROWS);
    let source = open(&dataset);
    for level in [0, 1] {
        let out = folder.path().join(format!("cache-{level}"));
        let job = CacheJob {
            dataset: dataset.clone(),
            out: out.clone(),
            planes: PlaneSet::default(),
            level,
        };
        let report = job.run(&|| {}).unwrap();
        assert_eq!(
            (report.rows as u64, report.files_made, report.files_kept),
            (ROWS, 4, 0)
        );
        let cached = Source::open_cached(&dataset, &out).unwrap();
        for shuffle in [Shuffle::Global, Shuffle::Block] {
            let (wanted, _, state) = stream(&source, options(shuffle, 2), None, usize::MAX);
            let (found, _, cached_state) = stream(&cached, options(shuffle, 3), None, usize::MAX);
            assert_eq!((found, cached_state), (wanted, state));
        }
        // Made again, nothing changes; a file that is lost or cut is made anew.
        assert_eq!(job.run(&|| {}).unwrap().files_kept, 4);
        let file = out.join("train-00002.planes");
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert!(Source::open_cached(&dataset, &out).is_err());
        let report = job.run(&|| {}).unwrap();
        assert_eq!((report.files_made, report.files_kept), (1, 3));
        assert_eq!(std::fs::read(&file).unwrap(), bytes);

        // One wrong bit in a plane is found when it is read, and named.
        let mut wrong = bytes.clone();
        wrong[60] ^= 1;
        std::fs::write(&file, &wrong).unwrap();
        let cached = Source::open_cached(&dataset, &out).unwrap();
        let mut loader = Loader::new(&cached, options(Shuffle::Sequential, 2), None).unwrap();
        let error = std::iter::from_fn(|| Some(loader.next_sample())).find_map(Result::err);
        let error = error.unwrap().to_string();
        assert!(
            error.contains("train-00002.planes") && error.contains("row 0"),
            "{error}"
        );
    }
}

#[test]
fn a_stale_or_unfinished_cache_is_refused_and_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let (dataset, out) = (folder.path().join("dataset"), folder.path().join("cache"));
    dataset_of(&dataset, 16);
    let job = CacheJob {
        dataset: dataset.clone(),
        out: out.clone(),
        planes: PlaneSet::parse("image,depth").unwrap(),
        level: 1,
    };
    job.run(&|| {}).unwrap();
    let cached = Source::open_cached(&dataset, &out).unwrap();
    let error = Loader::new(&cached, options(Shuffle::Global, 1), None).unwrap_err();
    assert!(error.to_string().contains("no plane alpha"), "{error}");

    // The dataset grows: the cache is of another one now, and only the new shard is added.
    dataset_of(&dataset, 24);
    let error = Source::open_cached(&dataset, &out).unwrap_err().to_string();
    assert!(error.contains("bottega cache"), "{error}");
    let report = job.run(&|| {}).unwrap();
    assert_eq!((report.files_made, report.files_kept), (1, 2));
    assert_eq!(Source::open_cached(&dataset, &out).unwrap().rows(), 24);

    // As after a kill: no document.
    std::fs::remove_file(out.join("cache.json")).unwrap();
    let error = Source::open_cached(&dataset, &out).unwrap_err().to_string();
    assert!(error.contains("not finished"), "{error}");
    assert_eq!(job.run(&|| {}).unwrap().files_kept, 3);

    // A folder of somebody else's is left alone.
    let error = CacheJob {
        out: dataset.clone(),
        ..job
    }
    .run(&|| {})
    .unwrap_err();
    assert!(error.to_string().contains("other files"), "{error}");
}
