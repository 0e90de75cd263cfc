//! One vehicle's turn: ask whether it is awake, read it, hand what it reports to telemetry at once.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use metric_core::MetricCollector;
use opentelemetry::KeyValue;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::fetch::{Availability, FetchError, Next, Pace, Problem, Vehicle, VehicleFetcher};
use crate::history;
use crate::model::{AtAGlance, Condition, Glance as _, Unread, Watched as _};
use crate::privacy::{Called, without_vins};
use crate::schedule::{self, Activity, Ask, Came, Noticed, Schedule};
use crate::telemetry::{Fleet, FleetMember, Telemetry};
use crate::terminal::{Board, clean};
use crate::turn::{self, Answer};
use crate::warned::Warned;

/// What is exported of one vehicle: whether it can be asked, and, while it is online, what it reports.
#[derive(Clone, Debug, MetricCollector)]
#[metric(prefix = "vehicle", separator = "_")]
pub struct VehicleReport<M> {
    /// Whether the vehicle can be asked: 1 for the present state, 0 for the others.
    #[metric]
    pub state: Availability,
    /// 1 while the vehicle is awake and connected, 0 while it sleeps, is offline or in service. It may
    /// be online and report nothing else: see the activity suspended.
    #[metric(name = "state_online")]
    pub online: bool,
    /// What the vehicle does, as far as is known: 1 for the present activity, 0 for the others. While
    /// it is suspended it is online, but only its state is asked for, so that it can fall asleep, and
    /// nothing that it would report is exported.
    #[metric]
    pub activity: Activity,
    /// What the vehicle reports.
    #[metric(flatten)]
    pub metrics: Option<M>,
}

/// What a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The vehicle was read.
    Read,
    /// The vehicle was read, but what it said is older than what it had said before.
    Outdated,
    /// The vehicle was not read: it sleeps, say, or is left alone so that it can fall asleep. That was
    /// reported.
    NotAsked(Availability),
    /// It failed.
    Failed(FetchError),
}

impl Outcome {
    /// The outcome as an attribute's value.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Outdated => "outdated",
            Self::NotAsked(availability) => availability.as_str(),
            Self::Failed(_) => "failed",
        }
    }

    /// What is best done now.
    pub fn next(&self) -> Next {
        match self {
            Self::Failed(error) => error.next,
            _ => Next::AsUsual,
        }
    }
}

/// What an account's vehicles have in common is logged once for all of them: fields that could not be
/// read, and that none may be asked for a while.
#[derive(Debug, Default)]
pub struct Told {
    unread: Mutex<HashSet<Unread>>,
    refused: Mutex<Warned>,
}

impl Told {
    /// How many are remembered; more of them are hardly read, and a hostile service could send new
    /// ones for ever.
    const MOST: usize = 2_000;

    /// Those that were not told yet.
    fn new_ones<'a>(&self, unread: &'a [Unread]) -> Vec<&'a Unread> {
        let mut told = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for one in unread {
            if told.len() < Self::MOST && !told.contains(one) {
                told.insert(one.clone());
                new.push(one);
            }
        }
        new
    }

    /// Whether it is to be said that nothing of the account may be asked.
    fn is_refused_anew(&self, problem: Problem) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.is_due(problem)
    }
}

/// Where what vehicles report goes: the same places for all of an account.
#[derive(Debug)]
pub struct Outlets<M> {
    /// What they become members of.
    pub fleet: Fleet<VehicleReport<M>>,
    /// Where reports are exported.
    pub telemetry: Telemetry,
    /// What is shown on the terminal.
    pub board: Board,
    /// What has been said once.
    pub told: Arc<Told>,
}

/// Observes one vehicle.
pub struct VehicleInstrumentor<F: VehicleFetcher> {
    fetcher: Arc<F>,
    vehicle: Vehicle,
    called: Called,
    /// For the terminal: the vehicle with the name that it is called.
    shown: Vehicle,
    member: FleetMember<VehicleReport<F::Metrics>>,
    telemetry: Telemetry,
    board: Board,
    told: Arc<Told>,
    schedule: Schedule,
    /// What went wrong, and was said.
    warned: Warned,
    /// When it was last said that a reading was older than the one before.
    told_outdated: Option<Instant>,
}

/// A car whose readings go on being older than those before is not said to at every turn.
const OUTDATED_AGAIN: Duration = Duration::from_secs(900);

