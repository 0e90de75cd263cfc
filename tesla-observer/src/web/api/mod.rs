//! The JSON API, and the document that describes it.

mod answers;
mod problem;
mod routes;
mod times;

use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::site::Site;

pub(crate) use times::time;

/// The document's head; the rest is made of the routes.
#[derive(OpenApi)]
#[openapi(info(
    title = "tesla-observer",
    description = "What the observed cars report, now and since the history began. Values are as \
                   Tesla sends them: miles, degrees Celsius, bar, kilowatts. Times are in \
                   milliseconds since the Unix epoch."
))]
struct Document;

/// The API's routes.
pub(super) fn router() -> Router<Site> {
    let (router, document) = documented().split_for_parts();
    let json = document.to_pretty_json().unwrap_or_default();
    let answer = move || {
        let json = json.clone();
        async move {
            (
                [(axum::http::header::CONTENT_TYPE, "application/json")],
                json,
            )
        }
    };
    router.route("/api/openapi.json", get(answer))
}

fn documented() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(routes::vehicles))
        .routes(routes!(routes::metrics))
        .routes(routes!(routes::series))
        .routes(routes!(routes::drives))
        .routes(routes!(routes::charges))
        .routes(routes!(routes::health))
}

#[cfg(test)]
pub(super) fn document() -> serde_json::Value {
    let (_, document) = documented().split_for_parts();
    serde_json::to_value(document).expect("it is JSON")
}
