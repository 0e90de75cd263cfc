use std::collections::HashSet;

use metric_core::catalog::Format;

use super::*;

#[test]
fn the_catalogue_has_every_metric_once_with_a_description() {
    let catalog = catalog(Backend::default());
    let names: HashSet<&str> = catalog.metrics().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), catalog.metrics().count());
    for name in [
        "chargestate_battery_level",
        "drivestate_native_location_supported",
        "vehicle_state",
        "vehicle_state_online",
        "vehicle_info",
        "observer.cycles",
        "http.client.request.duration",
    ] {
        assert!(names.contains(name), "{name}");
    }
    for metric in catalog.metrics() {
        assert!(!metric.description().is_empty(), "{}", metric.name());
        let keys: HashSet<_> = metric
            .attributes()
            .iter()
            .map(|attribute| attribute.key())
            .collect();
        assert_eq!(keys.len(), metric.attributes().len(), "{}", metric.name());
        assert_eq!(keys.contains("state"), !metric.states().is_empty());
    }
}

#[test]
fn all_that_is_made_of_the_catalogue_can_be_made_for_every_backend() {
    for backend in Backend::ALL {
        let catalog = catalog(backend);
        for format in [
            Format::Markdown,
            Format::Json,
            Format::Weaver,
            Format::Grafana,
            Format::Rules,
        ] {
            if let Err(error) = catalog.render(format) {
                panic!("{backend:?}, {format:?}: {error}");
            }
        }
        for dashboard in dashboards() {
            if let Err(error) = catalog.dashboard(&dashboard) {
                panic!("{backend:?}, {}: {error}", dashboard.title());
            }
        }
    }
}

#[test]
fn the_cars_dashboards_are_the_same_wherever_no_suffixes_are_added() {
    let made = |backend| {
        let catalog = catalog(backend);
        let all = dashboards();
        let about_cars = all.iter().take(ABOUT_CARS);
        about_cars
            .map(|dashboard| catalog.dashboard(dashboard).expect("it can be made"))
            .collect::<Vec<_>>()
    };
    assert_eq!(made(Backend::GreptimeDb), made(Backend::Prometheus));
    assert_eq!(made(Backend::GreptimeDb), made(Backend::VictoriaMetrics));
    assert_ne!(made(Backend::GreptimeDb), made(Backend::Suffixes));
}

#[test]
fn dashboards_are_told_apart() {
    let all = dashboards();
    let uids: HashSet<&str> = all.iter().map(|dashboard| dashboard.uid()).collect();
    let titles: HashSet<&str> = all.iter().map(|dashboard| dashboard.title()).collect();
    assert_eq!((uids.len(), titles.len()), (all.len(), all.len()));
}
