//! The frame of a record, as TFRecord files have it: length (u64), its masked CRC, the bytes,
//! their masked CRC; all little-endian. The checksum is CRC-32C (Castagnoli), turned right by 15
//! bits and moved by a constant, so that a record which holds checksums is no special case.

/// What is added to a turned checksum.
const MASK_DELTA: u32 = 0xa282_ead8;

/// The bytes with their frame.
pub(super) fn frame(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(bytes.len() + 16);
    record.extend_from_slice(&length);
    record.extend_from_slice(&masked_crc(&length).to_le_bytes());
    record.extend_from_slice(bytes);
    record.extend_from_slice(&masked_crc(bytes).to_le_bytes());
    record
}

fn masked_crc(bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c(bytes);
    crc.rotate_right(15).wrapping_add(MASK_DELTA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_castagnoli() {
        // The check value of RFC 3720 and of every catalogue of CRCs.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_frame_is_length_checksum_bytes_checksum() {
        // Reckoned from the polynomial bit by bit, apart from this code.
        let wanted = [
            &[5, 0, 0, 0, 0, 0, 0, 0][..],
            &[0xea, 0xb2, 0x04, 0x3e],
            b"brain",
            &[0x92, 0xd2, 0x79, 0xcb],
        ];
        assert_eq!(frame(b"brain"), wanted.concat());
    }
}
