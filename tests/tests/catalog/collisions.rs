use metric_core::MetricCollector;
use metric_core::catalog::{Catalog, CatalogMetric, Format, Instrument, Problem, Source};

fn refused(metrics: impl IntoIterator<Item = CatalogMetric>) -> String {
    let catalog = Catalog::new("test").with_source(Source::of("Test", metrics));
    let error = catalog.check().expect_err("names collide");
    assert!(catalog.render(Format::Markdown).is_err());
    error.to_string()
}

fn gauge(name: &str) -> CatalogMetric {
    CatalogMetric::new(name, Instrument::Gauge)
}

#[test]
fn names_that_a_backend_makes_equal_are_found_with_both_names_and_the_remedy() {
    let dots = refused([gauge("pump.load"), gauge("pump_load")]);
    assert_eq!(
        dots,
        "the metrics `pump.load` and `pump_load` are both called `pump_load` by a backend that names them \
         with `_` for what PromQL cannot spell: rename one of them"
    );
    let units = refused([gauge("load").with_unit("%"), gauge("load.percent")]);
    assert!(units.contains("both called `load_percent`"), "{units}");
    let total = refused([
        gauge("reads_total"),
        CatalogMetric::new("reads", Instrument::Counter),
    ]);
    assert!(total.contains("`reads_total` and `reads`"), "{total}");
    let histogram = refused([
        CatalogMetric::new("wait", Instrument::Histogram).with_unit("s"),
        gauge("wait.seconds.count"),
    ]);
    assert!(histogram.contains("`wait_seconds_count`"), "{histogram}");
    let case = refused([gauge("Load"), gauge("load")]);
    assert!(case.contains("without regard to case"), "{case}");
}

#[test]
fn all_collisions_are_found_at_once_and_each_once() {
    let catalog = Catalog::new("test").with_source(Source::of(
        "Test",
        [
            gauge("a.b"),
            gauge("a_b"),
            gauge("c.d"),
            gauge("c_d"),
            gauge("e"),
        ],
    ));
    let error = catalog.check().expect_err("names collide");
    assert_eq!(error.problems().len(), 2, "{error}");
    assert!(
        matches!(&error.problems()[0], Problem::NamesCollide { metrics, .. } if metrics[0] == "a.b")
    );
}

#[test]
fn attributes_that_a_backend_makes_equal_are_found() {
    let error = refused([gauge("load")
        .with_attribute("error.type")
        .with_attribute("error_type")]);
    assert!(
        error.contains("`error.type` and `error_type` of the metric `load`"),
        "{error}"
    );
}

#[test]
fn the_same_schema_twice_is_found() {
    #[derive(MetricCollector)]
    struct Fan {
        /// Speed.
        #[metric(unit = "{revolution}/min")]
        speed: f64,
    }
    let catalog = Catalog::new("test")
        .with_source(Source::new(Fan::SCHEMA))
        .with_source(Source::new(Fan::SCHEMA));
    let error = catalog.check().expect_err("it is there twice").to_string();
    assert!(
        error.contains("`fan.speed` is in the catalogue twice"),
        "{error}"
    );
}
