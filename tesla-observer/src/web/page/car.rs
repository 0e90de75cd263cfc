//! What one car does, as a card.

use maud::{Markup, html};

use super::home::{Place, Where, direction, seen_from};
use super::look::{Look, name};
use super::pictures::{Tyre, battery, compass, tyres};
use super::range::moment;
use super::units::{Units, lasting};
use crate::history::Report;

/// A car as it is shown.
pub(super) struct Car<'a> {
    pub(super) key: String,
    /// What it reported last: whether it can be asked, at least.
    pub(super) now: Option<&'a Report>,
    /// What it reported last while it was awake.
    pub(super) awake: Option<&'a Report>,
    pub(super) name: &'a str,
    pub(super) home: Option<Place>,
    /// What went wrong when it was asked last.
    pub(super) problem: Option<&'a str>,
    pub(super) units: Units,
}

impl Car<'_> {
    /// The card. On a page of its own it does not link to itself.
    pub(super) fn card(&self, linked: bool) -> Markup {
        let address = format!("/vehicles/{}", self.key);
        html! {
            article.car data-vehicle=(self.key) aria-label=(name(self.name)) {
                header {
                    @if linked {
                        h2 { a href=(address) { (name(self.name)) } }
                    } @else {
                        h1 { (name(self.name)) }
                    }
                    p.state { (self.state()) }
                    @if let Some(problem) = self.problem {
                        p.warns { "It could not be asked: " (problem) }
                    }
                }
                @match self.awake {
                    Some(report) => (self.reported(report)),
                    None => p.nothing { "It has reported nothing yet." },
                }
            }
        }
    }

    /// What it does, and since when what is shown is known.
    fn state(&self) -> Markup {
        let state = self.now.and_then(|report| report.state("vehicle_state"));
        let activity = self.now.and_then(|report| report.state("vehicle_activity"));
        let does = match (state, activity) {
            (Some("online"), Some("suspended")) => "left alone, so that it can fall asleep",
            (Some("online"), Some(activity @ ("driving" | "charging" | "updating"))) => activity,
            (Some("online"), _) => "awake",
            (Some("in_service"), _) => "in service",
            (Some(state), _) => state,
            (None, _) => "not asked yet",
        };
        let is_old = match (self.now, self.awake) {
            (Some(now), Some(awake)) => now.time_ms > awake.time_ms,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        html! {
            span.does { (does) }
            @if let Some(awake) = self.awake {
                span.since {
                    @if is_old { " – as it was at " } @else { " – " }
                    (moment(awake.time_ms))
                }
            }
        }
    }

    fn reported(&self, report: &Report) -> Markup {
        let look = Look {
            report,
            units: self.units,
        };
        html! {
            (self.battery(&look))
            (driving(&look))
            (climate(&look))
            (closures(&look))
            (tyre_pressures(&look))
            (self.place(&look))
            section {
                h3 { "Car" }
                dl {
                    (look.row("Odometer", "vehiclestate_odometer"))
                    @if let Some(version) = report.info("vehicle_info", "car_version") {
                        div { dt { "Software" } dd { (name(version.split_whitespace().next().unwrap_or_default())) } }
                    }
                }
            }
        }
    }

    fn battery(&self, look: &Look<'_>) -> Markup {
        let report = look.report;
        let Some(level) = report.value("chargestate_battery_level") else {
            return html! {};
        };
        let charging = report.state("chargestate_charging_state") == Some("charging");
        let limit = report.value("chargestate_charge_limit_soc");
        let words = match report.state("chargestate_charging_state") {
            Some("charging") => "charging",
            Some("complete") => "charged",
            Some("stopped") => "plugged in, not charging",
            Some("no_power") => "plugged in, no power",
            Some("starting" | "calibrating") => "about to charge",
            Some("disconnected") => "not plugged in",
            _ => "",
        };
        let minutes = report.value("chargestate_minutes_to_full_charge");
        html! {
            section.energy {
                h3 { "Battery" }
                (battery(level, limit, charging))
                dl {
                    (look.row("Level", "chargestate_battery_level"))
                    (look.row("Range", "chargestate_battery_range"))
                    (look.row("Limit", "chargestate_charge_limit_soc"))
                    @if !words.is_empty() {
                        div { dt { "Cable" } dd { (words) } }
                    }
                    @if charging {
                        (look.row("Power", "chargestate_charger_power"))
                        (look.row("Added", "chargestate_charge_energy_added"))
                        @if let Some(minutes) = minutes {
                            div { dt { "Full in" } dd { (lasting(minutes * 60.0)) } }
                        }
                    }
                }
            }
        }
    }

    /// Where it stands, seen from home. Nothing is asked of any map.
    fn place(&self, look: &Look<'_>) -> Markup {
        let latitude = look.report.value("drivestate_latitude");
        let longitude = look.report.value("drivestate_longitude");
        let (Some(latitude), Some(longitude)) = (latitude, longitude) else {
            return html! {};
        };
        let place = Place {
            latitude,
            longitude,
        };
        html! {
            section.place {
                h3 { "Place" }
                @match self.home.map(|home| seen_from(home, place)) {
                    Some(Where::AtHome) => p { "At home" },
                    Some(Where::Away { metres, degrees }) => {
                        @let far = self.units.text(metres / 1_609.344, "[mi_i]");
                        @let says = format!("{far} {} of home", direction(degrees));
                        (compass(degrees, &says))
                        p { (says) }
                    }
                    None => p { "Home is where it charges most: that is not known yet." },
                }
            }
        }
    }
}

