//! `drive_state`, with coordinates only where they are given.

use super::object::Object;
use crate::simulator::car::Car;
use crate::simulator::fleet::Era;
use crate::simulator::moment::{METRES_PER_MILE, Moment};

pub(super) fn drive_state(o: &mut Object, car: &Car, m: &Moment, motion: bool, located: bool) {
    let era = car.identity.model.era;
    if located {
        location(o, era, m);
    }
    if motion {
        if era >= Era::Recent {
            route(o, m, located);
        }
        match (era, m.driving()) {
            // Old firmware knows no power at rest.
            (Era::Old, false) if m.power.abs() < 0.5 => o.null("power"),
            _ => o.whole("power", m.power),
        }
        o.put("shift_state", &m.gear);
        match (m.driving(), era) {
            (true, _) => o.whole("speed", m.speed * 3600.0 / METRES_PER_MILE),
            (false, Era::Latest) => o.put("speed", &0),
            (false, _) => o.null("speed"),
        }
    }
    o.put("timestamp", &m.now);
}

fn location(o: &mut Object, era: Era, m: &Moment) {
    let (latitude, longitude) = (m.position.latitude, m.position.longitude);
    o.put("gps_as_of", &(m.now / 1000 - 1));
    o.whole("heading", m.heading);
    o.real("latitude", latitude, 6);
    o.real("longitude", longitude, 6);
    if era >= Era::Middle {
        o.real("native_latitude", latitude, 6);
        o.put("native_location_supported", &1);
        o.real("native_longitude", longitude, 6);
        o.put("native_type", "wgs");
    }
}

fn route(o: &mut Object, m: &Moment, located: bool) {
    if let Some(guidance) = m.guidance {
        o.put("active_route_destination", guidance.to.as_str());
        o.whole("active_route_energy_at_arrival", guidance.level);
        o.real("active_route_miles_to_arrival", guidance.miles, 2);
        o.real("active_route_minutes_to_arrival", guidance.minutes, 2);
    }
    if located {
        // There even without a route.
        let point = m.guidance.map_or(m.position, |guidance| guidance.point);
        o.real("active_route_latitude", point.latitude, 6);
        o.real("active_route_longitude", point.longitude, 6);
    }
    o.real("active_route_traffic_minutes_delay", 0.0, 1);
}
