//! The history that the program keeps: where, of whom, and what it does without.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tesla_observer::history::{Query, Reader, Series};
use tesla_observer::simulator::{Settings, Simulator};

use crate::program::{Ended, Home, PATIENCE, Result, Running, unread};

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
    // The tables are there.
    assert_eq!(home.run("--once --vehicles 8")?.code(), Some(0));
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
    // Some of them were killed before they had written anything.
    assert!(runs > KILLS / 3, "{runs}");
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

const DEMO: &str = "SELECT vehicle_id, greptime_timestamp, greptime_value FROM \
                    chargestate_battery_range ORDER BY greptime_timestamp DESC LIMIT 10;";

/// How `query` answers.
fn query(home: &Home, arguments: &[&str]) -> Result<Ended> {
    let mut command = home.command("query");
    command.args(arguments);
    Running::start(command)?.wait()
}

#[test]
fn the_history_can_be_asked_in_sql_while_it_is_written() -> Result {
    let home = Home::new()?;
    let none = query(&home, &[DEMO])?;
    assert_eq!(none.code(), Some(1), "{none:?}");
    assert!(
        none.error.contains("there is no history yet at"),
        "{none:?}"
    );

    let running = home.start("--interval 0.2 --speed 600 --display lines")?;
    running.says(": online,");
    // What is shown is on the disk a moment later.
    let deadline = Instant::now() + PATIENCE;
    let table = loop {
        let table = query(&home, &[DEMO])?;
        if table.code() == Some(0) {
            break table;
        }
        assert!(Instant::now() < deadline, "{table:?}");
    };
    for expected in [
        "vehicle_id",
        "greptime_timestamp",
        "greptime_value",
        "Polaris",
    ] {
        assert!(table.out.contains(expected), "{table:?}");
    }
    let csv = query(&home, &["--format", "csv", DEMO])?;
    assert!(
        csv.out
            .starts_with("vehicle_id,greptime_timestamp,greptime_value\n"),
        "{csv:?}"
    );
    let json = query(&home, &["--format", "json", DEMO])?;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.out)?;
    assert!((1..=10).contains(&rows.len()), "{rows:?}");
    assert!(
        rows[0]["greptime_value"].is_f64() && rows[0]["vehicle_id"].is_string(),
        "{rows:?}"
    );
    let empty = query(&home, &["--format", "json", "SELECT 1 AS one WHERE 0"])?;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&empty.out)?,
        serde_json::json!([])
    );
    let list = query(&home, &[])?;
    assert!(list.out.contains("chargestate_battery_range"), "{list:?}");

    let refused = query(&home, &["DELETE FROM history_point"])?;
    assert_eq!(refused.code(), Some(1), "{refused:?}");
    assert!(
        refused
            .error
            .contains("the query was refused: it would write"),
        "{refused:?}"
    );
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let stopped = query(&home, &["--timeout", "1", endless])?;
    assert!(
        stopped.error.contains("the query was stopped after 1 s"),
        "{stopped:?}"
    );
    // Nobody reads on.
    let mut command = home.command("query --format csv --timeout 60");
    command.arg(endless);
    let (status, error) = unread(command)?;
    assert!(status.success(), "{error}");
    running.signal("TERM")?;
    assert_eq!(running.wait()?.code(), Some(0));
    Ok(())
}

