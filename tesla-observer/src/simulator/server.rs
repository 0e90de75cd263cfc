//! The simulator itself: listens, serves, and can be asked what happened.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::auth::{ApproveError, Auth, Tokens};
use super::car::{Car, Outing, Sleep};
use super::clock::{Clock, unix_ms};
use super::faults::{Fault, Faults};
use super::fleet::Identity;
use super::line::{Lines, Peer, Switchboard};
use super::rate::{self, Window};
use super::requests::{Requests, Route};
use super::script::Script;
use super::settings::Settings;
use super::{alter, api, auth_http, control};

/// What all requests share.
pub(super) struct Inner {
    pub(super) clock: Clock,
    pub(super) url: Url,
    pub(super) auth: Mutex<Auth>,
    pub(super) cars: Vec<Mutex<Car>>,
    pub(super) vins: Vec<String>,
    /// VINs and ids.
    names: HashMap<String, usize>,
    pub(super) requests: Mutex<Requests>,
    pub(super) script: Mutex<Script>,
    pub(super) rate: Option<Mutex<Window>>,
}

/// A lock that another request's panic does not break.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds an answer back for so long. For nothing it does not sleep: that takes a millisecond.
pub(super) async fn hold_back(late: Duration) {
    if !late.is_zero() {
        tokio::time::sleep(late).await;
    }
}

impl Inner {
    /// Counts a request and lets go wrong what shall: then there is the answer.
    pub(super) async fn enter(
        &self,
        route: Route,
        vehicle: Option<&str>,
        peer: &Peer,
    ) -> Option<Response> {
        let (response, late) = self.enter_to_act(route, vehicle, peer).await;
        hold_back(late).await;
        response
    }

    /// As [`enter`](Self::enter), for a route that does something: that is done before the answer is
    /// held back for the time that is returned, too.
    pub(super) async fn enter_to_act(
        &self,
        route: Route,
        vehicle: Option<&str>,
        peer: &Peer,
    ) -> (Option<Response>, Duration) {
        lock(&self.requests).add(route, vehicle);
        let fault = lock(&self.script).strike(route, vehicle);
        match fault {
            Some(Fault::Late { milliseconds }) => (None, Duration::from_millis(milliseconds)),
            Some(fault) => (fault.happen(peer).await, Duration::ZERO),
            None => (None, Duration::ZERO),
        }
    }

    /// The car with this VIN or id.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// Brings a car to the time `now` and looks at it.
    pub(super) fn with_car<T>(
        &self,
        index: usize,
        now: i64,
        look: impl FnOnce(&mut Car) -> T,
    ) -> Option<T> {
        let mut car = lock(self.cars.get(index)?);
        car.advance(now);
        Some(look(&mut car))
    }
}

