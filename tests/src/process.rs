//! A program that a test has started: its log is read, and it does not outlive the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a program may take to start and to end, and an export to become visible.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Calls `look` until it finds something.
///
/// # Panics
///
/// If that takes too long, with `what` was awaited.
pub fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look)
}

/// The same, with another patience.
///
/// # Panics
///
/// If that takes too long, with `what` was awaited.
pub fn within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < patience, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A running program. Ends when it is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: mpsc::Receiver<String>,
    seen: Vec<String>,
    folder: TempDir,
}

impl Process {
    /// Starts it. The folder lives as long as it.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn start(command: &mut Command, folder: TempDir) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let stderr = child.stderr.take().expect("piped above");
        let (line, log) = mpsc::channel();
        // Reads on to the end, so that the program never waits for someone to read its log.
        thread::spawn(move || {
            for text in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = line.send(text);
            }
        });
        Process {
            child,
            log,
            seen: Vec::new(),
            folder,
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Waits for a line of the log that has `text`, after the one that was found last, and returns it.
    ///
    /// # Panics
    ///
    /// If there is none for a long time.
    pub fn line_with(&mut self, text: &str) -> String {
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => panic!("no line with {text:?} in the log:\n{}", self.log()),
            }
        }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The most memory that it ever had in RAM so far, in bytes; `None` where there is no Linux.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// The log so far.
    pub fn log(&mut self) -> String {
        self.seen.extend(self.log.try_iter());
        self.seen.join("\n")
    }

    /// Waits for its end: how it ended, and its log.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a process of ours") {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let log = self.log();
                panic!("it does not end:\n{log}");
            }
            thread::sleep(Duration::from_millis(10));
        };
        // The log ends with the process.
        self.seen.extend(self.log.iter());
        (status, self.seen.join("\n"))
    }

    /// Asks it to end, with SIGTERM, and waits for that.
    ///
    /// # Panics
    ///
    /// If it cannot be asked, or does not end.
    pub fn stop(self) -> (ExitStatus, String) {
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(told.is_ok_and(|status| status.success()), "kill");
        self.ended()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
