//! The month: its steps, and what must hold in it and after it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use metric_tests::soak::plan::{Plan, Trouble, What};
use tesla_observer::simulator::Route;

use crate::child::NAMES;
use crate::figures::{Figures, MIB};
use crate::stage::{Observer, Stage};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);
/// The clocks' steps: half of the shortest time in which a connection that is silent is given up, so
/// that what has come is always read before that.
const STEP: Duration = Duration::from_secs(5);
const VEHICLES: usize = 3;
/// In so many days, everything has gone wrong.
const MANY_DAYS: u32 = 21;

/// The observer's process at the end of a day.
#[derive(Clone, Copy, Debug)]
struct Evening {
    memory: u64,
    tasks: usize,
    files: usize,
    /// Reports of cars so far.
    reports: usize,
}

pub(crate) fn live(seed: u64, days: u32) {
    let began = Instant::now();
    let length = DAY * days;
    let mut stage = Stage::new(seed, VEHICLES);
    let vins = stage.simulator.vins();
    let plans = [
        Plan::new(seed, length, &vins),
        // For the receiver over gRPC and the path to it.
        Plan::new(!seed, length, &vins),
    ];
    println!("{days} simulated days of {VEHICLES} cars, SOAK_SEED={seed}");
    println!("troubles planned: {:?}", kinds(&plans));
    let mut observer = stage.observer();
    pass(&mut observer, &mut stage, HOUR);
    let before = (observer.tasks(), observer.open_files());
    observer.tell("begin");
    let (evenings, steps) = observe(&mut stage, &mut observer, &plans, length);
    let peak = observer.memory().1;
    let undelivered = observer.tell("end");
    // Connections that nobody uses any more are closed in time.
    pass(&mut observer, &mut stage, HOUR);
    let after = (observer.tasks(), observer.open_files());
    drop(observer);
    println!(
        "{steps} steps of at most {STEP:?} in {:.0?}",
        began.elapsed()
    );

    let log = stage.log();
    assert!(!log.contains("panicked"), "{log}");
    assert_eq!(undelivered, "", "{log}");
    assert_eq!(stage.waiting(), 0, "the spool is not empty");
    memory_is_flat(&evenings, peak);
    println!(
        "tasks and open files: {before:?} before, {after:?} after; at the ends of days {:?}",
        evenings
            .iter()
            .map(|own| (own.tasks, own.files))
            .collect::<Vec<_>>()
    );
    assert_eq!(before, after, "something is left of it");
    let first = evenings[0];
    for own in &evenings {
        // Connections come and go.
        assert!(
            own.tasks <= first.tasks + 12 && own.files <= first.files + 12,
            "{own:?}"
        );
    }
    nothing_is_lost(&stage);
    readings_are_what_was_asked(&stage);
    troubles_struck(&stage, days);
    if let [.., last_but_one, last] = &evenings[..] {
        assert!(
            last.reports > last_but_one.reports + 100,
            "it does not observe any more"
        );
    }
}

/// All days; what the observer had at the end of each, and how many steps it were.
fn observe(
    stage: &mut Stage,
    observer: &mut Observer,
    plans: &[Plan; 2],
    length: Duration,
) -> (Vec<Evening>, u64) {
    let mut changes: Vec<_> = plans.iter().flat_map(Plan::changes).collect();
    changes.sort_unstable();
    let mut changes = changes.into_iter().peekable();
    let mut evenings = Vec::new();
    let (mut now, mut steps) = (Duration::ZERO, 0);
    stage.set(plans, now);
    while now < length {
        let day = DAY * u32::try_from(evenings.len() + 1).expect("some days");
        let next = (now + STEP).min(day);
        let next = changes.peek().map_or(next, |change| next.min(*change));
        stage.simulator.clock().advance(next - now);
        observer.advance(next - now);
        now = next;
        steps += 1;
        stage.settle(observer);
        let mut has_changed = false;
        while changes.next_if(|change| *change <= now).is_some() {
            has_changed = true;
        }
        if has_changed {
            stage.set(plans, now);
        }
        if now == day {
            evenings.push(Evening {
                memory: observer.memory().0,
                tasks: observer.tasks(),
                files: observer.open_files(),
                reports: stage.records[0].reports(),
            });
        }
    }
    // What was said last.
    for _ in 0..20 {
        stage.settle(observer);
    }
    (evenings, steps)
}

