//! The schema is data: usable in `const` context, walkable, and it knows where everything is.

use metric_core::{AttributeValue, Kind, MetricCollector, MetricState, NumberType, Schema, Shape};

#[derive(MetricState)]
enum Gear {
    Park,
    Drive,
}

#[derive(MetricCollector)]
struct Wheel {
    /// Pressure.
    #[metric(unit = "bar")]
    pressure: Option<f64>,
}

const LINE_OF_CAR: u32 = line!() + 4;

#[derive(MetricCollector)]
#[metric(attributes(make = "Acme"))]
struct Car<T> {
    #[metric(attribute)]
    vin: String,
    #[metric(counter)]
    distance: T,
    #[metric(info)]
    version: String,
    #[metric(up_down_counter, unit = "{seat}")]
    seats: u8,
    #[metric]
    gear: Gear,
    #[metric(flatten(prefix = "spare", key = "wheel"))]
    wheels: Vec<Wheel>,
    #[metric(flatten)]
    wheel: Wheel,
}

const SCHEMA: &Schema = Car::<u64>::SCHEMA;

/// Everything that is needed can be found while compiling.
const COUNTERS: usize = {
    let mut counters = 0;
    let mut index = 0;
    while index < SCHEMA.len() {
        if let Some(metric) = SCHEMA.metric(index) {
            counters += matches!(metric.kind(), Kind::Counter) as usize;
        }
        index += 1;
    }
    counters
};

const _: () = {
    assert!(COUNTERS == 1);
    assert!(
        matches!(SCHEMA.name(4), Some(name) if name.as_str().len() == "spare.wheel.pressure".len())
    );
    assert!(SCHEMA.metric(SCHEMA.len()).is_none());
    assert!(SCHEMA.name(SCHEMA.len()).is_none());
};

static NAMES: [&str; SCHEMA.metrics().len()] = {
    let mut names = [""; SCHEMA.metrics().len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = SCHEMA.metrics()[index].name();
        index += 1;
    }
    names
};

#[test]
fn own_metrics_come_first_and_then_each_group() {
    assert_eq!(NAMES, ["car.distance", "car.seats", "car.gear", "car.info"]);
    let names: Vec<_> = SCHEMA
        .entries()
        .map(|entry| entry.name.to_string())
        .collect();
    assert_eq!(names[..4], NAMES);
    assert_eq!(names[4..], ["spare.wheel.pressure", "wheel.pressure"]);
    assert_eq!(SCHEMA.groups()[1].schema().type_name(), "Wheel");
    assert_eq!(SCHEMA.group_offset(1), 5);
}

#[test]
fn kinds_number_types_units_and_descriptions_are_known() {
    let metric = |index| SCHEMA.metric(index).expect("a metric");
    assert_eq!(metric(0).number_type(), NumberType::U64);
    assert_eq!(
        Car::<f32>::SCHEMA.metrics()[0].number_type(),
        NumberType::F64
    );
    assert_eq!(metric(1).kind(), Kind::UpDownCounter);
    assert_eq!(metric(1).number_type(), NumberType::I64);
    assert_eq!(metric(1).unit(), "{seat}");
    assert_eq!(metric(2).shape(), Shape::States(&["park", "drive"]));
    assert_eq!(metric(3).info_keys(), ["version"]);
    assert_eq!(metric(5).description(), "Pressure.");
}

#[test]
fn every_metric_tells_its_field_and_where_it_is() {
    assert_eq!(SCHEMA.file(), file!());
    assert_eq!(SCHEMA.line(), LINE_OF_CAR);
    let at = |index: usize| {
        let metric = SCHEMA.metric(index).expect("a metric");
        (metric.field(), metric.line())
    };
    assert_eq!(at(0), ("distance", LINE_OF_CAR + 4));
    assert_eq!(at(1), ("seats", LINE_OF_CAR + 8));
    assert_eq!(at(3), ("version", LINE_OF_CAR + 6));
    assert_eq!(SCHEMA.groups()[0].field(), "wheels");
    assert_eq!(SCHEMA.groups()[0].line(), LINE_OF_CAR + 12);
    assert_eq!(at(4), ("pressure", LINE_OF_CAR - 7));
}

#[test]
fn all_attributes_on_the_way_are_known() {
    let attributes: Vec<Vec<_>> = SCHEMA
        .entries()
        .map(|entry| {
            entry
                .attributes
                .iter()
                .map(|attribute| attribute.key())
                .collect()
        })
        .collect();
    assert_eq!(attributes[0], ["make", "vin"]);
    assert_eq!(attributes[2], ["make", "vin", "state"]);
    assert_eq!(attributes[3], ["make", "vin", "version"]);
    assert_eq!(attributes[4], ["make", "vin", "wheel"]);
    assert_eq!(attributes[5], ["make", "vin"]);
    let make = SCHEMA.attributes()[0].value();
    assert_eq!(make, Some(AttributeValue::Str("Acme")));
    assert_eq!(SCHEMA.attributes()[1].value(), None);
}

#[test]
fn a_group_that_a_pointer_or_an_option_holds_has_the_same_schema() {
    assert_eq!(<Option<Box<Wheel>>>::SCHEMA, Wheel::SCHEMA);
    assert_eq!(<&Wheel>::SCHEMA, Wheel::SCHEMA);
}

#[test]
fn the_schema_can_be_serialized() {
    let json = serde_json::to_value(SCHEMA).expect("serializes");
    assert_eq!(json["type_name"], "Car");
    assert_eq!(json["metrics"][0]["name"], "car.distance");
    assert_eq!(json["metrics"][0]["kind"], "counter");
    assert_eq!(json["metrics"][0]["shape"], "u64");
    assert_eq!(json["metrics"][2]["shape"]["states"][1], "drive");
    assert_eq!(json["groups"][0]["schema"]["metrics"][0]["unit"], "bar");
    assert_eq!(json["attributes"][0]["value"], "Acme");
}

#[test]
fn the_values_of_the_fields_are_what_is_observed() {
    let car = Car {
        vin: "5YJ0".to_owned(),
        distance: 5_u64,
        version: "1".to_owned(),
        seats: 5,
        gear: Gear::Drive,
        wheels: vec![Wheel {
            pressure: Some(2.5),
        }],
        wheel: Wheel { pressure: None },
    };
    let _ = Gear::Park;
    let points = metric_core::testing::observe(&car);
    let expected = "\
car.distance{make=Acme,vin=5YJ0} 5
car.seats{make=Acme,vin=5YJ0} 5 {seat}
car.gear{make=Acme,state=park,vin=5YJ0} 0
car.gear{make=Acme,state=drive,vin=5YJ0} 1
car.info{make=Acme,version=1,vin=5YJ0} 1
spare.wheel.pressure{make=Acme,vin=5YJ0,wheel=0} 2.5 bar
";
    assert_eq!(points.to_string(), expected);
}
