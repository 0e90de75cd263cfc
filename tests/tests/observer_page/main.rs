//! The page in Chromium, as its readers have it: the real program, simulated cars.

mod notices;
mod shown;

use std::time::Duration;

use fantoccini::key::Key;
use metric_tests::browser::{Browser, Look};
use metric_tests::tesla::{Car, Tesla};
use serde_json::Value;

use shown::{Shown, is_no_wider_than, is_quiet, of_car, page_of, shows_cars, tabs_to};

#[tokio::test(flavor = "multi_thread")]
async fn values_on_the_page_are_the_simulators_and_follow_them() {
    let Some(browser) = Browser::start(Look::default()).await else {
        return;
    };
    let shown = Shown::start().await;
    browser.open(&shown.url).await;
    shows_cars(&browser).await;
    browser
        .until(
            "the stream",
            "return document.getElementById('live').dataset.state === 'live'",
        )
        .await;
    browser.picture("page-cars").await;
    // The page is another one with each car that comes.
    let all = "return document.querySelectorAll('article.car').length === 3";
    browser.until("three cars", all).await;
    // The first car with all that is compared.
    let vin = shown.simulator.vins().remove(0);
    let data = shown.data(&vin).await;
    let expected = [
        (
            "chargestate_battery_level",
            &data["charge_state"]["battery_level"],
        ),
        (
            "chargestate_battery_range",
            &data["charge_state"]["battery_range"],
        ),
        (
            "chargestate_charge_limit_soc",
            &data["charge_state"]["charge_limit_soc"],
        ),
        (
            "climatestate_inside_temp",
            &data["climate_state"]["inside_temp"],
        ),
        (
            "climatestate_outside_temp",
            &data["climate_state"]["outside_temp"],
        ),
        ("vehiclestate_odometer", &data["vehicle_state"]["odometer"]),
    ];
    let name = data["display_name"]
        .as_str()
        .expect("it has a name")
        .to_owned();
    let values = of_car(&browser, &name).await;
    for (metric, value) in expected {
        let value = value.as_f64().expect("the car says it");
        assert_eq!(
            values.get(metric),
            Some(&value),
            "{metric} of {name}: {values:?}"
        );
    }
    // It follows without being loaded anew, once it has seen the third come.
    tokio::time::sleep(Duration::from_secs(2)).await;
    browser.script("window.stays = true").await;
    let before = values["vehiclestate_odometer"] + values["climatestate_outside_temp"];
    let changed = async {
        loop {
            let now = of_car(&browser, &name).await;
            let after = now
                .get("vehiclestate_odometer")
                .zip(now.get("climatestate_outside_temp"));
            if after.is_some_and(|(miles, degrees)| miles + degrees != before) {
                break;
            }
            // Before it falls asleep, what it reports changes.
            shown.simulator.clock().advance(Duration::from_secs(120));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), changed)
        .await
        .expect("the page follows");
    assert_eq!(
        browser.script("return window.stays").await,
        Value::Bool(true),
        "it was not loaded anew"
    );
    is_quiet(&browser, &shown.url).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_have_points_and_take_a_range_by_hand_and_by_keyboard() {
    let Some(browser) = Browser::start(Look::default()).await else {
        return;
    };
    let shown = Shown::start().await;
    browser.open(&shown.url).await;
    shows_cars(&browser).await;
    // Some history: what changes is a point.
    for _ in 0..8 {
        shown.simulator.clock().advance(Duration::from_secs(1200));
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    browser.click("article.car h2 a").await;
    browser
        .until(
            "the charts",
            "return document.querySelectorAll('figure.chart').length === 5",
        )
        .await;
    // The grid is no line of these colours.
    let points = "return [...document.querySelectorAll('figure.chart')]
        .filter((own) => Number(own.dataset.points) > 0
          && own.querySelector('svg polyline[stroke=\"#0000FF\"], svg circle[fill=\"#0000FF\"]')).length";
    let drawn = browser.script(points).await;
    assert!(
        drawn.as_u64().is_some_and(|drawn| drawn >= 3),
        "{drawn} charts have points"
    );
    browser.picture("page-car").await;

    // The picker.
    browser.click("form.range a[data-range='7d']").await;
    browser
        .until(
            "the range",
            "return new URL(location).searchParams.get('range') === '7d'
        && document.querySelector('form.range a[aria-current]').dataset.range === '7d'
        && document.querySelector('.plot[data-ready]') !== null",
        )
        .await;
    let week = "const { from, to } = document.querySelector('.plot').dataset; return to - from";
    assert_eq!(
        browser.script(week).await.as_f64(),
        Some(7.0 * 86_400_000.0)
    );
    browser.click("form.range a[data-range='1h']").await;
    browser
        .until(
            "the range",
            "return document.querySelector('form.range a[aria-current]')?.dataset.range === '1h'
        && document.querySelectorAll('.plot[data-ready]').length > 0",
        )
        .await;

    // What is under the pointer is said.
    browser.hover(".plot", 0.97).await;
    let said = browser.text(".hover:not([hidden])").await;
    assert!(said.contains("UTC: Level") && said.contains('%'), "{said}");

    // What it is drawn across is the new range: about its half.
    browser.drag(".plot", 0.45, 0.995).await;
    let drawn = "const plot = document.querySelector('.plot[data-ready]');
        return new URL(location).searchParams.has('from') && plot !== null
        && plot.dataset.to - plot.dataset.from";
    let half = browser.number("a range by hand", drawn).await;
    assert!((0.45..0.65).contains(&(half / 3_600_000.0)), "{half}");

    // By keyboard: arrows say values, with Shift they choose, Enter shows.
    let reached = tabs_to(&browser, ".plot").await;
    for stop in ["skip", "distance", "1h", "metric"] {
        assert!(reached.iter().any(|own| own == stop), "{stop}: {reached:?}");
    }
    for key in [Key::Left, Key::Left, Key::Right, Key::Right] {
        browser.press(key).await;
    }
    let said = browser.text(".hover:not([hidden])").await;
    assert!(said.contains("UTC"), "{said}");
    browser.press_with_shift(Key::Left, 30).await;
    browser.script("window.before = true").await;
    browser.press(Key::Enter).await;
    let drawn = format!("if (window.before) return false; {drawn}");
    let chosen = browser.number("a range by keyboard", &drawn).await;
    assert!(
        (0.25..0.35).contains(&(chosen / half)),
        "{chosen} of {half}"
    );

    // Any metric by name.
    let field = browser
        .client
        .find(fantoccini::Locator::Css("form.metric input[name='metric']"))
        .await;
    let field = field.expect("there is the field");
    field
        .send_keys("vehiclestate_odometer")
        .await
        .expect("it can be written in");
    browser.click("form.metric button").await;
    browser
        .until(
            "the metric",
            "return document.querySelector('figure[data-chart=metric]') !== null",
        )
        .await;
    is_quiet(&browser, &shown.url).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_on_a_telephone_in_the_dark_by_keyboard_and_without_scripts() {
    let shown = Shown::start().await;
    for (name, look) in [
        (
            "light",
            Look {
                size: (360, 740),
                ..Look::default()
            },
        ),
        (
            "dark",
            Look {
                size: (360, 740),
                dark: true,
                ..Look::default()
            },
        ),
        (
            "plain",
            Look {
                size: (360, 740),
                scripts: false,
                ..Look::default()
            },
        ),
    ] {
        let Some(browser) = Browser::start(look).await else {
            return;
        };
        // It reports once a second.
        let mut tries = 0;
        loop {
            browser.open(&shown.url).await;
            if !browser.values().await.is_empty() || tries == 60 {
                break;
            }
            tries += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(
            browser
                .values()
                .await
                .contains_key("chargestate_battery_level"),
            "{name}"
        );
        let key = browser
            .script("return document.querySelector('article.car').dataset.vehicle")
            .await;
        let key = key.as_str().expect("it has one").to_owned();
        for path in [String::new(), format!("vehicles/{key}?range=1h")] {
            browser.open(&format!("{}{path}", shown.url)).await;
            is_no_wider_than(&browser, 360).await;
        }
        let charts = "return document.querySelectorAll('figure.chart svg').length > 0";
        assert_eq!(browser.script(charts).await, Value::Bool(true), "{name}");
        // Scripts make charts ready, where there are scripts.
        let ready = "return document.querySelectorAll('.plot[data-ready]').length > 0";
        assert_eq!(
            browser.script(ready).await,
            Value::Bool(look.scripts),
            "{name}"
        );
        let paper = "return getComputedStyle(document.body).backgroundColor";
        let expected = match look.dark {
            true => "rgb(15, 18, 22)",
            false => "rgb(246, 247, 249)",
        };
        assert_eq!(browser.script(paper).await, expected, "{name}");
        browser.picture(&format!("page-telephone-{name}")).await;
        if look.scripts {
            // The first stop is the way to the content, and what has the focus can be seen.
            browser.open(&shown.url).await;
            let reached = tabs_to(&browser, "article.car h2 a").await;
            assert_eq!(reached.first().map(String::as_str), Some("skip"));
            let seen =
                "const style = getComputedStyle(document.activeElement); return style.outlineStyle";
            assert_eq!(browser.script(seen).await, "solid");
        }
        is_quiet(&browser, &shown.url).await;
        browser.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_the_viewers() {
    let Some(browser) = Browser::start(Look::default()).await else {
        return;
    };
    let shown = Shown::start().await;
    browser.open(&shown.url).await;
    shows_cars(&browser).await;
    let range =
        "return document.querySelector('[data-metric=chargestate_battery_range]').textContent";
    for (distance, unit) in [("km", " km"), ("mi", " mi")] {
        let choose =
            format!("document.querySelector('form.units [name=distance]').value = '{distance}'");
        browser.script(&choose).await;
        browser.click("form.units button").await;
        let is_so = format!("return document.readyState === 'complete'
            && document.querySelector('form.units [name=distance]').value === '{distance}'
            && document.querySelector('[data-metric=chargestate_battery_range]')?.textContent.endsWith('{unit}')");
        browser.until("the units", &is_so).await;
        let shown = browser.script(range).await;
        assert!(
            shown.as_str().is_some_and(|shown| shown.ends_with(unit)),
            "{shown}"
        );
    }
    is_quiet(&browser, &shown.url).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_a_failed_history_are_said_as_text() {
    let telephone = Look {
        size: (360, 740),
        ..Look::default()
    };
    let Some(browser) = Browser::start(telephone).await else {
        return;
    };
    let answer = r#"{"state":"online","charge_state":{"battery_level":50},"vehicle_state":{"car_version":"<b>1</b>"}}"#;
    let names = [
        "<img src=x onerror=\"document.title='hacked'\">",
        "'; DROP TABLE history_point; --",
        "</article><script>document.title='hacked'</script>",
        &"long ".repeat(2_000),
    ];
    let cars = names
        .iter()
        .enumerate()
        .map(|(index, name)| Car::saying(&format!("5YJ3E1EA7KF00031{index}"), Some(name), answer));
    let tesla = Tesla::start(cars.collect()).await;
    let observer = tesla
        .observer()
        .with("SCRAPE_INTERVAL_SEC", 1)
        .with("TESLA_OBSERVER_HISTORY", "/proc/nowhere/history.sqlite");
    let (_running, url) = page_of(observer);
    browser.open(&url).await;
    let all = "return document.querySelectorAll('article.car data.value').length >= 4";
    browser.until("four cars", all).await;
    let text = browser.text("main").await;
    for expected in [
        "<img src=x onerror=",
        "'; DROP TABLE history_point; --",
        "</article><script>document.title='hacked'</script>",
        "No history is kept: the history /proc/nowhere/history.sqlite: it cannot be written",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert_eq!(
        browser.client.title().await.expect("it has one"),
        "Tesla observer"
    );
    assert!(
        browser
            .text("p.failure")
            .await
            .contains("correct the permissions")
    );
    is_no_wider_than(&browser, 360).await;
    browser.picture("page-hostile").await;
    let addresses =
        "return [...document.querySelectorAll('article.car h2 a')].map((own) => own.href)";
    let addresses: Vec<String> =
        serde_json::from_value(browser.script(addresses).await).expect("texts");
    assert_eq!(addresses.len(), names.len());
    for address in addresses {
        browser.open(&address).await;
        is_no_wider_than(&browser, 360).await;
        let title = browser.client.title().await.expect("it has one");
        assert!(title.ends_with(" – Tesla observer"), "{title}");
    }
    is_quiet(&browser, &url).await;
    browser.end().await;
}
