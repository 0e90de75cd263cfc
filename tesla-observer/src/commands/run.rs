//! `run`: observes until it is told to stop.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::timeout;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use super::account::{self, Source};
use super::here::Here;
use super::signals::Signals;
use super::{Failure, budget, filter, here, other, warn};
use crate::budget::Governor;
use crate::config::{self, Config, Display};
use crate::fetch::OnRequest;
use crate::fetch::tesla::{Tesla, request_class};
use crate::observer::{self, Observer};
use crate::privacy::Vins;
use crate::telemetry::{self, HERE_ONLY, Telemetry};
use crate::terminal::{Board, Kind, LogWriter, Painter, clean, paint};

/// How long the end may take: what is collected is sent, and nothing waits longer than this.
const END: Duration = Duration::from_secs(4);

const ENDING: &str = "ending: sending what is collected; a second signal ends at once";

/// How long a token that is being renewed may take to reach the disk.
const SETTLE: Duration = Duration::from_secs(3);

/// How often the list of vehicles is read again: cars are bought, sold and renamed rarely.
const LIST_INTERVAL: Duration = Duration::from_secs(600);

pub(super) async fn run(config: Config, once: bool) -> Result<(), Failure> {
    let filter = filter(&config)?;
    // What is wrong with the files here is said here; what is exported, and to whom, depends on whose
    // cars they are.
    let (source, vins, mut signals) = tracing::subscriber::with_default(here(&config)?, || {
        // Before there is anything that has to be ended well.
        let signals = Signals::listen();
        let source = Source::choose(&config)?;
        let vins = account::vins(&config, &source)?;
        Ok::<_, Failure>((source, vins, signals))
    })?;
    let (mut config, withheld) = match &source {
        Source::Simulated { everywhere, .. } => simulated(config, *everywhere),
        _ => (config, false),
    };
    let here = Here::start(
        &mut config,
        matches!(source, Source::Simulated { .. }),
        once,
    );
    let telemetry = Telemetry::start(config.telemetry.clone()).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        other(lines.join("\n"))
    })?;
    let kind = kind(&config, &source);
    let log = LogWriter::default();
    let console = tracing_subscriber::fmt::layer()
        .with_writer(log.clone())
        .with_target(false);
    // Below a table there is room for a short time, and none for colours.
    let below = kind == Kind::Table && io::stderr().is_terminal();
    let console = match below {
        true => console.with_ansi(false).with_timer(TimeOfDay).boxed(),
        false => console.with_ansi(io::stderr().is_terminal()).boxed(),
    };
    tracing_subscriber::registry()
        .with(telemetry.layer())
        .with(console.with_filter(match below && !config.is_said("log") {
            true => EnvFilter::new("warn"),
            false => filter,
        }))
        .try_init()
        .map_err(other)?;
    warn(&config);
    let governor = budget::governor(&mut config, &source);
    telemetry.say_what_was_found();
    let here = here.serve(&config, &telemetry);

    let heading = heading(&config, &source, &governor, withheld, once, &here);
    let terms = Terms { vins, governor };
    if kind == Kind::Off {
        for line in heading.lines() {
            tracing::info!("{line}");
        }
    }
    let (board, mut painter) = paint(kind, heading);
    here.watch(&board);
    if below {
        log.show_on(&board);
    }
    // Where nothing else is done with what is observed, it ends with whoever looked at it.
    let simulated = matches!(source, Source::Simulated { .. });
    let for_eyes_only = !config.telemetry.has_destination() && (simulated || !here.keeps());
    let notes = board.clone();
    let tesla = OnceLock::new();
    let ended = tokio::select! {
        ended = observe(&config, &source, terms, &telemetry, board, once, &tesla) => Some(ended),
        () = painter.unseen(), if for_eyes_only => None,
        () = telemetry.unread(), if for_eyes_only => None,
        () = signals.at_least(1) => {
            tracing::info!("{ENDING}");
            if below && !config.is_said("log") {
                notes.note(ENDING);
            }
            None
        }
    };
    let end = async {
        let settle = async {
            if let Some(tesla) = tesla.get() {
                let _ = timeout(SETTLE, tesla.settle()).await;
            }
        };
        tokio::join!(end(telemetry, painter, here, ended), settle).0
    };
    tokio::select! {
        ended = end => ended,
        () = signals.at_least(2) => Err(other("ended at once, on the second signal")),
    }
}

/// On what terms cars are observed.
struct Terms {
    vins: Vins,
    governor: Arc<Governor>,
}

/// Observes until the account cannot be asked any more.
async fn observe(
    config: &Config,
    source: &Source,
    Terms { vins, governor }: Terms,
    telemetry: &Telemetry,
    board: Board,
    once: bool,
    tesla: &OnceLock<Arc<Tesla>>,
) -> Result<(), Failure> {
    // The client tells of its requests, the telemetry counts them.
    let counted = telemetry.clone();
    let budget = Arc::clone(&governor);
    let on_request: OnRequest = Arc::new(move |request| {
        let own = counted.own();
        own.request_done(request);
        own.asked(request_class(request.route));
        own.budget(&budget.standing());
    });
    telemetry.own().budget(&governor.standing());
    let connected = account::connect(config, source, governor, Some(on_request)).await?;
    let _ = tesla.set(connected.tesla.clone());
    let fleet = telemetry.fleet().map_err(other)?;
    let settings = observer::Settings {
        vehicles: config.vehicles.clone(),
        shard: config.shard,
        schedule: config.schedule(),
        list_interval: LIST_INTERVAL.max(config.schedule.first()),
        once,
        vins,
    };
    let observer = Observer::new(
        connected.tesla.clone(),
        telemetry.clone(),
        fleet,
        board,
        settings,
    );
    let ended = observer.run().await.map_err(other);
    if let Some(simulator) = connected.simulator {
        simulator.shutdown().await;
    }
    ended
}

