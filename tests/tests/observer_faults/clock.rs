//! This machine's clock is wrong, and jumps: with libfaketime in the observer, not in what it talks to.

use std::path::{Path, PathBuf};
use std::slice;

use metric_tests::account;
use metric_tests::samples::of_cars;
use metric_tests::servers;
use secrecy::ExposeSecret as _;
use tesla_observer::simulator::Route;

use crate::stage::{Stage, ends_well, eventually, side_by_side};

/// Where Debian's package has it, else beside the servers of the tests.
fn library() -> Option<PathBuf> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    folders
        .iter()
        .map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"))
        .find(|library| library.exists())
        .or_else(|| servers::installed("libfaketime.so.1"))
}

/// A clock that can be put forward and back.
struct Clock(PathBuf);

impl Clock {
    fn set(&self, to: &str) {
        let new = self.0.with_extension("new");
        std::fs::write(&new, to).expect("a writable folder");
        std::fs::rename(&new, &self.0).expect("a writable folder");
    }
}

const HOUR: i64 = 3_600;
/// 1990-01-01: where a machine without a battery begins, more or less.
const LONG_AGO: &str = "@1990-01-01 00:00:00";

/// How far the newest report's time is from the real one, in hours.
fn hours_ahead(stage: &Stage) -> Option<i64> {
    let newest = stage.well.with_requests(|all| {
        let mut newest_first = all.iter().rev();
        newest_first.find_map(|one| Some(of_cars(slice::from_ref(one)).last()?.time))
    });
    let newest = newest? / 1_000_000_000;
    let now = crate::stage::nanos() / 1_000_000_000;
    Some((i64::try_from(newest).ok()? - i64::try_from(now).ok()? + HOUR / 2).div_euclid(HOUR))
}

/// What it is called, what the clock shows first and then, with how far that is ahead, in hours.
type Case = (&'static str, &'static str, Vec<(&'static str, i64)>);

/// An observer of an account, with tokens of eight hours, whose clock shows these times in turn.
fn case(library: &Path, what: &str, first: &str, then: &[(&str, i64)]) {
    let stage = Stage::new(2);
    let vins = stage.simulator.vins();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock(folder.path().join("clock"));
    clock.set(first);
    let tokens = stage.simulator.issue_tokens();
    let host = stage.simulator.url();
    let ends = crate::stage::nanos() / 1_000_000_000 + 28_800;
    let account = account::imported(host.as_str(), &tokens, folder.path(), ends);

    let mut observer = stage
        .brief(account)
        // Nothing here takes long but by lack of processors: that is no failure.
        .with("TESLA_TIMEOUT_SEC", "60")
        .with("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")
        .with("LD_PRELOAD", library.display())
        .with("FAKETIME_TIMESTAMP_FILE", clock.0.display())
        .with("FAKETIME_NO_CACHE", "1")
        // As on a real machine: the clock that measures intervals never jumps.
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .start();
    let turns = |what: &str, more: f64| {
        let read = || {
            let turns = stage.own("observer.cycles", &["outcome"]);
            turns.get("read").copied().unwrap_or_default()
        };
        let before = read();
        eventually(what, || (read() >= before + more).then_some(()));
    };
    turns(&format!("{what}: turns at {first}"), 4.0);
    for (time, hours) in then {
        clock.set(time);
        eventually(&format!("{what}: reports of {time}"), || {
            (hours_ahead(&stage) == Some(*hours)).then_some(())
        });
        // It goes on as fast as before: six turns of two cars are a second and a half. A wait that
        // went by the clock would last hours.
        let since = std::time::Instant::now();
        turns(&format!("{what}: turns at {time}"), 6.0);
        let took = since.elapsed();
        assert!(
            took.as_secs() < 60,
            "{what}: {took:?} at {time}:\n{}",
            observer.log()
        );
    }
    let outcomes = stage.own("observer.cycles", &["outcome"]);
    assert!(!outcomes.contains_key("failed"), "{what}: {outcomes:?}");
    // A token is renewed once for each time that it seems to be too old, and never in a storm.
    let renewals = stage.simulator.requests().of(Route::Token);
    assert!(
        renewals <= 1 + then.len() as u64,
        "{what}: {renewals} renewals"
    );
    let age = stage.own("observer.token.age", &[]);
    assert!(age.values().all(|age| *age >= 0.0), "{what}: {age:?}");
    let failures = stage.own("observer.export.failures", &["error.type"]);
    assert!(failures.is_empty(), "{what}: {failures:?}");
    assert_eq!(vins.len(), 2);
    for secret in [&tokens.access_token, &tokens.refresh_token] {
        assert!(!observer.log().contains(secret.expose_secret()), "{what}");
    }
    ends_well(observer, tokens.access_token.expose_secret(), what);
}

#[test]
fn a_clock_that_is_hours_off_or_jumps_stops_nothing_and_renews_no_token_in_a_storm() {
    let Some(library) = library() else {
        return;
    };
    let cases: Vec<Case> = vec![
        (
            "forward and back",
            "+0",
            vec![("+10h", 10), ("-10h", -10), ("+0", 0)],
        ),
        (
            "back first",
            "+0",
            vec![("-30h", -30), ("+0", 0), ("+30h", 30)],
        ),
        ("wrong from the start", "+20h", vec![("+0", 0)]),
        ("no battery", LONG_AGO, vec![("+0", 0)]),
        (
            "to and fro",
            "+0",
            vec![
                ("+2h", 2),
                ("+0", 0),
                ("+2h", 2),
                ("+0", 0),
                ("-2h", -2),
                ("+0", 0),
            ],
        ),
    ];
    side_by_side(cases, |(what, first, then)| {
        case(&library, what, first, &then)
    });
}
