use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use proptest::prelude::*;

use super::*;

/// Prices as the Fleet API has them.
const DATA: Price = Price {
    money: Money::from_micros(2_000),
    requests: 1,
};
const STATE: Price = Price {
    money: Money::from_micros(1_000),
    requests: 1,
};
const TEN: Limit = Limit::Monthly(Money::from_micros(10_000_000));
const DAY: u64 = 86_400_000;

/// A clock that is set, in milliseconds: how long it has run, and what it was put forward or back.
#[derive(Clone)]
struct Hands {
    ran: Arc<AtomicU64>,
    put: Arc<AtomicI64>,
    start: SystemTime,
    origin: Instant,
}

impl Hands {
    fn at(text: &str) -> Self {
        Self {
            ran: Arc::default(),
            put: Arc::default(),
            start: SystemTime::from(text.parse::<jiff::Timestamp>().expect("a time")),
            origin: Instant::now(),
        }
    }

    fn clock(&self) -> Clock {
        let hands = self.clone();
        Clock::from_fn(move || Moment {
            wall: hands.wall(),
            runs: hands.origin + Duration::from_millis(hands.ran.load(Ordering::Relaxed)),
        })
    }

    fn wall(&self) -> SystemTime {
        let ran = self.start + Duration::from_millis(self.ran.load(Ordering::Relaxed));
        let put = self.put.load(Ordering::Relaxed);
        match u64::try_from(put) {
            Ok(ahead) => ran + Duration::from_millis(ahead),
            Err(_) => ran - Duration::from_millis(put.unsigned_abs()),
        }
    }

