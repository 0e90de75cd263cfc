//! How a budget stands, for its owner.

use std::fmt;
use std::time::SystemTime;

use super::limit::{Limit, Money};
use super::period::Period;

/// How the budget stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The budget, if there is one.
    pub limit: Option<Limit>,
    /// The month that money is counted in.
    pub month: Period,
    /// Spent in it, at list price.
    pub money: Money,
    /// The day that requests are counted on.
    pub day: Period,
    /// Requests on it.
    pub requests: u64,
    /// When the budget begins anew, if there is one.
    pub ends: Option<SystemTime>,
    /// How many times slower than usual everything should be.
    pub pace: f64,
}

impl Standing {
    /// What remains of a budget of money.
    pub fn money_left(&self) -> Option<Money> {
        match self.limit? {
            Limit::Monthly(limit) => Some(Money::from_micros(
                limit.micros().saturating_sub(self.money.micros()),
            )),
            Limit::Daily(_) => None,
        }
    }

    /// What remains of a budget of requests.
    pub fn requests_left(&self) -> Option<u64> {
        match self.limit? {
            Limit::Daily(limit) => Some(limit.saturating_sub(self.requests)),
            Limit::Monthly(_) => None,
        }
    }
}

impl fmt::Display for Standing {
    /// `3.21 of 10.00 USD spent in 2026-11, 6.79 USD left`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Some(Limit::Monthly(limit)) => {
                let spent = self.money.to_string();
                let spent = spent.trim_end_matches(" USD");
                let left = self.money_left().unwrap_or_default();
                write!(f, "{spent} of {limit} spent in {}, {left} left", self.month)?;
            }
            Some(Limit::Daily(limit)) => {
                let spent = self.requests;
                let left = self.requests_left().unwrap_or_default();
                write!(f, "{spent} of {limit} made on {}, {left} left", self.day)?;
            }
            None => write!(
                f,
                "no budget; {} in {}, {} requests on {}",
                self.money, self.month, self.requests, self.day
            )?,
        }
        if self.pace > 1.05 {
            write!(
                f,
                "; {:.1} times slower than usual to make it last",
                self.pace
            )?;
        }
        Ok(())
    }
}
