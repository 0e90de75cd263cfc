//! Which hosts serve which region, and how a token tells its region.
//!
//! Hosts as of 2026-09; `https://developer.tesla.com/docs/fleet-api/getting-started/base-urls` has
//! the Fleet API's.

use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::fields::{fields, text};
use super::settings::Api;

/// Where an account lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// North America and Asia-Pacific without China.
    NorthAmerica,
    /// Europe, the Middle East and Africa.
    Europe,
    /// Mainland China.
    China,
}

impl Region {
    /// All regions.
    pub const ALL: [Self; 3] = [Self::NorthAmerica, Self::Europe, Self::China];

    /// The region as settings and files have it: `na`, `eu`, `cn`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NorthAmerica => "na",
            Self::Europe => "eu",
            Self::China => "cn",
        }
    }

    /// The region of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.as_str() == name)
    }

    /// The region that a token tells by its issuer or its prefix, if it tells one. Nothing is
    /// verified: it only chooses among Tesla's own hosts.
    pub(crate) fn of_token(token: &SecretString) -> Option<Self> {
        let token = token.expose_secret();
        if token.starts_with("cn-") {
            return Some(Self::China);
        }
        if token.starts_with("eu-") {
            return Some(Self::Europe);
        }
        let issuer = claim(token, "iss")?;
        let host = Url::parse(&issuer).ok()?.host_str()?.to_owned();
        host.ends_with(".cn").then_some(Self::China)
    }
}

/// The scopes that a token tells that it has. Nothing is verified.
pub(crate) fn scopes_of(token: &SecretString) -> Option<Vec<String>> {
    let claims = claims(token.expose_secret())?;
    let [scopes] = fields(&claims, ["scp"])?;
    serde_json::from_str(scopes?.get()).ok()
}

/// The claims of a JWT, not verified.
fn claims(jwt: &str) -> Option<String> {
    let payload = jwt.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    String::from_utf8(payload).ok()
}

/// A text among the claims of a JWT, not verified.
pub(super) fn claim(jwt: &str, name: &str) -> Option<String> {
    let claims = claims(jwt)?;
    let [value] = fields(&claims, [name])?;
    text(value?)
}

/// The base URL of an API for a region, as text that always parses.
pub(super) fn api_base(api: &Api, region: Region) -> &'static str {
    match (api, region) {
        (Api::Owner, Region::China) => "https://owner-api.vn.cloud.tesla.cn",
        (Api::Owner, _) => "https://owner-api.teslamotors.com",
        (Api::Fleet { .. }, Region::NorthAmerica) => "https://fleet-api.prd.na.vn.cloud.tesla.com",
        (Api::Fleet { .. }, Region::Europe) => "https://fleet-api.prd.eu.vn.cloud.tesla.com",
        (Api::Fleet { .. }, Region::China) => "https://fleet-api.prd.cn.vn.cloud.tesla.cn",
    }
}

/// Where its owner logs in.
pub(super) fn login_base(region: Option<Region>) -> &'static str {
    match region {
        Some(Region::China) => "https://auth.tesla.cn",
        _ => "https://auth.tesla.com",
    }
}

/// Where codes and refresh tokens become tokens.
pub(super) fn token_base(api: &Api, region: Option<Region>) -> &'static str {
    match (api, region) {
        (_, Some(Region::China)) => "https://auth.tesla.cn",
        (Api::Owner, _) => "https://auth.tesla.com",
        (Api::Fleet { .. }, _) => "https://fleet-auth.prd.vn.cloud.tesla.com",
    }
}

/// Whether the URL leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host
            .trim_matches(['[', ']'])
            .parse::<Ipv6Addr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// Whether the URL is one of the Fleet API's hosts.
pub(super) fn is_fleet_host(url: &Url) -> bool {
    url.scheme() == "https"
        && url.port().is_none()
        && url.host_str().is_some_and(|host| {
            host.ends_with(".vn.cloud.tesla.com") || host.ends_with(".vn.cloud.tesla.cn")
        })
}

/// The base URL in a text such as 421's `user out of region, use base URL: https://…, see …`.
///
/// Only one that `current` may send its token on to: one of the Fleet API's from one of them, one
/// on this machine from this machine.
pub(super) fn base_in(text: &str, current: &Url) -> Option<Url> {
    let marker = "use base URL:";
    let rest = &text[text.find(marker)? + marker.len()..];
    let end = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '\\' | '<' | '>');
    let candidate = rest.trim_start().split(end).next()?;
    acceptable_base(candidate, current)
}

/// The URL, if the token that is meant for `current` may also go there.
pub(super) fn acceptable_base(candidate: &str, current: &Url) -> Option<Url> {
    let url = Url::parse(candidate.trim().trim_end_matches('.')).ok()?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    let trusted = (is_fleet_host(&url) && is_fleet_host(current))
        || (is_loopback(&url) && is_loopback(current) && matches!(url.scheme(), "http" | "https"));
    (plain && trusted).then_some(url)
}

