//! What a page must know of a dataset before it asks anything: columns, planes, broken shards.

use serde_json::{Value as Json, json};

use bottega_schemas::Group;
use bottega_schemas::points::JOINTS;
use bottega_schemas::sample::COLUMNS;

use super::index::Index;
use super::plane_picture::{look_of, name_of};
use super::values::{Use, use_of};
use crate::contact_sheet::DEPTH_RAMP;

/// The dataset, as JSON.
pub(super) fn schema_json(index: &Index) -> Json {
    let columns: Vec<Json> = COLUMNS
        .iter()
        .map(|column| {
            let known = index
                .column(column.name)
                .is_some_and(|(_, values)| (0..index.rows).any(|row| values.is_known(row)));
            let used = match use_of(column) {
                Use::Category => "category",
                Use::Number => "number",
                Use::Text => "text",
                Use::None => "list",
            };
            json!({
                "name": column.name,
                "use": used,
                "unit": column.unit,
                "desc": column.desc,
                "group": group_name(column.group),
                "sensitive": column.sensitive,
                "known": known || used == "list",
            })
        })
        .collect();
    let planes: Vec<Json> = index
        .planes
        .iter()
        .map(|plane| {
            json!({
                "name": name_of(*plane),
                "look": look_of(*plane),
                "unit": plane.unit(),
                "desc": plane.desc(),
            })
        })
        .collect();
    let shards: Vec<Json> = index
        .shards
        .iter()
        .map(|shard| json!({ "name": shard.name, "rows": shard.rows, "broken": shard.broken }))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "name": index.name,
        "root": index.root.display().to_string(),
        "key": index.key,
        "rows": index.rows,
        "shards": shards,
        "columns": columns,
        "planes": planes,
        "depth_ramp": DEPTH_RAMP,
        "joint_parents": JOINTS.map(|joint| joint.parent).to_vec(),
    })
}

fn group_name(group: Group) -> &'static str {
    match group {
        Group::Identity => "Identity",
        Group::Camera => "Camera",
        Group::Subject => "Person",
        Group::Nuisance => "Circumstances",
        Group::Points => "Points",
        Group::Measured => "Measured",
        Group::Provenance => "Provenance",
    }
}
