//! Which charts a car has.

use super::chart::{Chart, Line};
use super::range::Range;
use super::units::Units;
use crate::catalog::of_vehicles;
use crate::history::{Query, ReadError, Reader, Sample, samples};

/// How many steps a chart has.
const STEPS: i64 = 400;
/// No more than so many series of a state set or the like are put into one.
const MOST_SERIES: usize = 2;

/// A line of a chart: its name, metric, and whether it has the axis on the right.
type Shown = (&'static str, &'static str, bool);

/// The charts that each car has.
const CHARTS: [(&str, &str, [Option<Shown>; 2]); 5] = [
    (
        "battery",
        "Battery and range",
        [
            Some(("Level", "chargestate_battery_level", false)),
            Some(("Range", "chargestate_battery_range", true)),
        ],
    ),
    (
        "power",
        "Speed and power",
        [
            Some(("Speed", "drivestate_speed", false)),
            Some(("Power", "drivestate_power", true)),
        ],
    ),
    (
        "charging",
        "Charging power",
        [Some(("Power", "chargestate_charger_power", false)), None],
    ),
    (
        "temperature",
        "Temperatures",
        [
            Some(("Inside", "climatestate_inside_temp", false)),
            Some(("Outside", "climatestate_outside_temp", false)),
        ],
    ),
    (
        "odometer",
        "Odometer",
        [Some(("Odometer", "vehiclestate_odometer", false)), None],
    ),
];

/// The names of all metrics that a car can have.
pub(super) fn metrics() -> impl Iterator<Item = String> {
    of_vehicles().map(|own| own.name.as_str().to_owned())
}

/// All charts of a car, and that of a metric by name.
pub(super) fn charts(
    reader: &Reader,
    vehicle: &str,
    range: &Range,
    units: Units,
    metric: Option<&str>,
) -> Result<Vec<Chart>, ReadError> {
    let drawer = Drawer {
        reader,
        vehicle,
        range,
        units,
        step: range.step(STEPS),
    };
    let mut charts = Vec::new();
    if let Some(metric) = metric.filter(|metric| metrics().any(|own| own == *metric)) {
        charts.push(drawer.any(metric)?);
    }
    for (id, title, shown) in CHARTS {
        let mut lines = Vec::new();
        for (label, metric, right) in shown.into_iter().flatten() {
            let samples = drawer.samples(metric)?.into_iter().next();
            let samples = samples.map(|(_, samples)| samples).unwrap_or_default();
            lines.push(drawer.line(label, metric, samples, right));
        }
        charts.push(drawer.chart(id, title.to_owned(), lines));
    }
    Ok(charts)
}

struct Drawer<'a> {
    reader: &'a Reader,
    vehicle: &'a str,
    range: &'a Range,
    units: Units,
    step: i64,
}

impl Drawer<'_> {
    /// Each series of a metric, with what its attributes are.
    fn samples(&self, metric: &str) -> Result<Vec<(String, Vec<Sample>)>, ReadError> {
        let series = self.reader.series(Query {
            vehicle: self.vehicle,
            metric,
            from_ms: self.range.from_ms,
            to_ms: self.range.to_ms,
        })?;
        let named = series.into_iter().map(|own| {
            let values: Vec<String> = own.attributes.into_iter().map(|(_, value)| value).collect();
            (
                super::look::name(&values.join(", ")),
                samples(&own.values, self.step),
            )
        });
        Ok(named.collect())
    }

    /// A metric's samples in the viewer's units.
    fn line(&self, label: &str, metric: &str, mut samples: Vec<Sample>, right: bool) -> Line {
        let ucum = of_vehicles().find(|own| own.name == metric);
        let ucum = ucum.map_or("", |own| own.metric.unit());
        let shown = |value: &mut f64| *value = self.units.shown(*value, ucum).0;
        for sample in &mut samples {
            let Sample {
                min,
                max,
                last,
                mean,
                ..
            } = sample;
            [min, max, last, mean].into_iter().for_each(shown);
        }
        Line {
            label: label.to_owned(),
            unit: self.units.shown(0.0, ucum).1,
            samples,
            right,
        }
    }

    fn chart(&self, id: &'static str, title: String, lines: Vec<Line>) -> Chart {
        let unit = lines
            .iter()
            .map(|line| line.unit)
            .filter(|unit| !unit.is_empty());
        let mut units: Vec<&str> = unit.collect();
        units.dedup();
        let title = match units.is_empty() {
            true => title,
            false => format!("{title} ({})", units.join(", ")),
        };
        Chart {
            id,
            title,
            from_ms: self.range.from_ms,
            to_ms: self.range.to_ms,
            step_ms: self.step,
            lines,
        }
    }

    /// Any metric: of a state set the states that it was in most.
    fn any(&self, metric: &str) -> Result<Chart, ReadError> {
        let mut series = self.samples(metric)?;
        let all = series.len();
        let weight = |samples: &[Sample]| samples.iter().map(|own| own.mean).sum::<f64>();
        if series.len() > MOST_SERIES {
            series.sort_by(|one, other| weight(&other.1).total_cmp(&weight(&one.1)));
            series.truncate(MOST_SERIES);
        }
        let lines = series.into_iter().map(|(attributes, samples)| {
            let label = if attributes == "(no name)" {
                metric
            } else {
                &attributes
            };
            self.line(label, metric, samples, false)
        });
        let lines: Vec<Line> = lines.collect();
        let title = match all > lines.len() {
            true => format!("{metric}: {} of {all} series", lines.len()),
            false => metric.to_owned(),
        };
        Ok(self.chart("metric", title, lines))
    }
}
