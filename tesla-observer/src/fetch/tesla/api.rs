//! The questions about vehicles, for both of Tesla's APIs.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::account::{Account, category};
use super::ask::{Asked, Asker};
use super::body::is_of_another;
use super::error::{Remedy, Verdict, unreadable};
use super::fields::fields;
use super::list::{self, Page, read_page};
use super::settings::Settings;
use super::store::TokenStore;
use super::words::short_vin;
use crate::fetch::{
    Availability, FetchError, Listed, Next, Pace, Problem, Snapshot, TokenValidity, Vehicle,
    VehicleFetcher,
};
use crate::model::{self, EvMetrics, ReadOptions};
use crate::privacy::Location;

/// Everything that vehicle_data can have; without `location_data`, firmware since 2023.38 gives no
/// position. Tesla wants the semicolons escaped.
const ENDPOINTS: &str = "endpoints=charge_state%3Bclimate_state%3Bclosures_state%3Bdrive_state%3Bgui_settings%3Blocation_data%3Bcharge_schedule_data%3Bpreconditioning_schedule_data%3Bvehicle_config%3Bvehicle_state%3Bvehicle_data_combo";
const LOCATION: &str = "location_data%3B";

pub(super) const PRODUCTS: &str = "/api/1/products";
pub(super) const VEHICLES: &str = "/api/1/vehicles";
pub(super) const VEHICLE: &str = "/api/1/vehicles/{id}";
const VEHICLE_DATA: &str = "/api/1/vehicles/{id}/vehicle_data";

/// The most that the Fleet API puts on a page.
const PAGE_SIZE: usize = 100;
/// A list that never ends is not read for ever.
const MOST_PAGES: u64 = 1_000;

/// A Tesla account, through the Owner API or the Fleet API.
///
/// Never wakes a vehicle. Renews its tokens by itself, and finds the account's region.
pub struct Tesla {
    asker: Asker,
    options: ReadOptions,
    names_vins: bool,
    /// The position is not wanted, or the token has no `vehicle_location`: everything else is still
    /// to be had.
    without_location: AtomicBool,
}

impl Tesla {
    /// For an account, whose renewed tokens are kept in the store. The account says which API it
    /// is for; [`Settings::api`] and [`Settings::token`] are not looked at.
    ///
    /// # Errors
    ///
    /// [`Problem::Configuration`] if a host would show the token to the network;
    /// [`Problem::Local`] if this machine cannot make HTTPS connections at all.
    pub fn new(
        settings: Settings,
        account: Account,
        store: TokenStore,
    ) -> Result<Self, FetchError> {
        Self::over(settings, |settings| {
            Asker::of_account(settings, account, store)
        })
    }

    /// With the token of the settings, which never changes: for gateways.
    ///
    /// # Errors
    ///
    /// As [`Self::new`]; also if there is no token.
    pub fn with_fixed_token(settings: Settings) -> Result<Self, FetchError> {
        Self::over(settings, Asker::with_fixed_token)
    }

    fn over(
        settings: Settings,
        asker: impl FnOnce(Settings) -> Result<Asker, FetchError>,
    ) -> Result<Self, FetchError> {
        let location = settings.location;
        Ok(Self {
            options: ReadOptions {
                private_texts: settings.private_texts,
                location,
            },
            names_vins: settings.names_vins,
            without_location: AtomicBool::new(location == Location::Off),
            asker: asker(settings)?,
        })
    }

    /// Waits until no renewal of the token is under way, so that the process can end without losing
    /// a refresh token that has been used, and gives back what of the budget is not used.
    pub async fn settle(&self) {
        self.asker.settle().await;
    }

    #[cfg(test)]
    pub(super) async fn renew_at_once(&self) {
        self.asker.renew_at_once().await;
    }

    /// One page, or everything if the service has no pages.
    async fn page(&self, number: u64) -> Result<Page, FetchError> {
        let paged = self.asker.is_fleet();
        let (route, last) = if paged {
            (VEHICLES, "vehicles")
        } else {
            (PRODUCTS, "products")
        };
        let query = format!("page={number}&page_size={PAGE_SIZE}");
        let asked = Asked {
            doing: "listing the account's vehicles".to_owned(),
            about: "",
            route,
            segments: &["api", "1", last],
            query: paged.then_some(query.as_str()),
        };
        self.asker.ask(&asked, read_page).await
    }

    fn about<'a>(
        &self,
        what: &str,
        vehicle: &'a Vehicle,
        route: &'static str,
        segments: &'a [&'a str],
    ) -> Asked<'a> {
        Asked {
            // Where VINs are not told, the log's `vehicle_id` says of which vehicle.
            doing: match self.names_vins {
                true => format!("{what} of {}", short_vin(&vehicle.vin)),
                false => what.to_owned(),
            },
            about: &vehicle.id,
            route,
            segments,
            query: None,
        }
    }
}

impl VehicleFetcher for Tesla {
    type Metrics = EvMetrics;

