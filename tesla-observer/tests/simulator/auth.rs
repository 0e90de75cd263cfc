use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use reqwest::{Client, StatusCode, Url};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tesla_observer::simulator::{
    Fault, Faults, RefreshPolicy, Route, Rule, Settings, Simulator, When,
};
use tokio::time::timeout;

use crate::support::{HOUR, Result, h1, h2, still};

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";
const CALLBACK: &str = "tesla://auth/callback";

fn authorize_url(simulator: &Simulator, changes: &[(&str, &str)]) -> Result<Url> {
    let challenge = BASE64.encode(Sha256::digest(VERIFIER));
    let mut fields = vec![
        ("client_id", "ownerapi"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid email offline_access"),
        ("state", "st<a>te"),
    ];
    for (name, value) in changes {
        fields.retain(|(n, _)| n != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    let mut url = simulator.url().join("oauth2/v3/authorize")?;
    url.query_pairs_mut().extend_pairs(fields);
    Ok(url)
}

fn field(url: &str, name: &str) -> Result<String> {
    let url = Url::parse(url)?;
    let found = url
        .query_pairs()
        .find(|(n, _)| n == name)
        .map(|(_, v)| v.into_owned());
    Ok(found.ok_or(format!("no {name}"))?)
}

async fn token(client: &Client, simulator: &Simulator, body: &Value) -> Result<(u16, Value)> {
    let response = client
        .post(simulator.url().join("oauth2/v3/token")?)
        .json(body)
        .send()
        .await?;
    Ok((response.status().as_u16(), response.json().await?))
}

fn exchange(code: &str) -> Value {
    json!({
        "grant_type": "authorization_code", "client_id": "ownerapi", "code": code,
        "code_verifier": VERIFIER, "redirect_uri": CALLBACK,
    })
}

fn refresh(token: &str) -> Value {
    json!({
        "grant_type": "refresh_token", "client_id": "ownerapi", "refresh_token": token,
        "scope": "openid email offline_access",
    })
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str> {
    Ok(body[name].as_str().ok_or(format!("no {name}"))?)
}

#[tokio::test]
async fn a_login_with_pkce_brings_tokens_that_open_the_api() -> Result {
    let simulator = Simulator::start(still()).await?;
    let url = authorize_url(&simulator, &[])?;
    let page = h1()?.get(url.clone()).send().await?;
    assert_eq!(page.status(), StatusCode::OK);
    let html = page.text().await?;
    assert!(
        html.contains("Allow") && html.contains("st&lt;a&gt;te"),
        "{html}"
    );

    let redirect = simulator.approve(&url)?;
    assert!(redirect.starts_with("tesla://auth/callback?"), "{redirect}");
    assert_eq!(field(&redirect, "state")?, "st<a>te");
    assert_eq!(
        field(&redirect, "issuer")?,
        simulator.url().join("oauth2/v3")?.as_str()
    );
    let client = h2()?;
    let code = field(&redirect, "code")?;
    let (status, body) = token(&client, &simulator, &exchange(&code)).await?;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["expires_in"], 28_800);
    assert_eq!(body["token_type"], "Bearer");
    let access = text(&body, "access_token")?;
    let parts: Vec<&str> = access.split('.').collect();
    assert_eq!(parts.len(), 3);
    let claims: Value = serde_json::from_slice(&BASE64.decode(parts[1])?)?;
    assert!(claims["iss"].is_string() && claims["exp"].as_i64() > claims["iat"].as_i64());

    let products = simulator.url().join("api/1/products")?;
    let answer = client.get(products).bearer_auth(access).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);

    let (status, body) = token(&client, &simulator, &exchange(&code)).await?;
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("invalid_grant")),
        "a code is for once"
    );
    Ok(())
}

