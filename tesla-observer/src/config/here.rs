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

/// The history; `None` if none is wanted, or if there is no place for it.
pub(super) fn history(reader: &mut Reader<'_>) -> Option<history::Settings> {
    let said = reader.path("history");
    let keep = reader.read("history-keep", age).flatten();
    let path = match said {
        Some(path) if path == Path::new("none") => return None,
        Some(path) => path,
        None => {
            let path = data_directory()?.join("history.sqlite");
            reader.found("history", path.display());
            path
        }
    };
    Some(history::Settings { path, keep })
}

fn data_directory() -> Option<PathBuf> {
    let base = choose_base_strategy().ok()?;
    Some(base.data_dir().join("tesla-observer"))
}

/// `30d`, `18 months`, `2y`; `None` for ever.
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
