//! One row into buffers: where its planes lie, how they are decoded, how long that took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bottega_schemas::Plane;

use crate::error::{FormatError, InRow};
use crate::pixels::Scratch;
use crate::plane_codec::{read_direction, read_distance};
use crate::plane_values::PlaneValues;
use crate::png;
use crate::shard::StoredPlanes;

use super::planes::{PlaneSet, column_of, plane_name};
use super::source::SourceData;

/// Times and sizes of a plane, over all samples so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlaneLoad {
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Bytes of the values in memory.
    pub value_bytes: u64,
    /// Time of decoding, in seconds, all threads together.
    pub decode_s: f64,
}

/// What workers count.
#[derive(Debug, Default)]
pub(super) struct Counters {
    read_ns: AtomicU64,
    planes: Vec<[AtomicU64; 3]>,
}

impl Counters {
    pub(super) fn new(planes: &PlaneSet) -> Self {
        Self {
            read_ns: AtomicU64::new(0),
            planes: planes.iter().map(|_| Default::default()).collect(),
        }
    }

    /// Time of reading from shards or cache, in seconds, all threads together.
    pub(super) fn read_s(&self) -> f64 {
        self.read_ns.load(Ordering::Relaxed) as f64 * 1e-9
    }

    pub(super) fn planes(&self) -> Vec<PlaneLoad> {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let planes = self.planes.iter().map(|[stored, values, ns]| PlaneLoad {
            stored_bytes: load(stored),
            value_bytes: load(values),
            decode_s: load(ns) as f64 * 1e-9,
        });
        planes.collect()
    }

    fn add(&self, plane: usize, stored: usize, values: usize, time: Duration) {
        let [a, b, c] = &self.planes[plane];
        a.fetch_add(stored as u64, Ordering::Relaxed);
        b.fetch_add(values as u64, Ordering::Relaxed);
        c.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }
}

/// Reads a row of a dataset into `out`, of which only the planes asked for are touched.
pub(super) fn read_row(
    source: &SourceData,
    row: u64,
    planes: &PlaneSet,
    counters: &Counters,
    scratch: &mut Scratch,
    out: &mut StoredPlanes,
) -> Result<(), FormatError> {
    let (shard, row_in_shard) = source.place(row);
    let in_row = |plane: Plane, error: FormatError| {
        let path = match &source.cache {
            Some(cache) => cache.path_of(shard),
            None => source.shards[shard].pages.path(),
        };
        FormatError::InRow(Box::new(InRow {
            path: path.into(),
            row: row_in_shard,
            sample_id: (&*source.facts(row).sample_id).into(),
            plane: plane_name(plane),
            source: error.without_file(path),
        }))
    };
    let mut size = None;
    for (i, plane) in planes.iter().enumerate() {
        let read_at = Instant::now();
        let stored = match &source.cache {
            Some(cache) => cache.read(shard, row_in_shard, plane),
            None => source.file(shard).and_then(|file| {
                let pages = &source.shards[shard].pages;
                pages.read(&file, column_of(plane), row_in_shard)
            }),
        };
        let stored = stored.map_err(|error| in_row(plane, error))?;
        let decode_at = Instant::now();
        counters
            .read_ns
            .fetch_add((decode_at - read_at).as_nanos() as u64, Ordering::Relaxed);
        let found = match &source.cache {
            Some(_) => crate::cache::unpack(plane, &stored, scratch, out),
            None => decode_plane(plane, &stored, scratch, out),
        };
        let found = found.map_err(|error| in_row(plane, error))?;
        let values = found.0 * found.1 * bytes_per_pixel(plane);
        counters.add(i, stored.len(), values, decode_at.elapsed());
        match size {
            None => size = Some(found),
            Some((width, height)) if found != (width, height) => {
                let reason = format!(
                    "it has {} x {} pixels, the planes before it {width} x {height}",
                    found.0, found.1
                );
                return Err(in_row(plane, FormatError::malformed("plane", reason)));
            }
            Some(_) => {}
        }
    }
    (out.width, out.height) = size.unwrap_or_default();
    Ok(())
}

/// Decodes the file of a plane into its place in `out`; width and height.
fn decode_plane(
    plane: Plane,
    file: &[u8],
    scratch: &mut Scratch,
    out: &mut StoredPlanes,
) -> Result<(usize, usize), FormatError> {
    let what = column_of(plane);
    match plane {
        Plane::Rgb8 => png::read(what, file, 3, scratch, &mut out.rgb8),
        Plane::Alpha => png::read(what, file, 1, scratch, &mut out.alpha8),
        Plane::Depth => read_distance(what, file, scratch, &mut out.depth_m),
        Plane::Normal => read_direction(what, file, scratch, &mut out.normal),
        plane => (out.optional)
            .entry(plane)
            .or_insert(PlaneValues::Byte(Vec::new()))
            .read(plane, file, scratch),
    }
}

/// Bytes of a pixel in the buffers.
fn bytes_per_pixel(plane: Plane) -> usize {
    use bottega_schemas::PlaneEncoding::{Byte, Float, Float3, Half3, Half4};
    match (plane, plane.encoding()) {
        (Plane::Rgb8, _) => 3,
        (_, Byte) => 1,
        (_, Float) => 4,
        (_, Half3 | Float3) => 12,
        (_, Half4) => 16,
    }
}
