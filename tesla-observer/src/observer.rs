//! All vehicles of an account: finds them, observes each by itself, follows what comes and goes.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::{self, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::fetch::{
    Availability, FetchError, Listed, Next, Pace, Problem, Vehicle, VehicleFetcher,
};
use crate::instrumentor::{Outcome, Outlets, VehicleInstrumentor, VehicleReport};
use crate::privacy::{Called, Names, Vins, resembles_a_vin};
use crate::schedule::{self, Schedule};
use crate::shard::Shard;
use crate::telemetry::{Fleet, Telemetry};
use crate::terminal::{Board, clean};
use crate::warned::Warned;

/// How an account is observed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Only these, by name or VIN; all, if there are none.
    pub vehicles: Vec<String>,
    /// Only those of this part of the fleet; others observe the rest.
    pub shard: Option<Shard>,
    /// When each vehicle is asked, and what.
    pub schedule: schedule::Settings,
    /// How often the list of vehicles is read again.
    pub list_interval: Duration,
    /// Each vehicle is asked once, and that is all.
    pub once: bool,
    /// What is told of VINs.
    pub vins: Vins,
}

/// Observes all vehicles of an account.
pub struct Observer<F: VehicleFetcher> {
    fetcher: Arc<F>,
    outlets: Outlets<F::Metrics>,
    settings: Settings,
    names: Names,
    states: HashMap<String, Option<Availability>>,
    /// What went wrong with the list of vehicles, and was said.
    warned: Warned,
}

/// A vehicle that is being observed. Ends when this is dropped.
struct Observed {
    vehicle: Vehicle,
    /// Each list that has it is told to it.
    listed: watch::Sender<()>,
    task: task::Id,
}

/// How many new vehicles are named in the log.
const SAID_EACH: u32 = 20;

/// The most between the first turns of two vehicles at start. Many are spread over the whole of an
/// interval, so that they do not ask all at once, and never do later on.
const STAGGER: Duration = Duration::from_millis(250);

/// The same where each is asked once: somebody waits for it to end.
const STAGGER_ONCE: Duration = Duration::from_millis(20);

impl<F: VehicleFetcher> Observer<F> {
    /// Observes what `fetcher` knows.
    pub fn new(
        fetcher: Arc<F>,
        telemetry: Telemetry,
        fleet: Fleet<VehicleReport<F::Metrics>>,
        board: Board,
        settings: Settings,
    ) -> Self {
        Self {
            fetcher,
            outlets: Outlets {
                fleet,
                telemetry,
                board,
                told: Arc::default(),
            },
            names: Names::new(settings.vins.clone()),
            settings,
            states: HashMap::new(),
            warned: Warned::default(),
        }
    }

    /// Observes until it is dropped.
    ///
    /// # Errors
    ///
    /// When the account cannot be asked any more until its owner has done something; with
    /// [`Settings::once`], also the first of the vehicles' errors.
    pub async fn run(mut self) -> Result<(), FetchError> {
        let mut listed = self.list().await?;
        let mut observed: HashMap<String, Observed> = HashMap::new();
        let mut tasks = JoinSet::new();
        let (turns, mut ended) = mpsc::unbounded_channel();
        loop {
            self.follow(listed, &mut observed, &mut tasks, &turns);
            if self.settings.once {
                drop(turns);
                return Self::all(tasks).await;
            }
            let list_interval = self.settings.list_interval;
            let pace = Pace::of(&*self.fetcher);
            let mut again = Instant::now() + pace.within(list_interval);
            listed = loop {
                tokio::select! {
                    () = sleep_until(again) => match self.vehicles().await {
                        Ok(listed) => break self.in_part(self.wanted_of(listed)),
                        Err(error) if error.next == Next::Stop => return Err(error),
                        Err(error) => {
                            self.warn(&error, "the vehicles stay as they are");
                            again = Instant::now() + pause(&error, self.settings.list_interval);
                        }
                    },
                    Some(result) = tasks.join_next() => match result {
                        Ok(Err(error)) => return Err(error),
                        Ok(Ok(())) => {}
                        Err(error) => {
                            tracing::error!(
                                "a vehicle's task ended: {error}; it is observed again when the \
                                 vehicles are listed"
                            );
                            let ended = observed.iter().find(|(_, own)| own.task == error.id());
                            if let Some(vin) = ended.map(|(vin, _)| vin.clone()) {
                                observed.remove(&vin);
                                self.states.remove(&vin);
                                self.count();
                            }
                        }
                    },
                    Some((vin, state)) = ended.recv() => {
                        // One that is gone may have had a turn just before.
                        let is_observed = observed.contains_key(&vin);
                        if is_observed && self.states.insert(vin, state) != Some(state) {
                            self.count();
                        }
                    }
                }
            };
        }
    }

