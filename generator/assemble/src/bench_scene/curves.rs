//! BCRV: curves with a radius per point.
//!
//! Little endian: `BCRV`, u32 version 1, u32 strands S, u32 points N, u32 flags (bit 0: a radius
//! per point, always set), u32 0; u32 offset[S + 1]; f32 position[N][3]; f32 radius[N]. Metres,
//! root first.

use bottega_geometry::StrandSet;
use glam::Vec3;

const MAGIC: &[u8; 4] = b"BCRV";
const VERSION: u32 = 1;
const HEADER: usize = 24;

/// A file of curves that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// It does not begin as it should.
    #[error("no BCRV file of version {VERSION} with a radius per point")]
    Header,
    /// It has another length than its header says.
    #[error("{found} bytes; {wanted} are wanted for {strands} strands and {points} points")]
    Length {
        /// Strands by the header.
        strands: u32,
        /// Points by the header.
        points: u32,
        /// Bytes these take.
        wanted: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// The strands do not share out the points.
    #[error(
        "strand {strand} goes from point {start} to {end} of {points}; two points at least make a strand"
    )]
    Strand {
        /// Number of the strand.
        strand: usize,
        /// Its first point.
        start: u32,
        /// One after its last.
        end: u32,
        /// Points there are.
        points: u32,
    },
    /// A number is no number.
    #[error("point {point} has a position or radius that is not finite, or a negative radius")]
    Value {
        /// Number of the point.
        point: usize,
    },
}

/// The strands of a file.
pub(super) fn decode(bytes: &[u8]) -> Result<StrandSet, CurveError> {
    let word = |at: usize| -> Option<u32> {
        let four = bytes.get(4 * at..4 * at + 4)?;
        Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    };
    let header = (word(1), word(2), word(3), word(4), word(5));
    let (Some(VERSION), Some(strands), Some(points), Some(flags), Some(_)) = header else {
        return Err(CurveError::Header);
    };
    if !bytes.starts_with(MAGIC) || flags & 1 == 0 {
        return Err(CurveError::Header);
    }
    let wanted = HEADER as u64 + 4 * (u64::from(strands) + 1) + 16 * u64::from(points);
    let found = bytes.len() as u64;
    if found != wanted {
        return Err(CurveError::Length {
            strands,
            points,
            wanted,
            found,
        });
    }
    let words: Vec<[u8; 4]> = bytes[HEADER..].as_chunks::<4>().0.to_vec();
    let (offsets, numbers) = words.split_at(strands as usize + 1);
    let (positions, radii) = numbers.split_at(3 * points as usize);
    let offsets: Vec<u32> = offsets
        .iter()
        .map(|word| u32::from_le_bytes(*word))
        .collect();
    for (strand, pair) in offsets.windows(2).enumerate() {
        let (start, end) = (pair[0], pair[1]);
        let in_order = start + 2 <= end && end <= points && (0 < strand || start == 0);
        let last = strand + 2 == offsets.len();
        if !in_order || (last && end != points) {
            return Err(CurveError::Strand {
                strand,
                start,
                end,
                points,
            });
        }
    }
    let number = |word: &[u8; 4]| f32::from_le_bytes(*word);
    let positions: Vec<Vec3> = positions
        .as_chunks::<3>()
        .0
        .iter()
        .map(|p| Vec3::from_array(p.each_ref().map(number)))
        .collect();
    let radii: Vec<f32> = radii.iter().map(number).collect();
    let bad = positions
        .iter()
        .zip(&radii)
        .position(|(p, r)| !(p.is_finite() && r.is_finite() && 0.0 <= *r));
    if let Some(point) = bad {
        return Err(CurveError::Value { point });
    }
    Ok(StrandSet {
        points: positions,
        radii,
        palette: vec![0; strands as usize],
        offsets,
    })
}

/// The file of some strands.
pub(super) fn encode(strands: &StrandSet) -> Vec<u8> {
    let n_points = strands.points.len() as u32;
    let mut out = MAGIC.to_vec();
    for word in [VERSION, strands.len() as u32, n_points, 1, 0] {
        out.extend(word.to_le_bytes());
    }
    out.extend(
        strands
            .offsets
            .iter()
            .flat_map(|offset| offset.to_le_bytes()),
    );
    let positions = strands.points.iter().flat_map(|p| p.to_array());
    out.extend(
        positions
            .chain(strands.radii.iter().copied())
            .flat_map(f32::to_le_bytes),
    );
    out
}
