//! Nothing that is pasted makes the reader of it panic; what it takes, it takes again from an address
//! made of it; no error shows a code or a state.
//!
//! Where the input has `CODE` and `STATE`, a code and a state are put in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret as _;
use tesla_observer::fetch::tesla::{Callback, parse_callback};
use url::Url;

const CODE: &str = "NA_7c1e9Zq2Lw8Rt5Yu3Io6Pa4Sd0Fg1Hj2Kl9Xc8Vb";
const STATE: &str = "sT4t3-Qw3rTy6Zu8Io9Pl2Kj5Hg7Fd1Sa0Yx4Cv3Bn";

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    let pasted = input.replace("CODE", CODE).replace("STATE", STATE);
    match parse_callback(&pasted) {
        Ok(callback) => taken(&callback),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(&CODE[8..20]), "{shown}");
            assert!(!shown.contains(&STATE[8..20]), "{shown}");
            assert!(shown.chars().count() < 1_500, "{shown}");
            assert!(
                !error.to_string().chars().any(char::is_control),
                "{error:?}"
            );
        }
    }
});

fn taken(callback: &Callback) {
    let code = callback.code.expose_secret();
    assert!(!code.trim().is_empty());
    assert!(!callback.state.trim().is_empty());

    let mut address = Url::parse("tesla://auth/callback").expect("a URL");
    address
        .query_pairs_mut()
        .append_pair("locale", "en-US")
        .append_pair("code", code)
        .append_pair("state", &callback.state)
        .extend_pairs(callback.issuer.iter().map(|issuer| ("issuer", issuer)));
    let again = parse_callback(address.as_str()).expect("an address made of what was taken");
    assert_eq!(again.code.expose_secret(), code);
    assert_eq!(again.state, callback.state);
    assert_eq!(again.issuer, callback.issuer);

    let elsewhere = [
        &callback.state,
        callback.issuer.as_ref().map_or("", Url::as_str),
    ]
    .concat();
    if !elsewhere.contains(&CODE[8..20]) {
        let shown = format!("{callback:?}");
        assert!(!shown.contains(&CODE[8..20]), "{shown}");
    }
}
