//! The fast readers against the general ones: the same values, and never more than these accept.

use half::f16;

use bottega_schemas::Plane;

use super::{LineKind, ScanLines, Scratch, read_png};
use crate::exr::{Channel, Part, Samples, decode, encode};
use crate::plane_codec::{encode_direction, encode_distance};
use crate::png;

/// A small generator of numbers, so that failures come again.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Smooth in one part, wild in another, with holes.
fn depths(noise: &mut Noise, n: usize) -> Vec<f32> {
    let wild = noise.below(3);
    (0..n)
        .map(|i| match (i / 37) % 3 {
            0 => f32::INFINITY,
            1 => 1.0 + i as f32 * 1e-4,
            _ if wild == 0 => f32::from_bits(noise.next() as u32),
            _ => 0.5 + (noise.next() % 1000) as f32 * 1e-3,
        })
        .collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Depth by the general decoder.
fn general_depth(file: &[u8]) -> Option<((usize, usize), Vec<u32>)> {
    let mut parts = decode("depth", file).ok()?;
    let part = parts.pop().filter(|_| parts.is_empty())?;
    let size = (part.width, part.height);
    Some((size, bits(&part.float_channel("Y").ok()?)))
}

/// Depth by the fast one.
fn fast_depth(file: &[u8], scratch: &mut Scratch) -> Option<((usize, usize), Vec<u32>)> {
    let lines = ScanLines::parse(file)?;
    let mut out = Vec::new();
    if !lines.are_channels(&["Y"], LineKind::Float) {
        return None;
    }
    lines.floats(scratch, &mut out)?;
    Some(((lines.width, lines.height), bits(&out)))
}

#[test]
fn planes_of_every_size_are_read_fast_and_alike() {
    let (mut noise, mut scratch) = (Noise(1), Scratch::default());
    for size in [(1, 1), (1, 40), (7, 16), (33, 17), (64, 33), (384, 48)] {
        let n = size.0 * size.1;
        let file = encode_distance(Plane::Depth, size, &depths(&mut noise, n), "a");
        let fast = fast_depth(&file, &mut scratch).expect("our files are read fast");
        assert_eq!(Some(fast), general_depth(&file));

        let normals: Vec<[f32; 3]> = (0..n)
            .map(|i| {
                [
                    i as f32 / n as f32,
                    -0.5,
                    (noise.next() % 512) as f32 / 512.0,
                ]
            })
            .collect();
        let file = encode_direction(Plane::Normal, size, &normals, "a");
        let lines = ScanLines::parse(&file).expect("our files are read fast");
        assert!(lines.are_channels(&["B", "G", "R"], LineKind::Half));
        let mut fast = Vec::new();
        lines
            .vectors(&mut scratch, [2, 1, 0], &mut fast)
            .expect("it is whole");
        let general = decode("normal", &file).unwrap().pop().unwrap();
        let general = general.half_channels(["R", "G", "B"]).unwrap();
        assert_eq!(bits(fast.as_flattened()), bits(general.as_flattened()));

        let channel = |name, k: usize| Channel {
            name,
            samples: Samples::Half((0..n).map(|i| f16::from_f32((i * k) as f32)).collect()),
        };
        let part = Part {
            name: "layers",
            channels: vec![
                channel("A", 3),
                channel("B", 2),
                channel("G", 1),
                channel("R", 0),
            ],
            attributes: vec![],
        };
        let file = encode(size.0, size.1, &[part]);
        let lines = ScanLines::parse(&file).expect("our files are read fast");
        let mut fast = Vec::new();
        lines
            .quads(&mut scratch, [3, 2, 1, 0], &mut fast)
            .expect("it is whole");
        let general = decode("layers", &file).unwrap().pop().unwrap();
        let general = general.half_channels(["R", "G", "B", "A"]).unwrap();
        assert_eq!(bits(fast.as_flattened()), bits(general.as_flattened()));
    }
}

#[test]
fn files_of_another_writer_are_read_alike() {
    use ::exr::prelude::*;
    let mut scratch = Scratch::default();
    let mut n_fast = 0;
    for compression in [
        Compression::Uncompressed,
        Compression::RLE,
        Compression::ZIP1,
        Compression::ZIP16,
        Compression::PIZ,
        Compression::PXR24,
    ] {
        for (width, height) in [(5, 3), (40, 37)] {
            let values = depths(&mut Noise(9), width * height);
            let channel = AnyChannel::new("Y", FlatSamples::F32(values));
            let layer = Layer::new(
                (width, height),
                LayerAttributes::named("depth"),
                Encoding {
                    compression,
                    ..Encoding::default()
                },
                AnyChannels::sort(vec![channel].into()),
            );
            let mut file = std::io::Cursor::new(Vec::new());
            let image = Image::from_layer(layer);
            let write = image.write().non_parallel();
            write.to_buffered(&mut file).unwrap();
            let file = file.into_inner();
            let general = general_depth(&file).expect("it is whole");
            if let Some(fast) = fast_depth(&file, &mut scratch) {
                assert_eq!(fast, general, "{compression:?}");
                n_fast += 1;
            }
            let read = crate::decode_distance("depth", &file).expect("one of them reads it");
            assert_eq!(bits(&read.values), general.1, "{compression:?}");
        }
    }
    // How the other writer fills its headers is its own affair.
    assert!(n_fast <= 6, "{n_fast}");
}

#[test]
fn pictures_are_read_fast_and_alike() {
    let (mut noise, mut scratch) = (Noise(5), Scratch::default());
    for n_channels in [1, 3] {
        for (width, height) in [(1, 1), (3, 50), (17, 9), (200, 40)] {
            let n = width * height * n_channels;
            let kind = noise.below(3);
            let pixels: Vec<u8> = (0..n)
                .map(|i| match (i / 97 + kind) % 4 {
                    0 => (i / 3) as u8,
                    1 => noise.next() as u8,
                    2 => ((i * i) >> 9) as u8,
                    _ => 200,
                })
                .collect();
            let file = if n_channels == 3 {
                png::encode_rgb(width, &pixels)
            } else {
                png::encode_grey(width, &pixels)
            };
            let mut fast = Vec::new();
            let size = read_png(&file, n_channels, &mut scratch, &mut fast);
            assert_eq!((size, &fast), (Some((width, height)), &pixels));
            let mut general = Vec::new();
            png::read_any("image", &file, n_channels, &mut general).unwrap();
            assert_eq!(general, pixels);
        }
    }
}

/// Damages a file: single bits, bytes, runs, cuts, pieces moved.
fn damage(noise: &mut Noise, file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..1 + noise.below(3) {
        let at = noise.below(file.len());
        // Headers are the interesting part.
        let at = if noise.below(2) == 0 {
            at.min(noise.below(500))
        } else {
            at
        };
        match noise.below(6) {
            0 => file[at] ^= 1 << noise.below(8),
            1 => file[at] = noise.next() as u8,
            2 => file.truncate(at.max(1)),
            3 => {
                let end = file.len().min(at + noise.below(40));
                file[at..end].fill(0);
            }
            4 => {
                let end = file.len().min(at + 1 + noise.below(8));
                file.drain(at..end.min(file.len() - 1).max(at));
            }
            _ => {
                let from = noise.below(file.len());
                let n = noise.below(16).min(file.len() - at.max(from));
                file.copy_within(from..from + n, at);
            }
        }
    }
    file
}

#[test]
fn damaged_files_never_panic_and_are_read_only_as_the_general_decoders_read_them() {
    let (mut noise, mut scratch) = (Noise(77), Scratch::default());
    let rounds = std::env::var("BOTTEGA_FUZZ_ROUNDS").ok();
    let rounds = rounds.and_then(|text| text.parse().ok()).unwrap_or(3000);
    let size = (24, 37);
    let depth = encode_distance(
        Plane::Depth,
        size,
        &depths(&mut noise, size.0 * size.1),
        "sample",
    );
    let rgb: Vec<u8> = (0..3 * 24 * 20).map(|i| ((i * i) >> 5) as u8).collect();
    let picture = png::encode_rgb(24, &rgb);
    let (mut n_read, mut n_lenient) = (0, 0);
    for _ in 0..rounds {
        let file = damage(&mut noise, &depth);
        if let Some(fast) = fast_depth(&file, &mut scratch) {
            n_read += 1;
            // The general decoder checks the meaning of a few more attributes; what both read is
            // the same.
            match std::panic::catch_unwind(|| general_depth(&file)) {
                Ok(Some(general)) => assert_eq!(fast, general),
                _ => n_lenient += 1,
            }
        }
        let file = damage(&mut noise, &picture);
        let mut fast = Vec::new();
        if let Some(size) = read_png(&file, 3, &mut scratch, &mut fast) {
            let mut general = Vec::new();
            let found = png::read_any("image", &file, 3, &mut general);
            assert_eq!((size, fast), (found.expect("both accept it"), general));
        }
    }
    assert!(
        n_read > rounds / 100,
        "some damage is harmless: {n_read} of {rounds}"
    );
    assert!(n_lenient * 20 <= n_read, "{n_lenient} of {n_read}");
}
