//! A simulated car's life, under the schedule and without it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tesla_observer::budget::{Clock, Governor, Ledger, Limit, Moment};
use tesla_observer::fetch::tesla::{Settings as Client, Tesla};
use tesla_observer::fetch::{FetchError, Next, Problem, Vehicle, VehicleFetcher as _};
use tesla_observer::model::Watched as _;
use tesla_observer::schedule::{Activity, Came, Schedule, Settings};
use tesla_observer::simulator::{self, Habits, Route, Simulator};
use tesla_observer::turn::{self, Answer};
use tokio::time::Instant;

use crate::Result;

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// Which car, and for how long.
pub(crate) struct Life {
    habits: Habits,
    index: usize,
    days: u32,
    schedule: Settings,
    budget: Option<Limit>,
}

/// A drive, and how it was seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drive {
    start: SystemTime,
    /// It begins without reception.
    hidden: bool,
    /// What the schedule took the car to be doing when it began.
    activity: Activity,
    /// It was read in its first minute.
    seen: bool,
    /// How long it went on until it was read; nothing, if it was not while it went on.
    after: Option<Duration>,
    /// How long after its beginning the car was read, whether it still went on or not.
    read_after: Option<Duration>,
}

impl Drive {
    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden
    }
}

/// What came of it.
pub(crate) struct Lived {
    days: u32,
    slept: Duration,
    undisturbed: Duration,
    pub(crate) wake_ups: u64,
    states: u64,
    data: u64,
    pub(crate) drives: Vec<Drive>,
    /// What had begun unseen, by kind.
    pub(crate) noticed: BTreeMap<&'static str, u64>,
    /// In dollars in the last month, if there was a budget.
    pub(crate) spent: Option<f64>,
    /// Questions that the budget refused.
    pub(crate) refused: u64,
    /// The longest time in which nothing was asked.
    pub(crate) longest_gap: Duration,
    /// How many questions there were on each of the days of UTC.
    pub(crate) asked_on: Vec<u64>,
    /// How long after each midnight of UTC the first question was.
    pub(crate) first_after_midnight: Vec<Duration>,
}

impl Life {
    pub(crate) fn new(habits: Habits, index: usize, days: u32) -> Self {
        Self {
            habits,
            index,
            days,
            schedule: Settings::default(),
            budget: None,
        }
    }

    pub(crate) fn with(self, schedule: Settings) -> Self {
        Self { schedule, ..self }
    }

    pub(crate) fn on(self, budget: Limit) -> Self {
        Self {
            budget: Some(budget),
            ..self
        }
    }

