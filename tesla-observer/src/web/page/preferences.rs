//! The viewer's units, in a cookie.

use axum::extract::Form;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect};
use cookie::{Cookie, SameSite};
use maud::{Markup, html};
use serde::Deserialize;

use super::units::{Distance, Pressure, Temperature, Units};
use crate::web::guard;

const COOKIE: &str = "units";

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    distance: String,
    #[serde(default)]
    temperature: String,
    #[serde(default)]
    pressure: String,
    #[serde(default)]
    back: String,
}

/// Keeps what was chosen, and goes back.
pub(super) async fn set(Form(chosen): Form<Chosen>) -> impl IntoResponse {
    let known =
        [&chosen.distance, &chosen.temperature, &chosen.pressure].map(|text| match text.as_str() {
            "mi" | "km" | "c" | "f" | "bar" | "psi" => text.as_str(),
            _ => "",
        });
    let cookie = Cookie::build((COOKIE, known.join("-")))
        .path("/")
        .same_site(SameSite::Lax)
        .permanent()
        .build();
    (
        [(header::SET_COOKIE, cookie.to_string())],
        Redirect::to(here(&chosen.back)),
    )
}

/// A path on this page, or its start: nobody is sent elsewhere.
fn here(back: &str) -> &str {
    let is_a_path = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    let is_plain = back.chars().all(|letter| letter.is_ascii_graphic());
    match is_a_path && is_plain && back.len() < 1_000 {
        true => back,
        false => "/",
    }
}

/// What the viewer has chosen, and for the rest what the car has.
pub(super) fn units(headers: &HeaderMap, of_the_car: Units) -> Units {
    let mut units = of_the_car;
    for word in guard::cookie(headers, COOKIE)
        .unwrap_or_default()
        .split('-')
    {
        match word {
            "mi" => units.distance = Distance::Miles,
            "km" => units.distance = Distance::Kilometres,
            "c" => units.temperature = Temperature::Celsius,
            "f" => units.temperature = Temperature::Fahrenheit,
            "bar" => units.pressure = Pressure::Bar,
            "psi" => units.pressure = Pressure::Psi,
            _ => {}
        }
    }
    units
}

/// The form.
pub(super) fn form(units: Units, back: &str) -> Markup {
    let choice = |name: &str, label: &str, options: [(&str, &str, bool); 2]| {
        html! {
            label {
                (label) " "
                select name=(name) {
                    @for (value, shown, chosen) in options {
                        option value=(value) selected[chosen] { (shown) }
                    }
                }
            }
        }
    };
    let km = units.distance == Distance::Kilometres;
    let fahrenheit = units.temperature == Temperature::Fahrenheit;
    let psi = units.pressure == Pressure::Psi;
    html! {
        form.units method="post" action="/preferences" aria-label="Units" {
            (choice("distance", "Distance", [("mi", "mi", !km), ("km", "km", km)]))
            (choice("temperature", "Temperature", [("c", "°C", !fahrenheit), ("f", "°F", fahrenheit)]))
            (choice("pressure", "Pressure", [("bar", "bar", !psi), ("psi", "psi", psi)]))
            input type="hidden" name="back" value=(back);
            button { "Use" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (back, expected) in [
            ("/", "/"),
            (
                "/vehicles/0a?range=7d&metric=x",
                "/vehicles/0a?range=7d&metric=x",
            ),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("", "/"),
        ] {
            assert_eq!(here(back), expected, "{back:?}");
        }
    }
}
