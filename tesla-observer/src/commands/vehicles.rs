//! `vehicles`: the account's vehicles.

use super::account::{self, Source};
use super::{Failure, budget, other, print};
use crate::config::Config;
use crate::fetch::{Availability, VehicleFetcher as _};
use crate::terminal::{clean, table};

pub(super) async fn list(config: &Config) -> Result<(), Failure> {
    let source = Source::choose(config)?;
    let governor = budget::governor(&mut config.clone(), &source);
    let connected = account::connect(config, &source, governor, None).await?;
    let listed = connected.tesla.vehicles().await;
    connected.tesla.settle().await;
    let mut listed = listed.map_err(other)?;
    if listed.is_empty() {
        return print("The account has no vehicles.");
    }
    let all = listed.len();
    if let Some(shard) = config.shard {
        listed.retain(|listed| shard.has(&listed.vehicle.vin));
        print(&format!(
            "{} of {all} vehicles belong to the part {shard}.",
            listed.len()
        ))?;
    }
    if matches!(source, Source::Simulated { .. }) {
        print("SIMULATED CARS. For your own cars: `tesla-observer login`")?;
    }
    let mut table = table(["Name", "VIN", "State"]);
    for listed in listed {
        let state = match listed.availability {
            Some(Availability::Online) => "online",
            Some(Availability::Asleep) => "asleep",
            Some(Availability::Offline) => "offline",
            Some(Availability::InService) => "in service",
            Some(Availability::Unknown) | None => "unknown",
        };
        let name = listed.vehicle.display_name.as_deref().unwrap_or("–");
        table.add_row([&clean(name, 40), &clean(&listed.vehicle.vin, 40), state]);
    }
    print(&table.to_string())
}
