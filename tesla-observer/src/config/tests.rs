use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::*;
use crate::telemetry::{Destination, Otlp, Protocol};

fn read(flags: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let flags: BTreeMap<_, _> = flags
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let home = [(OsString::from("HOME"), OsString::from("/home/nobody"))];
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::read(&Given::new(flags, home.into_iter().chain(variables)))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn variables(variables: &[(&str, &str)]) -> Config {
    read(&[], variables).expect("valid settings")
}

fn otlp(destinations: &[Destination]) -> Vec<&Otlp> {
    destinations
        .iter()
        .filter_map(|destination| match destination {
            Destination::Otlp(otlp) => Some(&**otlp),
            Destination::Console => None,
        })
        .collect()
}

fn headers(otlp: &Otlp) -> Vec<(&str, &str)> {
    otlp.headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose_secret()))
        .collect()
}

#[test]
fn without_configuration_nothing_leaves_the_machine() {
    let config = variables(&[]);
    assert!(config.telemetry.metrics.is_empty());
    assert!(config.telemetry.traces.is_empty());
    assert!(config.telemetry.logs.is_empty());
    assert!(config.telemetry.prometheus.is_none());
    assert!(!config.telemetry.has_destination());
    assert!(!config.account.said);
    assert_eq!(config.schedule, schedule::Settings::default());
}

