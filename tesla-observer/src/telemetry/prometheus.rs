//! The endpoint that Prometheus scrapes.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use opentelemetry_prometheus::PrometheusExporter;
use prometheus::{Registry, TEXT_FORMAT, TextEncoder};
use tokio::task::JoinHandle;
use tracing::{error, warn};

use super::error::StartError;
use super::fleet::Scrape;
use super::settings::Prometheus;

/// The endpoint that Prometheus scrapes.
#[derive(Debug)]
pub(super) struct Endpoint {
    addresses: Vec<SocketAddr>,
    servers: Vec<JoinHandle<()>>,
}

/// What a scrape collects.
pub(super) struct Sources {
    own: Registry,
    fleets: Mutex<Vec<Weak<dyn Scrape>>>,
    /// Whoever holds it collects: all series of a large fleet take much memory, and more than one
    /// scrape at a time would take it as often.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Endpoint {
    /// Binds, but serves nothing yet. `localhost` may be several addresses: each gets a listener.
    pub(super) fn bind(settings: &Prometheus) -> Result<Vec<TcpListener>, StartError> {
        let Prometheus { host, port } = settings;
        let failed = |error: std::io::Error, remedy| {
            let problem = format!("listening on {host}:{port}: {error}");
            StartError::new("prometheus", problem, remedy)
        };
        // `[::1]` is how addresses are written beside a port.
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = (plain, *port)
            .to_socket_addrs()
            .map_err(|error| failed(error, "check the host's name"))?;
        let mut port = *port;
        let mut listeners: Vec<TcpListener> = Vec::new();
        let mut problem = None;
        for mut address in addresses {
            // With port 0, the first address chooses it for all.
            address.set_port(port);
            match listen(address) {
                Ok(listener) => {
                    port = listener.local_addr().map_or(port, |own| own.port());
                    listeners.push(listener);
                }
                // A machine without IPv6 may well know `localhost` as `::1`, too.
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                    return Err(failed(
                        error,
                        "choose another port, or end what uses this one",
                    ));
                }
                Err(error) => problem = Some(error),
            }
        }
        match problem {
            Some(error) if listeners.is_empty() => {
                Err(failed(error, "choose a host and port of this machine"))
            }
            None if listeners.is_empty() => Err(failed(
                std::io::ErrorKind::AddrNotAvailable.into(),
                "check the host's name",
            )),
            _ => Ok(listeners),
        }
    }

    /// Serves what there is to scrape.
    pub(super) fn serve(
        listeners: Vec<TcpListener>,
        sources: &Arc<Sources>,
    ) -> std::io::Result<Self> {
        let router = Router::new()
            .route("/", get(index))
            .route("/metrics", get(metrics))
            .with_state(Arc::clone(sources));
        let mut addresses = Vec::new();
        let mut servers = Vec::new();
        for listener in listeners {
            addresses.push(listener.local_addr()?);
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let router = router.clone();
            servers.push(tokio::spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    warn!("the Prometheus endpoint has ended: {error}");
                }
            }));
        }
        Ok(Endpoint { addresses, servers })
    }

    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Ends it.
    pub(super) fn stop(&self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// The registry of the observer's own metrics, with the names that Prometheus' conventions ask for,
/// and the reader that fills it.
pub(super) fn own_registry() -> Result<(Registry, PrometheusExporter), StartError> {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .build()
        .map_err(|error| StartError::new("prometheus", error.to_string(), "please report this"))?;
    Ok((registry, exporter))
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Sources {
    /// What `own` and the fleets that will be added have.
    pub(super) fn new(own: Registry) -> Arc<Self> {
        Arc::new(Self {
            own,
            fleets: Mutex::default(),
            turn: Arc::default(),
        })
    }

    pub(super) fn add(&self, fleet: &Arc<dyn Scrape>) {
        let fleets = self.fleets.lock();
        let mut fleets = fleets.unwrap_or_else(PoisonError::into_inner);
        fleets.retain(|fleet| fleet.strong_count() > 0);
        fleets.push(Arc::downgrade(fleet));
    }

    fn text(&self) -> prometheus::Result<String> {
        let fleets: Vec<Arc<dyn Scrape>> = {
            let fleets = self.fleets.lock().unwrap_or_else(PoisonError::into_inner);
            fleets.iter().filter_map(Weak::upgrade).collect()
        };
        let mut text = String::new();
        let encoder = TextEncoder::new();
        for fleet in fleets {
            encoder.encode_utf8(&fleet.scrape(), &mut text)?;
        }
        encoder.encode_utf8(&self.own.gather(), &mut text)?;
        Ok(text)
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// The answer to a scrape.
pub(super) async fn metrics(State(sources): State<Arc<Sources>>) -> Response {
    let turn = Arc::clone(&sources.turn).lock_owned().await;
    let scraping = tokio::task::spawn_blocking(move || {
        let text = sources.text();
        // Not before, even if whoever asked has gone.
        drop(turn);
        text
    });
    match scraping.await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Ok(Err(error)) => {
            error!("answering a scrape failed: {error}; please report this");
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "collecting panicked").into_response(),
    }
}

async fn index() -> Html<&'static str> {
    Html(concat!(
        "<!doctype html><title>",
        env!("CARGO_PKG_NAME"),
        "</title><p>The metrics are at <a href=\"/metrics\">/metrics</a>."
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use prometheus::proto::MetricFamily;

    use super::*;

    /// Counts how many collect it at a time.
    #[derive(Default)]
    struct Crowded {
        now: AtomicUsize,
        most: AtomicUsize,
        scrapes: AtomicUsize,
    }

    impl Scrape for Crowded {
        fn scrape(&self) -> Vec<MetricFamily> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            // Long enough for the others to come in, if they may.
            std::thread::sleep(std::time::Duration::from_millis(20));
            self.now.fetch_sub(1, Ordering::SeqCst);
            self.scrapes.fetch_add(1, Ordering::SeqCst);
            Vec::new()
        }
    }

    #[tokio::test]
    async fn scrapes_wait_for_each_other() {
        let crowded = Arc::new(Crowded::default());
        let fleet: Arc<dyn Scrape> = crowded.clone();
        let sources = Arc::new(Sources {
            own: Registry::new(),
            fleets: Mutex::new(vec![Arc::downgrade(&fleet)]),
            turn: Arc::default(),
        });
        let scrapes = (0..8).map(|_| metrics(State(Arc::clone(&sources))));
        for answer in futures_util::future::join_all(scrapes).await {
            assert_eq!(answer.status(), StatusCode::OK);
        }
        assert_eq!(crowded.scrapes.load(Ordering::SeqCst), 8);
        assert_eq!(crowded.most.load(Ordering::SeqCst), 1);
    }
}
