use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Simulator, When};

use crate::support::{Result, Session, h2, still};

fn break_once(simulator: &Simulator, fault: Fault) {
    let rule = Rule {
        route: Some(Route::Products),
        vehicle: None,
        fault,
        when: When::Next(1),
    };
    simulator.set_faults(Faults { rules: vec![rule] });
}

async fn broken(session: &Session, fault: Fault) -> Result<Response> {
    break_once(&session.simulator, fault);
    Ok(session.get("api/1/products").send().await?)
}

#[tokio::test]
async fn each_status_comes_with_its_body_and_then_all_is_well_again() -> Result {
    let session = Session::start(still()).await?;
    let url = "https://fleet-api.prd.eu.vn.cloud.tesla.com".to_owned();
    let cases = [
        (Fault::TokenExpired, 401, "token expired (401)"),
        (Fault::TokenInvalid, 401, "invalid bearer token"),
        (Fault::MobileAccessDisabled, 401, "mobile_access_disabled"),
        (Fault::LoginRequired, 401, "login_required"),
        (
            Fault::Forbidden,
            403,
            "forbidden, see https://developer.tesla.com/docs/fleet-api",
        ),
        (
            Fault::LimitExceeded,
            403,
            "account disabled: EXCEEDED_LIMIT",
        ),
        (Fault::MissingScopes, 403, "Unauthorized missing scopes"),
        (Fault::Firewall, 403, "Access Denied"),
        (Fault::NotFound, 404, "not_found"),
        (Fault::InService, 405, "vehicle is currently in service"),
        (
            Fault::InServiceMisspelt,
            405,
            "vehicle is curently in service",
        ),
        (
            Fault::Unavailable,
            408,
            "vehicle unavailable: vehicle is offline or asleep",
        ),
        (Fault::VehicleTimeout, 408, r#""{\"error\": \"timeout\"}""#),
        (Fault::VehicleTimeoutRuby, 408, "=>"),
        (Fault::OperationTimedout, 408, "operation_timedout"),
        (
            Fault::FleetOnly,
            412,
            "Endpoint is only available on fleetapi",
        ),
        (
            Fault::WrongRegion { base_url: url },
            421,
            "use base URL: https://fleet-api.prd.eu.",
        ),
        (Fault::RateLimited { seconds: 7 }, 429, "rate limited"),
        (
            Fault::RateLimitedText { seconds: 45_363 },
            429,
            "Retry in 45363 seconds\n",
        ),
        (Fault::ServerError, 500, "context deadline exceeded"),
        (Fault::BadGateway, 502, "<title>502 Bad Gateway</title>"),
        (Fault::ServiceUnavailable, 503, "<html>"),
        (Fault::UpstreamTimeout, 504, "upstream_timeout"),
        (Fault::DeviceError, 540, "device unexpected response"),
        (
            Fault::Status {
                code: 423,
                error: "locked".to_owned(),
            },
            423,
            "locked",
        ),
        (Fault::Html, 200, "<html>"),
    ];
    for (fault, status, text) in cases {
        let response = broken(&session, fault.clone()).await?;
        assert_eq!(response.status().as_u16(), status, "{fault:?}");
        let body = response.text().await?;
        assert!(body.contains(text), "{fault:?}: {body}");
        session.json("api/1/products").await?;
    }
    for fault in [Fault::Unauthorized, Fault::Empty] {
        assert_eq!(broken(&session, fault).await?.text().await?, "");
    }
    Ok(())
}

#[tokio::test]
async fn rate_limits_say_when_in_seconds_or_as_a_date() -> Result {
    let session = Session::start(still()).await?;
    let response = broken(&session, Fault::RateLimited { seconds: 42 }).await?;
    assert_eq!(response.headers()["retry-after"], "42");
    assert_eq!(response.headers()["ratelimit-remaining"], "0");
    let response = broken(&session, Fault::RateLimitedDate { seconds: 42 }).await?;
    let date = response.headers()["retry-after"].to_str()?;
    assert!(date.ends_with(" GMT") && date.len() == 29, "{date}");
    let response = broken(&session, Fault::RateLimitedText { seconds: 42 }).await?;
    assert!(response.headers().get("retry-after").is_none());
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_cut_off_and_a_dropped_connection_are_errors_on_both_versions_of_http()
-> Result {
    let mut session = Session::start(still()).await?;
    for version in 1..=2 {
        let response = broken(&session, Fault::CutOff).await?;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.bytes().await.is_err(), "HTTP/{version}");

        // Twice, because a client may ask again on a fresh connection.
        let rule = Rule {
            route: None,
            vehicle: None,
            fault: Fault::Drop,
            when: When::Always,
        };
        session.simulator.set_faults(Faults { rules: vec![rule] });
        let dropped = session.get("api/1/products").send().await;
        assert!(
            dropped.is_err_and(|e| e.status().is_none()),
            "HTTP/{version}"
        );
        session.simulator.set_faults(Faults::default());
        session.json("api/1/products").await?;
        session.client = h2()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_huge_body_is_five_megabytes_of_json() -> Result {
    let session = Session::start(still()).await?;
    let body = broken(&session, Fault::Huge).await?.bytes().await?;
    assert!(body.len() >= 5_000_000);
    serde_json::from_slice::<Value>(&body)?;
    Ok(())
}

#[tokio::test]
async fn a_delay_is_waited_for_and_a_hang_does_not_hold_up_the_shutdown() -> Result {
    let session = Session::start(still()).await?;
    let before = std::time::Instant::now();
    let response = broken(&session, Fault::Delay { milliseconds: 30 }).await?;
    assert!(before.elapsed() >= Duration::from_millis(30));
    assert_eq!(
        response.json::<Value>().await?["count"],
        4,
        "late, but right"
    );

    break_once(&session.simulator, Fault::Hang);
    let request = tokio::spawn(session.get("api/1/products").send());
    while session.simulator.requests().of(Route::Products) < 2 {
        tokio::task::yield_now().await;
    }
    assert!(!request.is_finished());
    session.simulator.shutdown().await;
    let ended = tokio::time::timeout(Duration::from_secs(20), request).await;
    assert!(ended??.is_err(), "it ends with the simulator");
    Ok(())
}

#[tokio::test]
async fn a_fault_may_be_for_one_vehicle_and_route_only() -> Result {
    let session = Session::start(still()).await?;
    let vins = session.simulator.vins();
    let rule = Rule {
        route: Some(Route::VehicleData),
        vehicle: Some(vins[0].clone()),
        fault: Fault::InService,
        when: When::Always,
    };
    session.simulator.set_faults(Faults { rules: vec![rule] });
    assert_eq!(
        session.ask(&vins[0]).await?.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(session.ask(&vins[1]).await?.status(), StatusCode::OK);
    assert_eq!(session.state(&vins[0]).await?, "online");
    Ok(())
}
