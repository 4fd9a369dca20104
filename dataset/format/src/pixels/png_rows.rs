//! The filters of PNG undone (PNG specification, 9).

/// Undoes the filters of rows of `row_bytes`, each after the number of its filter; `None` if there
/// is an unknown filter.
pub(super) fn unfilter(
    filtered: &[u8],
    row_bytes: usize,
    n_channels: usize,
    out: &mut [u8],
) -> Option<()> {
    match n_channels {
        1 => unfilter_rows::<1>(filtered, row_bytes, out),
        3 => unfilter_rows::<3>(filtered, row_bytes, out),
        _ => None,
    }
}

fn unfilter_rows<const N: usize>(filtered: &[u8], row_bytes: usize, out: &mut [u8]) -> Option<()> {
    let zeros = vec![0; row_bytes];
    let mut above = zeros.as_slice();
    let rows = filtered.chunks_exact(row_bytes + 1);
    for (stored, row) in rows.zip(out.chunks_exact_mut(row_bytes)) {
        let (&filter, stored) = stored.split_first()?;
        let pixels = row.as_chunks_mut::<N>().0.iter_mut();
        let pixels = pixels.zip(stored.as_chunks::<N>().0);
        let ups = above.as_chunks::<N>().0;
        match filter {
            0 => row.copy_from_slice(stored),
            1 => {
                let mut left = [0; N];
                for (pixel, stored) in pixels {
                    left = std::array::from_fn(|k| stored[k].wrapping_add(left[k]));
                    *pixel = left;
                }
            }
            2 => {
                for ((byte, stored), up) in row.iter_mut().zip(stored).zip(above) {
                    *byte = stored.wrapping_add(*up);
                }
            }
            3 => {
                let mut left = [0; N];
                for ((pixel, stored), up) in pixels.zip(ups) {
                    left = std::array::from_fn(|k| {
                        let mean = (u16::from(left[k]) + u16::from(up[k])) / 2;
                        stored[k].wrapping_add(mean as u8)
                    });
                    *pixel = left;
                }
            }
            4 => {
                let (mut left, mut up_left) = ([0; N], [0; N]);
                for ((pixel, stored), up) in pixels.zip(ups) {
                    left = std::array::from_fn(|k| {
                        stored[k].wrapping_add(paeth(left[k], up[k], up_left[k]))
                    });
                    up_left = *up;
                    *pixel = left;
                }
            }
            _ => return None,
        }
        above = row;
    }
    Some(())
}

/// The Paeth predictor (PNG specification, 9.4).
#[inline(always)]
fn paeth(left: u8, up: u8, up_left: u8) -> u8 {
    let [a, b, c] = [left, up, up_left].map(i16::from);
    let (pa, pb) = (b - c, a - c);
    let pc = (pa + pb).abs();
    let (pa, pb) = (pa.abs(), pb.abs());
    let (best, value) = if pb < pa { (pb, up) } else { (pa, left) };
    if pc < best { up_left } else { value }
}
