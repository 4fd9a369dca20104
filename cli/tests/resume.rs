//! Bytes do not depend on history: kills, threads, split ranges.

mod common;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{assert_same_tree, bottega, generate_tiny, run, tree};

const COUNT: u64 = 4;

/// The dataset made in one go on one thread, and how long that took.
fn whole() -> &'static (tempfile::TempDir, PathBuf, Duration) {
    static WHOLE: OnceLock<(tempfile::TempDir, PathBuf, Duration)> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("there is room");
        let out = dir.path().join("whole");
        let start = Instant::now();
        run(generate_tiny(&out, COUNT).args(["--threads", "1"])).expect_done();
        (dir, out, start.elapsed())
    })
}

fn assert_equals_whole(out: &Path) {
    let (_, whole, _) = whole();
    assert_same_tree(whole, out);
}

#[test]
fn two_threads_give_the_bytes_of_one() {
    let dir = tempfile::tempdir().expect("there is room");
    let out = dir.path().join("two");
    run(generate_tiny(&out, COUNT).args(["--threads", "2"])).expect_done();
    assert_equals_whole(&out);
}

#[test]
fn a_run_killed_at_ten_moments_ends_in_the_same_bytes() {
    let (_, _, elapsed) = whole();
    let dir = tempfile::tempdir().expect("there is room");
    let out = dir.path().join("killed");
    // On a slow machine a run takes long; the moments need not.
    let span = elapsed.mul_f64(0.5).min(Duration::from_secs(6));
    let mut kills = 0;
    // Moments spread over a run by the golden ratio, each the same in every run of the test.
    for moment in 1..=10u32 {
        let share = f64::from(moment) * 0.618_033_988_75 % 1.0;
        let mut child = generate_tiny(&out, COUNT)
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary starts");
        std::thread::sleep(span.mul_f64(share));
        kills += u32::from(child.try_wait().expect("it is our child").is_none());
        child.kill().expect("it is our child");
        child.wait().expect("it is our child");
    }
    assert!(
        kills > 0,
        "at least one run was still under way when it was killed"
    );
    run(&mut generate_tiny(&out, COUNT)).expect_done();
    assert_equals_whole(&out);
}

#[test]
fn two_halves_made_apart_are_the_whole() {
    let (_, whole, _) = whole();
    let dir = tempfile::tempdir().expect("there is room");
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    run(&mut generate_tiny(&first, 2)).expect_done();
    run(generate_tiny(&second, 2).args(["--start", "2"])).expect_done();
    let mut shards = tree(&first.join("data"));
    shards.extend(tree(&second.join("data")));
    assert!(
        shards == tree(&whole.join("data")),
        "the shards of the halves are those of the whole"
    );

    // The missing half into the folder of the other.
    run(&mut generate_tiny(&second, 2)).expect_done();
    assert_equals_whole(&second);
}

#[test]
fn running_again_renders_nothing_and_changes_nothing() {
    let (_, whole, _) = whole();
    let dir = tempfile::tempdir().expect("there is room");
    let out = dir.path().join("again");
    for (name, bytes) in tree(whole) {
        let path = out.join(name);
        std::fs::create_dir_all(path.parent().expect("it lies below")).expect("there is room");
        std::fs::write(path, bytes).expect("there is room");
    }
    let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified());
    let shard = out.join("data/train-00000.parquet");
    let before = modified(&shard).expect("it was copied");
    let again = run(generate_tiny(&out, COUNT).arg("--resume"));
    assert!(
        again.expect_done().stderr.contains("0 samples made"),
        "{again:#?}"
    );
    assert_eq!(modified(&shard).expect("it is still there"), before);
    assert_equals_whole(&out);
    run(bottega().arg("verify").arg(&out)).expect_done();
}