    fn run(&self, milliseconds: u64) {
        self.ran.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn ran(&self) -> u64 {
        self.ran.load(Ordering::Relaxed)
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

/// One turn of a car: its state, and its data if the state was to be had. What it cost.
async fn turn(governor: &Arc<Governor>) -> Result<u64, Refused> {
    let state = governor.permit(Class::State, STATE).await?;
    state.answered(true, true);
    let data = governor.permit(Class::Data, DATA).await?;
    data.answered(true, true);
    Ok(1)
}

#[test]
fn a_steady_user_who_wants_too_much_uses_the_budget_up_and_never_exceeds_it() {
    for (limit, days, interval, most) in [
        (TEN, 30, 60_000, 10_000_000),
        (TEN, 30, 5_000, 10_000_000),
        (TEN, 30, 300_000, 10_000_000),
        (Limit::Daily(100), 1, 5_000, 100),
        (Limit::Daily(100), 1, 60_000, 100),
        (Limit::Daily(2000), 1, 5_000, 2000),
    ] {
        let hands = Hands::at("2026-11-01T00:00:00Z");
        let governor = Governor::new(Some(limit), Ledger::in_memory(), hands.clock());
        let mut paces: Vec<f64> = Vec::new();
        let (mut last, mut spent) = (0, 0);
        block_on(async {
            while hands.ran() < days * DAY {
                if turn(&governor).await.is_ok() {
                    last = hands.ran();
                }
                let standing = governor.standing();
                spent = match limit {
                    Limit::Monthly(_) => standing.money.micros(),
                    Limit::Daily(_) => standing.requests,
                };
                let pace = governor.pace();
                paces.push(pace);
                hands.run((interval as f64 * pace) as u64);
            }
        });
        assert!(spent <= most, "{limit}: {spent}");
        assert!(
            spent * 100 >= most * 90,
            "{limit} every {interval} ms: only {spent} of {most}"
        );
        assert!(paces.iter().all(|pace| *pace >= 1.0));
        let early = paces.len() / 4;
        assert!(
            paces[early] > 1.05,
            "{limit}: slows well before the end: {}",
            paces[early]
        );
        assert!(
            last > days * DAY * 9 / 10,
            "{limit}: it lasts to the end, not to {last}"
        );
    }
}

#[test]
fn who_wants_less_than_the_budget_is_never_slowed() {
    let hands = Hands::at("2026-11-01T00:00:00Z");
    let governor = Governor::new(Some(TEN), Ledger::in_memory(), hands.clock());
    block_on(async {
        // Every half an hour, and an hour of driving a week at one question a minute.
        for half_hour in 0..30 * 48_u64 {
            let drive = if half_hour % (7 * 48) == 17 { 30 } else { 1 };
            for _ in 0..drive {
                turn(&governor).await.expect("there is enough");
                hands.run(1_800_000 / drive);
                let pace = governor.pace();
                assert!(pace < 1.5, "{pace} in half an hour {half_hour}");
            }
        }
    });
}

#[test]
fn data_ends_before_states_and_the_owner_is_told_what_to_do() {
    let hands = Hands::at("2026-11-20T06:00:00Z");
    let governor = Governor::new(Some(Limit::Daily(100)), Ledger::in_memory(), hands.clock());
    let refused = block_on(async {
        for _ in 0..96 {
            let permit = governor.permit(Class::Data, DATA).await;
            permit.expect("within the budget").answered(true, true);
        }
        let refused = governor.permit(Class::Data, DATA).await.expect_err("spent");
        for _ in 0..4 {
            let permit = governor.permit(Class::State, STATE).await;
            permit.expect("kept for it").answered(true, true);
        }
        let state = governor
            .permit(Class::State, STATE)
            .await
            .expect_err("spent");
        assert!(state.wait > refused.wait, "not both at the same moment");
        let token = governor.permit(Class::Auth, Price::default()).await;
        token.expect("tokens cost nothing").answered(false, true);
        refused
    });
    assert_eq!(refused.why, Refusal::Spent);
    assert_eq!(refused.wait.as_secs(), 18 * 3600);
    for words in [
        "100 requests a day",
        "2026-11-21 00:00 UTC",
        "--budget",
        "TESLA_BUDGET",
    ] {
        assert!(refused.detail.contains(words), "{}", refused.detail);
    }
    hands.run(18 * 3_600_000);
    let permit = block_on(governor.permit(Class::Data, DATA));
    permit.expect("a new day").answered(true, true);
    assert_eq!(governor.standing().requests, 1);
}

#[test]
fn what_the_service_did_not_answer_or_failed_at_costs_no_money() {
    let hands = Hands::at("2026-11-20T06:00:00Z");
    let governor = Governor::new(Some(TEN), Ledger::in_memory(), hands.clock());
    block_on(async {
        let permit = |class, price| {
            let governor = governor.clone();
            async move {
                governor
                    .permit(class, price)
                    .await
                    .expect("within the budget")
            }
        };
        permit(Class::Data, DATA).await.answered(false, false);
        permit(Class::Data, DATA).await.unanswered(false);
        assert_eq!(governor.standing().money, Money::default());
        assert_eq!(
            governor.standing().requests,
            1,
            "the failed one was a request"
        );
        permit(Class::Data, DATA).await.unanswered(true);
        drop(permit(Class::Data, DATA).await);
        assert_eq!(
            governor.standing().money.micros(),
            4_000,
            "nobody knows: it counts"
        );
    });
}

#[test]
fn a_process_that_is_killed_has_not_spent_less_than_it_did() {
    let directory = tempfile::tempdir().expect("a directory");
    let hands = Hands::at("2026-11-20T06:00:00Z");
    let open = || {
        let ledger = Ledger::in_directory(directory.path(), "a");
        Governor::new(Some(TEN), ledger, hands.clock())
    };
    let mut spent = 0;
    for _ in 0..20 {
        let governor = open();
        assert!(governor.standing().money.micros() >= spent);
        block_on(async {
            for _ in 0..7 {
                let permit = governor.permit(Class::Data, DATA).await;
                permit.expect("within the budget").answered(true, true);
                spent += 2_000;
            }
        });
        // Killed: nothing is given back.
    }
    let lost = open().standing().money.micros() - spent;
    assert!(lost <= 20 * 10_000, "a chunk each time, not {lost}");
    let governor = open();
    let before = governor.standing().money.micros();
    block_on(async {
        governor
            .permit(Class::Data, DATA)
            .await
            .expect("enough")
            .answered(true, true);
        governor.settle().await;
    });
    assert_eq!(
        open().standing().money.micros(),
        before + 2_000,
        "an orderly end is exact"
    );
}

#[test]
fn two_processes_share_one_budget() {
    let directory = tempfile::tempdir().expect("a directory");
    let hands = Hands::at("2026-11-20T06:00:00Z");
    let open = || {
        let ledger = Ledger::in_directory(directory.path(), "a");
        Governor::new(Some(Limit::Daily(500)), ledger, hands.clock())
    };
    let (one, other) = (open(), open());
    let mut sent = 0;
    block_on(async {
        for turn in 0..2000 {
            let governor = if turn % 3 == 0 { &one } else { &other };
            if let Ok(permit) = governor.permit(Class::State, STATE).await {
                permit.answered(true, true);
                sent += 1;
            }
        }
    });
    assert_eq!(sent, 500);
}

#[test]
fn where_it_cannot_be_counted_nothing_is_asked() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("budget"), "a file").expect("written");
    let ledger = Ledger::in_directory(directory.path(), "a");
    let governor = Governor::new(Some(TEN), ledger, Hands::at("2026-11-20T06:00:00Z").clock());
    let refused = block_on(governor.permit(Class::Data, DATA)).expect_err("nowhere to count");
    assert_eq!(refused.why, Refusal::Ledger);
    assert!(refused.detail.contains("permissions"), "{}", refused.detail);
}

#[test]
fn all_at_once_get_no_more_than_there_is() {
    let hands = Hands::at("2026-11-20T06:00:00Z");
    let governor = Governor::new(Some(Limit::Daily(300)), Ledger::in_memory(), hands.clock());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build();
    let sent: usize = runtime.expect("a runtime").block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let governor = governor.clone();
            tasks.spawn(async move {
                let permit = governor.permit(Class::State, STATE).await;
                permit.map(|permit| permit.answered(true, true)).is_ok()
            });
        }
        tasks
            .join_all()
            .await
            .into_iter()
            .filter(|sent| *sent)
            .count()
    });
    assert_eq!(sent, 300);
}

