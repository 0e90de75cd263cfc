//! What the vehicles report, on the terminal, so that a person can read it at a glance: a table that
//! refreshes, or plain lines.

mod board;
mod layout;
mod log;
mod painter;
mod words;

pub use board::{Board, Kind, Turns};
pub use log::LogWriter;
pub use painter::{Painter, paint};
pub use words::{clean, clean_lines, table, width};