/// A running simulator. Dropped without [`shutdown`](Self::shutdown), it ends all the same.
pub struct Simulator {
    inner: Arc<Inner>,
    switchboard: Switchboard,
    serving: JoinHandle<()>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator")
            .field("url", &self.inner.url.as_str())
            .field("vehicles", &self.inner.vins.len())
            .finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts to listen and to serve.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let url = Url::parse(&format!("http://{address}/")).map_err(io::Error::other)?;
        let start = settings.start.unwrap_or_else(SystemTime::now);
        let clock = Clock::new(start, settings.speed);
        let start_ms = unix_ms(start);
        let mut names = HashMap::with_capacity(2 * settings.vehicles);
        let mut vins = Vec::with_capacity(settings.vehicles);
        let mut cars = Vec::with_capacity(settings.vehicles);
        for index in 0..settings.vehicles {
            let mut identity = Identity::new(settings.seed, index as u64);
            identity.habits = settings.habits;
            names.insert(identity.vin.clone(), index);
            names.insert(identity.id.to_string(), index);
            vins.push(identity.vin.clone());
            cars.push(Mutex::new(Car::new(identity, start_ms)));
        }
        let rate = settings
            .rate_limit
            .map(|most| Mutex::new(Window::new(most)));
        let inner = Arc::new(Inner {
            rate,
            script: Mutex::new(Script::new(settings.faults.clone(), settings.seed)),
            auth: Mutex::new(Auth::new(settings, clock.clone(), &url)),
            clock,
            url,
            cars,
            vins,
            names,
            requests: Mutex::new(Requests::default()),
        });
        let switchboard = Switchboard::default();
        let lines = Lines {
            listener,
            switchboard: switchboard.clone(),
        };
        let service = routes(Arc::clone(&inner)).into_make_service_with_connect_info::<Peer>();
        let serving = tokio::spawn(async move {
            // Never ends by itself, and has no errors.
            let _ = axum::serve(lines, service).await;
        });
        Ok(Self {
            inner,
            switchboard,
            serving,
        })
    }

    /// Where it serves: the base of both the auth and the API.
    pub fn url(&self) -> Url {
        self.inner.url.clone()
    }

    /// The simulated time.
    pub fn clock(&self) -> Clock {
        self.inner.clock.clone()
    }

    /// The cars, in order.
    pub fn vins(&self) -> Vec<String> {
        self.inner.vins.clone()
    }

    /// Says yes for the owner: the URL that the browser would be sent to, with `code`, `state` and
    /// `issuer`.
    ///
    /// # Errors
    ///
    /// If the page would have refused, with its reason.
    pub fn approve(&self, authorize_url: &Url) -> Result<String, ApproveError> {
        if authorize_url.path() != "/oauth2/v3/authorize" {
            let path = authorize_url.path();
            return Err(ApproveError(format!(
                "{path} is not the path /oauth2/v3/authorize"
            )));
        }
        let fields = authorize_url.query_pairs().into_owned().collect();
        let mut auth = lock(&self.inner.auth);
        let wish = auth.check(&fields).map_err(ApproveError)?;
        Ok(auth.allow(wish).into())
    }

    /// Tokens as of a login with the Owner API over HTTP/2.
    pub fn issue_tokens(&self) -> Tokens {
        lock(&self.inner.auth).issue()
    }

    /// How many renewals of tokens were refused since the start: a client that is careful has none.
    pub fn refused_renewals(&self) -> u64 {
        lock(&self.inner.auth).refused_renewals()
    }

    /// What was asked since the start.
    pub fn requests(&self) -> Requests {
        lock(&self.inner.requests).clone()
    }

    /// How many requests were refused because of [`Settings::rate_limit`].
    pub fn refused_by_rate(&self) -> u64 {
        let rate = self.inner.rate.as_ref();
        rate.map_or(0, |window| lock(window).refused())
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, faults: Faults) {
        lock(&self.inner.script).set(faults);
    }

    /// How the car with this VIN has slept so far; `None` if there is no such car.
    pub fn sleep(&self, vin: &str) -> Option<Sleep> {
        let now = self.inner.clock.now_ms();
        self.inner
            .with_car(self.inner.find(vin)?, now, |car| car.sleep(now))
    }

    /// The drives and charges of the car with this VIN so far, at most the last 300; `None` if
    /// there is no such car.
    pub fn outings(&self, vin: &str) -> Option<Vec<Outing>> {
        let now = self.inner.clock.now_ms();
        self.inner
            .with_car(self.inner.find(vin)?, now, |car| car.outings())
    }

    /// How often any car was told to wake up.
    pub fn wake_count(&self) -> u64 {
        let now = self.inner.clock.now_ms();
        (0..self.inner.cars.len())
            .filter_map(|i| self.inner.with_car(i, now, |car| car.sleep(now).wake_ups))
            .sum()
    }

    /// Ends at once; requests that are under way get no answer.
    pub async fn shutdown(mut self) {
        self.serving.abort();
        // Cancelled, as told.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.serving.abort();
        self.switchboard.cut_all();
    }
}

fn routes(inner: Arc<Inner>) -> Router {
    let control = Router::new()
        .route("/simulator/state", get(control::state))
        .route("/simulator/faults", post(control::set_faults))
        .route("/simulator/advance", post(control::advance))
        .route("/simulator/tokens", post(control::tokens))
        .layer(middleware::from_fn(control::only_loopback));
    let api = Router::new()
        .route("/api/1/products", get(api::products))
        .route("/api/1/vehicles", get(api::vehicles))
        .route("/api/1/vehicles/{id}", get(api::vehicle))
        .route("/api/1/vehicles/{id}/vehicle_data", get(api::vehicle_data))
        .route("/api/1/vehicles/{id}/wake_up", post(api::wake_up))
        .route("/api/1/users/region", get(api::region))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&inner),
            rate::limit,
        ));
    Router::new()
        .route(
            "/oauth2/v3/authorize",
            get(auth_http::ask).post(auth_http::decide),
        )
        .route("/oauth2/v3/token", post(auth_http::token))
        .merge(api)
        .fallback(api::other)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&inner),
            alter::alter,
        ))
        .merge(control)
        .with_state(inner)
}
