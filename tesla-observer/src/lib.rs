//! Observes the cars of a Tesla account and exports all that they report over OpenTelemetry.
//!
//! This library is what the `tesla-observer` binary is made of, for its tests and for other makers:
//! implement [`fetch::VehicleFetcher`] for another service, and everything else is here.

#![forbid(unsafe_code)]

pub mod budget;
pub mod catalog;
pub mod cli;
pub mod commands;
pub mod config;
pub mod doctor;
pub mod fetch;
pub mod history;
pub mod instrumentor;
pub mod model;
pub mod observer;
pub mod privacy;
mod private;
pub mod schedule;
pub mod shard;
pub mod simulator;
pub mod telemetry;
pub mod terminal;
pub mod turn;
mod warned;
pub mod web;
