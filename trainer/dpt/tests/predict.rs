//! Photographs of every kind and size become predictions of their size, and these become files,
//! whatever network gives the planes.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, Rgb32FImage, RgbImage, RgbaImage};

use bottega_schemas::train::Fit;
use bottega_trainer::TrainError;
use bottega_trainer::export::DepthSign;
use bottega_trainer::predict::{
    FileOptions, Outputs, Picture, Prediction, Predictor, Sizing, check_stems, predict,
    write_prediction,
};

/// Not a network: alpha is red, depth falls with green, normals point where blue says.
struct Colors {
    side: usize,
    sign: DepthSign,
}

impl Predictor for Colors {
    fn sizing(&self) -> Sizing {
        square(self.side)
    }

    fn depth_sign(&self) -> DepthSign {
        self.sign
    }

    fn predict(&self, image: &[f32]) -> Result<Outputs, TrainError> {
        let n = self.side * self.side;
        let [red, green, blue] = [0, 1, 2].map(|channel| &image[channel * n..][..n]);
        let normal = [blue, &vec![0.0; n], &vec![0.75; n]];
        Ok(Outputs {
            depth: Some(green.iter().map(|green| 3.0 - green).collect()),
            normal: Some(normal.concat()),
            alpha: Some(red.to_vec()),
        })
    }
}

fn square(side: usize) -> Sizing {
    Sizing {
        size_px: [side; 2],
        fit: Fit::Pad,
    }
}

fn colors(side: usize) -> Colors {
    Colors {
        side,
        sign: DepthSign::Farther,
    }
}

/// Red on the left half, green falling from top to bottom.
fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let red = if 2 * x < width { 255 } else { 0 };
        Rgb([red, (255 - 255 * y / height) as u8, 128])
    })
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

#[test]
fn planes_have_the_size_of_the_picture_and_lie_where_its_colors_do() {
    for (width, height) in [(64, 64), (90, 41), (33, 150), (400, 300)] {
        let picture = Picture::from_image(&photo(width, height).into());
        let found = predict(&picture, &colors(64)).unwrap();
        let [w, h] = [width as usize, height as usize];
        assert_eq!((found.width, found.height), (w, h));
        let alpha = found.alpha.unwrap();
        let at = |x: usize, y: usize| alpha[y * w + x];
        assert!(at(w / 4, h / 2) > 0.98 && at(3 * w / 4, h / 2) < 0.02);
        assert!(alpha.iter().all(|share| (0.0..=1.0).contains(share)));
        let depth = found.depth.unwrap();
        assert!(depth[(h - 1) * w] > depth[0] + 0.8, "green falls downward");
        let normal = found.normal.unwrap();
        for normal in &normal {
            let length2: f32 = normal.iter().map(|v| v * v).sum();
            assert!((length2 - 1.0).abs() < 1e-5, "{normal:?}");
        }
    }
}

#[test]
fn depth_that_grows_toward_the_camera_is_turned() {
    let picture = Picture::from_image(&photo(20, 30).into());
    let nearer = Colors {
        side: 32,
        sign: DepthSign::Nearer,
    };
    let depth = |colors: &Colors| predict(&picture, colors).unwrap().depth.unwrap();
    let [farther, nearer] = [&colors(32), &nearer].map(depth);
    let opposite: Vec<f32> = nearer.iter().map(|depth| -depth).collect();
    assert_eq!(farther, opposite);
}

#[test]
fn a_picture_of_one_pixel_is_predicted_too() {
    let picture = Picture::from_image(&photo(1, 1).into());
    let found = predict(&picture, &colors(16)).unwrap();
    assert_eq!((found.width, found.height), (1, 1));
    assert!((found.alpha.unwrap()[0] - 1.0).abs() < 1e-5);
}

