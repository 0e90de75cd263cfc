//! No file makes the reader of TeslaPy's cache panic; every entry is taken over or named with a
//! reason; what is taken over can be used; no token is shown. A whole cache is taken over, whatever its
//! account is called and stands beside it.
//!
//! Where the input has `ACCESS` and `REFRESH`, tokens are put in.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use tesla_observer::fetch::tesla::{Account, Api, read_cache};

mod secret;

/// The year 2100.
const END: Duration = Duration::from_secs(4_102_444_800);

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    let word = secret::word(bytes);
    let text = input
        .replace(
            "ACCESS",
            &format!("eyJhbGciOiJSUzI1NiJ9.eyJzdWIi{word}.c2ln{word}"),
        )
        .replace("REFRESH", &format!("NA_{word}{word}"));
    // One level less deep than a document may be.
    let values = serde_json::from_str::<Vec<Value>>(&format!("[{text}]")).unwrap_or_default();
    whole(&input, values.first(), &word);
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
                check(account, &word);
            }
            let skipped = format!("{:?}", imported.skipped);
            assert!(!skipped.contains(&word), "{skipped}");
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.contains(&word), "{shown}");
            assert!(shown.chars().count() < 1_000, "{shown}");
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
    }
});

/// That a cache with this name, as TeslaPy writes it, is taken over.
fn whole(name: &str, beside: Option<&Value>, word: &str) {
    let name = match name.trim() {
        "" => "a",
        name => name,
    };
    let mut cache = Map::new();
    if let Some(beside) = beside {
        cache.insert(format!("{name} too"), beside.clone());
    }
    let token = format!("eyJ{word}");
    let own = serde_json::json!({
        "url": "https://auth.tesla.com/",
        "sso": {"access_token": token, "refresh_token": word, "expires_at": 1.75e9},
    });
    cache.insert(name.to_owned(), own);
    let text = Value::Object(cache).to_string();
    let imported = read_cache(&text).expect("a cache");
    let mut accounts = imported.accounts.iter();
    let account = accounts.find(|account| account.name == name);
    let account = account.expect("it is taken over");
    check(account, word);
    assert_eq!(account.tokens.access_token.expose_secret(), token);
}

fn check(account: &Account, word: &str) {
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
    if !account.name.contains(word) {
        assert!(!format!("{account:?}").contains(word), "{account:?}");
    }
}