    pub(crate) async fn live(&self) -> Result<Lived> {
        let end = DAY * self.days;
        let (simulator, tesla, car, governor) = start(self.habits, self.index, self.budget).await?;
        let clock = simulator.clock();
        let began = clock.now();
        // The schedule's clock and the simulated one go together.
        let start = Instant::now();
        let mut schedule = Schedule::new(self.schedule, start);
        let mut latencies = Latencies(1);
        let mut now = start;
        let mut does = Vec::new();
        let mut read = Vec::new();
        let mut noticed = BTreeMap::<&'static str, u64>::new();
        let (mut refused, mut longest_gap) = (0, Duration::ZERO);
        let mut asked_on = BTreeMap::<u64, u64>::new();
        let mut first_after_midnight = Vec::new();
        let asked = || {
            let requests = simulator.requests();
            requests.iter().map(|count| count.count).sum::<u64>()
        };
        while let Some(turn) = schedule.next() {
            if turn.at - start >= end {
                break;
            }
            longest_gap = longest_gap.max(turn.at - now);
            clock.advance(turn.at - now);
            now = turn.at;
            let before = asked();
            let answer = turn::take(&tesla, &car, turn.ask).await;
            let since_epoch = clock.now().duration_since(UNIX_EPOCH)?.as_secs();
            let (day, time) = (since_epoch / DAY.as_secs(), since_epoch % DAY.as_secs());
            if !asked_on.is_empty() && !asked_on.contains_key(&day) {
                first_after_midnight.push(Duration::from_secs(time));
            }
            *asked_on.entry(day).or_default() += asked() - before;
            let condition = match &answer {
                Answer::Read(snapshot) => Some(snapshot.metrics.condition()),
                _ => None,
            };
            let came = match (&answer, &condition) {
                (Answer::Read(_), Some(condition)) => {
                    read.push(clock.now());
                    Came::Read(condition)
                }
                (Answer::State(availability), _) => Came::State(*availability),
                (Answer::LooksOnline | Answer::Read(_), _) => Came::LooksOnline,
                (
                    Answer::Failed(FetchError {
                        problem: problem @ (Problem::Budget | Problem::Held),
                        next: next @ Next::After(_),
                        ..
                    }),
                    _,
                ) => {
                    refused += 1;
                    Came::Failed(*problem, *next)
                }
                (Answer::Failed(error), _) => return Err(error.clone().into()),
            };
            let took = latencies.of(&answer);
            let told = schedule.came(now, now + took, came, tesla.pace());
            assert!(!told.outdated, "no reading is older than the one before");
            for one in &told.noticed {
                *noticed.entry(one.as_str()).or_default() += 1;
            }
            does.push((clock.now(), schedule.activity()));
        }
        clock.advance(start + end - now);
        let vin = &car.vin;
        let slept = simulator.sleep(vin).ok_or("no such car")?;
        let requests = simulator.requests();
        let drives = simulator.outings(vin).ok_or("no such car")?.into_iter();
        // Only those of which the whole first minute was within the time.
        let drives = drives.filter(|drive| {
            drive.is_drive && drive.start > began + MINUTE && drive.start + MINUTE < began + end
        });
        let drives = drives.map(|drive| {
            let before = does.partition_point(|(at, _)| *at <= drive.start);
            let after = read.partition_point(|at| *at < drive.start);
            Drive {
                start: drive.start,
                hidden: drive.connected > drive.start,
                activity: does[before - 1].1,
                seen: read
                    .get(after)
                    .is_some_and(|at| *at <= drive.start + MINUTE),
                after: read
                    .get(after)
                    .filter(|at| **at <= drive.end)
                    .and_then(|at| at.duration_since(drive.start).ok()),
                read_after: read
                    .get(after)
                    .and_then(|at| at.duration_since(drive.start).ok()),
            }
        });
        Ok(Lived {
            days: self.days,
            slept: slept.slept,
            undisturbed: undisturbed(self.habits, self.index, end).await?,
            wake_ups: simulator.wake_count() + requests.of(Route::WakeUp),
            states: requests.of_vehicle(Route::Vehicle, vin),
            data: requests.of_vehicle(Route::VehicleData, vin),
            drives: drives.collect(),
            noticed,
            spent: self.budget.map(|_| governor.standing().money.dollars()),
            refused,
            longest_gap,
            asked_on: asked_on.into_values().collect(),
            first_after_midnight,
        })
    }
}

/// How long answers take, at random, but always the same: the simulated clock stands still while it
/// is asked.
struct Latencies(u64);

impl Latencies {
    fn of<M>(&mut self, answer: &Answer<M>) -> Duration {
        // The constants are those of Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        let part = (self.0 >> 33) as f64 / (1_u64 << 31) as f64;
        Duration::from_secs_f64(match answer {
            Answer::Read(_) => 0.3 + 1.2 * part,
            _ => 0.1 + 0.4 * part,
        })
    }
}

/// The simulator's clock for a governor.
fn clock(simulator: &Simulator) -> Clock {
    let clock = simulator.clock();
    let (origin, start) = (std::time::Instant::now(), clock.now());
    Clock::from_fn(move || {
        let wall = clock.now();
        Moment {
            wall,
            runs: origin + wall.duration_since(start).unwrap_or_default(),
        }
    })
}

async fn start(
    habits: Habits,
    index: usize,
    budget: Option<Limit>,
) -> Result<(Simulator, Tesla, Vehicle, Arc<Governor>)> {
    let simulator = Simulator::start(settings(habits, index)).await?;
    let governor = Governor::new(budget, Ledger::in_memory(), clock(&simulator));
    let client = Client {
        api_host: Some(simulator.url()),
        token: Some(simulator.issue_tokens().access_token),
        governor: Arc::clone(&governor),
        ..Client::default()
    };
    let tesla = Tesla::with_fixed_token(client)?;
    let vin = simulator.vins().pop().ok_or("no cars")?;
    let car = Vehicle {
        display_name: None,
        id: vin.clone(),
        vin,
    };
    Ok((simulator, tesla, car, governor))
}

fn settings(habits: Habits, index: usize) -> simulator::Settings {
    simulator::Settings {
        vehicles: index + 1,
        habits,
        speed: 0.0,
        // A Monday, 09:00 UTC.
        start: Some(UNIX_EPOCH + Duration::from_secs(1_767_582_000 + 6 * 3600)),
        // Tokens are not what is tested here.
        access_token_life: 400 * DAY,
        ..simulator::Settings::default()
    }
}

