//! The program `tesla-observer` itself, built as a user builds it, run with nothing but what a test
//! gives it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::process::Process;

/// The token that tests give it, and that [`Tesla`](crate::tesla::Tesla) takes.
pub const TOKEN: &str = "a-token-of-a-test";

/// The program. Built once in each process that asks for it.
///
/// # Panics
///
/// If it does not build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(build)
}

/// Builds with the profile and the target directory that this process was built with.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let profile = test
        .ancestors()
        .find(|folder| folder.ends_with("deps"))
        .and_then(Path::parent)
        .expect("<target>/<profile>/deps/<test>");
    let target = profile.parent().expect("<target>/<profile>");
    let profile = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--bin", "tesla-observer"])
        .arg("--message-format=json-render-diagnostics")
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "tesla-observer does not build");
    let messages = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let executable = |line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == "tesla-observer";
        Some(PathBuf::from(
            message["executable"].as_str().filter(|_| is_it)?,
        ))
    };
    let found = messages.lines().find_map(executable);
    found.expect("cargo says where the program is")
}

/// What `tesla-observer run` is given: only these variables, and folders of its own.
#[derive(Clone, Debug)]
pub struct Observer {
    variables: BTreeMap<String, String>,
}

impl Observer {
    /// Observes the cars of the service at `api`, with a token that stays.
    pub fn of(api: &str, token: &str) -> Self {
        Self::of_nothing()
            .with("TESLA_API_HOST", api)
            .with("TOKEN", token)
    }

    /// Is told nothing.
    pub fn of_nothing() -> Self {
        Observer {
            variables: BTreeMap::new(),
        }
    }

    /// Observes simulated cars, and sends what they report wherever it is told to.
    pub fn of_simulated_cars() -> Self {
        Self::of_nothing().with("TESLA_OBSERVER_DEMO", true)
    }

    /// Observes the cars of an account that has logged in to the service at `host`, which has the auth
    /// and the API.
    pub fn of_account(host: &str) -> Self {
        Self::of_nothing()
            .with("TESLA_API_HOST", host)
            .with("TESLA_AUTH_HOST", host)
    }

    /// With a variable more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.insert(name.to_owned(), value.to_string());
        self
    }

    /// With OTLP to this receiver, of all signals.
    #[must_use]
    pub fn otlp(self, protocol: &str, endpoint: &str) -> Self {
        self.with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .with("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    }

    /// Asks each car once and ends; how it ended, and its log.
    pub fn once(&self) -> (ExitStatus, String) {
        self.command(&["run", "--once"]).ended()
    }

    /// Asks each car once, and that goes well.
    ///
    /// # Panics
    ///
    /// With its log, if it does not.
    pub fn once_well(&self) -> String {
        let (status, log) = self.once();
        assert!(status.success(), "{status}:\n{log}");
        log
    }

    /// Starts it, to observe until it is stopped.
    pub fn start(&self) -> Process {
        self.command(&["run"])
    }

    /// Runs it with these arguments to its end: how it ended, and what it printed.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn printed(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let output = self.built(arguments, folder.path()).output();
        let output = output.expect("the program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status, text)
    }

    /// Starts it with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Process {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Process::start(&mut self.built(arguments, folder.path()), folder)
    }

    fn built(&self, arguments: &[&str], folder: &Path) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", folder)
            .env("HOME", folder)
            .env("TESLA_OBSERVER_STATE_DIR", folder.join("state"))
            .envs(&self.variables)
            .current_dir(folder);
        command
    }
}