#[test]
fn is_mock_false_means_false() {
    for (text, source) in [
        ("false", SourceOfCars::Account),
        ("0", SourceOfCars::Account),
        ("", SourceOfCars::Account),
        ("true", SourceOfCars::SimulatedHere),
        ("True", SourceOfCars::SimulatedHere),
        ("1", SourceOfCars::SimulatedHere),
    ] {
        assert_eq!(variables(&[("IS_MOCK", text)]).source, source, "{text:?}");
    }
    let errors = read(&[], &[("IS_MOCK", "perhaps")]).expect_err("no switch");
    assert_eq!(errors, ["IS_MOCK: is \"perhaps\": write true or false"]);
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_says_where_it_came_from() {
    let config = read(&[("interval", "7")], &[("SCRAPE_INTERVAL_SEC", "60")]).expect("valid");
    assert_eq!(config.schedule.interval, Some(Duration::from_secs(7)));
    let interval = |config: &Config| {
        let mut settings = config.effective.iter();
        settings.find(|setting| setting.name == "interval").cloned()
    };
    let effective = interval(&config).expect("it is listed");
    assert_eq!(effective.value.as_deref(), Some("7"));
    assert_eq!(effective.source.to_string(), "--interval");
    let config = variables(&[("SCRAPE_INTERVAL_SEC", "60")]);
    let effective = interval(&config).expect("it is listed");
    assert_eq!(effective.source.to_string(), "SCRAPE_INTERVAL_SEC");
}

#[test]
fn all_errors_come_at_once_each_with_its_place() {
    let errors = read(
        &[("speed", "fast")],
        &[
            ("SCRAPE_INTERVAL_SEC", "-1"),
            ("TESLA_REGION", "moon"),
            ("OTEL_METRICS_EXPORTER", "otlp,influx"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://example.com"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon"),
            ("GREPTIME_HOST", "h"),
            ("GREPTIME_PORT", "70000"),
        ],
    )
    .expect_err("six of them are wrong");
    let at: Vec<&str> = errors
        .iter()
        .filter_map(|error| error.split(':').next())
        .collect();
    for place in [
        "--speed",
        "SCRAPE_INTERVAL_SEC",
        "TESLA_REGION",
        "OTEL_METRICS_EXPORTER",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "GREPTIME_PORT",
    ] {
        let times = at.iter().filter(|at| **at == place).count();
        assert_eq!(times, 1, "{place} in {errors:#?}");
    }
}

#[test]
fn one_endpoint_serves_all_signals_and_one_for_a_signal_stays_as_it_is() {
    let config = variables(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://backend:4318/base/"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:1/in"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x=y"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics.len(), 1);
    assert_eq!(
        metrics[0].endpoint.as_str(),
        "http://backend:4318/base/v1/metrics"
    );
    assert_eq!(headers(metrics[0]), [("api-key", "a b")]);
    let traces = otlp(&config.telemetry.traces);
    assert_eq!(traces[0].protocol, Protocol::Grpc);
    assert_eq!(traces[0].endpoint.as_str(), "http://backend:4318/base/");
    let logs = otlp(&config.telemetry.logs);
    assert_eq!(logs[0].endpoint.as_str(), "http://logs:1/in");
    assert_eq!(headers(logs[0]), [("x", "y")]);
}

#[test]
fn exporters_are_chosen_by_list() {
    let config = variables(&[
        ("OTEL_METRICS_EXPORTER", "otlp, console,prometheus"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://backend:4318"),
    ]);
    assert_eq!(config.telemetry.metrics.len(), 2);
    assert!(config.telemetry.traces.is_empty());
    assert_eq!(config.telemetry.logs.len(), 1);
    let prometheus = config.telemetry.prometheus.expect("asked for");
    assert_eq!(
        (prometheus.host.as_str(), prometheus.port),
        ("localhost", 9464)
    );
    // Without an endpoint, otlp is the one that the specification names.
    let config = variables(&[
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics[0].endpoint.as_str(), "http://localhost:4317/");
    let errors = read(&[], &[("OTEL_LOGS_EXPORTER", "prometheus")]).expect_err("metrics only");
    assert!(errors[0].starts_with("OTEL_LOGS_EXPORTER: "), "{errors:?}");
    assert!(read(&[], &[("OTEL_METRICS_EXPORTER", "none,otlp")]).is_err());
}

#[test]
fn greptimedb_gets_its_path_its_headers_and_no_others() {
    let config = variables(&[
        ("GREPTIME_HOST", "greptime.example"),
        ("GREPTIME_DB", "cars"),
        ("GREPTIME_USERNAME", "ju"),
        ("GREPTIME_PASSWORD", "secret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=not-for-greptime"),
    ]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0].name, "greptimedb");
    assert_eq!(
        metrics[0].endpoint.as_str(),
        "http://greptime.example:4000/v1/otlp/v1/metrics"
    );
    assert_eq!(
        headers(metrics[0]),
        [
            ("authorization", "Basic anU6c2VjcmV0"),
            ("x-greptime-db-name", "cars"),
            (
                "x-greptime-otlp-metric-translation-strategy",
                "UnderscoreEscapingWithoutSuffixes"
            ),
        ]
    );
    assert!(
        config.telemetry.traces.is_empty(),
        "GreptimeDB's variables are for metrics"
    );
}

#[test]
fn greptimedb_gets_authorization_only_with_a_user() {
    let config = variables(&[("GREPTIME_HOST", "::1"), ("GREPTIME_USERNAME", "")]);
    let metrics = otlp(&config.telemetry.metrics);
    assert!(
        metrics.is_empty()
            || !headers(metrics[0])
                .iter()
                .any(|(name, _)| *name == "authorization")
    );
    let config = variables(&[("GREPTIME_HOST", "h"), ("GREPTIME_SCHEME", "https")]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics[0].endpoint.as_str(), "https://h/v1/otlp/v1/metrics");
    let names: Vec<&str> = headers(metrics[0]).iter().map(|(name, _)| *name).collect();
    assert!(!names.contains(&"authorization"), "{names:?}");
}

#[test]
fn greptimedb_stands_beside_another_destination() {
    let config = variables(&[
        ("GREPTIME_HOST", "h"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "http://other/v1/metrics",
        ),
    ]);
    let names: Vec<&str> = otlp(&config.telemetry.metrics)
        .iter()
        .map(|otlp| otlp.name.as_str())
        .collect();
    assert_eq!(names, ["otlp", "greptimedb"]);
    // `otlp` means it if there is no other endpoint; `none` and `console` do without it.
    for (exporter, count) in [("otlp", 1), ("none", 0), ("console", 0)] {
        let config = variables(&[("GREPTIME_HOST", "h"), ("OTEL_METRICS_EXPORTER", exporter)]);
        assert_eq!(otlp(&config.telemetry.metrics).len(), count, "{exporter}");
    }
}

#[test]
fn a_half_configured_greptimedb_is_an_error() {
    for half in [("GREPTIME_PORT", "4000"), ("GREPTIME_USERNAME", "ju")] {
        let errors = read(&[], &[half]).expect_err("the host is missing");
        assert!(errors[0].contains("GREPTIME_HOST"), "{errors:?}");
    }
    for host in ["http://h", "h/path", "user@h"] {
        let errors = read(&[], &[("GREPTIME_HOST", host)]).expect_err("no host");
        assert!(errors[0].starts_with("GREPTIME_HOST: "), "{errors:?}");
    }
    assert!(read(&[], &[("GREPTIME_HOST", "h"), ("GREPTIME_PASSWORD", "p")]).is_err());
}

#[test]
fn secrets_are_in_no_output() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    writeln!(file, "s3cret-in-a-file").expect("it can be written");
    let path = file.path().to_str().expect("UTF-8").to_owned();
    let config = read(
        &[("token", &path)],
        &[
            ("TESLA_CLIENT_SECRET", "s3cret-client"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret-header"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=s3cret-other"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
            ("GREPTIME_HOST", "h"),
            ("GREPTIME_USERNAME", "ju"),
            ("GREPTIME_PASSWORD", "s3cret-greptime"),
        ],
    )
    .expect("valid");
    let token = config.account.token.as_ref().expect("from the file");
    assert_eq!(token.expose_secret(), "s3cret-in-a-file");
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(!shown.contains("czNjcmV0"), "{shown}");
    let errors = read(
        &[],
        &[
            ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret-without-a-key"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a b=s3cret"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
            ("TESLA_API_HOST", "https://user:s3cret@h"),
        ],
    )
    .expect_err("all of them are wrong");
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(!errors.concat().contains("s3cret"), "{errors:?}");
}

#[test]
fn a_secret_may_be_in_a_file_that_a_variable_names() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    writeln!(file, "from-a-file").expect("it can be written");
    let path = file.path().to_str().expect("UTF-8").to_owned();
    let config = variables(&[("TOKEN_FILE", &path)]);
    let token = config.account.token.expect("from the file");
    assert_eq!(token.expose_secret(), "from-a-file");
    let errors = read(&[], &[("TOKEN_FILE", "/nowhere/at/all")]).expect_err("no such file");
    assert!(errors[0].starts_with("TOKEN_FILE: "), "{errors:?}");
}

#[test]
fn tokens_are_sent_in_the_clear_only_on_this_machine() {
    for host in [
        "http://localhost:1",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "https://gateway.example",
    ] {
        assert!(read(&[], &[("TESLA_API_HOST", host)]).is_ok(), "{host}");
    }
    for host in [
        "http://gateway.example",
        "http://127.0.0.1.example",
        "gateway.example",
        "ftp://h",
    ] {
        assert!(read(&[], &[("TESLA_AUTH_HOST", host)]).is_err(), "{host}");
    }
}

#[test]
fn simulated_cars_are_asked_often_unless_told_otherwise() {
    let simulated = variables(&[]).simulated();
    assert_eq!(simulated.schedule.interval, Some(SIMULATED_INTERVAL));
    let mut effective = simulated.effective.iter();
    let told = effective.find(|setting| setting.name == "interval");
    assert_eq!(told.and_then(|told| told.value.as_deref()), Some("5"));
    let mock = variables(&[("IS_MOCK", "1")]);
    assert_eq!(mock.schedule.interval, Some(SIMULATED_INTERVAL));
    let said = variables(&[("SCRAPE_INTERVAL_SEC", "60")]).simulated();
    assert_eq!(said.schedule.interval, Some(Duration::from_secs(60)));
}

#[test]
fn a_misspelt_variable_is_pointed_out() {
    let config = variables(&[
        ("GREPTIME_HOSTNAME", "h"),
        ("OTEL_EXPORTER_OTLP_ENDPIONT", "http://h"),
        ("SCRAPE_INTERVAL", "60"),
        ("TESLA_API_HOST", "https://h"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://h"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS_FILE", "/dev/null"),
    ]);
    let at: Vec<&str> = config
        .warnings
        .iter()
        .map(|warning| warning.at.as_str())
        .collect();
    assert_eq!(
        at,
        [
            "GREPTIME_HOSTNAME",
            "OTEL_EXPORTER_OTLP_ENDPIONT",
            "SCRAPE_INTERVAL"
        ]
    );
}

#[test]
fn the_resource_has_the_service_s_name() {
    let name = |config: &Config| {
        let mut resource = config.telemetry.resource.iter();
        let name = resource.find(|pair| pair.key.as_str() == "service.name");
        name.map(|pair| pair.value.to_string())
    };
    assert_eq!(name(&variables(&[])).as_deref(), Some("tesla-observer"));
    let listed = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=listed,a=b");
    assert_eq!(name(&variables(&[listed])).as_deref(), Some("listed"));
    let both = variables(&[listed, ("OTEL_SERVICE_NAME", "said")]);
    assert_eq!(name(&both).as_deref(), Some("said"));
    assert!(read(&[], &[("OTEL_RESOURCE_ATTRIBUTES", "no-equals")]).is_err());
}

#[test]
fn otel_sdk_disabled_exports_nothing() {
    let config = variables(&[
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
        ("OTEL_METRICS_EXPORTER", "otlp,prometheus"),
    ]);
    assert!(!config.telemetry.has_destination());
    assert!(config.telemetry.traces.is_empty());
}

#[test]
fn requests_wait_in_the_state_directory_unless_told_otherwise() {
    let state = ("TESLA_OBSERVER_STATE_DIR", "/state");
    let spool = |given: &[(&str, &str)]| variables(given).telemetry.spool;
    let usual = spool(&[state]).expect("it is the default");
    assert_eq!(usual.directory, std::path::Path::new("/state/spool"));
    assert_eq!(usual.max, 256 << 20);
    for (size, bytes) in [
        ("1GiB", 1 << 30),
        ("2 mib", 2 << 20),
        ("2048KiB", 2 << 20),
        ("1048576", 1 << 20),
    ] {
        let given = [
            ("TESLA_OBSERVER_SPOOL_DIR", "/elsewhere"),
            ("TESLA_OBSERVER_SPOOL_MAX", size),
        ];
        let spool = spool(&given).expect("it was said");
        assert_eq!(spool.directory, std::path::Path::new("/elsewhere"));
        assert_eq!(spool.max, bytes, "{size}");
    }
    assert!(spool(&[state, ("TESLA_OBSERVER_SPOOL_DIR", "none")]).is_none());
    for size in [
        "",
        "0",
        "1023KiB",
        "1MB",
        "-1",
        "1.5GiB",
        "99999999999GiB",
        "GiB",
    ] {
        let wrong = read(&[("spool-max", size)], &[]).expect_err(size);
        assert!(wrong[0].contains("such as 256MiB"), "{wrong:?}");
    }
}

#[test]
fn an_interval_is_a_number_of_seconds() {
    for (text, part) in [
        ("nan", "number of seconds"),
        ("inf", "more than a year"),
        ("0", "above 0"),
    ] {
        let errors = read(&[], &[("SCRAPE_INTERVAL_SEC", text)]).expect_err("no interval");
        assert!(errors[0].contains(part), "{errors:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_a_setting_panic(text in "\\PC{0,40}") {
        let names = SETTINGS.iter().filter(|setting| !setting.secret);
        let flags: Vec<_> = names.map(|setting| (setting.name, text.as_str())).collect();
        let _ = read(&flags, &[("OTEL_EXPORTER_OTLP_HEADERS", &text)]);
    }
}

#[test]
fn secrets_that_go_in_clear_to_another_machine_are_warned_about() {
    let secret = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret");
    let warnings = |endpoint: &str, more: &[(&str, &str)]| {
        let mut all = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
        all.extend(more);
        let warnings = variables(&all).warnings;
        let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert!(!texts.concat().contains("s3cret"), "{texts:?}");
        texts.len()
    };
    for (endpoint, count) in [
        ("http://collector.example:4318", 1),
        ("http://10.0.0.7:4318", 1),
        ("http://localhost.example:4318", 1),
        ("https://collector.example:4318", 0),
        ("http://localhost:4318", 0),
        ("http://127.0.0.1:4318", 0),
        ("http://[::1]:4318", 0),
    ] {
        assert_eq!(warnings(endpoint, &[secret]), count, "{endpoint}");
    }
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert_eq!(
        warnings("http://collector.example:4317", &[secret, grpc]),
        1
    );
    assert_eq!(warnings("http://collector.example:4318", &[]), 0);

    let greptime = |more: &[(&str, &str)]| {
        let mut all = vec![("GREPTIME_HOST", "greptime.example")];
        all.extend(more);
        variables(&all).warnings.len()
    };
    let user = [("GREPTIME_USERNAME", "ju"), ("GREPTIME_PASSWORD", "s3cret")];
    assert_eq!(greptime(&[]), 0);
    assert_eq!(greptime(&user), 1);
    assert_eq!(
        greptime(&[user[0], user[1], ("GREPTIME_SCHEME", "https")]),
        0
    );
}

#[test]
fn what_listens_is_for_this_machine_only_unless_told_otherwise() {
    let config = variables(&[("OTEL_METRICS_EXPORTER", "prometheus")]);
    assert!(config.simulation.listen.ip().is_loopback());
    // Which addresses that is, tests/telemetry/prometheus.rs shows.
    let prometheus = config.telemetry.prometheus.expect("it was asked for");
    assert_eq!(prometheus.host, "localhost");
}

#[test]
fn privacy_is_a_matter_of_words() {
    let config = variables(&[]);
    assert_eq!((config.location, config.vin), (Location::Exact, Vin::Plain));
    let config = read(
        &[("location", "rounded"), ("vin", "hash")],
        &[
            ("TESLA_OBSERVER_LOCATION", "off"),
            ("TESLA_OBSERVER_VIN", "off"),
        ],
    )
    .expect("valid");
    assert_eq!(
        (config.location, config.vin),
        (Location::Rounded, Vin::Hash)
    );
    let errors = read(&[], &[("TESLA_OBSERVER_VIN", "none")]).expect_err("no such word");
    assert!(errors[0].contains("plain, hash, off"), "{errors:?}");
}

#[test]
fn the_schedule_is_set_by_flags_and_by_the_variables_that_teslamate_has() {
    let config = read(
        &[("suspend-after", "10"), ("suspend-for", "0.5")],
        &[
            ("POLLING_DRIVING_INTERVAL", "5"),
            ("POLLING_CHARGING_INTERVAL", "10"),
            ("POLLING_DEFAULT_INTERVAL", "20"),
            ("POLLING_ASLEEP_INTERVAL", "60"),
            ("POLLING_MINIMUM_INTERVAL", "0"),
            ("POLLING_ONLINE_INTERVAL", "60"),
        ],
    )
    .expect("valid");
    let seconds = Duration::from_secs;
    let expected = schedule::Settings {
        suspend_after: seconds(600),
        suspend_for: seconds(30),
        driving: seconds(5),
        charging: seconds(10),
        idle: seconds(20),
        asleep: seconds(60),
        ..schedule::Settings::default()
    };
    assert_eq!(config.schedule, expected);
    assert_eq!(
        config.schedule(),
        expected,
        "real cars live at their own speed"
    );
    // That one is for a stream, which there is none of.
    let warned: Vec<_> = config.warnings.iter().map(|one| one.at.as_str()).collect();
    assert_eq!(warned, ["POLLING_ONLINE_INTERVAL"]);
    for (name, value) in [
        ("suspend-after", "-1"),
        ("suspend-for", "long"),
        ("drive-timeout", "NaN"),
        ("suspend-for", "1e9"),
        ("minimum-interval", "-1"),
        ("driving-interval", "0"),
    ] {
        let errors = read(&[(name, value)], &[]).expect_err(name);
        assert_eq!(errors.len(), 1, "{name} {value}");
    }
}

#[test]
fn simulated_cars_fall_asleep_as_fast_as_their_clock_runs() {
    let config = variables(&[("IS_MOCK", "1"), ("SIMULATOR_SPEED", "30")]);
    let schedule = config.schedule();
    assert_eq!(schedule.suspend_after, Duration::from_secs(30));
    assert_eq!(schedule.interval, Some(SIMULATED_INTERVAL));
}