    /// The account's vehicles. A panic of the fetcher is an error like others.
    async fn vehicles(&self) -> Result<Vec<Listed>, FetchError> {
        AssertUnwindSafe(self.fetcher.vehicles())
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                let doing = "listing the account's vehicles".to_owned();
                Err(FetchError::of_a_panic(doing))
            })
    }

    /// The account's vehicles, asked for until there is an answer.
    async fn list(&mut self) -> Result<Vec<Listed>, FetchError> {
        loop {
            match self.vehicles().await {
                Ok(listed) => {
                    let names = self.names_of(&listed);
                    let wanted = self.wanted_of(listed);
                    let all = wanted.len();
                    if all > 0 {
                        self.say_missing(&wanted, &names);
                    }
                    let listed = self.in_part(wanted);
                    if !listed.is_empty() {
                        return Ok(listed);
                    }
                    if all == 0 && !self.settings.vehicles.is_empty() {
                        return Err(FetchError {
                            doing: "choosing vehicles".to_owned(),
                            problem: Problem::Configuration,
                            detail: format!(
                                "none is called {}. The account has: {names}",
                                self.wanted().join(" or ")
                            ),
                            next: Next::Stop,
                        });
                    }
                    if self.settings.once {
                        return Ok(listed);
                    }
                    if self.warned.is_due(Problem::NotFound) {
                        let again = self.settings.list_interval.as_secs();
                        match self.settings.shard {
                            Some(shard) if all > 0 => tracing::info!(
                                "none of the {all} vehicles belongs to the part {shard}; looking \
                                 again every {again} s"
                            ),
                            _ => tracing::warn!(
                                "the account has no vehicles (yet); looking again every {again} s"
                            ),
                        }
                    }
                    sleep(self.settings.list_interval).await;
                }
                Err(error) if error.next == Next::Stop || self.settings.once => return Err(error),
                Err(error) => {
                    let wait = pause(&error, self.settings.schedule.first());
                    self.warn(
                        &error,
                        &format!("trying again in {} s", wait.as_secs().max(1)),
                    );
                    sleep(wait).await;
                }
            }
        }
    }

    /// Says why there is no list, the first time and then rarely.
    fn warn(&mut self, error: &FetchError, then: &str) {
        let problem = error.problem.as_str();
        match self.warned.is_due(error.problem) {
            true => tracing::warn!(error.type = problem, "{error}; {then}"),
            false => tracing::debug!(error.type = problem, "{error}; {then}"),
        }
    }

    /// Those that were asked for, by name or VIN.
    fn wanted_of(&self, mut listed: Vec<Listed>) -> Vec<Listed> {
        let wanted = &self.settings.vehicles;
        listed.retain(|listed| {
            wanted.is_empty() || wanted.iter().any(|name| is_called(&listed.vehicle, name))
        });
        listed
    }

    /// Those of this part of the fleet.
    fn in_part(&self, mut listed: Vec<Listed>) -> Vec<Listed> {
        if let Some(shard) = self.settings.shard {
            listed.retain(|listed| shard.has(&listed.vehicle.vin));
        }
        listed
    }

    /// Says which of those that were asked for the account does not have.
    fn say_missing(&self, listed: &[Listed], names: &str) {
        let has = |name: &String| listed.iter().any(|listed| is_called(&listed.vehicle, name));
        for missing in self.settings.vehicles.iter().filter(|name| !has(name)) {
            let missing = self.said(missing);
            tracing::warn!("no vehicle is called {missing:?}. The account has: {names}");
        }
    }

    /// The names that were asked for, as they may be said.
    fn wanted(&self) -> Vec<&str> {
        let wanted = self.settings.vehicles.iter();
        wanted.map(|name| self.said(name)).collect()
    }

    /// A name that was asked for, as it may be said.
    fn said<'a>(&self, name: &'a str) -> &'a str {
        match resembles_a_vin(name) && !self.names.are_plain() {
            true => "(a VIN, perhaps mistyped)",
            false => name,
        }
    }

    /// What the listed vehicles are called.
    fn names_of(&mut self, listed: &[Listed]) -> String {
        if listed.is_empty() {
            return "no vehicles".to_owned();
        }
        self.names.meet(listed.iter().map(|listed| &listed.vehicle));
        let name = |listed: &Listed| {
            let Called { vehicle_id, vin } = self.names.of(&listed.vehicle);
            let vin = vin.map(|vin| format!(" ({vin})")).unwrap_or_default();
            clean(&format!("{vehicle_id}{vin}"), 60)
        };
        listed.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// Starts what is new, ends what has gone, and starts anew what has another name.
    fn follow(
        &mut self,
        listed: Vec<Listed>,
        observed: &mut HashMap<String, Observed>,
        tasks: &mut JoinSet<Result<(), FetchError>>,
        turns: &mpsc::UnboundedSender<(String, Option<Availability>)>,
    ) {
        let now: HashMap<&str, &Vehicle> = listed
            .iter()
            .map(|listed| (listed.vehicle.vin.as_str(), &listed.vehicle))
            .collect();
        observed.retain(|vin, old| {
            let stays = now.get(vin.as_str()) == Some(&&old.vehicle);
            if !stays {
                let called = self.names.of(&old.vehicle);
                tracing::info!(
                    vehicle_id = %clean(&called.vehicle_id, 60),
                    "not observed any more"
                );
                self.outlets.board.gone(&old.vehicle);
                self.states.remove(vin);
            }
            old.listed.send_replace(());
            stays
        });
        self.count();
        let new: Vec<Listed> = listed
            .into_iter()
            .filter(|listed| !observed.contains_key(&listed.vehicle.vin))
            .collect();
        self.names.meet(new.iter().map(|listed| &listed.vehicle));
        let count = u32::try_from(new.len()).unwrap_or(u32::MAX).max(1);
        let widest = match self.settings.once {
            true => STAGGER_ONCE,
            false => STAGGER,
        };
        let stagger = widest.min(self.settings.schedule.first() / count);
        let start = Instant::now();
        if count > SAID_EACH {
            tracing::info!("observing {count} vehicles");
        }
        for (
            index,
            Listed {
                vehicle,
                availability,
            },
        ) in new.into_iter().enumerate()
        {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let called = self.names.of(&vehicle);
            // A large fleet is said to in one line.
            if count <= SAID_EACH {
                let vehicle_id = clean(&called.vehicle_id, 60);
                tracing::info!(%vehicle_id, vin = called.vin, "observing");
            }
            self.outlets
                .board
                .listed(&called.shown(&vehicle), availability);
            let instrumentor = VehicleInstrumentor::new(
                self.fetcher.clone(),
                vehicle.clone(),
                called,
                &self.outlets,
                Schedule::new(self.settings.schedule, start + stagger * index),
            );
            let (told, listed) = watch::channel(());
            let task = tasks.spawn(observe(
                instrumentor,
                self.settings.once,
                listed,
                turns.clone(),
            ));
            observed.insert(
                vehicle.vin.clone(),
                Observed {
                    vehicle,
                    listed: told,
                    task: task.id(),
                },
            );
        }
    }

    /// Waits for all, and returns the first error.
    async fn all(mut tasks: JoinSet<Result<(), FetchError>>) -> Result<(), FetchError> {
        let mut first = Ok(());
        while let Some(result) = tasks.join_next().await {
            match result {
                Ok(result) => first = first.and(result),
                Err(error) => tracing::error!("a vehicle's task ended: {error}"),
            }
        }
        first
    }

    /// Tells how many vehicles are in which state.
    fn count(&self) {
        let mut counts: HashMap<&'static str, u64> = HashMap::new();
        for state in self.states.values().flatten() {
            *counts.entry(state.as_str()).or_default() += 1;
        }
        self.outlets.telemetry.own().vehicles(counts);
    }
}

