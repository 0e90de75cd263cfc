use std::time::Duration;

use proptest::prelude::*;
use reqwest::header::{HeaderValue, RETRY_AFTER};

use super::*;

fn verdict_with(with: With, status: u16, body: &str) -> Verdict {
    let mut headers = HeaderMap::new();
    if status == 302 {
        headers.insert(
            LOCATION,
            HeaderValue::from_static("https://portal.example/login?x=1"),
        );
    }
    classify(&Answered {
        status,
        headers: &headers,
        body,
        with,
        now: SystemTime::UNIX_EPOCH,
    })
}

fn verdict(status: u16, body: &str) -> Verdict {
    verdict_with(With::Owner, status, body)
}

fn owner_error(error: &str) -> String {
    serde_json::json!({"response": null, "error": error, "error_description": ""}).to_string()
}

/// Status, body, problem, wait, a word that the detail must have.
#[test]
fn every_known_answer_says_what_it_is_and_what_to_do() {
    use Problem::*;
    let long = Wait::Exactly(wait::LONG);
    let hour = Wait::Exactly(wait::HOUR);
    let html = "<!DOCTYPE html><html><head><title>Access Denied</title></head></html>";
    let cases: Vec<(u16, String, Problem, Wait, &str)> = vec![
        (302, String::new(), Blocked, long, "portal.example"),
        (401, String::new(), Unauthorized, Wait::Stop, "login"),
        (
            401,
            owner_error("token expired (401)"),
            Unauthorized,
            Wait::Stop,
            "expired",
        ),
        (
            401,
            owner_error("invalid bearer token"),
            Unauthorized,
            Wait::Stop,
            "invalid",
        ),
        (
            401,
            owner_error("mobile_access_disabled"),
            Forbidden,
            long,
            "mobile access",
        ),
        (
            403,
            owner_error("forbidden, see https://developer.tesla.com/docs/fleet-api"),
            Forbidden,
            hour,
            "Fleet API",
        ),
        (
            403,
            owner_error("account disabled: EXCEEDED_LIMIT"),
            LimitExceeded,
            long,
            "billing limit",
        ),
        (
            403,
            owner_error("Unauthorized missing scopes vehicle_device_data"),
            MissingScope,
            Wait::Stop,
            "scope vehicle_device_data (",
        ),
        (
            403,
            owner_error("Unauthorized missing scopes"),
            MissingScope,
            Wait::Stop,
            "vehicle_location",
        ),
        (403, html.to_owned(), Blocked, long, "firewall"),
        (
            403,
            "<html><body><table><th scope=\"row\">Blocked</th></table></body></html>".to_owned(),
            Blocked,
            long,
            "firewall",
        ),
        (403, String::new(), Forbidden, long, "refuses"),
        (
            404,
            owner_error("not_found"),
            NotFound,
            Wait::AsUsual,
            "not_found",
        ),
        (
            405,
            owner_error("vehicle is currently in service"),
            InService,
            Wait::AsUsual,
            "workshop",
        ),
        (
            405,
            owner_error("vehicle is curently in service"),
            InService,
            Wait::AsUsual,
            "workshop",
        ),
        (405, String::new(), Configuration, long, "405"),
        (
            408,
            owner_error("vehicle unavailable: vehicle is offline or asleep"),
            Unavailable,
            Wait::AsUsual,
            "not woken",
        ),
        (
            408,
            owner_error("{\"error\": \"timeout\"}"),
            Unavailable,
            Wait::AsUsual,
            "in time",
        ),
        (
            408,
            owner_error("mothership: operation_timedout"),
            Unavailable,
            Wait::AsUsual,
            "in time",
        ),
        (
            408,
            "{:error=>\"vehicle unavailable\"}".to_owned(),
            Unavailable,
            Wait::AsUsual,
            "vehicle unavailable",
        ),
        (
            412,
            owner_error(
                "Endpoint is only available on fleetapi. Visit https://developer.tesla.com/docs",
            ),
            Configuration,
            Wait::Stop,
            "Fleet API",
        ),
        (
            412,
            owner_error("Account must be registered in the current region"),
            WrongRegion,
            Wait::Stop,
            "partner_accounts",
        ),
        (
            421,
            owner_error("user out of region, use base URL: https://x.example"),
            WrongRegion,
            Wait::Stop,
            "region",
        ),
        (
            422,
            owner_error("invalid endpoint"),
            Configuration,
            long,
            "422",
        ),
        (423, String::new(), Forbidden, hour, "locked"),
        (
            429,
            "Retry in 45363 seconds\n".to_owned(),
            RateLimited,
            Wait::Exactly(Duration::from_secs(45_363)),
            "45363 s",
        ),
        (429, String::new(), RateLimited, Wait::Backoff, "too many"),
        (451, String::new(), Forbidden, hour, "privacy"),
        (499, String::new(), Server, Wait::Failing, "499"),
        (
            500,
            owner_error("context deadline exceeded"),
            Server,
            Wait::Failing,
            "context deadline",
        ),
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>".to_owned(),
            Server,
            Wait::Failing,
            "HTML",
        ),
        (503, html.to_owned(), Server, Wait::Failing, "overloaded"),
        (
            504,
            owner_error("upstream_timeout"),
            Server,
            Wait::Failing,
            "upstream_timeout",
        ),
        (540, String::new(), Server, Wait::Failing, "unexpected"),
        (200, html.to_owned(), Unreadable, Wait::Failing, "HTML"),
        (200, " ".to_owned(), Unreadable, Wait::Failing, "empty"),
    ];
    for (status, body, problem, wait, word) in cases {
        let verdict = verdict(status, &body);
        assert_eq!(
            (verdict.problem, verdict.wait),
            (problem, wait),
            "{status} {body}"
        );
        assert!(
            verdict.detail.contains(word),
            "{status} {body}: {} lacks {word}",
            verdict.detail
        );
        assert!(!verdict.detail.contains("<html"), "{}", verdict.detail);
    }
}

