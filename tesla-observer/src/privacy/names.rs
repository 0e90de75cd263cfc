//! What vehicles are called outside this program.

use std::collections::{HashMap, HashSet};

use super::key::VinKey;
use super::words::looks_like_a_vin;
use crate::fetch::Vehicle;

/// What is told of VINs.
#[derive(Clone, Debug, Default)]
pub enum Vins {
    /// They are told.
    #[default]
    Plain,
    /// Hashes are told instead, which nobody without the key can find a VIN of.
    Hashed(VinKey),
    /// Nothing is told.
    Withheld,
}

/// What a vehicle is called outside this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The attribute `vehicle_id`: the name that its owner gave it, or something instead.
    pub vehicle_id: String,
    /// The attribute `vin`: the VIN or its hash; `None` if there is no such attribute.
    pub vin: Option<String>,
}

impl Called {
    /// The vehicle as the terminal may show it.
    pub(crate) fn shown(&self, vehicle: &Vehicle) -> Vehicle {
        Vehicle {
            display_name: Some(self.vehicle_id.clone()),
            ..vehicle.clone()
        }
    }
}

/// What an account's vehicles are called outside this program: no two the same, each the same as long
/// as it has the same name.
#[derive(Debug, Default)]
pub struct Names {
    vins: Vins,
    /// By VIN: the owner's name for it, and what it is called.
    given: HashMap<String, (String, String)>,
    taken: HashSet<String>,
    /// How many vehicles each name was given to.
    counts: HashMap<String, usize>,
}

/// Instead of a name, with a number.
const NAMELESS: &str = "car";

impl Names {
    /// No names yet.
    pub fn new(vins: Vins) -> Self {
        Self {
            vins,
            ..Self::default()
        }
    }

    /// Whether VINs may be told as they are.
    pub fn are_plain(&self) -> bool {
        matches!(self.vins, Vins::Plain)
    }

    /// Gives names to those that have none yet: the same vehicles get the same ones in whatever order
    /// they are listed.
    pub fn meet<'a>(&mut self, vehicles: impl IntoIterator<Item = &'a Vehicle>) {
        let mut vehicles: Vec<&Vehicle> = vehicles.into_iter().collect();
        vehicles.sort_by(|a, b| a.vin.cmp(&b.vin));
        for vehicle in vehicles {
            self.of(vehicle);
        }
    }

    /// What this vehicle is called.
    pub fn of(&mut self, vehicle: &Vehicle) -> Called {
        match &self.vins {
            Vins::Plain => Called {
                vehicle_id: vehicle.vehicle_id().to_owned(),
                vin: Some(vehicle.vin.clone()),
            },
            Vins::Hashed(key) => {
                let hash = key.hash(&vehicle.vin);
                Called {
                    vehicle_id: name(vehicle).unwrap_or(&hash).to_owned(),
                    vin: Some(hash),
                }
            }
            Vins::Withheld => Called {
                vehicle_id: self.unique(vehicle),
                vin: None,
            },
        }
    }

    /// A name that no other vehicle has: nothing else tells them apart.
    fn unique(&mut self, vehicle: &Vehicle) -> String {
        let name = name(vehicle).unwrap_or_default();
        match self.given.get(&vehicle.vin) {
            Some((of, called)) if of == name => return called.clone(),
            Some((_, old)) => {
                self.taken.remove(old);
            }
            None => {}
        }
        let count = self.counts.entry(name.to_owned()).or_default();
        let called = loop {
            *count += 1;
            let called = match (name, *count) {
                ("", count) => format!("{NAMELESS} {count}"),
                (name, 1) => name.to_owned(),
                (name, count) => format!("{name} ({count})"),
            };
            if self.taken.insert(called.clone()) {
                break called;
            }
        };
        let given = (name.to_owned(), called.clone());
        self.given.insert(vehicle.vin.clone(), given);
        called
    }
}

/// What its owner calls it, unless that tells a VIN.
fn name(vehicle: &Vehicle) -> Option<&str> {
    let name = vehicle.display_name.as_deref().map(str::trim)?;
    let tells = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(looks_like_a_vin)
        || name.to_lowercase().contains(&vehicle.vin.to_lowercase());
    (!name.is_empty() && !tells).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn car(vin: &str, name: Option<&str>) -> Vehicle {
        Vehicle {
            vin: vin.to_owned(),
            display_name: name.map(str::to_owned),
            id: "1".to_owned(),
        }
    }

    fn fleet() -> Vec<Vehicle> {
        vec![
            car("VIN5", None),
            car("VIN1", Some("Blue")),
            car("VIN2", Some(" Blue ")),
            car("VIN3", Some("my vin3")),
            car("VIN4", Some("Blue (2)")),
            car("VIN6", Some("LRW3E7FA9MC000001")),
        ]
    }

    fn called(vins: Vins, fleet: &[Vehicle]) -> Vec<Called> {
        let mut names = Names::new(vins);
        names.meet(fleet);
        fleet.iter().map(|car| names.of(car)).collect()
    }

    #[test]
    fn withheld_vins_are_in_no_name_and_no_two_cars_have_the_same() {
        let called = called(Vins::Withheld, &fleet());
        let names: Vec<&str> = called.iter().map(|one| one.vehicle_id.as_str()).collect();
        assert_eq!(
            names,
            [
                "car 2",
                "Blue",
                "Blue (2)",
                "car 1",
                "Blue (2) (2)",
                "car 3"
            ]
        );
        assert!(called.iter().all(|one| one.vin.is_none()), "{called:?}");
    }

    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let forwards = fleet();
        let mut backwards = fleet();
        backwards.reverse();
        let mut called_backwards = called(Vins::Withheld, &backwards);
        called_backwards.reverse();
        assert_eq!(called(Vins::Withheld, &forwards), called_backwards);
    }

    #[test]
    fn a_car_keeps_what_it_is_called_until_it_has_another_name() {
        let mut names = Names::new(Vins::Withheld);
        let of = |names: &mut Names, vin: &str, name| names.of(&car(vin, name)).vehicle_id;
        assert_eq!(of(&mut names, "VIN1", Some("Blue")), "Blue");
        assert_eq!(of(&mut names, "VIN2", Some("Blue")), "Blue (2)");
        assert_eq!(of(&mut names, "VIN2", Some("Blue")), "Blue (2)");
        assert_eq!(of(&mut names, "VIN1", Some("Red")), "Red");
        assert_eq!(of(&mut names, "VIN2", Some("Blue")), "Blue (2)");
        assert_eq!(of(&mut names, "VIN3", Some("Blue")), "Blue (3)");
    }

    #[test]
    fn hashed_vins_stand_for_the_vin_and_for_a_missing_name() {
        let key = VinKey::for_this_process().expect("random numbers");
        let hash = |vin| key.hash(vin);
        let called = called(Vins::Hashed(key.clone()), &fleet());
        let names: Vec<&str> = called.iter().map(|one| one.vehicle_id.as_str()).collect();
        let (five, three, six) = (hash("VIN5"), hash("VIN3"), hash("VIN6"));
        assert_eq!(names, [&five, "Blue", "Blue", &three, "Blue (2)", &six]);
        assert_eq!(called[1].vin, Some(hash("VIN1")));
        assert_eq!(called[2].vin, Some(hash("VIN2")));
    }

    #[test]
    fn plain_is_as_it_is() {
        let called = called(Vins::Plain, &fleet());
        assert_eq!(called[0].vehicle_id, "VIN5");
        assert_eq!(called[2].vehicle_id, "Blue");
        assert_eq!(called[2].vin.as_deref(), Some("VIN2"));
    }
}
