//! Connections and bodies that break.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use tesla_observer::fetch::tesla::{Api, Settings, Tesla, TokenStore};
use tesla_observer::fetch::{FetchError, Next, Problem, VehicleFetcher as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::server::*;

async fn snapshot_error(server: &Server) -> FetchError {
    client(server, Api::Owner)
        .snapshot(&vehicle())
        .await
        .expect_err("no snapshot")
}

/// A server that reads a little, writes this, and closes. Gives what it read.
async fn raw(answer: &'static [u8]) -> (reqwest::Url, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        let mut read = vec![0; 4096];
        let length = connection.read(&mut read).await.expect("read");
        connection.write_all(answer).await.expect("written");
        connection.shutdown().await.expect("closed");
        read.truncate(length);
        read
    });
    (format!("http://{address}").parse().expect("a URL"), task)
}

fn client_of(url: &reqwest::Url, left: Duration) -> Tesla {
    let settings = Settings {
        api_host: Some(url.clone()),
        auth_host: Some(url.clone()),
        ..Settings::default()
    };
    Tesla::new(settings, account(Api::Owner, left), TokenStore::in_memory()).expect("a client")
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_unreadable() {
    let (url, task) =
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"response\": {\"charge_state\": {")
            .await;
    let error = client_of(&url, GOOD)
        .snapshot(&vehicle())
        .await
        .expect_err("cut off");
    assert_eq!(error.problem, Problem::Unreadable, "{error}");
    assert!(error.to_string().contains("cut off"), "{error}");
    task.await.expect("served");
}

#[tokio::test]
async fn an_auth_host_without_http2_is_refused_not_asked_over_http11() {
    let (url, task) =
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{\"access_token\": \"h1\"}").await;
    let error = client_of(&url, Duration::ZERO)
        .availability(&vehicle())
        .await
        .expect_err("no HTTP/2");
    assert!(
        matches!(error.problem, Problem::Unreachable | Problem::Unreadable),
        "{error:?}"
    );
    let read = task.await.expect("served");
    assert!(
        read.starts_with(b"PRI * HTTP/2.0"),
        "{}",
        String::from_utf8_lossy(&read)
    );
}

#[tokio::test]
async fn no_connection_is_said_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"))
        .parse()
        .expect("a URL");
    drop(listener);
    let error = client_of(&url, GOOD)
        .availability(&vehicle())
        .await
        .expect_err("nobody there");
    assert_eq!(error.problem, Problem::Unreachable);
    assert_eq!(error.next, Next::After(Duration::from_secs(10)));
    assert!(
        error.to_string().contains("127.0.0.1: no connection"),
        "{error}"
    );
}

#[tokio::test]
async fn whatever_hangs_is_given_up() {
    let endless_header = Server::start(|_| Reply::Never).await;
    let endless_body = Server::start(|_| {
        let body = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) });
        Reply::text(
            200,
            Body::from_stream(futures_util::StreamExt::chain(body, stream::pending())),
        )
    })
    .await;
    let started = std::time::Instant::now();
    for server in [&endless_header, &endless_body] {
        let settings = Settings {
            timeout: Duration::from_millis(300),
            ..settings(server)
        };
        for left in [GOOD, Duration::ZERO] {
            let account = account(Api::Owner, left);
            let tesla =
                Tesla::new(settings.clone(), account, TokenStore::in_memory()).expect("a client");
            let error = tesla.availability(&vehicle()).await.expect_err("too late");
            assert_eq!(error.problem, Problem::Timeout, "{error}");
        }
    }
    // Four times 300 ms, on however slow a machine.
    assert!(started.elapsed() < Duration::from_secs(25));
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let server = Server::start(|_| {
        let piece = Bytes::from(vec![b' '; 64 * 1024]);
        Reply::text(
            200,
            Body::from_stream(stream::repeat_with(move || {
                Ok::<_, std::io::Error>(piece.clone())
            })),
        )
    })
    .await;
    let error = snapshot_error(&server).await;
    assert_eq!(error.problem, Problem::Unreadable);
    assert!(error.to_string().contains("larger than 8 MiB"), "{error}");
}

#[tokio::test]
async fn a_large_body_is_read() {
    let server = Server::start(|_| {
        let padding = " ".repeat(7 * 1024 * 1024);
        Reply::text(
            200,
            format!("{{\"response\": {{\"vin\": \"X\"}}{padding}}}"),
        )
    })
    .await;
    client(&server, Api::Owner)
        .snapshot(&vehicle())
        .await
        .expect("a snapshot");
}

#[tokio::test]
async fn what_is_no_answer_is_explained() {
    let deep = "[".repeat(100_000);
    for (body, word) in [
        (
            "<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>",
            "HTML",
        ),
        ("", "empty"),
        ("{\"response\": {\"charge_state\"", "not what it should be"),
        (
            "{\"response\": null, \"error\": \"something new\"}",
            "something new",
        ),
        ("{\"response\": [1]}", "not what it should be"),
        ("\u{feff}\u{0}", "not what it should be"),
        (&deep, "not what it should be"),
    ] {
        let body = body.to_owned();
        let sent = body.clone();
        let server = Server::start(move |_| Reply::text(200, sent.clone())).await;
        let tesla = client(&server, Api::Owner);
        for error in [
            tesla.snapshot(&vehicle()).await.expect_err("no snapshot"),
            tesla.availability(&vehicle()).await.expect_err("no state"),
            tesla.vehicles().await.expect_err("no list"),
        ] {
            // A list without entries is a list, and `[1]` is one of a broken entry.
            assert_eq!(error.problem, Problem::Unreadable, "{body:.40}");
            if !body.contains("[1]") {
                assert!(error.to_string().contains(word), "{body:.40}: {error}");
            }
        }
    }
}
