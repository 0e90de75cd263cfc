//! What is promised of each vehicle's turn and of the whole account, with another maker's service:
//! it has metrics of its own, and knows nothing of Tesla. Time is tokio's and passes at once.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metric_core::MetricCollector;
use tesla_observer::fetch::{
    Availability, FetchError, Listed, Next, Problem, Snapshot, Vehicle, VehicleFetcher,
};
use tesla_observer::model::{AtAGlance, Glance};
use tesla_observer::observer::{Observer, Settings};
use tesla_observer::telemetry::{self, Prometheus, Telemetry};
use tesla_observer::terminal::Board;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What a moped reports.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "moped", separator = "_")]
struct Moped {
    /// What is left in the tank.
    #[metric(unit = "L")]
    petrol: Option<f64>,
}

impl Glance for Moped {
    fn glance(&self) -> AtAGlance {
        AtAGlance::default()
    }
}

/// What a moped does when it is asked.
#[derive(Clone, Debug)]
enum Does {
    Report(f64),
    Sleep,
    FallAsleep,
    Fail(FetchError),
    Panic,
}

/// A service for mopeds, which keeps what it was asked and when.
struct Garage {
    start: Instant,
    listed: Mutex<std::result::Result<Vec<Vehicle>, FetchError>>,
    /// What each does, turn by turn; the last again and again.
    script: HashMap<&'static str, Vec<Does>>,
    asked: Mutex<Vec<(Duration, String)>>,
}

impl Garage {
    fn new(script: impl IntoIterator<Item = (&'static str, Vec<Does>)>) -> Arc<Self> {
        let script: HashMap<_, _> = script.into_iter().collect();
        let mut vins: Vec<_> = script.keys().copied().collect();
        vins.sort_unstable();
        Arc::new(Self {
            start: Instant::now(),
            listed: Mutex::new(Ok(vins.into_iter().map(moped).collect())),
            script,
            asked: Mutex::default(),
        })
    }

    fn ask(&self, what: &str, vin: &str) {
        let asked = (self.start.elapsed(), format!("{what} {vin}"));
        self.asked.lock().expect("no panic").push(asked);
    }

    /// Which turn of this vehicle it is, from 1 on.
    fn turn(&self, vin: &str) -> usize {
        let asked = self.asked.lock().expect("no panic");
        let state = format!("state {vin}");
        asked.iter().filter(|(_, what)| *what == state).count()
    }

    fn does(&self, vin: &str) -> Does {
        let script = self.script.get(vin).map_or(&[][..], Vec::as_slice);
        let turn = self.turn(vin).clamp(1, script.len().max(1));
        script.get(turn - 1).cloned().unwrap_or(Does::Report(1.0))
    }

    fn list(&self, listed: std::result::Result<Vec<Vehicle>, FetchError>) {
        *self.listed.lock().expect("no panic") = listed;
    }

    /// When each question was asked, in whole seconds.
    fn asked(&self) -> Vec<(u64, String)> {
        let asked = self.asked.lock().expect("no panic");
        let whole = asked.iter().map(|(at, what)| (at.as_secs(), what.clone()));
        whole.collect()
    }

    fn times(&self, question: &str) -> Vec<u64> {
        let asked = self.asked().into_iter();
        let asked = asked.filter(|(_, what)| what == question);
        asked.map(|(at, _)| at).collect()
    }
}

impl VehicleFetcher for Garage {
    type Metrics = Moped;

    async fn vehicles(&self) -> std::result::Result<Vec<Listed>, FetchError> {
        self.ask("list", "all");
        let listed = self.listed.lock().expect("no panic").clone()?;
        let listed = listed.into_iter().map(|vehicle| Listed {
            vehicle,
            availability: None,
        });
        Ok(listed.collect())
    }

    async fn availability(
        &self,
        vehicle: &Vehicle,
    ) -> std::result::Result<Availability, FetchError> {
        let again = self.asked().last().map(|(_, what)| what.clone());
        let fell = again == Some(format!("snapshot {}", vehicle.vin));
        if fell && matches!(self.does(&vehicle.vin), Does::FallAsleep) {
            return Ok(Availability::Asleep);
        }
        self.ask("state", &vehicle.vin);
        match self.does(&vehicle.vin) {
            Does::Sleep => Ok(Availability::Asleep),
            _ => Ok(Availability::Online),
        }
    }

