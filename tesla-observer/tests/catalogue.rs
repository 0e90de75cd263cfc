//! What is made from the schemas and committed cannot part from them: the catalogue in the documentation, the
//! dashboards, the rules, the semantic conventions. `BLESS=1` writes all of it anew.

use std::path::{Path, PathBuf};

use metric_core::catalog::{CatalogError, Format, check_text, write_text};
use tesla_observer::catalog::{ABOUT_CARS, Backend, catalog, dashboards, short};

const INTRODUCTION: &str = "\
# The metrics of tesla-observer

All that is exported: the vehicles' metrics, then the observer's own. Kinds, units (UCUM) and descriptions are
those of the exported metrics. A metric with the attribute `state` has a point for each of its states: 1 for
the present one, 0 for the others. Backends may [call them otherwise](dashboards.md#how-backends-name-metrics).

Made from the schemas: `BLESS=1 cargo test -p tesla-observer --test catalogue` writes this file anew.

";

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

/// Checks the file, or writes it.
fn fits(file: &str, made: Result<String, CatalogError>) {
    let done = made.and_then(|made| match std::env::var_os("BLESS") {
        Some(_) => write_text(path(file), &made),
        None => check_text(path(file), &made),
    });
    if let Err(error) = done {
        panic!("{error}\nBLESS=1 cargo test -p tesla-observer --test catalogue writes {file} anew");
    }
}

#[test]
fn the_catalogue_in_the_documentation_is_what_is_exported() {
    let table = catalog(Backend::default()).render(Format::Markdown);
    fits(
        "docs/metrics.md",
        table.map(|table| format!("{INTRODUCTION}{table}")),
    );
}

#[test]
fn the_semantic_conventions_are_what_is_exported() {
    fits(
        "docs/conventions/tesla-observer.yaml",
        catalog(Backend::default()).render(Format::Weaver),
    );
}

/// Those of which files are committed; the others are made by `tesla-observer metrics --output`.
const COMMITTED: [Backend; 3] = [
    Backend::GreptimeDb,
    Backend::Prometheus,
    Backend::VictoriaMetrics,
];

#[test]
fn the_dashboards_are_what_the_schemas_make_of_them() {
    for backend in COMMITTED {
        let catalog = catalog(backend);
        for (index, dashboard) in dashboards().iter().enumerate() {
            let folder = match (index < ABOUT_CARS, backend) {
                // Those of the cars are the same for all.
                (true, Backend::GreptimeDb) => "cars",
                (true, _) => continue,
                (false, backend) => backend.as_str(),
            };
            let name = short(dashboard.uid());
            let file = format!("deploy/grafana/dashboards/{folder}/{name}.json");
            fits(&file, catalog.dashboard(dashboard));
        }
    }
}

#[test]
fn the_rules_are_what_the_schemas_make_of_them() {
    for backend in COMMITTED {
        let file = format!("deploy/rules/{}.yml", backend.as_str());
        fits(&file, catalog(backend).render(Format::Rules));
    }
}