fn driving(look: &Look<'_>) -> Markup {
    let gear = look.report.state("drivestate_shift_state");
    let Some(gear) = gear.filter(|gear| *gear != "p") else {
        return html! {};
    };
    html! {
        section {
            h3 { "Driving" }
            dl {
                div { dt { "Gear" } dd { (gear.to_uppercase()) } }
                (look.row("Speed", "drivestate_speed"))
                (look.row("Power", "drivestate_power"))
                (look.row("Heading", "drivestate_heading"))
            }
        }
    }
}

fn climate(look: &Look<'_>) -> Markup {
    html! {
        section {
            h3 { "Climate" }
            dl {
                (look.row("Inside", "climatestate_inside_temp"))
                (look.row("Outside", "climatestate_outside_temp"))
                (look.row_with("Climate", look.either("climatestate_is_climate_on", "on", "off")))
                @if look.is("climatestate_is_climate_on") == Some(true) {
                    (look.row("Set to", "climatestate_driver_temp_setting"))
                }
            }
        }
    }
}

/// The parts that can be open, as the car's objects name them.
const PARTS: [(&str, &str); 11] = [
    ("df", "driver's door"),
    ("pf", "passenger's door"),
    ("dr", "rear door, driver's side"),
    ("pr", "rear door, passenger's side"),
    ("ft", "front trunk"),
    ("rt", "trunk"),
    ("fd_window", "driver's window"),
    ("fp_window", "passenger's window"),
    ("rd_window", "rear window, driver's side"),
    ("rp_window", "rear window, passenger's side"),
    ("charge_port", "charge port"),
];

fn closures(look: &Look<'_>) -> Markup {
    let of = |part: &str| {
        let (own, other) = (
            format!("vehiclestate_{part}"),
            format!("closuresstate_{part}"),
        );
        let report = look.report;
        report.value(&own).or_else(|| report.value(&other))
    };
    let is_open = |part: &str| match part {
        "charge_port" => look.is("chargestate_charge_port_door_open"),
        part => of(part).map(|value| value != 0.0),
    };
    let known = PARTS
        .iter()
        .filter_map(|(part, words)| Some((is_open(part)?, *words)));
    let (known, open): (Vec<_>, Vec<_>) =
        (known.clone().collect(), known.filter(|own| own.0).collect());
    let locked = look.first(["vehiclestate_locked", "closuresstate_locked"]);
    html! {
        section {
            h3 { "Doors" }
            dl {
                @if let Some(locked) = locked {
                    (look.row_with("Locks", look.either(locked, "locked", "unlocked")))
                }
                @if !known.is_empty() {
                    div {
                        dt { "Open" }
                        dd {
                            @if open.is_empty() { "nothing" }
                            @for (index, (_, words)) in open.iter().enumerate() {
                                @if index > 0 { ", " }
                                strong { (words) }
                            }
                        }
                    }
                }
                (look.row_with("Sentry", look.either("vehiclestate_sentry_mode", "on", "off")))
            }
        }
    }
}

fn tyre_pressures(look: &Look<'_>) -> Markup {
    let all = ["fl", "fr", "rl", "rr"].map(|place| {
        let warns = ["hard", "soft"].iter().any(|kind| {
            look.is(&format!("vehiclestate_tpms_{kind}_warning_{place}")) == Some(true)
        });
        Tyre {
            shown: look.value(&format!("vehiclestate_tpms_pressure_{place}")),
            warns,
        }
    });
    html! {
        @if all.iter().any(|tyre| tyre.shown.is_some()) {
            section { h3 { "Tyres" } (tyres(all)) }
        }
    }
}
