//! Radiance HDR pictures (`.hdr`), as most free environments are given away.
//!
//! A header of text lines ended by an empty one, a line with the resolution, then rows of texels
//! of four bytes: three mantissas and one common exponent, `(m + 0) / 256 * 2^(e - 128)`. Rows of
//! 8 to 32767 texels may be packed by runs, channel by channel; older files by repeats of texels.
//! (G. Ward, "Real Pixels", Graphics Gems II, 1991, and the Radiance reference manual.)

use glam::Vec3;

/// What opens a file.
pub(super) const MAGIC: &[u8] = b"#?";

/// Width, height and linear values, row by row from the top; the error says what was found.
pub(super) fn decode(bytes: &[u8], max_width: usize) -> Result<(usize, usize, Vec<Vec3>), String> {
    let mut rest = bytes;
    let mut has_format = false;
    loop {
        let line = take_line(&mut rest)?;
        if line.is_empty() {
            break;
        }
        match line.strip_prefix("FORMAT=") {
            Some("32-bit_rle_rgbe") => has_format = true,
            Some(other) => return Err(format!("a Radiance file of the format {other:?}")),
            None => {}
        }
    }
    if !has_format {
        return Err("a Radiance file without FORMAT=32-bit_rle_rgbe".into());
    }
    let resolution = take_line(&mut rest)?;
    let words: Vec<&str> = resolution.split_whitespace().collect();
    let (height, width) = match words[..] {
        ["-Y", height, "+X", width] => (height.parse(), width.parse()),
        _ => return Err(format!("a Radiance file of the resolution {resolution:?}")),
    };
    let (Ok(height), Ok(width)) = (height, width) else {
        return Err(format!("a Radiance file of the resolution {resolution:?}"));
    };
    let (height, width): (usize, usize) = (height, width);
    if !(1..=max_width).contains(&width) || !(1..=max_width).contains(&height) {
        return Err(format!(
            "{width} x {height} texels; at most {max_width} a side are read"
        ));
    }
    let mut texels = Vec::with_capacity(width * height);
    for _ in 0..height {
        let row = take_row(&mut rest, width)?;
        texels.extend(row.into_iter().map(value_of));
    }
    Ok((width, height, texels))
}

fn take_line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, String> {
    const LONGEST: usize = 4096;
    let end = (rest.iter().take(LONGEST).position(|&byte| byte == b'\n'))
        .ok_or("a Radiance file whose header does not end")?;
    let line = std::str::from_utf8(&rest[..end]).map_err(|_| "a header that is no text")?;
    *rest = &rest[end + 1..];
    Ok(line.trim_end_matches('\r'))
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], String> {
    if rest.len() < n {
        return Err("a Radiance file that ends too early".into());
    }
    let (taken, after) = rest.split_at(n);
    *rest = after;
    Ok(taken)
}

fn take_row(rest: &mut &[u8], width: usize) -> Result<Vec<[u8; 4]>, String> {
    let mut row = vec![[0; 4]; width];
    let is_packed = (8..32768).contains(&width)
        && matches!(rest, [2, 2, high, low, ..]
            if usize::from(*high) << 8 | usize::from(*low) == width);
    if !is_packed {
        let mut at = 0;
        let mut shift = 0;
        while at < width {
            let texel = take(rest, 4)?;
            if texel[..3] == [1, 1, 1] {
                // The texel before, again; counts of consecutive repeats have rising places.
                let n = usize::from(texel[3]) << shift;
                let last = *at
                    .checked_sub(1)
                    .and_then(|i| row.get(i))
                    .unwrap_or(&[0; 4]);
                let span = row
                    .get_mut(at..at + n)
                    .ok_or("a run beyond the end of a row")?;
                span.fill(last);
                at += n;
                shift = (shift + 8).min(16);
            } else {
                row[at].copy_from_slice(texel);
                at += 1;
                shift = 0;
            }
        }
        return Ok(row);
    }
    take(rest, 4)?;
    for channel in 0..4 {
        let mut at = 0;
        while at < width {
            let count = usize::from(take(rest, 1)?[0]);
            let (n, is_run) = if 128 < count {
                (count - 128, true)
            } else {
                (count, false)
            };
            if n == 0 || width < at + n {
                return Err("a run beyond the end of a row".into());
            }
            let values = take(rest, if is_run { 1 } else { n })?;
            for (i, texel) in row[at..at + n].iter_mut().enumerate() {
                texel[channel] = if is_run { values[0] } else { values[i] };
            }
            at += n;
        }
    }
    Ok(row)
}

fn value_of([r, g, b, exponent]: [u8; 4]) -> Vec3 {
    if exponent == 0 {
        return Vec3::ZERO;
    }
    let scale = libm::ldexp(1.0, i32::from(exponent) - 128 - 8) as f32;
    Vec3::new(f32::from(r), f32::from(g), f32::from(b)) * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: usize, height: usize, rows: &[u8]) -> Vec<u8> {
        let header = format!("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n");
        [header.as_bytes(), rows].concat()
    }

    #[test]
    fn plain_rows_runs_and_old_repeats_are_read() {
        // 128/256 * 2^(129 - 128) = 1.
        let plain = file(2, 1, &[128, 64, 32, 129, 0, 0, 0, 0]);
        let (width, height, texels) = decode(&plain, 64).unwrap();
        assert_eq!((width, height), (2, 1));
        assert_eq!(texels, [Vec3::new(1.0, 0.5, 0.25), Vec3::ZERO]);

        // Eight texels: red in one run, green as they are, blue and exponent in runs.
        let packed = file(
            8,
            1,
            &[
                2, 2, 0, 8, 136, 128, 8, 0, 16, 32, 48, 64, 80, 96, 112, 136, 0, 136, 130,
            ],
        );
        let (_, _, texels) = decode(&packed, 64).unwrap();
        assert_eq!(texels[7], Vec3::new(2.0, 1.75, 0.0));
        assert_eq!(texels[1], Vec3::new(2.0, 0.25, 0.0));

        let repeated = file(4, 1, &[128, 128, 128, 128, 1, 1, 1, 3]);
        assert_eq!(decode(&repeated, 64).unwrap().2, [Vec3::splat(0.5); 4]);
    }

    #[test]
    fn broken_files_are_refused_and_none_panics() {
        let good = file(
            8,
            2,
            &[[2, 2, 0, 8, 136, 1, 136, 2, 136, 3, 136, 128]; 2].concat(),
        );
        assert!(decode(&good, 64).is_ok());
        for end in 0..good.len() {
            assert!(decode(&good[..end], 64).is_err(), "cut at {end}");
        }
        for at in 0..good.len() {
            for value in [0, 1, 2, 127, 128, 255] {
                let mut changed = good.clone();
                changed[at] = value;
                let _ = decode(&changed, 64);
            }
        }
        assert!(
            decode(&file(1 << 20, 1, &[]), 64)
                .unwrap_err()
                .contains("texels")
        );
        assert!(decode(&file(2, 1, &[1, 1, 1, 255]), 64).is_err());
    }
}
