//! The table, on a terminal of its own.

use std::num::NonZeroU16;
use std::process::{Command, Stdio};

use axum::Json;
use axum::http::Uri;
use serde_json::json;
use tokio::net::TcpListener;

use crate::program::{Home, Result, Running};

/// The program in a terminal of 24 lines and 80 columns; `None` where there is no `script` that can
/// make one.
fn in_terminal(home: &Home, arguments: &str) -> Result<Option<Running>> {
    let known = Command::new("script").arg("--version").output();
    if !known.is_ok_and(|known| String::from_utf8_lossy(&known.stdout).contains("util-linux")) {
        return Ok(None);
    }
    let mut command = Command::new("script");
    home.prepare(&mut command);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env("PATH", path)
        .env("TERM", "xterm-256color")
        .env("SHELL", "/bin/sh");
    let inner = format!(
        "trap : INT; stty rows 24 cols 80; echo '$ tesla-observer'; {} {arguments}; echo \"ended with $?\"",
        env!("CARGO_BIN_EXE_tesla-observer")
    );
    command
        .args(["-qec", &inner, "/dev/null"])
        .stdin(Stdio::piped());
    Running::start(command).map(Some)
}

fn size(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).expect("a size")
}

/// What the terminal shows.
fn shown(out: &str) -> Vec<String> {
    let mut terminal = vt100::Parser::new(size(24), size(80), 0);
    terminal.process(out.as_bytes());
    let rows = terminal.screen().rows(0, 80);
    rows.map(|row| row.trim_end().to_owned()).collect()
}

#[test]
fn the_table_refreshes_in_place_and_leaves_the_cursor_below() -> Result {
    let home = Home::new()?;
    let Some(mut running) = in_terminal(&home, "--interval 0.3")? else {
        return Ok(());
    };
    // Some pictures, one over the other.
    running.until("several pictures", |out, _| {
        (out.matches("Asked every").count() > 6).then_some(())
    });
    // Ctrl-C, as a terminal has it.
    running.press("\u{3}")?;
    let out = running.until("the end", |out, _| {
        out.contains("ended with").then(|| out.to_owned())
    });
    let rows = shown(&out);
    let first = rows.iter().position(|row| row == "$ tesla-observer");
    assert!(first.is_some(), "{rows:#?}");
    for once in [
        "SIMULATED CARS",
        "Asked every 0.3 s",
        "Polaris",
        "Old Faithful",
    ] {
        let times = rows.iter().filter(|row| row.contains(once)).count();
        assert_eq!(times, 1, "{once} in {rows:#?}");
    }
    let bottom = rows
        .iter()
        .rposition(|row| row.starts_with('└'))
        .ok_or("no table")?;
    let end = rows.iter().position(|row| row == "ended with 0");
    assert!(end.is_some_and(|end| end > bottom), "{rows:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_and_no_message_breaks_the_table() -> Result {
    let names = [
        "\u{1b}[2J\u{1b}[H\u{1b}]0;title\u{7}escapes".to_owned(),
        "x".repeat(10_000),
        "two\nlines\r\nand\u{2028}more".to_owned(),
        "right\u{202e}to left".to_owned(),
        "車".repeat(100),
    ];
    let products: Vec<_> = (1..)
        .zip(&names)
        .map(|(n, name)| {
            let vin = format!("5YJ3E1EA0KF00000{n}");
            json!({"id": n, "id_s": n.to_string(), "vehicle_id": n, "vin": vin,
                   "display_name": name, "state": "online"})
        })
        .collect();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = axum::Router::new().fallback(move |uri: Uri| {
        let products = products.clone();
        async move {
            if uri.path().ends_with("/products") || uri.path().ends_with("/vehicles") {
                let count = products.len();
                return (
                    axum::http::StatusCode::OK,
                    Json(json!({"response": products, "count": count})),
                );
            }
            // Failures make messages below the table.
            let error = json!({"response": null, "error": "\u{1b}[2Jdown\nand out"});
            (axum::http::StatusCode::INTERNAL_SERVER_ERROR, Json(error))
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let home = Home::new()?
        .with("TESLA_API_HOST", format!("http://{address}"))
        .with("TOKEN", "a-gateway-token");
    let Some(mut running) = in_terminal(&home, "--interval 0.3")? else {
        return Ok(());
    };
    running.until("failures in the table", |out, _| {
        let rows = shown(out);
        let failed = rows.iter().filter(|row| row.contains("failed: ")).count();
        (failed == 5 && rows.iter().any(|row| row.contains("WARN"))).then_some(())
    });
    running.press("\u{3}")?;
    let out = running.until("the end", |out, _| {
        out.contains("ended with").then(|| out.to_owned())
    });
    let rows = shown(&out);
    assert!(!out.contains("\u{1b}]"), "{rows:#?}");
    let table: Vec<_> = rows.iter().filter(|row| row.starts_with('│')).collect();
    assert_eq!(table.len(), 1 + names.len(), "{rows:#?}");
    for row in table {
        assert!(row.ends_with('│'), "{rows:#?}");
    }
    Ok(())
}
