//! Checks that compare rows with each other: copies, classes that never occur, channels that are
//! swapped everywhere.

use std::collections::BTreeMap;

use bottega_schemas::{Part, Plane};

use crate::finding::{Check, Finding};

use super::config::VerifyConfig;
use super::row_facts::{EXPECTED_PARTS, RowFacts, THUMB_CELLS};
use super::surface::{SurfaceFit, check_median_fit};

/// Fewer samples than this show no tendency.
const SAMPLES_MIN: usize = 8;

/// Bits of a fingerprint that are compared at a time.
const BAND_BITS: usize = 16;

/// A row of a named file.
pub(super) type Placed<'a> = (&'a str, &'a RowFacts);

/// Checks all rows of a dataset against each other.
pub(super) fn check_across_rows(
    rows: &[Placed<'_>],
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let mut duplicates = Vec::new();
    let copies = check_copies(rows, &mut duplicates);
    check_near_copies(rows, &copies, config, &mut duplicates);
    let n_more = duplicates.len().saturating_sub(config.findings_per_check);
    duplicates.truncate(config.findings_per_check);
    findings.extend(duplicates);
    if n_more > 0 {
        let message = format!("{n_more} more findings of this check");
        findings.push(Finding::new(Check::Duplicate, message));
    }
    check_parts(rows, findings);
    check_channels(rows, config, findings);
    check_softness(rows, findings);
    let fits: Vec<SurfaceFit> = rows.iter().filter_map(|row| row.1.fit).collect();
    if fits.len() >= SAMPLES_MIN
        && let Some(finding) = check_median_fit(&fits, &config.surface_of_dataset)
    {
        findings.push(at(rows[0], finding));
    }
}

pub(super) fn at((file, facts): Placed<'_>, finding: Finding) -> Finding {
    finding.in_row(facts.row, &facts.sample_id).in_file(file)
}

/// Rows that hold the very bytes of an earlier row; returns the pairs by their later row.
fn check_copies(rows: &[Placed<'_>], findings: &mut Vec<Finding>) -> BTreeMap<usize, usize> {
    let mut pairs = BTreeMap::new();
    for (which, plane) in [Plane::Rgb8, Plane::Depth, Plane::Normal]
        .into_iter()
        .enumerate()
    {
        let mut owners: BTreeMap<u64, usize> = BTreeMap::new();
        for (i, row) in rows.iter().enumerate() {
            let Some(&owner) = owners.get(&row.1.hashes[which]) else {
                owners.insert(row.1.hashes[which], i);
                continue;
            };
            if pairs.insert(i, owner).is_none() {
                let (file, other) = rows[owner];
                let message = format!("the same bytes as sample {} in {file}", other.sample_id);
                findings.push(at(
                    *row,
                    Finding::new(Check::Duplicate, message).at(plane, None),
                ));
            }
        }
    }
    let mut seeds: BTreeMap<i64, usize> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        let Some(seed) = row.1.seed else { continue };
        if let Some(&owner) = seeds.get(&seed) {
            if !pairs.contains_key(&i) {
                let message = format!("the seed {seed} of sample {} too", rows[owner].1.sample_id);
                findings.push(at(*row, Finding::new(Check::Duplicate, message)));
            }
        } else {
            seeds.insert(seed, i);
        }
    }
    pairs
}

/// One bit a cell: whether it is brighter, or more covered, than the next.
fn fingerprint(thumb: &[u8; THUMB_CELLS]) -> u128 {
    let bit = |i: usize| u128::from(thumb[i] > thumb[(i + 1) % THUMB_CELLS]) << i;
    (0..THUMB_CELLS).map(bit).fold(0, |bits, bit| bits | bit)
}

/// Rows whose pictures and coverages are nearly those of an earlier row.
///
/// Fingerprints that share one of eight bands are compared, so that all pairs that differ in at
/// most seven bits meet, without comparing every row with every other.
fn check_near_copies(
    rows: &[Placed<'_>],
    copies: &BTreeMap<usize, usize>,
    config: &VerifyConfig,
    findings: &mut Vec<Finding>,
) {
    let mut bands: BTreeMap<(usize, u16), Vec<usize>> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        let bits = fingerprint(&row.1.thumb);
        let mut nearest: Option<(usize, f32)> = None;
        for band in 0..128 / BAND_BITS {
            let key = (band, (bits >> (band * BAND_BITS)) as u16);
            let others = bands.entry(key).or_default();
            // A band that everything shares, as an even background gives, tells nothing new.
            for &other in others.iter().rev().take(config.near_copy_candidates) {
                let distance = distance(&row.1.thumb, &rows[other].1.thumb);
                if distance <= config.near_copy_distance
                    && nearest.is_none_or(|(_, least)| distance < least)
                {
                    nearest = Some((other, distance));
                }
            }
            others.push(i);
        }
        if let Some((other, distance)) = nearest
            && !copies.contains_key(&i)
        {
            let (file, other) = rows[other];
            let message = format!(
                "nearly the picture of sample {} in {file}: they differ by {distance:.2} of 255 on \
                 average",
                other.sample_id
            );
            findings.push(at(
                *row,
                Finding::new(Check::Duplicate, message).at(Plane::Rgb8, None),
            ));
        }
    }
}

/// The larger of the mean differences of luma and of coverage.
fn distance(a: &[u8; THUMB_CELLS], b: &[u8; THUMB_CELLS]) -> f32 {
    let half = THUMB_CELLS / 2;
    let mean = |range: std::ops::Range<usize>| {
        let sum: u32 = range.map(|i| u32::from(a[i].abs_diff(b[i]))).sum();
        sum as f32 / half as f32
    };
    mean(0..half).max(mean(half..THUMB_CELLS))
}

/// Parts that labels promise, and that no sample shows.
fn check_parts(rows: &[Placed<'_>], findings: &mut Vec<Finding>) {
    for (part, _) in EXPECTED_PARTS {
        let number = *part as u8;
        let known = rows
            .iter()
            .filter_map(|row| Some((row, row.1.part_px.as_ref()?)));
        let expecting: Vec<_> = known
            .filter(|(row, _)| row.1.expects.contains(&number))
            .collect();
        let is_seen = expecting
            .iter()
            .any(|(_, counts)| counts.contains_key(&number));
        if expecting.len() >= SAMPLES_MIN && !is_seen {
            let message = format!(
                "no pixel of {} samples whose labels promise it is part {number} ({part:?}); is \
                 the class stored under another number?",
                expecting.len()
            );
            let (row, _) = expecting[0];
            findings.push(at(
                *row,
                Finding::new(Check::PartId, message).at(Plane::PartId, None),
            ));
        }
    }
    let mut strange: BTreeMap<u8, (usize, u64)> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        for (&number, &count) in row.1.part_px.iter().flatten() {
            if !is_part(number) {
                strange.entry(number).or_insert((i, 0)).1 += count;
            }
        }
    }
    for (number, (first, count)) in strange {
        let message = format!("{count} pixels have the number {number}, which is no part");
        let finding = Finding::new(Check::PartId, message).at(Plane::PartId, None);
        findings.push(at(rows[first], finding));
    }
}

fn is_part(number: u8) -> bool {
    number == 0 || Part::ALL.iter().any(|part| *part as u8 == number)
}

/// Skin is redder than blue under nearly every light; where most of it is not, red and blue are
/// swapped.
fn check_channels(rows: &[Placed<'_>], config: &VerifyConfig, findings: &mut Vec<Finding>) {
    let known: Vec<f32> = rows.iter().filter_map(|row| row.1.red_less_blue).collect();
    let n_blue = known.iter().filter(|difference| **difference < 0.0).count();
    let share = n_blue as f64 / known.len().max(1) as f64;
    let are_parts_known = rows.iter().all(|row| row.1.part_px.is_some());
    let share_max = if are_parts_known {
        config.blue_skin_share_max
    } else {
        config.blue_person_share_max
    };
    if known.len() >= SAMPLES_MIN && share > share_max {
        let message = format!(
            "people are bluer than red in {n_blue} of {} samples, wanted at most a share of {share_max}; \
             are red and blue swapped?",
            known.len(),
        );
        let finding = Finding::new(Check::Picture, message).at(Plane::Rgb8, None);
        findings.push(at(rows[0], finding));
    }
}

/// Coverage without a soft edge anywhere was cut to two values.
fn check_softness(rows: &[Placed<'_>], findings: &mut Vec<Finding>) {
    if rows.len() >= SAMPLES_MIN && rows.iter().all(|row| !row.1.is_soft) {
        let message = format!(
            "no pixel of {} samples is partly covered; was coverage cut to 0 and 255?",
            rows.len()
        );
        let finding = Finding::new(Check::Coverage, message).at(Plane::Alpha, None);
        findings.push(at(rows[0], finding));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Rows without a fault: pictures, coverages and seeds that differ.
    pub(in crate::verify) fn sound(n: usize) -> Vec<RowFacts> {
        let noise = |i: usize, cell: usize| {
            let mixed =
                (i as u32).wrapping_mul(0x9e37_79b1) ^ (cell as u32).wrapping_mul(0x85eb_ca6b);
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d);
            (mixed >> 21) as u8
        };
        (0..n)
            .map(|i| RowFacts {
                row: i as u64,
                sample_id: format!("a-{i:07}"),
                hashes: [0, 1, 2].map(|k| (3 * i + k) as u64),
                thumb: std::array::from_fn(|cell| noise(i, cell)),
                part_px: Some([(0, 50), (1, 20), (6, 10)].into()),
                red_less_blue: Some(20.0),
                is_soft: true,
                expects: vec![1, 6],
                seed: Some(i as i64),
                fit: None,
                distances_m: None,
            })
            .collect()
    }

    fn findings(rows: &[RowFacts]) -> Vec<Finding> {
        let placed: Vec<_> = rows
            .iter()
            .map(|row| ("data/train-00000.parquet", row))
            .collect();
        let mut findings = Vec::new();
        check_across_rows(&placed, &VerifyConfig::default(), &mut findings);
        findings
    }

    fn checks_and_rows(rows: &[RowFacts]) -> Vec<(Check, Option<u64>)> {
        findings(rows)
            .iter()
            .map(|finding| (finding.check, finding.row))
            .collect()
    }

    #[test]
    fn sound_rows_have_no_finding() {
        assert_eq!(findings(&sound(40)), []);
    }

    #[test]
    fn copies_near_copies_and_equal_seeds_name_the_later_row() {
        let mut rows = sound(12);
        rows[9].hashes[1] = rows[2].hashes[1];
        assert_eq!(checks_and_rows(&rows), [(Check::Duplicate, Some(9))]);
        let mut rows = sound(12);
        rows[7].thumb = rows[3].thumb.map(|value| value.saturating_add(1));
        assert_eq!(checks_and_rows(&rows), [(Check::Duplicate, Some(7))]);
        let mut rows = sound(12);
        rows[5].seed = rows[4].seed;
        assert_eq!(checks_and_rows(&rows), [(Check::Duplicate, Some(5))]);
    }

    #[test]
    fn a_class_that_never_occurs_and_a_number_that_is_no_class_are_found() {
        let mut rows = sound(12);
        rows.iter_mut()
            .for_each(|row| row.part_px = Some([(0, 50), (1, 30)].into()));
        let found = findings(&rows);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("Hair"), "{}", found[0]);
        rows.truncate(SAMPLES_MIN - 1);
        assert_eq!(findings(&rows), [], "too few to tell");
        let mut rows = sound(12);
        rows[3].part_px = Some([(1, 5), (6, 5), (77, 4)].into());
        assert_eq!(checks_and_rows(&rows), [(Check::PartId, Some(3))]);
    }

    #[test]
    fn swapped_channels_and_lost_softness_are_found_over_the_dataset() {
        let mut rows = sound(12);
        rows.iter_mut()
            .for_each(|row| row.red_less_blue = Some(-20.0));
        assert_eq!(checks_and_rows(&rows), [(Check::Picture, Some(0))]);
        let mut rows = sound(12);
        rows.iter_mut().for_each(|row| row.is_soft = false);
        assert_eq!(checks_and_rows(&rows), [(Check::Coverage, Some(0))]);
    }
}
