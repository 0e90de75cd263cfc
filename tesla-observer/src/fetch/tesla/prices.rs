//! What Tesla's requests cost, and which of its limits they count towards.
//!
//! Prices of the Fleet API as of 2026-09, `https://developer.tesla.com/docs/fleet-api/billing-and-limits`:
//! for a dollar 500 requests for data, 1,000 commands, 50 wakes. Every answer with a status below 500
//! is billed, refusals such as 401, 408 and 429 too. Tokens are not. A discount of 10 dollars a month
//! is not in these prices: a budget of 10 USD is what it covers.

use crate::budget::{Class, Money, Price};

const DATA: Money = Money::from_micros(1_000_000 / 500);
/// States and lists are counted like commands: that is never too little.
const COMMAND: Money = Money::from_micros(1_000_000 / 1_000);
const WAKE: Money = Money::from_micros(1_000_000 / 50);

/// The first status that is not billed.
const NOT_BILLED: u16 = 500;

/// What a route's requests are for. One that is not known here counts as the dearer kind of reading.
pub(super) fn class_of(route: &str) -> Class {
    match route {
        super::exchange::PATH => Class::Auth,
        super::api::PRODUCTS
        | super::api::VEHICLES
        | super::api::VEHICLE
        | super::ask::USERS_REGION => Class::State,
        _ => Class::Data,
    }
}

/// What a request of this class costs, before any discount.
pub(super) fn price_of(class: Class) -> Price {
    let money = match class {
        Class::Data => DATA,
        Class::State | Class::Command => COMMAND,
        Class::Wake => WAKE,
        Class::Auth => return Price::default(),
    };
    Price { money, requests: 1 }
}

/// Whether an answer with this status costs money.
pub(super) fn is_billed(status: u16) -> bool {
    status < NOT_BILLED
}

/// The class of a route, for those who count requests: see [`RequestDone::route`].
///
/// [`RequestDone::route`]: crate::fetch::RequestDone::route
pub fn request_class(route: &str) -> &'static str {
    class_of(route).as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_buys_what_the_price_list_says() {
        for (class, requests) in [
            (Class::Data, 500),
            (Class::Command, 1_000),
            (Class::State, 1_000),
            (Class::Wake, 50),
        ] {
            let price = price_of(class);
            assert_eq!(price.money.micros() * requests, 1_000_000, "{class:?}");
            assert_eq!(price.requests, 1);
        }
        assert_eq!(price_of(Class::Auth), Price::default());
    }

    #[test]
    fn refusals_are_billed_and_failures_are_not() {
        for status in [200, 401, 404, 408, 429, 499] {
            assert!(is_billed(status), "{status}");
        }
        for status in [500, 502, 503, 504, 540] {
            assert!(!is_billed(status), "{status}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_cheap() {
        assert_eq!(class_of("/api/1/vehicles/{id}"), Class::State);
        assert_eq!(class_of("/api/1/vehicles/{id}/vehicle_data"), Class::Data);
        assert_eq!(class_of("/oauth2/v3/token"), Class::Auth);
        assert_eq!(class_of("/api/2/something/new"), Class::Data);
    }
}
