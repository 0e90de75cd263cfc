//! Neither an answer with the account's list, nor one of the token endpoint, nor an account's file makes
//! its reader panic. What is good is read, whatever stands beside it; no secret is shown; and no answer
//! ends the observation that passes by itself.
//!
//! The input is all three. Where it has `ACCESS` and `REFRESH`, tokens are put in.

#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::HeaderMap;
use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tesla_observer::fetch::Next;
use tesla_observer::fetch::tesla::readers::{
    account_file, read_account, read_list, read_refusal, read_tokens,
};
use tesla_observer::fetch::tesla::{Account, Api, Tokens};

mod secret;

/// Of the sentence around it there is less, of a quotation no more.
const LONGEST_DETAIL: usize = 700;
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);
const LONGEST_LIFETIME: Duration = Duration::from_secs(366 * 86_400);
const STATUSES: [u16; 13] = [
    200, 302, 400, 401, 403, 404, 405, 408, 418, 429, 499, 500, 503,
];

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    let word = secret::word(bytes);
    let token = format!("eyJhbGciOiJSUzI1NiJ9.eyJzdWIi{word}.c2ln{word}");
    let text = input
        .replace("ACCESS", &token)
        .replace("REFRESH", &format!("NA_{word}{word}"));
    list(&text);
    tokens(&text, &word);
    file(&text, &word);
    account_called(&input);
    // A JSON value is also tried in the places of others, unless its numbers or its depth are more than
    // whole documents may have.
    let is_value = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    if is_value(&text) && is_value(&format!("[[{text}]]")) {
        beside_good_cars(&text);
        in_good_tokens(&text);
    }
});

fn list(body: &str) {
    let Some((cars, broken, entries)) = read_list(body) else {
        return;
    };
    assert!(cars.len() + broken <= entries);
    for car in cars {
        assert!(!car.vehicle.vin.trim().is_empty());
        assert!(!car.vehicle.id.trim().is_empty());
    }
}

fn beside_good_cars(value: &str) {
    let body = format!(
        r#"{{"response":[{{"id":7,"vin":"A"}},{value},{{"id_s":"8","vin":"B"}}],"pagination":{value}}}"#
    );
    let (cars, _, entries) = read_list(&body).expect("a list");
    assert_eq!(entries, 3);
    let ids = |car: &tesla_observer::fetch::Listed| car.vehicle.id.clone();
    assert_eq!(cars.first().map(ids).as_deref(), Some("7"));
    assert_eq!(cars.last().map(ids).as_deref(), Some("8"));
}

fn tokens(body: &str, word: &str) {
    if let Some(tokens) = read_tokens(body) {
        assert!(!tokens.access_token.expose_secret().is_empty());
        let refresh = tokens.refresh_token.as_ref();
        assert!(refresh.is_none_or(|refresh| !refresh.expose_secret().is_empty()));
        let lifetime = tokens.expires_at.duration_since(tokens.obtained_at);
        assert!(lifetime.expect("no end before the beginning") <= LONGEST_LIFETIME);
        assert!(!format!("{tokens:?}").contains(word), "{tokens:?}");
    }
    for status in STATUSES {
        let (_, detail, next) = read_refusal(status, &HeaderMap::new(), body);
        assert!(!detail.is_empty());
        assert!(detail.chars().count() <= LONGEST_DETAIL, "{detail}");
        assert!(!detail.chars().any(char::is_control), "{detail:?}");
        assert!(!detail.contains(word), "{detail}");
        match next {
            Next::After(wait) => {
                assert!(wait >= Duration::from_secs(1), "a storm: {status}");
                assert!(wait <= LONGEST_WAIT, "{status}: {wait:?}");
            }
            // What passes by itself never ends the observation: only a refusal does.
            _ => assert!(matches!(status, 400..=499), "{status}: {detail}"),
        }
    }
}

fn in_good_tokens(value: &str) {
    let body = format!(
        r#"{{"access_token":"good","expires_in":{value},"id_token":{value},"refresh_token":{value}}}"#
    );
    let tokens = read_tokens(&body).expect("it has an access token");
    assert_eq!(tokens.access_token.expose_secret(), "good");
}

fn file(text: &str, word: &str) {
    match read_account(text.as_bytes()) {
        Ok(account) => {
            let tokens = &account.tokens;
            assert!(!format!("{tokens:?}").contains(word), "{tokens:?}");
            for host in [&account.api_host, &account.auth_host]
                .into_iter()
                .flatten()
            {
                let here = ["localhost", "127.0.0.1", "[::1]"];
                let is_here = host.host_str().is_some_and(|host| {
                    here.contains(&host) || host.starts_with("127.") || host.ends_with(".localhost")
                });
                assert!(host.scheme() == "https" || is_here, "{host}");
            }
            written_and_read(&account);
        }
        // A host may be named, and what is written in its place.
        Err(error) => assert!(
            !error.contains(word) || error.contains("_host: "),
            "{error}"
        ),
    }
}

/// An account of any name is read as it was written.
fn account_called(name: &str) {
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    written_and_read(&Account {
        name: name.to_owned(),
        api: Api::Owner,
        region: None,
        api_host: None,
        auth_host: None,
        tokens: Tokens {
            access_token: name.into(),
            refresh_token: Some(name.into()),
            previous_refresh_token: None,
            obtained_at: at(1_750_000_000),
            expires_at: at(1_750_028_800),
        },
    });
}

fn written_and_read(account: &Account) {
    let file = account_file(account).expect("it can be written");
    let again = read_account(&file).expect("it was written by us");
    assert_eq!(again.name, account.name);
    assert_eq!(again.region, account.region);
    assert_eq!(again.api_host, account.api_host);
    assert_eq!(again.auth_host, account.auth_host);
    let (tokens, before) = (&again.tokens, &account.tokens);
    let all = |tokens: &Tokens| -> (String, Option<String>, [SystemTime; 2]) {
        let refresh = tokens.refresh_token.as_ref();
        (
            tokens.access_token.expose_secret().to_owned(),
            refresh.map(|refresh| refresh.expose_secret().to_owned()),
            [tokens.obtained_at, tokens.expires_at],
        )
    };
    assert_eq!(all(tokens), all(before));
}
