//! Budgets and rate limits over real HTTP against the simulator, in simulated time.
#![allow(clippy::unwrap_used)]

mod cars;
mod days;
mod quiet;
mod storm;
