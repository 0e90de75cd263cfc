//! The API, and the document that describes it.

use serde_json::{Value as Json, json};

use super::*;
use crate::web::api::document;

async fn json(shown: &Shown, path: &str) -> Result<Json> {
    Ok(serde_json::from_str(&shown.text(path).await?)?)
}

#[tokio::test]
async fn vehicles_have_what_they_reported_last() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("Ju")?;
    let vehicles = json(&shown, "/api/vehicles").await?;
    assert_eq!(vehicles[0]["key"], key);
    assert_eq!(vehicles[0]["vehicle_id"], "Ju");
    let values = vehicles[0]["values"].as_array().expect("a list");
    assert_eq!(values.len(), AWAKE.len());
    assert!(values.contains(&json!({"metric": "chargestate_battery_level", "value": 65.0})));
    let state = json!({"metric": "vehicle_state", "attributes": {"state": "online"}, "value": 1.0});
    assert!(values.contains(&state));
    assert!(vehicles[0]["first_ms"].is_i64());
    Ok(())
}

#[tokio::test]
async fn a_series_is_answered_in_steps_or_as_it_was_reported() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("Ju")?;
    let ask = format!("/api/series?metric=chargestate_battery_level&vehicle={key}");
    let raw = json(&shown, &format!("{ask}&step=raw")).await?;
    let values = raw["series"][0]["values"].as_array().expect("a list");
    assert_eq!(values.len(), 61);
    assert_eq!(
        (&values[0]["value"], &values[60]["value"]),
        (&json!(50.0), &json!(65.0))
    );
    let steps = json(&shown, &format!("{ask}&from=-2h&step=30m")).await?;
    let samples = steps["series"][0]["samples"].as_array().expect("a list");
    assert!((2..=3).contains(&samples.len()), "{samples:?}");
    assert_eq!(samples[0]["min"], 50.0);
    assert_eq!(samples[samples.len() - 1]["max"], 65.0);
    // By name and VIN, too.
    for name in ["Ju", "5YJ3E1EA7KF000316"] {
        let answer = json(
            &shown,
            &format!("/api/series?metric=vehicle_state&vehicle={name}"),
        )
        .await?;
        assert_eq!(
            answer["series"][0]["attributes"],
            json!({"state": "online"})
        );
    }
    let charges = json(&shown, "/api/charges?vehicle=Ju").await?;
    assert_eq!(charges[0]["start_percent"], 50.0);
    assert_eq!(charges[0]["goes_on"], true);
    assert_eq!(json(&shown, "/api/drives?vehicle=Ju").await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_anothers_key_or_vin_takes_nobodys_place() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("ju")?;
    let vin = car("ju").vin.expect("it has one");
    // By name they come before it.
    for name in [&key, &vin] {
        let other = Vehicle {
            vehicle_id: name.clone(),
            vin: Some(format!("of {name}")),
        };
        assert!(other < car("ju"));
        let report = Report {
            vehicle: other,
            time_ms: now_ms(),
            values: report("", 0, AWAKE).values.clone(),
        };
        shown.reports(vec![Arc::new(report)])?;
    }
    for called in [&key, &vin, "ju"] {
        let ask = "/api/series?metric=chargestate_battery_level&step=raw&vehicle=";
        let answer = json(&shown, &format!("{ask}{called}")).await?;
        let values = answer["series"][0]["values"].as_array().expect("a list");
        assert_eq!(values.len(), 61, "{called}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_answered_says_what_to_write() -> Result {
    let mut shown = Shown::new()?;
    shown.charging("Ju")?;
    let level = "/api/series?metric=chargestate_battery_level";
    for (path, status, says) in [
        ("/api/series".to_owned(), 400, "write ?metric=…&vehicle=…"),
        (
            format!("{level}&vehicle=Mo"),
            404,
            "/api/vehicles lists all",
        ),
        (
            "/api/series?metric=battery&vehicle=Ju".to_owned(),
            404,
            "/api/metrics lists all",
        ),
        (
            format!("{level}&vehicle=Ju&from=yesterday"),
            400,
            "write 2026-11-27T08:00:00Z",
        ),
        (
            format!("{level}&vehicle=Ju&from=2026-01-02&to=2026-01-01"),
            400,
            "exchange them",
        ),
        (
            format!("{level}&vehicle=Ju&step=1ms"),
            400,
            "write a longer one",
        ),
        (
            format!("{level}&vehicle=Ju&step=-5s"),
            400,
            "write 90s, 5m, 1h",
        ),
        ("/api/drives".to_owned(), 400, "write ?vehicle=…"),
    ] {
        let answer = shown.get(&path).send().await?;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Json = serde_json::from_str(&answer.text().await?)?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(says), "{path}: {detail}");
        assert_eq!(problem["status"], status);
    }
    Ok(())
}

/// Whether a value is as the document says.
fn is_as_said(document: &Json, schema: &Json, value: &Json) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return is_as_said(document, &document["components"]["schemas"][name], value);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Json::String(kind) => vec![kind],
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => return true,
    };
    let kind = match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
    };
    let is_one = |own: &&str| *own == kind || (kind == "integer" && *own == "number");
    if !kinds.iter().any(is_one) {
        return false;
    }
    let items = value.as_array().into_iter().flatten();
    if !items
        .clone()
        .all(|item| is_as_said(document, &schema["items"], item))
    {
        return false;
    }
    let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    else {
        return true;
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let mut required = required.filter_map(Json::as_str);
    required.all(|name| object.contains_key(name))
        && object.iter().all(|(name, value)| {
            properties
                .get(name)
                .is_some_and(|schema| is_as_said(document, schema, value))
        })
}

#[tokio::test]
async fn every_question_is_answered_as_the_document_says() -> Result {
    let mut shown = Shown::new()?;
    shown.charging("Ju")?;
    let served = json(&shown, "/api/openapi.json").await?;
    assert_eq!(served, document());
    let paths = served["paths"].as_object().expect("an object");
    let known: Vec<&str> = paths.keys().map(String::as_str).collect();
    let all = [
        "charges", "drives", "health", "metrics", "series", "vehicles",
    ];
    assert_eq!(known, all.map(|own| format!("/api/{own}")));
    for (path, item) in paths {
        let responses = &item["get"]["responses"];
        let asked = [
            ("metric", "chargestate_battery_level"),
            ("vehicle", "Ju"),
            ("step", "1m"),
            ("from", "-1h"),
            ("to", "-1s"),
        ];
        let parameters = item["get"]["parameters"].as_array();
        let named = |name: &str| {
            let mut all = parameters.into_iter().flatten();
            all.any(|own| own["name"] == name)
        };
        let query: Vec<_> = asked.into_iter().filter(|(name, _)| named(name)).collect();
        for query in [query, Vec::new()] {
            let answer = shown.get(path).query(&query).send().await?;
            let status = answer.status().as_u16().to_string();
            let kind = answer.headers()["content-type"].to_str()?.to_owned();
            let schema = &responses[&status]["content"][&kind]["schema"];
            assert!(
                schema.is_object(),
                "{path}: {status} {kind} is not in the document"
            );
            let body: Json = serde_json::from_str(&answer.text().await?)?;
            assert!(
                is_as_said(&served, schema, &body),
                "{path}: {body} is not {schema}"
            );
        }
    }
    // The check can fail.
    let schema = &served["components"]["schemas"]["Problem"];
    assert!(!is_as_said(
        &served,
        schema,
        &json!({"status": "400", "title": "", "detail": ""})
    ));
    assert!(!is_as_said(
        &served,
        schema,
        &json!({"status": 400, "title": ""})
    ));
    Ok(())
}
