//! How an error is told: what failed, why, and what to do about it.

use std::fmt;

use crate::output::ReaderGone;

/// An error with advice for the user.
#[derive(Debug)]
struct Advised {
    advice: String,
    source: anyhow::Error,
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl std::error::Error for Advised {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}

/// Adds advice to an error.
pub(crate) trait Advise<T> {
    /// Says what the user may do; shown on a line of its own.
    fn advise(self, advice: impl FnOnce() -> String) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Advise<T> for Result<T, E> {
    fn advise(self, advice: impl FnOnce() -> String) -> anyhow::Result<T> {
        self.map_err(|err| {
            Advised {
                advice: advice(),
                source: err.into(),
            }
            .into()
        })
    }
}

/// Whether the command failed only because nobody reads its output any more.
pub(crate) fn is_reader_gone(err: &anyhow::Error) -> bool {
    err.is::<ReaderGone>()
}

/// The error as text: the chain of causes one a line, then the advice.
pub(crate) fn describe(err: &anyhow::Error) -> String {
    let mut text = format!("error: {err}");
    let mut told = err.to_string();
    for cause in err.chain().skip(1) {
        let cause = cause.to_string();
        // A cause that the line before already quotes would be told twice.
        if !told.contains(&cause) {
            text += &format!("\n  because: {cause}");
        }
        told = cause;
    }
    if let Some(advised) = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<Advised>())
    {
        text += &format!("\n  hint: {}", advised.advice);
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::*;

    #[test]
    fn the_chain_and_the_advice_are_told_once() {
        let inner: Result<(), _> = Err(anyhow!("no such file"));
        let err = inner
            .context("cannot read the recipe face.toml")
            .advise(|| "recipes lie in scenes".to_owned())
            .unwrap_err();
        let told = "error: cannot read the recipe face.toml\n  because: no such file\n  \
                    hint: recipes lie in scenes";
        assert_eq!(describe(&err), told);
        let outer = Err::<(), _>(err).context("cannot generate").unwrap_err();
        assert!(describe(&outer).starts_with("error: cannot generate\n  because: cannot read"));
        assert!(describe(&outer).ends_with("hint: recipes lie in scenes"));
    }

    #[test]
    fn a_cause_that_was_quoted_is_not_repeated() {
        let err = Err::<(), _>(anyhow!("it broke"))
            .context("a.toml: it broke")
            .unwrap_err();
        assert_eq!(describe(&err), "error: a.toml: it broke");
    }
}
