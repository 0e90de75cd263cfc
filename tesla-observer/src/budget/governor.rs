//! Asked before each request: whether it may be sent.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::aside::{Aside, all, most, of_limit, set_aside};
use super::calm::{Calm, Why};
use super::clock::{Clock, Moment};
use super::demand::Demand;
use super::ledger::{Ledger, Totals};
use super::limit::{Limit, Money};
use super::period::{Period, Unit};
use super::standing::Standing;
use super::{Class, Price};

/// Of a period, how much the recent past is: a day of a month, 48 minutes of a day.
const MEMORY: u32 = 30;
/// However long a period still is, it is looked again after this: clocks are put right, budgets raised.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The budget would be exceeded.
    Spent,
    /// The account has to be quiet.
    Quiet,
    /// What was spent cannot be written down.
    Ledger,
}

/// A request that must not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// In words for the owner.
    pub detail: String,
    /// When it makes sense to try again. Each that is refused is told another time.
    pub wait: Duration,
}

/// Asked before each request of one account.
#[derive(Debug)]
pub struct Governor {
    limit: Option<Limit>,
    ledger: Ledger,
    clock: Clock,
    state: Mutex<State>,
    /// Held by the one that sets more aside.
    setting_aside: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// What the ledger had when it was looked at last, with what is set aside here.
    totals: Totals,
    /// Set aside, and not spent yet.
    aside: Aside,
    demand: Demand,
    calm: Calm,
}

enum Step {
    Granted(Permit),
    SetAside,
}

impl Governor {
    /// For an account whose spending is in this ledger.
    pub fn new(limit: Option<Limit>, ledger: Ledger, clock: Clock) -> Arc<Self> {
        let now = clock.now();
        // One that cannot be read says so when something is asked.
        let totals = ledger.totals(now.wall, all(limit, now.wall));
        let totals = totals.unwrap_or_else(|_| Totals::none(now.wall));
        let unit = limit.map_or(Unit::Month, Limit::unit);
        let period = Period::of(unit, now.wall);
        let memory = period.ends().duration_since(period.begins());
        let memory = memory.unwrap_or_default() / MEMORY;
        let mut demand = Demand::new(memory);
        let passed = now.wall.duration_since(period.begins()).unwrap_or_default();
        if passed > memory / 4 {
            let spent = of_limit(limit, totals.money, totals.requests);
            demand.begin(spent as f64 / passed.as_secs_f64(), now.runs);
        }
        Arc::new(Self {
            limit,
            ledger,
            state: Mutex::new(State {
                totals,
                aside: Aside::default(),
                demand,
                calm: Calm::new(now.runs),
            }),
            clock,
            setting_aside: tokio::sync::Mutex::default(),
        })
    }

    /// One without a budget that counts for as long as the process lives.
    pub fn unlimited() -> Arc<Self> {
        Self::new(None, Ledger::in_memory(), Clock::system())
    }

    /// Whether what is spent outlives the process.
    pub fn is_kept(&self) -> bool {
        self.ledger.is_kept()
    }

    /// Whether a request may be sent now. It counts as spent from here on, whatever becomes of it;
    /// what becomes of it is to be told to the [`Permit`].
    ///
    /// # Errors
    ///
    /// Why it may not, and when it may be tried again.
    pub async fn permit(self: &Arc<Self>, class: Class, price: Price) -> Result<Permit, Refused> {
        if let Step::Granted(permit) = self.step(class, price)? {
            return Ok(permit);
        }
        let _one = self.setting_aside.lock().await;
        // Whoever was first may have set enough aside for all; a period may turn in between.
        for _ in 0..3 {
            if let Step::Granted(permit) = self.step(class, price)? {
                return Ok(permit);
            }
            self.set_aside(class, price).await?;
        }
        Err(Refused {
            why: Refusal::Ledger,
            detail: "what was spent changes faster than it can be counted".to_owned(),
            wait: Duration::from_secs(10),
        })
    }

