//! What a sample must be before anything is written.

use bottega_format::{FormatError, Planes, Sample, synthetic};
use bottega_schemas::SampleMeta;

const SIZE: (usize, usize) = (24, 32);

fn ball() -> Planes {
    synthetic::sample("rules", 0, SIZE).planes().clone()
}

fn reason(change: impl FnOnce(&mut Planes)) -> String {
    let mut planes = ball();
    change(&mut planes);
    let meta = SampleMeta {
        sample_id: "rules-0000000".into(),
        ..SampleMeta::default()
    };
    match Sample::new(meta, planes, "{}", None) {
        Err(FormatError::InvalidSample { reason, .. }) => reason.into(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("the rule does not hold"),
    }
}

#[test]
fn a_synthetic_sample_has_every_required_label() {
    let sample = synthetic::sample("rules", 3, SIZE);
    assert_eq!(sample.meta().missing_labels(), Vec::<&str>::new());
    assert!(
        SampleMeta::default()
            .missing_labels()
            .contains(&"skin_tone_mst")
    );
}

#[test]
fn planes_of_other_lengths_are_refused() {
    assert!(reason(|p| p.alpha.truncate(5)).contains("plane alpha has 5 pixels"));
    assert!(reason(|p| p.rgb8.truncate(7)).contains("7 bytes"));
    assert!(reason(|p| p.width = 0).contains("no pixels"));
}

#[test]
fn values_outside_their_range_are_refused_with_their_place() {
    let n = SIZE.0;
    assert!(reason(|p| p.alpha[n + 2] = 1.5).contains("column 2, row 1"));
    assert!(reason(|p| p.alpha[0] = f32::NAN).contains("alpha"));
    assert!(reason(|p| p.depth_m[0] = f32::NAN).contains("depth is NaN"));
    assert!(reason(|p| p.depth_m[0] = -1.0).contains("depth is -1"));
    assert!(reason(|p| p.depth_m[0] = 0.0).contains("depth is 0"));
    assert!(reason(|p| p.rgb_linear[0][1] = f32::NAN).contains("linear picture"));
}

#[test]
fn normals_are_unit_on_the_surface_and_zero_off_it() {
    let hit = ball().depth_m.iter().position(|d| d.is_finite()).unwrap();
    assert!(reason(|p| p.normal[0] = [0.0, 0.0, 1.0]).contains("0 off the surface"));
    assert!(reason(|p| p.normal[hit] = [0.0, 0.0, 0.9]).contains("unit length"));
    assert!(reason(|p| p.normal[hit] = [f32::NAN; 3]).contains("unit length"));
}

#[test]
fn a_thin_strand_keeps_a_trace_of_coverage() {
    let mut planes = ball();
    let hit = planes.depth_m.iter().position(|d| d.is_finite()).unwrap();
    let miss = planes.depth_m.iter().position(|d| !d.is_finite()).unwrap();
    planes.alpha[hit] = 1e-4;
    planes.alpha[miss] = 0.0015;
    let sample = Sample::new(SampleMeta::default(), planes, "{}", None).unwrap();
    let row = bottega_format::EncodedRow::encode(&sample, Default::default()).unwrap();
    let stored = row.decode().unwrap();
    assert_eq!(stored.alpha8[hit], 1);
    assert_eq!(stored.alpha8[miss], 0);
    for (alpha8, (depth_m, normal)) in stored
        .alpha8
        .iter()
        .zip(stored.depth_m.iter().zip(&stored.normal))
    {
        assert!(!depth_m.is_finite() || *alpha8 >= 1);
        assert!(*alpha8 > 0 || (depth_m.is_infinite() && *normal == [0.0; 3]));
    }
}

#[test]
fn bright_light_is_clamped_to_what_a_half_float_holds() {
    let mut planes = ball();
    planes.rgb_linear[0] = [f32::INFINITY, 1e9, -1e9];
    let sample = Sample::new(SampleMeta::default(), planes, "{}", None).unwrap();
    assert_eq!(sample.planes().rgb_linear[0], [65504.0, 65504.0, -65504.0]);
}
