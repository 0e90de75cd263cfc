//! A simulator whose clock stands still until a test moves it, and an account's cars that take their
//! turns by that clock, as a schedule would have them.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tesla_observer::budget::{Clock, Governor, Ledger, Limit, Moment};
use tesla_observer::fetch::tesla::{self, Login, Tesla, TokenStore};
use tesla_observer::fetch::{
    Availability, FetchError, Next, Problem, Vehicle, VehicleFetcher as _,
};
use tesla_observer::simulator::{self, Faults, Route, Settings, Simulator};

/// What lets a test end with `?`.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// 2026-11-02, 00:00 UTC: a Monday.
pub(crate) fn monday() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_577_600)
}

pub(crate) fn still(vehicles: usize) -> Settings {
    Settings {
        speed: 0.0,
        start: Some(monday()),
        vehicles,
        // Renewals have their own tests; a client makes no two of them in a real minute.
        access_token_life: Duration::from_secs(30 * 86_400),
        ..Settings::default()
    }
}

/// What became of a car's turn.
#[derive(Debug)]
pub(crate) enum Turn {
    Read,
    NotAsked,
    Failed(FetchError),
}

pub(crate) struct Cars {
    pub(crate) simulator: Simulator,
    pub(crate) tesla: Tesla,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) governor: Arc<Governor>,
}

/// The simulator's clock for a governor.
fn clock(simulator: &Simulator) -> Clock {
    let (clock, origin, start) = (simulator.clock(), Instant::now(), simulator.clock().now());
    Clock::from_fn(move || {
        let wall = clock.now();
        Moment {
            wall,
            runs: origin + wall.duration_since(start).unwrap_or_default(),
        }
    })
}

impl Cars {
    pub(crate) async fn start(settings: simulator::Settings, limit: Option<Limit>) -> Result<Self> {
        let simulator = Simulator::start(settings).await?;
        let governor = Governor::new(limit, Ledger::in_memory(), clock(&simulator));
        let settings = tesla::Settings {
            api_host: Some(simulator.url()),
            auth_host: Some(simulator.url()),
            governor: Arc::clone(&governor),
            ..tesla::Settings::default()
        };
        let login = Login::begin(&settings, Some("driver@example.com"))?;
        let redirect = simulator.approve(login.url())?;
        let account = login.finish(&redirect).await?;
        let tesla = Tesla::new(settings, account, TokenStore::in_memory())?;
        let listed = tesla.vehicles().await?;
        Ok(Self {
            simulator,
            tesla,
            vehicles: listed.into_iter().map(|listed| listed.vehicle).collect(),
            governor,
        })
    }

    /// One turn of a car.
    pub(crate) async fn turn(&self, car: usize) -> Turn {
        let vehicle = &self.vehicles[car];
        match self.tesla.availability(vehicle).await {
            Ok(Availability::Online) => {}
            Ok(_) => return Turn::NotAsked,
            Err(error) => return Turn::Failed(error),
        }
        match self.tesla.snapshot(vehicle).await {
            Ok(_) => Turn::Read,
            Err(error) if error.problem == Problem::Unavailable => Turn::NotAsked,
            Err(error) => Turn::Failed(error),
        }
    }

    /// All requests so far, tokens and lists included.
    pub(crate) fn asked(&self) -> u64 {
        let requests = self.simulator.requests();
        requests.iter().map(|count| count.count).sum()
    }

    /// All requests so far that are not for tokens.
    pub(crate) fn asked_of_the_api(&self) -> u64 {
        let requests = self.simulator.requests();
        let auth = [Route::Token, Route::Authorize];
        let api = requests.iter().filter(|count| !auth.contains(&count.route));
        api.map(|count| count.count).sum()
    }

    pub(crate) fn passed(&self) -> Duration {
        let now = self.simulator.clock().now();
        now.duration_since(monday()).unwrap_or_default()
    }

    pub(crate) fn break_down(&self, faults: &str) -> Result {
        let faults: Faults = serde_json::from_str(faults)?;
        self.simulator.set_faults(faults);
        Ok(())
    }
}

/// How long a car that failed waits, or one that did not: its interval, as slow as it should be.
pub(crate) fn wait(turn: &Turn, interval: Duration, pace: f64) -> Duration {
    match turn {
        Turn::Failed(FetchError {
            next: Next::After(wait),
            ..
        }) => *wait,
        Turn::Failed(FetchError {
            next: Next::Stop, ..
        }) => panic!("{turn:?}"),
        _ => interval.mul_f64(pace),
    }
}
