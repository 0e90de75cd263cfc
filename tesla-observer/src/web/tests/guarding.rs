//! Who may read, and what browsers are told.

use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

#[tokio::test]
async fn browsers_are_told_to_load_nothing_from_elsewhere() -> Result {
    let shown = Shown::new()?;
    for path in [
        "/",
        "/assets/app.js",
        "/api/metrics",
        "/healthz",
        "/nothing",
    ] {
        let answer = shown.get(path).send().await?;
        let header = |name: &str| answer.headers().get(name).and_then(|own| own.to_str().ok());
        let policy = header("content-security-policy").unwrap_or_default();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(
            header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{path}"
        );
        assert!(header("cache-control").is_some(), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn only_this_machines_names_are_answered() -> Result {
    let shown = Shown::new()?;
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:9465", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:9465", 200),
        ("evil.example", 421),
        ("evil.example:9465", 421),
        ("127.0.0.1.evil.example", 421),
        ("192.168.1.2", 421),
        ("", 421),
    ] {
        let answer = shown.get("/").header("host", host).send().await?;
        assert_eq!(answer.status(), status, "{host:?}");
    }
    Ok(())
}

#[tokio::test]
async fn another_site_changes_nothing() -> Result {
    let shown = Shown::new()?;
    let address = shown.server.address();
    for (name, value, status) in [
        ("sec-fetch-site", "same-origin".to_owned(), 303),
        ("sec-fetch-site", "cross-site".to_owned(), 403),
        ("sec-fetch-site", "same-site".to_owned(), 403),
        ("origin", format!("http://{address}"), 303),
        ("origin", "http://evil.example".to_owned(), 403),
        ("origin", "null".to_owned(), 403),
    ] {
        let form = [("distance", "km")];
        let asked = shown
            .ask(Method::POST, "/preferences")
            .header(name, &value)
            .form(&form);
        assert_eq!(asked.send().await?.status(), status, "{name}: {value}");
    }
    Ok(())
}

#[tokio::test]
async fn with_a_token_nothing_can_be_read_without() -> Result {
    let mut shown = Shown::with(Some("a-long-token"), Standing::Off)?;
    let key = shown.charging("Ju")?;
    let car = format!("/vehicles/{key}");
    for path in [
        "/",
        &car,
        "/api/vehicles",
        "/api/openapi.json",
        "/metrics",
        "/events",
        "/assets/app.js",
    ] {
        let answer = shown.get(path).send().await?;
        assert_eq!(answer.status(), 401, "{path}");
        assert!(!answer.text().await?.contains("65 %"), "{path}");
        let page = shown.get(path).header("accept", "text/html").send().await?;
        assert_eq!(page.status(), 303, "{path}");
        assert_eq!(page.headers()["location"], "/login");
    }
    assert!(shown.text("/login").await?.contains("type=\"password\""));
    assert!(shown.text("/healthz").await?.contains("ok"));
    let with = shown
        .get("/api/vehicles")
        .bearer_auth("a-long-token")
        .send()
        .await?;
    assert_eq!(with.status(), 200);

    let form = |token: &'static str| shown.ask(Method::POST, "/login").form(&[("token", token)]);
    let passed = form("a-long-token").send().await?;
    assert_eq!(passed.status(), 303);
    let cookie = passed.headers()["set-cookie"].to_str()?.to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains("a-long-token"), "{cookie}");
    let pass = cookie.split(';').next().unwrap_or_default();
    let page = shown.get("/").header("cookie", pass).send().await?;
    assert!(page.text().await?.contains("65 %"));
    // Another process does not know it.
    let other = Shown::with(Some("a-long-token"), Standing::Off)?;
    assert_eq!(
        other.get("/").header("cookie", pass).send().await?.status(),
        401
    );
    Ok(())
}

#[tokio::test]
async fn wrong_tokens_are_answered_slowly_one_after_the_other() -> Result {
    let shown = Shown::with(Some("a-long-token"), Standing::Off)?;
    let start = Instant::now();
    let wrong = |token: &'static str| {
        shown
            .ask(Method::POST, "/login")
            .form(&[("token", token)])
            .send()
    };
    let bearer = shown.get("/").bearer_auth("x").send();
    let (one, two, three) = tokio::join!(wrong("guess"), wrong(""), bearer);
    assert_eq!(
        [one?.status(), two?.status(), three?.status()],
        [401; 3].map(|code| { reqwest::StatusCode::from_u16(code).expect("it is one") })
    );
    assert!(
        start.elapsed() >= Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    let many: Vec<_> = (0..20).map(|_| wrong("guess")).collect();
    let answers = futures_util::future::join_all(many).await;
    let told_to_wait = answers
        .iter()
        .flatten()
        .filter(|answer| answer.status() == 429)
        .count();
    assert!(told_to_wait >= 10, "{told_to_wait}");
    Ok(())
}

