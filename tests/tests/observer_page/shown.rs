//! A page, and what is asked of it in every test.

use std::collections::BTreeMap;

use fantoccini::key::Key;
use metric_tests::browser::Browser;
use metric_tests::observer::Observer;
use metric_tests::process::Process;
use serde_json::Value;
use tesla_observer::simulator::{Settings, Simulator};

/// A page on which values hold still until the test advances the cars' clock.
pub(crate) struct Shown {
    pub(crate) simulator: Simulator,
    _running: Process,
    pub(crate) url: String,
}

impl Shown {
    pub(crate) async fn start() -> Self {
        let simulator = Simulator::start(Settings {
            vehicles: 3,
            speed: 0.0,
            ..Settings::default()
        });
        let simulator = simulator.await.expect("it listens on loopback");
        let token = simulator.issue_tokens().access_token;
        let observer = Observer::of(
            simulator.url().as_str(),
            secrecy::ExposeSecret::expose_secret(&token),
        )
        .with("SCRAPE_INTERVAL_SEC", 1);
        let (running, url) = page_of(observer);
        Shown {
            simulator,
            _running: running,
            url,
        }
    }

    /// What the service says of a car.
    pub(crate) async fn data(&self, vin: &str) -> Value {
        let url = format!("{}api/1/vehicles/{vin}/vehicle_data", self.simulator.url());
        let token = self.simulator.issue_tokens().access_token;
        let token = secrecy::ExposeSecret::expose_secret(&token).to_owned();
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let answer = client
            .get(url)
            .bearer_auth(token)
            .send()
            .await
            .expect("an answer");
        let text = answer.text().await.expect("a text");
        let data: Value = serde_json::from_str(&text).expect("it is JSON");
        data["response"].clone()
    }
}

/// Starts an observer with a page, and says where it is.
pub(crate) fn page_of(observer: Observer) -> (Process, String) {
    let mut running = observer
        .with("TESLA_OBSERVER_PAGE", "127.0.0.1:0")
        .with("TESLA_OBSERVER_DISPLAY", "off")
        .start();
    let line = running.line_with("the page is at ");
    let url = line
        .split("the page is at ")
        .nth(1)
        .expect("the line has it");
    let url = url
        .split_whitespace()
        .next()
        .expect("the line has it")
        .to_owned();
    (running, url)
}

/// What must be true of every page, at the end.
pub(crate) async fn is_quiet(browser: &Browser, url: &str) {
    let complaints = browser.complaints().await;
    assert_eq!(complaints, Vec::<String>::new());
    let elsewhere: Vec<String> = browser
        .asked()
        .await
        .into_iter()
        .filter(|asked| !asked.starts_with(url) && !asked.starts_with("data:"))
        // The browser's own first page.
        .filter(|asked| !asked.starts_with("chrome"))
        .collect();
    assert_eq!(elsewhere, Vec::<String>::new());
}

/// Whether all of the page is within a window of this width, which is not made wider for it.
pub(crate) async fn is_no_wider_than(browser: &Browser, width: u32) {
    let wide = browser
        .script("return document.documentElement.scrollWidth")
        .await;
    let wide = wide.as_u64().expect("a number");
    assert!(
        wide <= u64::from(width),
        "{} is {wide} pixels wide",
        browser.client.current_url().await.expect("it has one")
    );
}

/// Goes on with Tab, from the start of the page, until an element that a CSS selector finds has the
/// focus; what had it meanwhile, by class, name or range.
pub(crate) async fn tabs_to(browser: &Browser, selector: &str) -> Vec<String> {
    let is_there = format!("return document.activeElement.matches({selector:?})");
    browser.script("document.activeElement.blur()").await;
    let mut reached = Vec::new();
    for _ in 0..60 {
        browser.press(Key::Tab).await;
        if browser.script(&is_there).await == Value::Bool(true) {
            return reached;
        }
        let what = "const own = document.activeElement;
            return own.dataset.range || own.name || own.className || own.tagName";
        let what = browser.script(what).await;
        reached.push(what.as_str().unwrap_or_default().to_owned());
    }
    panic!("{selector} is not reached: {reached:?}");
}

/// Waits until the first car has reported.
pub(crate) async fn shows_cars(browser: &Browser) {
    let script = "return document.querySelectorAll('article.car data.value').length > 10";
    browser.until("the cars' values", script).await;
}

/// The values on the card of this car.
pub(crate) async fn of_car(browser: &Browser, name: &str) -> BTreeMap<String, f64> {
    let script = format!(
        "const card = [...document.querySelectorAll('article.car')]
           .find((own) => own.querySelector('h1, h2').textContent === {});
         return [...(card?.querySelectorAll('data.value') ?? [])]
           .map((own) => [own.dataset.metric, own.value])",
        serde_json::to_string(name).expect("a text")
    );
    let pairs: Vec<(String, String)> =
        serde_json::from_value(browser.script(&script).await).expect("pairs of texts");
    pairs
        .into_iter()
        .map(|(metric, value)| (metric, value.parse().expect("a number")))
        .collect()
}
