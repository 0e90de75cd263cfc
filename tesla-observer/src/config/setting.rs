//! Every setting: its flag, its variables, its default and its help, in one table. The command line,
//! `config` and the errors are made from it.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name, and with `--` in front its flag.
    pub name: &'static str,
    /// What stands for the value in the help; empty for a switch.
    pub value: &'static str,
    /// The variables that set it, the strongest first.
    pub variables: &'static [&'static str],
    /// Its value if nothing else is said.
    pub default: Option<&'static str>,
    /// Whether its value is a secret. It then has no flag: a command line can be read by every user of
    /// the machine. Its flag is `--<name>-file`, its variables can end in `_FILE`.
    pub secret: bool,
    /// What it belongs to.
    pub group: Group,
    /// One or two sentences.
    pub help: &'static str,
}

/// What settings belong to: the help's headings, and which commands take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Whose cars.
    Account,
    /// Which cars, and how often.
    Observing,
    /// Where observations go.
    Exporting,
    /// What stays on this machine.
    Here,
    /// Where OTLP goes.
    Otlp,
    /// GreptimeDB.
    Greptime,
    /// Simulated cars.
    Simulation,
    /// What is shown on the terminal.
    Terminal,
}

impl Group {
    /// All of them, in the help's order.
    pub const ALL: [Self; 8] = [
        Self::Account,
        Self::Observing,
        Self::Here,
        Self::Exporting,
        Self::Otlp,
        Self::Greptime,
        Self::Simulation,
        Self::Terminal,
    ];

    /// The help's heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Observing => "Observing",
            Self::Exporting => "Exporting",
            Self::Here => "On this machine",
            Self::Otlp => "OTLP (also for one signal: OTEL_EXPORTER_OTLP_METRICS_… and so on)",
            Self::Greptime => "GreptimeDB (metrics, over OTLP)",
            Self::Simulation => "Simulated cars",
            Self::Terminal => "Terminal",
        }
    }
}

const fn plain(
    group: Group,
    name: &'static str,
    value: &'static str,
    variables: &'static [&'static str],
    default: Option<&'static str>,
    help: &'static str,
) -> Setting {
    Setting {
        name,
        value,
        variables,
        default,
        secret: false,
        group,
        help,
    }
}

const fn secret(
    group: Group,
    name: &'static str,
    variables: &'static [&'static str],
    help: &'static str,
) -> Setting {
    Setting {
        name,
        value: "PATH",
        variables,
        default: None,
        secret: true,
        group,
        help,
    }
}

use Group::{Account, Exporting, Greptime, Here, Observing, Otlp, Simulation, Terminal};

