//! What goes wrong on demand.

mod answer;

use serde::{Deserialize, Serialize};

pub(super) use self::answer::{
    FLEET_ONLY, MISSING_SCOPES, OWNER_FORBIDDEN, UNAVAILABLE, broken, error, with,
};
use super::requests::Route;

/// What goes wrong. The first rule that fits a request is applied.
///
/// As JSON, for `POST /simulator/faults`:
///
/// ```
/// # use tesla_observer::simulator::{Fault, Faults, Route, Rule, When};
/// let faults: Faults = serde_json::from_str(r#"{"rules": [
///     {"route": "vehicle_data", "fault": {"rate_limited": {"seconds": 30}}, "when": {"next": 2}},
///     {"fault": "bad_gateway", "when": {"chance": 0.05}}
/// ]}"#)?;
/// assert_eq!(faults.rules[0].route, Some(Route::VehicleData));
/// assert_eq!(faults.rules[1].fault, Fault::BadGateway);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// In order.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// On which route; on all, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// For the vehicle with which VIN; for all, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    /// What happens.
    pub fault: Fault,
    /// When.
    #[serde(default)]
    pub when: When,
}

/// When a rule applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// To every request that fits.
    #[default]
    Always,
    /// To the next so many that fit.
    Next(u64),
    /// With this probability, from 0 to 1, drawn from the simulator's seed.
    Chance(f64),
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 401 without a body.
    Unauthorized,
    /// 401: the access token is expired.
    TokenExpired,
    /// 401: the access token is none.
    TokenInvalid,
    /// 401: the owner has switched off mobile access.
    MobileAccessDisabled,
    /// 401 of the auth: the refresh token is expired, used up or revoked.
    LoginRequired,
    /// 403: what owner tokens get since 2026.
    Forbidden,
    /// 403: the month's money is spent.
    LimitExceeded,
    /// 403: the token lacks a scope.
    MissingScopes,
    /// 403: the web application firewall's page.
    Firewall,
    /// 404
    NotFound,
    /// 405: a workshop has the vehicle.
    InService,
    /// 405, spelled as the service sometimes does.
    InServiceMisspelt,
    /// 408: asleep or offline.
    Unavailable,
    /// 408: the vehicle did not answer in time, as JSON in a string.
    VehicleTimeout,
    /// 408: the same, as a hash in Ruby's notation.
    VehicleTimeoutRuby,
    /// 408: the same, from the layer below.
    OperationTimedout,
    /// 412: only on the Fleet API.
    FleetOnly,
    /// 421: the account belongs to the region of this base URL.
    WrongRegion {
        /// Of the right region, with scheme.
        base_url: String,
    },
    /// 429 with `Retry-After` in seconds and the rate limit's headers.
    RateLimited {
        /// Until it may be asked again.
        seconds: u64,
    },
    /// 429 with the time in the text only.
    RateLimitedText {
        /// Until it may be asked again.
        seconds: u64,
    },
    /// 429 with `Retry-After` as an HTTP date, in real time.
    RateLimitedDate {
        /// Until it may be asked again.
        seconds: u64,
    },
    /// 500
    ServerError,
    /// 502 with HTML.
    BadGateway,
    /// 503 with HTML.
    ServiceUnavailable,
    /// 504
    UpstreamTimeout,
    /// 540
    DeviceError,
    /// This status with the usual JSON around this text.
    Status {
        /// From 200 to 599; others are answered with 500.
        code: u16,
        /// What `error` says.
        #[serde(default)]
        error: String,
    },
    /// 200 with HTML, as a captive portal does.
    Html,
    /// 200 without a body.
    Empty,
    /// 200 with 5 MB of JSON.
    Huge,
    /// 200 with this much JSON, never whole in memory.
    Large {
        /// How much.
        bytes: u64,
        /// Whether `Content-Length` says so.
        #[serde(default)]
        has_length: bool,
    },
    /// This status with JSON of an array of tiny objects, which take a hundred times the memory of
    /// their text once they are values.
    Tiny {
        /// From 200 to 599; others are answered with 500.
        code: u16,
        /// How much, all together.
        bytes: u64,
        /// What stands before the entries: `{"response":[`.
        before: String,
        /// What stands after them: `]}`.
        after: String,
    },
    /// 200 with zeros that were compressed with gzip to about a thousandth.
    Bomb {
        /// How many.
        bytes: u64,
    },
    /// 200 with JSON that never ends.
    Endless {
        /// How fast; as fast as it is taken if it is 0.
        bytes_per_second: u32,
    },
    /// 200 with many headers.
    Headers {
        /// All together, about.
        bytes: u32,
    },
    /// 200 with headers that never end, over HTTP/1.1; over HTTP/2 something that is none.
    EndlessHeaders {
        /// How fast; as fast as they are taken if it is 0.
        bytes_per_second: u32,
    },
    /// 302: elsewhere, or round and round.
    Redirect {
        /// Where to.
        location: String,
    },
    /// 200 with a body that ends in the middle.
    CutOff,
    /// The right answer, but late, in real time.
    Delay {
        /// How late.
        milliseconds: u64,
    },
    /// The right answer, but late, in real time, after what it tells of was done: a token that is
    /// given is given, whether or not anybody waits for it.
    Late {
        /// How late.
        milliseconds: u64,
    },
    /// The right answer, but its body comes slowly.
    Slowly {
        /// How fast, at least 1.
        bytes_per_second: u32,
    },
    /// The right answer with a `Content-Length` that is none.
    WrongLength {
        /// How much more than there is; less, if negative.
        by: i64,
    },
    /// The right answer of a car whose clock is wrong.
    CarClock {
        /// How much it is ahead; behind, if negative.
        seconds: i64,
    },
    /// The right answer, but of a car that reports this: an incident.
    ///
    /// ```
    /// # use tesla_observer::simulator::Fault;
    /// let unlocked: Fault = serde_json::from_str(
    ///     r#"{"reports": {"fields": {"vehicle_state": {"locked": false}}}}"#,
    /// )?;
    /// # assert!(matches!(unlocked, Fault::Reports { .. }));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    Reports {
        /// What stands in place of its own fields, by sections; `null` removes one. Sections that were not
        /// asked for stay out.
        fields: serde_json::Value,
    },
    /// The answer about the account's next car.
    OtherVehicle,
    /// The right answer with bytes that are no UTF-8.
    InvalidUtf8,
    /// No answer, ever.
    Hang,
    /// The connection ends without an answer.
    Drop,
}
