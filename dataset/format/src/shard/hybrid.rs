//! Runs of small whole numbers as Parquet packs them: levels, and codes of a dictionary.
//!
//! A run begins with a varint; its lowest bit says whether groups of eight values follow, packed
//! bit by bit from the lowest, or one value that repeats (Parquet's RLE / bit-packing hybrid).

/// A run of values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Run<'a> {
    /// The same value again and again.
    Same {
        /// The value.
        value: u32,
        /// How often.
        n: usize,
    },
    /// Values side by side.
    Packed {
        /// The bits.
        bytes: &'a [u8],
        /// Bits of one value.
        width: u32,
        /// Number of values.
        n: usize,
    },
}

impl Run<'_> {
    /// Number of values.
    pub(super) fn len(&self) -> usize {
        match *self {
            Self::Same { n, .. } | Self::Packed { n, .. } => n,
        }
    }

    /// The value at a place below [`Run::len`].
    pub(super) fn at(&self, i: usize) -> u32 {
        match *self {
            Self::Same { value, .. } => value,
            Self::Packed { bytes, width, .. } => {
                let bit = i * width as usize;
                let mut window = [0; 8];
                let from = &bytes[(bit / 8).min(bytes.len())..];
                let n = from.len().min(8);
                window[..n].copy_from_slice(&from[..n]);
                let value = u64::from_le_bytes(window) >> (bit % 8);
                (value & ((1_u64 << width) - 1)) as u32
            }
        }
    }
}

/// Reads runs; ends after the number of values that was asked for, or where the bytes do.
#[derive(Clone, Debug)]
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
    width: u32,
    left: usize,
}

impl<'a> Runs<'a> {
    /// `n` values of `width` bits, at most 32.
    pub(super) fn new(bytes: &'a [u8], width: u32, n: usize) -> Self {
        Self {
            bytes,
            width: width.min(32),
            left: n,
        }
    }

    /// All values, after what is in `out`; `None` if the bytes end too soon.
    pub(super) fn collect_into(self, out: &mut Vec<u32>) -> Option<()> {
        let wanted = out.len() + self.left;
        for run in self {
            match run {
                Run::Same { value, n } => out.resize(out.len() + n, value),
                Run::Packed { n, .. } => out.extend((0..n).map(|i| run.at(i))),
            }
        }
        (out.len() == wanted).then_some(())
    }
}

impl<'a> Iterator for Runs<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        if self.left == 0 {
            return None;
        }
        let mut at = 0;
        let head = varint(self.bytes, &mut at)?;
        let count = usize::try_from(head >> 1).ok()?;
        let rest = self.bytes.get(at..)?;
        let run = if head & 1 == 0 {
            let n_bytes = self.width.div_ceil(8) as usize;
            let mut value = [0; 4];
            value[..n_bytes].copy_from_slice(rest.get(..n_bytes)?);
            self.bytes = &rest[n_bytes..];
            Run::Same {
                value: u32::from_le_bytes(value),
                n: count.min(self.left),
            }
        } else {
            // The last group may be cut where its values are not wanted.
            let n = count.checked_mul(8)?.min(self.left);
            let n_bytes = count.checked_mul(self.width as usize)?.min(rest.len());
            if n * self.width as usize > 8 * n_bytes {
                return None;
            }
            self.bytes = &rest[n_bytes..];
            Run::Packed {
                bytes: &rest[..n_bytes],
                width: self.width,
                n,
            }
        };
        if run.len() == 0 {
            return None;
        }
        self.left -= run.len();
        Some(run)
    }
}

/// Looks values up at places that only ever grow.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    runs: Runs<'a>,
    run: Option<Run<'a>>,
    first: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(mut runs: Runs<'a>) -> Self {
        let run = runs.next();
        Self {
            runs,
            run,
            first: 0,
        }
    }

    /// The value at a place, which is no smaller than the one before.
    pub(super) fn at(&mut self, place: usize) -> Option<u32> {
        loop {
            let run = self.run?;
            if place - self.first < run.len() {
                return Some(run.at(place - self.first));
            }
            self.first += run.len();
            self.run = self.runs.next();
        }
    }
}

/// An unsigned LEB128 number.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_repeat_and_unpack() {
        // Five times 3, then the eight values 0 to 7 of three bits (Parquet's own example).
        let bytes = [0x0a, 0x03, 0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let mut values = Vec::new();
        Runs::new(&bytes, 3, 13).collect_into(&mut values).unwrap();
        assert_eq!(values, [3, 3, 3, 3, 3, 0, 1, 2, 3, 4, 5, 6, 7]);
        let mut cursor = Cursor::new(Runs::new(&bytes, 3, 13));
        assert_eq!(
            [4, 6, 6, 12].map(|at| cursor.at(at)),
            [3, 1, 1, 7].map(Some)
        );
        assert_eq!(cursor.at(13), None);
    }

    #[test]
    fn a_cut_run_is_noticed() {
        let bytes = [0x0a, 0x03, 0x03, 0b1000_1000];
        assert!(
            Runs::new(&bytes, 3, 13)
                .collect_into(&mut Vec::new())
                .is_none()
        );
        assert!(
            Runs::new(&bytes, 3, 7)
                .collect_into(&mut Vec::new())
                .is_some()
        );
        assert!(Runs::new(&[], 1, 1).collect_into(&mut Vec::new()).is_none());
        assert!(Runs::new(&[0x00, 0x01], 1, 1).next().is_none());
    }

    #[test]
    fn wide_values_are_read_whole() {
        let bytes = [0x03, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0, 0];
        let mut values = Vec::new();
        Runs::new(&bytes, 32, 2).collect_into(&mut values).unwrap();
        assert_eq!(values, [u32::MAX, 1]);
    }
}
