//! A simulated month under random troubles: the observer's memory stays flat, no sample is lost, and
//! nothing of it is left when it ends. For the same seed, the troubles and what the cars do are the same,
//! at the same simulated times; not every turn is: real timers and sockets run beside.
//!
//! ```sh
//! cargo test -p metric-tests --test observer_soak                  # a few days
//! SOAK_DAYS=30 SOAK_SEED=4 cargo test --release -p metric-tests --test observer_soak -- --nocapture
//! ```
//!
//! The observer is the real one, over real HTTP and gRPC, with its tokens and its spool on disk, in a
//! process whose time stands still but for steps that it is told to make; the cars' clock makes the
//! same steps. Between two of them, what is under way may arrive. The troubles are those of
//! `metric_tests::soak::plan`, without its kills, which `observer_outage` is about. They are in
//! simulated time but for what services and paths do slowly, which is so much faster.

mod child;
mod figures;
mod month;
mod record;
mod stage;

use std::env;
use std::str::FromStr;

/// So many days, or as many as the variable says.
fn said<T: FromStr>(name: &str, usual: T) -> T {
    let said = env::var(name).ok();
    said.map_or(usual, |said| match said.parse() {
        Ok(said) => said,
        Err(_) => panic!("{name} is no number: {said}"),
    })
}

#[test]
fn a_month_of_troubles_loses_no_sample_and_leaks_neither_memory_nor_tasks() {
    month::live(said("SOAK_SEED", 4), said("SOAK_DAYS", 3));
}

#[test]
#[ignore = "the soak starts it"]
fn the_observer_in_a_process_of_its_own() {
    if let Ok(control) = env::var(child::CONTROL) {
        child::run(&control).expect("an observer");
    }
}
