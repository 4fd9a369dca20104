//! Stand-ins in the layouts of the sets, written here: nothing of the sets themselves.

use std::fs;
use std::path::Path;

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use bottega_format::{EncodedRow, synthetic};

use bottega_metrics::TRIMAP_UNKNOWN;

use super::{Benchmark, GREEN, Layout};

const SIZE: (u32, u32) = (40, 30);

fn save_rgb(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let picture = RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| Rgb([5 * x as u8, 8 * y as u8, 51]));
    picture.save(path).unwrap();
}

/// Bare on the left, half covered in one column, covered on the right.
fn alpha_at(x: u32) -> u8 {
    match x {
        0..20 => 0,
        20 => 128,
        _ => 255,
    }
}

fn save_grey(path: &Path, value: impl Fn(u32, u32) -> u8) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let plane = GrayImage::from_fn(SIZE.0, SIZE.1, |x, y| Luma([value(x, y)]));
    plane.save(path).unwrap();
}

/// Depth and normals of a ball.
fn save_truth(depth: &Path, normal: &Path) {
    let sample = synthetic::sample("ball", 0, (SIZE.0 as usize, SIZE.1 as usize));
    let row = EncodedRow::encode(&sample, Default::default()).unwrap();
    for (path, bytes) in [(depth, &row.depth_exr), (normal, &row.normal_exr)] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn names(benchmark: &Benchmark) -> Vec<(String, String)> {
    let entries = benchmark.entries().iter();
    entries
        .map(|e| (e.subset.clone(), e.name.clone()))
        .collect()
}

#[test]
fn portraits_with_mattes_and_trimaps_are_read_with_their_subsets() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("validation");
    for (subset, pictures) in [
        ("P3M-500-P", "blurred_image"),
        ("P3M-500-NP", "original_image"),
    ] {
        for stem in ["p_b", "p_a"] {
            save_rgb(&root.join(subset).join(pictures).join(format!("{stem}.jpg")));
            let mask = root.join(subset).join("mask").join(format!("{stem}.png"));
            save_grey(&mask, |x, _| alpha_at(x));
            let trimap = root.join(subset).join("trimap").join(format!("{stem}.png"));
            save_grey(&trimap, |x, _| [0, 128, 255][(x / 14) as usize]);
        }
    }
    let benchmark = Benchmark::open(Layout::P3m500, folder.path()).unwrap();
    let subsets = [
        ("P3M-500-NP", "p_a"),
        ("P3M-500-NP", "p_b"),
        ("P3M-500-P", "p_a"),
        ("P3M-500-P", "p_b"),
    ];
    let wanted = subsets.map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(names(&benchmark), wanted);
    let sample = benchmark.read(1).unwrap();
    assert!(sample.has_alpha && !sample.has_depth && !sample.has_normal);
    assert_eq!(sample.frame.alpha[20], 128.0 / 255.0);
    let trimap = sample.trimap.unwrap();
    assert_eq!(
        [trimap[0], trimap[14], trimap[39]],
        [0, TRIMAP_UNKNOWN, 255]
    );
    // One of the two folders alone.
    let alone = Benchmark::open(Layout::P3m500, &root.join("P3M-500-P")).unwrap();
    assert_eq!(alone.entries().len(), 2);
    assert_eq!(alone.entries()[0].subset, "P3M-500-P");
}

#[test]
fn two_folders_of_portraits_are_paired_by_stem_and_their_trimap_is_made() {
    for (pictures, mattes, layout) in [
        ("image", "matte", Layout::Ppm100),
        ("fg", "alpha", Layout::Ppm100),
        ("original", "mask", Layout::Aim500),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for stem in ["1", "2"] {
            save_rgb(&folder.path().join(pictures).join(format!("{stem}.png")));
            let matte = folder.path().join(mattes).join(format!("{stem}.png"));
            save_grey(&matte, |x, _| alpha_at(x));
        }
        let benchmark = Benchmark::open(layout, folder.path()).unwrap();
        let samples: Vec<_> = benchmark.samples().map(Result::unwrap).collect();
        assert_eq!(samples.len(), 2);
        let frame = &samples[0].frame;
        assert_eq!((frame.width, frame.height), (40, 30));
        assert_eq!(frame.rgb[40 + 3], [15.0 / 255.0, 8.0 / 255.0, 0.2]);
        let trimap = samples[0].trimap.as_ref().unwrap();
        assert_eq!([trimap[19], trimap[20], trimap[21]], [128; 3]);
        assert_eq!([trimap[18], trimap[22]], [0, 255]);
    }
}

