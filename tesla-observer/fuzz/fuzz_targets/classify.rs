//! No answer makes the classifier panic, wait without end or repeat a secret; and the classes of
//! statuses keep their promises whatever the body says.
//!
//! The input is an answer as people write it: `403 owner`, headers, an empty line, the body. Where
//! the body has `TOKEN`, a token is put in, and one is put in its middle in any case, with
//! the number of a car.

#![no_main]

use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use tesla_observer::fetch::Problem;
use tesla_observer::fetch::tesla::{Answered, Remedy, Verdict, Wait, With, classify};

mod secret;

/// What must not be shown.
struct Secrets {
    word: String,
    token: String,
    vin: String,
}

/// Of the sentence around it there is less, of a quotation no more.
const LONGEST_DETAIL: usize = 700;

const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

fuzz_target!(|bytes: &[u8]| {
    let word = secret::word(bytes);
    let digits = u64::from_str_radix(&word, 16).unwrap_or_default() % 1_000_000;
    let secrets = Secrets {
        token: format!("eyJhbGciOiJSUzI1NiJ9.eyJzdWIi{word}.c2ln{word}"),
        // Of no real car: Z is no check digit.
        vin: format!("5YJSA1H2ZFF{digits:06}"),
        word,
    };
    let Secrets { token, vin, .. } = &secrets;
    let input = String::from_utf8_lossy(bytes);
    let (head, body) = input.split_once("\n\n").unwrap_or((&input, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let status = first
        .split(' ')
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let with = match first {
        first if first.ends_with("fleet") => With::Fleet,
        first if first.ends_with("fixed") => With::Fixed,
        _ => With::Owner,
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value.trim_start());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
    let middle = (0..=body.len() / 2).rfind(|at| body.is_char_boundary(*at));
    let (before, after) = body.split_at(middle.unwrap_or_default());
    for body in [body, &format!("{before}TOKEN {vin} {after}")] {
        let body = body.replace("TOKEN", token);
        let verdict = classify(&Answered {
            status,
            headers: &headers,
            body: &body,
            with,
            // Sun, 06 Nov 1994 08:49:37 GMT, as in the dates of the seeds.
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
        });
        check(status, with, &secrets, &verdict);
    }
});

fn check(status: u16, with: With, secrets: &Secrets, verdict: &Verdict) {
    let detail = &verdict.detail;
    assert!(!detail.is_empty());
    assert!(detail.chars().count() <= LONGEST_DETAIL, "{detail}");
    assert!(!detail.chars().any(char::is_control), "{detail:?}");
    assert!(!detail.contains(&secrets.word), "{detail}");
    assert!(!detail.contains(&secrets.vin), "{detail}");
    if let Wait::Exactly(wait) = verdict.wait {
        assert!(wait >= Duration::from_secs(1), "a storm: {verdict:?}");
        assert!(wait <= LONGEST_WAIT, "{verdict:?}");
    }
    match verdict.remedy {
        Remedy::Renew => assert_ne!(with, With::Fixed, "nobody can renew it: {verdict:?}"),
        Remedy::OtherBase => assert_eq!(status, 421),
        _ => {}
    }
    match status {
        200..=299 => assert_eq!(verdict.problem, Problem::Unreadable),
        300..=399 => assert_eq!(verdict.problem, Problem::Blocked),
        429 => assert_eq!(verdict.problem, Problem::RateLimited),
        500..=599 => assert_eq!(verdict.problem, Problem::Server),
        _ => {}
    }
    // What passes by itself never ends the observation.
    if matches!(status, 200..=399 | 408 | 429 | 499..=599) {
        assert_ne!(verdict.wait, Wait::Stop, "{verdict:?}");
    }
}