/// All settings.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    plain(Account, "user", "EMAIL", &["TESLA_USER_EMAIL"], None,
        "The account's e-mail address. Needed only where several accounts have logged in"),
    plain(Account, "api", "owner|fleet", &["TESLA_API"], Some("owner"),
        "Tesla's API to log in to: the Owner API, as the app has it, or the Fleet API, for which you have an application of your own"),
    plain(Account, "region", "na|eu|cn", &["TESLA_REGION"], None,
        "The account's region, if it is not to be found out: na (with Asia and the Pacific), eu or cn"),
    plain(Account, "client-id", "ID", &["TESLA_CLIENT_ID"], None,
        "Fleet API: your application's client id"),
    secret(Account, "client-secret", &["TESLA_CLIENT_SECRET"],
        "Fleet API: your application's client secret, in a file"),
    plain(Account, "redirect-uri", "URL", &["TESLA_REDIRECT_URI"], None,
        "Fleet API: the redirect URI that your application has registered"),
    plain(Account, "api-host", "URL", &["TESLA_API_HOST"], None,
        "The API's address, if it is not Tesla's own: a gateway's"),
    plain(Account, "auth-host", "URL", &["TESLA_AUTH_HOST"], None,
        "The address to log in at and to refresh tokens at, if it is not Tesla's own"),
    secret(Account, "token", &["TOKEN"],
        "A token that stays as it is, as gateways give it, in a file. With it there is no login"),
    plain(Account, "state-dir", "PATH", &["TESLA_OBSERVER_STATE_DIR"], None,
        "Where tokens are kept. Default: tesla-observer in the user's state directory"),

    plain(Observing, "vehicle", "NAME|VIN", &["TESLA_VEHICLES"], None,
        "Observe only this car, by its name or VIN; several are separated by commas. Default: all of the account"),
    plain(Observing, "shard", "I/N", &["TESLA_OBSERVER_SHARD"], None,
        "Observe only part I of N of the cars, from 0 (0/3, 1/3, 2/3): several observers split a fleet, by VIN. Each needs a login and a budget of its own"),
    plain(Observing, "interval", "SECONDS", &["SCRAPE_INTERVAL_SEC"], None,
        "How often a car is asked, whatever it does. Default: as what it does wants it, as below; simulated ones every 5 s. A sleeping car is never woken, and an idle one is left alone to fall asleep"),
    plain(Observing, "driving-interval", "SECONDS", &["POLLING_DRIVING_INTERVAL"], Some("2.5"),
        "How often a car is asked that is driven"),
    plain(Observing, "charging-interval", "SECONDS", &["POLLING_CHARGING_INTERVAL"], Some("5"),
        "How often a car is asked that charges, at most; up to every 20 s, the less power the less often"),
    plain(Observing, "idle-interval", "SECONDS", &["POLLING_DEFAULT_INTERVAL"], Some("15"),
        "How often a car is asked that is awake and does nothing, or installs software"),
    plain(Observing, "asleep-interval", "SECONDS", &["POLLING_ASLEEP_INTERVAL"], Some("30"),
        "How often the state is asked for of a car that sleeps, is offline or is left alone"),
    plain(Observing, "service-interval", "SECONDS", &["TESLA_OBSERVER_SERVICE_INTERVAL"], Some("900"),
        "How often a car is asked that is in a workshop"),
    plain(Observing, "minimum-interval", "SECONDS", &["POLLING_MINIMUM_INTERVAL"], Some("0"),
        "No car is asked more often than this, whatever else is said"),
    plain(Observing, "suspend-after", "MINUTES", &["TESLA_OBSERVER_SUSPEND_AFTER"], Some("15"),
        "How long a car may do nothing, with nothing that keeps it awake, until it is left alone so that it can fall asleep"),
    plain(Observing, "suspend-after-waking", "MINUTES", &["TESLA_OBSERVER_SUSPEND_AFTER_WAKING"], Some("3"),
        "The same for a car that has come online by itself and has done nothing since"),
    plain(Observing, "suspend-for", "MINUTES", &["TESLA_OBSERVER_SUSPEND_FOR"], Some("21"),
        "How long a car is left alone that does not fall asleep, until it is asked for data once more; it needs about 15"),
    plain(Observing, "drive-timeout", "MINUTES", &["TESLA_OBSERVER_DRIVE_TIMEOUT"], Some("15"),
        "How long a drive goes on of which nothing is heard"),
    plain(Observing, "timeout", "SECONDS", &["TESLA_TIMEOUT_SEC"], Some("30"),
        "How long one request to Tesla may take"),
    plain(Observing, "budget", "AMOUNT", &["TESLA_BUDGET"], None,
        "How much Tesla may be asked: money a month at list price (10USD), requests a day (2000/day), or none. Everything slows down so that it lasts. Default: 10USD for the Fleet API, which its monthly discount covers; otherwise none"),
    plain(Observing, "private-texts", "", &["TESLA_OBSERVER_PRIVATE_TEXTS"], Some("false"),
        "Export private texts, too: route destination, media, names of telephones"),
    plain(Observing, "location", "exact|rounded|off", &["TESLA_OBSERVER_LOCATION"], Some("exact"),
        "How exactly it is exported where the cars are: rounded is to two decimals, about 1 km; off is not at all"),
    plain(Observing, "vin", "plain|hash|off", &["TESLA_OBSERVER_VIN"], Some("plain"),
        "What is exported of VINs: themselves, keyed hashes (the key stays in the state directory), or nothing"),

    plain(Here, "history", "PATH|none", &["TESLA_OBSERVER_HISTORY"], None,
        "The SQLite file in which everything is kept that the cars report, or none. Default: history.sqlite in the user's data directory, for simulated cars simulated.sqlite"),
    plain(Here, "history-keep", "AGE", &["TESLA_OBSERVER_HISTORY_KEEP"], Some("forever"),
        "How long it is kept: 90d, 2y, or forever"),
    plain(Here, "page", "ADDRESS|none", &["TESLA_OBSERVER_PAGE"], Some("127.0.0.1:9465"),
        "Where the page with the cars, their charts and their history is, or none"),
    plain(Here, "page-exposed", "", &["TESLA_OBSERVER_PAGE_EXPOSED"], Some("false"),
        "Allow the page an address that others can reach. They need the token, and read where the cars are"),
    secret(Here, "page-token", &["TESLA_OBSERVER_PAGE_TOKEN"],
        "A token that whoever reads the page must present, in a file"),

    plain(Exporting, "metrics-exporter", "LIST", &["OTEL_METRICS_EXPORTER"], None,
        "otlp, console, prometheus, none, or several with commas. Default: otlp if it has an endpoint, otherwise none"),
    plain(Exporting, "traces-exporter", "LIST", &["OTEL_TRACES_EXPORTER"], None,
        "otlp, console, none, or several with commas. Default: otlp if it has an endpoint, otherwise none"),
    plain(Exporting, "logs-exporter", "LIST", &["OTEL_LOGS_EXPORTER"], None,
        "otlp, console, none, or several with commas. Default: otlp if it has an endpoint, otherwise none"),
    plain(Exporting, "prometheus-host", "HOST", &["OTEL_EXPORTER_PROMETHEUS_HOST"], Some("localhost"),
        "Where the prometheus exporter listens. Who can reach it can read where the cars are"),
    plain(Exporting, "prometheus-port", "PORT", &["OTEL_EXPORTER_PROMETHEUS_PORT"], Some("9464"),
        "The port at which the prometheus exporter listens"),
    plain(Exporting, "service-name", "NAME", &["OTEL_SERVICE_NAME"], Some("tesla-observer"),
        "The resource attribute service.name"),
    plain(Exporting, "resource-attributes", "LIST", &["OTEL_RESOURCE_ATTRIBUTES"], None,
        "More resource attributes: key=value, separated by commas"),
    plain(Exporting, "metric-export-interval", "MILLISECONDS", &["OTEL_METRIC_EXPORT_INTERVAL"], Some("60000"),
        "How often the observer's metrics of its own work are exported; those of cars are exported when they are fresh"),
    plain(Exporting, "spool-dir", "PATH|none", &["TESLA_OBSERVER_SPOOL_DIR"], None,
        "Where requests wait on disk until they are delivered; none keeps them in memory. Default: spool in the state directory"),
    plain(Exporting, "spool-max", "SIZE", &["TESLA_OBSERVER_SPOOL_MAX"], Some("256MiB"),
        "How much may wait on disk, for all destinations together. When it is full, the oldest goes"),
    plain(Exporting, "sdk-disabled", "", &["OTEL_SDK_DISABLED"], Some("false"),
        "Export nothing, whatever else is set"),

    plain(Otlp, "otlp-endpoint", "URL", &["OTEL_EXPORTER_OTLP_ENDPOINT"], None,
        "The receiver, without /v1/metrics and so on. Default, if otlp is asked for: http://localhost:4318, for gRPC http://localhost:4317"),
    plain(Otlp, "otlp-protocol", "PROTOCOL", &["OTEL_EXPORTER_OTLP_PROTOCOL"], Some("http/protobuf"),
        "http/protobuf, http/json or grpc"),
    secret(Otlp, "otlp-headers", &["OTEL_EXPORTER_OTLP_HEADERS"],
        "Headers to send, in a file: key=value, separated by commas"),
    plain(Otlp, "otlp-timeout", "MILLISECONDS", &["OTEL_EXPORTER_OTLP_TIMEOUT"], Some("10000"),
        "How long one export may take"),
    plain(Otlp, "otlp-compression", "gzip|none", &["OTEL_EXPORTER_OTLP_COMPRESSION"], Some("none"),
        "Compression of requests"),
    plain(Otlp, "otlp-certificate", "PATH", &["OTEL_EXPORTER_OTLP_CERTIFICATE"], None,
        "The certificate authority (PEM) to check the receiver against, instead of the system's"),
    plain(Otlp, "otlp-client-certificate", "PATH", &["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"], None,
        "The client's certificate (PEM), for mutual TLS"),
    plain(Otlp, "otlp-client-key", "PATH", &["OTEL_EXPORTER_OTLP_CLIENT_KEY"], None,
        "The key of the client's certificate (PEM)"),
    plain(Otlp, "otlp-insecure", "", &["OTEL_EXPORTER_OTLP_INSECURE"], Some("false"),
        "gRPC without TLS where the endpoint has no scheme"),
    plain(Otlp, "otlp-temporality", "PREFERENCE", &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"], Some("cumulative"),
        "Of counters and histograms: cumulative, delta or lowmemory"),

    plain(Greptime, "greptime-host", "HOST", &["GREPTIME_HOST"], None,
        "Send metrics to the GreptimeDB at this host"),
    plain(Greptime, "greptime-scheme", "http|https", &["GREPTIME_SCHEME"], Some("http"),
        "Its scheme"),
    plain(Greptime, "greptime-port", "PORT", &["GREPTIME_PORT"], None,
        "Its port. Default: 4000, for https 443"),
    plain(Greptime, "greptime-db", "NAME", &["GREPTIME_DB"], Some("public"),
        "The database"),
    plain(Greptime, "greptime-username", "NAME", &["GREPTIME_USERNAME"], None,
        "The user, if it wants one"),
    secret(Greptime, "greptime-password", &["GREPTIME_PASSWORD"],
        "The user's password, in a file"),

    plain(Simulation, "demo", "", &["TESLA_OBSERVER_DEMO"], Some("false"),
        "Observe simulated cars, and send what they report to whatever destination is configured"),
    plain(Simulation, "mock", "", &["IS_MOCK"], Some("false"),
        "Observe simulated cars, and send nothing of it off this machine"),
    plain(Simulation, "vehicles", "COUNT", &["SIMULATOR_VEHICLES"], Some("4"),
        "How many cars are simulated"),
    plain(Simulation, "speed", "FACTOR", &["SIMULATOR_SPEED"], Some("60"),
        "How fast their clock runs: 60 is an hour a minute"),
    plain(Simulation, "seed", "NUMBER", &["SIMULATOR_SEED"], Some("1"),
        "What they do is the same for the same seed"),
    plain(Simulation, "listen", "ADDRESS", &["SIMULATOR_LISTEN"], Some("127.0.0.1:0"),
        "Where the simulated Tesla listens; port 0 is any free one"),

    plain(Terminal, "display", "KIND", &["TESLA_OBSERVER_DISPLAY"], Some("auto"),
        "What the cars report, on the terminal: table, lines, off, or auto (a table on a terminal; in a pipe lines, or nothing where metrics of real cars are exported)"),
    plain(Terminal, "log", "FILTER", &["RUST_LOG"], Some("info"),
        "What is logged to standard error: error, warn, info, debug, trace, also by module"),
];

/// The setting of that name.
pub(super) fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
