//! An account that has logged in: its tokens are where the observer keeps them.

use std::path::Path;

use secrecy::ExposeSecret as _;
use serde_json::json;
use tesla_observer::simulator::Tokens;

use crate::observer::Observer;

/// An observer of the service at `host` with tokens taken over from a TeslaPy cache, which end at
/// `expires_at` (seconds since 1970); in the past, they must be renewed at once. The folder has its state.
///
/// # Panics
///
/// If they are not taken over.
pub fn imported(host: &str, tokens: &Tokens, folder: &Path, expires_at: u64) -> Observer {
    let cache = folder.join("cache.json");
    let text = json!({"driver@example.com": {
        "url": "https://auth.tesla.com/",
        "sso": {
            "access_token": tokens.access_token.expose_secret(),
            "refresh_token": tokens.refresh_token.expose_secret(),
            "token_type": "Bearer",
            "expires_in": 28800,
            "expires_at": expires_at,
        },
    }});
    std::fs::write(&cache, text.to_string()).expect("a writable folder");
    let observer =
        Observer::of_account(host).with("TESLA_OBSERVER_STATE_DIR", folder.join("state").display());
    let (status, log) = observer
        .command(&["import", cache.to_str().expect("UTF-8")])
        .ended();
    assert!(status.success(), "{status}:\n{log}");
    observer
}