/// Lets time pass without troubles.
fn pass(observer: &mut Observer, stage: &mut Stage, time: Duration) {
    for _ in 0..time.as_secs() / STEP.as_secs() {
        observer.advance(STEP);
        stage.settle(observer);
    }
}

/// The last week's memory is that of the second; of few days, the last one's is that of the second.
fn memory_is_flat(evenings: &[Evening], peak: u64) {
    let mib = |bytes: u64| bytes as f64 / MIB;
    let memory: Vec<f64> = evenings.iter().map(|own| mib(own.memory)).collect();
    let (early, late) = match memory.len() {
        0..=2 => (&memory[..1], &memory[..1]),
        days @ 3..=20 => (&memory[1..2], &memory[days - 1..]),
        days => (&memory[7..14], &memory[days - 7..]),
    };
    let (early, late) = (median(early), median(late));
    println!(
        "memory: at most {:.1} MiB; early {early:.1}, late {late:.1}, at the ends of days {memory:.1?}",
        mib(peak)
    );
    assert!(
        late <= early * 1.1 + 4.0,
        "memory grows from {early} to {late} MiB"
    );
    assert!(mib(peak) < 80.0, "too much memory");
}

fn median(all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn nothing_is_lost(stage: &Stage) {
    let [well, others @ ..] = &stage.records[..] else {
        unreachable!("there are three receivers");
    };
    for (name, record) in NAMES.iter().zip(&stage.records) {
        let compared = record.beside(well);
        println!(
            "{name}: {compared}; {} requests again although answered",
            record.again()
        );
        assert_eq!((compared.lost, compared.surplus), (0, 0), "{name}");
        assert_eq!(record.again(), 0, "{name}: what was answered came again");
    }
    assert_eq!(others.len(), 2);
    let truth = well.beside(well);
    assert_eq!((truth.rejected, truth.repeated), (0, 0));
    // What was read is what was reported.
    let figures = Figures::of(well);
    assert_eq!(figures.sum("observer.export.dropped", &[]), 0.0);
    let failed = figures.sum("observer.cycles", &[("outcome", "failed")]);
    let outdated = figures.sum("observer.cycles", &[("outcome", "outdated")]);
    let turns = figures.sum("observer.cycles", &[]);
    println!(
        "{turns} turns: {} readings, {failed} failed, {outdated} outdated, the rest was asleep or left \
         alone; {} reports",
        figures.sum("observer.cycles", &[("outcome", "read")]),
        well.reports()
    );
    assert_eq!(
        turns - failed - outdated,
        well.reports() as f64,
        "turns and reports"
    );
}

/// The cars' service has counted, too. It knows nothing of what became of its answers on their way, but
/// it was asked for each that the observer had, and not more often than the observer says.
fn readings_are_what_was_asked(stage: &Stage) {
    let well = &stage.records[0];
    let figures = Figures::of(well);
    let requests = stage.simulator.requests();
    let asked = requests.of(Route::VehicleData) as f64;
    const DATA: &str = "/api/1/vehicles/{id}/vehicle_data";
    let made = figures.with("http.client.request.duration", "url.template", DATA);
    let counts = |key| made.by("http.client.request.duration", key).into_values();
    let all = made.sum("http.client.request.duration", &[]);
    let answered: f64 = counts("http.response.status_code").sum();
    // It has an `error.type` unless it was answered with success, to the end.
    let succeeded = all - counts("error.type").sum::<f64>();
    let turns = |outcome| figures.sum("observer.cycles", &[("outcome", outcome)]);
    let (read, outdated, failed) = (turns("read"), turns("outdated"), turns("failed"));
    println!(
        "the cars' service was asked for data {asked} times, says the service; the observer says: {all} \
         times, {answered} answers, {succeeded} of them successes, {read} readings and {outdated} \
         outdated ones"
    );
    // For each car, one may be under way when the observer ends.
    let most = all + VEHICLES as f64;
    assert!(
        (answered..=most).contains(&asked),
        "{answered} <= {asked} <= {most}"
    );
    // A success that cannot be read is a turn that has failed.
    let used = read + outdated;
    assert!(
        (used..=used + failed).contains(&succeeded),
        "{used} <= {succeeded} <= {used} + {failed}"
    );
    let mut readings = 0;
    for vin in stage.simulator.vins() {
        let (came, asked) = (
            well.readings(&vin),
            requests.of_vehicle(Route::VehicleData, &vin),
        );
        println!("{vin}: {came} readings came, its data were asked for {asked} times");
        assert!(0 < came && came <= asked, "{vin}: {came} of {asked}");
        readings += came;
    }
    assert_eq!(readings as f64, read, "what was read and what came");
}

/// The observer's own metrics have it.
fn troubles_struck(stage: &Stage, days: u32) {
    let figures = Figures::of(&stage.records[0]);
    let requests = figures.by("http.client.request.duration", "error.type");
    println!("requests to the cars' service that failed: {requests:?}");
    // A few days do not have everything, and one has nothing: the last is free of trouble.
    let (least, least_waited, least_refused) = match days {
        MANY_DAYS.. => (4, 10.0, 1),
        _ => (0, 0.0, 0),
    };
    assert!(requests.len() >= least, "{requests:?}");
    for (name, record) in NAMES.iter().zip(&stage.records).skip(1) {
        let failures = figures.with("observer.export.failures", "destination", name);
        let failures = failures.by("observer.export.failures", "error.type");
        let waited = figures.with("observer.export.waiting", "destination", name);
        let waited = waited.most("observer.export.waiting", &[("place", "disk")]);
        println!(
            "{name}: attempts that failed: {failures:?}; at most {waited} requests waited on disk"
        );
        assert!(failures.len() >= least, "{name}: {failures:?}");
        // The receiver has counted, too; on the path, more went wrong.
        let refused = record.refused() as f64;
        assert!(
            failures.values().sum::<f64>() >= refused,
            "{name}: {refused} refused, {failures:?}"
        );
        assert!(waited >= least_waited, "{name}: {waited}");
    }
    let refused = stage.refused();
    println!("{refused} requests were refused by the receivers");
    assert!(refused >= least_refused);
    let renewed = [
        ("http.response.status_code", "200"),
        ("url.template", "/oauth2/v3/token"),
    ];
    let renewed = figures.sum("http.client.request.duration", &renewed);
    println!("{renewed} renewals of the token");
    assert!(renewed >= f64::from(days), "{renewed}");
}

/// How many troubles of each kind there are.
fn kinds(plans: &[Plan; 2]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    let mut add = |side: &str, what: String| {
        let what = what.split([' ', '(']).next().unwrap_or_default().to_owned();
        *kinds.entry(format!("{side} {what}")).or_default() += 1;
    };
    for Trouble { what, .. } in &plans[0].troubles {
        match what {
            What::Answers(rule) => add("answer", format!("{:?}", rule.fault)),
            What::ApiPath(path) => add("path to the service", format!("{path:?}")),
            _ => {}
        }
    }
    for Trouble { what, .. } in plans.iter().flat_map(|plan| &plan.troubles) {
        match what {
            What::OtlpPath(path) => add("path to a receiver", format!("{path:?}")),
            What::Receiver(refusal) => add("receiver", format!("{refusal:?}")),
            _ => {}
        }
    }
    kinds
}
