//! Tokens are renewed in time, once, and are on the disk before they are used.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tesla_observer::fetch::tesla::{Account, Api, Tesla, TokenStore};
use tesla_observer::fetch::{Availability, Next, Problem, VehicleFetcher as _};

use crate::server::*;

/// The auth host gives `access-1`, `access-2` …; the API takes what `good` says.
pub(crate) async fn renewing(good: impl Fn(&str) -> bool + Send + Sync + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |asked| {
        if asked.is_token() {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            tokens(
                &format!("access-{number}"),
                Some(&format!("refresh-{number}")),
            )
        } else if good(asked.bearer()) {
            state("online")
        } else {
            tesla_error(401, "token expired (401)")
        }
    })
    .await
}

pub(crate) fn tesla(server: &Server, left: Duration) -> Tesla {
    Tesla::new(
        settings(server),
        account(Api::Owner, left),
        TokenStore::in_memory(),
    )
    .expect("a client")
}

#[tokio::test]
async fn fifty_callers_make_one_renewal_and_all_use_the_new_token() {
    let server = renewing(|bearer| bearer == "access-1").await;
    let tesla = Arc::new(tesla(&server, Duration::ZERO));
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let tesla = Arc::clone(&tesla);
            tokio::spawn(async move { tesla.availability(&vehicle()).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("ended"), Ok(Availability::Online));
    }
    assert_eq!(server.token_requests(), 1);
    assert_eq!(server.asked().len(), 51);
}

#[tokio::test]
async fn fifty_callers_who_are_refused_make_one_renewal() {
    let server = renewing(|bearer| bearer == "access-1").await;
    let tesla = Arc::new(tesla(&server, GOOD));
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let tesla = Arc::clone(&tesla);
            tokio::spawn(async move { tesla.availability(&vehicle()).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("ended"), Ok(Availability::Online));
    }
    assert_eq!(server.token_requests(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_after_three_quarters_of_its_life() {
    for (left, renewals) in [(7_300, 0), (7_100, 1)] {
        let server = renewing(|_| true).await;
        let tesla = tesla(&server, Duration::from_secs(left));
        tesla.availability(&vehicle()).await.expect("a state");
        tesla.availability(&vehicle()).await.expect("a state");
        assert_eq!(server.token_requests(), renewals, "{left} s left");
        let left = tesla
            .token_validity()
            .expect("known")
            .expires
            .duration_since(SystemTime::now())
            .expect("good");
        assert_eq!(left > Duration::from_secs(20_000), renewals == 1);
    }
}

#[tokio::test]
async fn the_renewal_asks_as_the_documentation_says() {
    for (api, client_id, scope) in [
        (Api::Owner, "ownerapi", Some("openid email offline_access")),
        (fleet(), "an-app", None),
    ] {
        let server = renewing(|_| true).await;
        let tesla = Tesla::new(
            settings(&server),
            account(api, Duration::ZERO),
            TokenStore::in_memory(),
        )
        .expect("a client");
        tesla.availability(&vehicle()).await.expect("a state");
        let asked = &server.asked()[0];
        assert_eq!(asked.method, "POST");
        assert_eq!(asked.form("grant_type").as_deref(), Some("refresh_token"));
        assert_eq!(asked.form("client_id").as_deref(), Some(client_id));
        assert_eq!(asked.form("refresh_token").as_deref(), Some(REFRESH));
        assert_eq!(asked.form("scope").as_deref(), scope);
        assert_eq!(asked.form("client_secret"), None);
    }
}

/// A store on the disk, and where its one account's file is.
pub(crate) fn on_disk(account: &Account) -> (tempfile::TempDir, TokenStore, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = TokenStore::open(directory.path()).expect("a store");
    store.save(account).expect("saved");
    let file = directory.path().join("accounts/elon@example.com.json");
    (directory, store, file)
}

#[tokio::test]
async fn a_rotated_refresh_token_is_on_the_disk_before_the_new_token_is_used() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, file) = on_disk(&account);
    let seen = Arc::new(AtomicBool::new(false));
    let (saw, read) = (Arc::clone(&seen), file.clone());
    let server = Server::start(move |asked| {
        if asked.is_token() {
            return tokens("new-access", Some("new-refresh"));
        }
        let kept = std::fs::read_to_string(&read).expect("the file");
        saw.store(
            kept.contains("new-refresh") && kept.contains(REFRESH),
            Ordering::SeqCst,
        );
        state("online")
    })
    .await;
    let tesla = Tesla::new(settings(&server), account, store.clone()).expect("a client");
    tesla.availability(&vehicle()).await.expect("a state");
    assert!(
        seen.load(Ordering::SeqCst),
        "the file had the new token, and the old as the previous one"
    );

    // Another start goes on with what is on the disk.
    let stored = store.load("elon@example.com").expect("kept");
    let again = Tesla::new(settings(&server), stored, store).expect("a client");
    again.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.token_requests(), 1);
    assert_eq!(server.asked().last().expect("asked").bearer(), "new-access");
}