impl<F: VehicleFetcher> VehicleInstrumentor<F> {
    /// An instrumentor for this vehicle, which becomes a member of the fleet until this is dropped, and
    /// has its turns when the schedule says. Nothing that is exported, logged or shown has another name
    /// for it than `called`.
    pub fn new(
        fetcher: Arc<F>,
        vehicle: Vehicle,
        called: Called,
        outlets: &Outlets<F::Metrics>,
        schedule: Schedule,
    ) -> Self {
        let Outlets {
            fleet,
            telemetry,
            board,
            told,
        } = outlets;
        let name = KeyValue::new("vehicle_id", called.vehicle_id.clone());
        let vin = called
            .vin
            .iter()
            .map(|vin| KeyValue::new("vin", vin.clone()));
        let member = fleet.member([name].into_iter().chain(vin).collect());
        Self {
            fetcher,
            shown: called.shown(&vehicle),
            vehicle,
            called,
            member,
            telemetry: telemetry.clone(),
            board: board.clone(),
            told: Arc::clone(told),
            schedule,
            warned: Warned::default(),
            told_outdated: None,
        }
    }

    /// Which vehicle it is.
    pub fn vehicle(&self) -> &Vehicle {
        &self.vehicle
    }

    /// When its next turn is and what is asked then; nothing for a vehicle that the account does not
    /// have any more.
    pub fn next(&self) -> Option<schedule::Turn> {
        self.schedule.next()
    }

    /// Tells whoever looks when its next turn is.
    pub(crate) fn announce(&self, at: Instant) {
        let wait = at.saturating_duration_since(Instant::now());
        if let Ok(at) = jiff::Timestamp::now().checked_add(wait) {
            let Called { vehicle_id, vin } = self.called.clone();
            let key = history::Vehicle { vehicle_id, vin }.key();
            self.board.next(&self.shown, &key, at);
        }
    }

    /// The account's list has it still, or again.
    pub fn listed(&mut self) {
        self.schedule.listed(Instant::now());
    }

    /// Whether the time of the next turn is long past, as when the machine slept: then that turn has
    /// a new time.
    pub fn overslept(&mut self) -> bool {
        self.schedule.overslept(Instant::now())
    }

