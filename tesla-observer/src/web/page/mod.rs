//! The page: made here whole, so that it can be read without scripts.

mod assets;
mod axis;
mod car;
mod chart;
mod charts;
mod home;
mod layout;
mod look;
mod observer;
mod pictures;
mod preferences;
mod range;
mod routes;
mod trips;
mod units;

pub(super) use home::Homes;

use axum::Router;
use axum::routing::{get, post};

use super::site::Site;

/// The page's routes.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/", get(routes::cars))
        .route("/vehicles/{key}", get(routes::car))
        .route("/preferences", post(preferences::set))
        .route("/assets/{file}", get(assets::asset))
}