#[tokio::test]
async fn a_large_body_is_refused() -> Result {
    let shown = Shown::new()?;
    let form = [("back", "x".repeat(100_000))];
    let answer = shown
        .ask(Method::POST, "/preferences")
        .form(&form)
        .send()
        .await?;
    assert_eq!(answer.status(), 413);
    Ok(())
}

#[tokio::test]
async fn a_port_that_nobody_chose_may_be_another() -> Result {
    let taken = Shown::new()?;
    let site = Site::new(
        Latest::default(),
        None,
        HealthSource::new(|| unreachable!("nobody asks")),
    );
    let mut settings = Settings {
        address: taken.server.address(),
        any_port: true,
        token: None,
    };
    let scrape: Scrape = Arc::new(|| Box::pin(async { None }));
    let other = Server::start(&settings, site.clone(), Arc::clone(&scrape))?;
    assert_ne!(other.address(), taken.server.address());
    settings.any_port = false;
    let refused = Server::start(&settings, site, scrape)
        .expect_err("it is taken")
        .to_string();
    assert!(
        refused.contains("choose another address with --page"),
        "{refused}"
    );
    Ok(())
}

#[tokio::test]
async fn whoever_hangs_up_does_not_get_on_faster() -> Result {
    let shown = Shown::with(Some("a-long-token"), Standing::Off)?;
    for _ in 0..12 {
        let guess = shown
            .ask(Method::POST, "/login")
            .form(&[("token", "guess")]);
        // Long enough to be asked, too short for an answer.
        let _ = guess.timeout(Duration::from_millis(50)).send().await;
    }
    let answer = shown
        .ask(Method::POST, "/login")
        .form(&[("token", "a-long-token")])
        .send()
        .await?;
    assert_eq!(answer.status(), 429);
    Ok(())
}

#[tokio::test]
async fn one_who_says_nothing_holds_up_nobody() -> Result {
    let shown = Shown::new()?;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(tokio::net::TcpStream::connect(shown.server.address()).await?);
    }
    assert_eq!(shown.get("/").send().await?.status(), 200);
    Ok(())
}

/// What comes after this was sent, until the connection ends or nothing has come for a long time. The
/// time that it takes is not waited for.
async fn answered(shown: &Shown, sent: &[u8], taken_after: Duration) -> Result<(String, bool)> {
    let mut connection = tokio::net::TcpStream::connect(shown.server.address()).await?;
    let mut all = Vec::new();
    let sending = tokio::time::timeout(taken_after, connection.write_all(sent)).await;
    tokio::time::sleep(taken_after).await;
    let taking = connection.read_to_end(&mut all);
    let ended = tokio::time::timeout(Duration::from_secs(60), taking).await;
    let answers = String::from_utf8_lossy(&all).into_owned();
    Ok((answers, ended.is_ok() || sending.is_err()))
}

#[tokio::test(start_paused = true)]
async fn a_form_that_never_comes_holds_no_connection() -> Result {
    let shown = Shown::with(Some("a-long-token"), Standing::Off)?;
    for path in ["/login", "/preferences"] {
        let sent = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-long-token\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\ntok"
        );
        let began = tokio::time::Instant::now();
        let (answer, ended) = answered(&shown, sent.as_bytes(), Duration::ZERO).await?;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert!(ended, "{path}");
        assert!(began.elapsed() < Duration::from_secs(20), "{path}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_no_answer_is_sent_away() -> Result {
    const ASKED: usize = 20_000;
    let shown = Shown::with(Some("a-long-token"), Standing::Off)?;
    let question = "GET /assets/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (answers, ended) = answered(
        &shown,
        question.repeat(ASKED).as_bytes(),
        Duration::from_secs(40),
    )
    .await?;
    assert!(ended);
    let answers = answers.matches("HTTP/1.1 200 OK").count();
    assert!((1..ASKED / 2).contains(&answers), "{answers}");
    Ok(())
}