#[test]
fn it_says_how_it_stands() {
    let hands = Hands::at("2026-11-20T06:00:00Z");
    let governor = Governor::new(Some(TEN), Ledger::in_memory(), hands.clock());
    block_on(async {
        for _ in 0..1605 {
            let permit = governor.permit(Class::Data, DATA).await;
            permit.expect("within the budget").answered(true, true);
        }
    });
    let words = governor.standing().to_string();
    assert!(
        words.starts_with("3.21 of 10.00 USD spent in 2026-11, 6.79 USD left; "),
        "{words}"
    );
    assert!(words.contains("times slower"), "{words}");
    assert_eq!(
        governor.standing().money_left(),
        Some(Money::from_micros(6_790_000))
    );
}

/// What happens to a governor.
#[derive(Clone, Debug)]
enum Event {
    Asks(Class, u8),
    Fails,
    Passes(u64),
    Put(i64),
    Killed,
    Ends,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (prop_oneof![Just(Class::Data), Just(Class::State), Just(Class::Command)], 1..40_u8)
            .prop_map(|(class, times)| Event::Asks(class, times)),
        1 => Just(Event::Fails),
        3 => (0..12 * 3_600_000_u64).prop_map(Event::Passes),
        1 => (-10 * 3_600_000..10 * 3_600_000_i64).prop_map(Event::Put),
        1 => Just(Event::Killed),
        1 => Just(Event::Ends),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is asked, however the process ends, and wherever the clock is put by hours: in no
    /// period that the clock has told is more spent than the budget, and not in sum, either.
    #[test]
    fn no_pattern_of_use_exceeds_the_budget(
        events in proptest::collection::vec(event(), 1..120),
        daily in any::<bool>(),
        size in 1..60_u64,
    ) {
        let limit = match daily {
            true => Limit::Daily(size),
            false => Limit::Monthly(Money::from_micros(size * 10_000)),
        };
        let ledger = Ledger::in_memory();
        let hands = Hands::at("2026-11-28T21:00:00Z");
        let open = || Governor::new(Some(limit), ledger.clone(), hands.clock());
        let mut governor = open();
        let mut billed = std::collections::HashMap::<String, u64>::new();
        let mut begun = Period::of(limit.unit(), hands.wall());
        let mut periods = 1;
        block_on(async {
            for event in events {
                match event {
                    Event::Asks(class, times) => for _ in 0..times {
                        let price = if class == Class::Data { DATA } else { STATE };
                        let Ok(permit) = governor.permit(class, price).await else { break };
                        let standing = governor.standing();
                        let period = if daily { standing.day } else { standing.month };
                        if begun.is_before(period) {
                            begun = period;
                            periods += 1;
                        }
                        *billed.entry(period.to_string()).or_default() +=
                            if daily { 1 } else { price.money.micros() };
                        permit.answered(true, true);
                    },
                    Event::Fails => if let Ok(permit) = governor.permit(Class::Data, DATA).await {
                        permit.unanswered(false);
                    },
                    Event::Passes(time) => hands.run(time),
                    Event::Put(by) => hands.put.store(by, Ordering::Relaxed),
                    Event::Killed => governor = open(),
                    Event::Ends => {
                        governor.settle().await;
                        governor = open();
                    }
                }
            }
        });
        let most = match limit {
            Limit::Daily(size) => size,
            Limit::Monthly(money) => money.micros(),
        };
        for (period, spent) in &billed {
            prop_assert!(*spent <= most, "{period}: {spent} of {most}");
        }
        prop_assert!(billed.values().sum::<u64>() <= most * periods);
        prop_assert!(governor.pace() >= 1.0);
    }

    /// However someone drives, charges and sleeps: the pace is never below 1 and the hard limit is
    /// hardly ever met before the month's last tenth.
    #[test]
    fn bursts_are_slowed_before_the_budget_is_spent(
        days in proptest::collection::vec((0..8_u64, 1..5_u64), 30),
    ) {
        let hands = Hands::at("2026-11-01T00:00:00Z");
        let governor = Governor::new(Some(TEN), Ledger::in_memory(), hands.clock());
        let mut refused_at = None;
        block_on(async {
            for (day, (hours, often)) in days.into_iter().enumerate() {
                let ends = (day as u64 + 1) * DAY;
                let drive_ends = day as u64 * DAY + hours * 3_600_000;
                while hands.ran() < ends {
                    let interval = if hands.ran() < drive_ends { 2_500 * often } else { 1_800_000 };
                    if turn(&governor).await.is_err() {
                        refused_at.get_or_insert(hands.ran());
                    }
                    let wait = interval as f64 * governor.pace();
                    hands.run(wait as u64);
                }
            }
        });
        prop_assert!(governor.standing().money.micros() <= 10_000_000);
        if let Some(at) = refused_at {
            prop_assert!(at > 27 * DAY, "spent on day {}", at / DAY);
        }
    }
}
