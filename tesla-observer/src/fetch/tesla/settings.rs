//! What the client is told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

use super::region::Region;
use crate::budget::Governor;
use crate::fetch::OnRequest;
use crate::privacy::Location;

/// What the client is told. Start from [`Settings::default`] and change what differs.
#[derive(Clone)]
pub struct Settings {
    /// Which API a login is for, and which one a static [`token`](Self::token) belongs to. An
    /// account that has been logged in knows its own.
    pub api: Api,
    /// The account's region. Without it the token tells it, or Tesla is asked (Fleet API).
    pub region: Option<Region>,
    /// Asked instead of Tesla's API hosts (`TESLA_API_HOST`): a gateway, or a simulator.
    pub api_host: Option<Url>,
    /// Asked instead of Tesla's hosts of login and tokens (`TESLA_AUTH_HOST`).
    pub auth_host: Option<Url>,
    /// A token that never changes (`TOKEN`), for gateways that give one. There is no account then.
    pub token: Option<SecretString>,
    /// For one request, from its start to the end of the answer's body.
    pub timeout: Duration,
    /// Read private texts too: route destination, media, account names.
    pub private_texts: bool,
    /// How exactly positions are read; where they are not, they are not even asked for.
    pub location: Location,
    /// Whether a VIN may stand in an error, shortened.
    pub names_vins: bool,
    /// Told of every request that has ended.
    pub on_request: Option<OnRequest>,
    /// Asked before every request. By default it only counts.
    pub governor: Arc<Governor>,
    /// Sent with every request.
    pub user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api: Api::Owner,
            region: None,
            api_host: None,
            auth_host: None,
            token: None,
            timeout: Duration::from_secs(30),
            private_texts: false,
            location: Location::Exact,
            names_vins: true,
            on_request: None,
            governor: Governor::unlimited(),
            user_agent: concat!("tesla-observer/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("api", &self.api)
            .field("region", &self.region)
            .field("api_host", &self.api_host.as_ref().map(Url::host_str))
            .field("auth_host", &self.auth_host.as_ref().map(Url::host_str))
            .field("token", &self.token)
            .field("timeout", &self.timeout)
            .field("private_texts", &self.private_texts)
            .field("location", &self.location)
            .field("names_vins", &self.names_vins)
            .field("on_request", &self.on_request.is_some())
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// Tesla's two APIs. They speak the same language about vehicles, but not to the same tokens.
#[derive(Clone, Debug)]
pub enum Api {
    /// The API of Tesla's own app. Unofficial; Tesla has been closing it since 2024.
    Owner,
    /// The official API, for an application registered at developer.tesla.com.
    Fleet {
        /// The application's client id.
        client_id: String,
        /// The application's secret: needed to log in, not to renew tokens.
        client_secret: Option<SecretString>,
        /// The redirect URI as the application registered it: needed to log in.
        redirect_uri: Option<String>,
    },
}

impl Api {
    /// The client id that tokens are given to.
    pub fn client_id(&self) -> &str {
        match self {
            // The id of Tesla's own app: the only one that the Owner API knows.
            Self::Owner => "ownerapi",
            Self::Fleet { client_id, .. } => client_id,
        }
    }

    /// Whether this is the Fleet API.
    pub fn is_fleet(&self) -> bool {
        matches!(self, Self::Fleet { .. })
    }
}
