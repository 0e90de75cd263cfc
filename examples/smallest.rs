//! The smallest program: one struct, exported to the console.
//!
//! `cargo run --bin smallest`

use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_core::{Family, MetricCollector};
use opentelemetry_sdk::metrics::SdkMeterProvider;

/// What the battery reports.
#[derive(Clone, Debug, Default, MetricCollector)]
struct Battery {
    /// State of charge.
    #[metric(unit = "%")]
    level: Option<u8>,
    /// Power into the battery.
    #[metric(unit = "kW")]
    power: Option<f64>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(opentelemetry_stdout::MetricExporter::default())
        .build();
    let batteries = Family::<Battery>::new();
    batteries.register(&provider.meter("smallest"))?;

    let battery = batteries.member([KeyValue::new("battery", "main")]);
    battery.set(Battery {
        level: Some(72),
        power: None, // not known: no point
    });

    provider.shutdown()?; // exports what is there
    Ok(())
}
