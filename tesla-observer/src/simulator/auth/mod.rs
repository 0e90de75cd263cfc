//! Codes and tokens: who may have them, for how long, and what they open.

mod authorize;

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::simulator::clock::{Clock, unix_ms};
use crate::simulator::random::Random;
use crate::simulator::settings::{RefreshPolicy, Settings};

pub(in crate::simulator) const OWNER_CLIENT: &str = "ownerapi";
const OWNER_REDIRECT: &str = "tesla://auth/callback";
const GRACE_MS: i64 = 86_400_000;
/// Codes are for a person who is sitting there: real time.
const CODE_LIFE: Duration = Duration::from_secs(600);
const MOST_ACCESS_TOKENS: usize = 4_096;
/// However fast the clock runs, whoever renews tokens as the real service's must be renewed can keep
/// up: real time.
const LEAST_LIFE: Duration = Duration::from_secs(120);
const LEAST_REFRESH_LIFE: Duration = Duration::from_secs(3_600);

/// Query or form fields.
pub(in crate::simulator) type Fields = HashMap<String, String>;

/// A pair of tokens, as if a login had just brought them.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For the API.
    pub access_token: SecretString,
    /// For new tokens.
    pub refresh_token: SecretString,
    /// For how many (real) seconds the access token is valid.
    pub expires_in: u64,
}

/// Why an authorize URL was not approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApproveError(pub(in crate::simulator) String);

impl fmt::Display for ApproveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "approving an authorize URL: {}", self.0)
    }
}

impl Error for ApproveError {}

/// A refusal of the token endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Refusal {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) error: &'static str,
    pub(in crate::simulator) description: &'static str,
}

const fn refuse<T>(
    status: u16,
    error: &'static str,
    description: &'static str,
) -> Result<T, Refusal> {
    Err(Refusal {
        status,
        error,
        description,
    })
}

/// What an accepted authorize request asks for.
#[derive(Clone)]
pub(in crate::simulator) struct Wish {
    client_id: String,
    redirect_uri: Url,
    scope: String,
    state: String,
    challenge: Option<String>,
}

struct Code {
    wish: Wish,
    made: Instant,
}

struct Refresh {
    client_id: String,
    scope: String,
    expires_ms: i64,
    /// The login it descends from.
    family: u64,
    /// The token that it was given for.
    parent: Option<String>,
    used_ms: Option<i64>,
}

/// What an access token opens.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Access {
    expires_ms: i64,
    over_http1: bool,
    client_id: String,
    scope: String,
}

impl Access {
    pub(in crate::simulator) fn is_owner(&self) -> bool {
        self.client_id == OWNER_CLIENT
    }

    /// Owner tokens have no scopes for the API: they open all of it.
    pub(in crate::simulator) fn has_scope(&self, scope: &str) -> bool {
        self.is_owner() || self.scope.split(' ').any(|s| s == scope)
    }
}

/// Why an API request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Denied {
    Missing,
    Unknown,
    Expired,
    OverHttp1,
}

pub(in crate::simulator) struct Auth {
    clock: Clock,
    settings: Settings,
    issuer: String,
    random: Random,
    codes: HashMap<String, Code>,
    refreshes: HashMap<String, Refresh>,
    accesses: HashMap<String, Access>,
    families: u64,
    /// Tokens whose successor was used, with their login: [`RefreshPolicy::Strict`] only.
    dead: HashMap<String, u64>,
    refused: u64,
}

impl Auth {
    pub(in crate::simulator) fn new(settings: Settings, clock: Clock, url: &Url) -> Self {
        Self {
            clock,
            issuer: format!("{url}oauth2/v3"),
            random: Random::new(settings.seed, &[0xA0]),
            settings,
            codes: HashMap::new(),
            refreshes: HashMap::new(),
            accesses: HashMap::new(),
            families: 0,
            dead: HashMap::new(),
            refused: 0,
        }
    }

    /// How many renewals were refused.
    pub(in crate::simulator) fn refused_renewals(&self) -> u64 {
        self.refused
    }