/// How long the same car sleeps that nobody asks.
async fn undisturbed(habits: Habits, index: usize, time: Duration) -> Result<Duration> {
    let simulator = Simulator::start(settings(habits, index)).await?;
    simulator.clock().advance(time);
    let vin = simulator.vins().pop().ok_or("no cars")?;
    Ok(simulator.sleep(&vin).ok_or("no such car")?.slept)
}

/// How long a car sleeps that is asked for all its data each minute.
pub(crate) async fn polled_each_minute(
    habits: Habits,
    index: usize,
    days: u32,
) -> Result<Duration> {
    let (simulator, tesla, car, _) = start(habits, index, None).await?;
    for _ in 0..days * 24 * 60 {
        tesla.snapshot(&car).await?;
        simulator.clock().advance(MINUTE);
    }
    Ok(simulator.sleep(&car.vin).ok_or("no such car")?.slept)
}

impl Lived {
    /// The share of the drives that were seen while they went on.
    pub(crate) fn seen_at_all(&self) -> f64 {
        let seen = self.drives.iter().filter(|drive| drive.after.is_some());
        seen.count() as f64 / self.drives.len() as f64
    }

    /// How long the middle one of the drives that were seen went on until then.
    pub(crate) fn usually_seen_after(&self) -> Option<Duration> {
        let mut after: Vec<_> = self.drives.iter().filter_map(|drive| drive.after).collect();
        after.sort_unstable();
        after.get(after.len() / 2).copied()
    }

    /// Of the sleep that was to be had.
    pub(crate) fn share(&self) -> f64 {
        self.slept.as_secs_f64() / self.undisturbed.as_secs_f64()
    }

    /// Drives whose first minute nobody saw, although the car was not being left alone and had
    /// reception.
    pub(crate) fn missed_although_watched(&self) -> Vec<Drive> {
        let missed = self
            .drives
            .iter()
            .filter(|drive| !drive.seen && !drive.hidden && drive.activity != Activity::Suspended);
        missed.cloned().collect()
    }
}

impl Lived {
    /// Drives that began while the car was left alone, and after which it was not read for longer than
    /// it is ever left alone.
    pub(crate) fn left_alone_too_long(&self) -> Vec<Drive> {
        const LONGEST: Duration = Duration::from_secs(21 * 60 + 30);
        let late = self.drives.iter().filter(|drive| {
            drive.activity == Activity::Suspended
                && !drive.hidden
                && drive.read_after.is_some_and(|after| after > LONGEST)
        });
        late.cloned().collect()
    }
}

impl fmt::Display for Lived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = f64::from(self.days);
        let hours = |slept: Duration| slept.as_secs_f64() / 3600.0 / days;
        writeln!(
            f,
            "  slept {:.1} % of what the undisturbed one did: {:.2} of {:.2} h a day",
            100.0 * self.share(),
            hours(self.slept),
            hours(self.undisturbed)
        )?;
        let count = |of: &dyn Fn(&Drive) -> bool| self.drives.iter().filter(|d| of(d)).count();
        writeln!(
            f,
            "  {} drives: {} seen in their first minute, {} begun without reception, {} begun \
             while it was left alone",
            self.drives.len(),
            count(&|drive| drive.seen),
            count(&|drive| drive.hidden),
            count(&|drive| !drive.hidden && drive.activity == Activity::Suspended),
        )?;
        if let Some(spent) = self.spent {
            writeln!(
                f,
                "  {spent:.2} USD spent, {} questions refused, at most {:.0} min between two; {:.0} % of \
                 the drives were seen while they went on, the middle one after {:.1} min",
                self.refused,
                self.longest_gap.as_secs_f64() / 60.0,
                100.0 * self.seen_at_all(),
                self.usually_seen_after().unwrap_or_default().as_secs_f64() / 60.0
            )?;
        }
        writeln!(f, "  noticed afterwards: {:?}", self.noticed)?;
        // $1 for 500 questions for data; states are in a cheaper class, at most that of commands,
        // which are 1,000 for $1.
        let (states, data) = (self.states as f64 / days, self.data as f64 / days);
        writeln!(
            f,
            "  requests a day: {states:.0} for the state, {data:.0} for data; a fixed poll each \
             60 s: 1440 for data"
        )?;
        write!(
            f,
            "  a month's data at $1 for 500: ${:.2}, states at $1 for 1,000 at most: ${:.2}; the \
             fixed poll's: $86.40",
            data * 30.0 / 500.0,
            states * 30.0 / 1000.0
        )
    }
}
