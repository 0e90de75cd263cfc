//! Every setting, from flags, variables and defaults, checked once: all errors come at once, each with
//! the flag or variable at fault.

mod exports;
mod given;
mod greptime;
mod here;
mod reader;
mod setting;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use etcetera::{BaseStrategy, choose_base_strategy};
use reqwest::Url;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use crate::budget::Limit;
use crate::fetch::tesla::{Region, check_host, is_loopback};
use crate::privacy::Location;
use crate::schedule;
use crate::shard::Shard;
use crate::telemetry;
use crate::{history, web};

pub use given::{ConfigError, Given, Source};
pub use reader::Effective;
pub use setting::{Group, SETTINGS, Setting};

use reader::{Reader, minutes, number, one_of, seconds, seconds_or_none, url};

/// Every setting, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whose cars.
    pub account: Account,
    /// Whose cars are observed: the account's, or simulated ones.
    pub source: SourceOfCars,
    /// Observe only these, by name or VIN; all, if there are none.
    pub vehicles: Vec<String>,
    /// Only those of this part of the fleet.
    pub shard: Option<Shard>,
    /// When a car is asked, and what.
    pub schedule: schedule::Settings,
    /// How long one request may take.
    pub timeout: Duration,
    /// How much the service may be asked.
    pub budget: Budget,
    /// Export private texts, too.
    pub private_texts: bool,
    /// How exactly it is exported where the cars are.
    pub location: Location,
    /// What is exported of VINs.
    pub vin: Vin,
    /// Where observations go.
    pub telemetry: telemetry::Settings,
    /// What is kept on this machine of what the cars reported.
    pub history: Option<history::Settings>,
    /// The page.
    pub page: Option<web::Settings>,
    /// Simulated cars.
    pub simulation: Simulation,
    /// What is shown on the terminal.
    pub display: Display,
    /// What is logged.
    pub log: String,
    /// Every effective setting, in the table's order, and where it came from.
    pub effective: Vec<Effective>,
    /// What is no error but was hardly meant.
    pub warnings: Vec<ConfigError>,
}

/// Whose cars.
#[derive(Clone, Debug)]
pub struct Account {
    /// The e-mail address.
    pub user: Option<String>,
    /// Which API to log in to.
    pub api: Api,
    /// The region, if it was said.
    pub region: Option<Region>,
    /// Fleet API: the application.
    pub client_id: Option<String>,
    /// Fleet API: its secret.
    pub client_secret: Option<SecretString>,
    /// Fleet API: its redirect URI.
    pub redirect_uri: Option<String>,
    /// Another API host.
    pub api_host: Option<Url>,
    /// Another auth host.
    pub auth_host: Option<Url>,
    /// A token that stays.
    pub token: Option<SecretString>,
    /// Where tokens are kept.
    pub state_dir: PathBuf,
    /// Whether any of these was said: somebody who says whose cars wants no simulated ones.
    pub said: bool,
}

/// Tesla's APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// As the app has it.
    Owner,
    /// For applications of one's own.
    Fleet,
}

/// Whose cars are observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceOfCars {
    /// The account's.
    Account,
    /// Simulated ones; nothing of it leaves this machine.
    SimulatedHere,
    /// Simulated ones, exported as if they were real.
    SimulatedEverywhere,
}

/// What is exported of VINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vin {
    /// Themselves.
    Plain,
    /// Hashes, with a key that is kept.
    Hash,
    /// Nothing.
    Off,
}

/// How much the service may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Nobody said: it depends on whether the service costs money.
    Unsaid,
    /// As much as the schedule wants.
    Unlimited,
    /// So much.
    Limited(Limit),
}

/// Simulated cars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulation {
    /// How many.
    pub vehicles: usize,
    /// How fast their clock runs.
    pub speed: f64,
    /// What they do is the same for the same seed.
    pub seed: u64,
    /// Where the simulated Tesla listens.
    pub listen: SocketAddr,
}

/// What is shown on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// What fits.
    Auto,
    /// A table that refreshes.
    Table,
    /// A line for each reading.
    Lines,
    /// Nothing.
    Off,
}

const APIS: &[(&str, Api)] = &[("owner", Api::Owner), ("fleet", Api::Fleet)];

const REGIONS: &[(&str, Region)] = &[
    ("na", Region::NorthAmerica),
    ("eu", Region::Europe),
    ("cn", Region::China),
];

const LOCATIONS: &[(&str, Location)] = &[
    ("exact", Location::Exact),
    ("rounded", Location::Rounded),
    ("off", Location::Off),
];

const VINS: &[(&str, Vin)] = &[
    ("plain", Vin::Plain),
    ("hash", Vin::Hash),
    ("off", Vin::Off),
];

const DISPLAYS: &[(&str, Display)] = &[
    ("auto", Display::Auto),
    ("table", Display::Table),
    ("lines", Display::Lines),
    ("off", Display::Off),
];

