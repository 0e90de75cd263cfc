//! The JSON of an answer: the fields that the car's firmware has, in the types it has them in.

mod charge;
mod climate;
mod config;
mod drive;
mod object;
mod site;
mod vehicle;

use super::car::{Car, State};
use super::fleet::Era;
use super::moment::Moment;
use object::Object;

pub(super) use site::energy_site;

/// What `vehicle_data` was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoints {
    charge_state: bool,
    climate_state: bool,
    closures_state: bool,
    drive_state: bool,
    gui_settings: bool,
    location_data: bool,
    charge_schedule_data: bool,
    preconditioning_schedule_data: bool,
    vehicle_config: bool,
    vehicle_state: bool,
}

impl Endpoints {
    /// Reads the list of the query, separated by semicolons. Without one, all that existed before
    /// there was a list. Unknown names are passed over, as the service does.
    pub(super) fn read(list: Option<&str>) -> Self {
        let classic = Self {
            charge_state: true,
            climate_state: true,
            drive_state: true,
            gui_settings: true,
            vehicle_config: true,
            vehicle_state: true,
            ..Self::default()
        };
        let Some(list) = list else { return classic };
        let mut asked = Self::default();
        for name in list.split(';') {
            match name.trim() {
                "charge_state" => asked.charge_state = true,
                "climate_state" => asked.climate_state = true,
                "closures_state" => asked.closures_state = true,
                "drive_state" => asked.drive_state = true,
                "gui_settings" => asked.gui_settings = true,
                "location_data" => asked.location_data = true,
                "charge_schedule_data" => asked.charge_schedule_data = true,
                "preconditioning_schedule_data" => asked.preconditioning_schedule_data = true,
                "vehicle_config" => asked.vehicle_config = true,
                "vehicle_state" => asked.vehicle_state = true,
                "vehicle_data_combo" => {
                    asked = Self {
                        location_data: asked.location_data,
                        ..classic
                    };
                    asked.closures_state = true;
                }
                _ => {}
            }
        }
        asked
    }

    /// Without what a token without the scope `vehicle_location` does not get.
    pub(super) fn without_location(self) -> Self {
        Self {
            location_data: false,
            ..self
        }
    }
}

/// The vehicle as lists and its state have it.
pub(super) fn vehicle(car: &Car, state: State) -> String {
    let mut o = Object::open(car.identity.model.era);
    summary(&mut o, car, state);
    o.close()
}

/// The vehicle as `products` has it: with its configuration, if the firmware gives it.
pub(super) fn product(car: &Car, state: State, moment: &Moment) -> String {
    let mut o = Object::open(car.identity.model.era);
    summary(&mut o, car, state);
    if car.identity.model.era >= Era::Recent {
        o.put("mobile_access_disabled", &false);
        o.put("release_notes_supported", &true);
        o.nested("vehicle_config", |o| config::vehicle_config(o, car, moment));
    }
    o.close()
}

/// The `response` of `vehicle_data`.
pub(super) fn vehicle_data(car: &Car, moment: &Moment, asked: Endpoints) -> String {
    let mut o = Object::open(car.identity.model.era);
    summary(&mut o, car, State::Online);
    if asked.charge_schedule_data {
        o.nested("charge_schedule_data", |o| charge::schedules(o, car));
    }
    if asked.charge_state {
        o.nested("charge_state", |o| charge::charge_state(o, car, moment));
    }
    if asked.climate_state {
        o.nested("climate_state", |o| climate::climate_state(o, car, moment));
    }
    if asked.closures_state && car.identity.model.era >= Era::Recent {
        o.nested("closures_state", |o| {
            vehicle::closures(o, car, moment);
            o.put("timestamp", &moment.now);
        });
    }
    if asked.drive_state || asked.location_data {
        let located = asked.location_data || !car.identity.model.hides_location();
        o.nested("drive_state", |o| {
            drive::drive_state(o, car, moment, asked.drive_state, located)
        });
    }
    if asked.gui_settings {
        o.nested("gui_settings", |o| config::gui_settings(o, car, moment));
    }
    if asked.preconditioning_schedule_data {
        o.nested("preconditioning_schedule_data", |o| {
            climate::schedules(o, car)
        });
    }
    if asked.vehicle_config {
        o.nested("vehicle_config", |o| config::vehicle_config(o, car, moment));
    }
    if asked.vehicle_state {
        o.nested("vehicle_state", |o| vehicle::vehicle_state(o, car, moment));
    }
    o.close()
}

fn summary(o: &mut Object, car: &Car, state: State) {
    let id = &car.identity;
    o.put("id", &id.id);
    o.put("user_id", &800_001);
    o.put("vehicle_id", &id.vehicle_id);
    o.put("vin", &id.vin);
    o.put("display_name", &id.name);
    o.null("color");
    o.put("access_type", "OWNER");
    o.nested("granular_access", |o| o.put("hide_private", &false));
    o.null("option_codes");
    o.null("tokens");
    o.put("state", state.as_str());
    o.put("in_service", &false);
    o.put("id_s", &id.id.to_string());
    o.put("calendar_enabled", &true);
    o.put("api_version", &id.model.api_version);
    o.null("backseat_token");
    o.null("backseat_token_updated_at");
    o.put("ble_autopair_enrolled", &false);
    if id.model.era >= Era::Recent {
        o.put("command_signing", "required");
    }
}
