use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Result, Session, still};

#[tokio::test]
async fn another_process_steers_it_over_http() -> Result {
    let session = Session::start(still()).await?;
    let post = async |path: &str, body: Value| -> Result<reqwest::Response> {
        Ok(session
            .client
            .post(session.url(path))
            .json(&body)
            .send()
            .await?)
    };
    let before = session.json("simulator/state").await?;
    assert_eq!(before["vehicles"].as_array().map(Vec::len), Some(3));
    assert_eq!(before["vehicles"][0]["doing"], "boarding");

    let answer = post("simulator/advance", json!({"seconds": 7200})).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let after = session.json("simulator/state").await?;
    assert_eq!(
        after["now_ms"].as_i64(),
        before["now_ms"].as_i64().map(|ms| ms + 7_200_000)
    );
    assert_eq!(after["vehicles"][2]["state"], "asleep");
    assert_eq!(after["vehicles"][2]["slept_seconds"], 6_300.0);

    let faults =
        json!({"rules": [{"route": "products", "fault": "bad_gateway", "when": {"next": 1}}]});
    assert_eq!(
        post("simulator/faults", faults.clone()).await?.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(session.json("simulator/state").await?["faults"], faults);
    let answer = session.get("api/1/products").send().await?;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let state = session.json("simulator/state").await?;
    assert_eq!(
        state["requests"],
        json!([{"route": "products", "vehicle": null, "count": 1}])
    );

    let tokens: Value = post("simulator/tokens", json!({})).await?.json().await?;
    let access = tokens["access_token"].as_str().ok_or("no token")?;
    let products = session.url("api/1/products");
    let answer = session
        .client
        .get(products)
        .bearer_auth(access)
        .send()
        .await?;
    assert_eq!(answer.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn what_it_cannot_read_it_refuses_and_changes_nothing() -> Result {
    let session = Session::start(still()).await?;
    let before = session.json("simulator/state").await?;
    for (path, body) in [
        (
            "simulator/faults",
            r#"{"rules": [{"fault": "no_such_fault"}]}"#,
        ),
        ("simulator/faults", r#"{"rule": []}"#),
        ("simulator/faults", "{"),
        ("simulator/advance", r#"{"seconds": -1}"#),
        ("simulator/advance", r#"{"hours": 1}"#),
    ] {
        let request = session.client.post(session.url(path)).body(body);
        let answer = request
            .header("content-type", "application/json")
            .send()
            .await?;
        assert!(
            answer.status().is_client_error(),
            "{body}: {}",
            answer.status()
        );
    }
    assert_eq!(session.json("simulator/state").await?, before);
    Ok(())
}
