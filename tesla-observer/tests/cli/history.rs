//! The history that the program keeps: where, of whom, and what it does without.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tesla_observer::history::{Query, Reader, Series};
use tesla_observer::simulator::{Settings, Simulator};

use crate::program::{Home, Result};

const REAL: &str = ".local/share/tesla-observer/history.sqlite";
const SIMULATED: &str = ".local/share/tesla-observer/simulated.sqlite";

/// All files in a directory and below.
fn files(directory: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            match path.is_dir() {
                true => directories.push(path),
                false => {
                    let path = path.strip_prefix(directory)?;
                    found.insert(path.display().to_string());
                }
            }
        }
    }
    Ok(found)
}

fn levels(path: &Path) -> Result<Vec<Series>> {
    let reader = Reader::open(path)?;
    let mut levels = Vec::new();
    for entry in reader.vehicles()? {
        levels.extend(reader.series(Query {
            vehicle: &entry.vehicle.key(),
            metric: "chargestate_battery_level",
            from_ms: 0,
            to_ms: i64::MAX,
        })?);
    }
    Ok(levels)
}

#[test]
fn started_bare_it_leaves_only_the_history_of_simulated_cars() -> Result {
    let home = Home::new()?;
    let ended = home.run("--once")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let expected = [SIMULATED.to_owned(), format!("{SIMULATED}.lock")];
    assert_eq!(files(home.directory.path())?, expected.into());
    assert!(ended.out.contains("simulated.sqlite"), "{ended:?}");
    // One battery for each car that is online.
    let online = ended.out.matches(": online,").count();
    assert!(online > 0);
    assert_eq!(levels(&home.path(SIMULATED))?.len(), online);
    Ok(())
}

#[test]
fn with_history_none_it_leaves_nothing_on_the_disk() -> Result {
    let home = Home::new()?;
    let ended = home.run("--once --history none")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(files(home.directory.path())?, BTreeSet::new());
    assert!(!ended.out.contains("history"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn real_cars_have_a_history_of_their_own() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    let ended = home.run("--once")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(home.path(REAL).exists());
    assert!(!home.path(SIMULATED).exists());
    assert!(!levels(&home.path(REAL))?.is_empty());
    // Named, it is not mixed either.
    let path = home.path(REAL);
    let ended = home.run(&format!("--demo --once --history {}", path.display()))?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.error.contains("it is of real cars"), "{ended:?}");
    Ok(())
}

#[test]
fn without_a_usable_history_it_observes_and_says_so() -> Result {
    let home = Home::new()?;
    std::fs::write(
        home.path("diary"),
        "Dear diary, this is no database. ".repeat(40),
    )?;
    std::fs::create_dir(home.path("folder"))?;
    Connection::open(home.path("songs"))?.execute_batch("CREATE TABLE songs (name TEXT)")?;
    drop(home.run("--once --history newer")?);
    Connection::open(home.path("newer"))?.pragma_update(None, "user_version", 99)?;
    let nowhere = match cfg!(target_os = "linux") {
        true => "/proc/no-place-to-write/history.sqlite",
        false => "/dev/null/history.sqlite",
    };
    for (history, why) in [
        (
            "diary",
            "it is no SQLite database, or damaged; move it away",
        ),
        ("folder", "it is a directory; give a file with --history"),
        ("songs", "it is a database of another program"),
        (
            "newer",
            "a newer version of tesla-observer has written it (format 99",
        ),
        (nowhere, "it cannot be written"),
    ] {
        let ended = home.run(&format!(
            "--once --metrics-exporter console --display lines --history {history}"
        ))?;
        assert_eq!(ended.code(), Some(0), "{history}: {ended:?}");
        assert!(ended.error.contains(why), "{history}: {ended:?}");
        assert!(
            ended.error.contains("Observing goes on without a history"),
            "{ended:?}"
        );
        assert!(
            ended.out.contains("NO HISTORY is kept"),
            "{history}: {ended:?}"
        );
        assert!(ended.out.contains(": online,"), "{history}: {ended:?}");
        assert!(
            ended.out.contains("observer.history.kept"),
            "{history}: {ended:?}"
        );
    }
    let diary = std::fs::read_to_string(home.path("diary"))?;
    assert!(diary.starts_with("Dear diary"));
    Ok(())
}

/// Numbers that are the same in each run (Knuth's MMIX generator).
fn random(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn killed_at_any_moment_the_history_is_whole_and_goes_on() -> Result {
    const KILLS: i64 = 12;
    let home = Home::new()?;
    let mut seed = 5;
    for _ in 0..KILLS {
        let running = home.start("--interval 0.1 --speed 600 --vehicles 8 --display lines")?;
        running.says(": online,");
        std::thread::sleep(Duration::from_millis(random(&mut seed) % 400));
        running.signal("KILL")?;
        running.wait()?;
    }
    let connection = Connection::open(home.path(SIMULATED))?;
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(whole, "ok");
    let runs: i64 =
        connection.query_row("SELECT count(DISTINCT since) FROM history_run", [], |row| {
            row.get(0)
        })?;
    assert!(runs >= KILLS, "{runs}");
    // Each export is there wholly: all that is known of a car at the start of each of its runs.
    let torn: i64 = connection.query_row(
        "SELECT count(*) FROM history_run AS r WHERE 20 > (
           SELECT count(*) FROM history_point AS p JOIN history_series AS s ON s.id = p.series
           WHERE s.vehicle = r.vehicle AND p.time = r.since)",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(torn, 0);
    let ended = home.run("--once")?;
    assert!(!ended.error.contains("without a history"), "{ended:?}");
    Ok(())
}