    async fn snapshot(
        &self,
        vehicle: &Vehicle,
    ) -> std::result::Result<Snapshot<Moped>, FetchError> {
        self.ask("snapshot", &vehicle.vin);
        match self.does(&vehicle.vin) {
            Does::Report(petrol) => Ok(Snapshot {
                metrics: Moped {
                    petrol: Some(petrol),
                },
                unread: Vec::new(),
            }),
            Does::Fail(error) => Err(error),
            Does::Panic => panic!("a mistake in another maker's code"),
            Does::Sleep | Does::FallAsleep => Err(error(Problem::Unavailable, Next::AsUsual)),
        }
    }
}

fn moped(vin: impl ToString) -> Vehicle {
    Vehicle {
        vin: vin.to_string(),
        display_name: None,
        id: vin.to_string(),
    }
}

fn error(problem: Problem, next: Next) -> FetchError {
    FetchError {
        doing: "asking the garage".to_owned(),
        problem,
        detail: "it is closed".to_owned(),
        next,
    }
}

const INTERVAL: Duration = Duration::from_secs(10);

fn settings() -> Settings {
    Settings {
        vehicles: Vec::new(),
        interval: INTERVAL,
        list_interval: Duration::from_secs(600),
        once: false,
    }
}

/// A garage that is being observed.
struct Observing {
    address: SocketAddr,
    run: JoinHandle<std::result::Result<(), FetchError>>,
}

impl Observing {
    fn start(garage: &Arc<Garage>, settings: Settings) -> Result<Self> {
        let telemetry = Telemetry::start(telemetry::Settings {
            resource: Vec::new(),
            metrics: Vec::new(),
            prometheus: Some(Prometheus {
                host: "127.0.0.1".to_owned(),
                port: 0,
            }),
            traces: Vec::new(),
            logs: Vec::new(),
            own_interval: Duration::from_secs(3600),
        })
        .map_err(|errors| format!("{errors:?}"))?;
        let addresses = telemetry.prometheus_addresses().to_vec();
        let fleet = telemetry.fleet()?;
        let observer = Observer::new(garage.clone(), telemetry, fleet, Board::off(), settings);
        Ok(Self {
            address: *addresses.first().ok_or("no address")?,
            run: tokio::spawn(observer.run()),
        })
    }

    /// How it ended, which must not take for ever.
    async fn ended(self) -> Result<std::result::Result<(), FetchError>> {
        Ok(timeout(Duration::from_secs(3600), self.run).await??)
    }