#[test]
fn every_kind_of_file_gives_the_same_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let rgb = photo(40, 30);
    let wanted = Picture::from_image(&rgb.clone().into());
    let rgba = RgbaImage::from_fn(40, 30, |x, y| {
        let [r, g, b] = rgb.get_pixel(x, y).0;
        image::Rgba([r, g, b, (x * 6) as u8])
    });
    let deep = DynamicImage::from(rgb.clone()).to_rgb16();
    let kinds: [(&str, DynamicImage, ImageFormat); 4] = [
        ("rgb.png", rgb.clone().into(), ImageFormat::Png),
        ("rgba.png", rgba.into(), ImageFormat::Png),
        ("deep.png", deep.into(), ImageFormat::Png),
        ("rgb.webp", rgb.into(), ImageFormat::WebP),
    ];
    for (name, image, format) in kinds {
        let path = write(folder.path(), name, &encoded(&image, format));
        assert_eq!(Picture::read(&path).unwrap(), wanted, "{name}");
    }

    let grey = GrayImage::from_fn(40, 30, |x, _| Luma([(6 * x) as u8]));
    let path = write(
        folder.path(),
        "grey.png",
        &encoded(&grey.clone().into(), ImageFormat::Png),
    );
    let found = Picture::read(&path).unwrap();
    assert_eq!(&found.rgb8()[3..6], [6, 6, 6]);
    // 8 bits give n/255 exactly.
    assert_eq!(found.channel(1).values[7], 42.0 / 255.0);
}

