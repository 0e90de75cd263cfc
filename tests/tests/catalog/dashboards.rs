use std::collections::HashSet;

use metric_core::MetricCollector;
use metric_core::catalog::{Catalog, Dashboard, Format, Naming, Panel, Row, Source, Visual};
use serde_json::Value;

use super::{Pump, catalog};

fn generated() -> Value {
    let text = catalog(Naming::WithSuffixes)
        .render(Format::Grafana)
        .expect("it can be made");
    serde_json::from_str(&text).expect("JSON")
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().expect("panels")
}

fn panel<'a>(dashboard: &'a Value, title: &str) -> &'a Value {
    let found = panels(dashboard)
        .iter()
        .find(|panel| panel["title"] == title);
    found.unwrap_or_else(|| panic!("no panel {title} in {dashboard:#}"))
}

#[test]
fn there_is_a_row_for_each_struct() {
    let dashboard = generated();
    let rows = panels(&dashboard)
        .iter()
        .filter(|panel| panel["type"] == "row");
    let titles: Vec<&str> = rows.filter_map(|row| row["title"].as_str()).collect();
    assert_eq!(titles, ["Pump", "Motor", "Motor, bearings", "Controller"]);
}

#[test]
fn panels_are_by_kind_and_unit() {
    let dashboard = generated();
    let pressures = panel(&dashboard, "Pressure to suction (bar)");
    assert_eq!(pressures["type"], "timeseries");
    assert_eq!(pressures["fieldConfig"]["defaults"]["unit"], "pressurebar");
    assert_eq!(pressures["targets"].as_array().map(Vec::len), Some(2));
    assert_eq!(pressures["targets"][0]["legendFormat"], "Pressure {{pump}}");
    let strokes = panel(&dashboard, "Strokes");
    assert_eq!(
        strokes["targets"][0]["expr"],
        "rate(pump_strokes_total{pump=~\"$pump\"}[$__rate_interval])"
    );
    let mode = panel(&dashboard, "Mode");
    assert_eq!(mode["type"], "state-timeline");
    assert_eq!(
        mode["targets"][0]["expr"],
        "sum by (pump) (pump_mode{state=\"idle\", pump=~\"$pump\"} * 0 or pump_mode{state=\"running\", pump=~\"$pump\"} * 1 or pump_mode{state=\"broken\", pump=~\"$pump\"} * 2)"
    );
    assert_eq!(
        mode["fieldConfig"]["defaults"]["mappings"][0]["options"]["2"]["text"],
        "broken"
    );
    assert_eq!(panel(&dashboard, "On")["type"], "state-timeline");
    let info = panel(&dashboard, "Info");
    assert_eq!(info["type"], "table");
    // No attribute of the scrape or of the resource becomes a column.
    let known = "max by (pump, model) (pump_info{pump=~\"$pump\"})";
    assert_eq!(info["targets"][0]["expr"], known);
    let duration = panel(&dashboard, "Control duration");
    assert_eq!(duration["fieldConfig"]["defaults"]["unit"], "s");
    let p95 = "histogram_quantile(0.95, sum by (le) (rate(control_duration_seconds_bucket{error_type=~\"$error_type\"}[$__rate_interval])))";
    assert_eq!(duration["targets"][1]["expr"], p95);
    assert_eq!(
        panel(&dashboard, "Power")["description"],
        "Power drawn | from the grid."
    );
}

#[test]
fn attributes_are_variables() {
    let dashboard = generated();
    let variables = dashboard["templating"]["list"]
        .as_array()
        .expect("variables");
    let named: Vec<(&str, &str)> = variables
        .iter()
        .map(|variable| {
            (
                variable["name"].as_str().unwrap_or(""),
                variable["query"]["query"].as_str().unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            ("datasource", ""),
            ("pump", "label_values(pump_mode, pump)"),
            ("side", "label_values(bearing_temperature_celsius, side)"),
            (
                "error_type",
                "label_values(control_duration_seconds_count, error_type)"
            ),
        ]
    );
}

#[test]
fn panels_have_ids_of_their_own_and_do_not_overlap() {
    let dashboard = generated();
    let ids: HashSet<i64> = panels(&dashboard)
        .iter()
        .filter_map(|panel| panel["id"].as_i64())
        .collect();
    assert_eq!(ids.len(), panels(&dashboard).len());
    let mut taken = HashSet::new();
    for panel in panels(&dashboard) {
        let at = |name: &str| panel["gridPos"][name].as_u64().expect("a number");
        assert!(at("x") + at("w") <= 24, "{panel:#}");
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{panel:#}");
            }
        }
    }
}

#[test]
fn a_panel_or_a_variable_about_what_is_not_there_is_refused_with_its_name() {
    let catalog = Catalog::new("pumps").with_source(Source::new(Pump::SCHEMA));
    let dashboard = Dashboard::new("pumps", "Pumps")
        .with_variable("pmup")
        .with_row(
            Row::new("All")
                .with_panel(
                    Panel::new("Pressure", Visual::Stat).with_query("max(pump_presure)", ""),
                )
                .with_panel(Panel::states("Mode", "pump_mdoe")),
        );
    let error = catalog
        .dashboard(&dashboard)
        .expect_err("three mistakes")
        .to_string();
    for said in [
        "the variables of the dashboard Pumps: there is no attribute `pmup`",
        "the panel Pressure: there is no metric `pump_presure`: did you mean `pump_pressure`?",
        "the panel Mode: there is no metric `pump_mdoe`: did you mean `pump_mode`?",
    ] {
        assert!(error.contains(said), "{said}: {error}");
    }
}
