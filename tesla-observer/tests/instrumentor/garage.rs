//! Another maker: its vehicles, what they report, and its service.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metric_core::MetricCollector;
use tesla_observer::fetch::{
    Availability, FetchError, Listed, Next, Pace, Problem, Snapshot, TokenValidity, Vehicle,
    VehicleFetcher,
};
use tesla_observer::model::{AtAGlance, Condition, Doing, Glance, Watched};
use tesla_observer::observer::Settings;
use tesla_observer::privacy::Vins;
use tesla_observer::schedule;
use tokio::time::Instant;

/// What a moped reports.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "moped", separator = "_")]
pub(crate) struct Moped {
    /// What is left in the tank.
    #[metric(unit = "L")]
    petrol: Option<f64>,
    condition: Condition,
}

impl Glance for Moped {
    fn glance(&self) -> AtAGlance {
        AtAGlance::default()
    }
}

impl Watched for Moped {
    fn condition(&self) -> Condition {
        self.condition.clone()
    }
}

/// On the road: when it is left alone is no concern.
pub(crate) fn on_the_road() -> Condition {
    Condition {
        doing: Doing::Driving,
        ..Condition::default()
    }
}

/// What a moped does when it is asked.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    Report(f64),
    Act(f64, Condition),
    Sleep,
    FallAsleep,
    Fail(FetchError),
    Panic,
}

/// A service for mopeds, which keeps what it was asked and when.
pub(crate) struct Garage {
    pub(crate) start: Instant,
    listed: Mutex<std::result::Result<Vec<Vehicle>, FetchError>>,
    /// What each does, turn by turn; the last again and again.
    script: HashMap<&'static str, Vec<Does>>,
    pub(crate) asked: Mutex<Vec<(Duration, String)>>,
    /// Whether everything that is asked of all panics.
    pub(crate) panics: AtomicBool,
}

impl Garage {
    pub(crate) fn new(script: impl IntoIterator<Item = (&'static str, Vec<Does>)>) -> Arc<Self> {
        let script: HashMap<_, _> = script.into_iter().collect();
        let mut vins: Vec<_> = script.keys().copied().collect();
        vins.sort_unstable();
        Arc::new(Self {
            start: Instant::now(),
            listed: Mutex::new(Ok(vins.into_iter().map(moped).collect())),
            script,
            asked: Mutex::default(),
            panics: AtomicBool::new(false),
        })
    }

    pub(crate) fn ask(&self, what: &str, vin: &str) {
        let asked = (self.start.elapsed(), format!("{what} {vin}"));
        self.asked.lock().expect("no panic").push(asked);
    }

    /// Which turn of this vehicle it is, from 1 on: all questions of one turn come at once.
    pub(crate) fn turn(&self, vin: &str) -> usize {
        let asked = self.asked.lock().expect("no panic");
        let of = asked
            .iter()
            .filter(|(_, what)| what.ends_with(&format!(" {vin}")));
        let mut times: Vec<Duration> = of.map(|(at, _)| *at).collect();
        times.dedup();
        times.len()
    }

    pub(crate) fn does(&self, vin: &str) -> Does {
        let script = self.script.get(vin).map_or(&[][..], Vec::as_slice);
        let turn = self.turn(vin).clamp(1, script.len().max(1));
        script.get(turn - 1).cloned().unwrap_or(Does::Report(1.0))
    }

    pub(crate) fn list(&self, listed: std::result::Result<Vec<Vehicle>, FetchError>) {
        *self.listed.lock().expect("no panic") = listed;
    }

    /// When each question was asked, in whole seconds.
    pub(crate) fn asked(&self) -> Vec<(u64, String)> {
        let asked = self.asked.lock().expect("no panic");
        let whole = asked.iter().map(|(at, what)| (at.as_secs(), what.clone()));
        whole.collect()
    }

    pub(crate) fn times(&self, question: &str) -> Vec<u64> {
        let asked = self.asked().into_iter();
        let asked = asked.filter(|(_, what)| what == question);
        asked.map(|(at, _)| at).collect()
    }
}

impl VehicleFetcher for Garage {
    type Metrics = Moped;

    async fn vehicles(&self) -> std::result::Result<Vec<Listed>, FetchError> {
        self.ask("list", "all");
        assert!(!self.panics.load(Ordering::Relaxed), "a mistake in lists");
        let listed = self.listed.lock().expect("no panic").clone()?;
        let listed = listed.into_iter().map(|vehicle| Listed {
            vehicle,
            availability: None,
        });
        Ok(listed.collect())
    }

    async fn availability(
        &self,
        vehicle: &Vehicle,
    ) -> std::result::Result<Availability, FetchError> {
        let again = self.asked().last().map(|(_, what)| what.clone());
        let fell = again == Some(format!("snapshot {}", vehicle.vin));
        if fell && matches!(self.does(&vehicle.vin), Does::FallAsleep) {
            return Ok(Availability::Asleep);
        }
        self.ask("state", &vehicle.vin);
        match self.does(&vehicle.vin) {
            Does::Sleep => Ok(Availability::Asleep),
            _ => Ok(Availability::Online),
        }
    }

    fn token_validity(&self) -> Option<TokenValidity> {
        assert!(!self.panics.load(Ordering::Relaxed), "a mistake in times");
        None
    }

    fn pace(&self) -> Pace {
        assert!(!self.panics.load(Ordering::Relaxed), "a mistake in paces");
        Pace::USUAL
    }

    async fn snapshot(
        &self,
        vehicle: &Vehicle,
    ) -> std::result::Result<Snapshot<Moped>, FetchError> {
        self.ask("snapshot", &vehicle.vin);
        let report = |petrol, condition| Snapshot {
            metrics: Moped {
                petrol: Some(petrol),
                condition,
            },
            unread: Vec::new(),
        };
        match self.does(&vehicle.vin) {
            Does::Report(petrol) => Ok(report(petrol, on_the_road())),
            Does::Act(petrol, condition) => Ok(report(petrol, condition)),
            Does::Fail(error) => Err(error),
            Does::Panic => panic!("a mistake in another maker's code"),
            Does::Sleep | Does::FallAsleep => Err(error(Problem::Unavailable, Next::AsUsual)),
        }
    }
}

pub(crate) fn moped(vin: impl ToString) -> Vehicle {
    Vehicle {
        vin: vin.to_string(),
        display_name: None,
        id: vin.to_string(),
    }
}

pub(crate) fn error(problem: Problem, next: Next) -> FetchError {
    FetchError {
        doing: "asking the garage".to_owned(),
        problem,
        detail: "it is closed".to_owned(),
        next,
    }
}

pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

pub(crate) fn settings() -> Settings {
    Settings {
        vehicles: Vec::new(),
        shard: None,
        schedule: schedule::Settings {
            interval: Some(INTERVAL),
            ..schedule::Settings::default()
        },
        list_interval: Duration::from_secs(600),
        once: false,
        vins: Vins::Plain,
    }
}
