use super::super::super::account::Tokens;
use super::super::super::settings::Api;
use super::*;
use crate::fetch::Problem;

const LIFETIME: Duration = Duration::from_secs(28_800);

/// An account whose token was given this long ago, by the clock on the wall.
fn given(ago: i64) -> Account {
    let now = SystemTime::now();
    let by = Duration::from_secs(ago.unsigned_abs());
    let obtained_at = if ago < 0 { now + by } else { now - by };
    Account {
        name: "a@example.com".to_owned(),
        api: Api::Owner,
        region: None,
        api_host: None,
        auth_host: None,
        tokens: Tokens {
            access_token: "access".into(),
            refresh_token: Some("refresh".into()),
            previous_refresh_token: None,
            obtained_at,
            expires_at: obtained_at + LIFETIME,
        },
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock_on_the_wall_may_jump_or_stand_still() {
    // Given in the future: the wall's clock was put back by years.
    let state = State::new(given(-100_000_000));
    assert!(
        !state.is_due() && !state.is_over(),
        "not judged by a clock that is wrong"
    );
    // The wall's clock does not move in this test; the other one does.
    tokio::time::advance(LIFETIME / 4 * 3 - Duration::from_secs(1)).await;
    assert!(!state.is_due());
    tokio::time::advance(Duration::from_secs(2)).await;
    assert!(state.is_due() && !state.is_over());
    tokio::time::advance(LIFETIME / 4).await;
    assert!(state.is_over());
}

#[tokio::test(start_paused = true)]
async fn a_token_from_the_disk_is_judged_by_its_dates() {
    for (ago, due, over) in [
        (0, false, false),
        (21_500, false, false),
        (21_700, true, false),
        (28_900, true, true),
    ] {
        let state = State::new(given(ago));
        assert_eq!((state.is_due(), state.is_over()), (due, over), "{ago}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ended_while_the_machine_slept_is_renewed() {
    // The clock that never jumps stood still meanwhile.
    let mut state = State::new(given(0));
    state.account.tokens = given(22_000).tokens;
    assert!(state.is_due() && !state.is_over());
    state.account.tokens = given(30_000).tokens;
    assert!(state.is_due() && state.is_over());
}

#[tokio::test(start_paused = true)]
async fn after_the_wall_clock_jumped_ahead_one_renewal_is_enough() {
    let mut state = State::new(given(100_000_000));
    assert!(state.is_due());
    state.take_over(given(0).tokens);
    assert!(!state.is_due());
    tokio::time::advance(SHORTEST * 2).await;
    assert!(!state.is_due());
}

#[tokio::test(start_paused = true)]
async fn a_failure_stands_longer_each_time_and_longest_while_the_token_is_good() {
    let error = |next| FetchError {
        doing: "renewing".to_owned(),
        problem: Problem::Server,
        detail: "busy".to_owned(),
        next,
    };
    let mut over = State::new(given(30_000));
    let stands = |state: &State| {
        let (until, error) = state.failed.as_ref().expect("failed");
        ((*until - Instant::now()).as_secs(), error.next)
    };
    let mut waits = Vec::new();
    for _ in 0..5 {
        over.note_failure(&error(Next::After(Duration::from_secs(10))));
        waits.push(stands(&over));
    }
    assert_eq!(
        waits,
        [10, 15, 20, 30, 30].map(|s| (s, Next::After(Duration::from_secs(s))))
    );
    let mut good = State::new(given(22_000));
    good.note_failure(&error(Next::After(Duration::from_secs(10))));
    assert_eq!(stands(&good).0, 300);
    over.note_failure(&error(Next::Stop));
    assert_eq!(stands(&over), (300, Next::Stop));
}