    /// The token endpoint: the body of the answer.
    pub(in crate::simulator) fn token(
        &mut self,
        fields: &Fields,
        over_http1: bool,
    ) -> Result<serde_json::Value, Refusal> {
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        let mut parent = None;
        let (client_id, scope, family, keep) = match field("grant_type") {
            "authorization_code" => {
                let wish = self.redeem(&field)?;
                self.families += 1;
                (wish.client_id, wish.scope, self.families, None)
            }
            "refresh_token" => {
                let token = field("refresh_token");
                let used = self.use_refresh(token, field("client_id"));
                let (scope, family) = used.inspect_err(|_| self.refused += 1)?;
                parent = Some(token.to_owned());
                let keep = self.settings.refresh_policy == RefreshPolicy::Kept;
                (
                    field("client_id").to_owned(),
                    scope,
                    family,
                    keep.then_some(()),
                )
            }
            _ => {
                return refuse(
                    400,
                    "unsupported_grant_type",
                    "The grant_type is not supported.",
                );
            }
        };
        let (access_token, expires_in) = self.mint_access(&client_id, &scope, over_http1);
        let mut body = serde_json::json!({
            "access_token": access_token,
            "id_token": self.jwt(&client_id, &scope, expires_in),
            "expires_in": expires_in,
            "token_type": "Bearer",
        });
        if keep.is_none() && scope.split(' ').any(|s| s == "offline_access") {
            body["refresh_token"] = self.mint_refresh(&client_id, &scope, family, parent).into();
        }
        Ok(body)
    }

