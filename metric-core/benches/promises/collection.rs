//! A collection through a family against one through callbacks that were written by hand.

use std::time::Duration;

use crate::arguments::Effort;
use crate::callbacks::Callbacks;
use crate::clock::time;
use crate::paired::Paired;
use crate::sdk::Sdk;
use crate::sides::{ByFamily, ByHand, Fleet};
use crate::table::{Row, members};
use crate::vehicle::METRICS;

const MUST: &str = "≤ 1.02";

pub(crate) fn measure(effort: Effort) -> Vec<Row> {
    let sizes: &[usize] = match effort {
        Effort::Smoke => &[1, 100],
        _ => &[1, 100, 1000, 10_000],
    };
    let all: Vec<Compare> = sizes
        .iter()
        .map(|&members| Compare::new(effort, members))
        .collect();
    let mut rows: Vec<Row> = all.iter().flat_map(Compare::with_by_hand).collect();
    rows.extend(all.iter().map(Compare::with_by_hand_as_usual));
    // Larger ones have the SDK's usual limit, or cannot do without a view.
    rows.extend(all.iter().take(2).map(Compare::with_a_view));
    // Without an SDK no view can tell the family that its fleet may be a large one.
    rows.extend(all.iter().take(3).map(Compare::without_the_sdk));
    rows
}

/// The comparisons of fleets of one size.
struct Compare {
    members: usize,
    /// How many times all is built anew: where the memory happens to lie, and the SDK's random
    /// hash keys, make a difference that stays for as long as a fleet lives.
    builds: u32,
    /// How long each build is looked at.
    time: Duration,
}

impl Compare {
    fn new(effort: Effort, members: usize) -> Self {
        let (builds, seconds) = match members {
            ..1000 => (16, 2),
            1000..10_000 => (8, 4),
            _ => (4, 12),
        };
        let time = Duration::from_secs(seconds) / builds;
        let (builds, time) = match effort {
            Effort::Full => (builds, time),
            Effort::Quick => (builds / 4, time / 2),
            Effort::Smoke => (1, Duration::ZERO),
        };
        Compare {
            members,
            builds,
            time,
        }
    }

    fn with_by_hand(&self) -> [Row; 2] {
        let mut steady = Paired::default();
        let mut anew = Paired::default();
        for build in 0..self.builds {
            let (mut family, mut by_hand) =
                in_turn(build, || self.family(), || self.side(ByHand::new));
            steady.run(self.time, || family.collect(), || by_hand.collect());
            anew.run(
                self.time,
                || family.set_and_collect(),
                || by_hand.set_and_collect(),
            );
            family.fleet.check();
        }
        [(steady, "values as before"), (anew, "all set anew")].map(|(paired, values)| {
            let row = self.row("collection ÷ by hand", &paired);
            Row {
                what: format!("{}, {values}", row.what),
                must: MUST,
                ..row
            }
        })
    }

    /// Against what is usually written, which copies the texts of the attributes.
    fn with_by_hand_as_usual(&self) -> Row {
        let mut paired = Paired::default();
        for build in 0..self.builds {
            let (mut family, mut by_hand) =
                in_turn(build, || self.family(), || self.side(ByHand::as_usual));
            paired.run(self.time, || family.collect(), || by_hand.collect());
        }
        self.row("collection ÷ by hand as usual", &paired)
    }

    /// What it gains to tell the SDK the fleet's size also where it can do without.
    fn with_a_view(&self) -> Row {
        let mut paired = Paired::default();
        for build in 0..self.builds {
            let with = || {
                let fleet = ByFamily::new(self.members);
                let sdk = Sdk::with_view(&fleet);
                Side::new(fleet, sdk)
            };
            let (mut with, mut without) = in_turn(build, with, || self.family());
            paired.run(self.time, || with.collect(), || without.collect());
        }
        self.row("collection with its view ÷ without", &paired)
    }

    /// The callbacks alone: the SDK's share of a collection is by far the larger one.
    fn without_the_sdk(&self) -> Row {
        let (family_meter, family_callbacks) = Callbacks::meter();
        let (by_hand_meter, by_hand_callbacks) = Callbacks::meter();
        let family = ByFamily::new(self.members);
        let by_hand = ByHand::new(self.members);
        family.register(&family_meter);
        by_hand.register(&by_hand_meter);
        family.set_all(0);
        by_hand.set_all(0);
        let mut paired = Paired::default();
        paired.run(
            self.time,
            || self.callbacks(&family_callbacks),
            || self.callbacks(&by_hand_callbacks),
        );
        self.row("callbacks alone ÷ by hand", &paired)
    }

    fn callbacks(&self, callbacks: &Callbacks) -> Duration {
        let points = (METRICS * self.members) as u64;
        repeat(self.members, || assert_eq!(callbacks.collect(), points))
    }

    fn family(&self) -> Side<ByFamily> {
        self.side(ByFamily::new)
    }

    fn side<F: Fleet>(&self, fleet: fn(usize) -> F) -> Side<F> {
        let fleet = fleet(self.members);
        let sdk = Sdk::new(&fleet);
        Side::new(fleet, sdk)
    }

    fn row(&self, what: &str, paired: &Paired) -> Row {
        let points = (METRICS * self.members) as f64;
        let members = members(self.members);
        paired.row(format!("{what}: {members}"), points, "ns a point")
    }
}

/// Makes both, this or that one first.
fn in_turn<A, B>(build: u32, a: impl FnOnce() -> A, b: impl FnOnce() -> B) -> (A, B) {
    if build.is_multiple_of(2) {
        let a = a();
        (a, b())
    } else {
        let b = b();
        (a(), b)
    }
}

/// A fleet on a provider of its own.
struct Side<F> {
    fleet: F,
    sdk: Sdk,
    seed: u64,
}

impl<F: Fleet> Side<F> {
    /// The first collection makes what the further ones find: it is done here.
    fn new(fleet: F, mut sdk: Sdk) -> Self {
        fleet.set_all(0);
        sdk.collect();
        assert_eq!(sdk.points(), METRICS * fleet.len());
        Side {
            fleet,
            sdk,
            seed: 0,
        }
    }

    /// How long a collection takes of what was collected before.
    fn collect(&mut self) -> Duration {
        repeat(self.fleet.len(), || self.sdk.collect())
    }

    /// How long a collection takes of what was set since the last one.
    fn set_and_collect(&mut self) -> Duration {
        let times = times(self.fleet.len());
        let total: Duration = (0..times)
            .map(|_| {
                self.seed += 1;
                self.fleet.set_all(self.seed);
                time(|| self.sdk.collect())
            })
            .sum();
        total / times
    }
}

/// How long a collection takes, over as many as the clock needs.
fn repeat(members: usize, mut collect: impl FnMut()) -> Duration {
    let times = times(members);
    time(|| (0..times).for_each(|_| collect())) / times
}

fn times(members: usize) -> u32 {
    match members {
        ..10 => 32,
        10..1000 => 2,
        _ => 1,
    }
}
