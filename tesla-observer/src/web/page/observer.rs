//! How the observer itself is.

use maud::{Markup, html};

use super::look::name;
use super::range::moment;
use super::units::lasting;
use crate::history::Standing;
use crate::web::health::Health;

/// No more cars are listed one by one.
const MOST: usize = 50;

/// What must not be overlooked.
pub(super) fn failure(health: &Health) -> Markup {
    html! {
        @if let Standing::Failed(why) = &health.history {
            p.failure role="alert" { "No history is kept: " (why) }
        }
        @if health.simulated {
            p.simulated { "These are simulated cars. For your own: " code { "tesla-observer login" } }
        }
    }
}

pub(super) fn section(health: &Health) -> Markup {
    html! {
        section #observer aria-label="The observer" {
            h2 { "The observer" }
            dl {
                div { dt { "Runs for" } dd { (lasting(health.uptime_seconds)) } }
                @if let Some(token) = health.token {
                    div {
                        dt { "Token" }
                        dd {
                            (lasting(token.age_seconds)) " old"
                            @match token.expires_in_seconds {
                                Some(left) if left > 0.0 => { ", valid for " (lasting(left)) },
                                Some(_) => { ", " strong { "expired" } },
                                None => {},
                            }
                        }
                    }
                }
                div {
                    dt { "History" }
                    dd {
                        (health.history)
                        @if matches!(health.history, Standing::Kept(_)) {
                            " (" (format!("{:.1}", health.history_size as f64 / 1_048_576.0)) " MiB)"
                        }
                        @if health.history_lost > 0 {
                            ", " strong { (health.history_lost) " reports are missing" }
                        }
                    }
                }
            }
            table {
                caption {
                    "Cars"
                    @let all = health.vehicles.len();
                    @if all > MOST { " (the first " (MOST) " of " (all) ")" }
                }
                thead { tr {
                    th scope="col" { "Car" } th scope="col" { "State" } th scope="col" { "Last asked" }
                    th scope="col" { "Next asked" } th scope="col" { "Problem" }
                } }
                tbody {
                    @for own in health.vehicles.iter().take(MOST) {
                        tr {
                            td { (name(&own.name)) }
                            td { (own.availability.unwrap_or("unknown")) }
                            td { @if let Some(asked) = own.asked_ms { (moment(asked)) } }
                            td { @if let Some(next) = own.next_ms { (moment(next)) } }
                            td { (own.problem.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            }
            @if health.exports.is_empty() {
                p { "Nothing is exported elsewhere." }
            } @else {
                table {
                    caption { "Exports since the start" }
                    thead { tr {
                        th scope="col" { "To" } th scope="col" { "What" } th scope="col" { "Taken" }
                        th scope="col" { "Failures" } th scope="col" { "Dropped" } th scope="col" { "Waiting" }
                    } }
                    tbody {
                        @for own in &health.exports {
                            tr {
                                td { (name(&own.destination)) } td { (own.signal) } td { (own.delivered) }
                                td.warns[own.failures > 0] { (own.failures) }
                                td.warns[own.dropped > 0] { (own.dropped) }
                                td { (own.waiting) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::health::Turns;
    use crate::web::tests::Shown;

    #[test]
    fn of_many_cars_it_is_said_that_not_all_are_listed() {
        let turns = |count: usize| {
            let turns = (0..count).map(|number| Turns {
                key: None,
                name: format!("Car {number}"),
                availability: None,
                asked_ms: None,
                next_ms: None,
                problem: None,
            });
            let health = Health {
                vehicles: turns.collect(),
                ..Shown::health(Standing::Off)
            };
            section(&health).into_string()
        };
        assert!(turns(50).contains("<caption>Cars</caption>"));
        let of_many = turns(51);
        assert!(of_many.contains("<caption>Cars (the first 50 of 51)</caption>"));
        assert!(of_many.contains("Car 49") && !of_many.contains("Car 50"));
    }
}