#[tokio::test]
async fn a_token_that_another_process_has_renewed_is_used_and_not_renewed_again() {
    for (left, refused) in [(Duration::ZERO, false), (GOOD, true)] {
        let account = account(Api::Owner, left);
        let (_directory, store, _file) = on_disk(&account);
        let server = renewing(move |bearer| bearer == "elsewhere" || !refused).await;
        let tesla = Tesla::new(settings(&server), account.clone(), store.clone()).expect("built");
        let mut renewed = account;
        renewed.tokens.access_token = "elsewhere".into();
        renewed.tokens.refresh_token = Some("refresh-elsewhere".into());
        renewed.tokens.obtained_at = SystemTime::now();
        renewed.tokens.expires_at = SystemTime::now() + GOOD;
        store.save(&renewed).expect("saved");
        tesla.availability(&vehicle()).await.expect("a state");
        assert_eq!(server.token_requests(), 0, "its refresh token is used up");
        assert_eq!(server.asked().last().expect("asked").bearer(), "elsewhere");
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_stored_is_not_used_and_not_renewed_again() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, file) = on_disk(&account);
    // A directory with something in it is in the way.
    let before = std::fs::read_to_string(&file).expect("the file");
    std::fs::remove_file(&file).expect("removed");
    std::fs::create_dir_all(file.join("x")).expect("made");
    let server = renewing(|_| true).await;
    let tesla = Tesla::new(settings(&server), account, store).expect("a client");
    for _ in 0..2 {
        let error = tesla
            .availability(&vehicle())
            .await
            .expect_err("not stored");
        assert_eq!(error.problem, Problem::Local);
        assert!(
            error.to_string().contains("elon@example.com.json"),
            "{error}"
        );
        assert_eq!(server.asked().len(), 1, "only the renewal");
    }
    std::fs::remove_dir_all(&file).expect("out of the way");
    std::fs::write(&file, before).expect("as it was");
    assert_eq!(
        tesla.availability(&vehicle()).await,
        Ok(Availability::Online)
    );
    assert_eq!(
        server.token_requests(),
        1,
        "what was renewed is used after all"
    );
    assert!(
        std::fs::read_to_string(&file)
            .expect("the file")
            .contains("refresh-1")
    );
}

#[tokio::test]
async fn who_gives_up_waiting_does_not_lose_the_renewed_token() {
    let account = account(Api::Owner, Duration::ZERO);
    let (_directory, store, file) = on_disk(&account);
    let (asked_for, mut renewal_is_asked_for) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(move |asked| {
        if asked.is_token() {
            asked_for.send(()).expect("listened to");
            return tokens("new-access", Some("new-refresh"));
        }
        state("online")
    })
    .await;
    let tesla = Tesla::new(settings(&server), account, store).expect("a client");
    let someone = vehicle();
    tokio::select! {
        biased;
        _ = renewal_is_asked_for.recv() => {}
        _ = tesla.availability(&someone) => panic!("the renewal was asked for before"),
    }
    // The one who asked is gone. Whoever wants to end the process waits for the task.
    tesla.settle().await;
    assert!(
        std::fs::read_to_string(&file)
            .expect("the file")
            .contains("new-refresh")
    );
    // The next one finds what the task has stored.
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.token_requests(), 1);
}

