//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::faults::Faults;

/// How a simulator is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; by default on loopback, on a free port.
    pub listen: SocketAddr,
    /// How many cars the account has, up to a million: beyond, VINs repeat. The first three are at
    /// once in a drive, at a charge, and parked.
    pub vehicles: usize,
    /// Decides everything that is by chance.
    pub seed: u64,
    /// What the cars' owners do with them.
    pub habits: Habits,
    /// Simulated seconds per second; 0 stands still, see [`Clock::advance`](super::Clock::advance).
    pub speed: f64,
    /// The simulated time at the start; now, if there is none.
    pub start: Option<SystemTime>,
    /// How many requests to the API are answered in a minute of simulated time; more are refused with
    /// 429. Answers then say how many remain. `None` is no limit.
    pub rate_limit: Option<u32>,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether access tokens that were got over HTTP/1.1 are refused with 403, as Tesla does since
    /// 2026-06 with those of the Owner API.
    pub strict_http2_auth: bool,
    /// How long an access token is valid, in simulated time; Tesla's are for 8 hours.
    pub access_token_life: Duration,
    /// How long a refresh token is valid, in simulated time.
    pub refresh_token_life: Duration,
    /// What becomes of a refresh token that was used.
    pub refresh_policy: RefreshPolicy,
    /// The applications of the Fleet API that are registered, beside `ownerapi`.
    pub fleet_clients: Vec<FleetClient>,
}

/// What the cars' owners do with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Habits {
    /// To work and back, to the shops now and then, and on a longer trip at some weekends.
    #[default]
    Usual,
    /// Nothing: the cars stand.
    Idle,
    /// On the road all day, charging on the way.
    RoadTrip,
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshPolicy {
    /// A new one each time; the one that was used last goes on working for 24 hours, older ones do
    /// not: the Fleet API's rule.
    SingleUse,
    /// A new one each time; the one before dies when its successor is used. Only the newest successor
    /// counts: whoever uses a token twice makes the first answer's token worthless. A dead token that
    /// is used again ends the whole login, as RFC 9700 (§4.14.2) advises servers against thieves. No
    /// client that is careful sees any of that; two that share a token without a lock soon do.
    Strict,
    /// It stays; the answer has none.
    Kept,
}

/// An application that is registered for the Fleet API.
#[derive(Clone, Debug)]
pub struct FleetClient {
    /// Its `client_id`.
    pub client_id: String,
    /// Its `client_secret`, which exchanging a code needs.
    pub client_secret: SecretString,
    /// Where its users may be sent back to. One that ends with `*` allows every end.
    pub redirect_uris: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            vehicles: 3,
            seed: 1,
            habits: Habits::Usual,
            speed: 1.0,
            start: None,
            rate_limit: None,
            faults: Faults::default(),
            strict_http2_auth: true,
            access_token_life: Duration::from_secs(28_800),
            refresh_token_life: Duration::from_secs(90 * 86_400),
            refresh_policy: RefreshPolicy::SingleUse,
            fleet_clients: vec![FleetClient {
                client_id: "simulated-fleet-client".to_owned(),
                client_secret: SecretString::from("simulated-fleet-secret"),
                redirect_uris: vec![
                    "http://localhost*".to_owned(),
                    "http://127.0.0.1*".to_owned(),
                ],
            }],
        }
    }
}