    fn step(self: &Arc<Self>, class: Class, price: Price) -> Result<Step, Refused> {
        let mut state = self.state();
        let now = self.clock.now();
        state
            .calm
            .check(class, now.runs)
            .map_err(|(wait, why)| quiet(wait, why))?;
        let (month, day) = state.periods(now.wall);
        let cost = of_limit(self.limit, price.money.micros(), price.requests);
        if cost > 0 || price != Price::default() {
            if (month, day) != (state.totals.month, state.totals.day) {
                return Ok(Step::SetAside);
            }
            if state.spent(self.limit).saturating_add(cost) > most(self.limit, class) {
                return Err(self.spent(&mut state, now));
            }
            if state.aside.money < price.money.micros() || state.aside.requests < price.requests {
                return Ok(Step::SetAside);
            }
            state.aside.money -= price.money.micros();
            state.aside.requests -= price.requests;
        }
        let pace = self.pace_of(&state, now);
        state.demand.add(cost, pace, now.runs);
        state.calm.asked(class, now.runs);
        Ok(Step::Granted(Permit {
            governor: Arc::clone(self),
            price,
            periods: (month, day),
            pace,
        }))
    }

    /// Sets more aside, in the ledger.
    async fn set_aside(self: &Arc<Self>, class: Class, price: Price) -> Result<(), Refused> {
        let now = self.clock.now();
        let (limit, before) = (self.limit, {
            let state = self.state();
            (state.totals, state.aside)
        });
        let ledger = self.ledger.clone();
        let change = move || {
            ledger.change(now.wall, all(limit, now.wall), |totals| {
                set_aside(limit, class, price, totals, before)
            })
        };
        let changed = tokio::task::spawn_blocking(change).await;
        let (totals, more) = match changed {
            Ok(Ok(changed)) => changed,
            Ok(Err(error)) => return Err(unwritten(&error)),
            Err(_) => return Err(unwritten(&"the task that counts ended early")),
        };
        let mut state = self.state();
        if totals.month != state.totals.month {
            state.aside.money = 0;
        }
        if totals.day != state.totals.day {
            state.aside.requests = 0;
        }
        state.totals = totals;
        match more {
            Some(more) => {
                state.aside.money += more.money;
                state.aside.requests += more.requests;
                Ok(())
            }
            None => Err(self.spent(&mut state, now)),
        }
    }

    /// How many times slower than usual everything should be so that what remains lasts: 1 or more.
    pub fn pace(&self) -> f64 {
        let state = self.state();
        self.pace_of(&state, self.clock.now())
    }

    /// How long it is until the budget begins anew; for ever, if there is none.
    pub fn lasts(&self) -> Duration {
        let Some(limit) = self.limit else {
            return Duration::MAX;
        };
        let now = self.clock.now().wall;
        let (month, day) = self.state().periods(now);
        let period = match limit {
            Limit::Monthly(_) => month,
            Limit::Daily(_) => day,
        };
        period.ends().duration_since(now).unwrap_or_default()
    }

    fn pace_of(&self, state: &State, now: Moment) -> f64 {
        let Some(limit) = self.limit else {
            return 1.0;
        };
        let (month, day) = state.periods(now.wall);
        let (period, same) = match limit {
            Limit::Monthly(_) => (month, month == state.totals.month),
            Limit::Daily(_) => (day, day == state.totals.day),
        };
        let spent = if same { state.spent(self.limit) } else { 0 };
        let remains = most(self.limit, Class::Data).saturating_sub(spent);
        let lasts = period.ends().duration_since(now.wall).unwrap_or_default();
        state.demand.pace(remains, lasts, now.runs)
    }

    /// Nothing of this class's kind is asked by anybody of the account for so long.
    pub fn be_quiet(&self, class: Class, wait: Duration) {
        let now = self.clock.now();
        self.state().calm.be_quiet(class, wait, now.runs);
    }

    /// How the budget stands now.
    pub fn standing(&self) -> Standing {
        let now = self.clock.now();
        let state = self.state();
        let (month, day) = state.periods(now.wall);
        let same = |same: bool, total: u64, aside: u64| match same {
            true => total.saturating_sub(aside),
            false => 0,
        };
        let totals = &state.totals;
        Standing {
            limit: self.limit,
            month,
            money: Money::from_micros(same(month == totals.month, totals.money, state.aside.money)),
            day,
            requests: same(day == totals.day, totals.requests, state.aside.requests),
            ends: self.limit.map(|limit| match limit {
                Limit::Monthly(_) => month.ends(),
                Limit::Daily(_) => day.ends(),
            }),
            pace: self.pace_of(&state, now),
        }
    }

