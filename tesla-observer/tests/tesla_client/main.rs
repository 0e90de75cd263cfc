//! The Tesla client against real HTTP servers on this machine.

mod answers;
mod damage;
mod elsewhere;
mod login;
mod questions;
mod refusals;
mod regions;
mod renewals;
mod server;
mod stored;
mod tls;
mod trouble;
