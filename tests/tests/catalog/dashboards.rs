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

#[test]
fn names_that_promql_cannot_spell_are_shown_too() {
    #[derive(MetricCollector)]
    #[metric(prefix = "plant/pump-1", separator = "-")]
    struct Plant {
        /// What it does.
        #[metric]
        mode: super::Mode,
        /// How it is called.
        #[metric(info = "serial.number")]
        serial: String,
        /// Pressure.
        #[metric(unit = "bar")]
        pressure: f64,
    }
    for naming in Naming::ALL {
        let catalog = Catalog::new("plant")
            .with_source(Source::new(Plant::SCHEMA).with_attribute("plant.id"))
            .with_naming(naming);
        let text = catalog.render(Format::Grafana).expect("it can be made");
        let dashboard = serde_json::from_str(&text).expect("JSON");
        let pressure = &panel(&dashboard, "Pressure")["targets"][0];
        let (name, key) = match naming {
            Naming::AsSent => ("{__name__=\"plant/pump-1-pressure\"", "plant.id"),
            Naming::WithoutSuffixes => ("plant_pump_1_pressure{", "plant_id"),
            _ => ("plant_pump_1_pressure_bar{", "plant_id"),
        };
        assert!(
            pressure["expr"]
                .as_str()
                .expect("a query")
                .starts_with(name),
            "{pressure}"
        );
        // What the backend calls the attribute, it is called in the legend.
        assert_eq!(pressure["legendFormat"], format!("{{{{{key}}}}}"));
        assert_eq!(
            panel(&dashboard, "Mode")["targets"][0]["legendFormat"],
            format!("{{{{{key}}}}}")
        );
    }
}

#[test]
fn a_dashboard_of_names_that_collide_is_refused() {
    let catalog = Catalog::new("pumps")
        .with_source(Source::new(Pump::SCHEMA))
        .with_source(Source::new(Pump::SCHEMA));
    let error = catalog.dashboard(&Dashboard::new("pumps", "Pumps"));
    assert!(
        error
            .expect_err("each is there twice")
            .to_string()
            .contains("twice")
    );
}

#[test]
fn states_of_a_metric_that_has_none_are_refused() {
    let catalog = Catalog::new("pumps").with_source(Source::new(Pump::SCHEMA));
    let panel = Panel::states("Pressure", "pump.pressure");
    let dashboard = Dashboard::new("pumps", "Pumps").with_row(Row::new("All").with_panel(panel));
    let error = catalog.dashboard(&dashboard).expect_err("it has no states");
    assert!(
        error.to_string().contains("`pump.pressure` has no states"),
        "{error}"
    );
}

#[test]
fn colours_rise_with_the_values_and_a_panel_tells_each_metric_once() {
    let catalog = Catalog::new("pumps").with_source(Source::new(Pump::SCHEMA));
    let shown = Panel::new("Pressures", Visual::Stat)
        .with_query("pump.pressure - pump.suction", "")
        .with_query("max(pump.pressure)", "")
        .with_base("red")
        .with_step(6.0, "orange")
        .with_step(1.0, "blue")
        .with_step(1.0, "green");
    let dashboard = Dashboard::new("pumps", "Pumps").with_row(Row::new("All").with_panel(shown));
    let text = catalog.dashboard(&dashboard).expect("it can be made");
    let made: Value = serde_json::from_str(&text).expect("JSON");
    let shown = panel(&made, "Pressures");
    let steps = &shown["fieldConfig"]["defaults"]["thresholds"]["steps"];
    let steps: Vec<(Option<f64>, &str)> = steps
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| {
            (
                step["value"].as_f64(),
                step["color"].as_str().expect("a colour"),
            )
        })
        .collect();
    assert_eq!(
        steps,
        [(None, "red"), (Some(1.0), "green"), (Some(6.0), "orange")]
    );
    assert_eq!(
        shown["description"],
        "`pump.pressure`: Pressure behind the pump.\n\n`pump.suction`: Pressure before the pump."
    );
}
