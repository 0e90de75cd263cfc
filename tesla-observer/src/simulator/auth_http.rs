//! The auth over HTTP: the page that asks the owner, and the token endpoint.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::response::{Html, IntoResponse, Response};

use super::auth::{Auth, Fields};
use super::faults;
use super::line::Peer;
use super::requests::Route;
use super::server::{Inner, hold_back, lock};

/// `GET /oauth2/v3/authorize`: asks the owner.
pub(super) async fn ask(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(fields): Query<Fields>,
) -> Response {
    if let Some(response) = inner.enter(Route::Authorize, None, &peer).await {
        return response;
    }
    match lock(&inner.auth).check(&fields) {
        Ok(_) => Html(page(&fields)).into_response(),
        Err(why) => refused(&why),
    }
}

/// `POST /oauth2/v3/authorize`: what the owner says. The fields of the question come in the query or
/// in the form; a `decision` other than `allow` is a no.
pub(super) async fn decide(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(mut fields): Query<Fields>,
    body: Bytes,
) -> Response {
    if let Some(response) = inner.enter(Route::Authorize, None, &peer).await {
        return response;
    }
    fields.extend(form(&body));
    let mut auth = lock(&inner.auth);
    match auth.check(&fields) {
        Ok(wish) => {
            let yes = fields
                .get("decision")
                .is_none_or(|d| d.eq_ignore_ascii_case("allow"));
            let url = if yes {
                auth.allow(wish)
            } else {
                Auth::deny(&wish)
            };
            (StatusCode::FOUND, [(header::LOCATION, url.as_str())]).into_response()
        }
        Err(why) => refused(&why),
    }
}

/// `POST /oauth2/v3/token`, as JSON or as a form.
pub(super) async fn token(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    version: Version,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (response, late) = inner.enter_to_act(Route::Token, None, &peer).await;
    if let Some(response) = response {
        return response;
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let fields = if kind.starts_with("application/json") {
        serde_json::from_slice(&body).unwrap_or_default()
    } else {
        form(&body)
    };
    let result = lock(&inner.auth).token(&fields, version != Version::HTTP_2);
    hold_back(late).await;
    let (status, body) = match result {
        Ok(body) => (200, body),
        Err(refusal) => (
            refusal.status,
            serde_json::json!({
                "error": refusal.error, "error_description": refusal.description,
            }),
        ),
    };
    let mut response = faults::with(status, "application/json", body.to_string());
    let no_store = header::HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

fn form(body: &[u8]) -> Fields {
    // A URL's query has the syntax of a form.
    let Ok(mut url) = reqwest::Url::parse("form:/") else {
        return Fields::new();
    };
    url.set_query(Some(&String::from_utf8_lossy(body)));
    url.query_pairs().into_owned().collect()
}

fn refused(why: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<title>Sign in</title>\n<h1>We could not sign you in</h1>\n<p>{}</p>\n",
        escaped(why)
    );
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}

fn page(fields: &Fields) -> String {
    let mut names: Vec<_> = fields.iter().collect();
    names.sort();
    let hidden: String = names
        .into_iter()
        .filter(|(name, _)| *name != "decision")
        .map(|(name, value)| {
            let (name, value) = (escaped(name), escaped(value));
            format!("  <input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
        })
        .collect();
    let client = escaped(fields.get("client_id").map_or("", String::as_str));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Sign in (simulated)</title>\n\
         <h1>A simulated sign-in</h1>\n<p>{client} asks to read the simulated cars.</p>\n\
         <form method=\"post\" action=\"/oauth2/v3/authorize\">\n{hidden}\
         \x20 <button name=\"decision\" value=\"allow\">Allow</button>\n\
         \x20 <button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
