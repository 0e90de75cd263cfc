//! Which request a fault strikes.

use super::faults::{Fault, Faults, When};
use super::random::Random;
use super::requests::Route;

/// The rules with what is left of them.
#[derive(Debug)]
pub(super) struct Script {
    faults: Faults,
    random: Random,
}

impl Script {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            random: Random::new(seed, &[0xFA]),
        }
    }

    pub(super) fn set(&mut self, faults: Faults) {
        self.faults = faults;
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What goes wrong with this request, if anything.
    pub(super) fn strike(&mut self, route: Route, vehicle: Option<&str>) -> Option<Fault> {
        let random = &mut self.random;
        let position = self.faults.rules.iter_mut().position(|rule| {
            if rule.route.is_some_and(|r| r != route)
                || rule.vehicle.as_deref().is_some_and(|v| Some(v) != vehicle)
            {
                return false;
            }
            match &mut rule.when {
                When::Always => true,
                When::Next(left) => {
                    let strikes = *left > 0;
                    *left = left.saturating_sub(1);
                    strikes
                }
                When::Chance(probability) => random.chance(*probability),
            }
        })?;
        let fault = self.faults.rules[position].fault.clone();
        self.faults.rules.retain(|rule| rule.when != When::Next(0));
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::faults::Rule;

    #[test]
    fn rules_strike_the_right_route_and_vehicle_and_run_out() {
        let rule = |route, vehicle: Option<&str>, fault, when| Rule {
            route,
            vehicle: vehicle.map(str::to_owned),
            fault,
            when,
        };
        let mut script = Script::new(
            Faults {
                rules: vec![
                    rule(
                        Some(Route::VehicleData),
                        Some("A"),
                        Fault::ServerError,
                        When::Next(2),
                    ),
                    rule(Some(Route::Products), None, Fault::NotFound, When::Always),
                ],
            },
            1,
        );
        assert_eq!(script.strike(Route::VehicleData, Some("B")), None);
        assert_eq!(
            script.strike(Route::VehicleData, Some("A")),
            Some(Fault::ServerError)
        );
        assert_eq!(
            script.strike(Route::VehicleData, Some("A")),
            Some(Fault::ServerError)
        );
        assert_eq!(script.strike(Route::VehicleData, Some("A")), None);
        assert_eq!(script.faults().rules.len(), 1);
        assert_eq!(script.strike(Route::Products, None), Some(Fault::NotFound));
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed_and_as_frequent_as_told() {
        let run = |seed| {
            let rule = Rule {
                route: None,
                vehicle: None,
                fault: Fault::BadGateway,
                when: When::Chance(0.25),
            };
            let mut script = Script::new(Faults { rules: vec![rule] }, seed);
            (0..4_000)
                .map(|_| script.strike(Route::Vehicle, None).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let struck = run(1).iter().filter(|s| **s).count();
        assert!((850..1_150).contains(&struck), "{struck}");
    }
}
