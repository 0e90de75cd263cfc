//! What a history takes: its size after a year of one car, how long its charts take to be answered, and
//! how long a thousand cars take to be written.
//!
//! The year is that of a simulated car that commutes, charges, has weekends and sleeps at night, asked
//! by the real schedule and the real client over HTTP, in simulated time.
//!
//! ```sh
//! cargo bench -p metric-tests --bench history             # a year: five minutes
//! cargo bench -p metric-tests --bench history -- --quick  # thirty days
//! ```

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use metric_core::testing::observe;
use tempfile::TempDir;
use tesla_observer::budget::{Clock, Governor, Ledger, Moment};
use tesla_observer::fetch::tesla::{Settings as Client, Tesla};
use tesla_observer::fetch::{Availability, Vehicle as Car, VehicleFetcher as _};
use tesla_observer::history::{
    Cars, Latest, Metric, Observed, Query, Reader, Readers, Recorder, Report, Settings, Standing,
    Vehicle, charges, drives, samples,
};
use tesla_observer::instrumentor::VehicleReport;
use tesla_observer::model::{EvMetrics, Watched as _};
use tesla_observer::schedule::{self, Came, Schedule};
use tesla_observer::simulator::{self, Habits, Simulator};
use tesla_observer::turn::{self, Answer};
use tesla_observer::web::{Health, HealthSource, Scrape, Server, Site};
use tokio::runtime::Runtime;

