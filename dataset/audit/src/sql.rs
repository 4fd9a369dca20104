//! Answers to SQL about datasets, as text for people, JSON or CSV; the feature `sql`.
//!
//! Rows are written as they come, so that an answer may be longer than the memory.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bottega_format::query::{Answer, Cell, Query, QueryFile, QueryOptions};

use crate::error::AuditError;
use crate::files::DatasetFiles;

/// Where the predictions of a dataset lie.
const PREDICTIONS: &str = "metadata/predictions.parquet";

/// Rows that decide how wide the columns of a text are.
const ROWS_AHEAD: usize = 1000;

/// Bytes that are written at once.
const PIECE_BYTES: usize = 1 << 16;

/// Longest value in a text, in characters; JSON and CSV have them whole.
const CHARS_MAX: usize = 60;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerFormat {
    /// Aligned columns.
    Text,
    /// An array of objects, one a line.
    Json,
    /// Comma-separated values as RFC 4180 says, with a line of names.
    Csv,
}

/// Asks the datasets and writes the rows, piece by piece; returns their number.
pub fn ask<E: From<AuditError>>(
    datasets: &[PathBuf],
    sql: &str,
    options: QueryOptions,
    format: AnswerFormat,
    mut write: impl FnMut(&str) -> Result<(), E>,
) -> Result<u64, E> {
    let query = open(datasets, options)?;
    let mut answer = query.ask(sql).map_err(AuditError::from)?;
    let mut piece = String::new();
    let mut put = |text: &str| -> Result<(), E> {
        piece += text;
        if piece.len() >= PIECE_BYTES {
            write(&piece)?;
            piece.clear();
        }
        Ok(())
    };
    let rows = match format {
        AnswerFormat::Text => write_text(&mut answer, &mut put),
        AnswerFormat::Json => write_json(&mut answer, &mut put),
        AnswerFormat::Csv => write_csv(&mut answer, &mut put),
    }?;
    write(&piece)?;
    Ok(rows)
}

fn open(datasets: &[PathBuf], options: QueryOptions) -> Result<Query, AuditError> {
    let (mut shards, mut predictions) = (Vec::new(), Vec::new());
    for path in datasets {
        let files = DatasetFiles::find(path)?;
        let file_of = |path_of_file: PathBuf| QueryFile {
            path: path_of_file,
            dataset: path.display().to_string(),
        };
        shards.extend(files.shards.into_iter().map(|shard| file_of(shard.path)));
        let of_models = files.root.join(PREDICTIONS);
        if !files.is_single_shard && of_models.is_file() {
            predictions.push(file_of(of_models));
        }
    }
    Ok(Query::new(shards, predictions, options)?)
}

fn write_text<E: From<AuditError>>(
    answer: &mut Answer<'_>,
    write: &mut impl FnMut(&str) -> Result<(), E>,
) -> Result<u64, E> {
    let names: Vec<String> = answer.columns().iter().map(|name| shown(name)).collect();
    let mut widths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    let mut is_number = vec![true; names.len()];
    let mut ahead: Vec<Vec<String>> = Vec::new();
    for row in answer.by_ref().take(ROWS_AHEAD) {
        let row = row.map_err(AuditError::from)?;
        for (is_number, cell) in is_number.iter_mut().zip(&row) {
            *is_number &= cell.is_number() || *cell == Cell::Null;
        }
        let row: Vec<String> = row.iter().map(|cell| shown(&cell.to_string())).collect();
        for (width, text) in widths.iter_mut().zip(&row) {
            *width = text.chars().count().max(*width);
        }
        ahead.push(row);
    }
    let line = |row: &[String]| {
        let mut text = String::new();
        for (i, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[i].saturating_sub(cell.chars().count()));
            let gap = if i == 0 { "" } else { "  " };
            text += gap;
            if is_number[i] {
                text += &space;
                text += cell;
            } else {
                text += cell;
                text += &space;
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    };
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = line(&names) + &line(&rules);
    text.extend(ahead.iter().map(|row| line(row)));
    write(&text)?;
    let mut rows = ahead.len() as u64;
    for row in answer {
        let row = row.map_err(AuditError::from)?;
        let row: Vec<String> = row.iter().map(|cell| shown(&cell.to_string())).collect();
        write(&line(&row))?;
        rows += 1;
    }
    Ok(rows)
}

/// A text on one line of a terminal: cut, and without characters that steer it.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == CHARS_MAX {
            shown.push('…');
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn write_json<E: From<AuditError>>(
    answer: &mut Answer<'_>,
    write: &mut impl FnMut(&str) -> Result<(), E>,
) -> Result<u64, E> {
    // Tables that are joined may have columns of one name; an object may not.
    let mut names: Vec<String> = Vec::new();
    let mut taken = BTreeSet::new();
    for name in answer.columns() {
        let numbered = (2..).map(|n| format!("{name}_{n}"));
        let free = std::iter::once(name.clone()).chain(numbered);
        names.extend(free.into_iter().find(|name| taken.insert(name.clone())));
    }
    let json = |value: &Cell| serde_json::to_string(value).expect("a value is plain data");
    let names: Vec<String> = names
        .into_iter()
        .map(|name| json(&Cell::Text(name)))
        .collect();
    let mut rows = 0;
    write("[")?;
    for row in answer {
        let row = row.map_err(AuditError::from)?;
        let fields = names.iter().zip(&row);
        let fields: Vec<String> = fields
            .map(|(name, cell)| format!("{name}:{}", json(cell)))
            .collect();
        let comma = if rows == 0 { "" } else { "," };
        write(&format!("{comma}\n{{{}}}", fields.join(",")))?;
        rows += 1;
    }
    write("\n]\n")?;
    Ok(rows)
}

fn write_csv<E: From<AuditError>>(
    answer: &mut Answer<'_>,
    write: &mut impl FnMut(&str) -> Result<(), E>,
) -> Result<u64, E> {
    let names: Vec<String> = answer.columns().iter().map(|name| quoted(name)).collect();
    write(&(names.join(",") + "\r\n"))?;
    let mut rows = 0;
    for row in answer {
        let row = row.map_err(AuditError::from)?;
        let cells: Vec<String> = row.iter().map(|cell| quoted(&cell.to_string())).collect();
        write(&(cells.join(",") + "\r\n"))?;
        rows += 1;
    }
    Ok(rows)
}

/// A value of CSV.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