#[tokio::test]
async fn a_person_at_a_browser_may_allow_or_deny() -> Result {
    let simulator = Simulator::start(still()).await?;
    let url = authorize_url(&simulator, &[])?;
    let client = h1()?;
    let bare = simulator.url().join("oauth2/v3/authorize")?;
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.push(("decision".to_owned(), "allow".to_owned()));
    let answer = client.post(bare.clone()).form(&form).send().await?;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let location = answer.headers()["location"].to_str()?.to_owned();
    let (status, _) = token(&h2()?, &simulator, &exchange(&field(&location, "code")?)).await?;
    assert_eq!(status, 200);

    form.pop();
    form.push(("decision".to_owned(), "deny".to_owned()));
    let answer = client.post(bare).form(&form).send().await?;
    let location = answer.headers()["location"].to_str()?.to_owned();
    assert_eq!(field(&location, "error")?, "access_denied");
    assert!(field(&location, "code").is_err());
    Ok(())
}

#[tokio::test]
async fn what_tesla_refuses_is_refused_with_its_words() -> Result {
    let simulator = Simulator::start(still()).await?;
    let not_registered = "The 'redirect_uri' supplied is not registered for this 'client_id'";
    for (change, message) in [
        (
            ("redirect_uri", "https://auth.tesla.com/void/callback"),
            not_registered,
        ),
        (("client_id", "someone"), "'client_id'"),
        (("code_challenge_method", "plain"), "S256"),
        (("code_challenge", "short"), "code_challenge"),
        (("code_challenge", ""), "code_challenge"),
        (("state", ""), "state"),
        (("response_type", "token"), "response_type"),
    ] {
        let url = authorize_url(&simulator, &[change])?;
        let refused = simulator.approve(&url).expect_err(change.0).to_string();
        assert!(refused.contains(message), "{change:?}: {refused}");
        let page = h1()?.get(url).send().await?;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST);
        assert!(page.text().await?.contains(message));
    }
    let elsewhere = simulator.url().join("oauth2/v3/token")?;
    assert!(simulator.approve(&elsewhere).is_err());
    Ok(())
}

#[tokio::test]
async fn an_answer_can_be_so_late_that_nobody_waits_and_what_it_gives_is_given_before() -> Result {
    let simulator = Simulator::start(still()).await?;
    let redirect = simulator.approve(&authorize_url(&simulator, &[])?)?;
    let code = exchange(&field(&redirect, "code")?);
    let token_url = simulator.url().join("oauth2/v3/token")?;
    let products = simulator.url().join("api/1/products")?;
    let client = h2()?;
    for (route, request) in [
        (Route::Token, client.post(token_url).json(&code)),
        (Route::Products, client.get(products)),
    ] {
        let rule = Rule {
            route: Some(route),
            vehicle: None,
            fault: Fault::Late {
                milliseconds: 60_000,
            },
            when: When::Next(1),
        };
        simulator.set_faults(Faults { rules: vec![rule] });
        let mut answer = tokio::spawn(request.send());
        while simulator.requests().of(route) == 0 {
            tokio::task::yield_now().await;
        }
        let late = timeout(Duration::from_millis(200), &mut answer).await;
        assert!(late.is_err(), "{route:?}: {late:?}");
        answer.abort();
    }
    let (status, body) = token(&client, &simulator, &code).await?;
    assert_eq!(status, 400, "the code is used: {body}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_verifier_client_or_redirect_gets_no_token_and_spends_the_code() -> Result {
    let simulator = Simulator::start(still()).await?;
    let client = h2()?;
    for (name, wrong) in [
        ("code_verifier", "other"),
        ("client_id", "other"),
        ("redirect_uri", "tesla://other"),
    ] {
        let code = field(
            &simulator.approve(&authorize_url(&simulator, &[])?)?,
            "code",
        )?;
        let mut body = exchange(&code);
        body[name] = wrong.into();
        let (status, answer) = token(&client, &simulator, &body).await?;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("invalid_grant")),
            "{name}"
        );
        assert_eq!(
            token(&client, &simulator, &exchange(&code)).await?.0,
            400,
            "{name}"
        );
    }
    let (status, answer) = token(&client, &simulator, &json!({"grant_type": "password"})).await?;
    assert_eq!(
        (status, &answer["error"]),
        (400, &json!("unsupported_grant_type"))
    );
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_rotates_and_the_last_used_one_has_a_day_of_grace() -> Result {
    let simulator = Simulator::start(still()).await?;
    let client = h2()?;
    let first = simulator
        .issue_tokens()
        .refresh_token
        .expose_secret()
        .to_owned();
    let (status, body) = token(&client, &simulator, &refresh(&first)).await?;
    assert_eq!(status, 200);
    let second = text(&body, "refresh_token")?.to_owned();
    assert_ne!(first, second);

    simulator.clock().advance(23 * HOUR);
    assert_eq!(
        token(&client, &simulator, &refresh(&first)).await?.0,
        200,
        "within its day"
    );
    simulator.clock().advance(2 * HOUR);
    let (status, body) = token(&client, &simulator, &refresh(&first)).await?;
    assert_eq!(
        (status, &body["error"]),
        (401, &json!("login_required")),
        "its day is over"
    );

    let (status, body) = token(&client, &simulator, &refresh(&second)).await?;
    assert_eq!(status, 200);
    let third = text(&body, "refresh_token")?.to_owned();
    assert_eq!(token(&client, &simulator, &refresh(&third)).await?.0, 200);
    let (status, _) = token(&client, &simulator, &refresh(&second)).await?;
    assert_eq!(status, 401, "only the one that was used last has grace");
    simulator.clock().advance(91 * 24 * HOUR);
    assert_eq!(
        token(&client, &simulator, &refresh(&third)).await?.0,
        401,
        "older than 90 days"
    );
    Ok(())
}

