//! Whether dashboards find the metrics where they ask, and by which names.

use reqwest::Url;
use serde_json::Value;

use super::Finding;
use crate::catalog::{Backend, catalog};
use crate::config::Config;

const CHECK: &str = "data source";

/// One metric of cars, and one of the observer, whose names differ between backends.
const ASKED: [&str; 2] = ["vehiclestate_odometer", "observer.cycles"];

pub(super) async fn examine(config: &Config, url: Option<&str>) -> Vec<Finding> {
    let Some(url) = url else {
        return Vec::new();
    };
    vec![match base(url) {
        Ok(base) => ask(config, &base).await,
        Err(problem) => Finding::failed(CHECK, problem).mended_by(EXAMPLES),
    }]
}

const EXAMPLES: &str = "give the address that the data source in Grafana has: http://HOST:9090 for Prometheus, \
     http://HOST:8428 for VictoriaMetrics, http://HOST:4000/v1/prometheus for GreptimeDB";

fn base(url: &str) -> Result<Url, String> {
    let parsed = Url::parse(url).map_err(|error| format!("{url:?} is no URL: {error}"))?;
    let is_http = matches!(parsed.scheme(), "http" | "https") && parsed.host().is_some();
    let slashed = format!("{}/", parsed.as_str().trim_end_matches('/'));
    match is_http {
        true => Url::parse(&slashed).map_err(|error| error.to_string()),
        false => Err(format!("{url:?} is no http or https URL")),
    }
}

async fn ask(config: &Config, base: &Url) -> Finding {
    let client = match super::client(base) {
        Ok(client) => client,
        Err(error) => return Finding::failed(CHECK, error.without_url().to_string()),
    };
    let shown = crate::config::without_query(base);
    let mut found = Vec::new();
    let mut some = false;
    for backend in Backend::ALL {
        let catalog = catalog(backend);
        let mut all = true;
        for name in ASKED {
            let Ok(query) = catalog.query(&format!("count(last_over_time({name}[1d]))")) else {
                continue;
            };
            match has_data(&client, base, &query).await {
                Ok(has) => {
                    some |= has;
                    all &= has;
                }
                Err(problem) => {
                    return Finding::failed(CHECK, format!("{shown}: {problem}"))
                        .mended_by(EXAMPLES);
                }
            }
        }
        if all {
            found.push(backend);
        }
    }
    let folder = |backend: Backend| match backend {
        Backend::GreptimeDb | Backend::Prometheus | Backend::VictoriaMetrics => format!(
            "deploy/grafana/dashboards/cars and …/{0}, deploy/rules/{0}.yml",
            backend.as_str()
        ),
        backend => format!(
            "what `tesla-observer metrics --backend {} --output DIRECTORY` writes",
            backend.as_str()
        ),
    };
    match (found.as_slice(), some) {
        ([first, ..], _) => Finding::ok(
            CHECK,
            format!("{shown} has the metrics; the dashboards that fit are {}", folder(*first)),
        ),
        ([], true) => Finding::warning(
            CHECK,
            format!("{shown} has some of the observer's metrics, but not the cars' and its own under one naming"),
        )
        .mended_by("wait until both were exported (a car must be awake), then ask again"),
        ([], false) => {
            let finding = Finding::failed(
                CHECK,
                format!("{shown} answers, but has no metrics of the observer in the last day"),
            );
            finding.mended_by(match config.telemetry.has_destination() {
                true => "check that it is the backend that the observer sends to, and its database",
                false => "send them somewhere: --otlp-endpoint, GREPTIME_HOST or --metrics-exporter prometheus",
            })
        }
    }
}

/// Whether a query finds something; an error if that is no Prometheus API.
async fn has_data(client: &reqwest::Client, base: &Url, query: &str) -> Result<bool, String> {
    let url = base
        .join("api/v1/query")
        .map_err(|error| error.to_string())?;
    let answer = client
        .get(url)
        .query(&[("query", query)])
        .send()
        .await
        .map_err(|error| match error.is_timeout() {
            true => "does not answer in time".to_owned(),
            false => "cannot be reached".to_owned(),
        })?;
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return Err(format!("{status}, and no JSON: that is no Prometheus API"));
    };
    match (body["status"].as_str(), body["data"]["result"].as_array()) {
        (Some("success"), Some(result)) => Ok(!result.is_empty()),
        // GreptimeDB does not know the name: nothing was ever sent under it.
        (Some("error"), _) if status.is_success() || status.as_u16() == 422 => Ok(false),
        _ => Err(format!("{status}: that is no Prometheus API")),
    }
}