    /// What the Prometheus endpoint says now of mopeds and vehicles. Time stands still meanwhile.
    async fn scrape(&self) -> Result<Vec<String>> {
        let address = self.address;
        let answer = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(address)?;
            let request = "GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        })
        .await??;
        let lines = answer.lines().filter(|line| {
            ["moped_", "vehicle_", "observer_vehicles"]
                .iter()
                .any(|start| line.starts_with(start))
        });
        Ok(lines.map(str::to_owned).collect())
    }
}

/// The value of a series of which the name and the labels are these, whatever others it has.
fn value(scraped: &[String], name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let mut found = scraped.iter().filter(|line| {
        line.starts_with(name)
            && line[name.len()..].starts_with(['{', '_', ' '])
            && labels
                .iter()
                .all(|(key, value)| line.contains(&format!("{key}=\"{value}\"")))
    });
    found.next()?.rsplit_once(' ')?.1.parse().ok()
}

fn of<'a>(scraped: &'a [String], vin: &str) -> Vec<&'a String> {
    let label = format!("vin=\"{vin}\"");
    scraped
        .iter()
        .filter(|line| line.contains(&label))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_state_is_read_first_and_a_sleeping_vehicle_is_not_asked_for_more() -> Result {
    let garage = Garage::new([
        ("AWAKE", vec![Does::Report(3.5)]),
        ("SLEEPY", vec![Does::Sleep]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    let asked: Vec<_> = garage.asked().into_iter().map(|(_, what)| what).collect();
    assert_eq!(
        asked,
        ["list all", "state AWAKE", "snapshot AWAKE", "state SLEEPY"]
    );
    let scraped = observing.scrape().await?;
    let awake = [("vin", "AWAKE"), ("vehicle_id", "AWAKE")];
    assert_eq!(
        value(&scraped, "moped_petrol", &awake),
        Some(3.5),
        "{scraped:#?}"
    );
    assert_eq!(value(&scraped, "vehicle_state_online", &awake), Some(1.0));
    let sleepy = [("vin", "SLEEPY")];
    assert_eq!(
        value(&scraped, "moped_petrol", &sleepy),
        None,
        "{scraped:#?}"
    );
    assert_eq!(value(&scraped, "vehicle_state_online", &sleepy), Some(0.0));
    for (state, is) in [("asleep", 1.0), ("online", 0.0)] {
        let labels = [("vin", "SLEEPY"), ("state", state)];
        assert_eq!(
            value(&scraped, "vehicle_state", &labels),
            Some(is),
            "{scraped:#?}"
        );
    }
    Ok(())
}

/// What is logged on this thread, for as long as the guard lives.
fn log() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    #[derive(Clone)]
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let text = Arc::<Mutex<Vec<u8>>>::default();
    let sink = Sink(text.clone());
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter("tesla_observer=info")
        .with_writer(move || sink.clone())
        .finish();
    (text, tracing::subscriber::set_default(subscriber))
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_goes_on_failing_is_said_to_rarely() -> Result {
    let closed = Does::Fail(error(Problem::Server, Next::AsUsual));
    let hidden = Does::Fail(error(Problem::Timeout, Next::AsUsual));
    let (text, _guard) = log();
    let warnings = || {
        let text = String::from_utf8_lossy(&text.lock().expect("no panic")).into_owned();
        text.lines().filter(|line| line.contains(" WARN ")).count()
    };
    // Turns at 0, 10, 20, … s.
    let script = [
        closed.clone(),
        closed.clone(),
        hidden,
        closed.clone(),
        Does::Report(1.0),
        closed,
    ];
    let garage = Garage::new([("BROKEN", script.to_vec())]);
    let _observing = Observing::start(&garage, settings())?;
    let start = Instant::now();
    for (until, said) in [
        (5, 1),
        (15, 1),
        (25, 2),
        (35, 3),
        (45, 3),
        (55, 4),
        (900, 4),
        (965, 5),
    ] {
        sleep_until(start + Duration::from_secs(until)).await;
        assert_eq!(warnings(), said, "after {until} s");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_falls_asleep_in_between_is_asleep_not_failed() -> Result {
    let garage = Garage::new([("TIRED", vec![Does::Report(1.0), Does::FallAsleep])]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(15)).await;
    let scraped = observing.scrape().await?;
    let asleep = [("vin", "TIRED"), ("state", "asleep")];
    assert_eq!(
        value(&scraped, "vehicle_state", &asleep),
        Some(1.0),
        "{scraped:#?}"
    );
    assert_eq!(value(&scraped, "moped_petrol", &[]), None, "{scraped:#?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_nothing_stale_is_reported() -> Result {
    let failing = error(Problem::Server, Next::AsUsual);
    let garage = Garage::new([
        (
            "FAILS",
            vec![Does::Report(1.0), Does::Fail(failing), Does::Report(2.0)],
        ),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    assert!(!of(&observing.scrape().await?, "FAILS").is_empty());
    sleep(INTERVAL).await;
    let scraped = observing.scrape().await?;
    assert_eq!(of(&scraped, "FAILS"), [] as [&String; 0]);
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "WORKS")]),
        Some(7.0)
    );
    sleep(INTERVAL).await;
    let scraped = observing.scrape().await?;
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "FAILS")]),
        Some(2.0)
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_neither_its_vehicle_nor_the_others() -> Result {
    let garage = Garage::new([
        ("PANICS", vec![Does::Panic, Does::Report(1.0)]),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(15)).await;
    let scraped = observing.scrape().await?;
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "PANICS")]),
        Some(1.0),
        "{scraped:#?}"
    );
    assert_eq!(garage.times("snapshot WORKS"), [0, 10]);
    assert!(!observing.run.is_finished());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_error_says_when_to_ask_again() -> Result {
    let hour = Next::After(Duration::from_secs(3600));
    let limited = Does::Fail(error(Problem::RateLimited, hour));
    let garage = Garage::new([("LIMITED", vec![limited, Does::Report(1.0)])]);
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(3625)).await;
    assert_eq!(garage.times("state LIMITED"), [0, 3600, 3610, 3620]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_only_the_owner_can_mend_ends_the_run_with_that_error() -> Result {
    let stop = error(Problem::Unauthorized, Next::Stop);
    let garage = Garage::new([
        ("STOPS", vec![Does::Report(1.0), Does::Fail(stop.clone())]),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    assert_eq!(observing.ended().await?, Err(stop));
    assert_eq!(garage.times("snapshot STOPS"), [0, 10]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn vehicles_that_come_go_and_are_renamed_are_followed() -> Result {
    let garage = Garage::new([("GOES", vec![]), ("RENAMED", vec![]), ("STAYS", vec![])]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    let renamed = Vehicle {
        display_name: Some("Ju".to_owned()),
        ..moped("RENAMED")
    };
    garage.list(Ok(vec![renamed, moped("STAYS"), moped("NEW")]));
    sleep(Duration::from_secs(600)).await;
    let scraped = observing.scrape().await?;
    assert_eq!(of(&scraped, "GOES"), [] as [&String; 0]);
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "NEW")]),
        Some(1.0),
        "{scraped:#?}"
    );
    let names = of(&scraped, "RENAMED");
    assert!(!names.is_empty() && names.iter().all(|line| line.contains("vehicle_id=\"Ju\"")));
    let counted = value(&scraped, "observer_vehicles", &[("availability", "online")]);
    assert_eq!(counted, Some(3.0), "{scraped:#?}");
    // One that stays keeps its turns.
    let stays = garage.times("state STAYS");
    assert!(
        stays.windows(2).all(|pair| pair[1] - pair[0] == 10),
        "{stays:?}"
    );
    // A list that fails changes nothing.
    garage.list(Err(error(Problem::Server, Next::AsUsual)));
    sleep(Duration::from_secs(600)).await;
    assert_eq!(
        of(&observing.scrape().await?, "STAYS").len(),
        of(&scraped, "STAYS").len()
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_at_first_is_asked_until_it_answers() -> Result {
    let garage = Garage::new([("LATE", vec![])]);
    garage.list(Err(error(
        Problem::Unreachable,
        Next::After(Duration::from_secs(30)),
    )));
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(70)).await;
    assert_eq!(garage.times("list all"), [0, 30, 60]);
    garage.list(Ok(vec![moped("LATE")]));
    sleep(Duration::from_secs(25)).await;
    assert!(!of(&observing.scrape().await?, "LATE").is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_thousand_vehicles_take_turns_and_do_not_all_ask_at_once() -> Result {
    let garage = Garage::new([]);
    garage.list(Ok((0..1_000).map(moped).collect()));
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_millis(29_999)).await;
    let asked = garage.asked.lock().expect("no panic").clone();
    let states: Vec<_> = asked
        .iter()
        .filter(|(_, what)| what.starts_with("state"))
        .collect();
    assert_eq!(states.len(), 3 * 1_000);
    for second in 0..30 {
        let in_it = states
            .iter()
            .filter(|(at, _)| at.as_secs() == second)
            .count();
        assert!((90..=110).contains(&in_it), "{in_it} in second {second}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn once_asks_each_vehicle_once_and_tells_the_first_error() -> Result {
    let failing = error(Problem::Server, Next::AsUsual);
    let garage = Garage::new([
        ("FAILS", vec![Does::Fail(failing.clone())]),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let once = Settings {
        once: true,
        ..settings()
    };
    let observing = Observing::start(&garage, once)?;
    assert_eq!(observing.ended().await?, Err(failing));
    assert_eq!(garage.times("snapshot WORKS"), [0]);
    Ok(())
}
