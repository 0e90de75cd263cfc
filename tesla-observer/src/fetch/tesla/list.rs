//! The account's list: cars among other products, each entry by itself.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::fields::{self, each, fields};
use crate::fetch::{Availability, Listed, Vehicle};

/// The most entries that a list has: tiny ones take many times the memory of their text.
const MOST_ENTRIES: usize = 10_000;

/// One page of the account's list.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) cars: Vec<Listed>,
    /// Why cars could not be read, and how many.
    pub(super) broken: BTreeMap<&'static str, usize>,
    /// All entries, whatever they are.
    pub(super) entries: usize,
    /// The next page's number, if the answer tells it.
    pub(super) next: Option<u64>,
    /// Whether the answer tells of pages at all.
    pub(super) has_pages: bool,
}

impl Page {
    /// How many cars could not be read.
    pub(super) fn broken(&self) -> usize {
        self.broken.values().sum()
    }
}

/// Reads an answer of `/api/1/products` or `/api/1/vehicles`; `None` if it is none.
pub(super) fn read_page(body: &str) -> Option<Page> {
    let [pagination, response] = fields(body, ["pagination", "response"])?;
    let pagination = pagination.and_then(|pagination| fields(pagination.get(), ["next"]));
    let mut page = Page {
        next: pagination.and_then(|[next]| next?.get().parse().ok()),
        has_pages: pagination.is_some(),
        ..Page::default()
    };
    each(response?.get(), |entry| {
        page.entries += 1;
        match read_entry(entry.get()) {
            Ok(car) => page.cars.extend(car),
            Err(reason) => *page.broken.entry(reason).or_default() += 1,
        }
        (page.entries <= MOST_ENTRIES).then_some(())
    })?;
    Some(page)
}

/// The car, nothing if it is another product, or why it cannot be read.
fn read_entry(entry: &str) -> Result<Option<Listed>, &'static str> {
    let keys = [
        "energy_site_id",
        "vehicle_id",
        "vin",
        "id_s",
        "id",
        "display_name",
    ];
    let Some([energy_site, vehicle_id, vin, id_s, id, display_name]) = fields(entry, keys) else {
        return Err("it is no object");
    };
    if energy_site.is_some() || (vin.is_none() && vehicle_id.is_none()) {
        return Ok(None);
    }
    let vin = vin
        .and_then(text)
        .ok_or("it has no VIN (a car that is not delivered yet has none)")?;
    let id = id_s.and_then(text).or_else(|| id.and_then(id_as_text));
    let vehicle = Vehicle {
        id: id.unwrap_or_else(|| vin.clone()),
        display_name: display_name.and_then(text),
        vin,
    };
    let said =
        fields(entry, ["state", "in_service"]).is_some_and(|said| said.iter().any(Option::is_some));
    Ok(Some(Listed {
        vehicle,
        availability: availability(entry).filter(|_| said),
    }))
}

