//! What is set aside of a budget before it is spent: how much at once, and for whom there is enough.

use std::time::SystemTime;

use super::ledger::Totals;
use super::limit::Limit;
use super::{Class, Price};

/// What is kept from questions for data, so that states can be asked for to the end: one part in so
/// many of the budget.
const RESERVE: u64 = 25;
/// How much is set aside at once: one part in so many of the budget. What was not spent of it when a
/// process is killed counts as spent.
const CHUNK: u64 = 1_000;
/// The same without a budget: five questions at the Fleet API's price.
const CHUNK_MICROS: u64 = 10_000;
const CHUNK_REQUESTS: u64 = 5;
/// Set aside, and not spent yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aside {
    pub(super) money: u64,
    pub(super) requests: u64,
}

/// Of money and requests, what the limit is of.
pub(super) fn of_limit(limit: Option<Limit>, money: u64, requests: u64) -> u64 {
    match limit {
        Some(Limit::Daily(_)) => requests,
        Some(Limit::Monthly(_)) | None => money,
    }
}

/// Up to where a class may spend.
pub(super) fn most(limit: Option<Limit>, class: Class) -> u64 {
    let Some(limit) = limit else {
        return u64::MAX;
    };
    let units = limit.units();
    match class {
        Class::Data => units - (units / RESERVE).max(1).min(units / 2),
        _ => units,
    }
}

/// All of the budget, spent: for when nobody knows how much was.
pub(super) fn all(limit: Option<Limit>, now: SystemTime) -> Totals {
    let mut totals = Totals::none(now);
    match limit {
        Some(Limit::Monthly(money)) => totals.money = money.micros(),
        Some(Limit::Daily(requests)) => totals.requests = requests,
        None => {}
    }
    totals
}

/// What more can be set aside, which is then among the totals; nothing if the budget has not enough.
pub(super) fn set_aside(
    limit: Option<Limit>,
    class: Class,
    price: Price,
    totals: &mut Totals,
    (seen, aside): (Totals, Aside),
) -> Option<Aside> {
    let aside = Aside {
        money: if seen.month == totals.month {
            aside.money
        } else {
            0
        },
        requests: if seen.day == totals.day {
            aside.requests
        } else {
            0
        },
    };
    let (units, money_most, requests_most) = match limit {
        Some(Limit::Monthly(money)) => (money.micros(), money.micros(), u64::MAX),
        Some(Limit::Daily(requests)) => (requests, u64::MAX, requests),
        None => (0, u64::MAX, u64::MAX),
    };
    let spent = of_limit(
        limit,
        totals.money.saturating_sub(aside.money),
        totals.requests.saturating_sub(aside.requests),
    );
    let cost = of_limit(limit, price.money.micros(), price.requests);
    if spent.saturating_add(cost) > most(limit, class) {
        return None;
    }
    let (money_chunk, requests_chunk) = match limit {
        Some(Limit::Monthly(_)) => (units / CHUNK, CHUNK_REQUESTS),
        Some(Limit::Daily(_)) => (CHUNK_MICROS, units / CHUNK),
        None => (CHUNK_MICROS, CHUNK_REQUESTS),
    };
    let more = |has: u64, needs: u64, chunk: u64, total: u64, most: u64| {
        let missing = needs.saturating_sub(has);
        if missing == 0 {
            return Some(0);
        }
        let more = missing.max(chunk).min(most.saturating_sub(total));
        (more >= missing).then_some(more)
    };
    let money = more(
        aside.money,
        price.money.micros(),
        money_chunk,
        totals.money,
        money_most,
    )?;
    let requests = more(
        aside.requests,
        price.requests,
        requests_chunk,
        totals.requests,
        requests_most,
    )?;
    totals.money = totals.money.saturating_add(money);
    totals.requests = totals.requests.saturating_add(requests);
    Some(Aside { money, requests })
}