const DAY: Duration = Duration::from_secs(86_400);
const MIB: f64 = 1_048_576.0;
/// What the issue allows a year of one car.
const ALLOWED_MIB: f64 = 150.0;
/// How many reports are written together: a year's syncs would take an hour.
const TOGETHER: usize = 500;

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` does not, and then nothing is measured.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if !has("--bench") {
        return;
    }
    let days: u32 = if has("--quick") { 30 } else { 365 };
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = Settings {
        path: folder.path().join("history.sqlite"),
        keep: None,
    };
    let car = runtime.block_on(year(&settings, days));
    charts(&runtime, &settings.path, &car, days);
    fleet(if has("--quick") { 6 } else { 30 });
}

/// A history of so many days of one car. Fails if a year of it takes more than it may.
async fn year(settings: &Settings, days: u32) -> Vehicle {
    let began = Instant::now();
    let simulator = Simulator::start(simulator::Settings {
        vehicles: 2,
        habits: Habits::Usual,
        speed: 0.0,
        start: Some(UNIX_EPOCH + Duration::from_secs(1_735_689_600)),
        access_token_life: 400 * DAY,
        ..simulator::Settings::default()
    });
    let simulator = simulator.await.expect("it listens on loopback");
    let simulated = simulator.clock();
    let clock = simulated.clone();
    let (origin, at_start) = (Instant::now(), clock.now());
    let budget_clock = Clock::from_fn(move || {
        let wall = clock.now();
        Moment {
            wall,
            runs: origin + wall.duration_since(at_start).unwrap_or_default(),
        }
    });
    let unlimited = Governor::new(None, Ledger::in_memory(), budget_clock);
    let tesla = Tesla::with_fixed_token(Client {
        api_host: Some(simulator.url()),
        token: Some(simulator.issue_tokens().access_token),
        governor: unlimited,
        ..Client::default()
    });
    let tesla = tesla.expect("a client");
    let vin = simulator.vins().pop().expect("there are cars");
    let car = Car {
        display_name: None,
        id: vin.clone(),
        vin: vin.clone(),
    };
    let vehicle = Vehicle {
        vehicle_id: "Commuter".to_owned(),
        vin: Some(vin),
    };

    let mut recorder = Recorder::open(settings, Cars::Simulated).expect("a new file");
    let mut waiting = Vec::new();
    let start = tokio::time::Instant::now();
    let mut now = start;
    let mut schedule = Schedule::new(schedule::Settings::default(), start);
    let (mut reports, mut values) = (0_u64, 0_u64);
    while let Some(turn) = schedule.next().filter(|turn| turn.at - start < DAY * days) {
        simulated.advance(turn.at - now);
        now = turn.at;
        let answer = turn::take(&tesla, &car, turn.ask).await;
        let condition = match &answer {
            Answer::Read(snapshot) => Some(snapshot.metrics.condition()),
            _ => None,
        };
        let came = match (&answer, &condition) {
            (Answer::Read(_), Some(condition)) => Came::Read(condition),
            (Answer::State(availability), _) => Came::State(*availability),
            (Answer::LooksOnline | Answer::Read(_), _) => Came::LooksOnline,
            (Answer::Failed(error), _) => panic!("the simulator answers: {error}"),
        };
        let took = Duration::from_millis(300);
        schedule.came(now, now + took, came, tesla.pace());
        let (availability, metrics) = match answer {
            Answer::Read(snapshot) => (Availability::Online, Some(snapshot.metrics)),
            Answer::State(availability) => (availability, None),
            _ => continue,
        };
        let report = report(
            &vehicle,
            i64::try_from(unix_ms(&simulated)).expect("this era"),
            &VehicleReport {
                state: availability,
                online: availability == Availability::Online,
                activity: schedule.activity(),
                metrics,
            },
        );
        reports += 1;
        values += report.values.len() as u64;
        waiting.push(report);
        if waiting.len() == TOGETHER {
            recorder.record(&waiting).expect("it is written");
            waiting.clear();
        }
    }
    recorder.record(&waiting).expect("it is written");
    drop(recorder);
    let size = std::fs::metadata(&settings.path)
        .expect("it is there")
        .len() as f64
        / MIB;
    let of_a_year = size * 365.0 / f64::from(days);
    println!(
        "A car's {days} days:      {size:.1} MiB for {reports} reports of {values} values; a year \
         {of_a_year:.0} MiB (it may take {ALLOWED_MIB}); made in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    assert!(of_a_year <= ALLOWED_MIB, "too large");
    trips(&settings.path, &vehicle, &simulator);
    simulator.shutdown().await;
    vehicle
}

fn unix_ms(clock: &simulator::Clock) -> u128 {
    let since = clock.now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis())
}

fn report(vehicle: &Vehicle, time_ms: i64, of: &VehicleReport<EvMetrics>) -> Arc<Report> {
    let points = observe(of);
    let values = points.iter().map(|point| Observed {
        metric: Arc::new(Metric {
            name: point.name.clone(),
            unit: point.metric.unit().to_owned(),
            description: String::new(),
        }),
        attributes: {
            let pairs = point.attributes.iter();
            let mut pairs: Vec<_> = pairs
                .map(|own| (own.key.to_string(), own.value.as_str().into_owned()))
                .collect();
            pairs.sort();
            Arc::new(pairs)
        },
        value: point.value.as_f64(),
    });
    Arc::new(Report {
        vehicle: vehicle.clone(),
        time_ms,
        values: values.collect(),
    })
}

/// Drives and charging sessions as they are worked out, beside what the simulator knows.
fn trips(path: &Path, vehicle: &Vehicle, simulator: &Simulator) {
    let reader = Reader::open(path).expect("it can be read");
    let key = vehicle.key();
    let began = Instant::now();
    let found = drives(&reader, &key, 0, i64::MAX).expect("it can be read");
    let took = began.elapsed();
    let charged = charges(&reader, &key, 0, i64::MAX).expect("it can be read");
    let outings = simulator.outings(vehicle.vin.as_deref().unwrap_or_default());
    // The simulator remembers the latest only.
    let outings = outings.unwrap_or_default();
    let made: Vec<i64> = outings
        .iter()
        .filter(|own| own.is_drive)
        .filter_map(|own| own.start.duration_since(UNIX_EPOCH).ok())
        .filter_map(|since| i64::try_from(since.as_millis()).ok())
        .collect();
    let first = made.iter().min().copied().unwrap_or_default() - 60_000;
    let seen = found.iter().filter(|drive| drive.from_ms >= first).count();
    let miles: f64 = found.iter().filter_map(|drive| drive.miles).sum();
    let kwh: f64 = found.iter().filter_map(|drive| drive.kwh).sum();
    let added: f64 = charged.iter().filter_map(|charge| charge.added_kwh).sum();
    println!(
        "Worked out of it:     {} drives (of the latest {} {seen}), {miles:.0} mi with {kwh:.0} kWh \
         ({:.0} Wh/mi); {} charging sessions with {added:.0} kWh; drives of all days in {:.0} ms",
        found.len(),
        made.len(),
        kwh * 1000.0 / miles,
        charged.len(),
        took.as_secs_f64() * 1000.0,
    );
    // Nearly each is there, and none that was not made.
    let near = made.len().div_ceil(20);
    assert!(seen.abs_diff(made.len()) <= near, "drives are missing");
}

/// The median of some runs, in milliseconds.
fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// How long it takes to read a chart's values, and to answer it over HTTP.
fn charts(runtime: &Runtime, path: &Path, vehicle: &Vehicle, days: u32) {
    let reader = Reader::open(path).expect("it can be read");
    let entry = &reader.vehicles().expect("it can be read")[0];
    let (from_ms, to_ms) = (entry.first_ms, entry.last_ms);
    let step = (to_ms - from_ms) / 400;
    println!("A chart of {days} days, the median of 9:");
    for metric in [
        "chargestate_battery_level",
        "drivestate_speed",
        "vehiclestate_odometer",
    ] {
        let mut count = 0;
        let read = median(|| {
            let query = Query {
                vehicle: &vehicle.key(),
                metric,
                from_ms,
                to_ms,
            };
            let series = reader.series(query).expect("it can be read");
            count = series.iter().map(|own| own.values.len()).sum();
            let drawn: usize = series
                .iter()
                .map(|own| samples(&own.values, step).len())
                .sum();
            assert!(drawn > 0);
        });
        let (server, client) = serve(runtime, path, vehicle);
        let url = format!(
            "{}api/series?metric={metric}&vehicle={}&from={from_ms}&to={to_ms}",
            server.url(),
            vehicle.key()
        );
        let answered = median(|| assert!(fetched(runtime, &client, &url).1 > 1_000));
        println!(
            "  {metric:<28} {count:>7} values, read in {read:>5.1} ms, answered in {answered:>5.1} ms"
        );
    }
    let (server, client) = serve(runtime, path, vehicle);
    let mut pages = vec![("/", server.url())];
    let car = format!(
        "{}vehicles/{}?from={from_ms}&to={to_ms}",
        server.url(),
        vehicle.key()
    );
    pages.push(("the car, all its days", car));
    for (what, url) in pages {
        let mut first = Vec::new();
        let whole = median(|| first.push(fetched(runtime, &client, &url).0));
        first.sort_by(f64::total_cmp);
        println!(
            "  {what:<28} first byte in {:>5.1} ms, whole in {whole:>5.0} ms",
            first[first.len() / 2]
        );
    }
}

fn serve(runtime: &Runtime, path: &Path, vehicle: &Vehicle) -> (Server, reqwest::Client) {
    let _inside = runtime.enter();
    let latest = Latest::default();
    let reader = Reader::open(path).expect("it can be read");
    latest.put(
        reader
            .last_awake()
            .expect("it can be read")
            .into_iter()
            .map(Arc::new),
    );
    assert_eq!(latest.known()[0].vehicle, *vehicle);
    let health = HealthSource::new(|| Health {
        uptime_seconds: 1.0,
        simulated: true,
        vehicles: Vec::new(),
        token: None,
        exports: Vec::new(),
        history: Standing::Off,
        history_lost: 0,
        history_size: 0,
    });
    let readers = Readers::new(path.to_owned(), Cars::Simulated);
    let settings = tesla_observer::web::Settings {
        address: ([127, 0, 0, 1], 0).into(),
        any_port: false,
        token: None,
    };
    let scrape: Scrape = Arc::new(|| Box::pin(async { None }));
    let server = Server::start(&settings, Site::new(latest, Some(readers), health), scrape);
    let client = reqwest::Client::builder().no_proxy().build();
    (server.expect("it listens"), client.expect("a client"))
}

/// When the first byte of an answer came, in milliseconds, and how many there were.
fn fetched(runtime: &Runtime, client: &reqwest::Client, url: &str) -> (f64, usize) {
    runtime.block_on(async {
        let began = Instant::now();
        let mut answer = client.get(url).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        let mut first = None;
        let mut bytes = 0;
        while let Some(chunk) = answer.chunk().await.expect("a whole answer") {
            first.get_or_insert(began.elapsed().as_secs_f64() * 1000.0);
            bytes += chunk.len();
        }
        (first.unwrap_or_default(), bytes)
    })
}

/// A thousand cars that report every ten seconds: a tenth of them drives, and 25 values of each change;
/// of the others 6, their clocks, do. How long does writing that take?
fn fleet(rounds: u32) {
    const CARS: usize = 1_000;
    /// As the observer exports them.
    const TOGETHER: usize = 50;
    const SERIES: usize = 300;
    let folder = TempDir::new().expect("a temporary folder");
    let settings = Settings {
        path: folder.path().join("history.sqlite"),
        keep: None,
    };
    let mut recorder = Recorder::open(&settings, Cars::Simulated).expect("a new file");
    let metrics: Vec<Arc<Metric>> = (0..SERIES)
        .map(|number| {
            Arc::new(Metric {
                name: format!("chargestate_number_{number}"),
                unit: String::new(),
                description: String::new(),
            })
        })
        .collect();
    let none = Arc::default();
    let reports = |round: u32| {
        let report = |car: usize| {
            let changing = if car.is_multiple_of(10) { 25 } else { 6 };
            let values = metrics.iter().enumerate().map(|(number, metric)| Observed {
                metric: Arc::clone(metric),
                attributes: Arc::clone(&none),
                value: match number < changing {
                    true => f64::from(round) * 1.25 + number as f64,
                    false => number as f64,
                },
            });
            Arc::new(Report {
                vehicle: Vehicle {
                    vehicle_id: format!("Car {car}"),
                    vin: Some(format!("VIN{car:05}")),
                },
                time_ms: 1_735_689_600_000 + i64::from(round) * 10_000,
                values: values.collect(),
            })
        };
        (0..CARS).map(report).collect::<Vec<_>>()
    };
    let mut times = Vec::new();
    for round in 0..=rounds {
        let all = reports(round);
        let began = Instant::now();
        for some in all.chunks(TOGETHER) {
            recorder.record(some).expect("it is written");
        }
        times.push(began.elapsed().as_secs_f64());
    }
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    println!(
        "1,000 cars:           10 s of reports are written in {:.2} s (median of {rounds}; at most {:.2} s; \
         the first, with all series new, {first:.1} s)",
        times[times.len() / 2],
        times.last().copied().unwrap_or_default(),
    );
    assert!(times[times.len() / 2] < 10.0, "it does not keep up");
}
