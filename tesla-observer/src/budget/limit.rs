//! How much may be spent: money in a month, or requests in a day.

use std::fmt;
use std::str::FromStr;

use super::period::Unit;

/// An amount of US dollars, to the millionth: sums of prices are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(u64);

impl Money {
    /// Millionths of a dollar.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Dollars.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Money {
    /// To the cent, rounded up: what was spent is never shown as less.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.div_ceil(10_000);
        write!(f, "{}.{:02} USD", cents / 100, cents % 100)
    }
}

/// How much may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Money in each calendar month (UTC), before any discount.
    Monthly(Money),
    /// Requests on each day (UTC).
    Daily(u64),
}

/// Whoever writes more has the unit wrong.
const MOST_DOLLARS: u64 = 1_000_000;
const MOST_REQUESTS: u64 = 1_000_000_000;
/// One cent: less than that is hardly a question.
const LEAST_MICROS: u64 = 10_000;

impl Limit {
    /// How long a period of it is.
    pub fn unit(self) -> Unit {
        match self {
            Self::Monthly(_) => Unit::Month,
            Self::Daily(_) => Unit::Day,
        }
    }

    /// In the smallest units of its kind: millionths of a dollar, or requests.
    pub(super) fn units(self) -> u64 {
        match self {
            Self::Monthly(money) => money.micros(),
            Self::Daily(requests) => requests,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Monthly(money) => write!(f, "{money} a month"),
            Self::Daily(requests) => write!(f, "{requests} requests a day"),
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    /// Reads `10USD`, `$10`, `10 USD/month`, `2000/day`.
    ///
    /// # Errors
    ///
    /// What is wrong with it and what to write instead.
    fn from_str(text: &str) -> Result<Self, String> {
        const EXAMPLES: &str =
            "write money a month such as 10USD, requests a day such as 2000/day, or none";
        let wrong = |what: &str| format!("is {text:?}: {what}; {EXAMPLES}");
        let lower = text.trim().to_ascii_lowercase();
        let (amount, per) = match lower.split_once('/') {
            Some((amount, per)) => (amount.trim(), Some(per.trim())),
            None => (lower.as_str(), None),
        };
        let dollars = amount
            .strip_prefix("usd")
            .or_else(|| amount.strip_prefix("us$"))
            .or_else(|| amount.strip_prefix('$'))
            .or_else(|| amount.strip_suffix("usd"))
            .or_else(|| amount.strip_suffix('$'))
            .map(str::trim);
        if let Some(dollars) = dollars {
            if !matches!(per, None | Some("month" | "mo" | "m")) {
                return Err(wrong("money is counted by the month"));
            }
            let micros = micros(dollars).ok_or_else(|| wrong("that is no amount of dollars"))?;
            return match micros {
                0..LEAST_MICROS => Err(wrong("the least is 0.01USD")),
                _ if micros > MOST_DOLLARS * 1_000_000 => Err(wrong("that is too much")),
                _ => Ok(Self::Monthly(Money(micros))),
            };
        }
        if amount.contains(['€', '£', '¥'])
            || ["eur", "gbp", "cny"].iter().any(|c| amount.ends_with(c))
        {
            return Err(wrong("prices are in US dollars"));
        }
        let Some(per) = per else {
            return Err(wrong("it is not said of what, and in which time"));
        };
        if !matches!(per, "day" | "d") {
            return Err(wrong("requests are counted by the day"));
        }
        let requests = amount
            .strip_suffix("requests")
            .or_else(|| amount.strip_suffix("request"))
            .unwrap_or(amount)
            .trim();
        match requests.parse::<u64>() {
            Ok(0) => Err(wrong("the least is 1/day")),
            Ok(requests) if requests <= MOST_REQUESTS => Ok(Self::Daily(requests)),
            _ => Err(wrong("that is no number of requests")),
        }
    }
}

/// A decimal number of dollars as millionths, exactly; `None` if it is none.
fn micros(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
        return None;
    }
    if text.ends_with('.') {
        return None;
    }
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1_000_000)?
        .checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_a_month_and_requests_a_day_are_read_as_people_write_them() {
        let ten = Limit::Monthly(Money(10_000_000));
        for text in [
            "10USD",
            "10 USD",
            "$10",
            "10$",
            "usd 10",
            "10.00usd",
            "US$10",
            "10USD/month",
            "10 USD / month",
            " $10/mo ",
        ] {
            assert_eq!(text.parse(), Ok(ten), "{text}");
        }
        assert_eq!("0.5USD".parse(), Ok(Limit::Monthly(Money(500_000))));
        for text in ["2000/day", "2000 / day", "2000 requests/day", "2000/d"] {
            assert_eq!(text.parse(), Ok(Limit::Daily(2000)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for (text, why) in [
            ("", "in which time"),
            ("10", "of what"),
            ("ten USD", "no amount"),
            ("-5USD", "no amount"),
            ("1.USD", "no amount"),
            ("1,5USD", "no amount"),
            ("1e3USD", "no amount"),
            ("0USD", "the least"),
            ("0.0000001USD", "no amount"),
            ("99999999USD", "too much"),
            ("99999999999999999999999USD", "no amount"),
            ("10USD/day", "by the month"),
            ("10EUR", "US dollars"),
            ("10€", "US dollars"),
            ("0/day", "the least"),
            ("-1/day", "no number"),
            ("1.5/day", "no number"),
            ("2000/month", "by the day"),
            ("2000/hour", "by the day"),
        ] {
            let error = text.parse::<Limit>().expect_err(text);
            assert!(
                error.contains(why) && error.contains("10USD"),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn what_was_spent_is_never_shown_as_less() {
        for (micros, shown) in [
            (0, "0.00 USD"),
            (1, "0.01 USD"),
            (10_000, "0.01 USD"),
            (3_210_000, "3.21 USD"),
            (9_999_999, "10.00 USD"),
        ] {
            assert_eq!(Money(micros).to_string(), shown);
        }
    }
}
