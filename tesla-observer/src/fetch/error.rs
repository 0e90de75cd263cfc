//! Why a service's answer was not what was asked for, and what happens next.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why a question to a service failed: what was being done, what was wrong, what happens next.
///
/// Holds no token and no body that could have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// What was being done: `reading vehicle_data of LRW3…0000`.
    pub doing: String,
    /// What kind of problem it is.
    pub problem: Problem,
    /// What was found, in words for the owner.
    pub detail: String,
    /// What is best done now.
    pub next: Next,
}

/// What kind of problem a service has, or has with us. Each is a value of the attribute `error.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Problem {
    /// The vehicle sleeps or is offline: no error, but nothing to read.
    Unavailable,
    /// The vehicle is in service.
    InService,
    /// The account has no such vehicle (any more).
    NotFound,
    /// There is no token, or it is expired, revoked or of another kind, and could not be refreshed.
    Unauthorized,
    /// The token lacks a scope.
    MissingScope,
    /// The account's limit of requests or of money is reached.
    LimitExceeded,
    /// The service refuses this kind of access.
    Forbidden,
    /// Something between us and the service (a firewall, a proxy, a captive portal) answered.
    Blocked,
    /// The account belongs to another region, or the application is not registered in it.
    WrongRegion,
    /// Asked too often.
    RateLimited,
    /// Not asked: the owner's budget for this service is spent.
    Budget,
    /// Not asked: the account is to be left alone for a while.
    Held,
    /// The service failed.
    Server,
    /// No answer in time.
    Timeout,
    /// No connection: name, route or TLS.
    Unreachable,
    /// An answer that is not what the service's documentation says: HTML, cut off, too large.
    Unreadable,
    /// The settings do not fit the service.
    Configuration,
    /// This machine: a file or directory.
    Local,
    /// This program: a panic.
    Panic,
}

impl Problem {
    /// The problem as an attribute's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::InService => "in_service",
            Self::NotFound => "not_found",
            Self::Unauthorized => "unauthorized",
            Self::MissingScope => "missing_scope",
            Self::LimitExceeded => "limit_exceeded",
            Self::Forbidden => "forbidden",
            Self::Blocked => "blocked",
            Self::WrongRegion => "wrong_region",
            Self::RateLimited => "rate_limited",
            Self::Budget => "budget",
            Self::Held => "held",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
            Self::Configuration => "configuration",
            Self::Local => "local",
            Self::Panic => "panic",
        }
    }
}

/// What is best done after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Go on as usual: ask again at the next turn.
    AsUsual,
    /// Ask again, but not before this much time has passed.
    After(Duration),
    /// The account cannot be asked until its owner has done something: stop.
    Stop,
}

impl FetchError {
    /// The fetcher has panicked.
    pub(crate) fn of_a_panic(doing: String) -> Self {
        Self {
            doing,
            problem: Problem::Panic,
            detail: "the program made a mistake (a panic); please report it with what was logged \
                     just before"
                .to_owned(),
            next: Next::AsUsual,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.detail)
    }
}

impl Error for FetchError {}
