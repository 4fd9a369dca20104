//! Geometry and arithmetic around a model equal those of the published runtime, which are
//! OpenCV's, on four pictures: landscape, portrait, large enough to be halved, square.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]
#![allow(clippy::print_stdout, reason = "figures for whoever asks for them")]

use std::path::Path;

use safetensors::SafeTensors;

use bottega_schemas::train::Fit;
use bottega_trainer::predict::{Canvas, Picture, Plane, Sizing};

const CASES: [&str; 4] = ["landscape", "portrait", "large", "square"];
const SIDE: usize = 32;
const TOLERANCE: f32 = 1e-5;

fn golden() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/david_runtime.safetensors");
    std::fs::read(path).unwrap()
}

fn floats(tensors: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let bytes = tensors.tensor(name).unwrap().data();
    let values = bytes.as_chunks::<4>().0.iter().copied();
    values.map(f32::from_le_bytes).collect()
}

/// The picture of a case, whose file has BGR.
fn picture(tensors: &SafeTensors<'_>, case: &str) -> Picture {
    let tensor = tensors.tensor(&format!("{case}.image_u8")).unwrap();
    let &[height, width, 3] = tensor.shape() else {
        panic!("{:?}", tensor.shape());
    };
    let rgb16 = (tensor.data().as_chunks::<3>().0.iter())
        .flat_map(|&[b, g, r]| [r, g, b].map(|v| 257 * u16::from(v)))
        .collect();
    Picture {
        width,
        height,
        rgb16,
    }
}

fn canvas(picture: &Picture) -> Canvas {
    let sizing = Sizing {
        size_px: [SIDE, SIDE],
        fit: Fit::Pad,
    };
    Canvas::new([picture.width, picture.height], sizing)
}

fn largest_difference(found: &[f32], wanted: &[f32]) -> f32 {
    assert_eq!(found.len(), wanted.len());
    let differences = found.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    // A NaN must not be taken for a small difference.
    differences.fold(0.0, |max, v| if v > max || v.is_nan() { v } else { max })
}

#[test]
fn pictures_are_prepared_as_by_the_published_runtime() {
    let bytes = golden();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    for case in CASES {
        let picture = picture(&tensors, case);
        let channels = [0, 1, 2].map(|channel| picture.channel(channel));
        let found = canvas(&picture).prepare(&channels);
        let bgr = floats(&tensors, &format!("{case}.prepared"));
        // There a pixel's channels lie together, here the pixels of a channel do.
        let pixels = bgr.as_chunks::<3>().0;
        let wanted: Vec<f32> = [2, 1, 0]
            .into_iter()
            .flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel]))
            .collect();
        let difference = largest_difference(&found, &wanted);
        println!("{case}: prepared within {difference:e}");
        assert!(difference < TOLERANCE, "{case}: {difference}");
    }
}

#[test]
fn planes_are_restored_as_by_the_published_runtime() {
    let bytes = golden();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    for case in CASES {
        let picture = picture(&tensors, case);
        let found = canvas(&picture).restore_plane(&Plane {
            width: SIDE,
            height: SIDE,
            values: floats(&tensors, &format!("{case}.model_out")),
        });
        assert_eq!((found.width, found.height), (picture.width, picture.height));
        let wanted = floats(&tensors, &format!("{case}.composited_cubic"));
        let difference = largest_difference(&found.values, &wanted);
        println!("{case}: restored within {difference:e}");
        assert!(difference < TOLERANCE, "{case}: {difference}");
    }
}
