//! Takes over accounts from TeslaPy's `cache.json`.
//!
//! Its top level has an object for each e-mail address: `url` is the auth host, `sso` has the
//! tokens and `expires_at` in seconds since 1970. TeslaPy rewrites the file with each renewal: a
//! running TeslaPy and the observer must not share a refresh token.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Url;
use secrecy::SecretString;
use serde_json::Value;

use super::account::{Account, Tokens, category};
use super::region::Region;
use super::secret::Wiped;
use super::settings::Api;

/// What a cache had.
#[derive(Debug)]
pub struct Imported {
    /// The accounts that can be taken over. Expired ones are among them: a refresh token outlives
    /// the access token by months.
    pub accounts: Vec<Account>,
    /// The entries that cannot, each with its name and the reason.
    pub skipped: Vec<(String, String)>,
}

/// Why a text is no cache of TeslaPy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError(String);

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading the TeslaPy cache: {}", self.0)
    }
}

impl Error for ImportError {}

/// Reads a `cache.json` of TeslaPy.
///
/// # Errors
///
/// If it is no such file, or has no account that can be taken over.
pub fn read_cache(text: &str) -> Result<Imported, ImportError> {
    let cache: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            ImportError(format!(
                "line {}, column {}: {}; choose the cache.json that TeslaPy wrote",
                error.line(),
                error.column(),
                category(&error)
            ))
        })?;
    let mut imported = Imported {
        accounts: Vec::new(),
        skipped: Vec::new(),
    };
    let Wiped(cache) = &Wiped(cache);
    let Value::Object(cache) = cache else {
        return Err(ImportError(
            "line 1, column 1: it is no object with accounts; choose the cache.json that TeslaPy wrote"
                .to_owned(),
        ));
    };
    for (name, entry) in cache {
        match account(name, entry) {
            Ok(account) => imported.accounts.push(account),
            Err(reason) => imported.skipped.push((super::words::quote(name), reason)),
        }
    }
    match (imported.accounts.is_empty(), imported.skipped.first()) {
        (false, _) => Ok(imported),
        (true, None) => Err(ImportError(
            "it has no account; log in with `tesla-observer login`".to_owned(),
        )),
        (true, Some((name, reason))) => Err(ImportError(format!(
            "it has no account that can be taken over ({name}: {reason}); log in with `tesla-observer login`"
        ))),
    }
}

