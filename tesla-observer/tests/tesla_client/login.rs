//! The login, from its page to the tokens.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use axum::http::Version;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tesla_observer::fetch::Problem;
use tesla_observer::fetch::VehicleFetcher as _;
use tesla_observer::fetch::tesla::{
    Api, Login, LoginError, PasteError, Settings, Tesla, TokenStore,
};

use crate::server::*;

fn query(login: &Login) -> HashMap<String, String> {
    login.url().query_pairs().into_owned().collect()
}

fn id_token(email: &str) -> String {
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"email":"{email}"}}"#));
    format!("eyJhbGciOiJub25lIn0.{payload}.c2ln")
}

async fn auth() -> Server {
    Server::start(|asked| match asked.is_token() {
        true => Reply::json(
            200,
            serde_json::json!({"access_token": "login-access", "refresh_token": "login-refresh",
                "id_token": id_token("who@example.com"), "expires_in": 28_800}),
        ),
        false => state("online"),
    })
    .await
}

#[tokio::test]
async fn an_owner_logs_in_with_proof_of_the_beginning() {
    let server = auth().await;
    let login = Login::begin(&settings(&server), Some("elon@example.com")).expect("begun");
    let shown = query(&login);
    let pasted = format!(
        " \"tesla://auth/callback?code=EU_the-code&state={}&issuer=https%3A%2F%2Fevil.example%2F\"\n",
        shown["state"]
    );
    let account = login.finish(&pasted).await.expect("tokens");
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.version, asked.method.as_str()),
        (Version::HTTP_2, "POST")
    );
    assert_eq!(
        asked.form("grant_type").as_deref(),
        Some("authorization_code")
    );
    assert_eq!(asked.form("client_id").as_deref(), Some("ownerapi"));
    assert_eq!(asked.form("code").as_deref(), Some("EU_the-code"));
    assert_eq!(
        asked.form("redirect_uri").as_ref(),
        Some(&shown["redirect_uri"])
    );
    let verifier = asked.form("code_verifier").expect("a verifier");
    assert_eq!(
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        shown["code_challenge"]
    );
    assert_eq!(account.name, "elon@example.com");
    let left = account
        .tokens
        .expires_at
        .duration_since(SystemTime::now())
        .expect("good");
    assert!(left > Duration::from_secs(28_000));
    assert!(
        !format!("{account:?} {login:?}").contains("login-"),
        "{account:?}"
    );

    // And what the login gave is what is asked with.
    let tesla = Tesla::new(settings(&server), account, TokenStore::in_memory()).expect("a client");
    tesla.availability(&vehicle()).await.expect("a state");
    assert_eq!(server.asked()[1].bearer(), "login-access");
}

#[tokio::test]
async fn a_fleet_application_logs_in_with_its_secret_and_audience() {
    let server = auth().await;
    let settings = Settings {
        api: fleet(),
        ..settings(&server)
    };
    let login = Login::begin(&settings, None).expect("begun");
    let pasted = format!("code=the-code&state={}", query(&login)["state"]);
    let account = login.finish(&pasted).await.expect("tokens");
    let asked = &server.asked()[0];
    assert_eq!(
        asked.form("client_secret").as_deref(),
        Some("app-secret-value")
    );
    assert_eq!(
        asked.form("redirect_uri").as_deref(),
        Some("https://app.example/callback")
    );
    assert_eq!(
        asked.form("audience").as_deref(),
        Some(server.url.as_str().trim_end_matches('/'))
    );
    assert_eq!(asked.form("code_verifier"), None);
    assert_eq!(
        account.name, "who@example.com",
        "as the identity token says"
    );
    assert!(matches!(account.api, Api::Fleet { .. }));
}

#[tokio::test]
async fn another_logins_state_is_refused_and_nothing_is_sent() {
    let server = auth().await;
    let login = Login::begin(&settings(&server), None).expect("begun");
    let other = query(&Login::begin(&settings(&server), None).expect("begun"));
    let pasted = format!("tesla://auth/callback?code=c&state={}", other["state"]);
    let error = login.finish(&pasted).await.expect_err("another login");
    assert!(
        matches!(error, LoginError::Pasted(PasteError::OtherLogin)),
        "{error:?}"
    );
    assert!(error.to_string().contains("start again"), "{error}");
    let error = login
        .finish(login.url().as_str())
        .await
        .expect_err("not logged in yet");
    assert!(
        matches!(error, LoginError::Pasted(PasteError::LoginPage)),
        "{error:?}"
    );
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_code_that_tesla_refuses_is_explained_without_it() {
    let server = Server::start(|asked| {
        let code = asked.form("code").unwrap_or_default();
        Reply::json(400, serde_json::json!({"error": "invalid_grant", "error_description": format!("bad {code}")}))
    })
    .await;
    let login = Login::begin(&settings(&server), None).expect("begun");
    let code = "EU_0123456789abcdef0123456789abcdef";
    let pasted = format!("code={code}&state={}", query(&login)["state"]);
    let error = login.finish(&pasted).await.expect_err("refused");
    let LoginError::Tesla(fetch) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(fetch.problem, Problem::Unauthorized);
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("tesla-observer login") && !shown.contains("0123456789"),
        "{shown}"
    );
}

#[tokio::test]
async fn no_spelling_of_a_secret_that_the_login_repeats_is_shown() {
    const SECRET: &str = "ta-secret.a&b<c%d$e";
    // As it was sent, as JSON has it, and as Go writes it into JSON.
    let spellings: [fn(&Asked) -> String; 3] = [
        |asked| {
            let mut fields = asked.body.split('&');
            let sent = fields.find(|field| field.starts_with("client_secret="));
            sent.unwrap_or_default().to_owned()
        },
        |asked| asked.form("client_secret").unwrap_or_default(),
        |asked| {
            let secret = asked.form("client_secret").unwrap_or_default();
            secret.replace('&', "\\u0026").replace('<', "\\u003c")
        },
    ];
    for spelled in spellings {
        let server = Server::start(move |asked| {
            let said = format!("unknown: {}", spelled(asked));
            let error = format!(r#"{{"error":"invalid_client","error_description":"{said}"}}"#);
            Reply::text(401, error)
        })
        .await;
        let settings = Settings {
            api: Api::Fleet {
                client_id: "an-app".to_owned(),
                client_secret: Some(SECRET.into()),
                redirect_uri: Some("https://app.example/callback".to_owned()),
            },
            ..settings(&server)
        };
        let login = Login::begin(&settings, None).expect("begun");
        let pasted = format!("code=the-code&state={}", query(&login)["state"]);
        let error = login.finish(&pasted).await.expect_err("refused");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("unknown: "), "{shown}");
        assert!(shown.contains("[hidden]"), "{shown}");
        assert!(!shown.contains("ta-secret"), "{shown}");
    }
}
