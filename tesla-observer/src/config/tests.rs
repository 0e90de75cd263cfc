mod exports;

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

/// Each has a value that no other one has, of its own or by default: none can take another's place.
#[test]
fn every_part_of_the_schedule_has_its_own_flag_and_variable() {
    let all = [
        ("interval", "SCRAPE_INTERVAL_SEC", "11"),
        ("driving-interval", "POLLING_DRIVING_INTERVAL", "12"),
        ("charging-interval", "POLLING_CHARGING_INTERVAL", "13"),
        ("idle-interval", "POLLING_DEFAULT_INTERVAL", "14"),
        ("asleep-interval", "POLLING_ASLEEP_INTERVAL", "16"),
        ("service-interval", "TESLA_OBSERVER_SERVICE_INTERVAL", "17"),
        ("minimum-interval", "POLLING_MINIMUM_INTERVAL", "18"),
        ("suspend-after", "TESLA_OBSERVER_SUSPEND_AFTER", "19"),
        (
            "suspend-after-waking",
            "TESLA_OBSERVER_SUSPEND_AFTER_WAKING",
            "20",
        ),
        ("suspend-for", "TESLA_OBSERVER_SUSPEND_FOR", "22"),
        ("drive-timeout", "TESLA_OBSERVER_DRIVE_TIMEOUT", "23.5"),
    ];
    let seconds = Duration::from_secs;
    let expected = schedule::Settings {
        interval: Some(seconds(11)),
        driving: seconds(12),
        charging: seconds(13),
        idle: seconds(14),
        asleep: seconds(16),
        in_service: seconds(17),
        minimum: seconds(18),
        suspend_after: seconds(19 * 60),
        suspend_after_waking: seconds(20 * 60),
        suspend_for: seconds(22 * 60),
        drive_timeout: seconds(23 * 60 + 30),
        // Nobody is to set these.
        ..schedule::Settings::default()
    };
    let by_flag = all.map(|(flag, _, value)| (flag, value));
    let by_variable = all.map(|(_, variable, value)| (variable, value));
    for (flags, variables) in [(&by_flag[..], &[][..]), (&[], &by_variable)] {
        let config = read(flags, variables).expect("valid settings");
        assert_eq!(config.schedule, expected, "{flags:?} {variables:?}");
        assert_eq!(config.warnings.len(), 0, "{flags:?} {variables:?}");
    }
}

#[test]
fn simulated_cars_fall_asleep_as_fast_as_their_clock_runs() {
    let config = variables(&[("IS_MOCK", "1"), ("SIMULATOR_SPEED", "30")]);
    let schedule = config.schedule();
    assert_eq!(schedule.suspend_after, Duration::from_secs(30));
    assert_eq!(schedule.interval, Some(SIMULATED_INTERVAL));
}
