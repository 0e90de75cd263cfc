//! Nothing that is pasted makes the reader of it panic; what it takes, it takes again from an address
//! made of it; no error shows a code or a state.
//!
//! Where the input has `CODE` and `STATE`, a code and a state are put in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret as _;
use tesla_observer::fetch::tesla::{Callback, parse_callback};
use url::Url;

mod secret;

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    // As long as Tesla's.
    let word = secret::word(bytes);
    let pasted = input
        .replace("CODE", &format!("NA_{word}{word}{word}"))
        .replace("STATE", &format!("sT{word}{word}"));
    match parse_callback(&pasted) {
        Ok(callback) => taken(&callback, &word),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(&word), "{shown}");
            assert!(shown.chars().count() < 1_500, "{shown}");
            assert!(
                !error.to_string().chars().any(char::is_control),
                "{error:?}"
            );
        }
    }
});

fn taken(callback: &Callback, word: &str) {
    let code = callback.code.expose_secret();
    assert!(!code.trim().is_empty());
    let state = callback.state.expose_secret();
    assert!(!state.trim().is_empty());

    let mut address = Url::parse("tesla://auth/callback").expect("a URL");
    address
        .query_pairs_mut()
        .append_pair("locale", "en-US")
        .append_pair("code", code)
        .append_pair("state", state)
        .extend_pairs(callback.issuer.iter().map(|issuer| ("issuer", issuer)));
    let again = parse_callback(address.as_str()).expect("an address made of what was taken");
    assert_eq!(again.code.expose_secret(), code);
    assert_eq!(again.state.expose_secret(), state);
    assert_eq!(again.issuer, callback.issuer);

    if !format!("{:?}", callback.issuer).contains(word) {
        assert!(!format!("{callback:?}").contains(word), "{callback:?}");
    }
}
