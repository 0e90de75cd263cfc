//! What arrives, in each protocol.

use tesla_observer::telemetry::{Compression, Protocol};

use crate::cars::{Car, Charging, vin};
use crate::receiver::{self, Got, Receiver, texts};
use crate::{PATIENCE, metrics_to, otlp, start};

const EXPECTED: [&str; 5] = [
    r#"chargestate_battery_level [%] gauge {"vin": "A"} 72 (State of charge shown to the driver.)"#,
    r#"chargestate_charge_energy [kW.h] sum, monotonic true, temporality 2 {"vin": "A"} 1e21 (Energy added since it was made.)"#,
    r#"chargestate_charge_rate [[mi_i]/h] gauge {"vin": "A"} 31.7 (Rate of charging.)"#,
    r#"chargestate_charging_state [] gauge {"state": "complete", "vin": "A"} 1 (Whether it charges.)"#,
    r#"chargestate_charging_state [] gauge {"state": "disconnected", "vin": "A"} 0 (Whether it charges.)"#,
];

async fn every_point_arrives(protocol: Protocol, compression: Option<Compression>) {
    let receiver = match protocol {
        Protocol::Grpc => receiver::grpc().await,
        _ => receiver::http().await,
    };
    let path = match protocol {
        Protocol::Grpc => "",
        _ => "/v1/metrics",
    };
    let mut destination = otlp("otlp", protocol, &receiver.url(path));
    destination.compression = compression;
    let telemetry = start(metrics_to([destination]));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let car = fleet.member(vin("A"));
    let report = car.report(Car {
        battery_level: Some(72),
        charge_rate: Some(31.7),
        charging_state: Some(Charging::Complete),
        charge_energy: Some(1e21),
    });
    let before = now();
    telemetry.report(vec![report]).await;
    let (headers, got) = receiver.requests(1).await.remove(0);
    assert_eq!(headers["x-own"], "mine");
    assert_eq!(
        headers.contains_key("content-encoding") || headers.contains_key("grpc-encoding"),
        compression.is_some()
    );
    let mut lines: Vec<String> = lines(&receiver);
    lines.sort();
    assert_eq!(lines, EXPECTED);
    for point in receiver.points() {
        assert!((before..=now()).contains(&point.time), "{point:?}");
    }
    let Got::Metrics(request) = got else {
        panic!("{got:?}");
    };
    let resource = request.resource_metrics[0].resource.as_ref();
    let resource = texts(&resource.expect("a resource").attributes);
    assert_eq!(resource["service.name"], "test");
    assert_eq!(resource["telemetry.sdk.language"], "rust");
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
}

fn lines(receiver: &Receiver) -> Vec<String> {
    receiver.points().iter().map(|own| own.line()).collect()
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("after 1970").as_nanos() as u64
}

#[tokio::test]
async fn every_point_arrives_over_http_protobuf() {
    every_point_arrives(Protocol::HttpProtobuf, None).await;
}

#[tokio::test]
async fn every_point_arrives_over_http_json() {
    every_point_arrives(Protocol::HttpJson, None).await;
}

#[tokio::test]
async fn every_point_arrives_over_grpc() {
    every_point_arrives(Protocol::Grpc, None).await;
}

#[tokio::test]
async fn every_point_arrives_compressed() {
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        every_point_arrives(protocol, Some(Compression::Gzip)).await;
    }
}