/// A simulated car's interval if none was said: what it does can be watched.
const SIMULATED_INTERVAL: Duration = Duration::from_secs(5);

impl Config {
    /// Reads everything that was given.
    ///
    /// # Errors
    ///
    /// All that is wrong, each with the flag or variable at fault.
    pub fn read(given: &Given) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader::new(given);
        let account = account(&mut reader);
        let vehicles = reader.read("vehicle", list).unwrap_or_default();
        let shard = reader.read("shard", str::parse);
        let schedule = schedule(&mut reader);
        let timeout = reader.read("timeout", seconds).unwrap_or_default();
        let budget = reader.read("budget", budget).unwrap_or(Budget::Unsaid);
        let private_texts = reader.switch("private-texts");
        let location = reader.read("location", one_of(LOCATIONS));
        let vin = reader.read("vin", one_of(VINS));
        let state_dir = account.as_ref().map(|account| account.state_dir.as_path());
        let telemetry = exports::read(&mut reader, state_dir);
        let history = here::history(&mut reader, state_dir);
        let page = here::page(&mut reader);
        let demo = reader.switch("demo");
        let mock = reader.switch("mock");
        let simulation = simulation(&mut reader);
        let display = reader.read("display", one_of(DISPLAYS));
        let log = reader.read("log", log_filter).unwrap_or_default();

        let source = match (demo, mock) {
            (true, _) => SourceOfCars::SimulatedEverywhere,
            (false, true) => SourceOfCars::SimulatedHere,
            (false, false) => SourceOfCars::Account,
        };
        let Reader {
            errors, effective, ..
        } = reader;
        let (Some(location), Some(vin), true) = (location, vin, errors.is_empty()) else {
            return Err(errors);
        };
        let (Some(account), Some(simulation), Some(telemetry), Some(display)) =
            (account, simulation, telemetry, display)
        else {
            return Err(errors);
        };
        let mut warnings = given.misspelt();
        warnings.extend(secrets_in_clear(&telemetry));
        let config = Self {
            account,
            source,
            vehicles,
            shard,
            schedule,
            timeout,
            budget,
            private_texts,
            location,
            vin,
            telemetry,
            history,
            page,
            simulation,
            display,
            log,
            effective,
            warnings,
        };
        Ok(match source {
            SourceOfCars::Account => config,
            SourceOfCars::SimulatedHere | SourceOfCars::SimulatedEverywhere => config.simulated(),
        })
    }

    /// The same, observing simulated cars that nothing was said about: what a start without any
    /// account does.
    #[must_use]
    pub fn simulated(mut self) -> Self {
        if self.source == SourceOfCars::Account {
            self.source = SourceOfCars::SimulatedHere;
        }
        // What they do is not mixed with what real cars did.
        if !self.is_said("history")
            && let Some(history) = &mut self.history
        {
            history.path.set_file_name("simulated.sqlite");
            let path = history.path.display().to_string();
            self.found("history", path);
        }
        if !self.is_said("interval") {
            self.schedule.interval = Some(SIMULATED_INTERVAL);
            let interval = self.effective.iter_mut();
            for effective in interval.filter(|effective| effective.name == "interval") {
                effective.value = Some(SIMULATED_INTERVAL.as_secs().to_string());
            }
        }
        self
    }

    /// Says what a setting comes to that nobody said anything of.
    pub fn found(&mut self, name: &str, value: impl Into<String>) {
        let unsaid = |effective: &&mut Effective| {
            effective.name == name && effective.source == Source::Default
        };
        if let Some(effective) = self.effective.iter_mut().find(unsaid) {
            effective.value = Some(value.into());
        }
    }

    /// When a car is asked, and what: simulated cars live as fast as their clock runs.
    pub fn schedule(&self) -> schedule::Settings {
        match self.source {
            SourceOfCars::Account => self.schedule,
            SourceOfCars::SimulatedHere | SourceOfCars::SimulatedEverywhere => {
                self.schedule.faster(self.simulation.speed)
            }
        }
    }

    /// Whether somebody said something of this setting.
    pub fn is_said(&self, name: &str) -> bool {
        self.effective
            .iter()
            .any(|effective| effective.name == name && effective.source != Source::Default)
    }
}

