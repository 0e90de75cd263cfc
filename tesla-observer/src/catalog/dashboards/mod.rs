//! The dashboards, one file each.

mod battery;
mod charging;
mod climate;
mod driving;
mod fleet;
mod health;
mod sleep;
mod tyres;

use metric_core::catalog::{Dashboard, Panel, Visual};

use super::VEHICLE;

/// How many of the [`dashboards`], from the first, are about cars alone: they are the same for all backends
/// that add no suffixes. The last one is about the observer.
pub const ABOUT_CARS: usize = 7;

/// All dashboards.
pub fn dashboards() -> [Dashboard; ABOUT_CARS + 1] {
    [
        fleet::dashboard(),
        battery::dashboard(),
        charging::dashboard(),
        driving::dashboard(),
        sleep::dashboard(),
        climate::dashboard(),
        tyres::dashboard(),
        health::dashboard(),
    ]
}

/// A dashboard's uid without what all have in front.
pub fn short(uid: &str) -> &str {
    uid.strip_prefix("tesla-").unwrap_or(uid)
}

/// What is called after the car.
const CAR: &str = "{{vehicle_id}}";

/// A dashboard about cars, of which some can be chosen.
fn about_cars(uid: &str, title: &str, description: &str) -> Dashboard {
    let dashboard = Dashboard::new(uid, title)
        .with_description(description)
        .with_tag("tesla-observer");
    VEHICLE
        .into_iter()
        .fold(dashboard, Dashboard::with_variable)
}

/// Lines for each car.
fn lines(title: &str) -> Panel {
    Panel::new(title, Visual::TimeSeries)
}

/// One metric's lines.
fn line(title: &str, metric: &str) -> Panel {
    lines(title).with_query(metric, CAR)
}

/// The last value of each car, also if it sleeps now.
fn latest(title: &str, metric: &str) -> Panel {
    Panel::new(title, Visual::Stat)
        .with_query(format!("last_over_time({metric}[1d])"), CAR)
        .with_size(6, 5)
}

/// Truths over time, each called by what it is.
fn truths<'a>(title: &str, metrics: impl IntoIterator<Item = (&'a str, &'a str)>) -> Panel {
    let panel = Panel::new(title, Visual::StateTimeline)
        .with_text(0.0, "no")
        .with_text(1.0, "yes")
        .with_step(1.0, "blue");
    metrics.into_iter().fold(panel, |panel, (metric, called)| {
        panel.with_query(metric, format!("{CAR}: {called}"))
    })
}

/// States over time, one car a bar.
fn states(title: &str, metric: &str) -> Panel {
    Panel::states(title, metric)
}