    fn redeem<'a>(&mut self, field: &impl Fn(&str) -> &'a str) -> Result<Wish, Refusal> {
        let invalid = "The authorization code is invalid, expired or used.";
        // Whatever else is wrong: a code that was shown once is gone.
        let Some(code) = self.codes.remove(field("code")) else {
            return refuse(400, "invalid_grant", invalid);
        };
        let wish = code.wish;
        if code.made.elapsed() >= CODE_LIFE
            || wish.client_id != field("client_id")
            || Url::parse(field("redirect_uri")).ok().as_ref() != Some(&wish.redirect_uri)
        {
            return refuse(400, "invalid_grant", invalid);
        }
        if let Some(challenge) = &wish.challenge
            && BASE64.encode(Sha256::digest(field("code_verifier"))) != *challenge
        {
            return refuse(400, "invalid_grant", "The code_verifier does not fit.");
        }
        if let Some(client) = self
            .settings
            .fleet_clients
            .iter()
            .find(|c| c.client_id == wish.client_id)
        {
            if client.client_secret.expose_secret() != field("client_secret") {
                return refuse(401, "invalid_client", "The client_secret is wrong.");
            }
            if field("audience").is_empty() {
                return refuse(400, "invalid_request", "The audience is missing.");
            }
        }
        Ok(wish)
    }

    fn use_refresh(&mut self, token: &str, client_id: &str) -> Result<(String, u64), Refusal> {
        let now = self.clock.now_ms();
        let login = || refuse(401, "login_required", "The refresh_token is invalid.");
        if let Some(family) = self.dead.get(token).copied() {
            // Somebody has it who should not: nobody of this login gets in any more.
            self.refreshes.retain(|_, refresh| refresh.family != family);
            return login();
        }
        let Some(refresh) = self.refreshes.get_mut(token) else {
            return login();
        };
        if refresh.client_id != client_id || refresh.expires_ms <= now {
            return login();
        }
        let (scope, family) = (refresh.scope.clone(), refresh.family);
        match self.settings.refresh_policy {
            RefreshPolicy::Kept => {}
            RefreshPolicy::SingleUse => {
                if refresh.used_ms.is_some_and(|used| now - used > GRACE_MS) {
                    return login();
                }
                let first = refresh.used_ms.is_none();
                refresh.used_ms.get_or_insert(now);
                if first {
                    // Only the one that was used last has its day of grace.
                    self.refreshes
                        .retain(|t, r| t == token || r.family != family || r.used_ms.is_none());
                }
            }
            RefreshPolicy::Strict => {
                if let Some(parent) = refresh.parent.take()
                    && self.refreshes.remove(&parent).is_some()
                {
                    self.dead.insert(parent, family);
                }
                // A successor that was given before is replaced by the one that is given now.
                self.refreshes
                    .retain(|_, r| r.parent.as_deref() != Some(token));
            }
        }
        Ok((scope, family))
    }

    /// Tokens as of a login with the Owner API over HTTP/2.
    pub(in crate::simulator) fn issue(&mut self) -> Tokens {
        let scope = "openid email offline_access";
        self.families += 1;
        let (access_token, expires_in) = self.mint_access(OWNER_CLIENT, scope, false);
        let refresh_token = self.mint_refresh(OWNER_CLIENT, scope, self.families, None);
        Tokens {
            access_token: access_token.into(),
            refresh_token: refresh_token.into(),
            expires_in,
        }
    }

    fn mint_access(&mut self, client_id: &str, scope: &str, over_http1: bool) -> (String, u64) {
        let now = self.clock.now_ms();
        let life = self
            .clock
            .at_least(self.settings.access_token_life, LEAST_LIFE);
        let expires_in = self.clock.real_seconds(life);
        let token = self.jwt(client_id, scope, expires_in);
        if self.accesses.len() >= MOST_ACCESS_TOKENS {
            self.accesses.retain(|_, access| access.expires_ms > now);
        }
        let access = Access {
            expires_ms: now.saturating_add(millis(life)),
            over_http1,
            client_id: client_id.to_owned(),
            scope: scope.to_owned(),
        };
        self.accesses.insert(token.clone(), access);
        (token, expires_in)
    }

    fn mint_refresh(
        &mut self,
        client_id: &str,
        scope: &str,
        family: u64,
        parent: Option<String>,
    ) -> String {
        let token = format!("NA_{}", self.secret());
        let now = self.clock.now_ms();
        let life = self.settings.refresh_token_life;
        let life = self.clock.at_least(life, LEAST_REFRESH_LIFE);
        let refresh = Refresh {
            client_id: client_id.to_owned(),
            scope: scope.to_owned(),
            expires_ms: now.saturating_add(millis(life)),
            family,
            parent,
            used_ms: None,
        };
        self.refreshes.retain(|_, refresh| refresh.expires_ms > now);
        self.refreshes.insert(token.clone(), refresh);
        token
    }

    /// Looks like a JSON web token and has its claims; the signature is noise.
    fn jwt(&mut self, client_id: &str, scope: &str, expires_in: u64) -> String {
        let now = unix_ms(SystemTime::now()) / 1000;
        let header = serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": "simulated" });
        let claims = serde_json::json!({
            "iss": self.issuer,
            "azp": client_id,
            "sub": "00000000-0000-4000-8000-000000000002",
            "aud": ["https://owner-api.teslamotors.com/", self.issuer],
            "scp": scope.split(' ').collect::<Vec<_>>(),
            "ou_code": "NA",
            "iat": now,
            "exp": now + i64::try_from(expires_in).unwrap_or(i64::MAX / 2),
        });
        let part = |value: &serde_json::Value| BASE64.encode(value.to_string());
        format!("{}.{}.{}", part(&header), part(&claims), self.secret())
    }

    fn secret(&mut self) -> String {
        let bytes: Vec<u8> = (0..4)
            .flat_map(|_| self.random.next().to_le_bytes())
            .collect();
        BASE64.encode(bytes)
    }

    /// What the token of an `Authorization` header opens.
    pub(in crate::simulator) fn open(&self, header: Option<&str>) -> Result<Access, Denied> {
        let header = header.ok_or(Denied::Missing)?;
        let token = header
            .strip_prefix("Bearer ")
            .ok_or(Denied::Unknown)?
            .trim();
        let access = self.accesses.get(token).ok_or(Denied::Unknown)?;
        if access.expires_ms <= self.clock.now_ms() {
            return Err(Denied::Expired);
        }
        if access.over_http1 && access.is_owner() && self.settings.strict_http2_auth {
            return Err(Denied::OverHttp1);
        }
        Ok(access.clone())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
