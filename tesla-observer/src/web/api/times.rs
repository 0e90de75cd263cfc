//! Times and steps, as questions name them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Milliseconds since the Unix epoch, RFC 3339, a date (in UTC), or a time before `now` such as `-24h`.
///
/// # Errors
///
/// What to write.
pub(crate) fn time(text: &str, now: i64) -> Result<i64, String> {
    let found = moment(text.trim(), now)?;
    // Within the years -9999 to 9999: what is outside cannot be written, or reckoned with.
    match Timestamp::from_millisecond(found) {
        Ok(_) => Ok(found),
        Err(_) => Err(format!("{text:.40?} is no time that a calendar has")),
    }
}

fn moment(text: &str, now: i64) -> Result<i64, String> {
    if let Some(before) = text.strip_prefix('-').and_then(duration) {
        return Ok(now.saturating_sub(before));
    }
    if let Ok(milliseconds) = text.parse::<i64>() {
        return Ok(milliseconds);
    }
    // A browser's datetime-local has no zone, and a form's `+` has become a space.
    let zoned = format!("{text}Z");
    let found = [text, &zoned, &text.replace(' ', "+")]
        .iter()
        .find_map(|text| text.parse::<Timestamp>().ok())
        .or_else(|| {
            let date: Date = text.parse().ok()?;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
    found.map(|time| time.as_millisecond()).ok_or_else(|| {
        format!(
            "{text:.40?} is no time: write 2026-11-27T08:00:00Z, 2026-11-27, -24h (or s, m, d), or \
             milliseconds since the Unix epoch"
        )
    })
}

/// `90s`, `5m`, `1h`, `7d`, in milliseconds.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..)? {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        "y" => 365 * 86_400_000,
        _ => return None,
    };
    let number: i64 = digits.parse().ok().filter(|number| *number >= 0)?;
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_can_be_written_in_several_ways() {
        let now = 1_000_000_000_000;
        for (text, expected) in [
            ("0", 0),
            ("1764201600000", 1_764_201_600_000),
            ("2025-11-27T00:00:00Z", 1_764_201_600_000),
            ("2025-11-27T01:00:00+01:00", 1_764_201_600_000),
            ("2025-11-27T01:00:00 01:00", 1_764_201_600_000),
            ("2025-11-27T00:00", 1_764_201_600_000),
            ("2025-11-27", 1_764_201_600_000),
            ("-24h", now - 86_400_000),
            ("-90s", now - 90_000),
        ] {
            assert_eq!(time(text, now), Ok(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "-",
            "-5x",
            "--5h",
            "2025-13-01",
            "99999999999999999999",
            "9223372036854775807",
            "-9223372036854775807",
            "-99999y",
        ] {
            assert!(time(text, now).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_time_makes_it_panic(text in ".{0,40}", now: i64) {
            let _ = time(&text, now);
            let _ = duration(&text);
        }

        #[test]
        fn every_moment_is_read_as_it_is_written(moment in 0_i64..4_000_000_000_000) {
            let written = Timestamp::from_millisecond(moment).expect("it is in range").to_string();
            prop_assert_eq!(time(&written, 0), Ok(moment));
        }
    }
}
