//! The lists of drives and of charging sessions.

use maud::{Markup, html};

use super::range::moment;
use super::units::{Units, lasting, number};
use crate::history::{Charge, Drive};

/// No longer list is shown: a shorter range has the others.
const MOST: usize = 300;

pub(super) fn drives(drives: &[Drive], units: Units) -> Markup {
    if drives.is_empty() {
        return html! { p.nothing { "No drive in this time." } };
    }
    let sum: f64 = drives.iter().filter_map(|drive| drive.miles).sum();
    html! {
        div.scrolls tabindex="0" role="region" aria-label="Drives" {
            table.drives {
                caption {
                    (counted(drives.len(), "drive"))
                    @if sum > 0.0 { ", " (units.text(sum, "[mi_i]")) }
                }
                thead {
                    tr {
                        th scope="col" { "Began" } th scope="col" { "Took" } th scope="col" { "Distance" }
                        th scope="col" { "Energy" } th scope="col" { "Efficiency" }
                        th scope="col" { "Battery" } th scope="col" { "Fastest" }
                        th scope="col" { "Outside" }
                    }
                }
                tbody {
                    @for drive in drives.iter().take(MOST) {
                        tr data-from-ms=(drive.from_ms) {
                            td { (moment(drive.from_ms)) @if drive.goes_on { strong { " goes on" } } }
                            td { (lasting(drive.seconds)) }
                            td { (shown(units, drive.miles, "[mi_i]")) }
                            td { (shown(units, drive.kwh, "kW.h")) }
                            td { (drive.kwh.zip(drive.miles).and_then(|(kwh, miles)| units.efficiency(kwh, miles)).unwrap_or_default()) }
                            td { (percent(drive.percent)) }
                            td { (shown(units, drive.fastest_mph, "[mi_i]/h")) }
                            td { (shown(units, drive.outside_celsius, "Cel")) }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn charges(charges: &[Charge], units: Units) -> Markup {
    if charges.is_empty() {
        return html! { p.nothing { "No charging session in this time." } };
    }
    let sum: f64 = charges.iter().filter_map(|charge| charge.added_kwh).sum();
    html! {
        div.scrolls tabindex="0" role="region" aria-label="Charging sessions" {
            table.charges {
                caption {
                    (counted(charges.len(), "charging session"))
                    @if sum > 0.0 { ", " (units.text(sum, "kW.h")) }
                }
                thead {
                    tr {
                        th scope="col" { "Began" } th scope="col" { "Took" } th scope="col" { "Added" }
                        th scope="col" { "Range" } th scope="col" { "Used" } th scope="col" { "Efficiency" }
                        th scope="col" { "Battery" } th scope="col" { "Most" } th scope="col" { "Kind" }
                    }
                }
                tbody {
                    @for charge in charges.iter().take(MOST) {
                        tr data-from-ms=(charge.from_ms) {
                            td { (moment(charge.from_ms)) @if charge.goes_on { strong { " goes on" } } }
                            td { (lasting(charge.seconds)) }
                            td { (shown(units, charge.added_kwh, "kW.h")) }
                            td { (shown(units, charge.miles, "[mi_i]")) }
                            td { (shown(units, charge.used_kwh, "kW.h")) }
                            td { (efficiency(charge)) }
                            td { (percent(charge.percent)) }
                            td { (shown(units, charge.highest_kw, "kW")) }
                            td { (match charge.fast { Some(true) => "DC", Some(false) => "AC", None => "" }) }
                        }
                    }
                }
            }
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    match count > MOST {
        true => format!("{count} {what}s, the latest {MOST}"),
        false => format!("{count} {what}{plural}"),
    }
}

fn shown(units: Units, value: Option<f64>, ucum: &str) -> String {
    value
        .map(|value| units.text(value, ucum))
        .unwrap_or_default()
}

fn percent(percent: Option<(f64, f64)>) -> String {
    let shown = |(start, end)| format!("{} → {} %", number(start, 0), number(end, 0));
    percent.map(shown).unwrap_or_default()
}

/// How much of what the charger gave the battery took. More than all is a question of how often it was
/// asked.
fn efficiency(charge: &Charge) -> String {
    match (charge.added_kwh, charge.used_kwh) {
        (Some(added), Some(used)) if used > 0.1 && added <= used => {
            format!("{} %", number(100.0 * added / used, 0))
        }
        _ => String::new(),
    }
}
