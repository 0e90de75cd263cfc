//! A service with Tesla's API over HTTP on loopback that gives the answers it is given, to the
//! letter, and keeps what it was asked.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::observer::{Observer, TOKEN};
use crate::receiver::listen;

/// A car of the account.
pub struct Car {
    /// Its VIN, which is its id, too.
    pub vin: String,
    /// Its name.
    pub name: Option<String>,
    /// What the service says of its state.
    pub state: &'static str,
    /// What is answered when its vehicle_data is asked for the first time (1), the second, …
    pub answers: Box<dyn Fn(u64) -> Answer + Send + Sync>,
}

impl Car {
    /// A car that always says the same.
    pub fn saying(vin: &str, name: Option<&str>, response: &str) -> Self {
        let response = response.to_owned();
        Car {
            vin: vin.to_owned(),
            name: name.map(str::to_owned),
            state: "online",
            answers: Box::new(move |_| Answer::Response(response.clone())),
        }
    }

    /// Its attribute `vehicle_id`.
    pub fn vehicle_id(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.vin)
    }

    fn entry(&self) -> Value {
        json!({
            "id_s": self.vin, "vin": self.vin, "vehicle_id": 1, "display_name": self.name,
            "state": self.state, "in_service": false,
        })
    }
}

impl fmt::Debug for Car {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Car")
            .field("vin", &self.vin)
            .finish_non_exhaustive()
    }
}

/// An answer of vehicle_data.
#[derive(Clone, Debug)]
pub enum Answer {
    /// 200, and this as the `response`.
    Response(String),
    /// This status, content type and body.
    Other(u16, &'static str, &'static str),
    /// None, ever.
    Hang,
}

/// A question that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method and the path.
    pub what: String,
    /// The query.
    pub query: String,
    /// The headers.
    pub headers: BTreeMap<String, String>,
}

/// The running service. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Tesla(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: SocketAddr,
    cars: Vec<Car>,
    asked: Mutex<Vec<Asked>>,
}

impl Tesla {
    /// Starts it on a free port.
    pub async fn start(cars: Vec<Car>) -> Self {
        let (listener, address) = listen().await;
        let tesla = Tesla(Arc::new(Inner {
            address,
            cars,
            asked: Mutex::default(),
        }));
        let router = Router::new().fallback(answer).with_state(tesla.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        tesla
    }

    /// An observer of its cars.
    pub fn observer(&self) -> Observer {
        Observer::of(&format!("http://{}", self.0.address), TOKEN)
    }

    /// The cars.
    pub fn cars(&self) -> &[Car] {
        &self.0.cars
    }

    /// What it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.0.asked.lock().expect("no panic in a server").clone()
    }

    /// How often it was asked for a car's vehicle_data.
    pub fn asked_for_data_of(&self, vin: &str) -> u64 {
        let what = data_of(vin);
        let asked = self.0.asked.lock().expect("no panic in a server");
        asked.iter().filter(|own| own.what == what).count() as u64
    }
}

fn data_of(vin: &str) -> String {
    format!("GET /api/1/vehicles/{vin}/vehicle_data")
}

async fn answer(
    State(Tesla(inner)): State<Tesla>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let texts = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    let what = format!("{method} {}", uri.path());
    let asked = Asked {
        what: what.clone(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: texts.collect(),
    };
    let nth = {
        let mut all = inner.asked.lock().expect("no panic in a server");
        all.push(asked.clone());
        all.iter().filter(|own| own.what == what).count() as u64
    };
    if asked.headers.get("authorization").map(String::as_str) != Some(&format!("Bearer {TOKEN}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let json = |text: String| ([(header::CONTENT_TYPE, "application/json")], text).into_response();
    if what == "GET /api/1/products" {
        let entries: Vec<Value> = inner.cars.iter().map(Car::entry).collect();
        return json(json!({ "response": entries, "count": entries.len() }).to_string());
    }
    for car in &inner.cars {
        if what == format!("GET /api/1/vehicles/{}", car.vin) {
            return json(json!({ "response": car.entry() }).to_string());
        }
        if what == data_of(&car.vin) {
            return match (car.answers)(nth) {
                Answer::Response(response) => json(format!(r#"{{"response":{response}}}"#)),
                Answer::Other(status, content_type, body) => {
                    let status = StatusCode::from_u16(status).expect("a status");
                    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
                }
                Answer::Hang => std::future::pending().await,
            };
        }
    }
    StatusCode::NOT_FOUND.into_response()
}
