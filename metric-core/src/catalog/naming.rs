//! What backends make of names and units.

use super::units;
use super::{CatalogMetric, Instrument};

/// How a backend names the metrics that it receives, and so how they are asked for in PromQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Naming {
    /// As OpenTelemetry has them, dots included: VictoriaMetrics' default, and `NoTranslation` of
    /// Prometheus. What PromQL cannot spell is asked for by `{__name__="…"}`.
    AsSent,
    /// What PromQL cannot spell becomes `_`, nothing is added: Prometheus' and GreptimeDB's
    /// `UnderscoreEscapingWithoutSuffixes`.
    WithoutSuffixes,
    /// Units and `_total` are added, too: `UnderscoreEscapingWithSuffixes`, the default of Prometheus and
    /// of GreptimeDB.
    #[default]
    WithSuffixes,
    /// The same, but units that Prometheus has no word for are added as they are (`…_kW.h`, `…_[mi_i]`):
    /// VictoriaMetrics with `-opentelemetry.usePrometheusNaming` (seen in 1.112).
    WithUnescapedSuffixes,
}

impl Naming {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::AsSent,
        Self::WithoutSuffixes,
        Self::WithSuffixes,
        Self::WithUnescapedSuffixes,
    ];

    /// The name that a backend gives to the metric. A histogram's series have `_bucket`, `_sum` and `_count`
    /// behind it.
    pub fn metric(self, metric: &CatalogMetric) -> String {
        match self {
            Self::AsSent => metric.name().to_owned(),
            Self::WithoutSuffixes => escaped(metric.name()),
            Self::WithSuffixes => suffixed(metric, units::suffixes(metric.unit())),
            Self::WithUnescapedSuffixes => {
                suffixed(metric, units::unescaped_suffixes(metric.unit()))
            }
        }
    }

    /// The name that a backend gives to the attribute.
    pub fn attribute(self, key: &str) -> String {
        match self {
            Self::AsSent => key.to_owned(),
            _ => escaped(key),
        }
    }
}

/// Whether PromQL can spell it without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// With `_` in place of all that PromQL cannot spell.
pub(super) fn escaped(name: &str) -> String {
    let spelled = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => character,
        _ => '_',
    };
    let name: String = name.chars().map(spelled).collect();
    match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("_{name}"),
        false => name,
    }
}

/// With the unit's and the kind's suffixes, each once, as Prometheus' translation of OTLP has it.
fn suffixed(metric: &CatalogMetric, (main, per): (String, String)) -> String {
    let name = escaped(metric.name());
    let mut tokens: Vec<&str> = name.split('_').filter(|token| !token.is_empty()).collect();
    if !main.is_empty() && !tokens.contains(&main.as_str()) {
        tokens.push(&main);
    }
    if !per.is_empty() && !tokens.contains(&per.as_str()) {
        tokens.extend(["per", &per]);
    }
    let last = match metric.instrument() {
        Instrument::Counter => Some("total"),
        Instrument::Gauge if metric.unit() == "1" => Some("ratio"),
        _ => None,
    };
    if let Some(last) = last {
        tokens.retain(|token| *token != last);
        tokens.push(last);
    }
    tokens.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_backends_make_of_them() {
        let gauge = Instrument::Gauge;
        for (name, instrument, unit, expected) in [
            (
                "chargestate_battery_level",
                gauge,
                "%",
                "chargestate_battery_level_percent",
            ),
            (
                "chargestate_battery_range",
                gauge,
                "[mi_i]",
                "chargestate_battery_range_mi_i",
            ),
            (
                "drivestate_speed",
                gauge,
                "[mi_i]/h",
                "drivestate_speed_mi_i_per_hour",
            ),
            (
                "chargestate_energy_added",
                gauge,
                "kW.h",
                "chargestate_energy_added_kW_h",
            ),
            (
                "observer.cycles",
                Instrument::Counter,
                "{cycle}",
                "observer_cycles_total",
            ),
            (
                "bytes.total.read",
                Instrument::Counter,
                "By",
                "bytes_read_total",
            ),
            ("process.uptime", gauge, "s", "process_uptime_seconds"),
            ("uptime.seconds", gauge, "s", "uptime_seconds"),
            (
                "observer.budget.pace",
                gauge,
                "1",
                "observer_budget_pace_ratio",
            ),
            (
                "http.duration",
                Instrument::Histogram,
                "s",
                "http_duration_seconds",
            ),
        ] {
            let metric = CatalogMetric::new(name, instrument).with_unit(unit);
            let found = Naming::WithSuffixes.metric(&metric);
            assert_eq!(found, expected, "{name} in {unit:?}");
        }
    }

    /// As VictoriaMetrics 1.112 does, which the observer's dashboards are tested with.
    #[test]
    fn unescaped_units_stay_as_they_are() {
        for (unit, expected) in [
            ("[mi_i]", "range_[mi_i]"),
            ("[mi_i]/h", "range_[mi_i]_per_hour"),
            ("kW.h", "range_kW.h"),
            ("%", "range_percent"),
            ("{car}", "range"),
        ] {
            let metric = CatalogMetric::new("range", Instrument::Gauge).with_unit(unit);
            assert_eq!(Naming::WithUnescapedSuffixes.metric(&metric), expected);
        }
    }

    #[test]
    fn without_suffixes_only_characters_are_replaced() {
        let metric =
            CatalogMetric::new("observer.http-requests/all", Instrument::Counter).with_unit("s");
        assert_eq!(
            Naming::WithoutSuffixes.metric(&metric),
            "observer_http_requests_all"
        );
        assert_eq!(Naming::AsSent.metric(&metric), "observer.http-requests/all");
        assert_eq!(Naming::WithSuffixes.attribute("error.type"), "error_type");
        assert_eq!(Naming::AsSent.attribute("error.type"), "error.type");
    }
}
