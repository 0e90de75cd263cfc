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

/// How much of a body came before it ended or was enough.
async fn read(mut response: Response, enough: usize) -> (usize, bool) {
    let mut count = 0;
    loop {
        match response.chunk().await {
            Ok(Some(piece)) => count += piece.len(),
            Ok(None) => return (count, true),
            Err(_) => return (count, false),
        }
        if count >= enough {
            return (count, false);
        }
    }
}

#[tokio::test]
async fn a_large_body_has_the_size_that_was_asked_for_with_and_without_its_length() -> Result {
    let session = Session::start(still()).await?;
    for bytes in [0, 45, 46, 100, 300_000, 100_000_000] {
        for has_length in [true, false] {
            let response = broken(&session, Fault::Large { bytes, has_length }).await?;
            // 45 bytes are the least that is JSON of its form.
            let size = bytes.max(45);
            assert_eq!(response.content_length(), has_length.then_some(size));
            if size < 1_000_000 {
                let body = response.bytes().await?;
                serde_json::from_slice::<Value>(&body)?;
                assert_eq!(body.len() as u64, size);
            } else {
                assert_eq!(read(response, usize::MAX).await, (size as usize, true));
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_bomb_is_small_on_the_way_and_large_when_it_is_unpacked() -> Result {
    let mut session = Session::start(still()).await?;
    session.client = reqwest::Client::builder().no_proxy().no_gzip().build()?;
    let bytes = 10_000_000;
    let response = broken(&session, Fault::Bomb { bytes }).await?;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = response.bytes().await?;
    assert!(packed.len() < 100_000, "{}", packed.len());
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(&packed[..]),
        &mut unpacked,
    )?;
    assert!(unpacked.len() as u64 == bytes && unpacked.iter().all(|byte| *byte == 0));
    Ok(())
}

#[tokio::test]
async fn what_never_ends_goes_on_at_the_speed_that_was_asked_for() -> Result {
    let session = Session::start(still()).await?;
    let fast = Fault::Endless {
        bytes_per_second: 0,
    };
    let (count, ended) = read(broken(&session, fast).await?, 20_000_000).await;
    assert!(count >= 20_000_000 && !ended);
    let slow = Fault::Endless {
        bytes_per_second: 1_000,
    };
    let response = broken(&session, slow).await?;
    let before = std::time::Instant::now();
    let (count, _) = read(response, 200).await;
    assert!(count < 1_000 && before.elapsed() >= Duration::from_millis(100));
    // Headers: nothing that could be looked at ever comes.
    for bytes_per_second in [0, 1_000] {
        break_once(
            &session.simulator,
            Fault::EndlessHeaders { bytes_per_second },
        );
        let asked = session.get("api/1/products").send();
        let answer = tokio::time::timeout(Duration::from_millis(500), asked).await;
        assert!(!matches!(answer, Ok(Ok(_))), "{answer:?}");
    }
    session.json("api/1/products").await?;
    Ok(())
}

#[tokio::test]
async fn many_headers_and_a_redirect_come_as_told() -> Result {
    let session = Session::start(still()).await?;
    let response = broken(&session, Fault::Headers { bytes: 100_000 }).await?;
    let size: usize = response.headers().values().map(|value| value.len()).sum();
    assert!((100_000..120_000).contains(&size), "{size}");
    let location = "/api/1/products".to_owned();
    let response = broken(&session, Fault::Redirect { location }).await?;
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()["location"], "/api/1/products");
    Ok(())
}

#[tokio::test]
async fn right_answers_are_changed_on_their_way() -> Result {
    let session = Session::start(still()).await?;
    let vins = session.simulator.vins();
    let rule = |fault| Rule {
        route: Some(Route::VehicleData),
        vehicle: Some(vins[0].clone()),
        fault,
        when: When::Next(1),
    };
    let right = session.data(&vins[0]).await?;
    let break_data = |fault| {
        session.simulator.set_faults(Faults {
            rules: vec![rule(fault)],
        });
    };

    break_data(Fault::CarClock { seconds: 7_200 });
    let ahead = session.data(&vins[0]).await?;
    let time = |data: &Value| data["charge_state"]["timestamp"].as_i64();
    assert_eq!(time(&ahead), time(&right).map(|time| time + 7_200_000));
    assert_eq!(
        ahead["charge_state"]["battery_level"],
        right["charge_state"]["battery_level"]
    );

    break_data(Fault::OtherVehicle);
    let other = session.data(&vins[0]).await?;
    assert_eq!(other["vin"], vins[1].as_str());
    assert!(other["charge_state"].is_object());

    break_data(Fault::InvalidUtf8);
    let body = session.ask(&vins[0]).await?.bytes().await?;
    assert!(std::str::from_utf8(&body).is_err());

    break_data(Fault::WrongLength { by: 5 });
    assert!(session.ask(&vins[0]).await?.bytes().await.is_err());
    break_data(Fault::WrongLength { by: -5 });
    let body = session.ask(&vins[0]).await?.bytes().await?;
    assert!(serde_json::from_slice::<Value>(&body).is_err());

    break_data(Fault::Slowly {
        bytes_per_second: 20_000,
    });
    let before = std::time::Instant::now();
    assert_eq!(session.data(&vins[0]).await?, right, "slow, but right");
    assert!(before.elapsed() >= Duration::from_millis(300));
    Ok(())
}