    async fn vehicles(&self) -> Result<Vec<Listed>, FetchError> {
        let mut cars = Vec::new();
        let mut seen = HashSet::new();
        let mut broken = 0;
        let mut number = 1;
        while number <= MOST_PAGES {
            let page = self.page(number).await?;
            // Each reason once: a page can have any number of entries.
            for (reason, entries) in &page.broken {
                tracing::warn!(
                    page = number,
                    reason,
                    entries,
                    "entries of the account's list could not be read"
                );
            }
            broken += page.broken();
            // While the list is read, it can shift: a car may be on two pages.
            cars.extend(
                page.cars
                    .into_iter()
                    .filter(|car| seen.insert(car.vehicle.vin.clone())),
            );
            let next = match page.has_pages {
                true => page.next.filter(|next| *next > number),
                false => (page.entries >= PAGE_SIZE).then_some(number + 1),
            };
            match next {
                Some(next) if self.asker.is_fleet() && page.entries > 0 => number = next,
                _ => break,
            }
        }
        if cars.is_empty() && broken > 0 {
            return Err(FetchError {
                doing: "listing the account's vehicles".to_owned(),
                problem: Problem::Unreadable,
                detail: format!("none of the {broken} entries could be read"),
                next: Next::After(super::wait::LONG),
            });
        }
        Ok(cars)
    }

    async fn availability(&self, vehicle: &Vehicle) -> Result<Availability, FetchError> {
        let segments = ["api", "1", "vehicles", &vehicle.id];
        let asked = self.about("reading the state", vehicle, VEHICLE, &segments);
        let read = |body: &str| {
            let [car] = fields(body, ["response"])?;
            list::availability(car?.get())
        };
        self.asker.ask(&asked, read).await
    }

    fn token_validity(&self) -> Option<TokenValidity> {
        self.asker.token_validity()
    }

    fn pace(&self) -> Pace {
        self.asker.pace()
    }

    async fn snapshot(&self, vehicle: &Vehicle) -> Result<Snapshot<EvMetrics>, FetchError> {
        let segments = ["api", "1", "vehicles", &vehicle.id, "vehicle_data"];
        let mut asked = self.about("reading vehicle_data", vehicle, VEHICLE_DATA, &segments);
        let without = ENDPOINTS.replace(LOCATION, "");
        let body = loop {
            let has_location = !self.without_location.load(Ordering::Relaxed);
            asked.query = Some(if has_location { ENDPOINTS } else { &without });
            match self.asker.ask_or_remedy(&asked).await? {
                Ok(body) => break body,
                Err(verdict) if verdict.remedy == Remedy::WithoutLocation && has_location => {
                    tracing::warn!(
                        detail = verdict.detail,
                        "positions cannot be read; everything else is"
                    );
                    self.without_location.store(true, Ordering::Relaxed);
                }
                Err(verdict) => return Err(self.asker.failed(&asked, verdict)),
            }
        };
        let damaged = |error: serde_json::Error| {
            let place = format!(
                "the answer is damaged at line {}, column {} ({})",
                error.line(),
                error.column(),
                category(&error)
            );
            self.asker.failed(
                &asked,
                Verdict {
                    detail: place,
                    ..unreadable(&body)
                },
            )
        };
        let Ok(answer) = serde_json::from_str::<VehicleData<'_>>(&body) else {
            return Err(self.asker.failed(&asked, unreadable(&body)));
        };
        let Some(response) = answer
            .response
            .map(RawValue::get)
            .filter(|text| text.starts_with('{'))
        else {
            return Err(self.asker.failed(&asked, unreadable(&body)));
        };
        if is_of_another(response, &vehicle.vin) {
            return Err(self.asker.failed(
                &asked,
                Verdict {
                    detail: "the answer is about another car, and nothing of it is exported"
                        .to_owned(),
                    ..unreadable(&body)
                },
            ));
        }
        let reading = model::read(response, self.options).map_err(damaged)?;
        self.asker.succeeded(&asked);
        Ok(Snapshot {
            metrics: reading.metrics,
            unread: reading.unread,
        })
    }
}

#[derive(Deserialize)]
struct VehicleData<'a> {
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
}

/// Appends to the URL's path; what is appended is escaped.
pub(super) fn append(url: &mut Url, segments: &[&str]) {
    // Fails for URLs such as `mailto:` only, which are no hosts.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_escaped() {
        let mut url = Url::parse("https://gateway.example/prefix/?x=1").expect("a URL");
        append(&mut url, &["api", "1", "vehicles", "a/../b?c#d %"]);
        assert_eq!(
            url.path(),
            "/prefix/api/1/vehicles/a%2F..%2Fb%3Fc%23d%20%25"
        );
    }

    #[test]
    fn all_sub_states_are_asked_for_and_the_location_can_be_left_out() {
        let endpoints = ENDPOINTS.strip_prefix("endpoints=").expect("the key");
        let names: Vec<&str> = endpoints.split("%3B").collect();
        assert_eq!(names.len(), 11);
        assert!(names.contains(&"location_data") && names.contains(&"vehicle_state"));
        let without = ENDPOINTS.replace(LOCATION, "");
        assert_eq!(without.split("%3B").count(), 10);
        assert!(!without.contains("location_data"));
    }
}