    /// One turn: asks, tells the schedule, and reports. Never panics, whatever the fetcher does.
    pub async fn turn(&mut self, ask: Ask) -> Outcome {
        let span = tracing::info_span!(
            "observe vehicle",
            vehicle_id = %clean(&self.called.vehicle_id, 60),
            outcome = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        let began = Instant::now();
        let outcome = self.take(ask, began).instrument(span.clone()).await;
        let own = self.telemetry.own();
        own.cycle_done(outcome.as_str(), began.elapsed());
        let validity = || self.fetcher.token_validity();
        let validity = catch_unwind(AssertUnwindSafe(validity)).ok().flatten();
        own.token(
            validity.map(|token| token.issued),
            validity.map(|token| token.expires),
        );
        if let Outcome::Failed(error) = &outcome {
            self.board.failed(&self.shown, error);
            span.in_scope(|| self.warn(error));
            span.record("otel.status_code", "ERROR");
        }
        // After the warning, which would repeat it on the terminal.
        span.record("outcome", outcome.as_str());
        outcome
    }

    async fn take(&mut self, ask: Ask, began: Instant) -> Outcome {
        let asked = AssertUnwindSafe(self.ask(ask)).catch_unwind().await;
        let (answer, reading) = asked.unwrap_or_else(|_| {
            let doing = format!("observing {}", self.called.vehicle_id);
            (Answer::Failed(FetchError::of_a_panic(doing)), None)
        });
        let came = match (&answer, &reading) {
            (Answer::Read(_), Some((condition, _))) => Came::Read(condition),
            (Answer::State(availability), _) => Came::State(*availability),
            (Answer::Failed(error), _) => Came::Failed(error.problem, error.next),
            (Answer::LooksOnline | Answer::Read(_), _) => Came::LooksOnline,
        };
        let before = self.schedule.activity();
        let pace = Pace::of(&*self.fetcher);
        let told = self.schedule.came(began, Instant::now(), came, pace);
        self.tell(before, &told.noticed);
        match (answer, reading) {
            (Answer::Read(_), _) if told.outdated => self.outdated(),
            (Answer::Read(snapshot), Some((_, glance))) => {
                self.unread(&snapshot.unread);
                let metrics = Some(snapshot.metrics);
                self.report(Availability::Online, metrics, Some(glance))
                    .await;
                Outcome::Read
            }
            (Answer::State(availability), _) => self.not_asked(availability).await,
            (Answer::LooksOnline | Answer::Read(_), _) => {
                self.not_asked(Availability::Unknown).await
            }
            (Answer::Failed(error), _) => {
                if self.schedule.activity() == Activity::Removed {
                    self.report(Availability::Unknown, None, None).await;
                } else {
                    // Nothing stale: what is not known is not reported.
                    self.member.clear();
                }
                Outcome::Failed(error)
            }
        }
    }

    async fn ask(&self, ask: Ask) -> (Answer<F::Metrics>, Option<(Condition, AtAGlance)>) {
        let answer = turn::take(&*self.fetcher, &self.vehicle, ask).await;
        let reading = match &answer {
            Answer::Read(read) => Some((read.metrics.condition(), read.metrics.glance())),
            _ => None,
        };
        (answer, reading)
    }

    /// Says what is new, and what had happened unseen.
    fn tell(&self, before: Activity, noticed: &[Noticed]) {
        let vehicle_id = clean(&self.called.vehicle_id, 60);
        let activity = self.schedule.activity();
        if activity != before {
            let (before, activity) = (before.as_str(), activity.as_str());
            tracing::debug!(%vehicle_id, before, activity, "does something else");
        }
        if activity == Activity::Removed && before != activity {
            tracing::warn!(
                %vehicle_id,
                "the service does not know this vehicle any more; it is asked again if the \
                 account's list still has it"
            );
        }
        for one in noticed {
            self.telemetry.own().noticed(one.as_str());
            let event = one.as_str();
            match one {
                Noticed::Drive { miles } => tracing::info!(
                    %vehicle_id, event, miles = to_a_tenth(*miles), "a drive had begun that was not seen to begin"
                ),
                Noticed::Charge { miles, percent } => tracing::info!(
                    %vehicle_id,
                    event,
                    miles = to_a_tenth(*miles),
                    percent = to_a_tenth(*percent),
                    "a charge had begun that was not seen to begin"
                ),
                Noticed::Update { from, to } => {
                    let (from, to) = (clean(from, 40), clean(to, 40));
                    tracing::info!(
                        %vehicle_id, event, %from, %to, "an update was installed that was not seen"
                    );
                }
            }
        }
    }

    fn outdated(&mut self) -> Outcome {
        self.telemetry.own().outdated();
        let recently = |at: &Instant| at.elapsed() < OUTDATED_AGAIN;
        if !self.told_outdated.as_ref().is_some_and(recently) {
            self.told_outdated = Some(Instant::now());
            tracing::info!(
                vehicle_id = %clean(&self.called.vehicle_id, 60),
                "a reading was older than the one before and is not used"
            );
        }
        Outcome::Outdated
    }

    /// Says what went wrong, the first time and then rarely, also if it went well in between; what is
    /// refused to all of the account's vehicles is said by one of them.
    fn warn(&mut self, error: &FetchError) {
        let vehicle_id = clean(&self.called.vehicle_id, 60);
        let problem = error.problem.as_str();
        let next = then(error.next);
        let is_due = match error.problem {
            Problem::Budget | Problem::Held => self.told.is_refused_anew(error.problem),
            other => self.warned.is_due(other),
        };
        match is_due {
            true => tracing::warn!(%vehicle_id, error.type = problem, "{error}{next}"),
            false => tracing::debug!(%vehicle_id, error.type = problem, "{error}{next}"),
        }
    }

    async fn not_asked(&self, availability: Availability) -> Outcome {
        self.report(availability, None, None).await;
        Outcome::NotAsked(availability)
    }

    fn unread(&self, unread: &[Unread]) {
        self.telemetry.own().unread(unread);
        for one in self.told.new_ones(unread) {
            tracing::info!(
                vehicle_id = %clean(&self.called.vehicle_id, 60),
                "not exported: {}: {}; all else of the answer is. This is said once",
                without_vins(&one.field),
                one.reason
            );
        }
    }

    async fn report(
        &self,
        availability: Availability,
        metrics: Option<F::Metrics>,
        glance: Option<AtAGlance>,
    ) {
        self.board.seen(&self.shown, availability, glance);
        let report = self.member.report(VehicleReport {
            state: availability,
            online: availability == Availability::Online,
            activity: self.schedule.activity(),
            metrics,
        });
        self.telemetry.report(vec![report]).await;
    }
}

/// As much of a number as says something to who reads the log.
fn to_a_tenth(number: Option<f64>) -> Option<f64> {
    number.map(|number| (number * 10.0).round() / 10.0)
}

/// What happens after an error, for the log.
fn then(next: Next) -> String {
    match next {
        Next::AsUsual => String::new(),
        Next::After(wait) => format!("; asking again in {} s", wait.as_secs().max(1)),
        Next::Stop => "; this account is not asked any more".to_owned(),
    }
}
