//! What is committed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tesla_observer::catalog::{Backend, catalog, dashboards};

/// A query of a panel.
#[derive(Debug)]
pub(crate) struct Query {
    /// The dashboard and the panel.
    pub(crate) place: String,
    /// The query, with Grafana's variables.
    pub(crate) expr: String,
    /// Whether it is asked for one moment only.
    pub(crate) instant: bool,
}

impl Query {
    /// As Grafana sends it: nothing is filtered out, and the interval is a minute.
    pub(crate) fn sent(&self) -> String {
        self.expr
            .replace("$__rate_interval", "1m")
            .replace("$vehicle_id", ".*")
            .replace("$vin", ".*")
    }
}

pub(crate) fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

/// All queries of the dashboards in this folder of the committed ones.
pub(crate) fn queries(folder: &str) -> Vec<Query> {
    let folder = deploy().join("grafana/dashboards").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    paths.sort();
    let texts = paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("it is there"));
    texts.flat_map(|text| of_dashboard(&text)).collect()
}

/// All queries of the dashboards that are made for this backend, but not committed.
pub(crate) fn made_for(backend: Backend) -> Vec<Query> {
    let catalog = catalog(backend);
    let made = dashboards().map(|dashboard| catalog.dashboard(&dashboard).expect("it can be made"));
    made.iter().flat_map(|text| of_dashboard(text)).collect()
}

fn of_dashboard(text: &str) -> Vec<Query> {
    let dashboard: Value = serde_json::from_str(text).expect("JSON");
    let mut queries = Vec::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        for target in panel["targets"].as_array().into_iter().flatten() {
            queries.push(Query {
                place: format!("{}: {}", dashboard["title"], panel["title"]),
                expr: target["expr"].as_str().expect("a query").to_owned(),
                instant: target["instant"] == true,
            });
        }
    }
    assert!(!queries.is_empty(), "{}", dashboard["title"]);
    queries
}
