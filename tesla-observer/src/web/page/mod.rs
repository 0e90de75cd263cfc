//! The page.

use axum::Router;

use super::site::Site;

/// The page's routes.
pub(super) fn router() -> Router<Site> {
    Router::new()
}
