//! What the program promises to whoever starts it: the real binary, in an environment of its own,
//! against the real simulator and real receivers.

#![allow(clippy::unwrap_used)]

mod budget;
mod ending;
mod errors;
mod history;
mod kills;
mod login;
mod privacy;
mod program;
mod receiver;
mod start;
mod table;
