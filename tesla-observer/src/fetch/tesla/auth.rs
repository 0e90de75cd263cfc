//! The login: OAuth2's authorization code, with PKCE for the Owner API.

use std::error::Error;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

use super::account::Account;
use super::callback::{PasteError, parse_callback};
use super::exchange::{Given, exchange};
use super::region::{self, Region};
use super::settings::{Api, Settings};
use crate::fetch::FetchError;

/// What Tesla's own app asks for.
pub(super) const OWNER_SCOPES: &str = "openid email offline_access";
/// What an observer needs: no commands.
const FLEET_SCOPES: &str = "openid offline_access vehicle_device_data vehicle_location";
/// The only one that is registered for `ownerapi` since 2026-04. A browser cannot open it: its
/// owner copies it.
const OWNER_REDIRECT: &str = "tesla://auth/callback";

/// What an account is called whose e-mail address nobody tells.
const UNKNOWN: &str = "tesla";

/// A login that has begun: its owner is on the way through Tesla's page.
pub struct Login {
    settings: Settings,
    name: Option<String>,
    url: Url,
    redirect_uri: String,
    state: SecretString,
    verifier: SecretString,
}

/// Why a login did not succeed.
#[derive(Debug)]
pub enum LoginError {
    /// The settings are not enough to log in with.
    Settings(String),
    /// What was pasted is not what it should be.
    Pasted(PasteError),
    /// Tesla did not give tokens.
    Tesla(FetchError),
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(detail) => write!(f, "logging in: {detail}"),
            Self::Pasted(error) => write!(f, "logging in: {error}"),
            Self::Tesla(error) => error.fmt(f),
        }
    }
}

impl Error for LoginError {}

impl LoginError {
    /// Whether the same login can be ended with a better paste.
    pub fn can_paste_again(&self) -> bool {
        match self {
            Self::Pasted(PasteError::OtherLogin | PasteError::Refused(_)) => false,
            Self::Pasted(_) => true,
            Self::Settings(_) | Self::Tesla(_) => false,
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Begins a login, for the account with this e-mail address if one is given.
    ///
    /// # Errors
    ///
    /// If the settings are not enough: for the Fleet API, a client id, its secret and the
    /// redirect URI are needed.
    pub fn begin(settings: &Settings, email: Option<&str>) -> Result<Self, LoginError> {
        let redirect_uri = redirect_uri(&settings.api)?;
        for (host, what) in [
            (&settings.auth_host, "auth host"),
            (&settings.api_host, "API host"),
        ] {
            if let Some(host) = host {
                region::check_host(host)
                    .map_err(|error| LoginError::Settings(format!("the {what}: {error}")))?;
            }
        }
        let state = random()?;
        let verifier = random()?;
        let email = email.map(str::trim).filter(|email| !email.is_empty());
        let mut url = match &settings.auth_host {
            Some(host) => host.clone(),
            None => Url::parse(region::login_base(settings.region))
                .map_err(|error| LoginError::Settings(error.to_string()))?,
        };
        super::api::append(&mut url, &["oauth2", "v3", "authorize"]);
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", settings.api.client_id())
                .append_pair("redirect_uri", &redirect_uri)
                .append_pair("response_type", "code")
                .append_pair("state", state.expose_secret());
            match &settings.api {
                Api::Owner => query
                    .append_pair("scope", OWNER_SCOPES)
                    .append_pair("code_challenge", &challenge(&verifier))
                    .append_pair("code_challenge_method", "S256"),
                // Tesla documents no PKCE for it; it asks for what is missing of the scopes.
                Api::Fleet { .. } => query
                    .append_pair("scope", FLEET_SCOPES)
                    .append_pair("prompt_missing_scopes", "true"),
            };
            if let Some(email) = email {
                query.append_pair("login_hint", email);
            }
        }
        Ok(Self {
            settings: settings.clone(),
            name: email.map(str::to_owned),
            url,
            redirect_uri,
            state,
            verifier,
        })
    }

    /// Where the login ends: what the address to paste begins with.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What the account will be called, unless only Tesla knows its e-mail address.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(UNKNOWN)
    }

