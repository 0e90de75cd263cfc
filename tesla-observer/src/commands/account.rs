//! Whose cars: the account that is meant, or simulated ones; and the client that asks for them.

use std::sync::Arc;

use super::{Failure, other, simulate};
use crate::budget::Governor;
use crate::config::{self, Config, ConfigError, SourceOfCars};
use crate::fetch::OnRequest;
use crate::fetch::tesla::{self, Account, Api, Login, Tesla, TokenStore};
use crate::privacy::{VinKey, Vins};
use crate::simulator::Simulator;

/// Whose cars.
pub(super) enum Source {
    /// A gateway with a token that stays.
    Gateway,
    /// An account that has logged in.
    Account(Box<Account>, TokenStore),
    /// Simulated ones. `everywhere` if their reports may leave this machine.
    Simulated {
        /// Whether their reports go to the configured destinations.
        everywhere: bool,
        /// Why there is no account, if that was hardly meant.
        instead: Option<String>,
    },
}

/// A client that can ask, and what must live as long as it is asked.
pub(super) struct Connected {
    pub(super) tesla: Arc<Tesla>,
    pub(super) simulator: Option<Simulator>,
}

const NO_ACCOUNT: &str = "no account has logged in on this machine";
const LOG_IN: &str = "run `tesla-observer login`, or take over TeslaPy's tokens with \
     `tesla-observer import cache.json`";

impl Source {
    fn simulated(everywhere: bool) -> Self {
        Self::Simulated {
            everywhere,
            instead: None,
        }
    }

    /// Whose cars the settings mean.
    ///
    /// Without any account, and without a word about one or about a destination, simulated cars are
    /// what there is to show.
    pub(super) fn choose(config: &Config) -> Result<Self, Failure> {
        match config.source {
            SourceOfCars::SimulatedEverywhere => return Ok(Self::simulated(true)),
            SourceOfCars::SimulatedHere => return Ok(Self::simulated(false)),
            SourceOfCars::Account => {}
        }
        if config.account.token.is_some() {
            return Ok(Self::Gateway);
        }
        let store = match TokenStore::open_if_it_exists(&config.account.state_dir) {
            // Where there can be no account, there is none; without one, simulated cars are shown.
            Err(error)
                if !config.account.said
                    && !config.is_said("state-dir")
                    && !config.telemetry.has_destination() =>
            {
                return Ok(Self::Simulated {
                    everywhere: false,
                    instead: Some(error.to_string()),
                });
            }
            store => store.map_err(other)?,
        };
        let names = match &store {
            Some(store) => store.accounts().map_err(other)?,
            None => Vec::new(),
        };
        let name = match (&config.account.user, names.as_slice()) {
            (Some(user), names) => names
                .iter()
                .find(|name| name.eq_ignore_ascii_case(user))
                .ok_or_else(|| match names {
                    [] => Failure::NoAccount {
                        problem: format!("{user}: {NO_ACCOUNT}"),
                        remedy: LOG_IN.to_owned(),
                    },
                    names => Failure::NoAccount {
                        problem: format!(
                            "{user} has not logged in on this machine, only {}",
                            names.join(", ")
                        ),
                        remedy: format!("run `tesla-observer login --user {user}`"),
                    },
                })?,
            (None, [name]) => name,
            (None, []) if config.account.said || config.telemetry.has_destination() => {
                return Err(Failure::NoAccount {
                    problem: NO_ACCOUNT.to_owned(),
                    remedy: format!(
                        "{LOG_IN}. To try the destination with simulated cars, add --demo"
                    ),
                });
            }
            (None, []) => return Ok(Self::simulated(false)),
            (None, names) => {
                return Err(Failure::Config(vec![ConfigError {
                    at: "TESLA_USER_EMAIL".to_owned(),
                    problem: format!(
                        "is not set, and several accounts have logged in: choose one of {}",
                        names.join(", ")
                    ),
                }]));
            }
        };
        let store = match store {
            Some(store) => store,
            None => TokenStore::open(&config.account.state_dir).map_err(other)?,
        };
        let account = store.load(name).map_err(other)?;
        Ok(Self::Account(Box::new(account), store))
    }
}

/// What Tesla's client is told.
pub(super) fn settings(
    config: &Config,
    on_request: Option<OnRequest>,
) -> Result<tesla::Settings, Failure> {
    let account = &config.account;
    let api = match account.api {
        config::Api::Owner => Api::Owner,
        config::Api::Fleet => Api::Fleet {
            // Only a login needs it, and says so; an account has its own.
            client_id: account.client_id.clone().unwrap_or_default(),
            client_secret: account.client_secret.clone(),
            redirect_uri: account.redirect_uri.clone(),
        },
    };
    Ok(tesla::Settings {
        api,
        region: account.region,
        api_host: account.api_host.clone(),
        auth_host: account.auth_host.clone(),
        token: account.token.clone(),
        timeout: config.timeout,
        private_texts: config.private_texts,
        location: config.location,
        names_vins: config.vin == config::Vin::Plain,
        on_request,
        ..tesla::Settings::default()
    })
}

/// What is told of VINs.
///
/// # Errors
///
/// If the key of their hashes cannot be kept. Simulated cars need none that is kept.
pub(super) fn vins(config: &Config, source: &Source) -> Result<Vins, Failure> {
    let key = match (config.vin, source) {
        (config::Vin::Plain, _) => return Ok(Vins::Plain),
        (config::Vin::Off, _) => return Ok(Vins::Withheld),
        (config::Vin::Hash, Source::Simulated { .. }) => VinKey::for_this_process(),
        (config::Vin::Hash, _) => VinKey::kept_in(&config.account.state_dir),
    };
    key.map(Vins::Hashed).map_err(other)
}

/// A client for these cars.
pub(super) async fn connect(
    config: &Config,
    source: &Source,
    governor: Arc<Governor>,
    on_request: Option<OnRequest>,
) -> Result<Connected, Failure> {
    let mut settings = tesla::Settings {
        governor,
        ..settings(config, on_request)?
    };
    match source {
        Source::Gateway => Ok(Connected {
            tesla: Arc::new(Tesla::with_fixed_token(settings).map_err(other)?),
            simulator: None,
        }),
        Source::Account(account, store) => {
            settings.api = account.api.clone();
            let tesla = Tesla::new(settings, (**account).clone(), store.clone());
            Ok(Connected {
                tesla: Arc::new(tesla.map_err(other)?),
                simulator: None,
            })
        }
        Source::Simulated { .. } => simulated(config, settings).await,
    }
}

/// A simulator, and a client that has logged in to it as it would to Tesla.
async fn simulated(config: &Config, settings: tesla::Settings) -> Result<Connected, Failure> {
    let simulator = simulate::start(&config.simulation).await?;
    let settings = tesla::Settings {
        api: Api::Owner,
        region: None,
        api_host: Some(simulator.url()),
        auth_host: Some(simulator.url()),
        token: None,
        ..settings
    };
    let login = Login::begin(&settings, Some("driver@example.com")).map_err(other)?;
    let redirect = simulator.approve(login.url()).map_err(other)?;
    let account = login.finish(&redirect).await.map_err(other)?;
    let tesla = Tesla::new(settings, account, TokenStore::in_memory()).map_err(other)?;
    Ok(Connected {
        tesla: Arc::new(tesla),
        simulator: Some(simulator),
    })
}
