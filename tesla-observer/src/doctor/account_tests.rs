use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;

use super::*;
use crate::doctor::Verdict;
use crate::fetch::tesla::{Api, Tokens};

const NOW: Duration = Duration::from_secs(1_790_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + NOW
}

fn account(claims: &str, refresh: bool, age: Duration, life: Duration) -> Account {
    let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims));
    Account {
        name: "driver@example.com".to_owned(),
        api: Api::Fleet {
            client_id: "id".to_owned(),
            client_secret: None,
            redirect_uri: None,
        },
        region: None,
        api_host: None,
        auth_host: None,
        tokens: Tokens {
            access_token: SecretString::from(token),
            refresh_token: refresh.then(|| SecretString::from("refresh")),
            previous_refresh_token: None,
            obtained_at: now() - age,
            expires_at: now() - age + life,
        },
    }
}

#[test]
fn a_token_is_told_by_what_becomes_of_it() {
    let token = |refresh, age, life| token(&account("{}", refresh, age, life), now());
    let fresh = token(true, HOUR, 8 * HOUR);
    assert_eq!(fresh.verdict, Verdict::Ok);
    assert_eq!(fresh.says, "ends in 7 h 0 min, and is renewed before");
    assert_eq!(token(true, 20 * HOUR, 8 * HOUR).verdict, Verdict::Ok);
    let login = Some("tesla-observer login --user driver@example.com".to_owned());
    for (finding, verdict) in [
        (token(true, 100 * 24 * HOUR, 8 * HOUR), Verdict::Warning),
        (token(false, HOUR, 8 * HOUR), Verdict::Warning),
        (token(false, 20 * HOUR, 8 * HOUR), Verdict::Failed),
    ] {
        assert_eq!(finding.verdict, verdict, "{finding:?}");
        assert_eq!(finding.remedy, login);
    }
}

#[test]
fn a_token_from_the_future_means_that_the_clock_is_wrong() {
    let mut account = account("{}", true, HOUR, 8 * HOUR);
    account.tokens.obtained_at = now() + 24 * HOUR;
    let finding = token(&account, now());
    assert_eq!(finding.verdict, Verdict::Warning);
    assert!(finding.remedy.expect("one").contains("timedatectl"));
}

#[test]
fn scopes_that_are_missing_are_named_with_what_that_costs() {
    let scopes = |claims: &str| scopes(&account(claims, true, HOUR, HOUR));
    let all = r#"{"scp":["openid","vehicle_device_data","vehicle_location"]}"#;
    assert_eq!(scopes(all).verdict, Verdict::Ok);
    let blind = scopes(r#"{"scp":["vehicle_device_data"]}"#);
    assert_eq!(blind.verdict, Verdict::Warning);
    assert!(blind.says.starts_with("vehicle_location is missing"));
    let nothing = scopes(r#"{"scp":["openid"]}"#);
    assert_eq!(nothing.verdict, Verdict::Failed);
    assert!(
        nothing
            .remedy
            .expect("one")
            .contains("tesla-observer login")
    );
    assert_eq!(scopes("{}").verdict, Verdict::Skipped);
    assert_eq!(scopes("no JSON").verdict, Verdict::Skipped);
}
