//! What deploys the observer, as far as it can be read without a container engine.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use metric_tests::observer::Observer;
use metric_tests::servers::installed;
use serde_json::Value;

use crate::pages::root;

const BACKENDS: [&str; 3] = ["greptimedb", "prometheus", "victoriametrics"];

/// What compose makes of the file, with these variables and no others.
fn compose(variables: &[(&str, &str)], arguments: &[&str]) -> Option<Output> {
    let compose = installed("docker-compose")?;
    let output = Command::new(compose)
        .arg("config")
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/nonexistent")
        .envs(variables.iter().copied())
        .current_dir(root().join("deploy"))
        .output();
    Some(output.expect("compose starts"))
}

fn resolved(variables: &[(&str, &str)]) -> Option<Value> {
    let output = compose(variables, &["--format", "json"])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{variables:?}: {said}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn without_anybody_to_observe_compose_says_what_to_set() {
    let Some(output) = compose(&[], &["--quiet"]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("TESLA_USER_EMAIL=you@example.com"), "{said}");
    assert!(said.contains("IS_MOCK=true"), "{said}");
}

#[test]
fn each_profile_has_its_backend_its_data_source_and_its_dashboards() {
    for backend in BACKENDS {
        let Some(stack) = resolved(&[("IS_MOCK", "true"), ("COMPOSE_PROFILES", backend)]) else {
            return;
        };
        let services: Vec<&String> = stack["services"]
            .as_object()
            .expect("services")
            .keys()
            .collect();
        let mut expected = vec!["grafana", backend, "observer"];
        expected.sort_unstable();
        assert_eq!(services, expected);
        for volume in stack["services"]["grafana"]["volumes"]
            .as_array()
            .expect("volumes")
        {
            if volume["type"] == "bind" {
                let source = volume["source"].as_str().expect("a path");
                assert!(Path::new(source).exists(), "{source}");
            }
        }
        let source = root().join(format!("deploy/grafana/datasources/{backend}.yml"));
        let source = fs::read_to_string(source).expect("it is there");
        let source: Value = serde_saphyr::from_str(&source).expect("YAML");
        let url = source["datasources"][0]["url"].as_str().expect("a URL");
        assert!(url.starts_with(&format!("http://{backend}:")), "{url}");
        assert_eq!(source["datasources"][0]["type"], "prometheus");
        for (name, service) in stack["services"].as_object().expect("services") {
            for port in service["ports"].as_array().into_iter().flatten() {
                assert_eq!(
                    port["host_ip"], "127.0.0.1",
                    "{name} can be reached from elsewhere"
                );
            }
        }
    }
    let Some(nonsense) = compose(
        &[("IS_MOCK", "true"), ("COMPOSE_PROFILES", "mysql")],
        &["--quiet"],
    ) else {
        return;
    };
    let said = String::from_utf8_lossy(&nonsense.stderr).into_owned();
    assert!(
        !nonsense.status.success() && said.contains("mysql"),
        "{said}"
    );
}

/// The observer takes what compose gives it, and sends where the backend is.
#[test]
fn the_observer_understands_the_environment_that_each_profile_gives_it() {
    for (backend, sends_to) in [
        ("greptimedb", "http://greptimedb:4000"),
        ("prometheus", "0.0.0.0"),
        (
            "victoriametrics",
            "http://victoriametrics:8428/opentelemetry/v1/metrics",
        ),
    ] {
        for cars in [
            ("IS_MOCK", "true"),
            ("TESLA_USER_EMAIL", "driver@example.com"),
        ] {
            let Some(stack) = resolved(&[cars, ("COMPOSE_PROFILES", backend)]) else {
                return;
            };
            let environment: BTreeMap<String, String> =
                serde_json::from_value(stack["services"]["observer"]["environment"].clone())
                    .expect("texts");
            let observer = environment
                .iter()
                .fold(Observer::of_nothing(), |observer, (name, value)| {
                    observer.with(name, value)
                });
            let (status, text) = observer.printed(&["config", "--format", "json"]);
            assert!(status.success(), "{backend}: {text}");
            let host = sends_to
                .trim_start_matches("http://")
                .split([':', '/'])
                .next()
                .expect("a host");
            assert!(text.contains(host), "{backend}: {text}");
            let (_, text) = observer.printed(&["doctor", "--offline"]);
            let expected = match cars.0 {
                "IS_MOCK" => "simulated cars; what they report is sent on",
                _ => "no account has logged in",
            };
            assert!(text.contains(expected), "{backend}: {text}");
            assert!(!text.contains("warning  settings"), "{text}");
        }
    }
}

#[test]
fn real_and_simulated_cars_never_share_a_volume() {
    let volumes = |cars| -> Option<Vec<String>> {
        let stack = resolved(&[cars])?;
        let names = stack["volumes"].as_object().expect("volumes").values();
        let names = names.map(|volume| volume["name"].as_str().expect("a name").to_owned());
        Some(names.filter(|name| !name.ends_with("grafana")).collect())
    };
    let Some(real) = volumes(("TESLA_USER_EMAIL", "driver@example.com")) else {
        return;
    };
    let simulated = volumes(("IS_MOCK", "true")).expect("compose is there");
    assert!(!real.is_empty());
    assert!(
        real.iter().all(|name| !simulated.contains(name)),
        "{real:?} {simulated:?}"
    );
}
