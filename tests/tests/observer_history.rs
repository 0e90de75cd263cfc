//! The history in the hands of another program: SQLite's own command line.

use std::process::Command;

use metric_tests::observer::{Observer, binary};
use metric_tests::servers::installed;

const DEMO: &str = "SELECT vehicle_id, greptime_timestamp, greptime_value FROM \
                    chargestate_battery_range ORDER BY greptime_timestamp DESC LIMIT 10;";

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

#[test]
fn the_demos_query_finds_the_same_in_sqlites_command_line_while_the_observer_runs() {
    let Some(sqlite) = installed("sqlite3") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let history = folder.path().join("history.sqlite");
    let mut running = Observer::of_simulated_cars()
        .with("TESLA_OBSERVER_HISTORY", history.display())
        .with("TESLA_OBSERVER_DISPLAY", "off")
        // What is asked for twice is the same.
        .with("SCRAPE_INTERVAL_SEC", 3600)
        .start();
    running.line_with("observing");
    let mut found = String::new();
    for _ in 0..600 {
        let asked = Command::new(&sqlite).arg(&history).arg(DEMO).output();
        found = String::from_utf8(asked.expect("it starts").stdout).expect("it is UTF-8");
        if found.lines().count() >= 4 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(found.lines().count() >= 4, "{found}");
    let own = output(
        Command::new(binary())
            .args(["query", "--format", "csv", "--history"])
            .arg(&history)
            .arg(DEMO)
            .env("HOME", folder.path()),
    );
    let rows: Vec<Vec<&str>> = found
        .lines()
        .map(|line| line.split('|').collect())
        .collect();
    let own: Vec<Vec<&str>> = own
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows.len(), own.len());
    for (row, own) in rows.iter().zip(&own) {
        assert_eq!(row[..2], own[..2]);
        let number = |text: &str| text.parse::<f64>().expect("a number");
        assert_eq!(number(row[2]), number(own[2]));
    }
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
}
