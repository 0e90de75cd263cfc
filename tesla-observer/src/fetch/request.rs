//! What is told about every request to a service.

use std::sync::Arc;
use std::time::Duration;

/// One request that has ended, well or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestDone {
    /// The HTTP method.
    pub method: &'static str,
    /// The route without its ids: `/api/1/vehicles/{id}/vehicle_data`.
    pub route: &'static str,
    /// The host that was asked, without credentials.
    pub host: String,
    /// Its port, if the URL's scheme has one.
    pub port: Option<u16>,
    /// The status, if an answer came.
    pub status: Option<u16>,
    /// Why no answer came, in one word (`timeout`, `connect`, `tls`, `body`), if none did.
    pub error: Option<&'static str>,
    /// From the request's start to the end of the body.
    pub duration: Duration,
}

/// Told of every request that has ended. Must return quickly.
pub type OnRequest = Arc<dyn Fn(&RequestDone) + Send + Sync>;