fn text(raw: &RawValue) -> Option<String> {
    let text = fields::text(raw)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A whole number, exactly: ids are larger than what a float holds.
fn id_as_text(raw: &RawValue) -> Option<String> {
    let number = || raw.get().parse::<u64>().ok();
    text(raw).or_else(|| number().map(|number| number.to_string()))
}

/// Whether a car can be asked, from its entry or its own answer; `None` if that is no object.
pub(super) fn availability(car: &str) -> Option<Availability> {
    let [in_service, state] = fields(car, ["in_service", "state"])?;
    if in_service.is_some_and(|in_service| in_service.get() == "true") {
        return Some(Availability::InService);
    }
    Some(match state.and_then(fields::text).as_deref() {
        Some("online") => Availability::Online,
        // Somebody wakes it: until it is online it cannot be asked.
        Some("asleep" | "waking") => Availability::Asleep,
        Some("offline") => Availability::Offline,
        _ => Availability::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const LIST: &str = r#"{"count": 7, "response": [
        {"id": 1492931365719407001, "id_s": "1492931365719407001", "vehicle_id": 9, "vin": "LRW3E7FA9MC000001",
         "display_name": "Blue", "state": "online", "in_service": false},
        {"id": "STE20200101-00001", "energy_site_id": 12345, "resource_type": "battery", "site_name": "Home", "vin": "1232100-00-E--TG0"},
        {"id": 18446744073709551615, "vehicle_id": 10, "vin": "LRW3E7FA9MC000002", "display_name": null, "state": "asleep"},
        {"id": 1.5, "vin": "LRW3E7FA9MC000003", "display_name": " ", "state": null},
        {"id": 4, "vehicle_id": 12, "vin": null, "state": "online"},
        "nonsense",
        {"id_s": 7, "vehicle_id": 13, "vin": "LRW3E7FA9MC000004", "display_name": 7, "in_service": true, "state": "online"}
    ]}"#;

    #[test]
    fn cars_are_found_among_other_products_and_broken_ones_cost_only_themselves() {
        let page = read_page(LIST).expect("a page");
        let cars: Vec<_> = page
            .cars
            .iter()
            .map(|car| {
                (
                    car.vehicle.id.as_str(),
                    car.vehicle.vehicle_id(),
                    car.availability,
                )
            })
            .collect();
        assert_eq!(
            cars,
            [
                ("1492931365719407001", "Blue", Some(Availability::Online)),
                (
                    "18446744073709551615",
                    "LRW3E7FA9MC000002",
                    Some(Availability::Asleep)
                ),
                ("LRW3E7FA9MC000003", "LRW3E7FA9MC000003", None),
                (
                    "LRW3E7FA9MC000004",
                    "LRW3E7FA9MC000004",
                    Some(Availability::InService)
                ),
            ]
        );
        assert_eq!((page.broken(), page.entries, page.has_pages), (2, 7, false));
    }

    #[test]
    fn every_state_is_understood() {
        for (state, availability_) in [
            ("\"online\"", Availability::Online),
            ("\"asleep\"", Availability::Asleep),
            ("\"waking\"", Availability::Asleep),
            ("\"offline\"", Availability::Offline),
            ("\"unknown\"", Availability::Unknown),
            ("\"something new\"", Availability::Unknown),
            ("null", Availability::Unknown),
            ("7", Availability::Unknown),
        ] {
            let car = format!(r#"{{"state": {state}}}"#);
            assert_eq!(availability(&car), Some(availability_), "{state}");
        }
    }

    #[test]
    fn what_is_no_list_is_none() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"response": null}"#,
            r#"{"response": {}}"#,
            &LIST[..300],
        ] {
            assert!(read_page(body).is_none(), "{body}");
        }
    }

    #[test]
    fn a_list_of_more_entries_than_any_account_has_is_none() {
        let of = |entries: usize| {
            let entries = vec!["{}"; entries].join(",");
            read_page(&format!(r#"{{"response":[{entries}]}}"#)).map(|page| page.entries)
        };
        assert_eq!(of(MOST_ENTRIES), Some(MOST_ENTRIES));
        assert_eq!(of(MOST_ENTRIES + 1), None);
    }

    proptest! {
        #[test]
        fn one_entry_never_costs_another(entry in "\\PC{0,40}", number in any::<i64>(), key in "(vin|id|id_s|state|vehicle_id|display_name)") {
            let entry = serde_json::json!([{key.clone(): entry, "vin": "X"}, {key: number}, number, [entry]]);
            let mut list: Value = serde_json::from_str(LIST).expect("JSON");
            let response = list["response"].as_array_mut().expect("a list");
            response.extend(entry.as_array().expect("a list").iter().cloned());
            let page = read_page(&list.to_string()).expect("a page");
            prop_assert!(page.cars.iter().any(|car| car.vehicle.vehicle_id() == "Blue"));
            prop_assert_eq!(page.entries, 11);
        }
    }
}