/// Observes one vehicle until `listed`'s other end is dropped.
async fn observe<F: VehicleFetcher>(
    mut instrumentor: VehicleInstrumentor<F>,
    once: bool,
    mut listed: watch::Receiver<()>,
    turns: mpsc::UnboundedSender<(String, Option<Availability>)>,
) -> Result<(), FetchError> {
    let mut gone = listed.clone();
    let mut gone = pin!(async move { while gone.changed().await.is_ok() {} });
    loop {
        let Some(turn) = instrumentor.next() else {
            // Removed: until a list has it.
            listed.mark_unchanged();
            if listed.changed().await.is_err() {
                return Ok(());
            }
            instrumentor.listed();
            continue;
        };
        instrumentor.announce(turn.at);
        tokio::select! {
            () = sleep_until(turn.at) => {}
            () = &mut gone => return Ok(()),
        }
        if instrumentor.overslept() {
            continue;
        }
        let outcome = tokio::select! {
            outcome = instrumentor.turn(turn.ask) => outcome,
            () = &mut gone => return Ok(()),
        };
        let state = match &outcome {
            Outcome::Read | Outcome::Outdated => Some(Availability::Online),
            Outcome::NotAsked(availability) => Some(*availability),
            Outcome::Failed(_) => None,
        };
        // Nobody counts when it is done only once.
        let _ = turns.send((instrumentor.vehicle().vin.clone(), state));
        match outcome {
            Outcome::Failed(error) if once || error.next == Next::Stop => return Err(error),
            _ if once => return Ok(()),
            _ => {}
        }
    }
}

/// Whether the name, in whatever case, or the VIN is this vehicle's.
fn is_called(vehicle: &Vehicle, name: &str) -> bool {
    name.eq_ignore_ascii_case(&vehicle.vin)
        || name.to_lowercase() == vehicle.vehicle_id().to_lowercase()
}

/// How long to wait after an error that is no end.
fn pause(error: &FetchError, usual: Duration) -> Duration {
    match error.next {
        Next::After(wait) => wait,
        Next::AsUsual | Next::Stop => usual,
    }
}
