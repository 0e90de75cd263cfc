//! The binary as a child, with a home of its own and nothing else.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tesla_observer::simulator::Simulator;

/// What lets a test end with `?`.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Nothing takes this long, however slow the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A user's home, and what is in the environment.
pub(crate) struct Home {
    pub(crate) directory: TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            directory: tempfile::tempdir()?,
            variables: Vec::new(),
        })
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.push((name.to_owned(), value.to_string()));
        self
    }

    /// Tesla is the simulator.
    pub(crate) fn at(self, simulator: &Simulator) -> Self {
        self.with("TESLA_API_HOST", simulator.url())
            .with("TESLA_AUTH_HOST", simulator.url())
    }

    pub(crate) fn accounts(&self) -> PathBuf {
        self.path(".local/state/tesla-observer/accounts")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tesla-observer"));
        self.prepare(&mut command);
        command.args(arguments.split_whitespace());
        command
    }

    pub(crate) fn prepare(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.directory.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
    }

    /// Runs until it ends.
    pub(crate) fn run(&self, arguments: &str) -> Result<Ended> {
        self.start(arguments)?.wait()
    }

    pub(crate) fn start(&self, arguments: &str) -> Result<Running> {
        Running::start(self.command(arguments))
    }

    /// With tokens in the store that the simulator has just given.
    pub(crate) async fn logged_in(self, simulator: &Simulator) -> Result<Self> {
        self.log_in(simulator, "login --no-browser --user driver@example.com")
            .await?;
        Ok(self)
    }

    pub(crate) async fn log_in(&self, simulator: &Simulator, arguments: &str) -> Result<Ended> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        let mut login = Running::start(command)?;
        let url = login.url()?;
        login.say(&simulator.approve(&url)?)?;
        let ended = login.wait()?;
        assert!(ended.status.success(), "{ended:?}");
        Ok(ended)
    }
}

/// What it wrote so far.
#[derive(Default)]
struct Written {
    out: String,
    error: String,
    open: usize,
}

/// A running child. Killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    written: Arc<(Mutex<Written>, Condvar)>,
    pub(crate) started: Instant,
}

/// A child that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Ended {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.out, self.error)
    }
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let written: Arc<(Mutex<Written>, Condvar)> = Arc::default();
        let out = child.stdout.take().ok_or("no stdout")?;
        let error = child.stderr.take().ok_or("no stderr")?;
        written.0.lock().unwrap().open = 2;
        follow(&written, out, |written| &mut written.out);
        follow(&written, error, |written| &mut written.error);
        Ok(Self {
            stdin: child.stdin.take(),
            child,
            written,
            started: Instant::now(),
        })
    }

    /// Waits until something holds for what it wrote on stdout and on stderr.
    pub(crate) fn until<T>(&self, what: &str, look: impl Fn(&str, &str) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut written = self.written.0.lock().unwrap();
        loop {
            if let Some(found) = look(&written.out, &written.error) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && written.open > 0,
                "no {what} in\n{}\n{}",
                written.out,
                written.error
            );
            written = self.written.1.wait_timeout(written, left).unwrap().0;
        }
    }

    /// Waits until something holds elsewhere, looking often.
    pub(crate) fn when(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "no {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until it wrote this on stdout.
    pub(crate) fn says(&self, text: &str) {
        self.until(text, |out, _| out.contains(text).then_some(()));
    }

    /// Waits until it wrote this on stderr.
    pub(crate) fn logs(&self, text: &str) {
        self.until(text, |_, error| error.contains(text).then_some(()));
    }

    /// The login page that it printed.
    pub(crate) fn url(&self) -> Result<reqwest::Url> {
        let line = self.until("address", |out, _| {
            let whole = out.rsplit_once("Address: ")?.0;
            let mut lines = whole.lines();
            lines
                .rfind(|line| line.starts_with("http"))
                .map(str::to_owned)
        });
        Ok(line.trim().parse()?)
    }

    pub(crate) fn say(&mut self, line: &str) -> Result {
        self.press(&format!("{line}\n"))
    }

    /// Keys, without Enter.
    pub(crate) fn press(&mut self, keys: &str) -> Result {
        let stdin = self.stdin.as_mut().ok_or("stdin is closed")?;
        stdin.write_all(keys.as_bytes())?;
        Ok(stdin.flush()?)
    }

    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    pub(crate) fn signal(&self, signal: &str) -> Result {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", signal, &id]).status()?;
        assert!(status.success());
        Ok(())
    }

    pub(crate) fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until it ends.
    pub(crate) fn wait(mut self) -> Result<Ended> {
        self.stdin = None;
        let deadline = Instant::now() + PATIENCE;
        let mut written = self.written.0.lock().unwrap();
        while written.open > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "it does not end:\n{}\n{}",
                written.out,
                written.error
            );
            written = self.written.1.wait_timeout(written, left).unwrap().0;
        }
        let (out, error) = (written.out.clone(), written.error.clone());
        drop(written);
        Ok(Ended {
            status: self.child.wait()?,
            out,
            error,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(
    written: &Arc<(Mutex<Written>, Condvar)>,
    from: impl Read + Send + 'static,
    to: fn(&mut Written) -> &mut String,
) {
    let written = Arc::clone(written);
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        loop {
            let bytes = from.fill_buf().map(<[u8]>::to_vec).unwrap_or_default();
            from.consume(bytes.len());
            let mut all = written.0.lock().unwrap();
            if bytes.is_empty() {
                all.open -= 1;
                written.1.notify_all();
                return;
            }
            *to(&mut all) += &String::from_utf8_lossy(&bytes);
            written.1.notify_all();
        }
    });
}

/// The permissions of a file, as `chmod` has them.
pub(crate) fn mode(path: &Path) -> Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o7777)
}

/// The exit status and standard error of a child of which nobody reads standard output.
pub(crate) fn unread(mut command: Command) -> Result<(ExitStatus, String)> {
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    drop((command, reader));
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait()?.is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    let output = child.wait_with_output()?;
    Ok((
        output.status,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}
