//! What the calls of a member cost.

use std::time::Duration;

use crate::arguments::Effort;
use crate::by_hand::ByHandMember;
use crate::clock::time;
use crate::paired::Paired;
use crate::sides::{ByFamily, Fleet, attributes};
use crate::table::Row;
use crate::vehicle::Vehicle;

/// How many calls make a round.
const CALLS: usize = 1000;

pub(crate) fn measure(effort: Effort) -> Vec<Row> {
    let time = match effort {
        Effort::Full => Duration::from_secs(1),
        Effort::Quick => Duration::from_millis(200),
        Effort::Smoke => Duration::ZERO,
    };
    let fleet = ByFamily::new(1000);
    fleet.set_all(0);
    vec![
        set(time, &fleet),
        update(time, &fleet),
        add_and_drop(time, &fleet),
    ]
}

fn set(time_over: Duration, fleet: &ByFamily) -> Row {
    let member = &fleet.members[0];
    let by_hand = ByHandMember::new(attributes(0));
    let vehicle = Vehicle::sample(1);
    let mut paired = Paired::default();
    paired.run(
        time_over,
        || time(|| (0..CALLS).for_each(|_| member.set(vehicle.clone()))),
        || time(|| (0..CALLS).for_each(|_| by_hand.set(vehicle.clone()))),
    );
    paired.row("`set` ÷ by hand".to_owned(), CALLS as f64, "ns")
}

fn update(time_over: Duration, fleet: &ByFamily) -> Row {
    let member = &fleet.members[0];
    let vehicle = Vehicle::sample(1);
    let change = |vehicle: &mut Vehicle| vehicle.speed = Some(31.5);
    let mut paired = Paired::default();
    paired.run(
        time_over,
        || time(|| (0..CALLS).for_each(|_| member.update(change))),
        || time(|| (0..CALLS).for_each(|_| member.set(vehicle.clone()))),
    );
    paired.row(
        "`update` of one field ÷ `set`".to_owned(),
        CALLS as f64,
        "ns",
    )
}

fn add_and_drop(time_over: Duration, fleet: &ByFamily) -> Row {
    let member = &fleet.members[0];
    let vehicle = Vehicle::sample(1);
    // The attributes are the caller's.
    let new = || (0..CALLS).map(attributes).collect::<Vec<_>>();
    let mut paired = Paired::default();
    paired.run(
        time_over,
        || {
            let new = new();
            time(|| {
                new.into_iter()
                    .for_each(|own| drop(fleet.family.member(own)))
            })
        },
        || time(|| (0..CALLS).for_each(|_| member.set(vehicle.clone()))),
    );
    paired.row(
        "adding and dropping a member ÷ `set`".to_owned(),
        CALLS as f64,
        "ns",
    )
}
