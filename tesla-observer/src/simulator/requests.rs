//! What was asked, counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A route of the auth or the API, without its ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// `GET` and `POST /oauth2/v3/authorize`.
    Authorize,
    /// `POST /oauth2/v3/token`.
    Token,
    /// `GET /api/1/products`.
    Products,
    /// `GET /api/1/vehicles`.
    Vehicles,
    /// `GET /api/1/vehicles/{id}`.
    Vehicle,
    /// `GET /api/1/vehicles/{id}/vehicle_data`.
    VehicleData,
    /// `POST /api/1/vehicles/{id}/wake_up`.
    WakeUp,
    /// `GET /api/1/users/region`.
    Region,
    /// Anything else.
    Other,
}

/// How often one route was asked for one vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestCount {
    /// The route.
    pub route: Route,
    /// The vehicle's VIN, where the route names one; what was in its place if there is no such
    /// vehicle is not kept.
    pub vehicle: Option<String>,
    /// How often, failures included.
    pub count: u64,
}

/// All that was asked since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    counts: BTreeMap<(Route, Option<String>), u64>,
}

impl Requests {
    pub(super) fn add(&mut self, route: Route, vehicle: Option<&str>) {
        *self
            .counts
            .entry((route, vehicle.map(str::to_owned)))
            .or_default() += 1;
    }

    /// How often a route was asked, for all vehicles.
    pub fn of(&self, route: Route) -> u64 {
        self.counts
            .iter()
            .filter(|((r, _), _)| *r == route)
            .map(|(_, n)| n)
            .sum()
    }

    /// How often a route was asked for the vehicle with this VIN.
    pub fn of_vehicle(&self, route: Route, vin: &str) -> u64 {
        self.counts
            .get(&(route, Some(vin.to_owned())))
            .copied()
            .unwrap_or(0)
    }

    /// Every count, by route and vehicle.
    pub fn iter(&self) -> impl Iterator<Item = RequestCount> + '_ {
        self.counts
            .iter()
            .map(|((route, vehicle), count)| RequestCount {
                route: *route,
                vehicle: vehicle.clone(),
                count: *count,
            })
    }
}
