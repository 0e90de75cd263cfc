//! Where what waits is kept: a directory that another has, that cannot be used, or that is not safe.

use std::fs;
use std::path::Path;

use tesla_observer::telemetry::{Protocol, Settings};

use crate::cars::Car;
use crate::delivery::{Log, report};
use crate::receiver::{self, Answer, Receiver};
use crate::spool::{away, back, folder, in_vain, nobody, on_disk, spooled, values};
use crate::{PATIENCE, metrics_to, otlp, start};

#[tokio::test]
async fn a_second_observer_goes_on_in_memory_and_is_told_what_to_do() {
    let log = Log::start();
    let folder = folder();
    let receiver = receiver::http().await;
    let destination = || otlp("otlp", Protocol::HttpProtobuf, &receiver.url("/v1/metrics"));
    let first = start(spooled(metrics_to([destination()]), &folder));
    first.say_what_was_found();
    assert!(log.lines().is_empty(), "{:?}", log.lines());
    let second = start(spooled(metrics_to([destination()]), &folder));
    second.say_what_was_found();
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in ["another observer uses", "--spool-dir", "in memory only"] {
        assert!(lines[0].contains(part), "{lines:?}");
    }
    let fleet = second.fleet::<Car>().expect("the first");
    report(&second, &fleet, 1).await;
    receiver.requests(1).await;
    second.shutdown(PATIENCE).await.expect("it is there");
    first.shutdown(PATIENCE).await.expect("it is there");
    let points = receiver.points();
    let durable = |value| {
        let own =
            |own: &&receiver::Point| own.name == "observer.export.durable" && own.value == value;
        points.iter().filter(own).count()
    };
    assert_eq!((durable("0"), durable("1")), (1, 1));
    // It is free again.
    let third = start(spooled(metrics_to([destination()]), &folder));
    third.say_what_was_found();
    third.shutdown(PATIENCE).await.expect("it is there");
    assert_eq!(log.lines().len(), 1, "{:?}", log.lines());
}

#[tokio::test]
async fn a_directory_that_cannot_be_used_is_said_and_exporting_goes_on() {
    let log = Log::start();
    let folder = folder();
    fs::write(folder.path().join("spool"), "no directory").expect("a writable folder");
    let receiver = receiver::http().await;
    let destination = otlp("otlp", Protocol::HttpProtobuf, &receiver.url("/v1/metrics"));
    let telemetry = start(spooled(metrics_to([destination]), &folder));
    telemetry.say_what_was_found();
    let fleet = telemetry.fleet::<Car>().expect("the first");
    report(&telemetry, &fleet, 1).await;
    receiver.requests(1).await;
    telemetry.shutdown(PATIENCE).await.expect("it is there");
    assert_eq!(values(&receiver), ["1"]);
    let lines = log.lines();
    let told = lines
        .iter()
        .filter(|line| line.contains("the spool cannot be used"));
    assert_eq!(told.count(), 1, "{lines:?}");
}

/// Reports one value, which arrives; and what was said.
async fn said_of(settings: Settings, receiver: &Receiver) -> Vec<String> {
    let log = Log::start();
    let telemetry = start(settings);
    telemetry.say_what_was_found();
    let fleet = telemetry.fleet::<Car>().expect("the first");
    report(&telemetry, &fleet, 1).await;
    receiver.requests(1).await;
    telemetry.shutdown(PATIENCE).await.expect("it is there");
    assert_eq!(values(receiver), ["1"]);
    log.lines()
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_where_others_could_exchange_it_or_where_a_link_leads() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    let mode = |path: &Path| {
        let found = fs::metadata(path).expect("it is there");
        found.permissions().mode() & 0o7777
    };
    let is_empty = |path: &Path| fs::read_dir(path).expect("it is there").next().is_none();
    for (way, told) in [
        ("above", "chmod o-w"),
        ("log", "is a link to elsewhere"),
        ("lock", "is a link to elsewhere"),
    ] {
        let folder = folder();
        let (spool, elsewhere) = (folder.path().join("spool"), folder.path().join("elsewhere"));
        fs::create_dir(&elsewhere).expect("a writable folder");
        set(&elsewhere, 0o755);
        match way {
            "above" => set(folder.path(), 0o777),
            "log" => {
                fs::create_dir(&spool).expect("a writable folder");
                symlink(&elsewhere, spool.join("otlp.metrics")).expect("a writable folder");
            }
            _ => {
                fs::create_dir(&spool).expect("a writable folder");
                symlink(elsewhere.join("made"), spool.join("lock")).expect("a writable folder");
            }
        }
        let receiver = receiver::http().await;
        let destination = otlp("otlp", Protocol::HttpProtobuf, &receiver.url("/v1/metrics"));
        let lines = said_of(spooled(metrics_to([destination]), &folder), &receiver).await;
        let matching = lines.iter().filter(|line| line.contains(told));
        assert_eq!(matching.count(), 1, "{way}: {lines:?}");
        assert!(lines.iter().all(|line| !line.contains("wait on disk")));
        assert!(is_empty(&elsewhere), "{way}");
        assert_eq!(mode(&elsewhere), 0o755, "{way}");
        set(folder.path(), 0o700);
    }
    // What is one's own is closed, and used.
    let folder = folder();
    let spool = folder.path().join("spool");
    fs::create_dir(&spool).expect("a writable folder");
    set(&spool, 0o777);
    let gone = away(nobody().await, Protocol::HttpProtobuf, "/v1/metrics");
    in_vain(spooled(metrics_to([gone]), &folder), 0..1).await;
    assert_eq!(
        (mode(&spool), mode(&spool.join("away.metrics"))),
        (0o775, 0o700)
    );
    assert_eq!(on_disk(&folder, "away.metrics"), 2);
}

/// The folder as it is now: what SIGKILL would leave.
fn as_it_is(from: &Path) -> tempfile::TempDir {
    let copy = folder();
    let mut folders = vec![(from.to_owned(), copy.path().to_owned())];
    while let Some((from, to)) = folders.pop() {
        for entry in fs::read_dir(from).expect("it is there") {
            let entry = entry.expect("it is there");
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                fs::create_dir(&to).expect("a writable folder");
                folders.push((entry.path(), to));
            } else {
                fs::copy(entry.path(), to).expect("a writable folder");
            }
        }
    }
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_in_part_or_refused_is_not_sent_again_after_a_kill() {
    let refused = Answer::Refuse(400, Vec::new(), "no");
    let partly = Answer::Partly(1, "too old");
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        for first in [&partly, &refused] {
            let folder = folder();
            let address = nobody().await;
            let at = |address| metrics_to([away(address, protocol, "/v1/metrics")]);
            in_vain(spooled(at(address), &folder), 0..3).await;
            let receiver = back(address, protocol).await;
            receiver.answer(Answer::Once(Box::new(first.clone())));
            let telemetry = start(spooled(at(address), &folder));
            // The second one is on its way: the first has been answered.
            receiver.requests(2).await;
            let left = as_it_is(folder.path());
            drop(telemetry);
            let address = nobody().await;
            let receiver = back(address, protocol).await;
            let telemetry = start(spooled(at(address), &left));
            telemetry.shutdown(PATIENCE).await.expect("it is there");
            assert_eq!(values(&receiver), ["1", "2"], "{protocol:?} {first:?}");
        }
    }
}
