//! The Tesla client against real HTTP servers on this machine.

mod answers;
mod damage;
mod login;
mod questions;
mod regions;
mod renewals;
mod server;
mod tls;
