//! What the page loads: all of it is in the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/app.js");

/// Addresses with a version: another binary's are others, so that these never change.
pub(super) const STYLE_URL: &str = concat!("/assets/style.css?v=", env!("CARGO_PKG_VERSION"));
pub(super) const SCRIPT_URL: &str = concat!("/assets/app.js?v=", env!("CARGO_PKG_VERSION"));

pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let (kind, text) = match file.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "app.js" => ("text/javascript; charset=utf-8", SCRIPT),
        _ => return (StatusCode::NOT_FOUND, "there is no such file").into_response(),
    };
    // Asked for anew each time: it is on this machine, and small.
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
