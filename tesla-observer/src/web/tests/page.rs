//! What the page says.

use super::*;

/// Whether what a browser refuses under the page's policy is nowhere in it.
fn is_clean(markup: &str) -> bool {
    let inline = [
        "style=",
        "<style",
        "javascript:",
        "onload=",
        "onerror=",
        "onclick=",
    ];
    let scripts = markup.matches("<script").count();
    let data = markup.matches("<script type=\"application/json\">").count();
    let own = markup.matches("<script src=\"/assets/app.js").count();
    !inline.iter().any(|own| markup.contains(own)) && scripts == data + own
}

#[tokio::test]
async fn without_scripts_all_values_can_be_read() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("Ju")?;
    for path in ["/".to_owned(), format!("/vehicles/{key}")] {
        let page = shown.text(&path).await?;
        for expected in [
            "data-metric=\"chargestate_battery_level\" value=\"65\">65 %</data>",
            "value=\"200\">200 mi</data>",
            "value=\"20\">20 °C</data>",
            "value=\"2.9\">2.9 bar</data>",
            "Battery at 65 percent, charging",
            "driver's door",
            "locked",
            "12345.6 mi",
        ] {
            let expected = expected.replace('\'', "&#39;").replace("&#39;", "'");
            assert!(page.contains(&expected), "{expected} is not in {page}");
        }
        assert!(!page.contains("passenger's door"), "only what is open");
        assert!(is_clean(&page), "{page}");
    }
    Ok(())
}

#[tokio::test]
async fn a_cars_charts_and_lists_are_of_its_history() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("Ju")?;
    let page = shown.text(&format!("/vehicles/{key}?range=3h")).await?;
    let points = |chart: &str| {
        let start = format!("data-chart=\"{chart}\" data-points=\"");
        let rest = page.split(&start).nth(1)?;
        rest.split('"').next()?.parse::<usize>().ok()
    };
    // Two lines, an hour of three in 400 steps.
    let battery = points("battery").expect("there is the chart");
    assert!((260..=270).contains(&battery), "{battery}");
    assert_eq!(points("power"), Some(0));
    assert!(page.contains("<polyline"), "{page}");
    assert!(page.contains("1 charging session"), "{page}");
    assert!(page.contains("50 → 65 %"), "{page}");
    assert!(page.contains("No drive in this time."));
    // Any metric by name, and none that there is not.
    let any = shown
        .text(&format!(
            "/vehicles/{key}?range=3h&metric=vehiclestate_locked"
        ))
        .await?;
    assert!(any.contains("data-chart=\"metric\""), "{any}");
    let none = shown
        .text(&format!("/vehicles/{key}?metric=%3Cb%3E"))
        .await?;
    assert!(
        none.contains("No metric is called &quot;&lt;b&gt;&quot;."),
        "{none}"
    );
    assert!(is_clean(&any) && is_clean(&none));
    Ok(())
}

#[tokio::test]
async fn the_viewer_chooses_units() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("Ju")?;
    let back = format!("/vehicles/{key}");
    let chosen = [
        ("distance", "km"),
        ("temperature", "f"),
        ("pressure", "psi"),
        ("back", &back),
    ];
    let answer = shown
        .ask(reqwest::Method::POST, "/preferences")
        .form(&chosen)
        .send()
        .await?;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], back);
    let cookie = answer.headers()["set-cookie"]
        .to_str()?
        .split(';')
        .next()
        .unwrap_or_default();
    let page = shown
        .get(&back)
        .header("cookie", cookie)
        .send()
        .await?
        .text()
        .await?;
    for expected in ["321.9 km", "68 °F", "42 psi", "19868.3 km"] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
    // What was reported is there as it was.
    assert!(page.contains("value=\"200\">321.9 km"), "{page}");
    Ok(())
}

#[tokio::test]
async fn hostile_names_are_shown_as_text() -> Result {
    for name in [
        "<script>alert(1)</script>",
        "'; DROP TABLE history_point; --",
        "\"><img src=x onerror=alert(1)>",
        "\u{1b}[31mred\u{7}\r\n\0",
        "\u{202e}gnp.exe",
        &"x".repeat(10_000),
        "",
    ] {
        let mut shown = Shown::new()?;
        let key = shown.charging(name)?;
        for path in ["/".to_owned(), format!("/vehicles/{key}")] {
            let page = shown.text(&path).await?;
            assert!(!page.contains("<script>"), "{name:?}");
            assert!(!page.contains("<img"), "{name:?}");
            let is_odd = |letter: char| letter.is_control() && letter != '\n';
            assert!(!page.contains(is_odd), "{name:?}");
            assert!(!page.contains('\u{202e}'), "{name:?}");
            assert!(!page.contains(&"x".repeat(100)), "it is cut");
            assert!(page.contains("65 %"), "{name:?}");
        }
        let series = shown
            .get("/api/series")
            .query(&[("metric", "chargestate_battery_level"), ("vehicle", name)])
            .send()
            .await?;
        // A name without a text is no name.
        assert_eq!(series.status(), 200, "{name:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_sleeping_car_is_shown_as_it_was() -> Result {
    let mut shown = Shown::new()?;
    shown.charging("Ju")?;
    let asleep = ("vehicle_state", "", &[("state", "asleep")][..], 1.0);
    shown.reports(vec![report("Ju", now_ms() + 1_000, &[asleep])])?;
    let page = shown.text("/").await?;
    assert!(page.contains("asleep"), "{page}");
    assert!(page.contains("as it was at"), "{page}");
    assert!(page.contains("65 %"), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_history_that_failed_is_said() -> Result {
    let why = "the history /x: the disk is full; free some <space>";
    let mut shown = Shown::with(None, Standing::Failed(why.to_owned()))?;
    shown.charging("Ju")?;
    for path in ["/".to_owned(), format!("/vehicles/{}", car("Ju").key())] {
        let page = shown.text(&path).await?;
        assert!(
            page.contains("class=\"failure\" role=\"alert\">No history is kept: "),
            "{page}"
        );
        assert!(
            page.contains("the disk is full; free some &lt;space&gt;"),
            "{page}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn there_is_nothing_where_nothing_is() -> Result {
    let shown = Shown::new()?;
    assert!(shown.text("/").await?.contains("No car has reported yet."));
    for (path, status) in [
        ("/vehicles/0", 404),
        ("/nothing", 404),
        ("/assets/x", 404),
        ("/login", 303),
    ] {
        assert_eq!(shown.get(path).send().await?.status(), status, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn all_that_the_page_loads_is_here() -> Result {
    let mut shown = Shown::new()?;
    shown.charging("Ju")?;
    let page = shown.text("/").await?;
    let mut found = 0;
    for attribute in ["src=\"", "href=\""] {
        for rest in page.split(attribute).skip(1) {
            let address = rest.split('"').next().unwrap_or_default();
            let here = address.starts_with('/') || address.starts_with('#') || address == "data:,";
            assert!(here, "{address}");
            if address.starts_with('/') {
                shown.text(address).await?;
                found += 1;
            }
        }
    }
    assert!(found >= 6, "{found}");
    Ok(())
}
