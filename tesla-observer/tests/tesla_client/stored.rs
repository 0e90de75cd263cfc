//! What is stored of an account while a process uses it: by its owner, and by other processes.

use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret as _;
use tesla_observer::fetch::tesla::{Account, Api, Tesla};
use tesla_observer::fetch::{FetchError, Next, Problem, VehicleFetcher as _};

use crate::renewals::{on_disk, renewing};
use crate::server::*;

/// It is time to renew; the same while the token is good; and the token is refused before its time.
const MOMENTS: [(Duration, bool); 3] = [
    (Duration::ZERO, true),
    (Duration::from_secs(3_600), true),
    (GOOD, false),
];

/// Asks twice: the account is stopped, no token is renewed, and that is explained.
async fn stops(tesla: &Tesla, server: &Server, explained: [&str; 2]) {
    for _ in 0..2 {
        let error: FetchError = tesla.availability(&vehicle()).await.expect_err("stopped");
        let kind = (error.problem, error.next);
        assert_eq!(kind, (Problem::Unauthorized, Next::Stop), "{error}");
        for said in ["elon@example.com", explained[0], explained[1]] {
            assert!(error.to_string().contains(said), "{said} in {error}");
        }
    }
    assert_eq!(server.token_requests(), 0);
}

#[tokio::test]
async fn another_login_is_not_overwritten_by_the_one_before() {
    let elsewhere = Account {
        auth_host: "https://auth.tesla.cn/".parse().ok(),
        ..account(Api::Owner, GOOD)
    };
    for (left, good) in MOMENTS {
        for mut new in [account(fleet(), GOOD), elsewhere.clone()] {
            let old = account(Api::Owner, left);
            let (_directory, store, _file) = on_disk(&old);
            let server = renewing(move |_| good).await;
            let tesla = Tesla::new(settings(&server), old, store.clone()).expect("a client");
            new.tokens.refresh_token = Some("EU_refresh-of-the-new-login".into());
            store.save(&new).expect("saved");
            stops(
                &tesla,
                &server,
                ["another login", "Start the observer again"],
            )
            .await;
            let kept = store.load("elon@example.com").expect("loaded");
            assert_eq!(kept.api.is_fleet(), new.api.is_fleet());
            assert_eq!(kept.auth_host, new.auth_host);
            let refresh = kept.tokens.refresh_token.expect("kept");
            assert_eq!(refresh.expose_secret(), "EU_refresh-of-the-new-login");
        }
    }
}

#[tokio::test]
async fn an_account_that_was_deleted_is_not_made_again() {
    for (left, good) in MOMENTS {
        let account = account(Api::Owner, left);
        let (_directory, store, file) = on_disk(&account);
        let server = renewing(move |_| good).await;
        let tesla = Tesla::new(settings(&server), account, store).expect("a client");
        std::fs::remove_file(&file).expect("deleted");
        stops(&tesla, &server, ["deleted", "`tesla-observer login`"]).await;
        assert!(!file.exists());
    }
}

#[tokio::test]
async fn a_file_that_became_another_accounts_is_left_alone() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, file) = on_disk(&account);
    let server = renewing(|_| true).await;
    let tesla = Tesla::new(settings(&server), account, store).expect("a client");
    let text = std::fs::read_to_string(&file).expect("read");
    let other = text.replace("elon@", "ju@");
    std::fs::write(&file, &other).expect("written");
    let rename = "rename it to ju@example.com.json";
    stops(&tesla, &server, [rename, "Start the observer again"]).await;
    assert_eq!(std::fs::read_to_string(&file).expect("read"), other);
}

/// As they were a month before.
fn a_month_older(account: &Account) -> Account {
    let month = Duration::from_secs(30 * 86_400);
    let mut old = account.clone();
    old.tokens.access_token = "older-access".into();
    old.tokens.refresh_token = Some("EU_older-refresh".into());
    old.tokens.obtained_at -= month;
    old.tokens.expires_at -= month;
    old
}

