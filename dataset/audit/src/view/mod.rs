//! Shows a dataset in a browser: every sample, every plane, every label.
//!
//! [`Viewer::bind`] takes a port of the loopback address, [`Viewer::run`] answers until it is told
//! to stop. The page ([`web_files`]) is a few hand-written modules inside the program; it asks for
//! counts and pages of samples ([`query`]), and for planes as pictures or as bare numbers
//! ([`plane_picture`]). Labels are held in memory column by column ([`index`]); pixels are read
//! sample by sample from the shards ([`shards`]). Who may ask is said in [`security`].

mod app;
mod difference;
mod facet;
mod filter;
mod index;
mod plane_picture;
mod query;
mod refusal;
mod routes;
mod sample;
mod schema;
mod security;
mod shards;
#[cfg(test)]
mod tests;
mod values;
mod web_files;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::app::App;
use crate::error::AuditError;
use crate::files::DatasetFiles;

/// Where a port is looked for if none is given.
const PORTS: std::ops::Range<u16> = 8390..8410;

/// Threads that read and decode; a browser asks for six things at once.
const READERS: usize = 8;

/// How long open connections are waited for at the end.
const PATIENCE: Duration = Duration::from_millis(500);

/// A dataset and the port where it is shown.
#[derive(Debug)]
pub struct Viewer {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Viewer {
    /// Finds the dataset at `path`, a folder or one shard, and takes a port of 127.0.0.1: the one
    /// given, or the first that is free.
    ///
    /// Shards that are links to files outside are shown only with `follow_links`.
    pub fn bind(path: &Path, port: Option<u16>, follow_links: bool) -> Result<Self, AuditError> {
        let files = DatasetFiles::find(path)?;
        let listener = match port {
            Some(port) => listen(port)?,
            None => PORTS
                .into_iter()
                .find_map(|port| listen(port).ok())
                .map_or_else(|| listen(0), Ok)?,
        };
        let address = listener.local_addr().map_err(|source| AuditError::Server {
            action: "tell its address",
            source,
        })?;
        Ok(Self {
            app: Arc::new(App::new(files, follow_links)),
            listener,
            address,
        })
    }

    /// The address to open.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Answers until Ctrl-C, or until the process is asked to end.
    pub fn run(self) -> Result<(), AuditError> {
        self.run_until(asked_to_stop())
    }

    /// Answers until `stop` is done.
    pub fn run_until(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), AuditError> {
        let failed = |action| move |source| AuditError::Server { action, source };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(READERS)
            .enable_all()
            .build()
            .map_err(failed("start its threads"))?;
        let outcome = runtime.block_on(async move {
            self.listener
                .set_nonblocking(true)
                .map_err(failed("listen"))?;
            let listener =
                tokio::net::TcpListener::from_std(self.listener).map_err(failed("listen"))?;
            // The labels are read while the browser loads the page.
            let app = self.app.clone();
            tokio::spawn(async move { app.index().await.map(|_| ()) });
            let (told, mut was_told) = tokio::sync::watch::channel(false);
            let server = axum::serve(listener, routes::router(self.app)).with_graceful_shutdown(
                async move {
                    stop.await;
                    let _ = told.send(true);
                },
            );
            let too_long = async move {
                let _ = was_told.wait_for(|told| *told).await;
                tokio::time::sleep(PATIENCE).await;
            };
            tokio::select! {
                ended = server => ended.map_err(failed("answer")),
                () = too_long => Ok(()),
            }
        });
        // Whatever is still being read is of no use to anybody.
        runtime.shutdown_background();
        outcome
    }
}

fn listen(port: u16) -> Result<TcpListener, AuditError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|source| AuditError::Port { port, source })
}

async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system ends the process itself.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    interrupt.await;
}
