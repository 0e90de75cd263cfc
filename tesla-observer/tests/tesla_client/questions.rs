//! What is asked, and how good answers are understood.

use std::sync::{Arc, Mutex};

use axum::http::Version;
use tesla_observer::fetch::tesla::{Api, Settings, Tesla, TokenStore};
use tesla_observer::fetch::{Availability, Problem, RequestDone, Vehicle, VehicleFetcher as _};
use tesla_observer::model;

use crate::server::*;

fn car(number: usize) -> serde_json::Value {
    serde_json::json!({
        "id": 1_492_931_365_719_400_000_u64 + number as u64,
        "id_s": (1_492_931_365_719_400_000_u64 + number as u64).to_string(),
        "vehicle_id": number,
        "vin": format!("LRW3E7FA9MC{number:06}"),
        "display_name": format!("Car {number}"),
        "state": "asleep",
        "in_service": false,
    })
}

#[tokio::test]
async fn the_owner_list_has_all_cars_and_no_energy_sites() {
    let server = Server::start(|_| {
        let site =
            serde_json::json!({"id": "STE2020", "energy_site_id": 7, "resource_type": "battery"});
        let response =
            serde_json::json!([car(1), site, {"vin": null, "vehicle_id": 3}, car(9_007)]);
        Reply::json(200, serde_json::json!({"response": response, "count": 4}))
    })
    .await;
    let cars = client(&server, Api::Owner)
        .vehicles()
        .await
        .expect("a list");
    let ids: Vec<&str> = cars.iter().map(|car| car.vehicle.id.as_str()).collect();
    assert_eq!(ids, ["1492931365719400001", "1492931365719409007"]);
    assert_eq!(cars[0].vehicle.vehicle_id(), "Car 1");
    assert_eq!(cars[0].availability, Some(Availability::Asleep));
    let asked = &server.asked()[0];
    assert_eq!(
        (
            asked.method.as_str(),
            asked.path.as_str(),
            asked.query.as_str()
        ),
        ("GET", "/api/1/products", "")
    );
    assert_eq!(asked.bearer(), ACCESS);
    assert!(
        asked.headers["user-agent"]
            .to_str()
            .expect("text")
            .starts_with("tesla-observer/")
    );
    assert_eq!(asked.headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn the_fleet_list_is_read_page_by_page() {
    for told in [true, false] {
        let server = Server::start(move |asked| {
            let page: usize = asked.query.split(['=', '&']).nth(1).and_then(|n| n.parse().ok()).expect("a page");
            // While it is read, a car is added in front: one is on two pages.
            let first = if page == 1 { 0 } else { (page - 1) * 100 - 1 };
            let last = (page * 100).min(230);
            let cars: Vec<_> = (first..last).map(car).collect();
            let mut body = serde_json::json!({"response": cars, "count": cars.len()});
            if told {
                let next = (page < 3).then_some(page + 1);
                body["pagination"] = serde_json::json!({"previous": null, "next": next, "current": page, "per_page": 100, "pages": 3});
            }
            Reply::json(200, body)
        })
        .await;
        let cars = client(&server, fleet()).vehicles().await.expect("a list");
        assert_eq!(cars.len(), 230, "told: {told}");
        let queries: Vec<String> = server
            .asked()
            .into_iter()
            .map(|asked| format!("{}?{}", asked.path, asked.query))
            .collect();
        let expected: Vec<String> = (1..=3)
            .map(|page| format!("/api/1/vehicles?page={page}&page_size=100"))
            .collect();
        assert_eq!(queries, expected, "told: {told}");
    }
}

#[tokio::test]
async fn pages_that_never_end_do_end() {
    let server = Server::start(|_| {
        Reply::json(
            200,
            serde_json::json!({"response": [car(1)], "pagination": {"next": 1}}),
        )
    })
    .await;
    assert_eq!(
        client(&server, fleet())
            .vehicles()
            .await
            .expect("a list")
            .len(),
        1
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn the_state_is_read_without_vehicle_data() {
    let server = Server::start(|_| state("online")).await;
    let tesla = client(&server, Api::Owner);
    assert_eq!(
        tesla.availability(&vehicle()).await,
        Ok(Availability::Online)
    );
    let paths: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/api/1/vehicles/1492931365719407001"]);
}

#[tokio::test]
async fn all_of_vehicle_data_is_asked_for_and_read() {
    let response = serde_json::json!({"vin": "LRW3E7FA9MC000001", "charge_state": {"battery_level": 72, "battery_range": 211.5}});
    let sent = response.clone();
    let server =
        Server::start(move |_| Reply::json(200, serde_json::json!({"response": sent}))).await;
    let snapshot = client(&server, Api::Owner)
        .snapshot(&vehicle())
        .await
        .expect("a snapshot");
    let expected = model::read(&response.to_string(), model::ReadOptions::default()).expect("JSON");
    assert_eq!(
        (snapshot.metrics, snapshot.unread),
        (expected.metrics, expected.unread)
    );
    let asked = &server.asked()[0];
    assert_eq!(
        asked.path,
        "/api/1/vehicles/1492931365719407001/vehicle_data"
    );
    assert_eq!(
        asked.query,
        "endpoints=charge_state%3Bclimate_state%3Bclosures_state%3Bdrive_state%3Bgui_settings%3Blocation_data%3Bcharge_schedule_data%3Bpreconditioning_schedule_data%3Bvehicle_config%3Bvehicle_state%3Bvehicle_data_combo"
    );
}

#[tokio::test]
async fn without_the_scope_for_positions_the_rest_is_read() {
    let server = Server::start(|asked| match asked.query.contains("location_data") {
        true => tesla_error(403, "Unauthorized missing scopes vehicle_location"),
        false => Reply::json(200, serde_json::json!({"response": {"vin": "X"}})),
    })
    .await;
    let tesla = client(&server, fleet());
    tesla.snapshot(&vehicle()).await.expect("the rest");
    tesla.snapshot(&vehicle()).await.expect("the rest");
    assert_eq!(server.asked().len(), 3, "what is missing is found out once");
}

#[tokio::test]
async fn an_id_never_leads_to_another_path() {
    let server = Server::start(|_| state("online")).await;
    let tesla = client(&server, Api::Owner);
    let with_id = |id: &str| Vehicle {
        id: id.to_owned(),
        ..vehicle()
    };
    tesla
        .availability(&with_id("../../2/x?y#z"))
        .await
        .expect("asked");
    assert_eq!(
        server.asked()[0].path,
        "/api/1/vehicles/..%2F..%2F2%2Fx%3Fy%23z"
    );
    for id in ["", ".", ".."] {
        let error = tesla
            .availability(&with_id(id))
            .await
            .expect_err("not asked");
        assert_eq!(error.problem, Problem::Configuration, "{id}");
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_gateway_is_asked_with_its_own_token() {
    let server = Server::start(|_| state("offline")).await;
    let mut host = server.url.clone();
    host.set_path("/gateway/");
    let settings = Settings {
        api_host: Some(host),
        token: Some(" gateway-token\n".into()),
        ..settings(&server)
    };
    let tesla = Tesla::with_fixed_token(settings).expect("a client");
    assert_eq!(
        tesla.availability(&vehicle()).await,
        Ok(Availability::Offline)
    );
    assert_eq!(tesla.token_validity(), None);
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.bearer(), asked.path.as_str()),
        (
            "gateway-token",
            "/gateway/api/1/vehicles/1492931365719407001"
        )
    );
}

#[tokio::test]
async fn every_request_is_told_of() {
    let told: Arc<Mutex<Vec<RequestDone>>> = Arc::default();
    let listener = Arc::clone(&told);
    let server = Server::start(|asked| match asked.is_token() {
        true => tokens("second-access", None),
        false => state("online"),
    })
    .await;
    assert_eq!(server.asked().len(), 0);
    let settings = Settings {
        on_request: Some(Arc::new(move |done| {
            listener.lock().expect("not poisoned").push(done.clone())
        })),
        ..settings(&server)
    };
    let tesla = Tesla::new(
        settings,
        account(Api::Owner, std::time::Duration::ZERO),
        TokenStore::in_memory(),
    )
    .expect("a client");
    tesla.availability(&vehicle()).await.expect("a state");
    let told = told.lock().expect("not poisoned");
    let lines: Vec<_> = told
        .iter()
        .map(|done| {
            (
                done.method,
                done.route,
                done.host.as_str(),
                done.status,
                done.error,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("POST", "/oauth2/v3/token", "127.0.0.1", Some(200), None),
            ("GET", "/api/1/vehicles/{id}", "127.0.0.1", Some(200), None),
        ]
    );
}

#[tokio::test]
async fn the_auth_host_is_only_asked_over_http2() {
    let server = Server::start(|asked| match asked.is_token() {
        true => tokens("second-access", None),
        false => state("online"),
    })
    .await;
    let account = account(Api::Owner, std::time::Duration::ZERO);
    let tesla = Tesla::new(settings(&server), account, TokenStore::in_memory()).expect("a client");
    tesla.availability(&vehicle()).await.expect("a state");
    let versions: Vec<Version> = server.asked().iter().map(|asked| asked.version).collect();
    assert_eq!(versions, [Version::HTTP_2, Version::HTTP_11]);
}

#[tokio::test]
async fn a_host_in_the_open_is_refused_before_anything_is_sent() {
    let server = Server::start(|_| state("online")).await;
    for (api_host, auth_host) in [
        (Some("http://gateway.example"), None),
        (None, Some("http://auth.example")),
    ] {
        let url = |host: Option<&str>| host.map(|host| host.parse().expect("a URL"));
        let settings = Settings {
            api_host: url(api_host),
            auth_host: url(auth_host),
            ..settings(&server)
        };
        let error = Tesla::new(settings, account(Api::Owner, GOOD), TokenStore::in_memory())
            .err()
            .expect("refused");
        assert_eq!(error.problem, Problem::Configuration);
        assert!(error.to_string().contains("https://"), "{error}");
    }
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    // {"response": {"state": "online"}}
    const GZIP: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 74, 45, 46, 200, 207, 43, 78, 85, 178, 82,
        168, 86, 42, 46, 73, 44, 1, 177, 148, 242, 243, 114, 50, 243, 82, 149, 106, 107, 1, 219,
        114, 210, 124, 33, 0, 0, 0,
    ];
    let server = Server::start(|_| Reply::text(200, GZIP).with("content-encoding", "gzip")).await;
    let state = client(&server, Api::Owner).availability(&vehicle()).await;
    assert_eq!(state, Ok(Availability::Online));
}

#[tokio::test]
async fn a_token_that_is_none_is_said_so_without_it() {
    let server = Server::start(|_| state("online")).await;
    let with = |token: &str| Settings {
        token: Some(token.into()),
        ..settings(&server)
    };
    let missing = Tesla::with_fixed_token(with(" ")).err().expect("no token");
    assert_eq!(missing.problem, Problem::Configuration);
    let tesla = Tesla::with_fixed_token(with("half-of-it\nthe-rest")).expect("a client");
    let error = tesla.availability(&vehicle()).await.expect_err("not sent");
    assert_eq!(error.problem, Problem::Configuration);
    assert!(!format!("{error:?}").contains("half-of-it"), "{error:?}");
    assert_eq!(server.asked().len(), 0);
}
