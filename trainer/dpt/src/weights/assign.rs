//! Putting tensors into the variables of a model.

use std::collections::BTreeMap;
use std::fmt;

use tch::nn::VarStore;
use tch::{Tensor, no_grad};

/// What was taken from a file and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Variables that got their values.
    pub loaded: usize,
    /// Variables of the model that the file lacks; they keep the values they had.
    pub missing: Vec<String>,
    /// Tensors of the file that the model does not know.
    pub unexpected: Vec<String>,
    /// Tensors of another shape than the model's: name, shape found, shape wanted.
    pub misfits: Vec<(String, Vec<i64>, Vec<i64>)>,
    /// What was changed to fit, in words.
    pub changed: Vec<String>,
}

impl LoadReport {
    /// Whether every variable got its values and nothing was left over.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.misfits.is_empty()
    }
}

/// How many names a report lists.
const NAMES_SHOWN: usize = 8;

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tensors loaded", self.loaded)?;
        let list = |names: &[String]| {
            let shown = names.iter().take(NAMES_SHOWN).map(String::as_str);
            let more = names.len().saturating_sub(NAMES_SHOWN);
            let shown = shown.collect::<Vec<_>>().join(", ");
            match more {
                0 => shown,
                more => format!("{shown} and {more} more"),
            }
        };
        if !self.missing.is_empty() {
            let names = list(&self.missing);
            write!(f, "; {} missing: {names}", self.missing.len())?;
        }
        if !self.unexpected.is_empty() {
            let names = list(&self.unexpected);
            write!(f, "; {} not used: {names}", self.unexpected.len())?;
        }
        if !self.misfits.is_empty() {
            let words = self.misfits.iter().map(|(name, found, wanted)| {
                format!("{name} is {found:?}, the model wants {wanted:?}")
            });
            let words: Vec<String> = words.collect();
            write!(f, "; {} do not fit: {}", words.len(), list(&words))?;
        }
        for change in &self.changed {
            write!(f, "; {change}")?;
        }
        Ok(())
    }
}

/// Copies `tensors` into the variables of the same name and shape. Of the variables, those whose
/// names begin with `prefix` are looked at.
pub fn assign(
    variables: &VarStore,
    tensors: &BTreeMap<String, Tensor>,
    prefix: &str,
) -> LoadReport {
    let mut report = LoadReport::default();
    let variables: BTreeMap<String, Tensor> = variables.variables().into_iter().collect();
    for (name, variable) in variables.range(prefix.to_owned()..) {
        if !name.starts_with(prefix) {
            break;
        }
        match tensors.get(name) {
            None => report.missing.push(name.clone()),
            Some(tensor) if tensor.size() != variable.size() => {
                let shapes = (name.clone(), tensor.size(), variable.size());
                report.misfits.push(shapes);
            }
            Some(tensor) => {
                // Of a variable that is trained, only its values may be written.
                no_grad(|| variable.shallow_clone().copy_(tensor));
                report.loaded += 1;
            }
        }
    }
    let unknown = tensors.keys().filter(|name| !variables.contains_key(*name));
    report.unexpected = unknown.cloned().collect();
    report
}
