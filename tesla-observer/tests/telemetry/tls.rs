//! TLS: the CA of the settings, and a client's certificate.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tesla_observer::telemetry::{Otlp, Protocol, TlsFiles};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use crate::cars::{Car, level, vin};
use crate::receiver::{self, Receiver};
use crate::{PATIENCE, metrics_to, otlp, start};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/telemetry/tls")
        .join(name)
}

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(file(name)).expect("a file of this repository")
}

async fn mutual() -> Receiver {
    let server = Identity::from_pem(pem("server.pem"), pem("server.key"));
    let clients = Certificate::from_pem(pem("ca.pem"));
    receiver::tls(
        ServerTlsConfig::new()
            .identity(server)
            .client_ca_root(clients),
    )
    .await
}

fn destination(address: SocketAddr, protocol: Protocol, tls: TlsFiles) -> Otlp {
    let port = address.port();
    let path = match protocol {
        Protocol::Grpc => "",
        _ => "/v1/metrics",
    };
    Otlp {
        tls,
        ..otlp("tls", protocol, &format!("https://localhost:{port}{path}"))
    }
}

#[tokio::test]
async fn certificates_from_files_make_a_connection_in_both_directions() {
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        let receiver = mutual().await;
        let files = TlsFiles {
            ca: Some(file("ca.pem")),
            client_certificate: Some(file("client.pem")),
            client_key: Some(file("client.key")),
        };
        let telemetry = start(metrics_to([destination(receiver.address, protocol, files)]));
        let fleet = telemetry.fleet::<Car>().expect("the first");
        let member = fleet.member(vin("A"));
        telemetry.report(vec![member.report(level(1))]).await;
        telemetry
            .shutdown(PATIENCE)
            .await
            .expect("all is delivered");
        assert_eq!(receiver.car_points().len(), 1);
    }
}

#[tokio::test]
async fn without_the_right_certificates_nothing_is_sent() {
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        let receiver = mutual().await;
        let strangers = TlsFiles::default();
        let nobody = TlsFiles {
            ca: Some(file("ca.pem")),
            ..TlsFiles::default()
        };
        for files in [strangers, nobody] {
            let telemetry = start(metrics_to([destination(receiver.address, protocol, files)]));
            let fleet = telemetry.fleet::<Car>().expect("the first");
            let member = fleet.member(vin("A"));
            telemetry.report(vec![member.report(level(1))]).await;
            let lost = telemetry.shutdown(Duration::from_secs(5)).await;
            assert!(lost.is_err(), "{protocol:?}");
            assert_eq!(receiver.count(), 0);
        }
    }
}

/// A way to `to` whose connections can die as behind a router that forgot them: they stay open, and
/// nothing comes through any more. Later ones are whole.
async fn mortal_way(to: SocketAddr) -> (SocketAddr, watch::Sender<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (deaths, died) = watch::channel(0);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut died = died.clone();
            died.mark_unchanged();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await.expect("it listens");
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                    _ = died.changed() => {}
                }
                std::future::pending::<()>().await;
            });
        }
    });
    (address, deaths)
}

#[tokio::test]
async fn a_connection_that_has_died_without_a_word_is_replaced() {
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        let receiver = mutual().await;
        let (way, deaths) = mortal_way(receiver.address).await;
        let files = TlsFiles {
            ca: Some(file("ca.pem")),
            client_certificate: Some(file("client.pem")),
            client_key: Some(file("client.key")),
        };
        let destination = Otlp {
            timeout: Duration::from_millis(1_500),
            ..destination(way, protocol, files)
        };
        let telemetry = start(metrics_to([destination]));
        let fleet = telemetry.fleet::<Car>().expect("the first");
        let member = fleet.member(vin("A"));
        telemetry.report(vec![member.report(level(1))]).await;
        receiver.requests(1).await;
        deaths.send_replace(1);
        telemetry.report(vec![member.report(level(2))]).await;
        receiver.requests(2).await;
        telemetry.shutdown(PATIENCE).await.expect("it recovered");
        let points = receiver.car_points();
        let mut values: Vec<&str> = points.iter().map(|own| own.value.as_str()).collect();
        // The first answer may have died with the connection.
        values.dedup();
        assert_eq!(values, ["1", "2"], "{protocol:?}");
    }
}
