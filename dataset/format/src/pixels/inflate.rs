//! DEFLATE, read by `fdeflate` (see ADR 0006). Nothing is written with it: the bytes of our files
//! belong to `miniz_oxide`.

/// Fills `out` from a zlib stream; `None` if the stream is damaged or of another length.
pub(crate) fn inflate_zlib(packed: &[u8], out: &mut [u8]) -> Option<()> {
    let mut decoder = fdeflate::Decompressor::new();
    let (mut read, mut written) = (0, 0);
    // A stream that fills `out` may still owe its end and its sum.
    for _ in 0..2 {
        let (n_read, n_written) = decoder.read(&packed[read..], out, written, true).ok()?;
        read += n_read;
        written += n_written;
        if decoder.is_done() {
            return (written == out.len()).then_some(());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_comes_back_and_any_other_length_or_a_wrong_sum_is_refused() {
        let bytes: Vec<u8> = (0..5000_u32).map(|i| ((i * i) >> 7) as u8).collect();
        let mut packed = miniz_oxide::deflate::compress_to_vec_zlib(&bytes, 6);
        let mut out = vec![0; bytes.len()];
        assert!(inflate_zlib(&packed, &mut out).is_some());
        assert_eq!(out, bytes);
        assert!(inflate_zlib(&packed, &mut vec![0; 4999]).is_none());
        assert!(inflate_zlib(&packed, &mut vec![0; 5001]).is_none());
        assert!(inflate_zlib(&packed[..packed.len() / 2], &mut out).is_none());
        *packed.last_mut().unwrap() ^= 1;
        assert!(inflate_zlib(&packed, &mut out).is_none());
    }
}
