//! The JSON API.

use axum::Router;

use super::site::Site;

/// The API's routes.
pub(super) fn router() -> Router<Site> {
    Router::new()
}
