//! What an audit is asked and what it answers.

mod check;
mod config;
mod report;

pub use check::DERIVED;
pub use config::{AuditConfig, Limits, SamplingConfig, SupportConfig, Thresholds, default_targets};
pub use report::{
    AUDIT_FORMAT, AUDIT_VERSION, AssociationEntry, AuditReport, AuditedDataset, CellRef,
    CheckEntry, GroupEntry, ImageEntry, IntersectionEntry, Number, PairEntry, ParityEntry,
    RepresentationEntry, Status, Summary, ToolEntry,
};
