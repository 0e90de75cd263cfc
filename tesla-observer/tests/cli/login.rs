//! `login`, `import`, and what becomes of the tokens.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tesla_observer::simulator::{Settings, Simulator};

use crate::program::{Ended, Home, Result, Running, mode};

/// The tokens in the store.
fn stored(home: &Home) -> Result<Vec<(String, String)>> {
    let mut tokens = Vec::new();
    for entry in fs::read_dir(home.accounts())? {
        let path = entry?.path();
        assert_eq!(mode(&path)?, 0o600, "{}", path.display());
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        collect("", &serde_json::from_str(&text)?, &mut tokens);
    }
    assert_eq!(mode(&home.accounts())?, 0o700);
    Ok(tokens)
}

fn collect(key: &str, value: &Value, tokens: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| collect(key, value, tokens)),
        Value::String(text) if key.ends_with("_token") => {
            tokens.push((key.to_owned(), text.clone()))
        }
        _ => {}
    }
}

fn refresh_token(tokens: &[(String, String)]) -> Option<&str> {
    let mut tokens = tokens.iter();
    let found = tokens.find(|(key, _)| key == "refresh_token");
    found.map(|(_, token)| token.as_str())
}

fn assert_hides(ended: &Ended, secrets: &[(String, String)]) {
    assert!(secrets.len() >= 2, "{secrets:?}");
    for (key, token) in secrets {
        // A part of it would be as bad.
        let part = &token[token.len() / 2..];
        assert!(!ended.all().contains(part), "{key} in {}", ended.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_in_a_private_file_and_the_account_is_observed() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).with("RUST_LOG", "trace");

    // The address is asked for, too.
    let mut command = home.command("login --no-browser");
    command.stdin(Stdio::piped());
    let mut login = Running::start(command)?;
    login.says("E-mail address");
    login.say("driver@example.com")?;
    let url = login.url()?;
    let redirect = simulator.approve(&url)?;
    login.say(&redirect)?;
    let ended = login.wait()?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(
        ended.out.contains("Logged in as driver@example.com"),
        "{ended:?}"
    );
    let tokens = stored(&home)?;
    assert_hides(&ended, &tokens);
    let code = reqwest::Url::parse(&redirect)?;
    let code = code
        .query_pairs()
        .find(|(key, _)| key == "code")
        .ok_or("no code")?
        .1
        .into_owned();
    assert!(!ended.all().contains(&code), "the code in {}", ended.all());
    assert!(!ended.all().contains("code_verifier="), "{}", ended.all());

    let vehicles = home.run("vehicles")?;
    assert_eq!(vehicles.code(), Some(0), "{vehicles:?}");
    for vin in simulator.vins() {
        assert!(vehicles.out.contains(&vin), "{vin} in {vehicles:?}");
    }
    assert_hides(&vehicles, &tokens);

    let once = home.run("run --once --display lines")?;
    assert_eq!(once.code(), Some(0), "{once:?}");
    assert!(
        once.out.contains("The cars of driver@example.com"),
        "{once:?}"
    );
    assert_eq!(once.out.matches(" battery ").count(), 3, "{once:?}");
    assert_hides(&once, &tokens);
    assert_eq!(simulator.wake_count(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_and_the_new_ones_are_on_disk() -> Result {
    let simulator = Simulator::start(Settings {
        speed: 0.0,
        ..Settings::default()
    })
    .await?;
    let home = Home::new()?
        .at(&simulator)
        .with("RUST_LOG", "trace")
        .logged_in(&simulator)
        .await?;
    let first = stored(&home)?;
    // Simulated time passes: the service refuses the token, whatever this machine's clock says.
    simulator.clock().advance(Duration::from_secs(9 * 3600));
    let ended = home.run("vehicles")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let second = stored(&home)?;
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert_hides(&ended, &first);
    assert_hides(&ended, &second);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_the_fleet_api_logs_in_too() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?
        .at(&simulator)
        .with("TESLA_API", "fleet")
        .with("TESLA_CLIENT_ID", "simulated-fleet-client")
        .with("TESLA_CLIENT_SECRET", "simulated-fleet-secret")
        .with("TESLA_REDIRECT_URI", "http://localhost/callback")
        .with("RUST_LOG", "trace");
    let ended = home
        .log_in(&simulator, "login --no-browser --user ju@example.com")
        .await?;
    assert!(!ended.all().contains("simulated-fleet-secret"), "{ended:?}");
    let vehicles = home.run("vehicles")?;
    assert_eq!(vehicles.code(), Some(0), "{vehicles:?}");
    assert!(vehicles.out.contains(&simulator.vins()[0]), "{vehicles:?}");
    assert_hides(&vehicles, &stored(&home)?);
    Ok(())
}

#[test]
fn an_application_without_its_secret_is_told_before_anything_is_asked() -> Result {
    let home = Home::new()?.with("TESLA_API", "fleet");
    let ended = home.run("login")?;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert!(ended.error.contains("TESLA_CLIENT_ID"), "{ended:?}");
    let ended = home.with("TESLA_CLIENT_ID", "an-app").run("login")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("client secret"), "{ended:?}");
    assert!(!ended.out.contains("E-mail"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_paste_is_explained_and_can_be_mended() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator);
    let start = || -> Result<Running> {
        let mut command = home.command("login --no-browser --user driver@example.com");
        command.stdin(Stdio::piped());
        Running::start(command)
    };
    let mut login = start()?;
    let url = login.url()?;
    for (pasted, explained) in [
        ("", "nothing was pasted"),
        (url.as_str(), "the address of the login page"),
        ("tesla://auth/callback?state=x", "no code in it"),
        ("tesla://auth/callback?code=abc", "no state in it"),
    ] {
        login.say(pasted)?;
        login.says(explained);
    }
    login.say(&simulator.approve(&url)?)?;
    assert_eq!(login.wait()?.code(), Some(0));

    for (pasted, explained) in [
        (
            "tesla://auth/callback?error=access_denied&state=x",
            "access_denied",
        ),
        (
            "tesla://auth/callback?code=abc&state=of-another",
            "another login",
        ),
    ] {
        let mut login = start()?;
        login.url()?;
        login.say(pasted)?;
        let ended = login.wait()?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        assert!(ended.error.contains(explained), "{ended:?}");
        assert!(!ended.all().contains("abc"), "{ended:?}");
    }

    // Whoever pastes nothing at all.
    let mut login = start()?;
    login.url()?;
    login.hang_up();
    let ended = login.wait()?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("the input ended"), "{ended:?}");
    // And whoever never stops.
    let mut login = start()?;
    login.url()?;
    for _ in 0..5 {
        login.say("hello")?;
    }
    assert_eq!(login.wait()?.code(), Some(1));
    Ok(())
}

#[test]
fn what_cannot_be_stored_is_said_before_anybody_logs_in() -> Result {
    let home = Home::new()?;
    // A lock that is none, and a name that is none for a file.
    fs::create_dir_all(home.accounts().join(".driver@example.com.json.lock"))?;
    let long = "x".repeat(300);
    for user in ["driver@example.com", &long] {
        let ended = home.run(&format!("login --no-browser --user {user}"))?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        assert!(ended.error.contains("locking the tokens"), "{ended:?}");
        assert!(!ended.out.contains("Open this address"), "{ended:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_leaves_newer_tokens_as_they_are_and_says_how_to_replace_them() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    let sso = json!({
        "access_token": "old-access-token", "refresh_token": "old-refresh-token",
        "expires_in": 28_800, "expires_at": 1_750_000_000, "token_type": "Bearer",
    });
    let entry = json!({"url": "https://auth.tesla.com/", "sso": sso});
    let cache = json!({"driver@example.com": entry});
    fs::write(home.path("cache.json"), cache.to_string())?;
    let before = stored(&home)?;
    let ended = home.run("import cache.json")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let accounts = home.accounts();
    for told in [
        "driver@example.com",
        "later",
        &accounts.display().to_string(),
    ] {
        assert!(ended.out.contains(told), "{told} in {ended:?}");
    }
    assert!(!ended.out.contains("Took over"), "{ended:?}");
    assert_eq!(stored(&home)?, before);
    // As it says.
    fs::remove_file(accounts.join("driver@example.com.json"))?;
    let ended = home.run("import cache.json")?;
    assert!(ended.out.contains("Took over driver@"), "{ended:?}");
    assert_eq!(refresh_token(&stored(&home)?), Some("old-refresh-token"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn import_takes_over_what_is_whole_and_says_what_is_not() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let tokens = simulator.issue_tokens();
    let (access, refresh) = (
        tokens.access_token.expose_secret().to_owned(),
        tokens.refresh_token.expose_secret().to_owned(),
    );
    let entry = |url: &str, refresh: Option<&str>| {
        json!({"url": url, "sso": {
            "access_token": access, "refresh_token": refresh,
            "expires_in": 28_800, "expires_at": 4_000_000_000_u64, "token_type": "Bearer",
        }})
    };
    let cache = json!({
        "ju@example.com": entry("https://auth.tesla.com/", Some(&refresh)),
        "broken@example.com": entry("https://auth.tesla.com/", None),
        "elsewhere@example.com": entry("https://auth.example.com/", Some(&refresh)),
    });
    let home = Home::new()?.at(&simulator).with("RUST_LOG", "trace");
    fs::write(home.path("cache.json"), cache.to_string())?;
    let ended = home.run("import cache.json")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.out.contains("Took over ju@example.com"), "{ended:?}");
    for told in [
        "broken@example.com",
        "refresh_token",
        "elsewhere@example.com",
        "auth.example.com",
    ] {
        assert!(ended.error.contains(told), "{told} in {ended:?}");
    }
    let kept = stored(&home)?;
    assert_hides(&ended, &kept);
    assert_eq!(refresh_token(&kept), Some(refresh.as_str()));
    // It works, and the file is as it was.
    let vehicles = home.run("vehicles")?;
    assert_eq!(vehicles.code(), Some(0), "{vehicles:?}");
    assert_eq!(
        fs::read_to_string(home.path("cache.json"))?,
        cache.to_string()
    );

    for (text, explained) in [
        ("", "line 1"),
        ("{}", "no account"),
        ("<html>", "line 1"),
        ("[1]", "line 1"),
        (
            r#"{"ju@example.com": {"url": "https://auth.tesla.com/"}}"#,
            "no sso",
        ),
    ] {
        fs::write(home.path("wrong.json"), text)?;
        let ended = home.run("import wrong.json")?;
        assert_eq!(ended.code(), Some(1), "{text}: {ended:?}");
        for told in [explained, "wrong.json"] {
            assert!(ended.error.contains(told), "{told} for {text} in {ended:?}");
        }
    }
    // Endless, and it does not say so.
    let ended = home.run("import /dev/zero")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("too large"), "{ended:?}");
    for missing in ["nowhere.json", "."] {
        let ended = home.run(&format!("import {missing}"))?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        assert!(ended.error.contains(missing), "{ended:?}");
    }
    Ok(())
}
