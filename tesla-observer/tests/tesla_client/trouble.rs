//! Tokens that are refused, lost, or changed by somebody else.

use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret as _;
use tesla_observer::fetch::tesla::{Api, Tesla, TokenStore};
use tesla_observer::fetch::{Availability, Next, Problem, VehicleFetcher as _};

use crate::renewals::{on_disk, renewing, tesla};
use crate::server::*;

#[tokio::test]
async fn a_refresh_token_that_a_process_without_our_lock_uses_at_the_same_time_is_no_end() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, file) = on_disk(&account);
    let mut renewed = account.clone();
    renewed.tokens.access_token = "elsewhere".into();
    renewed.tokens.refresh_token = Some("refresh-elsewhere".into());
    renewed.tokens.obtained_at = SystemTime::now();
    renewed.tokens.expires_at = SystemTime::now() + GOOD;
    let (_other, _store, other) = on_disk(&renewed);
    let server = Server::start(move |asked| {
        if asked.is_token() {
            std::fs::copy(&other, &file).expect("replaced");
            return tesla_error(401, "login_required");
        }
        state("online")
    })
    .await;
    let tesla = Tesla::new(settings(&server), account, store).expect("a client");
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.token_requests(), 1);
    assert_eq!(server.asked().last().expect("asked").bearer(), "elsewhere");
}

#[tokio::test]
async fn the_token_before_is_tried_once_within_its_day_and_never_first() {
    for (ago, previous, tried) in [
        (3_600, Some("EU_previous-refresh-secret"), true),
        (90_000, Some("EU_previous-refresh-secret"), false),
        (3_600, None, false),
    ] {
        for good in [true, false] {
            let mut account = account(Api::Owner, Duration::ZERO);
            account.tokens.obtained_at = SystemTime::now() - Duration::from_secs(ago);
            account.tokens.previous_refresh_token = previous.map(Into::into);
            let (_directory, store, _file) = on_disk(&account);
            let server = Server::start(move |asked| match asked.form("refresh_token") {
                Some(token) if token == REFRESH || !good => {
                    Reply::json(401, serde_json::json!({"error": "login_required"}))
                }
                Some(_) => tokens("new-access", Some("new-refresh")),
                None => state("online"),
            })
            .await;
            let tesla = Tesla::new(settings(&server), account, store.clone()).expect("a client");
            let asked = tesla.availability(&vehicle()).await;
            let sent: Vec<String> = server
                .asked()
                .iter()
                .filter_map(|asked| asked.form("refresh_token"))
                .collect();
            let expected = [Some(REFRESH), previous.filter(|_| tried)];
            let expected: Vec<&str> = expected.into_iter().flatten().collect();
            assert_eq!(sent, expected, "{ago} {good}");
            if tried && good {
                assert_eq!(asked, Ok(Availability::Online));
                let kept = store.load("elon@example.com").expect("kept").tokens;
                let kept = kept.previous_refresh_token.expect("the one that was used");
                assert_eq!(Some(kept.expose_secret()), previous);
            } else {
                let error = asked.expect_err("refused");
                assert_eq!(
                    (error.problem, error.next),
                    (Problem::Unauthorized, Next::Stop)
                );
                assert!(
                    error.to_string().contains("tesla-observer login"),
                    "{error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_service_that_fails_while_the_token_before_is_tried_is_asked_again() {
    let mut account = account(Api::Owner, Duration::ZERO);
    account.tokens.obtained_at = SystemTime::now();
    account.tokens.previous_refresh_token = Some("EU_previous-refresh-secret".into());
    let server = Server::start(move |asked| match asked.form("refresh_token") {
        Some(token) if token == REFRESH => {
            Reply::json(401, serde_json::json!({"error": "login_required"}))
        }
        _ => Reply::text(503, "busy"),
    })
    .await;
    let tesla = Tesla::new(settings(&server), account, TokenStore::in_memory()).expect("built");
    let error = tesla.availability(&vehicle()).await.expect_err("busy");
    assert_eq!(error.problem, Problem::Server);
    assert_ne!(error.next, Next::Stop);
}

#[tokio::test]
async fn what_could_not_be_stored_gives_way_to_what_another_process_has_stored() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, file) = on_disk(&account);
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir_all(file.join("x")).expect("made");
    let server = renewing(|_| true).await;
    let tesla = Tesla::new(settings(&server), account.clone(), store.clone()).expect("a client");
    tesla
        .availability(&vehicle())
        .await
        .expect_err("not stored");
    // A strict service knows only the last token that it gave: the other process's.
    std::fs::remove_dir_all(&file).expect("out of the way");
    let mut renewed = account;
    renewed.tokens.access_token = "elsewhere".into();
    renewed.tokens.refresh_token = Some("refresh-elsewhere".into());
    renewed.tokens.obtained_at = SystemTime::now();
    renewed.tokens.expires_at = SystemTime::now() + GOOD;
    store.save(&renewed).expect("saved");
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.asked().last().expect("asked").bearer(), "elsewhere");
    let kept = store.load("elon@example.com").expect("kept").tokens;
    assert_eq!(kept.access_token.expose_secret(), "elsewhere");
}

#[tokio::test]
async fn a_token_refused_soon_after_a_renewal_gives_way_to_another_processs() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, _file) = on_disk(&account);
    let server = renewing(|bearer| bearer == "elsewhere").await;
    let tesla = Tesla::new(settings(&server), account.clone(), store.clone()).expect("a client");
    tesla.availability(&vehicle()).await.expect_err("refused");
    let mut renewed = account;
    renewed.tokens.access_token = "elsewhere".into();
    renewed.tokens.refresh_token = Some("refresh-elsewhere".into());
    renewed.tokens.obtained_at = SystemTime::now();
    renewed.tokens.expires_at = SystemTime::now() + GOOD;
    store.save(&renewed).expect("saved");
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.token_requests(), 1);
}

#[tokio::test]
async fn an_account_whose_renewed_tokens_are_refused_again_and_again_is_stopped() {
    // Each token is good for one question.
    let used = std::sync::Mutex::new(std::collections::HashSet::new());
    let server =
        renewing(move |bearer| used.lock().expect("whole").insert(bearer.to_owned())).await;
    let tesla = tesla(&server, GOOD);
    tesla.availability(&vehicle()).await.expect("a state");
    let mut asked = 0;
    let error = loop {
        // Later than the least time between two renewals.
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(61)).await;
        tokio::time::resume();
        match tesla.availability(&vehicle()).await {
            Ok(_) => asked += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(asked, 4, "the fifth refusal is the last");
    assert_eq!(
        (error.problem, error.next),
        (Problem::Unauthorized, Next::Stop)
    );
    for said in ["5 tokens within 10 minutes", "tesla-observer login"] {
        assert!(error.to_string().contains(said), "{error}");
    }
    let before = server.asked().len();
    for _ in 0..3 {
        tesla.availability(&vehicle()).await.expect_err("stopped");
    }
    assert_eq!(server.asked().len(), before, "nothing more is asked");
}