#[tokio::test]
async fn a_strict_service_forgives_a_lost_answer_but_no_shared_token() -> Result {
    let settings = Settings {
        refresh_policy: RefreshPolicy::Strict,
        ..still()
    };
    let simulator = Simulator::start(settings).await?;
    let client = h2()?;
    let first = simulator.issue_tokens().refresh_token;
    let first = first.expose_secret();
    let renewed = async |with: &str| -> Result<(u16, String)> {
        let (status, body) = token(&client, &simulator, &refresh(with)).await?;
        let next = body["refresh_token"].as_str().unwrap_or_default();
        Ok((status, next.to_owned()))
    };
    // Two answers are lost: the token that asked for them is good until a successor is used, however
    // late that is.
    let (_, lost) = renewed(first).await?;
    simulator.clock().advance(48 * HOUR);
    let (status, second) = renewed(first).await?;
    assert_eq!(status, 200);
    assert_eq!(
        renewed(&lost).await?.0,
        401,
        "replaced by the second answer"
    );
    let (status, third) = renewed(&second).await?;
    assert_eq!((status, simulator.refused_renewals()), (200, 1));
    // Its successor was used: whoever still has it is a thief, and the login is over for all.
    assert_eq!(renewed(first).await?.0, 401);
    for token in [&second, &third] {
        assert_eq!(renewed(token).await?.0, 401);
    }
    assert_eq!(simulator.refused_renewals(), 4);
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_may_also_stay_and_be_left_out_of_the_answer() -> Result {
    let settings = Settings {
        refresh_policy: RefreshPolicy::Kept,
        ..still()
    };
    let simulator = Simulator::start(settings).await?;
    let refresh_token = simulator.issue_tokens().refresh_token;
    let mut form = refresh(refresh_token.expose_secret());
    for _ in 0..3 {
        simulator.clock().advance(48 * HOUR);
        let url = simulator.url().join("oauth2/v3/token")?;
        let response = h2()?.post(url).form(&form).send().await?;
        assert_eq!(response.status(), StatusCode::OK, "as a form, too");
        assert!(
            response
                .json::<Value>()
                .await?
                .get("refresh_token")
                .is_none()
        );
    }
    form["client_id"] = "simulated-fleet-client".into();
    assert_eq!(
        token(&h2()?, &simulator, &form).await?.0,
        401,
        "another client's token"
    );
    Ok(())
}

#[tokio::test]
async fn access_tokens_that_were_got_over_http_1_are_forbidden() -> Result {
    for strict in [true, false] {
        let settings = Settings {
            strict_http2_auth: strict,
            ..still()
        };
        let simulator = Simulator::start(settings).await?;
        let refresh_token = simulator.issue_tokens().refresh_token;
        let body = refresh(refresh_token.expose_secret());
        for (client, http1) in [(h1()?, true), (h2()?, false)] {
            let (status, body) = token(&client, &simulator, &body).await?;
            assert_eq!(status, 200);
            let access = text(&body, "access_token")?;
            let products = simulator.url().join("api/1/products")?;
            // The version matters where the token is made, not where it is used.
            let answer = h1()?.get(products).bearer_auth(access).send().await?;
            if strict && http1 {
                assert_eq!(answer.status(), StatusCode::FORBIDDEN);
                assert_eq!(
                    answer.json::<Value>().await?,
                    json!({
                        "response": null, "error_description": "",
                        "error": "forbidden, see https://developer.tesla.com/docs/fleet-api",
                    })
                );
            } else {
                assert_eq!(answer.status(), StatusCode::OK);
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn tokens_expire_in_real_seconds_as_the_clock_runs() -> Result {
    let simulator = Simulator::start(Settings {
        speed: 100.0,
        ..still()
    })
    .await?;
    assert_eq!(simulator.issue_tokens().expires_in, 288);
    // A client that renews no token more often than once a minute keeps up with any clock.
    let simulator = Simulator::start(Settings {
        speed: 100_000.0,
        ..still()
    })
    .await?;
    assert_eq!(simulator.issue_tokens().expires_in, 120);
    assert!(
        !format!("{:?}", simulator.issue_tokens()).contains("eyJ"),
        "no token in Debug"
    );
    Ok(())
}

#[tokio::test]
async fn a_fleet_application_pages_the_vehicles_within_its_scopes() -> Result {
    let simulator = Simulator::start(Settings {
        vehicles: 130,
        ..still()
    })
    .await?;
    let client = h1()?;
    let callback = "http://localhost:1455/callback";
    let login = async |scope: &str| -> Result<String> {
        let url = authorize_url(
            &simulator,
            &[
                ("client_id", "simulated-fleet-client"),
                ("redirect_uri", callback),
                ("scope", scope),
                ("code_challenge", ""),
                ("code_challenge_method", ""),
            ],
        )?;
        let mut body = json!({
            "grant_type": "authorization_code", "client_id": "simulated-fleet-client",
            "code": field(&simulator.approve(&url)?, "code")?, "redirect_uri": callback,
            "client_secret": "wrong", "audience": simulator.url().as_str(),
        });
        assert_eq!(
            token(&client, &simulator, &body).await?.0,
            401,
            "the secret is needed"
        );
        body["code"] = field(&simulator.approve(&url)?, "code")?.into();
        body["client_secret"] = "simulated-fleet-secret".into();
        let (status, body) = token(&client, &simulator, &body).await?;
        assert_eq!(status, 200);
        Ok(text(&body, "access_token")?.to_owned())
    };
    let get = async |access: &str, path: &str| -> Result<(u16, Value)> {
        let url = simulator.url().join(path)?;
        let answer = client.get(url).bearer_auth(access).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    };
    let access = login("openid offline_access vehicle_device_data").await?;
    let (status, first) = get(&access, "api/1/vehicles").await?;
    assert_eq!(
        (status, &first["count"], &first["pagination"]["next"]),
        (200, &json!(100), &json!(2))
    );
    let (_, second) = get(&access, "api/1/vehicles?page=2").await?;
    assert_eq!(
        (&second["count"], &second["pagination"]["next"]),
        (&json!(30), &Value::Null)
    );
    assert_ne!(first["response"][0]["vin"], second["response"][0]["vin"]);

    let vin = simulator.vins()[0].clone();
    let data = format!("api/1/vehicles/{vin}/vehicle_data?endpoints=drive_state;location_data");
    let (status, body) = get(&access, &data).await?;
    assert_eq!(status, 200);
    assert!(
        body["response"]["drive_state"].get("latitude").is_none(),
        "no scope for it"
    );
    let located = login("openid vehicle_device_data vehicle_location").await?;
    let (_, body) = get(&located, &data).await?;
    assert!(body["response"]["drive_state"]["latitude"].is_f64());

    let narrow = login("openid offline_access").await?;
    let (status, body) = get(&narrow, &data).await?;
    assert_eq!(
        (status, &body["error"]),
        (403, &json!("Unauthorized missing scopes"))
    );
    Ok(())
}