fn account(reader: &mut Reader<'_>) -> Option<Account> {
    let said = [
        "user",
        "api",
        "region",
        "client-id",
        "redirect-uri",
        "api-host",
        "auth-host",
    ]
    .iter()
    .any(|name| reader.is_said(name));
    let user = reader.text("user");
    let api = reader.read("api", one_of(APIS));
    let region = reader.read("region", one_of(REGIONS));
    let client_id = reader.text("client-id");
    let client_secret = reader.secret("client-secret");
    let redirect_uri = reader.read("redirect-uri", |text| {
        Url::parse(text).map(|_| text.to_owned()).map_err(|error| {
            format!("is no URL ({error}): write what your application has registered")
        })
    });
    let api_host = reader.read("api-host", host);
    let auth_host = reader.read("auth-host", host);
    let token = reader.secret("token");
    let state_dir = state_dir(reader);
    let said = said || token.is_some() || client_secret.is_some();
    Some(Account {
        user,
        api: api?,
        region,
        client_id,
        client_secret,
        redirect_uri,
        api_host,
        auth_host,
        token,
        state_dir: state_dir?,
        said,
    })
}

fn schedule(reader: &mut Reader<'_>) -> schedule::Settings {
    let usual = schedule::Settings::default();
    let interval = reader.read("interval", seconds);
    let mut or = |name, usual: Duration| reader.read(name, seconds).unwrap_or(usual);
    let driving = or("driving-interval", usual.driving);
    let charging = or("charging-interval", usual.charging);
    let idle = or("idle-interval", usual.idle);
    let asleep = or("asleep-interval", usual.asleep);
    let in_service = or("service-interval", usual.in_service);
    let minimum = reader.read("minimum-interval", seconds_or_none);
    let mut or = |name, usual: Duration| reader.read(name, minutes).unwrap_or(usual);
    schedule::Settings {
        interval,
        asleep,
        idle,
        driving,
        charging,
        in_service,
        minimum: minimum.unwrap_or(usual.minimum),
        suspend_after: or("suspend-after", usual.suspend_after),
        suspend_after_waking: or("suspend-after-waking", usual.suspend_after_waking),
        suspend_for: or("suspend-for", usual.suspend_for),
        drive_timeout: or("drive-timeout", usual.drive_timeout),
        ..usual
    }
}

fn state_dir(reader: &mut Reader<'_>) -> Option<PathBuf> {
    if let Some(path) = reader.path("state-dir") {
        return Some(path);
    }
    match choose_base_strategy() {
        // Windows has no state directory.
        Ok(base) => {
            let base = base.state_dir().unwrap_or_else(|| base.data_dir());
            let directory = base.join("tesla-observer");
            reader.found("state-dir", directory.display());
            Some(directory)
        }
        Err(_) => {
            reader.wrong(
                "state-dir",
                "is not set, and this user has no home directory: say where tokens are to be kept",
            );
            None
        }
    }
}

fn simulation(reader: &mut Reader<'_>) -> Option<Simulation> {
    let vehicles = reader.read("vehicles", number(1, 100_000));
    let speed = reader.read("speed", number(0.001, 100_000.0));
    let seed = reader.read("seed", number(0, u64::MAX));
    let listen = reader.read("listen", |text| {
        text.parse::<SocketAddr>().map_err(|_| {
            format!("is {text:?}: write an address and a port, such as 127.0.0.1:4000")
        })
    });
    Some(Simulation {
        vehicles: vehicles?,
        speed: speed?,
        seed: seed?,
        listen: listen?,
    })
}

/// A host's address. Tokens go there: without TLS only on this machine.
fn host(text: &str) -> Result<Url, String> {
    let url = url(text)?;
    check_host(&url)?;
    Ok(url)
}

/// Destinations that secrets are sent to without TLS, and not on this machine. Who says so may have a
/// network that nobody else is in.
fn secrets_in_clear(telemetry: &telemetry::Settings) -> Vec<ConfigError> {
    let all = [&telemetry.metrics, &telemetry.traces, &telemetry.logs];
    let mut warnings: Vec<ConfigError> = Vec::new();
    for destination in all.into_iter().flatten() {
        let telemetry::Destination::Otlp(otlp) = destination else {
            continue;
        };
        let secret = |(name, _): &(String, SecretString)| !name.starts_with("x-greptime-");
        let in_clear = otlp.endpoint.scheme() == "http" && !is_loopback(&otlp.endpoint);
        if in_clear && otlp.headers.iter().any(secret) {
            let warning = ConfigError {
                at: otlp.name.clone(),
                problem: format!(
                    "its headers or password go to {} without encryption, for everybody on the way \
                     to read: use https",
                    otlp.endpoint.host_str().unwrap_or_default()
                ),
            };
            // Once, not for each signal.
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings
}

fn budget(text: &str) -> Result<Budget, String> {
    match text.to_ascii_lowercase().as_str() {
        "none" | "off" | "unlimited" => Ok(Budget::Unlimited),
        _ => text.parse().map(Budget::Limited),
    }
}

fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "is {text:?}: {error}; write error, warn, info, debug or trace"
        )),
    }
}

/// An address to show: keys of access are often in the query.
pub(crate) fn without_query(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.to_string()
}

fn list(text: &str) -> Result<Vec<String>, String> {
    let parts = text.split(',').map(str::trim);
    Ok(parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect())
}
