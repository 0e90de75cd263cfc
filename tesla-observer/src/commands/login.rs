//! `login`: to Tesla, in a browser that may be on another machine.

use std::io;

use secrecy::zeroize::Zeroizing;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Stdin};

use super::account::settings;
use super::{Failure, other, print};
use crate::config::{Api, Config, ConfigError};
use crate::fetch::tesla::{Login, TokenStore};

/// How often a wrong paste may be mended.
const ATTEMPTS: usize = 5;

pub(super) async fn login(config: &Config, no_browser: bool) -> Result<(), Failure> {
    if config.account.token.is_some() {
        return Err(other(
            "TOKEN is set: with a gateway's token there is nothing to log in to. Unset it first",
        ));
    }
    if config.account.api == Api::Fleet && config.account.client_id.is_none() {
        return Err(Failure::Config(vec![ConfigError {
            at: "TESLA_CLIENT_ID".to_owned(),
            problem: "is not set: the Fleet API needs the client id of your application, from \
                      developer.tesla.com"
                .to_owned(),
        }]));
    }
    // Before anybody logs in in vain.
    let store = TokenStore::open(&config.account.state_dir).map_err(other)?;
    let settings = settings(config, None)?;
    // What the login lacks is said before anything is asked.
    Login::begin(&settings, None).map_err(other)?;
    let mut input = BufReader::new(tokio::io::stdin());
    let user = match &config.account.user {
        Some(user) => user.clone(),
        None => ask(&mut input, "E-mail address of the Tesla account: ")
            .await?
            .to_string(),
    };
    let login = Login::begin(&settings, Some(&user)).map_err(other)?;
    // What cannot be stored is said before a code is spent.
    store.check(login.name()).map_err(other)?;
    print(&format!(
        "1. Open this address in a browser, on any machine, and log in:\n\n{}\n\n\
         2. At the end the browser cannot open the page that it is sent to (its address begins with \
         {}). Copy that address: from the address bar, or, where the bar does not show it, from the \
         browser's developer tools (F12), 'Network', the last request's 'Location'.\n\
         3. Paste it here, and press Enter.\n",
        login.url(),
        login.redirect_uri(),
    ))?;
    if !no_browser && open::that_detached(login.url().as_str()).is_err() {
        tracing::debug!("no browser could be opened");
    }
    let mut attempts = ATTEMPTS;
    let account = loop {
        let pasted = ask(&mut input, "Address: ").await?;
        match login.finish(&pasted).await {
            Ok(account) => break account,
            Err(error) => {
                attempts -= 1;
                if attempts == 0 || !error.can_paste_again() {
                    return Err(other(error));
                }
                print(&format!("{error}"))?;
            }
        }
    };
    // An observer that is just renewing the old ones is waited for. Afterwards it sees these, and uses
    // them, or stops if they are of another kind.
    let (saved, kept) = (store.clone(), account.clone());
    tokio::task::spawn_blocking(move || saved.save(&kept))
        .await
        .map_err(other)?
        .map_err(other)?;
    print(&format!(
        "Logged in as {}. The tokens are in {}, for you alone to read.\n\
         `tesla-observer vehicles` lists your cars, `tesla-observer` observes them.",
        account.name,
        config.account.state_dir.display()
    ))
}

/// Asks, and reads a line.
async fn ask(input: &mut BufReader<Stdin>, question: &str) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: io::Error| other(format!("reading the answer: {error}"));
    let mut out = tokio::io::stdout();
    out.write_all(question.as_bytes()).await.map_err(failed)?;
    out.flush().await.map_err(failed)?;
    let mut line = Zeroizing::new(String::new());
    if input.read_line(&mut line).await.map_err(failed)? == 0 {
        return Err(other(
            "logging in: the input ended before there was an answer; run `tesla-observer login` in a terminal",
        ));
    }
    Ok(Zeroizing::new(line.trim().to_owned()))
}
