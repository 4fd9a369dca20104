//! The EXR sample: comes back as it was, makes the same shard row, and fails with a clear message.

use bottega_format::exr_sample::{decode_sample, encode_sample};
use bottega_format::{
    EncodedRow, FormatError, read_plan, read_sample, synthetic, write_sample, write_sample_of,
};
use bottega_schemas::OptionalPlanes;

#[test]
fn a_sample_comes_back_as_it_was() {
    let sample = synthetic::sample("exr", 5, (40, 50));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exr");
    write_sample(&path, &sample).unwrap();
    assert_eq!(read_sample(&path).unwrap(), sample);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );
}

#[test]
fn a_sample_carries_the_plan_of_its_dataset() {
    let (sample, plan) = (
        synthetic::sample("exr", 5, (16, 20)),
        synthetic::plan("exr"),
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exr");
    write_sample_of(&path, &sample, &plan).unwrap();
    assert_eq!(read_plan(&path).unwrap(), Some(plan));
    assert_eq!(read_sample(&path).unwrap(), sample);
    write_sample(&path, &sample).unwrap();
    assert_eq!(read_plan(&path).unwrap(), None);
}

#[test]
fn a_shard_row_made_from_the_file_has_the_same_bytes() {
    for planes in [OptionalPlanes::default(), OptionalPlanes::all()] {
        let sample = synthetic::sample("exr", 6, (33, 47));
        let read = decode_sample(&encode_sample(&sample)).unwrap();
        let direct = EncodedRow::encode(&sample, planes).unwrap().to_bytes();
        assert_eq!(
            EncodedRow::encode(&read, planes).unwrap().to_bytes(),
            direct
        );
    }
}

#[test]
fn the_same_sample_gives_the_same_file() {
    let encode = || encode_sample(&synthetic::sample("exr", 7, (40, 50)));
    assert_eq!(encode(), encode());
}

/// Replaces the first occurrence of `from` after `start`.
fn patch(bytes: &mut [u8], start: usize, from: &[u8], to: &[u8]) {
    let at = start
        + bytes[start..]
            .windows(from.len())
            .position(|w| w == from)
            .expect("the pattern is there");
    bytes[at..at + to.len()].copy_from_slice(to);
}

#[test]
fn a_wrong_channel_is_named() {
    let mut bytes = encode_sample(&synthetic::sample("exr", 8, (16, 16)));
    patch(&mut bytes, 0, b"Y\0\x02\0\0\0", b"Z\0\x02\0\0\0");
    let error = decode_sample(&bytes).unwrap_err();
    assert!(
        matches!(error, FormatError::WrongChannels { .. }),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "depth: expected Y:float, found Z:float");
}

#[test]
fn a_missing_part_is_named() {
    let mut bytes = encode_sample(&synthetic::sample("exr", 8, (16, 16)));
    patch(
        &mut bytes,
        0,
        b"name\0string\0\x05\0\0\0depth",
        b"name\0string\0\x05\0\0\0depht",
    );
    let error = decode_sample(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("part \"depth\" is missing"), "{error}");
    assert!(error.contains("\"depht\" (Y:float)"), "{error}");
}

#[test]
fn a_cut_file_is_an_error_at_every_length() {
    let bytes = encode_sample(&synthetic::sample("exr", 9, (16, 24)));
    for length in (0..bytes.len()).step_by(bytes.len() / 97) {
        assert!(decode_sample(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn flipped_bits_never_panic() {
    let bytes = encode_sample(&synthetic::sample("exr", 9, (16, 24)));
    for n in 0..400 {
        let mut bytes = bytes.clone();
        let at = (n * 7919) % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        // A flip in a pixel may pass unseen here: EXR has no checksums. Shards and manifests do.
        let _ = decode_sample(&bytes);
    }
}

#[test]
fn a_foreign_file_is_an_error() {
    for bytes in [&b""[..], b"PAR1", b"v/1\x01", &[0; 4096]] {
        let error = decode_sample(bytes).unwrap_err().to_string();
        assert!(
            error.starts_with("the EXR sample is damaged or cut"),
            "{error}"
        );
    }
}
