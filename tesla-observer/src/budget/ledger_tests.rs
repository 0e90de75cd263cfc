use std::fs;

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> SystemTime {
    SystemTime::from(text.parse::<jiff::Timestamp>().expect("a time"))
}

fn spend(ledger: &Ledger, now: SystemTime, money: u64) -> Totals {
    let (totals, ()) = ledger
        .change(now, Totals::none(now), |totals| {
            totals.money += money;
            totals.requests += 1;
        })
        .expect("it can be written");
    totals
}

fn spent(ledger: &Ledger, now: SystemTime) -> (u64, u64) {
    let totals = ledger
        .totals(now, Totals::none(now))
        .expect("it can be read");
    (totals.money, totals.requests)
}

#[test]
fn what_was_spent_is_there_for_the_next_process_until_its_period_ends() {
    let directory = tempfile::tempdir().expect("a directory");
    let now = at("2026-11-20T23:00:00Z");
    let ledger = Ledger::in_directory(directory.path(), "Elon@Example.com");
    assert_eq!(spent(&ledger, now), (0, 0));
    spend(&ledger, now, 7);
    spend(&ledger, now, 5);
    let next = Ledger::in_directory(directory.path(), "elon@example.com");
    assert_eq!(spent(&next, now), (12, 2));
    assert_eq!(spent(&next, at("2026-11-21T00:00:00Z")), (12, 0));
    assert_eq!(spent(&next, at("2026-12-01T00:00:00Z")), (0, 0));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().expect("a directory");
    let ledger = Ledger::in_directory(directory.path(), "elon@example.com");
    spend(&ledger, at("2026-11-20T00:00:00Z"), 1);
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    let folder = directory.path().join("budget");
    assert_eq!(mode(&folder), 0o700);
    let mut files = 0;
    for file in fs::read_dir(&folder).expect("a folder") {
        assert_eq!(mode(&file.expect("a file").path()), 0o600);
        files += 1;
    }
    assert_eq!(files, 2, "the ledger and its lock");
}

#[test]
fn a_damaged_one_counts_as_all_spent_and_is_set_aside() {
    let good = {
        let directory = tempfile::tempdir().expect("a directory");
        let ledger = Ledger::in_directory(directory.path(), "a");
        spend(&ledger, at("2026-11-20T00:00:00Z"), 1);
        fs::read(directory.path().join("budget/a.json")).expect("it is there")
    };
    let cut = &good[..good.len() / 2];
    let hostile: [&[u8]; 7] = [
        b"",
        b"\xff\x00",
        b"{}",
        b"[1,2]",
        cut,
        br#"{"version":1,"micro_usd":{"current":"x","spent":{"x":1}},"requests":{"current":"y","spent":{"y":1}}}"#,
        br#"{"version":1,"micro_usd":{"current":"2026-11","spent":{"2026-11":-1}},"requests":{"current":"2026-11-20","spent":{"2026-11-20":1}}}"#,
    ];
    for text in hostile {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("budget/a.json");
        fs::create_dir(directory.path().join("budget")).expect("a folder");
        fs::write(&path, text).expect("written");
        let ledger = Ledger::in_directory(directory.path(), "a");
        let now = at("2026-11-20T12:00:00Z");
        let all = Totals {
            money: 10,
            ..Totals::none(now)
        };
        assert_eq!(ledger.totals(now, all).expect("it is said").money, 10);
        assert_eq!(
            fs::read(path.with_extension("damaged")).expect("set aside"),
            text
        );
        assert_eq!(spend(&ledger, now, 1).money, 11, "from now on it is sound");
        assert_eq!(spent(&ledger, at("2026-12-01T00:00:00Z")).0, 0);
    }
}

#[test]
fn one_that_a_newer_version_wrote_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("budget/a.json");
    fs::create_dir(directory.path().join("budget")).expect("a folder");
    let text = r#"{"version":2,"micro_usd":{"current":"","spent":{}},"requests":{"current":"","spent":{}}}"#;
    fs::write(&path, text).expect("written");
    let ledger = Ledger::in_directory(directory.path(), "a");
    let now = at("2026-11-20T12:00:00Z");
    let error = ledger.totals(now, Totals::none(now)).expect_err("not ours");
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("still there"), text);
}

#[test]
fn where_nothing_can_be_written_it_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("budget"), "a file, no folder").expect("written");
    let ledger = Ledger::in_directory(directory.path(), "a");
    let now = at("2026-11-20T12:00:00Z");
    let error = ledger
        .change(now, Totals::none(now), |_| ())
        .expect_err("no folder");
    assert!(error.to_string().contains("budget"), "{error}");
}

