//! A simulator whose clock stands still, and clients for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;
use tesla_observer::simulator::{Settings, Simulator};

/// What lets a test end with `?`.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) const ALL_ENDPOINTS: &str = "charge_state;climate_state;closures_state;drive_state;\
    gui_settings;location_data;charge_schedule_data;preconditioning_schedule_data;vehicle_config;\
    vehicle_state";

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A Monday, 06:00 UTC.
pub(crate) fn monday() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_582_000 + 6 * 3600)
}

pub(crate) fn still() -> Settings {
    Settings {
        speed: 0.0,
        start: Some(monday()),
        ..Settings::default()
    }
}

pub(crate) fn h1() -> Result<Client> {
    Ok(Client::builder()
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

pub(crate) fn h2() -> Result<Client> {
    Ok(Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()?)
}

/// A simulator and someone who is logged in to it.
pub(crate) struct Session {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) token: String,
}

impl Session {
    pub(crate) async fn start(settings: Settings) -> Result<Self> {
        let simulator = Simulator::start(settings).await?;
        let token = simulator
            .issue_tokens()
            .access_token
            .expose_secret()
            .to_owned();
        Ok(Self {
            simulator,
            client: h1()?,
            token,
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}", self.simulator.url(), path.trim_start_matches('/'))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path)).bearer_auth(&self.token)
    }

    pub(crate) async fn json(&self, path: &str) -> Result<Value> {
        Ok(self
            .get(path)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    pub(crate) async fn state(&self, vin: &str) -> Result<String> {
        let body = self.json(&format!("api/1/vehicles/{vin}")).await?;
        Ok(body["response"]["state"]
            .as_str()
            .ok_or("no state")?
            .to_owned())
    }

    pub(crate) async fn ask(&self, vin: &str) -> Result<Response> {
        let path = format!("api/1/vehicles/{vin}/vehicle_data");
        Ok(self
            .get(&path)
            .query(&[("endpoints", ALL_ENDPOINTS)])
            .send()
            .await?)
    }

    /// The data of a car that is online.
    pub(crate) async fn data(&self, vin: &str) -> Result<Value> {
        let mut body: Value = self.ask(vin).await?.error_for_status()?.json().await?;
        Ok(body["response"].take())
    }

    /// The data, or nothing if the car cannot be asked.
    pub(crate) async fn data_if_online(&self, vin: &str) -> Result<Option<Value>> {
        let response = self.ask(vin).await?;
        if response.status() == StatusCode::REQUEST_TIMEOUT {
            return Ok(None);
        }
        let mut body: Value = response.error_for_status()?.json().await?;
        Ok(Some(body["response"].take()))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.simulator.clock().advance(time);
    }
}
