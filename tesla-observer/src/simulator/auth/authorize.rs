//! Whether an application may ask for a code, and what the owner's answer brings it.

use std::time::Instant;

use base64::Engine as _;
use reqwest::Url;

use super::{Auth, BASE64, CODE_LIFE, Code, Fields, OWNER_CLIENT, OWNER_REDIRECT, Wish};

impl Auth {
    /// Checks an authorize request.
    pub(in crate::simulator) fn check(&self, fields: &Fields) -> Result<Wish, String> {
        let field = |name: &str| {
            fields
                .get(name)
                .map(String::as_str)
                .filter(|v| !v.is_empty())
        };
        let need = |name: &str| field(name).ok_or(format!("The '{name}' parameter is missing"));
        let client_id = need("client_id")?;
        let redirect_uri = need("redirect_uri")?;
        let owner = client_id == OWNER_CLIENT;
        let fleet = self
            .settings
            .fleet_clients
            .iter()
            .find(|c| c.client_id == client_id);
        let registered = match fleet {
            None if !owner => return Err("The 'client_id' supplied is not registered".to_owned()),
            None => redirect_uri == OWNER_REDIRECT,
            Some(client) => client
                .redirect_uris
                .iter()
                .any(|uri| match uri.strip_suffix('*') {
                    Some(start) => redirect_uri.starts_with(start),
                    None => redirect_uri == uri,
                }),
        };
        let redirect_uri = match Url::parse(redirect_uri) {
            Ok(url) if registered => url,
            _ => {
                return Err(
                    "The 'redirect_uri' supplied is not registered for this 'client_id'".to_owned(),
                );
            }
        };
        if need("response_type")? != "code" {
            return Err("The 'response_type' must be 'code'".to_owned());
        }
        let challenge = field("code_challenge").map(str::to_owned);
        match (&challenge, field("code_challenge_method")) {
            (None, _) if owner => {
                return Err("The 'code_challenge' parameter is missing".to_owned());
            }
            (Some(_), method) if method != Some("S256") => {
                return Err("The 'code_challenge_method' must be 'S256'".to_owned());
            }
            (Some(challenge), _) if BASE64.decode(challenge).map_or(0, |hash| hash.len()) != 32 => {
                return Err("The 'code_challenge' is not a SHA-256 hash in base64url".to_owned());
            }
            _ => {}
        }
        Ok(Wish {
            client_id: client_id.to_owned(),
            redirect_uri,
            scope: need("scope")?.to_owned(),
            state: need("state")?.to_owned(),
            challenge,
        })
    }

    /// The owner said yes: where the browser goes from here.
    pub(in crate::simulator) fn allow(&mut self, wish: Wish) -> Url {
        let code = format!("NA_{}", self.secret());
        let mut url = wish.redirect_uri.clone();
        url.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &wish.state)
            .append_pair("issuer", &self.issuer);
        self.codes.retain(|_, code| code.made.elapsed() < CODE_LIFE);
        self.codes.insert(
            code,
            Code {
                wish,
                made: Instant::now(),
            },
        );
        url
    }

    /// The owner said no.
    pub(in crate::simulator) fn deny(wish: &Wish) -> Url {
        let mut url = wish.redirect_uri.clone();
        url.query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("state", &wish.state);
        url
    }
}
