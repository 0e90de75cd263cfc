//! The limit of requests in a minute, which every answer tells about.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::faults;
use super::server::{Inner, lock};

const MINUTE_MS: i64 = 60_000;

/// A minute, and what was asked in it.
#[derive(Debug)]
pub(super) struct Window {
    most: u32,
    asked: u32,
    ends_ms: i64,
    refused: u64,
}

/// What an answer tells.
struct Told {
    most: u32,
    remaining: u32,
    resets_in: Duration,
    refused: bool,
}

impl Window {
    pub(super) fn new(most: u32) -> Self {
        Self {
            most,
            asked: 0,
            ends_ms: 0,
            refused: 0,
        }
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// The first request after a minute begins the next.
    fn ask(&mut self, now_ms: i64) -> Told {
        if now_ms >= self.ends_ms {
            self.asked = 0;
            self.ends_ms = now_ms.saturating_add(MINUTE_MS);
        }
        let refused = self.asked >= self.most;
        match refused {
            true => self.refused += 1,
            false => self.asked += 1,
        }
        let left_ms = u64::try_from(self.ends_ms - now_ms).unwrap_or(0);
        Told {
            most: self.most,
            remaining: self.most - self.asked,
            // Up to the next whole second: who waits so long is not early.
            resets_in: Duration::from_secs(left_ms.div_ceil(1_000)),
            refused,
        }
    }
}

/// Refuses what is too much, and tells how much remains.
pub(super) async fn limit(
    State(inner): State<Arc<Inner>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(window) = &inner.rate else {
        return next.run(request).await;
    };
    let told = lock(window).ask(inner.clock.now_ms());
    let seconds = inner.clock.real_seconds(told.resets_in);
    let mut response = match told.refused {
        true => faults::error(429, "rate limited"),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    if told.refused {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in [
        ("ratelimit-limit", u64::from(told.most)),
        ("ratelimit-remaining", u64::from(told.remaining)),
        ("ratelimit-reset", seconds),
    ] {
        let name = HeaderName::from_static(name);
        // A fault that was injected tells its own.
        headers.entry(name).or_insert(HeaderValue::from(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests_and_the_next_as_many_again() {
        let mut window = Window::new(3);
        let mut ask = |now| {
            let told = window.ask(now);
            (told.refused, told.remaining, told.resets_in.as_secs())
        };
        assert_eq!(ask(5_000), (false, 2, 60));
        assert_eq!(ask(5_001), (false, 1, 60));
        assert_eq!(ask(35_000), (false, 0, 30));
        assert_eq!(ask(64_999), (true, 0, 1));
        assert_eq!(ask(65_000), (false, 2, 60));
        assert_eq!(window.refused(), 1);
    }
}