    /// Gives back what is set aside and not spent, at the end.
    pub async fn settle(&self) {
        let (before, aside) = {
            let mut state = self.state();
            let aside = std::mem::take(&mut state.aside);
            state.totals.money = state.totals.money.saturating_sub(aside.money);
            state.totals.requests = state.totals.requests.saturating_sub(aside.requests);
            (state.totals, aside)
        };
        if aside.money == 0 && aside.requests == 0 {
            return;
        }
        let (ledger, limit, now) = (self.ledger.clone(), self.limit, self.clock.now().wall);
        let change = move || {
            ledger.change(now, all(limit, now), |totals| {
                if totals.month == before.month {
                    totals.money = totals.money.saturating_sub(aside.money);
                }
                if totals.day == before.day {
                    totals.requests = totals.requests.saturating_sub(aside.requests);
                }
            })
        };
        if let Ok(Err(error)) = tokio::task::spawn_blocking(change).await {
            tracing::warn!("{error}");
        }
    }

    /// The budget is spent.
    fn spent(&self, state: &mut State, now: Moment) -> Refused {
        let (month, day) = state.periods(now.wall);
        let (what, ends) = match self.limit {
            Some(limit @ Limit::Monthly(_)) => (limit.to_string(), month.ends()),
            Some(limit @ Limit::Daily(_)) => (limit.to_string(), day.ends()),
            // Nothing is spent of no budget.
            None => ("none".to_owned(), day.ends()),
        };
        let wait = ends.duration_since(now.wall).unwrap_or_default();
        let wait = wait.clamp(Duration::from_secs(1), LONGEST);
        let begins = jiff::Timestamp::try_from(ends).unwrap_or_default();
        Refused {
            why: Refusal::Spent,
            detail: format!(
                "the budget of {what} is spent, so this was not asked; it begins anew at {} UTC. To \
                 go on before that, raise --budget (TESLA_BUDGET), or set it to none",
                begins.strftime("%Y-%m-%d %H:%M")
            ),
            wait: state.calm.spread(wait, now.runs),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn periods(&self, now: SystemTime) -> (Period, Period) {
        (self.totals.month.then(now), self.totals.day.then(now))
    }

    /// In the units of the limit, without what is only set aside here.
    fn spent(&self, limit: Option<Limit>) -> u64 {
        of_limit(
            limit,
            self.totals.money.saturating_sub(self.aside.money),
            self.totals.requests.saturating_sub(self.aside.requests),
        )
    }
}

fn quiet(wait: Duration, why: Why) -> Refused {
    let seconds = wait.as_secs().max(1);
    let detail = match why {
        Why::Told => format!(
            "not asked: the service wants no questions of this account now; asking again in \
             {seconds} s"
        ),
        Why::Crowd => format!(
            "not asked: after an outage not all vehicles ask at once; asking again in {seconds} s"
        ),
    };
    Refused {
        why: Refusal::Quiet,
        detail,
        wait: wait.max(Duration::from_millis(100)),
    }
}

fn unwritten(error: &dyn fmt::Display) -> Refused {
    Refused {
        why: Refusal::Ledger,
        detail: error.to_string(),
        wait: Duration::from_secs(60),
    }
}

/// A request that may be sent. Dropped, it counts as spent.
#[derive(Debug)]
#[must_use = "what became of the request is to be told"]
pub struct Permit {
    governor: Arc<Governor>,
    price: Price,
    periods: (Period, Period),
    pace: f64,
}

impl Permit {
    /// It was answered. `billed` if it costs money, `well` if the service works.
    pub fn answered(self, billed: bool, well: bool) {
        let now = self.governor.clock.now();
        let mut state = self.governor.state();
        if !billed {
            self.money_back(&mut state);
        }
        match well {
            true => state.calm.succeeded(now.runs),
            false => state.calm.failed(now.runs),
        }
    }

    /// No answer came. `sent` if the service may have seen it: then it costs what it costs.
    pub fn unanswered(self, sent: bool) {
        let now = self.governor.clock.now();
        let mut state = self.governor.state();
        state.calm.failed(now.runs);
        if sent {
            return;
        }
        self.money_back(&mut state);
        if self.periods.1 == state.totals.day {
            state.aside.requests += self.price.requests;
        }
        if let Some(Limit::Daily(_)) = self.governor.limit {
            state.demand.take_back(self.price.requests, self.pace);
        }
    }

    fn money_back(&self, state: &mut State) {
        let money = self.price.money.micros();
        if self.periods.0 == state.totals.month {
            state.aside.money += money;
        }
        if let Some(Limit::Monthly(_)) = self.governor.limit {
            state.demand.take_back(money, self.pace);
        }
    }
}

#[cfg(test)]
#[path = "governor_tests.rs"]
mod tests;
