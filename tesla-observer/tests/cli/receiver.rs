//! A receiver of OTLP over HTTP that keeps what it gets, and a place where nobody ever answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::program::Result;

type Kept = Arc<Mutex<Vec<(String, Bytes)>>>;

/// Keeps what it gets.
pub(crate) struct Receiver {
    address: SocketAddr,
    kept: Kept,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// Answers with this status.
    pub(crate) async fn start(status: StatusCode) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let kept = Kept::default();
        let keep = Arc::clone(&kept);
        let router = axum::Router::new().fallback(move |uri: Uri, body: Bytes| {
            keep.lock().unwrap().push((uri.path().to_owned(), body));
            async move { status }
        });
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            kept,
            serving,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn count(&self) -> usize {
        self.kept.lock().unwrap().len()
    }

    /// All that came, by where to.
    pub(crate) fn bytes(&self) -> Vec<(&'static str, Vec<u8>)> {
        let known = ["/v1/metrics", "/v1/traces", "/v1/logs"];
        let kept = self.kept.lock().unwrap();
        let all = kept.iter().map(|(path, body)| {
            let place = known.into_iter().find(|known| known == path);
            (place.unwrap_or("elsewhere"), body.to_vec())
        });
        all.collect()
    }

    /// The names of all metrics that came.
    pub(crate) fn metrics(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for (path, body) in self.kept.lock().unwrap().iter() {
            if path != "/v1/metrics" {
                continue;
            }
            let request = ExportMetricsServiceRequest::decode(&body[..])?;
            let scopes = request.resource_metrics.into_iter();
            let scopes = scopes.flat_map(|resource| resource.scope_metrics);
            names.extend(
                scopes
                    .flat_map(|scope| scope.metrics)
                    .map(|metric| metric.name),
            );
        }
        Ok(names)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Takes connections and never answers.
pub(crate) struct Silence(std::net::TcpListener);

impl Silence {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self(std::net::TcpListener::bind("127.0.0.1:0")?))
    }

    pub(crate) fn url(&self) -> Result<String> {
        Ok(format!("http://{}", self.0.local_addr()?))
    }
}