#[test]
fn a_cut_out_is_put_before_green() {
    let folder = tempfile::tempdir().unwrap();
    let picture = RgbaImage::from_fn(SIZE.0, SIZE.1, |x, _| Rgba([204, 102, 51, alpha_at(x)]));
    picture.save(folder.path().join("a.png")).unwrap();
    let benchmark = Benchmark::open(Layout::PhotoMatte85, folder.path()).unwrap();
    let frame = benchmark.read(0).unwrap().frame;
    assert_eq!(frame.rgb[0], GREEN);
    for (found, wanted) in frame.rgb[30].iter().zip([0.8, 0.4, 0.2]) {
        assert!((found - wanted).abs() < 1e-6);
    }
    assert_eq!(frame.alpha[20], 128.0 / 255.0);
    save_rgb(&folder.path().join("b.png"));
    let benchmark = Benchmark::open(Layout::PhotoMatte85, folder.path()).unwrap();
    let error = benchmark.read(1).unwrap_err().to_string();
    assert!(
        error.contains("b.png") && error.contains("alpha"),
        "{error}"
    );
}

#[test]
fn pairs_seen_by_cameras_are_read_with_masks_and_rendered_truth() {
    let folder = tempfile::tempdir().unwrap();
    for (pair, action) in [("pair00", "dance00"), ("pair01", "hug01")] {
        let action = folder.path().join(pair).join(action);
        for camera in ["4", "16"] {
            save_rgb(&action.join("images").join(camera).join("000001.jpg"));
            let mask = format!("seg/img_seg_mask/{camera}/all/000001.png");
            save_grey(&action.join(mask), |x, y| 255 * u8::from(x > 10 && y > 5));
        }
        let truth = |plane: &str| action.join(plane).join("4/000001.exr");
        save_truth(&truth("depth"), &truth("normal"));
    }
    let benchmark = Benchmark::open(Layout::Hi4d, folder.path()).unwrap();
    assert_eq!(benchmark.entries().len(), 4);
    let with_truth: Vec<_> = (benchmark.samples())
        .map(Result::unwrap)
        .filter(|sample| sample.has_depth)
        .collect();
    assert_eq!(with_truth.len(), 2);
    let sample = &with_truth[1];
    assert_eq!(sample.subset, "pair01/hug01/4");
    assert!(sample.has_normal && !sample.has_alpha && sample.trimap.is_none());
    let truth = synthetic::sample("ball", 0, (40, 30));
    assert_eq!(sample.frame.depth_m, truth.planes().depth_m);
    let mask = sample.mask.as_ref().unwrap();
    assert!(mask[6 * 40 + 11] && !mask[5 * 40 + 11]);
    let counted = sample.frame.foreground().iter().filter(|v| **v).count();
    assert!(counted > 50, "{counted}");
}

#[test]
fn rendered_sets_have_plain_folders_and_what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for subset in ["face", "body"] {
        let root = folder.path().join(subset);
        save_rgb(&root.join("rgb/a.png"));
        save_truth(&root.join("depth/a.exr"), &root.join("normal/a.exr"));
        save_grey(&root.join("mask/a.png"), |_, _| 255);
    }
    let benchmark = Benchmark::open(Layout::Plain, folder.path()).unwrap();
    assert_eq!(benchmark.entries().len(), 2);
    let sample = benchmark.read(1).unwrap();
    assert_eq!(
        (sample.subset.as_str(), sample.name.as_str()),
        ("face", "a")
    );
    let z = sample.frame.normal[15 * 40 + 20][2];
    assert!(z > 0.9, "{z}");

    let refused =
        |layout: Layout, root: &Path| Benchmark::open(layout, root).unwrap_err().to_string();
    fs::remove_file(folder.path().join("body/depth/a.exr")).unwrap();
    let text = refused(Layout::Plain, folder.path());
    assert!(
        text.contains("folder depth has no file of the stem a"),
        "{text}"
    );
    let text = refused(Layout::Ppm100, folder.path());
    assert!(text.contains("no folder image or fg"), "{text}");
    assert!(refused(Layout::Hi4d, folder.path()).contains("<pair>/<action>"));
    assert!(refused(Layout::P3m500, folder.path()).contains("P3M-500-NP"));
    assert!(Benchmark::open(Layout::Plain, Path::new("/no/such/place")).is_err());
    // A plane of another size.
    save_grey(&folder.path().join("two/matte/a.png"), |_, _| 0);
    fs::create_dir_all(folder.path().join("two/image")).unwrap();
    RgbImage::new(8, 8)
        .save(folder.path().join("two/image/a.png"))
        .unwrap();
    let benchmark = Benchmark::open(Layout::Ppm100, &folder.path().join("two")).unwrap();
    let text = benchmark.read(0).unwrap_err().to_string();
    assert!(text.contains("40 x 30") && text.contains("8 x 8"), "{text}");
}
