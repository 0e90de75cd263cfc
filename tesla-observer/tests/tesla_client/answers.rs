//! Every kind of refusal, over the wire: what the caller is told.

use std::time::Duration;

use tesla_observer::fetch::tesla::{Api, Settings, Tesla};
use tesla_observer::fetch::{Next, Problem, VehicleFetcher as _};

use crate::server::*;

#[tokio::test]
async fn each_refusal_reaches_the_caller_as_what_it_is() {
    let after = |seconds| Next::After(Duration::from_secs(seconds));
    type Case = (u16, &'static str, Problem, Next);
    let cases: Vec<Case> = vec![
        (
            403,
            r#"{"error":"account disabled: EXCEEDED_LIMIT"}"#,
            Problem::LimitExceeded,
            after(900),
        ),
        (
            403,
            r#"{"error":"Unauthorized missing scopes vehicle_device_data"}"#,
            Problem::MissingScope,
            Next::Stop,
        ),
        (
            403,
            "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD></HTML>",
            Problem::Blocked,
            after(900),
        ),
        (
            404,
            r#"{"response":null,"error":"not_found"}"#,
            Problem::NotFound,
            Next::AsUsual,
        ),
        (
            405,
            r#"{"error":"vehicle is curently in service"}"#,
            Problem::InService,
            Next::AsUsual,
        ),
        (
            408,
            r#"{"error":"vehicle unavailable: vehicle is offline or asleep"}"#,
            Problem::Unavailable,
            Next::AsUsual,
        ),
        (
            408,
            r#"{"error":"{\"error\": \"timeout\"}"}"#,
            Problem::Unavailable,
            Next::AsUsual,
        ),
        (
            412,
            r#"{"error":"Endpoint is only available on fleetapi. Visit https://developer.tesla.com/docs"}"#,
            Problem::Configuration,
            Next::Stop,
        ),
        (
            421,
            r#"{"error":"user out of region"}"#,
            Problem::WrongRegion,
            Next::Stop,
        ),
        (
            429,
            "Retry in 45363 seconds\n",
            Problem::RateLimited,
            after(45_363),
        ),
        (429, "", Problem::RateLimited, after(60)),
        (
            500,
            r#"{"error":"context deadline exceeded"}"#,
            Problem::Server,
            after(10),
        ),
        (
            502,
            "<html><h1>502 Bad Gateway</h1></html>",
            Problem::Server,
            after(10),
        ),
        (540, "", Problem::Server, after(10)),
    ];
    for (status, body, problem, next) in cases {
        let server = Server::start(move |_| Reply::text(status, body)).await;
        let error = client(&server, Api::Owner)
            .snapshot(&vehicle())
            .await
            .expect_err("refused");
        assert_eq!(
            (error.problem, error.next),
            (problem, next),
            "{status} {body}"
        );
        assert_eq!(error.doing, "reading vehicle_data of LRW3…0001");
        assert_eq!(
            server.asked().len(),
            1,
            "{status} {body} is not asked again"
        );
    }
}

#[tokio::test]
async fn failures_in_a_row_wait_longer_each_vehicle_by_itself() {
    let server = Server::start(|asked| match asked.path.ends_with("/good") {
        true => state("online"),
        false => Reply::text(503, ""),
    })
    .await;
    let tesla = client(&server, Api::Owner);
    let with_id = |id: &str| tesla_observer::fetch::Vehicle {
        id: id.to_owned(),
        ..vehicle()
    };
    let mut waits = Vec::new();
    for _ in 0..5 {
        waits.push(
            tesla
                .availability(&with_id("bad"))
                .await
                .expect_err("busy")
                .next,
        );
        tesla.availability(&with_id("good")).await.expect("a state");
    }
    assert_eq!(
        waits,
        [10, 15, 20, 30, 30].map(|seconds| Next::After(Duration::from_secs(seconds)))
    );
    // Neither other vehicles nor other questions about it have failed.
    let data = tesla.snapshot(&with_id("bad")).await.expect_err("busy");
    assert_eq!(data.next, Next::After(Duration::from_secs(10)));
    let other = tesla
        .availability(&with_id("worse"))
        .await
        .expect_err("busy");
    assert_eq!(other.next, Next::After(Duration::from_secs(10)));
}

#[tokio::test]
async fn no_error_shows_a_token_even_if_the_service_repeats_it() {
    for status in [
        200, 302, 400, 401, 403, 404, 405, 408, 412, 421, 422, 429, 451, 500, 503, 540,
    ] {
        for json in [true, false] {
            let server = Server::start(move |asked| {
                let (bearer, sent) = (asked.bearer().to_owned(), asked.body.clone());
                let text = format!("you sent {bearer} {sent} plain-token-x");
                if json {
                    tesla_error(status, &text)
                } else {
                    Reply::text(status, text)
                }
            })
            .await;
            let tesla = client(&server, Api::Owner);
            let mut shown = format!("{:?}", settings(&server));
            let error = tesla.snapshot(&vehicle()).await.expect_err("refused");
            shown.push_str(&format!("{error} {error:?}"));
            if let Err(error) = tesla.vehicles().await {
                shown.push_str(&format!("{error} {error:?}"));
            }
            for secret in [ACCESS, REFRESH, "first-access", "first-refresh"] {
                assert!(!shown.contains(secret), "{status}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn answers_that_cannot_be_read_wait_longer_too() {
    let server = Server::start(|_| Reply::text(200, "<html></html>")).await;
    let tesla = client(&server, Api::Owner);
    let mut waits = Vec::new();
    for _ in 0..2 {
        waits.push(tesla.vehicles().await.expect_err("no list").next);
        waits.push(
            tesla
                .availability(&vehicle())
                .await
                .expect_err("no state")
                .next,
        );
        waits.push(
            tesla
                .snapshot(&vehicle())
                .await
                .expect_err("no snapshot")
                .next,
        );
    }
    assert_eq!(
        waits,
        [10, 10, 10, 15, 15, 15].map(|seconds| Next::After(Duration::from_secs(seconds)))
    );
}

#[tokio::test]
async fn a_token_of_any_look_is_hidden_when_the_service_repeats_it() {
    for status in [200, 401, 403, 404, 408, 429, 500] {
        let server = Server::start(move |asked| {
            tesla_error(status, &format!("no such token: {}", asked.bearer()))
        })
        .await;
        let settings = Settings {
            token: Some("plainwords".into()),
            ..settings(&server)
        };
        let tesla = Tesla::with_fixed_token(settings).expect("a client");
        let error = tesla.snapshot(&vehicle()).await.expect_err("refused");
        assert!(
            !format!("{error:?}").contains("plainwords"),
            "{status}: {error}"
        );
        let error = tesla.availability(&vehicle()).await;
        assert!(
            !format!("{error:?}").contains("plainwords"),
            "{status}: {error:?}"
        );
    }
}
