//! Pictures of a battery, of a car's tyres and of where it stands.

use maud::{Markup, html};

/// A battery: how full, up to where it is charged, whether it is being charged.
pub(super) fn battery(percent: f64, limit: Option<f64>, charging: bool) -> Markup {
    let level = percent.clamp(0.0, 100.0);
    let class = match (charging, level) {
        (true, _) => "charging",
        (false, ..20.0) => "low",
        _ => "full",
    };
    let limit = limit.map(|limit| limit.clamp(0.0, 100.0) + 2.0);
    let says = format!(
        "Battery at {level:.0} percent{}",
        if charging { ", charging" } else { "" }
    );
    html! {
        svg.battery viewBox="0 0 112 44" role="img" aria-label=(says) {
            rect.case x="1" y="1" width="102" height="42" rx="6" {}
            rect.case x="104" y="14" width="6" height="16" rx="2" {}
            rect class=(class) x="2" y="4" width=(format!("{level:.1}")) height="36" rx="4" {}
            @if let Some(limit) = limit {
                line.limit x1=(limit) x2=(limit) y1="2" y2="42" {}
            }
            @if charging {
                path.bolt d="M54 6 L42 25 L51 25 L48 38 L62 19 L53 19 Z" {}
            }
        }
    }
}

/// What a tyre is like: its pressure in words, and whether the car warns of it.
pub(super) struct Tyre {
    pub(super) shown: Option<Markup>,
    pub(super) warns: bool,
}

/// The four tyres where they are: front left, front right, rear left, rear right.
pub(super) fn tyres(tyres: [Tyre; 4]) -> Markup {
    let names = ["Front left", "Front right", "Rear left", "Rear right"];
    html! {
        ul.tyres aria-label="Tyres" {
            @for (name, tyre) in names.into_iter().zip(tyres) {
                li.warns[tyre.warns] {
                    span.place { (name) }
                    @match tyre.shown {
                        Some(shown) => (shown),
                        None => "–",
                    }
                    @if tyre.warns { strong { " low" } }
                }
            }
        }
    }
}

/// Where it is, seen from home: an arrow in its direction. Degrees are clockwise from north.
pub(super) fn compass(degrees: f64, says: &str) -> Markup {
    let turned = format!("rotate({degrees:.0} 30 30)");
    html! {
        svg.compass viewBox="0 0 60 60" role="img" aria-label=(says) {
            circle.case cx="30" cy="30" r="28" {}
            text x="30" y="13" text-anchor="middle" { "N" }
            path.needle transform=(turned) d="M30 8 L36 34 L30 30 L24 34 Z" {}
            circle.home cx="30" cy="30" r="3" {}
        }
    }
}
