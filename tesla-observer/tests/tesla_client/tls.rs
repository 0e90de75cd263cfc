//! What the first message of a TLS connection offers. No certificate is needed to see it.

use std::time::Duration;

use tesla_observer::fetch::tesla::{Api, Settings, Tesla, TokenStore};
use tesla_observer::fetch::{Problem, VehicleFetcher as _};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::server::{GOOD, account, vehicle};

/// The first message of a client whose token has this much left: to the API, or to the auth host.
async fn hello(left: Duration) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("https://{}", listener.local_addr().expect("an address"));
    let reader = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        let mut head = [0; 5];
        connection.read_exact(&mut head).await.expect("a record");
        let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        connection
            .read_exact(&mut record)
            .await
            .expect("the whole record");
        record
    });
    let settings = Settings {
        api_host: host.parse().ok(),
        auth_host: host.parse().ok(),
        ..Settings::default()
    };
    let tesla =
        Tesla::new(settings, account(Api::Owner, left), TokenStore::in_memory()).expect("a client");
    let error = tesla
        .availability(&vehicle())
        .await
        .expect_err("no TLS here");
    assert_eq!(error.problem, Problem::Unreachable, "{error}");
    reader.await.expect("read")
}

fn has(record: &[u8], part: &[u8]) -> bool {
    record.windows(part.len()).any(|window| window == part)
}

/// The extension `supported_versions` with TLS 1.3 only.
const ONLY_TLS_1_3: [u8; 7] = [0x00, 0x2b, 0x00, 0x03, 0x02, 0x03, 0x04];

#[tokio::test]
async fn the_auth_host_is_offered_http2_and_tls_1_3_only() {
    let record = hello(Duration::ZERO).await;
    assert!(has(&record, b"\x02h2"));
    assert!(!has(&record, b"http/1.1"));
    assert!(has(&record, &ONLY_TLS_1_3));
}

#[tokio::test]
async fn the_api_is_offered_both_versions_of_http() {
    let record = hello(GOOD).await;
    assert!(has(&record, b"\x02h2") && has(&record, b"\x08http/1.1"));
}
