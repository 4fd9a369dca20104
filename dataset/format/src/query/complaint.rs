//! What is wrong with a query, in words that name the column, the table, the limit.

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

use bottega_schemas::spelling;

use crate::error::FormatError;

/// Says what went wrong.
pub(super) fn complain(error: &DataFusionError, memory_bytes: usize) -> FormatError {
    let said = match error.find_root() {
        DataFusionError::SchemaError(schema, _) => of_schema(schema),
        DataFusionError::SQL(parser, _) => format!("this is no SQL that is understood: {parser}"),
        DataFusionError::ResourcesExhausted(_) => format!(
            "the answer needs more than the {} MiB that sorting, grouping and joining may hold; \
             select fewer columns, or fewer rows with WHERE",
            memory_bytes >> 20
        ),
        DataFusionError::External(inner) => inner.to_string(),
        DataFusionError::Plan(said) if said.contains("not supported: ") => {
            let what = said.rsplit(": ").next().unwrap_or(said);
            format!(
                "{what} is refused: datasets are only asked, with SELECT, WITH, DESCRIBE, SHOW or \
                 EXPLAIN"
            )
        }
        DataFusionError::Plan(said) => of_plan(said),
        other => other.strip_backtrace(),
    };
    FormatError::query(said)
}

fn of_schema(error: &SchemaError) -> String {
    match error {
        SchemaError::FieldNotFound {
            field,
            valid_fields,
        } => {
            let known: Vec<&str> = valid_fields.iter().map(|column| column.name()).collect();
            let hint = match spelling::nearest(field.name(), known.iter().copied()) {
                Some(best) => format!("did you mean `{best}`?"),
                None => "DESCRIBE samples lists the columns".to_owned(),
            };
            format!("there is no column `{}`; {hint}", field.name())
        }
        SchemaError::AmbiguousReference { field } => format!(
            "the column `{}` is in several tables; say which, as in `samples.{}`",
            field.name(),
            field.name()
        ),
        other => other.to_string(),
    }
}

fn of_plan(said: &str) -> String {
    let table = said
        .strip_prefix("table '")
        .and_then(|rest| rest.strip_suffix("' not found"));
    match table {
        Some(table) => {
            let name = table.rsplit('.').next().unwrap_or(table);
            format!(
                "there is no table `{name}`; there are `samples` and, for a dataset with \
                 metadata/predictions.parquet, `predictions`"
            )
        }
        None => said.to_owned(),
    }
}
