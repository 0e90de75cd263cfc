//! No file makes the reader of TeslaPy's cache panic; every entry is taken over or named with a
//! reason; what is taken over can be used; no token is shown.
//!
//! Where the input has `ACCESS` and `REFRESH`, tokens are put in.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use tesla_observer::fetch::tesla::{Account, Api, read_cache};

const ACCESS: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmVkLWJ5LW5vYm9keS0xMjM";
const REFRESH: &str = "NA_8d2f0Aq3Mw9St6Zu4Jo7Qa5Td1Gg2Ij3Ll0Yc9Wb";

/// The year 2100.
const END: Duration = Duration::from_secs(4_102_444_800);

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    let text = input.replace("ACCESS", ACCESS).replace("REFRESH", REFRESH);
    let entries = serde_json::from_str::<Map<String, Value>>(text.trim_start_matches('\u{feff}'));
    match read_cache(&text) {
        Ok(imported) => {
            let entries = entries.expect("it was read");
            assert!(!imported.accounts.is_empty());
            assert_eq!(
                imported.accounts.len() + imported.skipped.len(),
                entries.len()
            );
            for account in &imported.accounts {
                check(account);
            }
            hides(&format!("{:?}", imported.skipped));
        }
        Err(error) => {
            let shown = error.to_string();
            hides(&shown);
            assert!(shown.chars().count() < 1_000, "{shown}");
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
    }
});

fn hides(shown: &str) {
    for part in [&ACCESS[3..16], &ACCESS[24..36], &REFRESH[3..16]] {
        assert!(!shown.contains(part), "{shown}");
    }
}

fn check(account: &Account) {
    assert_eq!(account.name, account.name.trim());
    assert!(!account.name.is_empty());
    assert!(matches!(account.api, Api::Owner));
    // Tokens go to Tesla's own hosts only, whatever the file says.
    assert!(account.api_host.is_none() && account.auth_host.is_none());

    let tokens = &account.tokens;
    assert!(!tokens.access_token.expose_secret().is_empty());
    let refresh = tokens.refresh_token.as_ref().expect("it is wanted");
    assert!(!refresh.expose_secret().is_empty());
    assert!(tokens.obtained_at >= UNIX_EPOCH);
    assert!(tokens.expires_at >= tokens.obtained_at);
    assert!(tokens.expires_at <= UNIX_EPOCH + END);
    if !account.name.contains(&ACCESS[3..16]) && !account.name.contains(&REFRESH[3..16]) {
        hides(&format!("{account:?}"));
    }
}