#[test]
fn the_client_tries_only_what_can_help() {
    let developer = owner_error("forbidden, see https://developer.tesla.com/docs/fleet-api");
    assert_eq!(verdict(401, "").remedy, Remedy::Renew);
    assert_eq!(
        verdict(401, &owner_error("mobile_access_disabled")).remedy,
        Remedy::None
    );
    assert_eq!(verdict(403, &developer).remedy, Remedy::Renew);
    assert_eq!(
        verdict_with(With::Fleet, 403, &developer).remedy,
        Remedy::None
    );
    assert_eq!(verdict_with(With::Fixed, 401, "").remedy, Remedy::None);
    assert!(verdict_with(With::Fixed, 401, "").detail.contains("TOKEN"));
    assert_eq!(verdict(421, "").remedy, Remedy::OtherBase);
    assert_eq!(
        verdict(403, "missing scopes vehicle_location").remedy,
        Remedy::WithoutLocation
    );
    assert_eq!(
        verdict(403, "missing scopes vehicle_device_data vehicle_location").remedy,
        Remedy::None
    );
    assert_eq!(verdict(500, "").remedy, Remedy::None);
}

#[test]
fn failures_in_a_row_wait_longer_and_retry_after_is_obeyed() {
    let next = |failures| verdict(500, "").into_error("x".to_owned(), failures).next;
    assert_eq!(
        [next(0), next(9)],
        [10, 30].map(|s| Next::After(Duration::from_secs(s)))
    );
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("77"));
    for status in [429, 503] {
        let verdict = classify(&Answered {
            status,
            headers: &headers,
            body: "Retry in 5 seconds",
            with: With::Fleet,
            now: SystemTime::UNIX_EPOCH,
        });
        assert_eq!(
            verdict.wait,
            Wait::Exactly(Duration::from_secs(77)),
            "{status}"
        );
    }
}

#[test]
fn what_a_damaged_answer_says_of_a_car_is_not_repeated() {
    let answer = r#"{"response": {"id": 1492931365719407001, "vin": "5YJSA1H2ZFF900003",
        "display_name": "Blue", "drive_state": {"latitude": 52.123456}}}"#;
    let cut_off = (1..answer.len()).map(|end| answer[..end].to_owned());
    // As with a byte order mark, for browsers, as a stream, and what is left of a whole one.
    let among =
        ["\u{feff}", ")]}',\n", "callback(", "data: "].map(|start| format!("{start}{answer}"));
    let ends = (1..answer.len()).map(|start| answer[start..].to_owned());
    for body in cut_off.chain(among).chain(ends) {
        let verdict = verdict(200, &body);
        assert_eq!(verdict.problem, Problem::Unreadable);
        for told in ["1492931365719407001", "5YJSA", "Blue", "52.12", "123456"] {
            assert!(!verdict.detail.contains(told), "{}", verdict.detail);
        }
    }
    for status in [200, 404, 500] {
        let verdict = verdict(status, &owner_error("no 5YJSA1H2ZFF900003 here"));
        assert!(
            verdict.detail.contains("no [hidden] here"),
            "{}",
            verdict.detail
        );
    }
    // What is no JSON is worth to be seen.
    assert!(verdict(200, "moved to x.example").detail.contains("moved"));
}

proptest! {
    #[test]
    fn no_answer_panics_and_none_shows_a_token(
        status in 0_u16..1000,
        before in ".{0,60}",
        middle in "[A-Za-z0-9_-]{20,300}",
        json in any::<bool>(),
        prefix in prop::sample::select(vec!["eyJ", "cn-", "eu-", "qts-"]),
    ) {
        let token = format!("{prefix}{middle}");
        let text = format!("{before} {token}");
        let body = if json { owner_error(&text) } else { text };
        for with in [With::Owner, With::Fleet, With::Fixed] {
            let verdict = verdict_with(with, status, &body);
            prop_assert!(!verdict.detail.contains(&middle), "{}", verdict.detail);
            prop_assert!(verdict.detail.chars().count() < 800);
            prop_assert!(!verdict.detail.chars().any(char::is_control));
        }
    }
}
