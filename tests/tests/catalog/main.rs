//! The catalogue: what is made of a schema, and what is found to be wrong with it.

mod collisions;
mod dashboards;
mod files;
mod made;
mod queries;

use metric_core::catalog::{Alert, Catalog, CatalogMetric, Instrument, Naming, Source};
use metric_core::{MetricCollector, MetricState};

/// What a pump does.
#[derive(Clone, Copy, Debug, MetricState)]
#[allow(dead_code)]
enum Mode {
    Idle,
    Running,
    Broken,
}

/// A bearing.
#[derive(Debug, MetricCollector)]
#[metric(prefix = "bearing")]
struct Bearing {
    /// Temperature of the bearing.
    #[metric(unit = "Cel")]
    temperature: f64,
}

/// The motor of a pump.
#[derive(Debug, MetricCollector)]
#[metric(prefix = "motor")]
struct Motor {
    /// Power drawn | from the grid.
    #[metric(unit = "kW")]
    power: f64,
    /// Whether it is switched on.
    #[metric]
    on: bool,
    #[metric(flatten(key = "side"))]
    bearings: Vec<Bearing>,
}

/// A pump.
#[derive(Debug, MetricCollector)]
struct Pump {
    /// What it does.
    #[metric]
    mode: Mode,
    /// Pressure behind the pump.
    #[metric(unit = "bar")]
    pressure: f64,
    /// Pressure before the pump.
    #[metric(unit = "bar")]
    suction: f64,
    /// Strokes since it was built.
    #[metric(unit = "{stroke}", counter)]
    strokes: u64,
    #[metric(info)]
    model: String,
    #[metric(flatten)]
    motor: Motor,
}

fn catalog(naming: Naming) -> Catalog {
    Catalog::new("pumps")
        .with_source(Source::new(Pump::SCHEMA).with_attribute("pump"))
        .with_source(Source::of(
            "Controller",
            [
                CatalogMetric::new("control.duration", Instrument::Histogram)
                    .with_unit("s")
                    .with_description("Duration of a turn of the control.")
                    .with_attribute("error.type"),
            ],
        ))
        .with_alert(
            Alert::new(
                "PumpDry",
                "pump.pressure < 0.5 and on (pump) pump_mode{state=\"running\"} == 1",
            )
            .lasting("5m")
            .with_severity("critical")
            .with_summary("{{ $labels.pump }} runs dry: \"{{ $value }}\" bar")
            .with_description("Look after the water."),
        )
        .with_naming(naming)
}
