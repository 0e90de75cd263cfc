//! What stands around everything.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::assets::{SCRIPT_URL, STYLE_URL};
use super::preferences;
use super::units::Units;

/// A whole page. `here` is its path and query, to come back to.
pub(super) fn page(title: &str, units: Units, here: &str, content: &Markup) -> Markup {
    let (before, after) = around(title, units, here);
    PreEscaped([&before, content.0.as_str(), &after].concat())
}

/// What stands before a page's content, and after it.
pub(super) fn around(title: &str, units: Units, here: &str) -> (String, String) {
    /// No content has it: control characters are none of HTML's.
    const CONTENT: &str = "\u{1}";
    let whole = whole(title, units, here, CONTENT).into_string();
    match whole.split_once(CONTENT) {
        Some((before, after)) => (before.to_owned(), after.to_owned()),
        None => (whole, String::new()),
    }
}

fn whole(title: &str, units: Units, here: &str, content: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href=(STYLE_URL);
                link rel="icon" href="data:,";
                script src=(SCRIPT_URL) defer {}
            }
            body {
                a.skip href="#content" { "To the content" }
                header.top {
                    p { a href="/" { "Tesla observer" } }
                    span #live data-state="reconnecting" hidden { "reconnecting" }
                    (preferences::form(units, here))
                }
                main #content tabindex="-1" { (content) }
                footer {
                    nav aria-label="Data" {
                        a href="/api/openapi.json" { "API" } " "
                        a href="/api/vehicles" { "Vehicles" } " "
                        a href="/metrics" { "Metrics" }
                    }
                }
            }
        }
    }
}
