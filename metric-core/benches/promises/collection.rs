//! A collection through a family against one through callbacks that were written by hand.

use std::time::Duration;

use opentelemetry::metrics::Meter;

use crate::arguments::Effort;
use crate::callbacks::Callbacks;
use crate::clock::time;
use crate::paired::Paired;
use crate::sdk::Sdk;
use crate::sides::{ByFamily, ByHand, Fleet};
use crate::table::Row;
use crate::vehicle::METRICS;

pub(crate) fn measure(effort: Effort) -> Vec<Row> {
    let sizes: &[usize] = match effort {
        Effort::Smoke => &[1, 100],
        _ => &[1, 100, 1000, 10_000],
    };
    let mut rows = Vec::new();
    let mut as_usual = Vec::new();
    for &members in sizes {
        let [steady, anew, usual] = compare(effort, members);
        rows.extend([steady, anew]);
        as_usual.push(usual);
    }
    rows.extend(as_usual);
    rows.extend([1, 1000].map(|members| callbacks_alone(effort, members)));
    rows
}

/// How many times all is built anew: where the memory happens to lie, and the SDK's random hash
/// keys, make a difference that stays for as long as a fleet lives.
fn builds(effort: Effort, members: usize) -> u32 {
    let full = match members {
        ..1000 => 16,
        1000..10_000 => 8,
        _ => 4,
    };
    match effort {
        Effort::Full => full,
        Effort::Quick => full / 4,
        Effort::Smoke => 1,
    }
}

/// How long each comparison of a fleet of so many members takes, in all.
fn budget(effort: Effort, members: usize) -> Duration {
    let full = match members {
        ..1000 => Duration::from_secs(2),
        1000..10_000 => Duration::from_secs(4),
        _ => Duration::from_secs(12),
    };
    match effort {
        Effort::Full => full,
        Effort::Quick => full / 8,
        Effort::Smoke => Duration::ZERO,
    }
}

/// What is set before a collection.
#[derive(Clone, Copy)]
enum Set {
    Nothing,
    Everything,
}

fn compare(effort: Effort, members: usize) -> [Row; 3] {
    let mut paired: [Paired; 3] = Default::default();
    let [steady, anew, usual] = &mut paired;
    let builds = builds(effort, members);
    let share = budget(effort, members) / builds;
    for _ in 0..builds {
        let mut family = Side::new(ByFamily::new, members);
        let mut by_hand = Side::new(ByHand::new, members);
        let mut as_usual = Side::new(ByHand::as_usual, members);
        steady.run(
            share,
            || family.round(Set::Nothing),
            || by_hand.round(Set::Nothing),
        );
        anew.run(
            share,
            || family.round(Set::Everything),
            || by_hand.round(Set::Everything),
        );
        usual.run(
            share,
            || family.round(Set::Everything),
            || as_usual.round(Set::Everything),
        );
        family.fleet.check();
    }
    [
        row(
            "by hand",
            &format!("{members}, values as before"),
            steady,
            members,
        ),
        row(
            "by hand",
            &format!("{members}, all set anew"),
            anew,
            members,
        ),
        row(
            "as usual",
            &format!("{members}, all set anew"),
            usual,
            members,
        ),
    ]
}

/// A fleet on a provider of its own.
struct Side<F> {
    fleet: F,
    sdk: Sdk,
    seed: u64,
}

impl<F: Fleet> Side<F> {
    /// The first collection builds what the further ones find: it is made here.
    fn new(fleet: fn(usize, &Meter) -> F, members: usize) -> Self {
        let mut sdk = Sdk::new(members);
        let fleet = fleet(members, &sdk.meter());
        fleet.set_all(0);
        sdk.collect();
        assert_eq!(sdk.points(), METRICS * members);
        Side {
            fleet,
            sdk,
            seed: 0,
        }
    }

    /// As many collections as take a moment.
    fn round(&mut self, set: Set) -> Duration {
        let collections = collections(self.fleet.len());
        let total = match set {
            Set::Nothing => time(|| (0..collections).for_each(|_| self.sdk.collect())),
            Set::Everything => (0..collections).map(|_| self.set_and_collect()).sum(),
        };
        total / collections
    }

    fn set_and_collect(&mut self) -> Duration {
        self.seed += 1;
        self.fleet.set_all(self.seed);
        time(|| self.sdk.collect())
    }
}

/// How many collections make a round: long enough for the clock, short enough not to be disturbed.
fn collections(members: usize) -> u32 {
    match members {
        ..10 => 32,
        10..1000 => 2,
        _ => 1,
    }
}

fn row(beside: &str, members: &str, paired: &Paired, count: usize) -> Row {
    let [median, low, high] = paired.ratio();
    let points = (METRICS * count) as f64;
    Row {
        what: format!("collection ÷ {beside}, members: {members}"),
        must: "≤ 1.02",
        measured: format!("{median:.3}"),
        details: format!(
            "{low:.3} to {high:.3}; {:.0} ÷ {:.0} ns a point, {} rounds",
            paired.first_ns() / points,
            paired.second_ns() / points,
            paired.rounds(),
        ),
    }
}

/// Without the SDK, whose share of a collection is by far the larger one.
fn callbacks_alone(effort: Effort, members: usize) -> Row {
    let (family_meter, family_callbacks) = Callbacks::meter();
    let (by_hand_meter, by_hand_callbacks) = Callbacks::meter();
    let family = ByFamily::new(members, &family_meter);
    let by_hand = ByHand::new(members, &by_hand_meter);
    family.set_all(0);
    by_hand.set_all(0);
    let round = |callbacks: &Callbacks| {
        let collections = collections(members) * 4;
        let points = (METRICS * members) as u64;
        time(|| (0..collections).for_each(|_| assert_eq!(callbacks.collect(), points)))
            / collections
    };
    let mut paired = Paired::default();
    paired.run(
        budget(effort, 1) / 4,
        || round(&family_callbacks),
        || round(&by_hand_callbacks),
    );
    let row = row(
        "by hand",
        &format!("{members}, without the SDK"),
        &paired,
        members,
    );
    Row { must: "", ..row }
}
