//! Chromium, driven as a user drives it, and what it noticed: its console and all that it asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{PATIENCE, Process};
use crate::servers::installed;

/// What is true of a browser from its start.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The window, in pixels.
    pub size: (u32, u32),
    /// Whether the system is dark.
    pub dark: bool,
    /// Whether scripts run.
    pub scripts: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            size: (1280, 1000),
            dark: false,
            scripts: true,
        }
    }
}

/// Chromium with a profile of its own.
pub struct Browser {
    /// To drive it.
    pub client: Client,
    _driver: Process,
    _profile: Profile,
}

/// What Chromium has on the disk. With it ends whoever uses it: after a panic nobody has ended it, and
/// it outlives ChromeDriver.
struct Profile(TempDir);

impl Drop for Profile {
    fn drop(&mut self) {
        let used = format!("user-data-dir={}", self.0.path().display());
        let _ = Command::new("pkill").args(["-KILL", "-f", &used]).status();
    }
}

/// A command that WebDriver itself does not have.
#[derive(Debug)]
struct Extra {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// Starts it, if it is installed.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(look: Look) -> Option<Self> {
        let (driver, chromium) = (installed("chromedriver")?, installed("chromium")?);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let profile = Profile(tempfile::tempdir().expect("a temporary folder"));
        let log = folder.path().join("log");
        // It says on standard output where it listens, which nobody reads; the log has it, too.
        let mut command = Command::new(driver);
        command
            .arg("--port=0")
            .arg(format!("--log-path={}", log.display()));
        // What it forgets there goes with the folder.
        command
            .env("XDG_CACHE_HOME", folder.path())
            .env("TMPDIR", folder.path());
        let driver = Process::start(&mut command, folder);
        let port = port_in(&log).await;

        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ]
        .map(str::to_owned)
        .into();
        let (width, height) = look.size;
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", profile.0.path().display()));
        if look.dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let scripts = if look.scripts { 1 } else { 2 };
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": chromium.display().to_string(),
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": scripts},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written so above");
        };
        let capabilities: Capabilities = capabilities;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium starts");
        let browser = Browser {
            client,
            _driver: driver,
            _profile: profile,
        };
        browser
            .devtools(
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
                }),
            )
            .await;
        let scheme = if look.dark { "dark" } else { "light" };
        browser
            .devtools(
                "Emulation.setEmulatedMedia",
                json!({
                    "features": [{"name": "prefers-color-scheme", "value": scheme}],
                }),
            )
            .await;
        Some(browser)
    }

    async fn extra(&self, path: &'static str, body: Value) -> Value {
        let answer = self.client.issue_cmd(Extra { path, body }).await;
        answer.expect("ChromeDriver knows the command")
    }

    /// A command of Chromium's own protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.extra(
            "goog/cdp/execute",
            json!({"cmd": command, "params": parameters}),
        )
        .await
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("it is there");
    }

    /// What a script says.
    pub async fn script(&self, script: &str) -> Value {
        let answer = self.client.execute(script, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until a script says yes.
    ///
    /// # Panics
    ///
    /// If it does not for a long time.
    pub async fn until(&self, what: &str, script: &str) {
        let waiting = async {
            while self.script(script).await != Value::Bool(true) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        if waited.is_err() {
            let text = self.text("body").await;
            panic!("not in time: {what}; the page says:\n{text}");
        }
    }

    /// Waits until a script says a number.
    pub async fn number(&self, what: &str, script: &str) -> f64 {
        self.until(
            what,
            &format!("return Number.isFinite((() => {{ {script} }})())"),
        )
        .await;
        let number = self.script(script).await;
        number.as_f64().expect("a number, as it was before")
    }

    /// The text of the first element that a CSS selector finds.
    pub async fn text(&self, selector: &str) -> String {
        let element = self.client.find(Locator::Css(selector)).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.text().await.expect("it has a text")
    }

    /// Clicks the first element that a CSS selector finds.
    pub async fn click(&self, selector: &str) {
        let element = self.client.find(Locator::Css(selector)).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Moves the pointer to two places on the first element that a CSS selector finds, given as shares
    /// of its width from the left, with the button held down in between.
    pub async fn drag(&self, selector: &str, from: f64, to: f64) {
        let drag = [
            PointerAction::Down {
                button: MOUSE_BUTTON_LEFT,
            },
            self.to(selector, (from + to) / 2.0).await,
            self.to(selector, to).await,
            PointerAction::Up {
                button: MOUSE_BUTTON_LEFT,
            },
        ];
        self.hover(selector, from).await;
        let actions = drag.into_iter().fold(pointer(), InputSource::then);
        let done = self.client.perform_actions(actions).await;
        done.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Moves the pointer there.
    pub async fn hover(&self, selector: &str, share: f64) {
        let actions = pointer().then(self.to(selector, share).await);
        let done = self.client.perform_actions(actions).await;
        done.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    async fn to(&self, selector: &str, share: f64) -> PointerAction {
        let element = self.client.find(Locator::Css(selector)).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        let (_, _, width, _) = element.rectangle().await.expect("it is somewhere");
        // From its middle.
        let x = width * (share - 0.5);
        PointerAction::MoveToElement {
            element,
            duration: None,
            x,
            y: 0.0,
        }
    }

    /// Presses a key where the focus is, while Shift is held down.
    pub async fn press_with_shift(&self, key: Key, times: usize) {
        let shift = Key::Shift.into();
        let mut actions =
            KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: shift });
        for _ in 0..times {
            let value = key.into();
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        let actions = actions.then(KeyAction::Up { value: shift });
        let done = self.client.perform_actions(actions).await;
        done.expect("keys can be pressed");
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) {
        let focused = self.client.active_element().await.expect("there is a page");
        let key: char = key.into();
        focused
            .send_keys(&key.to_string())
            .await
            .expect("a key can be pressed");
    }

    /// All values on the page, by metric, as they were reported. A metric that is there several times
    /// has its first.
    pub async fn values(&self) -> BTreeMap<String, f64> {
        let all = self
            .script(
                "return [...document.querySelectorAll('data.value')].reverse()
                   .map((own) => [own.dataset.metric, own.value])",
            )
            .await;
        let pairs: Vec<(String, String)> = serde_json::from_value(all).expect("pairs of texts");
        pairs
            .into_iter()
            .map(|(metric, value)| (metric, value.parse().expect("a number")))
            .collect()
    }

    /// Takes a picture, for whoever reviews the tests: `target/screenshots/<name>.png`.
    pub async fn picture(&self, name: &str) -> Vec<u8> {
        let png = self.client.screenshot().await.expect("a picture");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).expect("a writable folder");
        std::fs::write(folder.join(format!("{name}.png")), &png).expect("a writable folder");
        png
    }

    /// The complaints on the console so far, breaches of the content security policy among them.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.extra("se/log", json!({"type": "browser"})).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        let complaint = |entry: &Value| {
            let level = entry["level"].as_str().unwrap_or_default();
            matches!(level, "SEVERE" | "WARNING")
        };
        let entries = entries.into_iter().filter(complaint);
        entries.map(|entry| entry["message"].to_string()).collect()
    }

    /// All addresses that were asked for so far.
    pub async fn asked(&self) -> Vec<String> {
        let log = self.extra("se/log", json!({"type": "performance"})).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| {
                let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
                let message = &message["message"];
                let is_one = message["method"] == "Network.requestWillBeSent";
                let url = message["params"]["request"]["url"].as_str()?;
                is_one.then(|| url.to_owned())
            })
            .collect()
    }

    /// Ends it.
    pub async fn end(self) {
        let _ = self.client.clone().close().await;
    }
}

fn pointer() -> MouseActions {
    MouseActions::new("mouse".to_owned())
}

/// The port that ChromeDriver's log says that it listens at.
async fn port_in(log: &PathBuf) -> u16 {
    let reading = async {
        loop {
            let text = std::fs::read_to_string(log).unwrap_or_default();
            let rest = text.split("started successfully on port ").nth(1);
            let port = rest.and_then(|rest| rest.split(|own: char| !own.is_ascii_digit()).next());
            if let Some(port) = port.and_then(|port| port.parse().ok()) {
                return port;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("ChromeDriver starts")
}