#[tokio::test]
async fn older_tokens_that_were_put_back_do_not_replace_newer_ones() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, _file) = on_disk(&account);
    let server = renewing(|_| true).await;
    let tesla = Tesla::new(settings(&server), account.clone(), store.clone()).expect("a client");
    store.save(&a_month_older(&account)).expect("saved");
    tesla.availability(&vehicle()).await.expect("a state");
    let sent = server.asked()[0].form("refresh_token");
    assert_eq!(sent.as_deref(), Some(REFRESH));
    let kept = store.load("elon@example.com").expect("loaded").tokens;
    assert_eq!(kept.access_token.expose_secret(), "access-1");
}

#[tokio::test]
async fn older_tokens_that_were_put_back_are_tried_where_newer_ones_are_refused() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, _file) = on_disk(&account);
    let server = Server::start(|asked| match asked.form("refresh_token").as_deref() {
        Some("EU_older-refresh") => tokens("new-access", Some("new-refresh")),
        _ if asked.is_token() => Reply::json(401, serde_json::json!({"error": "login_required"})),
        _ if asked.bearer() == "new-access" => state("online"),
        _ => tesla_error(401, "token expired (401)"),
    })
    .await;
    let tesla = Tesla::new(settings(&server), account.clone(), store.clone()).expect("a client");
    store.save(&a_month_older(&account)).expect("saved");
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.token_requests(), 2);
}

#[tokio::test]
async fn tokens_of_a_clock_that_was_ahead_are_replaced_by_a_later_login() {
    let mut account = account(Api::Owner, Duration::ZERO);
    account.tokens.obtained_at = SystemTime::now() + Duration::from_secs(86_400);
    account.tokens.expires_at = account.tokens.obtained_at;
    let (_directory, store, _file) = on_disk(&account);
    let server = renewing(|_| true).await;
    let tesla = Tesla::new(settings(&server), account.clone(), store.clone()).expect("a client");
    account.tokens.access_token = "of-the-login".into();
    account.tokens.obtained_at = SystemTime::now();
    account.tokens.expires_at = SystemTime::now() + GOOD;
    store.save(&account).expect("saved");
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.asked()[0].bearer(), "of-the-login");
}

/// Time passes, by the clock that never jumps.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_refused_refresh_token_is_not_sent_again_while_the_access_token_is_good() {
    const BEFORE: &str = "EU_previous-refresh-secret";
    let mut account = account(Api::Owner, Duration::from_secs(3_600));
    account.tokens.previous_refresh_token = Some(BEFORE.into());
    for logged_in in [true, false] {
        let (_directory, store, _file) = on_disk(&account);
        let server = Server::start(|asked| match asked.is_token() {
            true => Reply::json(401, serde_json::json!({"error": "login_required"})),
            false => state("online"),
        })
        .await;
        let tesla =
            Tesla::new(settings(&server), account.clone(), store.clone()).expect("a client");
        for _ in 0..8 {
            tesla.availability(&vehicle()).await.expect("a state");
            pass(301).await;
        }
        let asked = server.asked();
        let sent: Vec<_> = asked
            .iter()
            .filter_map(|a| a.form("refresh_token"))
            .collect();
        assert_eq!(sent, [REFRESH, BEFORE]);
        if logged_in {
            // That is seen while the old one is good still.
            let mut new = account.clone();
            new.tokens.access_token = "of-the-login".into();
            new.tokens.obtained_at = SystemTime::now();
            new.tokens.expires_at = SystemTime::now() + GOOD;
            store.save(&new).expect("saved");
            tesla.availability(&vehicle()).await.expect("a state");
            assert_eq!(
                server.asked().last().expect("asked").bearer(),
                "of-the-login"
            );
            assert_eq!(server.token_requests(), 2);
        } else {
            // At its end, for the last time.
            pass(1_300).await;
            let error = tesla
                .availability(&vehicle())
                .await
                .expect_err("it has ended");
            assert_eq!(error.next, Next::Stop);
            assert_eq!(server.token_requests(), 4);
        }
    }
}
