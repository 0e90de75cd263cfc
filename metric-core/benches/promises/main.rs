//! What is promised of the time that a family takes, as ratios that were measured in one run.
//!
//! `cargo bench -p metric-core --bench promises`, shorter with `-- --quick`.

#[path = "../common/arguments.rs"]
mod arguments;
#[path = "../common/by_hand.rs"]
mod by_hand;
#[path = "../common/callbacks.rs"]
mod callbacks;
#[path = "../common/clock.rs"]
mod clock;
mod collection;
mod members;
mod paired;
#[path = "../common/sdk.rs"]
mod sdk;
#[path = "../common/sides.rs"]
mod sides;
#[path = "../common/table.rs"]
mod table;
mod threads;
#[path = "../common/vehicle.rs"]
mod vehicle;

use arguments::Effort;

fn main() {
    let Some(effort) = Effort::from_arguments() else {
        return;
    };
    let mut rows = collection::measure(effort);
    rows.extend(threads::measure(effort));
    rows.extend(members::measure(effort));
    // What was run once, perhaps without optimization, says nothing.
    if effort != Effort::Smoke {
        table::print("time", &rows);
    }
}
