//! Paints the board on standard output.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::board::{Board, Kind};
use super::layout;

/// Paints until it is told to stop, or until nobody looks any more.
#[derive(Debug)]
pub struct Painter {
    board: Board,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Painter {
    /// Waits until nobody looks any more: standard output is closed. Never, if nothing is shown.
    pub async fn unseen(&mut self) {
        if self.board.kind() == Kind::Off {
            std::future::pending::<()>().await;
        }
        if !self.task.is_finished() {
            let _ = (&mut self.task).await;
        }
    }

    /// Paints a last time, and ends. What is logged from now on goes to standard error again.
    pub async fn stop(mut self) {
        drop(self.stop);
        if !self.task.is_finished() {
            let _ = tokio::time::timeout(LAST, &mut self.task).await;
        }
        self.board.close();
    }
}

/// How long the last picture may take: a pipe that nobody reads must not hold up the end.
const LAST: Duration = Duration::from_millis(500);

/// Shows a board on standard output. `heading` stands above the table, or comes first.
pub fn paint(kind: Kind, heading: String) -> (Board, Painter) {
    let (board, lines) = Board::new(kind);
    let (stop, stopped) = watch::channel(());
    let task = match kind {
        Kind::Table => tokio::spawn(paint_table(board.clone(), heading, stopped)),
        Kind::Lines => tokio::spawn(paint_lines(heading, lines, stopped)),
        Kind::Off => tokio::spawn(async {}),
    };
    let painter = Painter {
        board: board.clone(),
        stop,
        task,
    };
    (board, painter)
}

/// At most this often, however often something changes.
const REFRESH: Duration = Duration::from_millis(250);

/// At least this often: the terminal may have got another size.
const LOOK: Duration = Duration::from_secs(1);

async fn paint_table(board: Board, heading: String, mut stopped: watch::Receiver<()>) {
    let mut screen = Screen::default();
    let mut tick = interval(REFRESH);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let ends = tokio::select! {
            _ = tick.tick() => false,
            _ = stopped.changed() => true,
        };
        let text = screen.repaint(&board, &heading, layout::size());
        if !text.is_empty() && !write(text).await {
            // Nobody sees the messages there.
            board.close();
            return;
        }
        if ends {
            return;
        }
        tokio::select! {
            () = board.changed() => {}
            () = sleep(LOOK) => {}
            _ = stopped.changed() => {
                let last = screen.repaint(&board, &heading, layout::size());
                if !last.is_empty() {
                    let _ = write(last).await;
                }
                return;
            }
        }
    }
}

/// What is on the terminal now.
#[derive(Debug, Default)]
struct Screen {
    picture: String,
    size: (u16, u16),
}

impl Screen {
    /// What to write to turn the present picture into the new one; nothing, if they are the same.
    fn repaint(&mut self, board: &Board, heading: &str, size: (u16, u16)) -> String {
        let picture = layout::picture(board, heading, size);
        if picture == self.picture && size == self.size {
            return String::new();
        }
        // Without the cursor, and without breaking lines at the edge, whatever the terminal thinks
        // of a character's width: a line is a line.
        let mut text = "\x1b[?25l\x1b[?7l".to_owned();
        let lines = self.picture.lines().count();
        if lines > 0 && size != self.size {
            // The terminal has broken the old lines anew; where they begin is not known.
            text += "\x1b[H\x1b[2J";
        } else if lines > 0 {
            // Up to where the last picture began; what is there is overwritten and the rest wiped,
            // so that nothing flickers.
            let _ = write!(text, "\x1b[{lines}F");
        }
        for line in picture.lines() {
            text += line;
            text += "\x1b[K\r\n";
        }
        text += "\x1b[J\x1b[?7h\x1b[?25h";
        self.picture = picture;
        self.size = size;
        text
    }
}

async fn paint_lines(
    heading: String,
    mut lines: mpsc::Receiver<String>,
    mut stopped: watch::Receiver<()>,
) {
    if !write(format!("{heading}\n")).await {
        return;
    }
    loop {
        let line = tokio::select! {
            biased;
            line = lines.recv() => line,
            _ = stopped.changed() => None,
        };
        match line {
            Some(line) => {
                if !write(format!("{line}\n")).await {
                    return;
                }
            }
            None => return,
        }
    }
}

/// Writes on a thread that may wait: whoever reads the pipe may be slow. `false` once nobody reads.
async fn write(text: String) -> bool {
    let written = tokio::task::spawn_blocking(move || {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    });
    matches!(written.await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;
    use crate::fetch::{Availability, Vehicle};

    fn vehicle(name: &str) -> Vehicle {
        Vehicle {
            vin: format!("VIN of {name}"),
            display_name: Some(name.to_owned()),
            id: name.to_owned(),
        }
    }

    fn size(size: u16) -> NonZeroU16 {
        NonZeroU16::new(size).expect("a size")
    }

    fn terminal(height: u16, width: u16) -> vt100::Parser {
        vt100::Parser::new(size(height), size(width), 0)
    }

    /// What the terminal shows.
    fn shown(parser: &vt100::Parser) -> Vec<String> {
        parser
            .screen()
            .rows(0, 200)
            .map(|row| row.trim_end().to_owned())
            .collect()
    }

    #[test]
    fn each_picture_takes_the_place_of_the_last_one() {
        let (board, _lines) = Board::new(Kind::Table);
        let mut terminal = terminal(24, 80);
        let mut screen = Screen::default();
        terminal.process(b"$ tesla-observer\r\n");
        for n in 0..50 {
            board.seen(&vehicle("Ju"), Availability::Asleep, None);
            board.note(&format!("message {n}"));
            terminal.process(screen.repaint(&board, "Heading", (80, 24)).as_bytes());
        }
        let rows = shown(&terminal);
        assert_eq!(rows[0], "$ tesla-observer", "{rows:#?}");
        assert_eq!(rows[1], "Heading", "{rows:#?}");
        let times = |text: &str| rows.iter().filter(|row| row.contains(text)).count();
        assert_eq!(times("Ju"), 1, "{rows:#?}");
        assert_eq!(times("message 49"), 1, "{rows:#?}");
        assert_eq!(times("message 0"), 0, "{rows:#?}");
        let last = rows.iter().rposition(|row| !row.is_empty());
        let (row, column) = terminal.screen().cursor_position();
        assert_eq!(
            (Some(usize::from(row)), column),
            (last.map(|row| row + 1), 0)
        );
    }

    #[test]
    fn a_terminal_of_another_size_is_painted_anew() {
        let (board, _lines) = Board::new(Kind::Table);
        let mut terminal = terminal(24, 100);
        let mut screen = Screen::default();
        board.seen(&vehicle("Ju"), Availability::Asleep, None);
        terminal.process(screen.repaint(&board, "Heading", (100, 24)).as_bytes());
        terminal.screen_mut().set_size(size(12), size(40));
        terminal.process(screen.repaint(&board, "Heading", (40, 12)).as_bytes());
        let rows = shown(&terminal);
        assert_eq!(rows[0], "Heading", "{rows:#?}");
        assert_eq!(rows.concat().matches("Ju").count(), 1, "{rows:#?}");
        assert_eq!(screen.repaint(&board, "Heading", (40, 12)), "");
    }
}
