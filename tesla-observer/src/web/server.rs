//! The listener.

use std::fmt;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_io_timeout::TimeoutStream;

use super::guard::{self, Guard};
use super::settings::Settings;
use super::site::Site;
use super::{api, events, page};

/// How many connections there can be: a browser has six, and streams have theirs.
const CONNECTIONS: usize = 256;
/// How long a request's head may take, and how long a connection may be idle.
const HEADERS: Duration = Duration::from_secs(15);
/// How long whoever has asked may take none of the answer.
const TAKING: Duration = Duration::from_secs(30);
/// How long it is waited after a connection could not be accepted.
const BREATH: Duration = Duration::from_millis(100);
/// Nobody sends more than a form with a token.
const LARGEST_BODY: usize = 16 * 1024;

/// Answers a scrape of Prometheus.
pub type Scrape =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Option<Response>> + Send>> + Send + Sync>;

/// The page and the API, served.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// Why nothing is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl Server {
    /// Listens, and serves in a task of its own.
    ///
    /// # Errors
    ///
    /// If it cannot listen there. If nobody chose the address and it is taken, another port is.
    pub fn start(settings: &Settings, site: Site, scrape: Scrape) -> Result<Self, StartError> {
        let failed = |error: std::io::Error| {
            StartError(format!(
                "the page: listening on {}: {error}; choose another address with --page, or none",
                settings.address
            ))
        };
        let listener = match listen(settings.address) {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && settings.any_port => {
                listen(SocketAddr::new(settings.address.ip(), 0))
            }
            other => other,
        };
        let listener = listener.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        let task = tokio::spawn(serve(listener, router(settings, site, scrape)));
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to open in a browser.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Ends it, whoever is still being answered.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Answers whoever connects. When it is dropped, all connections end.
async fn serve(listener: tokio::net::TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // One place after the other becomes free: whoever neither asks, nor says what they announced,
        // nor takes the answer is sent away.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, say: others may free some.
                tracing::debug!("accepting a connection to the page: {error}");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let service = TowerToHyperService::new(router.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(TAKING));
        connections.spawn(async move {
            let _place = place;
            // Whoever goes away amid an answer is no error of ours.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS)
                .serve_connection(TokioIo::new(Box::pin(stream)), service)
                .await;
        });
    }
}

fn router(settings: &Settings, site: Site, scrape: Scrape) -> Router {
    let guard = Guard::new(settings);
    Router::new()
        .merge(page::router())
        .merge(api::router())
        .merge(events::router())
        .route("/metrics", get(move || metrics(Arc::clone(&scrape))))
        .route("/healthz", get(healthz))
        .with_state(site)
        .merge(guard::router(guard.clone()))
        .layer(from_fn_with_state(guard, guard::admit))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(guard::secure))
}

async fn metrics(scrape: Scrape) -> Response {
    match scrape().await {
        Some(response) => response,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether it observes: for whoever restarts it if it does not.
async fn healthz(State(site): State<Site>) -> impl IntoResponse {
    // That it answers is the news: a process that does not observe any more ends.
    let uptime = site.health.now().uptime_seconds;
    let body = format!("{{\"status\":\"ok\",\"uptime_seconds\":{uptime:.0}}}\n");
    ([(header::CONTENT_TYPE, "application/json")], body)
}
