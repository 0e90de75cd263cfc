//! What stays on this machine: the history and the page.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::{BaseStrategy, choose_base_strategy};

use secrecy::ExposeSecret as _;

use super::reader::Reader;
use crate::history;
use crate::web;

/// No shorter token can be chosen.
const SHORTEST: usize = 16;

/// The history; `None` if none is wanted.
pub(super) fn history(reader: &mut Reader<'_>, state: Option<&Path>) -> Option<history::Settings> {
    let said = reader.path("history");
    let keep = reader.read("history-keep", age).flatten();
    let path = match said {
        Some(path) if path == Path::new("none") => return None,
        Some(path) => path,
        None => {
            let path = directory(data_directory(), state?).join("history.sqlite");
            reader.found("history", path.display());
            path
        }
    };
    Some(history::Settings { path, keep })
}

/// Where it is unless it is said: whoever has no home has a place for tokens at least.
fn directory(data: Option<PathBuf>, state: &Path) -> PathBuf {
    data.unwrap_or_else(|| state.to_owned())
}

/// The user's data directory, if the user has a home.
fn data_directory() -> Option<PathBuf> {
    let base = choose_base_strategy().ok()?;
    Some(base.data_dir().join("tesla-observer"))
}

/// `30d`, `90 days`, `2y`; `None` for ever.
fn age(text: &str) -> Result<Option<Duration>, String> {
    const DAY: u64 = 86_400;
    let wrong = || {
        format!("is {text:?}: write an age such as 90d or 2y, in days (d) or years (y), or forever")
    };
    if text.eq_ignore_ascii_case("forever") {
        return Ok(None);
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let days = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "d" | "day" | "days" => 1,
        "y" | "year" | "years" => 366,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.trim_end().parse().map_err(|_| wrong())?;
    match number.checked_mul(days) {
        Some(days) if (1..=366_000).contains(&days) => Ok(Some(Duration::from_secs(days * DAY))),
        _ => Err(wrong()),
    }
}

/// The page; `None` if none is wanted, or after an error.
pub(super) fn page(reader: &mut Reader<'_>) -> Option<web::Settings> {
    let any_port = !reader.is_said("page");
    let address = reader.read("page", |text| match text {
        "none" => Ok(None),
        text => text.parse::<SocketAddr>().map(Some).map_err(|_| {
            format!("is {text:?}: write an address and a port, such as 127.0.0.1:9465, or none")
        }),
    });
    let exposed = reader.switch("page-exposed");
    let token = reader.secret("page-token");
    if token
        .as_ref()
        .is_some_and(|token| token.expose_secret().trim().len() < SHORTEST)
    {
        reader.wrong(
            "page-token",
            "is too short to withstand guessing: write at least 16 letters and digits at random",
        );
    }
    let address = address.flatten()?;
    if !address.ip().is_loopback() {
        if !exposed {
            reader.wrong(
                "page",
                "is an address that others can reach, and whoever reads the page knows where the \
                 cars are: add --page-exposed if that is meant, or listen on 127.0.0.1",
            );
        }
        if token.is_none() {
            reader.wrong(
                "page",
                "is an address that others can reach: give a token that they must present, in a \
                 file, with --page-token-file",
            );
        }
    }
    Some(web::Settings {
        address,
        any_port,
        token,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsString;

    use super::*;
    use crate::config::{Config, ConfigError, Given};

    fn read(flags: &[(&'static str, &str)]) -> Result<Config, Vec<ConfigError>> {
        let flags: BTreeMap<&'static str, String> = flags
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let home = [("HOME", "/home/somebody")];
        let home = home.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Config::read(&Given::new(flags, home))
    }

    #[test]
    fn an_age_is_days_years_or_for_ever() {
        const DAY: u64 = 86_400;
        for (text, days) in [
            ("30d", 30),
            ("90 days", 90),
            ("1 DAY", 1),
            ("2y", 732),
            ("1 year", 366),
        ] {
            assert_eq!(
                age(text),
                Ok(Some(Duration::from_secs(days * DAY))),
                "{text}"
            );
        }
        assert_eq!(age("forever"), Ok(None));
        for text in [
            "",
            "0d",
            "d",
            "30",
            "-1d",
            "1.5y",
            "3 weeks",
            "99999999999999999999d",
        ] {
            let problem = age(text).expect_err(text);
            assert!(
                problem.contains("write an age such as 90d or 2y"),
                "{text}: {problem}"
            );
        }
    }

    #[test]
    fn simulated_cars_have_a_file_of_their_own_unless_one_is_named() {
        let path = |flags: &[(&'static str, &str)]| {
            let config = read(flags).expect("it is valid");
            let name = config.history.map(|history| history.path);
            name.and_then(|path| Some(path.file_name()?.to_str()?.to_owned()))
        };
        assert_eq!(path(&[]).as_deref(), Some("history.sqlite"));
        assert_eq!(
            path(&[("demo", "true")]).as_deref(),
            Some("simulated.sqlite")
        );
        let named = ("history", "/tmp/mine.sqlite");
        assert_eq!(
            path(&[("demo", "true"), named]).as_deref(),
            Some("mine.sqlite")
        );
        assert_eq!(path(&[("history", "none")]), None);
    }

    #[test]
    fn without_a_home_the_history_is_where_the_tokens_are() {
        let state = Path::new("/state");
        assert_eq!(directory(None, state), state);
        let data = PathBuf::from("/home/somebody/.local/share/tesla-observer");
        assert_eq!(directory(Some(data.clone()), state), data);
    }

    #[test]
    fn a_page_is_on_this_machine_unless_told_otherwise() {
        let page = |flags: &[(&'static str, &str)]| read(flags).map(|config| config.page);
        let usual = page(&[]).expect("it is valid").expect("there is one");
        assert!(usual.address.ip().is_loopback() && usual.any_port && usual.token.is_none());
        let chosen = page(&[("page", "[::1]:9000")])
            .expect("it is valid")
            .expect("there is one");
        assert!(!chosen.any_port);
        assert!(page(&[("page", "none")]).expect("it is valid").is_none());
        for (flags, problems) in [
            (&[("page", "localhost")][..], 1),
            (&[("page", "192.168.1.2:9465")], 2),
            (&[("page", "192.168.1.2:9465"), ("page-exposed", "true")], 1),
        ] {
            let errors = page(flags).map(drop).expect_err("it is not enough");
            assert_eq!(errors.len(), problems, "{flags:?}: {errors:?}");
        }
    }
}