    /// The page where the owner logs in.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Ends the login with the address that the owner was sent to and has pasted.
    ///
    /// # Errors
    ///
    /// If it is not that address, or Tesla gives no tokens for it. After [`LoginError::Pasted`]
    /// the same login can be ended with a better paste if [`LoginError::can_paste_again`] says so.
    pub async fn finish(&self, pasted: &str) -> Result<Account, LoginError> {
        let callback = parse_callback(pasted).map_err(LoginError::Pasted)?;
        if callback.state.expose_secret() != self.state.expose_secret() {
            return Err(LoginError::Pasted(PasteError::OtherLogin));
        }
        let region = self.settings.region.or_else(|| {
            let issuer = callback.issuer.as_ref().filter(|issuer| is_tesla(issuer))?;
            issuer.host_str()?.ends_with(".cn").then_some(Region::China)
        });
        let base = self.token_base(region)?;
        let audience = self.audience(region);
        let code = callback.code.expose_secret();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.settings.api.client_id()),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
        ];
        match &self.settings.api {
            Api::Owner => form.push(("code_verifier", self.verifier.expose_secret())),
            Api::Fleet { client_secret, .. } => {
                if let Some(secret) = client_secret {
                    form.push(("client_secret", secret.expose_secret()));
                }
                form.push(("audience", &audience));
            }
        }
        let given = exchange(&self.settings, &base, &form, "logging in").await;
        Ok(self.account(given.map_err(LoginError::Tesla)?, region))
    }

    /// Where the code goes: to nobody but Tesla, or whom the settings name.
    fn token_base(&self, region: Option<Region>) -> Result<Url, LoginError> {
        match &self.settings.auth_host {
            Some(host) => Ok(host.clone()),
            None => Url::parse(region::token_base(&self.settings.api, region))
                .map_err(|error| LoginError::Settings(error.to_string())),
        }
    }

    /// The API that a Fleet token is for.
    fn audience(&self, region: Option<Region>) -> String {
        match &self.settings.api_host {
            Some(host) => host.as_str().trim_end_matches('/').to_owned(),
            None => region::api_base(&self.settings.api, region.unwrap_or(Region::NorthAmerica))
                .to_owned(),
        }
    }

    fn account(&self, given: Given, region: Option<Region>) -> Account {
        let region = region.or_else(|| Region::of_token(&given.access_token));
        let name = self.name.clone().or_else(|| given.email.clone());
        Account {
            name: name.unwrap_or_else(|| UNKNOWN.to_owned()),
            api: self.settings.api.clone(),
            region,
            api_host: self.settings.api_host.clone(),
            auth_host: self.settings.auth_host.clone(),
            tokens: given.into_tokens(None),
        }
    }
}

/// Whether it is one of Tesla's hosts of login.
fn is_tesla(issuer: &Url) -> bool {
    issuer.scheme() == "https"
        && matches!(issuer.host_str(), Some("auth.tesla.com" | "auth.tesla.cn"))
}

fn redirect_uri(api: &Api) -> Result<String, LoginError> {
    let missing = |what: &str| {
        LoginError::Settings(format!(
            "the Fleet API needs {what} of your application at developer.tesla.com"
        ))
    };
    match api {
        Api::Owner => Ok(OWNER_REDIRECT.to_owned()),
        Api::Fleet { client_id, .. } if client_id.trim().is_empty() => {
            Err(missing("the client id"))
        }
        Api::Fleet {
            client_secret: None,
            ..
        } => Err(missing("the client secret")),
        Api::Fleet { redirect_uri, .. } => redirect_uri
            .clone()
            .ok_or_else(|| missing("the redirect URI")),
    }
}

/// 86 characters that nobody can guess.
fn random() -> Result<SecretString, LoginError> {
    let mut bytes = Zeroizing::new([0_u8; 64]);
    getrandom::fill(&mut *bytes).map_err(|error| {
        LoginError::Settings(format!("this machine has no random numbers: {error}"))
    })?;
    Ok(URL_SAFE_NO_PAD.encode(*bytes).into())
}

