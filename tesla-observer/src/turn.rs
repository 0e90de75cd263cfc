//! The questions of one turn.

use crate::fetch::{Availability, FetchError, Problem, Snapshot, Vehicle, VehicleFetcher};
use crate::schedule::Ask;

/// What a vehicle, or the service, answered at a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<M> {
    /// Its state: it cannot be asked for data, or was not to be.
    State(Availability),
    /// Its state says online, and yet it has no data to give.
    LooksOnline,
    /// Its data.
    Read(Snapshot<M>),
    /// A failure.
    Failed(FetchError),
}

/// Asks a vehicle what a turn is to ask: one question as a rule, two where the first one's answer
/// wants another.
pub async fn take<F: VehicleFetcher>(
    fetcher: &F,
    vehicle: &Vehicle,
    ask: Ask,
) -> Answer<F::Metrics> {
    if ask != Ask::Data {
        match fetcher.availability(vehicle).await {
            Ok(Availability::Online) if ask == Ask::StateThenData => {}
            Ok(availability) => return Answer::State(availability),
            Err(error) => return state_or_failed(error),
        }
    }
    match fetcher.snapshot(vehicle).await {
        Ok(snapshot) => Answer::Read(snapshot),
        // It fell asleep in between, or only looked awake: its state is read (once more).
        Err(error) if error.problem == Problem::Unavailable => {
            match fetcher.availability(vehicle).await {
                Ok(Availability::Online) => Answer::LooksOnline,
                Ok(availability) => Answer::State(availability),
                Err(error) => state_or_failed(error),
            }
        }
        Err(error) => state_or_failed(error),
    }
}

fn state_or_failed<M>(error: FetchError) -> Answer<M> {
    match error.problem {
        Problem::InService => Answer::State(Availability::InService),
        Problem::Unavailable => Answer::State(Availability::Offline),
        _ => Answer::Failed(error),
    }
}
