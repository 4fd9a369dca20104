//! The likely spelling of a word that is not known: of keys, of columns.

/// The known word that is nearest to `word`, if it is so near that it may be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let all = known
        .into_iter()
        .map(|known| (distance(word, known), known));
    let near = all.filter(|(distance, known)| *distance <= 1 + known.len() / 4);
    near.min().map(|(_, known)| known)
}

/// Levenshtein distance in bytes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(ca != cb))
                .min(above + 1)
                .min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_forgiven_and_another_word_is_not() {
        let known = ["skin_tone_mst", "skin_px", "age_bin"];
        assert_eq!(nearest("skin_ton_mst", known), Some("skin_tone_mst"));
        // As far from a short word, which cannot be meant.
        assert_eq!(nearest("skin_tone", known), Some("skin_tone_mst"));
        assert_eq!(nearest("agebin", known), Some("age_bin"));
        assert_eq!(nearest("weather", known), None);
        assert_eq!(nearest("age_bin", []), None);
    }
}
