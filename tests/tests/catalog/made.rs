use std::collections::HashSet;
use std::fs;
use std::process::Command;

use metric_core::MetricCollector;
use metric_core::catalog::{Alert, Catalog, Format, Naming, Source};
use metric_tests::servers::installed;
use serde_json::Value;

use super::{Pump, catalog};

fn made(naming: Naming, format: Format) -> String {
    catalog(naming).render(format).expect("it can be made")
}

#[test]
fn markdown_has_a_table_for_each_struct_with_names_units_and_descriptions() {
    let text = made(Naming::WithSuffixes, Format::Markdown);
    let expected = "\
## Pump

Attributes of all: `pump`.

| metric | kind | unit | attributes | description |
|---|---|---|---|---|
| `pump.mode` | gauge |  | state: idle / running / broken | What it does. |
| `pump.pressure` | gauge | `bar` |  | Pressure behind the pump. |
| `pump.suction` | gauge | `bar` |  | Pressure before the pump. |
| `pump.strokes` | counter | `{stroke}` |  | Strokes since it was built. |
";
    assert!(text.starts_with(expected), "{text}");
    for line in [
        "## Motor",
        "## Motor, bearings",
        "| `motor.power` | gauge | `kW` |  | Power drawn \\| from the grid. |",
        "| `bearing.temperature` | gauge | `Cel` | side | Temperature of the bearing. |",
        "| `control.duration` | histogram | `s` | error.type | Duration of a turn of the control. |",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
    }
}

#[test]
fn json_says_of_each_metric_all_that_the_schema_does() {
    let text = made(Naming::WithSuffixes, Format::Json);
    let all: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    assert_eq!(all.len(), Pump::SCHEMA.len() + 1);
    assert_eq!(all[0]["name"], "pump.mode");
    assert_eq!(all[0]["kind"], "gauge");
    assert_eq!(all[0]["values"]["states"][2], "broken");
    let keys = |metric: &Value| -> Vec<String> {
        let list = metric["attributes"].as_array().expect("a list");
        list.iter()
            .map(|key| key["key"].as_str().expect("a text").to_owned())
            .collect()
    };
    assert_eq!(keys(&all[0]), ["pump", "state"]);
    let bearing = all
        .iter()
        .find(|metric| metric["name"] == "bearing.temperature");
    assert_eq!(keys(bearing.expect("it is there")), ["pump", "side"]);
    assert_eq!(all.last().expect("some")["kind"], "histogram");
}

#[test]
fn conventions_define_each_attribute_once_and_each_metric_uses_only_defined_ones() {
    let text = made(Naming::WithSuffixes, Format::Weaver);
    let registry: Value = serde_saphyr::from_str(&text).expect("YAML");
    let groups = registry["groups"].as_array().expect("groups");
    let defined: Vec<&str> = groups[0]["attributes"]
        .as_array()
        .expect("attributes")
        .iter()
        .map(|attribute| attribute["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(defined, ["error.type", "model", "pump", "side", "state"]);
    let ids: HashSet<&str> = groups
        .iter()
        .filter_map(|group| group["id"].as_str())
        .collect();
    assert_eq!(ids.len(), groups.len());
    for group in &groups[1..] {
        assert_eq!(group["type"], "metric");
        for field in ["metric_name", "instrument", "unit", "brief", "stability"] {
            assert!(group[field].is_string(), "{field}: {group}");
        }
        for used in group["attributes"].as_array().into_iter().flatten() {
            let id = used["ref"].as_str().expect("a reference");
            assert!(defined.contains(&id), "{id}");
        }
    }
    let mode = &groups[1];
    assert_eq!(
        (&mode["id"], &mode["instrument"]),
        (&"metric.pump.mode".into(), &"gauge".into())
    );
    let note = mode["note"].as_str().expect("a note");
    assert!(note.contains("idle, running, broken"), "{note}");
}

#[test]
fn prometheus_takes_the_rules_in_each_naming() {
    for naming in Naming::ALL {
        let text = made(naming, Format::Rules);
        let rules: Value = serde_saphyr::from_str(&text).expect("YAML");
        let alert = &rules["groups"][0]["rules"][0];
        let pressure = match naming {
            Naming::AsSent => {
                "{__name__=\"pump.pressure\"} < 0.5 and on (pump) {__name__=\"pump.mode\", state=\"running\"} == 1"
            }
            Naming::WithoutSuffixes => {
                "pump_pressure < 0.5 and on (pump) pump_mode{state=\"running\"} == 1"
            }
            _ => "pump_pressure_bar < 0.5 and on (pump) pump_mode{state=\"running\"} == 1",
        };
        assert_eq!(alert["expr"], pressure);
        assert_eq!(alert["for"], "5m");
        assert_eq!(alert["labels"]["severity"], "critical");
        assert_eq!(
            alert["annotations"]["summary"],
            "{{ $labels.pump }} runs dry: \"{{ $value }}\" bar"
        );
        let recorded = &rules["groups"][1]["rules"];
        assert_eq!(recorded[0]["record"], "pump_strokes:rate5m");
        let Some(promtool) = installed("promtool") else {
            return;
        };
        let file = tempfile::NamedTempFile::with_suffix(".yml").expect("a file");
        fs::write(file.path(), &text).expect("it can be written");
        let checked = Command::new(promtool)
            .args(["check", "rules"])
            .arg(file.path())
            .output()
            .expect("promtool starts");
        assert!(checked.status.success(), "{naming:?}: {checked:?}");
    }
}

#[test]
fn an_alert_about_what_is_not_there_is_refused_with_its_name() {
    let wrong = Catalog::new("pumps")
        .with_source(Source::new(Pump::SCHEMA))
        .with_alert(Alert::new("PumpDry", "pump.presure < 0.5"))
        .with_alert(Alert::new(
            "PumpHot",
            "bearing.temperature{wheel=\"x\"} > 90",
        ));
    let error = wrong
        .render(Format::Rules)
        .expect_err("two mistakes")
        .to_string();
    assert!(
        error.contains(
            "the alert PumpDry: there is no metric `pump.presure`: did you mean `pump.pressure`?"
        ),
        "{error}"
    );
    assert!(
        error.contains("the alert PumpHot: there is no attribute `wheel`: there are `side`"),
        "{error}"
    );
}
