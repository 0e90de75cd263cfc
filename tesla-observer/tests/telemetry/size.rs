//! How large requests become.

use std::path::Path;

use opentelemetry::KeyValue;
use serde_json::{Map, Value, json};
use tesla_observer::fetch::Availability;
use tesla_observer::instrumentor::VehicleReport;
use tesla_observer::model::{EvMetrics, ReadOptions, read};
use tesla_observer::schedule::Activity;
use tesla_observer::telemetry::Protocol;

use crate::receiver;
use crate::{PATIENCE, metrics_to, otlp, start};

/// A car that has every field that is known.
fn full() -> EvMetrics {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fields.csv");
    let list = std::fs::read_to_string(list).expect("a file of this repository");
    let mut answer = Value::Object(Map::new());
    for line in list.lines().skip(1) {
        let parts: Vec<&str> = line.split(',').collect();
        let (path, kind, states) = (parts[0], parts[1], parts[3]);
        let value = match kind {
            "quantity" => json!(1234.567891),
            "integer" => json!(1_785_072_190_123_i64),
            "truth" => json!(true),
            "state" => json!(states.split('=').next().expect("a state")),
            _ => json!("a text as texts are"),
        };
        let mut place = &mut answer;
        for key in path.split('.') {
            place = &mut place[key];
        }
        *place = value;
    }
    let reading = read(&answer.to_string(), ReadOptions::default()).expect("an object");
    assert_eq!(reading.unread, []);
    reading.metrics
}

#[tokio::test]
async fn reports_of_many_cars_with_everything_are_within_the_usual_limit_of_grpc() {
    let receiver = receiver::grpc().await;
    let telemetry = start(metrics_to([otlp(
        "otlp",
        Protocol::Grpc,
        &receiver.url(""),
    )]));
    let fleet = telemetry.fleet().expect("the first");
    let metrics = full();
    let members: Vec<_> = (0..120)
        .map(|n| {
            fleet.member(vec![
                KeyValue::new("vehicle_id", format!("A car with a usual name {n}")),
                KeyValue::new("vin", format!("LRW3E7FA9MC{n:06}")),
            ])
        })
        .collect();
    let reports = members.iter().map(|member| {
        member.report(VehicleReport {
            state: Availability::Online,
            online: true,
            activity: Activity::Idle,
            metrics: Some(metrics.clone()),
        })
    });
    telemetry.report(reports.collect()).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let points = receiver.car_points();
    let of_each = points.len() / members.len();
    assert!(of_each > 400, "{of_each} points of each car");
    assert_eq!(points.len() % members.len(), 0);
}
