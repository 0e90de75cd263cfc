//! What stands around everything.

use maud::{DOCTYPE, Markup, html};

use super::assets::{SCRIPT_URL, STYLE_URL};
use super::preferences;
use super::units::Units;

/// A whole page. `here` is its path and query, to come back to.
pub(super) fn page(title: &str, units: Units, here: &str, content: &Markup) -> Markup {
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
