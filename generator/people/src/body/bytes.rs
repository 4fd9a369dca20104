//! Little-endian byte streams with variable-length integers, for the sections of the human model.
//!
//! A `varint` has seven bits a byte, lowest first, the high bit set on all but the last byte. A
//! signed number is folded to unsigned by zigzag: 0, -1, 1, -2, ... -> 0, 1, 2, 3, ...

use crate::error::PeopleError;

/// Grows a section.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn varint(&mut self, mut value: u32) {
        while 0x80 <= value {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.varint(text.len() as u32);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn f32(&mut self, value: f32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Signed numbers as zigzagged differences of neighbours, one plane for each of `n_planes`
    /// bytes, lowest first: like bytes lie together, which compresses best.
    pub(super) fn planes(&mut self, values: &[i32], n_planes: u32) {
        for plane in 0..n_planes {
            let mut previous = 0;
            for &value in values {
                let folded = zigzag(value - previous);
                debug_assert!(n_planes == 4 || folded >> (8 * n_planes) == 0);
                self.bytes.push((folded >> (8 * plane)) as u8);
                previous = value;
            }
        }
    }
}

/// Reads a section; every read is checked against its end.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    section: &'static str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(section: &'static str, bytes: &'a [u8]) -> Self {
        Self { bytes, section }
    }

    pub(super) fn broken(&self, found: impl Into<String>) -> PeopleError {
        PeopleError::BrokenSection {
            section: self.section,
            found: found.into(),
        }
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], PeopleError> {
        let Some((head, rest)) = self.bytes.split_at_checked(n) else {
            return Err(self.broken(format!(
                "{n} bytes wanted where {} are left",
                self.bytes.len()
            )));
        };
        self.bytes = rest;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PeopleError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn varint(&mut self) -> Result<u32, PeopleError> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= (u32::from(byte) & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.broken("a number is longer than five bytes"))
    }

    /// A count of things of at least one byte each, so that a wild count cannot ask for memory.
    pub(super) fn count(&mut self) -> Result<usize, PeopleError> {
        let n = self.varint()? as usize;
        if self.bytes.len() < n {
            return Err(self.broken(format!("a count of {n} exceeds the section")));
        }
        Ok(n)
    }

    pub(super) fn text(&mut self) -> Result<String, PeopleError> {
        let n = self.count()?;
        let bytes = self.take(n)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| self.broken("a name is not UTF-8"))
    }

    pub(super) fn f32(&mut self) -> Result<f32, PeopleError> {
        let mut le = [0; 4];
        le.copy_from_slice(self.take(4)?);
        Ok(f32::from_le_bytes(le))
    }

    pub(super) fn planes(&mut self, n: usize, n_planes: u32) -> Result<Vec<i32>, PeopleError> {
        let planes = self.take(n * n_planes as usize)?;
        let mut previous = 0i32;
        Ok((0..n)
            .map(|i| {
                let folded = (0..n_planes as usize)
                    .map(|plane| u32::from(planes[plane * n + i]) << (8 * plane))
                    .sum();
                previous = previous.wrapping_add(unzigzag(folded));
                previous
            })
            .collect())
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    pub(super) fn end(&self) -> Result<(), PeopleError> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        Err(self.broken(format!("{} bytes follow its end", self.bytes.len())))
    }
}

fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn unzigzag(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_round_trip() {
        let values = [0, -1, 1, 32767, -32768, 190_000, -5];
        let mut w = Writer::default();
        w.varint(300);
        w.text("né");
        w.planes(&values, 3);
        w.f32(-0.25);
        let mut r = Reader::new("test", &w.bytes);
        assert_eq!(r.varint().unwrap(), 300);
        assert_eq!(r.text().unwrap(), "né");
        assert_eq!(r.planes(values.len(), 3).unwrap(), values);
        assert_eq!(r.f32().unwrap(), -0.25);
        r.end().unwrap();
    }

    #[test]
    fn a_cut_stream_is_an_error() {
        let mut w = Writer::default();
        w.text("femur");
        for n in 0..w.bytes.len() {
            assert!(Reader::new("test", &w.bytes[..n]).text().is_err());
        }
    }
}
