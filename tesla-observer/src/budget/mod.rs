//! A budget of requests: how much a service may be asked in a period, and how it is made to last.
//!
//! The [`Governor`] is asked before each request. It refuses one that would exceed the [`Limit`],
//! says by how much everything should slow down so that what remains lasts ([`Governor::pace`]), and
//! keeps a whole account quiet for as long as its service wants. What was spent is in a [`Ledger`],
//! which outlives the process.
//!
//! Nothing here knows what is asked for, or whom; only its [`Class`], which has a [`Price`].

mod aside;
mod calm;
mod clock;
mod demand;
mod governor;
mod ledger;
mod limit;
mod period;
mod standing;

pub use clock::{Clock, Moment};
pub use governor::{Governor, Permit, Refusal, Refused};
pub use ledger::{Ledger, LedgerError};
pub use limit::{Limit, Money};
pub use period::{Period, Unit};
pub use standing::Standing;

/// What a request is for, as far as its price and its rate limit depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// All that a vehicle reports.
    Data,
    /// A vehicle's state, the account's list, its region: what decides whether to ask for more.
    State,
    /// A command.
    Command,
    /// Waking a vehicle.
    Wake,
    /// Tokens.
    Auth,
}

impl Class {
    /// The class as an attribute's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::State => "state",
            Self::Command => "command",
            Self::Wake => "wake",
            Self::Auth => "auth",
        }
    }
}

/// What a request costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// In money, before any discount.
    pub money: Money,
    /// In requests, for a budget of those: 1, or 0 where it is not counted.
    pub requests: u64,
}
