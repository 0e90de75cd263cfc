//! Where the log goes: to standard error, or, while a table is on the terminal, below the table.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use tracing_subscriber::fmt::MakeWriter;

use super::board::{Board, Kind};

/// Writes the log. Clones are handles to the same one.
#[derive(Clone, Debug, Default)]
pub struct LogWriter(Arc<OnceLock<Board>>);

impl LogWriter {
    /// From now on, messages stand below this board, if it is a table.
    pub fn show_on(&self, board: &Board) {
        if board.kind() == Kind::Table {
            let _ = self.0.set(board.clone());
        }
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            board: self.0.get(),
            text: Vec::new(),
        }
    }
}

/// One message. Written when it is dropped.
#[derive(Debug)]
pub struct Line<'a> {
    board: Option<&'a Board>,
    text: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let noted = self
            .board
            .is_some_and(|board| board.note(String::from_utf8_lossy(&self.text).trim_end()));
        if !noted {
            // Nobody can be told that the log cannot be written.
            let _ = io::stderr().write_all(&self.text);
        }
    }
}