/// A JPEG that says how its camera was held.
fn jpeg(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let plain = encoded(&image.clone().into(), ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes
}

#[test]
fn photos_are_turned_as_their_camera_says() {
    let folder = tempfile::tempdir().unwrap();
    let image = photo(48, 32);
    let upright = write(folder.path(), "upright.jpg", &jpeg(&image, 1));
    let turned = write(folder.path(), "turned.jpg", &jpeg(&image, 6));
    let upright = Picture::read(&upright).unwrap();
    let turned = Picture::read(&turned).unwrap();
    assert_eq!((upright.width, upright.height), (48, 32));
    assert_eq!((turned.width, turned.height), (32, 48));
    // Turned to the right: the left column has become the top row.
    let pixel = |picture: &Picture, x: usize, y: usize| {
        let at = 3 * (y * picture.width + x);
        picture.rgb8()[at..at + 3].to_vec()
    };
    for i in 0..32 {
        assert_eq!(pixel(&turned, 31 - i, 5), pixel(&upright, 5, i));
    }
}

#[test]
fn what_is_no_picture_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let png = encoded(&photo(30, 30).into(), ImageFormat::Png);
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    for (name, bytes) in [
        ("text.png", b"not a picture".to_vec()),
        ("empty.jpg", vec![]),
        ("cut.png", png[..png.len() / 2].to_vec()),
        ("huge.png", huge),
    ] {
        let path = write(folder.path(), name, &bytes);
        let error = Picture::read(&path).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let error = Picture::read(&folder.path().join("missing.png")).unwrap_err();
    assert!(error.to_string().contains("missing.png"), "{error}");
}

#[test]
fn outputs_of_another_size_are_refused() {
    struct Short;
    impl Predictor for Short {
        fn sizing(&self) -> Sizing {
            square(16)
        }
        fn depth_sign(&self) -> DepthSign {
            DepthSign::Farther
        }
        fn predict(&self, _: &[f32]) -> Result<Outputs, TrainError> {
            Ok(Outputs {
                normal: Some(vec![0.0; 16 * 16]),
                ..Outputs::default()
            })
        }
    }
    let picture = Picture::from_image(&photo(20, 20).into());
    let error = predict(&picture, &Short).unwrap_err().to_string();
    assert!(error.contains("256") && error.contains("normal"), "{error}");
}

fn open(folder: &Path, name: &str) -> DynamicImage {
    image::open(folder.join(name)).unwrap()
}

#[test]
fn files_hold_what_was_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/folder");
    let picture = Picture::from_image(&photo(60, 45).into());
    let prediction = predict(&picture, &colors(64)).unwrap();
    let path = Path::new("some/where/ada.jpg");
    let options = FileOptions::default();
    let report = write_prediction(&out, path, &picture, &prediction, options).unwrap();
    for name in report.files.values() {
        assert!(out.join(name).exists(), "{name}");
    }
    assert_eq!(report.files.len(), 8);
    let alpha = prediction.alpha.as_ref().unwrap();
    let depth = prediction.depth.as_ref().unwrap();
    let normal = prediction.normal.as_ref().unwrap();

    let found = open(&out, "ada_depth.png").into_luma16();
    let scale = report.depth.as_ref().unwrap();
    let mut seen = [u16::MAX, 0];
    for (px, &Luma([value])) in found.pixels().enumerate() {
        if alpha[px] <= 0.5 {
            assert_eq!(value, 0, "pixel {px}");
            continue;
        }
        seen = [seen[0].min(value), seen[1].max(value)];
        let share = (f32::from(value) - 1.0) / 65534.0;
        let back = scale.png_1 + share * (scale.png_65535 - scale.png_1);
        assert!((back - depth[px]).abs() < 3e-5, "pixel {px}");
    }
    assert_eq!(seen, [1, 65535]);

    let found = open(&out, "ada_alpha.png").into_luma8();
    for (found, share) in found.pixels().zip(alpha) {
        assert!((f32::from(found.0[0]) / 255.0 - share).abs() < 0.5 / 254.0);
    }
    let found = open(&out, "ada_cutout.png").into_rgba8();
    let rgb8 = picture.rgb8();
    for (px, found) in found.pixels().enumerate() {
        assert_eq!(&found.0[..3], &rgb8[3 * px..3 * px + 3]);
        assert!((f32::from(found.0[3]) / 255.0 - alpha[px]).abs() < 0.5 / 254.0);
    }
    let found = open(&out, "ada_normal.png").into_rgb8();
    for (px, found) in found.pixels().enumerate() {
        let wanted = normal[px].map(|v| (127.5 * (v + 1.0)).round() as u8);
        let wanted = if alpha[px] > 0.5 { wanted } else { [0; 3] };
        assert_eq!(found.0, wanted);
    }
    let bytes = std::fs::read(out.join("ada_depth.exr")).unwrap();
    let found = bottega_format::decode_distance("depth", &bytes).unwrap();
    assert_eq!((found.width, found.height), (60, 45));
    assert_eq!(&found.values, depth);
    let bytes = std::fs::read(out.join("ada_normal.exr")).unwrap();
    let found = bottega_format::decode_direction("normal", &bytes).unwrap();
    for (found, wanted) in found.values.iter().zip(normal) {
        assert!((0..3).all(|axis| (found[axis] - wanted[axis]).abs() < 5e-4));
    }
    let sheet = open(&out, "ada_side_by_side.png").into_rgb8();
    assert_eq!(sheet.dimensions(), (8 + 5 * (60 + 8), 45 + 16));
    assert_eq!(
        sheet.get_pixel(8 + 3, 8 + 4).0,
        rgb8[3 * (4 * 60 + 3)..][..3]
    );

    let json = std::fs::read_to_string(out.join("ada_prediction.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["depth"]["larger_is"], "farther");
    assert_eq!(json["picture"], "ada.jpg");
}

#[test]
fn a_model_of_one_task_gives_the_files_of_that_task() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::from_image(&photo(30, 20).into());
    let all = predict(&picture, &colors(32)).unwrap();
    let depth_only = Prediction {
        normal: None,
        alpha: None,
        ..all
    };
    let options = FileOptions { is_exr: false };
    let path = Path::new("b.png");
    let report = write_prediction(folder.path(), path, &picture, &depth_only, options).unwrap();
    let found: Vec<&str> = report.files.keys().copied().collect();
    assert_eq!(found, ["depth", "report", "side_by_side"]);
    // Without alpha every pixel counts as the person.
    let depth = open(folder.path(), "b_depth.png").into_luma16();
    assert!(depth.pixels().all(|value| value.0[0] > 0));
}

#[test]
fn a_large_picture_has_a_sheet_of_a_size_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::from_image(&photo(1536, 1024).into());
    let prediction = predict(&picture, &colors(64)).unwrap();
    let options = FileOptions { is_exr: false };
    let path = Path::new("c.png");
    write_prediction(folder.path(), path, &picture, &prediction, options).unwrap();
    let sheet = open(folder.path(), "c_side_by_side.png");
    assert_eq!((sheet.width(), sheet.height()), (8 + 5 * 776, 512 + 16));
}

#[test]
fn pictures_of_the_same_name_are_refused_before_anything_is_written() {
    let [a, b, c] = ["x/ada.png", "y/ada.jpg", "x/ben.png"].map(PathBuf::from);
    check_stems(&[a.clone(), c.clone()]).unwrap();
    let error = check_stems(&[a, c, b]).unwrap_err().to_string();
    assert!(
        error.contains("x/ada.png") && error.contains("y/ada.jpg"),
        "{error}"
    );
}

#[test]
fn floating_point_pictures_of_no_kind_we_read_do_not_panic() {
    // A kind that the decoders never give, but callers may.
    let image = DynamicImage::from(Rgb32FImage::from_pixel(4, 4, Rgb([0.5, 2.0, -1.0])));
    let picture = Picture::from_image(&image);
    assert_eq!(picture.rgb16.len(), 48);
}
