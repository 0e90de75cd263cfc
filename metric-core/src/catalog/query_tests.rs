use super::*;
use crate::catalog::Instrument;

fn metrics() -> Vec<CatalogMetric> {
    vec![
        CatalogMetric::new("battery.level", Instrument::Gauge)
            .with_unit("%")
            .with_attribute("vin")
            .with_attribute("pack.side"),
        CatalogMetric::new("cycles", Instrument::Counter).with_attribute("outcome"),
        CatalogMetric::new("request.duration", Instrument::Histogram).with_unit("s"),
    ]
}

fn translated(naming: Naming, query: &str, variables: &[&str]) -> Result<String, String> {
    let metrics = metrics();
    let names = Names::new(metrics.iter().map(|metric| (metric, naming)));
    let variables: Vec<String> = variables.iter().map(|key| (*key).to_owned()).collect();
    names
        .translate("panel", query, &variables)
        .map(|translated| translated.query)
        .map_err(|problem| problem.to_string())
}

#[test]
fn metrics_are_named_as_the_backend_has_them() {
    let all = [
        Naming::AsSent,
        Naming::WithoutSuffixes,
        Naming::WithSuffixes,
    ];
    for (query, expected) in [
        (
            "battery.level > 10",
            [
                "{__name__=\"battery.level\"} > 10",
                "battery_level > 10",
                "battery_level_percent > 10",
            ],
        ),
        (
            "sum by (outcome) (rate(cycles[5m]))",
            [
                "sum by (outcome) (rate(cycles[5m]))",
                "sum by (outcome) (rate(cycles[5m]))",
                "sum by (outcome) (rate(cycles_total[5m]))",
            ],
        ),
        (
            "histogram_quantile(0.95, sum by (le) (rate(request_duration_bucket[$__rate_interval])))",
            [
                "histogram_quantile(0.95, sum by (le) (rate({__name__=\"request.duration_bucket\"}[$__rate_interval])))",
                "histogram_quantile(0.95, sum by (le) (rate(request_duration_bucket[$__rate_interval])))",
                "histogram_quantile(0.95, sum by (le) (rate(request_duration_seconds_bucket[$__rate_interval])))",
            ],
        ),
        (
            r#"max(battery_level{pack.side = "a,}b", vin!~'x'}) offset 1d"#,
            [
                r#"max({__name__="battery.level", "pack.side"="a,}b", vin!~'x'}) offset 1d"#,
                r#"max(battery_level{pack_side="a,}b", vin!~'x'}) offset 1d"#,
                r#"max(battery_level_percent{pack_side="a,}b", vin!~'x'}) offset 1d"#,
            ],
        ),
    ] {
        for (naming, expected) in all.into_iter().zip(expected) {
            assert_eq!(translated(naming, query, &[]).as_deref(), Ok(expected));
        }
    }
}

#[test]
fn variables_filter_the_metrics_that_have_the_attribute() {
    let query = "battery.level / ignoring (vin) cycles{outcome=\"read\"}";
    let made = translated(Naming::WithSuffixes, query, &["vin", "pack.side"]);
    assert_eq!(
        made.as_deref(),
        Ok(
            "battery_level_percent{vin=~\"$vin\", pack_side=~\"$pack_side\"} / ignoring (vin) cycles_total{outcome=\"read\"}"
        )
    );
}

#[test]
fn what_is_not_in_the_catalogue_is_said_with_what_may_be_meant() {
    let made = |query| translated(Naming::WithSuffixes, query, &[]).expect_err("is refused");
    assert_eq!(
        made("battery.levle > 1"),
        "panel: there is no metric `battery.levle`: did you mean `battery.level`?"
    );
    assert!(made("cycles{vin=\"a\"}").contains("no attribute `vin`: there are `outcome`"));
    assert!(made("sum by (wheel) (cycles)").contains("no attribute `wheel`"));
    for broken in [
        "cycles{",
        "cycles{outcome}",
        "cycles{outcome=1}",
        "cycles[5m",
        "\"x",
        "sum by (vin",
    ] {
        assert!(made(broken).starts_with("panel: "), "{broken}");
    }
}

#[test]
fn any_text_gets_an_answer() {
    for text in [
        "é",
        "$",
        "${",
        "{}",
        "[",
        "'\\'",
        "by",
        "(",
        "}",
        "cycles {",
        "cycles{,",
        "cycles{,}",
    ] {
        let _ = translated(Naming::AsSent, text, &["outcome"]);
    }
}

#[test]
fn what_is_asked_for_are_the_metrics_and_not_texts_that_look_like_them() {
    let metrics = metrics();
    let names = Names::new(metrics.iter().map(|metric| (metric, Naming::AsSent)));
    let query = "rate(cycles{outcome=\"battery_level\"}[5m]) / cycles";
    let translated = names.translate("panel", query, &[]).expect("a query");
    let asked: Vec<&str> = translated
        .asked
        .iter()
        .map(|(metric, _)| metric.name())
        .collect();
    assert_eq!(asked, ["cycles"]);
}

#[test]
fn series_are_called_by_the_keys_that_the_backend_has() {
    let metrics = metrics();
    let legend = |naming, legend| {
        let names = Names::new(metrics.iter().map(|metric| (metric, naming)));
        let translated = names.translate("panel", "battery.level", &[]);
        translated.expect("a query").legend(legend)
    };
    assert_eq!(
        legend(Naming::AsSent, "of {{vin}}, {{pack_side}}!"),
        "of {{vin}}, {{pack.side}}!"
    );
    assert_eq!(
        legend(Naming::WithSuffixes, "{{pack.side}} {{le}} {{"),
        "{{pack_side}} {{le}} {{"
    );
}
