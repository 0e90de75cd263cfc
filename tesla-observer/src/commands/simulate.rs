//! `simulate`: a Tesla that is not there, for as long as it is wanted.

use super::signals::Signals;
use super::{Failure, print};
use crate::config::{Config, Simulation};
use crate::simulator::{self, Simulator};

/// The simulator's settings.
pub(super) fn settings(simulation: &Simulation) -> simulator::Settings {
    simulator::Settings {
        listen: simulation.listen,
        vehicles: simulation.vehicles,
        speed: simulation.speed,
        seed: simulation.seed,
        ..simulator::Settings::default()
    }
}

/// Starts a simulator.
pub(super) async fn start(simulation: &Simulation) -> Result<Simulator, Failure> {
    Simulator::start(settings(simulation))
        .await
        .map_err(|error| {
            Failure::Other(format!(
                "starting the simulated Tesla at {}: {error}; choose another address with --listen",
                simulation.listen
            ))
        })
}

pub(super) async fn simulate(config: &Config) -> Result<(), Failure> {
    let mut signals = Signals::listen();
    let simulator = start(&config.simulation).await?;
    let url = simulator.url();
    print(&format!(
        "A simulated Tesla with {} cars is at {url} (its clock runs {} times as fast as yours).\n\
         To observe its cars from another terminal, log in and run:\n\n  \
         export TESLA_API_HOST={url} TESLA_AUTH_HOST={url} TESLA_OBSERVER_STATE_DIR=simulated-state\n  \
         tesla-observer login\n  \
         tesla-observer --interval 5\n\n\
         What goes wrong can be steered: `tesla-observer simulate --help`. Ctrl-C ends it.",
        config.simulation.vehicles, config.simulation.speed
    ))?;
    signals.at_least(1).await;
    simulator.shutdown().await;
    Ok(())
}
