//! What the other tests rely on: the browser notices what must not be.

use std::time::Duration;

use axum::response::Html;
use axum::routing::get;
use metric_tests::browser::{Browser, Look};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_notices_is_noticed() {
    let Some(browser) = Browser::start(Look::default()).await else {
        return;
    };
    let strict = [(
        axum::http::header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'",
    )];
    let page = "<title>x</title><script>console.error('an error'); fetch('http://127.0.0.1:9/elsewhere')</script>";
    let breach = "<title>x</title><script>document.title = 'it ran'</script>";
    let app = axum::Router::new()
        .route("/", get(move || async move { Html(page) }))
        .route(
            "/strict",
            get(move || async move { (strict, Html(breach)) }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("it has one"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    browser.open(&url).await;
    complains(&browser, "an error").await;
    let asked = browser.asked().await;
    assert!(
        asked.contains(&"http://127.0.0.1:9/elsewhere".to_owned()),
        "{asked:?}"
    );
    browser.open(&format!("{url}strict")).await;
    complains(&browser, "Content Security Policy").await;
    assert_eq!(browser.client.title().await.expect("it has one"), "x");
    browser.end().await;
}

/// Waits for a complaint with this in it.
async fn complains(browser: &Browser, expected: &str) {
    let mut complaints = Vec::new();
    let waiting = async {
        while !complaints.iter().any(|own: &String| own.contains(expected)) {
            complaints.extend(browser.complaints().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(waited.is_ok(), "{expected} is not in {complaints:?}");
}