fn account(name: &str, entry: &Value) -> Result<Account, String> {
    let sso = entry.get("sso").ok_or("it has no sso")?;
    let text = |key: &str| {
        sso.get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let access_token = text("access_token").ok_or("it has no access_token")?;
    let refresh_token = text("refresh_token").ok_or("it has no refresh_token")?;
    if name.trim().is_empty() {
        return Err("it has no name".to_owned());
    }
    let (auth_host, region) = host(entry.get("url").and_then(Value::as_str))?;
    let access_token = SecretString::from(access_token);
    let seconds = |value: &Value| {
        value
            .as_f64()
            .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
    };
    let lifetime = sso
        .get("expires_in")
        .and_then(seconds)
        .map_or(28_800.0, |seconds| seconds.min(1e9));
    // Without an end it counts as ended.
    let expires_at = sso
        .get("expires_at")
        .and_then(seconds)
        .map_or(UNIX_EPOCH, after_epoch);
    let obtained_at = expires_at
        .checked_sub(Duration::from_secs_f64(lifetime))
        .unwrap_or(UNIX_EPOCH);
    Ok(Account {
        name: name.trim().to_owned(),
        api: Api::Owner,
        region: region.or_else(|| Region::of_token(&access_token)),
        api_host: None,
        auth_host,
        tokens: Tokens {
            access_token,
            refresh_token: Some(refresh_token.into()),
            previous_refresh_token: None,
            obtained_at: obtained_at.max(UNIX_EPOCH),
            expires_at,
        },
    })
}

fn after_epoch(seconds: f64) -> SystemTime {
    // Nothing lives beyond the year 2100.
    UNIX_EPOCH + Duration::from_secs_f64(seconds.min(4_102_444_800.0))
}

/// The auth host, if it is neither of Tesla's two, and the region it tells.
fn host(url: Option<&str>) -> Result<(Option<Url>, Option<Region>), String> {
    let Some(url) = url else {
        return Ok((None, None));
    };
    let url = Url::parse(url).map_err(|_| "its url is no URL")?;
    match url.host_str() {
        Some("auth.tesla.com") => Ok((None, None)),
        Some("auth.tesla.cn") => Ok((None, Some(Region::China))),
        _ => Err(format!(
            "its url leads to {}, which is none of Tesla's login hosts",
            super::words::quote(url.host_str().unwrap_or("nowhere"))
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    fn entry(url: &str, expires_at: &str) -> String {
        format!(
            r#"{{"url": "{url}", "sso": {{"access_token": "secret-access", "refresh_token": "secret-refresh",
                "id_token": "secret-id", "expires_in": 28800, "state": "x", "token_type": "Bearer",
                "expires_at": {expires_at}, "scope": ["openid", "email", "offline_access"]}}}}"#
        )
    }

    #[test]
    fn all_accounts_are_taken_over_expired_ones_too() {
        let text = format!(
            r#"{{"a@example.com": {}, "b@example.com": {}}}"#,
            entry("https://auth.tesla.com/", "1750000000.12"),
            entry("https://auth.tesla.cn/", "4000000000"),
        );
        let imported = read_cache(&text).expect("a cache");
        assert!(imported.skipped.is_empty(), "{:?}", imported.skipped);
        let [a, b] = imported.accounts.as_slice() else {
            panic!("two accounts")
        };
        assert_eq!(
            (a.name.as_str(), b.name.as_str()),
            ("a@example.com", "b@example.com")
        );
        assert_eq!((a.region, b.region), (None, Some(Region::China)));
        let refresh = a.tokens.refresh_token.as_ref().expect("taken over");
        assert_eq!(refresh.expose_secret(), "secret-refresh");
        assert_eq!(a.tokens.lifetime(), Duration::from_secs(28_800));
        let expires = a
            .tokens
            .expires_at
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        assert_eq!(expires.as_secs(), 1_750_000_000);
        assert!(!format!("{imported:?}").contains("secret-"));
    }

    #[test]
    fn a_broken_entry_is_reported_and_the_others_are_kept() {
        let good = entry("https://auth.tesla.com/", "null");
        let evil = entry("https://evil.example/", "1");
        let text = format!(
            r#"{{"bad@example.com": {{"sso": {{"access_token": "secret-x"}}}}, "worse": 7, "evil": {evil}, "good@example.com": {good}}}"#
        );
        let imported = read_cache(&text).expect("a cache");
        assert_eq!(imported.accounts.len(), 1);
        assert_eq!(
            imported.accounts[0].tokens.expires_at, UNIX_EPOCH,
            "no end counts as ended"
        );
        let names: Vec<&str> = imported
            .skipped
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["bad@example.com", "evil", "worse"]);
        assert!(!format!("{:?}", imported.skipped).contains("secret-"));
    }

    #[test]
    fn what_is_no_cache_is_explained() {
        for text in [
            "",
            "[]",
            "{}",
            "secret-token",
            r#"{"a": "secret-b"}"#,
            r#"{"a": {"sso": {"access_token": "secret-x""#,
        ] {
            let error = read_cache(text).expect_err(text).to_string();
            assert!(error.starts_with("reading the TeslaPy cache: "), "{error}");
            assert!(!error.contains("secret-"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,100}", number in any::<f64>(), name in "[a-z ]{0,5}") {
            let _ = read_cache(&text);
            let number = if number.is_finite() { number.to_string() } else { "1e308".to_owned() };
            let _ = read_cache(&format!(r#"{{"{name}": {}}}"#, entry("https://auth.tesla.com/", &number)));
        }
    }
}