/// RFC 7636's S256.
fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn fleet() -> Settings {
        Settings {
            api: Api::Fleet {
                client_id: "an-app".to_owned(),
                client_secret: Some("app-secret".into()),
                redirect_uri: Some("https://app.example/callback".to_owned()),
            },
            ..Settings::default()
        }
    }

    fn query(login: &Login) -> HashMap<String, String> {
        login.url().query_pairs().into_owned().collect()
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        // The RFC's appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            challenge(&verifier.into()),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_owner_login_page_has_all_that_tesla_asks_for() {
        let login = Login::begin(&Settings::default(), Some(" a+b@example.com ")).expect("begun");
        let query = query(&login);
        assert!(
            login
                .url()
                .as_str()
                .starts_with("https://auth.tesla.com/oauth2/v3/authorize?")
        );
        for (key, value) in [
            ("client_id", "ownerapi"),
            ("redirect_uri", "tesla://auth/callback"),
            ("response_type", "code"),
            ("scope", "openid email offline_access"),
            ("code_challenge_method", "S256"),
            ("login_hint", "a+b@example.com"),
        ] {
            assert_eq!(query[key], value, "{key}");
        }
        assert_eq!(query["code_challenge"], challenge(&login.verifier));
        assert_eq!(query["state"].len(), 86);
        let other = Login::begin(&Settings::default(), None).expect("begun");
        assert_ne!(other.state.expose_secret(), login.state.expose_secret());
        assert_ne!(
            other.verifier.expose_secret(),
            login.verifier.expose_secret()
        );
    }

    #[test]
    fn a_fleet_login_needs_its_application_and_asks_for_no_commands() {
        let query = query(&Login::begin(&fleet(), None).expect("begun"));
        assert_eq!(query["client_id"], "an-app");
        assert_eq!(query["redirect_uri"], "https://app.example/callback");
        assert!(!query["scope"].contains("cmds"));
        assert!(!query.contains_key("code_challenge"));
        assert!(!query.values().any(|value| value.contains("app-secret")));
        let mut settings = fleet();
        settings.api = Api::Fleet {
            client_id: "x".to_owned(),
            client_secret: None,
            redirect_uri: None,
        };
        let error = Login::begin(&settings, None)
            .expect_err("no secret")
            .to_string();
        assert!(error.contains("client secret"), "{error}");
    }

    #[test]
    fn china_logs_in_in_china_and_hosts_are_checked() {
        let china = Settings {
            region: Some(Region::China),
            ..Settings::default()
        };
        let login = Login::begin(&china, None).expect("begun");
        assert_eq!(login.url().host_str(), Some("auth.tesla.cn"));
        let open = Settings {
            auth_host: Url::parse("http://auth.example").ok(),
            ..Settings::default()
        };
        assert!(matches!(
            Login::begin(&open, None),
            Err(LoginError::Settings(_))
        ));
    }

    #[test]
    fn the_code_goes_only_to_tesla() {
        let is = |issuer: &str| is_tesla(&Url::parse(issuer).expect("a URL"));
        assert!(
            is("https://auth.tesla.cn/oauth2/v3") && is("https://auth.tesla.com/oauth2/v3/nts")
        );
        for other in [
            "https://evil.example/",
            "http://auth.tesla.cn/",
            "https://auth.tesla.cn.evil.example/",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[tokio::test]
    async fn another_logins_address_is_refused_before_anything_is_sent() {
        let login = Login::begin(&Settings::default(), None).expect("begun");
        let pasted = "tesla://auth/callback?code=NA_0123456789abcdef0123456789&state=other";
        let error = login.finish(pasted).await.expect_err("another state");
        assert!(
            matches!(error, LoginError::Pasted(PasteError::OtherLogin)),
            "{error:?}"
        );
        let shown = format!("{login:?} {error:?} {error}");
        assert!(
            !shown.contains(login.state.expose_secret()) && !shown.contains("0123456789"),
            "{shown}"
        );
    }
}