#[test]
fn what_a_killed_process_left_behind_is_no_obstacle() {
    let directory = tempfile::tempdir().expect("a directory");
    let ledger = Ledger::in_directory(directory.path(), "a");
    let now = at("2026-11-20T12:00:00Z");
    spend(&ledger, now, 3);
    fs::write(directory.path().join("budget/a.new"), "half a led").expect("written");
    assert_eq!(spend(&ledger, now, 4).money, 7);
}

#[test]
fn two_at_once_lose_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let now = at("2026-11-20T12:00:00Z");
    let path: Arc<Path> = directory.path().into();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let path = Arc::clone(&path);
            std::thread::spawn(move || {
                // Each has its own, as processes have.
                let ledger = Ledger::in_directory(&path, "a");
                for _ in 0..25 {
                    spend(&ledger, now, 3);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    assert_eq!(spent(&Ledger::in_directory(&path, "a"), now), (300, 100));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_system_without_locks_is_counted_on_all_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let now = at("2026-11-20T12:00:00Z");
    for code in private::NO_LOCKS {
        private::REFUSAL.set(Some(code));
        let ledger = Ledger::in_directory(directory.path(), &code.to_string());
        spend(&ledger, now, 3);
        // The threads of one process wait for each other still.
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let ledger = ledger.clone();
                std::thread::spawn(move || {
                    private::REFUSAL.set(Some(code));
                    for _ in 0..25 {
                        spend(&ledger, now, 3);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("no panic");
        }
        assert_eq!(spent(&ledger, now), (303, 101), "{code}");
    }
    // A failure is none of that: EIO.
    private::REFUSAL.set(Some(5));
    let ledger = Ledger::in_directory(directory.path(), "a");
    let changed = ledger.change(now, Totals::none(now), |_| ());
    private::REFUSAL.set(None);
    changed.expect_err("not known whether another has it");
}

#[test]
fn a_clock_that_jumps_by_hours_neither_refunds_nor_doubles() {
    let ledger = Ledger::in_memory();
    spend(&ledger, at("2026-11-30T20:00:00Z"), 10);
    // Hours ahead: the next month has begun, with nothing spent.
    assert_eq!(spend(&ledger, at("2026-12-01T02:00:00Z"), 3).money, 3);
    // Put right again: that month goes on.
    assert_eq!(spend(&ledger, at("2026-11-30T21:00:00Z"), 3).money, 6);
    assert_eq!(spend(&ledger, at("2026-12-01T00:00:00Z"), 1).money, 7);
}

#[test]
fn a_clock_that_was_wrong_by_years_does_not_hold_up_the_budget_for_years() {
    let ledger = Ledger::in_memory();
    spend(&ledger, at("2026-11-20T00:00:00Z"), 10);
    spend(&ledger, at("2038-01-01T00:00:00Z"), 3);
    assert_eq!(
        spend(&ledger, at("2026-11-20T01:00:00Z"), 1).money,
        14,
        "all was spent now"
    );
    assert_eq!(spend(&ledger, at("2026-12-01T00:00:00Z"), 1).money, 1);
    // A machine without a clock starts in 1970.
    assert_eq!(spend(&ledger, at("1970-01-01T00:00:00Z"), 1).money, 2);
    assert_eq!(spend(&ledger, at("2026-12-01T00:00:09Z"), 1).money, 2);
}

#[test]
fn names_are_files_inside_the_folder() {
    for name in [
        "../../etc/passwd",
        "..",
        "",
        "a/b",
        "\u{e9}\0",
        &"x".repeat(999),
    ] {
        let file = file_name(name);
        let harmless = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
        assert!(!file.is_empty() && file.len() <= 150, "{file}");
        assert!(
            file.chars().all(harmless) && !file.starts_with('.'),
            "{file}"
        );
    }
}

proptest! {
    #[test]
    fn no_file_breaks_it(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("budget")).expect("a folder");
        fs::write(directory.path().join("budget/a.json"), &text).expect("written");
        let now = at("2026-11-20T12:00:00Z");
        let all = Totals { money: 10, ..Totals::none(now) };
        let totals = Ledger::in_directory(directory.path(), "a").totals(now, all);
        prop_assert_eq!(totals.map(|totals| totals.money), Ok(10));
    }
}
