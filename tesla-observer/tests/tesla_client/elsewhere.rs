//! No answer makes the client send a token to another place.

use std::time::Duration;

use tesla_observer::fetch::tesla::{Api, Login, LoginError, Tesla, TokenStore};
use tesla_observer::fetch::{FetchError, Problem, VehicleFetcher as _};

use crate::server::*;

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// Answers every question with the way to another place, and whoever is there.
async fn leading(status: u16, to: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
    Server::start(move |asked| {
        let way = to(&asked.path);
        Reply::text(status, "").with("location", way)
    })
    .await
}

async fn elsewhere() -> Server {
    Server::start(|asked| match asked.is_token() {
        true => tokens("stolen", Some("stolen-refresh")),
        false => state("online"),
    })
    .await
}

fn ways(other: &Server) -> [String; 4] {
    let port = other.url.port().expect("a port");
    [
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        format!("//127.0.0.1:{port}"),
        // The same host, another path.
        "/again".to_owned(),
    ]
}

fn blocked(error: &FetchError) {
    assert_eq!(error.problem, Problem::Blocked, "{error}");
    assert!(
        error.to_string().contains("where the token is not sent"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_of_the_api_is_not_followed() {
    for status in STATUSES {
        let other = elsewhere().await;
        for way in ways(&other) {
            let server = leading(status, move |path| format!("{way}{path}")).await;
            for api in [Api::Owner, fleet()] {
                let before = server.asked().len();
                let tesla = client(&server, api);
                blocked(&tesla.availability(&vehicle()).await.expect_err("led away"));
                assert_eq!(server.asked().len(), before + 1, "{status}");
            }
        }
        assert!(other.asked().is_empty(), "{status}: {:?}", other.asked());
    }
}

#[tokio::test]
async fn a_redirect_of_the_auth_host_is_not_followed() {
    for status in STATUSES {
        let other = elsewhere().await;
        for way in ways(&other) {
            let server = leading(status, move |path| format!("{way}{path}")).await;
            let account = account(Api::Owner, Duration::ZERO);
            let tesla = Tesla::new(settings(&server), account, TokenStore::in_memory());
            let tesla = tesla.expect("a client");
            blocked(&tesla.availability(&vehicle()).await.expect_err("led away"));
            assert_eq!(server.asked().len(), 1, "{status}");
            // A code is worth as much.
            let login = Login::begin(&settings(&server), None).expect("begun");
            let url = login.url().clone();
            let state = url.query_pairs().find(|(key, _)| key == "state");
            let (_, state) = state.expect("a state");
            let pasted = format!("tesla://auth/callback?code=EU_the-code&state={state}");
            match login.finish(&pasted).await {
                Err(LoginError::Tesla(error)) => blocked(&error),
                other => panic!("{other:?}"),
            }
        }
        assert!(other.asked().is_empty(), "{status}: {:?}", other.asked());
    }
}

#[test]
fn no_host_but_this_machine_is_asked_without_tls() {
    let url = |text: &str| reqwest::Url::parse(text).expect("a URL");
    let (good, bad) = (
        [
            "https://gateway.example",
            "http://127.0.0.1:1",
            "http://[::1]:1",
            "http://localhost:1",
        ],
        [
            "http://gateway.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://192.168.1.7",
            "http://10.0.0.1",
            "http://[fe80::1]",
            "ws://127.0.0.1:1",
        ],
    );
    for (hosts, may) in [(&good[..], true), (&bad[..], false)] {
        for host in hosts {
            let (api, auth) = (
                tesla_observer::fetch::tesla::Settings {
                    api_host: Some(url(host)),
                    ..Default::default()
                },
                tesla_observer::fetch::tesla::Settings {
                    auth_host: Some(url(host)),
                    ..Default::default()
                },
            );
            for settings in [api, auth] {
                let store = TokenStore::in_memory();
                let made = Tesla::new(settings.clone(), account(Api::Owner, GOOD), store);
                assert_eq!(made.is_ok(), may, "{host}");
                assert_eq!(Login::begin(&settings, None).is_ok(), may, "{host}");
                let fixed = tesla_observer::fetch::tesla::Settings {
                    token: Some("a-token".into()),
                    ..settings
                };
                assert_eq!(Tesla::with_fixed_token(fixed).is_ok(), may, "{host}");
            }
            let mut stored = account(Api::Owner, GOOD);
            stored.auth_host = Some(url(host));
            let made = Tesla::new(Default::default(), stored, TokenStore::in_memory());
            assert_eq!(made.is_ok(), may, "{host} of the file");
        }
    }
}

#[test]
fn no_secret_is_in_any_debug() {
    let settings = tesla_observer::fetch::tesla::Settings {
        api: fleet(),
        token: Some("gateway-secret-token".into()),
        ..Default::default()
    };
    let account = account(fleet(), GOOD);
    let store = TokenStore::in_memory();
    store.save(&account).expect("saved");
    let login = Login::begin(&settings, None).expect("begun");
    let shown = format!("{settings:?} {settings:#?} {account:?} {account:#?} {store:?} {login:?}");
    for secret in ["gateway-secret", "app-secret-value", ACCESS, REFRESH] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
