//! The account's list: cars among other products, each entry by itself.

use serde_json::Value;

use crate::fetch::{Availability, Listed, Vehicle};

/// One page of the account's list.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) cars: Vec<Listed>,
    /// Cars that could not be read, and why.
    pub(super) broken: Vec<&'static str>,
    /// All entries, whatever they are.
    pub(super) entries: usize,
    /// The next page's number, if the answer tells it.
    pub(super) next: Option<u64>,
    /// Whether the answer tells of pages at all.
    pub(super) has_pages: bool,
}

/// Reads an answer of `/api/1/products` or `/api/1/vehicles`; `None` if it is none.
pub(super) fn read_page(body: &str) -> Option<Page> {
    let json: Value = serde_json::from_str(body).ok()?;
    let pagination = json
        .get("pagination")
        .filter(|pagination| pagination.is_object());
    let mut page = Page {
        next: pagination.and_then(|pagination| pagination.get("next")?.as_u64()),
        has_pages: pagination.is_some(),
        ..Page::default()
    };
    for entry in json.get("response")?.as_array()? {
        page.entries += 1;
        match read_entry(entry) {
            Ok(car) => page.cars.extend(car),
            Err(reason) => page.broken.push(reason),
        }
    }
    Some(page)
}

/// The car, nothing if it is another product, or why it cannot be read.
fn read_entry(entry: &Value) -> Result<Option<Listed>, &'static str> {
    if !entry.is_object() {
        return Err("it is no object");
    }
    let is_there = |key: &str| entry.get(key).is_some_and(|value| !value.is_null());
    if is_there("energy_site_id") || !(is_there("vin") || is_there("vehicle_id")) {
        return Ok(None);
    }
    let vin =
        text(entry, "vin").ok_or("it has no VIN (a car that is not delivered yet has none)")?;
    let id = text(entry, "id_s").or_else(|| number_as_text(entry.get("id")?));
    let vehicle = Vehicle {
        id: id.unwrap_or_else(|| vin.clone()),
        display_name: text(entry, "display_name"),
        vin,
    };
    let said = is_there("state") || is_there("in_service");
    Ok(Some(Listed {
        vehicle,
        availability: said.then(|| availability(entry)),
    }))
}

fn text(entry: &Value, key: &str) -> Option<String> {
    let text = entry.get(key)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A whole number, exactly: ids are larger than what a float holds.
fn number_as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a car can be asked, from its entry or its own answer.
pub(super) fn availability(car: &Value) -> Availability {
    if car.get("in_service").and_then(Value::as_bool) == Some(true) {
        return Availability::InService;
    }
    match car.get("state").and_then(Value::as_str) {
        Some("online") => Availability::Online,
        // Somebody wakes it: until it is online it cannot be asked.
        Some("asleep" | "waking") => Availability::Asleep,
        Some("offline") => Availability::Offline,
        _ => Availability::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert_eq!(
            (page.broken.len(), page.entries, page.has_pages),
            (2, 7, false)
        );
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
            let car: Value =
                serde_json::from_str(&format!(r#"{{"state": {state}}}"#)).expect("JSON");
            assert_eq!(availability(&car), availability_, "{state}");
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
