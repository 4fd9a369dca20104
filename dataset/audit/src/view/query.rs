//! Answers a query: which samples pass, in which order, a page of them, and counts beside it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::facet::Facet;
use super::filter::{Filter, PASSED, verdicts};
use super::index::Index;
use crate::error::AuditError;

/// Samples of one page.
const PAGE_MAX: usize = 1000;

/// Answers that are kept: paging through one asks for it again and again.
const KEPT: usize = 8;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Query {
    /// Conditions that all hold.
    pub(super) filters: Vec<Filter>,
    /// Column by which samples are ordered; that of the dataset if not given.
    pub(super) sort: Option<String>,
    /// Whether the largest comes first.
    pub(super) descending: bool,
    /// Samples to pass over.
    pub(super) offset: usize,
    /// Samples wanted, at most [`PAGE_MAX`].
    pub(super) limit: usize,
    /// Columns to be counted.
    pub(super) facets: Vec<String>,
    /// Further columns whose values come with each sample.
    pub(super) show: Vec<String>,
    /// A sample whose place in the order is asked for.
    pub(super) locate: Option<usize>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Answer {
    /// Number of samples in the dataset.
    pub(super) total: usize,
    /// Number of samples that pass.
    pub(super) matched: usize,
    /// Place of the sample that was to be located.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<usize>,
    /// The page.
    pub(super) samples: Vec<Shown>,
    /// The counts by columns.
    pub(super) facets: BTreeMap<String, Facet>,
}

/// A sample of a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Shown {
    /// Number of the sample, counted over the shards.
    pub(super) row: usize,
    /// Its name.
    pub(super) id: String,
    /// Width and height, in pixels.
    pub(super) size: [usize; 2],
    /// Values of the columns that were to be shown.
    pub(super) show: Vec<Value>,
}

/// Samples that pass some filters, in order.
#[derive(Debug)]
struct Matches {
    filters: Vec<Filter>,
    sort: Option<String>,
    descending: bool,
    verdicts: Vec<u8>,
    order: Vec<u32>,
}

/// The last answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    kept: Mutex<Vec<Arc<Matches>>>,
}

impl Answers {
    /// Answers a query.
    pub(super) fn answer(&self, index: &Index, query: &Query) -> Result<Answer, AuditError> {
        let matches = self.matches(index, query)?;
        let shown: Vec<_> = query
            .show
            .iter()
            .map(|name| {
                let known = index.column(name);
                known.ok_or_else(|| AuditError::query(format!("no column {name:?} to show")))
            })
            .collect::<Result<_, _>>()?;
        let page = (matches.order.iter().skip(query.offset)).take(query.limit.min(PAGE_MAX));
        let samples = page
            .map(|&row| {
                let row = row as usize;
                let (width, height) = index.size(row);
                Shown {
                    row,
                    id: index.ids().get(row).unwrap_or_default().to_owned(),
                    size: [width, height],
                    show: shown.iter().map(|(_, values)| values.show(row)).collect(),
                }
            })
            .collect();
        let count = |name: &String| {
            let (column, values) = index
                .column(name)
                .ok_or_else(|| AuditError::query(format!("no column {name:?} to count")))?;
            let own = (matches.filters.iter()).position(|filter| filter.column == *name);
            let facet = Facet::of(column, values, &matches.verdicts, own)
                .ok_or_else(|| AuditError::query(format!("names of {name:?} are not counted")))?;
            Ok((name.clone(), facet))
        };
        let position = |row: usize| {
            matches
                .order
                .iter()
                .position(|&other| other as usize == row)
        };
        Ok(Answer {
            total: index.rows,
            matched: matches.order.len(),
            position: query.locate.and_then(position),
            samples,
            facets: query
                .facets
                .par_iter()
                .map(count)
                .collect::<Result<_, AuditError>>()?,
        })
    }

    fn matches(&self, index: &Index, query: &Query) -> Result<Arc<Matches>, AuditError> {
        let is_same = |kept: &&Arc<Matches>| {
            kept.filters == query.filters
                && kept.sort == query.sort
                && kept.descending == query.descending
        };
        let lock = || {
            self.kept
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        if let Some(kept) = lock().iter().find(is_same) {
            return Ok(kept.clone());
        }
        let verdicts = verdicts(index, &query.filters)?;
        let order = in_order(index, query, &verdicts)?;
        let matches = Arc::new(Matches {
            filters: query.filters.clone(),
            sort: query.sort.clone(),
            descending: query.descending,
            verdicts,
            order,
        });
        let mut kept = lock();
        kept.truncate(KEPT - 1);
        kept.insert(0, matches.clone());
        Ok(matches)
    }
}

/// The samples that pass, in the order asked for; those that do not know the value come last.
fn in_order(index: &Index, query: &Query, verdicts: &[u8]) -> Result<Vec<u32>, AuditError> {
    let passed = (0u32..)
        .zip(verdicts)
        .filter(|(_, verdict)| **verdict == PASSED);
    let mut order: Vec<u32> = passed.map(|(row, _)| row).collect();
    let Some(name) = &query.sort else {
        if query.descending {
            order.reverse();
        }
        return Ok(order);
    };
    let (_, values) = index
        .column(name)
        .ok_or_else(|| AuditError::query(format!("no column {name:?} to sort by")))?;
    // Sorting is stable: equals keep the order of the dataset.
    order.par_sort_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        match (values.is_known(a), values.is_known(b)) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => Ordering::Equal,
            (true, true) if query.descending => values.compare(b, a),
            (true, true) => values.compare(a, b),
        }
    });
    Ok(order)
}
