//! What tells a page that something has changed: server-sent events.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, StreamExt as _};

use super::site::Site;

/// How many pages can be open at a time.
const STREAMS: usize = 64;
/// At most this often, however many cars report.
const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn router() -> Router<Site> {
    let open = Arc::new(AtomicUsize::new(0));
    Router::new().route("/events", get(move |site| events(site, open)))
}

/// One of the streams that are open.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn take(open: Arc<AtomicUsize>) -> Option<Self> {
        let taken = open.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| {
            (count < STREAMS).then_some(count + 1)
        });
        taken.is_ok().then(|| Self(open))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// `report` events, one for each vehicle that has reported since the last. Whoever reads slowly misses
/// what has been replaced, and holds up nobody.
async fn events(State(site): State<Site>, open: Arc<AtomicUsize>) -> Response {
    let Some(open) = Open::take(open) else {
        let problem = "too many pages are open: close some";
        return (StatusCode::SERVICE_UNAVAILABLE, problem).into_response();
    };
    let changes = site.latest.changes();
    let seen: HashMap<String, i64> = times(&site).collect();
    let first = (site, changes, seen, open);
    let events = stream::unfold(first, |(site, mut changes, mut seen, open)| async move {
        loop {
            changes.changed().await.ok()?;
            tokio::time::sleep(PAUSE).await;
            changes.mark_unchanged();
            let new: Vec<Event> = times(&site)
                .filter(|(key, time)| seen.insert(key.clone(), *time) != Some(*time))
                .map(|(vehicle, time_ms)| {
                    let data = serde_json::json!({"vehicle": vehicle, "time_ms": time_ms});
                    Event::default().event("report").data(data.to_string())
                })
                .collect();
            if !new.is_empty() {
                return Some((new, (site, changes, seen, open)));
            }
        }
    });
    let events = events.flat_map(stream::iter).map(Ok::<_, Infallible>);
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn times(site: &Site) -> impl Iterator<Item = (String, i64)> {
    let reports = site.latest.reports().into_iter();
    reports.map(|report| (report.vehicle.key(), report.time_ms))
}
