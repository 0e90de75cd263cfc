//! The time that charts and tables show.

use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use crate::web::api::time;

/// The ranges that can be picked, in milliseconds.
pub(super) const RANGES: [(&str, i64); 7] = [
    ("1h", 3_600_000),
    ("3h", 3 * 3_600_000),
    ("24h", 24 * 3_600_000),
    ("7d", 7 * 86_400_000),
    ("30d", 30 * 86_400_000),
    ("1y", 365 * 86_400_000),
    ("5y", 5 * 365 * 86_400_000),
];

const DAY: i64 = 86_400_000;

/// What an address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) range: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) metric: Option<String>,
}

/// From when until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    /// Which of [`RANGES`] it is, if it ends now.
    pub(super) name: Option<&'static str>,
}

impl Range {
    /// What was asked for; and what was wrong with it, if something was. If nothing was asked for, the
    /// shortest in which all is that is known since `first`, but a day at most.
    pub(super) fn of(asked: &Asked, now: i64, first: Option<i64>) -> (Self, Option<String>) {
        let named = |name: &str| RANGES.iter().find(|(own, _)| *own == name);
        let usual = |(name, length): &(&'static str, i64)| Self {
            from_ms: now - length,
            to_ms: now,
            name: Some(name),
        };
        let known = first.map_or(DAY, |first| (now - first).min(DAY));
        let enough = |(_, length): &&(&str, i64)| *length >= known;
        let default = RANGES
            .iter()
            .find(enough)
            .map_or_else(|| usual(&RANGES[0]), usual);
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match (given(&asked.from), given(&asked.to)) {
            (None, None) => match asked.range.as_deref() {
                None | Some("") => (default, None),
                Some(name) => match named(name) {
                    Some(range) => (usual(range), None),
                    None => (
                        default,
                        Some(format!("There is no range {name:.20}: pick one of these.")),
                    ),
                },
            },
            (from, to) => {
                let at = |text: Option<String>, otherwise| match text {
                    Some(text) => time(&text, now),
                    None => Ok(otherwise),
                };
                match (at(from, now - DAY), at(to, now)) {
                    (Ok(from_ms), Ok(to_ms)) if from_ms < to_ms => {
                        let range = Self {
                            from_ms,
                            to_ms,
                            name: None,
                        };
                        (range, None)
                    }
                    (Ok(_), Ok(_)) => {
                        (default, Some("The range ends before it begins.".to_owned()))
                    }
                    (Err(problem), _) | (_, Err(problem)) => (default, Some(problem)),
                }
            }
        }
    }

    /// How long one of so many steps is, in milliseconds.
    pub(super) fn step(&self, steps: i64) -> i64 {
        (self.to_ms.saturating_sub(self.from_ms) / steps).max(1_000)
    }

    /// The picker. `here` is the page's path.
    pub(super) fn picker(&self, here: &str, metric: Option<&str>) -> Markup {
        let query = |range: &str| match metric {
            Some(metric) => format!("{here}?range={range}&metric={metric}"),
            None => format!("{here}?range={range}"),
        };
        html! {
            form.range method="get" action=(here) aria-label="Range" {
                nav aria-label="Ranges" {
                    @for (name, _) in RANGES {
                        a href=(query(name)) data-range=(name)
                            aria-current=[(self.name == Some(name)).then_some("true")] { (name) }
                    }
                }
                label { "From (UTC) " input type="datetime-local" name="from" value=(local(self.from_ms)); }
                label { "to (UTC) " input type="datetime-local" name="to" value=(local(self.to_ms)); }
                @if let Some(metric) = metric {
                    input type="hidden" name="metric" value=(metric);
                }
                button { "Show" }
            }
        }
    }
}

/// As a `datetime-local` has it, in UTC.
fn local(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// A moment: in UTC, and rewritten to the viewer's zone by the script.
pub(super) fn moment(ms: i64) -> Markup {
    let time = Timestamp::from_millisecond(ms).unwrap_or_default();
    html! {
        time datetime=(time.strftime("%Y-%m-%dT%H:%M:%SZ")) { (time.strftime("%Y-%m-%d %H:%M UTC")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_named_or_given() {
        let now = 1_764_201_600_000;
        let asked = |range: Option<&str>, from: Option<&str>, to: Option<&str>| {
            let asked = Asked {
                range: range.map(str::to_owned),
                from: from.map(str::to_owned),
                to: to.map(str::to_owned),
                metric: None,
            };
            Range::of(&asked, now, None)
        };
        let (day, none) = asked(None, None, None);
        assert_eq!(
            (day.name, day.to_ms - day.from_ms, none),
            (Some("24h"), 86_400_000, None)
        );
        for (known, name) in [
            (0, "1h"),
            (5_000_000, "3h"),
            (DAY - 1, "24h"),
            (300 * DAY, "24h"),
        ] {
            let (range, _) = Range::of(&Asked::default(), now, Some(now - known));
            assert_eq!(range.name, Some(name));
        }
        assert_eq!(asked(Some("7d"), None, None).0.name, Some("7d"));
        let (range, none) = asked(None, Some("2025-11-26T00:00"), Some("2025-11-26T12:00"));
        assert_eq!((range.to_ms - range.from_ms, none), (43_200_000, None));
        for (range, from, to) in [
            (Some("9w"), None, None),
            (None, Some("never"), None),
            (None, Some("2025-11-27"), Some("2025-11-26")),
        ] {
            let (range, problem) = asked(range, from, to);
            assert_eq!(range.name, Some("24h"));
            assert!(problem.is_some());
        }
    }
}
