//! What the server knows while it runs.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::index::{Index, told};
use super::query::Answers;
use super::refusal::Refusal;
use super::shards::OpenShards;
use crate::files::DatasetFiles;

/// The dataset that is shown.
#[derive(Debug)]
pub(super) struct App {
    files: DatasetFiles,
    follow_links: bool,
    index: OnceCell<Result<Arc<Index>, String>>,
    /// The open shards.
    pub(super) shards: OpenShards,
    /// The last answers.
    pub(super) answers: Answers,
}

impl App {
    /// Of the given files; nothing is read yet.
    pub(super) fn new(files: DatasetFiles, follow_links: bool) -> Self {
        Self {
            files,
            follow_links,
            index: OnceCell::new(),
            shards: OpenShards::default(),
            answers: Answers::default(),
        }
    }

    /// The labels, read when they are first asked for; everybody else waits for them.
    pub(super) async fn index(self: &Arc<Self>) -> Result<Arc<Index>, Refusal> {
        let read = || async {
            let app = self.clone();
            let read = move || Index::read(&app.files, app.follow_links);
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(index)) => Ok(Arc::new(index)),
                Ok(Err(error)) => Err(told(&error)),
                Err(_) => Err("the labels cannot be read; the terminal says why".to_owned()),
            }
        };
        let index = self.index.get_or_init(read).await;
        index.clone().map_err(Refusal::broken)
    }

    /// The labels, for addresses that hold the key of the dataset.
    pub(super) async fn index_of(self: &Arc<Self>, key: &str) -> Result<Arc<Index>, Refusal> {
        let index = self.index().await?;
        if index.key != key {
            return Err(Refusal::missing(
                "this address belongs to another dataset, or to this one before it changed; \
                 load the page again",
            ));
        }
        Ok(index)
    }
}
