//! Where the car is and how it moves: `drive_state`.

use super::lenient::{PrivateText, sub_state};
use super::states::{NativeType, ShiftState};

sub_state! {
    /// Where the car is and how it moves.
    #[metric(prefix = "drivestate", separator = "_")]
    pub struct DriveState at "drive_state" {
        /// State of charge expected at the destination.
        #[metric(unit = "%")]
        pub active_route_energy_at_arrival: Option<f64>,
        /// Latitude of the destination; of the last one if there is no route.
        #[metric(unit = "deg")]
        pub active_route_latitude: Option<f64>,
        /// Longitude of the destination; of the last one if there is no route.
        #[metric(unit = "deg")]
        pub active_route_longitude: Option<f64>,
        /// Distance to the destination.
        #[metric(unit = "[mi_i]")]
        pub active_route_miles_to_arrival: Option<f64>,
        /// Time to the destination.
        #[metric(unit = "min")]
        pub active_route_minutes_to_arrival: Option<f64>,
        /// Time that traffic adds to the route.
        #[metric(unit = "min")]
        pub active_route_traffic_minutes_delay: Option<f64>,
        /// When the position was found, since the Unix epoch.
        #[metric(unit = "s")]
        pub gps_as_of: Option<i64>,
        /// Direction in which the car points, clockwise from north.
        #[metric(unit = "deg")]
        pub heading: Option<f64>,
        /// Latitude (WGS 84). Since firmware 2023.38 only if `location_data` is asked for.
        #[metric(unit = "deg")]
        pub latitude: Option<f64>,
        /// Longitude (WGS 84). Since firmware 2023.38 only if `location_data` is asked for.
        #[metric(unit = "deg")]
        pub longitude: Option<f64>,
        /// Latitude in the coordinate system of the car's region.
        #[metric(unit = "deg")]
        pub native_latitude: Option<f64>,
        /// Whether the car tells its native position.
        #[metric]
        pub native_location_supported: Option<bool>,
        /// Longitude in the coordinate system of the car's region.
        #[metric(unit = "deg")]
        pub native_longitude: Option<f64>,
        /// Coordinate system of the native position.
        #[metric]
        pub native_type: Option<NativeType>,
        /// Power out of the battery; negative for recuperation and while charging.
        #[metric(unit = "kW")]
        pub power: Option<f64>,
        /// Selected gear. Absent in most answers of a parked car.
        #[metric]
        pub shift_state: Option<ShiftState>,
        /// Speed. Absent, or 0 with firmware of 2026, while the car is parked.
        #[metric(unit = "[mi_i]/h")]
        pub speed: Option<f64>,
        /// When the car reported its driving, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
    } with {
        /// Where it is going, if private texts are read.
        pub active_route: ActiveRoute,
    }
}

sub_state! {
    /// Where it is going: private.
    #[metric(prefix = "drivestate_active_route", separator = "_")]
    pub struct ActiveRoute at "drive_state" {
        /// The destination's name.
        #[metric(info = "destination")]
        pub active_route_destination: Option<PrivateText>,
    }
}
