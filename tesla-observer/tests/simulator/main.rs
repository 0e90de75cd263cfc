//! The simulator, asked over real HTTP.

mod api;
mod auth;
mod cars;
mod control;
mod faults;
mod fields;
mod support;