#[test]
fn the_history_is_handed_to_other_tools() -> Result {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    let home = Home::new()?;
    let ended = home.run("--once")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let csv = home.run("export")?;
    assert_eq!(csv.code(), Some(0), "{csv:?}");
    let header = "timestamp,held_until,vehicle_id,vin,metric,unit,attributes,value\n";
    assert!(csv.out.starts_with(header), "{csv:?}");
    let lines = csv.out.lines().count();
    assert!(lines > 500, "{lines}");
    let one = home.run("export --metric chargestate_battery_level --vehicle Polaris")?;
    assert_eq!(one.out.lines().count(), 2, "{one:?}");
    assert!(
        one.out.contains(",Polaris,") && one.out.contains(",%,{},"),
        "{one:?}"
    );

    let file = home.path("history.parquet");
    let written = home.run(&format!(
        "export --format parquet --output {}",
        file.display()
    ))?;
    assert_eq!(written.code(), Some(0), "{written:?}");
    assert_eq!(crate::program::mode(&file)?, 0o600);
    let reader = SerializedFileReader::new(std::fs::File::open(&file)?)?;
    let rows: std::result::Result<Vec<_>, _> = reader.get_row_iter(None)?.collect();
    let rows: Vec<String> = rows?.iter().map(ToString::to_string).collect();
    assert_eq!(rows.len() + 1, lines);
    let level =
        |row: &&String| row.contains("chargestate_battery_level") && row.contains("Polaris");
    let found = rows.iter().find(level).ok_or("no such row")?;
    let value = one.out.trim_end().rsplit(',').next().unwrap_or_default();
    assert!(
        found.contains(&format!("value: {value}")),
        "{found} {value}"
    );

    for (arguments, says) in [
        (format!("--output {}", file.display()), "it exists already"),
        (
            "--from 2026-01-02 --to 2026-01-01".to_owned(),
            "exchange them",
        ),
        (
            "--from yesterday".to_owned(),
            "--from: \"yesterday\" is no time",
        ),
        (
            "--metric nothing".to_owned(),
            "no metric in the history is called",
        ),
        (
            "--vehicle Nobody".to_owned(),
            "no car in the history is called",
        ),
        (
            "--output /proc/nowhere/x.csv".to_owned(),
            "exporting to /proc/nowhere/x.csv",
        ),
    ] {
        let refused = home.run(&format!("export {arguments}"))?;
        assert_eq!(refused.code(), Some(1), "{arguments}: {refused:?}");
        assert!(refused.error.contains(says), "{arguments}: {refused:?}");
    }
    let replaced = home.run(&format!("export --force --output {}", file.display()))?;
    assert_eq!(replaced.code(), Some(0), "{replaced:?}");
    assert!(std::fs::read_to_string(&file)?.starts_with(header));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_while_it_observes_and_ends_with_it() -> Result {
    let home = Home::new()?;
    let running = home.start("--page 127.0.0.1:0 --interval 0.2 --display lines")?;
    running.says(": online,");
    let url = running.until("address", |out, _| {
        let rest = out.split("the page is at ").nth(1)?;
        Some(rest.split(';').next()?.to_owned())
    });
    let client = reqwest::Client::builder().no_proxy().build()?;
    let page = client
        .get(&url)
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    assert!(
        page.contains("These are simulated cars.") && page.contains("Polaris"),
        "{page}"
    );
    let metrics = client
        .get(format!("{url}metrics"))
        .send()
        .await?
        .text()
        .await?;
    for expected in [
        "chargestate_battery_level{",
        "observer_history_kept 1",
        "observer_cycles_total",
    ] {
        assert!(metrics.contains(expected), "{expected}");
    }
    let health = client
        .get(format!("{url}api/health"))
        .send()
        .await?
        .text()
        .await?;
    let health: serde_json::Value = serde_json::from_str(&health)?;
    assert_eq!(health["history_kept"], true);
    assert!(health["vehicles"][0]["next_ms"].is_i64(), "{health}");
    running.signal("TERM")?;
    assert_eq!(running.wait()?.code(), Some(0));
    assert!(client.get(&url).send().await.is_err());
    Ok(())
}

#[test]
fn a_page_that_others_can_reach_needs_the_flag_and_a_token() -> Result {
    let home = Home::new()?;
    let refused = home.run("--once --page 0.0.0.0:0")?;
    assert_eq!(refused.code(), Some(2), "{refused:?}");
    for says in [
        "add --page-exposed if that is meant",
        "with --page-token-file",
    ] {
        assert!(refused.error.contains(says), "{refused:?}");
    }
    std::fs::write(home.path("token"), "short")?;
    let refused = home.run("--once --page 0.0.0.0:0 --page-exposed --page-token-file token")?;
    assert!(
        refused.error.contains("too short to withstand guessing"),
        "{refused:?}"
    );
    assert!(!refused.error.contains("short\""), "{refused:?}");
    std::fs::write(home.path("token"), "0123456789abcdef\n")?;
    let served = home.run("--once --page 0.0.0.0:0 --page-exposed --page-token-file token")?;
    assert_eq!(served.code(), Some(0), "{served:?}");
    Ok(())
}
