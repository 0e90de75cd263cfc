use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tesla_observer::simulator::{Route, Settings};

use crate::support::{HOUR, MINUTE, Result, Session, h2, still};

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .map(|o| o.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn products_list_every_car_and_a_site_with_ids_that_no_float_can_hold() -> Result {
    let session = Session::start(still()).await?;
    let body = session.json("api/1/products").await?;
    let products = body["response"].as_array().ok_or("no list")?;
    assert_eq!(body["count"], 4);
    let (cars, sites): (Vec<&Value>, Vec<&Value>) =
        products.iter().partition(|p| p.get("vehicle_id").is_some());
    let vins: Vec<&str> = cars.iter().filter_map(|c| c["vin"].as_str()).collect();
    assert_eq!(vins, session.simulator.vins());
    for car in &cars {
        let id = car["id"].as_i64().ok_or("no integer")?;
        assert!(id > 1 << 53);
        assert_eq!(car["id_s"], id.to_string());
        assert_eq!(car["state"], "online");
    }
    assert!(cars.iter().any(|c| c["display_name"].is_null()));
    assert!(
        cars.iter()
            .any(|c| c["display_name"].as_str().is_some_and(|n| !n.is_ascii()))
    );
    assert_eq!(sites.len(), 1);
    assert!(sites[0]["energy_site_id"].is_i64() && sites[0]["id"].is_string());
    Ok(())
}

#[tokio::test]
async fn a_car_is_found_by_vin_and_by_id_over_both_versions_of_http() -> Result {
    let mut session = Session::start(still()).await?;
    let vin = session.simulator.vins()[1].clone();
    let by_vin = session.json(&format!("api/1/vehicles/{vin}")).await?;
    session.client = h2()?;
    let id = by_vin["response"]["id_s"].as_str().ok_or("no id_s")?;
    let response = session.get(&format!("api/1/vehicles/{id}")).send().await?;
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_eq!(response.json::<Value>().await?, by_vin);
    Ok(())
}

#[tokio::test]
async fn only_what_was_asked_for_is_answered() -> Result {
    let session = Session::start(still()).await?;
    let vin = session.simulator.vins()[0].clone();
    let path = format!("api/1/vehicles/{vin}/vehicle_data");
    let all = [
        "charge_state",
        "climate_state",
        "drive_state",
        "gui_settings",
        "vehicle_config",
        "vehicle_state",
    ];
    for asked in [&all[0..1], &all[2..5], &all[..]] {
        let response = session
            .get(&path)
            .query(&[("endpoints", asked.join(";"))])
            .send()
            .await?;
        let body: Value = response.json().await?;
        let there: Vec<&str> = all
            .into_iter()
            .filter(|name| body["response"].get(name).is_some())
            .collect();
        assert_eq!(there, asked);
        assert_eq!(body["response"]["vin"], vin.as_str());
    }
    let classic = session.json(&path).await?;
    assert!(
        all.iter()
            .all(|name| classic["response"].get(name).is_some())
    );
    Ok(())
}

#[tokio::test]
async fn new_firmware_gives_coordinates_only_with_location_data() -> Result {
    let session = Session::start(Settings {
        vehicles: 4,
        ..still()
    })
    .await?;
    let vins = session.simulator.vins();
    for (vin, hides) in vins.iter().zip([true, true, false, false]) {
        let path = format!("api/1/vehicles/{vin}/vehicle_data");
        let without = session
            .json(&format!("{path}?endpoints=drive_state"))
            .await?;
        let with = session
            .json(&format!("{path}?endpoints=drive_state%3Blocation_data"))
            .await?;
        let (without, with) = (
            keys(&without["response"]["drive_state"]),
            keys(&with["response"]["drive_state"]),
        );
        for name in ["latitude", "longitude", "heading", "gps_as_of"] {
            assert_eq!(without.contains(name), !hides, "{vin} {name}");
            assert!(with.contains(name), "{vin} {name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_sleeping_car_answers_408_and_only_the_data_keeps_a_car_awake() -> Result {
    let session = Session::start(still()).await?;
    let vin = session.simulator.vins()[2].clone();
    session.data(&vin).await?;
    session.pass(10 * MINUTE);
    assert_eq!(session.state(&vin).await?, "online");
    session.data(&vin).await?;
    session.pass(14 * MINUTE);
    assert_eq!(
        session.state(&vin).await?,
        "online",
        "the last answer was 14 minutes ago"
    );
    session.pass(Duration::from_secs(61));
    assert_eq!(
        session.state(&vin).await?,
        "asleep",
        "the state keeps no car awake"
    );
    let response = session.ask(&vin).await?;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    let body: Value = response.json().await?;
    assert_eq!(
        body["error"],
        "vehicle unavailable: vehicle is offline or asleep"
    );
    assert!(body["response"].is_null());
    assert_eq!(
        session.state(&vin).await?,
        "asleep",
        "the data do not wake it"
    );
    assert_eq!(session.simulator.wake_count(), 0);

    let path = session.url(&format!("api/1/vehicles/{vin}/wake_up"));
    let woken = session
        .client
        .post(path)
        .bearer_auth(&session.token)
        .send()
        .await?;
    assert_eq!(woken.json::<Value>().await?["response"]["state"], "asleep");
    session.pass(MINUTE);
    assert_eq!(session.state(&vin).await?, "online");
    assert_eq!(session.simulator.wake_count(), 1);
    Ok(())
}

#[tokio::test]
async fn requests_are_counted_by_route_and_vehicle() -> Result {
    let session = Session::start(still()).await?;
    let vins = session.simulator.vins();
    session.data(&vins[0]).await?;
    session.data(&vins[0]).await?;
    session.state(&vins[1]).await?;
    session.get("api/1/vehicles/1/vehicle_data").send().await?;
    session.get("api/1/nothing").send().await?;
    let requests = session.simulator.requests();
    assert_eq!(requests.of_vehicle(Route::VehicleData, &vins[0]), 2);
    assert_eq!(requests.of_vehicle(Route::VehicleData, &vins[1]), 0);
    assert_eq!(requests.of_vehicle(Route::Vehicle, &vins[1]), 1);
    assert_eq!(requests.of(Route::VehicleData), 3);
    assert_eq!(requests.of(Route::Other), 1);
    assert_eq!(requests.iter().map(|r| r.count).sum::<u64>(), 5);
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_404_and_no_car_of_anyone_elses() -> Result {
    let session = Session::start(still()).await?;
    for path in [
        "api/1/vehicles/5YJ3E1EA0KF000000",
        "api/1/vehicles/%F0%9F%9A%97",
        "api/2/x",
        "",
    ] {
        let response = session.get(path).send().await?;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.json::<Value>().await?["error"], "not_found");
    }
    Ok(())
}

#[tokio::test]
async fn the_list_of_vehicles_is_not_for_owner_tokens() -> Result {
    let session = Session::start(still()).await?;
    let response = session.get("api/1/vehicles").send().await?;
    assert_eq!(response.status(), StatusCode::PRECONDITION_FAILED);
    let body: Value = response.json().await?;
    assert!(
        body["error"]
            .as_str()
            .is_some_and(|e| e.contains("only available on fleetapi"))
    );
    let region = session.json("api/1/users/region").await?;
    assert_eq!(
        format!(
            "{}/",
            region["response"]["fleet_api_base_url"]
                .as_str()
                .ok_or("no base")?
        ),
        session.simulator.url().as_str()
    );
    Ok(())
}

#[tokio::test]
async fn requests_without_a_good_token_get_401_in_three_ways() -> Result {
    let session = Session::start(still()).await?;
    let url = session.url("api/1/products");
    let none = session.client.get(&url).send().await?;
    assert_eq!(
        (none.status(), none.text().await?),
        (StatusCode::UNAUTHORIZED, String::new())
    );
    let unknown = session
        .client
        .get(&url)
        .bearer_auth("eyJ.e30.x")
        .send()
        .await?;
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
    assert!(unknown.text().await?.contains("invalid bearer token"));
    session.pass(8 * HOUR - MINUTE);
    assert_eq!(
        session.get("api/1/products").send().await?.status(),
        StatusCode::OK
    );
    session.pass(MINUTE);
    let expired = session.get("api/1/products").send().await?;
    assert_eq!(expired.status(), StatusCode::UNAUTHORIZED);
    assert!(expired.text().await?.contains("token expired (401)"));
    Ok(())
}

#[tokio::test]
async fn a_thousand_cars_are_served() -> Result {
    let session = Session::start(Settings {
        vehicles: 1_000,
        ..still()
    })
    .await?;
    session.pass(3 * 24 * HOUR);
    let token = session.simulator.issue_tokens();
    let session = Session {
        token: secrecy::ExposeSecret::expose_secret(&token.access_token).to_owned(),
        ..session
    };
    let body = session.json("api/1/products").await?;
    assert_eq!(body["count"], 1_001);
    let ids: BTreeSet<&str> = body["response"]
        .as_array()
        .ok_or("no list")?
        .iter()
        .filter_map(|product| product["id_s"].as_str())
        .collect();
    assert_eq!(ids.len(), 1_000);
    Ok(())
}

#[tokio::test]
async fn shutdown_waits_for_nobody_and_frees_the_port() -> Result {
    let session = Session::start(still()).await?;
    session.json("api/1/products").await?;
    let address = session.simulator.url().socket_addrs(|| None)?[0];
    session.simulator.shutdown().await;
    assert!(
        session
            .client
            .get(format!("http://{address}/"))
            .send()
            .await
            .is_err()
    );
    tokio::net::TcpListener::bind(address).await?;
    Ok(())
}
