//! The two sides: a fleet of vehicles reported by a family, and the same fleet by hand.

use std::sync::Arc;

use metric_core::{Family, Member};
use opentelemetry::metrics::Meter;
use opentelemetry::{KeyValue, StringValue};
use opentelemetry_sdk::metrics::{Instrument, Stream};

use crate::by_hand::{self, ByHandMember};
use crate::vehicle::Vehicle;

/// Vehicles that are set, and reported on a meter.
pub(crate) trait Fleet {
    /// Makes the instruments.
    fn register(&self, meter: &Meter);

    /// Tells the SDK how many there are.
    fn view(&self) -> View;

    /// Sets the member `index`.
    fn set(&self, index: usize, vehicle: Vehicle);

    fn len(&self) -> usize;

    /// Asserts that nothing was dropped that should have been reported.
    fn check(&self) {}

    /// Sets all members anew.
    fn set_all(&self, seed: u64) {
        for index in 0..self.len() {
            self.set(index, Vehicle::sample(seed + index as u64));
        }
    }
}

/// A view of the SDK.
pub(crate) type View = Box<dyn Fn(&Instrument) -> Option<Stream> + Send + Sync>;

pub(crate) struct ByFamily {
    pub(crate) family: Family<Vehicle>,
    pub(crate) members: Vec<Member<Vehicle>>,
}

impl ByFamily {
    pub(crate) fn new(members: usize) -> Self {
        let family = Family::with_capacity(members);
        let members = (0..members).map(|index| family.member(attributes(index)));
        let members = members.collect();
        ByFamily { family, members }
    }
}

impl Fleet for ByFamily {
    fn register(&self, meter: &Meter) {
        self.family.register(meter).expect("a fresh meter");
    }

    fn view(&self) -> View {
        Box::new(self.family.view())
    }

    fn set(&self, index: usize, vehicle: Vehicle) {
        self.members[index].set(vehicle);
    }

    fn len(&self) -> usize {
        self.members.len()
    }

    fn check(&self) {
        assert!(self.family.dropped().is_empty(), "{:?}", self.family);
    }
}

pub(crate) struct ByHand {
    members: Vec<Arc<ByHandMember>>,
}

impl ByHand {
    /// As fast as we know: the texts of the attributes are counted, since the SDK clones them for
    /// every point.
    pub(crate) fn new(members: usize) -> Self {
        Self::with(members, counted_attributes)
    }

    /// As it is usually written: the texts of the attributes are `String`s.
    pub(crate) fn as_usual(members: usize) -> Self {
        Self::with(members, attributes)
    }

    fn with(members: usize, attributes: fn(usize) -> Vec<KeyValue>) -> Self {
        let members = (0..members).map(|index| ByHandMember::new(attributes(index)));
        ByHand {
            members: members.collect(),
        }
    }
}

impl Fleet for ByHand {
    fn register(&self, meter: &Meter) {
        by_hand::register(meter, self.members.clone());
    }

    /// The same as the family's.
    fn view(&self) -> View {
        let limit = 2 * self.members.len();
        Box::new(move |_| Stream::builder().with_cardinality_limit(limit).build().ok())
    }

    fn set(&self, index: usize, vehicle: Vehicle) {
        self.members[index].set(vehicle);
    }

    fn len(&self) -> usize {
        self.members.len()
    }
}

/// Sorted by key, which is what the SDK finds fastest.
pub(crate) fn attributes(index: usize) -> Vec<KeyValue> {
    let [id, vin] = texts(index);
    vec![KeyValue::new("vehicle_id", id), KeyValue::new("vin", vin)]
}

fn counted_attributes(index: usize) -> Vec<KeyValue> {
    let [id, vin] = texts(index).map(|text| StringValue::from(Arc::<str>::from(text)));
    vec![KeyValue::new("vehicle_id", id), KeyValue::new("vin", vin)]
}

fn texts(index: usize) -> [String; 2] {
    [format!("vehicle {index}"), format!("5YJ3E1EA7KF{index:06}")]
}
