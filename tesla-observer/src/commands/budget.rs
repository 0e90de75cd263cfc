//! Which budget is in effect, and where it is kept what was spent of it.

use std::sync::Arc;

use super::account::Source;
use crate::budget::{Clock, Governor, Ledger, Limit, Money};
use crate::config::{Api, Budget, Config};

/// What the Fleet API's discount covers each month: who says nothing pays nothing.
const DISCOUNT: Limit = Limit::Monthly(Money::from_micros(10_000_000));

/// The account that the settings mean, as far as its budget depends on it.
struct Asked {
    /// What its ledger is called; there is none where nothing can be spent.
    ledger: Option<String>,
    /// Whether its requests cost money by the Fleet API's price list.
    is_billed: bool,
    /// What it is, for a warning.
    what: &'static str,
}

fn asked(config: &Config, source: &Source) -> Asked {
    let is_said = config.budget != Budget::Unsaid;
    match source {
        Source::Account(account, _) => Asked {
            is_billed: account.api.is_fleet(),
            ledger: (account.api.is_fleet() || is_said).then(|| account.name.clone()),
            what: "the Owner API costs no money",
        },
        Source::Gateway => {
            let host = config.account.api_host.as_ref();
            let name = host.and_then(|host| host.host_str()).unwrap_or("tesla");
            let is_billed = config.account.api == Api::Fleet && host.is_none();
            Asked {
                is_billed,
                ledger: (is_billed || is_said).then(|| format!("gateway-{name}")),
                what: "gateways have prices of their own",
            }
        }
        Source::Simulated { .. } => Asked {
            is_billed: false,
            ledger: None,
            what: "simulated cars cost no money",
        },
    }
}

/// The budget in effect. Says in the settings what it comes to where nobody said it, and in a warning
/// that money is counted where none is paid.
pub(super) fn governor(config: &mut Config, source: &Source) -> Arc<Governor> {
    let asked = asked(config, source);
    let limit = match config.budget {
        Budget::Limited(limit) => Some(limit),
        Budget::Unlimited => None,
        Budget::Unsaid if asked.is_billed => Some(DISCOUNT),
        Budget::Unsaid => None,
    };
    if config.budget == Budget::Unsaid {
        config.found(
            "budget",
            match limit {
                Some(_) => "10USD (what the Fleet API's monthly discount covers)",
                None => "none",
            },
        );
    }
    if let (Some(Limit::Monthly(_)), false) = (limit, asked.is_billed) {
        tracing::warn!(
            "{}: its requests are counted against --budget as if at the Fleet API's list prices",
            asked.what
        );
    }
    let ledger = match asked.ledger {
        Some(name) => Ledger::in_directory(&config.account.state_dir, &name),
        None => Ledger::in_memory(),
    };
    Governor::new(limit, ledger, Clock::system())
}
