//! Tuple structs, whose fields are named by options.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// Where it is.
#[derive(MetricCollector)]
pub struct Position(
    /// North of the equator.
    #[metric(name = "latitude", unit = "deg")]
    pub f64,
    #[metric(name = "longitude", unit = "deg")] f64,
    #[metric(attribute = "datum")] String,
    #[metric(info = "source")] &'static str,
    #[metric(flatten)] Accuracy,
    (),
);

/// How well that is known.
#[derive(MetricCollector)]
pub struct Accuracy(#[metric(name = "radius", unit = "m")] pub f64);

fn main() {
    let position = Position(1.0, 2.0, "WGS84".into(), "GPS", Accuracy(5.0), ());
    let points = metric_core::testing::observe(&position);
    assert_eq!(points.value("accuracy.radius"), Some(5.0.into()));
    let () = position.5;
}