/// Sends what is collected, paints a last time, and says why it ended, if not because it was told to.
async fn end(
    telemetry: Telemetry,
    painter: Painter,
    here: Here,
    ended: Option<Result<(), Failure>>,
) -> Result<(), Failure> {
    painter.stop().await;
    let sent = telemetry.shutdown(END).await;
    // After what has just been collected for the last time.
    here.end().await;
    match (ended, sent) {
        (None, Err(lost)) => {
            // Whoever ends it is not told that it failed, only what is missing.
            tracing::warn!(target: HERE_ONLY, "{lost}");
            Ok(())
        }
        (None, Ok(())) => Ok(()),
        (Some(ended), Ok(())) => ended,
        (Some(Ok(())), Err(lost)) => Err(other(lost)),
        (Some(Err(failure)), Err(lost)) => Err(other(format!("{failure}\n{lost}"))),
    }
}

/// What simulated cars report stays on this machine unless it was said with `--demo`. Also whether
/// there is a destination that it is kept from.
fn simulated(config: Config, everywhere: bool) -> (Config, bool) {
    let mut config = config.simulated();
    if everywhere {
        return (config, false);
    }
    let telemetry = &mut config.telemetry;
    // There is nothing to send, and what real cars reported is no business of simulated ones.
    telemetry.spool = None;
    let mut withheld = false;
    let signals = [
        &mut telemetry.metrics,
        &mut telemetry.traces,
        &mut telemetry.logs,
    ];
    for destinations in signals {
        let all = destinations.len();
        destinations.retain(|destination| matches!(destination, telemetry::Destination::Console));
        withheld |= destinations.len() < all;
    }
    let elsewhere = telemetry.prometheus.take_if(|prometheus| {
        let address = prometheus.host.parse::<IpAddr>();
        prometheus.host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
    });
    withheld |= elsewhere.is_some();
    (config, withheld)
}

/// What is shown on the terminal.
fn kind(config: &Config, source: &Source) -> Kind {
    let terminal = io::stdout().is_terminal();
    let simulated = matches!(source, Source::Simulated { .. });
    match config.display {
        Display::Table => Kind::Table,
        Display::Lines => Kind::Lines,
        Display::Off => Kind::Off,
        Display::Auto if config.telemetry.prints() => Kind::Off,
        Display::Auto if terminal => Kind::Table,
        // Whoever simulates cars wants to see them.
        Display::Auto if config.telemetry.has_destination() && !simulated => Kind::Off,
        Display::Auto => Kind::Lines,
    }
}

/// What stands above the table: whose cars, and where their reports go.
fn heading(
    config: &Config,
    source: &Source,
    governor: &Governor,
    withheld: bool,
    once: bool,
    here: &Here,
) -> String {
    let whose = match source {
        Source::Simulated { instead, .. } => {
            let instead = instead
                .as_ref()
                .map(|why| format!("No account can be kept: {}\n", clean(why, 300)));
            format!(
                "{}SIMULATED CARS; their clock is {} times as fast as yours. For your own cars: \
                 `tesla-observer login`",
                instead.unwrap_or_default(),
                config.simulation.speed
            )
        }
        Source::Gateway => "The cars of the gateway's token".to_owned(),
        Source::Account(account, _) => format!("The cars of {}", clean(&account.name, 100)),
    };
    let telemetry = &config.telemetry;
    let mut to: Vec<String> = telemetry
        .metrics
        .iter()
        .map(|destination| match destination {
            telemetry::Destination::Console => "the console".to_owned(),
            telemetry::Destination::Otlp(otlp) => {
                format!("{} ({})", otlp.name, config::without_query(&otlp.endpoint))
            }
        })
        .collect();
    to.extend(
        telemetry
            .prometheus
            .iter()
            .map(|prometheus| format!("http://{}:{}/metrics", prometheus.host, prometheus.port)),
    );
    let to = match to.as_slice() {
        _ if withheld => {
            "nothing leaves this machine: simulated reports are not sent to the configured \
             destinations (--demo sends them)"
                .to_owned()
        }
        [] if matches!(source, Source::Simulated { .. }) => {
            "nothing leaves this machine".to_owned()
        }
        [] => "nothing is exported".to_owned(),
        to => format!("metrics go to {}", to.join(" and ")),
    };
    let others = [("traces", &telemetry.traces), ("logs", &telemetry.logs)];
    let others: String = others
        .iter()
        .filter(|(_, destinations)| !destinations.is_empty())
        .map(|(signal, _)| format!(", {signal} too"))
        .collect();
    let budget = governor.standing();
    let whose = match budget.limit {
        Some(_) => format!("{whose}. Budget: {budget}"),
        None => whose,
    };
    let others = format!("{others}{}", here.said());
    match once {
        true => format!("{whose}\nAsked once; {to}{others}."),
        false => {
            let often = match config.schedule.interval {
                Some(interval) => format!("every {} s", interval.as_secs_f64()),
                None => "as often as what they do wants it".to_owned(),
            };
            format!("{whose}\nAsked {often}; {to}{others}. Ctrl-C ends it.")
        }
    }
}

/// The time of day, for messages below the table.
struct TimeOfDay;

impl FormatTime for TimeOfDay {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", jiff::Zoned::now().strftime("%H:%M:%S"))
    }
}
