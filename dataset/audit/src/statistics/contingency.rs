//! Association of two categories.

use super::representation::p_ln;
use super::special::chi2_sf;

/// Normalised mutual information: by which mean of the two entropies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalized {
    /// By their arithmetic mean.
    pub arithmetic: f64,
    /// By their geometric mean.
    pub geometric: f64,
    /// By the smaller.
    pub min: f64,
    /// By the larger.
    pub max: f64,
}

/// Association of the rows with the columns of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// Sum of the table.
    pub n: f64,
    /// Expected counts were rows and columns independent.
    pub expected: Vec<Vec<f64>>,
    /// Pearson's chi-square, without continuity correction.
    pub chi2: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Its p-value.
    pub chi2_p: f64,
    /// Likelihood-ratio statistic G.
    pub g: f64,
    /// Its p-value.
    pub g_p: f64,
    /// Cramer's V.
    pub cramers_v: f64,
    /// Cramer's V without the bias of small tables (Bergsma 2013): the one that is judged.
    pub cramers_v_corrected: f64,
    /// Tschuprow's T.
    pub tschuprow_t: f64,
    /// Mutual information, in nats.
    pub mutual_information: f64,
    /// Mutual information less its bias (Miller and Madow).
    pub mutual_information_corrected: f64,
    /// Mutual information by entropy.
    pub normalized: Normalized,
    /// Theil's U of the rows, given the column.
    pub theils_u_row: f64,
    /// Theil's U of the columns, given the row.
    pub theils_u_column: f64,
    /// Adjusted standardised residuals: beyond 3 a cell is guilty.
    pub residuals: Vec<Vec<f64>>,
    /// Smallest expected count.
    pub min_expected: f64,
    /// Number of cells that expect fewer than 5.
    pub cells_below_5: usize,
}

/// A table without its empty rows and columns, and which are left.
pub fn without_empty(table: &[Vec<u64>]) -> (Vec<Vec<u64>>, Vec<usize>, Vec<usize>) {
    let n_columns = table.first().map_or(0, Vec::len);
    let rows: Vec<usize> = (0..table.len())
        .filter(|&r| table[r].iter().any(|&k| k > 0))
        .collect();
    let columns: Vec<usize> = (0..n_columns)
        .filter(|&c| table.iter().any(|row| row[c] > 0))
        .collect();
    let kept = rows
        .iter()
        .map(|&r| columns.iter().map(|&c| table[r][c]).collect())
        .collect();
    (kept, rows, columns)
}

impl Association {
    /// Of a table without empty rows and columns; `None` below 2 x 2.
    pub fn of(table: &[Vec<u64>]) -> Option<Self> {
        let (r, c) = (table.len(), table.first()?.len());
        if r < 2 || c < 2 {
            return None;
        }
        let rows: Vec<f64> = table
            .iter()
            .map(|row| row.iter().sum::<u64>() as f64)
            .collect();
        let column = |c: usize| table.iter().map(|row| row[c]).sum::<u64>() as f64;
        let columns: Vec<f64> = (0..c).map(column).collect();
        let n: f64 = rows.iter().sum();
        let cells = || (0..r).flat_map(|i| (0..c).map(move |j| (i, j)));
        let expected = |i: usize, j: usize| rows[i] * columns[j] / n;
        let count = |i: usize, j: usize| table[i][j] as f64;

        let chi2: f64 = cells()
            .map(|(i, j)| {
                let off = count(i, j) - expected(i, j);
                off * off / expected(i, j)
            })
            .sum();
        let mutual: f64 = cells()
            .map(|(i, j)| p_ln(count(i, j) / n, count(i, j) / expected(i, j)))
            .sum();
        let entropy = |sums: &[f64]| -> f64 { sums.iter().map(|k| -p_ln(k / n, k / n)).sum() };
        let (h_row, h_column) = (entropy(&rows), entropy(&columns));
        let (r1, c1) = (r as f64 - 1.0, c as f64 - 1.0);
        let df = r1 * c1;
        let g = 2.0 * n * mutual;
        let phi2 = chi2 / n;
        let phi2_corrected = (phi2 - df / (n - 1.0)).max(0.0);
        let r_corrected = r as f64 - r1 * r1 / (n - 1.0);
        let c_corrected = c as f64 - c1 * c1 / (n - 1.0);
        let smaller = (r_corrected - 1.0).min(c_corrected - 1.0);
        let residual = |i: usize, j: usize| {
            let spread = expected(i, j) * (1.0 - rows[i] / n) * (1.0 - columns[j] / n);
            (count(i, j) - expected(i, j)) / spread.sqrt()
        };
        let map = |value: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
            (0..r)
                .map(|i| (0..c).map(|j| value(i, j)).collect())
                .collect()
        };
        Some(Self {
            n,
            expected: map(&expected),
            chi2,
            df,
            chi2_p: chi2_sf(chi2, df),
            g,
            g_p: chi2_sf(g, df),
            cramers_v: (phi2 / r1.min(c1)).sqrt(),
            cramers_v_corrected: if smaller > 0.0 {
                (phi2_corrected / smaller).sqrt()
            } else {
                0.0
            },
            tschuprow_t: (phi2 / (r1 * c1).sqrt()).sqrt(),
            mutual_information: mutual,
            mutual_information_corrected: mutual - df / (2.0 * n),
            normalized: Normalized {
                arithmetic: mutual / (0.5 * (h_row + h_column)),
                geometric: mutual / (h_row * h_column).sqrt(),
                min: mutual / h_row.min(h_column),
                max: mutual / h_row.max(h_column),
            },
            theils_u_row: mutual / h_row,
            theils_u_column: mutual / h_column,
            residuals: map(&residual),
            min_expected: cells()
                .map(|(i, j)| expected(i, j))
                .fold(f64::INFINITY, f64::min),
            cells_below_5: cells().filter(|&(i, j)| expected(i, j) < 5.0).count(),
        })
    }
}