#[tokio::test]
async fn a_token_refused_twice_stops() {
    let server = renewing(|_| false).await;
    let tesla = tesla(&server, GOOD);
    let error = tesla.availability(&vehicle()).await.expect_err("refused");
    assert_eq!(
        (error.problem, error.next),
        (Problem::Unauthorized, Next::Stop)
    );
    assert!(
        error.to_string().contains("tesla-observer login"),
        "{error}"
    );
    let bearers: Vec<String> = server
        .asked()
        .iter()
        .map(|asked| asked.bearer().to_owned())
        .collect();
    assert_eq!(
        bearers,
        [ACCESS, "", "access-1"],
        "asked, renewed once, asked once more"
    );
    tesla.availability(&vehicle()).await.expect_err("refused");
    assert_eq!(
        server.token_requests(),
        1,
        "a token that was just made is not made again"
    );
}

#[tokio::test]
async fn a_refused_refresh_token_stops_and_is_not_sent_by_everyone() {
    let server = Server::start(|_| {
        Reply::json(401, serde_json::json!({"error": "login_required", "error_description": "The refresh_token is invalid"}))
    })
    .await;
    let tesla = tesla(&server, Duration::ZERO);
    for _ in 0..5 {
        let error = tesla.availability(&vehicle()).await.expect_err("no token");
        assert_eq!(
            (error.problem, error.next),
            (Problem::Unauthorized, Next::Stop)
        );
        assert!(error.to_string().contains("elon@example.com"), "{error}");
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn while_the_old_token_is_good_a_failed_renewal_disturbs_nobody() {
    let server = Server::start(|asked| match asked.is_token() {
        true => Reply::text(503, "<html>busy</html>"),
        false => state("online"),
    })
    .await;
    let tesla = tesla(&server, Duration::from_secs(3_600));
    for _ in 0..3 {
        assert_eq!(
            tesla.availability(&vehicle()).await,
            Ok(Availability::Online)
        );
    }
    assert_eq!(server.token_requests(), 1, "and is not repeated at once");
    assert!(
        server
            .asked()
            .iter()
            .skip(1)
            .all(|asked| asked.bearer() == ACCESS)
    );
}

#[tokio::test]
async fn a_server_that_gives_tokens_without_life_is_not_asked_each_time() {
    let server = Server::start(|asked| match asked.is_token() {
        true => Reply::json(
            200,
            serde_json::json!({"access_token": "short-lived", "expires_in": 0}),
        ),
        false => state("online"),
    })
    .await;
    let tesla = tesla(&server, Duration::ZERO);
    for _ in 0..5 {
        tesla.availability(&vehicle()).await.expect("a state");
    }
    assert_eq!(server.token_requests(), 1);
}

#[tokio::test]
async fn without_a_refresh_token_the_owner_must_log_in() {
    let server = renewing(|_| true).await;
    let mut account = account(Api::Owner, Duration::ZERO);
    account.tokens.refresh_token = None;
    let tesla = Tesla::new(settings(&server), account, TokenStore::in_memory()).expect("a client");
    let error = tesla.availability(&vehicle()).await.expect_err("no token");
    assert_eq!(
        (error.problem, error.next),
        (Problem::Unauthorized, Next::Stop)
    );
    assert!(
        error.to_string().contains("tesla-observer login"),
        "{error}"
    );
}

const REFUSED: &str = "forbidden, see https://developer.tesla.com/docs/fleet-api";

#[tokio::test]
async fn an_imported_token_that_the_owner_api_refuses_is_renewed_over_http2() {
    let server = Server::start(|asked| match asked.bearer() {
        _ if asked.is_token() => tokens("new-access", None),
        "new-access" => state("online"),
        _ => tesla_error(403, REFUSED),
    })
    .await;
    assert_eq!(
        tesla(&server, GOOD).availability(&vehicle()).await,
        Ok(Availability::Online)
    );
}

#[tokio::test]
async fn a_new_token_that_the_owner_api_refuses_is_explained() {
    let server = Server::start(|asked| match asked.is_token() {
        true => tokens("new-access", None),
        false => tesla_error(403, REFUSED),
    })
    .await;
    let tesla = tesla(&server, GOOD);
    for _ in 0..2 {
        let error = tesla.availability(&vehicle()).await.expect_err("refused");
        assert_eq!(
            (error.problem, error.next),
            (Problem::Forbidden, Next::After(Duration::from_secs(3_600)))
        );
        assert!(
            error
                .to_string()
                .contains("even with a token renewed over HTTP/2"),
            "{error}"
        );
        assert!(error.to_string().contains("Fleet API"), "{error}");
    }
    assert_eq!(server.token_requests(), 1);
}
