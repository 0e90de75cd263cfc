//! An answer's body: read up to a limit, and of large ones only one at a time.

use std::ops::Deref;
use std::sync::Arc;

use reqwest::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::http::{Failure, failure_of};
use super::words::without;
use crate::fetch::Problem;

/// The largest body that is read. A list of many cars with their cached data has some MiB.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
/// Answers about one car are far smaller. Of larger ones only one is read at a time: a thousand cars
/// whose answers are all too large take no more memory than one.
const USUAL_BODY: usize = 64 * 1024;

/// Room for a large body, of which only what is used costs anything: glibc takes what is larger than
/// 32 MiB from the system and gives it back at once, and would keep less for ever.
const ROOM: usize = 33 * 1024 * 1024;

/// Whose turn it is with a body that is larger than usual.
pub(super) struct Large(Arc<Semaphore>);

impl Default for Large {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// A body. If it is a large one, others wait until it is dropped.
pub(super) struct Body {
    text: String,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Body {
    /// Without the secrets that were sent, should the service repeat them.
    pub(super) fn without<'a>(self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            text: without(self.text, secrets),
            ..self
        }
    }

    /// Its text, for what is over before anything else is asked.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

impl Deref for Body {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Large {
    /// The body, read piece by piece and given up when it is too large.
    pub(super) async fn read(&self, mut response: Response) -> Result<Body, Failure> {
        // Tokens fit in it, and are not moved while they are read: nothing is left behind of them.
        let mut body = Vec::with_capacity(16 * 1024);
        let mut turn = None;
        if response.content_length() > Some(LARGEST_BODY as u64) {
            return Err(too_large());
        }
        while let Some(piece) = response.chunk().await.map_err(failure_of)? {
            if body.len() + piece.len() > LARGEST_BODY {
                return Err(too_large());
            }
            if turn.is_none() && body.len() + piece.len() > USUAL_BODY {
                // It is never closed.
                turn = Arc::clone(&self.0).acquire_owned().await.ok();
                // At once, since growing would have it in memory twice.
                body.reserve_exact(ROOM);
            }
            body.extend_from_slice(&piece);
        }
        // A byte order mark is no part of a text, and no JSON.
        if body.starts_with(b"\xef\xbb\xbf") {
            body.drain(..3);
        }
        let text = match String::from_utf8(body) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Ok(Body { text, _turn: turn })
    }
}

fn too_large() -> Failure {
    Failure {
        error: "body",
        problem: Problem::Unreadable,
        detail: format!(
            "the answer is larger than {} MiB and was not read further",
            LARGEST_BODY / 1024 / 1024
        ),
        sent: true,
    }
}
