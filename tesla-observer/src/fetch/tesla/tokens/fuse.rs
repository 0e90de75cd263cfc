//! Stops an account whose tokens are refused again and again, although each is renewed: going on could
//! lock it, and every refusal costs as much as an answer.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::fetch::{FetchError, Next, Problem};

/// So many tokens, refused within [`WITHIN`], are enough: as TeslaMate has it.
const MOST: usize = 5;
const WITHIN: Duration = Duration::from_secs(600);

/// The tokens that were refused lately, each counted once: however many cars were asked with it at the
/// same time, it was one refusal.
#[derive(Debug, Default)]
pub(super) struct Fuse(VecDeque<(u64, Instant)>);

impl Fuse {
    /// The token of this generation was refused.
    pub(super) fn refused(&mut self, generation: u64) {
        if self.0.iter().all(|(known, _)| *known != generation) {
            self.0.push_back((generation, Instant::now()));
        }
        while self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    pub(super) fn is_blown(&self) -> bool {
        let lately = |(_, at): &&(u64, Instant)| at.elapsed() < WITHIN;
        self.0.iter().filter(lately).count() >= MOST
    }
}

/// Why the account is not asked any more.
pub(super) fn stop(name: &str) -> FetchError {
    FetchError {
        doing: format!("asking with the tokens of {name}"),
        problem: Problem::Unauthorized,
        detail: format!(
            "Tesla refused {MOST} tokens within {} minutes, each of which it had just given: nothing more is asked, so that the account is not locked. Look whether another program uses the same login and whether the account's password was changed, then log in again with `tesla-observer login`",
            WITHIN.as_secs() / 60
        ),
        next: Next::Stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_tokens_refused_within_ten_minutes_are_enough() {
        let mut fuse = Fuse::default();
        for generation in 0..5 {
            assert!(!fuse.is_blown(), "{generation}");
            tokio::time::advance(Duration::from_secs(149)).await;
            // All cars at once.
            for _ in 0..50 {
                fuse.refused(generation);
            }
        }
        assert!(fuse.is_blown());
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_that_are_rare_are_none() {
        let mut fuse = Fuse::default();
        for generation in 0..50 {
            fuse.refused(generation);
            assert!(!fuse.is_blown(), "{generation}");
            tokio::time::advance(Duration::from_secs(151)).await;
        }
    }
}
