//! An account that has been logged in, and how it is written to a file.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Url;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::region::{self, Region};
use super::settings::{Api, Settings};
use crate::fetch::TokenValidity;

/// An account that has been logged in. What is secret in it is hidden in [`Debug`].
#[derive(Clone, Debug)]
pub struct Account {
    /// What it is called: usually its e-mail address. The same name is the same account.
    pub name: String,
    /// Which API it was logged in for.
    pub api: Api,
    /// Its region, if it is known.
    pub region: Option<Region>,
    /// Asked instead of Tesla's API hosts, if it was logged in so.
    pub api_host: Option<Url>,
    /// Asked instead of Tesla's auth hosts, if it was logged in so.
    pub auth_host: Option<Url>,
    /// Its tokens.
    pub tokens: Tokens,
}

/// The tokens of an account.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Sent with every question. Lives some hours.
    pub access_token: SecretString,
    /// Makes the next tokens. Lives some months; the Fleet API's can be used once.
    pub refresh_token: Option<SecretString>,
    /// The refresh token before this one, which the Fleet API still takes for a day.
    pub previous_refresh_token: Option<SecretString>,
    /// When they were given.
    pub obtained_at: SystemTime,
    /// When the access token ends.
    pub expires_at: SystemTime,
}

impl Tokens {
    /// How long the access token lives.
    pub(super) fn validity(&self) -> TokenValidity {
        TokenValidity {
            issued: self.obtained_at,
            expires: self.expires_at,
        }
    }

    /// Whether both came from the same answer.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        fn text(token: &Option<SecretString>) -> Option<&str> {
            token.as_ref().map(SecretString::expose_secret)
        }
        self.access_token.expose_secret() == other.access_token.expose_secret()
            && text(&self.refresh_token) == text(&other.refresh_token)
    }

    /// Whether they were given before the other ones: in whole seconds, as a file tells it.
    pub(super) fn are_older_than(&self, other: &Self) -> bool {
        seconds(self.obtained_at) < seconds(other.obtained_at)
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.expires_at
            .duration_since(self.obtained_at)
            .unwrap_or_default()
    }
}

impl Account {
    /// Where its tokens are renewed.
    pub(super) fn token_base(&self, settings: &Settings) -> Option<Url> {
        let set = settings
            .auth_host
            .clone()
            .or_else(|| self.auth_host.clone());
        let known = settings.region.or(self.region);
        let region = known.or_else(|| Region::of_token(&self.tokens.access_token));
        set.or_else(|| Url::parse(region::token_base(&self.api, region)).ok())
    }

    /// Its API's base URL; `None` if Tesla must be asked first.
    pub(super) fn api_base(&self, settings: &Settings) -> Option<Url> {
        let set = settings.api_host.clone().or_else(|| self.api_host.clone());
        set.or_else(|| {
            api_base(
                &self.api,
                settings.region.or(self.region),
                &self.tokens.access_token,
            )
        })
    }

    /// As it is written to a file: with its secrets.
    pub(super) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let exposed = |secret: &Option<SecretString>| secret.as_ref().map(|s| Exposed(s.clone()));
        let (client_id, client_secret, redirect_uri) = match &self.api {
            Api::Owner => (None, None, None),
            Api::Fleet {
                client_id,
                client_secret,
                redirect_uri,
            } => (
                Some(client_id.clone()),
                exposed(client_secret),
                redirect_uri.clone(),
            ),
        };
        let written = Written {
            version: VERSION,
            name: self.name.clone(),
            api: if self.api.is_fleet() {
                "fleet"
            } else {
                "owner"
            }
            .to_owned(),
            client_id,
            client_secret,
            redirect_uri,
            region: self.region.map(|region| region.as_str().to_owned()),
            api_host: self.api_host.as_ref().map(Url::to_string),
            auth_host: self.auth_host.as_ref().map(Url::to_string),
            access_token: Exposed(self.tokens.access_token.clone()),
            refresh_token: exposed(&self.tokens.refresh_token),
            previous_refresh_token: exposed(&self.tokens.previous_refresh_token),
            obtained_at: seconds(self.tokens.obtained_at),
            expires_at: seconds(self.tokens.expires_at),
        };
        // Larger than any: while it grows, nothing of it is left behind.
        let mut json = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer_pretty(&mut *json, &written)?;
        Ok(json)
    }

    /// From what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// What is wrong, without a word of the text.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(text).map_err(|error| {
            format!(
                "line {}, column {}: {}",
                error.line(),
                error.column(),
                category(&error)
            )
        })?;
        if written.version != VERSION {
            return Err(format!(
                "it has version {}, this program knows {VERSION}",
                written.version
            ));
        }
        let host = |text: Option<String>, what: &str| match text {
            Some(text) => {
                let url = Url::parse(&text).map_err(|_| format!("its {what} is no URL"))?;
                region::check_host(&url).map_err(|error| format!("its {what}: {error}"))?;
                Ok::<_, String>(Some(url))
            }
            None => Ok(None),
        };
        let secret = |exposed: Option<Exposed>| exposed.map(|Exposed(secret)| secret);
        let api = match (written.api.as_str(), written.client_id) {
            ("owner", _) => Api::Owner,
            ("fleet", Some(client_id)) => Api::Fleet {
                client_id,
                client_secret: secret(written.client_secret),
                redirect_uri: written.redirect_uri,
            },
            ("fleet", None) => return Err("it has no client_id".to_owned()),
            _ => return Err("its api is neither owner nor fleet".to_owned()),
        };
        Ok(Self {
            name: written.name,
            api,
            region: written.region.as_deref().and_then(Region::from_name),
            api_host: host(written.api_host, "api_host")?,
            auth_host: host(written.auth_host, "auth_host")?,
            tokens: Tokens {
                access_token: written.access_token.0,
                refresh_token: secret(written.refresh_token),
                previous_refresh_token: secret(written.previous_refresh_token),
                obtained_at: time(written.obtained_at),
                expires_at: time(written.expires_at),
            },
        })
    }
}

/// The API's base URL for an account of this region, if it is known.
pub(super) fn api_base(api: &Api, region: Option<Region>, token: &SecretString) -> Option<Url> {
    let known = region.or_else(|| Region::of_token(token));
    // The Owner API has one host for everything but China.
    let known = match api {
        Api::Owner => Some(known.unwrap_or(Region::NorthAmerica)),
        Api::Fleet { .. } => known,
    };
    Url::parse(region::api_base(api, known?)).ok()
}

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    name: String,
    api: String,
    client_id: Option<String>,
    client_secret: Option<Exposed>,
    redirect_uri: Option<String>,
    region: Option<String>,
    api_host: Option<String>,
    auth_host: Option<String>,
    access_token: Exposed,
    refresh_token: Option<Exposed>,
    previous_refresh_token: Option<Exposed>,
    obtained_at: u64,
    expires_at: u64,
}

/// A secret in the one place where it is written out: its file.
struct Exposed(SecretString);

impl Serialize for Exposed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for Exposed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SecretString::deserialize(deserializer).map(Self)
    }
}

/// What kind of JSON error it is. The error's own text can quote values.
pub(super) fn category(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax => "it is no JSON",
        _ => "a field is missing or has another type",
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// Such a time; the epoch for one that the clock cannot hold, which is long expired.
pub(super) fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}