/// Checks a host that the owner set.
///
/// # Errors
///
/// What is wrong with it, in words for the owner.
pub(crate) fn check_host(url: &Url) -> Result<(), String> {
    let shown = url.host_str().unwrap_or_default();
    if shown.is_empty() {
        return Err("it has no host: write it as https://host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "{shown}: a user name or password in the URL is not supported"
        ));
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(format!(
            "http://{shown} would show the token to the network: use https:// (plain http is only for this machine itself)"
        )),
        other => Err(format!("{other}://{shown}: only https:// is understood")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn fleet() -> Url {
        url("https://fleet-api.prd.na.vn.cloud.tesla.com")
    }

    #[test]
    fn the_base_of_a_421_is_found() {
        let text = "user out of region, use base URL: https://fleet-api.prd.eu.vn.cloud.tesla.com, see https://developer.tesla.com/docs";
        let found = base_in(text, &fleet()).expect("found");
        assert_eq!(
            found.as_str(),
            "https://fleet-api.prd.eu.vn.cloud.tesla.com/"
        );
        let here = base_in(
            "use base URL: http://127.0.0.1:4000",
            &url("http://127.0.0.1:5/"),
        );
        assert_eq!(here.expect("found").port(), Some(4000));
    }

    #[test]
    fn a_base_elsewhere_is_never_accepted() {
        for bad in [
            "https://evil.example",
            "https://vn.cloud.tesla.com.evil.example",
            "https://evilvn.cloud.tesla.com",
            "https://user@fleet-api.prd.eu.vn.cloud.tesla.com",
            "https://fleet-api.prd.eu.vn.cloud.tesla.com:444",
            "https://fleet-api.prd.eu.vn.cloud.tesla.com/path",
            "http://fleet-api.prd.eu.vn.cloud.tesla.com",
            "http://127.0.0.1:80",
            "",
        ] {
            assert_eq!(
                base_in(&format!("use base URL: {bad}"), &fleet()),
                None,
                "{bad}"
            );
        }
        let eu = "use base URL: https://fleet-api.prd.eu.vn.cloud.tesla.com";
        assert_eq!(
            base_in(eu, &url("https://gateway.example")),
            None,
            "a gateway's token stays"
        );
        assert_eq!(
            base_in(
                "use base URL: https://evil.example",
                &url("http://127.0.0.1:1")
            ),
            None
        );
    }

    #[test]
    fn hosts_must_be_https_except_on_this_machine() {
        assert_eq!(check_host(&url("https://gateway.example")), Ok(()));
        for here in ["http://127.0.0.1:8", "http://localhost:8", "http://[::1]:8"] {
            assert_eq!(check_host(&url(here)), Ok(()), "{here}");
        }
        for bad in [
            "http://gateway.example",
            "ftp://gateway.example",
            "https://a:b@gateway.example",
            "data:x",
        ] {
            assert!(check_host(&url(bad)).is_err(), "{bad}");
        }
        let error = check_host(&url("https://a:hunter2@gateway.example")).expect_err("refused");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn all_hosts_parse() {
        let fleet = Api::Fleet {
            client_id: String::new(),
            client_secret: None,
            redirect_uri: None,
        };
        for region in Region::ALL {
            assert_eq!(Region::from_name(region.as_str()), Some(region));
            for api in [&Api::Owner, &fleet] {
                for base in [
                    api_base(api, region),
                    login_base(Some(region)),
                    token_base(api, Some(region)),
                ] {
                    assert_eq!(check_host(&url(base)), Ok(()));
                }
            }
        }
    }

    #[test]
    fn a_token_tells_china_by_issuer_or_prefix() {
        let jwt = |issuer: &str| {
            let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iss":"{issuer}"}}"#));
            SecretString::from(format!("eyJhbGciOiJub25lIn0.{payload}.c2ln"))
        };
        assert_eq!(
            Region::of_token(&jwt("https://auth.tesla.cn/oauth2/v3")),
            Some(Region::China)
        );
        assert_eq!(
            Region::of_token(&jwt("https://auth.tesla.com/oauth2/v3")),
            None
        );
        assert_eq!(
            Region::of_token(&SecretString::from("cn-abc")),
            Some(Region::China)
        );
        assert_eq!(
            Region::of_token(&SecretString::from("eu-abc")),
            Some(Region::Europe)
        );
        assert_eq!(Region::of_token(&SecretString::from("qts-abc")), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_none_leads_away(text in ".{0,200}", host in "[a-z.@:/%]{0,60}") {
            for text in [text, format!("use base URL: https://{host} x")] {
                if let Some(found) = base_in(&text, &fleet()) {
                    prop_assert!(is_fleet_host(&found), "{found}");
                }
            }
            let _ = Region::of_token(&SecretString::from(host));
        }
    }
}
